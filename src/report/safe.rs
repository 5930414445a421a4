//! Text from the HRIS made harmless: it may hold anything that somebody typed.

/// Whether a character does something to a terminal, or to the reading order, rather than being shown.
#[must_use]
pub fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every harmful character written out, `\u{1b}`.
#[must_use]
pub fn terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_harmful(letter) {
            safe.extend(letter.escape_unicode());
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// The text as GitHub's Markdown shows it as it stands: neither markup nor HTML, and nobody is mentioned or linked to.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in terminal(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' => safe.push_str("&#124;"),
            // A comment keeps GitHub from taking what follows for a name, a number or an address.
            '@' | '#' => safe.extend([letter.to_string().as_str(), "<!-- -->"]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '!' | '~' | '$' | '{' | '}' => {
                safe.extend(["\\", letter.to_string().as_str()])
            }
            letter => safe.push(letter),
        }
    }
    safe.replace("://", ":<!-- -->//").replace("www.", "www<!-- -->.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overrides_are_written_out_and_letters_stay() {
        assert_eq!(terminal("\u{1b}[31mMalory\u{202e}\n"), "\\u{1b}[31mMalory\\u{202e}\\u{a}");
        assert_eq!(terminal("Sørensen 山田 é"), "Sørensen 山田 é");
        assert_eq!(terminal("a\u{9b}b\u{7f}"), "a\\u{9b}b\\u{7f}");
    }
}
