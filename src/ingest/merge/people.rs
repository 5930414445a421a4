//! Employees and their employments → staff.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diagnostic::Diagnostic,
    ingest::{
        SourceIdentity,
        leavers::UnlistedRows,
        pages::{Pages, RawCollection, RawRecord},
        record::{self, EmploymentRow, Fields, NotUnderstood, relation},
        same_key::{self, Findings},
        several::NotGiven,
    },
    model::{EmploymentStatus, Fact, Facts, JobRole, Person, snapshot::LISTED_MANAGER},
};

/// Staff, and how many rows Merge says were deleted in the HRIS.
pub(super) struct Staff {
    pub(super) people: Vec<Person>,
    pub(super) not_given: NotGiven,
    pub(super) deleted: usize,
    pub(super) unlisted_rows: UnlistedRows,
    pub(super) warnings: Vec<Diagnostic>,
}

/// What is the same for all employees.
struct Directory<'a> {
    /// Merge id → HRIS id.
    ids: BTreeMap<&'a str, &'a str>,
    employees: &'a RawCollection,
    groups: &'a RawCollection,
    employments: &'a RawCollection,
    by_employee: BTreeMap<&'a str, Vec<&'a RawRecord>>,
    not_understood: &'a NotUnderstood,
}

/// Whether Merge says that the row is gone from the HRIS.
pub(super) fn is_deleted(raw: &RawRecord) -> bool {
    raw.values.get("remote_was_deleted") == Some(&Value::Bool(true))
}

/// Whether Merge says if the row is gone from the HRIS. It does so of every record.
pub(super) fn says_deleted(raw: &RawRecord) -> bool {
    raw.values.get("remote_was_deleted").is_some_and(Value::is_boolean)
}

/// Why it is unknown whether a row is gone from the HRIS; `None` if Merge says.
fn undecided(collection: &str, raw: &RawRecord) -> Option<String> {
    (!says_deleted(raw))
        .then(|| format!("`{collection}` gave no `remote_was_deleted` for `{}`, so it may be gone", raw.id))
}

/// The HRIS's own id of the person.
pub(super) fn remote_id(raw: &RawRecord) -> Option<&str> {
    raw.values.get("remote_id").and_then(Value::as_str).filter(|id| !id.trim().is_empty())
}

pub(super) fn people(identity: &SourceIdentity, pages: &Pages, not_understood: &NotUnderstood) -> Staff {
    let empty = RawCollection::default();
    let list = |name: &str| pages.collections.get(name).unwrap_or(&empty);
    let (employees, employments) = (list("employees"), list("employments"));
    let (deleted, here): (Vec<_>, Vec<_>) = employees.records.iter().partition(|raw| is_deleted(raw));
    let mut by_employee: BTreeMap<&str, Vec<&RawRecord>> = BTreeMap::new();
    let mut unlisted_rows = UnlistedRows::default();
    let listed: BTreeSet<&str> = employees.records.iter().map(|raw| raw.id.as_str()).collect();
    for row in employments.records.iter().filter(|row| !is_deleted(row)) {
        match row.values.get("employee").and_then(relation) {
            Some(employee) if listed.contains(employee) => by_employee.entry(employee).or_default().push(row),
            employee => unlisted_rows.add(&row.id, employee),
        }
    }
    let directory = Directory {
        ids: employees.records.iter().filter_map(|raw| Some((raw.id.as_str(), remote_id(raw)?))).collect(),
        employees,
        groups: list("groups"),
        employments,
        by_employee,
        not_understood,
    };
    let mut not_given = NotGiven::new();
    let mut placed = Vec::new();
    for raw in here {
        let Some(id) = remote_id(raw) else { continue };
        let (person, lacks) = person(identity, raw, id.to_owned(), &directory);
        // Of several records of one person, each has to say nothing.
        not_given
            .entry(person.id.clone())
            .and_modify(|others: &mut BTreeSet<String>| others.retain(|fact| lacks.contains(fact)))
            .or_insert(lacks);
        placed.push((format!("the employee `{}`", raw.id), person));
    }
    let mut findings = Findings::default();
    // Merge can keep several records of one person.
    let people = same_key::people(placed, &mut findings);
    let warnings = findings.warnings(&identity.id);
    Staff { people, not_given, deleted: deleted.len(), unlisted_rows, warnings }
}

