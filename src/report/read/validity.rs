//! Contradictions within a report: impossible days, and one finding twice.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use crate::{
    diagnostic::{Code, Diagnostic},
    model::Zone,
    report::{Report, model::ResolvedFinding},
};

/// Problems that are shown.
const SHOWN: usize = 10;

/// Everything in a report that its own run contradicts.
///
/// The clock of a finding may start on its `first_seen`. A day in the future would postpone the due day.
pub(super) fn problems(report: &Report) -> Vec<Diagnostic> {
    let today = match today(report) {
        Ok(today) => today,
        Err(reason) => return vec![impossible(&reason)],
    };
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for finding in &report.findings {
        let id = &finding.id;
        if !ids.insert(id) {
            problems.push(format!("the finding `{id}` is listed twice"));
        }
        if let Some(note) = &finding.baseline {
            let reason = day(&note.first_seen, "first_seen", today, "the report's own day").err();
            problems.extend(reason.map(|reason| format!("the finding `{id}` ({}): {reason}", finding.check)));
        }
    }
    let mut ids = BTreeSet::new();
    for finding in report.baseline.iter().flat_map(|baseline| &baseline.resolved_findings) {
        if !ids.insert(&finding.id) {
            problems.push(format!("the resolved finding `{}` is listed twice", finding.id));
        }
        let reason = resolved(finding, today).err();
        problems.extend(
            reason.map(|reason| format!("the resolved finding `{}` ({}): {reason}", finding.id, finding.check)),
        );
    }
    let more = problems.len().saturating_sub(SHOWN);
    problems.truncate(SHOWN);
    problems.extend((more > 0).then(|| format!("{more} more findings have such problems")));
    problems.iter().map(|problem| impossible(problem)).collect()
}

fn impossible(reason: &str) -> Diagnostic {
    not_a_report(reason).help("name the report as `tenure check --format json` wrote it, or make it again")
}

/// The day of the run, which has to be that of its instant.
fn today(report: &Report) -> Result<Date, String> {
    let run = &report.run;
    let as_of: Timestamp =
        run.as_of.parse().map_err(|_| format!("`$.run.as_of`: `{}` is not an instant in UTC", run.as_of))?;
    let zone = Zone::new(&run.time_zone).map_err(|reason| format!("`$.run.time_zone`: {reason}"))?;
    let today = zone.date(as_of);
    if run.today == today.to_string() {
        return Ok(today);
    }
    Err(format!(
        "`$.run.today`: `{}` is not the day of {}, which is {today} in {}",
        run.today, run.as_of, run.time_zone
    ))
}

fn resolved(finding: &ResolvedFinding, today: Date) -> Result<(), String> {
    let resolved_on = day(&finding.resolved_on, "resolved_on", today, "the report's own day")?;
    day(&finding.first_seen, "first_seen", resolved_on, "the day it was resolved on").map(drop)
}

/// A day as Tenure writes it, not after the last one that is possible.
fn day(text: &str, key: &str, last: Date, what: &str) -> Result<Date, String> {
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    let day = day.ok_or_else(|| format!("`{key}` is `{text}`, which is not a day such as `{last}`"))?;
    if day > last {
        return Err(format!("`{key}` is {day}, after {what}, {last}"));
    }
    Ok(day)
}

/// The problem of a file that is no report.
pub(super) fn not_a_report(reason: &str) -> Diagnostic {
    let help = "make a report with `tenure check snapshot.json --format json -o report.json`";
    Diagnostic::error(Code::ReportForm, reason).help(help)
}
