//! The floor: a snapshot's bytes parsed by `serde_json` into typed structs, in one thread, as anybody would write them.

use std::{collections::BTreeMap, hint::black_box, path::Path, time::Instant};

use serde::Deserialize;

#[derive(Deserialize)]
#[allow(dead_code, reason = "parsing is what is measured")]
struct Snapshot {
    schema_version: String,
    organization: BTreeMap<String, String>,
    collected_at: jiff::Timestamp,
    sources: Vec<serde_json::Value>,
    people: Vec<Person>,
    systems: Vec<BTreeMap<String, String>>,
    accounts: Vec<Account>,
    access_requests: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "parsing is what is measured")]
struct Person {
    id: String,
    source: String,
    name: Option<String>,
    employee_number: Option<String>,
    work_email: Option<String>,
    status: Option<String>,
    start_date: Option<jiff::civil::Date>,
    end_date: Option<jiff::civil::Date>,
    last_working_day: Option<jiff::civil::Date>,
    job_roles: Vec<JobRole>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "parsing is what is measured")]
struct JobRole {
    id: String,
    job_title: Option<String>,
    department: Option<String>,
    manager: Option<String>,
    effective_date: Option<jiff::civil::Date>,
    end_date: Option<jiff::civil::Date>,
    updated_at: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "parsing is what is measured")]
struct Account {
    id: String,
    system: String,
    source: String,
    email: Option<String>,
    status: Option<String>,
    levels: Option<Vec<String>>,
    class: Option<String>,
    last_login: Option<jiff::Timestamp>,
}

/// Reads and parses the file.
pub(crate) fn parse(path: &Path) -> f64 {
    let start = Instant::now();
    let bytes = std::fs::read(path).expect("the file can be read");
    let snapshot: Snapshot = serde_json::from_slice(&bytes).expect("it can be parsed");
    let seconds = start.elapsed().as_secs_f64();
    assert!(!black_box(snapshot).people.is_empty());
    seconds
}
