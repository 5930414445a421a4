//! The kept keys of a record.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Keys and values of a record: those that the vendor's normaliser reads, and no others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    known: Vec<(&'static str, Value)>,
    /// Why a key is unreadable: two records say it differently. Almost always empty, so it is boxed.
    differing: Option<BTreeMap<&'static str, String>>,
}

impl Values {
    /// The values of these keys.
    #[must_use]
    pub fn of(mut record: Map<String, Value>, keep: &'static [&'static str]) -> Self {
        let known = keep.iter().filter_map(|key| Some((*key, record.remove(*key)?))).collect();
        Values { known, differing: None }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.known.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Whether the key is there, with whatever value.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Gives a key a value.
    pub fn set(&mut self, key: &'static str, value: Value) {
        match self.known.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.known.push((key, value)),
        }
    }

    /// Writes the keys inside of the values as in `names`, whatever their case.
    pub(in crate::ingest) fn spell_inner_keys(&mut self, names: &[&'static str]) {
        self.known.iter_mut().for_each(|(_, value)| spell_keys(value, names));
    }

    /// Why a key cannot be read: two records with one id say it differently.
    #[must_use]
    pub fn differing(&self, key: &str) -> Option<&str> {
        self.differing.as_ref()?.get(key).map(String::as_str)
    }

    /// Takes in another record with the same id: sets add up, and what else differs becomes unreadable for this reason.
    /// Says whether anything differs.
    ///
    /// A key that is only missing might stand for "none". So an unreadable key holds a number, which no fact is.
    pub(super) fn merge(&mut self, other: &Values, sets: &[&str], reason: &str) -> bool {
        let keys: Vec<&'static str> = self.known.iter().chain(&other.known).map(|(key, _)| *key).collect();
        let mut differs = false;
        for key in keys {
            let union = match (self.get(key), other.get(key)) {
                (one, two) if one == two => continue,
                (Some(Value::Array(one)), Some(Value::Array(two)))
                    if sets.contains(&key) && self.differing(key).is_none() && other.differing(key).is_none() =>
                {
                    Some(Value::Array(union(one, two)))
                }
                _ => None,
            };
            if union.is_none() {
                differs = true;
                let earlier = other.differing(key).unwrap_or(reason).to_owned();
                self.differing.get_or_insert_default().entry(key).or_insert(earlier);
            }
            self.set(key, union.unwrap_or_else(|| Value::from(0)));
        }
        self.settle();
        differs
    }

    /// Puts the keys into one order, whatever order they came in, and gives back what is not needed.
    pub(super) fn settle(&mut self) {
        self.known.sort_by_key(|(key, _)| *key);
        self.known.shrink_to_fit();
    }
}

fn spell_keys(value: &mut Value, names: &[&'static str]) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|entry| spell_keys(entry, names)),
        Value::Object(object) => {
            let has_other = |key: &String| !names.contains(&key.as_str());
            if object.keys().any(has_other) {
                let spelled = |key: String| {
                    let name = names.iter().find(|name| name.eq_ignore_ascii_case(&key));
                    name.map_or(key, |name| (*name).to_owned())
                };
                *object = std::mem::take(object).into_iter().map(|(key, value)| (spelled(key), value)).collect();
            }
            object.iter_mut().for_each(|(_, value)| spell_keys(value, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every entry of two lists, once, in an order that does not depend on which list comes first.
fn union(one: &[Value], two: &[Value]) -> Vec<Value> {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for entry in one.iter().chain(two) {
        all.entry(entry.to_string()).or_insert_with(|| entry.clone());
    }
    all.into_values().collect()
}
