//! Which rules can matter to a question.
//!
//! Cedar looks at every policy of a set for every request, about a microsecond each. So the rules are indexed by the
//! entities in their scopes, and a question is put to those rules only whose scope can match it. A rule left out is one
//! whose scope is false for the question: it would neither be satisfied nor err. Where memberships of the subject are
//! unknown, every rule whose scope asks for such a membership stays in.

use std::collections::HashMap;

use pst::{EntityOrSlot, PrincipalConstraint, ResourceConstraint};

use cedar_policy::pst;

use crate::{
    bundle::{Check, Rule},
    engine::classes::numbering::EntityNumbering,
};

/// What a scope asks of the principal or the resource: to be or to be in the entity of this number, or nothing.
type Asked = Option<u32>;

/// The rules of a bundle, indexed by their scopes.
#[derive(Debug)]
pub(in crate::engine) struct Slicer {
    /// Per check: resource → principal → rules.
    checks: Vec<HashMap<Asked, HashMap<Asked, Vec<u32>>>>,
}

impl Slicer {
    /// Indexes the rules for these checks that `reaches` selects.
    pub(super) fn new(
        checks: &[Check],
        rules: &[Rule],
        numbering: &EntityNumbering,
        reaches: impl Fn(&Rule) -> bool,
    ) -> Self {
        let mut slicer = Slicer { checks: checks.iter().map(|_| HashMap::new()).collect() };
        let asked = |of: &EntityOrSlot| match of {
            EntityOrSlot::Entity(uid) => numbering.of(uid),
            EntityOrSlot::Slot(_) => None,
        };
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| reaches(rule)) {
            let principal = match &rule.policy.principal {
                PrincipalConstraint::Eq(of) | PrincipalConstraint::In(of) | PrincipalConstraint::IsIn(_, of) => {
                    asked(of)
                }
                PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
            };
            let resource = match &rule.policy.resource {
                ResourceConstraint::Eq(of) | ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) => asked(of),
                ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
            };
            // No rule has the last number, so that a rule too many is an error later on.
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let spoken = slicer.checks.iter_mut().zip(checks).filter(|(_, check)| rule.applies_to(check));
            for (of_check, _) in spoken {
                of_check.entry(resource).or_default().entry(principal).or_default().push(number);
            }
        }
        slicer
    }

    /// The rules that can matter to a question whose principal and resource are or are in these, as indices into the
    /// bundle's, in order.
    pub(in crate::engine) fn rules(&self, check: usize, principal: &[u32], resource: &[u32]) -> Vec<u32> {
        let Some(of_check) = self.checks.get(check) else { return Vec::new() };
        let mut rules = Vec::new();
        for principals in asked(resource).filter_map(|one| of_check.get(&one)) {
            for found in asked(principal).filter_map(|one| principals.get(&one)) {
                rules.extend_from_slice(found);
            }
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

fn asked(numbers: &[u32]) -> impl Iterator<Item = Asked> + '_ {
    std::iter::once(None).chain(numbers.iter().map(|number| Some(*number)))
}

/// Whether a rule's scope asks nothing of principal and resource but their types.
#[must_use]
pub(crate) fn is_unscoped(rule: &Rule) -> bool {
    matches!(rule.policy.principal, PrincipalConstraint::Any | PrincipalConstraint::Is(_))
        && matches!(rule.policy.resource, ResourceConstraint::Any | ResourceConstraint::Is(_))
}
