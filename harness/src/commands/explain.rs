//! `tokenspec explain`: what a case sends, what it expects, and the sentences that it judges.

use super::assertion;
use super::prepare::{self, Problem};
use super::{Console, ExplainArgs, OK};
use crate::catalogue::{
    Acquire, Answer, AsClient, Case, Catalogue, Expectation, Nonce, OneOrMany, Op, ParamValue,
    Party, Pkce, RedirectUri, Start, Suite, User, When, each_label,
};
use crate::judge;

/// Explains a case or a requirement.
pub fn explain(args: &ExplainArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let catalogue = prepare::catalogue(&args.target.source.cases)?;
    if catalogue.requirements.contains_key(&args.case) {
        requirement(&catalogue, &args.case, console);
        let judged: Vec<String> = catalogue
            .cases()
            .filter(|(_, case)| case.requirements().contains(&args.case.as_str()))
            .map(|(suite, case)| format!("{}/{}", suite.name, case.id))
            .collect();
        console.say(if judged.is_empty() {
            "  no case judges it".to_owned()
        } else {
            format!("  judged by: {}", judged.join(", "))
        });
        return Ok(OK);
    }
    let wanted = args.case.split('[').next().unwrap_or_default();
    let found: Vec<(&Suite, &Case)> = catalogue
        .cases()
        .filter(|(suite, case)| {
            format!("{}/{}", suite.name, case.id) == wanted
                || case.id == wanted
                || case
                    .aliases
                    .iter()
                    .any(|alias| format!("{}/{alias}", suite.name) == wanted)
        })
        .map(|(suite, case)| (suite, case.as_ref()))
        .collect();
    let Some((suite, case)) = found.first() else {
        let names: Vec<String> = catalogue
            .cases()
            .map(|(suite, case)| format!("{}/{}", suite.name, case.id))
            .collect();
        let nearest = names
            .iter()
            .min_by_key(|name| strsim::damerau_levenshtein(name, wanted));
        return Err(Problem::Said(format!(
            "there is no case `{wanted}`{}; `tokenspec list` shows them",
            nearest.map_or(String::new(), |name| format!("; the nearest is `{name}`"))
        )));
    };
    show(&catalogue, suite, case, console);
    Ok(OK)
}

fn show(catalogue: &Catalogue, suite: &Suite, case: &Case, console: &mut Console<'_>) {
    console.say(format!("{}/{}: {}", suite.name, case.id, case.title));
    if let Some(axis) = case.for_each {
        console.say(format!("  once for each of: {}", axis.values().join(", ")));
    }
    if !case.each.is_empty() {
        let labels: Vec<String> = case.each.iter().map(each_label).collect();
        console.say(format!("  once for each of: {}", labels.join(", ")));
    }
    console.say("sends");
    match (case.start, case.inspect, case.on) {
        (Some(start), ..) => {
            console.say(format!("  {}", start_words(start)));
            if let Some(grant) = &case.grant {
                let body = if grant.json { " in a JSON object" } else { "" };
                console.say(format!("    {}{body}", grant.kind));
            }
        }
        (_, Some(_), _) => {
            console.say("  nothing: it looks at the target's configuration and metadata")
        }
        (.., Some(_)) => console.say("  nothing: it looks at all responses of the run"),
        _ => {}
    }
    for words in acquire_words(&case.acquire) {
        console.say(format!("    {words}"));
    }
    for step in case.steps() {
        if !case.step.is_empty() {
            console.say(format!("  step `{}`", step.name));
        }
        if let Some(wait) = &step.wait {
            console.say(format!("    waits {wait}"));
        }
        if let Some(acquire) = &step.acquire {
            console.say("    gets a code of its own");
            for words in acquire_words(acquire) {
                console.say(format!("    {words}"));
            }
        }
        if let Some(alive) = &step.alive {
            console.say(format!("    looks whether {} is alive", alive.token));
        }
        if let Some(same) = &step.request.same_as {
            console.say(format!("    the same as `{same}`"));
        }
        if step.request.client.is_some() {
            console.say("    as another registered client");
        }
        for op in &step.request.ops {
            console.say(format!("    {}", op_words(op)));
        }
        if step.request.at_once > 1 {
            console.say(format!("    {} times at once", step.request.at_once));
        }
        if !case.step.is_empty() {
            for expectation in &step.expect {
                expects(catalogue, expectation, console);
            }
        }
    }
    if case.step.is_empty() {
        for expectation in &case.expect {
            expects(catalogue, expectation, console);
        }
    }
    if !case.refusal.is_empty() {
        console.say("where the authorization endpoint gives an error in place of a code");
        for expectation in &case.refusal {
            expects(catalogue, expectation, console);
        }
    }
    if let Some(destroys) = case.destroys {
        console.say(
            format!(
                "  destructive: it may end more than it holds ({destroys:?}), and runs last, as if alone"
            )
            .to_lowercase(),
        );
    }
    if let Some(hint) = &case.hint {
        console.say(format!("hint: {hint}"));
    }
}

