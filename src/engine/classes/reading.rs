//! What rules can look at, read off their syntax trees.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::pst;
use pst::{BinaryOp, Expr, Literal, Var};

use super::texts::TextTest;
use crate::{
    bundle::expression::{children, condition, each_child, scope, type_name},
    engine::{
        named::Named,
        values::{Attribute, KINDS},
    },
};

/// How much of an attribute rules look at, the most last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum Look {
    /// Whether it is there.
    Presence,
    /// How it compares with other attributes, those of the context among them.
    Order,
    /// Its value.
    Value,
}

/// An attribute that is looked at.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Looked {
    pub(in crate::engine) attribute: Attribute,
    pub(in crate::engine) look: Look,
    /// What is asked of it beyond whether it is there, where its value does not matter else.
    pub(super) tests: Vec<TextTest>,
}

/// What the rules of a slice can look at.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Reading {
    attributes: BTreeMap<String, (Look, Vec<TextTest>)>,
    /// The same, by kind of entity, in the order of the kind's attributes.
    pub(in crate::engine) by_kind: [Vec<Looked>; KINDS.len()],
    /// Entities that an `in` names, by type.
    groups: BTreeMap<String, BTreeSet<u32>>,
    /// The same, as the facts that may be unknown, each with numbers.
    pub(in crate::engine) memberships: Vec<(String, Vec<u32>)>,
    /// Kinds of entities of which some are named.
    named: [bool; KINDS.len()],
    /// How many attributes an expression follows at most.
    pub(in crate::engine) hops: usize,
}

impl Reading {
    /// Of these rules; none where it cannot be told.
    pub(in crate::engine) fn of<'r>(rules: impl Iterator<Item = &'r pst::Template>, named: &Named) -> Option<Self> {
        let mut reading = Reading::default();
        for rule in rules {
            if !rule.is_static() {
                return None;
            }
            scope(rule).iter().flatten().try_for_each(|asked| reading.expression(asked, named))?;
            for clause in rule.clauses() {
                reading.expression(condition(clause), named)?;
                reading.hops = reading.hops.max(hops(condition(clause)));
            }
        }
        reading.by_kind = KINDS.map(|kind| {
            let looked = |attribute: &Attribute| {
                let (look, tests) = reading.attributes.get(attribute.name())?;
                let tests = if *look == Look::Presence { tests.clone() } else { Vec::new() };
                Some(Looked { attribute: *attribute, look: *look, tests })
            };
            kind.attributes().iter().filter_map(looked).collect()
        });
        let groups = reading.groups.iter();
        reading.memberships =
            groups.map(|(name, numbers)| (format!("in {name}"), numbers.iter().copied().collect())).collect();
        Some(reading)
    }

    /// Whether some entities of this kind are named.
    pub(in crate::engine) fn names_kind(&self, kind: usize) -> bool {
        self.named.get(kind).is_some_and(|named| *named)
    }

    fn name(&mut self, uid: &pst::EntityUID) {
        let entity_type = type_name(uid);
        let kinds = self.named.iter_mut().zip(KINDS);
        kinds.filter(|(_, kind)| kind.entity_type() == entity_type).for_each(|(named, _)| *named = true);
    }

    fn group(&mut self, uid: &pst::EntityUID, named: &Named) {
        self.groups.entry(type_name(uid).into_owned()).or_default().extend(named.of(uid));
        self.name(uid);
    }

    fn look(&mut self, attribute: &str, look: Look) {
        match self.attributes.get_mut(attribute) {
            Some((known, _)) => *known = look.max(*known),
            None => _ = self.attributes.insert(attribute.to_owned(), (look, Vec::new())),
        }
    }

    /// A text is asked something with a written answer; it has to be there for that, and nothing more.
    fn ask(&mut self, attribute: &str, test: TextTest) {
        let (_, tests) = self.attributes.entry(attribute.to_owned()).or_insert((Look::Presence, Vec::new()));
        if !tests.contains(&test) {
            tests.push(test);
        }
    }

    fn expression(&mut self, expression: &Expr, named: &Named) -> Option<()> {
        match expression {
            Expr::Literal(Literal::EntityUID(uid)) => {
                self.name(uid);
            }
            Expr::Literal(_) | Expr::Var(_) => {}
            _ if let Some((base, attribute, tests)) = asks_a_text(expression) => {
                tests.into_iter().for_each(|test| self.ask(attribute, test));
                self.base(base, named)?;
            }
            Expr::GetAttr { expr, attr } => {
                self.look(attr, Look::Value);
                self.base(expr, named)?;
            }
            Expr::HasAttr { expr, attrs } => {
                let last = attrs.iter().count() - 1;
                for (index, attribute) in attrs.iter().enumerate() {
                    self.look(attribute, if index == last { Look::Presence } else { Look::Value });
                }
                self.base(expr, named)?;
            }
            Expr::BinaryOp { op: BinaryOp::GetTag | BinaryOp::HasTag, .. } => return None,
            Expr::BinaryOp { op: BinaryOp::In, left, right } => {
                self.within(right, named)?;
                self.expression(left, named)?;
            }
            Expr::BinaryOp { op, left, right } if compares(*op) && is_read(left) && is_read(right) => {
                self.compared(left, named)?;
                self.compared(right, named)?;
            }
            Expr::BinaryOp { left, right, .. } => {
                self.expression(left, named)?;
                self.expression(right, named)?;
            }
            Expr::Is { expr, in_expr, .. } => {
                in_expr.iter().try_for_each(|of| self.within(of, named))?;
                self.expression(expr, named)?;
            }
            Expr::UnaryOp { .. } | Expr::Like { .. } | Expr::IfThenElse { .. } | Expr::Set(_) | Expr::Record(_) => {
                children(expression).into_iter().try_for_each(|child| self.expression(child, named))?;
            }
            // Slots and unknowns are in no rule; whatever a later Cedar adds has to be looked at first.
            _ => return None,
        }
        Some(())
    }

    /// One side of a comparison of attributes.
    fn compared(&mut self, side: &Expr, named: &Named) -> Option<()> {
        match side {
            Expr::GetAttr { expr, .. } if matches!(&**expr, Expr::Var(Var::Context)) => Some(()),
            Expr::GetAttr { expr, attr } => {
                self.look(attr, Look::Order);
                self.base(expr, named)
            }
            _ => self.expression(side, named),
        }
    }

    /// What an attribute is read of: not of an entity that is named, whose attributes no projection writes down.
    fn base(&mut self, expression: &Expr, named: &Named) -> Option<()> {
        if names_an_entity(expression) { None } else { self.expression(expression, named) }
    }

    /// The right side of an `in`, which has to be written out.
    fn within(&mut self, group: &Expr, named: &Named) -> Option<()> {
        match group {
            Expr::Literal(Literal::EntityUID(uid)) => {
                self.group(uid, named);
                Some(())
            }
            Expr::Set(items) => items.iter().try_for_each(|item| self.within(item, named)),
            _ => None,
        }
    }
}

