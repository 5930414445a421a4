//! Every form of a report: as it is, as its standard has it, with hostile names, twice, and into a closed pipe.

#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod common;
#[path = "formats/counts.rs"]
mod counts;
#[path = "formats/listings.rs"]
mod listings;

use std::{borrow::Cow, cell::Cell, fs, io, path::PathBuf};

use quick_xml::{Reader, events::Event};
use serde_json::{Value, json};
use tenure::report::{
    Contents, Report, View,
    format::{Format, render},
    model::Finding,
    text::Layout,
    view::Findings,
};

fn acme() -> Report {
    serde_json::from_slice(&fs::read(common::root().join("fixtures/acme/report.json")).unwrap()).unwrap()
}

fn rendered(format: Format, view: &View<'_>) -> String {
    let mut out = Vec::new();
    render(format, view, Layout::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A report in which everything that a format may have to show occurs: each outcome, waivers, clocks, and how findings
/// stand to an earlier report.
fn everything() -> Report {
    let mut report: Value = serde_json::to_value(acme()).unwrap();
    let findings = report["findings"].as_array_mut().unwrap();
    let notes = ["new", "known", "reopened"];
    let clocks = ["on-time", "due-soon", "overdue"];
    for (index, finding) in findings.iter_mut().enumerate() {
        if finding["outcome"] == "exempt" {
            continue;
        }
        finding["baseline"] = json!({ "status": notes[index % 3], "first_seen": "2026-11-02" });
        if index % 2 == 0 {
            let state = clocks[index / 2 % 3];
            finding["clock"] = json!({
                "since": "2026-11-01", "basis": "first-seen", "due": "2026-11-20", "state": state
            });
        }
    }
    let mut passing = findings[0].clone();
    passing["id"] = json!("00000000-0000-5000-8000-000000000001");
    passing["outcome"] = json!("pass");
    passing["advice"] = Value::Null;
    passing["baseline"] = json!({ "status": "resolved", "first_seen": "2026-11-02" });
    let mut inapplicable = passing.clone();
    inapplicable["id"] = json!("00000000-0000-5000-8000-000000000002");
    inapplicable["outcome"] = json!("not-applicable");
    inapplicable.as_object_mut().unwrap().remove("baseline");
    findings.insert(1, passing);
    findings.insert(2, inapplicable);
    report["baseline"] = json!({
        "as_of": "2026-11-13T09:00:00Z", "snapshot": "sha256:1", "bundle": "sha256:2",
        "new": 1, "known": 2, "reopened": 3, "resolved": 2,
        "resolved_findings": [{
            "id": "00000000-0000-5000-8000-000000000003", "check": findings[0]["check"], "severity": "high",
            "subject": { "type": "System", "id": "gone", "label": null }, "entitlement": null,
            "was": "fail", "now": null, "first_seen": "2026-11-02", "resolved_on": "2026-11-20"
        }]
    });
    report["summary"]["checks"][0]["help"] = json!("https://wiki.example.com/access?page=1#rules");
    serde_json::from_value(report).unwrap()
}

#[test]
fn every_format_shows_every_outcome() {
    let report = acme();
    let outcomes: std::collections::BTreeSet<&str> =
        everything().findings.iter().map(|finding| finding.outcome.word()).collect();
    assert_eq!(outcomes.len(), 5);
    // That of JSON is the fixture's own.
    for format in Format::ALL.iter().copied().filter(|format| *format != Format::Json) {
        let view = View { policies: Some("policies"), ..View::of(&report) };
        insta::assert_snapshot!(format!("format-{}", format.word()), rendered(format, &view));
        let report = everything();
        let view = View { policies: Some("policies"), ..View::of(&report) };
        insta::assert_snapshot!(format!("format-{}-everything", format.word()), rendered(format, &view));
    }
}

#[test]
fn every_format_is_the_same_twice() {
    let folder = common::acme();
    for format in Format::ALL {
        let run = |threads: &str| {
            let arguments = [
                "check",
                "snapshot.json",
                "--policies",
                "policies",
                "--all",
                "--format",
                format.word(),
                "--threads",
                threads,
            ];
            common::run(folder.path(), &arguments).stdout
        };
        let (one, two) = (run("1"), run("7"));
        assert!(!one.is_empty(), "{format}");
        assert!(one == two, "{format} differs");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::io::Read;
    for format in Format::ALL {
        let mut command = common::tenure(&common::root(), &["check", "--example", "--all", "--format", format.word()]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = [0];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(common::stderr(&output), "", "{format}");
    }
}

#[test]
fn several_files_at_once_are_the_same_as_one_by_one() {
    let folder = common::acme();
    let exports = [
        "a.html",
        "a.sarif",
        "a.ocsf.json",
        "a.oscal.json",
        "a.csv",
        "a.md",
        "a.xml",
        "a.ndjson",
        "a.json",
        "a.txt",
        "a.revoke.csv",
        "a.revoke.json",
        "a.tickets.json",
        "a.tickets.csv",
        "github=annotations",
    ];
    let mut arguments = vec!["check", "snapshot.json", "--policies", "policies", "--quiet", "--format", "json"];
    arguments.extend(exports.iter().flat_map(|file| ["--export", file]));
    let output = common::run(folder.path(), &arguments);
    let formats: Vec<Format> = exports
        .iter()
        .map(|file| {
            file.split_once('=').map_or_else(|| Format::of_file(file), |(word, _)| Format::from_word(word)).unwrap()
        })
        .collect();
    assert_eq!(formats.len(), Format::ALL.len());
    for (file, format) in exports.iter().zip(formats) {
        let file = file.rsplit('=').next().unwrap();
        let alone = ["check", "snapshot.json", "--policies", "policies", "--quiet", "--format", format.word()];
        let alone = common::run(folder.path(), &alone).stdout;
        let written = fs::read(folder.path().join(file)).unwrap();
        assert!(written == alone, "{file} differs from --format {format}");
    }
    assert_eq!(output.stdout, fs::read(folder.path().join("a.json")).unwrap());
}

// ---- Standards ----

/// The official schema of a standard, where it is at hand.
fn standard(name: &str) -> Option<Value> {
    let folder = std::env::var_os("TENURE_STANDARD_SCHEMAS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| common::root().join("../shared/schemas"));
    let Ok(text) = fs::read(folder.join(name)) else {
        common::notice(&format!(
            "{name} is not at {}: NOT VALIDATED; name its folder with TENURE_STANDARD_SCHEMAS",
            folder.display()
        ));
        return None;
    };
    Some(serde_json::from_slice(&text).unwrap())
}

fn problems(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect()
}

fn assert_standard(schema: &str, format: Format, is_lines: bool, breaking: fn(&mut Value)) {
    let Some(schema) = standard(schema) else { return };
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for report in [acme(), everything(), hostile(), Report { findings: Vec::new(), ..acme() }] {
        let text = rendered(format, &View { policies: Some("pol icies"), ..View::of(&report) });
        let documents: Vec<Value> = if is_lines {
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        } else {
            vec![serde_json::from_str(&text).unwrap()]
        };
        for mut document in documents {
            assert_eq!(problems(&validator, &document), Vec::<String>::new());
            breaking(&mut document);
            assert!(!validator.is_valid(&document), "{format}: nothing is refused");
        }
    }
}

#[test]
fn sarif_fits_its_schema() {
    assert_standard("sarif-2.1.0.schema.json", Format::Sarif, false, |log| {
        log["runs"][0]["tool"]["driver"].as_object_mut().unwrap().remove("name");
    });
}

#[test]
fn ocsf_fits_its_schema() {
    assert_standard("ocsf-1.8.0-compliance_finding.schema.json", Format::Ocsf, true, |event| {
        event.as_object_mut().unwrap().remove("severity_id");
    });
}

#[test]
fn oscal_fits_its_schema() {
    assert_standard("oscal-1.2.2-complete.schema.json", Format::Oscal, false, |document| {
        document["assessment-results"]["results"][0]["observations"] = json!([]);
    });
}

#[test]
fn junit_fits_the_schema_of_jenkins() {
    let Some(schema) = std::env::var_os("TENURE_JUNIT_SCHEMA") else {
        common::notice("JUnit XML is NOT VALIDATED: name Jenkins' schema with TENURE_JUNIT_SCHEMA");
        return;
    };
    let validate = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.xml");
        fs::write(&file, text).unwrap();
        let mut command = std::process::Command::new("xmllint");
        command.args(["--noout", "--nonet", "--schema"]).arg(&schema).arg(file).output().unwrap()
    };
    for report in [acme(), everything(), hostile(), Report { findings: Vec::new(), ..acme() }] {
        let text = rendered(Format::Junit, &View::of(&report));
        let output = validate(&text);
        assert!(output.status.success(), "{}", common::stderr(&output));
        let broken = text.replacen("<properties>", "<properties hostile=\"yes\">", 1);
        assert!(!validate(&broken).status.success(), "nothing is refused");
    }
}

#[test]
fn sarif_says_what_each_finding_is() {
    let report = everything();
    let view = View { policies: Some("policies"), contents: Contents::All, ..View::of(&report) };
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, &view)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len() + 1);
    for (result, finding) in results.iter().zip(&report.findings) {
        let kind = match finding.outcome.word() {
            "unknown" => "fail",
            "exempt" => "informational",
            "not-applicable" => "notApplicable",
            word => word,
        };
        assert_eq!(result["kind"], kind);
        assert_eq!(result["level"] == "none", kind != "fail");
        let message = result["message"]["text"].as_str().unwrap();
        assert_eq!(message.starts_with("unknown: "), finding.outcome.word() == "unknown");
        assert_eq!(result["properties"]["outcome"], finding.outcome.word());
        assert_eq!(result.get("suppressions").is_some(), finding.waiver.is_some());
        assert_eq!(result["partialFingerprints"]["tenureFinding/v1"], finding.id);
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][rule]["id"], finding.check);
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
    }
    assert_eq!(results.last().unwrap()["baselineState"], "absent");
    assert!(report.findings.iter().any(|finding| finding.waiver.is_some()));
}

