//! E-mail addresses as people write them: one address, or a name with one address in angle brackets.

use std::fmt;

use unicode_security::{GeneralSecurityProfile, MixedScript};

/// A mailbox: an address, and the name that stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name before the angle brackets.
    pub name: Option<String>,
    /// The address, with outer blanks removed and in its own case.
    pub address: String,
}

/// What stands in a field for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressText<'t> {
    /// A text that can be an address, without outer blanks.
    Address(&'t str),
    /// A spelling of "none", or nothing at all.
    Placeholder,
    /// Something else.
    Other,
}

/// Spellings of "none", in small letters.
const PLACEHOLDERS: [&str; 14] =
    ["", "n/a", "na", "n.a.", "n.a", "#n/a", "none", "(none)", "null", "nil", "nan", "tbd", "tba", "undefined"];

impl<'t> AddressText<'t> {
    /// Tells an address, which has one `@` between two parts, from a placeholder and from other text. A name with an
    /// address, a `mailto:` link and several addresses are other text.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let text = text.trim();
        let is_dash = |letter: char| matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '_' | '.' | '/');
        let is_foreign =
            |letter: char| letter.is_whitespace() || matches!(letter, '@' | '<' | '>' | ',' | ';' | ':' | '"');
        match text.split_once('@') {
            Some((local, domain))
                if [local, domain].iter().all(|part| !part.is_empty() && !part.contains(is_foreign)) =>
            {
                AddressText::Address(text)
            }
            Some(_) => AddressText::Other,
            None if text.chars().all(is_dash) => AddressText::Placeholder,
            None if PLACEHOLDERS.iter().any(|word| text.eq_ignore_ascii_case(word)) => AddressText::Placeholder,
            None => AddressText::Other,
        }
    }

    /// The address, where it is one.
    #[must_use]
    pub fn address(self) -> Option<&'t str> {
        match self {
            AddressText::Address(address) => Some(address),
            AddressText::Placeholder | AddressText::Other => None,
        }
    }
}

/// Whether a text is a spelling of "none", where an id, a number or a login is expected: `n/a`, `-`, `TBD`, `000`.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    AddressText::of(text) == AddressText::Placeholder || text.trim().chars().all(|letter| letter == '0')
}

/// Why a text is not one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxError {
    /// It has no `@`, or nothing before or after it.
    NotAnAddress,
    /// It holds more than one address, or text around it.
    NotOneAddress,
    /// It holds a character that is not shown.
    Invisible(char),
    /// It holds a character that no address holds.
    BadCharacter(char),
    /// A part of the address mixes letters of several scripts.
    MixedScripts,
    /// The part after the `@` is not a domain.
    BadDomain,
}

impl fmt::Display for MailboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MailboxError::NotAnAddress => f.write_str("is not an e-mail address"),
            MailboxError::NotOneAddress => f.write_str("is not one address, nor a name with one address in `<…>`"),
            MailboxError::Invisible(letter) => write!(f, "holds the invisible character `{}`", letter.escape_unicode()),
            MailboxError::BadCharacter(letter) => {
                write!(f, "holds `{}`, which no e-mail address holds", letter.escape_debug())
            }
            MailboxError::MixedScripts => f.write_str("mixes letters of several scripts in one word"),
            MailboxError::BadDomain => f.write_str("does not end in a domain"),
        }
    }
}

impl Mailbox {
    /// Reads `address` or `Name <address>`.
    ///
    /// # Errors
    /// Returns an error if the text holds anything else, or an address that only looks like another one.
    pub fn parse(text: &str) -> Result<Self, MailboxError> {
        let text = text.trim();
        if let Some(letter) = text.chars().find(|letter| is_invisible(*letter)) {
            return Err(MailboxError::Invisible(letter));
        }
        let Some((name, rest)) = text.split_once('<') else {
            check_address(text)?;
            return Ok(Mailbox { name: None, address: text.to_owned() });
        };
        let address = rest.strip_suffix('>').ok_or(MailboxError::NotOneAddress)?.trim();
        check_address(address)?;
        let name = name.trim();
        let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
        // A comma outside of quotes separates mailboxes, and an `@` begins another address.
        let separators: &[char] =
            if quoted.is_some() { &['"', '@', '<', '>'] } else { &['"', '@', '<', '>', ',', ';'] };
        let name = quoted.unwrap_or(name).trim();
        if name.contains(separators) {
            return Err(MailboxError::NotOneAddress);
        }
        Ok(Mailbox { name: (!name.is_empty()).then(|| name.to_owned()), address: address.to_owned() })
    }

    /// The address without its `+tag`; `None` if it has none.
    #[must_use]
    pub fn without_tag(&self) -> Option<String> {
        let (local, domain) = self.address.rsplit_once('@')?;
        let (local, _) = local.split_once('+')?;
        Some(format!("{local}@{domain}"))
    }
}

