//! A verdict taken apart: for every rule that speaks of the check, what Cedar says of each part of its condition.
//!
//! Every truth here is Cedar's: a part is put to Cedar's evaluator with the same entities and the same request as the
//! whole rule was. What is worked out here is only which parts Cedar comes to, since it reads from left to right and
//! stops where the rest cannot matter, and which part decides where an earlier one is unknown.

mod clauses;
mod decided;
mod evaluator;
mod parts;
mod tracer;

pub use clauses::{Connective, EvaluationResult, Part, Place, TracedClause, TracedRule};
pub use tracer::Tracer;
