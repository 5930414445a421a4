//! Unknown and old facts.

use crate::project::case;

const IDENTIFIED: &str = "user-identified";
const REMOVED: &str = "offboarded-access-removed";

#[test]
fn unknown_end_date_and_job_role() {
    let case = case("unknown-end-date-and-job-role");
    for (snapshot, right) in [
        ("end-date-unknown", "unknown"),
        ("status-unknown", "unknown"),
        ("left", "fail"),
        ("offboarded", "fail"),
        ("employed", "pass"),
    ] {
        let report = case.check_file(&format!("{snapshot}.json"), &[]);
        for check in ["no-title", "not-engineering"] {
            assert_eq!(report.outcomes(check)["per-ann"], right, "{snapshot} {check}");
        }
    }
    for (snapshot, right) in
        [("line-end-date-unknown", "unknown"), ("line-status-unknown", "unknown"), ("line-left", "fail")]
    {
        let report = case.check_file(&format!("{snapshot}.json"), &[]);
        assert_eq!(report.outcomes("reporting-manager-assigned")["per-ann"], right, "{snapshot}");
    }
}

#[test]
fn unknown_status_and_last_working_day() {
    let case = case("unknown-status-and-last-working-day");
    for (snapshot, right) in [("status-unknown", "unknown"), ("offboarded", "fail"), ("active", "pass")] {
        let report = case.check_file(&format!("{snapshot}.json"), &[]);
        assert_eq!(report.outcomes("not-past-the-last-day")["per-ann"], right, "{snapshot}");
    }
    for (snapshot, right) in [("later-start-status-unknown", "unknown"), ("later-start-offboarded", "fail")] {
        let report = case.check_file(&format!("{snapshot}.json"), &["--as-of", "2026-11-01"]);
        assert_eq!(report.outcomes("joining-date-provided")["per-ann"], right, "{snapshot}");
    }
}

/// A gap, the same filled, whether stated assumptions close the gap, and whether the filled one shows a leaver as owner.
const PAIRS: [(&str, &str, bool, bool); 6] = [
    ("1-address-unknown", "1-same-address", true, false),
    ("2-list-cut", "1-same-address", true, false),
    ("3-cut-and-to-come", "3-the-other-left", true, true),
    ("4-further-address", "4-the-other-left", true, true),
    ("5-number-unknown", "5-number-of-another", true, false),
    ("6-external-id-not-shown", "6-external-id-of-another", false, false),
];

#[test]
fn unique_match_that_may_not_be_unique() {
    let case = case("unique-match-that-may-not-be-unique");
    case.assume("[]");
    for (gap, filled, ..) in PAIRS {
        let with_gap = case.check_file(&format!("{gap}.json"), &[]);
        let without = case.check_file(&format!("{filled}.json"), &[]);
        let mut differ = 0;
        for check in [IDENTIFIED, REMOVED] {
            let (gap_outcome, filled_outcome) =
                (&with_gap.outcomes(check)["app/u1"], &without.outcomes(check)["app/u1"]);
            if filled_outcome == "pass" {
                assert_eq!(gap_outcome, "unknown", "{gap} {check}");
            } else {
                assert_eq!(gap_outcome, "unknown", "{gap} {check}: {}", with_gap.text(check, "app/u1"));
                differ += 1;
            }
        }
        assert!(differ > 0, "{filled} shows nothing");
        let lacks = if gap.starts_with("1-") || gap.starts_with("5-") { "per-ben" } else { "hris" };
        with_gap.names(REMOVED, "app/u1", &[lacks]);
    }
}

#[test]
fn unique_match_under_stated_assumptions() {
    let case = case("unique-match-that-may-not-be-unique");
    for assumptions in [None, Some("[work-email-unique, employee-number-unique, declarations-hold]")] {
        if let Some(list) = assumptions {
            case.assume(list);
        }
        for (gap, filled, closes, is_leavers) in PAIRS {
            let right: &[&str] = if closes && assumptions.is_some() { &["pass"] } else { &["unknown"] };
            let report = case.check_file(&format!("{gap}.json"), &[]);
            report.is(REMOVED, "app/u1", right);
            report.is(IDENTIFIED, "app/u1", right);
            if assumptions.is_some() {
                report.has("work-email-unique").has("employee-number-unique");
            }
            // A known contradiction refutes the assumption.
            let report = case.check_file(&format!("{filled}.json"), &[]);
            report.is(REMOVED, "app/u1", if is_leavers { &["fail"] } else { &["unknown"] });
        }
    }
}

