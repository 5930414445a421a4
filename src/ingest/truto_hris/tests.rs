use serde_json::json;

use super::*;
use crate::{files::RawFile, ingest::pages};

fn people(files: &[(&str, Value)]) -> Vec<Person> {
    let identity = SourceIdentity {
        zone: crate::model::Zone::utc(),
        id: "truto".into(),
        system: String::new(),
        endpoint: "raw".into(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: Vec::new(),
        statements: crate::ingest::Statements {
            sees_leavers: true,
            reason: Some("a test".into()),
            ..Default::default()
        },
    };
    let files: Vec<RawFile> = files.iter().map(|(name, page)| RawFile::new(*name, page.to_string())).collect();
    normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap().people.unwrap()
}

fn employee() -> Value {
    json!({ "id": "p1", "first_name": "A", "last_name": "B", "job_title": "Engineer", "start_date": "2024-01-01",
        "termination_date": null, "employment_status": "on_leave", "manager": { "id": "p2", "name": "C" },
        "emails": [{ "email": "a@home.example", "type": "personal" }, { "email": "a@x.example", "type": "work" }],
        "groups": [{ "id": "g", "name": "Platform", "type": "department" }, { "id": "h", "name": "T", "type": "team" }] })
}

#[test]
fn an_employee_is_a_person_with_a_job_role() {
    let all = people(&[("employees.json", json!({ "result": [employee()], "next_cursor": null }))]);
    let person = &all[0];
    assert_eq!(person.status, Fact::Known(EmploymentStatus::Active));
    assert_eq!(person.work_email, Fact::Known("a@x.example".into()));
    let rows = person.job_roles.known().unwrap();
    assert_eq!(
        (rows[0].job_title.known().unwrap().as_str(), rows[0].manager.known().unwrap().as_str()),
        ("Engineer", "p2")
    );
    assert_eq!(rows[0].department, Fact::Known("Platform".into()));
    assert!(rows[0].unknown.is_empty(), "{:?}", rows[0].unknown);
}

#[test]
fn without_a_leaver_active_people_may_have_left() {
    let identity = SourceIdentity {
        id: "truto".into(),
        system: String::new(),
        endpoint: "raw".into(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: Vec::new(),
        statements: Default::default(),
        zone: crate::model::Zone::utc(),
    };
    let mut new_hire = employee();
    new_hire["id"] = json!("p9");
    new_hire["employment_status"] = json!("pending");
    for employees in [json!([employee()]), json!([employee(), new_hire])] {
        let page = json!({ "result": employees, "next_cursor": null }).to_string();
        let pages = pages::sort(&[RawFile::new("employees.json", page)], &LAYOUT).unwrap();
        let all = normalize(&identity, pages).unwrap();
        let person = &all.people.unwrap()[0];
        assert!(person.status.is_unknown() && person.end_date.is_unknown());
        assert!(!all.source.collection("employees").unwrap().complete);
    }
}

#[test]
fn employments_count_before_the_title_of_the_employee() {
    let employments = json!([
        { "id": "e1", "employee": { "id": "p1" }, "job_title": "Lead", "effective_date": "2025-01-01T00:00:00Z", "end_date": null, "updated_at": null },
    ]);
    let all = people(&[("employees.json", json!([employee()])), ("employments.json", employments)]);
    let rows = all[0].job_roles.known().unwrap();
    assert_eq!((rows.len(), rows[0].job_title.known().unwrap().as_str()), (1, "Lead"));
}

#[test]
fn what_a_part_of_an_employee_lacks_is_unknown() {
    let page = |partial: bool| json!({ "result": [employee()], "next_cursor": null, "is_partial_response": partial });
    assert_eq!(people(&[("employees.json", page(false))])[0].end_date, Fact::Empty);
    let partial = &people(&[("employees.json", page(true))])[0];
    assert!(partial.end_date.is_unknown() && partial.unknown["end_date"].contains("a part of each employee"));
    assert_eq!(partial.status, Fact::Known(EmploymentStatus::Active), "what is shown stands");
    let mut bare = employee();
    bare["manager"] = json!(null);
    bare["groups"] = json!([]);
    bare["employments"] = json!([{ "id": "e1", "job_title": null, "effective_date": "2024-01-01", "end_date": null }]);
    let row = |partial: bool| {
        let page = json!({ "result": [&bare], "next_cursor": null, "is_partial_response": partial });
        people(&[("employees.json", page)])[0].job_roles.known().unwrap()[0].clone()
    };
    let whole = row(false);
    assert_eq!((whole.manager, whole.department, whole.job_title), (Fact::Empty, Fact::Empty, Fact::Empty));
    let part = row(true);
    for (fact, is_unknown) in [
        ("manager", part.manager.is_unknown()),
        ("department", part.department.is_unknown()),
        ("job_title", part.job_title.is_unknown()),
        ("end_date", part.end_date.is_unknown()),
    ] {
        assert!(is_unknown && part.unknown[fact].contains("a part of each employee"), "{fact}: {part:?}");
    }
}

#[test]
fn the_end_of_an_earlier_employment_is_unknown_for_who_is_here() {
    let mut back = employee();
    back["termination_date"] = json!("2023-01-31");
    let mut left = back.clone();
    left["employment_status"] = json!("terminated");
    let end = |person: &Value| people(&[("employees.json", json!([person]))])[0].end_date;
    assert_eq!(end(&back), Fact::Unknown);
    assert_eq!(end(&left), Fact::Known("2023-01-31".parse().unwrap()));
}

#[test]
fn a_group_without_a_key_leaves_the_department_unknown() {
    for key in ["type", "name"] {
        let mut bare = employee();
        bare["groups"][0].as_object_mut().unwrap().remove(key);
        let row = people(&[("employees.json", json!([bare]))])[0].job_roles.known().unwrap()[0].clone();
        assert!(row.department.is_unknown() && row.unknown["department"].contains(key), "{row:?}");
    }
    let mut bare = employee();
    bare.as_object_mut().unwrap().remove("start_date");
    let row = people(&[("employees.json", json!([bare]))])[0].job_roles.known().unwrap()[0].clone();
    assert!(row.effective_date.is_unknown());
}

#[test]
fn a_row_without_a_person_may_be_anyones() {
    let rows = json!([{ "id": "e1", "job_title": "Lead", "effective_date": "2025-01-01", "end_date": null }]);
    let all = people(&[("employees.json", json!([employee()])), ("employments.json", rows)]);
    assert!(all[0].job_roles.is_unknown(), "{:?}", all[0].job_roles);
}

#[test]
fn what_is_not_given_is_unknown() {
    let all = people(&[("employees.json", json!([{ "id": "p1", "employment_status": "excluded" }]))]);
    let person = &all[0];
    assert!(person.status.is_unknown() && person.job_roles.is_unknown() && person.start_date.is_unknown());
    assert_eq!(person.work_email, Fact::Unknown);
}

#[test]
fn rows_that_are_named_or_unreadable_and_not_here_leave_job_roles_unknown() {
    let roles = |key: &str, value: Value, rows: Option<Value>| {
        let mut employee = employee();
        employee[key] = value;
        let mut files = vec![("employees.json", json!({ "result": [employee], "next_cursor": null }))];
        files.extend(rows.map(|rows| ("employments.json", json!({ "result": rows, "next_cursor": null }))));
        people(&files).remove(0).job_roles
    };
    let row = json!([{ "id": "e1", "employee": "p1", "job_title": "Lead", "effective_date": "2024-01-01" }]);
    assert!(!roles("employments", json!(["e1"]), Some(row.clone())).is_unknown());
    assert!(roles("employments", json!(["e1", { "id": "e2" }]), Some(row)).is_unknown());
    assert!(roles("employments", json!("e1"), None).is_unknown());
    assert!(roles("employments", json!([{ "effective_date": "2024-01-01" }, "e2"]), None).is_unknown());
    assert!(roles("job_title", json!(["Lead"]), None).is_unknown());
    assert_eq!(roles("job_title", json!(null), None), Fact::Known(Vec::new()));
}

#[test]
fn a_manager_who_cannot_be_read_is_unknown() {
    for (manager, is_unknown) in [(json!(5), true), (json!({ "name": "C" }), true), (json!(null), false)] {
        let mut employee = employee();
        employee["manager"] = manager.clone();
        let person = people(&[("employees.json", json!({ "result": [employee], "next_cursor": null }))]).remove(0);
        assert_eq!(person.unknown.contains_key("listed_manager"), is_unknown, "{manager}");
    }
}

#[test]
fn the_employment_in_effect_says_the_kind_of_contract() {
    let row = |id: &str, kind: Value, from: &str| json!({ "id": id, "employee": "p1", "job_title": "T", "employment_type": kind, "effective_date": from, "end_date": null });
    let kind = |employee: Value, rows: Option<Vec<Value>>, partial: bool| {
        let page = json!({ "result": [employee], "next_cursor": null, "is_partial_response": partial });
        let mut files = vec![("employees.json", page)];
        files.extend(rows.map(|rows| ("employments.json", json!({ "result": rows, "next_cursor": null }))));
        let person = people(&files).remove(0);
        let given = person.facts.get("employmentType").map(|value| serde_json::to_string(value).unwrap());
        (given.unwrap_or_default(), person.unknown.get("facts.employmentType").cloned().unwrap_or_default())
    };
    let (intern, employee_type) = (json!("internship"), json!("full_time"));
    let rows = vec![row("e1", intern.clone(), "2024-01-01"), row("e2", employee_type.clone(), "2025-01-01")];
    assert_eq!(kind(employee(), Some(rows), false).0, r#""employee""#);
    assert_eq!(kind(employee(), Some(vec![row("e1", json!("per_diem"), "2024-01-01")]), false).0, r#""other""#);
    let (given, reason) = kind(employee(), Some(vec![row("e1", json!("gig"), "2024-01-01")]), false);
    assert!(given.is_empty() && reason.contains("`gig` is not a word"), "{reason}");
    // Within the employee, unless the answer may leave some out.
    let mut inside = employee();
    inside["employments"] = json!([row("e1", intern, "2024-01-01")]);
    assert_eq!(kind(inside.clone(), None, false).0, r#""intern""#);
    assert_eq!(kind(inside, None, true).1, PARTIAL);
    assert_eq!(kind(employee(), None, false), (String::new(), String::new()));
}
