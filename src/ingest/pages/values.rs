//! The kept keys of a record.

use serde_json::{Map, Value};

/// Keys and values of a record: those that the vendor's normaliser reads, and no others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values(Vec<(&'static str, Value)>);

impl Values {
    /// The values of these keys.
    #[must_use]
    pub fn of(mut record: Map<String, Value>, keep: &'static [&'static str]) -> Self {
        Values(keep.iter().filter_map(|key| Some((*key, record.remove(*key)?))).collect())
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Whether the key is there, with whatever value.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Gives a key a value.
    pub fn set(&mut self, key: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// Makes unreadable what another state of the same record says differently. A key that is only missing might stand
    /// for "none", so that it is a number, which no fact is.
    pub(super) fn forget_what_differs(&mut self, other: &Values) {
        let keys: Vec<&'static str> = self.0.iter().chain(&other.0).map(|(key, _)| *key).collect();
        for key in keys {
            if self.get(key) != other.get(key) {
                self.set(key, Value::from(0));
            }
        }
        self.settle();
    }

    /// Puts the keys into one order, whatever order they came in, and gives back what is not needed.
    pub(super) fn settle(&mut self) {
        self.0.sort_by_key(|(key, _)| *key);
        self.0.shrink_to_fit();
    }
}
