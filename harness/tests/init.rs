//! `tokenspec init`: what it finds, what it writes, and that it writes over nothing.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::http::{Counter, Request, Server, dead_port, json, reply};
use support::served::Served;
use support::{Ran, Sandbox, ran};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// A server with metadata for `issuer` (a path, or a whole URL) at one place.
fn metadata_at(place: &str, issuer: &str, more: &str) -> Server {
    let (place, issuer, more) = (place.to_owned(), issuer.to_owned(), more.to_owned());
    Server::start(move |request: &Request| {
        if !request.is_to(&place) {
            return reply("404 Not Found", &[], "");
        }
        let own = format!("http://{}", request.header("host").unwrap_or_default());
        let issuer = if issuer.starts_with("http") {
            issuer.clone()
        } else {
            format!("{own}{issuer}")
        };
        json(
            "200 OK",
            &format!("{{\"issuer\":\"{issuer}\",\"token_endpoint\":\"{own}/token\"{more}}}"),
        )
    })
}

/// The variables that it says to set.
fn exports(ran: &Ran) -> Vec<String> {
    ran.out
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.strip_suffix("=…"))
        .map(str::to_owned)
        .collect()
}

/// Runs tokenspec with every one of these variables set.
fn with(sandbox: &Sandbox, variables: &[String], arguments: &[&str]) -> Ran {
    let mut command = sandbox.command(arguments);
    for name in variables {
        let value = match name.as_str() {
            "STAGING_CLIENT_ID" => "main-client",
            "STAGING_CLIENT_SECRET" => "main-client-secret-6bcf1f0a9d0f4c56",
            "STAGING_OTHER_CLIENT_ID" => "other-client",
            "STAGING_OTHER_CLIENT_SECRET" => "other-client-secret-d41c8e2b7a934e17",
            name if name.ends_with("_URI") => "https://client.example/callback",
            name if name.ends_with("_ENDPOINT") => "https://as.example/token",
            _ => "a-value",
        };
        command.env(name, value);
    }
    ran(command)
}

/// An error with exit status 2, after which there is nothing that was not there before.
fn refused(sandbox: &Sandbox, arguments: &[&str], words: &[&str]) {
    let before = sandbox.files("");
    let ran = sandbox.tokenspec(arguments);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert_eq!(ran.out, "", "{}", ran.all());
    for word in words {
        assert!(ran.err.contains(word), "`{word}` is not in {}", ran.err);
    }
    assert_eq!(sandbox.files(""), before);
}

/// From an empty folder to a proved configuration: what it writes works with the variables that it
/// names.
#[test]
fn what_it_writes_for_a_server_works_with_the_variables_set() {
    let served = Served::start(&[]);
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["init", &served.url]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.out.contains("profile oidc"), "{}", ran.all());
    assert!(ran.out.ends_with("\ntokenspec doctor\n"), "{}", ran.all());
    assert_eq!(ran.err, "");
    let variables = exports(&ran);
    assert_eq!(
        variables,
        [
            "STAGING_CLIENT_ID",
            "STAGING_CLIENT_SECRET",
            "STAGING_REDIRECT_URI",
            "STAGING_OTHER_CLIENT_ID",
            "STAGING_OTHER_CLIENT_SECRET",
            "STAGING_OTHER_REDIRECT_URI",
            "STAGING_USER",
            "STAGING_PASSWORD",
        ]
    );
    let text = sandbox.read("tokenspec.toml");
    for line in [
        format!("issuer  = \"{}\"", served.url),
        format!("# token-endpoint         = \"{}/token\"", served.url),
        "auth   = [\"client_secret_basic\"]".to_owned(),
        "#   PKCE methods           S256".to_owned(),
    ] {
        assert!(text.contains(&line), "`{line}` is not in\n{text}");
    }
    let unset = sandbox.tokenspec(&["list"]);
    assert_eq!(unset.status, 2, "{}", unset.all());
    for name in &variables {
        assert!(unset.err.contains(name), "{name}: {}", unset.err);
    }
    let list = with(&sandbox, &variables, &["list"]);
    assert_eq!(list.status, 0, "{}", list.all());
    let doctor = with(&sandbox, &variables, &["doctor"]);
    assert_eq!(doctor.status, 0, "{}", doctor.all());
    assert!(
        doctor.out.contains("exchange: the code gives"),
        "{}",
        doctor.all()
    );
}

