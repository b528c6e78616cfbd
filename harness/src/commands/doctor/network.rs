//! Whether the hosts can be reached: DNS, TCP, and TLS where the scheme is https.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use url::{Host, Url};

use super::steps::Steps;
use crate::commands::unreachable;
use crate::config::{Http, Target};
use crate::exchange::HttpClient;
use crate::outcome::SentRequest;

/// A host and port that the target has something at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    host: Host<String>,
    port: u16,
    tls: bool,
}

impl Place {
    fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        Some(Self {
            host: url.host()?.to_owned(),
            port: url.port_or_known_default()?,
            tls: url.scheme() == "https",
        })
    }

    fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// The places that were looked at, and whether they can be reached.
#[derive(Debug, Default)]
pub struct Network {
    known: Vec<(Place, bool)>,
    proxy: Option<bool>,
}

impl Network {
    /// Looks at every place of the target that it has not looked at.
    pub async fn look(&mut self, target: &Target, http: &HttpClient, steps: &mut Steps<'_, '_>) {
        for place in places(target) {
            if self.known.iter().any(|(known, _)| *known == place) {
                continue;
            }
            let reached = match &target.http.proxy {
                Some(proxy) => self.through(proxy, &target.http, steps).await,
                None => connect(&place, &target.http, steps).await,
            };
            let reached = if !place.tls {
                reached
            } else if reached {
                handshake(&place, http, target.http.insecure, steps).await
            } else {
                steps.skip(
                    &format!("TLS: {}", place.shown()),
                    "since there is no connection",
                );
                false
            };
            self.known.push((place, reached));
        }
    }

    /// Whether the place of a URL was reached.
    pub fn reaches(&self, url: &str) -> bool {
        Place::of(url).is_some_and(|place| {
            self.known
                .iter()
                .any(|(known, reached)| *known == place && *reached)
        })
    }

    /// With a proxy, it is the proxy that has to be reached.
    async fn through(&mut self, proxy: &str, http: &Http, steps: &mut Steps<'_, '_>) -> bool {
        if let Some(reached) = self.proxy {
            return reached;
        }
        steps.nothing("proxy", "DNS and TCP are looked at up to the proxy alone");
        let reached = match Place::of(proxy).or_else(|| socks(proxy)) {
            Some(place) => connect(&place, http, steps).await,
            None => false,
        };
        self.proxy = Some(reached);
        reached
    }
}

/// `socks5://` has no port that the URL standard knows.
fn socks(proxy: &str) -> Option<Place> {
    let url = Url::parse(proxy).ok()?;
    Some(Place {
        host: Host::parse(url.host_str()?).ok()?,
        port: url.port().unwrap_or(1080),
        tls: false,
    })
}

fn places(target: &Target) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for url in target.urls() {
        if let Some(place) = Place::of(url)
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    places
}

/// DNS and TCP.
async fn connect(place: &Place, http: &Http, steps: &mut Steps<'_, '_>) -> bool {
    let timeout = http.connect_timeout;
    let addresses: Vec<SocketAddr> = match &place.host {
        Host::Ipv4(address) => vec![SocketAddr::new(IpAddr::V4(*address), place.port)],
        Host::Ipv6(address) => vec![SocketAddr::new(IpAddr::V6(*address), place.port)],
        Host::Domain(name) if said(name, http).is_some() => {
            let address = said(name, http).unwrap_or(IpAddr::from([0, 0, 0, 0]));
            steps.tick(&format!("DNS: {name} is {address}, as `http.resolve` says"));
            return reach(
                place,
                &[SocketAddr::new(address, place.port)],
                timeout,
                steps,
            )
            .await;
        }
        Host::Domain(name) => {
            match tokio::time::timeout(timeout, lookup_host((name.as_str(), place.port))).await {
                Ok(Ok(found)) => found.collect(),
                Ok(Err(error)) => {
                    no_address(name, &error.to_string(), place, steps);
                    return false;
                }
                Err(_) => {
                    no_address(name, "no answer in time", place, steps);
                    return false;
                }
            }
        }
    };
    let mut shown: Vec<String> = addresses
        .iter()
        .map(|address| address.ip().to_string())
        .collect();
    shown.dedup();
    match &place.host {
        Host::Domain(name) => steps.tick(&format!("DNS: {name} is {}", shown.join(", "))),
        address => steps.tick(&format!(
            "DNS: {address} is an address, with no name to look up"
        )),
    }
    reach(place, &addresses, timeout, steps).await
}

/// The address of a name that the configuration says.
fn said(name: &str, http: &Http) -> Option<IpAddr> {
    let (_, address) = http.resolve.iter().find(|(known, _)| known == name)?;
    Some(*address)
}

/// TCP.
async fn reach(
    place: &Place,
    addresses: &[SocketAddr],
    timeout: Duration,
    steps: &mut Steps<'_, '_>,
) -> bool {
    let started = Instant::now();
    let mut why = "the name has no address".to_owned();
    for address in addresses {
        match tokio::time::timeout(timeout, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                steps.tick(&format!(
                    "TCP: {} accepts connections, after {} ms",
                    place.shown(),
                    started.elapsed().as_millis()
                ));
                return true;
            }
            Ok(Err(error)) => why = error.to_string(),
            Err(_) => {
                why = format!(
                    "timed out, no complete answer within {}",
                    humantime::format_duration(timeout)
                );
            }
        }
    }
    steps.cross(
        &format!("TCP: {}: {why}", place.shown()),
        unreachable::cause(&why).remedy(),
    );
    false
}

fn no_address(name: &str, why: &str, place: &Place, steps: &mut Steps<'_, '_>) {
    steps.cross(
        &format!("DNS: {name}: {why}"),
        unreachable::Cause::Name.remedy(),
    );
    steps.skip(
        &format!("TCP: {}", place.shown()),
        "since the name has no address",
    );
}

/// A request for nothing in particular: the certificate is verified before it is sent, and any answer
/// will do.
async fn handshake(
    place: &Place,
    http: &HttpClient,
    insecure: bool,
    steps: &mut Steps<'_, '_>,
) -> bool {
    let request = SentRequest {
        method: "GET".into(),
        url: format!("https://{}/", place.shown()),
        ..SentRequest::default()
    };
    match http.send(&request, "doctor#tls").await {
        Ok(_) if insecure => {
            steps.nothing(
                &format!("TLS: {}", place.shown()),
                "it answers; its certificate was not verified (insecure)",
            );
            true
        }
        Ok(_) => {
            steps.tick(&format!(
                "TLS: {}: the certificate has a trusted chain, this host's name, and has not expired",
                place.shown()
            ));
            true
        }
        Err(why) => {
            let cause = unreachable::cause(&why);
            let what = match cause {
                unreachable::Cause::Untrusted => "the certificate's chain ends at no trusted CA",
                unreachable::Cause::OtherHost => "the certificate is for another host name",
                unreachable::Cause::Expired => "the certificate is not valid now",
                unreachable::Cause::Certificate => "the certificate is refused",
                _ => "no HTTP over TLS",
            };
            steps.cross(
                &format!("TLS: {}: {what} ({why})", place.shown()),
                cause.remedy(),
            );
            false
        }
    }
}
