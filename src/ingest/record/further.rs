//! Facts that only some sources give, as coded formats read them: `createdAt`, `mfaEnabled`, `employmentType` and others.
//!
//! A key or column that is missing gives none, and needs no reason of its own. A value that is empty or not understood is
//! unknown with a reason.

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::{
    fields::Fields,
    scalars::{instant, parsed, quoted},
};
use crate::{
    ingest::table::RowFacts,
    model::{Fact, FactValue, Facts, declared::unknown_key, read::kind, slug},
};

/// When the account was made.
const CREATED_AT: &str = "createdAt";
/// The kind of a person's contract.
const EMPLOYMENT_TYPE: &str = "employmentType";

/// Takes in a further fact, unless it is unknown.
pub(crate) fn give(facts: &mut Facts, name: &str, fact: Fact<FactValue>) {
    match fact {
        Fact::Known(value) => _ = facts.insert(name.to_owned(), Some(value)),
        Fact::Empty => _ = facts.insert(name.to_owned(), None),
        Fact::Unknown => {}
    }
}

/// Yes or no, as a text.
///
/// # Errors
/// That the text is neither.
pub(crate) fn flag(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(true),
        "false" | "no" | "n" | "0" => Ok(false),
        _ => Err(format!("{} is neither true nor false", quoted(text))),
    }
}

