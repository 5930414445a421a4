use serde_json::json;

use super::*;
use crate::{diagnostic::Code, files::RawFile, ingest::pages};

fn read(pages: &[Value]) -> Normalized {
    read_levels(pages, &[LevelAttribute::Roles, LevelAttribute::Groups])
}

fn read_levels(pages: &[Value], levels: &[LevelAttribute]) -> Normalized {
    let identity = SourceIdentity {
        id: "slack".into(),
        system: "slack".into(),
        endpoint: "raw".into(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: levels.to_vec(),
        statements: Default::default(),
        zone: crate::model::Zone::utc(),
    };
    let files: Vec<RawFile> = pages
        .iter()
        .enumerate()
        .map(|(index, page)| RawFile::new(format!("Users-{index}.json"), page.to_string()))
        .collect();
    normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap()
}

#[test]
fn users_are_accounts() {
    let all = read(&[json!({ "totalResults": 4, "Resources": [
        { "id": "1", "userName": "A@x.example", "active": "True", "roles": [{ "value": "admin" }],
          "groups": [{ "value": "g1", "display": "Finance Team" }], "externalId": "E-1",
          ENTERPRISE: { "employeeNumber": "E-1", "manager": { "value": "2" } } },
        { "id": "2", "userName": "b", "emails": [{ "value": "b@x.example", "primary": "true" }], "active": false },
        { "id": "3", "userName": "c" },
        { "id": "4", "userName": "d", "active": "perhaps", "roles": "all" },
    ]})]);
    let [a, b, c, d] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
    assert_eq!(a.status, Fact::Known(AccountStatus::Active));
    assert_eq!(a.levels, Fact::Known(vec!["admin".into(), "finance team".into()]));
    assert_eq!((a.hints.employee_number.as_deref(), a.hints.manager.as_deref()), (Some("E-1"), Some("2")));
    assert_eq!((&b.email, &b.levels), (&Fact::Known("b@x.example".into()), &Fact::Known(vec![])));
    assert_eq!(b.status, Fact::Known(AccountStatus::Deactivated));
    assert!(c.status.is_unknown() && c.email == Fact::Empty);
    assert!(d.status.is_unknown() && d.levels.is_unknown());
}

#[test]
fn without_a_name_or_the_value_of_an_address_the_address_is_unknown() {
    let all = read(&[json!({ "totalResults": 2, "Resources": [
        { "id": "u1", "emails": [{ "value": "carol@x.example" }] },
        { "id": "u2", "userName": "u2", "emails": [{ "primary": true }, { "value": "b@x.example" }] },
    ]})]);
    let [one, two] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
    assert!(one.email.is_unknown() && one.unknown["email"].contains("no `userName`"), "{one:?}");
    assert!(two.email.is_unknown() && two.unknown["email"].contains("no `value`"), "{two:?}");
}

#[test]
fn every_further_address_of_a_record_is_a_hint() {
    let all = read(&[json!({ "totalResults": 2, "Resources": [
        { "id": "u1", "userName": "bob@x.example", "externalId": "dan@x.example",
          "emails": [{ "value": "Carol@x.example", "primary": true }, { "value": "carol@x.example" }] },
        { "id": "u2", "userName": "u2", "emails": [{ "value": "a@x.example" }, { "value": "b@x.example" }] },
    ]})]);
    assert_eq!(all.accounts[0].hints.addresses, ["bob@x.example", "dan@x.example"]);
    assert!(all.accounts[1].email.is_unknown());
    assert_eq!(all.accounts[1].hints.addresses, ["a@x.example", "b@x.example"]);
}

#[test]
fn numbers_identify_and_an_address_that_is_no_text_is_unknown() {
    let all = read(&[json!({ "totalResults": 1, "Resources": [
        { "id": "u1", "userName": "u1", "externalId": 7, ENTERPRISE: { "employeeNumber": 3 },
          "emails": [{ "value": 5, "primary": true }, { "value": "a@x.example" }] },
    ]})]);
    let hints = &all.accounts[0].hints;
    assert_eq!((hints.external_id.as_deref(), hints.employee_number.as_deref()), (Some("7"), Some("3")));
    assert!(all.accounts[0].email.is_unknown());
}

#[test]
fn hints_that_cannot_be_read_leave_the_address_unknown() {
    let user = json!({ "id": "u1", "userName": "ann@x.example", "active": true });
    let email = |key: &str, value: Value| {
        let mut user = user.clone();
        user[key] = value;
        let account = read(&[json!({ "totalResults": 1, "Resources": [user] })]).accounts.remove(0);
        (account.email.is_unknown(), account.unknown.contains_key("email"), account.hints)
    };
    let number = |value: Value| json!({ "employeeNumber": value });
    for (key, value) in [
        (ENTERPRISE, number(json!(["E-1"]))),
        (ENTERPRISE, number(json!({ "value": "E-1" }))),
        (ENTERPRISE, number(json!(true))),
        (ENTERPRISE, number(json!(1.5))),
        (ENTERPRISE, json!({ "employeeId": [] })),
        (ENTERPRISE, json!("E-1")),
        ("externalId", json!(["x"])),
        ("emails", json!("bob@x.example")),
        ("emails", json!({ "value": "bob@x.example" })),
        ("userName", json!(["ann@x.example"])),
        ("userName", json!(null)),
    ] {
        let (unknown, says_why, _) = email(key, value.clone());
        assert!(unknown && says_why, "{key}: {value}");
    }
    let (unknown, _, hints) = email(ENTERPRISE, json!({ "employeeNumber": 7, "manager": [] }));
    assert!(!unknown && hints.employee_number.as_deref() == Some("7") && hints.manager.is_none());
    for none in [json!(null), json!([])] {
        assert!(!email("emails", none).0);
    }
}

#[test]
fn two_records_that_differ_in_their_addresses_leave_the_address_unknown() {
    let user = |address: &str| json!({ "id": "1", "userName": "ann@x.example", "emails": [{ "value": address }] });
    let page = json!({ "totalResults": 1, "Resources": [user("bob@x.example"), user("dan@x.example")] });
    assert!(read(&[page]).accounts[0].email.is_unknown());
}

#[test]
fn a_total_is_proved_by_pages_that_begin_with_the_first_record_and_end_with_the_last() {
    let complete = |pages: &[(usize, usize)], total: usize| {
        let pages: Vec<Value> = pages
            .iter()
            .map(|(start, records)| {
                let users: Vec<Value> =
                    (0..*records).map(|at| json!({ "id": format!("u{}", start + at), "userName": "u" })).collect();
                json!({ "totalResults": total, "startIndex": start, "itemsPerPage": records, "Resources": users })
            })
            .collect();
        let list = read(&pages).source.collections.remove(0);
        (list.complete, list.reasons.join("; "))
    };
    assert!(complete(&[(1, 2), (3, 1)], 3).0 && complete(&[(1, 2), (2, 2)], 3).0);
    let (is_complete, why) = complete(&[(5, 1)], 1);
    assert!(!is_complete && why.contains("4 records come before its first page"), "{why}");
    assert!(!complete(&[(5, 1)], 5).0);
    let (is_complete, why) = complete(&[(1, 1), (5, 1)], 2);
    assert!(!is_complete && why.contains("reaches to record 5, where 2 are said"), "{why}");
}

#[test]
fn records_with_one_id_add_up_their_levels_and_name_both_places_where_they_differ() {
    let one = json!({ "id": "1", "userName": "a", "active": false, "roles": [{ "value": "admin" }] });
    let two = json!({ "id": "1", "userName": "a", "active": true, "roles": [{ "value": "owner" }] });
    for (first, second) in [(&one, &two), (&two, &one)] {
        let page = |user: &Value| json!({ "totalResults": 1, "Resources": [user] });
        let all = read_levels(&[page(first), page(second)], &[LevelAttribute::Roles]);
        let account = &all.accounts[0];
        assert_eq!(account.levels, Fact::Known(vec!["admin".into(), "owner".into()]));
        assert!(account.status.is_unknown());
        let reason = "`Users.active`: Users-0.json, record 1 and Users-1.json, record 1 differ";
        assert_eq!(account.unknown["status"], reason);
    }
}

#[test]
fn names_have_no_case() {
    let page = json!({ "totalresults": 2, "resources": [
        { "ID": "1", "UserName": "a", "Active": true, "Roles": [{ "Value": "owner" }],
          "Emails": [{ "Value": "a@x.example", "Primary": true }, { "value": "b@x.example" }],
          ENTERPRISE.to_uppercase(): { "EmployeeNumber": "E-1" } },
        { "id": "2", "username": "b", "active": false, "roles": [{ "value": "member" }] },
    ]});
    let all = read_levels(&[page], &[LevelAttribute::Roles]);
    assert!(all.source.collections[0].complete && all.source.collections[0].total == Some(2));
    let [a, b] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
    assert_eq!(a.levels, Fact::Known(vec!["owner".into()]));
    assert_eq!((&a.status, &a.email), (&Fact::Known(AccountStatus::Active), &Fact::Known("a@x.example".into())));
    assert_eq!(a.hints.employee_number.as_deref(), Some("E-1"));
    assert_eq!(b.status, Fact::Known(AccountStatus::Deactivated));
    let twice = r#"{"totalResults":1,"Resources":[{"id":"1","roles":[],"Roles":[{"value":"owner"}]}]}"#;
    let problems = pages::sort(&[RawFile::new("Users.json", twice)], &LAYOUT).unwrap_err();
    assert_eq!(problems[0].code, Code::DuplicateKey);
}

#[test]
fn levels_that_no_user_has_are_not_given() {
    let all = read(&[json!({ "totalResults": 1, "Resources": [{ "id": "1", "active": true, "roles": [] }] })]);
    assert!(all.accounts[0].levels.is_unknown());
    let page = [json!({ "totalResults": 1, "Resources": [{ "id": "1", "groups": [{ "display": "All" }] }] })];
    // Roles are not shown; the service may have none.
    assert!(read_levels(&page, &[]).accounts[0].levels.is_unknown());
    assert_eq!(read_levels(&page, &[LevelAttribute::Groups]).accounts[0].levels, Fact::Known(vec!["all".into()]));
}

#[test]
fn the_value_of_a_role_may_be_its_name_and_that_of_a_group_is_not() {
    let page = |one: Value, two: Value| {
        json!({ "totalResults": 2, "Resources": [
        { "id": "1", "userName": "a", "roles": [one] }, { "id": "2", "userName": "b", "roles": [two] } ]})
    };
    let roles = |one: Value, two: Value| {
        let all = read_levels(&[page(one, two)], &[LevelAttribute::Roles]);
        all.accounts[0].levels.clone()
    };
    let (bare, shown) = (json!({ "value": "r1" }), json!({ "value": "r2", "display": "Owner" }));
    assert_eq!(roles(bare.clone(), shown), Fact::Known(vec!["r1".into()]));
    assert_eq!(roles(bare.clone(), bare), Fact::Known(vec!["r1".into()]));
    let groups =
        json!({ "totalResults": 1, "Resources": [{ "id": "1", "userName": "a", "groups": [{ "value": "g1" }] }] });
    assert!(read_levels(&[groups], &[LevelAttribute::Groups]).accounts[0].levels.is_unknown());
}

#[test]
fn a_list_without_resources_is_empty_where_it_says_so() {
    let empty = read(&[json!({ "totalResults": 0 })]);
    assert!(empty.source.collections[0].complete && empty.accounts.is_empty());
    let short = read(&[json!({ "totalResults": 5 })]);
    assert!(!short.source.collections[0].complete);
}

#[test]
fn the_service_says_when_an_account_was_made() {
    let all = read(&[json!({ "totalResults": 4, "Resources": [
        { "id": "1", "userName": "a", "meta": { "Created": "2024-05-06T09:00:00Z" } },
        { "id": "2", "userName": "b", "meta": { "created": "soon" } },
        { "id": "3", "userName": "c", "meta": { "created": null } },
        { "id": "4", "userName": "d" },
    ]})]);
    let facts = |at: usize| serde_json::to_string(&all.accounts[at].facts).unwrap();
    assert_eq!(facts(0), r#"{"createdAt":"2024-05-06T09:00:00Z"}"#);
    assert!((1..4).all(|at| facts(at) == "{}"));
    assert!(all.accounts[1].unknown["facts.createdAt"].contains("`soon` is not an instant"));
    assert_eq!(all.accounts[2].unknown["facts.createdAt"], "`Users.meta.created` is empty");
    assert!(!all.accounts[3].unknown.contains_key("facts.createdAt"));
}
