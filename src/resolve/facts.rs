//! The facts that only some sources give and that rules read: the values of a record, and why others are unknown.

use jiff::{SignedDuration, Timestamp};

use super::{
    Reasons,
    derived::{Derived, Reason, Ternary, reason_of},
};
use crate::{
    bundle::{
        DeclaredFact, SystemRules, TypedValue,
        data::{facts::PRIVILEGED, systems::LOGIN},
    },
    model::{Account, Fact, FactValue, Facts, declared, slug::is_level, snapshot::Unknown},
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
        too_old: impl Fn(&DeclaredFact) -> Option<Reason>,
        unknown: &mut Reasons,
    ) -> Self {
        let mut facts = ReadFacts::default();
        for fact in declared {
            if let Some(reason) = too_old(&fact) {
                unknown.insert(fact.name, reason);
                continue;
            }
            match value(&fact, given, why) {
                Derived::Known(value) => facts.0.push((fact.name, value.clone())),
                Derived::Empty => {}
                Derived::Unknown(reason) => unknown.insert(fact.name, reason),
            }
        }
        facts
    }

    /// The facts of an account. `privileged` is declared by hand, comes from the levels if the system's file lists the
    /// privileged ones, or else from the source.
    pub(super) fn of_account(
        declared: impl Iterator<Item = DeclaredFact>,
        account: &Account,
        (system, by_hand): (Option<&SystemRules>, &Ternary),
        too_old: impl Fn(&DeclaredFact) -> Option<Reason>,
        unknown: &mut Reasons,
    ) -> Self {
        let declared: Vec<DeclaredFact> = declared.collect();
        let is_read = declared.iter().any(DeclaredFact::is_privileged);
        let mut facts = ReadFacts::by_levels_or_source(declared.into_iter(), account, system, too_old, unknown);
        let is_known_to_be = facts.get(PRIVILEGED) == Some(&FactValue::Bool(true));
        match by_hand {
            Ternary::False => {}
            _ if !is_read || is_known_to_be => {}
            Ternary::True => {
                facts.0.retain(|(name, _)| *name != PRIVILEGED);
                facts.0.push((PRIVILEGED, FactValue::Bool(true)));
                unknown.remove(PRIVILEGED);
            }
            Ternary::Unknown(reason) => {
                facts.0.retain(|(name, _)| *name != PRIVILEGED);
                unknown.insert(PRIVILEGED, reason.clone());
            }
        }
        facts
    }

    fn by_levels_or_source(
        declared: impl Iterator<Item = DeclaredFact>,
        account: &Account,
        system: Option<&SystemRules>,
        too_old: impl Fn(&DeclaredFact) -> Option<Reason>,
        unknown: &mut Reasons,
    ) -> Self {
        let levels = system.and_then(|rules| rules.privileged.as_ref());
        let is_by_levels = |fact: &DeclaredFact| fact.is_privileged() && levels.is_some();
        let (by_levels, by_source): (Vec<_>, Vec<_>) = declared.partition(is_by_levels);
        let mut facts = ReadFacts::of(by_source.into_iter(), (&account.facts, &account.unknown), too_old, unknown);
        if let (None, Some(reason)) = (levels, unknown.get(PRIVILEGED)) {
            let help = format!("list the privileged levels of `{}` in its file under systems/", account.system);
            unknown.insert(PRIVILEGED, format!("{reason}; {help}"));
        }
        let (Some(levels), [_]) = (levels, by_levels.as_slice()) else { return facts };
        let reason = || format!("the levels are unknown: {}", reason_of(&account.unknown, "levels")).into();
        let held = Derived::of(account.levels.as_ref(), reason);
        // Where no level is privileged, nothing needs to be known of those that are held.
        let is_privileged = match (levels.is_empty(), levels.contains(LOGIN)) {
            (true, _) => Ternary::False,
            // Every account has a login.
            (_, true) => Ternary::True,
            (false, false) => {
                held.is(|held| held.iter().any(|level| levels.iter().any(|privileged| is_level(level, privileged))))
            }
        };
        match is_privileged {
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

/// Why a fact of a source pulled at this instant is too old for its limit; none if it is not.
pub(super) fn too_old(fact: &DeclaredFact, pulled_at: Option<Timestamp>, as_of: Timestamp) -> Option<Reason> {
    let limit = SignedDuration::from_hours(fact.max_age_hours?);
    let name = fact.name;
    let Some(pulled_at) = pulled_at else {
        return Some(format!("no source says when `{name}` was pulled").into());
    };
    let is_old = as_of.duration_since(pulled_at).abs() > limit;
    let reason = || {
        format!("`{name}` was pulled at {pulled_at}, further from the day than its `max_age`; pull or export it again")
    };
    is_old.then(|| reason().into())
}

/// A record's value of a fact, of the declared type.
fn value<'g>(fact: &DeclaredFact, given: &'g Facts, why: &Unknown) -> Derived<&'g FactValue> {
    match declared::fact(given, fact.name) {
        Fact::Known(value) => match fact.typed(value) {
            Ok(_) => Derived::Known(value),
            Err(error) => Derived::Unknown(error.to_string().into()),
        },
        Fact::Empty => Derived::Empty,
        Fact::Unknown => {
            let reason = why.get(&declared::unknown_key(fact.name)).cloned();
            Derived::Unknown(reason.unwrap_or_else(|| format!("the source gives no `{}`", fact.name)).into())
        }
    }
}
