mod owners;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::*;
use crate::{
    bundle::Bundle,
    diagnostic::{Code, SourceFile},
    model::{Basis, EmploymentStatus, Fact, Snapshot, read},
};

/// A person with everything known and nothing special, changed by `with`.
fn person(id: &str, with: Value) -> Value {
    let mut person = json!({
        "id": id, "source": "hr", "name": id, "work_email": format!("{id}@acme.example"), "status": "active",
        "start_date": "2024-01-01", "end_date": null, "last_working_day": null, "job_roles": []
    });
    merge(&mut person, with);
    person
}

fn job_role(id: &str, effective: &str, with: Value) -> Value {
    let mut row = json!({
        "id": id, "job_title": id, "department": "Eng", "manager": null, "effective_date": effective, "end_date": null,
        "updated_at": null
    });
    merge(&mut row, with);
    row
}

fn account(id: &str, with: Value) -> Value {
    let mut account = json!({
        "id": id, "system": "git", "source": "hr", "email": null, "status": "active", "levels": [], "class": null,
        "last_login": null
    });
    merge(&mut account, with);
    account
}

fn merge(record: &mut Value, with: Value) {
    for (key, value) in with.as_object().unwrap() {
        record[key] = value.clone();
    }
}

fn snapshot(people: &[Value], accounts: &[Value], requests: &[Value], complete: bool) -> Snapshot {
    let reasons = if complete { json!([]) } else { json!(["1 of 2 records is here"]) };
    let document = json!({
        "schema_version": "1", "organization": { "id": "o", "name": "O", "time_zone": "Europe/London" },
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": [{
            "id": "hr", "kind": "t", "endpoint": "t", "pulled_at": "2026-11-20T09:00:00Z", "token_scopes": null,
            "staff": "people",
            "collections": [{ "name": "people", "records": 1, "total": null, "complete": complete, "reasons": reasons }]
        }],
        "people": people, "systems": [{ "id": "git", "source": "hr", "collection": "people" }],
        "accounts": accounts, "access_requests": requests
    });
    read::snapshot("test", document.to_string().as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn bundle(data: &str) -> Bundle {
    let files = data.split("---\n").enumerate().map(|(index, text)| SourceFile::new(format!("{index}.yaml"), text));
    Bundle::load(files.collect()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn on<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle, day: &str) -> ResolvedSnapshot<'a> {
    let date: Date = day.parse().unwrap();
    ResolvedSnapshot::new(snapshot, bundle, snapshot.organization.time_zone.midnight(date))
}

fn title(rows: &[Value], day: &str) -> (Fact<String>, Option<String>) {
    let snapshot = snapshot(&[person("p1", json!({ "job_roles": rows }))], &[], &[], true);
    let bundle = bundle("waivers: []\n");
    let resolved = on(&snapshot, &bundle, day);
    let person = resolved.person(0).unwrap();
    (person.job_title.map(str::to_owned), person.unknown.get("jobTitle").map(|reason| reason.to_string()))
}

#[test]
fn the_job_role_in_effect_is_the_one_that_began_last_and_has_not_ended() {
    let rows = [
        job_role("past", "2020-01-01", json!({ "end_date": "2023-12-31" })),
        job_role("now", "2024-01-01", json!({})),
        job_role("next", "2026-12-01", json!({})),
    ];
    assert_eq!(title(&rows, "2026-11-20").0, Fact::Known("now".into()));
    assert_eq!(title(&rows, "2026-12-01").0, Fact::Known("next".into()), "from its first day on");
    assert_eq!(title(&rows, "2023-12-31").0, Fact::Known("past".into()), "to its last day");
    assert_eq!(title(&rows, "2019-12-31").0, Fact::Empty, "before the first");
    let ended = [job_role("only", "2020-01-01", json!({ "end_date": "2026-11-19" }))];
    assert_eq!(title(&ended, "2026-11-20").0, Fact::Empty);
}

#[test]
fn rows_that_began_together_are_told_apart_by_their_last_change_then_by_id() {
    let changed = |id: &str, at: Value| job_role(id, "2024-01-01", json!({ "updated_at": at }));
    let rows = [changed("b", json!("2024-01-01T00:00:00Z")), changed("a", json!("2024-02-01T00:00:00Z"))];
    assert_eq!(title(&rows, "2026-11-20").0, Fact::Known("a".into()));
    let rows = [changed("b", json!(null)), changed("a", json!(null))];
    assert_eq!(title(&rows, "2026-11-20").0, Fact::Known("b".into()));
}

#[test]
fn a_row_without_a_first_day_makes_the_job_role_unknown() {
    let rows = [job_role("a", "2024-01-01", json!({})), job_role("b", "2024-01-01", json!({ "effective_date": null }))];
    let (fact, reason) = title(&rows, "2026-11-20");
    assert_eq!(fact, Fact::Unknown);
    assert_eq!(reason.as_deref(), Some("the job role `b` has no effective date"));
}

/// The reporting lines of people: the manager of each by index; `9` is not in the list.
fn issues(managers: &[Option<usize>], complete: bool) -> Vec<Fact<ManagerIssue>> {
    let people: Vec<Value> = managers
        .iter()
        .enumerate()
        .map(|(index, manager)| {
            let manager = manager.map(|manager| format!("p{manager}"));
            let row = job_role(&format!("j{index}"), "2024-01-01", json!({ "manager": manager }));
            person(&format!("p{index}"), json!({ "job_roles": [row] }))
        })
        .collect();
    let snapshot = snapshot(&people, &[], &[], complete);
    let bundle = bundle("waivers: []\n");
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    resolved.people.iter().map(|person| person.manager_issue).collect()
}

#[test]
fn broken_reporting_lines_are_told_apart() {
    use ManagerIssue::{Cyclic, Dangling, SelfManaged};
    let lines = [None, Some(0), Some(2), Some(4), Some(5), Some(3), Some(3), Some(9)];
    assert_eq!(
        issues(&lines, true),
        [
            Fact::Empty,
            Fact::Empty,
            Fact::Known(SelfManaged),
            Fact::Known(Cyclic),
            Fact::Known(Cyclic),
            Fact::Known(Cyclic),
            Fact::Empty, // reports into the cycle, and is not on it
            Fact::Known(Dangling),
        ]
    );
}

#[test]
fn in_an_incomplete_list_a_manager_who_is_not_there_is_unknown_and_so_is_the_line_below() {
    assert_eq!(issues(&[Some(9), Some(0), None], false), [Fact::Unknown, Fact::Unknown, Fact::Empty]);
}

fn owner(resolved: &ResolvedSnapshot<'_>, account: &str) -> (Option<String>, Option<IdentityIssue>) {
    let account = resolved.account(account).unwrap();
    let owner = account.owner.known().and_then(|owner| resolved.person(*owner));
    (owner.map(|owner| owner.id.to_owned()), account.identity_issue.known().copied())
}

#[test]
fn accounts_are_matched_by_mapping_then_link_then_work_address_then_extra_address() {
    let people =
        [person("p1", json!({ "work_email": " Ada@Acme.example " })), person("p2", json!({})), person("p3", json!({}))];
    let accounts = [
        account("mapped", json!({ "email": "old-name@acme.example" })),
        account("linked", json!({ "email": "p2@acme.example", "person": "p3" })),
        account("address", json!({ "email": "ADA@acme.EXAMPLE" })),
        account("tagged", json!({ "email": "ada+x@acme.example" })),
        account("extra", json!({ "email": "old@acme.example" })),
        account("nobody", json!({ "email": "who@acme.example" })),
        account("silent", json!({})),
        account("gone", json!({ "email": "old-name@acme.example" })),
    ];
    let snapshot = snapshot(&people, &accounts, &[], true);
    let bundle = bundle(
        "people:\n- { id: p3, emails: [Old@acme.example] }\naccounts:\n- { system: git, account: mapped, person: p1 }\n\
         - { system: git, account: gone, person: p9 }\n",
    );
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    let id = |id: &str| (Some(id.to_owned()), None);
    assert_eq!(owner(&resolved, "git/mapped"), id("p1"));
    assert_eq!(owner(&resolved, "git/linked"), id("p3"));
    assert_eq!(owner(&resolved, "git/address"), id("p1"));
    assert_eq!(owner(&resolved, "git/tagged"), (None, Some(IdentityIssue::NoMatch)));
    assert_eq!(owner(&resolved, "git/extra"), id("p3"));
    assert_eq!(owner(&resolved, "git/nobody"), (None, Some(IdentityIssue::NoMatch)));
    assert_eq!(owner(&resolved, "git/silent"), (None, Some(IdentityIssue::NoAddress)));
    assert_eq!(owner(&resolved, "git/gone"), (None, Some(IdentityIssue::MappedToNobody)));
    let codes: Vec<Code> = resolved.notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, [Code::Assumption, Code::UnmatchedPerson]);
}

