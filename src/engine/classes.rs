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
//! of a text that is only held against patterns and texts that are written out, which of them it fits; of an instant
//! that is only compared with other attributes, its rank among all instants of the projection and those of the context,
//! since no comparison can tell more.
//!
//! A subject is projected as a question is, with the resources of all its questions beside it and what all of their
//! rules together look at. Of these roots it need not be written which entities they are in: the reading is one of
//! those groups that a subject and its resources are or may be in, and of a type of which memberships are unknown
//! nothing is known. So subjects that are alike here are alike in each of their questions.
//!
//! Where this cannot be shown, nothing is shared: an `in` whose right side is not written out, an attribute of an entity
//! that is named, tags. What an unknown fact is called differs from subject to subject, and is translated; a rule that
//! errs is judged for every subject by itself, since Cedar's message names entities.

mod reading;
mod texts;

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

pub(super) use self::reading::Reading;
use self::{
    reading::{Look, Looked},
    texts::TextTest,
};
#[cfg(test)]
use super::evaluate::Trial;
use super::{
    named::Named,
    questions::Asking,
    values::{self, Entity, Value},
};
use crate::{model::Zone, resolve::Situation};

/// What the rules of a question can look at, written down: equal for questions that they cannot tell apart.
#[derive(Default)]
pub(super) struct Projection<'s> {
    /// What is written.
    pub(super) key: Vec<u32>,
    /// The entities, in the order in which they are numbered, and how many attributes away from the question each is.
    pub(super) entities: Vec<(Entity<'s>, usize)>,
    numbers: Vec<u32>,
    /// The instants that were come to.
    instants: Vec<i64>,
    ranks: Vec<i64>,
    midnights: Midnights,
    /// An attribute that is passed over in a test.
    #[cfg(test)]
    blind_to: Option<&'static str>,
}

/// Writes projections.
pub(super) struct Projector {
    named: Arc<Named>,
    /// The instants of the context, as precise as Cedar is told them.
    context: Vec<i64>,
    zone: Zone,
    #[cfg(test)]
    trial: Trial,
}

/// What a projection is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A question: the check and the slice.
    Question(usize, u32),
    /// A subject with all of its questions: the number of the reading.
    Subject(u32),
}

impl Projector {
    pub(super) fn new(situation: &Situation<'_>, named: Arc<Named>) -> Self {
        let zone = situation.snapshot.organization.time_zone.clone();
        let staff_as_of = situation.staff.listed.map(|(pulled_at, _)| pulled_at);
        let context = [zone.midnight(situation.today), situation.as_of].into_iter().chain(staff_as_of);
        Projector {
            named,
            context: context.map(cedar_instant).collect(),
            zone,
            #[cfg(test)]
            trial: Trial::default(),
        }
    }

    /// The same, but for attributes that it passes over.
    #[cfg(test)]
    pub(super) fn tried(self, trial: Trial) -> Self {
        Projector { trial, ..self }
    }

