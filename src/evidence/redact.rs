//! Evidence without personal data: names, addresses and ids become pseudonyms that only the holder of a key can tell apart
//! from chance, the same ones in the snapshot and in the policies, so that everything can be judged again.
//!
//! Pseudonyms are HMAC-SHA256 over the text, cut short, under a key of the organisation's own; the same key gives the same
//! ones in every run. Case and outer blanks are left out of account, as they are where accounts are matched. Job titles,
//! departments and dates stay, since rules read them; free text is dropped.

mod policies;
mod snapshot;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::diagnostic::Diagnostic;

pub use policies::bundle;

/// A shorter key could be guessed.
const SHORTEST_KEY: usize = 16;
/// Ids shorter than this link no account to anybody; neither must their pseudonyms.
const SHORT_ID: usize = 8;
/// What stands for free text.
const REDACTED: &str = "redacted";

/// Makes pseudonyms.
pub struct Redactor {
    keyed: Hmac<Sha256>,
}

impl Redactor {
    /// With a key; a line break at its end does not belong to it.
    ///
    /// # Errors
    /// That the key is too short.
    pub fn new(name: &str, key: &[u8]) -> Result<Self, Diagnostic> {
        let key = key.strip_suffix(b"\n").unwrap_or(key);
        let key = key.strip_suffix(b"\r").unwrap_or(key);
        let keyed = Hmac::<Sha256>::new_from_slice(key).ok().filter(|_| key.len() >= SHORTEST_KEY);
        keyed.map(|keyed| Redactor { keyed }).ok_or_else(|| {
            let message = format!("the key in `{name}` has fewer than {SHORTEST_KEY} bytes, so it could be guessed");
            let problem = Diagnostic::error("redaction-key", message).in_file(name);
            problem.help("make one with `openssl rand -hex 32 > redaction.key`, and keep it")
        })
    }

    /// So many hexadecimal digits for a text of a kind.
    fn digits(&self, kind: &str, text: &str, count: usize) -> String {
        let mut keyed = self.keyed.clone();
        keyed.update(kind.as_bytes());
        keyed.update(&[0]);
        keyed.update(text.trim().to_lowercase().as_bytes());
        let code = keyed.finalize().into_bytes();
        code.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(count).map(|half| format!("{half:x}")).collect()
    }

    /// The pseudonym of a person's, an account's or a record's id, of a number that the HRIS gives, or of an address.
    #[must_use]
    pub fn pseudonym(&self, text: &str) -> String {
        self.id(text)
    }

    fn id(&self, text: &str) -> String {
        if text.contains('@') {
            return self.address(text);
        }
        let count = if text.trim().chars().count() < SHORT_ID { SHORT_ID - 2 } else { 20 };
        format!("x{}", self.digits("id", text, count))
    }

    fn address(&self, text: &str) -> String {
        format!("{}@redacted.example", self.digits("address", text, 20))
    }

    fn name(&self, text: &str) -> String {
        format!("Somebody {}", self.digits("name", text, 8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_depend_on_key_and_text_and_not_on_case() {
        let redactor = |key: &str| Redactor::new("k", key.as_bytes()).unwrap();
        let one = redactor("0123456789abcdef\n");
        assert_eq!(one.address("Ann@Example.com "), redactor("0123456789abcdef").address("ann@example.com"));
        assert_ne!(one.address("ann@example.com"), redactor("0123456789abcdeg").address("ann@example.com"));
        assert_ne!(one.id("abcdefgh"), one.id("abcdefgi"));
        assert_eq!((one.id("1234567").len(), one.id("12345678").len()), (7, 21));
        assert!(Redactor::new("k", b"0123456789abcde\n").is_err());
    }
}