#[test]
fn a_character_that_resembles_an_ascii_one_does_not_link_and_is_shown() {
    let people = [
        person("p1", json!({ "work_email": "kim@acme.example" })),
        person("p2", json!({ "work_email": "jo\u{308}rg@acme.example" })),
        person("p3", json!({ "work_email": "\u{212a}ay@acme.example" })),
    ];
    let accounts = [
        account("kelvin", json!({ "email": "\u{212a}im@acme.example" })),
        account("nfc", json!({ "email": "JÖRG@acme.example" })),
        account("plain", json!({ "email": "Kay@acme.example" })),
        account("same", json!({ "email": "\u{212a}AY@acme.example" })),
        account("other", json!({ "email": "who@acme.example" })),
    ];
    let snapshot = snapshot(&people, &accounts, &[], true);
    let bundle = bundle("waivers: []\n");
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    let candidates = |id: &str| resolved.account(id).unwrap().candidates.clone();
    assert_eq!(owner(&resolved, "git/kelvin"), (None, Some(IdentityIssue::NoMatch)));
    assert_eq!(owner(&resolved, "git/nfc"), (Some("p2".to_owned()), None));
    assert_eq!(owner(&resolved, "git/plain"), (None, Some(IdentityIssue::NoMatch)));
    assert_eq!(owner(&resolved, "git/same"), (Some("p3".to_owned()), None));
    assert_eq!(["git/kelvin", "git/plain", "git/other"].map(candidates), [vec![0], vec![2], vec![]]);
}

