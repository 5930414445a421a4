//! Plain words for what the parsers of JSON and YAML say.

use super::suggest;

/// A parser's reason in plain words, and what to do where that can be told. `value` is the text at the place, if it is
/// one.
#[must_use]
pub(crate) fn plain(reason: &str, value: Option<&str>) -> (String, Option<String>) {
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let names: Vec<&str> = reason.split('`').skip(1).step_by(2).collect();
    if let (Some(key), true) = (names.first(), reason.starts_with("unknown field")) {
        return (format!("unknown key `{key}`"), known(key, &names));
    }
    if let (Some(word), true) = (names.first(), reason.starts_with("unknown variant")) {
        return (format!("unknown value `{word}`"), known(word, &names));
    }
    if let (Some(key), true) = (names.first(), reason.starts_with("missing field")) {
        return (format!("the key `{key}` is missing"), Some(format!("add `{key}`")));
    }
    if let (Some(key), true) = (names.first(), reason.starts_with("duplicate field")) {
        return (format!("the key `{key}` is given twice"), Some("keep one of them".to_owned()));
    }
    if let Some((found, expected)) =
        reason.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return (format!("{} is expected, this is {}", kind(expected), kind(found)), None);
    }
    if let Some((found, expected)) =
        reason.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", expected "))
    {
        return (format!("{} is expected, this is {}", kind(expected), kind(found)), None);
    }
    // The date library explains at length; the text itself tells as much.
    let is_date =
        reason.contains("parameter '") || reason.contains("failed to parse") || reason.contains("failed to find");
    if let (Some(value), true) = (value, is_date) {
        let looks_like_instant = value.contains(['T', ':']) || reason.contains("timestamp");
        let what = if looks_like_instant {
            "an instant such as `2026-11-20T09:00:00Z`"
        } else {
            "a date that exists, such as `2026-11-20`"
        };
        return (format!("`{value}` is not {what}"), None);
    }
    if reason.contains("recursion limit exceeded") {
        return ("it is nested more than 128 levels deep".to_owned(), None);
    }
    if reason.contains("repetition limit exceeded") {
        return ("its aliases repeat too much".to_owned(), Some("write the values out instead of `*alias`".to_owned()));
    }
    if reason.contains("more than one document") {
        return ("it holds more than one document".to_owned(), Some("keep what is before the second `---`".to_owned()));
    }
    if reason.starts_with("EOF while parsing") {
        return ("it ends in the middle of a value".to_owned(), None);
    }
    if reason.contains("found character that cannot start any token") {
        return (reason.to_owned(), Some("YAML is indented with spaces, never with tabs".to_owned()));
    }
    (reason.to_owned(), None)
}

fn known(name: &str, names: &[&str]) -> Option<String> {
    let known: Vec<&str> = names.iter().skip(1).copied().collect();
    (!known.is_empty()).then(|| suggest(name, known))
}

/// A type in plain words.
fn kind(text: &str) -> String {
    let plain = match text {
        "sequence" | "a sequence" => "a list",
        "map" | "a map" => "a mapping of keys",
        "unit" | "unit value" | "null" => "nothing",
        "a string" | "string" | "str" => "a text",
        "a boolean" => "true or false",
        "usize" | "u64" | "u32" | "u16" => "a whole number of 0 or more",
        "i64" | "i32" => "a whole number",
        "Option value" | "newtype struct" => "a value",
        "a Gregorian date" | "a date string" => "a date such as `2026-11-20`",
        "a timestamp string" => "an instant such as `2026-11-20T09:00:00Z`",
        other if other.starts_with("struct ") => "a mapping of keys",
        other if other.starts_with("enum ") => "a word",
        other => {
            return match other.split_once(' ') {
                Some(("string", text)) => format!("the text {text}"),
                Some(("integer" | "floating", text)) => format!("the number {}", text.trim_start_matches("point ")),
                Some(("boolean", text)) => text.to_owned(),
                _ => other.to_owned(),
            };
        }
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn parsers_are_put_into_plain_words() {
        let text = |reason: &str| plain(reason, None).0;
        assert_eq!(text("invalid type: integer `5`, expected a string"), "a text is expected, this is the number `5`");
        assert_eq!(
            text("invalid type: map, expected a sequence at line 1 column 2"),
            "a list is expected, this is a mapping of keys"
        );
        assert_eq!(text("missing field `id`"), "the key `id` is missing");
        let (message, help) = plain("unknown field `polices`, expected one of `policies`, `sources`", None);
        assert_eq!((message.as_str(), help.as_deref()), ("unknown key `polices`", Some("did you mean `policies`?")));
        let (message, _) =
            plain("parameter 'day' for `2026-02` is invalid, must be in range `1..=28`", Some("2026-02-30"));
        assert_eq!(message, "`2026-02-30` is not a date that exists, such as `2026-11-20`");
    }
}
