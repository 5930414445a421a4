//! Building blocks of Cedar expressions.

use std::sync::Arc;

use cedar_policy::pst;
use jiff::civil::Date;
use pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};

use super::error::Error;
use crate::bundle::expression::{children, condition, scope};

/// A Cedar expression.
pub(super) type Condition = Arc<Expr>;

/// Parses a condition as the body of a rule.
///
/// # Errors
/// Returns Cedar's error if the text is not one condition.
pub(super) fn parse(text: &str) -> Result<Condition, Error> {
    let policy = cedar_policy::Policy::parse(None, format!("permit (principal, action, resource) when {{ {text} }};"));
    let tree = policy.map_err(Error::cedar)?.to_pst().map_err(Error::cedar)?;
    Ok(whole(tree.body()))
}

/// The condition of a rule: its scope without the action, then its clauses.
pub(super) fn whole(rule: &pst::Template) -> Condition {
    let clauses = rule.clauses().iter().map(|clause| match clause {
        Clause::When(_) => condition(clause).clone(),
        Clause::Unless(_) => not(condition(clause).clone()),
    });
    let [principal, resource] = scope(rule);
    // The setting decides what the scope asks of the resource, so that comes first.
    all([resource, principal].into_iter().flatten().chain(clauses))
}

/// A condition that always has this value.
pub(super) fn constant(value: bool) -> Condition {
    literal(Literal::Bool(value))
}

/// The value of a condition that is a constant.
pub(super) fn as_constant(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Literal(Literal::Bool(value)) => Some(*value),
        _ => None,
    }
}

pub(super) fn literal(value: Literal) -> Condition {
    Arc::new(Expr::Literal(value))
}

/// `!condition`, or the other constant.
pub(super) fn not(expr: Condition) -> Condition {
    match as_constant(&expr) {
        Some(value) => constant(!value),
        None => Arc::new(Expr::UnaryOp { op: UnaryOp::Not, expr }),
    }
}

/// `left && right`, without constants. `false` on the right stays beside a left side that may err.
pub(super) fn and(left: Condition, right: Condition) -> Condition {
    match (as_constant(&left), as_constant(&right)) {
        (Some(true), _) => right,
        (Some(false), _) => left,
        (None, Some(true)) => left,
        (None, Some(false)) if !may_err(&left) => right,
        _ => binary(BinaryOp::And, left, right),
    }
}

/// `left || right`, without constants. `true` on the right stays beside a left side that may err.
pub(super) fn or(left: Condition, right: Condition) -> Condition {
    match (as_constant(&left), as_constant(&right)) {
        (Some(false), _) => right,
        (Some(true), _) => left,
        (None, Some(false)) => left,
        (None, Some(true)) if !may_err(&left) => right,
        _ => binary(BinaryOp::Or, left, right),
    }
}

/// Whether a validated condition may err: by an overflow, or by an operation that this list does not know.
pub(super) fn may_err(expression: &Expr) -> bool {
    let safe = match expression {
        Expr::Literal(_) | Expr::Var(_) | Expr::GetAttr { .. } | Expr::HasAttr { .. } | Expr::Like { .. } => true,
        Expr::Is { .. } | Expr::IfThenElse { .. } | Expr::Set(_) | Expr::Record(_) => true,
        // The validator has read the literals of these functions.
        Expr::UnaryOp { op, .. } => {
            matches!(op, UnaryOp::Not | UnaryOp::IsEmpty | UnaryOp::Datetime | UnaryOp::Duration)
        }
        Expr::BinaryOp { op, .. } => matches!(
            op,
            BinaryOp::Eq
                | BinaryOp::NotEq
                | BinaryOp::Less
                | BinaryOp::LessEq
                | BinaryOp::Greater
                | BinaryOp::GreaterEq
                | BinaryOp::And
                | BinaryOp::Or
                | BinaryOp::In
                | BinaryOp::Contains
                | BinaryOp::ContainsAll
                | BinaryOp::ContainsAny
        ),
        _ => false,
    };
    !safe || children(expression).into_iter().any(|child| may_err(child))
}

/// All of these conditions.
pub(super) fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    conditions.into_iter().reduce(and).unwrap_or_else(|| constant(true))
}

pub(super) fn binary(op: BinaryOp, left: Condition, right: Condition) -> Condition {
    Arc::new(Expr::BinaryOp { op, left, right })
}

pub(super) fn variable(name: Var) -> Condition {
    Arc::new(Expr::Var(name))
}

pub(super) fn attribute(of: Condition, name: &str) -> Condition {
    Arc::new(Expr::GetAttr { expr: of, attr: name.into() })
}

/// `duration("…h")`.
pub(super) fn hours(count: i64) -> Condition {
    let text = literal(Literal::String(format!("{count}h").into()));
    Arc::new(Expr::UnaryOp { op: UnaryOp::Duration, expr: text })
}

/// `datetime("…")`: the midnight of UTC at which a day begins.
pub(super) fn datetime(day: Date) -> Condition {
    let text = literal(Literal::String(midnight(day).into()));
    Arc::new(Expr::UnaryOp { op: UnaryOp::Datetime, expr: text })
}

/// The midnight of UTC at which a day begins, as Cedar writes it.
pub(super) fn midnight(day: Date) -> String {
    day.strftime("%Y-%m-%dT00:00:00.000Z").to_string()
}
