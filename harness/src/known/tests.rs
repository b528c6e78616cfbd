use super::*;
use crate::catalogue::Level;
use crate::report::CheckRecord;

fn check(requirement: &str, verdict: Verdict) -> CheckRecord {
    CheckRecord {
        requirement: requirement.into(),
        document: "doc".into(),
        section: "1".into(),
        level: Level::Must,
        verdict,
        expected: "this".into(),
        actual: "that".into(),
        deviates: None,
        exchange: None,
        broken_in: Vec::new(),
    }
}

fn case(id: &str, verdict: CaseVerdict, checks: Vec<CheckRecord>) -> CaseRecord {
    CaseRecord {
        id: id.into(),
        suite: "suite".into(),
        title: "title".into(),
        verdict,
        reason: None,
        known: None,
        deviates: None,
        hint: None,
        snapshot: None,
        duration_ms: 0,
        checks,
        exchanges: Vec::new(),
    }
}

fn failing(id: &str) -> CaseRecord {
    case(
        id,
        CaseVerdict::Failed,
        vec![check("a", Verdict::Fail), check("b", Verdict::Fail)],
    )
}

fn passing(id: &str) -> CaseRecord {
    case(id, CaseVerdict::Passed, vec![check("a", Verdict::Pass)])
}

fn entry(trial: &str, requirement: Option<&str>, expires: Option<&str>) -> Entry {
    Entry {
        trial: trial.into(),
        requirement: requirement.map(str::to_owned),
        target: None,
        reason: "ticket 7".into(),
        expires: expires.map(|day| day.parse().unwrap_or_default()),
    }
}

fn known(entries: Vec<Entry>) -> Known {
    Known {
        entries,
        today: NaiveDate::from_ymd_opt(2026, 6, 15).unwrap_or_default(),
    }
}

fn kinds(known: &Known, plan: &[(&str, bool)], cases: &[CaseRecord]) -> Vec<NoticeKind> {
    let plan: Vec<Planned<'_>> = plan
        .iter()
        .map(|(name, selected)| Planned {
            name,
            aliases: &[],
            selected: *selected,
        })
        .collect();
    known
        .notices(&plan, cases, &|_| false)
        .into_iter()
        .map(|notice| notice.kind)
        .collect()
}

#[test]
fn a_failure_is_excused_where_each_check_that_fails_is_covered() {
    let excuse = |entries: Vec<Entry>, id: &str| known(entries).excuse(&failing(id), &[]);
    let all = Some("ticket 7".to_owned());
    assert_eq!(excuse(vec![entry("s/x", None, None)], "s/x"), all);
    assert_eq!(excuse(vec![entry("s/*", None, None)], "s/x"), all);
    // Brackets are no classes of characters, and a name is a whole one.
    assert_eq!(excuse(vec![entry("s/x[1]", None, None)], "s/x[1]"), all);
    assert_eq!(excuse(vec![entry("s/x", None, None)], "s/x[1]"), None);
    // One requirement of two leaves the other.
    assert_eq!(excuse(vec![entry("s/x", Some("a"), None)], "s/x"), None);
    let both = vec![entry("s/x", Some("a"), None), entry("s/x", Some("b"), None)];
    assert_eq!(excuse(both, "s/x"), all);
}

#[test]
fn an_entry_holds_on_its_last_day_and_not_after_it() {
    let on = |day: &str| known(vec![entry("s/x", None, Some(day))]);
    assert!(on("2026-06-15").excuse(&failing("s/x"), &[]).is_some());
    assert!(on("2026-06-14").excuse(&failing("s/x"), &[]).is_none());
    let plan = [("s/x", true)];
    assert_eq!(kinds(&on("2026-06-15"), &plan, &[failing("s/x")]), []);
    assert_eq!(
        kinds(&on("2026-06-14"), &plan, &[failing("s/x")]),
        [NoticeKind::KnownExpired]
    );
}

#[test]
fn an_entry_excuses_no_other_verdict() {
    let list = known(vec![entry("s/x", None, None)]);
    for verdict in [
        CaseVerdict::Errored,
        CaseVerdict::Warned,
        CaseVerdict::Skipped,
    ] {
        let case = case("s/x", verdict, vec![check("a", Verdict::Errored)]);
        assert_eq!(list.excuse(&case, &[]), None);
    }
}

#[test]
fn what_passes_or_names_nothing_is_told() {
    let plan = [("s/x", true), ("s/y", true)];
    let list = |trial: &str| known(vec![entry(trial, None, None)]);
    assert_eq!(
        kinds(&list("s/x"), &plan, &[passing("s/x")]),
        [NoticeKind::KnownPasses]
    );
    // Each trial of a glob has to fail.
    assert_eq!(
        kinds(&list("s/*"), &plan, &[failing("s/x"), passing("s/y")]),
        [NoticeKind::KnownPasses]
    );
    assert_eq!(
        kinds(&list("s/z"), &plan, &[]),
        [NoticeKind::KnownUnmatched]
    );
    // What could not be found out is no pass.
    let errored = case("s/x", CaseVerdict::Errored, Vec::new());
    assert_eq!(kinds(&list("s/x"), &plan, &[errored]), []);
    let skipped = case("s/x", CaseVerdict::Skipped, Vec::new());
    assert_eq!(kinds(&list("s/x"), &plan, &[skipped]), []);
}

#[test]
fn what_the_filters_leave_out_is_not_told() {
    let plan = [("s/x", false), ("s/y", true)];
    for expires in [None, Some("2020-01-01")] {
        let list = known(vec![entry("s/x", None, expires)]);
        assert_eq!(kinds(&list, &plan, &[passing("s/y")]), []);
    }
}

#[test]
fn an_entry_for_one_requirement_looks_at_it_alone() {
    let plan = [("s/x", true)];
    let list = known(vec![entry("s/x", Some("b"), None)]);
    let other = case(
        "s/x",
        CaseVerdict::Failed,
        vec![check("a", Verdict::Fail), check("b", Verdict::Pass)],
    );
    assert_eq!(kinds(&list, &plan, &[other]), [NoticeKind::KnownPasses]);
    assert_eq!(kinds(&list, &plan, &[failing("s/x")]), []);
    let unknown = case(
        "s/x",
        CaseVerdict::Failed,
        vec![check("a", Verdict::Fail), check("b", Verdict::Errored)],
    );
    assert_eq!(kinds(&list, &plan, &[unknown]), []);
}
