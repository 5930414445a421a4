//! Who approved a waiver, and whether they may: decided by person, not by text.

use jiff::civil::Date;

use crate::{
    bundle::Waiver,
    engine::{
        answer::Subject,
        waivers::status::{Violation, WaiverStatus},
    },
    model::{Account, EmploymentStatus, Fact, WaiverLimits, fold::fold},
    resolve::{ResolvedPerson, ResolvedSnapshot},
};

/// Why `waivers.approvers` rules out the approver of a waiver; `None` if it does not.
pub(in crate::engine) fn unlisted(waiver: &Waiver, limits: &WaiverLimits) -> Option<Violation> {
    if limits.approvers.is_empty() || is_listed(waiver, limits) {
        return None;
    }
    Some(Violation {
        status: WaiverStatus::NotApproved,
        reason: format!("`{}` is not among those who may approve waivers", waiver.approved_by),
        help: "let one of `waivers.approvers` in tenure.yaml agree to it",
    })
}

/// Why the approver of a waiver does not count for its subject. An approver is exactly one person of the snapshot who is
/// not the subject and was employed on the day the waiver was created, or a listed address that is not known to be the
/// subject's. If the owner of an account is unknown, any
/// person may be the owner, so only a listed address counts.
pub(in crate::engine) fn violation(
    resolved: &ResolvedSnapshot<'_>,
    waiver: &Waiver,
    limits: &WaiverLimits,
    subject: Option<Subject>,
) -> Option<Violation> {
    let written = waiver.approver.address.as_str();
    let approvers = people_of(resolved, written);
    let subjects = subject.map(|subject| Subjects::new(resolved, subject)).unwrap_or_default();
    if subjects.is_self(resolved, waiver, &approvers) {
        return Some(Violation {
            status: WaiverStatus::SelfApproved,
            reason: format!("`{}` is the subject, or owns the account or answers for it", waiver.approved_by),
            help: "let another person approve it",
        });
    }
    if let Some(reason) = subjects.unknown_owner.as_deref().filter(|_| !is_listed(waiver, limits)) {
        return Some(Violation {
            status: WaiverStatus::NotApproved,
            reason: format!("`{written}` may be the owner of the account, which is unknown: {reason}"),
            help: "link the account to a person in identities.yaml, or list the address in `waivers.approvers` of tenure.yaml",
        });
    }
    let not_approved = |reason, help| Some(Violation { status: WaiverStatus::NotApproved, reason, help });
    const NAME_ONE: &str =
        "name one person by their work address, or list the address in `waivers.approvers` of tenure.yaml";
    match (approvers.as_slice(), is_listed(waiver, limits)) {
        ([approver], false) => {
            let reason = subjects
                .namesake(resolved, *approver)
                .or_else(|| not_employed(&resolved.person(*approver)?, waiver.created))?;
            let help = "let another person approve it, or list the address in `waivers.approvers` of tenure.yaml";
            not_approved(reason, help)
        }
        ([], true) => {
            let id = subjects.without_address(resolved)?;
            let reason = format!(
                "no person is known to have the address `{written}`, and the waiver is for `{id}`, whose address is unknown"
            );
            not_approved(reason, NAME_ONE)
        }
        (_, true) => None,
        ([], false) => {
            let reason = format!(
                "no person in the staff list has the address `{written}`, and it is not among `waivers.approvers`"
            );
            not_approved(reason, NAME_ONE)
        }
        (several, false) => {
            not_approved(format!("`{written}` belongs to {} people of the staff list", several.len()), NAME_ONE)
        }
    }
}

/// Whether `waivers.approvers` lists the address.
fn is_listed(waiver: &Waiver, limits: &WaiverLimits) -> bool {
    let written = fold(&waiver.approver.address);
    limits.approvers.iter().any(|one| fold(one) == written)
}

/// Why a person was not employed, or may not have been, on the day a waiver was created.
fn not_employed(person: &ResolvedPerson<'_>, created: Date) -> Option<String> {
    let ResolvedPerson { id, status, .. } = person;
    let reason = match (person.end_date, status) {
        (Fact::Known(end), _) => (end < created).then(|| format!("left on {end}, before {created}")),
        (Fact::Empty, Fact::Known(EmploymentStatus::Offboarded)) => Some("left on a day that is unknown".to_owned()),
        (Fact::Empty, Fact::Known(_)) => None,
        (Fact::Empty, Fact::Empty | Fact::Unknown) | (Fact::Unknown, _) => {
            Some("may have left: the last day or the status is unknown".to_owned())
        }
    };
    let reason = reason.or_else(|| match (person.start_date, status) {
        (Fact::Known(start), _) => (start > created).then(|| format!("joined on {start}, after {created}")),
        (Fact::Empty, Fact::Known(EmploymentStatus::NewHire)) => Some("has not started yet".to_owned()),
        (Fact::Empty, Fact::Known(_)) => None,
        (Fact::Empty, Fact::Empty | Fact::Unknown) | (Fact::Unknown, _) => {
            Some("may not have started: the first day or the status is unknown".to_owned())
        }
    });
    reason.map(|reason| format!("`{id}` {reason}"))
}