#[test]
fn titles_and_departments_that_nearly_match_are_noted() {
    let roles = [
        job_role("Geschäftsführer", "2024-01-01", json!({})),
        job_role("Großkunden Berater", "2024-01-01", json!({ "department": "\u{212a}ey" })),
    ];
    let people = ["p1", "p2"].iter().zip(roles);
    let people: Vec<Value> = people.map(|(id, row)| person(id, json!({ "job_roles": [row] }))).collect();
    let snapshot = snapshot(&people, &[], &[], true);
    let bundle = bundle(
        "org_roles:\n- { id: ceo, match: { job_title: [\"GESCHA\u{308}FTSFU\u{308}HRER\"] } }\n\
         - { id: key, match: { job_title: ['Grosskunden *'], department: [key] } }\n",
    );
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    assert_eq!(resolved.person(0).unwrap().org_roles, Fact::Known(&[0][..]));
    assert_eq!(resolved.person(1).unwrap().org_roles, Fact::Known(&[][..]));
    let notes: Vec<&str> = resolved.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        notes,
        [
            "the department `\u{212a}ey` only resembles a pattern of the org role `key`: a non-ASCII character \
             `\u{212a}` (\\u{212a}) is not the ASCII one",
            "the job title `Großkunden Berater` only resembles a pattern of the org role `key`: a non-ASCII character \
             `ß` (\\u{df}) is not the ASCII one",
        ]
    );
}

