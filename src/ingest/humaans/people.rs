//! `/people` and `/job-roles` → staff.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diagnostic::Diagnostic,
    ingest::{
        SourceIdentity,
        pages::{Pages, RawCollection, RawRecord},
        record::{self, Fields, NotUnderstood},
    },
    model::{EmploymentStatus, Fact, JobRole, Person},
};

/// Staff, and how many records were demonstration data.
pub(super) struct Staff {
    pub(super) people: Vec<Person>,
    pub(super) excluded: usize,
    pub(super) warnings: Vec<Diagnostic>,
}

pub(super) fn people(identity: &SourceIdentity, pages: &Pages, not_understood: &NotUnderstood) -> Staff {
    let empty = RawCollection::default();
    let records = &pages.collections.get("people").unwrap_or(&empty).records;
    let demonstration: BTreeSet<&str> = records.iter().filter(is_demonstration).map(|one| one.id.as_str()).collect();
    let job_roles = JobRoles::new(pages.collections.get("job-roles").unwrap_or(&empty), not_understood);
    let mut warnings = job_roles.warnings(records);
    let managers = listed_managers(records, &mut warnings);

    let mut people = Vec::new();
    for raw in records.iter().filter(|raw| !demonstration.contains(raw.id.as_str())) {
        let mut fields = Fields::new("people", &raw.id, &raw.values, not_understood);
        let mut person = Person {
            id: raw.id.clone(),
            source: identity.id.clone(),
            name: record::name(&mut fields, &raw.values, ["preferredName", "firstName", "lastName"]),
            employee_number: fields.text("employee_number", "employeeId"),
            work_email: fields.text("work_email", "email"),
            status: fields.word("status", "status", status),
            start_date: fields.date("start_date", "employmentStartDate"),
            end_date: fields.date("end_date", "employmentEndDate"),
            last_working_day: fields.date("last_working_day", "lastWorkingDay"),
            job_roles: match job_roles.of(&raw.id) {
                Ok(rows) => Fact::Known(rows),
                Err(reason) => fields.unknown("job_roles", reason),
            },
            listed_manager: managers.get(raw.id.as_str()).map(|manager| (*manager).to_owned()),
            supplied: BTreeMap::new(),
            unknown: BTreeMap::new(),
        };
        person.unknown = fields.into_unknown();
        people.push(person);
    }
    Staff { people, excluded: demonstration.len(), warnings }
}

/// `demo: true` marks the vendor's sample people.
fn is_demonstration(raw: &&RawRecord) -> bool {
    raw.values.get("demo") == Some(&Value::Bool(true))
}

/// Humaans' words for the employment status; clients spell the second one both ways.
fn status(word: &str) -> Option<EmploymentStatus> {
    match word {
        "active" => Some(EmploymentStatus::Active),
        "newHire" | "new_hire" => Some(EmploymentStatus::NewHire),
        "offboarded" => Some(EmploymentStatus::Offboarded),
        _ => None,
    }
}

/// Person → the one person whose `directReports` name them.
fn listed_managers<'a>(records: &'a [RawRecord], warnings: &mut Vec<Diagnostic>) -> BTreeMap<&'a str, &'a str> {
    let mut managers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for raw in records {
        let reports = raw.values.get("directReports").and_then(Value::as_array);
        for report in reports.into_iter().flatten().filter_map(Value::as_str) {
            managers.entry(report).or_default().insert(&raw.id);
        }
    }
    let mut one = BTreeMap::new();
    for (report, managers) in managers {
        match managers.first() {
            Some(manager) if managers.len() == 1 => {
                one.insert(report, *manager);
            }
            _ => {
                let names: Vec<&str> = managers.into_iter().collect();
                let message = format!("`people.directReports`: `{report}` is listed by several: {}", names.join(", "));
                warnings.push(Diagnostic::warning("several-managers", message).help("none of them is taken"));
            }
        }
    }
    one
}

/// The rows of `/job-roles` by person.
struct JobRoles<'a> {
    collection: &'a RawCollection,
    by_person: BTreeMap<&'a str, Vec<JobRole>>,
}

impl<'a> JobRoles<'a> {
    fn new(collection: &'a RawCollection, not_understood: &NotUnderstood) -> Self {
        let mut by_person: BTreeMap<&str, Vec<JobRole>> = BTreeMap::new();
        for raw in &collection.records {
            if let Some(person) = raw.values.get("personId").and_then(Value::as_str) {
                by_person.entry(person).or_default().push(job_role(raw, not_understood));
            }
        }
        JobRoles { collection, by_person }
    }

    /// Every row of a person, or why they cannot be known. A list with holes may lack the very row that counts.
    fn of(&self, person: &str) -> Result<Vec<JobRole>, String> {
        if !self.collection.provided {
            return Err("the collection `job-roles` was not provided".to_owned());
        }
        if !self.collection.complete() {
            return Err(format!("the collection `job-roles` is incomplete: {}", self.collection.reasons.join("; ")));
        }
        Ok(self.by_person.get(person).cloned().unwrap_or_default())
    }

    /// Rows that belong to nobody.
    fn warnings(&self, people: &[RawRecord]) -> Vec<Diagnostic> {
        let known: BTreeSet<&str> = people.iter().map(|raw| raw.id.as_str()).collect();
        let mut lost: Vec<&str> = Vec::new();
        for raw in &self.collection.records {
            match raw.values.get("personId").and_then(Value::as_str) {
                Some(person) if known.contains(person) => {}
                Some(_) | None => lost.push(&raw.id),
            }
        }
        if lost.is_empty() {
            return Vec::new();
        }
        let named: Vec<String> = lost.iter().take(3).map(|id| format!("`{id}`")).collect();
        let message = format!("`job-roles`: {} rows belong to nobody in `people`: {}", lost.len(), named.join(", "));
        vec![Diagnostic::warning("row-of-nobody", message)]
    }
}

fn job_role(raw: &RawRecord, not_understood: &NotUnderstood) -> JobRole {
    let mut fields = Fields::new("job-roles", &raw.id, &raw.values, not_understood);
    let mut row = JobRole {
        id: raw.id.clone(),
        job_title: fields.text("job_title", "jobTitle"),
        department: fields.fact("department", "department", department),
        manager: fields.text("manager", "reportingTo"),
        effective_date: fields.date("effective_date", "effectiveDate"),
        end_date: fields.date("end_date", "endDate"),
        updated_at: fields.instant("updated_at", "updatedAt"),
        unknown: BTreeMap::new(),
    };
    row.unknown = fields.into_unknown();
    row
}

/// A text, or an object with a `name`.
fn department(value: &Value) -> Result<Option<String>, String> {
    match value.get("name") {
        Some(Value::Null) => Ok(None),
        Some(name) => record::text(name),
        None => record::text(value),
    }
}
