//! The rows of each list.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    bundle::{Bundle, FactType, shipped},
    diagnostic::{Diagnostic, Location, SourceFile},
    model::Snapshot,
    resolve::ResolvedSnapshot,
};

/// A list: what its columns are called, and the rows, keyed by the same names.
pub(super) struct Rows {
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<Value>>,
}

fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}

/// The catalogue of checks, with the rules that answer them.
pub(super) fn checks(bundle: &Bundle) -> Rows {
    let row = |check: &crate::bundle::Check| -> Vec<Value> {
        let asked: Vec<String> = check.targets.iter().map(|target| target.types().0.to_owned()).collect();
        let written = bundle.rules.iter().filter(|rule| rule.grants.is_none() && rule.applies_to(check));
        let rules: Vec<String> = written.map(|rule| format!("{} ({})", rule.id, place(&rule.location))).collect();
        vec![
            json!(check.id),
            json!(check.severity.to_string()),
            json!(asked),
            json!(check.controls),
            json!(check.title),
            json!(rules),
        ]
    };
    Rows {
        columns: &["check", "severity", "asked_of", "controls", "title", "rules"],
        rows: bundle.checks.iter().map(row).collect(),
    }
}

/// Who may hold what in each system, and by which line.
pub(super) fn systems(bundle: &Bundle) -> Rows {
    let mut rows = Vec::new();
    for system in bundle.systems.values() {
        if system.access.is_empty() {
            let none = Value::Null;
            rows.push(vec![
                json!(system.id),
                none.clone(),
                none.clone(),
                none.clone(),
                none,
                json!(place(&system.location)),
            ]);
        }
        for rule in &system.access {
            rows.push(vec![
                json!(system.id),
                json!(rule.entry.levels),
                json!(rule.entry.access_type),
                json!(rule.entry.to),
                json!(rule.entry.expires.map(|day| day.to_string())),
                json!(place(&rule.location)),
            ]);
        }
    }
    Rows { columns: &["system", "levels", "access_type", "to", "expires", "by"], rows }
}

/// The ways in which access can be valid.
pub(super) fn access_types(bundle: &Bundle) -> Rows {
    let rows = bundle.access_types.values().map(|one| {
        vec![json!(one.name), json!(one.to), json!(one.requires), json!(one.message), json!(place(&one.location))]
    });
    Rows { columns: &["access_type", "to", "requires", "message", "by"], rows: rows.collect() }
}

/// The facts that only some sources give, and whether a rule reads them.
pub(super) fn facts(bundle: &Bundle) -> Rows {
    let rows = bundle.facts.iter().map(|declaration| {
        let fact = &declaration.fact;
        let fact_type = match fact.fact_type {
            FactType::Words(words) => json!(words.words),
            other => json!(other.name().map(|name| name.word())),
        };
        vec![
            json!(format!("{}.{}", fact.entity, fact.name)),
            fact_type,
            json!(declaration.is_read),
            json!(declaration.description),
            json!(declaration.location.as_ref().map_or_else(|| "the entity schema".to_owned(), place)),
        ]
    });
    Rows { columns: &["fact", "type", "read", "description", "by"], rows: rows.collect() }
}

/// The packs with their checks.
///
/// # Errors
/// None, as long as the test that copies every pack into a project passes.
pub(super) fn packs() -> Result<Rows, Vec<Diagnostic>> {
    let mut rows = Vec::new();
    for pack in shipped::packs() {
        let files = shipped::PACKS.iter().filter(|(name, _)| name.split('/').next() == Some(pack));
        let bundle = Bundle::load(files.map(|(name, text)| SourceFile::new(*name, *text)).collect())?;
        rows.extend(
            bundle
                .checks
                .iter()
                .map(|check| vec![json!(pack), json!(check.id), json!(check.severity.to_string()), json!(check.title)]),
        );
    }
    Ok(Rows { columns: &["pack", "check", "severity", "title"], rows })
}

/// Which title and department became which org role, by which line, and which became none.
pub(super) fn roles(snapshot: &Snapshot, bundle: &Bundle) -> Rows {
    let resolved = ResolvedSnapshot::new(snapshot, bundle, snapshot.collected_at);
    let mut groups: BTreeMap<(String, String, Vec<usize>, bool), usize> = BTreeMap::new();
    for person in resolved.people.iter() {
        let text = |fact: Option<&&str>| fact.map(|text| (*text).to_owned()).unwrap_or_default();
        let roles = person.org_roles.known().map(|roles| roles.to_vec());
        let unknown = roles.is_none();
        let key = (text(person.job_title.known()), text(person.department.known()), roles.unwrap_or_default(), unknown);
        *groups.entry(key).or_default() += 1;
    }
    let rows = groups.into_iter().map(|((title, department, roles, unknown), people)| {
        let roles: Vec<&crate::bundle::OrgRole> =
            roles.iter().filter_map(|index| bundle.org_roles.get(*index)).collect();
        let names: Vec<&str> = roles.iter().map(|role| role.id.as_str()).collect();
        let lines: Vec<String> = roles.iter().map(|role| place(&role.location)).collect();
        let given = |text: String| if text.is_empty() { Value::Null } else { Value::from(text) };
        let names = if unknown {
            json!("unknown")
        } else if names.is_empty() {
            Value::Null
        } else {
            json!(names)
        };
        vec![given(title), given(department), names, json!(people), json!(lines)]
    });
    Rows { columns: &["job_title", "department", "org_roles", "people", "by"], rows: rows.collect() }
}
