//! What became otherwise from one report to another.

use std::collections::BTreeMap;

use super::model::{Finding, Report};

/// A finding that is not what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed<'r> {
    /// As it was; none where the question was not asked before.
    pub before: Option<&'r Finding>,
    /// As it is; none where the question is no longer asked.
    pub after: Option<&'r Finding>,
}

/// Findings with another outcome, message or waiver, those that are new and those that are gone, in the order of the
/// later report, with what is gone at the end. Both reports have to list every finding.
#[must_use]
pub fn between<'r>(before: &'r Report, after: &'r Report) -> Vec<Changed<'r>> {
    let mut known: BTreeMap<&str, &Finding> =
        before.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut changed = Vec::new();
    for finding in &after.findings {
        match known.remove(finding.id.as_str()) {
            Some(old) if same(old, finding) => {}
            old => changed.push(Changed { before: old, after: Some(finding) }),
        }
    }
    let gone = before.findings.iter().filter(|finding| known.contains_key(finding.id.as_str()));
    changed.extend(gone.map(|finding| Changed { before: Some(finding), after: None }));
    changed
}

fn same(one: &Finding, two: &Finding) -> bool {
    (one.outcome, &one.message, &one.waiver) == (two.outcome, &two.message, &two.waiver)
}
