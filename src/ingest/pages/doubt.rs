//! Why a list may not be whole.

use crate::ingest::statements::{STATE_COMPLETE, STATE_SEES_LEAVERS, STATE_WHOLE};

/// Why a list may not be whole, and what settles it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) reason: String,
    pub(crate) remedy: Remedy,
}

/// What settles a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The statement that the list is complete, or the number of its records.
    State,
    /// The statement that the list is complete. A number does not settle it, since a whole part is not here.
    StateComplete,
    /// The statement that the source shows people who have left.
    StateSeesLeavers,
    /// Nothing but another token.
    OtherToken,
}

impl Doubt {
    pub(crate) fn new(reason: impl Into<String>, remedy: Remedy) -> Self {
        Doubt { reason: reason.into(), remedy }
    }
}

impl Remedy {
    pub(super) fn advice(self) -> &'static str {
        match self {
            Remedy::State => STATE_COMPLETE,
            Remedy::StateComplete => STATE_WHOLE,
            Remedy::StateSeesLeavers => STATE_SEES_LEAVERS,
            Remedy::OtherToken => "pull it again with a token that has the scope",
        }
    }
}
