//! `/people` and `/job-roles` → staff.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diagnostic::{Code, Diagnostic},
    ingest::{
        SourceIdentity,
        leavers::UnlistedRows,
        pages::{Pages, RawCollection, RawRecord},
        record::{self, Fields, NotUnderstood},
        several::NotGiven,
    },
    model::{EmploymentStatus, Fact, Facts, JobRole, Person, snapshot::LISTED_MANAGER},
};

/// Kinds of contract are a company's own words: the one that Humaans documents, and those that mean what they say.
const CONTRACT_TYPES: &[(&str, &str)] = &[
    ("full-time", "employee"),
    ("fulltime", "employee"),
    ("employee", "employee"),
    ("contractor", "contractor"),
    ("intern", "intern"),
];

/// Staff, and how many records were demonstration data.
pub(super) struct Staff {
    pub(super) people: Vec<Person>,
    pub(super) not_given: NotGiven,
    pub(super) excluded: usize,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Takes the raw people and job roles out of the pages, which are the most of them.
pub(super) fn people(identity: &SourceIdentity, pages: &mut Pages, not_understood: &NotUnderstood) -> Staff {
    let take = |collection: Option<&mut RawCollection>| collection.map(|list| std::mem::take(&mut list.records));
    let records = take(pages.collections.get_mut("people")).unwrap_or_default();
    let mut warnings = Vec::new();
    let managers = ListedManagers::new(&records, pages.collections.get("people"), &mut warnings);
    let rows = take(pages.collections.get_mut("job-roles")).unwrap_or_default();
    let empty = RawCollection::default();
    let collection = pages.collections.get("job-roles").unwrap_or(&empty);
    let mut job_roles = JobRoles::new(collection, rows, not_understood);

    let mut people = Vec::with_capacity(records.len());
    let mut not_given = NotGiven::new();
    let mut excluded = 0;
    for raw in records {
        let rows = job_roles.take(&raw.id);
        if is_demonstration(&raw) {
            excluded += 1;
            continue;
        }
        let mut fields = Fields::new("people", &raw.id, &raw.values, not_understood);
        let status = fields.word("status", "status", status);
        let start_date = fields.date("start_date", "employmentStartDate");
        let keys = ["employmentEndDate", "employmentStartDate"];
        let mut facts = Facts::new();
        fields.employment_type(&mut facts, "contractType", raw.values.get("contractType"), CONTRACT_TYPES);
        let mut person = Person {
            id: raw.id.clone(),
            source: identity.id.clone(),
            name: record::name(&mut fields, &raw.values, ["preferredName", "firstName", "lastName"]),
            employee_number: fields.identifier("employee_number", "employeeId"),
            work_email: fields.address("work_email", "email"),
            end_date: record::end_date(&mut fields, keys, &status, &start_date, identity.pulled_at),
            status,
            start_date,
            last_working_day: fields.date("last_working_day", "lastWorkingDay"),
            job_roles: match rows {
                Ok(rows) => Fact::Known(rows),
                Err(reason) if reason == NO_JOB_ROLES => fields.not_given("job_roles", reason),
                Err(reason) => fields.unknown("job_roles", reason),
            },
            listed_manager: {
                let (manager, reason) = managers.of(&raw.id);
                // No person need list another one.
                if matches!(manager, Fact::Empty) {
                    fields.does_not_give(LISTED_MANAGER);
                }
                record::listed_manager(&mut fields, &manager, reason)
            },
            supplied: BTreeMap::new(),
            facts,
            unknown: BTreeMap::new(),
        };
        let (unknown, lacks) = fields.into_reasons();
        person.unknown = unknown;
        if !lacks.is_empty() {
            not_given.insert(person.id.clone(), lacks);
        }
        people.push(person);
    }
    job_roles.left_over().mark("job-roles", "people", pages.collections.get_mut("people"));
    Staff { people, not_given, excluded, warnings }
}

/// `demo: true` marks the vendor's sample people.
fn is_demonstration(raw: &RawRecord) -> bool {
    raw.values.get("demo") == Some(&Value::Bool(true))
}

/// Humaans' words for the employment status; clients spell the second one both ways.
pub(super) fn status(word: &str) -> Option<EmploymentStatus> {
    match word {
        "active" => Some(EmploymentStatus::Active),
        "newHire" | "new_hire" => Some(EmploymentStatus::NewHire),
        "offboarded" => Some(EmploymentStatus::Offboarded),
        _ => None,
    }
}

/// The people who list each person as a direct report.
struct ListedManagers {
    by_report: BTreeMap<String, Result<String, String>>,
    /// Why further people may list reports.
    open: Option<String>,
    /// Whether all of those have left or not started yet. What a current person lists stands then.
    only_leavers: bool,
}

impl ListedManagers {
    fn new(records: &[RawRecord], people: Option<&RawCollection>, warnings: &mut Vec<Diagnostic>) -> Self {
        let mut managers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut unreadable = None;
        let mut are_given = false;
        for raw in records {
            let reports = match raw.values.get("directReports") {
                None => continue,
                Some(Value::Null) => &[][..],
                Some(Value::Array(reports)) => reports,
                Some(_) => {
                    unreadable = Some(&raw.id);
                    continue;
                }
            };
            are_given = true;
            for report in reports {
                match report.as_str() {
                    Some(report) => _ = managers.entry(report).or_default().insert(&raw.id),
                    None => unreadable = Some(&raw.id),
                }
            }
        }
        let unreadable = unreadable.map(|id| format!("`people.directReports` of `{id}` cannot be read"));
        let missing = people.filter(|people| are_given && !people.complete());
        let only_leavers = unreadable.is_none() && missing.is_some_and(RawCollection::lacks_only_leavers);
        let missing = missing.map(|people| format!("a person who is not listed may be the manager: {}", people.why()));
        let open = unreadable.or(missing);
        let mut by_report = BTreeMap::new();
        for (report, managers) in managers {
            let names: Vec<&str> = managers.into_iter().collect();
            let manager = match names.as_slice() {
                [manager] => Ok((*manager).to_owned()),
                _ => {
                    let names = names.join(", ");
                    let message = format!("`people.directReports`: `{report}` is listed by several: {names}");
                    warnings.push(
                        Diagnostic::warning(Code::SeveralManagers, message)
                            .help("the manager is unknown unless a job role names one"),
                    );
                    Err(format!("several people list this one in `people.directReports`: {names}"))
                }
            };
            by_report.insert(report.to_owned(), manager);
        }
        ListedManagers { by_report, open, only_leavers }
    }

