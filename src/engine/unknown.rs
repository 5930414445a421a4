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
//! fact of this subject (`if principal has "a?" then true else A`); see [`decided`].
//!
//! Only facts that are unknown somewhere in the snapshot are rewritten for; where everything is known, the rules are
//! evaluated as written. A rewritten rule differs from the written one in nothing but these errors, which a property
//! test holds against the plain authorizer.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use cedar_policy::{EntityUid, pst};
use pst::{BinaryOp, Clause, EntityOrSlot, Expr, Literal, PrincipalConstraint, ResourceConstraint};

use crate::resolve::{Reasons, Situation};

mod decided;

/// The entity type of markers' values; no entity of it exists.
pub const UNKNOWN_TYPE: &str = "Tenure::Unknown";

/// The name of the marker of a fact; `?` stands in no attribute's name that Cedar can write with a dot.
#[must_use]
pub fn marker(fact: &str) -> String {
    format!("{fact}?")
}

/// The id of a marker's value.
#[must_use]
pub fn marker_id(entity_type: &str, index: usize, fact: &str) -> String {
    format!("{entity_type} {index} {fact}")
}

/// An unknown fact that a rule ran into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownFact {
    /// The entity.
    pub entity: String,
    /// The attribute, or `in <entity type>`.
    pub fact: Arc<str>,
    /// Why it is unknown; many share one reason.
    pub reason: Arc<str>,
}

/// The facts that are unknown somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markers {
    attributes: BTreeSet<String>,
    memberships: BTreeSet<String>,
}

impl Markers {
    /// Of facts: attributes, and `in <entity type>` for memberships.
    pub fn of(facts: impl IntoIterator<Item = &'static str>) -> Self {
        let mut markers = Markers::default();
        for fact in facts {
            match fact.strip_prefix("in ") {
                Some(entity_type) => markers.memberships.insert(entity_type.to_owned()),
                None => markers.attributes.insert(fact.to_owned()),
            };
        }
        markers
    }

    /// Rewrites a rule for these markers.
    ///
    /// # Errors
    /// Cedar's reason, were the rewritten rule not one.
    pub fn rewrite(&self, rule: &pst::Template) -> Result<pst::Template, pst::PstConstructionError> {
        let mut rewritten = rule.clone();
        let mut clauses = Vec::new();
        if let PrincipalConstraint::In(EntityOrSlot::Entity(uid))
        | PrincipalConstraint::IsIn(_, EntityOrSlot::Entity(uid)) = &rule.principal
            && self.is_open(uid)
        {
            rewritten.principal = match &rule.principal {
                PrincipalConstraint::IsIn(entity_type, _) => PrincipalConstraint::Is(entity_type.clone()),
                _ => PrincipalConstraint::Any,
            };
            clauses.push(Clause::When(is_in(pst::Var::Principal, uid)));
        }
        if let ResourceConstraint::In(EntityOrSlot::Entity(uid))
        | ResourceConstraint::IsIn(_, EntityOrSlot::Entity(uid)) = &rule.resource
            && self.is_open(uid)
        {
            rewritten.resource = match &rule.resource {
                ResourceConstraint::IsIn(entity_type, _) => ResourceConstraint::Is(entity_type.clone()),
                _ => ResourceConstraint::Any,
            };
            clauses.push(Clause::When(is_in(pst::Var::Resource, uid)));
        }
        clauses.extend(rule.clauses().iter().cloned());
        let decided = decided::condition(self, &clauses).map(Clause::When);
        let clauses = clauses.iter().map(|clause| match clause {
            Clause::When(condition) => Clause::When(self.expression(condition)),
            Clause::Unless(condition) => Clause::Unless(self.expression(condition)),
        });
        rewritten.try_with_clauses(decided.into_iter().chain(clauses).collect::<Vec<_>>())
    }

    /// Whether membership in this entity is unknown for somebody.
    fn is_open(&self, uid: &pst::EntityUID) -> bool {
        self.memberships.contains(&uid.ty.to_string())
    }

