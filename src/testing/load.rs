//! The tests of a bundle: found among its files, read, and given their organisations.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_yaml::Value;

use super::{
    file::{Expectation, OrganizationFacts, TestEntry},
    organization::{self, OrganizationError},
};
use crate::{
    bundle::{
        AccountMapping, Bundle, Check, CheckTarget, FactEntity,
        data::{facts, identities},
    },
    diagnostic::{self, Code, Diagnostic, Location, suggest},
    files::{self, Fence},
    model::{Fact, Snapshot, read},
    yaml::Document,
};
use jiff::Timestamp;

/// A test, ready to run.
#[derive(Debug, Clone)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// The organisation.
    pub snapshot: Snapshot,
    /// What is declared about its accounts, beside what the bundle declares.
    pub identities: Vec<AccountMapping>,
    /// The instant to judge by.
    pub as_of: Timestamp,
    /// The checks whose findings all have to be expected.
    pub checks: Vec<String>,
    /// What is expected, each with its place.
    pub expect: Vec<(Expectation, Location)>,
}

/// Reads every test of a bundle. `folder` is the bundle's, for snapshots in it that tests begin with.
///
/// # Errors
/// Every problem of every file of tests.
pub fn load(bundle: &Bundle, folder: Option<&Path>) -> Result<Vec<Test>, Vec<Diagnostic>> {
    load_within(bundle, folder, &folder.map_or_else(Fence::none, Fence::around))
}

/// The same; snapshots that tests begin with lie inside the fence.
///
/// # Errors
/// Every problem of every file of tests.
pub fn load_within(bundle: &Bundle, folder: Option<&Path>, fence: &Fence) -> Result<Vec<Test>, Vec<Diagnostic>> {
    let mut loader = Loader { bundle, folder, fence, problems: Vec::new(), chained: BTreeSet::new() };
    let documents: Vec<Document> = bundle
        .tests
        .iter()
        .filter_map(|file| Document::parse(file).map_err(|problem| loader.problems.push(problem)).ok())
        .collect();
    let chained = documents.iter().filter(|document| document.get("use").is_some());
    loader.chained = chained.map(|document| document.file.name.to_string()).collect();
    let shared: BTreeMap<&str, OrganizationFacts> = documents
        .iter()
        .filter_map(|document| Some((&*document.file.name, loader.organization(document, "organization")?)))
        .collect();
    let mut tests = Vec::new();
    for document in &documents {
        tests.extend(loader.file(document, &shared));
    }
    diagnostic::sort(&mut loader.problems);
    if loader.problems.is_empty() { Ok(tests) } else { Err(loader.problems) }
}

/// The largest snapshot that a test may begin with, in bytes.
pub(super) const MAX_SNAPSHOT: u64 = 64 << 20;

/// Whether `use:` names a snapshot, and not another file of tests.
pub(super) fn is_snapshot(name: &str) -> bool {
    name.ends_with(".json")
}

/// The path of the snapshot that a file of tests names, relative to the policies directory.
pub(super) fn of_test(document: &Document, name: &str) -> PathBuf {
    Path::new(&*document.file.name).parent().unwrap_or(Path::new("")).join(name)
}

struct Loader<'b> {
    bundle: &'b Bundle,
    folder: Option<&'b Path>,
    fence: &'b Fence,
    problems: Vec<Diagnostic>,
    /// Files that begin with another one.
    chained: BTreeSet<String>,
}

/// What the tests of a file begin with.
#[derive(Default)]
struct Base {
    snapshot: Option<Snapshot>,
    shared: Option<OrganizationFacts>,
}

