//! What is shown of a report: filters, statistics, lists for those who have to act, tickets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use crate::common;

fn assert_snapshot(name: &str, shown: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, shown);
    });
}

const CHECK: [&str; 5] = ["check", "snapshot.json", "--policies", "policies", "--quiet"];

fn run(folder: &Path, further: &[&str]) -> std::process::Output {
    common::run(folder, &[&CHECK[..], further].concat())
}

fn text(folder: &Path, further: &[&str]) -> String {
    common::stdout(&run(folder, further))
}

fn findings(report: &Value) -> &[Value] {
    report["findings"].as_array().unwrap()
}

fn ids<'r>(findings: impl IntoIterator<Item = &'r Value>) -> Vec<&'r str> {
    findings.into_iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

fn is_open(finding: &Value) -> bool {
    (finding["outcome"] == "fail" || finding["outcome"] == "unknown") && finding["waiver"].is_null()
}

#[test]
fn a_filter_narrows_what_is_shown_and_nothing_else() {
    let folder = common::acme();
    let path = folder.path();
    let whole = common::report(path, &[]);
    let serves = |finding: &Value, wanted: &str| {
        let checks = whole["summary"]["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == finding["check"]).unwrap();
        check["controls"].as_array().unwrap().iter().any(|control| control.as_str().unwrap().starts_with(wanted))
    };
    let owner = whole["findings"][0]["owner"].clone();
    let (id, email) = (owner["id"].as_str().unwrap(), owner["email"].as_str().unwrap().to_uppercase());
    type Fits<'f> = Box<dyn Fn(&Value) -> bool + 'f>;
    let is_grave = |finding: &Value| finding["severity"] == "critical" || finding["severity"] == "high";
    let cases: Vec<(Vec<&str>, Fits<'_>)> = vec![
        (vec!["--severity", "high"], Box::new(is_grave)),
        (vec!["--severity", "critical"], Box::new(|one| one["severity"] == "critical")),
        (
            vec!["--outcome", "unknown,exempt"],
            Box::new(|one| one["outcome"] == "unknown" || one["outcome"] == "exempt"),
        ),
        (
            vec!["--system", "wiki", "--system", "humaans"],
            Box::new(|one| one["system"] == "wiki" || one["system"] == "humaans"),
        ),
        (vec!["--person", id], Box::new(|one| one["owner"]["id"] == id)),
        (vec!["--person", &email], Box::new(|one| one["owner"]["id"] == id)),
        (vec!["--control", "SOC2:CC6.1"], Box::new(|one| serves(one, "SOC2:CC6.1"))),
        (vec!["--control", "hipaa"], Box::new(|one| serves(one, "HIPAA:"))),
        (
            vec!["--severity", "high", "--system", "github"],
            Box::new(move |one| is_grave(one) && one["system"] == "github"),
        ),
    ];
    for (filter, fits) in cases {
        let output = run(path, &[&["--format", "json"][..], &filter].concat());
        assert_eq!(output.status.code(), Some(1), "{filter:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let expected = ids(findings(&whole).iter().filter(|finding| fits(finding)));
        assert_eq!(ids(findings(&report)), expected, "{filter:?}");
        let count = findings(&whole).len();
        assert!(!expected.is_empty() && expected.len() < count, "{filter:?}");
        assert_eq!(report["summary"], whole["summary"]);
        assert_eq!(report["filter"]["listed"], expected.len());
        assert_eq!(report["filter"]["hidden"], count - expected.len());
        let hidden = format!("{} hidden", count - expected.len());
        for format in ["text", "markdown", "html", "sarif", "github", "junit"] {
            let shown = text(path, &[&["--format", format][..], &filter].concat()).replace('\n', " ");
            let says_counts = matches!(format, "text" | "markdown" | "html");
            let hidden = if says_counts { format!("{hidden}; the counts are of all") } else { hidden.clone() };
            assert!(shown.contains(&hidden), "{format} {filter:?}");
        }
    }
    // A filter that shows no failure does not make the run pass, and one that shows some does not make it fail.
    let exempt = run(path, &["--outcome", "exempt"]);
    assert_eq!(exempt.status.code(), Some(1));
    assert_eq!(run(path, &["--outcome", "fail", "--fail-on", "never"]).status.code(), Some(0));
    assert!(whole.get("filter").is_none());
}

#[test]
fn a_junit_report_that_hides_findings_fails_as_the_run_does() {
    let folder = common::acme();
    let junit = |further: &[&str]| {
        let output = run(folder.path(), &[&["--format", "junit"][..], further].concat());
        (output.status.code().unwrap(), common::stdout(&output))
    };
    let (status, shown) = junit(&["--outcome", "exempt"]);
    assert_eq!(status, 1);
    assert!(shown.contains("name=\"tenure (filtered)\"") && shown.contains("<failure"), "{shown}");
    let cases = shown.matches("<failure").count();
    assert_eq!(cases, shown.matches("<testcase name=\"findings hidden by the filter\"").count(), "{shown}");
    assert!(shown.contains(&format!("failures=\"{cases}\" errors=\"0\"")), "{shown}");
    // The exit status depends on no hidden finding: the cases are skipped.
    for (status, fail_on) in [(0, "never"), (1, "critical")] {
        let (its, shown) = junit(&["--severity", "critical", "--fail-on", fail_on]);
        assert_eq!(its, status, "{fail_on}");
        assert!(shown.contains("hidden by the filter (only severity critical"), "{shown}");
        assert!(!shown.contains("type=\"hidden\""), "{shown}");
    }
    assert!(!junit(&[]).1.contains("hidden"));
}

#[test]
fn sarif_has_the_outcomes_that_a_filter_names() {
    let folder = common::acme();
    let report = common::report(folder.path(), &["--outcome", "exempt"]);
    let log: Value = serde_json::from_str(&text(folder.path(), &["--outcome", "exempt", "--format", "sarif"])).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let fingerprints = results.iter().map(|result| result["partialFingerprints"]["tenureFinding/v1"].as_str().unwrap());
    assert_eq!(fingerprints.collect::<Vec<_>>(), ids(findings(&report)));
    assert!(results.iter().all(|one| one["kind"] == "informational" && one["level"] == "none"));
    assert!(results.iter().all(|one| one.get("suppressions").is_none()) && !results.is_empty());
    let whole: Value = serde_json::from_str(&text(folder.path(), &["--format", "sarif"])).unwrap();
    let results = whole["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().all(|one| one["kind"] == "fail"));
}

#[test]
fn statistics_and_lists_of_some_findings_say_what_they_count() {
    let folder = common::acme();
    for listing in [&["--statistics"][..], &["--by", "system"]] {
        let shown = text(folder.path(), &[listing, &["--severity", "critical"]].concat()).replace('\n', " ");
        assert!(shown.contains("hidden; only the last line counts all"), "{shown}");
        assert!(!shown.contains("the counts are of all"), "{shown}");
    }
}

#[test]
fn a_remedy_names_the_file_that_declares_accounts_and_only_if_a_link_would_help() {
    let folder = common::acme();
    let policies = folder.path().join("policies");
    fs::rename(policies.join("identities.yaml"), policies.join("accounts.yaml")).unwrap();
    let report = common::report(folder.path(), &[]);
    let remedy = |check: &str, subject: &str| {
        let is = |one: &&Value| one["check"] == check && one["subject"]["id"] == subject;
        findings(&report).iter().find(is).unwrap()["remedy"].clone()
    };
    let linked = remedy("user-identified", "github/ghost-7");
    assert_eq!(linked["file"], "accounts.yaml");
    assert_eq!(linked["yaml"], "- { system: github, account: ghost-7, person: <HRIS id> }");
    assert_eq!(remedy("access-valid", "github/ghost-7")["file"], "accounts.yaml");
    // Its class is unknown, so a person need not be what is missing.
    let unknown = remedy("user-identified", "github/sweeper");
    assert!(unknown["text"].is_string() && unknown.get("yaml").is_none() && unknown.get("file").is_none(), "{unknown}");
    // Without declared accounts, the entry brings its key.
    fs::write(policies.join("accounts.yaml"), "people:\n  - { id: per000000000000000000038 }\n").unwrap();
    let report = common::report(folder.path(), &["--check", "user-identified", "--system", "github"]);
    let yaml = findings(&report).iter().find_map(|one| one["remedy"]["yaml"].as_str()).unwrap();
    assert!(yaml.starts_with("accounts:\n  - { system: github, account: "), "{yaml}");
}

#[test]
fn passes_are_listed_where_they_are_asked_for() {
    let folder = common::acme();
    let report = common::report(folder.path(), &["--outcome", "pass", "--check", "joining-date-provided"]);
    let passes = usize::try_from(report["summary"]["totals"]["pass"].as_u64().unwrap()).unwrap();
    assert_eq!(findings(&report).len(), passes);
    assert!(findings(&report).iter().all(|finding| finding["outcome"] == "pass"));
}

#[test]
fn a_filter_that_names_nothing_is_an_error_with_the_near_miss() {
    let folder = common::acme();
    for (filter, code, near) in [
        (["--system", "gihub"], "unknown-system", "did you mean `github`?"),
        (["--person", "patrick.garow@acme.example"], "unknown-person", "did you mean `patrick.garrow@acme.example`?"),
        (["--control", "SOC2:CC61"], "unknown-control", "did you mean `SOC2:CC6.1`?"),
        (["--control", "HIPPA"], "unknown-control", "did you mean `HIPAA`?"),
    ] {
        let output = run(folder.path(), &[&filter[..], &["-o", "report.txt"]].concat());
        assert_eq!(output.status.code(), Some(2), "{filter:?}");
        let said = common::stderr(&output);
        assert!(said.contains(code) && said.contains(near), "{said}");
        assert!(!folder.path().join("report.txt").exists());
    }
    assert_eq!(run(folder.path(), &["--new"]).status.code(), Some(2), "nothing tells what is new");
    assert_eq!(run(folder.path(), &["--severity", "grave"]).status.code(), Some(2));
}

#[test]
fn new_findings_are_shown_alone_and_a_filtered_report_is_no_baseline() {
    let folder = common::acme();
    let path = folder.path();
    let write = |file: &str, further: &[&str]| {
        run(path, &[&["--format", "json", "-o", file, "--fail-on", "never"][..], further].concat())
    };
    write("old.json", &[]);
    let snapshot = fs::read_to_string(path.join("snapshot.json")).unwrap();
    let mut changed: Value = serde_json::from_str(&snapshot).unwrap();
    let people = changed["people"].as_array_mut().unwrap();
    let person = people.iter_mut().find(|person| person["start_date"].is_string()).unwrap();
    person["start_date"] = Value::Null;
    fs::write(path.join("snapshot.json"), changed.to_string()).unwrap();
    write("new.json", &["--baseline", "old.json", "--new"]);
    let report: Value = serde_json::from_slice(&fs::read(path.join("new.json")).unwrap()).unwrap();
    assert!(!findings(&report).is_empty());
    assert!(findings(&report).iter().all(|finding| finding["baseline"]["status"] == "new"), "{report}");
    assert_eq!(report["baseline"]["new"], findings(&report).len());
    let output = run(path, &["--baseline", "new.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::stderr(&output).contains("the baseline hides"), "{}", common::stderr(&output));
}

#[test]
fn evidence_holds_what_a_filter_hides() {
    let folder = common::acme();
    let filtered = ["--evidence", "evidence", "--outcome", "exempt", "--format", "json"];
    assert_eq!(run(folder.path(), &filtered).status.code(), Some(1));
    let kept: Value = serde_json::from_slice(&fs::read(folder.path().join("evidence/report.json")).unwrap()).unwrap();
    assert_eq!(kept, common::report(folder.path(), &[]));
    assert_eq!(common::run(folder.path(), &["verify", "evidence"]).status.code(), Some(0));
}

#[test]
fn statistics_count_what_the_json_report_counts() {
    let folder = common::acme();
    let report = common::report(folder.path(), &[]);
    let shown = text(folder.path(), &["--statistics"]);
    assert_snapshot("statistics", &shown);
    for check in report["summary"]["checks"].as_array().unwrap() {
        let counts = &check["counts"];
        let expected: Vec<u64> =
            ["fail", "unknown", "waived", "overdue"].iter().map(|key| counts[key].as_u64().unwrap()).collect();
        let name = check["check"].as_str().unwrap();
        let row = shown.lines().find(|line| line.split_whitespace().next() == Some(name));
        let row: Vec<u64> = row.map_or(vec![0; 4], |row| {
            row.split_whitespace().skip(1).map(|cell| cell.parse().unwrap_or_default()).collect()
        });
        assert_eq!(row, expected, "{name}");
    }
    let refused = run(folder.path(), &["--statistics", "--format", "json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(common::stderr(&refused).contains("`--statistics` is text, and `json` is another format"));
}

/// The headings of a listing, with how many open findings each names.
fn headings(listing: &str) -> BTreeMap<String, usize> {
    let headings = listing.lines().filter_map(|line| {
        let (heading, count) = line.trim_start_matches("### ").rsplit_once(": ")?;
        let count = count.strip_suffix(" open findings").or_else(|| count.strip_suffix(" open finding"))?;
        Some((heading.to_owned(), count.parse().unwrap()))
    });
    headings.collect()
}

#[test]
fn open_findings_are_listed_by_those_who_have_to_act() {
    let folder = common::acme();
    let report = common::report(folder.path(), &[]);
    let person = |person: &Value, none: &str| match person.as_object() {
        None => none.to_owned(),
        Some(person) => {
            let email = person["email"].as_str().map(|email| format!(", {email}")).unwrap_or_default();
            let contact = format!("{} ({}){email}", person["name"].as_str().unwrap(), person["id"].as_str().unwrap());
            tenure::report::safe::terminal(&contact)
        }
    };
    let controls = |finding: &Value| -> Vec<String> {
        let checks = report["summary"]["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == finding["check"]).unwrap();
        check["controls"].as_array().unwrap().iter().map(|control| control.as_str().unwrap().to_owned()).collect()
    };
    for by in ["person", "manager", "system", "control"] {
        let mut expected: BTreeMap<String, usize> = BTreeMap::new();
        for finding in findings(&report).iter().filter(|finding| is_open(finding)) {
            let keys = match by {
                "person" => vec![person(&finding["owner"], "No known person")],
                "manager" => vec![person(&finding["manager"], "No known manager")],
                "system" => vec![finding["system"].as_str().unwrap_or("No system").to_owned()],
                _ => controls(finding),
            };
            keys.into_iter().for_each(|key| *expected.entry(key).or_default() += 1);
        }
        let shown = text(folder.path(), &["--by", by]);
        assert_eq!(headings(&shown), expected, "{by}");
        assert_eq!(shown, text(folder.path(), &["--by", by, "--threads", "1"]));
        let markdown = text(folder.path(), &["--by", by, "--format", "markdown"]);
        let counts = |listing: &str| headings(listing).into_values().sum::<usize>();
        assert_eq!(counts(&markdown), counts(&shown), "{by}");
        if by == "manager" {
            assert_snapshot("by-manager", &shown);
            assert_snapshot("by-manager-markdown", &markdown);
        }
        // What has no one to act comes last.
        let last = shown.lines().rfind(|line| line.contains(" open finding")).unwrap();
        assert!(!expected.keys().any(|key| key.starts_with("No ")) || last.starts_with("No "), "{last}");
    }
    let refused = run(folder.path(), &["--by", "manager", "--format", "csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(common::stderr(&refused).contains("--format tickets"), "{}", common::stderr(&refused));
}

#[test]
fn tickets_hold_every_open_finding_once_and_fit_their_schema() {
    let folder = common::acme();
    let report = common::report(folder.path(), &[]);
    let tickets: Value = serde_json::from_str(&text(folder.path(), &["--format", "tickets"])).unwrap();
    let schema = fs::read(common::root().join("schemas/tickets.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    assert!(validator.is_valid(&tickets), "{:?}", validator.iter_errors(&tickets).next());
    let mut broken = tickets.clone();
    broken["tickets"][0].as_object_mut().unwrap().remove("subjects");
    assert!(!validator.is_valid(&broken), "nothing is refused");

    let list = tickets["tickets"].as_array().unwrap();
    let subjects: Vec<&Value> = list.iter().flat_map(|ticket| ticket["subjects"].as_array().unwrap()).collect();
    let named: BTreeSet<&str> = subjects.iter().map(|subject| subject["finding"].as_str().unwrap()).collect();
    let open: Vec<&Value> = findings(&report).iter().filter(|finding| is_open(finding)).collect();
    assert_eq!(named, ids(open.iter().copied()).into_iter().collect());
    assert_eq!(subjects.len(), open.len());
    for ticket in list {
        let of_ticket: Vec<&&Value> = open.iter().filter(|finding| finding["group"] == ticket["id"]).collect();
        assert_eq!(of_ticket.len(), ticket["subjects"].as_array().unwrap().len());
        let people = |key: &str| -> BTreeSet<String> {
            of_ticket.iter().filter_map(|finding| finding[key].get("id")).map(ToString::to_string).collect()
        };
        for (list, key) in [("owners", "owner"), ("managers", "manager")] {
            let listed: BTreeSet<String> =
                ticket[list].as_array().unwrap().iter().map(|person| person["id"].to_string()).collect();
            assert_eq!(listed, people(key));
        }
        let due = of_ticket.iter().filter_map(|finding| finding["clock"]["due"].as_str()).min();
        assert_eq!(ticket["due"].as_str(), due);
        assert!(ticket["title"].as_str().unwrap().chars().count() <= 200);
    }
    assert!(list.iter().any(|ticket| ticket["is_overdue"] == true));
    let rows = text(folder.path(), &["--format", "tickets-csv"]);
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(rows.as_bytes()).records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), list.len());
    assert!(rows.iter().zip(list).all(|(row, ticket)| row[0] == *ticket["id"].as_str().unwrap()));
}

#[test]
fn comma_separated_values_begin_with_a_mark_on_request() {
    let folder = common::acme();
    for format in ["csv", "revoke", "tickets-csv"] {
        let plain = text(folder.path(), &["--format", format]);
        assert_eq!(text(folder.path(), &["--format", format, "--bom"]), format!("\u{feff}{plain}"));
    }
    run(folder.path(), &["--bom", "--export", "a.csv", "--export", "a.json"]);
    let first = |file: &str| fs::read(folder.path().join(file)).unwrap()[..3].to_vec();
    assert_eq!(first("a.csv"), "\u{feff}".as_bytes());
    assert_eq!(first("a.json"), b"{\n ");
    assert_eq!(run(folder.path(), &["--bom", "--format", "json"]).status.code(), Some(2));
}