#[test]
fn sarif_holds_open_findings_alone_unless_everything_is_listed() {
    let report = everything();
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, &View::of(&report))).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let open: Vec<&Finding> = report.findings.iter().filter(|finding| finding.outcome.is_open()).collect();
    assert!(open.len() + 3 < report.findings.len() + 1);
    assert_eq!(results.len(), open.len());
    assert!(results.iter().all(|result| result["kind"] == "fail" && result["level"] != "none"));
    let levels = |outcome: &str| -> std::collections::BTreeSet<(String, String)> {
        let results = results.iter().filter(|result| result["properties"]["outcome"] == outcome);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        results.map(|one| (text(&one["properties"]["severity"]), text(&one["level"]))).collect()
    };
    assert!(levels("unknown").contains(&("high".to_owned(), "warning".to_owned())));
    assert!(levels("unknown").contains(&("medium".to_owned(), "note".to_owned())));
    assert!(levels("fail").contains(&("high".to_owned(), "error".to_owned())));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[0]["helpUri"], "https://wiki.example.com/access?page=1#rules");
    assert!(rules.iter().skip(1).all(|rule| rule.get("helpUri").is_none()));
    assert!(rules.iter().any(|rule| rule["id"] == "access-valid" && rule["name"] == "AccessValid"));
}

