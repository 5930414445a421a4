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
#[cfg(feature = "cli")]
pub mod csv;
pub mod diff;
mod draft;
pub mod explanation;
pub mod filter;
#[cfg(feature = "cli")]
pub mod format;
#[cfg(feature = "cli")]
pub mod github;
mod head;
pub mod history;
#[cfg(feature = "cli")]
pub mod html;
pub mod json;
#[cfg(feature = "cli")]
pub mod junit;
#[cfg(feature = "cli")]
pub mod markdown;
pub mod model;
pub mod ndjson;
#[cfg(feature = "cli")]
pub mod ocsf;
pub mod organization;
#[cfg(feature = "cli")]
pub mod oscal;
mod provenance;
pub mod read;
mod registry;
#[cfg(feature = "cli")]
pub mod revoke;
pub mod safe;
#[cfg(feature = "cli")]
pub mod sarif;
#[cfg(feature = "cli")]
mod statistics;
#[cfg(feature = "cli")]
pub mod text;
#[cfg(feature = "cli")]
mod text_groups;
#[cfg(feature = "cli")]
mod text_lists;
pub mod tickets;
pub mod view;

pub use baseline::Baseline;
pub(crate) use draft::with_answers;
pub use draft::{Contents, LazyReport, Open, build};
pub use filter::{Filter, Filtered};
pub use model::Report;
pub use view::View;
