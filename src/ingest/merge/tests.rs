use serde_json::json;

use super::*;
use crate::{
    files::RawFile,
    ingest::{Statements, pages},
    model::{Basis, EmploymentStatus, Fact, MayLack, Person},
};

fn employee(id: &str, more: &Value) -> Value {
    let mut employee = json!({
        "id": id, "remote_id": format!("per-{id}"), "first_name": "A", "last_name": id, "preferred_name": null,
        "employee_number": format!("N-{id}"), "work_email": format!("{id}@x.example"), "groups": [], "manager": null,
        "hire_date": null, "start_date": "2024-05-06T00:00:00Z", "employment_status": "ACTIVE",
        "termination_date": null, "remote_was_deleted": false, "ssn": "DROPME", "modified_at": "2026-01-01T00:00:00Z",
    });
    for (key, value) in more.as_object().unwrap() {
        match value {
            Value::String(text) if text == "(no key)" => {
                employee.as_object_mut().unwrap().remove(key);
            }
            value => employee[key] = value.clone(),
        }
    }
    employee
}

fn employment(id: &str, employee: Value, title: &str, from: &str) -> Value {
    json!({ "id": id, "employee": employee, "job_title": title, "effective_date": from, "pay_rate": 987654321,
            "remote_was_deleted": false, "modified_at": "2026-01-01T00:00:00Z" })
}

fn synced(model: &str, status: &str) -> Value {
    json!({ "model_name": model, "model_id": format!("hris.{model}"), "status": status, "is_initial_sync": false,
            "last_sync_finished": "2026-11-20T06:00:00Z" })
}

fn read(employees: &[Value], employments: &[Value], status: &str) -> Normalized {
    let reason = Some("a leaver was looked up".to_owned());
    read_stated(employees, employments, status, Statements { sees_leavers: true, reason, ..Default::default() })
}

