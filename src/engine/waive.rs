//! Waivers: which finding each one lies over, and what is wrong with those that lie over none.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::EntityUid;

use super::{
    entities::Types,
    evaluate::{Answer, Evaluation, Subject},
    resolve::Situation,
};
use crate::bundle::{Waiver, WaiverEntry};

vocabulary! {
    /// What became of a waiver.
    WaiverStatus {
        /// It lies over at least one finding.
        Applied = "applied",
        /// Its last day has passed.
        Expired = "expired",
        /// It was created after the day that is judged.
        NotYet = "not-yet",
        /// Its subject or its check is not there.
        Orphaned = "orphaned",
        /// What it would excuse does not fail.
        Unused = "unused",
        /// It cannot be read.
        Malformed = "malformed",
    }
}

/// The waivers of an evaluation: what became of each, and which lies over which answer.
#[derive(Debug, Default)]
pub struct Waivers {
    /// By index into the bundle's entries; `None` where the check was not asked.
    pub statuses: Vec<Option<WaiverStatus>>,
    /// Answer index → waiver entry index.
    pub applied: BTreeMap<usize, usize>,
}

/// Lays the bundle's waivers over answers.
#[must_use]
pub fn waive(evaluation: &Evaluation<'_>) -> Waivers {
    let (situation, answers) = (&evaluation.situation, &evaluation.answers);
    let types = Types::new().ok();
    let mut waivers = Waivers::default();
    // Only the answers that a waiver names are looked at.
    let mut by_subject: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    let wanted: BTreeSet<String> = situation
        .bundle
        .waivers
        .iter()
        .filter_map(|entry| match entry {
            WaiverEntry::Wellformed(waiver) => Some(waiver.subject.to_string()),
            WaiverEntry::Malformed { .. } => None,
        })
        .collect();
    if !wanted.is_empty() {
        for (index, answer) in answers.iter().enumerate() {
            let Some(uid) = types.as_ref().and_then(|types| subject_uid(situation, types, answer.subject)) else {
                continue;
            };
            let subject = uid.to_string();
            if wanted.contains(&subject) {
                by_subject.entry((answer.check, subject)).or_default().push(index);
            }
        }
    }
    for (entry_index, entry) in situation.bundle.waivers.iter().enumerate() {
        let WaiverEntry::Wellformed(waiver) = entry else {
            waivers.statuses.push(Some(WaiverStatus::Malformed));
            continue;
        };
        let check = situation.bundle.checks.iter().position(|check| check.id == waiver.check);
        if check.is_some_and(|check| !evaluation.checks.contains(&check)) {
            waivers.statuses.push(None);
            continue;
        }
        let over: Vec<usize> = check
            .and_then(|check| by_subject.get(&(check, waiver.subject.to_string())))
            .into_iter()
            .flatten()
            .copied()
            .filter(|index| answers.get(*index).is_some_and(|answer| covers(situation, waiver, answer)))
            .collect();
        let failing: Vec<usize> = over
            .iter()
            .copied()
            .filter(|index| answers.get(*index).is_some_and(|answer| answer.verdict.outcome.is_open()))
            .collect();
        let status = if over.is_empty() {
            WaiverStatus::Orphaned
        } else if waiver.expires < situation.today {
            WaiverStatus::Expired
        } else if waiver.created > situation.today {
            WaiverStatus::NotYet
        } else if failing.is_empty() {
            WaiverStatus::Unused
        } else {
            WaiverStatus::Applied
        };
        if status == WaiverStatus::Applied {
            for index in failing {
                waivers.applied.entry(index).or_insert(entry_index);
            }
        }
        waivers.statuses.push(Some(status));
    }
    waivers
}

fn covers(situation: &Situation<'_>, waiver: &Waiver, answer: &Answer) -> bool {
    let Some(entitlement) = &waiver.entitlement else { return true };
    let Subject::Account(index) = answer.subject else { return false };
    let (Some(account), Some(level)) = (situation.accounts.get(index), &answer.level) else { return false };
    entitlement.type_name().to_string() == "Entitlement"
        && entitlement.id().unescaped() == format!("{}/{level}", account.record.system)
}

/// The entity of a subject.
#[must_use]
pub fn subject_uid(situation: &Situation<'_>, types: &Types, subject: Subject) -> Option<EntityUid> {
    match subject {
        Subject::Person(index) => types.uid("Person", situation.people.get(index)?.id),
        Subject::Account(index) => types.uid("Account", &super::entities::account_id(situation.accounts.get(index)?)),
        Subject::System(index) => types.uid("System", situation.systems.get(index)?.id),
    }
}
