//! Walking Cedar's syntax trees.

use std::{borrow::Cow, sync::Arc};

use cedar_policy::pst;
use pst::{BinaryOp, Clause, EntityOrSlot, Expr, Literal, PrincipalConstraint, ResourceConstraint, Var};

/// The expressions directly inside another one.
pub(crate) fn children(expression: &Expr) -> Vec<&Arc<Expr>> {
    let mut found = Vec::new();
    each_child(expression, &mut |child| found.push(child));
    found
}

/// Visits the expressions directly inside another one.
pub(crate) fn each_child<'e>(expression: &'e Expr, visit: &mut dyn FnMut(&'e Arc<Expr>)) {
    match expression {
        Expr::UnaryOp { expr, .. }
        | Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::Like { expr, .. } => visit(expr),
        Expr::BinaryOp { left, right, .. } => [left, right].into_iter().for_each(visit),
        Expr::Is { expr, in_expr, .. } => std::iter::once(expr).chain(in_expr).for_each(visit),
        Expr::IfThenElse { cond, then_expr, else_expr } => [cond, then_expr, else_expr].into_iter().for_each(visit),
        Expr::Set(items) => items.iter().for_each(visit),
        Expr::Record(fields) => fields.values().for_each(visit),
        _ => {}
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

/// What the scope of a rule asks of the principal and of the resource, as conditions; none where it asks nothing.
pub(crate) fn scope(rule: &pst::Template) -> [Option<Arc<Expr>>; 2] {
    let principal = match &rule.principal {
        PrincipalConstraint::Eq(EntityOrSlot::Entity(uid)) => Some(compared(Var::Principal, BinaryOp::Eq, uid)),
        PrincipalConstraint::In(EntityOrSlot::Entity(uid)) => Some(compared(Var::Principal, BinaryOp::In, uid)),
        PrincipalConstraint::Is(entity_type) => Some(typed(Var::Principal, entity_type, None)),
        PrincipalConstraint::IsIn(entity_type, EntityOrSlot::Entity(uid)) => {
            Some(typed(Var::Principal, entity_type, Some(uid)))
        }
        // A rule has no slots left.
        _ => None,
    };
    let resource = match &rule.resource {
        ResourceConstraint::Eq(EntityOrSlot::Entity(uid)) => Some(compared(Var::Resource, BinaryOp::Eq, uid)),
        ResourceConstraint::In(EntityOrSlot::Entity(uid)) => Some(compared(Var::Resource, BinaryOp::In, uid)),
        ResourceConstraint::Is(entity_type) => Some(typed(Var::Resource, entity_type, None)),
        ResourceConstraint::IsIn(entity_type, EntityOrSlot::Entity(uid)) => {
            Some(typed(Var::Resource, entity_type, Some(uid)))
        }
        _ => None,
    };
    [principal, resource]
}

fn literal(uid: &pst::EntityUID) -> Arc<Expr> {
    Arc::new(Expr::Literal(Literal::EntityUID(uid.clone())))
}

fn compared(of: Var, op: BinaryOp, uid: &pst::EntityUID) -> Arc<Expr> {
    Arc::new(Expr::BinaryOp { op, left: Arc::new(Expr::Var(of)), right: literal(uid) })
}

fn typed(of: Var, entity_type: &pst::EntityType, within: Option<&pst::EntityUID>) -> Arc<Expr> {
    Arc::new(Expr::Is { expr: Arc::new(Expr::Var(of)), entity_type: entity_type.clone(), in_expr: within.map(literal) })
}

/// The type of an entity, as it is written.
pub(crate) fn type_name(uid: &pst::EntityUID) -> Cow<'_, str> {
    let pst::Name { id, namespace } = &uid.ty.0;
    if namespace.is_empty() { id.as_str().into() } else { uid.ty.to_string().into() }
}

/// Visits every entity that a rule names, in its scope and in its clauses.
pub(crate) fn each_named<'r>(rule: &'r pst::Template, visit: &mut dyn FnMut(&'r pst::EntityUID)) {
    let principal = match &rule.principal {
        PrincipalConstraint::Eq(of) | PrincipalConstraint::In(of) | PrincipalConstraint::IsIn(_, of) => Some(of),
        PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
    };
    let resource = match &rule.resource {
        ResourceConstraint::Eq(of) | ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) => Some(of),
        ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
    };
    for of in [principal, resource].into_iter().flatten() {
        if let EntityOrSlot::Entity(uid) = of {
            visit(uid);
        }
    }
    each_named_in_clauses(rule, visit);
}

/// Visits every entity that the clauses of a rule name.
pub(crate) fn each_named_in_clauses<'r>(rule: &'r pst::Template, visit: &mut dyn FnMut(&'r pst::EntityUID)) {
    rule.clauses().iter().for_each(|clause| each_named_in(condition(clause), visit));
}

fn each_named_in<'e>(expression: &'e Expr, visit: &mut dyn FnMut(&'e pst::EntityUID)) {
    if let Expr::Literal(Literal::EntityUID(uid)) = expression {
        visit(uid);
    }
    each_child(expression, &mut |child| each_named_in(child, visit));
}
