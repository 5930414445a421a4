//! What else an account's record says, held against the person that it is matched with.

use crate::{
    bundle::Assumption,
    model::{Account, fold::fold, hints::can_link, snapshot::ADDRESSES},
    resolve::{
        derived::{Reason, Ternary},
        gaps::More,
        identity::{Identity, IdentityResolver},
        resolved::IdentityIssue,
    },
};

impl IdentityResolver<'_, '_> {
    /// The person, unless something else that the record says belongs to another person.
    pub(super) fn unless_contradicted(&self, person: usize, account: &Account) -> Identity {
        let hints = &account.hints;
        let mut others: Vec<usize> = Vec::new();
        let mut certainly = false;
        let mut open: Option<Reason> = None;
        let mut weigh = |contradicts: Ternary, named: Vec<usize>| match contradicts {
            Ternary::True => {
                certainly = true;
                others.extend(named);
            }
            Ternary::False => {}
            Ternary::Unknown(reason) => open = open.take().or(Some(reason)),
        };
        // An address that may be private contradicts nothing for certain.
        let doubt = account.unknown.get(ADDRESSES).map(|reason| Reason::from(reason.clone()));
        for further in &hints.addresses {
            let named = self.people_of_address(further);
            let contradicts = match (self.address_contradicts(person, further, &named), &doubt) {
                (Ternary::True, Some(doubt)) => Ternary::Unknown(doubt.clone()),
                (contradicts, _) => contradicts,
            };
            weigh(contradicts, named);
        }
        if let Some(number) = hints.number() {
            let named = self.people_of_number(number);
            weigh(self.number_contradicts(person, number, &named), named);
        }
        if let Some(id) = hints.external_id.as_deref() {
            weigh(self.id_contradicts(person, id, account), self.person(id).into_iter().collect());
        }
        if certainly {
            others.push(person);
            return ambiguous(others);
        }
        open.map_or(Identity::Person(person), Identity::Unknown)
    }

    /// Whether a further address of an account belongs to another person.
    fn address_contradicts(&self, person: usize, further: &str, named: &[usize]) -> Ternary {
        let own = || self.people.get(person).is_some_and(|person| person.work_email.is_unknown());
        let what = format!("address `{further}`");
        let assumed = self.identities.rules.assumes(Assumption::WorkEmailUnique);
        let declared_elsewhere = self.identities.of_unlisted.contains_key(&*fold(further));
        let unique = (self.address_is_unique(further), assumed && !declared_elsewhere);
        self.contradicts(person, &what, named, unique, own, || self.more_of_address(further, &[person]))
    }

    /// Who else than these people may have an address.
    pub(super) fn more_of_address(&self, wanted: &str, found: &[usize]) -> Option<Reason> {
        let gaps = &self.identities.gaps;
        if let (Some(id), Some(gap)) = (self.identities.of_unlisted.get(&*fold(wanted)), gaps.anyone_hidden()) {
            return Some(format!("it is declared for `{id}`, who is not listed, and {gap}").into());
        }
        match gaps.more_addresses(self.people, found).of_any_stage() {
            More::Anyone(reason) => Some(reason),
            More::Nobody | More::OthersGiveWay(_) => None,
        }
    }

    /// Whether the employee number of an account belongs to another person.
    fn number_contradicts(&self, person: usize, number: &str, named: &[usize]) -> Ternary {
        let own = || self.people.get(person).is_some_and(|person| person.employee_number.is_unknown());
        let what = format!("employee number `{number}`");
        let assumed = self.identities.rules.assumes(Assumption::EmployeeNumberUnique);
        let unique = (self.number_is_unique(named), assumed);
        self.contradicts(person, &what, named, unique, own, || self.more_of_number(&[person]))
    }

    /// Who else than these people may have an employee number.
    pub(super) fn more_of_number(&self, found: &[usize]) -> Option<Reason> {
        match self.identities.gaps.more_numbers(self.people, found).of_any_stage() {
            More::Anyone(reason) => Some(reason),
            More::Nobody | More::OthersGiveWay(_) => None,
        }
    }

    /// Whether a text that these people are known to have belongs to another person. `unique`: no unknown text equals it;
    /// `assumed`: the bundle assumes so of every text; `own_is_unknown`: the person may have it too; `more`: who else may.
    fn contradicts(
        &self,
        person: usize,
        what: &str,
        named: &[usize],
        (unique, assumed): (bool, bool),
        own_is_unknown: impl Fn() -> bool,
        more: impl Fn() -> Option<Reason>,
    ) -> Ternary {
        if named.contains(&person) {
            return Ternary::False;
        }
        if !named.is_empty() {
            return match self.people.get(person) {
                Some(known) if !unique && own_is_unknown() => {
                    let id = known.id;
                    Ternary::Unknown(format!("its {what} is another person's, and may be that of `{id}` too").into())
                }
                _ => Ternary::True,
            };
        }
        if assumed {
            return Ternary::False;
        }
        more().map_or(Ternary::False, |reason| {
            Ternary::Unknown(format!("its {what} may be another person's: {reason}").into())
        })
    }

    /// Whether the external id of an account says which person it belongs to. A few characters may be any number: they
    /// count only beside an employee number that is known to be a person's.
    pub(super) fn external_id_counts(&self, account: &Account) -> Ternary {
        let Some(id) = account.hints.external_id.as_deref() else { return Ternary::False };
        if can_link(id) {
            return Ternary::True;
        }
        let Some(number) = account.hints.number() else { return Ternary::False };
        if !self.people_of_number(number).is_empty() {
            return Ternary::True;
        }
        let assumed = self.identities.rules.assumes(Assumption::EmployeeNumberUnique);
        self.more_of_number(&[]).filter(|_| !assumed).map_or(Ternary::False, |reason| {
            Ternary::Unknown(
                format!("whether its external id `{id}` counts depends on its employee number `{number}`: {reason}")
                    .into(),
            )
        })
    }

    /// Whether an external id is that of another person.
    fn id_contradicts(&self, person: usize, id: &str, account: &Account) -> Ternary {
        let is_of_another = match (self.person(id), self.identities.gaps.anyone_hidden()) {
            (Some(other), _) => (other != person).into(),
            (None, None) => Ternary::False,
            (None, Some(gap)) => {
                let reason = format!("its external id `{id}` may be that of a person who is not listed: {gap}");
                Ternary::Unknown(reason.into())
            }
        };
        Ternary::all([is_of_another, self.external_id_counts(account)])
    }
}

/// Different people that the account may belong to.
fn ambiguous(mut found: Vec<usize>) -> Identity {
    found.sort_unstable();
    found.dedup();
    Identity::Nobody(IdentityIssue::Ambiguous, found)
}