#[test]
fn ocsf_tells_unknown_waived_and_resolved_apart() {
    let report = everything();
    let text = rendered(Format::Ocsf, &View::of(&report));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), report.findings.len() + 1);
    for (event, finding) in events.iter().zip(&report.findings) {
        assert_eq!(event["time"], 1_795_165_200_000_u64, "milliseconds");
        assert_eq!(event["type_uid"], 200_300 + event["activity_id"].as_u64().unwrap());
        let status = match finding.outcome.word() {
            "pass" => 1,
            "unknown" => 2,
            "fail" => 3,
            _ => 99,
        };
        assert_eq!(event["compliance"]["status_id"], status);
        assert_eq!(event["status_id"] == 3, finding.waiver.is_some());
    }
    let last = events.last().unwrap();
    assert_eq!((&last["activity_id"], &last["status_id"]), (&json!(3), &json!(4)));
}

// ---- Hostile names ----

/// What somebody might call themselves.
const HOSTILE: [&str; 12] = [
    "\u{1b}[31mred\u{1b}[0m\u{7}\u{0}",
    "Mal\u{202e}yrol\u{2066}\u{200b}\u{feff}",
    "\"'`$(id)`",
    "=cmd()",
    "  @SUM(A1:A9)",
    "]]><x/>",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=alert(1)>",
    "| a | b |\r\n| c |",
    "%0A::error::x\n::error file=a::y",
    "@everyone #1 https://evil.example www.evil.example [x](javascript:alert(1))",
    "\u{fffe}\u{ffff}\u{e0001}\u{9b}31m",
];

