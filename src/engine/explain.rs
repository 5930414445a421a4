//! Explanations of answers: the facts that rules read, each rule clause by clause, and edits that change a verdict.

mod fact;
mod fact_attributes;
pub mod facts;
mod holdings;
pub mod remediation;
pub mod trace;
