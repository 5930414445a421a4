//! Decision classes: subjects between which no rule of a question can tell are asked about once, and share the verdict.
//!
//! Why that is sound. Cedar's evaluation is a function of the policies, the request and the entities, and an expression
//! can look at an entity in four ways only: read an attribute or ask whether it is there, ask whether it is in another
//! entity, compare it with another entity, ask for its type. So for the rules of a slice [`Reading`] collects, off
//! their syntax trees, every name of an attribute that is read or asked for, every entity that an `in` names, every
//! entity that is named at all, and how many attributes an expression follows at most. The projection of a question
//! ([`Projector::project`]) walks from principal and resource along those attributes, no further than that, and writes
//! down for every entity it comes to: its type; its id, where rules name it; which of the entities that an `in` names
//! it is in; every attribute that is read, with its value; and which of these facts are unknown. Entities are written as
//! the number of their first appearance, so that those that are the same in one question are the same in the other.
//! Two questions with the same projection are thus carried into one another by a renaming of entities that keeps all
//! that the rules can look at, and Cedar's answer does not depend on names that no rule mentions.
//!
//! Less is written down where the rules look at less: of an attribute that is only asked for (`has`), that it is there;
//! of an instant that is only compared with one of the context, whether it is before, at or after it.
//!
//! Where this cannot be shown, nothing is shared: an `in` whose right side is not written out, an attribute of an entity
//! that is named, tags. What an unknown fact is called differs from subject to subject, and is translated; a rule that
//! errs is judged for every subject by itself, since Cedar's message names entities.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cedar_policy::pst;
use pst::{BinaryOp, EntityOrSlot, Expr, Literal, PrincipalConstraint, ResourceConstraint, Var};

use super::{
    expression::{children, condition},
    resolve::Situation,
    unknown::UnknownFact,
    values::{self, Entity, Value},
};

/// How much of an attribute rules look at, the most last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    /// Whether it is there.
    Presence,
    /// How it compares with the instants of the context.
    Order,
    /// Its value.
    Value,
}

/// What the rules of a slice can look at.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    attributes: BTreeMap<String, Look>,
    /// Entities that an `in` names, by type.
    groups: BTreeMap<String, BTreeSet<String>>,
    /// Entities that are named at all, by type.
    named: BTreeMap<String, BTreeSet<String>>,
    /// How many attributes an expression follows at most.
    hops: usize,
}