fn read_stated(employees: &[Value], employments: &[Value], status: &str, statements: Statements) -> Normalized {
    let page = |results: &[Value]| json!({ "next": null, "previous": null, "results": results }).to_string();
    let groups = [
        json!({ "id": "g1", "name": "Platform", "type": "DEPARTMENT", "remote_was_deleted": false }),
        json!({ "id": "g2", "name": "Football", "type": "TEAM", "remote_was_deleted": false }),
        json!({ "id": "g3", "name": "Finance", "type": "DEPARTMENT", "remote_was_deleted": false }),
        json!({ "id": "g4", "name": "Sales", "type": "DEPARTMENT" }),
    ];
    let statuses = [synced("Employee", status), synced("Employment", "DONE"), synced("Group", "DONE")];
    let files = [
        RawFile::new("employees.json", page(employees)),
        RawFile::new("employments.json", page(employments)),
        RawFile::new("groups.json", page(&groups)),
        RawFile::new("sync-status.json", page(&statuses)),
    ];
    let identity = SourceIdentity {
        zone: crate::model::Zone::utc(),
        id: "merge".into(),
        system: String::new(),
        endpoint: "raw".into(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: Vec::new(),
        statements,
    };
    normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap()
}

fn people(employees: &[Value], employments: &[Value]) -> Vec<Person> {
    read(employees, employments, "DONE").people.unwrap()
}

#[test]
fn the_hris_id_is_the_persons_and_merges_own_only_finds_the_manager() {
    let all = people(
        &[
            employee("m1", &json!({ "manager": { "id": "m2", "first_name": "B" }, "groups": ["g1", { "id": "g2" }] })),
            employee("m2", &json!({ "manager": "m9" })),
        ],
        &[
            employment("e1", json!("m1"), "Engineer", "2024-05-06T00:00:00Z"),
            employment("e2", json!({ "id": "m2" }), "Lead", "2024-05-06"),
        ],
    );
    let row = |at: usize| &all[at].job_roles.known().unwrap()[0];
    assert_eq!(all[0].id, "per-m1");
    assert_eq!(row(0).manager, Fact::Known("per-m2".into()));
    assert_eq!(row(0).department, Fact::Known("Platform".into()));
    assert_eq!(row(0).effective_date, Fact::Known("2024-05-06".parse().unwrap()), "midnight is a date");
    assert_eq!(row(1).manager, Fact::Known("m9".into()), "somebody who is not there");
    assert_eq!(all[1].start_date, Fact::Known("2024-05-06".parse().unwrap()));
    assert!(!format!("{all:?}").contains("DROPME"));
}

#[test]
fn words_outside_the_list_are_unknown() {
    let statuses = ["ACTIVE", "PENDING", "INACTIVE", "on sabbatical"];
    let employees: Vec<Value> = statuses
        .iter()
        .enumerate()
        .map(|(at, status)| employee(&format!("m{at}"), &json!({ "employment_status": status })))
        .collect();
    let read: Vec<Fact<EmploymentStatus>> = people(&employees, &[]).into_iter().map(|person| person.status).collect();
    assert_eq!(
        read,
        [
            Fact::Known(EmploymentStatus::Active),
            Fact::Known(EmploymentStatus::NewHire),
            Fact::Known(EmploymentStatus::Offboarded),
            Fact::Unknown
        ]
    );
}

#[test]
fn deleted_rows_are_left_out_and_counted_and_those_without_an_id_of_their_own_rejected() {
    let all = read(
        &[
            employee("m1", &json!({})),
            employee("m2", &json!({ "remote_was_deleted": true })),
            employee("m3", &json!({ "remote_id": null })),
            employee("m4", &json!({ "remote_id": "per-m1", "employment_status": "INACTIVE" })),
        ],
        &[],
        "DONE",
    );
    let person = &all.people.as_ref().unwrap()[0];
    assert_eq!(all.people.as_ref().unwrap().len(), 1);
    // Two records of one person that differ.
    assert!(person.status.is_unknown(), "{person:?}");
    assert_eq!(person.unknown["status"], "the employee `m1` and the employee `m4` differ");
    let list = all.source.collection("employees").unwrap();
    assert_eq!((list.records, list.excluded, list.rejected.len(), list.complete), (2, 1, 1, false));
}

#[test]
fn a_sync_that_is_not_done_makes_the_list_incomplete_and_its_age_counts() {
    let done = read(&[employee("m1", &json!({}))], &[], "DONE");
    assert!(done.source.collection("employees").unwrap().complete);
    assert_eq!(done.source.pulled_at.to_string(), "2026-11-20T06:00:00Z");
    for status in ["PARTIALLY_SYNCED", "FAILED", "SYNCING", "WHATEVER"] {
        let list = read(&[employee("m1", &json!({}))], &[], status);
        let list = list.source.collection("employees").unwrap();
        assert!(!list.complete && list.reasons[0].contains(status), "{list:?}");
    }
}

#[test]
fn an_end_before_the_beginning_is_unknown_for_who_is_here_and_known_for_who_left() {
    let end = json!({ "termination_date": "2023-01-31T00:00:00Z" });
    let left = json!({ "termination_date": "2023-01-31T00:00:00Z", "employment_status": "INACTIVE" });
    let all = people(&[employee("m1", &end), employee("m2", &left)], &[]);
    assert!(all[0].end_date.is_unknown() && all[0].unknown["end_date"].contains("earlier employment"));
    assert_eq!(all[1].end_date, Fact::Known("2023-01-31".parse().unwrap()));
}

#[test]
fn several_departments_and_missing_keys_are_unknown() {
    let all = people(
        &[employee("m1", &json!({ "groups": ["g1", "g3"], "manager": "(no key)", "work_email": "(no key)" }))],
        &[employment("e1", json!("m1"), "Engineer", "2024-05-06T00:00:00Z")],
    );
    let row = &all[0].job_roles.known().unwrap()[0];
    assert!(row.department.is_unknown() && row.manager.is_unknown() && all[0].work_email.is_unknown());
    assert!(row.unknown["department"].contains("Finance, Platform"));
}

#[test]
fn without_a_leaver_active_people_may_have_left() {
    let employees = |more: Value| [employee("m1", &json!({})), employee("m2", &more)];
    let read = |more: Value, statements| read_stated(&employees(more), &[], "DONE", statements);
    let weak = read(json!({}), Statements::default());
    let person = &weak.people.as_ref().unwrap()[0];
    assert!(person.status.is_unknown() && person.end_date.is_unknown(), "{person:?}");
    assert!(person.unknown["status"].contains("sees_leavers: true"), "{:?}", person.unknown);
    let list = weak.source.collection("employees").unwrap();
    assert_eq!((list.complete, list.may_lack), (false, MayLack::LeaversAndNewHires));
    assert!(weak.warnings.iter().any(|warning| warning.message.contains("no leaver")));
    // A current person may have a last day to come.
    let fixed_term = read(json!({ "termination_date": "2027-10-31T00:00:00Z" }), Statements::default());
    assert!(fixed_term.people.as_ref().unwrap()[0].status.is_unknown());
    for new_hire in [json!({ "employment_status": "PENDING" }), json!({ "start_date": "2026-12-01T00:00:00Z" })] {
        let weak = read(new_hire.clone(), Statements::default());
        assert!(weak.people.unwrap()[0].status.is_unknown(), "{new_hire}");
        assert!(!weak.source.collection("employees").unwrap().complete, "{new_hire}");
    }
    for seen in [json!({ "employment_status": "INACTIVE" }), json!({ "termination_date": "2026-10-31T00:00:00Z" })] {
        let strong = read(seen.clone(), Statements::default());
        assert_eq!(strong.people.unwrap()[0].status, Fact::Known(EmploymentStatus::Active), "{seen}");
        assert_eq!(strong.source.collection("employees").unwrap().basis, Some(Basis::LastPage));
    }
    let reason = Some("a leaver was looked up".to_owned());
    let stated = read(json!({}), Statements { sees_leavers: true, reason: reason.clone(), ..Default::default() });
    assert_eq!(stated.people.unwrap()[0].end_date, Fact::Empty);
    let list = stated.source.collection("employees").unwrap();
    assert_eq!((list.basis, &list.stated_reason), (Some(Basis::Stated), &reason));
}

#[test]
fn employments_of_people_who_are_not_listed_make_the_list_incomplete() {
    let all = read(
        &[employee("m1", &json!({}))],
        &[employment("e1", json!("m9"), "Engineer", "2024-05-06T00:00:00Z")],
        "DONE",
    );
    let list = all.source.collection("employees").unwrap();
    assert!(!list.complete && list.reasons[0].contains("`e1` names `m9`"), "{list:?}");
    assert_eq!(list.may_lack, MayLack::Anyone);
}

#[test]
fn employments_that_employees_name_and_that_are_not_here_leave_job_roles_unknown() {
    let named = |ids: Value| {
        let row = employment("e1", json!("m1"), "Engineer", "2024-05-06T00:00:00Z");
        read(&[employee("m1", &json!({ "employments": ids }))], &[row], "DONE")
    };
    assert!(!named(json!(["e1"])).people.unwrap()[0].job_roles.is_unknown());
    for ids in [json!(["e1", "e9"]), json!([{ "id": "e9" }])] {
        let all = named(ids);
        let list = all.source.collection("employments").unwrap();
        assert!(!list.complete && list.reasons[0].contains("`e9` of `m1`"), "{list:?}");
        assert!(all.people.unwrap()[0].job_roles.is_unknown());
    }
}

#[test]
fn a_manager_who_is_unknown_is_not_none() {
    let all = people(
        &[
            employee("m1", &json!({ "manager": "(no key)" })),
            employee("m2", &json!({ "manager": 5 })),
            employee("m3", &json!({ "manager": "m1" })),
            employee("m4", &json!({ "remote_id": "per-m3", "manager": "m2" })),
            employee("m5", &json!({})),
        ],
        &[],
    );
    let of = |id: &str| all.iter().find(|person| person.id == id).unwrap();
    for id in ["per-m1", "per-m2", "per-m3"] {
        assert!(of(id).listed_manager.is_none() && of(id).unknown.contains_key("listed_manager"), "{:?}", of(id));
    }
    assert!(!of("per-m5").unknown.contains_key("listed_manager"), "null says that there is none");
}

#[test]
fn a_row_that_does_not_say_whether_it_is_gone_decides_nothing() {
    let left = json!({ "employment_status": "INACTIVE", "termination_date": "2026-10-31T00:00:00Z" });
    for flag in [json!("(no key)"), json!(null), json!("false")] {
        let mut more = left.clone();
        more["remote_was_deleted"] = flag.clone();
        let employees = [employee("m1", &json!({})), employee("m2", &more)];
        let all = read_stated(&employees, &[], "DONE", Statements::default());
        let [here] = all.people.as_deref().unwrap() else { panic!("{:?}", all.people) };
        let list = all.source.collection("employees").unwrap();
        assert_eq!((list.complete, list.rejected.len()), (false, 1), "{flag}");
        assert_eq!(list.rejected[0].reason, "it has no `remote_was_deleted`");
        // It may be gone, and then it is no leaver in sight.
        assert!(here.status.is_unknown() && list.may_lack.is_anyone(), "{flag}: {here:?}");
    }
    let mut row = employment("e1", json!("m1"), "Engineer", "2024-05-06T00:00:00Z");
    row.as_object_mut().unwrap().remove("remote_was_deleted");
    let all = people(&[employee("m1", &json!({})), employee("m2", &json!({}))], &[row]);
    assert!(all[0].job_roles.is_unknown() && all[0].unknown["job_roles"].contains("`e1`"), "{:?}", all[0]);
    assert_eq!(all[1].job_roles, Fact::Known(Vec::new()));
    let row = employment("e1", json!("m1"), "Engineer", "2024-05-06T00:00:00Z");
    let all = people(&[employee("m1", &json!({ "groups": ["g4"] }))], &[row]);
    let rows = all[0].job_roles.known().unwrap();
    assert!(rows[0].department.is_unknown() && rows[0].unknown["department"].contains("`g4`"), "{:?}", rows[0]);
}

#[test]
fn a_group_within_an_employee_that_is_gone_is_no_department() {
    let of = |group: Value| {
        let employees = [employee("m1", &json!({ "groups": ["g2", group] }))];
        let all = people(&employees, &[employment("e1", json!("m1"), "Engineer", "2024-05-06")]);
        all[0].job_roles.known().unwrap()[0].clone()
    };
    let sales =
        |deleted: Value| json!({ "id": "g9", "name": "Sales", "type": "DEPARTMENT", "remote_was_deleted": deleted });
    assert_eq!(of(sales(json!(false))).department, Fact::Known("Sales".into()));
    assert_eq!(of(sales(json!(true))).department, Fact::Empty);
    for (group, reason) in [
        (sales(json!(null)), "no `remote_was_deleted` for `g9`"),
        (json!({ "id": "g9", "name": "Sales", "type": "DEPARTMENT" }), "no `remote_was_deleted` for `g9`"),
        (json!({ "id": "g1", "remote_was_deleted": true }), "differ in whether the group `g1` is gone"),
    ] {
        let role = of(group);
        assert!(role.department.is_unknown() && role.unknown["department"].contains(reason), "{role:?}");
    }
}

#[test]
fn the_employment_in_effect_says_the_kind_of_contract() {
    let row = |id: &str, kind: Value, from: &str| {
        let mut row = employment(id, json!("m1"), "T", from);
        row["employment_type"] = kind;
        row
    };
    let kind = |rows: &[Value]| {
        let person = people(&[employee("m1", &json!({}))], rows).remove(0);
        let given = person.facts.get("employmentType").map(|value| serde_json::to_string(value).unwrap());
        (given.unwrap_or_default(), person.unknown.get("facts.employmentType").cloned().unwrap_or_default())
    };
    let (contractor, full) = (json!("FREELANCE"), json!("FULL_TIME"));
    let past = row("e1", contractor, "2024-01-01T00:00:00Z");
    assert_eq!(kind(std::slice::from_ref(&past)).0, r#""contractor""#);
    assert_eq!(kind(&[past.clone(), row("e2", full.clone(), "2025-01-01T00:00:00Z")]).0, r#""employee""#);
    assert_eq!(kind(&[past.clone(), row("e2", full.clone(), "2027-01-01T00:00:00Z")]).0, r#""contractor""#);
    for (row, said) in [
        (row("e2", json!("Zero hours"), "2025-01-01T00:00:00Z"), "is not a word that tenure knows"),
        (row("e2", json!(null), "2025-01-01T00:00:00Z"), "`employments.employment_type` is empty"),
        (row("e2", full.clone(), "soon"), "the first day of one is unknown"),
    ] {
        let (given, reason) = kind(&[past.clone(), row]);
        assert!(given.is_empty() && reason.contains(said), "{given} {reason}");
    }
    let mut undecided = row("e2", full, "2025-01-01T00:00:00Z");
    undecided.as_object_mut().unwrap().remove("remote_was_deleted");
    assert!(kind(&[past, undecided]).1.contains("it may be gone"));
    // Where no row has the key, it is not given.
    assert_eq!(kind(&[employment("e1", json!("m1"), "T", "2024-01-01T00:00:00Z")]), (String::new(), String::new()));
}
