//! From what vendors give to facts: raw API pages and account lists become a [`Snapshot`](crate::model::Snapshot).
//!
//! One normaliser per format. None of them reaches the network, guesses at people by name, or keeps a field that no
//! check can use: records are read field by field, so that pay, tax, birth, gender, address, phone and secrets never
//! get further than the page they came in.

pub mod access_requests_csv;
pub mod access_requests_json;
pub mod accounts_csv;
pub mod assemble;
pub mod aws_credential_report;
mod columns;
mod format;
pub mod github_members;
pub mod google_workspace_csv;
mod guess;
pub mod humaans;
mod joined_facts;
mod leavers;
mod levels;
pub mod mapping;
pub mod merge;
mod normalize;
mod normalized;
pub mod okta_users;
pub mod pages;
mod peek;
pub mod project;
pub mod raw_archive;
mod realms;
mod record;
mod same_key;
pub mod scim;
mod several;
mod statements;
mod table;
mod truto;
pub mod truto_hris;
pub mod truto_user_directory;

pub use assemble::{Assembled, assemble};
pub use format::Format;
#[cfg(feature = "cli")]
pub(crate) use guess::format as guessed_format;
pub use normalized::{LevelAttribute, Lists, Normalized, SourceIdentity};
pub use project::{Project, SourceConfig};
pub use several::NotGiven;
pub use statements::Statements;
