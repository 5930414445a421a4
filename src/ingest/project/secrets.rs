//! Secrets that were written into `tenure.yaml`, where they do not belong: they are found, and not shown.

use serde_yaml::Value;

use crate::diagnostic::{Diagnostic, Location, Place};

/// Parts of keys under which people write secrets.
const WORDS: [&str; 8] = ["token", "secret", "password", "passwd", "apikey", "auth", "bearer", "headers"];
/// Keys that say where a secret is.
const ALLOWED: [&str; 6] =
    ["token_env", "token_file", "token_command", "account_token_env", "account_token_file", "account_token_command"];

/// Whether a key looks as if a secret stood under it.
fn is_secret(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // A misspelt `token_env` is a misspelling.
    let names_a_place = ["env", "evn", "file", "command", "comand", "cmd"].iter().any(|end| plain.ends_with(end));
    !ALLOWED.contains(&key) && !names_a_place && WORDS.iter().any(|word| plain.contains(word))
}

/// The keys of a source that hold a secret.
pub(super) fn inline(source: &Value) -> Vec<&str> {
    let keys = source.as_mapping().into_iter().flatten().filter_map(|(key, _)| key.as_str());
    keys.filter(|key| is_secret(key)).collect()
}

/// Whether any part of the file looks like one.
pub(super) fn any(value: &Value) -> bool {
    let sources = value.get("sources").and_then(Value::as_sequence).into_iter().flatten();
    !inline(value).is_empty()
        || sources.into_iter().any(|source| {
            let url = source.get("url").and_then(Value::as_str).unwrap_or_default();
            let odd = ["token_env", "account_token_env"]
                .iter()
                .filter_map(|key| source.get(*key))
                .any(|name| !name.as_str().is_some_and(is_variable));
            url.contains(['@', '?']) || odd || !inline(source).is_empty()
        })
}

/// The same of a file that is not even YAML.
pub(super) fn in_text(text: &str) -> bool {
    text.split(['\n', ',', '{'])
        .filter_map(|part| part.split_once(':'))
        .any(|(key, _)| is_secret(key.trim_matches([' ', '-', '"', '\''])))
}

/// Whether a text is the name of an environment variable as people write it, and not a token by mistake.
pub(crate) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// The same problem at the same place, without the text of the file.
pub(super) fn without_text(problem: Diagnostic) -> Diagnostic {
    match problem.place {
        Some(Place::Text(file, span)) => {
            let (line, column) = file.line_and_column(span.start);
            let location = Location { file: file.name, line, column, yaml_path: None };
            Diagnostic { place: Some(Place::Line(location)), ..problem }
        }
        _ => problem,
    }
}
