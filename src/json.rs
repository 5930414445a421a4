//! Keys of JSON objects: those that stand twice, and those of a later version.
//!
//! The format does not define which value of a key counts that one object gives twice, so Tenure refuses such a text.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use crate::diagnostic::{Code, Diagnostic, SourceFile};

/// How keys are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum KeyCase {
    /// `Roles` is not `roles`.
    #[default]
    Sensitive,
    /// `Roles` is `roles`, as in SCIM (RFC 7643 §2.1).
    Insensitive,
}

impl KeyCase {
    /// Whether two keys are the same.
    #[must_use]
    pub(crate) fn is_same(self, one: &str, other: &str) -> bool {
        match self {
            KeyCase::Sensitive => one == other,
            KeyCase::Insensitive => one.eq_ignore_ascii_case(other),
        }
    }
}

/// A key that one object gives twice.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Duplicate {
    /// As it is written the second time.
    key: String,
    /// The byte at which it stands first.
    first: usize,
    /// The byte at which it stands again.
    second: usize,
}

/// Refuses a JSON text in which an object gives one key twice. `text` is valid JSON, or several values in a row. An
/// empty `name` is left out of the places.
///
/// # Errors
/// Returns an error that names both places if there is such an object.
pub(crate) fn check_keys(name: &str, text: &str, case: KeyCase) -> Result<(), Diagnostic> {
    let Some(Duplicate { key, first, second }) = duplicate(text, case) else { return Ok(()) };
    let file = SourceFile::new(name, text);
    let place = |offset: usize| {
        let (line, column) = file.line_and_column(offset);
        if name.is_empty() { format!("{line}:{column}") } else { format!("{name}:{line}:{column}") }
    };
    let (here, there) = (place(first), place(second));
    let key = key.escape_debug();
    let message = format!("an object gives the key `{key}` twice, at `{here}` and at `{there}`");
    let problem = Diagnostic::error(Code::DuplicateKey, message).in_file(there);
    Err(problem.help("JSON does not define which value counts; correct the file, or fetch it again"))
}

/// The first key that an object gives twice.
fn duplicate(text: &str, case: KeyCase) -> Option<Duplicate> {
    let bytes = text.as_bytes();
    // The keys of every open object; `None` for a list.
    let mut open: Vec<Option<BTreeMap<Cow<'_, str>, usize>>> = Vec::new();
    let mut is_key_next = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => {
                open.push(Some(BTreeMap::new()));
                is_key_next = true;
            }
            b'[' => {
                open.push(None);
                is_key_next = false;
            }
            b'}' | b']' => {
                open.pop();
                is_key_next = false;
            }
            b',' => is_key_next = matches!(open.last(), Some(Some(_))),
            b'"' => {
                let end = end_of_string(bytes, at)?;
                if is_key_next && let Some(Some(keys)) = open.last_mut() {
                    let quoted = text.get(at..=end)?;
                    // A key that is no text, such as half a surrogate pair, is compared as it is written.
                    let key = unescaped(quoted).unwrap_or(Cow::Borrowed(quoted));
                    let compared = match case {
                        KeyCase::Sensitive => key.clone(),
                        KeyCase::Insensitive => Cow::Owned(key.to_ascii_lowercase()),
                    };
                    if let Some(first) = keys.insert(compared, at) {
                        return Some(Duplicate { key: key.into_owned(), first, second: at });
                    }
                    is_key_next = false;
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The byte of the quote that ends the string which begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// What a string with its quotes says.
fn unescaped(quoted: &str) -> Option<Cow<'_, str>> {
    if quoted.contains('\\') {
        return serde_json::from_str(quoted).ok().map(Cow::Owned);
    }
    quoted.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

/// Unknown fields that a warning names.
const SHOWN: usize = 5;

/// A warning that names the fields of a file that were skipped; `None` if there are none.
pub(crate) fn skipped_fields(
    unknown_fields: &BTreeSet<String>,
    file: &str,
    help: impl Into<String>,
) -> Option<Diagnostic> {
    let message = skips(unknown_fields)?;
    Some(Diagnostic::warning(Code::UnknownFields, message).in_file(file).help(help))
}

/// That a reader skips these fields, and their names; `None` if there are none.
pub(crate) fn skips(unknown_fields: &BTreeSet<String>) -> Option<String> {
    if unknown_fields.is_empty() {
        return None;
    }
    let shown: Vec<String> = unknown_fields.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let more = unknown_fields.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("skips fields that this version of tenure does not know: {}{more}", shown.join(", ")))
}

/// A path without the numbers of list elements: `findings.3.subject.x` and `findings[3].subject.x` are
/// `findings[].subject.x`.
pub(crate) fn general_path(path: &str) -> String {
    let mut general = String::new();
    // `?` stands for the inside of an optional value.
    for part in path.split(['.', '[']).filter(|part| *part != "?") {
        let number = part.strip_suffix(']').unwrap_or(part);
        if part == "]" || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())) {
            general.push_str("[]");
        } else {
            general.push_str(if general.is_empty() { "" } else { "." });
            general.push_str(part);
        }
    }
    general
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Option<String> {
        check_keys("a.json", text, KeyCase::Sensitive).err().map(|problem| problem.message)
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_both_places() {
        let said = places("{\n \"a\": [{\"b\": 1, \"c\": {}, \"b\": 2}]\n}").unwrap();
        assert_eq!(said, "an object gives the key `b` twice, at `a.json:2:9` and at `a.json:2:26`");
        // However it is written, and however deep.
        assert!(places(r#"{"a":{"active":true,"\u0061ctive":false}}"#).is_some());
        assert!(places(r#"[{"x":{"\ud800":1},"a":true,"a":false}]"#).is_some(), "after a key that is no text");
        assert!(places(r#"{"a":1,"x":{"y":[1,{"z":"}"}]},"a":1}"#).is_some());
        assert!(places("{\"a\":1}\n{\"b\":1,\"b\":1}").is_some(), "a line of NDJSON");
    }

    #[test]
    fn texts_and_keys_of_other_objects_are_no_duplicates() {
        for text in [
            r#"{"a":"a","b":["a","a"],"c":{"a":1},"d":{"a":1}}"#,
            r#"[{"a":1},{"a":1}]"#,
            r#"{"a":"{\"a\":1,\"a\":2}","A":"\\"}"#,
            r#"{"":1," ":2}"#,
            "{}",
            "",
        ] {
            assert_eq!(places(text), None, "{text}");
        }
        let case = check_keys("a.json", r#"{"roles":[],"Roles":[]}"#, KeyCase::Insensitive);
        assert!(case.unwrap_err().message.contains("`Roles` twice"));
    }
}
