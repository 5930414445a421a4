//! Two reports.

use std::collections::BTreeMap;

use super::{Change, Compared, Difference, Side, What, flat};
use crate::report::model::{Finding, Report};

/// What changed from one report to a later one of the same organisation.
#[must_use]
pub fn between(before: &Report, after: &Report) -> Difference {
    let mut difference = Difference::new(Compared::Reports, &after.run.organization, side(before), side(after));
    notes(before, after, &mut difference.notes);
    let mut known: BTreeMap<&str, &Finding> =
        before.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    for finding in &after.findings {
        match known.remove(finding.id.as_str()) {
            None => difference.add(change(What::Appeared, finding, Some(absent(before, finding)), Vec::new())),
            Some(old) => {
                let facts = flat::changes(old, finding, is_told);
                if !facts.is_empty() {
                    difference.add(change(What::Changed, finding, None, facts));
                }
            }
        }
    }
    for finding in known.into_values() {
        difference.add(change(What::Went, finding, Some(absent(after, finding)), Vec::new()));
    }
    difference.sort();
    difference
}

fn side(report: &Report) -> Side {
    let run = &report.run;
    Side { as_of: run.as_of.clone(), snapshot: run.snapshot.clone(), bundle: Some(run.bundle.clone()) }
}

/// Whether a change of this fact says something of the subject or the verdict, rather than of the run. Clocks run by
/// themselves, and the text of a remedy is that of the advice.
fn is_told(path: &str) -> bool {
    let is_of_run = |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    !path.ends_with(".pulled_at") && !["baseline", "clock", "group", "remedy"].into_iter().any(is_of_run)
}

fn change(what: What, finding: &Finding, absence: Option<&str>, facts: Vec<super::FactChange>) -> Change {
    let level = finding.entitlement.as_ref().map(|level| format!(" {level}")).unwrap_or_default();
    let outcome = finding.outcome;
    let summary = match (what, absence) {
        (What::Appeared, Some(absence)) => format!("{outcome}: {}; before: {absence}", finding.message),
        (What::Went, Some(absence)) => format!("was {outcome}: {}; now: {absence}", finding.message),
        _ => format!("{outcome}: {}", finding.message),
    };
    Change {
        what,
        kind: "finding".to_owned(),
        id: format!("{} {}{level}", finding.check, finding.subject.id),
        label: finding.subject.label.clone(),
        summary: Some(summary),
        facts,
    }
}

/// What it means that a report does not have a finding; no more than it says.
fn absent(report: &Report, finding: &Finding) -> &'static str {
    if report.summary.checks.iter().all(|check| check.check != finding.check) {
        return "the check was not asked";
    }
    if report.filter.is_some() {
        "hidden by the filter, passes, does not apply, or is not asked of this subject"
    } else if lists_all(report) {
        "not asked of this subject"
    } else {
        "passes, does not apply, or is not asked of this subject"
    }
}

fn lists_all(report: &Report) -> bool {
    report.findings.len() == report.summary.totals.total()
}

fn notes(before: &Report, after: &Report, notes: &mut Vec<String>) {
    if before.run.bundle != after.run.bundle {
        notes.push("the policies are not the same, so that verdicts may differ for them alone".to_owned());
    }
    if before.run.snapshot == after.run.snapshot {
        notes.push("the snapshot is the same".to_owned());
    }
    let asked = |report: &Report| report.summary.checks.iter().map(|one| one.check.clone()).collect::<Vec<_>>();
    if asked(before) != asked(after) {
        notes.push("the two did not ask the same checks".to_owned());
    }
    if before.filter.is_some() || after.filter.is_some() {
        notes.push("a filter hides findings in one of the two, so they look as if they appeared or went".to_owned());
    }
    if lists_all(before) != lists_all(after) {
        notes.push("one of the two lists what passes or does not apply, the other does not".to_owned());
    }
    if before.run.as_of > after.run.as_of {
        notes.push("the first one judges a later instant than the second".to_owned());
    }
}
