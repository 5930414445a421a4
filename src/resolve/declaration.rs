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
            return Identified { identity: self.shown(account), declaration: Fact::Empty, withheld: None };
        };
        let named = self.named_people(account);
        let contradicted = self.contradicts_declaration(account, mapping, &named);
        let withheld = |reason: String| Some(Reason::from(reason));
        let (declaration, withheld) = match contradicted {
            Ternary::False => (Fact::Known(DeclarationStatus::Consistent), None),
            Ternary::True => {
                // A contradiction that rests on an uncertain fact may turn out to be none.
                let (certain, all) =
                    (self.contradicting(mapping, &named, true), self.contradicting(mapping, &named, false));
                let is_settled = self.remedy(mapping, &certain, true).is_none();
                match (self.remedy(mapping, &all, false), self.may_be_contradicted(account)) {
                    (Some(_), _) if is_settled => {
                        let reason = "whether all of its facts name other people is unknown";
                        (Fact::Unknown, withheld(self.open(mapping, reason)))
                    }
                    (Some(remedy), _) => (
                        Fact::Known(DeclarationStatus::Contradicted),
                        withheld(self.contradiction(mapping, &all, &remedy)),
                    ),
                    (None, Ternary::Unknown(reason)) => (Fact::Unknown, withheld(self.open(mapping, &reason))),
                    (None, Ternary::True | Ternary::False) => (Fact::Known(DeclarationStatus::Acknowledged), None),
                }
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

    /// The people that each of the account's own facts is known to name.
    fn named_people(&self, account: &Account) -> Vec<Named> {
        let hints = &account.hints;
        let ids = account.person.iter().chain(&hints.external_id);
        let by_id =
            ids.filter_map(|id| self.person(id)).map(|at| Named { people: vec![at], open: Open::Never, is_own: true });
        let is_own = !account.unknown.contains_key(ADDRESSES);
        let further = hints.addresses.iter().map(|address| (address, is_own));
        let by_address =
            account.email.known().map(|address| (address, true)).into_iter().chain(further).map(|(address, is_own)| {
                let open = if self.address_is_unique(address) { Open::Never } else { Open::WithoutAddress };
                Named { people: self.people_of_address(address), open, is_own }
            });
        let by_number = hints.employee_number.iter().map(|number| {
            let people = self.people_of_number(number);
            let open = if self.number_is_unique(&people) { Open::Never } else { Open::WithoutNumber };
            Named { people, open, is_own: true }
        });
        by_id.chain(by_address).chain(by_number).filter(|named| !named.people.is_empty()).collect()
    }

    /// Whether the account's own facts contradict the declaration.
    fn contradicts_declaration(&self, account: &Account, mapping: &AccountMapping, named: &[Named]) -> Ternary {
        let certain: Vec<&Named> = named.iter().filter(|named| named.is_own).collect();
        let all: Vec<&Named> = named.iter().collect();
        let contradicted = match (self.named_contradict(mapping, &all), account.unknown.get(ADDRESSES)) {
            // An address that may be private contradicts nothing for certain.
            (Ternary::True, Some(doubt)) if !self.named_contradict(mapping, &certain).is_true() => {
                Ternary::Unknown(doubt.as_str().into())
            }
            (contradicted, _) => contradicted,
        };
        match contradicted {
            Ternary::False => self.may_be_contradicted(account),
            contradicted => contradicted,
        }
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
            return Some(reason_of(&account.unknown, "email"));
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

    /// The people in the contradictions of the declaration. `for_certain`: only in those that no unknown fact can settle.
    fn contradicting(&self, mapping: &AccountMapping, named: &[Named], for_certain: bool) -> Vec<usize> {
        let id = mapping.entry.person.as_deref();
        let person = id.and_then(|id| self.person(id));
        let contradict = |named: &&Named| person.is_none_or(|person| !named.people.contains(&person));
        let is_certain = |named: &&Named| named.is_own && id.is_none_or(|id| self.names_another(id, named).is_true());
        distinct(named.iter().filter(contradict).filter(|named| !for_certain || is_certain(named)))
    }

    /// What makes a contradicted declaration apply; `None` if it acknowledges the contradiction already. It does if it
    /// names the contradicting people, and its last review still counts.
    ///
    /// `for_certain`: only what makes it needed whatever is unknown.
    fn remedy(&self, mapping: &AccountMapping, contradicting: &[usize], for_certain: bool) -> Option<String> {
        let entry = &mapping.entry;
        let first = contradicting.first().and_then(|at| self.people.get(*at)).map_or("", |person| person.id);
        let acknowledge = format!("acknowledge it with `despite: {first}`, `reason` and `reviewed_on`");
        let (Some(despite), Some(reviewed_on)) = (entry.despite.as_deref(), entry.reviewed_on) else {
            return Some(acknowledge);
        };
        // An owner may be named, until they leave: that has to be acknowledged too.
        let may_be_named = |at: usize, id: &str| {
            let is_owner = entry.owner.as_deref() == Some(id);
            is_owner && if for_certain { !self.has_left(at).is_true() } else { self.has_left(at).is_false() }
        };
        // Compared by id: whether a staff list shows the person makes no difference.
        let is_settled =
            |at: &usize| self.people.get(*at).is_some_and(|one| despite == one.id || may_be_named(*at, one.id));
        if !contradicting.iter().all(is_settled) {
            return Some(acknowledge);
        }
        let rules = self.identities.rules;
        if rules.counts(reviewed_on, self.identities.today) {
            return None;
        }
        let why = if reviewed_on > self.identities.today { "is still to come" } else { "no longer counts" };
        Some(format!(
            "review it again and set `reviewed_on`: the review of {reviewed_on} {why} (`review_max_age` is {})",
            duration_text(rules.review_max_age_hours)
        ))
    }

    /// Why the facts that a declaration sets are unknown, although nothing is known to contradict it.
    fn open(&self, mapping: &AccountMapping, reason: &str) -> String {
        format!("whether the declaration at {} holds is unknown: {reason}", mapping.location)
    }

    /// What contradicts the declaration, and what to do about it.
    fn contradiction(&self, mapping: &AccountMapping, contradicting: &[usize], remedy: &str) -> String {
        let people = || contradicting.iter().filter_map(|at| Some((*at, self.people.get(*at)?.id)));
        let named: Vec<String> = people()
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
    /// Whether the fact is the account's own for certain.
    is_own: bool,
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
