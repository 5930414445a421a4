use super::*;
use crate::model::EmploymentStatus;

fn person(source: &str, more: serde_json::Value) -> Person {
    let mut person = serde_json::json!({
        "id": "p1", "source": source, "name": "A", "employee_number": "7", "work_email": "a@x.example",
        "status": "active", "start_date": "2024-01-01", "end_date": null, "last_working_day": null,
        "job_roles": [{ "id": format!("{source}-1"), "job_title": "Engineer", "department": "Platform",
            "manager": "p2", "effective_date": "2024-01-01", "end_date": null, "updated_at": null }],
    });
    for (key, value) in more.as_object().unwrap() {
        match value {
            serde_json::Value::String(text) if text == "(unknown)" => {
                person.as_object_mut().unwrap().remove(key);
                person["unknown"][key] = "unreadable".into();
            }
            value => person[key] = value.clone(),
        }
    }
    serde_json::from_value(person).unwrap()
}

fn list(source: &str, more: serde_json::Value, not_given: &[&str]) -> StaffList {
    StaffList {
        source: source.to_owned(),
        people: vec![person(source, more)],
        not_given: BTreeMap::from([("p1".to_owned(), not_given.iter().map(|fact| (*fact).to_owned()).collect())]),
        day: "2026-11-20".parse().unwrap(),
    }
}

fn joined(lists: Vec<StaffList>) -> (Person, Vec<Diagnostic>) {
    let mut warnings = Vec::new();
    let mut people = join(lists, &mut warnings);
    assert_eq!(people.len(), 1);
    (people.remove(0), warnings)
}

const LEFT: Fact<EmploymentStatus> = Fact::Known(EmploymentStatus::Offboarded);

#[test]
fn only_what_the_first_list_does_not_give_is_filled() {
    let (unknown, left) = (serde_json::json!({ "status": "(unknown)" }), serde_json::json!({ "status": "offboarded" }));
    let (one, _) = joined(vec![list("a", unknown.clone(), &["status"]), list("b", left.clone(), &[])]);
    assert_eq!((one.status, one.supplied["status"].as_str()), (LEFT, "b"));
    let (one, warnings) = joined(vec![list("a", unknown.clone(), &[]), list("b", left.clone(), &[])]);
    assert!(one.status.is_unknown() && one.unknown["status"] == "unreadable" && warnings.is_empty());
    // What the second list shows and cannot be read is not that of the third.
    let lists =
        vec![list("a", unknown.clone(), &["status"]), list("b", unknown.clone(), &[]), list("c", left.clone(), &[])];
    assert!(joined(lists).0.status.is_unknown());
    let lists = vec![list("a", unknown.clone(), &["status"]), list("b", unknown, &["status"]), list("c", left, &[])];
    assert_eq!(joined(lists).0.status, LEFT);
}

#[test]
fn facts_that_differ_are_unknown_and_both_sources_are_named() {
    for (fact, value) in [
        ("status", serde_json::json!("offboarded")),
        ("end_date", serde_json::json!("2026-12-31")),
        ("start_date", serde_json::json!(null)),
        ("work_email", serde_json::json!("b@x.example")),
        ("employee_number", serde_json::json!("8")),
    ] {
        let further = list("b", serde_json::json!({ fact: value }), &[]);
        let (one, warnings) = joined(vec![list("a", serde_json::json!({}), &[]), further]);
        assert_eq!(one.unknown[fact], "the source `a` and the source `b` differ");
        assert!(warnings.len() == 1 && warnings[0].message.contains(fact), "{warnings:?}");
    }
    let further = list("b", serde_json::json!({ "name": "B", "work_email": "A@X.example" }), &[]);
    assert!(joined(vec![list("a", serde_json::json!({}), &[]), further]).0.unknown.is_empty());
}

#[test]
fn the_job_roles_of_the_day_are_compared() {
    let with = |key: &str, value: serde_json::Value| {
        let mut rows = serde_json::to_value(person("b", serde_json::json!({})).job_roles.known()).unwrap();
        rows[0][key] = value;
        let further = list("b", serde_json::json!({ "job_roles": rows }), &[]);
        joined(vec![list("a", serde_json::json!({}), &[]), further]).0
    };
    for (key, value) in [("job_title", "Lead"), ("department", "Finance"), ("manager", "p3")] {
        let one = with(key, value.into());
        let row = &one.job_roles.known().unwrap()[0];
        assert_eq!(row.unknown[key], "the source `a` and the source `b` differ");
    }
    assert!(with("job_title", "engineer".into()).job_roles.known().unwrap()[0].unknown.is_empty());
    assert!(with("effective_date", "2027-01-01".into()).job_roles.known().unwrap()[0].unknown.is_empty());
}

#[test]
fn a_manager_whom_the_first_list_denies_or_cannot_read_is_unknown() {
    let named = || list("b", serde_json::json!({ "listed_manager": "p9" }), &[]);
    let (one, _) = joined(vec![list("a", serde_json::json!({}), &[LISTED_MANAGER]), named()]);
    assert_eq!(one.listed_manager.as_deref(), Some("p9"));
    for first in [serde_json::json!({}), serde_json::json!({ LISTED_MANAGER: "(unknown)" })] {
        let (one, _) = joined(vec![list("a", first, &[]), named()]);
        assert!(one.listed_manager.is_none() && one.unknown.contains_key(LISTED_MANAGER), "{one:?}");
    }
    let (one, _) = joined(vec![named(), list("b", serde_json::json!({}), &[])]);
    assert!(one.listed_manager.is_none() && one.unknown.contains_key(LISTED_MANAGER), "{one:?}");
}
