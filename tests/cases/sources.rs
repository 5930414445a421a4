//! What sources contain, and whether they are complete.

use serde_json::{Value, json};

use crate::project::{Case, case};

const STAFF: &str = "kind: file, format: humaans, path: humaans, lists: [staff]";

#[test]
fn csv_rows_with_the_same_key() {
    let case = case("csv-rows-with-the-same-key");
    let mut worklists = Vec::new();
    for order in ["suspended-first.csv", "active-first.csv"] {
        let import = case.put(order, "accounts.csv").import();
        assert!(import.said.contains("records-differ"), "{}", import.said);
        let report = case.check(&["--check", "offboarded-access-removed"]);
        report.is("offboarded-access-removed", "app/bob", &["unknown"]);
        report.names("offboarded-access-removed", "app/bob", &["line 2", "line 3"]);
        worklists.push(case.check_as("revoke", &["--check", "offboarded-access-removed"]));
    }
    assert_eq!(worklists[0], worklists[1]);

    let import = case.put("one-row-per-role.csv", "accounts.csv").import();
    assert!(import.said.contains("records-merged"), "{}", import.said);
    let report = case.check(&["--check", "access-valid"]);
    report.is("access-valid", "app/ann owner", &["fail"]);
    report.is("access-valid", "app/carol admin", &["pass"]);
}

#[test]
fn joined_aws_reports() {
    let case = case("joined-aws-reports");
    let import = case.import();
    if import.status == 2 {
        assert!(import.said.contains("one source per AWS account"), "{}", import.said);
        return;
    }
    let report = case.check(&["--check", "offboarded-access-removed", "--check", "account-list-current"]);
    let outcomes = report.outcomes("offboarded-access-removed");
    let second = outcomes.iter().find(|(user, _)| user.contains("222222222222"));
    let (user, outcome) = second.unwrap_or_else(|| panic!("{outcomes:?}"));
    assert!(user.contains("bob@x.example") && outcome == "fail", "{outcomes:?}");
    assert_eq!(outcomes.len(), 3, "a repeated header is no user: {outcomes:?}");
}

fn github(from: u64, to: u64) -> Value {
    (from..to).map(|id| json!({ "login": format!("user{id}"), "id": id, "type": "User" })).collect()
}

fn okta(count: usize) -> Value {
    let user = |id: usize| {
        let address = format!("u{id}@x.example");
        let profile = json!({ "login": address, "email": address });
        json!({ "id": format!("u{id}"), "status": "ACTIVE", "lastLogin": null, "profile": profile })
    };
    (0..count).map(user).collect()
}

fn scim(count: usize) -> Value {
    let user = |id: usize| {
        let roles = json!([{ "value": "member" }]);
        json!({ "id": format!("u{id}"), "userName": format!("u{id}@x.example"), "active": true, "roles": roles })
    };
    (0..count).map(user).collect()
}

#[track_caller]
fn is_current(case: &Case, system: &str, right: &[&str]) {
    case.import();
    let report = case.check(&["--check", "account-list-current"]);
    report.is("account-list-current", system, right);
}

#[test]
fn page_limit_lists() {
    let github_pages = "kind: file, format: github-members, system: app, path: pages";
    let okta_users = "kind: file, format: okta-users, system: app, path: pages/users.json";
    let scim_users = "kind: file, format: scim, system: app, path: pages, levels: [roles]";
    for (name, source, pages) in [
        ("github-30", github_pages, vec![("admin", github(0, 1)), ("member", github(1, 31))]),
        (
            "github-100",
            github_pages,
            vec![("admin", github(0, 1)), ("member-1", github(1000, 1100)), ("member-2", github(2000, 2100))],
        ),
        ("okta-200", okta_users, vec![("users", okta(200))]),
        ("scim-no-total", scim_users, vec![("Users", json!({ "Resources": scim(100) }))]),
        ("scim-bare", scim_users, vec![("Users", scim(100))]),
    ] {
        let case = case("page-limit-lists");
        case.sources(&[STAFF, source]);
        for (page, records) in pages {
            case.write_json(&format!("pages/{page}.json"), &records);
        }
        case.import();
        let report = case.check(&["--check", "account-list-current"]);
        assert_eq!(report.outcomes("account-list-current")["app"], "unknown", "{name}");
        assert_ne!(*report.incomplete("app"), json!({}), "{name}");
    }
}

