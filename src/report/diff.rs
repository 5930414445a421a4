//! What became otherwise from one report to another, or from one snapshot to another: records that appeared, went or
//! changed, and through which facts.

mod flat;
mod markdown;
mod reports;
mod snapshots;
#[cfg(feature = "cli")]
mod text;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use markdown::write as write_markdown;
pub use reports::between as between_reports;
pub use snapshots::between as between_snapshots;
#[cfg(feature = "cli")]
pub use text::write as write_text;

/// The version of the format.
pub const SCHEMA_VERSION: &str = "1";

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Version of this format.
    pub schema_version: String,
    /// What is compared.
    pub of: Compared,
    /// Id of the organisation.
    pub organization: String,
    /// The earlier one.
    pub before: Side,
    /// The later one.
    pub after: Side,
    /// What the reader has to know to understand the rest.
    pub notes: Vec<String>,
    /// How many records appeared.
    pub appeared: usize,
    /// How many went.
    pub went: usize,
    /// How many changed.
    pub changed: usize,
    /// The records by kind and id; of reports, findings with another outcome first.
    pub changes: Vec<Change>,
}

vocabulary! {
    /// What is compared.
    Compared {
        /// Reports of `tenure check`.
        Reports = "reports",
        /// Snapshots.
        Snapshots = "snapshots",
    }
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// The instant judged by, or at which the snapshot was collected, UTC.
    pub as_of: String,
    /// Digest of the snapshot.
    pub snapshot: String,
    /// Digest of the bundle; none for snapshots.
    pub bundle: Option<String>,
}

vocabulary! {
    /// What became of a record.
    What {
        /// It is only in the later one.
        Appeared = "appeared",
        /// It is only in the earlier one.
        Went = "went",
        /// It is in both, and not the same.
        Changed = "changed",
    }
}

/// A record that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What became of it.
    pub what: What,
    /// The kind of record: `finding`, `person`, `account` …
    pub kind: String,
    /// Its id; of findings, the check and the subject.
    pub id: String,
    /// A name for people.
    pub label: Option<String>,
    /// What it says now, or said last, in a sentence.
    pub summary: Option<String>,
    /// The facts that changed; none where it appeared or went.
    pub facts: Vec<FactChange>,
}

impl Change {
    /// Whether a finding has another outcome. One that only one report lists has; both list it where it is the same.
    fn is_of_outcome(&self) -> bool {
        self.kind == "finding" && (self.what != What::Changed || self.facts.iter().any(|fact| fact.path == "outcome"))
    }
}

/// A fact that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FactChange {
    /// The fact, as a path within the record.
    pub path: String,
    /// What it was; none where it was not there.
    pub before: Option<serde_json::Value>,
    /// What it is; none where it is not there.
    pub after: Option<serde_json::Value>,
}

impl Difference {
    fn new(of: Compared, organization: &str, before: Side, after: Side) -> Self {
        Difference {
            schema_version: SCHEMA_VERSION.to_owned(),
            of,
            organization: organization.to_owned(),
            before,
            after,
            notes: Vec::new(),
            appeared: 0,
            went: 0,
            changed: 0,
            changes: Vec::new(),
        }
    }

    fn add(&mut self, change: Change) {
        match change.what {
            What::Appeared => self.appeared += 1,
            What::Went => self.went += 1,
            What::Changed => self.changed += 1,
        }
        self.changes.push(change);
    }

    fn sort(&mut self) {
        let key = |change: &Change| (!change.is_of_outcome(), change.kind.clone(), change.id.clone(), change.what);
        self.changes.sort_by_cached_key(key);
    }

    /// Whether nothing became otherwise.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A value as people read it.
fn shown(value: Option<&serde_json::Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(serde_json::Value::Null) => "empty".to_owned(),
        Some(serde_json::Value::String(text)) => super::safe::terminal(text),
        Some(other) => super::safe::terminal(&other.to_string()),
    }
}

/// What is compared, on a line.
fn title(difference: &Difference) -> String {
    let what = match difference.of {
        Compared::Reports => "reports as of",
        Compared::Snapshots => "snapshots collected",
    };
    let Difference { before, after, organization, .. } = difference;
    format!("{}: {what} {} and {}", super::safe::terminal(organization), before.as_of, after.as_of)
}
