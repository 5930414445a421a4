//! What changes by itself: `tenure forecast`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{collections::BTreeMap, fs};

use common::{root, run, stderr, stdout};
use jiff::{ToSpan, civil::Date};
use serde_json::Value;

const FROM: &str = "2026-11-20";

fn forecast(until: &str) -> Value {
    let output = run(&root(), &["forecast", "--example", "--as-of", FROM, "--until", until, "--format", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

/// By finding: outcome, waived, overdue.
type States = BTreeMap<String, (String, bool, bool)>;

/// What `tenure check` says of a day.
fn checked(day: &str) -> States {
    let output = run(&root(), &["check", "--example", "--as-of", day, "--all", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let of = |finding: &Value| {
        let is_overdue = finding["clock"]["state"] == "overdue" && finding["waiver"].is_null();
        let outcome = finding["outcome"].as_str().unwrap().to_owned();
        let is_open = outcome == "fail" || outcome == "unknown";
        (finding["id"].as_str().unwrap().to_owned(), (outcome, !finding["waiver"].is_null(), is_overdue && is_open))
    };
    report["findings"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_forecast_is_what_a_check_says_of_every_day() {
    let forecast = forecast("2026-12-31");
    let days = forecast["days"].as_array().unwrap();
    assert!(days.len() >= 2, "{days:#?}");
    let mut states = checked(FROM);
    let (mut day, last): (Date, Date) = (FROM.parse().unwrap(), "2026-12-31".parse().unwrap());
    while day < last {
        day = day.saturating_add(1.days());
        let changes = days.iter().find(|one| one["date"] == day.to_string()).map(|one| one["changes"].clone());
        for change in changes.iter().flat_map(|changes| changes.as_array().unwrap()) {
            let (id, after) = (change["finding"].as_str().unwrap(), &change["after"]);
            let flag = |name: &str| after[name] == true;
            let after = (after["outcome"].as_str().unwrap().to_owned(), flag("waived"), flag("overdue"));
            let before = states.insert(id.to_owned(), after.clone());
            assert_ne!(before, Some(after), "{day}: {change:#}");
        }
        let checked = checked(&day.to_string());
        let differing = |id: &&String| states.get(*id) != checked.get(*id);
        assert_eq!(states, checked, "{day}: {:?}", states.keys().filter(differing).collect::<Vec<_>>());
    }
}

#[test]
fn lists_that_are_pulled_again_do_not_grow_old() {
    let arguments = ["forecast", "--example", "--as-of", FROM, "--until", "2026-12-31"];
    let old = stdout(&run(&root(), &arguments));
    let fresh = stdout(&run(&root(), &[&arguments[..], &["--fresh-lists"]].concat()));
    let is_stale = |text: &str| text.contains("is older than max_age allows");
    assert!(is_stale(&old) && !is_stale(&fresh), "{fresh}");
    assert!(fresh.contains("fail → pass"), "{fresh}");
}

#[test]
fn a_calendar_has_an_entry_for_each_day_and_no_clock() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access.ics");
    let write = || {
        let path = file.display().to_string();
        let arguments = ["forecast", "--example", "--as-of", FROM, "--until", "2026-12-31", "--format", "ics", "-o"];
        let output = run(&root(), &[&arguments[..], &[&path]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        fs::read_to_string(&file).unwrap()
    };
    let (calendar, days) = (write(), forecast("2026-12-31"));
    assert_eq!(calendar, write());
    let dates: Vec<String> =
        days["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap().replace('-', "")).collect();
    let starts: Vec<&str> = calendar.lines().filter_map(|line| line.strip_prefix("DTSTART;VALUE=DATE:")).collect();
    assert_eq!(starts, dates);
    assert!(calendar.lines().all(|line| line.len() <= 75), "lines are folded");
    let stamps: Vec<&str> = calendar.lines().filter(|line| line.starts_with("DTSTAMP")).collect();
    assert!(stamps.len() == dates.len() && stamps.iter().all(|line| *line == stamps[0]), "{stamps:?}");
}

#[test]
fn names_from_a_source_add_no_line_to_a_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "x\r\nBEGIN:VEVENT\r\nSUMMARY:evil";
    let mut snapshot: Value =
        serde_json::from_str(&fs::read_to_string(root().join("fixtures/acme/snapshot.json")).unwrap()).unwrap();
    snapshot["organization"]["id"] = hostile.into();
    for person in snapshot["people"].as_array_mut().unwrap() {
        person["name"] = hostile.into();
    }
    fs::write(folder.path().join("s.json"), snapshot.to_string()).unwrap();
    let policies = root().join("policies").display().to_string();
    let arguments =
        ["forecast", "s.json", "--policies", &policies, "--as-of", FROM, "--until", "2026-12-31", "--format", "ics"];
    let output = run(folder.path(), &arguments);
    let calendar = stdout(&output);
    assert!(calendar.contains("BEGIN:VEVENT") && !calendar.contains("\nSUMMARY:evil"), "{}", stderr(&output));
}

#[test]
fn text_names_the_day_the_finding_and_both_states() {
    let output = run(&root(), &["forecast", "--example", "--as-of", FROM, "--until", "2026-12-31"]);
    let text = stdout(&output);
    assert!(text.contains("what changes by itself until 2026-12-31"), "{text}");
    assert!(text.contains(" → ") && text.contains("changes on "), "{text}");
    let late = run(&root(), &["forecast", "--example", "--as-of", FROM, "--until", "2026-11-01"]);
    assert_eq!(late.status.code(), Some(2));
    assert!(stderr(&late).contains("name a later day"), "{}", stderr(&late));
}
