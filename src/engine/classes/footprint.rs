//! What rules can look at, read off their syntax trees.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::pst;
use pst::{BinaryOp, Expr, Literal, Var};

use crate::{
    bundle::{
        Bundle,
        expression::{children, condition, each_child, scope, type_name},
        holdings::{holdings_fact, is_holdings, literals},
    },
    engine::{
        attributes::{self, Attribute, KINDS},
        classes::{numbering::EntityNumbering, text_tests::TextTest},
    },
};

/// How much of an attribute rules look at, the most last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum UseKind {
    /// Whether it is there.
    Presence,
    /// How it compares with other attributes, those of the context among them.
    Order,
    /// Its value.
    Value,
}

/// An attribute that is looked at.
#[derive(Debug, Clone)]
pub(in crate::engine) struct AttributeUse {
    pub(in crate::engine) attribute: Attribute,
    pub(in crate::engine) kind: UseKind,
    /// What is asked of it beyond whether it is there, where its value does not matter else.
    pub(in crate::engine) tests: Vec<TextTest>,
}

/// What the rules of a slice can look at.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct RuleFootprint {
    attributes: BTreeMap<String, (UseKind, Vec<TextTest>)>,
    /// The same, by kind of entity, in the order of the kind's attributes.
    pub(in crate::engine) by_kind: [Vec<AttributeUse>; KINDS.len()],
    /// Entities that an `in` names, by type.
    groups: BTreeMap<String, BTreeSet<u32>>,
    /// The same, as the facts that may be unknown, each with numbers.
    pub(in crate::engine) memberships: Vec<(String, Vec<u32>)>,
    /// Facts about holdings: `holdings in Entitlement::"github/admin"`.
    pub(in crate::engine) holdings: BTreeSet<String>,
    /// Kinds of entities of which some are named.
    named: [bool; KINDS.len()],
    /// How many attributes an expression follows at most.
    pub(in crate::engine) hops: usize,
}

