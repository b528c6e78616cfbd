//! The text of the `tokenspec.toml` that init writes, table by table.

use super::draft::{Draft, array, comment, quoted};
use crate::config::METHODS;
use crate::discovery;

impl Draft {
    /// The file.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        self.head(&mut lines);
        self.target(&mut lines);
        self.claims(&mut lines);
        self.client("main", "", &mut lines);
        lines.push(
            "# Somebody else: their codes and tokens must be of no use to main. Where there is"
                .into(),
        );
        lines
            .push("# nobody else, take this table out: the cases that need it are skipped.".into());
        self.client("other", "OTHER_", &mut lines);
        self.public(&mut lines);
        self.login(&mut lines);
        self.http(&mut lines);
        self.implementation(&mut lines);
        let mut text = lines.join("\n");
        text.push('\n');
        text
    }

    fn head(&self, lines: &mut Vec<String>) {
        let said = match self.found() {
            Some(found) => format!(
                "# What the server says of itself was read at {}.",
                comment(&[&found.url])
            ),
            None => "# The server has no metadata where it was looked for: fill in what is blank."
                .into(),
        };
        lines.extend([
            format!(
                "# Written by tokenspec {} init {}",
                env!("CARGO_PKG_VERSION"),
                comment(&[&self.url])
            ),
            said,
            "# ${NAME} is taken from the environment. All keys: `tokenspec schema config`.".into(),
            String::new(),
        ]);
    }

    fn target(&self, lines: &mut Vec<String>) {
        lines.push(format!("[target.{}]", self.name));
        if let Some(mismatch) = &self.mismatch {
            lines.push(format!("# Mismatch: {}.", comment(&[mismatch])));
            lines.push("# Tokens and metadata are judged by the issuer that stands here.".into());
        }
        lines.push(format!("issuer  = {}", quoted(&self.issuer)));
        if let Some(found) = &self.looked.found {
            let origins = discovery::origins_elsewhere(&self.issuer, found);
            if !origins.is_empty() {
                lines.push(
                    "# The metadata names endpoints on other origins. They are used, and get credentials, only where"
                        .into(),
                );
                lines.push("# this line says that these hosts are the server's own.".into());
                lines.push(format!("# trust-endpoints-on = [{}]", origins.join(", ")));
            }
        }
        lines.push(format!(
            "profile = [\"{}\"]    # what the endpoint claims to be: oidc, oauth2, oauth2.1, rfc9700, rfc9068, ciam",
            self.profile()
        ));
        match self.found() {
            Some(_) => lines.push(
                "# Discovery fills these in; said here, they replace what the metadata says."
                    .into(),
            ),
            None => lines.push(format!(
                "token-endpoint = \"${{{}_TOKEN_ENDPOINT}}\"",
                self.prefix
            )),
        }
        for (key, member) in [
            ("token-endpoint", "token_endpoint"),
            ("authorization-endpoint", "authorization_endpoint"),
            ("jwks-uri", "jwks_uri"),
            ("introspection-endpoint", "introspection_endpoint"),
            ("revocation-endpoint", "revocation_endpoint"),
            ("userinfo-endpoint", "userinfo_endpoint"),
        ] {
            match self.found() {
                Some(found) => {
                    if let Some(url) = found.text(member) {
                        lines.push(format!("# {key:<22} = {}", quoted(url)));
                    }
                }
                None if key == "token-endpoint" => {}
                None => lines.push(format!("# {key:<22} = \"https://…\"")),
            }
        }
        lines.push(
            "# code-lifetime = \"60s\"    # how long a code lives: `run --slow` waits for it"
                .into(),
        );
        lines
            .push("# clock-skew    = \"10s\"    # the difference of clocks that is allowed".into());
        lines.push(String::new());
    }

    fn claims(&self, lines: &mut Vec<String>) {
        let Some(found) = self.found() else {
            return;
        };
        let mut claims = Vec::new();
        for (title, member) in [
            (
                "client authentication",
                "token_endpoint_auth_methods_supported",
            ),
            ("grants", "grant_types_supported"),
            ("response types", "response_types_supported"),
            ("scopes", "scopes_supported"),
            ("PKCE methods", "code_challenge_methods_supported"),
            (
                "ID Token algorithms",
                "id_token_signing_alg_values_supported",
            ),
            (
                "assertion algorithms",
                "token_endpoint_auth_signing_alg_values_supported",
            ),
            ("DPoP algorithms", "dpop_signing_alg_values_supported"),
        ] {
            if let Some(items) = found.list(member) {
                claims.push(format!("#   {title:<22} {}", comment(&items)));
            }
        }
        if let Some(methods) = self.list("token_endpoint_auth_methods_supported") {
            let foreign: Vec<&str> = methods
                .into_iter()
                .filter(|method| !METHODS.contains(method))
                .collect();
            if !foreign.is_empty() {
                claims.push(format!(
                    "#   tokenspec does not speak {} as client authentication",
                    comment(&foreign)
                ));
            }
        }
        if !claims.is_empty() {
            lines.push("# What else the metadata claims:".into());
            lines.extend(claims);
            lines.push(String::new());
        }
    }

    fn client(&self, name: &str, of: &str, lines: &mut Vec<String>) {
        let prefix = &self.prefix;
        lines.push(format!("[[target.{}.client]]", self.name));
        lines.push(format!("name   = \"{name}\""));
        lines.push(format!("id     = \"${{{prefix}_{of}CLIENT_ID}}\""));
        if let Some((key, variable)) = self.credential() {
            lines.push(format!("{key:<6} = \"${{{prefix}_{of}{variable}}}\""));
        }
        let methods = self.methods();
        let more: Vec<&str> = methods
            .iter()
            .copied()
            .filter(|method| *method != self.method() && *method != "none")
            .collect();
        let note = if more.is_empty() {
            "    # the methods that it is registered for".to_owned()
        } else {
            format!(
                "    # the methods that it is registered for; the server has {} too",
                more.join(", ")
            )
        };
        lines.push(format!("auth   = [\"{}\"]{note}", self.method()));
        let grants = self.grants();
        lines.push(format!(
            "grants = {}    # leave those that it is registered for",
            array(&grants)
        ));
        if self.has_code() {
            lines.push(format!(
                "redirect-uris = [\"${{{prefix}_{of}REDIRECT_URI}}\"]    # as registered; a second one lets more cases run"
            ));
            self.scope(lines);
        } else {
            lines.push("# with authorization_code:".into());
            lines.push(
                "# redirect-uris = [\"https://client.example/callback\"]    # as registered".into(),
            );
            lines.push("# scope = \"openid\"".into());
        }
        if grants.contains(&"client_credentials") {
            lines.push(
                "# client-credentials-scope = \"read\"    # where client_credentials needs a scope"
                    .into(),
            );
        }
        lines.push(String::new());
    }

    fn scope(&self, lines: &mut Vec<String>) {
        let scopes = self.list("scopes_supported").unwrap_or_default();
        if self.profile() != "oidc" {
            lines.push("# scope       = \"read\"          # asked for with a code".into());
            lines.push(
                "# wider-scope = \"read write\"    # more than that, which it may have too".into(),
            );
            return;
        }
        lines.push("scope = \"openid\"    # asked for with a code".into());
        if scopes.contains(&"offline_access") && self.grants().contains(&"refresh_token") {
            lines.push("# Some servers give a refresh token only for this, and only with prompt = \"consent\" (see login):".into());
            lines.push("# scope = \"openid offline_access\"".into());
        }
        let wider = ["profile", "email"]
            .into_iter()
            .find(|scope| scopes.contains(scope));
        lines.push(format!(
            "# wider-scope = \"openid {}\"    # more than `scope`, which it may have too",
            wider.unwrap_or("profile")
        ));
    }

    fn public(&self, lines: &mut Vec<String>) {
        if !self.confidential() {
            return;
        }
        let prefix = &self.prefix;
        lines.extend([
            "# A public client, which has no secret:".into(),
            format!("# [[target.{}.client]]", self.name),
            "# name   = \"public\"".into(),
            format!("# id     = \"${{{prefix}_PUBLIC_CLIENT_ID}}\""),
            "# auth   = [\"none\"]".into(),
            "# grants = [\"authorization_code\", \"refresh_token\"]".into(),
            format!("# redirect-uris = [\"${{{prefix}_PUBLIC_REDIRECT_URI}}\"]"),
            format!(
                "# scope = \"{}\"",
                if self.profile() == "oidc" {
                    "openid"
                } else {
                    "read"
                }
            ),
            String::new(),
        ]);
    }

    fn login(&self, lines: &mut Vec<String>) {
        let table = format!("[target.{}.login]", self.name);
        let prefix = &self.prefix;
        let user = [
            format!("username = \"${{{prefix}_USER}}\""),
            format!("password = \"${{{prefix}_PASSWORD}}\""),
        ];
        let mut ways: Vec<(&str, &[&str], bool)> = Vec::new();
        if self.has_code() {
            lines.extend([
                "# How a user logs in, so that there are codes. Here: through login and consent pages of plain HTML.".into(),
                "# Without this table, the cases that need a code are skipped.".into(),
                table.clone(),
                "via      = \"form\"".into(),
            ]);
            lines.extend(user.clone());
            lines.extend(["#".into(), "# Or one of these in its place.".into()]);
        } else {
            lines.extend([
                "# How a user logs in, so that there are codes: one of these. Without it, cases that need a code".into(),
                "# are skipped.".into(),
            ]);
            ways.push((
                "Login and consent pages of plain HTML:",
                &["via      = \"form\""],
                true,
            ));
        }
        ways.extend([
            (
                "The authorization endpoint redirects at once, maybe over pages of its own:",
                &["via = \"auto\""] as &[&str],
                false,
            ),
            (
                "Pages that need JavaScript, in a headless Chromium; README says how to tell it each step:",
                &["via      = \"browser\""],
                true,
            ),
            (
                "A program of yours: gets the authorization URL as its last argument, prints the redirect URL:",
                &["via     = \"command\"", "command = [\"./log-me-in\"]"],
                false,
            ),
            ("You, in your browser:", &["via = \"manual\""], false),
        ]);
        for (says, settings, has_user) in ways {
            lines.extend(["#".into(), format!("# {says}"), format!("# {table}")]);
            lines.extend(settings.iter().map(|line| format!("# {line}")));
            lines.extend(
                user.iter()
                    .filter(|_| has_user)
                    .map(|line| format!("# {line}")),
            );
        }
        lines.extend([
            "#".into(),
            "# With any of them:".into(),
            "# params = { prompt = \"consent\" }    # further parameters of the authorization request".into(),
            "# codes-at-once = 1                  # how many unused codes the server lets live".into(),
            String::new(),
        ]);
    }

    fn http(&self, lines: &mut Vec<String>) {
        let table = format!("[target.{}.http]", self.name);
        match &self.ca_file {
            Some(path) => lines.extend([table, format!("ca-file = {}", quoted(path))]),
            None => lines.extend([
                format!("# {table}"),
                "# ca-file = \"staging-ca.pem\"           # trusted beside the usual certificates"
                    .into(),
            ]),
        }
        lines.extend([
            "# timeout = \"10s\"".into(),
            "# max-requests-per-second = 20".into(),
            "# headers = { x-run = \"tokenspec\" }     # with every request".into(),
            "# proxy   = \"http://proxy.example:3128\" # none is taken from the environment".into(),
            String::new(),
        ]);
    }

    fn implementation(&self, lines: &mut Vec<String>) {
        lines.extend([
            "# Who made it, for the report:".into(),
            format!("# [target.{}.implementation]", self.name),
            "# organization = \"Acme\"".into(),
            "# project      = \"Acme Identity\"".into(),
            "# version      = \"4.2.0\"".into(),
        ]);
    }
}
