//! The facts of one record, as a mapping says where they are.

use serde_json::Value;

use super::{
    field::{Field, Reading, Word},
    kinds::{self, Kind, Said, Text},
    rows::{Cell, Row, Rows},
};
use crate::{
    ingest::record::{self, NotUnderstood},
    model::{Fact, snapshot::Unknown},
};

/// Reads the facts of one record.
pub(super) struct Facts<'a> {
    rows: &'a Rows,
    row: &'a Row,
    /// The id of the record, for warnings.
    id: &'a str,
    format: &'a str,
    seen: &'a NotUnderstood,
    unknown: Unknown,
}

impl<'a> Facts<'a> {
    pub(super) fn new(rows: &'a Rows, row: &'a Row, id: &'a str, format: &'a str, seen: &'a NotUnderstood) -> Self {
        Facts { rows, row, id, format, seen, unknown: Unknown::new() }
    }

    /// Why the facts read so far are unknown.
    pub(super) fn into_unknown(self) -> Unknown {
        self.unknown
    }

    /// Notes that a fact is unknown.
    pub(super) fn unknown<T>(&mut self, fact: &str, reason: impl Into<String>) -> Fact<T> {
        self.unknown.insert(fact.to_owned(), reason.into());
        Fact::Unknown
    }

    /// A fact that the format does not give is unknown.
    pub(super) fn fact<K: Kind>(&mut self, fact: &str, field: Option<&Field>, kind: &K) -> Fact<K::Value> {
        let said = match field {
            Some(field) => self.said(field, kind),
            None => Err(format!("`{}` does not give it", self.format)),
        };
        match said {
            Ok(value) => value.into(),
            Err(reason) => self.unknown(fact, reason),
        }
    }

    /// The same for a fact that every record has: an empty cell says nothing.
    pub(super) fn never_empty<K: Kind>(&mut self, fact: &str, field: Option<&Field>, kind: &K) -> Fact<K::Value> {
        match self.fact(fact, field, kind) {
            Fact::Empty => {
                let paths: Vec<String> =
                    field.into_iter().flat_map(Field::paths).map(|path| format!("`{path}`")).collect();
                let is_are = if paths.len() == 1 { "is" } else { "are" };
                self.unknown(fact, format!("{} {is_are} empty", paths.join(" and ")))
            }
            value => value,
        }
    }

    /// A text that helps to link a record. A missing column gives none.
    ///
    /// # Errors
    /// Returns the reason if the cell cannot be read.
    pub(super) fn hint(&self, field: Option<&Field>) -> Said<String> {
        let Some(field) = field else { return Ok(None) };
        let is_here = field.paths().into_iter().any(|path| !matches!(self.rows.cell(self.row, path), Cell::Missing(_)));
        if is_here { self.said(field, &Text) } else { Ok(None) }
    }

    /// The addresses of a field. A missing column gives none, and a text that is no address is only named.
    ///
    /// # Errors
    /// Returns the reason if a cell cannot be read.
    pub(super) fn addresses(&self, field: Option<&Field>) -> Result<Vec<String>, String> {
        let Some(field) = field else { return Ok(Vec::new()) };
        let kind = Addresses { seen: self.seen, id: self.id };
        Ok(self.said(field, &kind)?.unwrap_or_default())
    }

    /// Reads an address and notes a spelling of "none".
    pub(super) fn address(&mut self, fact: &str, field: Option<&Field>) -> Fact<String> {
        let kind = Address { seen: self.seen, id: self.id };
        self.fact(fact, field, &kind)
    }

    /// What a field says.
    pub(super) fn said<K: Kind>(&self, field: &Field, kind: &K) -> Said<K::Value> {
        match field {
            Field::Path(path) => self.read(path, &Reading { from: Some(path.clone()), ..Reading::default() }, kind),
            Field::Several(fields) => kind.join(fields.iter().map(|field| self.said(field, kind)).collect()),
            Field::Reading(reading) => match (&reading.value, &reading.from) {
                (Some(word), _) => kind.word(word, reading),
                (None, Some(path)) => self.read(path, reading, kind),
                (None, None) => {
                    let said = reading.first.iter().map(|field| self.said(field, kind));
                    said.into_iter().find(|said| !matches!(said, Ok(None))).unwrap_or(Ok(None))
                }
            },
        }
    }

    fn read<K: Kind>(&self, path: &str, reading: &Reading, kind: &K) -> Said<K::Value> {
        if let Some(columns) = self.rows.columns_like(self.row, path) {
            let of = |column: &String| Reading { from: Some(column.clone()), ..reading.clone() };
            return kind.together(columns.iter().map(|column| self.read(column, &of(column), kind)).collect());
        }
        let said = match self.rows.cell(self.row, path) {
            Cell::Missing(reason) => {
                return stands_for(reading.missing.as_ref(), kind.missing(reason), reading, kind);
            }
            Cell::Empty => return self.empty(path, reading, kind),
            Cell::Text(text) => return self.text(path, &text, reading, kind),
            Cell::List([]) if reading.empty.is_some() => {
                return self.empty(path, reading, kind);
            }
            Cell::List(list) if reading.words.is_empty() => kind.list(list, reading),
            Cell::List(list) => kinds::texts(list, reading).and_then(|texts| {
                let said = texts.iter().map(|text| self.text(path, text, reading, kind));
                kind.together(said.collect())
            }),
            Cell::Object => Err("a text is expected, this is an object".to_owned()),
        };
        said.map_err(|reason| self.not_understood(path, &reason))
    }

