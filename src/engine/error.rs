//! Why an evaluation gives no result.

/// Why an evaluation gives no result.
///
/// It is never a finding: either the snapshot contradicts itself, or Tenure or Cedar has a defect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] ErrorKind);

/// The reasons behind an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::engine) enum ErrorKind {
    /// Cedar refuses a policy, an entity or a request that Tenure made.
    #[error("{0}")]
    Cedar(String),
    /// An account names a system that the snapshot does not have.
    #[error("the snapshot has no system for the account `{0}`")]
    NoSystem(String),
    /// Accounts were evicted, and the caller needs all of them.
    #[error("a streamed snapshot does not keep its accounts; read it whole")]
    Evicted,
    /// The line of an evicted account cannot be read.
    #[error("the account of number {0} cannot be read again")]
    Unreadable(usize),
    /// Something is missing that Tenure itself put there.
    #[error("{0}")]
    Internal(&'static str),
}

impl Error {
    /// Whether Cedar refused a policy, an entity or a request.
    #[must_use]
    pub fn is_cedar(&self) -> bool {
        matches!(self.0, ErrorKind::Cedar(_))
    }

    /// Whether the whole snapshot is needed, and it was streamed.
    #[must_use]
    pub fn needs_whole_snapshot(&self) -> bool {
        matches!(self.0, ErrorKind::Evicted)
    }

    /// Whether the snapshot contradicts itself.
    #[must_use]
    pub fn is_snapshot(&self) -> bool {
        matches!(self.0, ErrorKind::NoSystem(_))
    }
}

impl From<String> for Error {
    fn from(reason: String) -> Self {
        Error(ErrorKind::Cedar(reason))
    }
}

impl From<&'static str> for Error {
    fn from(reason: &'static str) -> Self {
        Error(ErrorKind::Internal(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ErrorKind};

    #[test]
    fn an_error_says_what_kind_it_is() {
        let cedar = Error::from("no such entity".to_owned());
        assert!(cedar.is_cedar() && !cedar.is_snapshot() && !cedar.needs_whole_snapshot());
        let system = Error::from(ErrorKind::NoSystem("git/a".to_owned()));
        assert!(system.is_snapshot() && !system.is_cedar());
        assert_eq!(system.to_string(), "the snapshot has no system for the account `git/a`");
        assert!(Error::from(ErrorKind::Evicted).needs_whole_snapshot());
        assert!(!Error::from("a rule that has no policy").is_cedar());
    }
}
