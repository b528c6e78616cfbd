//! What changed from one run to another.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Serialize;

use super::conclusion::{plural, trials};
use super::hostile::{line, markdown};
use super::record::{CaseRecord, ExchangeRecord, Record};
use crate::outcome::{CaseVerdict, Verdict};

/// What changed from one run to another.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Difference {
    /// Trials that fail, or cannot be judged, where they did not before; and new ones that fail.
    pub regressions: Vec<Change>,
    /// Trials that fail no more.
    pub fixes: Vec<Change>,
    /// Other changes of verdict.
    pub changed: Vec<Change>,
    /// Trials whose verdict is the same and whose responses are not.
    pub responses: Vec<Change>,
    /// Trials that there were not before.
    pub added: Vec<String>,
    /// Trials that there are no more.
    pub removed: Vec<String>,
    /// How many trials are as they were.
    pub same: usize,
    /// What else differs, which has a bearing on the verdicts.
    pub notes: Vec<String>,
}

/// A trial that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The trial.
    pub id: String,
    /// Its verdict before; none where there was no such trial.
    pub old: Option<CaseVerdict>,
    /// Its verdict now.
    pub new: CaseVerdict,
    /// What is to be known: what fails now, how a response changed.
    pub why: String,
}

/// How bad a verdict is, where a worse one is a regression.
fn badness(case: &CaseRecord) -> u8 {
    match case.verdict {
        CaseVerdict::Failed if case.fails() => 4,
        CaseVerdict::Errored => 3,
        CaseVerdict::Failed => 2,
        CaseVerdict::Warned => 1,
        CaseVerdict::Passed | CaseVerdict::Skipped => 0,
    }
}

impl Difference {
    /// What changed from `old` to `new`.
    #[must_use]
    pub fn new(old: &Record, new: &Record) -> Self {
        let mut difference = Self {
            notes: notes(old, new),
            ..Self::default()
        };
        let mut before: IndexMap<&str, &CaseRecord> = old
            .cases
            .iter()
            .map(|case| (case.id.as_str(), case))
            .collect();
        for case in &new.cases {
            match before.shift_remove(case.id.as_str()) {
                Some(old) => difference.compare(old, case),
                None => {
                    difference.added.push(case.id.clone());
                    if badness(case) >= 3 {
                        difference.regressions.push(change(None, case, why(case)));
                    }
                }
            }
        }
        difference.removed = before.keys().map(|id| (*id).to_owned()).collect();
        difference
    }

    fn compare(&mut self, old: &CaseRecord, new: &CaseRecord) {
        let (before, now) = (badness(old), badness(new));
        // A failure that fails elsewhere too is not the same failure.
        let further = failing(new).any(|id| !failing(old).any(|known| known == id)) && new.fails();
        if now >= 3 && (now > before || further) {
            self.regressions.push(change(Some(old), new, why(new)));
        } else if before >= 2 && now < before && new.verdict != CaseVerdict::Skipped {
            self.fixes.push(change(Some(old), new, why(new)));
        } else if old.verdict != new.verdict || before != now {
            self.changed.push(change(Some(old), new, why(new)));
        } else if let Some(why) = responses(old, new) {
            self.responses.push(change(Some(old), new, why));
        } else {
            self.same += 1;
        }
    }

