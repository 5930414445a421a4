//! Facts and verdicts of less evidence against those of all of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tenure::ingest::Normalized;

/// The facts of each record: known with a value, or unknown. A record that is not there has none.
pub(crate) type Facts = BTreeMap<String, Option<Value>>;

/// What a source gave.
#[derive(PartialEq)]
pub(crate) struct Records {
    /// The facts of each record by list and id.
    facts: BTreeMap<(String, String), Facts>,
    /// Whether each list is complete.
    complete: BTreeMap<String, bool>,
    /// The collection that each list of records is.
    collections: BTreeMap<String, String>,
}

pub(crate) struct Difference {
    /// The same for every record of a kind.
    pub(crate) kind: String,
    pub(crate) example: String,
}

pub(crate) fn records(normalized: &Normalized) -> Records {
    let mut all = Records { facts: BTreeMap::new(), complete: BTreeMap::new(), collections: BTreeMap::new() };
    for list in &normalized.source.collections {
        all.complete.insert(list.name.clone(), list.complete && list.rejected.is_empty());
    }
    let people = serde_json::to_value(&normalized.people).unwrap();
    let accounts = serde_json::to_value(&normalized.accounts).unwrap();
    let requests = serde_json::to_value(&normalized.access_requests).unwrap();
    let collection = normalized.source.staff.clone().unwrap_or_default();
    all.add("person", &people, &collection, normalized.source.job_roles.as_deref());
    let collection = normalized.systems.first().map(|system| system.collection.clone()).unwrap_or_default();
    all.add("account", &accounts, &collection, None);
    all.add("request", &requests, "access-requests", None);
    all
}

impl Records {
    fn add(&mut self, kind: &str, list: &Value, collection: &str, job_roles: Option<&str>) {
        self.collections.insert(kind.to_owned(), collection.to_owned());
        self.collections.insert("job_role".to_owned(), job_roles.unwrap_or(collection).to_owned());
        for record in list.as_array().into_iter().flatten() {
            let id = record["id"].as_str().unwrap().to_owned();
            let mut facts = facts(kind, record);
            if let Some(Some(Value::Array(rows))) = facts.get("job_roles").cloned() {
                // The rows are compared one by one.
                facts.insert("job_roles".into(), Some(Value::from("listed")));
                for row in &rows {
                    let key = ("job_role".to_owned(), format!("{id} {}", row["id"].as_str().unwrap()));
                    self.facts.insert(key, self::facts("job_role", row));
                }
            }
            self.facts.insert((kind.to_owned(), id), facts);
        }
    }

    /// Whether the rows of a person are unknown as a whole.
    fn rows_are_unknown(&self, key: &str) -> bool {
        let person = key.split(' ').next().unwrap_or_default();
        let person = self.facts.get(&("person".to_owned(), person.to_owned()));
        person.is_none_or(|facts| facts.get("job_roles") == Some(&None))
    }
}

/// Keys of records that are always there if they are known.
fn names(kind: &str) -> &'static [&'static str] {
    match kind {
        // The name is a label made of what is there; no rule reads it.
        "person" => {
            &["employee_number", "work_email", "status", "start_date", "end_date", "last_working_day", "job_roles"]
        }
        "job_role" => &["job_title", "department", "manager", "effective_date", "end_date", "updated_at"],
        "account" => &["email", "status", "levels", "class", "last_login"],
        _ => &["person", "status", "created", "expires"],
    }
}

