//! What the bundle declares about an account, held against what the account's own facts show.
//!
//! A declaration that contradicts known facts settles nothing: the facts that it would set are unknown, and
//! `declarations-consistent` fails. `despite:` acknowledges the contradiction; then the declaration applies.

use crate::{
    bundle::{AccountMapping, Assumption, data::systems::duration_text},
    model::{Account, Fact, snapshot::ADDRESSES},
    resolve::{
        derived::{Reason, Ternary, reason_of},
        identity::{Identity, IdentityResolver},
        resolved::{DeclarationStatus, IdentityIssue},
    },
};

/// The person behind an account, and what a declaration has to do with it.
pub(super) struct Identified {
    pub(super) identity: Identity,
    /// Whether the declaration agrees with the evidence; empty if nothing is declared.
    pub(super) declaration: Fact<DeclarationStatus>,
    /// Why the facts that the declaration would set are unknown.
    pub(super) withheld: Option<Reason>,
}

impl IdentityResolver<'_, '_> {
    /// The person behind an account of which this is declared.
    pub(super) fn identify(&self, account: &Account, mapping: Option<&AccountMapping>) -> Identified {
        let Some(mapping) = mapping else {
            return Identified {
                identity: self.identify_undeclared(account),
                declaration: Fact::Empty,
                withheld: None,
            };
        };
        let named = self.named_people(account);
        let withheld = |reason: String| Some(Reason::from(reason));
        let (declaration, withheld) = match self.contradicts_declaration(account, mapping, &named) {
            Ternary::False => (Fact::Known(DeclarationStatus::Consistent), None),
            Ternary::Unknown(reason) => (Fact::Unknown, withheld(self.open(mapping, &reason))),
            Ternary::True => match (self.is_unacknowledged(mapping, &named), self.may_be_contradicted(account)) {
                (Ternary::True, _) => {
                    (Fact::Known(DeclarationStatus::Contradicted), withheld(self.contradiction(mapping, &named)))
                }
                (Ternary::Unknown(reason), _) | (Ternary::False, Ternary::Unknown(reason)) => {
                    (Fact::Unknown, withheld(self.open(mapping, &reason)))
                }
                (Ternary::False, Ternary::True | Ternary::False) => {
                    (Fact::Known(DeclarationStatus::Acknowledged), None)
                }
            },
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

    /// The people that each of the account's own facts is known to name.
    fn named_people(&self, account: &Account) -> Vec<Named> {
        let hints = &account.hints;
        let by_id = |id: &str, doubt| Some(Named { people: vec![self.person(id)?], open: Open::Never, doubt });
        let by_link = account.person.as_deref().and_then(|id| by_id(id, None));
        let by_external_id = hints.external_id.as_deref().and_then(|id| match self.external_id_counts(account) {
            Ternary::True => by_id(id, None),
            Ternary::False => None,
            Ternary::Unknown(reason) => by_id(id, Some(reason)),
        });
        // An address that may be private is not the account's own for certain.
        let doubt = account.unknown.get(ADDRESSES).map(|reason| Reason::from(reason.as_str()));
        let further = hints.addresses.iter().map(|address| (address, doubt.clone()));
        let by_address = account.email.known().map(|address| (address, None)).into_iter().chain(further);
        let by_address = by_address.map(|(address, doubt)| {
            let open = if self.address_is_unique(address) { Open::Never } else { Open::WithoutAddress };
            Named { people: self.people_of_address(address), open, doubt }
        });
        let by_number = hints.number().into_iter().map(|number| {
            let people = self.people_of_number(number);
            let open = if self.number_is_unique(&people) { Open::Never } else { Open::WithoutNumber };
            Named { people, open, doubt: None }
        });
        let named = by_link.into_iter().chain(by_external_id).chain(by_address).chain(by_number);
        named.filter(|named| !named.people.is_empty()).collect()
    }

    /// Whether the account's own facts contradict the declaration.
    fn contradicts_declaration(&self, account: &Account, mapping: &AccountMapping, named: &[Named]) -> Ternary {
        let certain: Vec<&Named> = named.iter().filter(|named| named.doubt.is_none()).collect();
        let all: Vec<&Named> = named.iter().collect();
        let contradicted = match (self.named_contradict(mapping, &all), named.iter().find_map(|one| one.doubt.clone()))
        {
            (Ternary::True, Some(doubt)) if !self.named_contradict(mapping, &certain).is_true() => {
                Ternary::Unknown(doubt)
            }
            (contradicted, _) => contradicted,
        };
        match contradicted {
            Ternary::False => self.may_be_contradicted(account),
            contradicted => contradicted,
        }
    }

    /// Whether a fact contradicts the declaration by naming a person, and the declaration does not acknowledge that.
    fn is_unacknowledged(&self, mapping: &AccountMapping, named: &[Named]) -> Ternary {
        let person = mapping.entry.person.as_deref();
        Ternary::any(named.iter().map(|fact| {
            let contradicts = person.map_or(Ternary::True, |id| self.names_another(id, fact));
            let contradicts = match (contradicts, &fact.doubt) {
                (Ternary::True, Some(doubt)) => Ternary::Unknown(doubt.clone()),
                (contradicts, _) => contradicts,
            };
            let acknowledged = Ternary::all(fact.people.iter().map(|at| self.is_acknowledged(mapping, *at)));
            Ternary::all([contradicts, !acknowledged])
        }))
    }

    /// Whether a declaration acknowledges that facts name a person: by `despite:` with a review that counts, or as the
    /// owner until they leave.
    fn is_acknowledged(&self, mapping: &AccountMapping, at: usize) -> Ternary {
        let entry = &mapping.entry;
        let id = self.people.get(at).map(|person| person.id);
        // Compared by id: whether a staff list shows the person makes no difference.
        let by_review = id.is_some() && entry.despite.as_deref() == id && self.review_counts(mapping);
        if by_review {
            return Ternary::True;
        }
        if id.is_some() && entry.owner.as_deref() == id { !self.has_left(at) } else { Ternary::False }
    }

    fn review_counts(&self, mapping: &AccountMapping) -> bool {
        mapping.entry.reviewed_on.is_some_and(|day| self.identities.rules.counts(day, self.identities.today))
    }

    /// Whether people that facts name contradict the declaration.
    fn named_contradict(&self, mapping: &AccountMapping, named: &[&Named]) -> Ternary {
        match &mapping.entry.person {
            Some(id) => Ternary::any(named.iter().map(|named| self.names_another(id, named))),
            // An account of no single person may show the address of the person who answers for it, until they leave.
            None => {
                let responsible = mapping.entry.owner.as_deref().and_then(|id| self.person(id));
                match (distinct(named.iter().copied()).as_slice(), responsible) {
                    ([], _) => Ternary::False,
                    ([one], Some(responsible)) if *one == responsible => self.has_left(responsible),
                    _ => Ternary::True,
                }
            }
        }
    }

    /// Whether a fact names other people than the person of this id.
    fn names_another(&self, id: &str, named: &Named) -> Ternary {
        let Some(at) = self.person(id) else {
            let gap = self.identities.gaps.anyone_hidden();
            return gap.map_or(Ternary::True, |gap| Ternary::Unknown(gap.clone()));
        };
        if named.people.contains(&at) {
            return Ternary::False;
        }
        let Some(person) = self.people.get(at) else {
            return Ternary::Unknown(format!("`{id}` cannot be read").into());
        };
        match named.open {
            Open::WithoutAddress if person.work_email.is_unknown() => {
                Ternary::Unknown(format!("the work address of `{id}` is unknown").into())
            }
            Open::WithoutNumber if person.employee_number.is_unknown() => {
                Ternary::Unknown(format!("the employee number of `{id}` is unknown").into())
            }
            Open::Never | Open::WithoutAddress | Open::WithoutNumber => Ternary::True,
        }
    }

    /// No known fact contradicts the declaration; an unknown one may, unless the bundle assumes that declarations hold.
    pub(super) fn may_be_contradicted(&self, account: &Account) -> Ternary {
        if self.identities.rules.assumes(Assumption::DeclarationsHold) {
            return Ternary::False;
        }
        self.may_name_more(account).map_or(Ternary::False, Ternary::Unknown)
    }

    /// Whether a fact of an account names other people and not this one, and all others that its facts name.
    pub(super) fn own_facts_contradict(&self, person: usize, account: &Account) -> (Ternary, Vec<usize>) {
        let Some(id) = self.people.get(person).map(|person| person.id) else {
            return (Ternary::Unknown("the person cannot be read".into()), Vec::new());
        };
        let mut others = Vec::new();
        let contradicts = self.named_people(account).into_iter().map(|named| {
            let contradicts = match (self.names_another(id, &named), &named.doubt) {
                (Ternary::True, Some(doubt)) => Ternary::Unknown(doubt.clone()),
                (contradicts, _) => contradicts,
            };
            others.extend(named.people.into_iter().filter(|other| *other != person));
            contradicts
        });
        (Ternary::any(contradicts.collect::<Vec<_>>()), others)
    }

    /// Why the account's facts may name more people than they are known to name.
    fn may_name_more(&self, account: &Account) -> Option<Reason> {
        let hints = &account.hints;
        if account.email.is_unknown() {
            return Some(reason_of(&account.unknown, "email"));
        }
        let by_address = account.email.known().into_iter().chain(&hints.addresses).find_map(|address| {
            let more = || self.more_of_address(address, &self.people_of_address(address));
            if self.address_is_unique(address) { None } else { more() }
        });
        let by_number = || {
            let found = self.people_of_number(hints.number()?);
            if self.number_is_unique(&found) { None } else { self.more_of_number(&found) }
        };
        let by_id = || {
            let external_id = hints.external_id.as_deref().filter(|_| !self.external_id_counts(account).is_false());
            let ids = account.person.as_deref().into_iter().chain(external_id);
            let unlisted = ids.into_iter().any(|id| self.person(id).is_none());
            self.identities.gaps.anyone_hidden().filter(|_| unlisted).cloned()
        };
        by_address.or_else(by_number).or_else(by_id)
    }

    /// What makes a contradicted declaration apply.
    fn remedy(&self, mapping: &AccountMapping, contradicting: &[usize]) -> String {
        let entry = &mapping.entry;
        let id = |at: &usize| self.people.get(*at).map_or("", |person| person.id);
        let is_reviewed = |at: &&usize| entry.despite.as_deref() == Some(id(at));
        let open = contradicting.iter().find(|at| !is_reviewed(at) && !self.is_acknowledged(mapping, **at).is_true());
        match (open, entry.reviewed_on) {
            (None, Some(reviewed_on)) => {
                let why = if reviewed_on > self.identities.today { "is still to come" } else { "no longer counts" };
                format!(
                    "review it again and set `reviewed_on`: the review of {reviewed_on} {why} (`review_max_age` is {})",
                    duration_text(self.identities.rules.review_max_age_hours)
                )
            }
            (open, _) => {
                let first = open.or(contradicting.first()).map_or("", id);
                format!("acknowledge it with `despite: {first}`, `reason` and `reviewed_on`")
            }
        }
    }

    /// Why the facts that a declaration sets are unknown, although nothing is known to contradict it.
    fn open(&self, mapping: &AccountMapping, reason: &str) -> String {
        format!("whether the declaration at {} holds is unknown: {reason}", mapping.location)
    }

    /// What contradicts the declaration, and what to do about it.
    fn contradiction(&self, mapping: &AccountMapping, named: &[Named]) -> String {
        let person = mapping.entry.person.as_deref().and_then(|id| self.person(id));
        let contradict = |named: &&Named| person.is_none_or(|person| !named.people.contains(&person));
        let contradicting = distinct(named.iter().filter(contradict));
        let remedy = self.remedy(mapping, &contradicting);
        let people = contradicting.iter().filter_map(|at| Some((*at, self.people.get(*at)?.id)));
        let named: Vec<String> = people
            .map(|(at, id)| format!("`{id}`{}", if self.has_left(at).is_true() { ", who has left" } else { "" }))
            .collect();
        format!(
            "the declaration at {} contradicts the account's own facts, which name {}; remove the entry, or {remedy}",
            mapping.location,
            named.join(" and ")
        )
    }
}

/// The people that one fact of an account names.
struct Named {
    people: Vec<usize>,
    open: Open,
    /// Why the fact may say nothing about the account.
    doubt: Option<Reason>,
}

/// Which people a fact may name as well.
#[derive(Clone, Copy)]
enum Open {
    Never,
    WithoutAddress,
    WithoutNumber,
}

fn distinct<'n>(named: impl IntoIterator<Item = &'n Named>) -> Vec<usize> {
    let mut people: Vec<usize> = named.into_iter().flat_map(|named| named.people.iter().copied()).collect();
    people.sort_unstable();
    people.dedup();
    people
}
