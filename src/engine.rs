//! Facts meet rules: a snapshot is resolved against a bundle as of an instant, every check is asked of every subject,
//! and Cedar decides each question.
//!
//! [`crate::resolve`] turns records and the bundle's data into what holds on the day; [`slice`](mod@slice) picks the rules that
//! can matter to a question; `classes` tells which questions are alike, and `assess` puts one of each kind to Cedar;
//! [`entities`] makes Cedar entities; [`unknown`] makes rules that would read an unknown fact undetermined; [`decide`]
//! reads a verdict off Cedar's answer. [`evaluate`] runs it all, and [`stream`] while a snapshot is read. [`trace`] takes
//! a verdict apart, clause by clause.

/// The version of what verdicts mean: how facts are resolved and how rules, waivers and baselines make an outcome. It
/// grows whenever the same snapshot and bundle may give another report. Evidence of before it was recorded has 0.
pub const SEMANTICS: u32 = 2;

mod ask;
mod assess;
pub mod change;
mod classes;
pub mod decide;
pub mod entities;
pub mod evaluate;
pub mod facts;
mod fit;
mod named;
pub mod question;
mod questions;
pub mod reach;
pub mod slice;
mod slices;
pub mod stream;
pub mod trace;
pub mod unknown;
mod values;
pub mod waive;

pub use crate::resolve::Situation;
pub use assess::Tally;
pub use decide::{Basis, Verdict};
pub use evaluate::{Answer, Evaluation, Keep, Options, Subject, evaluate, judge};
pub use fit::{fit, waivers_beyond};
pub(crate) use questions::judged;
