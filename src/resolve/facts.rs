//! The facts that only some sources give and that rules read: the values of a record, and why others are unknown.

use super::{
    Reasons,
    derived::{Derived, Ternary, reason_of},
};
use crate::{
    bundle::{DeclaredFact, SystemRules, TypedValue},
    model::{Account, Fact, FactValue, Facts, declared, snapshot::Unknown},
};

/// The known values of a record's facts that rules read, each of its declared type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ReadFacts(Vec<(&'static str, FactValue)>);

impl ReadFacts {
    /// No facts.
    #[must_use]
    pub const fn new() -> Self {
        ReadFacts(Vec::new())
    }

    /// The facts of a record. Notes why those that are unknown are.
    pub(super) fn of(
        declared: impl Iterator<Item = DeclaredFact>,
        (given, why): (&Facts, &Unknown),
        unknown: &mut Reasons,
    ) -> Self {
        let mut facts = ReadFacts::default();
        for fact in declared {
            match value(&fact, given, why) {
                Derived::Known(value) => facts.0.push((fact.name, value.clone())),
                Derived::Empty => {}
                Derived::Unknown(reason) => unknown.insert(fact.name, reason),
            }
        }
        facts
    }

    /// The facts of an account. Whether it is privileged is told by its levels if the system's file lists the privileged
    /// ones, and by its source otherwise.
    pub(super) fn of_account(
        declared: impl Iterator<Item = DeclaredFact>,
        account: &Account,
        system: Option<&SystemRules>,
        unknown: &mut Reasons,
    ) -> Self {
        let levels = system.and_then(|rules| rules.privileged.as_ref());
        let is_by_levels = |fact: &DeclaredFact| fact.name == PRIVILEGED && levels.is_some();
        let (by_levels, by_source): (Vec<_>, Vec<_>) = declared.partition(is_by_levels);
        let mut facts = ReadFacts::of(by_source.into_iter(), (&account.facts, &account.unknown), unknown);
        if let (None, Some(reason)) = (levels, unknown.get(PRIVILEGED)) {
            let help = format!("list the privileged levels of `{}` in its file under systems/", account.system);
            unknown.insert(PRIVILEGED, format!("{reason}; {help}"));
        }
        let (Some(levels), [_]) = (levels, by_levels.as_slice()) else { return facts };
        let reason = || format!("the levels are unknown: {}", reason_of(&account.unknown, "levels")).into();
        let held = Derived::of(account.levels.as_ref(), reason);
        match held.is(|held| held.iter().any(|level| levels.contains(level))) {
            Ternary::Unknown(reason) => unknown.insert(PRIVILEGED, reason),
            is_privileged => facts.0.push((PRIVILEGED, FactValue::Bool(is_privileged.is_true()))),
        }
        facts
    }

    /// The known value of a fact.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FactValue> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The known value of a fact in its declared type.
    #[must_use]
    pub fn typed(&self, fact: &DeclaredFact) -> Option<TypedValue<'_>> {
        fact.typed(self.get(fact.name)?).ok()
    }
}

/// The fact of an account that a system's file can say by levels.
const PRIVILEGED: &str = "privileged";

/// A record's value of a fact, of the declared type.
fn value<'g>(fact: &DeclaredFact, given: &'g Facts, why: &Unknown) -> Derived<&'g FactValue> {
    match declared::fact(given, fact.name) {
        Fact::Known(value) => match fact.typed(value) {
            Ok(_) => Derived::Known(value),
            Err(reason) => Derived::Unknown(reason.into()),
        },
        Fact::Empty => Derived::Empty,
        Fact::Unknown => {
            let reason = why.get(&declared::unknown_key(fact.name)).cloned();
            Derived::Unknown(reason.unwrap_or_else(|| format!("the source gives no `{}`", fact.name)).into())
        }
    }
}
