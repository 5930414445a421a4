//! From Cedar's answer to a verdict.
//!
//! In this order: a satisfied `forbid` fails (or is unknown if every satisfied one says so); an undetermined `forbid` is
//! unknown; a satisfied `permit` is not applicable before pass before exempt; an undetermined `permit` is unknown; nothing
//! at all fails. An error is never passed over: Cedar would skip the rule, and a skipped `forbid` would be a false pass.

use cedar_policy::{AuthorizationError, Authorizer, Entities, PolicySet, Request};

use super::unknown_facts;
use crate::{
    bundle::{Effect, Outcome, Rule},
    engine::answer::{Basis, UnknownFact, Verdict},
    resolve::ResolvedSnapshot,
};

/// The rules of a query as Cedar evaluates them.
#[derive(Debug)]
pub struct Slice {
    /// The rewritten policies; a policy's id is its rule's index.
    pub policies: PolicySet,
}

/// Stands for a rule that the bundle does not have.
const STRANGER: u32 = u32::MAX;

/// What every question is put to Cedar with.
pub struct Judge<'j, 'a> {
    /// Cedar.
    pub authorizer: Authorizer,
    /// The entities that it sees.
    pub entities: &'j Entities,
    /// The bundle's rules.
    pub rules: &'j [Rule],
    /// What is unknown, and why.
    pub resolved: &'j ResolvedSnapshot<'a>,
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

    /// The rule of a policy, by its number; none if the id is not the number of a rule.
    fn rule_number(&self, id: &cedar_policy::PolicyId) -> Option<u32> {
        let number: u32 = AsRef::<str>::as_ref(id).parse().ok()?;
        usize::try_from(number).ok().filter(|index| *index < self.rules.len()).map(|_| number)
    }

    fn weigh(&self, request: &Request, slice: &Slice) -> Verdict {
        let response = self.authorizer.is_authorized(request, &slice.policies, self.entities);
        let mut strangers: Vec<String> = Vec::new();
        let mut rule_of = |id: &cedar_policy::PolicyId| match self.rule_number(id) {
            Some(rule) => Some(rule),
            None => {
                strangers.push(id.to_string());
                None
            }
        };
        let mut satisfied: Vec<u32> = response.diagnostics().reason().filter_map(&mut rule_of).collect();
        satisfied.sort_unstable();
        let mut undetermined: Vec<(u32, Option<UnknownFact>, String)> = Vec::new();
        for error in response.diagnostics().errors() {
            let AuthorizationError::PolicyEvaluationError(error) = error;
            let rule = rule_of(error.policy_id()).unwrap_or(STRANGER);
            undetermined.push((rule, unknown_facts::behind(error.inner(), self.resolved), error.inner().to_string()));
        }
        undetermined.sort_by_key(|(rule, ..)| *rule);
        if !strangers.is_empty() {
            // What such a rule permits or forbids cannot be told, so nothing can.
            strangers.sort_unstable();
            let errors =
                strangers.iter().map(|id| (STRANGER, format!("no rule of the bundle has the policy id `{id}`")));
            return Verdict {
                outcome: Outcome::Unknown,
                basis: Basis::Undetermined,
                rules: Vec::new(),
                unknown: Vec::new(),
                errors: errors.collect(),
            };
        }

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

#[cfg(test)]
mod tests {
    use cedar_policy::{Context, Policy, PolicyId};

    use super::*;
    use crate::{
        bundle::{Bundle, shipped},
        model::read,
    };

    #[test]
    fn a_policy_that_is_no_rule_of_the_bundle_makes_the_verdict_unknown() {
        let bundle = Bundle::shipped().unwrap();
        let snapshot = read::snapshot("the example", shipped::EXAMPLE_SNAPSHOT.as_bytes()).unwrap();
        let resolved = ResolvedSnapshot::new(&snapshot, &bundle, snapshot.collected_at);
        let entities = Entities::empty();
        let judge =
            Judge { authorizer: Authorizer::new(), entities: &entities, rules: &bundle.rules, resolved: &resolved };
        let uid = |text: &str| text.parse().unwrap();
        let request = Request::new(
            uid("Person::\"p\""),
            uid("Action::\"staff-role-assigned\""),
            uid("Organization::\"o\""),
            Context::empty(),
            None,
        )
        .unwrap();
        let permit = bundle.rules.iter().position(|rule| rule.outcome == Outcome::Pass).unwrap().to_string();
        let asked = |others: &[(&str, &str)]| {
            let all = others.iter().copied().chain([(permit.as_str(), "permit (principal, action, resource);")]);
            let policies = all.map(|(id, text)| Policy::parse(Some(PolicyId::new(id)), text).unwrap());
            judge.decide(&request, &Slice { policies: PolicySet::from_policies(policies).unwrap() })
        };
        assert_eq!(asked(&[]).outcome, Outcome::Pass);
        let erring = "forbid (principal, action, resource) when { principal.x };";
        for other in [("policy0", erring), ("4000000000", erring), ("x", "forbid (principal, action, resource);")] {
            let verdict = asked(&[other]);
            assert_eq!((verdict.outcome, verdict.errors.len()), (Outcome::Unknown, 1), "{other:?}: {verdict:?}");
        }
    }
}
