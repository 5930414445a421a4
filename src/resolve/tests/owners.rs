//! Whose an account is, where evidence is missing, old or contradicts a declaration.

use super::*;
use crate::{diagnostic::Code, model::MayLack};

/// The owner and the declaration of the account `a` on the day, where these assumptions hold.
fn with_assumptions(
    assumptions: &str,
    data: &str,
    people: &[Value],
    account: Value,
    complete: bool,
) -> (Fact<usize>, Fact<DeclarationStatus>) {
    let snapshot = snapshot(people, &[account], &[], complete);
    let bundle = bundle(&format!("assumptions: [{assumptions}]\n---\n{data}"));
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    let account = resolved.account("git/a").unwrap();
    (account.owner, account.declaration)
}

#[test]
fn an_address_of_several_people_refutes_the_assumption_that_it_is_unique() {
    let shared = |id: &str, end: Value| person(id, json!({ "work_email": "x@acme.example", "end_date": end }));
    let people = [shared("p1", json!(null)), shared("p2", json!("2025-01-31"))];
    let account = || account("a", json!({ "email": "x@acme.example" }));
    let owner = |people: &[Value], complete| {
        with_assumptions("work-email-unique", "people: []\n", people, account(), complete).0
    };
    assert_eq!(owner(&people, true), Fact::Known(0));
    assert_eq!(owner(&people, false), Fact::Unknown, "a third person may have it");
    assert_eq!(owner(&people[..1], false), Fact::Known(0));
}

#[test]
fn an_assumption_covers_an_address_or_number_that_only_the_account_has() {
    let people = [person("p1", json!({ "employee_number": "N-1" }))];
    for hints in [json!({ "addresses": ["second@acme.example"] }), json!({ "employee_number": "N-9" })] {
        let account = || account("a", json!({ "email": "p1@acme.example", "hints": hints }));
        let assumptions = "work-email-unique, employee-number-unique";
        let owner = |complete| with_assumptions(assumptions, "people: []\n", &people, account(), complete).0;
        assert_eq!((owner(true), owner(false)), (Fact::Known(0), Fact::Known(0)), "{hints}");
        let owner = with_assumptions("", "people: []\n", &people, account(), false).0;
        assert_eq!(owner, Fact::Unknown, "a person not listed may have {hints}");
    }
}

#[test]
fn a_spelling_of_none_is_no_employee_number() {
    for number in ["n/a", "-", "none", "TBD", "000"] {
        let people = [person("p1", json!({ "employee_number": number }))];
        let account = account("a", json!({ "email": null, "hints": { "employee_number": number } }));
        let owner = with_assumptions("employee-number-unique", "people: []\n", &people, account, true).0;
        assert_eq!(owner, Fact::Empty, "{number}");
    }
    let people = [person("p1", json!({ "employee_number": "N-1" }))];
    let account = account("a", json!({ "email": null, "hints": { "employee_number": "N-1" } }));
    let owner = with_assumptions("employee-number-unique", "people: []\n", &people, account, true).0;
    assert_eq!(owner, Fact::Known(0));
}

#[test]
fn a_declaration_is_contradicted_by_each_fact_that_names_only_others() {
    let people = [person("p1", json!({})), person("person-2", json!({}))];
    let data = "accounts:\n- { system: git, account: a, person: p1 }\n";
    let declaration = |account| with_assumptions("declarations-hold", data, &people, account, true).1;
    let named = |email: Value| account("a", json!({ "email": email, "hints": { "external_id": "person-2" } }));
    let mut open = named(json!(null));
    open.as_object_mut().unwrap().remove("email");
    open["unknown"] = json!({ "email": "not given" });
    assert_eq!(declaration(open), Fact::Known(DeclarationStatus::Contradicted), "whatever the address is");
    assert_eq!(declaration(named(json!(null))), Fact::Known(DeclarationStatus::Contradicted));
    // One fact that names p1 does not settle another one that names another person.
    assert_eq!(declaration(named(json!("p1@acme.example"))), Fact::Known(DeclarationStatus::Contradicted));
    let alone = account("a", json!({ "email": "p1@acme.example" }));
    assert_eq!(declaration(alone), Fact::Known(DeclarationStatus::Consistent));
}

