//! Inputs on which Tenure was once wrong. Each stands for its whole kind; `tests/cases/NAME` holds its files.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod common;
#[cfg(unix)]
#[path = "cases/corpus.rs"]
mod corpus;
#[cfg(unix)]
#[path = "cases/ends.rs"]
mod ends;
#[cfg(unix)]
#[path = "cases/hostile.rs"]
mod hostile;
#[path = "cases/old_facts.rs"]
mod old_facts;
#[path = "cases/project.rs"]
mod project;
#[path = "cases/reports.rs"]
mod reports;
#[cfg(feature = "pull")]
#[path = "cases/scim_service.rs"]
mod scim_service;
#[path = "cases/silencers.rs"]
mod silencers;
#[path = "cases/sources.rs"]
mod sources;
#[path = "cases/values.rs"]
mod values;
