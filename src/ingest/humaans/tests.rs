use serde_json::json;

use super::*;
use crate::model::{AccountStatus, Basis, EmploymentStatus, Fact, MayLack, Person};
use crate::{
    diagnostic::Code,
    files::RawFile,
    ingest::{Statements, pages},
};

fn identity() -> SourceIdentity {
    SourceIdentity {
        id: "humaans".into(),
        system: "humaans".into(),
        endpoint: "raw".into(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: Vec::new(),
        statements: Default::default(),
        zone: crate::model::Zone::utc(),
    }
}

fn files(files: &[(&str, Value)]) -> Vec<RawFile> {
    files.iter().map(|(name, value)| RawFile::new(*name, value.to_string())).collect()
}

fn read(files: &[RawFile]) -> Result<Normalized, Vec<Diagnostic>> {
    normalize(&identity(), pages::sort(files, &LAYOUT)?)
}

fn person(id: &str, status: &str) -> Value {
    json!({
        "id": id, "firstName": "A", "lastName": id, "preferredName": null, "email": format!("{id}@acme.example"),
        "status": status, "role": "user", "employmentStartDate": "2024-01-01", "employmentEndDate": null,
        "lastWorkingDay": null, "taxId": "TOP-SECRET"
    })
}

fn complete() -> Vec<(&'static str, Value)> {
    vec![
        ("people.json", json!([person("p1", "active"), person("p2", "offboarded"), person("p3", "newHire")])),
        (
            "job-roles.json",
            json!([{
                "id": "j1", "personId": "p1", "jobTitle": "Engineer", "department": {"name": "Platform"},
                "reportingTo": null, "effectiveDate": "2024-01-01T00:00:00.000Z", "endDate": null,
                "updatedAt": "2024-01-01T00:00:00.000Z", "note": "TOP-SECRET"
            }]),
        ),
        ("roles.json", json!([{ "id": "r1", "name": "People Ops" }])),
        ("role-members.json", json!([{ "id": "m1", "personId": "p1", "roleId": "r1" }])),
        ("token-info.json", json!({ "id": "t", "personId": "p1", "scopes": ["public:read", "private:read"] })),
    ]
}

fn without(name: &str) -> Vec<RawFile> {
    files(&complete().into_iter().filter(|(file, _)| *file != name).collect::<Vec<_>>())
}

#[test]
fn people_job_roles_and_accounts_are_read() {
    let all = read(&files(&complete())).unwrap();
    let people = all.people.unwrap();
    assert_eq!(people[0].name, Fact::Known("A p1".into()));
    assert_eq!(people[2].status, Fact::Known(EmploymentStatus::NewHire));
    let rows = people[0].job_roles.known().unwrap();
    assert_eq!(rows[0].department, Fact::Known("Platform".into()));
    assert_eq!(rows[0].effective_date, Fact::Known("2024-01-01".parse().unwrap()));
    assert_eq!(people[1].job_roles, Fact::Known(vec![]));
    let accounts: Vec<_> = all.accounts.iter().map(|one| (one.id.as_str(), one.status)).collect();
    assert_eq!(accounts, [("p1", Fact::Known(AccountStatus::Active)), ("p2", Fact::Known(AccountStatus::Deactivated))]);
    assert_eq!(all.accounts[0].levels, Fact::Known(vec!["people ops".into(), "user".into()]));
    assert!(!format!("{people:?}").contains("TOP-SECRET"));
}

#[test]
fn without_job_roles_they_are_unknown_and_the_collection_is_named() {
    let all = read(&without("job-roles.json")).unwrap();
    let people = all.people.unwrap();
    assert!(people.iter().all(|person| person.job_roles.is_unknown()));
    assert_eq!(people[0].unknown["job_roles"], "the collection `job-roles` was not provided");
}

#[test]
fn without_role_members_levels_are_unknown() {
    for name in ["role-members.json", "roles.json"] {
        let all = read(&without(name)).unwrap();
        assert!(all.accounts[0].levels.is_unknown(), "{name}");
        assert!(all.accounts[0].unknown["levels"].contains(name.trim_end_matches(".json")));
    }
}

#[test]
fn a_weak_token_makes_the_lists_incomplete() {
    let mut weak = complete();
    weak[4].1 = json!({ "scopes": ["public:read"] });
    let all = read(&files(&weak)).unwrap();
    let people = all.source.collection("people").unwrap();
    assert!(!people.complete);
    assert!(people.reasons[0].contains("private:read"));
    assert!(all.people.unwrap()[0].job_roles.is_unknown());
}

#[test]
fn two_tokens_make_the_lists_incomplete() {
    let mut two = complete();
    two.push(("token-info-2.json", json!({ "id": "t", "personId": "p1", "scopes": ["public:read"] })));
    let people = read(&files(&two)).unwrap().source.collection("people").unwrap().clone();
    let said = "`token-info.json` and `token-info-2.json` differ";
    assert!(!people.complete && people.reasons[0].contains(said), "{:?}", people.reasons);
}

#[test]
fn demonstration_people_are_left_out_and_counted() {
    let mut demo = complete();
    demo[0].1[0]["demo"] = json!(true);
    let all = read(&files(&demo)).unwrap();
    assert_eq!(all.people.unwrap().len(), 2);
    let people = all.source.collection("people").unwrap();
    assert_eq!((people.records, people.excluded), (2, 1));
}

#[test]
fn unknown_words_are_unknown_facts_with_a_warning() {
    let mut odd = complete();
    odd[0].1[0]["status"] = json!("sabbatical");
    odd[0].1[0]["employmentStartDate"] = json!("2024-02-30");
    let all = read(&files(&odd)).unwrap();
    let person = &all.people.unwrap()[0];
    assert!(person.status.is_unknown() && person.start_date.is_unknown());
    let warnings: Vec<String> = all.warnings.iter().map(|warning| warning.message.clone()).collect();
    assert!(warnings.iter().any(|warning| warning.contains("`sabbatical`")), "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.contains("`2024-02-30`")), "{warnings:?}");
}

#[test]
fn direct_reports_name_a_manager_only_where_just_one_lists_the_person() {
    let mut listed = complete();
    listed[0].1[0]["directReports"] = json!(["p2", "p3"]);
    listed[0].1[1]["directReports"] = json!(["p3"]);
    let all = read(&files(&listed)).unwrap();
    let people = all.people.unwrap();
    assert_eq!(people[1].listed_manager.as_deref(), Some("p1"));
    assert_eq!(people[2].listed_manager, None);
    assert!(people[2].unknown["listed_manager"].contains("several people"), "{:?}", people[2].unknown);
    assert!(all.warnings.iter().any(|warning| warning.code == Code::SeveralManagers));
}

#[test]
fn reports_that_cannot_be_read_or_that_hidden_people_list_leave_managers_unknown() {
    let managers = |reports: Value, role: &str| {
        let all = read(&with(|all| {
            all[0].1[0]["directReports"] = reports.clone();
            all[0].1[0]["role"] = json!(role);
        }))
        .unwrap();
        let unknown = |person: &Person| person.unknown.contains_key("listed_manager");
        all.people.unwrap().iter().map(|person| (person.listed_manager.clone(), unknown(person))).collect::<Vec<_>>()
    };
    let (none, listed, unknown) = ((None, false), (Some("p1".to_owned()), false), (None, true));
    assert_eq!(managers(json!(["p2"]), "owner"), [none.clone(), listed.clone(), none]);
    // The token may not see a leaver, who may list the others.
    assert_eq!(managers(json!(["p2"]), "user"), [unknown.clone(), listed, unknown.clone()]);
    for odd in [json!("p2"), json!(["p2", 5]), json!([["p2"]])] {
        assert_eq!(managers(odd, "owner"), [unknown.clone(), unknown.clone(), unknown.clone()]);
    }
}

#[test]
fn a_job_role_of_no_person_makes_the_list_of_people_incomplete() {
    for person in [json!(null), json!(""), json!(5)] {
        let all = read(&with(|all| all[1].1[0]["personId"] = person.clone())).unwrap();
        let people = all.source.collection("people").unwrap();
        assert!(people.reasons.iter().any(|why| why.contains("1 row of `job-roles`")), "{person}: {people:?}");
        assert!(people.may_lack.is_anyone());
    }
}

fn with(change: impl Fn(&mut Vec<(&'static str, Value)>)) -> Vec<RawFile> {
    let mut all = complete();
    change(&mut all);
    files(&all)
}

#[test]
fn roles_that_nobody_holds_are_a_list_that_the_token_may_not_see() {
    let all = read(&with(|all| all[3].1 = json!([]))).unwrap();
    let members = all.source.collection("role-members").unwrap();
    assert!(!members.complete && members.reasons[0].contains("no person holds a role"), "{members:?}");
    assert!(all.accounts.iter().all(|account| account.levels.is_unknown()));
}

#[test]
fn the_role_of_a_person_who_is_not_listed_stays_visible() {
    let row = json!({ "id": "m2", "personId": "p9", "roleId": "r1" });
    let all = read(&with(|all| all[3].1.as_array_mut().unwrap().push(row.clone()))).unwrap();
    let people = all.source.collection("people").unwrap();
    assert!(!people.complete && people.reasons[0].contains("`m2` names `p9`"), "{people:?}");
    assert!(people.may_lack.is_anyone());
    let account = all.accounts.iter().find(|account| account.id == "p9").unwrap();
    assert_eq!(account.person, None);
    assert!(account.levels.is_unknown() && account.unknown["levels"].contains("people ops"), "{account:?}");
}

#[test]
fn job_roles_of_people_who_are_not_listed_make_the_list_incomplete() {
    let all = read(&with(|all| all[1].1[0]["personId"] = json!("p9"))).unwrap();
    let people = all.source.collection("people").unwrap();
    assert!(!people.complete && people.reasons[0].contains("`j1` names `p9`"), "{people:?}");
}

#[test]
fn a_role_without_a_name_leaves_levels_unknown() {
    for name in [json!(""), json!("  "), json!(null)] {
        let all = read(&with(|all| all[2].1[0]["name"] = name.clone())).unwrap();
        assert!(all.accounts[0].levels.is_unknown(), "{name}");
        assert!(all.accounts[0].unknown["levels"].contains("has no name"), "{:?}", all.accounts[0].unknown);
        assert!(!all.accounts[1].levels.is_unknown(), "others are not affected");
    }
}

#[test]
fn a_token_sees_what_the_person_behind_it_may_see() {
    let list = |role: &str, token: Value, statements: Statements| {
        let files = with(|all| {
            all[0].1[0]["role"] = json!(role);
            all[4].1["personId"] = token.clone();
        });
        let identity = SourceIdentity { statements, ..identity() };
        let all = normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap();
        all.source.collection("people").unwrap().clone()
    };
    let unnamed = list("owner", json!(null), Statements::default());
    assert_eq!((unnamed.complete, unnamed.may_lack), (false, MayLack::LeaversAndNewHires));
    for role in ["owner", "Admin", "OWNERS"] {
        assert!(list(role, json!("p1"), Statements::default()).complete, "{role}");
    }
    let weak = list("user", json!("p1"), Statements::default());
    assert_eq!((weak.complete, weak.may_lack), (false, MayLack::LeaversAndNewHires));
    assert!(weak.reasons[0].contains("neither owner nor admin (`people-ops`, `user`)"), "{:?}", weak.reasons);
    let unlisted = list("user", json!("p9"), Statements::default());
    assert!(!unlisted.complete && unlisted.may_lack.is_anyone(), "{unlisted:?}");
    let reason = Some("the role sees everybody".to_owned());
    let stated = Statements { sees_leavers: true, reason: reason.clone(), ..Statements::default() };
    let list = list("user", json!("p1"), stated);
    assert_eq!((list.basis, list.stated_reason), (Some(Basis::Stated), reason));
}

#[test]
fn a_list_without_a_leaver_may_lack_leavers() {
    for second in ["active", "newHire"] {
        let of_owner = |all: &mut Vec<(&'static str, Value)>| {
            all[0].1 = json!([person("p1", "active"), person("p2", second)]);
            all[0].1[0]["role"] = json!("owner");
        };
        let all = read(&with(of_owner)).unwrap();
        let people = all.source.collection("people").unwrap();
        assert_eq!((people.complete, people.may_lack), (false, MayLack::LeaversAndNewHires), "{second}");
        let warns = |word: &str| all.warnings.iter().any(|warning| warning.message.contains(word));
        assert!(warns("it shows no leaver (") && warns("sees_leavers: true"), "{:?}", all.warnings);
    }
}

#[test]
fn without_what_the_token_may_see_the_list_may_lack_leavers() {
    let all = read(&without("token-info.json")).unwrap();
    let people = all.source.collection("people").unwrap();
    assert_eq!((people.complete, people.may_lack), (false, MayLack::LeaversAndNewHires));
    assert!(people.reasons[0].contains("there is no `token-info`"), "{:?}", people.reasons);
    let statements = Statements { sees_leavers: true, reason: Some("seen".to_owned()), ..Statements::default() };
    let identity = SourceIdentity { statements, ..identity() };
    let all = normalize(&identity, pages::sort(&without("token-info.json"), &LAYOUT).unwrap()).unwrap();
    assert_eq!(all.source.collection("people").unwrap().basis, Some(Basis::Stated));
}

#[test]
fn rows_that_did_not_come_may_name_people_who_are_not_listed() {
    for name in ["job-roles.json", "role-members.json"] {
        let people = |total: usize| {
            let files = with(|all| {
                all[0].1[0]["role"] = json!("owner");
                let page = all.iter_mut().find(|(file, _)| *file == name).unwrap();
                page.1 = json!({ "total": total, "limit": 250, "skip": 0, "data": page.1 });
            });
            read(&files).unwrap().source.collection("people").unwrap().clone()
        };
        assert!(people(1).complete, "{name}");
        let short = people(2);
        assert!(
            !short.complete && short.may_lack.is_anyone() && short.reasons[0].contains("may lack rows"),
            "{short:?}"
        );
    }
}

#[test]
fn an_incomplete_list_of_role_members_is_one_of_accounts() {
    let lists = |members: Value| {
        let all = read(&with(|all| all[3].1 = members.clone())).unwrap();
        let [system] = all.systems.as_slice() else { panic!("{:?}", all.systems) };
        system.lists().map(|(_, list)| list.to_owned()).collect::<Vec<_>>()
    };
    let member = |id: usize| json!({ "id": format!("m{id}"), "personId": "p1", "roleId": "r1" });
    assert_eq!(lists((0..3).map(member).collect()), ["people"]);
    assert_eq!(lists((0..100).map(member).collect()), ["people", "role-members"]);
    assert_eq!(lists(json!([])), ["people", "role-members"]);
}

#[test]
fn a_row_of_a_role_that_lacks_a_key_leaves_the_list_of_people_incomplete() {
    let row = json!({ "id": "rm9", "personId": "p9", "roleId": "r1" });
    for key in ["id", "personId", "roleId"] {
        let mut bare = row.clone();
        bare.as_object_mut().unwrap().remove(key);
        let all = read(&with(|all| {
            let members = all.iter_mut().find(|(name, _)| *name == "role-members.json").unwrap();
            members.1.as_array_mut().unwrap().push(bare.clone());
        }))
        .unwrap();
        assert!(!all.source.collection("people").unwrap().complete, "{key}");
        assert_eq!(all.accounts.iter().any(|account| account.id == "p9"), key == "roleId", "{key}");
    }
}

#[test]
fn a_contract_type_of_the_companys_own_is_unknown() {
    for (word, expected) in [
        (json!("Full time"), Some("employee")),
        (json!("fullTime"), Some("employee")),
        (json!("Contractor"), Some("contractor")),
        (json!("Board"), None),
        (json!(null), None),
        (json!(7), None),
    ] {
        let mut one = person("p1", "active");
        one["contractType"] = word.clone();
        let all = read(&with(|files| files[0].1 = json!([one.clone(), person("p2", "offboarded")]))).unwrap();
        let person = &all.people.as_ref().unwrap()[0];
        let given = person
            .facts
            .get("employmentType")
            .and_then(|value| serde_json::to_value(value).unwrap().as_str().map(str::to_owned));
        assert_eq!(given.as_deref(), expected, "{word}");
        assert_eq!(person.unknown.contains_key("facts.employmentType"), expected.is_none(), "{word}");
        // Its own words are expected of a company.
        assert!(!all.warnings.iter().any(|said| said.code == Code::ValueNotUnderstood), "{word}");
        assert!(!all.people.unwrap()[1].unknown.contains_key("facts.employmentType"));
    }
}