#[test]
fn it_asks_for_metadata_alone_and_sends_nothing_of_anybodys() {
    let server = Server::start(|_| reply("404 Not Found", &[], ""));
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["init", &format!("{}/tenant", server.url())]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let paths: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths,
        [
            format!("/tenant{OPENID}"),
            format!("{OAUTH}/tenant"),
            format!("/tenant{OAUTH}"),
        ]
    );
    for seen in server.seen() {
        assert_eq!(seen.method, "GET");
        assert!(seen.header("authorization").is_none() && seen.body.is_empty());
    }
}

#[test]
fn metadata_is_found_in_each_place() {
    for place in [
        format!("/tenant{OPENID}"),
        format!("{OAUTH}/tenant"),
        format!("/tenant{OAUTH}"),
    ] {
        let server = metadata_at(&place, "/tenant", "");
        let sandbox = Sandbox::new();
        let issuer = format!("{}/tenant", server.url());
        // The address of the metadata does for the issuer's.
        for (url, output) in [
            (issuer.clone(), "a.toml"),
            (format!("{}{place}", server.url()), "b.toml"),
        ] {
            let ran = sandbox.tokenspec(&["init", &url, "--output", output]);
            assert_eq!(ran.status, 0, "{place}: {}", ran.all());
            assert_eq!(ran.err, "");
            assert!(ran.out.contains("profile oauth2"), "{}", ran.all());
            let next = format!("\ntokenspec doctor --config {output}\n");
            assert!(ran.out.ends_with(&next), "{}", ran.all());
            let text = sandbox.read(output);
            assert!(text.contains(&format!("issuer  = \"{issuer}\"")), "{text}");
            assert!(text.contains(&format!("{}{place}", server.url())), "{text}");
        }
    }
}