#[test]
fn an_address_that_may_be_private_contradicts_nothing_for_certain() {
    let people = [person("p1", json!({})), person("person-2", json!({}))];
    let hints = json!({ "addresses": ["person-2@acme.example"] });
    let declared = "accounts:\n- { system: git, account: a, person: p1 }\n";
    for (unknown, owner, declaration) in [
        (json!({}), Fact::Empty, Fact::Known(DeclarationStatus::Contradicted)),
        (json!({ "addresses": "one of them has no `type`" }), Fact::Unknown, Fact::Unknown),
    ] {
        let account = || account("a", json!({ "email": "p1@acme.example", "hints": hints, "unknown": unknown }));
        let of = |data| with_assumptions("declarations-hold", data, &people, account(), true);
        assert_eq!((of("people: []\n").0, of(declared).1), (owner, declaration), "{unknown}");
    }
}

#[test]
fn an_acknowledged_contradiction_stays_so_only_if_no_unknown_fact_can_name_a_third_person() {
    let people = [person("p1", json!({})), person("person-2", json!({})), person("p3", json!({}))];
    let data = "accounts:\n- { system: git, account: a, person: p1, despite: person-2, reason: agreed, reviewed_on: 2026-10-01 }\n";
    let hints = json!({ "external_id": "person-2", "addresses": ["second@acme.example"] });
    let account = || account("a", json!({ "hints": hints }));
    let declaration = |assumed, complete| with_assumptions(assumed, data, &people, account(), complete).1;
    assert_eq!(declaration("", true), Fact::Known(DeclarationStatus::Acknowledged));
    assert_eq!(declaration("", false), Fact::Unknown, "a person not listed may have the second address");
    assert_eq!(declaration("declarations-hold", true), Fact::Known(DeclarationStatus::Acknowledged));
}

#[test]
fn an_account_of_nobody_has_no_requests_even_if_one_cannot_be_read() {
    let request = json!({ "id": "t", "source": "hr", "system": "git", "levels": ["admin"], "status": "approved",
                          "created": null, "expires": null, "unknown": { "person": "not given" } });
    let people = [person("p1", json!({}))];
    let accounts = [account("a", json!({})), account("b", json!({ "person": "p1" }))];
    let snapshot = snapshot(&people, &accounts, &[request], true);
    let bundle = bundle("waivers: []\n");
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    let requests = |account| resolved.account(account).unwrap().requests.clone();
    assert_eq!((requests("git/a"), requests("git/b")), (Fact::Known(Vec::new()), Fact::Unknown));
}

#[test]
fn an_address_in_two_staff_lists_is_of_no_certain_person() {
    let account = account("a", json!({ "email": "x@acme.example" }));
    let shared = |id: &str, end: Value| person(id, json!({ "work_email": "x@acme.example", "end_date": end }));
    let people = [shared("p1", json!(null)), shared("p2", json!("2025-01-31"))];
    let mut snapshot = snapshot(&people, &[account], &[], true);
    let bundle = bundle("waivers: []\n");
    let owner = |snapshot: &Snapshot| on(snapshot, &bundle, "2026-11-20").account("git/a").unwrap().owner;
    assert_eq!(owner(&snapshot), Fact::Known(0), "a re-hired person has two records in one list");
    snapshot.people[1].source = "hr-2".to_owned();
    assert_eq!(owner(&snapshot), Fact::Unknown, "no list says whether they are one person");
}

/// The owner of the account `a` on a day, by a staff list that can only lack leavers and new hires.
fn owner_without_leavers(data: &str, people: &[Value], account: Value, day: &str) -> Fact<usize> {
    let mut snapshot = snapshot(people, &[account], &[], false);
    snapshot.sources[0].collections[0].may_lack = MayLack::LeaversAndNewHires;
    let bundle = bundle(&format!("assumptions: []\n---\n{data}"));
    on(&snapshot, &bundle, day).account("git/a").unwrap().owner
}

