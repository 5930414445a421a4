//! How values are read.

use serde_json::Value;

use crate::{
    common::{stderr, stdout},
    project::{Case, case, flat},
};

#[test]
fn scim_attribute_case() {
    let case = case("scim-attribute-case");
    case.import();
    let report = case.check(&["--check", "access-valid"]);
    report.is("access-valid", "app/u2 owner", &["fail"]);
    report.is("access-valid", "app/u4 member", &["pass"]);
}

/// A value with all its keys in another case.
fn with_keys(value: &Value, change: fn(&str) -> String) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(key, value)| (change(key), with_keys(value, change))).collect(),
        Value::Array(list) => list.iter().map(|value| with_keys(value, change)).collect(),
        other => other.clone(),
    }
}

#[test]
fn scim_attributes_in_any_case_give_the_same_outcomes() {
    let case = case("scim-attribute-case");
    case.replace("pages/Users.json", "\"Roles\"", "\"roles\"").import().ok();
    let right = case.check(&[]);
    let page: Value = serde_json::from_str(&case.read("pages/Users.json")).unwrap();
    for change in [str::to_lowercase, str::to_uppercase] {
        case.write_json("pages/Users.json", &with_keys(&page, change)).import().ok();
        let report = case.check(&[]);
        for check in ["access-valid", "user-identified", "offboarded-access-removed", "account-list-current"] {
            assert_eq!(report.outcomes(check), right.outcomes(check), "{check}");
        }
    }
}

#[test]
fn duplicate_json_keys() {
    let case = case("duplicate-json-keys");
    is_refused_or_rejected(&case, "active", "u3");
    if case.path().join("snapshot.json").exists() {
        let report = case.check(&["--check", "offboarded-access-removed"]);
        let bob = report.of("offboarded-access-removed", "app/u3");
        assert!(!bob.contains(&"pass".to_owned()), "{bob:?}");
    }
}

/// The import names the key, and either refuses the file with its line or rejects the record.
#[track_caller]
fn is_refused_or_rejected(case: &Case, key: &str, record: &str) {
    let import = case.import();
    assert!([2, 3].contains(&import.status), "exit {}: {}", import.status, import.said);
    assert!(import.said.contains(key), "{}", import.said);
    let place = if import.status == 2 { ".json:" } else { record };
    assert!(import.said.contains(place), "{}", import.said);
}

#[test]
fn duplicate_keys_in_the_json_of_every_vendor() {
    let leaver = "\"status\": \"offboarded\"";
    let case = case("duplicate-json-keys");
    case.sources(&["kind: file, format: humaans, path: humaans"]);
    case.replace("humaans/people.json", leaver, &format!("{leaver}, \"status\": \"active\""));
    is_refused_or_rejected(&case, "status", "per0000003");

    let github = "[{\"login\": \"bob\", \"id\": 1, \"type\": \"User\", \"login\": \"ann\"}]";
    let okta =
        "[{\"id\": \"u3\", \"status\": \"ACTIVE\", \"profile\": {\"login\": \"bob\"}, \"status\": \"SUSPENDED\"}]";
    let request = "[{\"id\": \"T1\", \"person\": \"a@x.example\", \"system\": \"app\", \"levels\": [\"member\"],
                     \"status\": \"denied\", \"created\": null, \"expires\": null, \"status\": \"approved\"}]";
    for (format, key, text) in [
        ("github-members", "login", github),
        ("okta-users", "status", okta),
        ("access-requests-json", "status", request),
    ] {
        let case = self::case("duplicate-json-keys");
        case.sources(&[&format!("kind: file, format: {format}, system: app, path: data")]);
        if format == "access-requests-json" {
            case.sources(&["kind: file, format: access-requests-json, path: data"]);
        }
        case.write("data/admin.json", text);
        is_refused_or_rejected(&case, key, "1");
    }
}

#[test]
fn duplicate_keys_in_the_json_of_merge() {
    let case = case("merge-over-a-weak-upstream-token");
    let status = "\"employment_status\": \"ACTIVE\"";
    case.replace("merge/employees.json", status, &format!("{status}, \"employment_status\": \"INACTIVE\""));
    is_refused_or_rejected(&case, "employment_status", "m1");
}

#[test]
fn contradiction_inside_a_scim_record() {
    let case = case("contradiction-inside-a-scim-record");
    case.import().ok();
    let report = case.check(&[]);
    for (user, bob) in [("app/u1", "per0000003"), ("app/u2", "per0000003"), ("app/u3", "per0000003")] {
        report.is("offboarded-access-removed", user, &["unknown"]);
        report.is("user-identified", user, &["fail"]);
        report.names("user-identified", user, &["ambiguous", bob, "per0000001"]);
        let levels = report.of("access-valid", user);
        assert!(!levels.contains(&"pass".to_owned()), "{user}: {levels:?}");
    }
}

