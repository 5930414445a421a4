//! Tokens: nothing shows them.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A secret that is sent in a header. Neither `Debug` nor `Display` shows it, and it is overwritten when dropped.
#[derive(Debug, Clone)]
pub struct Token {
    secret: SecretString,
    /// Where it came from, such as `HUMAANS_API_TOKEN`: what a person has to look at where it is refused.
    pub origin: String,
}

/// Why a text cannot be a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAToken {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// No header can hold it.
    #[error("it holds spaces, line ends or letters that no token has")]
    Letters,
}

impl Token {
    /// A token of this text, which surrounding white space does not belong to.
    ///
    /// # Errors
    /// Why it cannot be a token; never with the token itself.
    pub fn new(text: &str, origin: impl Into<String>) -> Result<Self, NotAToken> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NotAToken::Empty);
        }
        if !text.chars().all(|letter| letter.is_ascii_graphic()) {
            return Err(NotAToken::Letters);
        }
        Ok(Token { secret: SecretString::from(text), origin: origin.into() })
    }

    /// The value of a header, marked as not to be shown.
    pub(super) fn header(&self, prefix: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{prefix}{}", self.secret.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A text of somebody else's with the tokens blotted out, should it hold them: in capitals or small letters, and
    /// from their first eight letters on. A text that holds one written for a URL is not shown at all.
    pub(super) fn redact(tokens: &[&Token], text: &str) -> String {
        let mut text = text.to_owned();
        for token in tokens {
            text = blot(&text, token.secret.expose_secret());
        }
        let decoded = decoded(&text).to_lowercase();
        let holds = |token: &&Token| {
            let secret = token.secret.expose_secret().to_lowercase();
            decoded.contains(secret.get(..SHOWN).unwrap_or(&secret))
        };
        if tokens.iter().any(holds) { "(not shown, since it holds the token)".to_owned() } else { text }
    }
}

/// So many letters of a token tell nobody anything.
const SHOWN: usize = 8;

/// The text without the secret, or as much of its beginning as is there.
fn blot(text: &str, secret: &str) -> String {
    let beginning = secret.get(..SHOWN.min(secret.len())).unwrap_or(secret).to_ascii_lowercase();
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find(&beginning) {
        let (before, found) = rest.split_at(at);
        let same = found.bytes().zip(secret.bytes()).take_while(|(one, two)| one.eq_ignore_ascii_case(two)).count();
        shown.push_str(before);
        shown.push_str("[token]");
        // A token has none but ASCII letters, so this is where a letter begins.
        rest = found.get(same..).unwrap_or_default();
    }
    shown + rest
}

/// `%2B` → `+`, in capitals or small letters.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{NotAToken, Token};

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" s3cret-value\n", "THE_VARIABLE").unwrap();
        assert!(!format!("{token:?}").contains("s3cret"), "{token:?}");
        assert!(!format!("{:?}", token.header("Bearer ").unwrap()).contains("s3cret"));
        let longer = Token::new("s3cret-value+more", "X").unwrap();
        let redact = |text: &str| Token::redact(&[&token, &longer], text);
        assert_eq!(redact("you sent s3cret-value!"), "you sent [token]!");
        assert_eq!(redact("é S3CRET-VALUE é s3cret-va"), "é [token] é [token]");
        for hidden in ["s3cret%2dvalue", "x%73%33cret-value%2Bmore"] {
            assert!(redact(hidden).contains("not shown"), "{hidden}");
        }
        assert_eq!(redact("nothing %41 here"), "nothing %41 here");
        assert!(Token::new("two words", "X").unwrap_err() == NotAToken::Letters);
        assert!(Token::new("  ", "X").is_err());
    }
}