#[test]
fn an_external_id_may_be_that_of_a_person_who_is_not_listed() {
    let people = [person("p1", json!({}))];
    let account = || account("a", json!({ "email": "p1@acme.example", "hints": { "external_id": "person-9" } }));
    let owner = |complete| with_assumptions("work-email-unique", "people: []\n", &people, account(), complete).0;
    assert_eq!((owner(true), owner(false)), (Fact::Known(0), Fact::Unknown));
}

#[test]
fn leavers_who_are_not_listed_give_way_on_the_day_of_the_list_only() {
    let people = [person("p1", json!({}))];
    let owner = |day: &str| {
        let account = account("a", json!({ "email": "p1@acme.example" }));
        owner_without_leavers("people: []\n", &people, account, day)
    };
    assert_eq!(owner("2026-11-20"), Fact::Known(0));
    assert_eq!(owner("2026-11-19"), Fact::Unknown, "a leaver of the 20th was current then");
    assert_eq!(owner("2026-11-21"), Fact::Unknown, "a new hire may have started since");
}

#[test]
fn leavers_who_are_not_listed_do_not_give_way_to_a_further_address() {
    let people = [person("p1", json!({}))];
    let extra = account("a", json!({ "email": "old@acme.example" }));
    let declared = "people:\n- { id: p1, emails: [old@acme.example] }\n";
    assert_eq!(owner_without_leavers(declared, &people, extra, "2026-11-20"), Fact::Unknown);
    let second = json!({ "email": "p1@acme.example", "hints": { "addresses": ["second@acme.example"] } });
    assert_eq!(owner_without_leavers("people: []\n", &people, account("a", second), "2026-11-20"), Fact::Unknown);
}

#[test]
fn a_person_without_a_known_address_gives_way_unless_they_may_be_current() {
    let mut other = person("p2", json!({ "unknown": { "work_email": "not given" } }));
    other.as_object_mut().unwrap().remove("work_email");
    let owner = |changes: Value| {
        let mut other = other.clone();
        merge(&mut other, changes);
        let account = account("a", json!({ "email": "p1@acme.example" }));
        with_assumptions("", "people: []\n", &[person("p1", json!({})), other], account, true).0
    };
    assert_eq!(owner(json!({})), Fact::Unknown);
    assert_eq!(owner(json!({ "end_date": "2026-11-20" })), Fact::Unknown, "the last day counts");
    for left in [
        json!({ "status": "offboarded" }),
        json!({ "end_date": "2026-11-19" }),
        json!({ "start_date": "2026-11-21", "status": "new-hire" }),
    ] {
        assert_eq!(owner(left.clone()), Fact::Known(0), "{left}");
    }
}

#[test]
fn an_old_review_acknowledges_nothing() {
    let people = [person("p1", json!({})), person("person-2", json!({}))];
    let reviewed = |day: &str, limit: &str| {
        let data = format!(
            "assumptions: [declarations-hold]\nreview_max_age: {limit}\n---\naccounts:\n\
             - {{ system: git, account: a, person: p1, despite: person-2, reason: agreed, reviewed_on: {day} }}\n"
        );
        let account = account("a", json!({ "email": "person-2@acme.example" }));
        let (snapshot, bundle) = (snapshot(&people, &[account], &[], true), bundle(&data));
        let resolved = on(&snapshot, &bundle, "2026-11-20");
        let codes: Vec<Code> =
            resolved.notes.iter().map(|note| note.code).filter(|code| *code != Code::Assumption).collect();
        let account = resolved.account("git/a").unwrap();
        (account.declaration, account.withheld.as_deref().unwrap_or_default().to_owned(), codes)
    };
    let acknowledged = reviewed("2025-11-19", "366d");
    assert_eq!(acknowledged.0, Fact::Known(DeclarationStatus::Acknowledged));
    assert_eq!((acknowledged.1.as_str(), acknowledged.2.as_slice()), ("", &[Code::AcknowledgedContradiction][..]));
    for (day, limit, why) in [
        ("2025-11-18", "366d", "no longer counts (`review_max_age` is 366d)"),
        ("2026-10-01", "4w", "no longer counts (`review_max_age` is 28d)"),
        ("2026-11-21", "366d", "is still to come"),
    ] {
        let (declaration, withheld, codes) = reviewed(day, limit);
        assert_eq!(declaration, Fact::Known(DeclarationStatus::Contradicted), "{day}");
        assert!(withheld.contains(why) && withheld.contains("set `reviewed_on`"), "{withheld}");
        assert_eq!(codes, [Code::ContradictedDeclaration], "{day}");
    }
}