fn check_address(text: &str) -> Result<(), MailboxError> {
    let Some((local, domain)) = text.rsplit_once('@') else { return Err(MailboxError::NotAnAddress) };
    if local.is_empty() || domain.is_empty() {
        return Err(MailboxError::NotAnAddress);
    }
    if local.contains('@') || text.contains(|letter: char| letter.is_whitespace() || ",;()<>\":".contains(letter)) {
        return Err(MailboxError::NotOneAddress);
    }
    let is_local = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter);
    let is_domain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let international = |letter: char| !letter.is_ascii() && letter.identifier_allowed();
    let bad = local.chars().find(|letter| !is_local(*letter) && !international(*letter));
    let bad = bad.or_else(|| domain.chars().find(|letter| !is_domain(*letter) && !international(*letter)));
    if let Some(letter) = bad {
        return Err(MailboxError::BadCharacter(letter));
    }
    if domain.split('.').any(str::is_empty) {
        return Err(MailboxError::BadDomain);
    }
    if !local.is_single_script() || !domain.split('.').all(MixedScript::is_single_script) {
        return Err(MailboxError::MixedScripts);
    }
    Ok(())
}

/// Whether a character is not shown, and so lets two different texts look alike.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_with_or_without_a_name_is_a_mailbox() {
        for (text, name, address) in [
            ("ann@x.example", None, "ann@x.example"),
            (" Ann@X.example ", None, "Ann@X.example"),
            ("ann+board@x.example", None, "ann+board@x.example"),
            ("<ann@x.example>", None, "ann@x.example"),
            ("Ann Ames <ann@x.example>", Some("Ann Ames"), "ann@x.example"),
            ("\"Ames, Ann\" <ann@x.example>", Some("Ames, Ann"), "ann@x.example"),
            ("o'neil@x.example", None, "o'neil@x.example"),
            ("анна@пример.рф", None, "анна@пример.рф"),
            ("sørensen@x.example", None, "sørensen@x.example"),
        ] {
            let mailbox = Mailbox { name: name.map(str::to_owned), address: address.to_owned() };
            assert_eq!(Mailbox::parse(text), Ok(mailbox), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_a_mailbox() {
        use MailboxError::{BadDomain, Invisible, MixedScripts, NotAnAddress, NotOneAddress};
        for (text, error) in [
            ("per-ann", NotAnAddress),
            ("Ann Ames", NotAnAddress),
            ("-", NotAnAddress),
            ("", NotAnAddress),
            ("@x.example", NotAnAddress),
            ("ann@", NotAnAddress),
            ("ann@x.example (for the board)", NotOneAddress),
            ("mailto:ann@x.example", NotOneAddress),
            ("\"ann@x.example\"", NotOneAddress),
            ("ann@x.example, carol@x.example", NotOneAddress),
            ("ann@x.example carol@x.example", NotOneAddress),
            ("ann@x.example;", NotOneAddress),
            ("ann @ x.example", NotOneAddress),
            ("ann@@x.example", NotOneAddress),
            ("Ann, Bob <bob@x.example>", NotOneAddress),
            ("ann@x.example <bob@x.example>", NotOneAddress),
            ("<ann@x.example> <bob@x.example>", NotOneAddress),
            ("Ann <ann@x.example", NotOneAddress),
            ("ann@x.example.", BadDomain),
            ("\u{200b}ann@x.example", Invisible('\u{200b}')),
            ("an\u{ad}n@x.example", Invisible('\u{ad}')),
            ("\u{430}nn@x.example", MixedScripts),
            ("ann@\u{445}x.example", MixedScripts),
        ] {
            assert_eq!(Mailbox::parse(text), Err(error), "{text}");
        }
        // The Kelvin sign is no letter of an address.
        assert!(Mailbox::parse("\u{212a}im@x.example").is_err());
        // Fullwidth letters look like others.
        assert!(Mailbox::parse("\u{ff41}nn@x.example").is_err());
    }

    #[test]
    fn placeholders_and_other_text_are_no_addresses() {
        for text in ["", " ", "n/a", "N/A", "-", "--", "\u{2014}", "None", "TBD", "null", "#N/A"] {
            assert_eq!(AddressText::of(text), AddressText::Placeholder, "{text}");
        }
        for text in ["ann", "@x.example", "ann@", "ask Ann", "@"] {
            assert_eq!(AddressText::of(text), AddressText::Other, "{text}");
        }
        assert_eq!(AddressText::of(" ann@x.example "), AddressText::Address("ann@x.example"));
        for text in ["Ann <ann@x.example>", "mailto:ann@x.example", "a@x, b@y", "a@x;b@y", "a b@x", "a@@x", "a@x y"] {
            assert_eq!(AddressText::of(text), AddressText::Other, "{text}");
        }
        for text in ["n/a", "-", "TBD", "000", "0", ""] {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("1000") && !is_placeholder("E-1"));
    }

    #[test]
    fn tags_are_told_from_addresses() {
        let tagless = |text: &str| Mailbox::parse(text).unwrap().without_tag();
        assert_eq!(tagless("ann+board@x.example").as_deref(), Some("ann@x.example"));
        assert_eq!(tagless("ann@x.example"), None);
    }
}