fn expects(catalogue: &Catalogue, expectation: &Expectation, console: &mut Console<'_>) {
    console.say("expects");
    if let Some(when) = &expectation.when {
        console.say(format!("  when {}", when_words(when, catalogue)));
    }
    let mut parts = Vec::new();
    if expectation.refused == Some(true) {
        parts.push("a refusal: a 4xx without a token".to_owned());
    }
    if expectation.granted == Some(true) {
        parts.push("a 2xx with an access token".to_owned());
    }
    if expectation.succeeded == Some(true) {
        parts.push("a success: a 2xx with a body that is no error".to_owned());
    }
    for answer in expectation
        .any_of
        .iter()
        .chain(std::iter::once(&expectation.answer()))
    {
        if !answer.is_empty() {
            parts.push(judge::phrase(answer, catalogue));
        }
    }
    if let Some(answer) = &expectation.exactly_one {
        parts.push(format!("exactly one {}", judge::phrase(answer, catalogue)));
    }
    if expectation.same_outcome == Some(true) {
        parts.push("the outcome of the unchanged request".to_owned());
    }
    if let Some(alive) = expectation.alive {
        parts.push(if alive {
            "the token alive".to_owned()
        } else {
            "the token dead".to_owned()
        });
    }
    for name in expectation.holds.as_slice() {
        let says = judge::predicates::find(name).map_or("", |predicate| predicate.says);
        parts.push(format!("{name}: {says}"));
    }
    console.say(format!("  {}", parts.join("\n  or ")));
    for id in expectation.requirement.as_slice() {
        requirement(catalogue, id, console);
    }
    if expectation.requirement.as_slice().is_empty() {
        console.say("  (a precondition: it judges nothing)");
    }
    if expectation.at_most.is_some() {
        console.say("  (warns at most)");
    }
}

fn requirement(catalogue: &Catalogue, id: &str, console: &mut Console<'_>) {
    let Some(requirement) = catalogue.requirements.get(id) else {
        return;
    };
    let Some(document) = catalogue.document_of(id) else {
        return;
    };
    console.say(format!("  {id}"));
    console.say(format!(
        "    {}, section {}, {}{}",
        document.title,
        requirement.section,
        requirement.level.keyword(),
        if requirement.party == Party::Client {
            " (binds the client)"
        } else {
            ""
        },
    ));
    console.say(format!("    {}", requirement.statement));
    console.say(format!(
        "    {}",
        document.section_url(&requirement.section)
    ));
}

fn start_words(start: Start) -> String {
    match start {
        Start::AuthorizationCode => "a valid request that redeems an authorization code",
        Start::RefreshToken => "a valid request that uses a refresh token",
        Start::ClientCredentials => "a valid client_credentials request",
        Start::Password => "a valid request with a user's name and password",
        Start::Extension => "a valid request of an extension grant",
        Start::AuthorizationRequest => {
            "a valid authorization request, whose answer at the redirect URI is judged"
        }
        Start::MadeUpCode => "a request with right credentials and a made-up code",
        Start::MadeUpRefreshToken => "a request with right credentials and a made-up refresh token",
        Start::Any => {
            "a valid request: client_credentials, else a code, else right credentials with a made-up code"
        }
    }
    .to_owned()
}

fn value_words(value: &ParamValue) -> String {
    match value {
        ParamValue::Text(text) => text.clone(),
        ParamValue::Special(special) => {
            if let Some(raw) = &special.raw {
                format!("the raw bytes {raw}")
            } else if let Some(bytes) = &special.bytes {
                format!("the bytes {bytes}")
            } else {
                format!(
                    "{} times `{}`",
                    special.times.unwrap_or(1),
                    special.fill.as_deref().unwrap_or_default()
                )
            }
        }
    }
}

