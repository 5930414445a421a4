//! What an evaluation found, as one model that every format is rendered from.
//!
//! The types of [`model`] are the versioned contract of the JSON report; nothing else of this crate is serialised into
//! it. Building the report is all about choosing and wording; no decision is made here.

mod advice;
mod build;
pub mod changes;
pub mod explanation;
mod head;
pub mod json;
pub mod model;
mod provenance;
pub mod safe;
#[cfg(feature = "cli")]
pub mod text;

pub use build::{Contents, Draft, build};
pub use model::Report;
