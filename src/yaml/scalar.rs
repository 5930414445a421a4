//! Texts as scalars of YAML.

use serde_yaml::Value;

use crate::escape::is_harmful;

/// Words that some readers of YAML take for something else than a text.
const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];

/// A text as a value or key on a line of its own: plain where it stays a text, else in quotes.
pub(crate) fn block(text: &str) -> String {
    let is_text = serde_yaml::from_str::<Value>(&format!("k: {text}\n"));
    let is_text = is_text.is_ok_and(|value| value.get("k").and_then(Value::as_str) == Some(text));
    let is_safe = text.starts_with(char::is_alphabetic) && !text.contains(is_harmful) && !is_word(text);
    if is_text && is_safe { text.to_owned() } else { quoted(text) }
}

/// A text within braces or brackets: plain if it is made of simple words, else in quotes.
pub(crate) fn flow(text: &str) -> String {
    let is_simple = text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/' | ' '))
        && !text.ends_with(' ');
    if is_simple && !is_word(text) { text.to_owned() } else { quoted(text) }
}

fn is_word(text: &str) -> bool {
    WORDS.contains(&text.to_lowercase().as_str())
}

/// A text in quotes, with everything written out that is not simply shown.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\u{fffe}' | '\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ if is_harmful(letter) && u32::from(letter) > 0xffff => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(letter)));
            }
            _ if is_harmful(letter) => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_that_text() {
        let texts =
            ["plain", "no", "Null", "a: b", "a #b", "a, b", "[x]", "007", "", "é", "a\"b\\c", "x\u{202e}y", "a-b.c_d"];
        for text in texts {
            let value: Value = serde_yaml::from_str(&format!("k: {}\n", block(text))).unwrap();
            assert_eq!(value["k"].as_str(), Some(text), "{}", block(text));
            let value: Value =
                serde_yaml::from_str(&format!("k: {{ v: {}, w: [{}] }}\n", flow(text), flow(text))).unwrap();
            assert_eq!(value["k"]["v"].as_str(), Some(text), "{}", flow(text));
            assert_eq!(value["k"]["w"][0].as_str(), Some(text), "{}", flow(text));
        }
        assert_eq!(flow("acme-frontdesk"), "acme-frontdesk");
        assert_eq!(flow("no"), "\"no\"");
        assert_eq!(block("two words"), "two words");
        assert_eq!(flow("two words"), "two words");
        assert_eq!(flow("two, words"), "\"two, words\"");
    }
}