/// The example with a hostile name wherever a name may come from outside.
fn hostile() -> Report {
    let mut report = everything();
    let mut names = HOSTILE.iter().cycle();
    let mut name = || (*names.next().unwrap()).to_owned();
    for finding in &mut report.findings {
        finding.subject.label = Some(name());
        finding.subject.id = format!("{}/{}", finding.subject.id, name());
        finding.message = name();
        if let Some(waiver) = &mut finding.waiver {
            waiver.reason = name();
            waiver.approved_by = name();
        }
        if let Some(advice) = &mut finding.advice {
            advice.text = name();
        }
        for fact in &mut finding.facts {
            fact.value = Some(name());
            fact.label = Some(name());
        }
        if finding.entitlement.is_some() {
            finding.entitlement = Some(format!("github/{}", name()));
        }
    }
    report.run.organization_name = name();
    for waiver in &mut report.waivers {
        waiver.message = name();
        waiver.id = name();
    }
    for source in &mut report.sources {
        source.rejected = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
        source.incomplete.insert("people".to_owned(), name());
    }
    for note in &mut report.notes {
        note.message = name();
    }
    for title in &mut report.unmatched_titles {
        title.job_title = Some(name());
        title.department = Some(name());
    }
    for finding in &mut report.baseline.as_mut().unwrap().resolved_findings {
        finding.subject.id = name();
        finding.subject.label = Some(name());
    }
    report
}

#[test]
fn hostile_names_are_harmless_in_every_format() {
    let report = hostile();
    for format in Format::ALL {
        let text = rendered(*format, &View::of(&report));
        // Nothing acts on a terminal or on the reading order, whatever shows the file. The text's own colours aside.
        let plain = if *format == Format::Text { strip(&text) } else { text.clone() };
        let harmful: Vec<char> = plain
            .chars()
            .filter(|letter| tenure::report::safe::is_harmful(*letter) && !matches!(letter, '\n' | '\r'))
            .collect();
        assert_eq!(harmful, Vec::<char>::new(), "{format}");
        match format {
            Format::Json | Format::Sarif | Format::Oscal | Format::RevokeJson | Format::Tickets => {
                serde_json::from_str::<Value>(&text).unwrap();
            }
            Format::Ndjson | Format::Ocsf => {
                for line in text.lines() {
                    serde_json::from_str::<Value>(line).unwrap();
                }
            }
            Format::Csv | Format::Revoke | Format::TicketsCsv => {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
                for record in reader.records() {
                    for cell in &record.unwrap() {
                        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '|', '%']), "{format}: {cell}");
                    }
                }
            }
            Format::Junit => {
                let cases = elements(&text, "testcase") - text.matches(" pass\" classname=").count();
                assert_eq!(cases - text.matches(" passes\" classname=").count(), report.findings.len());
            }
            Format::Github => {
                for line in text.lines() {
                    assert!(
                        line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice ")
                    );
                }
                assert!(text.lines().count() <= 11);
            }
            Format::Markdown => {
                for bad in ["<img", "<script", "](javascript", "@everyone", "https://", " www.", "\n::"] {
                    assert!(!text.contains(bad), "{bad}");
                }
                let rows = text.lines().filter(|line| line.starts_with("| ") && line.matches(" | ").count() == 4);
                let titles = text.matches("| outcome | subject |").count();
                assert_eq!(rows.count(), report.findings.len() + titles);
            }
            Format::Html => {
                for bad in ["<img", "<script>window", "onerror=alert(1)>", "</script><script>"] {
                    assert!(!text.contains(bad), "{bad}");
                }
            }
            Format::Text => {}
        }
    }
}

/// The text without ANSI styles as this program writes them.
fn strip(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let end = rest[at..].find('m').unwrap();
        assert!(rest[at + 2..at + end].chars().all(|letter| letter.is_ascii_digit() || letter == ';'), "{rest}");
        rest = &rest[at + end + 1..];
    }
    plain + rest
}

/// How many elements of a name a well-formed XML document has.
fn elements(text: &str, name: &str) -> usize {
    let mut reader = Reader::from_str(text);
    let mut count = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                for attribute in start.attributes() {
                    attribute.unwrap();
                }
                count += usize::from(start.name().as_ref() == name.as_bytes());
            }
            Event::Eof => return count,
            _ => {}
        }
    }
}

