//! Projections: everything of a query that its rules can observe, as a list of numbers.
//!
//! See the module above for why equal projections mean equal verdicts.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::{
    footprint::{AttributeUse, RuleFootprint, UseKind},
    numbering::EntityNumbering,
    text_tests::TextTest,
};
use crate::{
    engine::{
        answer::{Entity, Query},
        attributes::{self, Value},
        ids::{FootprintId, SliceId},
    },
    model::Zone,
    resolve::ResolvedSnapshot,
};

/// Everything of a query that its rules can observe, and buffers for the next one.
#[derive(Default)]
pub(in crate::engine) struct Projection<'s> {
    /// Equal for queries that the rules cannot distinguish.
    pub(super) key: Vec<u32>,
    /// The entities by number, each with its distance from the query in attributes.
    pub(super) entities: Vec<(Entity<'s>, usize)>,
    numbers: Vec<u32>,
    /// The instants to rank, in milliseconds.
    instants: Vec<i64>,
    ranks: Vec<i64>,
    midnights: Midnights,
}

/// Writes projections.
pub(in crate::engine) struct Projector {
    numbering: Arc<EntityNumbering>,
    /// The instants of the context, with Cedar's precision.
    context: Vec<i64>,
    zone: Zone,
    /// Attributes that a test omits from the projections of queries and of subjects, to show that it must not.
    #[cfg(test)]
    omitted: [Option<&'static str>; 2],
}

/// What a projection covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// One query: the check and the slice.
    Query(usize, SliceId),
    /// A subject with all its queries.
    Subject(FootprintId),
}

impl Projector {
    pub(in crate::engine) fn new(resolved: &ResolvedSnapshot<'_>, numbering: Arc<EntityNumbering>) -> Self {
        let zone = resolved.snapshot.organization.time_zone.clone();
        let staff_as_of = resolved.staff.listed.map(|(pulled_at, _)| pulled_at);
        let context = [zone.midnight(resolved.today), resolved.as_of].into_iter().chain(staff_as_of);
        Projector {
            numbering,
            context: context.map(cedar_instant).collect(),
            zone,
            #[cfg(test)]
            omitted: [None; 2],
        }
    }

    /// A projector that omits attributes from the projections of queries and of subjects.
    #[cfg(test)]
    pub(in crate::engine) fn omitting(self, omitted: [Option<&'static str>; 2]) -> Self {
        Projector { omitted, ..self }
    }

    /// Whether a test omits an attribute from projections of this scope.
    #[cfg(test)]
    fn omits(&self, scope: Scope, attribute: &str) -> bool {
        let [of_queries, of_subjects] = self.omitted;
        let omitted = if matches!(scope, Scope::Query(..)) { of_queries } else { of_subjects };
        omitted == Some(attribute)
    }

    /// Writes the projection of a query to a slice with this footprint.
    pub(super) fn project_query<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        footprint: &RuleFootprint,
        query: &Query<'s>,
        slice: SliceId,
        into: &mut Projection<'s>,
    ) {
        let roots = [query.principal, query.resource];
        self.project(resolved, footprint, Scope::Query(query.check, slice), roots.into_iter(), into);
    }

