//! Facts that only some sources give, as a mapping says where they are.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    facts,
    field::{Field, Reading},
    kinds::{Day, Flag, Instant, Kind, Number, Said, Text, Texts},
};
use crate::{
    ingest::record,
    model::{Fact, FactTypeName, FactValue, Facts, Zone, declared::unknown_key},
};

/// The further facts of a record. Those that are unknown are noted with their reasons.
pub(super) fn read(fields: &BTreeMap<String, Field>, zone: &Zone, reader: &mut facts::Facts<'_>) -> Facts {
    let mut facts = Facts::new();
    for (name, field) in fields {
        let value = match field.fact_type() {
            FactTypeName::Bool => value(reader, name, field, &Flag, FactValue::Bool),
            FactTypeName::String => value(reader, name, field, &Text, FactValue::Text),
            FactTypeName::Long => value(reader, name, field, &Number, FactValue::Long),
            FactTypeName::Date => value(reader, name, field, &Day(zone), |day| FactValue::Text(day.to_string())),
            FactTypeName::Instant => {
                value(reader, name, field, &FactInstant, |instant| FactValue::Text(instant.to_string()))
            }
            FactTypeName::Set => value(reader, name, field, &Texts, sorted),
        };
        record::give(&mut facts, name, value);
    }
    facts
}

/// An instant. Words that mean "never" of a last login say nothing of other facts.
struct FactInstant;

impl Kind for FactInstant {
    type Value = Timestamp;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, reading: &Reading) -> Said<Timestamp> {
        let instant = Instant.text(text, reading)?;
        instant.map(Some).ok_or_else(|| format!("{} is not an instant", record::quoted(text)))
    }

    fn join(&self, said: Vec<Said<Timestamp>>) -> Said<Timestamp> {
        Instant.join(said)
    }
}

/// A set, written in order.
fn sorted(mut texts: Vec<String>) -> FactValue {
    texts.sort();
    texts.dedup();
    FactValue::Set(texts)
}

fn value<K: Kind>(
    reader: &mut facts::Facts<'_>,
    name: &str,
    field: &Field,
    kind: &K,
    wrap: impl FnOnce(K::Value) -> FactValue,
) -> Fact<FactValue> {
    reader.fact(&unknown_key(name), Some(field), kind).map(wrap)
}
