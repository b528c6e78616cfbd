//! `tokenspec doctor`: proves a configuration step by step, before anything is judged.
//!
//! Its requests are those that a run makes anyway: metadata, controls, codes. A step that depends on
//! one that failed is shown as skipped.

mod authorization;
mod clients;
mod endpoints;
mod network;
mod remedy;
mod server;
mod steps;

use std::path::Path;
use std::sync::Arc;

use super::prepare::{self, CONFIG, Chosen, Problem};
use super::run::{report_folder, start_reference};
use super::{Console, DoctorArgs, ERRORED, OK, SourceArgs, TargetArgs};
use crate::acquire::{Desk, Person};
use crate::catalogue::Catalogue;
use crate::config::Target;
use crate::exchange::HttpClient;
use crate::plan::ActiveProfile;
use crate::run::Session;
use crate::secret::Vault;

use clients::Gained;
use network::Network;
use steps::Steps;

/// Proves the configuration.
pub fn doctor(args: &DoctorArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let (catalogue, chosen, profile) = match configuration(args, console) {
        Ok(prepared) => prepared,
        Err(problem) => {
            console.say("configuration");
            console.say("  ✘ what is wrong, and the remedy, is told below");
            console.say("  – everything else: skipped, since there is no target to look at");
            return Err(problem);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Problem::Machine(error.to_string()))?;
    let server = match chosen.reference {
        Some(personality) => Some(start_reference(&runtime, personality)?),
        None => None,
    };
    let target = match &server {
        Some((server, personality)) => prepare::reference_target(*personality, server.issuer())?,
        None => chosen.target,
    };
    let vault = Arc::new(Vault::default());
    target.teach(&vault);
    let person = console.person.clone();
    let mut steps = Steps::new(console, &vault);
    steps.part("configuration");
    steps.tick(&described(args, &target, &profile, server.is_some()));
    if target.http.insecure {
        steps.warn(
            "certificates are not verified (insecure): whoever sits in between can read and change everything",
            "trust the CA with `ca-file` in place of `insecure`",
        );
    }
    let name = target.name.clone();
    let looked = runtime.block_on(look(
        target,
        catalogue,
        profile,
        Arc::clone(&vault),
        person,
        &mut steps,
    ));
    let status = looked.map(|()| close(args, &name, server.is_some(), &mut steps));
    if let Some((server, _)) = server {
        runtime.block_on(server.stop());
    }
    status
}

/// What can be found out without sending anything.
fn configuration(
    args: &DoctorArgs,
    console: &Console<'_>,
) -> Result<(Arc<Catalogue>, Chosen, ActiveProfile), Problem> {
    let target = TargetArgs {
        target: args.target.clone(),
        source: SourceArgs {
            config: args.config.clone(),
            ..SourceArgs::default()
        },
    };
    let mut chosen = prepare::target(&target, console)?;
    chosen.target.http.insecure |= args.insecure;
    let catalogue = prepare::catalogue(&[])?;
    let profile = ActiveProfile::new(&catalogue, &[], &chosen.target)?;
    Ok((catalogue, chosen, profile))
}

fn described(
    args: &DoctorArgs,
    target: &Target,
    profile: &ActiveProfile,
    reference: bool,
) -> String {
    let clients: Vec<&str> = target
        .clients
        .iter()
        .map(|client| client.name.as_str())
        .collect();
    let clients = match clients.as_slice() {
        [] => "no client".to_owned(),
        names => format!("clients {}", names.join(", ")),
    };
    let profiles = profile.names.join(", ");
    if reference {
        return format!("no {CONFIG} is in use: the embedded reference as {profiles}, {clients}");
    }
    let file = args.config.as_deref().unwrap_or(Path::new(CONFIG));
    format!(
        "{}: target {} as {profiles}, {clients}; every variable that it names is set",
        file.display(),
        target.name
    )
}

/// The steps over the network.
async fn look(
    mut target: Target,
    catalogue: Arc<Catalogue>,
    profile: ActiveProfile,
    vault: Arc<Vault>,
    person: Option<Arc<dyn Person>>,
    steps: &mut Steps<'_, '_>,
) -> Result<(), Problem> {
    let client =
        |target: &Target| HttpClient::new(target).map_err(|error| Problem::Said(error.to_string()));
    let mut network = Network::default();
    let mut gained = Gained::default();
    steps.part("network");
    let http = client(&target)?;
    network.look(&target, &http, steps).await;
    steps.part("server");
    let read = server::metadata(&mut target, &http, &network, steps).await;
    gained.observations.extend(read);
    target.awaits_metadata = false;
    // The metadata may name other hosts, and https where all was http.
    let http = client(&target)?;
    network.look(&target, &http, steps).await;
    server::key_set(&target, &http, &network, steps).await;
    let codes = target
        .clients
        .iter()
        .filter(|client| client.has_grant("authorization_code") && !client.redirect_uris.is_empty())
        .count();
    let mut session = Session::open(catalogue, target, profile, vault)
        .await
        .map_err(|error| Problem::Said(error.to_string()))?;
    let folder = report_folder(&session.target.name);
    session.desk = Desk::new(person, (codes, 0)).with_folder(folder);
    if let Some(browser) = session.desk.browser(&session.target).await {
        steps.part("login");
        match browser {
            Ok(which) => steps.tick(&format!("browser: {which}")),
            Err(why) => steps.cross(
                &format!("browser: {}", why.cause()),
                &remedy::of_login(&why.to_string()),
            ),
        }
    }
    clients::clients(&session, &network, steps, &mut gained).await;
    session.close().await;
    steps.part("endpoints and clock");
    endpoints::introspection(&session, &network, &gained, steps).await;
    endpoints::userinfo(&session, &network, &gained, steps).await;
    server::clock(&session.target, session.http.clock(), steps);
    Ok(())
}

/// The last line, and the exit status.
fn close(args: &DoctorArgs, name: &str, reference: bool, steps: &mut Steps<'_, '_>) -> u8 {
    let count = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        many => format!("{many} {word}s"),
    };
    let mut said = format!("{} proved", count(steps.proved, "step"));
    if steps.warned > 0 {
        said.push_str(&format!(", {}", count(steps.warned, "warning")));
    }
    if steps.failed == 0 && steps.skipped == 0 {
        let mut next = "tokenspec run".to_owned();
        if !reference {
            if let Some(config) = &args.config {
                next.push_str(&format!(" --config {}", config.display()));
            }
            next.push_str(&format!(" --target {name}"));
        }
        steps.say(&format!("{said}; next: {next}"));
        return OK;
    }
    steps.say(&format!(
        "{said}, {} failed, {} skipped: cases that depend on these will be errored",
        steps.failed, steps.skipped
    ));
    ERRORED
}