#[test]
fn claims_of_the_metadata_are_in_the_file() {
    let server = metadata_at(
        OAUTH,
        "",
        ",\"token_endpoint_auth_methods_supported\":[\"tls_client_auth\",\"client_secret_post\"],\
         \"grant_types_supported\":[\"client_credentials\",\"urn:example:other\"],\
         \"scopes_supported\":[\"read\\n[target.evil]\"]",
    );
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["init", &server.url(), "--name", "my-as"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let text = sandbox.read("tokenspec.toml");
    for line in [
        "[target.my-as]",
        "auth   = [\"client_secret_post\"]",
        "grants = [\"client_credentials\"]",
        "id     = \"${MY_AS_OTHER_CLIENT_ID}\"",
        "tokenspec does not speak tls_client_auth",
        "urn:example:other",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    assert!(!text.contains("\n[target.evil]"), "{text}");
    let list = with(&sandbox, &exports(&ran), &["list"]);
    assert_eq!(list.status, 0, "{}", list.all());
}

/// RFC 8414 section 3.3.
#[test]
fn another_issuer_of_the_same_host_is_told() {
    let server = metadata_at(OPENID, "/tenant", "");
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["init", &server.url()]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let text = sandbox.read("tokenspec.toml");
    for value in [
        format!("\"{}\"", server.url()),
        format!("\"{}/tenant\"", server.url()),
    ] {
        assert!(ran.err.contains(&value), "{value}: {}", ran.err);
    }
    assert!(
        text.contains("# Mismatch: ") && text.contains("/tenant"),
        "{text}"
    );
    assert!(
        text.contains(&format!("issuer  = \"{}\"\n", server.url())),
        "{text}"
    );
    let list = with(&sandbox, &exports(&ran), &["list"]);
    assert_eq!(list.status, 0, "{}", list.all());
}

/// A slash too many leads to the same metadata, which agrees with itself: that issuer is meant.
#[test]
fn a_slash_at_the_end_is_told_and_mended() {
    let server = metadata_at(OPENID, "", "");
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["init", &format!("{}/", server.url())]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.err.contains("RFC 8414 section 3.3"), "{}", ran.err);
    let text = sandbox.read("tokenspec.toml");
    assert!(
        text.contains(&format!("issuer  = \"{}\"\n", server.url())),
        "{text}"
    );
}

#[test]
fn the_issuer_of_another_host_is_fatal() {
    let server = metadata_at(OPENID, "https://other.example", "");
    refused(
        &Sandbox::new(),
        &["init", &server.url()],
        &[
            &server.url(),
            "https://other.example",
            "remedy: ",
            "tokenspec init https://other.example",
        ],
    );
}

#[test]
fn without_metadata_there_are_blanks() {
    let server = Server::start(|_| reply("404 Not Found", &[], ""));
    let sandbox = Sandbox::new();
    let ran = sandbox.tokenspec(&["init", &server.url()]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.out.contains("no metadata at"), "{}", ran.all());
    let text = sandbox.read("tokenspec.toml");
    assert!(
        text.contains("token-endpoint = \"${STAGING_TOKEN_ENDPOINT}\""),
        "{text}"
    );
    assert!(
        text.contains("# authorization-endpoint = \"https://…\""),
        "{text}"
    );
    let variables = exports(&ran);
    assert_eq!(variables[0], "STAGING_TOKEN_ENDPOINT");
    let list = with(&sandbox, &variables, &["list"]);
    assert_eq!(list.status, 0, "{}", list.all());
}

#[test]
fn it_never_overwrites() {
    let listener = Counter::start();
    let sandbox = Sandbox::new();
    sandbox.write("tokenspec.toml", "mine");
    sandbox.write("other/mine.toml", "mine too");
    refused(
        &sandbox,
        &["init", &listener.url()],
        &["tokenspec.toml exists"],
    );
    refused(
        &sandbox,
        &["init", &listener.url(), "--output", "other/mine.toml"],
        &["other/mine.toml exists"],
    );
    #[cfg(unix)]
    {
        // Nor does it write through a link.
        std::os::unix::fs::symlink("nowhere.toml", sandbox.path().join("link.toml"))
            .expect("a link");
        let ran = sandbox.tokenspec(&["init", &listener.url(), "--output", "link.toml"]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(!sandbox.path().join("nowhere.toml").exists());
    }
    assert_eq!(listener.connections(), 0);
}

#[test]
fn an_url_that_is_none_is_told_and_nothing_is_sent() {
    let sandbox = Sandbox::new();
    for (url, words) in [
        ("login.example.com", "it has no scheme"),
        ("ftp://login.example.com", "the scheme is `ftp`"),
        ("https://", "host"),
        ("https://login.example.com/?tenant=1", "query or a fragment"),
        ("https://me:hush@login.example.com", "a user or a password"),
    ] {
        refused(&sandbox, &["init", url], &[words]);
    }
    let ran = sandbox.tokenspec(&["init", "https://me:hush@login.example.com"]);
    assert!(!ran.all().contains("hush"), "{}", ran.all());
    for name in ["a b", "", "reference", "a\"]"] {
        refused(
            &sandbox,
            &["init", "https://login.example.com", "--name", name],
            &["name"],
        );
    }
    let ran = sandbox.tokenspec(&["init"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
}

#[test]
fn a_server_that_cannot_be_asked_is_told_with_the_remedy() {
    let sandbox = Sandbox::new();
    let dead = dead_port();
    refused(
        &sandbox,
        &["init", &dead],
        &["refused", "remedy: look at the port"],
    );
    let broken = Server::start(|_| reply("503 Service Unavailable", &[], ""));
    refused(&sandbox, &["init", &broken.url()], &["503", "remedy: "]);
    let moved = Server::start(|request| {
        let location = format!("https://login.example{}", request.path);
        reply("301 Moved Permanently", &[("location", &location)], "")
    });
    refused(
        &sandbox,
        &["init", &moved.url()],
        &["redirects to https://login.example/", "remedy: "],
    );
    let plain = Server::start(|_| reply("404 Not Found", &[], ""));
    let secure = plain.url().replace("http://", "https://");
    refused(
        &sandbox,
        &["init", &secure],
        &["no answer", "remedy: look at scheme and port"],
    );
    refused(
        &sandbox,
        &["init", &plain.url(), "--output", "no/such/folder.toml"],
        &["no/such/folder.toml cannot be written"],
    );
    refused(
        &sandbox,
        &["init", &plain.url(), "--ca-file", "nowhere.pem"],
        &["nowhere.pem cannot be read"],
    );
}
