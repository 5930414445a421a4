//! Why a proof cannot be tried at all.

use std::{io, path::PathBuf};

/// Why nothing can be proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Cedar refuses an expression that Tenure made of the bundle's rules.
    #[error("Cedar refuses an expression of the analysis: {reason}")]
    Cedar {
        /// Cedar's error.
        reason: String,
    },
    /// The schema cannot be analysed.
    #[error("the schema cannot be analysed: {reason}")]
    Schema {
        /// The reason.
        reason: String,
    },
    /// No check of this id.
    #[error("there is no check `{id}`")]
    UnknownCheck {
        /// The id.
        id: String,
    },
    /// The solver cannot be started.
    #[error("cannot start the solver `{}`: {source}", path.display())]
    Solver {
        /// Its path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The solver gives wrong answers to questions whose answers are known.
    #[error("`{}` does not answer as cvc5 does: {reason}", path.display())]
    NotASolver {
        /// Its path.
        path: PathBuf,
        /// What it answered.
        reason: String,
    },
}

impl Error {
    pub(super) fn cedar(error: impl std::fmt::Display) -> Self {
        Error::Cedar { reason: error.to_string() }
    }
}