impl Fields<'_> {
    /// `createdAt`, of the value at a dotted path.
    pub(crate) fn created_at(&mut self, facts: &mut Facts, path: &str, value: Option<&Value>) {
        self.further(facts, CREATED_AT, (path, value), |value| {
            Ok(parsed(value, instant)?.map(|instant| FactValue::Text(instant.to_string())))
        });
    }

    /// A further fact that is true or false, of the value at a dotted path.
    pub(crate) fn further_flag(&mut self, facts: &mut Facts, name: &str, path: &str, value: Option<&Value>) {
        self.further(facts, name, (path, value), |value| match value {
            Value::Bool(flag) => Ok(Some(FactValue::Bool(*flag))),
            other => Ok(parsed(other, flag)?.map(FactValue::Bool)),
        });
    }

    /// `employmentType`, of one of these words; another one may be the company's own, and is unknown.
    pub(crate) fn employment_type(
        &mut self,
        facts: &mut Facts,
        key: &str,
        value: Option<&Value>,
        words: &[(&str, &'static str)],
    ) {
        if value.is_some() {
            let row = EmploymentRow::of(self.collection, key, value, self.differing(&[key]), words);
            self.give_employment_type(facts, row.kind);
        }
    }

    /// `employmentType` of the row in effect on a day. Rows none of which has the key do not give it.
    pub(crate) fn employment_type_of(&mut self, facts: &mut Facts, rows: Result<Vec<EmploymentRow>, String>, on: Date) {
        match rows {
            Ok(rows) if rows.iter().all(|row| !row.is_given) => {}
            Ok(rows) => self.give_employment_type(facts, in_effect(&rows, on)),
            Err(reason) => self.give_employment_type(facts, Err(reason)),
        }
    }

    /// What an employment with the keys `employment_type` and `effective_date` says of the kind of contract.
    pub(crate) fn employment_row(&self, words: &[(&str, &'static str)]) -> EmploymentRow {
        let key = "employment_type";
        let begin = self.values.get("effective_date").and_then(Value::as_str);
        EmploymentRow {
            begin: begin.and_then(|text| self.not_understood.date(text).ok()),
            ..EmploymentRow::of(self.collection, key, self.values.get(key), self.differing(&[key]), words)
        }
    }

    fn give_employment_type(&mut self, facts: &mut Facts, kind: Result<&'static str, String>) {
        let fact = match kind {
            Ok(kind) => Fact::Known(FactValue::Text(kind.to_owned())),
            Err(reason) => self.unknown(&unknown_key(EMPLOYMENT_TYPE), reason),
        };
        give(facts, EMPLOYMENT_TYPE, fact);
    }

    /// A further fact that every record has: a value that is empty says nothing.
    fn further(
        &mut self,
        facts: &mut Facts,
        name: &str,
        (path, value): (&str, Option<&Value>),
        read: impl FnOnce(&Value) -> Result<Option<FactValue>, String>,
    ) {
        let key = path.split('.').next().unwrap_or(path);
        let fact = if let Some(reason) = self.differing(&[key]) {
            self.unknown(&unknown_key(name), reason)
        } else {
            let said = match value {
                None => return,
                Some(Value::Null) => Ok(None),
                Some(value) => read(value),
            };
            match said {
                Ok(Some(value)) => Fact::Known(value),
                Ok(None) => self.unknown(&unknown_key(name), format!("`{}.{path}` is empty", self.collection)),
                Err(reason) => {
                    let reason = self.not_understood(path, &reason);
                    self.unknown(&unknown_key(name), reason)
                }
            }
        };
        give(facts, name, fact);
    }
}

impl RowFacts<'_> {
    /// `createdAt`.
    pub(crate) fn created_at(
        &mut self,
        facts: &mut Facts,
        column: &str,
        read: impl FnOnce(&str) -> Result<Option<Timestamp>, String>,
    ) {
        self.further(facts, CREATED_AT, column, |text| {
            Ok(read(text)?.map(|instant| FactValue::Text(instant.to_string())))
        });
    }

    /// A further fact that is true or false.
    pub(crate) fn further_flag(&mut self, facts: &mut Facts, name: &str, column: &str) {
        self.further(facts, name, column, |text| flag(text).map(FactValue::Bool).map(Some));
    }

    /// A further fact that is a day; an empty cell means none.
    pub(crate) fn further_day(
        &mut self,
        facts: &mut Facts,
        name: &str,
        column: &str,
        read: impl FnOnce(&str) -> Result<Date, String>,
    ) {
        if self.has(column) {
            let day = self.read(&unknown_key(name), column, |text| read(text).map(Some));
            give(facts, name, day.map(|day| FactValue::Text(day.to_string())));
        }
    }

    /// A further fact that every record has: an empty cell says nothing.
    fn further(
        &mut self,
        facts: &mut Facts,
        name: &str,
        column: &str,
        read: impl FnOnce(&str) -> Result<Option<FactValue>, String>,
    ) {
        if !self.has(column) {
            return;
        }
        match self.read(&unknown_key(name), column, read) {
            Fact::Empty => self.unknown(&unknown_key(name), format!("`{column}` is empty")),
            value => give(facts, name, value),
        }
    }
}

/// What one employment says of the kind of contract.
pub(crate) struct EmploymentRow {
    /// Its first day, if known.
    begin: Option<Date>,
    /// One of the schema's words, or why it is not known.
    kind: Result<&'static str, String>,
    /// Whether the row has the key at all.
    is_given: bool,
}

impl EmploymentRow {
    /// What a row says under a key, in one of these words. `differing` is why the key cannot be read.
    fn of(
        collection: &str,
        key: &str,
        value: Option<&Value>,
        differing: Option<String>,
        words: &[(&str, &'static str)],
    ) -> Self {
        let kind = match (differing, value) {
            (Some(reason), _) => Err(reason),
            (None, None) => Err(format!("`{collection}` gave no `{key}`")),
            (None, Some(Value::Null)) => Err(format!("`{collection}.{key}` is empty")),
            (None, Some(Value::String(text))) => {
                let word = words.iter().find(|(word, _)| *word == slug(text));
                word.map(|(_, kind)| *kind)
                    .ok_or_else(|| format!("`{collection}.{key}`: {} is not a word that tenure knows", quoted(text)))
            }
            (None, Some(other)) => Err(format!("`{collection}.{key}`: a text is expected, this is {}", kind(other))),
        };
        EmploymentRow { begin: None, kind, is_given: value.is_some() }
    }
}

/// The kind of the row in effect on a day: the last to begin counts. Rows that all say the same need no days.
fn in_effect(rows: &[EmploymentRow], on: Date) -> Result<&'static str, String> {
    let (first, others) = rows.split_first().ok_or("there is no employment")?;
    if first.kind.is_ok() && others.iter().all(|row| row.kind == first.kind) {
        return first.kind.clone();
    }
    if rows.iter().any(|row| row.begin.is_none()) {
        return Err("the kinds of several employments differ, and the first day of one is unknown".to_owned());
    }
    let latest = rows.iter().filter_map(|row| row.begin).filter(|begin| *begin <= on).max();
    let mut last = rows.iter().filter(|row| latest.is_some() && row.begin == latest);
    let first = last.next().ok_or("no employment has begun")?;
    match last.find(|row| row.kind != first.kind) {
        Some(_) => Err("the kinds of two employments that begin on one day differ".to_owned()),
        None => first.kind.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    const WORDS: &[(&str, &str)] = &[("full-time", "employee"), ("contractor", "contractor")];

    fn row(word: Option<&str>, begin: Option<Date>) -> EmploymentRow {
        let value = word.map(|word| json!(word));
        EmploymentRow { begin, ..EmploymentRow::of("employments", "employment_type", value.as_ref(), None, WORDS) }
    }

    #[test]
    fn the_employment_in_effect_says_the_kind() {
        let (past, lately, future) = (date(2024, 1, 1), date(2026, 1, 1), date(2027, 1, 1));
        let (employee, contractor) = (Some("FULL_TIME"), Some("Contractor"));
        for (rows, expected) in [
            (vec![], None),
            (vec![row(employee, None)], Some("employee")),
            (vec![row(employee, None), row(employee, None)], Some("employee")),
            (vec![row(contractor, Some(past)), row(employee, Some(lately))], Some("employee")),
            (vec![row(contractor, Some(past)), row(employee, Some(future))], Some("contractor")),
            (vec![row(contractor, Some(past)), row(employee, None)], None),
            (vec![row(contractor, Some(past)), row(employee, Some(past))], None),
            (vec![row(contractor, Some(future)), row(employee, Some(future))], None),
            // A row that does not say it counts only if it is not the one in effect.
            (vec![row(None, Some(past)), row(employee, Some(lately))], Some("employee")),
            (vec![row(employee, Some(past)), row(None, Some(lately))], None),
            (vec![row(employee, Some(past)), row(Some("Board"), Some(lately))], None),
        ] {
            assert_eq!(in_effect(&rows, date(2026, 11, 20)).ok(), expected);
        }
    }
}
