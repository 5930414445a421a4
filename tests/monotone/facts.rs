//! An organisation as JSON records, and the values that each of its facts may have.

use serde_json::{Map, Value, json};
use tenure::model::Snapshot;

use crate::choose::{Choose, chance, pick};

/// Who may be in a staff list. The short ids cannot link an account, the long ones can; rules name the first three.
pub(crate) const IDS: [&str; 6] = ["p0", "p1", "p2", "person-3", "person-4", "person-5"];

const ADDRESSES: [&str; 5] = ["a@x.example", " A@X.Example", "b@x.example", "c@x.example", "z@x.example"];
const NUMBERS: [&str; 4] = ["N-1", "n-1", "N-2", "N-3"];
/// Before, at and after the days on which the cases are judged.
const DATES: [&str; 5] = ["2024-01-01", "2025-06-01", "2026-11-09", "2026-11-20", "2027-01-01"];

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Person,
    JobRole,
    Account,
    Request,
}

impl Kind {
    /// The facts of a record that may be unknown.
    pub(crate) fn facts(self) -> &'static [&'static str] {
        match self {
            Kind::Person => &[
                "employee_number",
                "work_email",
                "status",
                "start_date",
                "end_date",
                "last_working_day",
                "job_roles",
                "facts.github",
            ],
            Kind::JobRole => &["job_title", "department", "manager", "effective_date", "end_date", "updated_at"],
            Kind::Account => &[
                "email",
                "status",
                "levels",
                "class",
                "last_login",
                "facts.mfaEnabled",
                "facts.createdAt",
                "facts.privileged",
            ],
            Kind::Request => &["person", "status", "created", "expires"],
        }
    }
}

fn words(values: &[&str]) -> Vec<Value> {
    values.iter().map(|value| json!(value)).collect()
}

fn or_empty(mut values: Vec<Value>) -> Vec<Value> {
    values.push(Value::Null);
    values
}

/// A value of a fact; `null` is known to be empty.
pub(crate) fn value(choose: &mut dyn Choose, kind: Kind, fact: &str) -> Value {
    let domain = match (kind, fact) {
        (Kind::Person, "job_roles") => {
            let count = choose.below(3);
            return (0..count).map(|at| job_role(choose, &format!("j{at}"))).collect();
        }
        (Kind::Person, "employee_number") => or_empty(words(&NUMBERS)),
        (Kind::Person, "work_email") | (Kind::Account, "email") => or_empty(words(&ADDRESSES)),
        (Kind::Person, "facts.github") => or_empty(words(&["a0", "A0 ", "a1", "x"])),
        (Kind::Person, "status") => words(&["active", "active", "offboarded", "new-hire"]),
        (Kind::JobRole, "job_title") => or_empty(words(&["Boss", "Dev", "Cook"])),
        (Kind::JobRole, "department") => or_empty(words(&["Eng", "Sales"])),
        (Kind::JobRole, "manager") => or_empty(words(&IDS)),
        (Kind::JobRole, "updated_at") => or_empty(words(&["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"])),
        (Kind::Account, "status") => words(&["active", "invited", "suspended"]),
        (Kind::Account, "levels") => {
            vec![json!([]), json!(["write"]), json!(["admin", "write"])]
        }
        (Kind::Account, "class") => vec![json!("service"), json!("staff"), Value::Null, Value::Null],
        (Kind::Account, "last_login") => or_empty(words(&["2026-11-19T00:00:00Z", "2020-01-01T00:00:00Z"])),
        (Kind::Account, "facts.mfaEnabled" | "facts.privileged") => vec![json!(true), json!(false), Value::Null],
        (Kind::Account, "facts.createdAt") => or_empty(words(&["2026-11-19T12:00:00Z", "2019-01-01T00:00:00Z"])),
        (Kind::Request, "person") => or_empty(words(&[&IDS[..4], &ADDRESSES[..]].concat())),
        (Kind::Request, "status") => words(&["approved", "rejected"]),
        // Dates. Most rows and people have not ended.
        (_, "end_date") => [vec![Value::Null; 3], words(&DATES)].concat(),
        _ => or_empty(words(&DATES)),
    };
    pick(choose, &domain)
}

