//! How long the whole suite takes against a server with latency, and how long it would have to.
//!
//! `cargo bench --bench latency [-- LATENCY JOBS]` starts the embedded reference, runs every trial on
//! it, and prints the wall time, the bound and the ratio; it fails where the ratio is over 1.3. The
//! bound is the largest of
//! - the longest chain of requests that depend on each other, times the latency. Phases are part of
//!   it: a trial with wrong credentials may lock a client out, so it waits for all that need the
//!   client; so does a destructive one; and a phase ends with its controls;
//! - all requests, times the latency, by the jobs;
//! - all requests by the rate limit; here there is none.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench prints, and has failed where it cannot go on"
)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokenspec::catalogue::{Catalogue, embedded};
use tokenspec::config::Config;
use tokenspec::outcome::{CaseVerdict, Exchange, Outcome};
use tokenspec::plan::{ActiveProfile, Options as PlanOptions, Phase, Plan};
use tokenspec::run::{self, Session};
use tokenspec::secret::Vault;
use tokenspec_reference::{Options, Personality, Server};

/// What the ratio may be.
const ALLOWED: f64 = 1.3;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let latency = words.first().map_or(Duration::from_millis(50), |text| {
        humantime::parse_duration(text).expect("a latency, as 50ms")
    });
    let jobs = words
        .get(1)
        .map_or(8, |text| text.parse().expect("a number of jobs"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let measured = runtime.block_on(measure(latency, jobs));
    measured.print(latency, jobs);
    if measured.ratio(latency, jobs) <= ALLOWED {
        ExitCode::SUCCESS
    } else {
        println!("that is more than {ALLOWED}");
        ExitCode::FAILURE
    }
}

struct Measured {
    wall: Duration,
    requests: usize,
    /// Requests that have to follow each other, by what they are.
    chain: Vec<(&'static str, usize)>,
}

impl Measured {
    fn bounds(&self, latency: Duration, jobs: usize) -> (f64, f64) {
        let chain: usize = self.chain.iter().map(|(_, count)| count).sum();
        let latency = latency.as_secs_f64();
        (
            chain as f64 * latency,
            self.requests as f64 * latency / jobs as f64,
        )
    }

    fn ratio(&self, latency: Duration, jobs: usize) -> f64 {
        let (chain, work) = self.bounds(latency, jobs);
        self.wall.as_secs_f64() / chain.max(work)
    }

    fn print(&self, latency: Duration, jobs: usize) {
        let (chain, work) = self.bounds(latency, jobs);
        println!(
            "latency {}, {jobs} jobs, no rate limit",
            humantime::format_duration(latency)
        );
        println!(
            "wall time                    {:.2} s",
            self.wall.as_secs_f64()
        );
        println!(
            "requests × latency ÷ jobs    {work:.2} s ({} requests)",
            self.requests
        );
        let parts: Vec<String> = self
            .chain
            .iter()
            .map(|(what, count)| format!("{what} {count}"))
            .collect();
        println!(
            "longest chain × latency      {chain:.2} s ({})",
            parts.join(", ")
        );
        println!(
            "ratio                        {:.2}",
            self.ratio(latency, jobs)
        );
    }
}

async fn measure(latency: Duration, jobs: usize) -> Measured {
    let server = Server::start(Options {
        latency,
        ..Options::default()
    })
    .await
    .unwrap();
    let text = tokenspec_reference::config_toml(Personality::Standard, server.issuer());
    let target = Config::parse("tokenspec.toml", text, ".".into())
        .and_then(|config| config.target(None, &|_| None))
        .unwrap();
    let catalogue = Arc::new(Catalogue::read(&embedded(), false).unwrap());
    let profile = ActiveProfile::new(&catalogue, &[], &target).unwrap();
    let plan = Plan::new(&catalogue, &target, profile.clone(), PlanOptions::default());
    let started = Instant::now();
    let vault = Arc::new(Vault::default());
    let session = Session::open(catalogue, target, profile, vault)
        .await
        .unwrap();
    let session = Arc::new(session);
    let outcomes = run::outcomes(Arc::clone(&session), plan.trials.clone(), jobs).await;
    let wall = started.elapsed();
    server.stop().await;
    for outcome in &outcomes {
        let bad = matches!(outcome.verdict, CaseVerdict::Failed | CaseVerdict::Errored);
        assert!(!bad, "{}: {:?}", outcome.trial, outcome.reason);
    }
    Measured {
        wall,
        requests: session.http.sent() + 1,
        chain: chain(&plan, &outcomes),
    }
}

/// What follows on each other at the least: the metadata and the keys; in each phase the longest
/// trial, and a control after it.
fn chain(plan: &Plan, outcomes: &[Outcome]) -> Vec<(&'static str, usize)> {
    let of = |phase: Phase| -> Vec<usize> {
        plan.trials
            .iter()
            .filter(|trial| trial.phase == phase)
            .filter_map(|trial| outcomes.iter().find(|outcome| outcome.trial == trial.name))
            .map(|outcome| depth(&outcome.exchanges))
            .filter(|depth| *depth > 0)
            .collect()
    };
    // A code and its exchange.
    let control = 2;
    let mut chain = vec![("metadata and keys", 2)];
    for phase in [Phase::Normal, Phase::WrongCredentials, Phase::Destructive] {
        if let Some(longest) = of(phase).iter().max() {
            chain.push((phase.name(), longest + control));
        }
    }
    chain
}

/// Requests that follow each other; those of one step were sent at once.
fn depth(exchanges: &[Exchange]) -> usize {
    let mut depth = 0;
    let mut last = None;
    for exchange in exchanges {
        let step = (exchange.purpose, exchange.step.as_str());
        let at_once = exchange.token_endpoint && last == Some(step);
        if !at_once {
            depth += 1;
        }
        last = Some(step);
    }
    depth
}
