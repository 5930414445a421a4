//! Three-valued logic: facts and conditions that are derived from facts which may be unknown.
//!
//! INVARIANT: every combinator is monotone. If the result is known (or known to be empty), it stays the same however
//! its unknown inputs come out. Resolution branches on facts through these combinators only.

use std::sync::{Arc, LazyLock};

use crate::model::{Fact, snapshot::Unknown};

/// Why a fact or a condition is unknown.
pub(crate) type Reason = Arc<str>;

/// Why a fact of a record is unknown.
pub(super) fn reason_of(unknown: &Unknown, fact: &str) -> Reason {
    unknown.get(fact).map_or_else(|| format!("`{fact}` is unknown").into(), |reason| reason.as_str().into())
}

/// The reason of conditions whose reason is not shown.
static NOT_SHOWN: LazyLock<Reason> = LazyLock::new(|| "a fact is unknown".into());

impl<T> Fact<T> {
    /// Whether the value satisfies a condition; an empty fact does not. For decisions that do not show a reason.
    pub(crate) fn is(&self, condition: impl FnOnce(&T) -> bool) -> Ternary {
        Derived::of(self.as_ref(), || NOT_SHOWN.clone()).is(|value| condition(value))
    }

    /// Whether there is no value. For decisions that do not show a reason.
    pub(crate) fn is_empty(&self) -> Ternary {
        Derived::of(self.as_ref(), || NOT_SHOWN.clone()).is_empty()
    }
}

/// A derived fact: known, known to be empty, or unknown with the reason.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub(crate) enum Derived<T> {
    Known(T),
    Empty,
    Unknown(Reason),
}

impl<T> Derived<T> {
    /// A fact of a record, with the reason why it is unknown.
    pub(crate) fn of(fact: Fact<T>, reason: impl FnOnce() -> Reason) -> Self {
        match fact {
            Fact::Known(value) => Derived::Known(value),
            Fact::Empty => Derived::Empty,
            Fact::Unknown => Derived::Unknown(reason()),
        }
    }

    /// The fact, and why it is unknown.
    pub(crate) fn split(self) -> (Fact<T>, Option<Reason>) {
        match self {
            Derived::Known(value) => (Fact::Known(value), None),
            Derived::Empty => (Fact::Empty, None),
            Derived::Unknown(reason) => (Fact::Unknown, Some(reason)),
        }
    }

    /// Continues from a known value to a further fact.
    pub(crate) fn and_then<U>(self, next: impl FnOnce(T) -> Derived<U>) -> Derived<U> {
        match self {
            Derived::Known(value) => next(value),
            Derived::Empty => Derived::Empty,
            Derived::Unknown(reason) => Derived::Unknown(reason),
        }
    }

    /// Whether the value satisfies a condition; an empty fact does not.
    pub(crate) fn is(&self, condition: impl FnOnce(&T) -> bool) -> Ternary {
        match self {
            Derived::Known(value) => condition(value).into(),
            Derived::Empty => Ternary::False,
            Derived::Unknown(reason) => Ternary::Unknown(reason.clone()),
        }
    }

    /// Whether there is no value.
    pub(crate) fn is_empty(&self) -> Ternary {
        match self {
            Derived::Known(_) => Ternary::False,
            Derived::Empty => Ternary::True,
            Derived::Unknown(reason) => Ternary::Unknown(reason.clone()),
        }
    }

    /// The first of two facts that has a value. An unknown one hides what comes after it.
    pub(crate) fn first_known(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Derived::Empty => other(),
            known_or_unknown => known_or_unknown,
        }
    }
}

impl<T: PartialEq> Derived<T> {
    /// What all alternatives agree on; unknown if they differ, or if one of them is unknown.
    ///
    /// `differ` says why there are several alternatives.
    pub(crate) fn common(alternatives: impl IntoIterator<Item = Self>, differ: impl FnOnce() -> Reason) -> Self {
        let mut alternatives = alternatives.into_iter();
        let Some(first) = alternatives.next() else { return Derived::Unknown(differ()) };
        for other in alternatives {
            match (&first, &other) {
                (Derived::Known(one), Derived::Known(other)) if one == other => {}
                (Derived::Empty, Derived::Empty) => {}
                _ => return Derived::Unknown(differ()),
            }
        }
        first
    }

    /// One of two facts. If the condition is unknown: what both agree on.
    pub(crate) fn choose(condition: &Ternary, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self {
        match condition {
            Ternary::True => then(),
            Ternary::False => otherwise(),
            Ternary::Unknown(reason) => Derived::common([then(), otherwise()], || reason.clone()),
        }
    }
}

/// A condition in Kleene's three-valued logic.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub(crate) enum Ternary {
    True,
    False,
    Unknown(Reason),
}

impl From<bool> for Ternary {
    fn from(condition: bool) -> Self {
        if condition { Ternary::True } else { Ternary::False }
    }
}

impl std::ops::Not for Ternary {
    type Output = Ternary;

    fn not(self) -> Ternary {
        match self {
            Ternary::True => Ternary::False,
            Ternary::False => Ternary::True,
            unknown @ Ternary::Unknown(_) => unknown,
        }
    }
}

