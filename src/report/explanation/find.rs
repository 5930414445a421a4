//! What an explanation is asked for: a finding by its id, a subject by any of its names.

use std::collections::{BTreeSet, HashSet};

use crate::{
    bundle::CheckTarget,
    engine::{account_id, answer::Subject, judged},
    model::fold::fold,
    report::ids::answer_id,
    resolve::ResolvedSnapshot,
};

/// A question by the id of its finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The finding's id.
    pub id: String,
    /// Id of the check.
    pub check: String,
    /// The subject.
    pub subject: Subject,
    /// The level, for checks asked of entitlements; none there for the finding that the levels are unknown.
    pub level: Option<String>,
}

/// The check and the subject of the finding of this id, were it asked.
#[must_use]
pub fn finding(resolved: &ResolvedSnapshot<'_>, id: &str) -> Option<(String, Subject)> {
    questions(resolved).find(|named| named.id == id).map(|named| (named.check, named.subject))
}

/// Every question whose finding's id begins with these letters, in the order of checks and subjects.
#[must_use]
pub fn findings(resolved: &ResolvedSnapshot<'_>, start: &str) -> Vec<Named> {
    questions(resolved).filter(|named| named.id.starts_with(start)).collect()
}

/// Everything that may be asked.
fn questions<'s>(resolved: &'s ResolvedSnapshot<'_>) -> impl Iterator<Item = Named> + 's {
    let asked = resolved.bundle.checks.iter().flat_map(|check| check.targets.iter().map(move |one| (check, *one)));
    asked.flat_map(move |(check, target)| {
        let subjects: Box<dyn Iterator<Item = Subject>> = match target {
            CheckTarget::PersonInOrganization => Box::new((0..resolved.people.len()).map(Subject::Person)),
            CheckTarget::OrganizationItself => Box::new(std::iter::once(Subject::Organization)),
            CheckTarget::SystemInOrganization => Box::new((0..resolved.systems.len()).map(Subject::System)),
            CheckTarget::AccountInSystem => Box::new((0..resolved.accounts.len()).map(Subject::Account)),
            // A system that gives no levels has one finding in place of those of its accounts.
            CheckTarget::AccountHoldsEntitlement => {
                let accounts = (0..resolved.accounts.len()).map(Subject::Account);
                let systems = (0..resolved.systems.len()).filter(|system| resolved.says_no_levels(*system));
                Box::new(accounts.chain(systems.map(Subject::System)))
            }
        };
        subjects.flat_map(move |subject| {
            let mut levels = vec![None];
            if let (CheckTarget::AccountHoldsEntitlement, Subject::Account(index)) = (target, subject) {
                let account = resolved.accounts.loaded(index);
                if let Some((account, system)) = account.and_then(|account| Some((account, account.system?))) {
                    levels.extend(judged(resolved, system, &account.record.levels).map(Some));
                }
            }
            levels.into_iter().map(move |level| Named {
                id: answer_id(resolved, check, subject, level),
                check: check.id.clone(),
                subject,
                level: level.map(str::to_owned),
            })
        })
    })
}

/// The subjects of a name: a person's HRIS id or work e-mail address with all of their accounts, an account's
/// `system/id`, a system's id, or any of them as Cedar writes it, `Person::"…"`.
///
/// # Errors
/// Names that there are, for a suggestion.
pub fn subjects(resolved: &ResolvedSnapshot<'_>, name: &str) -> Result<HashSet<Subject>, BTreeSet<String>> {
    let (kind, name) = match name.strip_suffix('"').and_then(|name| name.split_once("::\"")) {
        Some((kind, id)) => (Some(kind), id),
        None => (None, name),
    };
    let is = |wanted: &str| kind.is_none_or(|kind| kind == wanted);
    let name_folded = fold(name);
    let same = |text: &str| fold(text) == name_folded;
    let mut found = HashSet::new();
    for (index, person) in resolved.people.iter().enumerate().filter(|_| is("Person")) {
        let address = person.work_email.known();
        if person.id != name && !address.is_some_and(|address| same(&address.to_string())) {
            continue;
        }
        found.insert(Subject::Person(index));
        // A person's name stands for the accounts as well.
        let owned = resolved
            .accounts
            .all_loaded()
            .iter()
            .enumerate()
            .filter(|(_, account)| account.owner.is(|owner| *owner == index).is_true());
        found.extend(owned.filter(|_| kind.is_none()).map(|(index, _)| Subject::Account(index)));
    }
    for (index, account) in resolved.accounts.all_loaded().iter().enumerate().filter(|_| is("Account")) {
        let address = account.record.email.known().filter(|_| kind.is_none());
        if account_id(account) == name || address.is_some_and(|address| same(address)) {
            found.insert(Subject::Account(index));
        }
    }
    let systems = resolved.systems.iter().enumerate().filter(|(_, system)| is("System") && system.id == name);
    found.extend(systems.map(|(index, _)| Subject::System(index)));
    if found.is_empty() { Err(names(resolved)) } else { Ok(found) }
}

fn names(resolved: &ResolvedSnapshot<'_>) -> BTreeSet<String> {
    let people = resolved.people.iter().flat_map(|person| {
        let address = person.work_email.known().map(ToString::to_string);
        std::iter::once(person.id.to_owned()).chain(address)
    });
    let accounts = resolved.accounts.all_loaded().iter().map(account_id);
    people.chain(accounts).chain(resolved.systems.iter().map(|system| system.id.to_owned())).collect()
}