    /// The lists with their titles, in the order in which they are read.
    fn lists(&self) -> [(&'static str, &[Change]); 3] {
        [
            ("regressions", &self.regressions),
            ("fixes", &self.fixes),
            ("other changes of verdict", &self.changed),
        ]
    }

    /// The changed responses by what changed: one header more on each is told once.
    fn alike(&self) -> Vec<(&str, Vec<&Change>)> {
        let mut alike: IndexMap<&str, Vec<&Change>> = IndexMap::new();
        for change in &self.responses {
            alike.entry(&change.why).or_default().push(change);
        }
        alike.into_iter().collect()
    }

    fn names(&self) -> [(&'static str, &[String]); 2] {
        [("new", &self.added), ("removed", &self.removed)]
    }

    fn headline(&self) -> String {
        format!(
            "{}, {}, {} of verdict, {}; {} new, {} removed; {} as before",
            plural(self.regressions.len(), "regression", "regressions"),
            plural(self.fixes.len(), "fix", "fixes"),
            plural(self.changed.len(), "other change", "other changes"),
            plural(
                self.responses.len(),
                "changed response",
                "changed responses"
            ),
            self.added.len(),
            self.removed.len(),
            trials(self.same),
        )
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for note in &self.notes {
            let _ = writeln!(text, "note: {}", line(note));
        }
        for (title, changes) in self.lists() {
            if changes.is_empty() {
                continue;
            }
            let _ = writeln!(text, "{title}:");
            for change in changes {
                let _ = writeln!(
                    text,
                    "  {} ({}): {}",
                    line(&change.id),
                    change.verdicts(),
                    line(&change.why)
                );
            }
        }
        if !self.responses.is_empty() {
            text.push_str("changed responses:\n");
        }
        for (why, changes) in self.alike() {
            let _ = writeln!(text, "  {}: {}", named(&changes, &line), line(why));
        }
        for (title, names) in self.names() {
            if names.is_empty() {
                continue;
            }
            let _ = writeln!(text, "{title}:");
            for name in names {
                let _ = writeln!(text, "  {}", line(name));
            }
        }
        text + &self.headline()
    }

    /// For a job summary.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("# tokenspec: what changed\n\n{}\n", self.headline());
        for note in &self.notes {
            let _ = writeln!(text, "\n- {}", markdown(note));
        }
        for (title, changes) in self.lists() {
            if changes.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n## {title}\n\n| trial | verdict | |\n|---|---|---|");
            for change in changes {
                let _ = writeln!(
                    text,
                    "| {} | {} | {} |",
                    markdown(&change.id),
                    change.verdicts(),
                    markdown(&change.why)
                );
            }
        }
        if !self.responses.is_empty() {
            text.push_str("\n## changed responses\n\n| trials | |\n|---|---|\n");
        }
        for (why, changes) in self.alike() {
            let _ = writeln!(
                text,
                "| {} | {} |",
                named(&changes, &markdown),
                markdown(why)
            );
        }
        for (title, names) in self.names() {
            if names.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n## {title}\n");
            for name in names {
                let _ = writeln!(text, "- {}", markdown(name));
            }
        }
        text
    }
}

/// How many trials whose responses changed alike are named; `--format json` has them all.
const NAMED: usize = 3;

/// The trials, the first of them by name.
fn named(changes: &[&Change], shown: &dyn Fn(&str) -> String) -> String {
    let mut names: Vec<String> = changes
        .iter()
        .take(NAMED)
        .map(|change| shown(&change.id))
        .collect();
    if changes.len() > NAMED {
        names.push(format!("and {} more", changes.len() - NAMED));
    }
    names.join(", ")
}

impl Change {
    fn verdicts(&self) -> String {
        match self.old {
            Some(old) => format!("{} → {}", old.name(), self.new.name()),
            None => format!("new: {}", self.new.name()),
        }
    }
}

fn change(old: Option<&CaseRecord>, new: &CaseRecord, why: String) -> Change {
    Change {
        id: new.id.clone(),
        old: old.map(|case| case.verdict),
        new: new.verdict,
        why,
    }
}

/// The requirements that a case is seen to break, and that nothing documents.
fn failing(case: &CaseRecord) -> impl Iterator<Item = &str> {
    case.checks
        .iter()
        .filter(|check| check.verdict == Verdict::Fail && check.deviates.is_none())
        .map(|check| check.requirement.as_str())
}

/// What is to be known of a verdict.
fn why(case: &CaseRecord) -> String {
    if let Some(reason) = &case.reason {
        return reason.clone();
    }
    let worst = case
        .checks
        .iter()
        .filter(|check| check.verdict != Verdict::Pass)
        .max_by_key(|check| check.verdict);
    match worst {
        Some(check) => format!(
            "{}: expected {}, got {}",
            check.requirement, check.expected, check.actual
        ),
        None => case.title.clone(),
    }
}

/// How the responses of a case changed: statuses, the names of headers, the names of members.
/// Values are another each time.
fn responses(old: &CaseRecord, new: &CaseRecord) -> Option<String> {
    if old.exchanges.len() != new.exchanges.len() {
        // Which looks and controls a trial shares with others differs from run to run.
        return None;
    }
    let mut changes = Vec::new();
    for (before, now) in old.exchanges.iter().zip(&new.exchanges) {
        let of_step = |case: &CaseRecord| {
            let mut statuses: Vec<Option<u16>> = case
                .exchanges
                .iter()
                .filter(|exchange| exchange.step == now.step)
                .map(|exchange| exchange.response.as_ref().map(|response| response.status))
                .collect();
            statuses.sort_unstable();
            statuses
        };
        let (one, other) = (of_step(old), of_step(new));
        // Of several at once it is chance which of them is answered how.
        if one.len() > 1 && one == other || before.step != now.step {
            continue;
        }
        changes.extend(shape(before, now).map(|change| (now.step.as_str(), change)));
    }
    match changes.as_slice() {
        [] => None,
        // What changed alike in each step is no matter of the step.
        [(_, first), rest @ ..] if rest.iter().all(|(_, change)| change == first) => {
            Some(first.clone())
        }
        several => {
            let told = several
                .iter()
                .map(|(step, change)| format!("{step}: {change}"));
            Some(told.collect::<Vec<_>>().join("; "))
        }
    }
}

fn shape(old: &ExchangeRecord, new: &ExchangeRecord) -> Option<String> {
    let (Some(old), Some(new)) = (&old.response, &new.response) else {
        return None;
    };
    if old.status != new.status {
        return Some(format!("status {} → {}", old.status, new.status));
    }
    let names = |headers: &[(String, String)]| {
        let mut names: Vec<String> = headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .filter(|name| {
                !["date", "content-length", "age", "connection"].contains(&name.as_str())
            })
            .collect();
        names.sort();
        names.dedup();
        names
    };
    between("headers", &names(&old.headers), &names(&new.headers)).or_else(|| {
        between(
            "members",
            &members(old.body.as_ref()),
            &members(new.body.as_ref()),
        )
    })
}

fn members(body: Option<&super::record::BodyRecord>) -> Vec<String> {
    let text = match body {
        Some(super::record::BodyRecord::Text(text)) => text,
        _ => return Vec::new(),
    };
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(members)) => {
            let mut names: Vec<String> = members
                .iter()
                .map(|(name, value)| match (name.as_str(), value.as_str()) {
                    ("error", Some(code)) => format!("error={code}"),
                    _ => name.clone(),
                })
                .collect();
            names.sort();
            names
        }
        _ => Vec::new(),
    }
}

fn between(what: &str, old: &[String], new: &[String]) -> Option<String> {
    let gone: Vec<&str> = old
        .iter()
        .filter(|name| !new.contains(name))
        .map(String::as_str)
        .collect();
    let come: Vec<&str> = new
        .iter()
        .filter(|name| !old.contains(name))
        .map(String::as_str)
        .collect();
    match (gone.is_empty(), come.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{what}: {} is gone", gone.join(", "))),
        (true, false) => Some(format!("{what}: {} is new", come.join(", "))),
        (false, false) => Some(format!(
            "{what}: {} in place of {}",
            come.join(", "),
            gone.join(", ")
        )),
    }
}

/// What bears on the verdicts beside the server.
fn notes(old: &Record, new: &Record) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |what: &str, old: &str, new: &str| {
        if old != new {
            notes.push(format!("{what} differ: {old} → {new}"));
        }
    };
    note("targets", &old.target.name, &new.target.name);
    note(
        "profiles",
        &old.target.profile.join(", "),
        &new.target.profile.join(", "),
    );
    note("the cases", &old.tool.cases_digest, &new.tool.cases_digest);
    note(
        "versions of tokenspec",
        &old.tool.version,
        &new.tool.version,
    );
    notes
}
