//! Reading a vendor's record tolerantly: a key that is missing, or a value that is not understood, is an unknown fact
//! with a reason, never a guess.

use std::{cell::RefCell, collections::BTreeMap};

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, counted},
    ingest::pages::{Pages, RawRecord, Values},
    model::{Fact, Rejected, fold::fold, read::kind, snapshot::Unknown},
};

/// Values that were given but not understood, gathered over all records of a source: what was wrong, and in which
/// records.
#[derive(Debug, Default)]
pub(crate) struct NotUnderstood(RefCell<BTreeMap<String, Vec<String>>>);

impl NotUnderstood {
    pub(crate) fn add(&self, what: String, record: &str) {
        self.0.borrow_mut().entry(what).or_default().push(record.to_owned());
    }

    /// One warning per thing that was not understood, naming the first few records.
    pub(crate) fn warnings(&self, source: &str) -> Vec<Diagnostic> {
        let all = self.0.borrow();
        all.iter()
            .map(|(what, records)| {
                let named: Vec<String> = records.iter().take(3).map(|record| format!("`{record}`")).collect();
                let more = records.len().saturating_sub(named.len());
                let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                let records = format!("{}{rest}", named.join(", "));
                Diagnostic::warning("value-not-understood", format!("{source}: {what}: {records}"))
                    .help("the fact is unknown, and so is every verdict that needs it")
            })
            .collect()
    }
}

/// One record and what is unknown about it.
pub(crate) struct Fields<'a> {
    collection: &'static str,
    id: &'a str,
    values: &'a Values,
    not_understood: &'a NotUnderstood,
    unknown: Unknown,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(
        collection: &'static str,
        id: &'a str,
        values: &'a Values,
        not_understood: &'a NotUnderstood,
    ) -> Self {
        Fields { collection, id, values, not_understood, unknown: Unknown::new() }
    }

    /// Why the facts read so far are unknown.
    pub(crate) fn into_unknown(self) -> Unknown {
        self.unknown
    }

    /// Notes that a fact is unknown for a reason that lies outside the record.
    pub(crate) fn unknown<T>(&mut self, fact: &str, reason: impl Into<String>) -> Fact<T> {
        self.unknown.insert(fact.to_owned(), reason.into());
        Fact::Unknown
    }

    /// Takes back why a fact is unknown, for another record to say.
    pub(crate) fn take_reason(&mut self, fact: &str) -> Option<String> {
        self.unknown.remove(fact)
    }

    /// A fact that every record has: `null` says nothing about it.
    pub(crate) fn never_empty<T>(&mut self, fact: &str, value: Fact<T>) -> Fact<T> {
        match value {
            Fact::Empty => self.unknown(fact, format!("`{}` gave no {fact}", self.collection)),
            value => value,
        }
    }

    /// The fact `fact` out of the vendor's key `key`.
    pub(crate) fn fact<T>(
        &mut self,
        fact: &str,
        key: &str,
        parse: impl FnOnce(&Value) -> Result<Option<T>, String>,
    ) -> Fact<T> {
        match self.values.get(key) {
            None => {
                let reason = format!("`{}` gave no `{key}`", self.collection);
                self.unknown(fact, reason)
            }
            Some(Value::Null) => Fact::Empty,
            Some(value) => match parse(value) {
                Ok(value) => value.into(),
                Err(reason) => {
                    let what = format!("`{}.{key}`: {reason}", self.collection);
                    self.not_understood.add(what.clone(), self.id);
                    self.unknown(fact, what)
                }
            },
        }
    }

    /// Notes that a value was given and not understood; gives the reason.
    pub(crate) fn not_understood(&mut self, key: &str, reason: &str) -> String {
        let what = format!("`{}.{key}`: {reason}", self.collection);
        self.not_understood.add(what.clone(), self.id);
        what
    }

    pub(crate) fn text(&mut self, fact: &str, key: &str) -> Fact<String> {
        self.fact(fact, key, text)
    }

    pub(crate) fn date(&mut self, fact: &str, key: &str) -> Fact<Date> {
        self.fact(fact, key, |value| parsed(value, date))
    }

    pub(crate) fn instant(&mut self, fact: &str, key: &str) -> Fact<Timestamp> {
        self.fact(fact, key, |value| parsed(value, instant))
    }

    /// A word of a closed vocabulary.
    pub(crate) fn word<T>(&mut self, fact: &str, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Fact<T> {
        self.fact(fact, key, |value| {
            parsed(value, |text| read(text).ok_or_else(|| format!("{} is not a word that tenure knows", quoted(text))))
        })
    }
}

/// The collection without which there is no source.
pub(crate) fn require(pages: &Pages, collection: &str, vendor: &str, endpoint: &str) -> Result<(), Vec<Diagnostic>> {
    if pages.collections.get(collection).is_some_and(|list| list.provided) {
        return Ok(());
    }
    let message = format!("`{endpoint}` holds no pages of {vendor} `{collection}`");
    let help = format!("name a directory that holds `{collection}.json` (or `{collection}-1.json` …)");
    Err(vec![Diagnostic::error("no-records", message).in_file(endpoint).help(help)])
}

/// Rejects records that do not say whom or what they are about.
pub(crate) fn reject_without(pages: &mut Pages, collection: &str, key: &str) {
    let Some(collection) = pages.collections.get_mut(collection) else { return };
    let says = |record: &RawRecord| record.values.get(key).and_then(Value::as_str).is_some_and(|id| !id.is_empty());
    let (kept, without): (Vec<_>, Vec<_>) = std::mem::take(&mut collection.records).into_iter().partition(says);
    collection.records = kept;
    collection.count = collection.records.len();
    if !without.is_empty() {
        let count = counted(without.len(), "record has", "records have");
        collection.reasons.push(format!("{count} no `{key}`"));
        let reason = format!("it has no `{key}`");
        collection.rejected.extend(without.into_iter().map(|raw| Rejected { record: raw.id, reason: reason.clone() }));
    }
}

