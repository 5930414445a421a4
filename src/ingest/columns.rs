//! Names of columns.

/// A column's name as it is compared: small letters, and without a suffix such as `[READ ONLY]`.
pub(crate) fn column(name: &str) -> String {
    let name = name.trim();
    let name = name.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')).map_or(name, |(name, _)| name);
    name.trim().to_lowercase()
}