fn op_words(op: &Op) -> String {
    let pairs = |params: &indexmap::IndexMap<String, ParamValue>| {
        params
            .iter()
            .map(|(name, value)| format!("{name} = {}", value_words(value)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match op {
        Op::Set(params) => format!("with {}", pairs(params)),
        Op::Append(params) => format!("with a further {} at the end", pairs(params)),
        Op::Prepend(params) => format!("with a further {} at the start", pairs(params)),
        Op::Remove(names) => format!("without {}", names.join(", ")),
        Op::Blank(names) => format!("with an empty {}", names.join(", ")),
        Op::Duplicate(names) => format!("with {} twice", names.join(", ")),
        Op::Rename(names) => format!(
            "with {}",
            names
                .iter()
                .map(|(from, to)| format!("{from} called {to}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Op::Query(query) => {
            let mut words = Vec::new();
            if !query.moved.is_empty() {
                words.push(format!("{} in the query", query.moved.join(", ")));
            }
            if !query.copy.is_empty() {
                words.push(format!("{} also in the query", query.copy.join(", ")));
            }
            format!("with {}", words.join(" and "))
        }
        Op::Method(method) => format!("by {method}"),
        Op::ContentType(Some(media)) => format!("as {media}"),
        Op::ContentType(None) => "without a content type".to_owned(),
        Op::Header(headers) => format!(
            "with the header {}",
            headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Op::Body(body) if body.json == Some(true) => {
            "with the parameters as a JSON body".to_owned()
        }
        Op::Body(body) if body.form == Some(true) => "with the parameters as a form".to_owned(),
        Op::Body(_) => "with another body".to_owned(),
        Op::Assertion(change) => assertion::words(change),
        Op::Auth(auth) => {
            let mut words = Vec::new();
            let mut add = |name: &str, value: &Option<String>| {
                if let Some(value) = value {
                    words.push(format!("{name} {value}"));
                }
            };
            add("the method", &auth.method);
            add("the id", &auth.id);
            add("the secret", &auth.secret);
            add("the scheme", &auth.scheme);
            add("and also", &auth.twice);
            if auth.none == Some(true) {
                return "without client authentication".to_owned();
            }
            format!("authenticated with {}", words.join(", "))
        }
    }
}

/// When an expectation is judged.
fn when_words(when: &When, catalogue: &Catalogue) -> String {
    let mut words = Vec::new();
    let mut list = |what: &str, values: &Option<OneOrMany<String>>| {
        if let Some(values) = values {
            words.push(format!("{what} is {}", values.as_slice().join(" or ")));
        }
    };
    list("the authentication", &when.auth);
    list("the start", &when.start);
    list("a document of the profile", &when.document);
    list("no document of the profile", &when.without_document);
    if let Some(public) = when.client.as_ref().and_then(|client| client.public) {
        words.push(if public {
            "the client is public".into()
        } else {
            "the client has a secret".into()
        });
    }
    if let Some(introspects) = when.client.as_ref().and_then(|client| client.introspects) {
        words.push(format!(
            "the configuration names {} client that introspects",
            if introspects { "a" } else { "no" }
        ));
    }
    for (what, flag) in [
        ("refused", when.refused),
        ("granted a token", when.granted),
        ("had a body", when.body),
    ] {
        if let Some(flag) = flag {
            words.push(format!(
                "the answer {}{what}",
                if flag { "" } else { "has not " }
            ));
        }
    }
    let answer = Answer {
        status: when.status.clone(),
        json: when.json.clone(),
        ..Answer::default()
    };
    if !answer.is_empty() {
        words.push(format!(
            "the answer is {}",
            judge::phrase(&answer, catalogue)
        ));
    }
    words.join(" and ")
}

/// How what the case starts from is got, where that is not the usual way.
fn acquire_words(acquire: &Acquire) -> Vec<String> {
    let mut words = Vec::new();
    if acquire.client == Some(AsClient::Other) {
        words.push("got as another registered client".to_owned());
    }
    match acquire.pkce {
        Some(Pkce::None) => words.push("got without a code challenge".to_owned()),
        Some(Pkce::Plain) => words.push("got with a plain code challenge".to_owned()),
        Some(Pkce::S256) | None => {}
    }
    if let Some(scope) = &acquire.scope {
        words.push(format!("got with the scope {scope}"));
    }
    if let Some(verifier) = &acquire.verifier {
        words.push(format!("got with the challenge of the verifier {verifier}"));
    }
    if acquire.nonce == Some(Nonce::None) {
        words.push("got without a nonce".to_owned());
    }
    match acquire.redirect_uri {
        Some(RedirectUri::Second) => words.push("got with the second redirect URI".to_owned()),
        Some(RedirectUri::None) => words.push("got without redirect_uri".to_owned()),
        Some(RedirectUri::First) | None => {}
    }
    if acquire.user == Some(User::Second) {
        words.push("got by the second user".to_owned());
    }
    for (name, value) in &acquire.params {
        words.push(format!("got with {name} = {value}"));
    }
    for resource in &acquire.resources {
        words.push(format!("got for the resource {resource}"));
    }
    words
}
