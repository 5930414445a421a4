//! Truto's unified HRIS: `employees`, and `employments` where there are any, become staff.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity,
    leavers::{self, UnlistedRows},
    pages::{CollectionLayout, Layout, Pages, RawCollection, RawRecord, Values},
    record::{self, EmploymentRow, Fields, NotUnderstood, relation},
    several::NotGiven,
    truto::ENVELOPE,
};
use crate::{
    diagnostic::Diagnostic,
    json::KeyCase,
    model::{EmploymentStatus, Fact, Facts, JobRole, Person, snapshot::LISTED_MANAGER},
};

/// The keys of an employment that are kept.
const EMPLOYMENT: &[&str] = &["employee", "job_title", "effective_date", "end_date", "employment_type", "updated_at"];

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new(
            "employees",
            "id",
            &[
                "employee_number",
                "first_name",
                "last_name",
                "job_title",
                "groups",
                "emails",
                "employments",
                "manager",
                "start_date",
                "termination_date",
                "employment_status",
                "updated_at",
            ],
        ),
        CollectionLayout::new("employments", "id", EMPLOYMENT),
    ],
    objects: &[],
    envelope: ENVELOPE,
    page_limits: &[],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no employees in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    record::require(&pages, "employees", "Truto", &identity.endpoint)?;
    record::doubt_without_relation(&mut pages, "employments", "employee", |_| true);
    record::doubt_people_of_unseen_rows(&mut pages, "employments", "employees");
    record::doubt_named_rows(&mut pages, "employments", "employees", |_| true);
    let not_understood = NotUnderstood::new(&identity.zone);
    let empty = RawCollection::default();
    let employments = pages.collections.get("employments").unwrap_or(&empty);
    let mut by_employee: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    let mut unlisted_rows = UnlistedRows::default();
    let employees = || pages.collections.get("employees").into_iter().flat_map(|list| &list.records);
    let listed: BTreeSet<&str> = employees().map(|raw| raw.id.as_str()).collect();
    for row in &employments.records {
        match row.values.get("employee").and_then(relation) {
            Some(employee) if listed.contains(employee) => {
                by_employee.entry(employee).or_default().push((&row.id, &row.values));
            }
            employee => unlisted_rows.add(&row.id, employee),
        }
    }
    let partial = pages.collections.get("employees").is_some_and(|list| list.partial);
    let mut not_given = NotGiven::new();
    let mut people: Vec<Person> = employees()
        .map(|raw| {
            let rows = Rows { employments, of_person: by_employee.get(raw.id.as_str()).cloned().unwrap_or_default() };
            let (person, lacks) = person(identity, raw, &rows, partial, &not_understood);
            not_given.insert(person.id.clone(), lacks);
            person
        })
        .collect();
    unlisted_rows.mark("employments", "employees", pages.collections.get_mut("employees"));
    let pulled_on = identity.zone.date(identity.pulled_at);
    leavers::weigh(&mut pages, "employees", "Truto", &mut people, &identity.statements, pulled_on);
    let mut one = Normalized::of_pages(identity, Format::TrutoHris, &mut pages);
    one.source.job_roles = Some("employments".to_owned());
    one.people = Some(people);
    one.not_given = not_given;
    one.warnings.extend(not_understood.warnings(&identity.id));
    Ok(one)
}

/// An employment: its id and its values.
type Row<'a> = (&'a str, &'a Values);

/// Where a person's job roles come from.
struct Rows<'a> {
    employments: &'a RawCollection,
    of_person: Vec<Row<'a>>,
}

fn person(
    identity: &SourceIdentity,
    raw: &RawRecord,
    rows: &Rows<'_>,
    partial: bool,
    not_understood: &NotUnderstood,
) -> (Person, BTreeSet<String>) {
    let mut fields = Fields::new("employees", &raw.id, &raw.values, not_understood);
    let manager = fields.fact("manager", "manager", |value| match relation(value) {
        Some(id) => Ok(Some(id.to_owned())),
        None => Err("it is neither an id nor an employee".to_owned()),
    });
    let department = fields.fact("department", "groups", department);
    if raw.values.get("manager").is_none() {
        fields.does_not_give(LISTED_MANAGER);
    }
    // The rows carry them; they are no facts of the person.
    let shown = |fact: Fact<String>, reason: Option<String>| match fact {
        Fact::Empty if partial => (Fact::Unknown, Some(PARTIAL.to_owned())),
        fact => (fact, reason),
    };
    let manager = shown(manager, fields.take_reason("manager"));
    let department = shown(department, fields.take_reason("department"));
    let job_roles = match job_roles(raw, rows, &manager, &department, not_understood) {
        Ok(rows) => Fact::Known(rows),
        Err(reason) if reason == NO_JOB_ROLES => fields.not_given("job_roles", reason),
        Err(reason) => fields.unknown("job_roles", reason),
    };
    let status = fields.word("status", "employment_status", status);
    let start_date = fields.date("start_date", "start_date");
    let mut facts = Facts::new();
    let kinds = employment_rows(raw, rows, partial, not_understood);
    fields.employment_type_of(&mut facts, kinds, identity.zone.date(identity.pulled_at));
    let mut person = Person {
        id: raw.id.clone(),
        source: identity.id.clone(),
        name: record::name(&mut fields, &raw.values, ["first_name", "first_name", "last_name"]),
        employee_number: fields.identifier("employee_number", "employee_number"),
        work_email: fields.address_of("work_email", "emails", ["email", "is_primary"], is_for_work),
        end_date: record::end_date(
            &mut fields,
            ["termination_date", "start_date"],
            &status,
            &start_date,
            identity.pulled_at,
        ),
        status,
        start_date,
        last_working_day: fields.not_given("last_working_day", "Truto does not give it"),
        job_roles,
        listed_manager: record::listed_manager(&mut fields, &manager.0, manager.1.as_deref()),
        supplied: BTreeMap::new(),
        facts,
        unknown: BTreeMap::new(),
    };
    let (unknown, lacks) = fields.into_reasons();
    person.unknown = unknown;
    if partial {
        without_empty(&mut person, rows.of_person.is_empty());
    }
    (person, lacks)
}