/// Where an expression does nothing but ask an attribute for a text that is written out: what the attribute is of, its
/// name, and what is asked.
fn asks_a_text(expression: &Expr) -> Option<(&Expr, &str, Vec<TextTest>)> {
    let text = |expression: &Expr| match expression {
        Expr::Literal(Literal::String(text)) => Some(TextTest::Equals(text.to_string())),
        _ => None,
    };
    let (of, tests) = match expression {
        Expr::Like { expr, pattern } => (expr, vec![TextTest::Like(pattern.clone())]),
        Expr::BinaryOp { op: BinaryOp::Eq | BinaryOp::NotEq, left, right } => match (text(left), text(right)) {
            (Some(test), None) => (right, vec![test]),
            (None, Some(test)) => (left, vec![test]),
            _ => return None,
        },
        Expr::BinaryOp { op: BinaryOp::Contains, left, right } => match &**left {
            Expr::Set(items) => (right, items.iter().map(|item| text(item)).collect::<Option<Vec<_>>>()?),
            _ => return None,
        },
        _ => return None,
    };
    match &**of {
        // The context is the same for all.
        Expr::GetAttr { expr, attr } if !matches!(&**expr, Expr::Var(Var::Context)) => Some((expr, attr, tests)),
        _ => None,
    }
}

fn compares(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Greater | BinaryOp::GreaterEq | BinaryOp::Eq | BinaryOp::NotEq
    )
}

/// Whether an expression is an attribute, of the context or of something else.
fn is_read(expression: &Expr) -> bool {
    matches!(expression, Expr::GetAttr { .. })
}

/// Whether an entity stands in an expression by its name; words of closed vocabularies have no attributes to read.
fn names_an_entity(expression: &Expr) -> bool {
    let mut names = matches!(expression, Expr::Literal(Literal::EntityUID(_)));
    each_child(expression, &mut |child| {
        // What is compared or tested is no longer at hand to be read.
        names = names || (!matches!(&**child, Expr::BinaryOp { .. } | Expr::Is { .. }) && names_an_entity(child));
    });
    names
}

/// How many attributes an expression follows at most.
fn hops(expression: &Expr) -> usize {
    let mut inner = 0;
    each_child(expression, &mut |child| inner = hops(child).max(inner));
    match expression {
        Expr::GetAttr { .. } => inner + 1,
        Expr::HasAttr { attrs, .. } => inner + attrs.iter().count(),
        _ => inner,
    }
}
