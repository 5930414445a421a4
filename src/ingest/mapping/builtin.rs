//! The mappings that come with Tenure.

use std::sync::LazyLock;

use super::{load, model::Mapping, reference::MappingRef};
use crate::{
    diagnostic::{Diagnostic, SourceFile},
    yaml::Document,
};

/// Names and texts of the built-in mappings, in the order of names.
macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        const TEXTS: &[(&str, &str)] = &[$(($name, include_str!(concat!("builtin/", $name, ".yaml")))),+];
    };
}

built_in![
    "atlassian-org-users",
    "atlassian-users-csv",
    "aws-iam-users",
    "aws-identity-center-users",
    "bamboohr-report",
    "cloudflare-members",
    "datadog-users",
    "entra-graph-users",
    "entra-users-csv",
    "gam-users-csv",
    "github-dormant-users-csv",
    "github-enterprise-licenses-csv",
    "github-graphql-members",
    "github-people-csv",
    "gitlab-billable-members",
    "gitlab-members",
    "gitlab-permissions-csv",
    "gitlab-users",
    "google-directory-users",
    "jira-users",
    "linear-users",
    "notion-users",
    "okta-password-health-csv",
    "onepassword-users",
    "slack-members-csv",
    "slack-users",
    "snowflake-users-csv",
    "staff-csv",
    "vercel-members",
];

/// The mappings that come with Tenure, by name. One that cannot be read is left out, and a test fails.
#[must_use]
pub fn built_in() -> &'static [MappingRef] {
    static ALL: LazyLock<Vec<MappingRef>> =
        LazyLock::new(|| TEXTS.iter().filter_map(|(name, text)| read(name, text).ok()).map(MappingRef::of).collect());
    &ALL
}

/// The built-in mapping of this name.
#[must_use]
pub fn named(name: &str) -> Option<MappingRef> {
    built_in().iter().copied().find(|one| one.name() == name)
}

impl MappingRef {
    /// Whether it comes with Tenure.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        built_in().iter().any(|one| std::ptr::eq(one.0, self.0))
    }
}

/// The text of a built-in mapping.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn read(name: &str, text: &str) -> Result<Mapping, Vec<Diagnostic>> {
    let file = SourceFile::new(format!("{name}.yaml"), text);
    let document = Document::parse(&file).map_err(|problem| vec![problem])?;
    load::of_document(&document, "", &document.value, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_mapping_can_be_read() {
        for (name, text) in TEXTS {
            let mapping = read(name, text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
            assert_eq!(mapping.format, *name);
            let about = mapping.about.unwrap_or_else(|| panic!("{name} has no `about`"));
            let texts = [about.title, about.export, about.permission, about.lacks];
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{name}: {texts:?}");
            let detect = mapping.detect.unwrap_or_else(|| panic!("{name} has no `detect`"));
            assert!(!detect.columns.is_empty() || !detect.keys.is_empty(), "{name}");
        }
        assert!(TEXTS.is_sorted(), "the list is in the order of names");
        assert_eq!(built_in().len(), TEXTS.len());
    }
}