impl Reading {
    /// Of these rules; none where it cannot be told.
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r pst::Template>) -> Option<Self> {
        let mut reading = Reading::default();
        for rule in rules {
            if let PrincipalConstraint::Eq(of) | PrincipalConstraint::In(of) | PrincipalConstraint::IsIn(_, of) =
                &rule.principal
            {
                reading.scope(of)?;
            }
            if let ResourceConstraint::Eq(of) | ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) =
                &rule.resource
            {
                reading.scope(of)?;
            }
            for clause in rule.clauses() {
                reading.expression(condition(clause))?;
                reading.hops = reading.hops.max(hops(condition(clause)));
            }
        }
        Some(reading)
    }

    fn scope(&mut self, of: &EntityOrSlot) -> Option<()> {
        let EntityOrSlot::Entity(uid) = of else { return None };
        self.group(uid);
        Some(())
    }

    fn group(&mut self, uid: &pst::EntityUID) {
        let (entity_type, id) = (uid.ty.to_string(), uid.eid.to_string());
        self.groups.entry(entity_type.clone()).or_default().insert(id.clone());
        self.named.entry(entity_type).or_default().insert(id);
    }

    fn look(&mut self, attribute: &str, look: Look) {
        let known = self.attributes.entry(attribute.to_owned()).or_insert(look);
        *known = look.max(*known);
    }

    fn expression(&mut self, expression: &Expr) -> Option<()> {
        match expression {
            Expr::Literal(Literal::EntityUID(uid)) => {
                self.named.entry(uid.ty.to_string()).or_default().insert(uid.eid.to_string());
            }
            Expr::Literal(_) | Expr::Var(_) => {}
            Expr::GetAttr { expr, attr } => {
                self.look(attr, Look::Value);
                self.base(expr)?;
            }
            Expr::HasAttr { expr, attrs } => {
                let last = attrs.iter().count() - 1;
                for (index, attribute) in attrs.iter().enumerate() {
                    self.look(attribute, if index == last { Look::Presence } else { Look::Value });
                }
                self.base(expr)?;
            }
            Expr::BinaryOp { op: BinaryOp::GetTag | BinaryOp::HasTag, .. } => return None,
            Expr::BinaryOp { op: BinaryOp::In, left, right } => {
                self.within(right)?;
                self.expression(left)?;
            }
            Expr::BinaryOp { op, left, right } => match compared_with_context(*op, left, right) {
                Some((base, attribute)) => {
                    self.look(attribute, Look::Order);
                    self.base(base)?;
                }
                None => {
                    self.expression(left)?;
                    self.expression(right)?;
                }
            },
            Expr::Is { expr, in_expr, .. } => {
                in_expr.iter().try_for_each(|of| self.within(of))?;
                self.expression(expr)?;
            }
            Expr::UnaryOp { .. } | Expr::Like { .. } | Expr::IfThenElse { .. } | Expr::Set(_) | Expr::Record(_) => {
                children(expression).into_iter().try_for_each(|child| self.expression(child))?;
            }
            // Slots and unknowns are in no rule; whatever a later Cedar adds has to be looked at first.
            _ => return None,
        }
        Some(())
    }

    /// What an attribute is read of: not of an entity that is named, whose attributes no projection writes down.
    fn base(&mut self, expression: &Expr) -> Option<()> {
        if names_an_entity(expression) { None } else { self.expression(expression) }
    }

    /// The right side of an `in`, which has to be written out.
    fn within(&mut self, group: &Expr) -> Option<()> {
        match group {
            Expr::Literal(Literal::EntityUID(uid)) => {
                self.group(uid);
                Some(())
            }
            Expr::Set(items) => items.iter().try_for_each(|item| self.within(item)),
            _ => None,
        }
    }
}

/// `path.attribute < context.today`, either way round: the path and the attribute.
fn compared_with_context<'e>(op: BinaryOp, left: &'e Expr, right: &'e Expr) -> Option<(&'e Expr, &'e str)> {
    let compares = matches!(
        op,
        BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Greater | BinaryOp::GreaterEq | BinaryOp::Eq | BinaryOp::NotEq
    );
    let is_context = |of: &Expr| matches!(of, Expr::GetAttr { expr, .. } if matches!(&**expr, Expr::Var(Var::Context)));
    let attribute = |of: &'e Expr| match of {
        Expr::GetAttr { expr, attr } if !is_context(of) => Some((&**expr, attr.as_str())),
        _ => None,
    };
    match (compares, is_context(left), is_context(right)) {
        (true, false, true) => attribute(left),
        (true, true, false) => attribute(right),
        _ => None,
    }
}

/// Whether an entity stands in an expression by its name; words of closed vocabularies have no attributes to read.
fn names_an_entity(expression: &Expr) -> bool {
    matches!(expression, Expr::Literal(Literal::EntityUID(_)))
        || children(expression).into_iter().any(|child| {
            // What is compared or tested is no longer at hand to be read.
            !matches!(&**child, Expr::BinaryOp { .. } | Expr::Is { .. }) && names_an_entity(child)
        })
}

/// How many attributes an expression follows at most.
fn hops(expression: &Expr) -> usize {
    let inner = children(expression).into_iter().map(|child| hops(child)).max().unwrap_or_default();
    match expression {
        Expr::GetAttr { .. } => inner + 1,
        Expr::HasAttr { attrs, .. } => inner + attrs.iter().count(),
        _ => inner,
    }
}

