//! Reading what stands around an answer.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let until = httpdate::parse_http_date(text).ok()?;
            Some(until.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

/// The type of the content without its parameters.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or(text).trim().to_lowercase())
}

/// `application/json`, `application/scim+json` …
pub(super) fn is_json(kind: &str) -> bool {
    kind.is_empty() || kind.ends_with("/json") || kind.ends_with("+json")
}

/// An error with everything that caused it.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() { error.to_string() } else { texts.join(": ") }
}

/// Whether an error, or what caused it, is about TLS, such as an untrusted certificate.
pub(super) fn is_certificate_problem(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // `source` of an I/O error leaves out the error that it holds.
        let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = held.map(|held| held as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    false
}

/// What an error's body says.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The message, on one line.
    pub(super) message: Option<String>,
    /// Whether it is not the vendor's own error but that of a system behind it (Truto).
    pub(super) remote: bool,
}

impl Said {
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else { return Said::default() };
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => None,
        };
        let first = || body.get("errors")?.as_array()?.first()?.get("detail").cloned();
        let scopes = || {
            let insight = body.get("truto_error_insight")?.get("forbidden_error")?;
            let missing = insight.get("value").unwrap_or(insight).get("missing_scopes")?;
            Some(format!("missing scopes: {missing}"))
        };
        let own =
            ["message", "detail", "error_description", "error", "scimType"].iter().find_map(|key| text(body.get(*key)));
        let message = own.or_else(|| text(first().as_ref()));
        let parts: Vec<String> = message.into_iter().chain(scopes()).collect();
        let line = parts.join("; ").split_whitespace().collect::<Vec<_>>().join(" ");
        Said {
            message: (!line.is_empty()).then_some(line),
            remote: body.get("truto_is_remote_error") == Some(&Value::Bool(true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn wait(text: &str) -> Option<Duration> {
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]))
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO), "past");
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
        assert!(wait(&soon).is_some_and(|wait| wait > Duration::from_secs(50) && wait <= Duration::from_secs(60)));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn certificate_problems_are_told_from_others() {
        let tls = || rustls::Error::General("no".to_owned());
        let wrapped = std::io::Error::other(std::io::Error::other(tls()));
        assert!(is_certificate_problem(&tls()) && is_certificate_problem(&std::io::Error::other(tls())));
        assert!(is_certificate_problem(&wrapped), "{wrapped:?}");
        assert!(!is_certificate_problem(&std::io::Error::other("refused")));
    }

    #[test]
    fn each_vendor_says_it_in_its_own_way() {
        let said = |body: &str| Said::read(body.as_bytes());
        for (body, message) in [
            (r#"{"id":"e","code":"Forbidden","name":"Forbidden","message":"no\n access"}"#, Some("no access")),
            (r#"{"detail":"Invalid token."}"#, Some("Invalid token.")),
            (r#"{"schemas":["…Error"],"status":"401","detail":"expired"}"#, Some("expired")),
            (r#"{"statusCode":403,"error":"Forbidden","message":"no"}"#, Some("no")),
            ("<html>", None),
            ("{}", None),
        ] {
            assert_eq!(said(body).message.as_deref(), message, "{body}");
        }
        assert!(said(r#"{"message":"x","truto_is_remote_error":true}"#).remote);
    }
}