#[test]
fn a_page_limit_of_role_members() {
    let case = case("page-limit-lists");
    case.sources(&["kind: file, format: humaans, path: humaans"]);
    let member = |id: usize| json!({ "id": format!("mem{id:04}"), "personId": "per0000001", "roleId": "rol1" });
    case.write_json("humaans/role-members.json", &(0..100).map(member).collect());
    let system = case.read("policies/systems/app.yaml").replace("system: app", "system: humaans");
    case.write("policies/systems/humaans.yaml", system.replace("member", "user"));
    std::fs::remove_file(case.path().join("policies/systems/app.yaml")).unwrap();
    case.import();
    let report = case.check(&["--check", "access-valid", "--check", "account-list-current"]);
    report.is("account-list-current", "humaans", &["unknown"]);
    assert!(!report.incomplete("humaans")["role-members"].is_null(), "{}", report.json["sources"]);
    let carol = report.of("access-valid", "humaans/per0000001");
    assert!(carol.contains(&"unknown".to_owned()), "{carol:?}");
}

/// A list is not incomplete only because it has no total.
#[test]
fn a_list_that_ends_before_the_page_limit() {
    let case = case("page-limit-lists");
    case.sources(&[STAFF, "kind: file, format: okta-users, system: app, path: users.json"]);
    case.write_json("users.json", &okta(199));
    is_current(&case, "app", &["pass"]);
}

#[test]
fn a_stated_or_expected_count_proves_or_refutes_a_list() {
    let case = case("page-limit-lists");
    case.write_json("users.json", &okta(200));
    for (stated, right) in [
        ("complete: true, reason: the console shows the same number", "pass"),
        ("expected: 200", "pass"),
        ("expected: 201", "unknown"),
    ] {
        let source = format!("kind: file, format: okta-users, system: app, path: users.json, {stated}");
        case.sources(&[STAFF, &source]);
        is_current(&case, "app", &[right]);
    }
}

#[test]
fn empty_account_lists() {
    let case = case("empty-account-lists");
    let template = case.read("tenure.template");
    for (path, format) in [
        ("header-only.csv", "accounts-csv"),
        ("none.aws.csv", "aws-credential-report"),
        ("none.google.csv", "google-workspace-csv"),
        ("none.okta.json", "okta-users"),
        ("none.scim.json", "scim"),
        ("github", "github-members"),
    ] {
        case.write("tenure.yaml", template.replace("PATH", path).replace("FORMAT", format));
        case.import();
        let report = case.check(&["--check", "account-list-current"]);
        report.is("account-list-current", "app", &["unknown"]);
        let words = if format == "github-members" { ["empty", "owner"] } else { ["empty", "root"] };
        report.names_one_of("account-list-current", "app", &words);
        assert_ne!(*report.incomplete("app"), json!({}), "{format}");
    }
}

#[test]
fn outside_collaborators_and_invitations_left_aside() {
    let case = case("outside-collaborators-and-invitations-left-aside");
    case.import();
    let report = case.check(&[]);
    let accounts = report.outcomes("user-identified");
    report.is("user-identified", "app/zoe-partner", &["unknown"]);
    report.is("access-valid", "app/zoe-partner outside-collaborator", &["unknown"]);
    let bob = accounts.keys().find(|key| key.contains("bob-b")).unwrap_or_else(|| panic!("{accounts:?}"));
    report.is("offboarded-access-removed", bob, &["fail"]);
    assert_eq!(accounts.len(), 5, "an invitation by address is an account too: {accounts:?}");
}

/// Nobody can tell from the files that are there whether there are collaborators or invitations.
#[test]
fn members_without_outside_collaborators_and_invitations() {
    let case = case("outside-collaborators-and-invitations-left-aside");
    for file in ["invitations.json", "outside_collaborators.json"] {
        std::fs::remove_file(case.path().join("pages").join(file)).unwrap();
    }
    is_current(&case, "app", &["unknown"]);
    let stated = "complete: true, reason: the organisation allows no outside collaborators";
    case.sources(&[STAFF, &format!("kind: file, format: github-members, system: app, path: pages, {stated}")]);
    is_current(&case, "app", &["pass"]);
}

#[test]
fn role_held_by_a_person_not_listed() {
    let case = case("role-held-by-a-person-not-listed");
    let import = case.import();
    assert!(import.said.contains("per9999999"), "{}", import.said);
    let report = case.check(&["--check", "access-valid", "--check", "account-list-current"]);
    report.is("account-list-current", "humaans", &["unknown"]).has("per9999999");
    report.is("access-valid", "humaans/per0000001 owner", &["pass"]);

    case.put("role-without-a-name.json", "humaans/roles.json");
    case.put("member-of-it.json", "humaans/role-members.json").import();
    let report = case.check(&["--check", "access-valid"]);
    let ann = report.of("access-valid", "humaans/per0000002");
    assert!(ann.contains(&"unknown".to_owned()) && !ann.contains(&"fail".to_owned()), "{ann:?}");
}

