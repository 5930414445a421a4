//! Facts of people or accounts in the list of another source, such as trainings or second factors: joined by a key.
//!
//! A record whose key is unknown, or who shares it, has unknown facts. What a missing row means counts only if the file is
//! complete.

mod join;

use super::mapping::{AccountKey, PersonKey};
use crate::model::{FactValue, Facts, snapshot::Unknown};

/// The facts of a file.
#[derive(Debug, Clone)]
pub(crate) struct JoinedFacts {
    pub(crate) by: JoinKey,
    /// What a missing row means; `None`: the facts are unknown.
    pub(crate) absent: Option<Option<FactValue>>,
    /// The names of the facts.
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<JoinedRow>,
}

/// The records that rows are joined to, and the key.
#[derive(Debug, Clone)]
pub(crate) enum JoinKey {
    /// People.
    Person(PersonKey),
    /// Accounts of a system.
    Account(String, AccountKey),
}

impl JoinKey {
    /// Whether the key is an address.
    pub(crate) fn is_address(&self) -> bool {
        matches!(self, JoinKey::Person(PersonKey::WorkEmail) | JoinKey::Account(_, AccountKey::Email))
    }
}

/// The facts of one record.
#[derive(Debug, Clone)]
pub(crate) struct JoinedRow {
    /// Folded.
    pub(crate) key: String,
    pub(crate) facts: Facts,
    pub(crate) unknown: Unknown,
}