/// Why a fact is unknown that a partial answer leaves empty.
const PARTIAL: &str = "Truto shows a part of each employee only, and maybe not this";

/// Makes facts unknown that a partial answer may only seem to lack. `own_rows`: the job roles come from the employee's
/// own record, not from a list of employments.
fn without_empty(person: &mut Person, own_rows: bool) {
    let Person { name, employee_number, work_email, start_date, end_date, unknown, .. } = person;
    let mut hide = |fact: &str, is_empty: bool| {
        if is_empty {
            unknown.insert(fact.to_owned(), PARTIAL.to_owned());
        }
        is_empty
    };
    let texts = [("name", name), ("employee_number", employee_number), ("work_email", work_email)];
    for (fact, value) in texts {
        if hide(fact, matches!(value, Fact::Empty)) {
            *value = Fact::Unknown;
        }
    }
    for (fact, value) in [("start_date", start_date), ("end_date", end_date)] {
        if hide(fact, matches!(value, Fact::Empty)) {
            *value = Fact::Unknown;
        }
    }
    // A full answer may show rows where this one shows none.
    if matches!(&person.job_roles, Fact::Known(rows) if rows.is_empty()) {
        person.job_roles = Fact::Unknown;
        person.unknown.insert("job_roles".to_owned(), PARTIAL.to_owned());
    }
    let Fact::Known(rows) = &mut person.job_roles else { return };
    // The row that Tenure makes of a job title has the employee's id, and no last day of its own.
    for row in rows.iter_mut().filter(|row| own_rows && row.id != person.id) {
        if matches!(row.job_title, Fact::Empty) {
            row.job_title = Fact::Unknown;
            row.unknown.insert("job_title".to_owned(), PARTIAL.to_owned());
        }
        if matches!(row.end_date, Fact::Empty) {
            row.end_date = Fact::Unknown;
            row.unknown.insert("end_date".to_owned(), PARTIAL.to_owned());
        }
    }
}

/// Truto's words; `excluded` and the HRIS's own words say nothing about being employed.
fn status(word: &str) -> Option<EmploymentStatus> {
    match word {
        "active" | "on_leave" => Some(EmploymentStatus::Active),
        "pending" => Some(EmploymentStatus::NewHire),
        "inactive" | "terminated" | "retired" => Some(EmploymentStatus::Offboarded),
        _ => None,
    }
}

/// Whether an address may be the one for work: it is not said to be personal.
fn is_for_work(entry: &Value) -> bool {
    let kind = entry.get("type").and_then(Value::as_str).unwrap_or_default();
    !["personal", "home"].iter().any(|word| kind.eq_ignore_ascii_case(word))
}

/// The name of the one group of the type `department`.
fn department(value: &Value) -> Result<Option<String>, String> {
    let Value::Array(groups) = value else { return Err("a list is expected".to_owned()) };
    let text = |group: &Value, key: &str| group.get(key).and_then(Value::as_str).map(|text| text.trim().to_owned());
    let is_department =
        |group: &&Value| text(group, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("department"));
    if groups.iter().any(|group| group.get("type").is_none()) {
        return Err("a group has no `type`".to_owned());
    }
    if groups.iter().filter(is_department).any(|group| group.get("name").is_none()) {
        return Err("a department has no `name`".to_owned());
    }
    let mut names: Vec<String> = groups.iter().filter(is_department).filter_map(|group| text(group, "name")).collect();
    names.sort();
    names.dedup();
    match names.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err("the person is in several departments".to_owned()),
    }
}

/// Truto's words for the kind of an employment.
const EMPLOYMENT_TYPES: &[(&str, &str)] = &[
    ("full-time", "employee"),
    ("part-time", "employee"),
    ("contract", "contractor"),
    ("internship", "intern"),
    ("temporary", "other"),
    ("trainee", "other"),
    ("volunteer", "other"),
    ("per-diem", "other"),
];