impl RuleFootprint {
    /// Of these rules; none where it cannot be told.
    pub(in crate::engine) fn of<'r>(
        rules: impl Iterator<Item = &'r pst::Template>,
        bundle: &Bundle,
        numbering: &EntityNumbering,
    ) -> Option<Self> {
        let mut footprint = RuleFootprint::default();
        for rule in rules {
            if !rule.is_static() {
                return None;
            }
            scope(rule).iter().flatten().try_for_each(|asked| footprint.expression(asked, numbering))?;
            for clause in rule.clauses() {
                footprint.expression(condition(clause), numbering)?;
                footprint.hops = footprint.hops.max(hops(condition(clause)));
            }
        }
        footprint.by_kind = KINDS.map(|kind| {
            let looked = |attribute: Attribute| {
                let (look, tests) = footprint.attributes.get(attribute.name())?;
                let tests = if *look == UseKind::Presence { tests.clone() } else { Vec::new() };
                Some(AttributeUse { attribute, kind: *look, tests })
            };
            attributes::attributes(bundle, kind).filter_map(looked).collect()
        });
        let groups = footprint.groups.iter();
        footprint.memberships =
            groups.map(|(name, numbers)| (format!("in {name}"), numbers.iter().copied().collect())).collect();
        Some(footprint)
    }

    /// Whether some entities of this kind are named.
    pub(in crate::engine) fn names_kind(&self, kind: usize) -> bool {
        self.named.get(kind).is_some_and(|named| *named)
    }

    fn name(&mut self, uid: &pst::EntityUID) {
        let entity_type = type_name(uid);
        let kinds = self.named.iter_mut().zip(KINDS);
        kinds.filter(|(_, kind)| attributes::entity_type(*kind) == entity_type).for_each(|(named, _)| *named = true);
    }

    fn group(&mut self, uid: &pst::EntityUID, numbering: &EntityNumbering) {
        self.groups.entry(type_name(uid).into_owned()).or_default().extend(numbering.of(uid));
        self.name(uid);
    }

    fn add_use(&mut self, attribute: &str, kind: UseKind) {
        match self.attributes.get_mut(attribute) {
            Some((known, _)) => *known = kind.max(*known),
            None => _ = self.attributes.insert(attribute.to_owned(), (kind, Vec::new())),
        }
    }

    /// A text is asked something with a written answer; it has to be there for that, and nothing more.
    fn add_test(&mut self, attribute: &str, test: TextTest) {
        let (_, tests) = self.attributes.entry(attribute.to_owned()).or_insert((UseKind::Presence, Vec::new()));
        if !tests.contains(&test) {
            tests.push(test);
        }
    }

    fn expression(&mut self, expression: &Expr, numbering: &EntityNumbering) -> Option<()> {
        match expression {
            Expr::Literal(Literal::EntityUID(uid)) => {
                self.name(uid);
            }
            Expr::Literal(_) | Expr::Var(_) => {}
            _ if let Some((base, attribute, tests)) = text_tests_of(expression) => {
                tests.into_iter().for_each(|test| self.add_test(attribute, test));
                self.base(base, numbering)?;
            }
            Expr::GetAttr { expr, attr } => {
                self.add_use(attr, UseKind::Value);
                self.base(expr, numbering)?;
            }
            Expr::HasAttr { expr, attrs } => {
                let last = attrs.iter().count() - 1;
                for (index, attribute) in attrs.iter().enumerate() {
                    self.add_use(attribute, if index == last { UseKind::Presence } else { UseKind::Value });
                }
                self.base(expr, numbering)?;
            }
            Expr::BinaryOp { op: BinaryOp::GetTag | BinaryOp::HasTag, .. } => return None,
            Expr::BinaryOp { op: BinaryOp::In, left, right } => {
                self.within(right, numbering)?;
                if is_holdings(left) {
                    self.holdings.extend(literals(right)?.into_iter().map(holdings_fact));
                }
                self.expression(left, numbering)?;
            }
            Expr::BinaryOp { op, left, right } if compares(*op) && is_read(left) && is_read(right) => {
                self.compared(left, numbering)?;
                self.compared(right, numbering)?;
            }
            Expr::BinaryOp { left, right, .. } => {
                self.expression(left, numbering)?;
                self.expression(right, numbering)?;
            }
            Expr::Is { expr, in_expr, .. } => {
                in_expr.iter().try_for_each(|of| self.within(of, numbering))?;
                self.expression(expr, numbering)?;
            }
            Expr::UnaryOp { .. } | Expr::Like { .. } | Expr::IfThenElse { .. } | Expr::Set(_) | Expr::Record(_) => {
                children(expression).into_iter().try_for_each(|child| self.expression(child, numbering))?;
            }
            // Slots and unknowns are in no rule; whatever a later Cedar adds has to be looked at first.
            _ => return None,
        }
        Some(())
    }

    /// One side of a comparison of attributes.
    fn compared(&mut self, side: &Expr, numbering: &EntityNumbering) -> Option<()> {
        match side {
            Expr::GetAttr { expr, .. } if matches!(&**expr, Expr::Var(Var::Context)) => Some(()),
            Expr::GetAttr { expr, attr } => {
                self.add_use(attr, UseKind::Order);
                self.base(expr, numbering)
            }
            _ => self.expression(side, numbering),
        }
    }

    /// What an attribute is read of: not of an entity that is named, whose attributes no projection writes down.
    fn base(&mut self, expression: &Expr, numbering: &EntityNumbering) -> Option<()> {
        if names_an_entity(expression) { None } else { self.expression(expression, numbering) }
    }

    /// The right side of an `in`, which has to be written out.
    fn within(&mut self, group: &Expr, numbering: &EntityNumbering) -> Option<()> {
        match group {
            Expr::Literal(Literal::EntityUID(uid)) => {
                self.group(uid, numbering);
                Some(())
            }
            Expr::Set(items) => items.iter().try_for_each(|item| self.within(item, numbering)),
            _ => None,
        }
    }
}

/// Where an expression does nothing but ask an attribute for a text that is written out: what the attribute is of, its
/// name, and what is asked.
fn text_tests_of(expression: &Expr) -> Option<(&Expr, &str, Vec<TextTest>)> {
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
