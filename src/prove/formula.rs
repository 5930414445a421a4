//! Formulas over a slice: what has to hold, and what must not.

use super::{
    expressions::{Condition, constant},
    slice::Slice,
};
use crate::bundle::{Effect, Outcome};

/// Some condition of `some` holds, and none of `none`.
///
/// That is what a Cedar policy set says, with the former as permits and the latter as forbids. Conditions stay apart: the
/// analysis is slow on long chains of `&&` and `||`.
#[derive(Debug, Clone, Default)]
pub(super) struct Formula {
    pub(super) some: Vec<Condition>,
    pub(super) none: Vec<Condition>,
}

impl Formula {
    /// The same, and none of these conditions holds.
    pub(super) fn without(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.none.extend(conditions);
        self
    }
}

impl Slice<'_> {
    /// The conditions of the rules with this outcome.
    pub(super) fn conditions(&self, outcome: Outcome) -> impl Iterator<Item = Condition> {
        self.rules.iter().filter(move |rule| rule.rule.outcome == outcome).map(|rule| rule.condition.clone())
    }

    /// The conditions of the rules with this effect.
    pub(super) fn conditions_of(&self, effect: Effect) -> impl Iterator<Item = Condition> {
        self.rules.iter().filter(move |rule| rule.rule.effect == effect).map(|rule| rule.condition.clone())
    }

    /// When the check has this outcome, as alternatives; no rule errs.
    pub(super) fn outcome(&self, outcome: Outcome) -> Vec<Formula> {
        let some = |outcome: Outcome| Formula { some: self.conditions(outcome).collect(), none: Vec::new() };
        let forbids = || self.conditions_of(Effect::Forbid);
        match outcome {
            Outcome::NotApplicable => vec![some(outcome).without(forbids())],
            Outcome::Pass => {
                vec![some(outcome).without(forbids()).without(self.conditions(Outcome::NotApplicable))]
            }
            Outcome::Exempt => {
                let before = self.conditions(Outcome::NotApplicable).chain(self.conditions(Outcome::Pass));
                vec![some(outcome).without(forbids()).without(before)]
            }
            Outcome::Unknown => vec![some(outcome).without(self.conditions(Outcome::Fail))],
            Outcome::Fail => {
                let nothing = Formula { some: vec![constant(true)], none: Vec::new() };
                vec![some(outcome), nothing.without(forbids()).without(self.conditions_of(Effect::Permit))]
            }
        }
    }

    /// When the check neither fails nor is unknown.
    pub(super) fn not_open(&self) -> Formula {
        Formula {
            some: self.conditions_of(Effect::Permit).collect(),
            none: self.conditions_of(Effect::Forbid).collect(),
        }
    }
}