fn record(choose: &mut dyn Choose, kind: Kind, given: Value) -> Value {
    let mut record = given;
    for fact in kind.facts() {
        put(&mut record, fact, value(choose, kind, fact));
    }
    record
}

pub(crate) fn job_role(choose: &mut dyn Choose, id: &str) -> Value {
    record(choose, Kind::JobRole, json!({ "id": id }))
}

pub(crate) fn person(choose: &mut dyn Choose, id: &str, source: &str) -> Value {
    let mut person = record(choose, Kind::Person, json!({ "id": id, "source": source, "name": null }));
    if chance(choose, 15) {
        person["listed_manager"] = json!(pick(choose, &IDS));
    }
    person
}

pub(crate) fn account(choose: &mut dyn Choose, id: &str) -> Value {
    let mut account = record(choose, Kind::Account, json!({ "id": id, "system": "git", "source": "git" }));
    if chance(choose, 15) {
        account["person"] = json!(pick(choose, &IDS));
    }
    let mut hints = Map::new();
    if chance(choose, 25) {
        hints.insert("employee_number".into(), json!(pick(choose, &NUMBERS)));
    }
    if chance(choose, 30) {
        hints.insert(
            "external_id".into(),
            json!(pick(choose, &["p1", "person-3", "person-4", "person-5", "person-9", "7"])),
        );
    }
    if chance(choose, 25) {
        hints.insert("addresses".into(), json!([pick(choose, &ADDRESSES)]));
    }
    account["hints"] = Value::Object(hints);
    account
}

pub(crate) fn request(choose: &mut dyn Choose, id: &str) -> Value {
    let system = pick(choose, &["git", "git", "wiki"]);
    record(choose, Kind::Request, json!({ "id": id, "source": "desk", "system": system, "levels": ["admin"] }))
}

/// The records of a snapshot, and which of its lists are complete.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) people: Vec<Value>,
    pub(crate) accounts: Vec<Value>,
    pub(crate) requests: Vec<Value>,
    /// `None`: no source lists staff.
    pub(crate) staff_is_complete: Option<bool>,
    pub(crate) further_staff_is_complete: Option<bool>,
    /// Whether an incomplete staff list can lack only people who have left or not started yet.
    pub(crate) staff_lacks_only_others: bool,
    pub(crate) accounts_are_complete: bool,
    pub(crate) requests_are_complete: Option<bool>,
}

/// The day on which every list is pulled.
pub(crate) const PULLED_ON: &str = "2026-11-20";

/// Whether a person has certainly left or not started yet when the lists are pulled.
pub(crate) fn is_other(person: &Value) -> bool {
    let day = |fact: &str| person[fact].as_str();
    person["status"] == "offboarded"
        || day("end_date").is_some_and(|end| end < PULLED_ON)
        || day("start_date").is_some_and(|start| start > PULLED_ON)
}

