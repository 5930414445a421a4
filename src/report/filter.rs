//! Findings that fit a filter, for every format alike.

use std::{borrow::Cow, collections::BTreeSet};

use super::{
    model::{CheckSummary, FilterReport, Finding, Report},
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
        let serves = |check: &&CheckSummary| {
            let mut wanted = conditions.controls.iter();
            wanted.any(|wanted| check.controls.iter().any(|control| is_control(control, wanted)))
        };
        let checks = checks.iter().filter(serves).map(|check| check.check.clone()).collect();
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

    /// The head of a report of the findings that fit: it says what is hidden.
    #[must_use]
    pub fn head(&self, head: &Report, source: &dyn Findings) -> Report {
        let (mut listed, mut all) = (0_usize, 0_usize);
        for finding in source.findings() {
            all += 1;
            listed += usize::from(self.fits(&finding));
        }
        let filter = FilterReport { listed, hidden: all - listed, ..self.conditions.clone() };
        Report { filter: Some(filter), ..head.without_findings() }
    }
}

/// Whether a control, `framework:control`, is the one that is wanted, or of the framework that is, in any case of ASCII.
#[must_use]
pub fn is_control(control: &str, wanted: &str) -> bool {
    let framework = control.split_once(':').map(|(framework, _)| framework);
    control.eq_ignore_ascii_case(wanted) || framework.is_some_and(|framework| framework.eq_ignore_ascii_case(wanted))
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
