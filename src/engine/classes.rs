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
//! of an instant that is only compared with other attributes, its rank among all instants of the projection and those of
//! the context, since no comparison can tell more.
//!
//! Where this cannot be shown, nothing is shared: an `in` whose right side is not written out, an attribute of an entity
//! that is named, tags. What an unknown fact is called differs from subject to subject, and is translated; a rule that
//! errs is judged for every subject by itself, since Cedar's message names entities.

mod reading;

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use self::reading::Look;
pub(super) use self::reading::Reading;
use super::{
    named::Named,
    questions::Asking,
    resolve::Situation,
    values::{self, Entity, Value},
};
use crate::model::Zone;

/// What the rules of a question can look at, written down: equal for questions that they cannot tell apart.
#[derive(Default)]
pub(super) struct Projection<'s> {
    /// What is written.
    pub(super) key: Vec<u8>,
    /// The entities, in the order in which they are numbered, and how many attributes away from the question each is.
    pub(super) entities: Vec<(Entity<'s>, usize)>,
    numbers: Vec<u32>,
    /// The instants that were come to.
    instants: Vec<i64>,
    ranks: Vec<i64>,
    midnights: Midnights,
}

/// Writes projections.
pub(super) struct Projector {
    named: Arc<Named>,
    /// The instants of the context, as precise as Cedar is told them.
    context: [i64; 2],
    zone: Zone,
    #[cfg(test)]
    blind_to: Option<&'static str>,
}

impl Projector {
    pub(super) fn new(situation: &Situation<'_>, named: Arc<Named>) -> Self {
        let zone = situation.snapshot.organization.time_zone.clone();
        let context = [zone.midnight(situation.today), situation.as_of].map(cedar_instant);
        Projector {
            named,
            context,
            zone,
            #[cfg(test)]
            blind_to: None,
        }
    }

    /// The same, but for an attribute that it passes over.
    #[cfg(test)]
    pub(super) fn blind_to(self, attribute: Option<&'static str>) -> Self {
        Projector { blind_to: attribute, ..self }
    }

    /// Writes the projection of a question to the rules of a slice, whose reading this is, over what was written before.
    pub(super) fn project<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        asking: &Asking<'s>,
        slice: u32,
        into: &mut Projection<'s>,
    ) {
        into.key.clear();
        number(u32::try_from(asking.check).unwrap_or(u32::MAX), &mut into.key);
        number(slice, &mut into.key);
        into.instants.clear();
        into.entities.clear();
        into.entities.extend([(asking.principal, 0), (asking.resource, 0)]);
        let mut at = 0;
        while let Some((entity, hop)) = into.entities.get(at).copied() {
            at += 1;
            self.identity(situation, reading, entity, &mut into.key);
            self.memberships(situation, reading, entity, into);
            if hop < reading.hops {
                self.attributes(situation, reading, entity, hop, into);
            }
        }
        self.ranks(into);
    }

    /// How the instants that were come to, and those of the context, follow one another.
    fn ranks(&self, into: &mut Projection<'_>) {
        if into.instants.is_empty() {
            return;
        }
        into.instants.extend(self.context);
        into.ranks.clear();
        into.ranks.extend_from_slice(&into.instants);
        into.ranks.sort_unstable();
        into.ranks.dedup();
        for instant in &into.instants {
            let rank = into.ranks.partition_point(|other| other < instant);
            number(u32::try_from(rank).unwrap_or(u32::MAX), &mut into.key);
        }
    }

    /// The type, and who it is where rules name entities of the type.
    fn identity(&self, situation: &Situation<'_>, reading: &Reading, entity: Entity<'_>, key: &mut Vec<u8>) {
        key.push(u8::try_from(entity.kind()).unwrap_or(u8::MAX));
        if reading.named.contains(entity.entity_type()) {
            number(self.named.own(situation, entity).unwrap_or_default(), key);
        }
    }

    /// Which of the entities that an `in` names it is in, and of which types nobody can say.
    fn memberships<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        entity: Entity<'s>,
        into: &mut Projection<'s>,
    ) {
        if reading.memberships.is_empty() {
            return;
        }
        into.numbers.clear();
        self.named.held(situation, entity, &mut into.numbers);
        let unknown = values::unknown(situation, entity).filter(|unknown| !unknown.is_empty());
        for (fact, numbers) in &reading.memberships {
            into.key.push(u8::from(unknown.is_some_and(|unknown| unknown.contains_key(fact))));
            // Mostly it is in few of many: those it is in are written, in the order of the reading, and an end.
            let held = numbers.iter().filter(|one| into.numbers.contains(one));
            held.for_each(|held| number(*held, &mut into.key));
            number(0, &mut into.key);
        }
    }

    /// The attributes that are read, as far as they are.
    fn attributes<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        entity: Entity<'s>,
        hop: usize,
        into: &mut Projection<'s>,
    ) {
        let Some(looked) = reading.by_kind.get(entity.kind()) else { return };
        let unknown = values::unknown(situation, entity).filter(|unknown| !unknown.is_empty());
        let person = match entity {
            Entity::Person(index) => situation.people.row(index),
            _ => None,
        };
        for (name, look) in looked {
            #[cfg(test)]
            if self.blind_to == Some(*name) {
                continue;
            }
            if unknown.is_some_and(|unknown| unknown.contains_key(name)) {
                into.key.push(2);
                continue;
            }
            let value = match person {
                Some(row) => values::person(&situation.people, row, name),
                None => values::attribute(situation, entity, name),
            };
            let Some(value) = value else {
                into.key.push(0);
                continue;
            };
            into.key.push(1);
            match (look, value) {
                (Look::Presence, _) => {}
                (look, Value::Instant(instant)) => {
                    let instant = cedar_instant(instant);
                    into.instant(instant, *look);
                }
                (look, Value::Day(date)) => {
                    let instant = into.midnights.of(&self.zone, date);
                    into.instant(instant, *look);
                }
                (_, Value::Entity(other)) => {
                    let known = into.entities.iter().position(|(known, _)| *known == other);
                    let at = known.unwrap_or_else(|| {
                        into.entities.push((other, hop + 1));
                        into.entities.len() - 1
                    });
                    number(u32::try_from(at).unwrap_or(u32::MAX), &mut into.key);
                }
                (_, value) => written(&value, &mut into.key),
            }
        }
    }
}