#[test]
fn empty_role_members() {
    let case = case("empty-role-members");
    case.import();
    let report = case.check(&["--check", "access-valid", "--check", "account-list-current"]);
    report.is("account-list-current", "humaans", &["unknown"]);
    for person in ["per0000001", "per0000002", "per0000004"] {
        let outcomes = report.of("access-valid", &format!("humaans/{person}"));
        assert!(outcomes.contains(&"unknown".to_owned()), "{person}: {outcomes:?}");
    }
}

#[test]
fn humaans_token_of_an_ordinary_user() {
    let case = case("humaans-token-of-an-ordinary-user");
    case.import();
    let report = case.check(&[]);
    report.is("offboarded-access-removed", "app/bob", &["unknown"]);
    report.is("user-identified", "app/bob", &["unknown"]);
    report.is("account-list-current", "humaans", &["unknown"]);
    assert!(!report.incomplete("humaans")["people"].is_null(), "{}", report.json["sources"]);
    // Only leavers and people who have not started can be missing, and they give way to a current person.
    report.is("user-identified", "app/ann", &["pass"]).is("offboarded-access-removed", "app/ann", &["pass"]);
}

#[test]
fn merge_over_a_weak_upstream_token() {
    let case = case("merge-over-a-weak-upstream-token");
    let import = case.import();
    assert!(import.said.contains("sees_leavers"), "{}", import.said);
    let report = case.check(&["--check", "offboarded-access-removed"]);
    report.is("offboarded-access-removed", "app/bob", &["unknown"]);
    report.is("offboarded-access-removed", "app/ann", &["unknown"]);

    let stated = "sees_leavers: true, reason: the token of Merge has private read";
    case.replace("tenure.yaml", "path: merge }", &format!("path: merge, {stated} }}"));
    case.import();
    let report = case.check(&["--check", "offboarded-access-removed"]);
    report.is("offboarded-access-removed", "app/bob", &["pass"]);
    report.is("offboarded-access-removed", "app/ann", &["pass"]);
}

/// A leaver who is seen shows that the upstream token sees leavers.
#[test]
fn merge_with_a_leaver_in_sight() {
    let case = case("merge-over-a-weak-upstream-token");
    let mut page: Value = serde_json::from_str(&case.read("merge/employees.json")).unwrap();
    page["results"][2]["employment_status"] = json!("INACTIVE");
    page["results"][2]["termination_date"] = json!("2026-10-31T00:00:00Z");
    case.write_json("merge/employees.json", &page).import();
    let report = case.check(&["--check", "offboarded-access-removed"]);
    report.is("offboarded-access-removed", "app/bob", &["fail"]);
    report.is("offboarded-access-removed", "app/ann", &["pass"]);
}

/// A new hire shows no leaver: the upstream token may see those and no others.
#[test]
fn merge_with_a_new_hire_in_sight() {
    let case = case("merge-over-a-weak-upstream-token");
    let mut page: Value = serde_json::from_str(&case.read("merge/employees.json")).unwrap();
    let mut new_hire = page["results"][0].clone();
    for (key, value) in [("id", "new"), ("remote_id", "per7777777"), ("work_email", "new@x.example")] {
        new_hire[key] = json!(value);
    }
    new_hire["employment_status"] = json!("PENDING");
    new_hire["start_date"] = json!("2026-12-01T00:00:00Z");
    new_hire["employee_number"] = json!("E-77");
    page["results"].as_array_mut().unwrap().push(new_hire);
    case.write_json("merge/employees.json", &page).import();
    let report = case.check(&["--check", "offboarded-access-removed", "--check", "staff-list-current"]);
    report.is("offboarded-access-removed", "app/bob", &["unknown"]);
    report.is("staff-list-current", "ex", &["unknown"]);
}

