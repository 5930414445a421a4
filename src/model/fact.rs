//! The three states of a fact.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fact as the source gave it: known, known to be empty (`null` at the source), or unknown (key missing, token scope
/// too weak, collection not pulled, value not understood).
///
/// In JSON: the value, `null`, or no key at all; the record's `unknown` object then says why. Absence of evidence is
/// never read as a value.
///
/// INVARIANT: facts have no `PartialEq` outside of tests. Two unknown facts may differ, and an unknown fact may turn out
/// to equal a known one, so code that decides on a fact uses the combinators of `resolve::derived`.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub enum Fact<T> {
    /// The source gave this value.
    Known(T),
    /// The source said that there is none.
    Empty,
    /// The value is unknown.
    #[default]
    Unknown,
}

impl<T> Fact<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Fact::Known(value) => Some(value),
            Fact::Empty | Fact::Unknown => None,
        }
    }

    /// Whether the fact is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Fact::Unknown)
    }

    /// The same state over a reference.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Fact::Known(value) => Fact::Known(value),
            Fact::Empty => Fact::Empty,
            Fact::Unknown => Fact::Unknown,
        }
    }

    /// Changes the value, keeps the state.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Known(value) => Fact::Known(change(value)),
            Fact::Empty => Fact::Empty,
            Fact::Unknown => Fact::Unknown,
        }
    }

    /// Goes on from a known value to a further fact.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Fact::Known(value) => next(value),
            Fact::Empty => Fact::Empty,
            Fact::Unknown => Fact::Unknown,
        }
    }
}

/// Whether two records are written alike. Compares evidence as it is given; says nothing about unknown facts in it.
pub(crate) fn is_written_alike<T: Serialize>(one: &T, other: &T) -> bool {
    match (serde_json::to_value(one), serde_json::to_value(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

impl<T> From<Option<T>> for Fact<T> {
    /// `None` is *known to be empty*.
    fn from(value: Option<T>) -> Self {
        value.map_or(Fact::Empty, Fact::Known)
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    /// To be used with `skip_serializing_if = "Fact::is_unknown"`: an unknown fact has no key.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(Fact::from)
    }
}

impl<T: JsonSchema> JsonSchema for Fact<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Record {
        #[serde(default, skip_serializing_if = "Fact::is_unknown")]
        manager: Fact<String>,
    }

    #[test]
    fn the_three_states_survive_json() {
        for (json, fact) in [
            (r#"{"manager":"p1"}"#, Fact::Known("p1".to_owned())),
            (r#"{"manager":null}"#, Fact::Empty),
            (r"{}", Fact::Unknown),
        ] {
            let record: Record = serde_json::from_str(json).unwrap();
            assert_eq!(record.manager, fact);
            assert_eq!(serde_json::to_string(&record).unwrap(), json);
        }
    }
}