    /// Rewrites an expression for these markers.
    pub(super) fn expression(&self, expression: &Arc<Expr>) -> Arc<Expr> {
        let go = |inner: &Arc<Expr>| self.expression(inner);
        Arc::new(match &**expression {
            Expr::Literal(_) | Expr::Var(_) | Expr::Slot(_) => return expression.clone(),
            Expr::UnaryOp { op, expr } => Expr::UnaryOp { op: *op, expr: go(expr) },
            Expr::BinaryOp { op: BinaryOp::In, left, right } => return self.membership(go(left), go(right)),
            Expr::BinaryOp { op, left, right } => Expr::BinaryOp { op: *op, left: go(left), right: go(right) },
            Expr::GetAttr { expr, attr } => Expr::GetAttr { expr: go(expr), attr: attr.clone() },
            Expr::HasAttr { expr, attrs } => return self.presence(go(expr), &attrs.iter().collect::<Vec<_>>()),
            Expr::Like { expr, pattern } => Expr::Like { expr: go(expr), pattern: pattern.clone() },
            Expr::Is { expr, entity_type, in_expr: None } => {
                Expr::Is { expr: go(expr), entity_type: entity_type.clone(), in_expr: None }
            }
            Expr::Is { expr, entity_type, in_expr: Some(of) } => {
                let expr = go(expr);
                let is = Expr::Is { expr: expr.clone(), entity_type: entity_type.clone(), in_expr: None };
                and(Arc::new(is), self.membership(expr, go(of)))
            }
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                Expr::IfThenElse { cond: go(cond), then_expr: go(then_expr), else_expr: go(else_expr) }
            }
            Expr::Set(items) => Expr::Set(items.iter().map(go).collect()),
            Expr::Record(fields) => {
                Expr::Record(fields.iter().map(|(name, value)| (name.clone(), go(value))).collect())
            }
            // A rule can hold no other expression today. What a new one reads is unknown.
            _ => undetermined(),
        })
    }

    /// `e has a.b.c` is `e has a && e.a has b && e.a.b has c`.
    fn presence(&self, of: Arc<Expr>, attributes: &[&pst::SmolStr]) -> Arc<Expr> {
        let Some((first, rest)) = attributes.split_first() else { return of };
        let has = has(of.clone(), first.as_str());
        let here = if self.attributes.contains(first.as_str()) { guard(&of, first.as_str(), has) } else { has };
        if rest.is_empty() {
            return here;
        }
        let inner = Arc::new(Expr::GetAttr { expr: of, attr: (*first).clone() });
        Arc::new(and(here, self.presence(inner, rest)))
    }

    fn membership(&self, of: Arc<Expr>, group: Arc<Expr>) -> Arc<Expr> {
        let types = types_of(&group);
        let open = self.memberships.iter().filter(|name| types.as_ref().is_none_or(|types| types.contains(*name)));
        let plain = Arc::new(Expr::BinaryOp { op: BinaryOp::In, left: of.clone(), right: group });
        open.fold(plain, |inner, entity_type| guard(&of, &format!("in {entity_type}"), inner))
    }
}

/// `if of has "fact?" then of["fact?"].unknown else otherwise`.
fn guard(of: &Arc<Expr>, fact: &str, otherwise: Arc<Expr>) -> Arc<Expr> {
    let marker = marker(fact);
    let value = Arc::new(Expr::GetAttr { expr: of.clone(), attr: marker.as_str().into() });
    Arc::new(Expr::IfThenElse {
        cond: has(of.clone(), &marker),
        then_expr: Arc::new(Expr::GetAttr { expr: value, attr: "unknown".into() }),
        else_expr: otherwise,
    })
}

/// An expression that errs whatever is asked, so that the rule that holds it is undetermined.
fn undetermined() -> Expr {
    let nothing = Arc::new(Expr::Record(std::collections::BTreeMap::new()));
    Expr::GetAttr { expr: nothing, attr: "(an expression that this version of tenure does not know)".into() }
}

fn has(of: Arc<Expr>, attribute: &str) -> Arc<Expr> {
    Arc::new(Expr::HasAttr { expr: of, attrs: pst::NonEmpty::new(attribute.into()) })
}

fn and(left: Arc<Expr>, right: Arc<Expr>) -> Expr {
    Expr::BinaryOp { op: BinaryOp::And, left, right }
}

fn is_in(of: pst::Var, uid: &pst::EntityUID) -> Arc<Expr> {
    let right = Arc::new(Expr::Literal(Literal::EntityUID(uid.clone())));
    Arc::new(Expr::BinaryOp { op: BinaryOp::In, left: Arc::new(Expr::Var(of)), right })
}

