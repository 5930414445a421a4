//! Facts of people in the list of another source, such as trainings: joined to the people by a key.
//!
//! A person whose key is unknown, or who shares it, has unknown facts. What a missing row means counts only if the file is
//! complete.

mod join;

use super::mapping::PersonKey;
use crate::model::{FactValue, Facts, snapshot::Unknown};

/// The facts of a file.
#[derive(Debug, Clone)]
pub(crate) struct PersonFacts {
    pub(crate) by: PersonKey,
    /// What a missing row means; `None`: the facts are unknown.
    pub(crate) absent: Option<Option<FactValue>>,
    /// The names of the facts.
    pub(crate) names: Vec<String>,
    pub(crate) people: Vec<FactsOfPerson>,
}

/// The facts of one person.
#[derive(Debug, Clone)]
pub(crate) struct FactsOfPerson {
    /// Folded.
    pub(crate) key: String,
    pub(crate) facts: Facts,
    pub(crate) unknown: Unknown,
}
