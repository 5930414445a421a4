//! Absences that say something, by the vendor's own documentation or by the format's: they are no loss of evidence.

/// Keys that a vendor leaves out to say "none": deleting one is another statement, not less evidence.
const STATEMENTS: [(&str, &str, &str); 16] = [
    // RFC 7643, section 2.5: an attribute that is not there is unassigned.
    ("scim", "-Users/Resources/*/roles", "the user has no roles"),
    ("scim", "-Users/Resources/*/groups", "the user is in no groups"),
    ("scim", "-Users/Resources/*/entitlements", "the user has no entitlements"),
    ("scim", "-Groups/Resources/*/members", "the group has no members"),
    ("scim", "-Users/Resources/*/emails", "the user has no addresses"),
    ("scim", "-Users/Resources/*/externalId", "the client gave no id"),
    ("scim", "-Users/Resources/*/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "no enterprise data"),
    (
        "scim",
        "-Users/Resources/*/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/employeeNumber",
        "no employee number",
    ),
    // The same of attributes inside others; section 4.1.2 makes `display` and `type` optional.
    ("scim", "-Users/Resources/*/roles/*/display", "the role has no name but its value"),
    ("scim", "-Users/Resources/*/entitlements/*/display", "the entitlement has no name but its value"),
    ("scim", "-Users/Resources/*/emails/*/type", "the address is of no type, so it is not said to be private"),
    ("okta-users", "-okta-users/*/profile/employeeNumber", "Okta leaves out what is not set in a profile"),
    ("okta-users", "-okta-users/*/profile/secondEmail", "Okta leaves out what is not set in a profile"),
    // A column that is absent from a table takes no part.
    ("accounts-csv", "-github.class", "the export declares no classes"),
    ("google-workspace-csv", "-google-workspace.Employee ID", "the export was made without the numbers"),
    // Older answers have no flag, and no demonstration data.
    ("humaans", "-people/data/*/demo", "the person is no demonstration"),
];

/// Whether a deletion says something else in place of less.
pub(crate) fn deletion(vendor: &str, kind: &str) -> bool {
    let (collection, pointers) = kind.split_once('/').unwrap_or((kind, ""));
    let mut parts = pointers.split('&').map(|pointer| match pointer {
        "" => collection.to_owned(),
        pointer => format!("{collection}/{}", pointer.trim_start_matches('/')),
    });
    parts.any(|part| STATEMENTS.iter().any(|(of, key, _)| *of == vendor && *key == part))
}

/// Differences that less evidence may make: vendor, deletion, difference, reason.
const DIFFERENCES: [(&str, &str, &str, &str); 7] = [
    ("truto-hris", "-employments", "a job_role appears", "the title of the employee stands in for the history"),
    // What may be there is shown, with an unknown status.
    ("humaans", "-people/data/*/status", "a account appears", "a new hire has no account, and may be an active person"),
    (
        "humaans",
        "-people/data/*/status",
        "user-identified is pass, and was not asked",
        "the account that may be there is of that person",
    ),
    (
        "humaans",
        "-people/data/*/status",
        "declarations-consistent is not-applicable, and was not asked",
        "nothing is declared of the account that may be there",
    ),
    ("humaans", "-people", "account.person from known to null", "a person who is not listed cannot be linked to"),
    (
        "humaans",
        "-people/data/*",
        "account.person from known to null",
        "a person who is not listed cannot be linked to",
    ),
    (
        "humaans",
        "-people/data/*/id",
        "account.person from known to null",
        "a person who is not listed cannot be linked to",
    ),
];

/// Whether a difference may come of a deletion.
pub(crate) fn difference(vendor: &str, deletion: &str, kind: &str) -> bool {
    let parts = parts(deletion);
    let is_made_by = |key: &str| key == deletion || parts.iter().any(|part| part == key);
    DIFFERENCES.iter().any(|(of, key, what, _)| *of == vendor && *what == kind && is_made_by(key))
}

/// Each of the deletions that are made at once: two of them make what one of them makes alone.
fn parts(deletion: &str) -> Vec<String> {
    let (collection, pointers) = deletion.split_once('/').unwrap_or((deletion, ""));
    let part = |pointer: &str| match pointer.trim_start_matches('/') {
        "" => collection.to_owned(),
        pointer => format!("{collection}/{pointer}"),
    };
    pointers.split('&').map(part).collect()
}