/// What the employments of a person say of the kind of contract: the rows of `/employments`, else those inside the
/// employee.
fn employment_rows(
    raw: &RawRecord,
    rows: &Rows<'_>,
    partial: bool,
    seen: &NotUnderstood,
) -> Result<Vec<EmploymentRow>, String> {
    let employments = rows.employments;
    if employments.provided && !employments.complete() {
        return Err(format!("the collection `employments` is incomplete: {}", employments.why()));
    }
    let row = |id: &str, values: &Values| Fields::new("employments", id, values, seen).employment_row(EMPLOYMENT_TYPES);
    if !rows.of_person.is_empty() {
        return Ok(rows.of_person.iter().map(|(id, values)| row(id, values)).collect());
    }
    let inside = raw.values.get("employments").and_then(Value::as_array);
    if partial && inside.is_some_and(|inside| !inside.is_empty()) {
        return Err(PARTIAL.to_owned());
    }
    let inside = inside.into_iter().flatten();
    // One that is not shown says nothing, and leaves the kind open.
    let empty = serde_json::Map::new();
    let inside = inside.map(|one| Values::of(one.as_object().unwrap_or(&empty).clone(), EMPLOYMENT));
    Ok(inside.map(|values| row(&raw.id, &values)).collect())
}

/// Why job roles are unknown if nothing shows any.
const NO_JOB_ROLES: &str = "there are no `employments`, and `employees` gave no `job_title`";

type WithReason = (Fact<String>, Option<String>);

/// The rows of `/employments`; else those inside the employee; else one made of the employee's own job title.
fn job_roles(
    raw: &RawRecord,
    rows: &Rows<'_>,
    manager: &WithReason,
    department: &WithReason,
    not_understood: &NotUnderstood,
) -> Result<Vec<JobRole>, String> {
    let employments = rows.employments;
    if employments.provided && !employments.complete() {
        return Err(format!("the collection `employments` is incomplete: {}", employments.why()));
    }
    let role = |id: &str, values: &Values| job_role(id, values, manager, department, not_understood);
    if !rows.of_person.is_empty() {
        return Ok(rows.of_person.iter().map(|(id, values)| role(id, values)).collect());
    }
    let unreadable = |key: &str, reason: &str| {
        let reason = raw.values.differing(key).unwrap_or(reason);
        let what = format!("`employees.{key}`: {reason}");
        not_understood.add(what.clone(), &raw.id);
        what
    };
    let inside: Vec<&Value> = match raw.values.get("employments") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(_) => return Err(unreadable("employments", "a list is expected")),
    };
    let shown: Vec<_> = inside.iter().filter_map(|row| row.as_object()).collect();
    if shown.iter().any(|row| row.contains_key("effective_date")) {
        if shown.len() < inside.len() {
            return Err(unreadable("employments", "one of them is not shown"));
        }
        let rows = shown.into_iter().enumerate().map(|(index, row)| {
            let id = row.get("id").and_then(Value::as_str).map_or_else(|| format!("{}/{index}", raw.id), str::to_owned);
            role(&id, &Values::of(row.clone(), EMPLOYMENT))
        });
        return Ok(rows.collect());
    }
    match raw.values.get("job_title") {
        Some(Value::String(title)) if !title.trim().is_empty() => {
            // The title is the one held now; since when is not said, so the first day stands in.
            let mut values = Values::default();
            values.set("job_title", Value::String(title.clone()));
            if let Some(start) = raw.values.get("start_date") {
                values.set("effective_date", start.clone());
            }
            values.set("end_date", Value::Null);
            values.set("updated_at", Value::Null);
            Ok(vec![role(&raw.id, &values)])
        }
        Some(Value::String(_) | Value::Null) => Ok(Vec::new()),
        Some(_) => Err(unreadable("job_title", "a text is expected")),
        None if employments.provided => Ok(Vec::new()),
        None => Err(NO_JOB_ROLES.to_owned()),
    }
}

fn job_role(
    id: &str,
    values: &Values,
    manager: &WithReason,
    department: &WithReason,
    not_understood: &NotUnderstood,
) -> JobRole {
    let mut fields = Fields::new("employments", id, values, not_understood);
    let mut of_person = |fact: &str, (value, reason): &WithReason| match value {
        Fact::Unknown => fields.unknown(fact, reason.clone().unwrap_or_default()),
        value => value.clone(),
    };
    let (manager, department) = (of_person("manager", manager), of_person("department", department));
    let mut role = JobRole {
        id: id.to_owned(),
        job_title: fields.text("job_title", "job_title"),
        department,
        manager,
        effective_date: fields.date("effective_date", "effective_date"),
        end_date: fields.date("end_date", "end_date"),
        updated_at: fields.instant("updated_at", "updated_at"),
        unknown: BTreeMap::new(),
    };
    role.unknown = fields.into_unknown();
    role
}