    /// The manager of a person, with the reason if it is unknown.
    fn of(&self, person: &str) -> (Fact<String>, Option<&str>) {
        match (self.by_report.get(person), &self.open) {
            (Some(Err(reason)), _) => (Fact::Unknown, Some(reason)),
            (Some(Ok(manager)), None) => (Fact::Known(manager.clone()), None),
            (Some(Ok(manager)), Some(_)) if self.only_leavers => (Fact::Known(manager.clone()), None),
            // Another person may list this one as well.
            (_, Some(reason)) => (Fact::Unknown, Some(reason)),
            (None, None) => (Fact::Empty, None),
        }
    }
}

/// Why job roles are unknown where there is no list of them.
const NO_JOB_ROLES: &str = "the collection `job-roles` was not provided";

/// The rows of `/job-roles` by person.
struct JobRoles {
    /// Why they cannot be known. A list with holes may lack the very row that counts.
    missing: Option<String>,
    by_person: BTreeMap<String, Vec<JobRole>>,
}

impl JobRoles {
    fn new(collection: &RawCollection, rows: Vec<RawRecord>, not_understood: &NotUnderstood) -> Self {
        let missing = if collection.is_absent() {
            Some(NO_JOB_ROLES.to_owned())
        } else if !collection.complete() || !collection.provided {
            Some(format!("the collection `job-roles` is incomplete: {}", collection.why()))
        } else {
            None
        };
        let mut by_person: BTreeMap<String, Vec<JobRole>> = BTreeMap::new();
        for raw in rows {
            if let Some(person) = raw.values.get("personId").and_then(Value::as_str) {
                by_person.entry(person.to_owned()).or_default().push(job_role(&raw, not_understood));
            }
        }
        JobRoles { missing, by_person }
    }

    /// Every row of a person, or why they cannot be known.
    fn take(&mut self, person: &str) -> Result<Vec<JobRole>, String> {
        let rows = self.by_person.remove(person).unwrap_or_default();
        match &self.missing {
            Some(reason) => Err(reason.clone()),
            None => Ok(rows),
        }
    }

    /// Rows that nobody took.
    fn left_over(&self) -> UnlistedRows {
        let mut left = UnlistedRows::default();
        for (person, rows) in &self.by_person {
            rows.iter().for_each(|row| left.add(&row.id, Some(person)));
        }
        left
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
