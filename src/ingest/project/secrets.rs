//! Secrets that were written into `tenure.yaml`, where they do not belong: they are found, and not shown.

use serde_yaml::Value;

use crate::diagnostic::Diagnostic;

/// Keys under which people write secrets.
const KEYS: [&str; 8] =
    ["token", "account_token", "api_key", "apikey", "access_token", "password", "secret", "authorization"];

/// The keys of a source that hold a secret.
pub(super) fn inline(source: &Value) -> Vec<&str> {
    let keys = source.as_mapping().into_iter().flatten().filter_map(|(key, _)| key.as_str());
    keys.filter(|key| KEYS.iter().any(|secret| key.eq_ignore_ascii_case(secret))).collect()
}

/// Whether any part of the file looks like one.
pub(super) fn any(value: &Value) -> bool {
    let sources = value.get("sources").and_then(Value::as_sequence).into_iter().flatten();
    sources.into_iter().any(|source| {
        let with_user = source.get("url").and_then(Value::as_str).is_some_and(|url| url.contains('@'));
        let odd = ["token_env", "account_token_env"]
            .iter()
            .filter_map(|key| source.get(*key)?.as_str())
            .any(|name| !is_variable(name));
        with_user || odd || !inline(source).is_empty()
    })
}

/// Whether a text is the name of an environment variable as people write it, and not a token by mistake.
pub(crate) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// The same problem at the same place, without the text of the file.
pub(super) fn without_text(problem: Diagnostic) -> Diagnostic {
    match problem.position() {
        Some(position) => Diagnostic { place: None, file: Some(position), ..problem },
        None => problem,
    }
}
