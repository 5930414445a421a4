//! Characters that act on a terminal, a log or the reading order instead of being shown.

/// Whether a character does something to a terminal, or to the reading order, rather than being shown.
#[must_use]
pub fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Commands of GitHub Actions, which its runner obeys in any line that begins with one.
const COMMANDS: [&str; 15] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// The text with every harmful character written out, `\u{1b}`, and without commands to a CI system.
#[must_use]
pub fn terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        if is_harmful(letter) || begins_command(before, rest) {
            safe.extend(letter.escape_unicode());
        } else {
            safe.push(letter);
        }
        before = Some(letter);
        rest = after;
    }
    safe
}

/// Whether a command to a CI system begins here. A line may be wrapped before any word, and within a long one.
pub(crate) fn begins_command(before: Option<char>, text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("::") {
        let begins_word = before.is_none_or(|letter| letter.is_whitespace() || is_harmful(letter));
        let names_command = |command: &&str| {
            rest.get(..command.len()).is_some_and(|word| word.eq_ignore_ascii_case(command))
                && !rest.get(command.len()..).unwrap_or_default().starts_with(|next: char| next.is_alphanumeric())
        };
        return begins_word || COMMANDS.iter().any(names_command);
    }
    // `##[error]` of GitHub, `##vso[…]` of Azure, `##teamcity[…]`; they count anywhere in a line.
    text.strip_prefix("##")
        .is_some_and(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overrides_are_written_out_and_letters_stay() {
        assert_eq!(terminal("\u{1b}[31mMalory\u{202e}\n"), "\\u{1b}[31mMalory\\u{202e}\\u{a}");
        assert_eq!(terminal("Sørensen 山田 é"), "Sørensen 山田 é");
        assert_eq!(terminal("a\u{9b}b\u{7f}"), "a\\u{9b}b\\u{7f}");
        assert_eq!(terminal("a\u{200b}b\u{3164}\u{e0041}"), "a\\u{200b}b\\u{3164}\\u{e0041}");
    }

    #[test]
    fn commands_to_ci_systems_are_broken_and_other_colons_stay() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a ::x::", "a \\u{3a}:x::"),
            ("aaaa::add-mask::x", "aaaa\\u{3a}:add-mask::x"),
            ("a::Error title=x::y", "a\\u{3a}:Error title=x::y"),
            ("##[group]x", "\\u{23}#[group]x"),
            ("a ##vso[task.setvariable]", "a \\u{23}#vso[task.setvariable]"),
            ("Person::\"p1\"", "Person::\"p1\""),
            ("App::errors", "App::errors"),
            ("# heading", "# heading"),
        ] {
            assert_eq!(terminal(text), shown);
        }
    }
}
