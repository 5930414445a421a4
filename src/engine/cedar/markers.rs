//! Markers: the facts that are unknown in a snapshot, and expressions that recognise them.

use std::{collections::BTreeSet, sync::Arc};

use cedar_policy::pst;
use pst::{BinaryOp, Expr};

use super::{
    syntax::{and, has, marker, types_of},
    unknown_facts::is_about_holdings,
};
use crate::bundle::holdings::{holdings_fact, is_holdings, literals};

/// The facts that are unknown somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markers {
    pub(super) attributes: BTreeSet<String>,
    pub(super) memberships: BTreeSet<String>,
    /// What it is unknown of whether it is held: `holdings in Entitlement::"github/admin"`.
    pub(super) holdings: BTreeSet<String>,
}

impl Markers {
    /// Of facts: attributes, and `in <entity type>` for memberships.
    pub fn of(facts: impl IntoIterator<Item = &'static str>) -> Self {
        let mut markers = Markers::default();
        for fact in facts {
            match fact.strip_prefix("in ") {
                Some(entity_type) => markers.memberships.insert(entity_type.to_owned()),
                None if is_about_holdings(fact) => markers.holdings.insert(fact.to_owned()),
                None => markers.attributes.insert(fact.to_owned()),
            };
        }
        markers
    }

    /// Whether membership in this entity is unknown for any entity of the snapshot.
    pub(super) fn is_open(&self, uid: &pst::EntityUID) -> bool {
        self.memberships.contains(&uid.ty.to_string())
    }

    /// Rewrites an expression for these markers.
    pub(in crate::engine) fn expression(&self, expression: &Arc<Expr>) -> Arc<Expr> {
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
        let open_holdings = self.open_holdings(&of, &group);
        let several = literals(&group).is_none_or(|uids| uids.len() > 1);
        let plain = Arc::new(Expr::BinaryOp { op: BinaryOp::In, left: of.clone(), right: group });
        let plain = match open_holdings.as_slice() {
            [] => plain,
            // What is unknown of one of several does not matter if another one is held.
            open if several => {
                let not = Arc::new(Expr::Literal(pst::Literal::Bool(false)));
                let yes = Arc::new(Expr::Literal(pst::Literal::Bool(true)));
                let otherwise = open.iter().fold(not, |inner, fact| guard(&of, fact, inner));
                Arc::new(Expr::IfThenElse { cond: plain, then_expr: yes, else_expr: otherwise })
            }
            open => open.iter().fold(plain, |inner, fact| guard(&of, fact, inner)),
        };
        open.fold(plain, |inner, entity_type| guard(&of, &format!("in {entity_type}"), inner))
    }
}

impl Markers {
    /// The facts about holdings that an `in` asks for and that are unknown somewhere.
    pub(super) fn open_holdings(&self, of: &Expr, group: &Expr) -> Vec<String> {
        if self.holdings.is_empty() || !is_holdings(of) {
            return Vec::new();
        }
        let asked = literals(group).into_iter().flatten().map(holdings_fact);
        asked.filter(|fact| self.holdings.contains(fact)).collect()
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

#[cfg(test)]
mod tests {
    use cedar_policy::{Authorizer, Context, Entities, Policy, PolicySet, Request};
    use pst::{Clause, Literal};

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