fn person(
    identity: &SourceIdentity,
    raw: &RawRecord,
    id: String,
    directory: &Directory<'_>,
) -> (Person, BTreeSet<String>) {
    let mut fields = Fields::new("employees", &id, &raw.values, directory.not_understood);
    let status = fields.word("status", "employment_status", status);
    let start_date = fields.date("start_date", "start_date");
    let keys = ["termination_date", "start_date"];
    let end_date = record::end_date(&mut fields, keys, &status, &start_date, identity.pulled_at);
    let manager = manager(&mut fields, raw, directory);
    if raw.values.get("manager").is_none() {
        fields.does_not_give(LISTED_MANAGER);
    }
    let mut facts = Facts::new();
    if !directory.employments.is_absent() {
        let rows = employment_rows(raw, directory);
        fields.employment_type_of(&mut facts, rows, identity.zone.date(identity.pulled_at));
    }
    let mut person = Person {
        source: identity.id.clone(),
        name: record::name(&mut fields, &raw.values, ["preferred_name", "first_name", "last_name"]),
        employee_number: fields.identifier("employee_number", "employee_number"),
        work_email: fields.address("work_email", "work_email"),
        status,
        start_date,
        end_date,
        last_working_day: fields.not_given("last_working_day", "Merge does not give it"),
        job_roles: match job_roles(raw, &manager, directory) {
            Ok(rows) => Fact::Known(rows),
            Err(reason) if directory.employments.is_absent() => fields.not_given("job_roles", reason),
            Err(reason) => fields.unknown("job_roles", reason),
        },
        listed_manager: record::listed_manager(&mut fields, &manager.0, manager.1.as_deref()),
        supplied: BTreeMap::new(),
        facts,
        unknown: BTreeMap::new(),
        id: id.clone(),
    };
    let (unknown, lacks) = fields.into_reasons();
    person.unknown = unknown;
    (person, lacks)
}

/// Merge's words, open to the HRIS's own. `INACTIVE` says that somebody has left; `PENDING` that they are to come.
fn status(word: &str) -> Option<EmploymentStatus> {
    match word.to_ascii_uppercase().as_str() {
        "ACTIVE" => Some(EmploymentStatus::Active),
        "PENDING" => Some(EmploymentStatus::NewHire),
        "INACTIVE" => Some(EmploymentStatus::Offboarded),
        _ => None,
    }
}

/// The manager's HRIS id with the reason where it is unknown, as it is of a manager whom an incomplete list lacks. A
/// manager who is not in a complete list keeps Merge's id, which is nobody's.
type Manager = (Fact<String>, Option<String>);

fn manager(fields: &mut Fields<'_>, raw: &RawRecord, directory: &Directory<'_>) -> Manager {
    match raw.values.get("manager") {
        None => (Fact::Unknown, Some("`employees` gave no `manager`".to_owned())),
        Some(Value::Null) => (Fact::Empty, None),
        Some(value) => match relation(value) {
            Some(merge_id) => match directory.ids.get(merge_id) {
                Some(id) => (Fact::Known((*id).to_owned()), None),
                None if directory.employees.records.iter().any(|listed| listed.id == merge_id) => {
                    let reason = format!("the manager `{merge_id}` is gone from the HRIS and has no `remote_id`");
                    (Fact::Unknown, Some(reason))
                }
                None if directory.employees.complete() => (Fact::Known(merge_id.to_owned()), None),
                None => {
                    let why = directory.employees.why();
                    let reason = format!("the manager `{merge_id}` is not in `employees`, which is incomplete: {why}");
                    (Fact::Unknown, Some(reason))
                }
            },
            None => (Fact::Unknown, Some(fields.not_understood("manager", "it is neither an id nor an employee"))),
        },
    }
}

/// Merge's words for the kind of an employment.
const EMPLOYMENT_TYPES: &[(&str, &str)] = &[
    ("full-time", "employee"),
    ("part-time", "employee"),
    ("intern", "intern"),
    ("contractor", "contractor"),
    ("freelance", "contractor"),
];

/// What the employments of a person say of the kind of contract.
fn employment_rows(raw: &RawRecord, directory: &Directory<'_>) -> Result<Vec<EmploymentRow>, String> {
    let rows = rows_of(raw, directory)?;
    let row = |row: &&RawRecord| {
        let fields = Fields::new("employments", &row.id, &row.values, directory.not_understood);
        fields.employment_row(EMPLOYMENT_TYPES)
    };
    Ok(rows.iter().map(row).collect())
}