/// What the rules of a question can look at, written down: equal for questions that they cannot tell apart.
pub(super) struct Projection<'s> {
    /// What is written.
    pub(super) key: Vec<u8>,
    /// The entities, in the order in which they are numbered.
    pub(super) entities: Vec<Entity<'s>>,
}

/// Writes projections.
pub(super) struct Projector<'s, 'a> {
    situation: &'s Situation<'a>,
    today: jiff::Timestamp,
    /// The numbers of the entities that any `in` names.
    groups: HashMap<(String, String), u32>,
    /// By person, by account: the numbers of those that they are in, or are.
    people: Vec<Vec<u32>>,
    accounts: Vec<Vec<u32>>,
}

impl<'s, 'a> Projector<'s, 'a> {
    pub(super) fn new(situation: &'s Situation<'a>, readings: &[Option<Reading>]) -> Self {
        let mut groups = HashMap::new();
        for reading in readings.iter().flatten() {
            for (entity_type, ids) in &reading.groups {
                for id in ids {
                    let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                    groups.entry((entity_type.clone(), id.clone())).or_insert(next);
                }
            }
        }
        let numbers = |entity: Entity<'_>| {
            let held = values::ancestors(situation, entity).into_iter();
            let mut numbers: Vec<u32> =
                held.filter_map(|(kind, id)| groups.get(&(kind.to_owned(), id.into_owned())).copied()).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        let people = (0..situation.people.len()).map(|index| numbers(Entity::Person(index))).collect();
        let accounts = (0..situation.accounts.len()).map(|index| numbers(Entity::Account(index))).collect();
        let today = situation.snapshot.organization.time_zone.midnight(situation.today);
        Projector { situation, today, groups, people, accounts }
    }

    /// The projection of a question.
    pub(super) fn project(&self, reading: &Reading, principal: Entity<'s>, resource: Entity<'s>) -> Projection<'s> {
        let mut key = Vec::with_capacity(64);
        let mut entities: Vec<(Entity<'s>, usize)> = vec![(principal, 0), (resource, 0)];
        let mut at = 0;
        while let Some((entity, hop)) = entities.get(at).copied() {
            at += 1;
            self.identity(reading, entity, &mut key);
            self.memberships(reading, entity, &mut key);
            if hop < reading.hops {
                self.attributes(reading, entity, hop, &mut entities, &mut key);
            }
        }
        Projection { key, entities: entities.into_iter().map(|(entity, _)| entity).collect() }
    }

    /// The type, and the id where rules name it.
    fn identity(&self, reading: &Reading, entity: Entity<'s>, key: &mut Vec<u8>) {
        key.push(match entity {
            Entity::Organization => 0,
            Entity::Person(_) => 1,
            Entity::Account(_) => 2,
            Entity::System(_) => 3,
            Entity::Level(..) => 4,
        });
        let (kind, id) = values::own(self.situation, entity);
        match reading.named.get(kind).filter(|ids| ids.contains(&*id)) {
            Some(_) => {
                key.push(1);
                text(&id, key);
            }
            None => key.push(0),
        }
    }

    /// Which of the entities that an `in` names it is in, and of which types nobody can say.
    fn memberships(&self, reading: &Reading, entity: Entity<'s>, key: &mut Vec<u8>) {
        let computed;
        let held: &[u32] = match entity {
            Entity::Person(index) => self.people.get(index).map_or(&[], Vec::as_slice),
            Entity::Account(index) => self.accounts.get(index).map_or(&[], Vec::as_slice),
            _ => {
                let held = values::ancestors(self.situation, entity).into_iter();
                computed = held
                    .filter_map(|(kind, id)| self.groups.get(&(kind.to_owned(), id.into_owned())).copied())
                    .collect::<Vec<u32>>();
                &computed
            }
        };
        let unknown = values::unknown(self.situation, entity);
        for (entity_type, ids) in &reading.groups {
            let is_open = unknown.is_some_and(|unknown| {
                unknown.keys().any(|fact| fact.strip_prefix("in ").is_some_and(|open| open == entity_type))
            });
            key.push(u8::from(is_open));
            for id in ids {
                let number = self.groups.get(&(entity_type.clone(), id.clone()));
                key.push(u8::from(number.is_some_and(|number| held.contains(number))));
            }
        }
    }

