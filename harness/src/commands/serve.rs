//! `tokenspec serve`: the embedded reference for everybody.

use std::sync::Arc;
use std::time::Duration;

use tokenspec_reference::{Fault, Options, Personality, Server};

use super::prepare::Problem;
use super::{Console, OK, ServeArgs, signals};
use crate::catalogue::nearest;

/// Starts the reference and serves until it is interrupted.
pub fn serve(args: &ServeArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    if args.list_faults {
        for fault in tokenspec_reference::faults() {
            console.say(format!(
                "{}: {} [{}]",
                fault.name,
                fault.does,
                fault.breaks.join(", ")
            ));
        }
        return Ok(OK);
    }
    if args.list_variations {
        for variation in tokenspec_reference::variations() {
            console.say(format!("{}: {}", variation.name, variation.does));
        }
        return Ok(OK);
    }
    let personality: Personality = args
        .personality
        .parse()
        .map_err(|error| Problem::Said(format!("{error}; known are: standard, ciam")))?;
    let mut faults = Vec::new();
    for name in &args.fault {
        faults.push(
            tokenspec_reference::fault(name)
                .ok_or_else(|| unknown("fault", name, tokenspec_reference::faults()))?,
        );
    }
    for name in &args.variation {
        faults.push(
            tokenspec_reference::variation(name)
                .ok_or_else(|| unknown("variation", name, tokenspec_reference::variations()))?,
        );
    }
    let duration = |text: &String| {
        humantime::parse_duration(text)
            .map_err(|error| Problem::Said(format!("`{text}` is no duration: {error}")))
    };
    let latency = args.latency.as_ref().map(duration).transpose()?;
    let latency = latency.unwrap_or(Duration::ZERO);
    let code_lifetime = args.code_lifetime.as_ref().map(duration).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Problem::Machine(error.to_string()))?;
    runtime.block_on(async {
        let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel::<String>();
        let log = move |line: &str| {
            let _ = sender.send(line.to_owned());
        };
        let options = Options {
            personality,
            port: args.port,
            faults,
            latency,
            code_lifetime,
            log: Some(Arc::new(log)),
        };
        let server = Server::start(options).await.map_err(|error| {
            Problem::Machine(format!("127.0.0.1:{} cannot be used: {error}", args.port))
        })?;
        // Before anybody is told that it serves: whoever knows may ask it to end.
        let interrupted = signals::asked_to_end();
        tokio::pin!(interrupted);
        console.say(server.config_toml());
        let _ = console.out.flush();
        console.note(format!(
            "serving the {personality} reference at {}",
            server.issuer()
        ));
        loop {
            tokio::select! {
                Some(line) = lines.recv() => console.note(line),
                () = &mut interrupted => break,
            }
        }
        server.stop().await;
        Ok(OK)
    })
}

/// A name that is none, with the nearest that is one.
fn unknown(what: &str, name: &str, known: &[Fault]) -> Problem {
    let names: Vec<&str> = known.iter().map(|fault| fault.name).collect();
    let near =
        nearest(name, &names).map_or(String::new(), |near| format!("the nearest is `{near}`, "));
    Problem::Said(format!(
        "there is no {what} `{name}`; {near}`tokenspec serve --list-{what}s` lists them"
    ))
}
