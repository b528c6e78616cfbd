//! What the parts of a run cost: `cargo bench --bench parts [-- NAME]`.
//!
//! One run on the embedded reference gives what is measured: its catalogue, plan, answers, tokens, keys,
//! secrets and report.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a bench has failed where it cannot go on"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use criterion::{Criterion, criterion_group, criterion_main};
use tokenspec::catalogue::{Catalogue, Expectation, embedded};
use tokenspec::config::{Config, Target};
use tokenspec::judge::jwt::{Jwt, verify};
use tokenspec::judge::{Keys, Response, Situation, applies, judge};
use tokenspec::outcome::{Observation, Outcome};
use tokenspec::plan::{ActiveProfile, Options as PlanOptions, Plan};
use tokenspec::report::{self, Finished, Record};
use tokenspec::run::{self, Session};
use tokenspec::secret::Vault;
use tokenspec_reference::{Options, Personality, Server};

const JOBS: usize = 8;

/// A run, and what it left.
struct Run {
    catalogue: Arc<Catalogue>,
    target: Target,
    profile: ActiveProfile,
    vault: Arc<Vault>,
    outcomes: Vec<Outcome>,
}

impl Run {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(Self::on_the_reference())
    }

    async fn on_the_reference() -> Self {
        let server = Server::start(Options::default()).await.unwrap();
        let text = tokenspec_reference::config_toml(Personality::Standard, server.issuer());
        let target = Config::parse("tokenspec.toml", text, ".".into())
            .and_then(|config| config.target(None, &|_| None))
            .unwrap();
        let catalogue = Arc::new(Catalogue::read(&embedded(), false).unwrap());
        let profile = ActiveProfile::new(&catalogue, &[], &target).unwrap();
        let plan = Plan::new(&catalogue, &target, profile.clone(), PlanOptions::default());
        let vault = Arc::new(Vault::default());
        let session = Session::open(
            Arc::clone(&catalogue),
            target.clone(),
            profile.clone(),
            Arc::clone(&vault),
        )
        .await
        .unwrap();
        let outcomes = run::outcomes(Arc::new(session), plan.trials, JOBS).await;
        server.stop().await;
        Self {
            catalogue,
            target,
            profile,
            vault,
            outcomes,
        }
    }

    /// All that came back.
    fn answers(&self) -> impl Iterator<Item = &Observation> {
        self.outcomes
            .iter()
            .flat_map(|outcome| &outcome.exchanges)
            .filter_map(|exchange| exchange.response.as_ref().ok())
    }

    /// The first answer that has this member.
    fn answer_with(&self, member: &str) -> &Observation {
        let has = |answer: &&Observation| {
            Response::new((*answer).clone())
                .text_member(member)
                .is_some()
        };
        self.answers().find(has).unwrap()
    }

    /// The keys of the reference, which it puts into its metadata's place for them.
    fn keys(&self) -> Keys {
        let set = self
            .answers()
            .find_map(|answer| Keys::read(&answer.body).ok().filter(|set| !set.is_empty()));
        Keys {
            set: Ok(set.unwrap()),
            secret: None,
        }
    }

    fn record(&self) -> Record {
        let cases = self
            .outcomes
            .iter()
            .map(|outcome| report::case(&self.catalogue, outcome, &self.vault))
            .collect();
        Record::new(
            Finished {
                catalogue: &self.catalogue,
                target: &self.target,
                profile: &self.profile,
                started: Utc::now(),
                duration: Duration::from_millis(400),
                cases,
                interrupted: false,
                strict: false,
                notices: Vec::new(),
                shard: None,
            },
            &self.vault,
        )
    }
}

fn parts(c: &mut Criterion) {
    let run = Run::new();

    c.bench_function("catalogue load", |b| {
        b.iter(|| Catalogue::read(black_box(&embedded()), false).unwrap());
    });

    c.bench_function("plan", |b| {
        b.iter(|| {
            Plan::new(
                &run.catalogue,
                &run.target,
                run.profile.clone(),
                PlanOptions::default(),
            )
        });
    });

    let granted = run.answer_with("id_token");
    let text = String::from_utf8_lossy(&granted.body).into_owned();
    assert_ne!(run.vault.mask(&text), text, "nothing is masked");
    c.bench_function("masking an answer with three tokens", |b| {
        b.iter(|| run.vault.mask(black_box(&text)).len());
    });
    let refused = run.answer_with("error");
    let plain = String::from_utf8_lossy(&refused.body).into_owned();
    c.bench_function("masking an answer without a secret", |b| {
        b.iter(|| run.vault.mask(black_box(&plain)).len());
    });

    let keys = run.keys();
    let documents: Vec<String> = run.catalogue.documents.keys().cloned().collect();
    let steps = HashMap::new();
    let situation = Situation {
        catalogue: &run.catalogue,
        documents: &documents,
        without: &[],
        deviations: &[],
        trial: "suite/case",
        auth: "client_secret_basic",
        start: "made_up_code",
        public: false,
        introspects: true,
        keys: &keys,
        skew: 10,
        control: None,
        at_once: &[],
        alive: None,
        steps: &steps,
        value: &|name| Some(format!("<{name}>")),
    };
    let expectations: Vec<Expectation> = run
        .catalogue
        .cases()
        .find(|(suite, case)| {
            suite.name == "authorization_code/exchange" && case.id == "made-up-code"
        })
        .map(|(_, case)| case.expectations().cloned().collect())
        .unwrap();
    c.bench_function("judge of one answer", |b| {
        b.iter(|| {
            let response = Response::new(black_box(refused).clone());
            let mut checks = 0;
            for expectation in &expectations {
                if applies(expectation, &response, &situation) {
                    checks += judge(expectation, &response, &situation).len();
                }
            }
            assert!(checks > 0);
            checks
        });
    });

    let answer = Response::new(granted.clone());
    let token = answer.text_member("access_token").unwrap().to_owned();
    assert_eq!(verify(&Jwt::parse(&token).unwrap(), &keys), Ok(Ok(())));
    c.bench_function("JWT verification (RS256)", |b| {
        b.iter(|| verify(&Jwt::parse(black_box(&token)).unwrap(), &keys));
    });

    c.bench_function("record of a whole run", |b| b.iter(|| run.record()));
    let record = run.record();
    let folder = tempfile::tempdir().unwrap();
    c.bench_function("report writing", |b| {
        b.iter(|| report::write(&record, folder.path(), None).unwrap());
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = parts
}
criterion_main!(benches);
