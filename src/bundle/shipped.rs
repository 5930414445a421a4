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
    "invariants.yaml",
    "org-roles.yaml",
    "people.cedar",
    "systems.cedar",
    "systems/github.yaml",
    "systems/humaans.yaml",
    "systems/payroll.yaml",
    "systems/wiki.yaml",
    "waivers.yaml",
);

/// Further checks, which a bundle has once they are copied into it: name within `packs/`, and text. The first part of a
/// name is the pack.
pub const PACKS: &[(&str, &str)] = included!("packs":
    "contractors/contractors.cedar",
    "contractors/contractors.cedarschema",
    "contractors/tests.yaml",
    "dormant-accounts/dormant-accounts.cedar",
    "dormant-accounts/dormant-accounts.cedarschema",
    "dormant-accounts/tests.yaml",
    "external-accounts/external-accounts.cedar",
    "external-accounts/external-accounts.cedarschema",
    "external-accounts/tests.yaml",
    "joiners/joiners.cedar",
    "joiners/joiners.cedarschema",
    "joiners/tests.yaml",
    "privileged-mfa/privileged-mfa.cedar",
    "privileged-mfa/privileged-mfa.cedarschema",
    "privileged-mfa/tests.yaml",
    "separation-of-duties/entitlement-groups.yaml",
    "separation-of-duties/separation-of-duties.cedar",
    "separation-of-duties/separation-of-duties.cedarschema",
    "separation-of-duties/tests.yaml",
    "shared-accounts/shared-accounts.cedar",
    "shared-accounts/shared-accounts.cedarschema",
    "shared-accounts/tests.yaml",
);

/// The example organisation's snapshot, made by `tenure import` from the raw pages beside it.
pub const EXAMPLE_SNAPSHOT: &str = include_str!("../../fixtures/acme/snapshot.json");

/// The names of the packs, in order.
#[must_use]
pub fn packs() -> Vec<&'static str> {
    let mut names: Vec<&str> = PACKS.iter().filter_map(|(name, _)| name.split('/').next()).collect();
    names.dedup();
    names
}

/// The shipped bundle's files.
#[must_use]
pub fn files() -> Vec<SourceFile> {
    POLICIES.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect()
}