impl Ternary {
    /// Whether the condition is certainly true.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Ternary::True)
    }

    /// Whether the condition is certainly false.
    pub(crate) fn is_false(&self) -> bool {
        matches!(self, Ternary::False)
    }

    /// True if one condition is true; unknown if none is, and one is unknown.
    pub(crate) fn any(conditions: impl IntoIterator<Item = Ternary>) -> Ternary {
        let mut unknown = None;
        for condition in conditions {
            match condition {
                Ternary::True => return Ternary::True,
                Ternary::False => {}
                Ternary::Unknown(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        unknown.map_or(Ternary::False, Ternary::Unknown)
    }

    /// False if one condition is false; unknown if none is, and one is unknown.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Ternary>) -> Ternary {
        !Ternary::any(conditions.into_iter().map(|condition| !condition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Number = Derived<u8>;

    fn unknown<T>() -> Derived<T> {
        Derived::Unknown("?".into())
    }

    /// Every completion of an input: an unknown one may come out as any value or as empty.
    fn completions(input: &Number) -> Vec<Number> {
        match input {
            Derived::Unknown(_) => vec![Derived::Known(1), Derived::Known(2), Derived::Empty],
            known => vec![known.clone()],
        }
    }

    fn inputs() -> Vec<Number> {
        vec![Derived::Known(1), Derived::Known(2), Derived::Empty, unknown()]
    }

    fn ternaries() -> [Ternary; 3] {
        [Ternary::True, Ternary::False, Ternary::Unknown("?".into())]
    }

    fn outcomes(input: &Ternary) -> Vec<Ternary> {
        match input {
            Ternary::Unknown(_) => vec![Ternary::True, Ternary::False],
            known => vec![known.clone()],
        }
    }

    fn is_unknown<T>(fact: &Derived<T>) -> bool {
        matches!(fact, Derived::Unknown(_))
    }

    /// A combinator of two facts is monotone: what it calls known is so in every completion.
    fn assert_monotone<T: PartialEq + std::fmt::Debug>(name: &str, combine: impl Fn(Number, Number) -> Derived<T>) {
        for (one, other) in
            inputs().into_iter().flat_map(|one| inputs().into_iter().map(move |other| (one.clone(), other)))
        {
            let before = combine(one.clone(), other.clone());
            for completed in completions(&one).into_iter().flat_map(|one| {
                completions(&other).into_iter().map(move |other| (one.clone(), other)).collect::<Vec<_>>()
            }) {
                let after = combine(completed.0, completed.1);
                assert!(
                    is_unknown(&before) || before == after,
                    "{name} of {one:?} and {other:?}: {before:?}, then {after:?}"
                );
            }
        }
    }

    #[test]
    fn combinators_of_facts_are_monotone() {
        assert_monotone("first_known", |one, other| one.first_known(|| other));
        assert_monotone("common", |one, other| Derived::common([one, other], || "?".into()));
        assert_monotone("and_then", |one, other| one.and_then(|value| if value == 1 { other } else { Derived::Empty }));
        for condition in ternaries() {
            for outcome in outcomes(&condition) {
                for (one, other) in
                    inputs().into_iter().flat_map(|one| inputs().into_iter().map(move |other| (one.clone(), other)))
                {
                    let choose = |condition: &Ternary| Derived::choose(condition, || one.clone(), || other.clone());
                    let (before, after) = (choose(&condition), choose(&outcome));
                    assert!(is_unknown(&before) || before == after, "{condition:?} {one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn conditions_are_kleene_logic() {
        for (a, b) in ternaries().into_iter().flat_map(|a| ternaries().map(move |b| (a.clone(), b))) {
            let all: Vec<(bool, bool)> = outcomes(&a)
                .iter()
                .flat_map(|a| outcomes(&b).into_iter().map(move |b| (a.is_true(), b.is_true())))
                .collect();
            let expected = |combine: fn(bool, bool) -> bool| {
                let results: Vec<bool> = all.iter().map(|(a, b)| combine(*a, *b)).collect();
                let first = results[0];
                if results.iter().all(|result| *result == first) { first.into() } else { Ternary::Unknown("?".into()) }
            };
            assert_eq!(Ternary::any([a.clone(), b.clone()]), expected(|a, b| a || b), "{a:?} or {b:?}");
            assert_eq!(Ternary::all([a.clone(), b.clone()]), expected(|a, b| a && b), "{a:?} and {b:?}");
        }
        assert!(Number::Empty.is(|_| true).is_false());
        assert!(Number::Empty.is_empty().is_true() && Number::Known(1).is_empty().is_false());
        let open: Fact<u8> = Fact::Unknown;
        for condition in [open.is(|_| true), open.is(|_| false), open.is_empty(), unknown::<u8>().is_empty()] {
            assert!(!condition.is_true() && !condition.is_false());
        }
    }

    #[test]
    fn a_choice_that_makes_no_difference_is_known() {
        let open = Ternary::Unknown("?".into());
        assert_eq!(Derived::choose(&open, || Derived::Known(1), || Derived::Known(1)), Derived::Known(1));
        assert_eq!(Derived::choose(&open, || Number::Empty, || Number::Empty), Number::Empty);
        assert!(is_unknown(&Derived::choose(&open, || Derived::Known(1), || Number::Empty)));
    }
}