#[test]
fn of_a_rehired_persons_records_the_current_one_wins_and_two_current_people_are_ambiguous() {
    let shared = |with: Value| {
        let mut with = with;
        with["work_email"] = json!("shared@acme.example");
        with
    };
    let accounts = [account("a", json!({ "email": "shared@acme.example" }))];
    let bundle = bundle("waivers: []\n");
    let old = person("p1", shared(json!({ "status": "offboarded", "end_date": "2025-01-31" })));
    let ended = person("p1", shared(json!({ "end_date": "2025-01-31" })));
    let new = person("p2", shared(json!({ "start_date": "2026-01-01" })));
    for first in [old.clone(), ended] {
        let snapshot = snapshot(&[first, new.clone()], &accounts, &[], true);
        assert_eq!(owner(&on(&snapshot, &bundle, "2026-11-20"), "git/a").0.as_deref(), Some("p2"));
    }
    let left = person("p2", shared(json!({ "status": "offboarded", "start_date": "2026-01-01" })));
    let both_left = snapshot(&[old, left], &accounts, &[], true);
    assert_eq!(owner(&on(&both_left, &bundle, "2026-11-20"), "git/a").0.as_deref(), Some("p2"), "the last to join");
    let current = snapshot(&[person("p1", shared(json!({}))), new], &accounts, &[], true);
    let resolved = on(&current, &bundle, "2026-11-20");
    assert_eq!(owner(&resolved, "git/a"), (None, Some(IdentityIssue::Ambiguous)));
    assert_eq!(resolved.accounts.all_loaded()[0].candidates, [0, 1]);
}

#[test]
fn in_an_incomplete_list_an_address_of_nobody_is_unknown() {
    let accounts = [account("a", json!({ "email": "who@acme.example" }))];
    let snapshot = snapshot(&[person("p1", json!({}))], &accounts, &[], false);
    let bundle = bundle("waivers: []\n");
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    assert!(resolved.accounts.all_loaded()[0].owner.is_unknown());
    assert!(resolved.accounts.all_loaded()[0].unknown.get("owner").unwrap().contains("1 of 2 records is here"));
    assert!(resolved.accounts.all_loaded()[0].unknown.contains_key("in OrgRole"));
}

#[test]
fn roles_given_by_hand_beat_matching_and_an_unknown_title_makes_roles_unknown() {
    let untitled = json!({
        "id": "j", "department": "Eng", "manager": null, "effective_date": "2024-01-01", "end_date": null,
        "updated_at": null, "unknown": { "job_title": "not given" }
    });
    let people = [
        person("p1", json!({ "job_roles": [job_role("Boss", "2024-01-01", json!({}))] })),
        person("p2", json!({ "job_roles": [untitled.clone()] })),
        person("p3", json!({ "job_roles": [untitled] })),
    ];
    let snapshot = snapshot(&people, &[], &[], true);
    let bundle = bundle(
        "org_roles:\n- { id: boss, match: { job_title: [boss] } }\n- { id: eng, match: { department: [eng] } }\n\
         - { id: hand, people: [p3] }\n",
    );
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    let org_roles = |index| resolved.person(index).unwrap().org_roles;
    assert_eq!(org_roles(0), Fact::Known(&[0, 1][..]));
    assert_eq!(org_roles(1), Fact::Unknown);
    let reason = resolved.person(1).unwrap().unknown.get("in OrgRole").unwrap();
    assert_eq!(&**reason, "org roles are unknown: not given");
    assert_eq!(org_roles(2), Fact::Known(&[2][..]));
}

#[test]
fn added_roles_are_held_beside_the_others() {
    let boss = json!({ "job_roles": [job_role("Boss", "2024-01-01", json!({}))] });
    let untitled = json!({
        "id": "j", "department": "Eng", "manager": null, "effective_date": "2024-01-01", "end_date": null,
        "updated_at": null, "unknown": { "job_title": "not given" }
    });
    let unknown = json!({ "job_roles": [untitled] });
    let people = [person("p1", boss.clone()), person("p2", boss), person("p3", json!({})), person("p4", unknown)];
    let snapshot = snapshot(&people, &[], &[], true);
    let bundle = bundle(
        "org_roles:\n- { id: boss, match: { job_title: [boss] } }\n- { id: hand, people: [p2] }\n\
         - { id: more, add_people: [p1, p2, p3, p4] }\n",
    );
    let resolved = on(&snapshot, &bundle, "2026-11-20");
    let org_roles = |index| resolved.person(index).unwrap().org_roles;
    assert_eq!(org_roles(0), Fact::Known(&[0, 2][..]), "beside those that match");
    assert_eq!(org_roles(1), Fact::Known(&[1, 2][..]), "beside those by hand");
    assert_eq!(org_roles(2), Fact::Known(&[2][..]));
    assert_eq!(org_roles(3), Fact::Unknown, "what matches is unknown, and so is the whole");
}

