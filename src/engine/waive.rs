//! Waivers: which finding each one lies over, and what is wrong with those that lie over none.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::EntityUid;

use super::{
    entities::Types,
    evaluate::{Answer, Evaluation, Subject},
};
use crate::{
    bundle::{Waiver, WaiverEntry, data::org_roles::fold},
    diagnostic::counted,
    model::WaiverLimits,
    resolve::Situation,
};

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
        /// Its last day lies further after its first than is allowed.
        TooLong = "too-long",
        /// Whoever approved it is not one of those who may.
        NotApproved = "not-approved",
        /// Whoever approved it is its subject, or owns the account or answers for it.
        SelfApproved = "self-approved",
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
    /// Waiver entry index → everything that it is not allowed to be; the first is its status.
    pub breaches: BTreeMap<usize, Vec<WaiverStatus>>,
    /// Waiver entry index → how many findings about levels of one account it lies over, where it names none of the
    /// levels and there are several.
    pub broad: BTreeMap<usize, usize>,
}

/// Lays the bundle's waivers over answers.
#[must_use]
pub fn waive(evaluation: &Evaluation<'_>) -> Waivers {
    let (situation, answers) = (&evaluation.situation, &evaluation.answers);
    let mut waivers = Waivers::default();
    let by_subject = named_answers(evaluation);
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
        let over: Vec<(usize, &Answer)> = check
            .and_then(|check| by_subject.get(&(check, waiver.subject.to_string())))
            .into_iter()
            .flatten()
            .filter_map(|index| Some((*index, answers.get(*index)?)))
            .filter(|(_, answer)| covers(situation, waiver, answer))
            .collect();
        let open: Vec<(usize, &Answer)> =
            over.iter().copied().filter(|(_, answer)| answer.verdict.outcome.is_open()).collect();
        let breaches = breaches(evaluation, waiver, over.first().map(|(_, answer)| answer.subject));
        let status = if over.is_empty() {
            WaiverStatus::Orphaned
        } else if waiver.expires < situation.today {
            WaiverStatus::Expired
        } else if waiver.created > situation.today {
            WaiverStatus::NotYet
        } else if let Some(breach) = breaches.first() {
            *breach
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
        if !breaches.is_empty() {
            waivers.breaches.insert(entry_index, breaches);
        }
        waivers.statuses.push(Some(status));
    }
    waivers
}

/// The answers that waivers name, by check and subject; only these are looked at.
fn named_answers(evaluation: &Evaluation<'_>) -> BTreeMap<(usize, String), Vec<usize>> {
    let situation = &evaluation.situation;
    let types = Types::parsed().ok();
    let wellformed = situation.bundle.waivers.iter().filter_map(WaiverEntry::wellformed);
    let wanted: BTreeSet<String> = wellformed.map(|waiver| waiver.subject.to_string()).collect();
    let mut by_subject: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    if wanted.is_empty() {
        return by_subject;
    }
    for (index, answer) in evaluation.answers.iter().enumerate() {
        let Some(uid) = types.as_ref().and_then(|types| subject_uid(situation, types, answer.subject)) else {
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
fn breaches(evaluation: &Evaluation<'_>, waiver: &Waiver, subject: Option<Subject>) -> Vec<WaiverStatus> {
    let mut breaches = beyond(waiver, &evaluation.waiver_limits);
    if subject.is_some_and(|subject| is_self_approved(&evaluation.situation, waiver, subject)) {
        breaches.push(WaiverStatus::SelfApproved);
    }
    breaches
}

/// What of the limits a waiver is beyond.
#[must_use]
pub fn beyond(waiver: &Waiver, limits: &WaiverLimits) -> Vec<WaiverStatus> {
    let days = (waiver.expires - waiver.created).get_days();
    let approver = fold(address(&waiver.approved_by));
    let mut beyond = Vec::new();
    if limits.max_days.is_some_and(|most| days > i32::from(most)) {
        beyond.push(WaiverStatus::TooLong);
    }
    if !limits.approvers.is_empty() && !limits.approvers.iter().any(|one| fold(one) == approver) {
        beyond.push(WaiverStatus::NotApproved);
    }
    beyond
}

/// What of a waiver is not allowed, in words; nothing of a status that is no breach.
#[must_use]
pub fn breach(status: WaiverStatus, waiver: &Waiver, limits: &WaiverLimits) -> String {
    match (status, limits.max_days) {
        (WaiverStatus::TooLong, Some(most)) => {
            format!(
                "it ends on {}, more than {} after {}",
                waiver.expires,
                counted(most.into(), "day", "days"),
                waiver.created
            )
        }
        (WaiverStatus::NotApproved, _) => {
            format!("`{}` is not among those who may approve waivers", waiver.approved_by)
        }
        (WaiverStatus::SelfApproved, _) => {
            format!("`{}` is the subject, or owns the account or answers for it", waiver.approved_by)
        }
        _ => String::new(),
    }
}

/// Nobody agrees to an exception of their own: by any address of the person, the owner, whoever might be the owner, or
/// whoever answers for the account.
fn is_self_approved(situation: &Situation<'_>, waiver: &Waiver, subject: Subject) -> bool {
    let written = address(&waiver.approved_by);
    let mut approvers = situation.people_of_address(written);
    approvers.extend(situation.person_index(written));
    match subject {
        Subject::System(_) => false,
        Subject::Person(index) => approvers.contains(&index),
        Subject::Account(index) => situation.account_at(index).is_some_and(|account| {
            let own = account.record.email.known().is_some_and(|own| fold(own) == fold(written));
            let people =
                account.owner.known().into_iter().chain(account.responsible.known()).chain(&account.candidates);
            own || people.into_iter().any(|person| approvers.contains(person))
        }),
    }
}

/// The address in `Name <address>`.
fn address(text: &str) -> &str {
    let inner = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    inner.map_or(text, |(_, address)| address).trim()
}

fn covers(situation: &Situation<'_>, waiver: &Waiver, answer: &Answer) -> bool {
    let Some(entitlement) = &waiver.entitlement else { return true };
    let Subject::Account(index) = answer.subject else { return false };
    let (Some(account), Some(level)) = (situation.account_at(index), &answer.level) else { return false };
    entitlement.type_name().to_string() == "Entitlement"
        && entitlement.id().unescaped() == format!("{}/{level}", account.record.system)
}

/// The entity of a subject.
#[must_use]
pub fn subject_uid(situation: &Situation<'_>, types: &Types, subject: Subject) -> Option<EntityUid> {
    match subject {
        Subject::Person(index) => types.uid("Person", situation.people.get(index)?.id),
        Subject::Account(index) => {
            let account = situation.account_at(index)?;
            types.uid("Account", &super::entities::account_id(&account))
        }
        Subject::System(index) => types.uid("System", situation.systems.get(index)?.id),
    }
}