#[test]
fn level_names_that_collapse() {
    let case = case("level-names-that-collapse");
    let import = case.import();
    let report = case.check(&["--check", "access-valid"]);
    report.is("access-valid", "app/a1 member", &["pass"]);
    for level in ["a2 member+", "a3 (member)", "a4 member!!", "a5 role:login", "a6 member,-admin", "a7 member|admin"] {
        report.is("access-valid", &format!("app/{level}"), &["fail"]);
    }
    report.is("access-valid", "app/a5 login", &["pass"]);
    let said = import.said + &report.text("access-valid", "app/a6 member,-admin");
    assert!(said.contains("`;`") && said.contains("joined-levels"), "a hint about the separator: {said}");
    let validate = case.run(&["validate", "policies", "--snapshot", "snapshot.json"]);
    let said = flat(&(stdout(&validate) + &stderr(&validate)));
    assert!(said.contains("renamed-level") && said.contains("`member+`"), "old and new ids: {said}");
}

#[test]
fn level_names_that_share_an_id() {
    let case = case("level-names-that-share-an-id");
    let import = case.import();
    assert!(
        import.said.contains("shared-level-id") && import.said.contains("`org admin`, `org-admin`"),
        "{}",
        import.said
    );
    let report = case.check(&["--check", "access-valid"]);
    report.is("access-valid", "app/a1 org admin", &["pass"]);
    report.is("access-valid", "app/a2 org-admin", &["fail"]);
    report.is("access-valid", "app/a3 billing", &["pass"]);
}

#[test]
fn placeholder_addresses() {
    let case = case("placeholder-addresses");
    let import = case.import();
    for word in ["`n/a`", "`N/A`", "`tbd`", "`TBD`"] {
        assert!(import.said.contains(word), "{word}: {}", import.said);
    }
    let report = case.check(&["--check", "user-identified", "--check", "access-valid"]);
    for account in ["app/a1", "app/a2", "app/a3", "app/a4", "app/a5"] {
        report.is("user-identified", account, &["fail"]);
        let levels = report.of("access-valid", account);
        assert!(!levels.contains(&"pass".to_owned()), "{account}: {levels:?}");
    }
}

#[test]
fn unicode_normalisation_of_titles_and_addresses() {
    let case = case("unicode-normalisation-of-titles-and-addresses");
    case.import();
    let report = case.check(&[]);
    report.is("access-valid", "app/carol owner", &["pass"]);
    report.is("reporting-manager-assigned", "per0000001", &["exempt"]);
    report.is("user-identified", "app/joerg", &["pass"]);
    // The Kelvin sign folds to `k`, which never links, and is shown.
    report.is("user-identified", "app/kim", &["fail"]);
    let validate = case.run(&["validate", "policies", "--snapshot", "snapshot.json"]);
    let said = report.text("user-identified", "app/kim") + &crate::common::stdout(&validate);
    let said = said + &crate::common::stderr(&validate);
    assert!(said.contains("per0000004") || said.contains("kim@x.example"), "a near miss: {said}");
}

#[test]
fn rehired_with_an_old_end_date() {
    let case = case("rehired-with-an-old-end-date");
    let template = case.read("tenure.template");
    for vendor in ["humaans", "truto-hris", "merge"] {
        case.write("tenure.yaml", template.replace("VENDOR", vendor)).import();
        let report = case.check(&["--check", "offboarded-access-removed"]);
        assert_eq!(report.outcomes("offboarded-access-removed")["app/rita"], "unknown", "{vendor}");
        let snapshot: Value = serde_json::from_str(&case.read("snapshot.json")).unwrap();
        let people = snapshot["people"].as_array().unwrap();
        let rita = people.iter().find(|person| person["work_email"] == "rita@x.example").unwrap();
        assert!(rita["unknown"]["end_date"].is_string(), "{vendor}: {rita}");
        let worklist = case.check_as("revoke", &["--check", "offboarded-access-removed"]);
        assert!(!worklist.contains("rita"), "{vendor}: {worklist}");
    }
}

#[test]
fn instants_read_as_days() {
    let case = case("instants-read-as-days");
    let output = case.run(&["import", "-o", "snapshot.json", "--collected-at", "2026-11-20T14:00:00Z"]);
    assert!(output.status.success());
    let report = case.check(&["--check", "offboarded-access-removed"]);
    // The last second of 19 November there, and midnight of 20 November in Berlin.
    for account in ["app/nora", "app/nils"] {
        report.is("offboarded-access-removed", account, &["fail"]);
        report.names("offboarded-access-removed", account, &["2026-11-19"]);
    }
    // Midnight UTC is a plain date.
    report.is("offboarded-access-removed", "app/nina", &["fail"]);
    report.names("offboarded-access-removed", "app/nina", &["2026-11-19"]);
}
