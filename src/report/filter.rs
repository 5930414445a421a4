//! Findings that fit a filter, for every format alike.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    model::{CheckSummary, FilterReport, Finding, Report},
    open::OpenFinding,
    view::Findings,
};

/// A filter of findings, by what the report says of it.
#[derive(Debug, Clone)]
pub struct Filter {
    conditions: FilterReport,
    /// The checks that serve the controls asked for.
    checks: BTreeSet<String>,
}

impl Filter {
    /// A filter. Its counts are those of the findings that it is applied to, whatever `conditions` says.
    #[must_use]
    pub fn new(conditions: FilterReport, checks: &[CheckSummary]) -> Self {
        let checks = checks
            .iter()
            .filter(|check| check.serves_any(&conditions.controls))
            .map(|check| check.check.clone())
            .collect();
        Filter { conditions, checks }
    }

    /// Whether a finding fits.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        let FilterReport { severity, outcomes, systems, people, controls, only_new, .. } = &self.conditions;
        let has = |wanted: &[String], value: Option<&String>| {
            wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
        };
        severity.is_none_or(|least| finding.severity <= least)
            && (outcomes.is_empty() || outcomes.contains(&finding.outcome))
            && has(systems, finding.system.as_ref())
            && has(people, finding.owner.as_ref().map(|owner| &owner.id))
            && (controls.is_empty() || self.checks.contains(&finding.check))
            && (!only_new || finding.baseline.as_ref().is_some_and(|note| note.status.is_new()))
    }

    /// The head of a report of the findings that fit: it says what is hidden. With it, by check, how many open findings
    /// are hidden of which `counts` says that the exit status depends on them.
    #[must_use]
    pub fn head(
        &self,
        head: &Report,
        source: &dyn Findings,
        counts: impl Fn(&OpenFinding) -> bool,
    ) -> (Report, BTreeMap<String, usize>) {
        let (mut listed, mut hidden) = (0_usize, 0_usize);
        let mut deciding: BTreeMap<String, usize> = BTreeMap::new();
        let checks: BTreeMap<&str, &CheckSummary> =
            head.summary.checks.iter().map(|check| (check.check.as_str(), check)).collect();
        for finding in source.findings() {
            if self.fits(&finding) {
                listed += 1;
                continue;
            }
            hidden += 1;
            let open = OpenFinding::of(&finding, checks.get(finding.check.as_str()).copied());
            if open.is_some_and(|open| counts(&open)) {
                *deciding.entry(finding.check.clone()).or_default() += 1;
            }
        }
        let filter = FilterReport { listed, hidden, ..self.conditions.clone() };
        (Report { filter: Some(filter), ..head.without_findings() }, deciding)
    }
}

/// The findings that fit a filter.
pub struct Filtered<'f> {
    source: &'f dyn Findings,
    filter: &'f Filter,
}

impl<'f> Filtered<'f> {
    /// Those of `source`.
    #[must_use]
    pub fn new(source: &'f dyn Findings, filter: &'f Filter) -> Self {
        Filtered { source, filter }
    }
}

impl Findings for Filtered<'_> {
    fn findings(&self) -> Box<dyn Iterator<Item = Cow<'_, Finding>> + '_> {
        Box::new(self.source.findings().filter(|finding| self.filter.fits(finding)))
    }

    fn of_check<'f>(&'f self, check: &'f str) -> Box<dyn Iterator<Item = Cow<'f, Finding>> + 'f> {
        Box::new(self.source.of_check(check).filter(|finding| self.filter.fits(finding)))
    }
}
