//! The bundle and the example organisation that are compiled into the program.

use crate::diagnostic::SourceFile;

/// Names files below a folder of the repository and takes their text along.
macro_rules! included {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../", $folder, "/", $name)))),+]
    };
}

/// The shipped bundle: name within `policies/`, and text.
pub const POLICIES: &[(&str, &str)] = included!("policies":
    "access.cedar",
    "accounts.cedar",
    "calendar.yaml",
    "checks.cedarschema",
    "identities.yaml",
    "org-roles.yaml",
    "people.cedar",
    "systems.cedar",
    "systems/github.yaml",
    "systems/humaans.yaml",
    "systems/payroll.yaml",
    "systems/wiki.yaml",
    "waivers.yaml",
);

/// The example organisation's snapshot, made by `tenure import` from the raw pages beside it.
pub const EXAMPLE_SNAPSHOT: &str = include_str!("../../fixtures/acme/snapshot.json");

/// The shipped bundle's files.
#[must_use]
pub fn files() -> Vec<SourceFile> {
    POLICIES.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect()
}
