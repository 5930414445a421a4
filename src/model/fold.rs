//! Comparison of texts that people write: titles, departments, addresses, numbers, names of levels.
//!
//! Two texts are equal if they are the same after NFC and full case folding, outer white space aside. A non-ASCII
//! character that would become ASCII, such as the Kelvin sign, keeps its own form: it equals no ASCII text.

use std::borrow::Cow;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The form in which a text is compared.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    fold_untrimmed(text.trim())
}

/// [`fold`] with the outer white space, for a part of a text.
pub(crate) fn fold_untrimmed(text: &str) -> Cow<'_, str> {
    // Most addresses are lower-case ASCII.
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            text.to_ascii_lowercase().into()
        } else {
            text.into()
        };
    }
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| becomes_ascii(*letter)) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        folded.extend(full(before));
        folded.push(if letter == 'ẞ' { 'ß' } else { letter });
        rest = after.get(letter.len_utf8()..).unwrap_or_default();
    }
    folded.extend(full(rest));
    folded.into()
}

/// The form of a text in which near misses agree: non-ASCII characters that become ASCII have become so. `None` if the
/// text holds none, so that [`fold`] is that form.
pub(crate) fn near_form(text: &str) -> Option<String> {
    text.chars().any(becomes_ascii).then(|| full(text.trim()).collect())
}

/// The first non-ASCII character that keeps a text from equal to an ASCII text.
pub(crate) fn deceptive(text: &str) -> Option<char> {
    text.chars().find(|letter| becomes_ascii(*letter))
}

/// NFC and full case folding (Unicode, "canonical caseless matching").
fn full(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfd().default_case_fold().nfc()
}

/// Whether normalisation or case folding turns a non-ASCII character into ASCII. A test lists them from the Unicode data.
fn becomes_ascii(letter: char) -> bool {
    matches!(letter, 'ß' | 'ẞ' | 'ſ' | '\u{212a}' | '\u{37e}' | '\u{1fef}' | '\u{fb00}'..='\u{fb06}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_normal_form_do_not_count() {
        for (one, other) in [
            ("ann@X.example", " Ann@x.EXAMPLE"),
            ("Geschäftsführer", "GESCHA\u{308}FTSFU\u{308}HRER"),
            ("ΟΔΟΣ", "οδος"),
            ("οδος", "οδοσ"),
            ("\u{212b}ngström", "ångström"),
            ("Straße", "STRAẞE"),
            ("\u{1f0}", "j\u{30c}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert!(matches!(fold(" ann@x.example "), Cow::Borrowed("ann@x.example")));
    }

    #[test]
    fn what_becomes_ascii_equals_no_ascii_text_and_is_a_near_miss() {
        for (one, other) in [
            ("\u{212a}im@x.example", "kim@x.example"),
            ("jörg-\u{212a}im", "jörg-kim"),
            ("Straße", "strasse"),
            ("\u{17f}am", "sam"),
            ("\u{fb01}n", "fin"),
            ("a\u{37e}b", "a;b"),
        ] {
            assert_ne!(fold(one), fold(other), "{one}");
            assert_eq!(near_form(one).as_deref(), Some(&*fold(other)), "{one}");
            assert_eq!((deceptive(one).is_some(), deceptive(other)), (true, None), "{one}");
        }
        assert_eq!(near_form("jörg"), None);
    }

    #[test]
    fn the_list_of_deceptive_characters_is_that_of_unicode() {
        for letter in ('\u{80}'..=char::MAX).filter(|letter| *letter != '\u{345}') {
            let text = letter.to_string();
            let ascii = full(&text).all(|letter| letter.is_ascii()) || text.nfc().all(|letter| letter.is_ascii());
            assert_eq!(becomes_ascii(letter), ascii, "{letter:?}");
            let folded = fold_untrimmed(&text);
            assert_eq!(fold_untrimmed(&folded), folded, "{letter:?}");
            assert!(!folded.is_ascii(), "{letter:?}");
        }
    }
}
