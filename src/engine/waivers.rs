//! Waivers: which finding each one lies over, and what is wrong with those that lie over none.

mod approval;
mod limits;
mod series;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::EntityUid;

use crate::{
    bundle::{Waiver, WaiverEntry},
    engine::{
        answer::{Answer, Evaluation, Subject},
        attributes::account_id,
        cedar::entities::Types,
    },
    resolve::ResolvedSnapshot,
};

pub use limits::limit_violations;
pub use series::{WaiverSeries, long_series};
pub use status::{Violation, WaiverStatus};

/// The waivers of an evaluation: what became of each, and which lies over which answer.
#[derive(Debug, Default)]
pub struct Waivers {
    /// By index into the bundle's entries; `None` where the check was not asked.
    pub statuses: Vec<Option<WaiverStatus>>,
    /// Answer index → waiver entry index.
    pub applied: BTreeMap<usize, usize>,
    /// Waiver entry index → everything that it is not allowed to be; the first gives its status.
    pub violations: BTreeMap<usize, Vec<Violation>>,
    /// Waiver entry index → how many findings about levels of one account it lies over, where it names none of the
    /// levels and there are several.
    pub broad: BTreeMap<usize, usize>,
}

/// Lays the bundle's waivers over answers.
#[must_use]
pub fn waive(evaluation: &Evaluation<'_>) -> Waivers {
    let (resolved, answers) = (&evaluation.resolved, &evaluation.answers);
    let mut waivers = Waivers::default();
    let by_subject = named_answers(evaluation);
    for (entry_index, entry) in resolved.bundle.waivers.iter().enumerate() {
        let WaiverEntry::Wellformed(waiver) = entry else {
            waivers.statuses.push(Some(WaiverStatus::Malformed));
            continue;
        };
        let check = resolved.bundle.checks.iter().position(|check| check.id == waiver.check);
        if check.is_some_and(|check| !evaluation.checks.contains(&check)) {
            waivers.statuses.push(None);
            continue;
        }
        let over: Vec<(usize, &Answer)> = check
            .and_then(|check| by_subject.get(&(check, waiver.subject.to_string())))
            .into_iter()
            .flatten()
            .filter_map(|index| Some((*index, answers.get(*index)?)))
            .filter(|(_, answer)| covers(resolved, waiver, answer))
            .collect();
        let open: Vec<(usize, &Answer)> =
            over.iter().copied().filter(|(_, answer)| answer.verdict.outcome.is_open()).collect();
        let violations = violations(evaluation, waiver, over.first().map(|(_, answer)| answer.subject));
        let status = if over.is_empty() {
            WaiverStatus::Orphaned
        } else if waiver.expires < resolved.today {
            WaiverStatus::Expired
        } else if waiver.created > resolved.today {
            WaiverStatus::NotYet
        } else if let Some(violation) = violations.first() {
            violation.status
        } else if open.is_empty() {
            WaiverStatus::Unused
        } else {
            WaiverStatus::Applied
        };
        if status == WaiverStatus::Applied {
            let levels = open.iter().filter(|(_, answer)| answer.level.is_some()).count();
            if waiver.entitlement.is_none() && levels > 1 {
                waivers.broad.insert(entry_index, levels);
            }
            for (index, _) in open {
                waivers.applied.entry(index).or_insert(entry_index);
            }
        }
        if !violations.is_empty() {
            waivers.violations.insert(entry_index, violations);
        }
        waivers.statuses.push(Some(status));
    }
    waivers
}

/// The answers that waivers name, by check and subject; only these are looked at.
fn named_answers(evaluation: &Evaluation<'_>) -> BTreeMap<(usize, String), Vec<usize>> {
    let resolved = &evaluation.resolved;
    let types = Types::parsed().ok();
    let wellformed = resolved.bundle.waivers.iter().filter_map(WaiverEntry::wellformed);
    let wanted: BTreeSet<String> = wellformed.map(|waiver| waiver.subject.to_string()).collect();
    let mut by_subject: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    if wanted.is_empty() {
        return by_subject;
    }
    for (index, answer) in evaluation.answers.iter().enumerate() {
        let Some(uid) = types.as_ref().and_then(|types| subject_uid(resolved, types, answer.subject)) else {
            continue;
        };
        let subject = uid.to_string();
        if wanted.contains(&subject) {
            by_subject.entry((answer.check, subject)).or_default().push(index);
        }
    }
    by_subject
}

/// Everything that a waiver is not allowed to be.
fn violations(evaluation: &Evaluation<'_>, waiver: &Waiver, subject: Option<Subject>) -> Vec<Violation> {
    let limits = &evaluation.waiver_limits;
    let mut violations = limit_violations(waiver, limits);
    let is_unlisted = violations.iter().any(|one| one.status == WaiverStatus::NotApproved);
    let approval = approval::violation(&evaluation.resolved, waiver, limits, subject);
    // Once is enough.
    violations.extend(approval.filter(|one| !is_unlisted || one.status != WaiverStatus::NotApproved));
    violations
}

fn covers(resolved: &ResolvedSnapshot<'_>, waiver: &Waiver, answer: &Answer) -> bool {
    let Some(entitlement) = &waiver.entitlement else { return true };
    let Subject::Account(index) = answer.subject else { return false };
    let (Some(account), Some(level)) = (resolved.account_at(index), &answer.level) else { return false };
    entitlement.type_name().to_string() == "Entitlement"
        && entitlement.id().unescaped() == format!("{}/{level}", account.record.system)
}

/// The entity of a subject.
#[must_use]
pub fn subject_uid(resolved: &ResolvedSnapshot<'_>, types: &Types, subject: Subject) -> Option<EntityUid> {
    match subject {
        Subject::Person(index) => types.uid("Person", resolved.people.get(index)?.id),
        Subject::Account(index) => {
            let account = resolved.account_at(index)?;
            types.uid("Account", &account_id(&account))
        }
        Subject::Organization => types.uid("Organization", &resolved.snapshot.organization.id),
        Subject::System(index) => types.uid("System", resolved.systems.get(index)?.id),
    }
}
