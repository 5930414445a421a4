//! Versions of the formats that Tenure writes: a major number, and a minor one after a dot if it is not 0.
//!
//! A later minor version may add fields, which readers skip. A field that limits evidence needs a new major version, so
//! that an older release refuses the file instead of passing it.

/// The major and the minor number of a version: `2` → 2 and 0; `2.1` → 2 and 1.
pub(crate) fn numbers(version: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let is_plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
        text.parse().ok().filter(|_| is_plain)
    };
    match version.split_once('.') {
        None => Some((number(version)?, 0)),
        Some((major, minor)) => Some((number(major)?, number(minor)?)),
    }
}

/// Whether a version is this one, or a later or earlier minor version of it.
#[must_use]
pub(crate) fn is_readable(version: &str, own: &str) -> bool {
    let major = |text: &str| numbers(text).map(|(major, _)| major);
    major(version).is_some() && major(version) == major(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_versions_are_read_and_majors_are_not() {
        for (version, expected) in
            [("1", true), ("1.0", true), ("1.12", true), ("2", false), ("0", false), ("", false), ("1.x", false)]
        {
            assert_eq!(is_readable(version, "1"), expected, "{version}");
        }
    }
}
