//! Values of facts that the core of the snapshot format does not have.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

/// Further facts of a record by name. `None` is known to be empty.
pub type Facts = BTreeMap<String, Option<FactValue>>;

/// The value of a further fact as its source gave it. Its declaration says which type it has; dates and instants are
/// texts (`2026-11-20`, `2026-11-20T09:00:00Z`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FactValue {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Long(i64),
    /// A text, a word of a closed list, a date or an instant.
    Text(String),
    /// A set of texts.
    Set(Vec<String>),
}

vocabulary! {
    /// The type of a further fact.
    FactTypeName {
        /// True or false.
        Bool = "bool",
        /// A text.
        String = "string",
        /// A whole number.
        Long = "long",
        /// A day; in Cedar the midnight at which it begins in the organisation's time zone.
        Date = "date",
        /// An instant.
        Instant = "instant",
        /// A set of texts.
        Set = "set",
    }
}

/// How the keys of further facts begin in the `unknown` of a record.
pub(crate) const FACTS: &str = "facts.";

/// Where the `unknown` of a record keeps the reason of a further fact.
#[must_use]
pub fn unknown_key(name: &str) -> String {
    format!("{FACTS}{name}")
}

/// A further fact of a record.
pub(crate) fn fact<'f>(facts: &'f Facts, name: &str) -> Fact<&'f FactValue> {
    match facts.get(name) {
        Some(Some(value)) => Fact::Known(value),
        Some(None) => Fact::Empty,
        None => Fact::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_each_form_survive_json() {
        let text = r#"{"a":true,"b":7,"c":"2026-11-20","d":["x","y"],"e":null}"#;
        let facts: Facts = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), text);
        assert!(fact(&facts, "e").is_empty().is_true() && fact(&facts, "f").is_unknown());
        for refused in [r#"{"a":1.5}"#, r#"{"a":{}}"#, r#"{"a":[1]}"#] {
            assert!(serde_json::from_str::<Facts>(refused).is_err(), "{refused}");
        }
    }
}
