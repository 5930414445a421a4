//! The ids of systems and levels.

use super::fold::fold;

/// The level that every account of a system holds.
pub const LOGIN: &str = "login";

/// The slug of a system's name: letters and digits in lower case, words joined by `-`.
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for word in name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().flat_map(char::to_lowercase));
    }
    slug
}

/// The id of a level by its name: case folded, blanks as `-`, every other character kept.
///
/// For names of letters and digits, in words that blanks or single hyphens join, this is their [`slug`].
#[must_use]
pub fn level_id(name: &str) -> String {
    fold(name).split_whitespace().collect::<Vec<_>>().join("-")
}

/// Whether a level of an account is the one of this id. Where two names of a system share an id, both are: an id that a
/// further account takes apart must not lose the level that it had.
pub(crate) fn is_level(level: &str, id: &str) -> bool {
    // Levels whose names share an id have their folded names as ids, with blanks.
    level == id || (level.contains(char::is_whitespace) && level_id(level) == id)
}

/// A vendor's name for a role or level, in the form in which names are compared. The names of one system become ids
/// together, since two names may share one.
pub(crate) fn level_name(name: &str) -> String {
    fold(name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{level_id, slug};

    #[test]
    fn ids_of_levels_keep_every_character_but_case_and_blanks() {
        for plain in ["Owner", " People Ops  Admin ", "org-member", "Équipe A", "Straße 7"] {
            assert_eq!(level_id(plain), slug(plain), "{plain}");
        }
        for (name, id) in [
            ("Member+", "member+"),
            ("(Member)", "(member)"),
            ("Org_Admin", "org_admin"),
            ("Member, Admin", "member,-admin"),
            ("roles/Owner", "roles/owner"),
            ("E\u{301}quipe", "équipe"),
            ("--", "--"),
            (" ", ""),
        ] {
            assert_eq!(level_id(name), id);
        }
    }

    #[test]
    fn slugs_are_lower_case_words() {
        assert_eq!(slug("People Ops  Admin"), "people-ops-admin");
        assert_eq!(slug(" Owner "), "owner");
        assert_eq!(slug("Équipe_A"), "équipe-a");
        assert_eq!(slug("--"), "");
    }
}
