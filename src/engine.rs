//! Evaluates checks: a resolved snapshot and a bundle become answers.
//!
//! Layers, bottom to top. Imports go down only:
//!
//! | module | holds |
//! |---|---|
//! | [`Error`] | why an evaluation gives no result |
//! | [`answer`] | types: subjects, queries, verdicts, answers, options |
//! | [`attributes`] | the attributes of entities: names, types, values |
//! | [`cedar`] | queries as Cedar evaluates them, and verdicts |
//! | [`classes`] | decision classes: queries that share a verdict |
//! | [`unknown_levels`] | findings about levels that are unknown |
//! | [`session`], [`evaluate`](mod@evaluate), [`stream`] | drivers |
//! | [`waivers`], [`explain`], [`unmatched`] | on top of answers |

/// Version of the meaning of verdicts: how Tenure resolves facts, and how rules, waivers and baselines make an outcome.
/// It grows when the same snapshot and bundle may give another report. Evidence without a version has 0.
pub const SEMANTICS: u32 = 3;

pub mod answer;
mod attributes;
pub mod cedar;
mod classes;
mod error;
pub mod evaluate;
pub mod explain;
mod ids;
mod queries;
mod session;
pub mod stream;
mod unknown_levels;
mod unmatched;
pub mod waivers;

pub use answer::{Answer, Basis, Evaluation, LevelFindings, Options, Retention, Subject, Tally, UnknownFact, Verdict};
pub(crate) use attributes::{account_id, judged};
pub(crate) use classes::slicer::is_unscoped;
pub use error::Error;
pub use evaluate::{evaluate, judge};
pub(crate) use unknown_levels::is_about_unknown_levels;
pub use unmatched::{fit, waivers_beyond};
