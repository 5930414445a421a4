//! How often findings fail or are unknown, by check, system, rule and owner.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    model::{Clock, Finding, RuleStatus},
    view::View,
};
use crate::bundle::Outcome;

/// Rows shown of each table: an organisation may have thousands of owners.
const ROWS: usize = 30;

/// Counts of the findings that fail or are unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) fail: usize,
    pub(super) unknown: usize,
    /// Of both, those under a waiver.
    pub(super) waived: usize,
    /// Of both without a waiver, those past their due day.
    pub(super) overdue: usize,
}

impl Tally {
    fn add(&mut self, finding: &Finding) {
        match finding.outcome {
            Outcome::Fail => self.fail += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::Pass | Outcome::Exempt | Outcome::NotApplicable => return,
        }
        let is_waived = finding.waiver.is_some();
        let is_overdue = finding.clock.as_ref().is_some_and(Clock::is_overdue);
        self.waived += usize::from(is_waived);
        self.overdue += usize::from(is_overdue && !is_waived);
    }
}

/// Counts by one property of findings, the highest first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statistics {
    /// The property.
    pub(super) by: &'static str,
    pub(super) rows: Vec<(String, Tally)>,
    /// How many further rows there are.
    pub(super) further: usize,
}

/// The properties, and the values that a finding has of each.
type Property = (&'static str, fn(&Finding) -> BTreeSet<String>);

const PROPERTIES: [Property; 4] = [("check", check), ("system", system), ("rule", rules), ("owner", owner)];

/// The statistics of a report.
pub(super) fn statistics(view: &View<'_>) -> Vec<Statistics> {
    let mut tables: Vec<(&Property, BTreeMap<String, Tally>)> =
        PROPERTIES.iter().map(|property| (property, BTreeMap::new())).collect();
    for finding in view.findings().filter(|finding| finding.outcome.is_open()) {
        for ((_, values), table) in &mut tables {
            for value in values(&finding) {
                table.entry(value).or_default().add(&finding);
            }
        }
    }
    let finish = |((by, _), table): (&Property, BTreeMap<String, Tally>)| {
        let mut rows: Vec<(String, Tally)> = table.into_iter().collect();
        rows.sort_by_key(|(_, tally)| Reverse(tally.fail + tally.unknown));
        let further = rows.len().saturating_sub(ROWS);
        rows.truncate(ROWS);
        Statistics { by, rows, further }
    };
    tables.into_iter().map(finish).collect()
}

fn check(finding: &Finding) -> BTreeSet<String> {
    BTreeSet::from([finding.check.clone()])
}

fn system(finding: &Finding) -> BTreeSet<String> {
    BTreeSet::from([finding.system.clone().unwrap_or_else(|| "no system".to_owned())])
}

/// The rules that decided; a finding may rest on several.
fn rules(finding: &Finding) -> BTreeSet<String> {
    let decided = finding.reasons.iter().filter(|reason| reason.bearing != RuleStatus::NotSatisfied);
    let rules: BTreeSet<String> = decided.map(|reason| reason.rule.clone()).collect();
    if rules.is_empty() { BTreeSet::from(["no rule matched".to_owned()]) } else { rules }
}

fn owner(finding: &Finding) -> BTreeSet<String> {
    let owner = finding.owner.as_ref().map(|owner| owner.named());
    BTreeSet::from([owner.unwrap_or_else(|| "no known owner".to_owned())])
}