#[test]
fn an_address_that_belonged_to_a_leaver_is_noted() {
    let shared = |id: &str, with: Value| {
        let mut person = person(id, with);
        person["work_email"] = json!("shared@acme.example");
        person
    };
    let left = |id: &str| shared(id, json!({ "status": "offboarded", "end_date": "2025-01-31" }));
    let notes = |people: &[Value], account: Value| -> Vec<String> {
        let (snapshot, bundle) = (snapshot(people, &[account], &[], true), bundle("waivers: []\n"));
        let notes = on(&snapshot, &bundle, "2026-11-20").notes;
        notes.into_iter().filter(|note| note.code == Code::RecycledAddress).map(|note| note.message).collect()
    };
    let matched = || account("a", json!({ "email": "shared@acme.example" }));
    let said = notes(&[left("p1"), shared("p2", json!({}))], matched());
    assert!(said.len() == 1 && said[0].contains("`git/a` (of `p2`, before of `p1`)"), "{said:?}");
    // A link by the source does not rest on the address, and no other person holds the account after a leaver.
    let linked = account("a", json!({ "email": "shared@acme.example", "person": "p2" }));
    assert!(notes(&[left("p1"), shared("p2", json!({}))], linked).is_empty());
    assert!(notes(&[left("p1"), left("p2")], matched()).is_empty());
    assert!(notes(&[left("p1"), person("p2", json!({}))], matched()).is_empty());
}

#[test]
fn a_system_without_a_limit_takes_that_of_the_bundle() {
    let snapshot = snapshot(&[], &[], &[], true);
    for (data, hours) in [
        ("system: git\nmax_age: 2d\n---\naccount_max_age: 3d\n", 48),
        ("system: git\n---\naccount_max_age: 3d\n", 72),
        ("account_max_age: 3d\n", 72),
        ("system: git\n", 30 * 24),
    ] {
        let bundle = bundle(data);
        assert_eq!(on(&snapshot, &bundle, "2026-11-20").system("git").unwrap().max_age_hours, hours, "{data}");
    }
}

#[test]
fn a_person_whom_only_an_uncertain_fact_names_does_not_unsettle_an_acknowledgement_for_certain() {
    let mut declared = person("p1", json!({}));
    declared.as_object_mut().unwrap().remove("work_email");
    declared["unknown"] = json!({ "work_email": "not given" });
    let others = [person("person-2", json!({})), person("p3", json!({ "work_email": "x@acme.example" }))];
    let hints = json!({ "external_id": "person-2" });
    let account = || account("a", json!({ "email": "x@acme.example", "hints": hints }));
    let acknowledged = "despite: person-2, reason: agreed, reviewed_on: 2026-10-01";
    let declaration = |declared: &Value, despite: &str| {
        let data = format!("accounts:\n- {{ system: git, account: a, person: p1, {despite} }}\n");
        let people = [std::slice::from_ref(declared), &others].concat();
        with_assumptions("", &data, &people, account(), true).1
    };
    assert_eq!(declaration(&declared, acknowledged), Fact::Unknown, "p1 may have the address as well");
    let shares_it = person("p1", json!({ "work_email": "x@acme.example" }));
    assert_eq!(declaration(&shares_it, acknowledged), Fact::Known(DeclarationStatus::Acknowledged));
    let has_another = person("p1", json!({}));
    assert_eq!(declaration(&has_another, acknowledged), Fact::Known(DeclarationStatus::Contradicted));
    let other = "despite: p3, reason: agreed, reviewed_on: 2026-10-01";
    assert_eq!(declaration(&declared, other), Fact::Known(DeclarationStatus::Contradicted), "person-2 is certain");
}

