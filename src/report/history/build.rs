//! From reports to a trend.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{CheckHistory, History, HistoryReport, SCHEMA_VERSION};
use crate::report::model::{CheckSummary, Report};

/// The trend of reports of one organisation, each with its file. Of two that say the same one is enough; what a check
/// counts is never taken for zero where it was not asked.
#[must_use]
pub fn of(mut reports: Vec<(String, Report)>) -> History {
    reports.sort_by(|(one, a), (two, b)| {
        let key = |report: &Report| (report.run.as_of.clone(), report.run.snapshot.clone(), report.run.bundle.clone());
        (key(a), one).cmp(&(key(b), two))
    });
    let last = reports.last().map(|(_, report)| report.run.clone());
    let mut tracks: BTreeMap<String, Track> = BTreeMap::new();
    for (index, (_, report)) in reports.iter().enumerate() {
        for check in &report.summary.checks {
            tracks.entry(check.check.clone()).or_insert_with(|| Track::new(check)).add(index, check, report);
        }
    }
    let count = reports.len();
    History {
        schema_version: SCHEMA_VERSION.to_owned(),
        organization: last.as_ref().map(|run| run.organization.clone()).unwrap_or_default(),
        organization_name: last.map(|run| run.organization_name).unwrap_or_default(),
        reports: reports
            .into_iter()
            .map(|(file, report)| HistoryReport {
                file,
                as_of: report.run.as_of,
                today: report.run.today,
                snapshot: report.run.snapshot,
                bundle: report.run.bundle,
            })
            .collect(),
        checks: tracks.into_values().map(|track| track.finish(count)).collect(),
    }
}

/// A check while its reports are gone through.
struct Track {
    history: CheckHistory,
    /// The findings that are open, with the day since when.
    open: BTreeMap<String, Date>,
    /// What was resolved, with the day, so that nothing is counted twice that later reports tell again.
    resolved: BTreeSet<(String, Date)>,
    /// How many days each took.
    days: Vec<i64>,
    today: Option<Date>,
}

impl Track {
    fn new(check: &CheckSummary) -> Self {
        let history = CheckHistory {
            check: check.check.clone(),
            title: check.title.clone(),
            severity: check.severity,
            counts: Vec::new(),
            resolved: 0,
            reopened: 0,
            mean_days_to_resolve: None,
            median_days_to_resolve: None,
            open: 0,
            oldest_open_days: None,
        };
        Track { history, open: BTreeMap::new(), resolved: BTreeSet::new(), days: Vec::new(), today: None }
    }

    fn add(&mut self, index: usize, check: &CheckSummary, report: &Report) {
        self.history.counts.resize(index, None);
        self.history.counts.push(Some(check.counts.clone()));
        self.history.title.clone_from(&check.title);
        self.history.severity = check.severity;
        let Ok(today) = report.run.today.parse::<Date>() else { return };
        self.today = Some(today);
        self.told(check, report);
        let findings = report.findings.iter().filter(|one| one.check == check.check && one.outcome.is_open());
        let mut now: BTreeMap<String, Date> = BTreeMap::new();
        for finding in findings {
            // Known from before these reports, where the report itself was compared with an earlier one.
            let first_seen = finding.baseline.as_ref().and_then(|note| note.first_seen.parse().ok());
            let since = match self.open.get(&finding.id) {
                Some(since) => *since,
                None if self.resolved.iter().any(|(id, _)| *id == finding.id) => {
                    self.history.reopened += 1;
                    today
                }
                None => first_seen.unwrap_or(today),
            };
            now.insert(finding.id.clone(), since);
        }
        let before = std::mem::replace(&mut self.open, now);
        for (id, since) in before {
            if !self.open.contains_key(&id) {
                self.resolve(id, since, today);
            }
        }
    }

    /// What the report itself says was resolved, perhaps on a day of which there is no report here.
    fn told(&mut self, check: &CheckSummary, report: &Report) {
        let resolved = report.baseline.iter().flat_map(|baseline| &baseline.resolved_findings);
        for finding in resolved.filter(|finding| finding.check == check.check) {
            let (Ok(since), Ok(day)) = (finding.first_seen.parse::<Date>(), finding.resolved_on.parse::<Date>()) else {
                continue;
            };
            let since = self.open.remove(&finding.id).unwrap_or(since);
            self.resolve(finding.id.clone(), since, day);
        }
    }

    fn resolve(&mut self, id: String, since: Date, day: Date) {
        if self.resolved.insert((id, day)) {
            self.days.push(i64::from((day - since).get_days()));
        }
    }

    fn finish(mut self, reports: usize) -> CheckHistory {
        self.history.counts.resize(reports, None);
        self.days.sort_unstable();
        self.history.resolved = self.days.len();
        self.history.mean_days_to_resolve = mean(&self.days);
        self.history.median_days_to_resolve = median(&self.days);
        self.history.open = self.open.len();
        let oldest = self.open.values().min().zip(self.today);
        self.history.oldest_open_days = oldest.map(|(since, today)| i64::from((today - *since).get_days()));
        self.history
    }
}

/// To a tenth of a day.
fn mean(days: &[i64]) -> Option<f64> {
    let count = i64::try_from(days.len()).ok().filter(|count| *count > 0)?;
    // In whole numbers, so that the same days give the same digits everywhere.
    let tenths = (days.iter().sum::<i64>() * 20 + count) / (count * 2);
    Some(tenths_of(tenths))
}

fn median(days: &[i64]) -> Option<f64> {
    let middle = days.len() / 2;
    let upper = days.get(middle)?;
    let lower = if days.len().is_multiple_of(2) { days.get(middle.checked_sub(1)?)? } else { upper };
    Some(tenths_of((upper + lower) * 5))
}

#[allow(clippy::cast_precision_loss, reason = "days are few")]
fn tenths_of(tenths: i64) -> f64 {
    tenths as f64 / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_medians_are_to_a_tenth_of_a_day() {
        assert_eq!((mean(&[]), median(&[])), (None, None));
        assert_eq!((mean(&[1, 2]), median(&[1, 2])), (Some(1.5), Some(1.5)));
        assert_eq!((mean(&[1, 1, 2]), median(&[1, 1, 2])), (Some(1.3), Some(1.0)));
        assert_eq!((mean(&[0, 10, 20, 30]), median(&[0, 10, 20, 30])), (Some(15.0), Some(15.0)));
    }
}
