//! The ids that the pattern of a system makes of facts of people.

use std::sync::OnceLock;

use hashbrown::HashMap;
use jiff::civil::Date;

use crate::{
    bundle::{
        AccountPattern,
        data::patterns::{PatternField, PatternPart},
    },
    model::{Fact, FactValue, address::is_placeholder, fold::fold},
    resolve::{
        gaps::Lacking,
        people::{People, ResolvedPerson},
    },
};

/// The patterns of a bundle, by system, with the ids that they make once an account is looked up.
#[derive(Debug, Default)]
pub(super) struct Patterns<'a> {
    by_system: HashMap<&'a str, (&'a AccountPattern, OnceLock<ByPattern>)>,
}

/// The pattern of a system, and people by the ids that it makes.
#[derive(Clone, Copy)]
pub(super) struct SystemPattern<'p> {
    pub(super) pattern: &'p AccountPattern,
    table: &'p OnceLock<ByPattern>,
}

/// People by the id that a pattern makes of their facts.
#[derive(Debug, Default)]
pub(super) struct ByPattern {
    /// By folded id.
    people: HashMap<String, Vec<usize>>,
    /// Those of whom a fact is unknown that the pattern reads.
    pub(super) lacking: Lacking,
}

impl<'a> Patterns<'a> {
    pub(super) fn new(patterns: impl Iterator<Item = (&'a str, &'a AccountPattern)>) -> Self {
        Patterns { by_system: patterns.map(|(system, pattern)| (system, (pattern, OnceLock::new()))).collect() }
    }

    /// The pattern of a system.
    pub(super) fn of(&self, system: &str) -> Option<SystemPattern<'_>> {
        self.by_system.get(system).map(|(pattern, table)| SystemPattern { pattern, table })
    }
}

impl<'p> SystemPattern<'p> {
    /// Whether a fact of a person is unknown that the pattern reads.
    pub(super) fn is_open(self, person: &ResolvedPerson<'_>) -> bool {
        id_of(self.pattern, person).is_unknown()
    }

    /// People by the ids that the pattern makes.
    pub(super) fn people(self, people: &People<'_>, today: Date) -> &'p ByPattern {
        self.table.get_or_init(|| ByPattern::new(self.pattern, people, today))
    }
}

impl ByPattern {
    fn new(pattern: &AccountPattern, people: &People<'_>, today: Date) -> Self {
        let mut table = ByPattern::default();
        for (at, person) in people.iter().enumerate() {
            match id_of(pattern, &person) {
                Fact::Known(id) => table.people.entry(fold(&id).into_owned()).or_default().push(at),
                Fact::Empty => {}
                Fact::Unknown => table.lacking.add_person(at, &person, today),
            }
        }
        table
    }

    /// Those of whose facts the pattern makes an id.
    pub(super) fn find(&self, id: &str) -> &[usize] {
        self.people.get(&*fold(id)).map_or(&[], Vec::as_slice)
    }
}

/// The id that a pattern makes of a person's facts.
fn id_of(pattern: &AccountPattern, person: &ResolvedPerson<'_>) -> Fact<String> {
    let mut id = String::new();
    let mut is_unknown = false;
    for part in &pattern.parts {
        match part {
            PatternPart::Text(text) => id.push_str(text),
            PatternPart::Field(field) => match value(field, person) {
                Fact::Known(text) if !is_placeholder(&text) => id.push_str(text.trim()),
                // Whatever the other facts are, there is no id.
                Fact::Known(_) | Fact::Empty => return Fact::Empty,
                Fact::Unknown => is_unknown = true,
            },
        }
    }
    if is_unknown { Fact::Unknown } else { Fact::Known(id) }
}

fn value(field: &PatternField, person: &ResolvedPerson<'_>) -> Fact<String> {
    match field {
        PatternField::Id => Fact::Known(person.id.to_owned()),
        PatternField::Email => person.work_email.map(|address| address.to_string()),
        PatternField::EmailLocal => match person.work_email {
            // What has no `@` has no part before it.
            Fact::Known(address) if address.domain.is_empty() => Fact::Empty,
            address => address.map(|address| address.local.to_owned()),
        },
        PatternField::EmployeeNumber => person.employee_number.map(str::to_owned),
        PatternField::Fact(name) => match person.facts.get(name) {
            Some(FactValue::Text(text)) => Fact::Known(text.clone()),
            Some(_) => Fact::Unknown,
            None if person.unknown.contains_key(name) => Fact::Unknown,
            None => Fact::Empty,
        },
    }
}

/// Whether a pattern can make this id, however its fields come out.
pub(super) fn can_make(pattern: &AccountPattern, id: &str) -> bool {
    let id = fold(id);
    let text = |part: Option<&PatternPart>| match part {
        Some(PatternPart::Text(text)) if text.is_ascii() => fold(text).into_owned(),
        _ => String::new(),
    };
    // A mark that a field begins with may join the last letter before it.
    let mut begin = text(pattern.parts.first());
    begin.pop();
    id.starts_with(&begin) && id.ends_with(&text(pattern.parts.last()))
}