/// The name that a person goes by, and the last name, from these keys.
pub(crate) fn name(fields: &mut Fields<'_>, values: &Values, [preferred, first, last]: [&str; 3]) -> Fact<String> {
    let part = |key: &str| values.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    match (part(preferred).or_else(|| part(first)), part(last)) {
        (Some(first), Some(last)) => Fact::Known(format!("{first} {last}")),
        (Some(one), None) | (None, Some(one)) => Fact::Known(one.to_owned()),
        (None, None) if values.contains_key(first) || values.contains_key(last) => Fact::Empty,
        (None, None) => {
            let reason = format!("`{}` gave no `{first}` and no `{last}`", fields.collection);
            fields.unknown("name", reason)
        }
    }
}

/// The id of a related record, which comes as an id or as the record itself.
pub(crate) fn relation(value: &Value) -> Option<&str> {
    let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
    (!id.trim().is_empty()).then_some(id)
}

/// The address that counts of a list of `{value or email, type, primary}`: the primary one, else the one for work, else
/// the only one. `Ok(None)` where the list is empty.
pub(crate) fn address(value: &Value, key: &str, primary: &str) -> Result<Option<String>, String> {
    let Value::Array(entries) = value else { return Err(format!("a list is expected, this is {}", kind(value))) };
    let text = |entry: &Value| {
        let text = entry.as_str().or_else(|| entry.get(key)?.as_str())?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let is = |entry: &&Value, key: &str, wanted: &str| match entry.get(key) {
        Some(Value::Bool(yes)) => *yes && wanted == "true",
        Some(Value::String(word)) => word.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    let with: Vec<&Value> = entries.iter().filter(|entry| text(entry).is_some()).collect();
    let distinct = |fits: &dyn Fn(&&&Value) -> bool| {
        let mut found: Vec<String> = with.iter().filter(|entry| fits(entry)).filter_map(|entry| text(entry)).collect();
        found.sort_by_cached_key(|address| fold(address).into_owned());
        found.dedup_by(|one, other| fold(one) == fold(other));
        found
    };
    let primary = distinct(&|entry| is(entry, primary, "true"));
    let work = distinct(&|entry| is(entry, "type", "work"));
    for found in [primary, work, distinct(&|_| true)] {
        match found.as_slice() {
            [] => {}
            [one] => return Ok(Some(one.clone())),
            _ => return Err("several addresses, and nothing says which one counts".to_owned()),
        }
    }
    Ok(None)
}

/// A text; an empty one is none.
pub(crate) fn text(value: &Value) -> Result<Option<String>, String> {
    parsed(value, |text| Ok(text.to_owned()))
}

fn parsed<T>(value: &Value, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    match value {
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => parse(text).map(Some),
        other => Err(format!("a text is expected, this is {}", kind(other))),
    }
}

/// A calendar day; of a date-time, the day that is written in it.
pub(crate) fn date(text: &str) -> Result<Date, String> {
    let trimmed = text.trim();
    let day = match trimmed.get(10..11) {
        Some("T" | " ") => trimmed.get(..10).unwrap_or(trimmed),
        _ => trimmed,
    };
    day.parse::<Date>().map_err(|_| format!("{} is not a date that exists, such as `2026-11-20`", quoted(trimmed)))
}

/// An instant.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    let trimmed = text.trim();
    trimmed.parse().map_err(|_| format!("{} is not an instant such as `2026-11-20T09:00:00Z`", quoted(trimmed)))
}

/// A value as it may be repeated: one short word. Longer text might say anything about a person, and what is said here
/// is kept in the snapshot.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 24 && !text.contains(char::is_whitespace) {
        format!("`{text}`")
    } else {
        "the text that is given".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_null_and_unreadable_are_three_things() {
        let value = json!({ "a": null, "b": "2024-02-30", "c": "2024-02-29", "d": 5, "e": "  " });
        let seen = NotUnderstood::default();
        let values = Values::of(value.as_object().unwrap().clone(), &["a", "b", "c", "d", "e"]);
        let mut fields = Fields::new("people", "p1", &values, &seen);
        assert_eq!(fields.date("a", "a"), Fact::Empty);
        assert_eq!(fields.date("b", "b"), Fact::Unknown);
        assert_eq!(fields.date("c", "c"), Fact::Known("2024-02-29".parse().unwrap()));
        assert_eq!(fields.text("d", "d"), Fact::Unknown);
        assert_eq!(fields.text("e", "e"), Fact::Empty);
        assert_eq!(fields.text("f", "f"), Fact::Unknown);
        let unknown = fields.into_unknown();
        assert_eq!(unknown.keys().collect::<Vec<_>>(), ["b", "d", "f"]);
        assert_eq!(unknown["f"], "`people` gave no `f`");
        assert_eq!(seen.warnings("humaans").len(), 2);
    }

    #[test]
    fn the_day_of_a_date_time_is_the_one_written() {
        assert_eq!(date("2024-05-06T00:00:00Z").unwrap().to_string(), "2024-05-06");
        assert!(date("06/05/2024").is_err());
        assert!(!date("born on 3 May, tax id 12345").unwrap_err().contains("tax"), "free text is not repeated");
    }
}
