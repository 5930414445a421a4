use serde_json::{Value, json};

use super::*;
use crate::model::write;

fn document() -> Value {
    json!({
        "schema_version": "2",
        "organization": { "id": "acme", "name": "Acme Ltd", "time_zone": "Europe/London" },
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": [{
            "id": "humaans", "kind": "humaans", "endpoint": "humaans", "pulled_at": "2026-11-20T09:00:00Z",
            "token_scopes": ["public:read", "private:read"], "staff": "people",
            "collections": [{ "name": "people", "records": 1, "total": 1, "complete": true, "basis": "total" }]
        }],
        "people": [{
            "id": "p1", "source": "humaans", "name": "Ama Osei", "work_email": "ama@acme.example", "status": "active",
            "start_date": "2024-05-06", "end_date": null, "last_working_day": null,
            "job_roles": [{
                "id": "j1", "job_title": "Engineer", "department": "Platform", "manager": null,
                "effective_date": "2024-05-06", "end_date": null, "updated_at": null
            }]
        }],
        "systems": [{ "id": "humaans", "source": "humaans", "collection": "people" }],
        "accounts": [{
            "id": "p1", "system": "humaans", "source": "humaans", "email": "ama@acme.example", "person": "p1",
            "status": "active", "levels": ["user"], "class": null, "last_login": null
        }],
        "access_requests": []
    })
}

fn messages(document: &Value) -> Vec<String> {
    match snapshot("s.json", document.to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

#[test]
fn a_sound_document_is_read_and_written_canonically() {
    let read = snapshot("s.json", document().to_string().as_bytes()).unwrap();
    let bytes = write::to_json(&read).unwrap();
    assert_eq!(snapshot("s.json", &bytes).unwrap(), read);
    assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), document());
}

#[test]
fn all_problems_of_form_are_named_with_their_paths() {
    let mut bad = document();
    bad["people"][0]["start_date"] = json!("2024-02-30");
    bad["people"][0]["status"] = json!("gone");
    bad["people"][0]["salary"] = json!(1);
    bad["accounts"][0]["levels"] = json!("admin");
    let systems = bad["systems"].take();
    bad["sistems"] = systems;
    bad.as_object_mut().unwrap().remove("systems");
    let problems = snapshot("s.json", bad.to_string().as_bytes()).unwrap_err();
    let said = |problem: Diagnostic| problem.message + "\n" + problem.help.as_deref().unwrap_or_default();
    let messages = problems.into_iter().map(said).collect::<Vec<String>>().join("\n");
    assert!(!messages.contains("salary"), "a later version may have added it: {messages}");
    for expected in [
        "`$.people[0].start_date` (`p1`)",
        "`$.people[0].status` (`p1`): unknown value `gone`",
        "`$.accounts[0].levels` (`p1`)",
        "`$.systems` is missing",
        "did you mean `sistems`?",
    ] {
        assert!(messages.contains(expected), "{expected} is not in:\n{messages}");
    }
}

#[test]
fn all_problems_of_content_are_named_with_their_paths() {
    let mut bad = document();
    let person = bad["people"][0].clone();
    bad["people"].as_array_mut().unwrap().push(person);
    bad["accounts"][0]["system"] = json!("github");
    bad["accounts"][0]["person"] = json!("p9");
    bad["accounts"][0]["source"] = json!("nowhere");
    bad["accounts"][0].as_object_mut().unwrap().remove("levels");
    let messages = messages(&bad).join("\n");
    for expected in [
        "`$.people[1]` has the id `p1` of `$.people[0]`",
        "names the system `github`",
        "names the person `p9`",
        "names the source `nowhere`",
        "`$.accounts[0].levels` (`p1`) is missing and `$.accounts[0].unknown` does not say why",
    ] {
        assert!(messages.contains(expected), "{expected} is not in:\n{messages}");
    }
}

#[test]
fn another_version_is_refused_by_name() {
    let mut other = document();
    other["schema_version"] = json!("3");
    other["sources"][0]["collections"][0]["limits"] = json!("evidence");
    assert!(messages(&other)[0].contains("`$.schema_version` is \"3\""));
}

