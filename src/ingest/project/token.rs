//! Where `tenure.yaml` says that a token is.

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Environment(String),
    /// A file, relative to `tenure.yaml`.
    File(String),
    /// The standard output of a command.
    Command(String),
}

/// Why a source does not say where its token is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It names no place.
    #[error("does not say where its {name} is: one of `{0}_env`, `{0}_file` and `{0}_command` is needed", name = spaced(.0))]
    Missing(&'static str),
    /// It names several places.
    #[error("says more than once where its {name} is: one of `{0}_env`, `{0}_file` and `{0}_command` is enough", name = spaced(.0))]
    Several(&'static str),
}

fn spaced(key: &str) -> String {
    key.replace('_', " ")
}

/// The one place that a source names.
pub(super) fn secret(
    name: &'static str,
    environment: &Option<String>,
    file: &Option<String>,
    command: &Option<String>,
) -> Result<SecretSource, TokenError> {
    match (environment, file, command) {
        (Some(variable), None, None) => Ok(SecretSource::Environment(variable.clone())),
        (None, Some(file), None) => Ok(SecretSource::File(file.clone())),
        (None, None, Some(command)) => Ok(SecretSource::Command(command.clone())),
        (None, None, None) => Err(TokenError::Missing(name)),
        _ => Err(TokenError::Several(name)),
    }
}