    /// The attributes that are read, as far as they are.
    fn attributes(
        &self,
        reading: &Reading,
        entity: Entity<'s>,
        hop: usize,
        entities: &mut Vec<(Entity<'s>, usize)>,
        key: &mut Vec<u8>,
    ) {
        let unknown = values::unknown(self.situation, entity);
        for name in entity.attributes() {
            let Some(look) = reading.attributes.get(*name).copied() else { continue };
            if unknown.is_some_and(|unknown| unknown.contains_key(*name)) {
                key.push(2);
                continue;
            }
            let Some(value) = values::attribute(self.situation, entity, name) else {
                key.push(0);
                continue;
            };
            key.push(1);
            match (look, value) {
                (Look::Presence, _) => {}
                (Look::Order, Value::Instant(instant)) => {
                    for of_the_context in [self.today, self.situation.as_of] {
                        key.push(match cedar_instant(instant).cmp(&cedar_instant(of_the_context)) {
                            std::cmp::Ordering::Less => 0,
                            std::cmp::Ordering::Equal => 1,
                            std::cmp::Ordering::Greater => 2,
                        });
                    }
                }
                (_, Value::Entity(other)) => {
                    let known = entities.iter().position(|(known, _)| *known == other);
                    let number = known.unwrap_or_else(|| {
                        entities.push((other, hop + 1));
                        entities.len() - 1
                    });
                    key.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
                }
                (_, value) => written(&value, key),
            }
        }
    }
}

/// An instant as precise as Cedar has it: milliseconds.
fn cedar_instant(instant: jiff::Timestamp) -> i64 {
    instant.as_millisecond()
}

/// A value of no entity. Each is as long as it says, so that no two lists of values are written alike.
fn written(value: &Value<'_>, key: &mut Vec<u8>) {
    match value {
        Value::Bool(value) => key.push(u8::from(*value)),
        Value::Long(value) | Value::Hours(value) => key.extend_from_slice(&value.to_le_bytes()),
        Value::Text(value) => text(value, key),
        Value::Instant(instant) => key.extend_from_slice(&cedar_instant(*instant).to_le_bytes()),
        Value::Word(_, word) => text(word, key),
        Value::Requests(requests) => {
            key.extend_from_slice(&(requests.len() as u64).to_le_bytes());
            for (level, status, expired) in requests {
                text(level, key);
                text(status, key);
                key.push(u8::from(*expired));
            }
        }
        Value::Entity(_) => {}
    }
}

fn text(text: &str, key: &mut Vec<u8>) {
    key.extend_from_slice(&(text.len() as u64).to_le_bytes());
    key.extend_from_slice(text.as_bytes());
}

/// The unknown facts of one subject as those of another one of its class; none where one of them has no counterpart.
pub(super) fn translated(
    situation: &Situation<'_>,
    unknown: &[UnknownFact],
    from: &[Entity<'_>],
    to: &[Entity<'_>],
) -> Option<Vec<UnknownFact>> {
    let name = |entity: Entity<'_>| {
        let (kind, id) = values::own(situation, entity);
        format!("{kind}::\"{id}\"")
    };
    let mut facts: Vec<UnknownFact> = unknown
        .iter()
        .map(|fact| {
            let at = from.iter().position(|entity| name(*entity) == fact.entity)?;
            let entity = *to.get(at)?;
            let reason = values::unknown(situation, entity)?.get(&fact.fact)?.clone();
            Some(UnknownFact { entity: name(entity), fact: fact.fact.clone(), reason })
        })
        .collect::<Option<_>>()?;
    facts.sort();
    facts.dedup();
    Some(facts)
}
