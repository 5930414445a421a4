//! From Cedar's answer to a verdict.
//!
//! In this order: a satisfied `forbid` fails (or is unknown, where every satisfied one says so); an undetermined
//! `forbid` is unknown; a satisfied `permit` is not applicable before pass before exempt; an undetermined `permit` is
//! unknown; nothing at all fails. An error is never passed over: Cedar would skip the rule, and a skipped `forbid`
//! would be a false pass.

use cedar_policy::{AuthorizationError, Authorizer, Entities, PolicySet, Request};

use super::{unknown, unknown::UnknownFact};
use crate::bundle::{Effect, Outcome, Rule};
use crate::resolve::Situation;

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Rules that are satisfied.
    Satisfied,
    /// Rules that could not be determined.
    Undetermined,
    /// That no rule is satisfied.
    NothingMatched,
}

/// The outcome of one question, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// What it rests on.
    pub basis: Basis,
    /// The determining rules, as indices into the bundle's, in order.
    pub rules: Vec<u32>,
    /// The unknown facts that determining rules ran into, in order.
    pub unknown: Vec<UnknownFact>,
    /// Rules that erred for another reason than an unknown fact, each with Cedar's reason, in order.
    pub errors: Vec<(u32, String)>,
}

/// Rules of a question as Cedar knows them: policy set and, for each policy id, the rule's index.
#[derive(Debug)]
pub struct Slice {
    /// The rewritten policies; a policy's id is its rule's index.
    pub policies: PolicySet,
}

/// What every question is put to Cedar with.
pub struct Judge<'j, 'a> {
    /// Cedar.
    pub authorizer: Authorizer,
    /// The entities that it sees.
    pub entities: &'j Entities,
    /// The bundle's rules.
    pub rules: &'j [Rule],
    /// What is unknown, and why.
    pub situation: &'j Situation<'a>,
}

impl Judge<'_, '_> {
    /// Asks Cedar one question.
    ///
    /// A rule that erred for another reason than an unknown fact makes the verdict unknown, unless it fails anyway:
    /// whatever lets the subject off or pass was not all that had to be said.
    #[must_use]
    pub fn decide(&self, request: &Request, slice: &Slice) -> Verdict {
        let verdict = self.weigh(request, slice);
        match verdict.outcome {
            Outcome::Pass | Outcome::Exempt | Outcome::NotApplicable if !verdict.errors.is_empty() => Verdict {
                outcome: Outcome::Unknown,
                basis: Basis::Undetermined,
                rules: verdict.errors.iter().map(|(rule, _)| *rule).collect(),
                unknown: Vec::new(),
                errors: verdict.errors,
            },
            _ => verdict,
        }
    }

    fn weigh(&self, request: &Request, slice: &Slice) -> Verdict {
        let response = self.authorizer.is_authorized(request, &slice.policies, self.entities);
        let rule_of = |id: &cedar_policy::PolicyId| -> Option<u32> { AsRef::<str>::as_ref(id).parse().ok() };
        let mut satisfied: Vec<u32> = response.diagnostics().reason().filter_map(rule_of).collect();
        satisfied.sort_unstable();
        let mut undetermined: Vec<(u32, Option<UnknownFact>, String)> = Vec::new();
        for error in response.diagnostics().errors() {
            let AuthorizationError::PolicyEvaluationError(error) = error;
            let Some(rule) = rule_of(error.policy_id()) else { continue };
            undetermined.push((rule, unknown::behind(error.inner(), self.situation), error.inner().to_string()));
        }
        undetermined.sort_by_key(|(rule, ..)| *rule);

        let rule = |index: u32| usize::try_from(index).ok().and_then(|index| self.rules.get(index));
        let effect = |index: u32| rule(index).map(|rule| rule.effect);
        let outcome = |index: u32| rule(index).map(|rule| rule.outcome);
        let errors: Vec<(u32, String)> = undetermined
            .iter()
            .filter(|(_, fact, _)| fact.is_none())
            .map(|(rule, _, reason)| (*rule, reason.clone()))
            .collect();
        let settle = |outcome: Outcome, basis: Basis, of: Vec<u32>| {
            let facts = undetermined.iter().filter(|(rule, ..)| basis == Basis::Undetermined && of.contains(rule));
            let mut unknown: Vec<UnknownFact> = facts.filter_map(|(_, fact, _)| fact.clone()).collect();
            unknown.sort();
            unknown.dedup();
            Verdict { outcome, basis, rules: of, unknown, errors: errors.clone() }
        };
        let undetermined_of = |wanted: Effect| -> Vec<u32> {
            undetermined.iter().map(|(rule, ..)| *rule).filter(|rule| effect(*rule) == Some(wanted)).collect()
        };

        // Cedar names the satisfied forbids where there are any, and else the satisfied permits.
        if satisfied.iter().any(|rule| effect(*rule) == Some(Effect::Forbid)) {
            satisfied.retain(|rule| effect(*rule) == Some(Effect::Forbid));
            let failing: Vec<u32> =
                satisfied.iter().copied().filter(|rule| outcome(*rule) != Some(Outcome::Unknown)).collect();
            return if failing.is_empty() {
                settle(Outcome::Unknown, Basis::Satisfied, satisfied)
            } else {
                settle(Outcome::Fail, Basis::Satisfied, failing)
            };
        }
        let forbids = undetermined_of(Effect::Forbid);
        if !forbids.is_empty() {
            return settle(Outcome::Unknown, Basis::Undetermined, forbids);
        }
        for wanted in [Outcome::NotApplicable, Outcome::Pass, Outcome::Exempt] {
            let of: Vec<u32> = satisfied.iter().copied().filter(|rule| outcome(*rule) == Some(wanted)).collect();
            if !of.is_empty() {
                return settle(wanted, Basis::Satisfied, of);
            }
        }
        let permits = undetermined_of(Effect::Permit);
        if !permits.is_empty() {
            return settle(Outcome::Unknown, Basis::Undetermined, permits);
        }
        settle(Outcome::Fail, Basis::NothingMatched, Vec::new())
    }
}
