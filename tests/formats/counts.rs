//! The open findings of every format, counted by a reader of its own, against those of JSON.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use quick_xml::{Reader, events::Event};
use serde_json::Value;
use tenure::report::format::Format;

use crate::common;

/// How many findings fail or are unknown: of all, and of those without a waiver.
struct Open {
    all: usize,
    unwaived: usize,
}

fn open(findings: &[Value]) -> Open {
    let open = || findings.iter().filter(|finding| finding["outcome"] == "fail" || finding["outcome"] == "unknown");
    Open { all: open().count(), unwaived: open().filter(|finding| finding["waiver"].is_null()).count() }
}

fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}

/// The elements of an XML document of these names.
fn elements(text: &str, names: &[&str]) -> usize {
    let mut reader = Reader::from_str(text);
    let mut count = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                count += usize::from(names.iter().any(|name| start.name().as_ref() == name.as_bytes()));
            }
            Event::Eof => return count,
            _ => {}
        }
    }
}

fn attribute(text: &str, before: &str) -> usize {
    let values = text.split(before).skip(1).map(|rest| rest.split('"').next().unwrap());
    values.map(|value| value.parse::<usize>().unwrap()).sum()
}

/// What a format has of both counts; none for what it does not tell.
fn counted(format: Format, text: &str) -> (Option<usize>, Option<usize>) {
    let is_open = |word: &str| word == "fail" || word == "unknown";
    let json = || serde_json::from_str::<Value>(text).unwrap();
    let lines = || text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    match format {
        Format::Json => {
            let open = open(json()["findings"].as_array().unwrap());
            (Some(open.all), Some(open.unwaived))
        }
        Format::Ndjson => {
            let open = open(&lines().filter(|line| line["type"] == "finding").collect::<Vec<_>>());
            (Some(open.all), Some(open.unwaived))
        }
        Format::Csv => {
            let (outcomes, waivers) = (column(text, "outcome"), column(text, "waiver"));
            let open = || outcomes.iter().zip(&waivers).filter(|(outcome, _)| is_open(outcome));
            (Some(open().count()), Some(open().filter(|(_, waiver)| waiver.is_empty()).count()))
        }
        Format::Text => {
            let open = || text.lines().filter(|line| line.starts_with("fail ") || line.starts_with("unknown "));
            (Some(open().count()), None)
        }
        Format::Markdown => {
            let rows =
                || text.lines().filter(|line| line.starts_with("| **fail**") || line.starts_with("| **unknown**"));
            (Some(rows().count()), Some(rows().filter(|row| !row.contains("waived until")).count()))
        }
        Format::Html => {
            let table = text.split("<table id=\"table\">").nth(1).unwrap().split("</table>").next().unwrap();
            let rows = || {
                table
                    .split("<tr id=\"f-")
                    .skip(1)
                    .filter(|row| row.contains("class=\"outcome fail\"") || row.contains("class=\"outcome unknown\""))
            };
            let unwaived = rows().filter(|row| row.contains("data-waived=\"not waived\"")).count();
            // The groups hold the same.
            assert_eq!(attribute(text, " data-count=\""), unwaived, "html");
            (Some(rows().count()), Some(unwaived))
        }
        // A case that stands for what a filter hides is none of the findings.
        Format::Junit => {
            let hidden = text.matches("type=\"hidden\"").count();
            (None, Some(elements(text, &["failure", "error"]) - hidden))
        }
        Format::Sarif => {
            let log = json();
            let results = log["runs"][0]["results"].as_array().unwrap();
            let open = || results.iter().filter(|result| result["level"] != "none");
            (Some(open().count()), Some(open().filter(|result| result.get("suppressions").is_none()).count()))
        }
        Format::Github => {
            let shown = text.lines().filter(|line| line.starts_with("::error ") || line.starts_with("::warning "));
            let more = text.split("::and ").nth(1).map_or(0, |rest| rest.split(' ').next().unwrap().parse().unwrap());
            (None, Some(shown.count() + more))
        }
        Format::Ocsf => {
            let status = |event: &Value| event["compliance"]["status_id"].as_u64().unwrap();
            let open: Vec<Value> = lines().filter(|event| matches!(status(event), 2 | 3)).collect();
            (Some(open.len()), Some(open.iter().filter(|event| event["status_id"] != 3).count()))
        }
        Format::Oscal => {
            let document = json();
            let observations = document["assessment-results"]["results"][0]["observations"].as_array().unwrap();
            let outcome = |observation: &Value| {
                let props = observation["props"].as_array().unwrap();
                props.iter().find(|prop| prop["name"] == "outcome").unwrap()["value"].as_str().unwrap().to_owned()
            };
            (Some(observations.iter().filter(|one| is_open(&outcome(one))).count()), None)
        }
        Format::Tickets => {
            let tickets = json();
            let subjects = tickets["tickets"].as_array().unwrap().iter();
            let unwaived: usize = subjects.map(|ticket| ticket["subjects"].as_array().unwrap().len()).sum();
            let waived = usize::try_from(tickets["waived"].as_u64().unwrap()).unwrap();
            (Some(unwaived + waived), Some(unwaived))
        }
        Format::TicketsCsv => {
            let counts = column(text, "findings");
            (None, Some(counts.iter().map(|count| count.parse::<usize>().unwrap()).sum()))
        }
        // A worklist has the accounts to take away, and no other findings.
        Format::Revoke | Format::RevokeJson => (None, None),
    }
}

