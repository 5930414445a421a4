//! Unknown facts: how Cedar, which has two truth values, is made to say "undetermined".
//!
//! A rule is undetermined for a subject when its evaluation *reads* an attribute or a membership that is unknown.
//! Cedar alone knows what an evaluation reads (it short-circuits), so the reading itself is turned into an error that
//! names the unknown fact, and Cedar's answer lists the rules that erred:
//!
//! - `e.a` with `a` unknown: the attribute is absent, and reading an absent attribute is an error already;
//! - `e has a` with `a` unknown: would answer "no". So the entity carries a *marker* attribute `a?`, and the rule is
//!   rewritten to `if e has "a?" then e["a?"].x else e has a`. The marker's value is an entity that exists nowhere;
//!   reading anything of it is an error with its id, and the id says which fact of which entity was read;
//! - `e in X` with memberships of X's type unknown: the same with the marker `in T?`. A scope constraint
//!   `principal in X` is moved into the first clause, since a scope cannot hold a condition.
//!
//! A rule must not be undetermined where that cannot matter: `A && B` with an unknown `A` and a false `B` is false, but
//! Cedar reads `A` first. So a rule begins with a clause that tests its conditions without those that read an unknown
//! fact of this subject (`if principal has "a?" then true else A`). Conditions from the first that reads a fact of a named
//! entity on are read in their turn; see [`decided`].
//!
//! Only facts that are unknown somewhere in the snapshot are rewritten for; where everything is known, the rules are
//! evaluated as written. A rewritten rule differs from the written one in nothing but these errors, which a property
//! test holds against the plain authorizer.

use cedar_policy::pst;
use pst::{Clause, EntityOrSlot, PrincipalConstraint, ResourceConstraint};

use super::{decided, markers::Markers, syntax::is_in};

/// Rewrites a rule for these markers.
///
/// # Errors
/// Cedar's reason, were the rewritten rule not one.
pub fn rewrite(markers: &Markers, rule: &pst::Template) -> Result<pst::Template, pst::PstConstructionError> {
    let mut rewritten = rule.clone();
    let mut clauses = Vec::new();
    if let PrincipalConstraint::In(EntityOrSlot::Entity(uid)) | PrincipalConstraint::IsIn(_, EntityOrSlot::Entity(uid)) =
        &rule.principal
        && markers.is_open(uid)
    {
        rewritten.principal = match &rule.principal {
            PrincipalConstraint::IsIn(entity_type, _) => PrincipalConstraint::Is(entity_type.clone()),
            _ => PrincipalConstraint::Any,
        };
        clauses.push(Clause::When(is_in(pst::Var::Principal, uid)));
    }
    if let ResourceConstraint::In(EntityOrSlot::Entity(uid)) | ResourceConstraint::IsIn(_, EntityOrSlot::Entity(uid)) =
        &rule.resource
        && markers.is_open(uid)
    {
        rewritten.resource = match &rule.resource {
            ResourceConstraint::IsIn(entity_type, _) => ResourceConstraint::Is(entity_type.clone()),
            _ => ResourceConstraint::Any,
        };
        clauses.push(Clause::When(is_in(pst::Var::Resource, uid)));
    }
    clauses.extend(rule.clauses().iter().cloned());
    let decided = decided::condition(markers, &clauses).map(Clause::When);
    let clauses = clauses.iter().map(|clause| match clause {
        Clause::When(condition) => Clause::When(markers.expression(condition)),
        Clause::Unless(condition) => Clause::Unless(markers.expression(condition)),
    });
    rewritten.try_with_clauses(decided.into_iter().chain(clauses).collect::<Vec<_>>())
}