    fn empty<K: Kind>(&self, path: &str, reading: &Reading, kind: &K) -> Said<K::Value> {
        match &reading.empty {
            Some(Word::One(word)) if word == "unknown" => Err(format!("`{path}` is empty")),
            word => stands_for(word.as_ref(), Ok(None), reading, kind),
        }
    }

    fn text<K: Kind>(&self, path: &str, text: &str, reading: &Reading, kind: &K) -> Said<K::Value> {
        if reading.unknown.iter().any(|word| word.is(text)) {
            return Err(format!("`{path}` is {}, which does not say it", record::quoted(text)));
        }
        if let Some(separator) = reading.separator.as_deref().filter(|one| !one.is_empty() && !reading.words.is_empty())
            && text.contains(separator)
        {
            let part = Reading { separator: None, ..reading.clone() };
            let parts = kinds::parts(text, reading).into_iter();
            return kind.together(parts.map(|text| self.text(path, text, &part, kind)).collect());
        }
        if !reading.contains.is_empty() {
            let meaning = reading.contains.iter().find(|(part, _)| part.is_in(text));
            return meaning.map_or(Ok(None), |(_, word)| kind.word(word, reading));
        }
        if let Some(word) = reading.meaning(text) {
            return kind.word(word, reading);
        }
        if let Some(word) = reading.date.as_ref().filter(|_| kinds::is_day(text, reading)) {
            return kind.word(word, reading);
        }
        let said = if reading.words.is_empty() || kind.is_open() {
            kind.text(text, reading)
        } else {
            Err(format!("{} is not one of its words in the mapping", record::quoted(text)))
        };
        said.map_err(|reason| self.not_understood(path, &reason))
    }

    fn not_understood(&self, path: &str, reason: &str) -> String {
        let what = format!("`{path}`: {reason}");
        self.seen.add(what.clone(), self.id);
        what
    }
}

/// What a missing or empty cell stands for, by a word of the mapping.
fn stands_for<K: Kind>(word: Option<&Word>, otherwise: Said<K::Value>, reading: &Reading, kind: &K) -> Said<K::Value> {
    match word {
        None => otherwise,
        Some(Word::One(word)) if word == "none" => Ok(None),
        Some(word) => kind.word(word, reading),
    }
}

/// The path that a reading is of, for messages.
fn path_of(reading: &Reading) -> String {
    reading.from.as_ref().map_or_else(|| "`value`".to_owned(), |path| format!("`{path}`"))
}

/// An e-mail address.
struct Address<'a> {
    seen: &'a NotUnderstood,
    id: &'a str,
}

impl Kind for Address<'_> {
    type Value = String;

    fn text(&self, text: &str, reading: &Reading) -> Said<String> {
        self.seen.address(&path_of(reading), text, self.id)
    }
}

/// Further addresses of a record.
struct Addresses<'a> {
    seen: &'a NotUnderstood,
    id: &'a str,
}

impl Kind for Addresses<'_> {
    type Value = Vec<String>;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, reading: &Reading) -> Said<Vec<String>> {
        let addresses = kinds::parts(text, reading).into_iter();
        let path = path_of(reading);
        Ok(Some(addresses.filter_map(|part| self.seen.further_address(&path, part, self.id)).collect()))
    }

    fn word(&self, word: &Word, reading: &Reading) -> Said<Vec<String>> {
        let whole = Reading { from: reading.from.clone(), ..Reading::default() };
        match word {
            Word::None => Ok(None),
            Word::Flag(flag) => Err(format!("`{flag}` is not an address")),
            Word::One(text) => self.text(text, &whole),
            Word::Several(texts) => self.join(texts.iter().map(|text| self.text(text, &whole)).collect()),
        }
    }

    fn missing(&self, _: String) -> Said<Vec<String>> {
        Ok(None)
    }

    fn list(&self, list: &[Value], reading: &Reading) -> Said<Vec<String>> {
        let texts = kinds::texts(list, reading)?;
        self.join(texts.iter().map(|text| self.text(text, reading)).collect())
    }

    fn join(&self, said: Vec<Said<Vec<String>>>) -> Said<Vec<String>> {
        let said: Result<Vec<Option<Vec<String>>>, String> = said.into_iter().collect();
        Ok(Some(said?.into_iter().flatten().flatten().collect()))
    }
}
