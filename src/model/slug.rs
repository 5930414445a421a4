//! Slugs: the ids of systems and levels.

/// The slug of a vendor's name for a role or level: lower case, words joined by `-`.
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

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_lower_case_words() {
        assert_eq!(slug("People Ops  Admin"), "people-ops-admin");
        assert_eq!(slug(" Owner "), "owner");
        assert_eq!(slug("Équipe_A"), "équipe-a");
        assert_eq!(slug("--"), "");
    }
}
