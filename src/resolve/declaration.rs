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
            Ternary::True if self.is_acknowledged(mapping, &named) => match self.may_be_contradicted(account) {
                Ternary::Unknown(reason) => (Fact::Unknown, withheld(self.open(mapping, &reason))),
                Ternary::True | Ternary::False => (Fact::Known(DeclarationStatus::Acknowledged), None),
            },
            Ternary::True => {
                (Fact::Known(DeclarationStatus::Contradicted), withheld(self.contradiction(mapping, &named)))
            }
            Ternary::Unknown(reason) => (Fact::Unknown, withheld(self.open(mapping, &reason))),
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
            return match person {
                Some(person) if named.contains(&person) => Ternary::False,
                _ if named.is_empty() => self.may_be_contradicted(account),
                Some(person) => self.may_name(person, account).map_or(Ternary::True, Ternary::Unknown),
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
        self.may_name_more(account).map_or(Ternary::False, Ternary::Unknown)
    }

    /// Why the account's facts may name more people than they are known to name.
    fn may_name_more(&self, account: &Account) -> Option<Reason> {
        let hints = &account.hints;
        if account.email.is_unknown() {
            let reason = account.unknown.get("email").map(String::as_str);
            return Some(reason.unwrap_or("`email` is unknown").into());
        }
        let by_address = account.email.known().into_iter().chain(&hints.addresses).find_map(|address| {
            let more = || self.more_of_address(address, &self.people_of_address(address));
            if self.address_is_unique(address) { None } else { more() }
        });
        let by_number = || {
            let found = self.people_of_number(hints.employee_number.as_deref()?);
            if self.number_is_unique(&found) { None } else { self.more_of_number(&found) }
        };
        let by_id = || {
            let ids = account.person.as_deref().into_iter().chain(hints.external_id.as_deref());
            let unlisted = ids.into_iter().any(|id| self.person(id).is_none());
            self.identities.gaps.anyone_hidden().filter(|_| unlisted).cloned()
        };
        by_address.or_else(by_number).or_else(by_id)
    }

    /// Why the account's facts may name a person whom they are not known to name.
    fn may_name(&self, at: usize, account: &Account) -> Option<Reason> {
        let person = self.people.get(at)?;
        let hints = &account.hints;
        let has_no_address = matches!(person.work_email, Fact::Empty) && !self.has_further_address(at);
        if account.email.is_unknown() && !has_no_address {
            let reason = account.unknown.get("email").map(String::as_str);
            return Some(reason.unwrap_or("`email` is unknown").into());
        }
        let mut addresses = account.email.known().into_iter().chain(&hints.addresses);
        if person.work_email.is_unknown() && addresses.any(|address| !self.address_is_unique(address)) {
            return Some(format!("the work address of `{}` is unknown", person.id).into());
        }
        let mut numbers = hints.employee_number.iter().map(|number| self.people_of_number(number));
        if person.employee_number.is_unknown() && numbers.any(|found| !self.number_is_unique(&found)) {
            return Some(format!("the employee number of `{}` is unknown", person.id).into());
        }
        None
    }

    /// Whether the declaration names the contradiction and has been reviewed.
    fn is_acknowledged(&self, mapping: &AccountMapping, named: &[usize]) -> bool {
        let entry = &mapping.entry;
        let reviewed = entry.reviewed_on.is_some_and(|day| day <= self.identities.today);
        // Compared by id: whether a staff list shows the person makes no difference.
        let Some(despite) = entry.despite.as_deref() else { return false };
        let settled = [Some(despite), entry.person.as_deref(), entry.owner.as_deref()];
        let is_settled = |at: &usize| self.people.get(*at).is_some_and(|one| settled.contains(&Some(one.id)));
        reviewed && named.iter().all(is_settled)
    }

    /// Why the facts that a declaration sets are unknown, although nothing is known to contradict it.
    fn open(&self, mapping: &AccountMapping, reason: &str) -> String {
        format!("whether the declaration at {} holds is unknown: {reason}", mapping.location)
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
