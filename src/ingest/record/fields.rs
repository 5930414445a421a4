//! The fields of one record, each a fact or the reason why it is unknown.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::{
    addresses::{address, text_of},
    not_understood::NotUnderstood,
    scalars::{identifier, instant, parsed, quoted, text},
};
use crate::{
    ingest::pages::Values,
    model::{Fact, read::kind, snapshot::Unknown},
};

/// One record and what is unknown about it.
pub(crate) struct Fields<'a> {
    pub(super) collection: &'static str,
    id: &'a str,
    pub(super) values: &'a Values,
    pub(super) not_understood: &'a NotUnderstood,
    pub(super) unknown: Unknown,
    /// Facts of which the record says nothing at all.
    not_given: BTreeSet<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(
        collection: &'static str,
        id: &'a str,
        values: &'a Values,
        not_understood: &'a NotUnderstood,
    ) -> Self {
        Fields { collection, id, values, not_understood, unknown: Unknown::new(), not_given: BTreeSet::new() }
    }

    /// Why the facts read so far are unknown.
    pub(crate) fn into_unknown(self) -> Unknown {
        self.unknown
    }

    /// Why the facts read so far are unknown, and of which the record says nothing at all.
    pub(crate) fn into_reasons(self) -> (Unknown, BTreeSet<String>) {
        (self.unknown, self.not_given)
    }

    /// Notes that a fact is unknown for a reason that lies outside the record.
    pub(crate) fn unknown<T>(&mut self, fact: &str, reason: impl Into<String>) -> Fact<T> {
        self.not_given.remove(fact);
        self.unknown.insert(fact.to_owned(), reason.into());
        Fact::Unknown
    }

    /// Notes that a fact is unknown because the record says nothing of it: another list of staff may.
    pub(crate) fn not_given<T>(&mut self, fact: &str, reason: impl Into<String>) -> Fact<T> {
        self.unknown.insert(fact.to_owned(), reason.into());
        self.does_not_give(fact);
        Fact::Unknown
    }

    /// Notes that the record says nothing of a fact.
    pub(crate) fn does_not_give(&mut self, fact: &str) {
        self.not_given.insert(fact.to_owned());
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
        if let Some(reason) = self.differing(&[key]) {
            return self.unknown(fact, reason);
        }
        match self.values.get(key) {
            None => {
                let reason = format!("`{}` gave no `{key}`", self.collection);
                self.not_given(fact, reason)
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

    /// Why one of these keys cannot be read, where two records with this id say it differently.
    pub(crate) fn differing(&self, keys: &[&str]) -> Option<String> {
        let of = |key: &&str| Some(format!("`{}.{key}`: {}", self.collection, self.values.differing(key)?));
        keys.iter().find_map(of)
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

    /// A text or number that identifies a record elsewhere.
    pub(crate) fn identifier(&mut self, fact: &str, key: &str) -> Fact<String> {
        self.fact(fact, key, |value| identifier(Some(value)))
    }

    /// A hint at whose the record is, or why it cannot be read. A missing key is no hint.
    pub(crate) fn hint(&mut self, key: &str, value: Option<&Value>) -> Result<Option<String>, String> {
        identifier(value).map_err(|reason| self.not_understood(key, &reason))
    }

    /// An e-mail address.
    pub(crate) fn address(&mut self, fact: &str, key: &str) -> Fact<String> {
        let (seen, id, field) = (self.not_understood, self.id, format!("`{}.{key}`", self.collection));
        self.fact(fact, key, |value| match text(value)? {
            Some(text) => seen.address(&field, &text, id),
            None => Ok(None),
        })
    }

    /// The address that counts of a list, as [`address`] reads it.
    pub(crate) fn address_of(
        &mut self,
        fact: &str,
        key: &str,
        [item, primary]: [&str; 2],
        counts: impl Fn(&Value) -> bool,
    ) -> Fact<String> {
        let (seen, id, field) = (self.not_understood, self.id, format!("`{}.{key}`", self.collection));
        self.fact(fact, key, |value| {
            let Value::Array(entries) = value else {
                return Err(format!("a list is expected, this is {}", kind(value)));
            };
            let entries: Vec<&Value> = entries.iter().filter(|entry| counts(entry)).collect();
            // The address that is not shown might be the one that counts.
            let is_shown = |entry: &&Value| {
                matches!(entry, Value::String(_)) || matches!(entry.get(item), Some(Value::String(_) | Value::Null))
            };
            if !entries.iter().all(is_shown) {
                return Err(format!("one of them has no `{item}` that is a text"));
            }
            match address(&entries, item, primary)? {
                Some(found) => seen.address(&field, &found, id),
                None => {
                    // Named, although it counts for nothing.
                    let texts = entries.iter().filter_map(|entry| text_of(entry, item));
                    texts.map(|text| seen.address(&field, text, id)).find(Result::is_err).unwrap_or(Ok(None))
                }
            }
        })
    }

    pub(crate) fn date(&mut self, fact: &str, key: &str) -> Fact<Date> {
        let seen = self.not_understood;
        self.fact(fact, key, |value| parsed(value, |text| seen.date(text)))
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