/// Two reports of one system are two lists; users of one name are told apart by the AWS account.
#[test]
fn two_aws_reports_of_one_system() {
    let case = case("joined-aws-reports");
    let report = |number: &str, users: &[&str]| {
        let users = users.iter().map(|user| format!("{user},arn:aws:iam::{number}:user/{user},true\n"));
        let root = format!("<root_account>,arn:aws:iam::{number}:root,not_supported\n");
        format!("user,arn,password_enabled\n{root}{}", users.collect::<String>())
    };
    case.write("one.csv", report("111111111111", &["bob@x.example", "ann@x.example"]));
    case.write("two.csv", report("222222222222", &["bob@x.example"]));
    let source = |path: &str| format!("kind: file, format: aws-credential-report, system: app, path: {path}");
    case.sources(&[STAFF, &source("one.csv"), &source("two.csv")]);
    assert_eq!(case.import().status, 0);
    let outcomes = case.check(&["--check", "offboarded-access-removed"]).outcomes("offboarded-access-removed");
    let users: Vec<&str> = outcomes.keys().map(String::as_str).filter(|user| !user.contains("root")).collect();
    let bobs = ["app/111111111111/bob@x.example", "app/222222222222/bob@x.example"];
    assert_eq!(users, [bobs[0], bobs[1], "app/ann@x.example"]);
    for bob in bobs {
        assert_eq!(outcomes[bob], "fail", "{outcomes:?}");
    }
}

/// One source written twice would list each of its accounts twice.
#[test]
fn a_source_given_twice() {
    let case = case("joined-aws-reports");
    let file = |more: &str| format!("kind: file, format: aws-credential-report, system: app, {more}");
    let scim = |more: &str| format!("kind: scim, url: \"https://scim.example/v2{more}\", system: app");
    let truto = |more: &str| format!("kind: truto, integrated_account: a1, system: app{more}");
    for (one, two) in [
        (file("path: joined.csv"), file("id: again, path: ./joined.csv")),
        (scim("\", token_env: ONE, id: \"one"), scim("/\", token_env: TWO, id: \"two")),
        (truto(", token_env: ONE"), truto(", token_env: ONE, id: again")),
    ] {
        case.sources(&[STAFF, &one, &two]);
        let import = case.import();
        assert_eq!(import.status, 2, "{one}: {}", import.said);
        assert!(import.said.contains("duplicate-source"), "{one}: {}", import.said);
    }
    // Other systems, other lists of one source and other lists of one file are other accounts.
    case.write("all.json", r#"{"members": [{"id": "bob"}], "guests": [{"id": "bob"}]}"#);
    let mapped = |id: &str, pointer: &str| {
        let mapping = format!("{{ format: own, records: {{ json: /{pointer} }}, account: {{ id: id, status: id }} }}");
        format!("kind: file, id: {id}, system: app, path: all.json, mapping: {mapping}")
    };
    case.sources(&[STAFF, &mapped("members", "members"), &mapped("guests", "guests")]);
    let import = case.import();
    assert!(!import.said.contains("duplicate-source"), "{}", import.said);
    case.sources(&[STAFF, &mapped("members", "members"), &mapped("again", "members")]);
    assert!(case.import().said.contains("two systems"), "{}", case.import().said);
    let humaans = |lists: &str| format!("kind: file, id: {lists}, format: humaans, path: humaans, lists: [{lists}]");
    case.sources(&[&humaans("staff"), &humaans("accounts"), &file("path: joined.csv")]);
    assert_eq!(case.import().status, 0);
}

/// A hidden file holds records that nothing reads.
#[test]
fn a_hidden_data_file_in_the_folder() {
    let case = case("contradiction-inside-a-scim-record");
    is_current(&case, "app", &["pass"]);
    case.write("pages/.DS_Store", "x").write("pages/._Users.json", "x").write("pages/.cache/Users.json", "{}");
    is_current(&case, "app", &["pass"]);
    case.write("pages/.Users2.json", case.read("pages/Users.json"));
    let import = case.import();
    assert!(import.said.contains("unused-file") && import.said.contains("`.Users2.json`"), "{}", import.said);
    // The total of the pages matches.
    is_current(&case, "app", &["pass"]);
    case.write("rows/users.csv", "account,status\nann,active\n");
    let source = "kind: file, format: accounts-csv, system: app, path: rows";
    case.sources(&[STAFF, source]);
    is_current(&case, "app", &["pass"]);
    case.write("rows/.users-2", "[{\"account\": \"bob\"}]");
    is_current(&case, "app", &["unknown"]);
    case.sources(&[STAFF, &format!("{source}, complete: true, reason: the hidden file is an old page")]);
    is_current(&case, "app", &["pass"]);
}

#[test]
fn levels_of_scim_groups() {
    let case = case("levels-of-scim-groups");
    case.import().ok();
    // Ann is in `Admins`, Bob in `Finance`, which is in `Admins` too, and Carol in none.
    let outcomes = case.check(&[]).outcomes("access-valid");
    let levels: Vec<&str> = outcomes.keys().map(String::as_str).collect();
    assert_eq!(
        levels,
        ["app/ann admins", "app/ann login", "app/bob admins", "app/bob finance", "app/bob login", "app/carol login"]
    );
}
