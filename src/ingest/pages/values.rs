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

    /// Puts the keys into one order, whatever order they came in, and gives back what is not needed.
    pub(super) fn settle(&mut self) {
        self.0.sort_by_key(|(key, _)| *key);
        self.0.shrink_to_fit();
    }
}
