//! Tests of a mapping: rows as they are exported, and the accounts or people that they become.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Mapping, MappingRef, file};
use crate::{
    diagnostic::{Code, Diagnostic, SourceFile, suggest},
    files::{self, Fence, RawFile},
    ingest::{Format, Normalized, SourceIdentity, mapping::Records},
    model::{Account, Person, declared::unknown_key},
    yaml::Document,
};

/// How the name of a file of tests ends.
pub const ENDING: &str = ".tests.yaml";

/// Tests of the mapping beside which the file is: `tool.tests.yaml` for `tool.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingTests {
    /// A built-in mapping to test, in place of the one beside the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The tests.
    pub tests: Vec<MappingTest>,
}

/// One test: rows, and what they become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingTest {
    /// What it shows.
    pub name: String,
    /// The text of an export.
    pub rows: String,
    /// Every account that they become, each with its `id` and the facts that count; `unknown` names facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<BTreeMap<String, Value>>>,
    /// Every person that they become, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<BTreeMap<String, Value>>>,
    /// Whether the list is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// How many records cannot be used; none by default.
    #[serde(default)]
    pub rejected: usize,
}

impl MappingTest {
    fn expects_nothing(&self) -> bool {
        let MappingTest { name: _, rows: _, accounts, people, complete, rejected } = self;
        accounts.is_none() && people.is_none() && complete.is_none() && *rejected == 0
    }
}

/// What came of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Its name.
    pub name: String,
    /// What is not as the test says.
    pub failures: Vec<String>,
}

/// The file of tests of a mapping.
#[must_use]
pub fn beside(mapping: &Path) -> PathBuf {
    let stem = mapping.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    mapping.with_file_name(format!("{stem}{ENDING}"))
}

/// Reads a file of tests.
///
/// # Errors
/// Returns every problem of the file, each at its line and column.
pub fn read(path: &Path) -> Result<MappingTests, Vec<Diagnostic>> {
    read_within(path, &Fence::none())
}

/// Reads a file of tests that lies inside a fence.
///
/// # Errors
/// As for [`read`], and if the path leaves the fence.
pub(crate) fn read_within(path: &Path, fence: &Fence) -> Result<MappingTests, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let bytes = files::read_regular(path, fence, file::MAX_FILE).map_err(|problem| vec![problem])?;
    let text = files::text(&name, &bytes).map_err(|problem| vec![problem])?;
    let document = Document::parse(&SourceFile::new(name, text)).map_err(|problem| vec![problem])?;
    let tests: MappingTests = document.decode("", &document.value)?;
    let mut problems = Vec::new();
    for (index, test) in tests.tests.iter().enumerate() {
        if test.expects_nothing() {
            let message = format!("the test `{}` expects nothing, so it tests nothing", test.name);
            let place = document.span(&format!("tests[{index}]"));
            let problem = Diagnostic::error(Code::EmptyTest, message).at(&document.file, place);
            problems.push(problem.help("add what the rows become: `accounts: [{ id: …, status: active }]`"));
        }
        let lists = [("accounts", &test.accounts, &ACCOUNT[..]), ("people", &test.people, &PERSON[..])];
        for (list, expected, known) in lists {
            for (at, record) in expected.iter().flatten().enumerate() {
                let place = format!("tests[{index}].{list}[{at}]");
                for key in record.keys().filter(|key| !known.contains(&key.as_str())) {
                    let message = format!("`{place}`: unknown key `{key}`");
                    let span = document.key_span(&format!("{place}.{key}"));
                    let problem = Diagnostic::error(Code::YamlForm, message).at(&document.file, span);
                    problems.push(problem.help(suggest(key, known.iter().copied())));
                }
                if !record.get("id").is_some_and(Value::is_string) {
                    let problem = Diagnostic::error(Code::YamlForm, format!("`{place}` has no `id` that is a text"));
                    problems.push(problem.at(&document.file, document.span(&place)).help("write `id: …`"));
                }
            }
        }
    }
    if problems.is_empty() { Ok(tests) } else { Err(problems) }
}

/// The facts of an account that a test can name.
const ACCOUNT: [&str; 12] = [
    "id",
    "email",
    "status",
    "levels",
    "class",
    "last_login",
    "addresses",
    "external_id",
    "employee_number",
    "manager",
    "facts",
    "unknown",
];
/// The facts of a person that a test can name.
const PERSON: [&str; 14] = [
    "id",
    "name",
    "employee_number",
    "work_email",
    "status",
    "start_date",
    "end_date",
    "last_working_day",
    "job_title",
    "department",
    "manager",
    "facts",
    "unknown",
    "job_roles",
];

/// Runs the tests of a mapping.
#[must_use]
pub fn run(mapping: &Mapping, tests: &[MappingTest]) -> Vec<Trial> {
    let format = Format::Mapped(MappingRef::of(mapping.clone()));
    tests.iter().map(|test| Trial { name: test.name.clone(), failures: failures(format, mapping, test) }).collect()
}