impl Loader<'_> {
    fn problem(&mut self, document: &Document, path: &str, code: Code, message: String, help: &str) {
        let problem = Diagnostic::error(code, message).at(&document.file, document.span(path));
        self.problems.push(if help.is_empty() { problem } else { problem.help(help) });
    }

    fn organization(&mut self, document: &Document, path: &str) -> Option<OrganizationFacts> {
        let value = document.get(path)?;
        let organization = document.decode(path, value).map_err(|problems| self.problems.extend(problems)).ok()?;
        self.facts(document, path, &organization);
        self.identities(document, path, &organization);
        Some(organization)
    }

    /// Declarations about accounts that say nothing, or too much.
    fn identities(&mut self, document: &Document, path: &str, organization: &OrganizationFacts) {
        for (index, entry) in organization.identities.iter().enumerate() {
            let at = format!("{path}.identities[{index}]");
            let wrong = identities::wrong(entry).into_iter();
            let place = |key: &str| document.span(&format!("{at}{key}"));
            self.problems.extend(wrong.map(|(key, problem)| problem.at(&document.file, place(key))));
        }
    }

    /// Facts that are not declared, or that are of another type.
    fn facts(&mut self, document: &Document, path: &str, organization: &OrganizationFacts) {
        let people = organization.people.iter().map(|person| &person.facts).enumerate();
        let accounts = organization.accounts.iter().map(|account| &account.facts).enumerate();
        let people = people.map(|(index, facts)| (FactEntity::Person, format!("{path}.people[{index}].facts"), facts));
        let accounts =
            accounts.map(|(index, facts)| (FactEntity::Account, format!("{path}.accounts[{index}].facts"), facts));
        for (entity, path, facts) in people.chain(accounts) {
            for (name, value) in facts {
                let path = format!("{path}.{name}");
                match (facts::find(&self.bundle.facts, entity, name), value) {
                    (Err(help), _) => {
                        let message = format!("there is no fact `{name}` of {entity}");
                        self.problem(document, &path, Code::UnknownFact, message, &help);
                    }
                    (Ok(fact), Some(value)) => {
                        if let Err(reason) = fact.typed(value) {
                            self.problem(document, &path, Code::BadFact, format!("`{name}`: {reason}"), "");
                        }
                    }
                    (Ok(_), None) => {}
                }
            }
        }
    }

    fn file(&mut self, document: &Document, shared: &BTreeMap<&str, OrganizationFacts>) -> Vec<Test> {
        let before = self.problems.len();
        let base = self.base(document, shared);
        let own = shared.get(&*document.file.name);
        // What is wrong with what tests begin with is said once, not again of every test.
        let is_begun = self.problems.len() == before && (own.is_some() || document.get("organization").is_none());
        let entries = match document.get("tests") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Sequence(entries)) => entries,
            Some(_) => {
                let help = "write one test after another, each beginning with `- name: …`, below `tests:`";
                self.problem(document, "tests", Code::YamlForm, "`tests` is not a list".to_owned(), help);
                return Vec::new();
            }
        };
        let mut names: BTreeMap<String, Location> = BTreeMap::new();
        let mut tests = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let path = format!("tests[{index}]");
            let entry: TestEntry = match document.decode(&path, entry) {
                Ok(entry) => entry,
                Err(problems) => {
                    self.problems.extend(problems);
                    continue;
                }
            };
            let location = document.location(&path);
            if let Some(first) = names.insert(entry.name.clone(), location.clone()) {
                let message = format!("two tests of this file are called `{}`", entry.name);
                let place = document.span(&format!("{path}.name"));
                let problem = Diagnostic::error(Code::DuplicateId, message).at(&document.file, place);
                self.problems.push(problem.related("the other one is at", &first));
            }
            self.names(document, &path, &entry);
            self.facts(document, &format!("{path}.organization"), &entry.organization);
            self.identities(document, &format!("{path}.organization"), &entry.organization);
            let layers: Vec<&OrganizationFacts> = base.shared.iter().chain(own).chain([&entry.organization]).collect();
            if !is_begun {
                continue;
            }
            match organization::snapshot(base.snapshot.as_ref(), &layers) {
                Ok((snapshot, as_of)) => {
                    let identities = declared(&layers, &location);
                    let test = test(document, &path, entry, location, snapshot, as_of);
                    tests.push(Test { identities, ..test });
                }
                Err(error) => {
                    let help = match error {
                        OrganizationError::NoInstant => {
                            "say `as_of: 2026-11-20` in the `organization` of the test or of the file"
                        }
                        _ => "",
                    };
                    self.problem(document, &path, Code::BadOrganization, error.to_string(), help);
                }
            }
        }
        tests
    }

    /// The file that `use:` names.
    fn base(&mut self, document: &Document, shared: &BTreeMap<&str, OrganizationFacts>) -> Base {
        let name = match document.get("use") {
            None | Some(Value::Null) => return Base::default(),
            Some(Value::String(name)) => name,
            Some(_) => {
                self.problem(document, "use", Code::YamlForm, "`use` is not the name of a file".to_owned(), "");
                return Base::default();
            }
        };
        let path = beside(&document.file.name, name);
        if self.chained.contains(&path) {
            let message = format!("`{path}` has a `use:` of its own, and what it uses would be left out");
            let help = "begin with a file that stands by itself";
            self.problem(document, "use", Code::UnknownOrganization, message, help);
            return Base::default();
        }
        if let Some(organization) = shared.get(path.as_str()).filter(|_| *path != *document.file.name) {
            return Base { snapshot: None, shared: Some(organization.clone()) };
        }
        if let (Some(folder), true) = (self.folder, is_snapshot(name)) {
            let own = of_test(document, name);
            let path = folder.join(&own);
            if let Err(problem) = self.fence.check(&path) {
                self.problems.push(problem.at(&document.file, document.span("use")));
                return Base::default();
            }
            let read = files::read_regular(&path, self.fence, MAX_SNAPSHOT).map_err(|problem| vec![problem]);
            match read.and_then(|bytes| read::document(&own.display().to_string(), &bytes)) {
                // People edit the snapshots of tests, so an unknown field may be a typing error.
                Ok(read) => match read.warning(&own.display().to_string()) {
                    None => return Base { snapshot: Some(read.snapshot), shared: None },
                    Some(warning) => {
                        self.problems.push(Diagnostic { level: crate::diagnostic::Level::Error, ..warning })
                    }
                },
                Err(problems) => self.problems.extend(problems),
            }
            return Base::default();
        }
        let help = match shared.is_empty() {
            true => "no file of the bundle has an `organization:`".to_owned(),
            false => suggest(&path, shared.keys().copied()),
        };
        let message = format!("`{path}` is no file of the bundle with an `organization:`, and no snapshot");
        self.problem(document, "use", Code::UnknownOrganization, message, &help);
        Base::default()
    }

    /// Checks, rules and forms of subjects that there are not.
    fn names(&mut self, document: &Document, path: &str, entry: &TestEntry) {
        let bundle = self.bundle;
        let ids = || bundle.checks.iter().map(|check| check.id.as_str());
        for (index, id) in entry.checks.iter().enumerate().filter(|(_, id)| bundle.check(id).is_none()) {
            let message = format!("there is no check `{id}`");
            self.problem(
                document,
                &format!("{path}.checks[{index}]"),
                Code::UnknownCheck,
                message,
                &suggest(id, ids()),
            );
        }
        if entry.expect.is_empty() {
            let message = format!("the test `{}` expects nothing, so it tests nothing", entry.name);
            let help = "say what is expected, such as `- { check: …, subject: …, outcome: pass }`";
            self.problem(document, &format!("{path}.expect"), Code::EmptyTest, message, help);
        }
        for (index, expectation) in entry.expect.iter().enumerate() {
            let at = format!("{path}.expect[{index}]");
            let Some(check) = bundle.check(&expectation.check) else {
                let message = format!("there is no check `{}`", expectation.check);
                let help = suggest(&expectation.check, ids());
                self.problem(document, &format!("{at}.check"), Code::UnknownCheck, message, &help);
                continue;
            };
            if let Fact::Known(rule) = &expectation.rule {
                self.rule(document, &at, check, rule);
            }
            if !expectation.level.is_unknown() && !check.targets.contains(&CheckTarget::AccountHoldsEntitlement) {
                let message = format!("the check `{}` is not asked of levels", check.id);
                self.problem(document, &format!("{at}.level"), Code::UnexpectedLevel, message, "leave `level:` out");
            }
        }
    }

    fn rule(&mut self, document: &Document, at: &str, check: &Check, rule: &str) {
        let written = self.bundle.rules.iter().filter(|rule| rule.applies_to(check)).map(|rule| rule.id.as_str());
        let types = self.bundle.access_types.values().filter(|one| one.applies_to(check)).map(|one| one.id.as_str());
        let known: Vec<&str> = written.chain(types).collect();
        if !known.contains(&rule) {
            let message = format!("no rule of the check `{}` is called `{rule}`", check.id);
            let help = suggest(rule, known.iter().copied());
            self.problem(document, &format!("{at}.rule"), Code::UnknownRule, message, &help);
        }
    }
}

