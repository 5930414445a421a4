//! Syntax trees that the rewriting of rules is made of.

use std::{collections::BTreeSet, sync::Arc};

use cedar_policy::pst;
use pst::{BinaryOp, Expr, Literal};

/// The entity type of markers' values; no entity of it exists.
pub(super) const UNKNOWN_TYPE: &str = "Tenure::Unknown";

/// The name of the marker of a fact; `?` stands in no attribute's name that Cedar can write with a dot.
#[must_use]
pub(super) fn marker(fact: &str) -> String {
    format!("{fact}?")
}

/// The id of a marker's value.
#[must_use]
pub(super) fn marker_id(entity_type: &str, index: usize, fact: &str) -> String {
    format!("{entity_type} {index} {fact}")
}

pub(super) fn has(of: Arc<Expr>, attribute: &str) -> Arc<Expr> {
    Arc::new(Expr::HasAttr { expr: of, attrs: pst::NonEmpty::new(attribute.into()) })
}

pub(super) fn and(left: Arc<Expr>, right: Arc<Expr>) -> Expr {
    Expr::BinaryOp { op: BinaryOp::And, left, right }
}

/// The entity types of the right side of an `in`; `None` where it is not a literal or a set of literals.
pub(super) fn types_of(group: &Expr) -> Option<BTreeSet<String>> {
    match group {
        Expr::Literal(Literal::EntityUID(uid)) => Some(BTreeSet::from([uid.ty.to_string()])),
        Expr::Set(items) => {
            let types: Option<Vec<_>> = items.iter().map(|item| types_of(item)).collect();
            types.map(|types| types.into_iter().flatten().collect())
        }
        _ => None,
    }
}

pub(super) fn is_in(of: pst::Var, uid: &pst::EntityUID) -> Arc<Expr> {
    let right = Arc::new(Expr::Literal(Literal::EntityUID(uid.clone())));
    Arc::new(Expr::BinaryOp { op: BinaryOp::In, left: Arc::new(Expr::Var(of)), right })
}
