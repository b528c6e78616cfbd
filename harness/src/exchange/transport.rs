//! The HTTP client with a target's settings: which certificates it trusts and shows, through which
//! proxy it goes, where it finds hosts.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy, redirect};

use super::failure::describe;
use super::http::HttpError;
use crate::config::{Http, LoginVia, Target};

/// How long an unused connection is kept: less than servers do, so that none is closed from their
/// side just when a request goes out on it.
const IDLE: Duration = Duration::from_secs(4);

/// The client for a target.
pub fn client(target: &Target) -> Result<Client, HttpError> {
    let http = &target.http;
    let fail = |error: reqwest::Error| HttpError::new(describe(error));
    if only_plain(target) && http.ca.is_none() && http.identity.is_none() {
        // Nothing here speaks TLS: no certificates need to be found and read.
        return builder(http)
            .map_err(fail)?
            .tls_certs_only([])
            .build()
            .map_err(fail);
    }
    match builder(http).map_err(fail)?.build() {
        Ok(client) => Ok(client),
        Err(error) if http.only_ca => Err(fail(error)),
        // A machine without CA certificates: the bundled ones do.
        Err(_) => {
            let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|der| Certificate::from_der(der).ok());
            builder(http)
                .map_err(fail)?
                .tls_certs_only(bundled.chain(own(http).map_err(fail)?))
                .build()
                .map_err(fail)
        }
    }
}

/// The certificates of `ca-file`.
fn own(http: &Http) -> Result<Vec<Certificate>, reqwest::Error> {
    match &http.ca {
        Some(pem) => Certificate::from_pem_bundle(pem),
        None => Ok(Vec::new()),
    }
}

/// No redirect is followed, nothing is retried, and no proxy is used that is not configured.
fn builder(http: &Http) -> Result<ClientBuilder, reqwest::Error> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(http.connect_timeout)
        .pool_max_idle_per_host(64)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("tokenspec/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = &http.proxy {
        builder = builder.proxy(Proxy::all(proxy)?);
    }
    builder = if http.only_ca {
        builder.tls_certs_only(own(http)?)
    } else {
        builder.tls_certs_merge(own(http)?)
    };
    if let Some(identity) = &http.identity {
        builder = builder.identity(Identity::from_pem(&identity.pem)?);
    }
    if http.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    for (name, address) in &http.resolve {
        // The port is the URL's.
        builder = builder.resolve(name, SocketAddr::new(*address, 0));
    }
    Ok(builder)
}

/// Whether everything that a run can meet is plain HTTP.
fn only_plain(target: &Target) -> bool {
    // Login pages may be anywhere.
    let login = target.login.as_ref();
    if login.is_some_and(|login| login.via == LoginVia::Form) {
        return false;
    }
    let proxy = target.http.proxy.as_ref();
    if proxy.is_some_and(|proxy| proxy.starts_with("https:")) {
        return false;
    }
    target.urls().all(|url| url.starts_with("http://"))
}
