//! What an evaluation found, as one model that every format is rendered from.
//!
//! The types of [`model`] are the versioned contract of the JSON report; nothing else of this crate is serialised into
//! it. Building the report is all about choosing and wording; no decision is made here.

mod advice;
pub mod baseline;
mod build;
#[cfg(feature = "cli")]
pub mod by;
pub mod changes;
mod clock;
mod contents;
#[cfg(feature = "cli")]
pub mod csv;
pub mod diff;
pub mod explanation;
pub mod filter;
#[cfg(feature = "cli")]
pub mod forecast;
#[cfg(feature = "cli")]
pub mod format;
#[cfg(feature = "cli")]
pub mod github;
mod groups;
mod head;
pub mod history;
#[cfg(feature = "cli")]
pub mod html;
mod ids;
pub mod json;
#[cfg(feature = "cli")]
pub mod junit;
mod lazy;
#[cfg(feature = "cli")]
pub mod markdown;
pub mod model;
pub mod ndjson;
#[cfg(feature = "cli")]
pub mod ocsf;
mod open;
pub mod organization;
#[cfg(feature = "cli")]
pub mod oscal;
mod provenance;
mod rank;
pub mod read;
#[cfg(feature = "cli")]
pub mod revoke;
pub mod safe;
#[cfg(feature = "cli")]
pub mod sarif;
#[cfg(feature = "cli")]
mod sections;
#[cfg(feature = "cli")]
mod statistics;
#[cfg(feature = "cli")]
pub mod text;
#[cfg(feature = "cli")]
mod text_groups;
#[cfg(feature = "cli")]
mod text_lists;
#[cfg(feature = "cli")]
pub mod text_writer;
pub mod tickets;
pub mod view;
mod wording;

pub use baseline::Baseline;
pub use contents::Contents;
pub use filter::{Filter, Filtered};
pub(crate) use lazy::with_answers;
pub use lazy::{LazyReport, build};
pub use model::Report;
pub use open::OpenFinding;
pub use view::View;
