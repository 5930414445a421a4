//! Walking Cedar's syntax trees.

use std::sync::Arc;

use cedar_policy::pst;
use pst::{BinaryOp, Clause, EntityOrSlot, Expr, Literal, PrincipalConstraint, ResourceConstraint};

/// The expressions directly inside another one.
pub(crate) fn children(expression: &Expr) -> Vec<&Arc<Expr>> {
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

/// The same expression around other ones: each of its children as `change` makes it.
pub(crate) fn rebuild(expression: &Arc<Expr>, change: &mut dyn FnMut(&Arc<Expr>) -> Arc<Expr>) -> Arc<Expr> {
    Arc::new(match &**expression {
        Expr::UnaryOp { op, expr } => Expr::UnaryOp { op: *op, expr: change(expr) },
        Expr::GetAttr { expr, attr } => Expr::GetAttr { expr: change(expr), attr: attr.clone() },
        Expr::HasAttr { expr, attrs } => Expr::HasAttr { expr: change(expr), attrs: attrs.clone() },
        Expr::Like { expr, pattern } => Expr::Like { expr: change(expr), pattern: pattern.clone() },
        Expr::BinaryOp { op, left, right } => Expr::BinaryOp { op: *op, left: change(left), right: change(right) },
        Expr::Is { expr, entity_type, in_expr } => Expr::Is {
            expr: change(expr),
            entity_type: entity_type.clone(),
            in_expr: in_expr.as_ref().map(&mut *change),
        },
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            Expr::IfThenElse { cond: change(cond), then_expr: change(then_expr), else_expr: change(else_expr) }
        }
        Expr::Set(items) => Expr::Set(items.iter().map(change).collect()),
        Expr::Record(fields) => {
            Expr::Record(fields.iter().map(|(name, value)| (name.clone(), change(value))).collect())
        }
        _ => return expression.clone(),
    })
}

/// The parts of a chain of one operator, `a && b && c`, in order.
pub(crate) fn chain(expression: &Arc<Expr>, operator: BinaryOp) -> Vec<Arc<Expr>> {
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
pub(crate) fn condition(clause: &Clause) -> &Arc<Expr> {
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
