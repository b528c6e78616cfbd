//! `tokenspec list`, and what `run --plan` shows.

use serde_json::{Value, json};

use super::prepare::{self, Problem};
use super::{Console, ListArgs, OK, OutputFormat};
use crate::plan::{Phase, Plan};

/// Lists the trials.
pub fn list(args: &ListArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    let (catalogue, chosen) = prepare::catalogue_beside(&args.target.source.cases, || {
        prepare::target(&args.target, console)
    })?;
    let plan = prepare::plan(
        &catalogue,
        &chosen.target,
        &args.target.source.profile,
        &args.filter,
    )?;
    if args.format == OutputFormat::Json {
        console.say(to_json(&plan, &chosen.target.name));
        return Ok(OK);
    }
    let lines: Vec<String> = plan
        .trials
        .iter()
        .map(|trial| match (&trial.skip, args.format) {
            (_, OutputFormat::Terse) => trial.name.clone(),
            (Some(reason), _) => format!("{}  (skipped: {reason})", trial.name),
            (None, _) => format!("{}  {}", trial.name, trial.title),
        })
        .collect();
    // At once: a line by itself costs as much as making it.
    if !lines.is_empty() {
        console.say(lines.join("\n"));
    }
    // The process is about to end: nothing is gained by taking all this apart piece by piece.
    std::mem::forget((catalogue, plan, lines));
    Ok(OK)
}

/// Shows what a run would do, without sending anything.
pub fn show_plan(plan: &Plan, target: &str, format: OutputFormat, console: &mut Console<'_>) {
    if format == OutputFormat::Json {
        console.say(to_json(plan, target));
        return;
    }
    for phase in [
        Phase::Normal,
        Phase::WrongCredentials,
        Phase::Destructive,
        Phase::EveryResponse,
    ] {
        let trials: Vec<_> = plan
            .running()
            .filter(|trial| trial.phase == phase)
            .collect();
        if trials.is_empty() {
            continue;
        }
        console.say(format!("{} ({} trials)", phase.name(), trials.len()));
        for trial in trials {
            let start = trial
                .start
                .map_or(String::new(), |start| format!(", from {}", start.name()));
            console.say(format!(
                "  {}  {} requests{start}",
                trial.name,
                trial.requests()
            ));
        }
    }
    let skipped: Vec<_> = plan
        .trials
        .iter()
        .filter(|trial| trial.skip.is_some())
        .collect();
    if !skipped.is_empty() {
        console.say(format!("skipped ({} trials)", skipped.len()));
        for trial in skipped {
            console.say(format!(
                "  {}  {}",
                trial.name,
                trial.skip.as_deref().unwrap_or_default()
            ));
        }
    }
    console.say(format!(
        "on {target} as {}: {} trials, at least {} requests and {} authorization codes, and those of \
         controls; {} destructive; nothing was sent",
        plan.profile.names.join(", "),
        plan.running().count(),
        plan.running().map(crate::plan::Trial::requests).sum::<usize>(),
        plan.codes(),
        plan.running().filter(|trial| trial.phase == Phase::Destructive).count(),
    ));
}

fn to_json(plan: &Plan, target: &str) -> String {
    let trials: Vec<Value> = plan
        .trials
        .iter()
        .map(|trial| {
            json!({
                "id": trial.name,
                "suite": trial.suite,
                "title": trial.title,
                "phase": trial.phase.name(),
                "start": trial.start.map(crate::catalogue::Start::name),
                "auth": trial.auth,
                "requests": trial.requests(),
                "codes": trial.codes(),
                "destructive": trial.phase == Phase::Destructive,
                "skip": trial.skip,
                "requirements": trial.case.requirements(),
            })
        })
        .collect();
    let plan = json!({
        "target": target,
        "profile": plan.profile.names,
        "trials": trials,
        "requests": plan.running().map(crate::plan::Trial::requests).sum::<usize>(),
        "codes": plan.codes(),
    });
    crate::report::json::pretty(&plan).unwrap_or_default()
}