/// What layers declare about accounts; the last one about an account counts.
fn declared(layers: &[&OrganizationFacts], location: &Location) -> Vec<AccountMapping> {
    let mut declared: BTreeMap<(&str, &str), AccountMapping> = BTreeMap::new();
    for entry in layers.iter().flat_map(|layer| &layer.identities) {
        let mapping = AccountMapping { entry: entry.clone(), location: location.clone() };
        declared.insert((&entry.system, &entry.account), mapping);
    }
    declared.into_values().collect()
}

fn test(
    document: &Document,
    path: &str,
    entry: TestEntry,
    location: Location,
    snapshot: Snapshot,
    as_of: Timestamp,
) -> Test {
    let mut checks: Vec<String> = if entry.checks.is_empty() {
        entry.expect.iter().map(|expectation| expectation.check.clone()).collect()
    } else {
        let named = entry.expect.iter().map(|expectation| expectation.check.clone());
        entry.checks.iter().cloned().chain(named).collect()
    };
    checks.sort();
    checks.dedup();
    let place = |(index, expectation)| (expectation, document.location(&format!("{path}.expect[{index}]")));
    Test {
        name: entry.name,
        location,
        snapshot,
        identities: Vec::new(),
        as_of,
        checks,
        expect: entry.expect.into_iter().enumerate().map(place).collect(),
    }
}

/// The name of a file as another one of the bundle names it: `../shared.yaml` beside `tests/people.yaml`.
fn beside(file: &str, name: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