/// The people of an address, each once.
fn people_of(resolved: &ResolvedSnapshot<'_>, address: &str) -> Vec<usize> {
    let mut people = resolved.people_of_address(address);
    people.sort_unstable();
    people.dedup();
    people
}

/// The people whom a waiver excuses.
#[derive(Default)]
struct Subjects {
    /// The person, or those who own the account, may own it or answer for it.
    people: Vec<usize>,
    /// The address of the account.
    address: Option<String>,
    /// Why the owner of the account is unknown, if it is.
    unknown_owner: Option<String>,
}

impl Subjects {
    fn new(resolved: &ResolvedSnapshot<'_>, subject: Subject) -> Self {
        match subject {
            Subject::System(_) | Subject::Organization => Subjects::default(),
            Subject::Person(index) => Subjects { people: vec![index], ..Subjects::default() },
            Subject::Account(index) => resolved.account_at(index).map_or_else(Subjects::default, |account| {
                let people =
                    account.owner.known().into_iter().chain(account.responsible.known()).chain(&account.candidates);
                // Declared people count, even if evidence against the declaration withholds them.
                let declared =
                    account.mapping.into_iter().flat_map(|mapping| [&mapping.entry.person, &mapping.entry.owner]);
                let declared = declared.flatten().filter_map(|id| resolved.person_index(id));
                let record: &Account = &account.record;
                let reason = || account.unknown.get("owner").map(ToString::to_string).unwrap_or_default();
                Subjects {
                    people: people.copied().chain(declared).collect(),
                    address: record.email.known().cloned(),
                    unknown_owner: account.owner.is_unknown().then(reason),
                }
            }),
        }
    }

    /// Whether the approver is one of them: by any address with or without its `+tag`, or by the name, number or id that
    /// stands before the address.
    fn is_self(&self, resolved: &ResolvedSnapshot<'_>, waiver: &Waiver, approvers: &[usize]) -> bool {
        let tagless = waiver.approver.without_tag();
        let same_mailbox = tagless.as_deref().map(|address| people_of(resolved, address)).unwrap_or_default();
        let is_own = |address: &str| self.address.as_deref().is_some_and(|own| fold(own) == fold(address));
        let is_named = |index: usize| {
            let Some(name) = waiver.approver.name.as_deref() else { return false };
            resolved.person(index).is_some_and(|person| {
                let texts = [person.name.known().copied(), person.employee_number.known().copied(), Some(person.id)];
                texts.into_iter().flatten().any(|text| words(text) == words(name))
            })
        };
        is_own(&waiver.approver.address)
            || tagless.as_deref().is_some_and(is_own)
            || self
                .people
                .iter()
                .any(|index| approvers.contains(index) || same_mailbox.contains(index) || is_named(*index))
    }

    /// Why the approver may be one of them under another record: they have one name.
    fn namesake(&self, resolved: &ResolvedSnapshot<'_>, approver: usize) -> Option<String> {
        let name = |index: usize| resolved.person(index)?.name.known().map(|name| words(name));
        let approver = name(approver)?;
        let namesake = self.people.iter().find(|index| name(**index).as_ref() == Some(&approver))?;
        let id = resolved.person(*namesake)?.id.to_owned();
        Some(format!(
            "the approver has the name of `{id}`, who is the subject or owns the account, and may be the same person"
        ))
    }

    /// The id of one of them whose work address is unknown, so that any address may be theirs.
    fn without_address(&self, resolved: &ResolvedSnapshot<'_>) -> Option<String> {
        let people = self.people.iter().filter_map(|index| resolved.person(*index));
        let mut hidden = people.filter(|person| person.work_email.is_unknown());
        hidden.next().map(|person| person.id.to_owned())
    }
}

/// A name as it is compared: its words, folded, in any order.
fn words(name: &str) -> Vec<String> {
    let words = name.split(|letter: char| letter.is_whitespace() || letter == ',').filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(|word| fold(word).into_owned()).collect();
    words.sort_unstable();
    words
}
