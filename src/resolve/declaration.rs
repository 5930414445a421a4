//! What the bundle declares about an account, held against what the account's own facts show.
//!
//! A declaration that contradicts known facts settles nothing: the facts that it would set are unknown, and
//! `declarations-consistent` fails. `despite:` acknowledges the contradiction; then the declaration applies.

use super::{
    DeclarationStatus, IdentityIssue,
    derived::{Reason, Ternary},
    identity::{Among, Identity},
};
use crate::{
    bundle::{AccountMapping, Assumption},
    model::{Account, Fact},
};

/// The person behind an account, and what a declaration has to do with it.
pub(super) struct Identified {
    pub(super) identity: Identity,
    /// Whether the declaration agrees with the evidence; empty if nothing is declared.
    pub(super) declaration: Fact<DeclarationStatus>,
    /// Why the facts that the declaration would set are unknown.
    pub(super) withheld: Option<Reason>,
}

impl Among<'_, '_> {
    /// The person behind an account of which this is declared.
    pub(super) fn identify(&self, account: &Account, mapping: Option<&AccountMapping>) -> Identified {
        let Some(mapping) = mapping else {
            return Identified { identity: self.shown(account), declaration: Fact::Empty, withheld: None };
        };
        let named = self.named_people(account);
        let contradicted = self.contradicts_declaration(account, mapping, &named);
        let withheld = |reason: String| Some(Reason::from(reason));
        let (declaration, withheld) = match contradicted {
            Ternary::False => (Fact::Known(DeclarationStatus::Consistent), None),
            Ternary::True if self.is_acknowledged(mapping, &named) => {
                (Fact::Known(DeclarationStatus::Acknowledged), None)
            }
            Ternary::True => {
                (Fact::Known(DeclarationStatus::Contradicted), withheld(self.contradiction(mapping, &named)))
            }
            Ternary::Unknown(reason) => (
                Fact::Unknown,
                withheld(format!("whether the declaration at {} holds is unknown: {reason}", mapping.location)),
            ),
        };
        let identity = match &withheld {
            Some(reason) => Identity::Unknown(reason.clone()),
            None => self.declared(mapping),
        };
        Identified { identity, declaration, withheld }
    }

    /// The person that a declaration gives the account to.
    fn declared(&self, mapping: &AccountMapping) -> Identity {
        let Some(id) = &mapping.entry.person else { return Identity::Declared };
        match (self.person(id), self.identities.gaps.anyone_hidden()) {
            (Some(person), _) => Identity::Person(person),
            (None, None) => Identity::Nobody(IdentityIssue::MappedToNobody, Vec::new()),
            (None, Some(gap)) => Identity::Unknown(
                format!("the account is mapped to `{id}`, who is not in the people list, and {gap}").into(),
            ),
        }
    }

    /// Everybody whom the account's own facts are known to name.
    fn named_people(&self, account: &Account) -> Vec<usize> {
        let hints = &account.hints;
        let mut named: Vec<usize> = account.person.as_deref().and_then(|id| self.person(id)).into_iter().collect();
        let addresses = account.email.known().into_iter().chain(&hints.addresses);
        named.extend(addresses.flat_map(|address| self.people_of_address(address)));
        named.extend(hints.employee_number.iter().flat_map(|number| self.people_of_number(number)));
        named.extend(hints.external_id.as_deref().and_then(|id| self.person(id)));
        named.sort_unstable();
        named.dedup();
        named
    }

    /// Whether the facts that name these people contradict the declaration.
    fn contradicts_declaration(&self, account: &Account, mapping: &AccountMapping, named: &[usize]) -> Ternary {
        if let Some(id) = &mapping.entry.person {
            let person = self.person(id);
            if named.is_empty() || person.is_some_and(|person| named.contains(&person)) {
                return if named.is_empty() { self.may_be_contradicted(account) } else { Ternary::False };
            }
            // The person may have the address or number too, if it is unknown.
            let known = person.and_then(|person| self.people.get(person));
            return match known {
                Some(person) if person.work_email.is_unknown() || person.employee_number.is_unknown() => {
                    Ternary::Unknown(format!("the work address or employee number of `{id}` is unknown").into())
                }
                Some(_) => Ternary::True,
                None => self.identities.gaps.anyone_hidden().map_or(Ternary::True, |gap| Ternary::Unknown(gap.clone())),
            };
        }
        // An account of no single person may show the address of the person who answers for it, as long as they are
        // there.
        let responsible = mapping.entry.owner.as_deref().and_then(|id| self.person(id));
        match named {
            [] => self.may_be_contradicted(account),
            [one] if responsible == Some(*one) => match self.has_left(*one) {
                Ternary::False => self.may_be_contradicted(account),
                has_left => has_left,
            },
            _ => Ternary::True,
        }
    }

    /// No known fact contradicts the declaration; an unknown one may, unless the bundle assumes that declarations hold.
    fn may_be_contradicted(&self, account: &Account) -> Ternary {
        if self.identities.rules.assumes(Assumption::DeclarationsHold) {
            return Ternary::False;
        }
        match self.shown(account) {
            Identity::Unknown(reason) => Ternary::Unknown(reason),
            Identity::Person(_) | Identity::Declared | Identity::Nobody(..) => Ternary::False,
        }
    }

    /// Whether the declaration names the contradiction and has been reviewed.
    fn is_acknowledged(&self, mapping: &AccountMapping, named: &[usize]) -> bool {
        let entry = &mapping.entry;
        let reviewed = entry.reviewed_on.is_some_and(|day| day <= self.identities.today);
        let Some(despite) = entry.despite.as_deref().and_then(|id| self.person(id)) else { return false };
        let settled = [entry.person.as_deref(), entry.owner.as_deref()];
        let declared: Vec<usize> = settled.into_iter().flatten().filter_map(|id| self.person(id)).collect();
        reviewed && named.iter().all(|one| *one == despite || declared.contains(one))
    }

    /// What contradicts the declaration, and what to do about it.
    fn contradiction(&self, mapping: &AccountMapping, named: &[usize]) -> String {
        let entry = &mapping.entry;
        let declared = entry.person.as_deref().or(entry.owner.as_deref());
        let others: Vec<String> = named
            .iter()
            .filter_map(|at| self.people.get(*at).map(|person| (*at, person.id)))
            .filter(|(_, id)| Some(*id) != declared || entry.person.is_none())
            .map(|(at, id)| format!("`{id}`{}", if self.has_left(at).is_true() { ", who has left" } else { "" }))
            .collect();
        let first = named.iter().filter_map(|at| self.people.get(*at)).find(|person| Some(person.id) != declared);
        let first = first.map_or("", |person| person.id);
        format!(
            "the declaration at {} contradicts the account's own facts, which name {}; remove the entry, or acknowledge \
             it with `despite: {first}`, `reason` and `reviewed_on`",
            mapping.location,
            others.join(" and ")
        )
    }
}