#[test]
fn junit_counts_what_it_holds() {
    let report = everything();
    let text = rendered(Format::Junit, &View::of(&report));
    let attribute = |name: &str| -> usize {
        let suites = text.lines().find(|line| line.starts_with("<testsuites")).unwrap();
        let begin = suites.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        suites[begin..].split('"').next().unwrap().parse().unwrap()
    };
    // One case of a suite stands for the passes that the report does not list.
    let listed = |check: &str, outcome: Option<&str>| {
        let of_check = report.findings.iter().filter(|finding| finding.check == check);
        of_check.filter(|finding| outcome.is_none_or(|outcome| finding.outcome.word() == outcome)).count()
    };
    let (mut tests, mut cases) = (0, 0);
    for check in &report.summary.checks {
        let unlisted = check.counts.pass - listed(&check.check, Some("pass"));
        tests += unlisted + listed(&check.check, None);
        cases += usize::from(unlisted > 0) + listed(&check.check, None);
    }
    assert_eq!(attribute("tests"), tests);
    assert_eq!(elements(&text, "testcase"), cases);
    assert!(tests > cases, "{tests} tests, {cases} cases");
    let timed = text.lines().filter(|line| line.trim_start().starts_with("<test") && !line.contains(" time=\"0\""));
    assert_eq!(timed.collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(attribute("failures"), elements(&text, "failure"));
    assert_eq!(attribute("errors"), elements(&text, "error"));
    assert!(elements(&text, "skipped") > 2);
}

#[test]
fn the_worklist_revokes_once_and_leaves_waived_ones_alone() {
    let folder = common::acme();
    let arguments = ["check", "snapshot.json", "--policies", "policies", "--format", "revoke-json"];
    let list: Value = serde_json::from_slice(&common::run(folder.path(), &arguments).stdout).unwrap();
    let work: Vec<(&str, &str, &str)> = list["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["action"].as_str().unwrap(), one["account"].as_str().unwrap(), one["level"].as_str().unwrap_or(""))
        })
        .collect();
    insta::assert_debug_snapshot!("worklist", work);
    let revoked: Vec<&str> = work.iter().filter(|one| one.0 == "revoke").map(|one| one.1).collect();
    let distinct: std::collections::BTreeSet<&&str> = revoked.iter().collect();
    assert_eq!(distinct.len(), revoked.len());
    assert!(work.iter().all(|one| one.0 == "revoke" || !revoked.contains(&one.1)));
}

// ---- Long reports ----

/// Findings that are made when they are asked for; counts how many are alive.
struct Many {
    one: Finding,
    checks: Vec<String>,
    count: usize,
    made: Cell<usize>,
}

impl Findings for Many {
    fn findings(&self) -> Box<dyn Iterator<Item = Cow<'_, Finding>> + '_> {
        let per_check = self.count / self.checks.len();
        Box::new((0..self.count).map(move |index| {
            self.made.set(self.made.get() + 1);
            let check = self.checks[(index / per_check).min(self.checks.len() - 1)].clone();
            let id = format!("00000000-0000-5000-8000-{index:012}");
            Cow::Owned(Finding { id, check, ..self.one.clone() })
        }))
    }

    fn of_check<'f>(&'f self, check: &'f str) -> Box<dyn Iterator<Item = Cow<'f, Finding>> + 'f> {
        let per_check = self.count / self.checks.len();
        let at = self.checks.iter().position(|one| one == check).unwrap();
        let end = if at + 1 == self.checks.len() { self.count } else { (at + 1) * per_check };
        Box::new((at * per_check..end).map(move |index| {
            self.made.set(self.made.get() + 1);
            let id = format!("00000000-0000-5000-8000-{index:012}");
            Cow::Owned(Finding { id, check: check.to_owned(), ..self.one.clone() })
        }))
    }
}

#[test]
fn the_work_for_a_long_report_grows_with_its_findings_and_no_more() {
    let head = acme();
    let one = head.findings.iter().find(|finding| finding.entitlement.is_some()).unwrap().clone();
    let checks: Vec<String> = head.summary.checks.iter().map(|check| check.check.clone()).collect();
    for format in Format::ALL {
        let passes = |count: usize| {
            let many = Many { one: one.clone(), checks: checks.clone(), count, made: Cell::new(0) };
            let mut sink = io::sink();
            render(*format, &View::new(&head, &many), Layout::default(), &mut sink).unwrap();
            many.made.get().div_ceil(count)
        };
        let (few, more) = (passes(800), passes(8_000));
        assert!(more <= few + 1 && more <= 8, "{format}: {few} passes over 800 findings, {more} over 8,000");
    }
}

#[test]
fn sarif_holds_no_more_results_than_code_scanning_takes_and_says_so() {
    let head = acme();
    let one = head.findings[0].clone();
    let many = Many { one, checks: vec![head.findings[0].check.clone()], count: 25_010, made: Cell::new(0) };
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, &View::new(&head, &many))).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 25_000);
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("10 further findings are left out"), "{notes}");
}
