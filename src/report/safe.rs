//! Text from the HRIS made harmless: it may hold anything.

pub use crate::escape::{is_harmful, terminal};

/// The text as GitHub's Markdown shows it as it stands: neither markup nor HTML, mentions nor links.
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
