//! An earlier report, by which findings are new, known, reopened or resolved. It hides none of them.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{BaselineNote, BaselineReport, BaselineStatus, Report, ResolvedFinding};
use crate::bundle::Outcome;

/// An earlier report, as far as a later one is compared with it.
#[derive(Debug, Clone)]
pub struct Baseline {
    as_of: String,
    snapshot: String,
    bundle: String,
    /// The checks that it asked.
    checks: BTreeSet<String>,
    /// What was open, by id, in the form in which it would be resolved.
    open: BTreeMap<String, ResolvedFinding>,
    /// What was resolved then or before, by id.
    resolved: BTreeMap<String, ResolvedFinding>,
}

impl Baseline {
    /// Of an earlier report.
    #[must_use]
    pub fn of(report: Report) -> Self {
        let Report { run, summary, baseline, findings, .. } = report;
        let open = findings.into_iter().filter(|finding| finding.outcome.is_open()).map(|finding| {
            let first_seen = finding.baseline.map(|note| note.first_seen);
            let resolved = ResolvedFinding {
                id: finding.id.clone(),
                check: finding.check,
                subject: finding.subject,
                entitlement: finding.entitlement,
                severity: finding.severity,
                was: finding.outcome,
                now: None,
                first_seen: first_seen.unwrap_or_else(|| run.today.clone()),
                resolved_on: String::new(),
            };
            (finding.id, resolved)
        });
        let resolved = baseline.into_iter().flat_map(|baseline| baseline.resolved_findings);
        Baseline {
            open: open.collect(),
            resolved: resolved.map(|finding| (finding.id.clone(), finding)).collect(),
            checks: summary.checks.into_iter().map(|check| check.check).collect(),
            as_of: run.as_of,
            snapshot: run.snapshot,
            bundle: run.bundle,
        }
    }

    /// The subjects, as type and id, whose every answer has to be kept to tell what is resolved.
    #[must_use]
    pub fn subjects(&self) -> BTreeSet<(String, String)> {
        self.open.values().map(|finding| (finding.subject.kind.clone(), finding.subject.id.clone())).collect()
    }

    /// Whether it asked a check.
    #[must_use]
    pub fn asked(&self, check: &str) -> bool {
        self.checks.contains(check)
    }

    /// How a finding stands to it, as of a day; none for what is in order and was.
    pub(super) fn note(&self, id: &str, outcome: Outcome, today: &str) -> Option<BaselineNote> {
        let earlier = self.open.get(id);
        let (status, first_seen) = match (outcome.is_open(), earlier, self.resolved.get(id)) {
            (true, Some(earlier), _) => (BaselineStatus::Known, earlier.first_seen.as_str()),
            (true, None, Some(resolved)) => (BaselineStatus::Reopened, resolved.first_seen.as_str()),
            (true, None, None) => (BaselineStatus::New, today),
            (false, Some(earlier), _) => (BaselineStatus::Resolved, earlier.first_seen.as_str()),
            (false, None, _) => return None,
        };
        // The organisation's time zone may have changed since, so that the day of that report is still to come here.
        Some(BaselineNote { status, first_seen: first_seen.min(today).to_owned() })
    }

    /// What changed since. `answers` are the ids and outcomes of what was open or is, as far as it was asked; of
    /// `checks` nothing else was.
    pub(super) fn compare(
        &self,
        answers: &BTreeMap<String, Outcome>,
        checks: &BTreeSet<&str>,
        today: &str,
    ) -> BaselineReport {
        let mut report = BaselineReport {
            as_of: self.as_of.clone(),
            snapshot: self.snapshot.clone(),
            bundle: self.bundle.clone(),
            new: 0,
            known: 0,
            reopened: 0,
            resolved: 0,
            resolved_findings: Vec::new(),
        };
        for (id, outcome) in answers {
            match self.note(id, *outcome, today).map(|note| note.status) {
                Some(BaselineStatus::New) => report.new += 1,
                Some(BaselineStatus::Known) => report.known += 1,
                Some(BaselineStatus::Reopened) => report.reopened += 1,
                Some(BaselineStatus::Resolved) | None => {}
            }
        }
        let is_open = |id: &String| answers.get(id).is_some_and(|outcome| outcome.is_open());
        let before =
            self.resolved.values().filter(|finding| !is_open(&finding.id) && !self.open.contains_key(&finding.id));
        let now = self.open.values().filter(|finding| checks.contains(finding.check.as_str()) && !is_open(&finding.id));
        let now = now.map(|finding| ResolvedFinding {
            now: answers.get(&finding.id).copied(),
            first_seen: finding.first_seen.as_str().min(today).to_owned(),
            resolved_on: today.to_owned(),
            ..finding.clone()
        });
        let now: Vec<ResolvedFinding> = now.collect();
        report.resolved = now.len();
        let before = before.map(|finding| ResolvedFinding {
            first_seen: finding.first_seen.as_str().min(today).to_owned(),
            resolved_on: finding.resolved_on.as_str().min(today).to_owned(),
            ..finding.clone()
        });
        report.resolved_findings = before.chain(now).collect();
        report
            .resolved_findings
            .sort_by(|a, b| (&a.check, &a.subject.id, &a.id).cmp(&(&b.check, &b.subject.id, &b.id)));
        report
    }
}
