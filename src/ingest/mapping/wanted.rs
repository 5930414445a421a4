//! Whether a record whose levels are unknown may hold a level that every complete list has.

use std::collections::BTreeSet;

use super::{
    field::{Field, Reading, Word},
    kinds,
    model::AccountFields,
    rows::{Cell, Row, Rows},
};
use crate::model::level_name;

/// Levels of which every complete list has one.
pub(super) struct Wanted<'a> {
    levels: &'a BTreeSet<String>,
    field: Option<&'a Field>,
    /// Whether a column has a word for one of them. A word that the mapping does not know counts in such columns alone.
    has_word: bool,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(levels: &'a BTreeSet<String>, fields: &'a AccountFields) -> Self {
        let mut wanted = Wanted { levels, field: fields.levels.as_ref(), has_word: false };
        let readings = wanted.field.map(Field::readings).unwrap_or_default();
        wanted.has_word = readings.iter().any(|reading| wanted.has_word_in(reading));
        wanted
    }

    /// Whether a record may hold one, as far as its cells tell.
    pub(super) fn may_be_in(&self, rows: &Rows, row: &Row) -> bool {
        self.field.is_some_and(|field| self.may_give(field, rows, row))
    }

    fn may_give(&self, field: &Field, rows: &Rows, row: &Row) -> bool {
        match field {
            Field::Path(path) => self.may_say(path, &Reading::default(), rows, row),
            Field::Several(fields) => fields.iter().any(|field| self.may_give(field, rows, row)),
            Field::Reading(reading) => match (&reading.value, &reading.from) {
                (Some(word), _) => self.is_one(word),
                (None, Some(path)) => self.may_say(path, reading, rows, row),
                (None, None) => reading.first.iter().any(|field| self.may_give(field, rows, row)),
            },
        }
    }

    fn may_say(&self, path: &str, reading: &Reading, rows: &Rows, row: &Row) -> bool {
        if let Some(columns) = rows.columns_like(row, path) {
            return columns.iter().any(|column| self.may_say(column, reading, rows, row));
        }
        match rows.cell(row, path) {
            Cell::Missing(_) => match &reading.missing {
                Some(word) => self.is_one(word),
                None => self.is_open(reading),
            },
            Cell::Empty => match &reading.empty {
                Some(Word::One(word)) if word == "unknown" => self.is_open(reading),
                word => word.as_ref().is_some_and(|word| self.is_one(word)),
            },
            Cell::Text(text) => self.may_mean(&text, reading),
            Cell::List(list) => match kinds::texts(list, reading) {
                Ok(texts) => texts.iter().any(|text| self.may_mean(text, reading)),
                Err(_) => self.is_open(reading),
            },
            Cell::Object => self.is_open(reading),
        }
    }

    fn may_mean(&self, text: &str, reading: &Reading) -> bool {
        let parts = kinds::parts(text, reading);
        parts.into_iter().any(|part| match reading.meaning(part) {
            _ if reading.unknown.iter().any(|word| word.is(part)) => self.is_open(reading),
            Some(word) => self.is_one(word),
            None => match reading.date.as_ref().filter(|_| kinds::is_day(part, reading)) {
                Some(word) => self.is_one(word),
                None if reading.words.is_empty() => self.levels.contains(&level_name(part)),
                None => self.is_open(reading),
            },
        })
    }

    /// Whether what a column does not say clearly may be one of them.
    fn is_open(&self, reading: &Reading) -> bool {
        !self.has_word || self.has_word_in(reading)
    }

    fn has_word_in(&self, reading: &Reading) -> bool {
        reading.words.values().any(|word| self.is_one(word))
    }

    fn is_one(&self, word: &Word) -> bool {
        match word {
            Word::One(level) => self.levels.contains(&level_name(level)),
            Word::Several(levels) => levels.iter().any(|level| self.levels.contains(&level_name(level))),
            Word::None | Word::Flag(_) => false,
        }
    }
}
