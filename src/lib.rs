//! Tenure: who holds what, and may they still?
#[macro_use]
mod vocabulary;

pub mod bundle;
pub mod diagnostic;
pub mod ingest;
pub mod model;
pub mod yaml;