#[test]
fn those_who_have_left_since_were_employed_on_an_earlier_day() {
    let people = [person("p1", json!({ "status": "offboarded", "end_date": "2026-11-10" }))];
    let snapshot = snapshot(&people, &[], &[], true);
    let bundle = bundle("waivers: []\n");
    let status = |day: &str| on(&snapshot, &bundle, day).person(0).unwrap().status;
    assert_eq!(status("2026-11-10"), Fact::Known(EmploymentStatus::Active));
    assert_eq!(status("2026-11-11"), Fact::Known(EmploymentStatus::Offboarded));
    assert_eq!(status("2026-11-20"), Fact::Known(EmploymentStatus::Offboarded));
}

#[test]
fn requests_are_those_of_the_owner_in_the_system_and_run_to_the_end_of_their_last_day() {
    let shared = |id: &str| person(id, json!({ "work_email": "shared@acme.example" }));
    let people = [person("p1", json!({})), person("p2", json!({})), shared("p3"), shared("p4")];
    let accounts = [account("a", json!({ "person": "p1" })), account("b", json!({ "person": "p2" }))];
    let request = |id: &str, person: &str, system: &str, expires: Value| {
        json!({ "id": id, "source": "hr", "person": person, "system": system, "levels": ["admin"],
                "status": "approved", "created": null, "expires": expires })
    };
    let requests = [
        request("t1", "P1@acme.example", "git", json!("2026-11-20")),
        request("t2", "p1", "wiki", json!(null)),
        request("t3", "p9", "git", json!(null)),
        request("t4", "shared@acme.example", "git", json!(null)),
    ];
    let snapshot = snapshot(&people, &accounts, &requests, true);
    let bundle = bundle("waivers: []\n");
    let expired = |day: &str| {
        let resolved = on(&snapshot, &bundle, day);
        let requests = resolved.accounts.all_loaded()[0].requests.known().unwrap().clone();
        assert_eq!(resolved.accounts.all_loaded()[1].requests, Fact::Known(vec![]));
        assert_eq!(requests.len(), 1);
        requests[0].expired
    };
    assert!(!expired("2026-11-20"));
    assert!(expired("2026-11-21"));
    let unmatched: Vec<String> = on(&snapshot, &bundle, "2026-11-20")
        .notes
        .into_iter()
        .filter(|note| note.code == Code::UnmatchedRequest)
        .map(|note| note.message)
        .collect();
    assert_eq!(
        unmatched,
        [
            "2 access requests are of no single person in the staff list: `t3` (of `p9`), `t4` (of `shared@acme.example`)"
        ]
    );
}

#[test]
fn a_packed_account_is_the_one_that_was_loaded() {
    let people =
        [person("p1", json!({})), person("p2", json!({ "job_roles": [job_role("r", "2026-01-01", json!({}))] }))];
    let unknown = json!({ "status": null, "unknown": { "levels": "the \"export\" has\nno such column" } });
    let mut odd = account("a", unknown);
    odd.as_object_mut().unwrap().remove("levels");
    let names_a_manager = json!({ "person": "p1", "hints": { "external_id": "7", "manager": "a" } });
    let accounts: Vec<Value> = std::iter::once(odd)
        .chain((10..60).map(|number| account(&format!("b{number}"), json!({ "email": "p2@acme.example" }))))
        .chain([
            account("c", json!({ "last_login": "2026-11-01T10:20:30.123456789Z", "levels": ["admin", "é"] })),
            account("d", names_a_manager),
        ])
        .collect();
    let snapshot = snapshot(&people, &accounts, &[], false);
    let bundle = bundle("waivers: []\n");
    let whole = on(&snapshot, &bundle, "2026-11-20");
    let mut packed = on(&snapshot, &bundle, "2026-11-20");
    let first = packed.accounts.evict(|at, record| at % 2 == 0 && record.id != "d").unwrap();
    assert!(!packed.accounts.names_managers() && packed.accounts.all_loaded().is_empty());
    packed.accounts.extend(whole.accounts.all_loaded().iter().skip(52).cloned().collect());
    assert_eq!(packed.accounts.len(), 27);
    assert_eq!(packed.account_at(26).unwrap().record.id, "d", "loaded");
    let then = packed.accounts.evict(|_, _| true).unwrap();
    assert!(packed.accounts.names_managers());
    // Twice, since unpacked accounts are cached.
    for _ in 0..2 {
        for (index, account) in whole.accounts.all_loaded().iter().enumerate() {
            let key = format!("git/{}", account.record.id);
            let place = if index == 52 { then[0] } else { first[index] };
            assert_eq!(packed.account_index(&key), place, "{key}");
            let is_packed = index % 2 == 0;
            assert_eq!(
                packed.account(&key).map(|account| format!("{:?}", *account)),
                is_packed.then(|| format!("{account:?}"))
            );
        }
    }
    assert!(packed.account("git/zzz").is_none() && packed.account("a/a").is_none() && packed.account("git").is_none());
    assert!(packed.account_at(27).is_none());
}

