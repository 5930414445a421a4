//! Addresses in two parts, the second of which thousands of people share.

use std::{borrow::Cow, fmt};

use crate::model::fold::{fold, fold_untrimmed};

/// An e-mail address in two parts: what comes before the last `@`, and the rest. A text without one has no second part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'s> {
    /// What comes before the last `@`.
    pub(in crate::resolve) local: &'s str,
    /// The last `@` and what comes after it.
    pub(in crate::resolve) domain: &'s str,
}

impl<'s> Address<'s> {
    /// Takes an address apart.
    #[must_use]
    pub fn of(text: &'s str) -> Self {
        let (local, domain) = text.rfind('@').and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
        Address { local, domain }
    }

    /// Both parts folded, as [`fold`] does the whole.
    pub(crate) fn folded(self) -> (Cow<'s, str>, Cow<'s, str>) {
        if self.domain.is_empty() {
            return (fold(self.local), "".into());
        }
        // White space inside the address belongs to it.
        (fold_untrimmed(self.local.trim_start()), fold_untrimmed(self.domain.trim_end()))
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.local)?;
        f.write_str(self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_address_are_folded_as_the_whole_is() {
        for text in [
            "",
            "a",
            "@",
            " A.B@C.Example ",
            "a @b",
            " @ ",
            "\"x@y\"@Z",
            "ΑΣ@ΑΣ",
            "İ@İ",
            "a@b\u{a0}",
            "\u{a0}@b",
            "ß\u{212a}@ö",
            "o\u{308}@\u{308}b",
        ] {
            let address = Address::of(text);
            let (local, domain) = address.folded();
            assert_eq!((address.to_string(), format!("{local}{domain}")), (text.to_owned(), fold(text).into_owned()));
        }
    }
}
