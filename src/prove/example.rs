//! Counterexamples that people can read: policy tests which the engine has judged.
//!
//! The solver's example is one of Cedar: entities with arbitrary attributes. Tenure makes the organisation of a policy
//! test of it, judges that with the engine, and takes away every fact that is not needed. What the engine judges otherwise
//! than the solver is not shown.

use serde_json::Value;

use super::{report::Direction, setting::Setting, solver::Example};
use crate::{
    bundle::{Bundle, Effect, Invariant, Outcome, Rule},
    diagnostic::SourceFile,
    testing::{self, Test, file::Expectation},
};

mod organization;

use organization::Draft;

/// Judges organisations by one bundle or two.
pub(super) struct Replay<'b> {
    new: &'b Bundle,
    old: Option<&'b Bundle>,
}

impl<'b> Replay<'b> {
    pub(super) fn new(new: &'b Bundle, old: Option<&'b Bundle>) -> Self {
        Replay { new, old }
    }

    /// A policy test in which the check has an outcome of an invariant whose condition does not hold.
    pub(super) fn of_invariant(&self, invariant: &Invariant, setting: &Setting, example: &Example) -> Option<String> {
        let with_rule = with_rule(self.new, invariant);
        self.realize((&invariant.check, setting), example, |test, expectation| {
            let (outcome, _) = judged(self.new, test, expectation)?;
            let (_, rules) = judged(&with_rule, test, expectation)?;
            let is_broken = invariant.outcomes.contains(&outcome) && !rules.iter().any(|key| key == RULE);
            is_broken.then_some(outcome)
        })
    }

    /// A policy test that the new bundle lets off and the old one does not, or the other way round.
    pub(super) fn of_comparison(&self, check: (&str, &Setting), way: Direction, example: &Example) -> Option<String> {
        let old = self.old?;
        self.realize(check, example, |test, expectation| {
            let (before, _) = judged(old, test, expectation)?;
            let (after, _) = judged(self.new, test, expectation)?;
            let differs = match way {
                Direction::Laxer => before.is_open() && !after.is_open(),
                Direction::Stricter => after.is_open() && !before.is_open(),
            };
            differs.then_some(after)
        })
    }

    /// The smallest organisation near an example for which `accept` gives the outcome to expect.
    fn realize(
        &self,
        (check, setting): (&str, &Setting),
        example: &Example,
        accept: impl Fn(&Test, &Expectation) -> Option<Outcome>,
    ) -> Option<String> {
        let accepted = |draft: &Draft| -> Option<Outcome> {
            let (test, expectation) = self.load(&draft.test(check, None))?;
            accept(&test, &expectation)
        };
        let mut draft = Draft::all(self.new, setting, example).into_iter().find(|draft| accepted(draft).is_some())?;
        // A fact that is not needed is as in an ordinary organisation.
        let mut number = 0;
        while let Some(smaller) = draft.without(number) {
            match accepted(&smaller) {
                Some(_) => draft = smaller,
                None => number += 1,
            }
        }
        let outcome = accepted(&draft)?;
        serde_yaml::to_string(&draft.test(check, Some(outcome))).ok()
    }

    /// A policy test as the testing command reads it.
    fn load(&self, test: &Value) -> Option<(Test, Expectation)> {
        let file = SourceFile::new("counterexample.yaml", test.to_string());
        let bundle = Bundle { tests: vec![file], ..self.new.clone() };
        let test = testing::load(&bundle, None).ok()?.pop()?;
        let (expectation, _) = test.expect.first()?.clone();
        Some((test, expectation))
    }
}

fn judged(bundle: &Bundle, test: &Test, expectation: &Expectation) -> Option<(Outcome, Vec<String>)> {
    testing::run::outcome(bundle, test, expectation).ok().flatten()
}

/// The key of the rule that stands for an invariant.
const RULE: &str = "(the invariant)";

/// The bundle with a further rule that forbids wherever the condition of an invariant holds.
fn with_rule(bundle: &Bundle, invariant: &Invariant) -> Bundle {
    let mut bundle = bundle.clone();
    let mut policy = invariant.holds.clone();
    policy.effect = cedar_policy::pst::Effect::Forbid;
    bundle.rules.push(Rule {
        key: RULE.to_owned(),
        id: RULE.to_owned(),
        effect: Effect::Forbid,
        outcome: Outcome::Fail,
        message: None,
        remediation: None,
        location: invariant.location.clone(),
        policy: policy.with_id(cedar_policy::pst::PolicyID(RULE.into())),
        grants: None,
    });
    bundle.rules_changed();
    bundle
}
