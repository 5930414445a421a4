//! Walking Cedar's syntax trees.

use std::sync::Arc;

use cedar_policy::pst;
use pst::{BinaryOp, Clause, EntityOrSlot, Expr, Literal, PrincipalConstraint, ResourceConstraint};

/// The expressions directly inside another one.
pub(super) fn children(expression: &Expr) -> Vec<&Arc<Expr>> {
    match expression {
        Expr::UnaryOp { expr, .. }
        | Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::Like { expr, .. } => {
            vec![expr]
        }
        Expr::BinaryOp { left, right, .. } => vec![left, right],
        Expr::Is { expr, in_expr, .. } => std::iter::once(expr).chain(in_expr).collect(),
        Expr::IfThenElse { cond, then_expr, else_expr } => vec![cond, then_expr, else_expr],
        Expr::Set(items) => items.iter().collect(),
        Expr::Record(fields) => fields.values().collect(),
        _ => Vec::new(),
    }
}

/// The parts of a chain of one operator, `a && b && c`, in order.
pub(super) fn chain(expression: &Arc<Expr>, operator: BinaryOp) -> Vec<Arc<Expr>> {
    match &**expression {
        Expr::BinaryOp { op, left, right } if *op == operator => {
            let mut parts = chain(left, operator);
            parts.extend(chain(right, operator));
            parts
        }
        _ => vec![expression.clone()],
    }
}

/// The expression of a clause.
pub(super) fn condition(clause: &Clause) -> &Arc<Expr> {
    let (Clause::When(condition) | Clause::Unless(condition)) = clause;
    condition
}

/// Every entity that a rule names.
pub(super) fn literals(rule: &pst::Template) -> Vec<&pst::EntityUID> {
    let mut found = Vec::new();
    match &rule.principal {
        PrincipalConstraint::Eq(EntityOrSlot::Entity(uid))
        | PrincipalConstraint::In(EntityOrSlot::Entity(uid))
        | PrincipalConstraint::IsIn(_, EntityOrSlot::Entity(uid)) => found.push(uid),
        _ => {}
    }
    match &rule.resource {
        ResourceConstraint::Eq(EntityOrSlot::Entity(uid))
        | ResourceConstraint::In(EntityOrSlot::Entity(uid))
        | ResourceConstraint::IsIn(_, EntityOrSlot::Entity(uid)) => found.push(uid),
        _ => {}
    }
    let mut open: Vec<&Arc<Expr>> = rule.clauses().iter().map(condition).collect();
    while let Some(expression) = open.pop() {
        if let Expr::Literal(Literal::EntityUID(uid)) = &**expression {
            found.push(uid);
        }
        open.extend(children(expression));
    }
    found
}
