//! Addresses of APIs.

/// Why an address may not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It has not the form of one.
    #[error("`{0}` is not an address such as `https://…`")]
    NotAnAddress(String),
    /// It holds a user or a password.
    #[error("an address must not hold a user or a password")]
    User,
    /// It has a query or a fragment.
    #[error("an address must be the base address, without `?` and `#`")]
    NotTheBase,
    /// It has no host.
    #[error("`{0}` names no host")]
    NoHost(String),
    /// It is plain http to another machine.
    #[error("`{0}` is not encrypted; plain http is for this machine alone, so write `https://`")]
    NotEncrypted(String),
}

/// Tokens travel encrypted, or not beyond this machine.
///
/// # Errors
/// Why the address may not be used.
pub fn check_url(url: &str) -> Result<(), UrlError> {
    let not_one = || UrlError::NotAnAddress(url.to_owned());
    let (scheme, rest) = url.split_once("://").ok_or_else(not_one)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(UrlError::User);
    }
    if rest.contains(['?', '#']) {
        return Err(UrlError::NotTheBase);
    }
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() {
        return Err(UrlError::NoHost(url.to_owned()));
    }
    if host.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(not_one());
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err(UrlError::NotEncrypted(url.to_owned())),
        _ => Err(not_one()),
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn addresses_are_encrypted_or_of_this_machine() {
        for good in [
            "https://a.example/api",
            "HTTPS://a.example",
            "http://127.0.0.1:80/x",
            "http://localhost",
            "http://[::1]:8080",
        ] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        for bad in [
            "http://a.example",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "ftp://a",
            "a.example",
            "https://",
            "https://user:pass@a.example",
            "http://127.0.0.1@a.example",
            "https://a.example/?x=1",
            "https://a b.example",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