impl Facts {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let source = |id: &str, staff: Option<&str>, list: &str, complete: Option<bool>| {
            let collection = complete.map(|complete| {
                let reasons = if complete { json!([]) } else { json!(["some records are missing"]) };
                let only_others = !complete && staff.is_some() && self.staff_lacks_only_others;
                let may_lack = if only_others { "leavers-and-new-hires" } else { "anyone" };
                json!({ "name": list, "records": 0, "total": null, "complete": complete, "reasons": reasons,
                        "may_lack": may_lack })
            });
            json!({
                "id": id, "kind": "test", "endpoint": "test", "pulled_at": "2026-11-20T09:00:00Z",
                "token_scopes": null, "staff": staff.filter(|_| complete.is_some()),
                "collections": collection.into_iter().collect::<Vec<_>>()
            })
        };
        let document = json!({
            "schema_version": tenure::model::snapshot::SCHEMA_VERSION,
            "organization": { "id": "o", "name": "O", "time_zone": "Europe/London" },
            "collected_at": "2026-11-20T09:00:00Z",
            "sources": [
                source("hr", Some("people"), "people", self.staff_is_complete),
                source("hr-2", Some("people"), "people", self.further_staff_is_complete),
                source("git", None, "members", Some(self.accounts_are_complete)),
                source("desk", None, "access-requests", self.requests_are_complete),
            ],
            "people": self.people,
            "systems": [{ "id": "git", "source": "git", "collection": "members" }],
            "accounts": self.accounts,
            "access_requests": self.requests,
        });
        serde_json::from_value(document).unwrap()
    }

    /// Says of every list what another organisation says of it.
    pub(crate) fn keep_metadata_of(&mut self, other: &Facts) {
        self.staff_is_complete = other.staff_is_complete;
        self.further_staff_is_complete = other.further_staff_is_complete;
        self.staff_lacks_only_others = other.staff_lacks_only_others;
        self.accounts_are_complete = other.accounts_are_complete;
        self.requests_are_complete = other.requests_are_complete;
    }

    /// Says that every list is complete.
    pub(crate) fn close(&mut self) {
        self.staff_is_complete = Some(true);
        self.further_staff_is_complete = self.further_staff_is_complete.map(|_| true);
        self.accounts_are_complete = true;
        self.requests_are_complete = Some(true);
    }

    /// Every list of records, with the kind of its records.
    pub(crate) fn lists(&mut self) -> [(Kind, &mut Vec<Value>); 3] {
        [(Kind::Person, &mut self.people), (Kind::Account, &mut self.accounts), (Kind::Request, &mut self.requests)]
    }

    /// Calls `visit` with every record, job roles after their person.
    pub(crate) fn each(&mut self, visit: &mut dyn FnMut(Kind, &mut Value)) {
        for (kind, list) in self.lists() {
            for record in list {
                visit(kind, record);
                if let Some(rows) = record.get_mut("job_roles").and_then(Value::as_array_mut) {
                    rows.iter_mut().for_each(|row| visit(Kind::JobRole, row));
                }
            }
        }
    }

    /// Whether each staff list is complete, by source.
    pub(crate) fn staff_lists(&self) -> [(&'static str, Option<bool>); 2] {
        [("hr", self.staff_is_complete), ("hr-2", self.further_staff_is_complete)]
    }
}

/// Gives a fact; those that only some sources give are in an object of their own.
fn put(record: &mut Value, fact: &str, value: Value) {
    match fact.strip_prefix("facts.") {
        Some(name) => record["facts"][name] = value,
        None => record[fact] = value,
    }
}

/// Makes a fact of a record unknown.
pub(crate) fn hide(record: &mut Value, fact: &str) {
    let Some(fields) = record.as_object_mut() else { return };
    match fact.strip_prefix("facts.") {
        Some(name) => _ = fields.get_mut("facts").and_then(Value::as_object_mut).and_then(|facts| facts.remove(name)),
        None => _ = fields.remove(fact),
    }
    let unknown = fields.entry("unknown").or_insert_with(|| json!({}));
    unknown[fact] = json!(format!("`{fact}` was not given"));
}

/// The facts of a record that are unknown.
pub(crate) fn hidden(record: &Value) -> Vec<String> {
    record
        .get("unknown")
        .and_then(Value::as_object)
        .map(|unknown| unknown.keys().cloned().collect())
        .unwrap_or_default()
}

/// Makes an unknown fact known.
pub(crate) fn learn(record: &mut Value, fact: &str, value: Value) {
    put(record, fact, value);
    if let Some(unknown) = record.get_mut("unknown").and_then(Value::as_object_mut) {
        unknown.remove(fact);
    }
}
