//! Brackets within brackets: the parser takes quadratic time over those that stay open, before it counts them.

use serde::de::Error;

/// Open brackets that the parser is given. It stops at 128 itself, with the place, once it has read them all.
const MAX_DEPTH: usize = 1000;

/// Refuses a text with many open brackets. What is quoted or a comment does not count.
///
/// # Errors
/// That brackets are nested too deep.
pub(super) fn check(text: &str) -> Result<(), serde_yaml::Error> {
    let mut depth = 0_usize;
    let mut before = b'\n';
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let begins = matches!(before, b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b',' | b':');
        match byte {
            b'"' if begins => {
                let mut is_escaped = false;
                bytes.by_ref().find(|byte| {
                    let ends = *byte == b'"' && !is_escaped;
                    is_escaped = *byte == b'\\' && !is_escaped;
                    ends
                });
            }
            b'\'' if begins => drop(bytes.by_ref().find(|byte| *byte == b'\'')),
            b'#' if begins => drop(bytes.by_ref().find(|byte| *byte == b'\n')),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(serde_yaml::Error::custom("recursion limit exceeded"));
        }
        before = byte;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_are_counted_and_quoted_ones_are_not() {
        for text in ["[".repeat(2000), "{a: ".repeat(2000), format!("a: 'x' # [\nb: {}", "[".repeat(2000))] {
            assert!(check(&text).unwrap_err().to_string().contains("recursion limit"), "{text}");
        }
        let many = "[".repeat(2000);
        for text in [
            "[]".repeat(2000),
            format!("a: \"{many}\""),
            format!("a: '{many}'"),
            format!("# {many}\na: 1"),
            format!("a: \"\\\"{many}\""),
        ] {
            check(&text).unwrap();
        }
    }
}