/// Every employment of a person, or why they cannot be known.
fn rows_of<'d>(raw: &RawRecord, directory: &'d Directory<'_>) -> Result<&'d [&'d RawRecord], String> {
    let employments = directory.employments;
    if !employments.provided || !employments.complete() {
        return Err(format!("the collection `employments` is incomplete: {}", employments.why()));
    }
    let rows = directory.by_employee.get(raw.id.as_str()).map(Vec::as_slice).unwrap_or_default();
    match rows.iter().find_map(|row| undecided("employments", row)) {
        Some(reason) => Err(reason),
        None => Ok(rows),
    }
}

/// Every employment of a person. Merge's have no end; manager and department are the person's, as they are now.
fn job_roles(raw: &RawRecord, manager: &Manager, directory: &Directory<'_>) -> Result<Vec<JobRole>, String> {
    let rows = rows_of(raw, directory)?;
    let department = department(raw, directory);
    Ok(rows.iter().map(|row| job_role(row, manager, &department, directory)).collect())
}

fn job_role(
    row: &RawRecord,
    manager: &Manager,
    department: &Result<Option<String>, String>,
    directory: &Directory<'_>,
) -> JobRole {
    let mut fields = Fields::new("employments", &row.id, &row.values, directory.not_understood);
    let mut role = JobRole {
        id: row.id.clone(),
        job_title: fields.text("job_title", "job_title"),
        department: match department {
            Ok(name) => name.clone().into(),
            Err(reason) => fields.unknown("department", reason.clone()),
        },
        manager: match manager {
            (Fact::Unknown, reason) => fields.unknown("manager", reason.clone().unwrap_or_default()),
            (manager, _) => manager.clone(),
        },
        effective_date: fields.date("effective_date", "effective_date"),
        // The next employment ends the one before it.
        end_date: Fact::Empty,
        updated_at: fields.instant("updated_at", "modified_at"),
        unknown: BTreeMap::new(),
    };
    role.unknown = fields.into_unknown();
    role
}

/// The name of the one group of the type `DEPARTMENT`.
fn department(raw: &RawRecord, directory: &Directory<'_>) -> Result<Option<String>, String> {
    let groups = match raw.values.get("groups") {
        None => return Err("`employees` gave no `groups`".to_owned()),
        Some(Value::Null) => return Ok(None),
        Some(Value::Array(groups)) => groups,
        Some(_) => return Err("`employees.groups` is not a list".to_owned()),
    };
    if !directory.groups.complete() {
        let reasons = directory.groups.why();
        return Err(format!("the collection `groups` is incomplete: {reasons}"));
    }
    let mut names: Vec<&str> = Vec::new();
    for group in groups {
        let id = relation(group).ok_or_else(|| "`employees.groups` names a group that cannot be read".to_owned())?;
        let known = directory.groups.records.binary_search_by(|known| known.id.as_str().cmp(id));
        let known = known.ok().and_then(|at| directory.groups.records.get(at));
        let text = |key: &str| {
            let value = known.map_or_else(|| group.get(key), |known| known.values.get(key));
            value.and_then(Value::as_str).map(str::trim).unwrap_or_default()
        };
        // A group may stand within the employee as well.
        let within = group.as_object().and_then(|group| group.get("remote_was_deleted"));
        match (known, within.map(Value::as_bool)) {
            (Some(known), Some(Some(within))) if says_deleted(known) && is_deleted(known) != within => {
                return Err(format!("`groups` and `employees.groups` differ in whether the group `{id}` is gone"));
            }
            (Some(known), _) if is_deleted(known) => continue,
            (Some(known), _) => {
                if let Some(reason) = undecided("groups", known) {
                    return Err(reason);
                }
            }
            (None, Some(Some(true))) => continue,
            (None, Some(Some(false))) => {}
            (None, _) if group.is_object() => {
                return Err(format!("`employees.groups` gave no `remote_was_deleted` for `{id}`, so it may be gone"));
            }
            (None, _) => return Err(format!("the group `{id}` is not in `groups`")),
        }
        let has = |key: &str| known.map_or_else(|| group.get(key), |known| known.values.get(key)).is_some();
        if !has("type") {
            return Err(format!("the group `{id}` has no `type`"));
        }
        if text("type") == "DEPARTMENT" && !has("name") {
            return Err(format!("the department `{id}` has no `name`"));
        }
        if text("type") == "DEPARTMENT" && !text("name").is_empty() {
            names.push(text("name"));
        }
    }
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        several => Err(format!("the person is in several departments: {}", several.join(", "))),
    }
}
