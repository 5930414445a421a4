//! Tenure: who holds what, and may they still?
pub mod diagnostic;
pub mod ingest;
pub mod model;
pub mod yaml;
