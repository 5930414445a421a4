//! From what vendors give to facts: raw API pages and account lists become a [`Snapshot`].
//!
//! One normaliser per format. None of them reaches the network, guesses at people by name, or keeps a field that no
//! check can use: records are read field by field, so that pay, tax, birth, gender, address, phone and secrets never
//! get further than the page they came in.

pub mod access_requests_csv;
pub mod accounts_csv;
pub mod assemble;
pub mod humaans;
pub mod pages;
pub mod project;
mod record;
mod table;

use jiff::Timestamp;

use crate::{
    diagnostic::Diagnostic,
    model::{AccessRequest, Account, Person, Source, System},
};

pub use assemble::{Assembled, assemble};
pub use project::{Format, Project, SourceConfig};

/// What a normaliser is told about the source that it reads.
#[derive(Debug, Clone)]
pub struct SourceIdentity {
    /// The source's id in the snapshot.
    pub id: String,
    /// The system whose accounts it lists.
    pub system: String,
    /// The address or path that was read, as the user wrote it.
    pub endpoint: String,
    /// When the source said this.
    pub pulled_at: Timestamp,
}

/// What one source gave.
#[derive(Debug, Clone)]
pub struct Normalized {
    /// The source with its counts and completeness.
    pub source: Source,
    /// The organisation's name, where the source knows it.
    pub organization_name: Option<String>,
    /// Staff; `None` from a source that lists no staff.
    pub people: Option<Vec<Person>>,
    /// Systems whose accounts it lists.
    pub systems: Vec<System>,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Requests for access.
    pub access_requests: Vec<AccessRequest>,
    /// What a person should know about it.
    pub warnings: Vec<Diagnostic>,
}