#[test]
fn complete_lists_of_version_1_are_assumed() {
    let mut old = document();
    old["schema_version"] = json!("1");
    old["sources"][0]["collections"][0].as_object_mut().unwrap().remove("basis");
    let read = snapshot("s.json", old.to_string().as_bytes()).unwrap();
    let list = &read.sources[0].collections[0];
    assert_eq!((list.complete, list.basis), (true, Some(crate::model::Basis::Assumed)));
    let written = write::to_json(&read).unwrap();
    assert_eq!(snapshot("s.json", &written).unwrap(), read, "it is written as this release's version");
}

#[test]
fn unknown_fields_are_skipped_in_this_version_and_in_later_minor_ones() {
    let mut later = document();
    later["news"] = json!([1]);
    later["organization"]["nick"] = json!("a");
    later["sources"][0]["region"] = json!("eu");
    later["sources"][0]["collections"][0]["shape"] = json!({ "deep": true });
    later["people"][0]["pronoun"] = json!("she");
    later["people"][0]["job_roles"][0]["grade"] = json!(7);
    later["accounts"][0]["hints"] = json!({ "badge": "x" });
    for version in ["2", "2.3"] {
        later["schema_version"] = json!(version);
        let read = super::document("s.json", later.to_string().as_bytes()).unwrap();
        assert_eq!(read.snapshot, snapshot("s.json", document().to_string().as_bytes()).unwrap());
        let warning = read.warning("s.json").unwrap();
        assert!(warning.message.contains("`accounts[].hints.badge`, `news`"), "{}", warning.message);
        assert_eq!(read.unknown_fields.len(), 7, "{:?}", read.unknown_fields);
    }
    later["people"][0]["status"] = json!("gone");
    assert!(messages(&later)[0].contains("`$.people[0].status`"));
}

#[test]
fn a_complete_list_says_on_which_basis() {
    let mut bad = document();
    bad["sources"][0]["collections"][0].as_object_mut().unwrap().remove("basis");
    assert!(messages(&bad)[0].contains("has no `basis`"));
    bad["sources"][0]["collections"][0]["complete"] = json!(false);
    assert_eq!(messages(&bad), [""; 0]);
    bad["sources"][0]["collections"][0]["basis"] = json!("total");
    assert!(messages(&bad)[0].contains("is not `complete`"));
}

#[test]
fn what_is_not_json_says_where_it_stops() {
    let problem = &snapshot("s.json", b"{\n  \"a\": nope\n}").unwrap_err()[0];
    assert_eq!(problem.position().unwrap(), "s.json:2:9");
    assert!(snapshot("s.json", b"").unwrap_err()[0].message.contains("empty"));
    assert!(snapshot("s.json", b"{\"a\":\xff}").unwrap_err()[0].message.contains("UTF-8"));
    let deep = "[".repeat(300);
    assert!(snapshot("s.json", deep.as_bytes()).unwrap_err()[0].message.contains("128 levels"));
}

#[test]
fn a_damaged_file_does_not_flood() {
    let mut bad = document();
    bad["people"] = json!(vec![json!({}); 500]);
    let messages = messages(&bad);
    assert!(messages.len() <= SHOWN + 1);
    assert!(messages.last().unwrap().contains("more problems"));
}

#[test]
fn a_complete_list_does_not_contradict_itself() {
    for (key, value) in [
        ("total", json!(7)),
        ("records", json!(70)),
        ("excluded", json!(1)),
        ("reasons", json!(["a page is missing"])),
        ("rejected", json!([{ "record": "x.json, record 1", "reason": "it has no `id`" }])),
    ] {
        let mut broken = document();
        let list = &mut broken["sources"][0]["collections"][0];
        let records = list["records"].clone();
        list["total"] = records;
        assert!(messages(&broken).is_empty(), "{:?}", messages(&broken));
        broken["sources"][0]["collections"][0][key] = value;
        let said = messages(&broken);
        assert!(said.len() == 1 && said[0].contains("$.sources[0].collections[0]"), "{key}: {said:?}");
    }
}

#[test]
fn an_unknown_manager_beside_the_job_roles_has_a_reason() {
    let mut document = document();
    document["people"][0].as_object_mut().unwrap().remove("listed_manager");
    document["people"][0]["unknown"]["listed_manager"] = json!("two records differ");
    assert!(messages(&document).is_empty(), "{:?}", messages(&document));
    document["people"][0]["listed_manager"] = json!("p2");
    assert!(messages(&document)[0].contains("lists `listed_manager`, which is given"), "{:?}", messages(&document));
}
