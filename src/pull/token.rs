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

impl Token {
    /// A token of this text, which surrounding white space does not belong to.
    ///
    /// # Errors
    /// Why it cannot be a token; never with the token itself.
    pub fn new(text: &str, origin: impl Into<String>) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if !text.chars().all(|letter| letter.is_ascii_graphic()) {
            return Err("it holds spaces, line ends or letters that no token has".to_owned());
        }
        Ok(Token { secret: SecretString::from(text), origin: origin.into() })
    }

    /// The value of a header, marked as not to be shown.
    pub(super) fn header(&self, prefix: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{prefix}{}", self.secret.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A text of somebody else's with the tokens blotted out, should it hold them, written plainly or for a URL.
    pub(super) fn redact(tokens: &[&Token], text: &str) -> String {
        let mut secrets: Vec<String> = tokens
            .iter()
            .map(|token| token.secret.expose_secret().to_owned())
            .flat_map(|secret| [form_urlencoded(&secret), secret])
            .collect();
        // The longest first, since one may begin with another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[token]"))
    }
}

/// As it stands in a query.
fn form_urlencoded(text: &str) -> String {
    reqwest::Url::parse_with_params("http://localhost/", [("", text)])
        .ok()
        .and_then(|url| url.query().map(|query| query.trim_start_matches('=').to_owned()))
        .unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" s3cret-value\n", "THE_VARIABLE").unwrap();
        assert!(!format!("{token:?}").contains("s3cret"), "{token:?}");
        assert!(!format!("{:?}", token.header("Bearer ").unwrap()).contains("s3cret"));
        let longer = Token::new("s3cret-value+more", "X").unwrap();
        let redact = |text: &str| Token::redact(&[&token, &longer], text);
        assert_eq!(redact("you sent s3cret-value!"), "you sent [token]!");
        assert_eq!(redact("s3cret-value+more and s3cret-value%2Bmore"), "[token] and [token]");
        assert!(Token::new("two words", "X").unwrap_err().contains("spaces"));
        assert!(Token::new("  ", "X").is_err());
    }
}