/// If only leavers and new hires can be missing, a match with a current person stands, whatever is assumed.
#[test]
fn a_current_match_stands_where_only_leavers_may_be_missing() {
    let case = case("humaans-token-of-an-ordinary-user");
    case.assume("[]").import();
    let report = case.check(&[]);
    report.is(IDENTIFIED, "app/ann", &["pass"]).is(REMOVED, "app/ann", &["pass"]);
    report.is(IDENTIFIED, "app/bob", &["unknown"]).is(REMOVED, "app/bob", &["unknown"]);
}

#[test]
fn request_by_address() {
    let case = case("request-by-address");
    let admin = |snapshot: &str| {
        case.check_file(&format!("{snapshot}.json"), &[]).outcomes("access-valid")["app/u1 admin"].clone()
    };
    assert_eq!(admin("1-that-is-hers"), "pass");
    assert_eq!(admin("2-same-address"), "fail");
    case.assume("[]");
    assert_eq!(admin("1-address-unknown"), "unknown");
    assert_eq!(admin("2-other-address-unknown"), "unknown");
    // Ben's address is not Ann's; Ann's own may still be the one of the request.
    case.assume("[work-email-unique]");
    assert_eq!(admin("1-address-unknown"), "unknown");
    assert_eq!(admin("2-other-address-unknown"), "pass");
}

#[test]
fn stale_staff_list() {
    let case = case("stale-staff-list");
    for (snapshot, as_of) in [("staff-of-2024.json", "2026-11-20"), ("both-of-2026.json", "2028-11-20")] {
        let report = case.check_file(snapshot, &["--as-of", as_of]);
        for (check, subject) in [
            (IDENTIFIED, "app/ann"),
            (IDENTIFIED, "app/bot"),
            (REMOVED, "app/ann"),
            ("access-valid", "app/bot member"),
            ("access-valid", "app/ann member"),
            ("staff-role-assigned", "per-ann"),
            ("reporting-manager-assigned", "per-ann"),
            ("joining-date-provided", "per-ann"),
        ] {
            report.is(check, subject, &["unknown"]);
        }
        // One finding has the cause and the count.
        let outcomes = report.outcomes("staff-list-current");
        let organization = outcomes.keys().next().unwrap();
        report.is("staff-list-current", organization, &["fail"]);
        let people = report.outcomes("staff-role-assigned").len();
        report.names("staff-list-current", organization, &["staffAsOf", &format!("{people} people")]);
    }
}

#[test]
fn the_age_limit_of_the_staff_list_is_data() {
    let case = case("stale-staff-list");
    case.write("policies/evidence.yaml", "staff_max_age: 200w\n");
    let declared = case.read("policies/identities.yaml").replace("review_by: 2029-01-01", "review_by: 2027-01-01");
    case.write("policies/identities.yaml", declared);
    let report = case.check_file("staff-of-2024.json", &[]);
    report.is(IDENTIFIED, "app/ann", &["pass"]).is(IDENTIFIED, "app/bot", &["pass"]);
    report.is("staff-role-assigned", "per-ann", &["pass"]).is("access-valid", "app/bot member", &["pass"]);
    let current: Vec<String> = report.outcomes("staff-list-current").into_values().collect();
    assert_eq!(current, ["pass"]);
}

#[test]
fn stale_account_list_with_unknown_owner() {
    let case = case("stale-account-list-with-unknown-owner");
    let report = case.check(&["--check", REMOVED]);
    for account in ["app/bob", "app/ghost", "app/nobody"] {
        report.is(REMOVED, account, &["unknown"]);
    }
}

#[test]
fn deactivated_account_with_unknown_owner() {
    let case = case("deactivated-account-with-unknown-owner");
    for snapshot in ["address-unknown", "list-cut", "address-of-ann", "no-address", "address-of-nobody"] {
        let report = case.check_file(&format!("{snapshot}.json"), &[]);
        assert_eq!(report.outcomes(REMOVED)["app/u1"], "pass", "{snapshot}: {}", report.text(REMOVED, "app/u1"));
        let levels = report.of("access-valid", "app/u1");
        assert!(!levels.is_empty() && levels.iter().all(|one| one == "not-applicable"), "{snapshot}: {levels:?}");
    }
}