/// The entity types of the right side of an `in`; `None` where it is not a literal or a set of literals.
fn types_of(group: &Expr) -> Option<BTreeSet<String>> {
    match group {
        Expr::Literal(Literal::EntityUID(uid)) => Some(BTreeSet::from([uid.ty.to_string()])),
        Expr::Set(items) => {
            let types: Option<Vec<_>> = items.iter().map(|item| types_of(item)).collect();
            types.map(|types| types.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// The unknown fact behind an error of Cedar's, or `None` where the rule itself erred.
#[must_use]
pub fn behind(error: &cedar_policy::EvaluationError, situation: &Situation<'_>) -> Option<UnknownFact> {
    use cedar_policy::EvaluationError as Error;
    match error {
        // entity `Tenure::Unknown::"Person 7 manager"` does not exist
        Error::EntityDoesNotExist(error) => {
            let message = error.to_string();
            let uid = message.strip_prefix("entity `")?.strip_suffix("` does not exist")?;
            let uid = EntityUid::from_str(uid).ok()?;
            if uid.type_name().to_string() != UNKNOWN_TYPE {
                return None;
            }
            let mut parts = uid.id().unescaped().splitn(3, ' ');
            let (entity_type, index, fact) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
            at(situation, entity_type, index, fact)
        }
        // `Person::"p7"` does not have the attribute `status`
        Error::EntityAttrDoesNotExist(error) => {
            let message = error.to_string();
            let (uid, attribute) = message.strip_prefix('`')?.rsplit_once("` does not have the attribute `")?;
            let uid = EntityUid::from_str(uid).ok()?;
            let id = uid.id().unescaped();
            let attribute = attribute.strip_suffix('`')?;
            match uid.type_name().to_string().as_str() {
                "Person" => at(situation, "Person", situation.person_index(id)?, attribute),
                "Account" => {
                    let account = situation.account(id)?;
                    named(id, "Account", attribute, &account.unknown)
                }
                "System" => named(id, "System", attribute, &situation.system(id)?.unknown),
                "Organization" => named(id, "Organization", attribute, &situation.staff.unknown),
                "AccessRequest" => {
                    let index = situation.snapshot.access_requests.iter().position(|request| request.id == id)?;
                    at(situation, "AccessRequest", index, attribute)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn at(situation: &Situation<'_>, entity_type: &str, index: usize, fact: &str) -> Option<UnknownFact> {
    match entity_type {
        "Person" => {
            let person = situation.people.get(index)?;
            named(person.id, entity_type, fact, person.unknown)
        }
        "Account" => {
            let account = situation.account_at(index)?;
            named(&super::entities::account_id(&account), entity_type, fact, &account.unknown)
        }
        "System" => {
            let system = situation.systems.get(index)?;
            named(system.id, entity_type, fact, &system.unknown)
        }
        "Organization" => named(&situation.snapshot.organization.id, entity_type, fact, &situation.staff.unknown),
        "AccessRequest" => {
            let request = situation.snapshot.access_requests.get(index)?;
            let reason = request.unknown.get(fact)?.as_str().into();
            Some(UnknownFact { entity: format!("{entity_type}::\"{}\"", request.id), fact: fact.into(), reason })
        }
        _ => None,
    }
}

fn named(id: &str, entity_type: &str, fact: &str, unknown: &Reasons) -> Option<UnknownFact> {
    let reason = unknown.get(fact)?.clone();
    Some(UnknownFact { entity: format!("{entity_type}::\"{id}\""), fact: fact.into(), reason })
}

#[cfg(test)]
mod tests {
    use cedar_policy::{Authorizer, Context, Entities, Policy, PolicySet, Request};

    use super::*;

    #[test]
    fn a_rule_with_an_expression_that_is_not_known_errs() {
        let parsed = Policy::parse(None, "permit (principal, action, resource) when { true };").unwrap();
        let pst::Policy::Static(rule) = parsed.to_pst().unwrap() else { panic!("it is no link") };
        let strange = Arc::new(Expr::Unknown { name: "later".into() });
        let nested = Arc::new(Expr::Set(vec![strange]));
        let whole = Arc::new(Expr::BinaryOp {
            op: BinaryOp::Contains,
            left: nested,
            right: Arc::new(Expr::Literal(Literal::Bool(true))),
        });
        let clause = Clause::When(Markers::default().expression(&whole));
        let rule = rule.body().clone().try_with_clauses(vec![clause]).unwrap();
        let policy = pst::Policy::Static(pst::StaticPolicy::try_from(rule).unwrap());
        let policies = PolicySet::from_policies([Policy::from_pst(policy).unwrap()]).unwrap();
        let uid = || "A::\"a\"".parse().unwrap();
        let request = Request::new(uid(), "Action::\"a\"".parse().unwrap(), uid(), Context::empty(), None).unwrap();
        let response = Authorizer::new().is_authorized(&request, &policies, &Entities::empty());
        let errors: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
        assert!(errors.len() == 1 && errors[0].contains("does not know"), "{errors:?}");
    }
}