    /// Writes the projection of a question to the rules of a slice, whose reading this is, over what was written before.
    pub(super) fn project_question<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        asking: &Asking<'s>,
        slice: u32,
        into: &mut Projection<'s>,
    ) {
        let roots = [asking.principal, asking.resource];
        self.project(situation, reading, Scope::Question(asking.check, slice), roots.into_iter(), into);
    }

    /// Writes what a reading shows of these entities and those that are come to from them.
    pub(super) fn project<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        scope: Scope,
        roots: impl Iterator<Item = Entity<'s>>,
        into: &mut Projection<'s>,
    ) {
        #[cfg(test)]
        {
            into.blind_to = self.trial.blind_to(scope);
        }
        into.key.clear();
        into.key.extend(match scope {
            Scope::Question(check, slice) => [short(check), slice],
            Scope::Subject(reading) => [u32::MAX, reading],
        });
        into.instants.clear();
        into.entities.clear();
        for root in roots {
            // The numbers of the roots are written, since several may be one.
            let known = into.entities.iter().position(|(known, _)| *known == root);
            into.key.push(short(known.unwrap_or(into.entities.len())));
            if known.is_none() {
                into.entities.push((root, 0));
            }
        }
        into.key.push(u32::MAX);
        // The reading of a subject is told by the groups that it and its resources are in.
        let told = if matches!(scope, Scope::Subject(_)) { into.entities.len() } else { 0 };
        let mut at = 0;
        while let Some((entity, hop)) = into.entities.get(at).copied() {
            self.identity(situation, reading, entity, &mut into.key);
            self.memberships(situation, reading, entity, at < told, into);
            at += 1;
            if hop < reading.hops {
                self.attributes(situation, reading, (entity, hop), into);
            }
        }
        self.ranks(into);
    }

    /// How the instants that were come to, and those of the context, follow one another.
    fn ranks(&self, into: &mut Projection<'_>) {
        if into.instants.is_empty() {
            return;
        }
        into.instants.extend(&self.context);
        into.ranks.clear();
        into.ranks.extend_from_slice(&into.instants);
        into.ranks.sort_unstable();
        into.ranks.dedup();
        for instant in &into.instants {
            into.key.push(short(into.ranks.partition_point(|other| other < instant)));
        }
    }

    /// The type, and who it is where rules name entities of the type.
    fn identity(&self, situation: &Situation<'_>, reading: &Reading, entity: Entity<'_>, key: &mut Vec<u32>) {
        key.push(short(entity.kind()));
        if reading.names_kind(entity.kind()) {
            key.push(self.named.own(situation, entity).unwrap_or_default());
        }
    }

    /// Which of the entities that an `in` names it is in, where that is not told otherwise, and of which types nobody can
    /// say.
    fn memberships<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        entity: Entity<'s>,
        is_told: bool,
        into: &mut Projection<'s>,
    ) {
        if reading.memberships.is_empty() {
            return;
        }
        let unknown = values::unknown(situation, entity).filter(|unknown| !unknown.is_empty());
        let is_unknown = |fact: &str| u32::from(unknown.is_some_and(|unknown| unknown.contains_key(fact)));
        if is_told {
            into.key.extend(reading.memberships.iter().map(|(fact, _)| is_unknown(fact)));
            return;
        }
        into.numbers.clear();
        self.named.held(situation, entity, &mut into.numbers);
        for (fact, numbers) in &reading.memberships {
            into.key.push(is_unknown(fact));
            // Mostly it is in few of many: those it is in are written, in the order of the reading, and an end.
            let held = numbers.iter().filter(|one| into.numbers.contains(one));
            into.key.extend(held);
            into.key.push(0);
        }
    }

    /// The attributes that are read, as far as they are.
    fn attributes<'s>(
        &self,
        situation: &'s Situation<'_>,
        reading: &Reading,
        (entity, hop): (Entity<'s>, usize),
        into: &mut Projection<'s>,
    ) {
        let Some(looked) = reading.by_kind.get(entity.kind()) else { return };
        let unknown = values::unknown(situation, entity).filter(|unknown| !unknown.is_empty());
        for Looked { attribute, look, tests } in looked {
            #[cfg(test)]
            if into.blind_to == Some(attribute.name()) {
                continue;
            }
            if unknown.is_some_and(|unknown| unknown.contains_key(attribute.name())) {
                into.key.push(2);
                continue;
            }
            let Some(value) = values::attribute(situation, entity, *attribute) else {
                into.key.push(0);
                continue;
            };
            into.key.push(1);
            match (look, value) {
                (Look::Presence, Value::Text(text)) => tested(tests, &text, &mut into.key),
                (Look::Presence, Value::Symbol(_, text)) => tested(tests, text, &mut into.key),
                (Look::Presence, _) => {}
                (look, Value::Instant(instant)) => into.instant(cedar_instant(instant), *look),
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
                    into.key.push(short(at));
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
            long(instant, &mut self.key);
        }
    }
}

/// Somewhat more than ten years, so that hardly any two days of people who are there fall on one place.
const DAYS: usize = 4096;

/// The beginnings of days that were asked for lately; working one out takes longer than all the rest of a projection.
#[derive(Default)]
struct Midnights(Vec<Option<(Date, i64)>>);

impl Midnights {
    fn of(&mut self, zone: &Zone, date: Date) -> i64 {
        if self.0.is_empty() {
            self.0.resize(DAYS, None);
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
    let begun = i64::from(instant.subsec_nanosecond()).div_euclid(1_000_000);
    (instant.as_second() * 1_000 + begun).max(FIRST)
}

/// A value of no entity. Each is as long as it says, so that no two lists of values are written alike.
fn written(value: &Value<'_>, key: &mut Vec<u32>) {
    match value {
        Value::Bool(value) => key.push(u32::from(*value)),
        Value::Long(value) | Value::Hours(value) => long(*value, key),
        Value::Text(value) => text(value, key),
        Value::Symbol(number, _) => key.push(*number),
        Value::Word(word) => key.push(word.number),
        Value::Requests(requests) => {
            key.push(short(requests.len()));
            for (level, status, expired) in requests {
                text(level, key);
                key.extend([status.number, u32::from(*expired)]);
            }
        }
        // Written where they are come to.
        Value::Entity(_) | Value::Instant(_) | Value::Day(_) => {}
    }
}

/// Whether each test holds, a bit each.
fn tested(tests: &[TextTest], text: &str, key: &mut Vec<u32>) {
    let bits = |some: &[TextTest]| some.iter().fold(0, |bits, test| bits << 1 | u32::from(test.holds(text)));
    key.extend(tests.chunks(32).map(bits));
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Both halves of a number.
fn long(number: i64, key: &mut Vec<u32>) {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    key.extend([u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]);
}

/// The length, and four bytes a number.
fn text(text: &str, key: &mut Vec<u32>) {
    key.push(short(text.len()));
    let (words, rest) = text.as_bytes().as_chunks::<4>();
    key.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
    if !rest.is_empty() {
        key.push(rest.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)));
    }
}

#[cfg(test)]
mod tests;