#[test]
fn a_short_external_id_counts_if_the_number_beside_it_may_be_that_of_a_person() {
    let mut unknown = person("person-2", json!({}));
    unknown.as_object_mut().unwrap().remove("employee_number");
    unknown["unknown"] = json!({ "employee_number": "not given" });
    let hints = json!({ "external_id": "p1", "employee_number": "N-2" });
    let account = || account("a", json!({ "email": "person-2@acme.example", "hints": hints }));
    let owner = |assumptions, second: Value| {
        let people = [person("p1", json!({ "employee_number": null })), second];
        with_assumptions(assumptions, "people: []\n", &people, account(), true).0
    };
    assert_eq!(owner("", unknown.clone()), Fact::Unknown);
    assert_eq!(owner("employee-number-unique", unknown), Fact::Known(1), "the number is nobody's");
    assert_eq!(owner("", person("person-2", json!({ "employee_number": "N-2" }))), Fact::Empty, "two people are named");
    assert_eq!(owner("", person("person-2", json!({ "employee_number": "N-9" }))), Fact::Known(1));
}

#[test]
fn an_owner_who_has_left_has_to_be_acknowledged_whoever_else_is_named() {
    let data = "accounts:\n- { system: git, account: a, class: service, owner: p1, review_by: 2027-03-31, \
                despite: person-2, reason: agreed, reviewed_on: 2026-10-01 }\n";
    let of = |id: &str, end: Value| person(id, json!({ "work_email": "x@acme.example", "end_date": end }));
    let account = || account("a", json!({ "email": "x@acme.example" }));
    let declaration = |people: &[Value]| with_assumptions("", data, people, account(), true).1;
    let (left, employed, other) = (of("p1", json!("2024-01-01")), of("p1", json!(null)), of("person-2", json!(null)));
    assert_eq!(declaration(std::slice::from_ref(&left)), Fact::Known(DeclarationStatus::Contradicted));
    assert_eq!(declaration(&[left, other.clone()]), Fact::Known(DeclarationStatus::Contradicted));
    assert_eq!(declaration(&[employed.clone(), other.clone()]), Fact::Known(DeclarationStatus::Acknowledged));
    let mut open = employed;
    open.as_object_mut().unwrap().remove("end_date");
    open["unknown"] = json!({ "end_date": "not given" });
    assert_eq!(declaration(&[open.clone(), other.clone()]), Fact::Unknown);
    let (snapshot, bundle) =
        (snapshot(&[open, other], &[account()], &[], true), bundle(&format!("assumptions: []\n---\n{data}")));
    let withheld = on(&snapshot, &bundle, "2026-11-20").account("git/a").unwrap().withheld.clone().unwrap();
    assert!(withheld.ends_with("not given"), "the reason is that of the last day: {withheld}");
}

#[test]
fn a_short_external_id_says_nothing_about_a_declaration_by_itself() {
    let people = [person("17", json!({})), person("p2", json!({}))];
    let data = "accounts:\n- { system: git, account: a, person: p2 }\n";
    let account = |hints| account("a", json!({ "email": "p2@acme.example", "hints": hints }));
    let declaration = |hints| with_assumptions("declarations-hold", data, &people, account(hints), true).1;
    assert_eq!(declaration(json!({ "external_id": "17" })), Fact::Known(DeclarationStatus::Consistent));
    // Every person is listed, and none has the id, whatever the number is.
    let mut lacking = person("p2", json!({}));
    lacking.as_object_mut().unwrap().remove("employee_number");
    lacking["unknown"] = json!({ "employee_number": "not given" });
    let hints = json!({ "external_id": "18", "employee_number": "N-2" });
    let owner = with_assumptions("", "people: []\n", &[lacking], account(hints), true).0;
    assert_eq!(owner, Fact::Known(0));
}