fn failures(format: Format, mapping: &Mapping, test: &MappingTest) -> Vec<String> {
    let identity = SourceIdentity {
        id: "test".to_owned(),
        system: "test".to_owned(),
        endpoint: "rows".to_owned(),
        pulled_at: jiff::Timestamp::UNIX_EPOCH,
        levels: Vec::new(),
        statements: Default::default(),
        zone: crate::model::Zone::utc(),
    };
    let ending = match mapping.records {
        Records::Csv => "csv",
        Records::Ndjson => "ndjson",
        Records::Json(_) => "json",
    };
    let file = RawFile::new(format!("rows.{ending}"), test.rows.as_bytes());
    let normalized = match format.normalize(&identity, &[file]) {
        Ok(normalized) => normalized,
        Err(problems) => return problems.iter().map(|problem| problem.message.clone()).collect(),
    };
    let mut failures = Vec::new();
    // An empty list of the other kind would pass whatever the rows are.
    match mapping.person {
        Some(_) if test.accounts.is_some() => failures.push("the mapping gives people and no accounts".to_owned()),
        None if test.people.is_some() => failures.push("the mapping gives accounts and no people".to_owned()),
        _ => {}
    }
    if let Some(expected) = &test.accounts {
        let found: Vec<Value> = normalized.accounts.iter().map(account).collect();
        compare("account", expected, &found, &mut failures);
    }
    if let Some(expected) = &test.people {
        let found: Vec<Value> = normalized.people.iter().flatten().map(person).collect();
        compare("person", expected, &found, &mut failures);
    }
    lists(&normalized, test, &mut failures);
    failures
}

fn lists(normalized: &Normalized, test: &MappingTest, failures: &mut Vec<String>) {
    let Some(list) = normalized.source.collections.first() else { return };
    if list.rejected.len() != test.rejected {
        let reasons: Vec<String> = list.rejected.iter().map(|one| format!("{}: {}", one.record, one.reason)).collect();
        let (found, expected) = (list.rejected.len(), test.rejected);
        failures.push(
            format!("{found} records are rejected, expected {expected} {}", reasons.join("; ")).trim().to_owned(),
        );
    }
    if let Some(complete) = test.complete.filter(|complete| *complete != list.complete) {
        let word = if complete { "complete" } else { "incomplete" };
        failures.push(
            format!("the list is {}, expected {word} {}", list.basis_text(), list.reasons.join("; ")).trim().to_owned(),
        );
    }
}

/// An account as tests name its facts.
fn account(account: &Account) -> Value {
    let mut value = serde_json::to_value(account).unwrap_or_default();
    if let Value::Object(facts) = &mut value
        && let Some(Value::Object(hints)) = facts.remove("hints")
    {
        facts.extend(hints);
    }
    value
}

/// A person as tests name the facts.
fn person(person: &Person) -> Value {
    let mut value = serde_json::to_value(person).unwrap_or_default();
    if let Value::Object(facts) = &mut value
        && let Some(role) = facts.get("job_roles").and_then(Value::as_array).and_then(|roles| roles.first()).cloned()
        && let Value::Object(role) = role
    {
        for key in ["job_title", "department", "manager"] {
            facts.extend(role.get(key).map(|value| (key.to_owned(), value.clone())));
        }
    }
    value
}

fn compare(what: &str, expected: &[BTreeMap<String, Value>], found: &[Value], failures: &mut Vec<String>) {
    let id = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let wanted: BTreeSet<String> = expected.iter().map(|record| id(record.get("id"))).collect();
    for record in found.iter().filter(|record| !wanted.contains(&id(record.get("id")))) {
        failures.push(format!("the {what} `{}` is not expected", id(record.get("id"))));
    }
    for record in expected {
        let id_wanted = id(record.get("id"));
        let Some(found) = found.iter().find(|found| id(found.get("id")) == id_wanted) else {
            failures.push(format!("there is no {what} `{id_wanted}`"));
            continue;
        };
        let reasons = found.get("unknown").and_then(Value::as_object);
        for (key, value) in record.iter().filter(|(key, _)| *key != "id") {
            if key == "unknown" {
                let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                let missing = names.filter(|name| !reasons.is_some_and(|reasons| reasons.contains_key(*name)));
                failures.extend(missing.map(|name| {
                    let found = found.get(name).map_or_else(|| "not there".to_owned(), Value::to_string);
                    format!("`{id_wanted}`: `{name}` is {found}, expected unknown")
                }));
            } else if let ("facts", Some(facts)) = (key.as_str(), value.as_object()) {
                for (name, value) in facts {
                    let found = found.get(key).and_then(|facts| facts.get(name));
                    if found != Some(value) {
                        let reason =
                            reasons.and_then(|reasons| reasons.get(&unknown_key(name))).and_then(Value::as_str);
                        let reason = reason.map_or("not there".to_owned(), |reason| format!("unknown ({reason})"));
                        let found = found.map_or(reason, Value::to_string);
                        failures.push(format!("`{id_wanted}`: `facts.{name}` is {found}, expected {value}"));
                    }
                }
            } else if found.get(key) != Some(value) {
                let found = match (found.get(key), reasons.and_then(|reasons| reasons.get(key))) {
                    (Some(found), _) => found.to_string(),
                    (None, Some(reason)) => format!("unknown ({})", reason.as_str().unwrap_or_default()),
                    (None, None) => "not there".to_owned(),
                };
                failures.push(format!("`{id_wanted}`: `{key}` is {found}, expected {value}"));
            }
        }
    }
}
