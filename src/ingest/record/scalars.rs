//! Texts, ids, days and instants.

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use crate::model::{Zone, read::kind};

/// The id of a related record, which comes as an id or as the record itself.
pub(crate) fn relation(value: &Value) -> Option<&str> {
    let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
    (!id.trim().is_empty()).then_some(id)
}

/// A text or whole number that identifies a record elsewhere; some services write numbers without quotes.
///
/// # Errors
/// That the value is neither.
pub(crate) fn identifier(value: Option<&Value>) -> Result<Option<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) if !number.is_f64() => Ok(Some(number.to_string())),
        Some(other) => Err(format!("a text is expected, this is {}", kind(other))),
    }
}

/// A text; an empty one is none.
pub(crate) fn text(value: &Value) -> Result<Option<String>, String> {
    parsed(value, |text| Ok(text.to_owned()))
}

pub(super) fn parsed<T>(value: &Value, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    match value {
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => parse(text).map(Some),
        other => Err(format!("a text is expected, this is {}", kind(other))),
    }
}

/// A calendar day. Vendors give days as midnight UTC, with or without the `Z`: the day that is written counts. Another
/// instant falls on a day in the organisation's zone.
///
/// # Errors
/// Why the text is no day. A time of day without an offset falls on a day in no known zone.
pub(crate) fn date(text: &str, zone: &Zone) -> Result<Date, String> {
    let trimmed = text.trim();
    let day = match trimmed.get(10..11) {
        Some("T" | " ") if is_midnight(trimmed.get(11..).unwrap_or_default()) => trimmed.get(..10).unwrap_or(trimmed),
        Some("T" | " ") => {
            let day = trimmed.parse::<Timestamp>().map(|instant| zone.date(instant));
            return day.map_err(|_| {
                format!("{} has a time of day without an offset from UTC, so its day is not known", quoted(trimmed))
            });
        }
        _ => trimmed,
    };
    day.parse::<Date>().map_err(|_| format!("{} is not a date that exists, such as `2026-11-20`", quoted(trimmed)))
}

/// Whether the time of an instant is midnight UTC: `00:00:00Z`, `00:00`, `00:00:00.000+00:00`.
fn is_midnight(time: &str) -> bool {
    let digits = time.find(|letter: char| !(letter.is_ascii_digit() || ":.".contains(letter))).unwrap_or(time.len());
    let (clock, zone) = time.split_at(digits);
    !clock.is_empty()
        && clock.chars().all(|letter| "0:.".contains(letter))
        && matches!(zone.trim(), "" | "Z" | "z" | "UTC" | "+00:00" | "-00:00" | "+0000" | "+00")
}

/// An instant.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    let trimmed = text.trim();
    trimmed.parse().map_err(|_| format!("{} is not an instant such as `2026-11-20T09:00:00Z`", quoted(trimmed)))
}

/// A value as it may be repeated: one short word. Longer text might say anything about a person, and what is said here
/// is kept in the snapshot.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 24 && !text.contains(char::is_whitespace) {
        format!("`{text}`")
    } else {
        "the text that is given".to_owned()
    }
}
