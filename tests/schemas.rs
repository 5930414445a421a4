//! JSON Schemas of everything that people write and programs read: generated, checked in, and true of the fixtures.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::fs;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;
use tenure::{
    bundle::data::{
        calendar::CalendarFile, entitlement_groups::EntitlementGroupsFile, evidence::EvidenceFile, facts::FactsFile,
        identities::IdentitiesFile, invariants::InvariantsFile, org_roles::OrgRolesFile, systems::SystemFile,
        waivers::WaiversFile,
    },
    evidence::{Manifest, Verification},
    ingest::{
        Project,
        mapping::{Mapping, trial::MappingTests},
        raw_archive::RawArchive,
    },
    model::{Snapshot, directory},
    report::{
        Report, diff::Difference, explanation::Explanation, forecast::Forecast, history::History, tickets::Tickets,
    },
    testing::{TestReport, file::TestsFile},
};

fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value()
}

/// The same for a format that Tenure writes: a later version may add fields. The types of snapshots refuse unknown fields,
/// so that the reader notices and names those that it skips.
fn open_schema<T: JsonSchema>() -> Value {
    let mut schema = schema::<T>();
    open(&mut schema);
    schema
}

fn open(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.retain(|key, value| key != "additionalProperties" || *value != Value::Bool(false));
            fields.values_mut().for_each(open);
        }
        Value::Array(list) => list.iter_mut().for_each(open),
        _ => {}
    }
}

fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("assumptions", schema::<EvidenceFile>()),
        ("facts", schema::<FactsFile>()),
        ("calendar", schema::<CalendarFile>()),
        ("difference", schema::<Difference>()),
        ("entitlement-groups", schema::<EntitlementGroupsFile>()),
        ("evidence", schema::<Manifest>()),
        ("explanation", schema::<Explanation>()),
        ("forecast", schema::<Forecast>()),
        ("history", schema::<History>()),
        ("identities", schema::<IdentitiesFile>()),
        ("invariants", schema::<InvariantsFile>()),
        ("mapping", schema::<Mapping>()),
        ("mapping-tests", schema::<MappingTests>()),
        ("org-roles", schema::<OrgRolesFile>()),
        ("project", schema::<Project>()),
        #[cfg(feature = "prove")]
        ("proofs", schema::<tenure::prove::ProofReport>()),
        ("pull", schema::<RawArchive>()),
        ("report", schema::<Report>()),
        ("snapshot", open_schema::<Snapshot>()),
        ("snapshot-directory", open_schema::<directory::Index>()),
        ("system", schema::<SystemFile>()),
        ("test-report", schema::<TestReport>()),
        ("tests", schema::<TestsFile>()),
        ("tickets", schema::<Tickets>()),
        ("verification", schema::<Verification>()),
        ("waivers", schema::<WaiversFile>()),
    ]
}

#[test]
fn the_schemas_checked_in_are_those_of_the_types() {
    for (name, schema) in all() {
        let path = common::root().join(format!("schemas/{name}.schema.json"));
        let text = format!("{schema:#}\n");
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "schemas/{name}.schema.json has drifted; write it with UPDATE_SCHEMAS=1");
    }
}

fn assert_valid(name: &str, file: &str, document: &Value) {
    let (_, schema) = all().into_iter().find(|(known, _)| *known == name).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{file} does not fit {name}: {errors:#?}");
}

#[test]
fn the_outputs_fit_their_schemas() {
    for (name, file) in [("snapshot", "snapshot.json"), ("report", "report.json")] {
        let text = fs::read(common::root().join("fixtures/acme").join(file)).unwrap();
        assert_valid(name, file, &serde_json::from_slice(&text).unwrap());
    }
}

#[test]
fn every_yaml_file_fits_the_schema_that_its_first_line_names() {
    let mut checked = 0;
    let folders = ["policies", "policies/systems", "policies/tests", "fixtures/acme", "src/ingest/mapping/builtin"];
    for folder in folders {
        for entry in fs::read_dir(common::root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let first = text.lines().next().unwrap();
            let named = first.strip_prefix("# yaml-language-server: $schema=");
            let named = named.unwrap_or_else(|| panic!("{} has no modeline", path.display()));
            let target = path.parent().unwrap().join(named);
            assert!(target.is_file(), "{}: {named} is not there", path.display());
            let name = target.file_name().unwrap().to_str().unwrap().replace(".schema.json", "");
            assert_valid(&name, &path.display().to_string(), &serde_yaml::from_str(&text).unwrap());
            checked += 1;
        }
    }
    assert!(checked >= 12, "{checked}");
}

#[test]
fn schemas_of_what_tenure_writes_allow_fields_of_later_versions() {
    let written = [
        "difference",
        "evidence",
        "explanation",
        "history",
        "pull",
        "report",
        "snapshot",
        "snapshot-directory",
        "tickets",
    ];
    for (name, schema) in all().into_iter().filter(|(name, _)| written.contains(name)) {
        let is_closed = schema.to_string().contains("\"additionalProperties\":false");
        assert!(!is_closed, "{name}");
    }
}

#[test]
fn a_schema_refuses_what_the_program_refuses() {
    let (_, schema) = all().into_iter().find(|(name, _)| *name == "org-roles").unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({ "org_roles": [{ "id": "a", "grups": [] }] })));
}
