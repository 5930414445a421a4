//! The YAML data of a bundle. What a file is for is told by its keys, not by its name.

pub mod calendar;
pub mod entitlement_groups;
pub(super) mod entries;
pub mod evidence;
pub mod facts;
pub mod identities;
pub mod invariants;
pub(super) mod login_tables;
pub mod org_roles;
pub mod patterns;
pub mod systems;
pub mod waivers;

use std::collections::BTreeMap;

use serde_yaml::Value;

use self::{
    calendar::Calendar,
    entitlement_groups::EntitlementGroup,
    evidence::EvidenceRules,
    facts::FactDeclaration,
    identities::{AccountMapping, PersonMapping},
    org_roles::OrgRole,
    systems::SystemRules,
    waivers::WaiverEntry,
};
use super::check::Check;
use crate::{
    diagnostic::{Code, Diagnostic, Location, SourceFile, suggest},
    yaml::Document,
};

/// All data of a bundle.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) org_roles: Vec<OrgRole>,
    pub(super) entitlement_groups: Vec<EntitlementGroup>,
    pub(super) invariants: Vec<invariants::Unread>,
    pub(super) people: Vec<PersonMapping>,
    pub(super) accounts: Vec<AccountMapping>,
    pub(super) waivers: Vec<WaiverEntry>,
    pub(super) systems: BTreeMap<String, SystemRules>,
    pub(super) calendar: Calendar,
    pub(super) evidence: EvidenceRules,
}

/// A kind of file: the keys it may have outermost. The first of them tells it, else any.
const KINDS: [&[&str]; 9] = [
    &evidence::KEYS,
    &["calendar"],
    &["entitlement_groups"],
    &["facts"],
    &["invariants"],
    &["org_roles"],
    &["people", "accounts", login_tables::KEY],
    &["waivers"],
    &systems::KEYS,
];

/// Keys that say what a file of a bundle is for.
pub(super) const FILE_KEYS: [&str; 16] = [
    "account_max_age",
    "accounts",
    login_tables::KEY,
    "assumptions",
    "calendar",
    "entitlement_groups",
    "facts",
    "invariants",
    "org_roles",
    "people",
    "requests_max_age",
    "review_max_age",
    "staff_max_age",
    "system",
    "tests",
    "waivers",
];

/// The keys of files of tests, any of which tells one.
const TESTS: [&str; 3] = ["tests", "organization", "use"];

/// Whether a document holds tests of the bundle, or an organisation for them: nothing that decides.
pub(super) fn is_tests(document: &Document) -> bool {
    TESTS.iter().any(|key| document.get(key).is_some())
}

/// Reads every document.
pub(super) fn read(documents: &[Document], files: &[SourceFile], problems: &mut Vec<Diagnostic>) -> Data {
    let mut data = Data::default();
    for document in documents {
        let Some(kind) = kind(document, problems) else { continue };
        match kind {
            "entitlement_groups" => entitlement_groups::read(document, &mut data.entitlement_groups, problems),
            "invariants" => invariants::read(document, &mut data.invariants, problems),
            "org_roles" => org_roles::read(document, &mut data.org_roles, problems),
            "people" => {
                identities::read(document, &mut data.people, &mut data.accounts, problems);
                login_tables::read(document, files, &mut data.accounts, problems);
            }
            "assumptions" => evidence::read(document, &mut data.evidence, problems),
            "calendar" => calendar::read(document, &mut data.calendar, problems),
            "waivers" => waivers::read(document, &mut data.waivers, problems),
            // The schema needs them, so they are read before everything else.
            "facts" => {}
            _ => systems::read(document, &mut data.systems, problems),
        }
    }
    org_roles::check(&data.org_roles, problems_at(documents), problems);
    entitlement_groups::check(&data.entitlement_groups, &data.systems, problems_at(documents), problems);
    identities::check(&data.people, &data.accounts, problems_at(documents), problems);
    data
}

/// Puts a problem where its location is in the documents.
pub(super) fn problems_at(documents: &[Document]) -> impl Fn(&Location, Diagnostic) -> Diagnostic + '_ {
    |location, problem| {
        let document = documents.iter().find(|document| document.file.name == location.file);
        match (document, &location.yaml_path) {
            (Some(document), Some(path)) => problem.at(&document.file, document.span(path)),
            _ => problem.in_file(location.to_string()),
        }
    }
}

impl Data {
    /// Patterns of account ids that read facts which people do not have.
    pub(super) fn check_patterns(
        &self,
        facts: &[FactDeclaration],
        at: impl Fn(&Location, Diagnostic) -> Diagnostic,
        problems: &mut Vec<Diagnostic>,
    ) {
        let patterns = self.systems.values().filter_map(|system| system.accounts.as_ref());
        problems.extend(patterns.filter_map(|pattern| Some(at(&pattern.location, pattern.check(facts)?))));
    }

    /// Waivers of checks that there are not.
    pub(super) fn check_waivers(&self, checks: &[Check], problems: &mut Vec<Diagnostic>) {
        // Where the checks themselves could not be read, nothing can be said.
        if checks.is_empty() {
            return;
        }
        for entry in &self.waivers {
            let WaiverEntry::Wellformed(waiver) = entry else { continue };
            if !checks.iter().any(|check| check.id == waiver.check) {
                let message =
                    format!("the waiver `{}` is for the check `{}`, which there is not", waiver.id, waiver.check);
                let help = suggest(&waiver.check, checks.iter().map(|check| check.id.as_str()));
                problems
                    .push(Diagnostic::warning(Code::UnknownCheck, message).at_location(&waiver.location).help(help));
            }
        }
    }
}

fn kind(document: &Document, problems: &mut Vec<Diagnostic>) -> Option<&'static str> {
    let mapping = match &document.value {
        // A file of comments alone says nothing.
        Value::Null => return None,
        Value::Mapping(mapping) => mapping,
        _ => {
            let problem = Diagnostic::error(Code::UnknownData, "a mapping of keys to values is expected");
            problems.push(problem.at(&document.file, 0..0));
            return None;
        }
    };
    let keys: Vec<&str> = mapping.keys().filter_map(Value::as_str).collect();
    let by_first = KINDS.iter().find(|kind| kind.first().is_some_and(|first| keys.contains(first)));
    let kind = by_first.or_else(|| KINDS.iter().find(|kind| keys.iter().any(|key| kind.contains(key))));
    let Some(kind) = kind else {
        let key = &mapping.keys().next().map(written).unwrap_or_default();
        let message = format!("`{key}` is not a key that says what this file is for");
        let names = [
            "org_roles",
            "entitlement_groups",
            "people",
            "accounts",
            "waivers",
            "system",
            "calendar",
            "assumptions",
            "facts",
            "invariants",
            "tests",
        ];
        let problem = Diagnostic::error(Code::UnknownData, message).at(&document.file, document.key_span(key));
        problems.push(problem.help(suggest(key, names)));
        return None;
    };
    for key in mapping.keys() {
        let name = written(key);
        if !kind.contains(&name.as_str()) {
            let message = format!("unknown key `{name}`");
            let problem = Diagnostic::error(Code::UnknownKey, message).at(&document.file, document.key_span(&name));
            problems.push(problem.help(suggest(&name, kind.iter().copied())));
        }
    }
    kind.first().copied()
}

/// A key as YAML writes it.
fn written(key: &Value) -> String {
    match key.as_str() {
        Some(key) => key.to_owned(),
        None => serde_yaml::to_string(key).unwrap_or_default().trim().replace('\n', ", "),
    }
}