#[test]
fn a_system_may_demand_how_its_list_is_shown_to_be_complete() {
    let listed = |basis: Basis, data: &str| {
        let mut snapshot = snapshot(&[], &[], &[], true);
        snapshot.sources[0].collections[0].complete_by(basis);
        let bundle = bundle(data);
        let resolved = on(&snapshot, &bundle, "2026-11-20");
        let system = resolved.system("git").unwrap();
        (system.list.unwrap().1, system.completeness.clone().unwrap())
    };
    let order = [Basis::Assumed, Basis::Stated, Basis::LastPage, Basis::Total];
    for (at, basis) in order.into_iter().enumerate() {
        assert!(listed(basis, "system: git\n").0, "without a demand, {basis} counts");
        for (least_at, least) in order.into_iter().enumerate() {
            let (complete, why) = listed(basis, &format!("system: git\nrequire_complete: {least}\n"));
            assert_eq!(complete, at >= least_at, "{basis} where {least} is demanded");
            assert!(complete || why == format!("{basis}, where the system's file has `require_complete: {least}`"));
        }
    }
}

#[test]
fn an_unknown_manager_beside_the_job_roles_is_unknown_and_not_none() {
    let bundle = bundle("waivers: []\n");
    let reason = json!({ "listed_manager": "two records differ" });
    for (more, is_unknown) in
        [(json!({ "job_roles": [], "unknown": reason }), true), (json!({ "job_roles": [] }), false)]
    {
        let snapshot = snapshot(&[person("p1", more)], &[], &[], true);
        let resolved = on(&snapshot, &bundle, "2026-11-20");
        let person = resolved.person(0).unwrap();
        assert_eq!((person.manager.is_unknown(), person.manager_issue.is_unknown()), (is_unknown, is_unknown));
        assert_eq!(person.unknown.get("manager").is_some_and(|why| why.contains("two records differ")), is_unknown);
    }
}

#[test]
fn requests_of_another_time_are_unknown() {
    let (people, accounts) =
        ([person("p1", json!({ "work_email": "a@x.example" }))], [account("a", json!({ "email": "a@x.example" }))]);
    let mut snapshot = snapshot(&people, &accounts, &[], true);
    snapshot.sources[0]
        .collections
        .push(crate::model::Collection::whole("access-requests", crate::model::Basis::Assumed));
    for (data, day, is_unknown) in [
        ("waivers: []\n", "2026-11-20", false),
        ("waivers: []\n", "2026-11-27", false),
        ("waivers: []\n", "2026-11-28", true),
        ("waivers: []\n", "2026-11-12", true),
        ("requests_max_age: 4w\n", "2026-11-28", false),
        ("requests_max_age: 12h\n", "2026-11-21", true),
    ] {
        let bundle = bundle(data);
        let resolved = on(&snapshot, &bundle, day);
        let account = resolved.accounts.loaded(0).unwrap();
        assert_eq!(account.requests.is_unknown(), is_unknown, "{data} {day}");
    }
}