    /// Writes what a footprint shows of these entities, and of those that rules reach from them.
    pub(super) fn project<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        footprint: &RuleFootprint,
        scope: Scope,
        roots: impl Iterator<Item = Entity<'s>>,
        into: &mut Projection<'s>,
    ) {
        into.key.clear();
        into.key.extend(match scope {
            Scope::Query(check, slice) => [short(check), slice.0],
            Scope::Subject(footprint) => [u32::MAX, footprint.0],
        });
        into.instants.clear();
        into.entities.clear();
        for root in roots {
            // Several roots may be one entity.
            let known = into.entities.iter().position(|(known, _)| *known == root);
            into.key.push(short(known.unwrap_or(into.entities.len())));
            if known.is_none() {
                into.entities.push((root, 0));
            }
        }
        into.key.push(u32::MAX);
        // The groups of a subject and its resources choose the footprint.
        let roots = if matches!(scope, Scope::Subject(_)) { into.entities.len() } else { 0 };
        let mut at = 0;
        while let Some((entity, hop)) = into.entities.get(at).copied() {
            self.identity(resolved, footprint, entity, &mut into.key);
            self.memberships(resolved, footprint, entity, at < roots, into);
            at += 1;
            if hop < footprint.hops {
                self.attributes(resolved, footprint, (entity, hop), scope, into);
            }
        }
        self.ranks(into);
    }

    /// Writes the order of the instants, those of the context included.
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

    /// Writes the type, and the number if rules name entities of the type.
    fn identity(
        &self,
        resolved: &ResolvedSnapshot<'_>,
        footprint: &RuleFootprint,
        entity: Entity<'_>,
        key: &mut Vec<u32>,
    ) {
        key.push(short(attributes::kind(entity)));
        if footprint.names_kind(attributes::kind(entity)) {
            key.push(self.numbering.own(resolved, entity).unwrap_or_default());
        }
    }

    /// Writes which of the groups that an `in` names the entity is in, and the types whose memberships are unknown.
    fn memberships<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        footprint: &RuleFootprint,
        entity: Entity<'s>,
        is_known: bool,
        into: &mut Projection<'s>,
    ) {
        if footprint.memberships.is_empty() {
            return;
        }
        let unknown = attributes::unknown(resolved, entity).filter(|unknown| !unknown.is_empty());
        let is_unknown = |fact: &str| u32::from(unknown.is_some_and(|unknown| unknown.contains_key(fact)));
        if is_known {
            into.key.extend(footprint.memberships.iter().map(|(fact, _)| is_unknown(fact)));
            return;
        }
        into.numbers.clear();
        self.numbering.ancestors(resolved, entity, &mut into.numbers);
        if let Entity::Holdings(_) = entity {
            for fact in &footprint.holdings {
                into.key.push(is_unknown(fact));
            }
        }
        for (fact, numbers) in &footprint.memberships {
            into.key.push(is_unknown(fact));
            // An entity is in few of many groups. So only these are written, in the footprint's order, and an end mark.
            let held = numbers.iter().filter(|one| into.numbers.contains(one));
            into.key.extend(held);
            into.key.push(0);
        }
    }

    /// Writes the attributes that rules read.
    fn attributes<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        footprint: &RuleFootprint,
        (entity, hop): (Entity<'s>, usize),
        #[cfg_attr(not(test), expect(unused_variables, reason = "a test omits attributes by scope"))] scope: Scope,
        into: &mut Projection<'s>,
    ) {
        let Some(uses) = footprint.by_kind.get(attributes::kind(entity)) else { return };
        let unknown = attributes::unknown(resolved, entity).filter(|unknown| !unknown.is_empty());
        for AttributeUse { attribute, kind, tests } in uses {
            #[cfg(test)]
            if self.omits(scope, attribute.name()) {
                continue;
            }
            if unknown.is_some_and(|unknown| unknown.contains_key(attribute.name())) {
                into.key.push(2);
                continue;
            }
            let Some(value) = attributes::attribute(resolved, entity, *attribute) else {
                into.key.push(0);
                continue;
            };
            into.key.push(1);
            match (kind, value) {
                (UseKind::Presence, Value::Text(text)) => tested(tests, &text, &mut into.key),
                (UseKind::Presence, Value::Symbol(_, text)) => tested(tests, text, &mut into.key),
                (UseKind::Presence, _) => {}
                (kind, Value::Instant(instant)) => into.instant(cedar_instant(instant), *kind),
                (kind, Value::Day(date)) => {
                    let instant = into.midnights.of(&self.zone, date);
                    into.instant(instant, *kind);
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
    /// Adds an instant. Its rank is written at the end; its value only if rules use more than the order.
    fn instant(&mut self, instant: i64, kind: UseKind) {
        self.instants.push(instant);
        if kind == UseKind::Value {
            long(instant, &mut self.key);
        }
    }
}

/// Size of the cache: somewhat more than ten years of days, so that few collide.
const DAYS: usize = 4096;

/// A cache of the midnights of recent days. Computing one takes longer than the rest of a projection.
#[derive(Default)]
struct Midnights(Vec<Option<(Date, i64)>>);

impl Midnights {
    fn of(&mut self, zone: &Zone, date: Date) -> i64 {
        if self.0.is_empty() {
            self.0.resize(DAYS, None);
        }
        let number = i64::from(date.year()) * 372 + i64::from(date.month()) * 31 + i64::from(date.day());
        let slot = usize::try_from(number.unsigned_abs()).unwrap_or_default() % self.0.len().max(1);
        if let Some(Some((known, instant))) = self.0.get(slot)
            && *known == date
        {
            return *instant;
        }
        let instant = cedar_instant(zone.midnight(date));
        self.0.get_mut(slot).into_iter().for_each(|slot| *slot = Some((date, instant)));
        instant
    }
}

/// The first instant that Cedar can represent, 0000-01-01T00:00:00Z, in milliseconds. Earlier ones are clamped.
const FIRST: i64 = -62_167_219_200_000;

/// An instant with Cedar's precision: whole milliseconds, rounded down.
fn cedar_instant(instant: Timestamp) -> i64 {
    let begun = i64::from(instant.subsec_nanosecond()).div_euclid(1_000_000);
    (instant.as_second() * 1_000 + begun).max(FIRST)
}

/// Writes a value that is no entity. The encoding is prefix-free, so that no two lists of values are equal.
fn written(value: &Value<'_>, key: &mut Vec<u32>) {
    match value {
        Value::Bool(value) => key.push(u32::from(*value)),
        Value::Long(value) | Value::Hours(value) => long(*value, key),
        Value::Text(value) => text(value, key),
        Value::Symbol(number, _) => key.push(*number),
        Value::Word(word) => key.push(word.number),
        Value::Texts(texts) => {
            key.push(short(texts.len()));
            texts.iter().for_each(|one| text(one, key));
        }
        Value::Requests(requests) => {
            key.push(short(requests.len()));
            for (level, status, expired) in requests {
                text(level, key);
                key.extend([status.number, u32::from(*expired)]);
            }
        }
        // The caller writes these.
        Value::Entity(_) | Value::Instant(_) | Value::Day(_) => {}
    }
}

/// Writes the results of the tests, one bit each.
fn tested(tests: &[TextTest], text: &str, key: &mut Vec<u32>) {
    let bits = |some: &[TextTest]| some.iter().fold(0, |bits, test| bits << 1 | u32::from(test.holds(text)));
    key.extend(tests.chunks(32).map(bits));
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Writes both halves of a number.
fn long(number: i64, key: &mut Vec<u32>) {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    key.extend([u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]);
}

/// Writes the length, and the bytes, four to a number.
fn text(text: &str, key: &mut Vec<u32>) {
    key.push(short(text.len()));
    let (words, rest) = text.as_bytes().as_chunks::<4>();
    key.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
    if !rest.is_empty() {
        key.push(rest.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)));
    }
}