fn facts(kind: &str, record: &Value) -> Facts {
    let mut facts = Facts::new();
    for name in names(kind) {
        facts.insert((*name).to_owned(), record.get(*name).cloned());
    }
    for (name, value) in record["facts"].as_object().into_iter().flatten() {
        facts.insert(format!("facts.{name}"), Some(value.clone()));
    }
    let is_unknown = |name: &str| record["unknown"].get(name).is_some();
    // Hints have no reason of their own if they are absent, so an absent one is known to be empty.
    if kind == "account" {
        for hint in ["external_id", "employee_number"] {
            let value = record["hints"].get(hint).cloned().unwrap_or(Value::Null);
            // Without a known address the holder is unknown, whatever the hints say.
            let holder_is_unknown = is_unknown(hint) || record.get("email").is_none();
            facts.insert(format!("hints.{hint}"), if holder_is_unknown { None } else { Some(value) });
        }
        // Which address comes first is a matter of `email`; all of them together contradict a link.
        let further = record["hints"].get("addresses").and_then(Value::as_array).into_iter().flatten();
        let all: BTreeSet<&str> = further.chain(record.get("email")).filter_map(Value::as_str).collect();
        let are_unknown = is_unknown("addresses") || record.get("email").is_none();
        facts.insert("addresses".to_owned(), if are_unknown { None } else { Some(serde_json::json!(all)) });
        facts.insert("person".to_owned(), if is_unknown("person") { None } else { Some(record["person"].clone()) });
    }
    if kind == "request" {
        facts.insert("system".to_owned(), Some(record["system"].clone()));
        // A request whose levels cannot be read has none and an unknown status, so it counts for nothing.
        let is_open = is_unknown("status") && record["levels"].as_array().is_some_and(Vec::is_empty);
        facts.insert("levels".to_owned(), if is_open { None } else { Some(record["levels"].clone()) });
    }
    facts
}

/// What less evidence says that all of it does not.
pub(crate) fn differences(before: &Records, after: &Records) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |kind: String, example: String| found.push(Difference { kind, example });
    for (list, complete) in &after.complete {
        let was = before.complete.get(list).copied().unwrap_or(true);
        if *complete && !was {
            add(format!("the list {list} becomes complete"), list.clone());
        }
    }
    let is_complete = |kind: &str| after.complete.get(&after.collections[kind]).copied().unwrap_or(false);
    for ((kind, id), facts) in &before.facts {
        let Some(left) = after.facts.get(&(kind.clone(), id.clone())) else {
            let explained = !is_complete(kind) || (kind == "job_role" && after.rows_are_unknown(id));
            if !explained {
                add(format!("a {kind} is missing from a complete list"), id.clone());
            }
            continue;
        };
        for (name, after) in left {
            let before = facts.get(name).cloned().flatten();
            if let Some(value) = after
                && before.as_ref() != Some(value)
            {
                let before = before.map_or("unknown".to_owned(), |value| value.to_string());
                let shape =
                    |text: &str| if ["unknown", "null"].contains(&text) { text.to_owned() } else { "known".to_owned() };
                let (from, to) = (shape(&before), shape(&value.to_string()));
                add(format!("{kind}.{name} from {from} to {to}"), format!("{id}: {name} was {before}, is {value}"));
            }
        }
    }
    for (kind, id) in after.facts.keys().filter(|key| !before.facts.contains_key(*key)) {
        if kind != "job_role" || !before.rows_are_unknown(id) {
            add(format!("a {kind} appears"), id.clone());
        }
    }
    found
}

/// Outcome of each finding, and whether a rule with that outcome is satisfied.
pub(crate) type Outcomes = BTreeMap<String, (String, bool)>;

/// Checks that read the evidence itself, which completions hold fixed.
const OF_EVIDENCE: [&str; 2] = ["account-list-current", "staff-list-current"];

pub(crate) fn outcomes(report: &Value) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let check = text(&finding["check"]);
        if OF_EVIDENCE.contains(&check.as_str()) {
            continue;
        }
        let key = format!("{check} {} {}", text(&finding["subject"]["id"]), text(&finding["entitlement"]));
        let satisfied = finding["reasons"].as_array().unwrap().iter().any(|reason| reason["bearing"] == "satisfied");
        outcomes.insert(key, (text(&finding["outcome"]), satisfied));
    }
    outcomes
}

/// How an outcome of less evidence contradicts that of all of it.
pub(crate) fn outcome_difference(before: Option<&(String, bool)>, after: &(String, bool)) -> Option<String> {
    let (after, _) = after;
    let Some((before, satisfied)) = before else {
        return (after != "unknown").then(|| format!("is {after}, and was not asked"));
    };
    let is_right = match (after.as_str(), before.as_str()) {
        ("unknown", _) | ("pass" | "exempt", "not-applicable") | ("exempt", "pass") => true,
        // A rule of the outcome *unknown*, once determined.
        ("pass" | "exempt" | "not-applicable", "unknown") => *satisfied,
        (after, before) => after == before,
    };
    (!is_right).then(|| format!("is {after}, and was {before}"))
}
