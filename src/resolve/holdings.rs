//! What people and accounts hold, as far as rules ask for it.

use super::{
    derived::{Ternary, reason_of},
    reasons::Reasons,
};
use crate::{
    bundle::{Bundle, holdings::HeldBy},
    model::{Account, Fact, slug::is_level},
};

/// What a person or an account holds of that which rules ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Holdings {
    /// What is held, as sorted indices into the bundle's targets.
    pub held: Vec<usize>,
    /// Why it is unknown whether something is held: `holdings in Entitlement::"github/admin"` to reason.
    pub unknown: Reasons,
}

impl Holdings {
    /// Nothing, and that is known.
    pub(crate) const fn none() -> Self {
        Holdings { held: Vec::new(), unknown: Reasons::new() }
    }
}

/// What each person holds. Many hold the same.
#[derive(Debug, Clone, Default)]
pub struct PeopleHoldings {
    pub(super) profiles: Vec<Holdings>,
    /// By person: the profile.
    pub(super) people: Vec<u32>,
    /// The accounts by which people hold something: person, target, account.
    pub(super) held_by: Vec<(usize, usize, Box<str>)>,
}

impl PeopleHoldings {
    /// What a person holds; none if no rule asks.
    #[must_use]
    pub fn get(&self, person: usize) -> Option<&Holdings> {
        self.profiles.get(usize::try_from(*self.people.get(person)?).ok()?)
    }

    /// The ids of the accounts by which a person holds a target.
    pub fn accounts(&self, person: usize, target: usize) -> impl Iterator<Item = &str> {
        let begin = self.held_by.partition_point(|(one, other, _)| (*one, *other) < (person, target));
        let found = self.held_by.get(begin..).into_iter().flatten();
        found.take_while(move |(one, other, _)| (*one, *other) == (person, target)).map(|(.., account)| &**account)
    }
}

/// What an account holds by itself, whatever its status.
pub(super) fn of_account(account: &Account, bundle: &Bundle) -> Holdings {
    let mut holdings = Holdings::none();
    for (target, by) in bundle.holding_targets.of_system(&account.system) {
        match holds(account, by) {
            Ternary::True => holdings.held.push(*target),
            Ternary::False => {}
            Ternary::Unknown(reason) => {
                let target = bundle.holding_targets.all().get(*target);
                target.into_iter().for_each(|target| holdings.unknown.insert(target.fact, reason.clone()));
            }
        }
    }
    holdings.held.sort_unstable();
    holdings
}

/// Whether an account has a level by which it holds a target.
pub(super) fn holds(account: &Account, by: &HeldBy) -> Ternary {
    let HeldBy::Levels(wanted) = by else { return Ternary::True };
    match &account.levels {
        Fact::Known(levels) => {
            let is_wanted = |level: &String| wanted.iter().any(|id| is_level(level, id));
            levels.iter().any(is_wanted).into()
        }
        Fact::Empty => Ternary::False,
        Fact::Unknown => Ternary::Unknown(reason_of(&account.unknown, "levels")),
    }
}