impl Projection<'_> {
    /// Its rank is written at the end; and where more than the order matters, the instant itself.
    fn instant(&mut self, instant: i64, look: Look) {
        self.instants.push(instant);
        if look == Look::Value {
            self.key.extend_from_slice(&instant.to_le_bytes());
        }
    }
}

/// The beginnings of days that were asked for lately; working one out takes longer than all the rest of a projection.
#[derive(Default)]
struct Midnights(Vec<Option<(Date, i64)>>);

impl Midnights {
    fn of(&mut self, zone: &Zone, date: Date) -> i64 {
        if self.0.is_empty() {
            self.0.resize(512, None);
        }
        let number = i64::from(date.year()) * 372 + i64::from(date.month()) * 31 + i64::from(date.day());
        let place = usize::try_from(number.unsigned_abs()).unwrap_or_default() % self.0.len().max(1);
        if let Some(Some((known, instant))) = self.0.get(place)
            && *known == date
        {
            return *instant;
        }
        let instant = cedar_instant(zone.midnight(date));
        self.0.get_mut(place).into_iter().for_each(|place| *place = Some((date, instant)));
        instant
    }
}

/// The first instant that Cedar can be told, 0000-01-01T00:00:00Z; what lies before is told as this one.
const FIRST: i64 = -62_167_219_200_000;

/// An instant as Cedar is told it: in whole milliseconds, the ones that have begun.
fn cedar_instant(instant: Timestamp) -> i64 {
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MAX).max(FIRST)
}

/// A value of no entity. Each is as long as it says, so that no two lists of values are written alike.
fn written(value: &Value<'_>, key: &mut Vec<u8>) {
    match value {
        Value::Bool(value) => key.push(u8::from(*value)),
        Value::Long(value) | Value::Hours(value) => key.extend_from_slice(&value.to_le_bytes()),
        Value::Text(value) => text(value, key),
        Value::Word(_, word) => text(word, key),
        Value::Requests(requests) => {
            key.extend_from_slice(&(requests.len() as u64).to_le_bytes());
            for (level, status, expired) in requests {
                text(level, key);
                text(status, key);
                key.push(u8::from(*expired));
            }
        }
        // Written where they are come to.
        Value::Entity(_) | Value::Instant(_) | Value::Day(_) => {}
    }
}

fn number(number: u32, key: &mut Vec<u8>) {
    key.extend_from_slice(&number.to_le_bytes());
}

fn text(text: &str, key: &mut Vec<u8>) {
    key.extend_from_slice(&(text.len() as u64).to_le_bytes());
    key.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests;