#[test]
fn every_format_has_the_open_findings_of_json() {
    let folder = common::acme();
    for further in [&[][..], &["--all"], &["--severity", "high", "--outcome", "fail"], &["--system", "github"]] {
        let mut arguments = vec!["check", "snapshot.json", "--policies", "policies", "--details", "--quiet"];
        arguments.extend(further);
        let files: Vec<String> =
            Format::ALL.iter().map(|format| format!("{}=report.{}", format.word(), format.word())).collect();
        arguments.extend(files.iter().flat_map(|file| ["--export", file]));
        assert_eq!(common::run(folder.path(), &arguments).status.code(), Some(1));
        let text =
            |format: Format| fs::read_to_string(folder.path().join(format!("report.{}", format.word()))).unwrap();
        let (all, unwaived) = counted(Format::Json, &text(Format::Json));
        assert!(unwaived.unwrap() > 3 && (further.contains(&"fail") || all > unwaived), "{further:?}");
        let mut told = 0;
        for format in Format::ALL {
            let (its_all, its_unwaived) = counted(*format, &text(*format));
            assert!(its_all.is_none() || its_all == all, "{format} {further:?}: {its_all:?} of {all:?}");
            assert!(
                its_unwaived.is_none() || its_unwaived == unwaived,
                "{format} {further:?}: {its_unwaived:?} of {unwaived:?}"
            );
            told += usize::from(its_all.or(its_unwaived).is_some());
        }
        assert_eq!(told, Format::ALL.len() - 2);
    }
}

/// How many findings the groups of the text report have, by outcome.
fn grouped(text: &str) -> BTreeMap<String, usize> {
    let mut paragraphs: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let word = line.split("  ").next().unwrap().trim().to_owned();
        if ["fail", "unknown", "exempt"].contains(&word.as_str()) {
            paragraphs.push((word.clone(), line[word.len()..].trim().to_owned()));
        } else if let (true, Some((_, paragraph))) = (line.starts_with("          "), paragraphs.last_mut()) {
            paragraph.push(' ');
            paragraph.push_str(line.trim());
        }
    }
    let number = |text: &str| text.rsplit('(').next().and_then(|number| number.parse::<usize>().ok());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (word, paragraph) in paragraphs {
        let of_group = paragraph.split_once(" findings, group ").and_then(|(before, _)| number(before));
        let brief = paragraph.match_indices("): ").find_map(|(at, _)| number(&paragraph[..at]));
        let levels = paragraph.split_once(" [").and_then(|(_, levels)| levels.split_once(']'));
        let levels = levels.map(|(levels, _)| levels.split(", ").count());
        *counts.entry(word).or_default() += of_group.or(brief).or(levels).unwrap_or(1);
    }
    counts
}

#[test]
fn the_groups_of_the_text_have_the_findings_of_json() {
    let folder = common::acme();
    // One level of an account whose login fails cannot be judged.
    let rule = "@id(\"access.member-in-doubt\")\n@outcome(\"unknown\")\n@message(\"the level is in doubt\")\n\
        forbid (principal, action == Action::\"access-valid\", resource) when { resource.level == \"member\" };\n";
    fs::write(folder.path().join("policies/doubt.cedar"), rule).unwrap();
    let report = common::report(folder.path(), &[]);
    let findings = report["findings"].as_array().unwrap();
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    let mut outcomes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings {
        let outcome = finding["outcome"].as_str().unwrap();
        *expected.entry(outcome.to_owned()).or_default() += 1;
        outcomes.entry(finding["group"].as_str().unwrap()).or_default().insert(outcome);
    }
    let of = |entitlement: &str| {
        let is = |one: &&Value| one["subject"]["id"] == "github/cmbeki" && one["entitlement"] == entitlement;
        findings.iter().find(is).unwrap()["outcome"].as_str().unwrap()
    };
    assert_eq!((of("github/login"), of("github/member")), ("fail", "unknown"));
    assert!(outcomes.values().all(|outcomes| outcomes.len() == 1), "{outcomes:?}");
    let text = common::run(folder.path(), &["check", "snapshot.json", "--policies", "policies", "--quiet"]);
    assert_eq!(grouped(&common::stdout(&text)), expected);
}
