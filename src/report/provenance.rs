//! Facts as a report tells them: the value, and where it came from.

use super::model::{FactReport, FactSource, FactState};
use crate::{
    engine::{
        answer::UnknownFact,
        explain::facts::{Origin, ShownFact},
    },
    model::{Fact, Snapshot},
};

/// A fact with its origin, as a report tells it.
pub(super) fn known(snapshot: &Snapshot, fact: ShownFact) -> FactReport {
    let (state, value) = match fact.value {
        Fact::Known(value) => (FactState::Known, Some(value)),
        Fact::Empty => (FactState::Empty, None),
        Fact::Unknown => (FactState::Unknown, None),
    };
    let source = fact.origin.map(|origin| match origin {
        Origin::Record { source, collection, record, field } => FactSource {
            pulled_at: snapshot.source(&source).map(|source| source.pulled_at.to_string()),
            source,
            collection,
            record,
            field: field.map(str::to_owned),
        },
        Origin::Bundle(location) => FactSource {
            source: "bundle".to_owned(),
            collection: location.file.to_string(),
            record: match &location.yaml_path {
                Some(path) => format!("line {}, {path}", location.line),
                None => format!("line {}", location.line),
            },
            field: None,
            pulled_at: None,
        },
    });
    FactReport { path: fact.path, state, value, label: fact.label, source, reason: fact.reason }
}

/// An unknown fact, as a report tells it.
pub(super) fn unknown(unknown: &UnknownFact) -> FactReport {
    FactReport {
        path: format!("{}.{}", unknown.entity, unknown.fact).replace(".in ", " in "),
        state: FactState::Unknown,
        value: None,
        label: None,
        source: None,
        reason: Some(unknown.reason.to_string()),
    }
}
