//! Reports as their consumers read them: schemas, paths, references and paper.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::{common::stdout, project::case};

/// The paths of the fields that are null.
fn nulls(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::Null => vec![path.to_owned()],
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| nulls(value, &format!("{path}.{name}"))).collect()
        }
        Value::Array(list) => list.iter().flat_map(|value| nulls(value, path)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn ocsf_has_no_field_without_a_value() {
    let case = case("ocsf-null-control");
    let schema = std::env::var_os("TENURE_STANDARD_SCHEMAS").map(std::path::PathBuf::from);
    let schema = schema.unwrap_or_else(|| crate::common::root().join("../shared/schemas"));
    let schema = fs::read(schema.join("ocsf-1.8.0-compliance_finding.schema.json")).ok();
    let schema = schema.map(|text| jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap());
    // One check without an optional annotation, and the shipped ones, which have all.
    for check in [&["--check", "address-set"][..], &[]] {
        let arguments = [&["check", "snapshot.json", "--all", "--format", "ocsf"], check].concat();
        let text = stdout(&case.run(&arguments));
        assert!(text.contains("address-set"), "{text}");
        for line in text.lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(nulls(&event, ""), Vec::<String>::new(), "{line}");
            let problems: Vec<String> =
                schema.iter().flat_map(|schema| schema.iter_errors(&event)).map(|error| error.to_string()).collect();
            assert_eq!(problems, Vec::<String>::new(), "{line}");
        }
    }
}

#[test]
fn paths_are_relative_to_the_repository() {
    let case = case("sarif-paths-outside-the-root");
    let root = case.path();
    fs::create_dir_all(root.join("compliance")).unwrap();
    fs::create_dir_all(root.join("work")).unwrap();
    for name in ["tenure.yaml", "policies", "snapshot.json"] {
        fs::rename(root.join(name), root.join("compliance").join(name)).unwrap();
    }
    let run = |folder: &str, policies: &[&str], snapshot: &str, format: &str| {
        let arguments = [&["check", snapshot, "--format", format], policies].concat();
        stdout(&crate::common::run(&root.join(folder), &arguments))
    };
    let absolute = root.join("compliance/policies").display().to_string();
    let reports = |format: &str| {
        let reports: BTreeSet<String> = [
            run("compliance", &[], "snapshot.json", format),
            run("compliance", &["--policies", &absolute], "snapshot.json", format),
            run("work", &["--policies", "../compliance/policies"], "../compliance/snapshot.json", format),
        ]
        .into();
        assert_eq!(reports.len(), 1, "{format} depends on the working directory: {reports:#?}");
        let report = reports.into_iter().next().unwrap();
        assert!(!report.contains(&root.display().to_string()), "{format}: {report}");
        report
    };
    let uris = |log: &str| -> BTreeSet<String> {
        let log: Value = serde_json::from_str(log).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let uri = |result: Value| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
        results.into_iter().map(|result| uri(result).as_str().unwrap_or("none").to_owned()).collect()
    };
    for (folder, prefix) in [(None, "policies/"), (Some(".git"), "compliance/policies/")] {
        if let Some(folder) = folder {
            fs::create_dir(root.join(folder)).unwrap();
        }
        let found = uris(&reports("sarif"));
        assert!(!found.is_empty() && found.iter().all(|uri| uri.starts_with(prefix)), "{prefix}: {found:?}");
        for format in ["github", "csv", "html", "markdown", "junit", "oscal"] {
            let report = reports(format);
            assert!(report.contains(&format!("{prefix}access.cedar")), "{format}: {report}");
        }
    }
}

#[test]
fn files_outside_the_project_have_no_location() {
    let case = case("sarif-paths-outside-the-root");
    let elsewhere = tempfile::tempdir().unwrap();
    crate::common::copy(&case.path().join("policies"), &elsewhere.path().join("policies"));
    let policies = elsewhere.path().join("policies").display().to_string();
    for (format, location) in [("sarif", "physicalLocation"), ("github", "file=")] {
        let text = stdout(&case.run(&["check", "snapshot.json", "--policies", &policies, "--format", format]));
        assert!(!text.contains(location) && !text.contains(&policies) && text.len() > 100, "{text}");
        let text = stdout(&case.run(&["check", "snapshot.json", "--format", format]));
        assert!(text.contains(location), "{text}");
        let text = stdout(&case.run(&["check", "--example", "--format", format]));
        assert!(!text.contains(location), "{text}");
    }
}

/// The ids that an OSCAL document holds, and those that it refers to with their paths.
fn references(value: &Value, path: &str, held: &mut BTreeSet<String>, wanted: &mut Vec<(String, String)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| references(value, path, held, wanted)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                match value.as_str() {
                    Some(id) if name == "uuid" => drop(held.insert(id.to_owned())),
                    Some(id) if name.ends_with("-uuid") => wanted.push((path.clone(), id.to_owned())),
                    Some(href) if name == "href" && href.starts_with('#') => {
                        wanted.push((path.clone(), href.trim_start_matches('#').to_owned()));
                    }
                    _ => {}
                }
                references(value, &path, held, wanted);
            }
        }
        _ => {}
    }
}

#[test]
fn every_reference_of_oscal_resolves() {
    let case = case("oscal-unlinked");
    let own = stdout(&case.run(&["check", "snapshot.json", "--all", "--format", "oscal"]));
    let example = stdout(&case.run(&["check", "--example", "--format", "oscal"]));
    for (text, is_in_project) in [(own, true), (example, false)] {
        let document: Value = serde_json::from_str(&text).unwrap();
        let (mut held, mut wanted) = (BTreeSet::new(), Vec::new());
        references(&document, "", &mut held, &mut wanted);
        let lost: Vec<_> = wanted.iter().filter(|(_, id)| !held.contains(id)).collect();
        assert!(lost.is_empty() && wanted.len() > 10, "{lost:?}");
        let results = &document["assessment-results"];
        let resource = &results["back-matter"]["resources"][0];
        assert_eq!(results["import-ap"]["href"], format!("#{}", resource["uuid"].as_str().unwrap()));
        assert!(resource["base64"]["value"].as_str().unwrap().len() > 100);
        assert_eq!(resource.get("rlinks").is_some(), is_in_project);
        for observation in results["results"][0]["observations"].as_array().unwrap() {
            for evidence in observation["relevant-evidence"].as_array().into_iter().flatten() {
                let href = evidence["href"].as_str().unwrap();
                assert_eq!(href.starts_with("policies/"), is_in_project, "{href}");
                assert!(!is_in_project || case.path().join(href.split('#').next().unwrap()).is_file(), "{href}");
            }
        }
        for selection in results["results"][0]["reviewed-controls"]["control-selections"].as_array().unwrap() {
            assert_eq!(selection["props"][0]["name"], "catalog", "{selection}");
        }
    }
}

#[test]
fn paper_opens_what_is_closed() {
    let case = case("html-print-loses-evidence");
    let page = stdout(&case.run(&["check", "--example", "--format", "html"]));
    let print = page.split("@media print").nth(1).unwrap().split("</style>").next().unwrap();
    assert!(print.contains("details::details-content { content-visibility: visible"), "{print}");
    assert!(page.contains("beforeprint") && page.contains("afterprint"));
    let Some(chromium) = crate::common::browser() else { return };
    print_to(&chromium, case.path(), &page, "scripted");
    // Without its script, the style alone opens.
    let script = page.find("<script>").unwrap();
    print_to(&chromium, case.path(), &page[..script], "plain");
}

/// Prints a page, and compares the words of its findings with those on paper.
fn print_to(chromium: &Path, folder: &Path, page: &str, name: &str) {
    let file = folder.join(format!("{name}.html"));
    let pdf = folder.join(format!("{name}.pdf"));
    fs::write(&file, page).unwrap();
    let status = std::process::Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(&file)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let Ok(text) = std::process::Command::new("pdftotext").arg(&pdf).arg("-").output() else {
        crate::common::notice("no pdftotext on the PATH: printing is NOT TESTED");
        return;
    };
    let text = stdout(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    for word in ["Kofi Mensah", "Downgrade: take"] {
        let count = |text: &str| text.matches(word).count();
        assert!(
            count(&text) >= count(page).min(5) && count(&text) > 2,
            "{name}: `{word}` is printed {} times",
            count(&text)
        );
    }
    let ids = page.matches("id=\"f-").count();
    let printed = text.matches("acme-frontdesk").count();
    assert!(ids > 50 && printed > 2, "{name}: {ids} findings, {printed}");
}

#[test]
fn the_example_fits_and_names_what_is_grave() {
    let case = case("html-print-loses-evidence");
    let text = stdout(&case.run(&["check", "--example"]));
    assert!(text.lines().count() <= 125, "{} lines:\n{text}", text.lines().count());
    let report: Value = serde_json::from_slice(&case.run(&["check", "--example", "--format", "json"]).stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        let is_open = finding["outcome"] == "fail" || finding["outcome"] == "unknown";
        if !is_open || !["critical", "high"].contains(&finding["severity"].as_str().unwrap()) {
            continue;
        }
        let id = finding["subject"]["id"].as_str().unwrap();
        let level = finding["entitlement"].as_str().map(|held| held.split_once('/').unwrap().1).unwrap_or_default();
        let is_named = text.lines().any(|line| line.contains(id) && line.contains(level));
        assert!(is_named, "{} {id} {level} is not named:\n{text}", finding["check"]);
    }
    let details = stdout(&case.run(&["check", "--example", "--details"]));
    assert!(details.contains("principal.owner") && !text.contains("principal.owner"));
}

#[test]
fn findings_come_worst_first_in_groups_with_what_routing_needs() {
    let case = case("html-print-loses-evidence");
    let report: Value = serde_json::from_slice(&case.run(&["check", "--example", "--format", "json"]).stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let severities = ["critical", "high", "medium", "low", "info"];
    let rank = |finding: &Value| {
        let at = severities.iter().position(|one| finding["severity"] == *one).unwrap();
        let is_open = finding["outcome"] != "exempt" && finding["waiver"].is_null();
        (!is_open, at, is_open && finding["clock"]["state"] != "overdue", finding["check"].to_string())
    };
    assert!(findings.iter().map(rank).is_sorted());
    let order = |format: &str, id: fn(&str) -> Option<String>| -> Vec<String> {
        stdout(&case.run(&["check", "--example", "--format", format])).lines().filter_map(id).collect()
    };
    let ids: Vec<String> = findings.iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(order("csv", |line| line.split(',').next().filter(|id| id.len() == 36).map(str::to_owned)), ids);
    let of = |account: &str| -> Vec<&Value> {
        findings.iter().filter(|one| one["subject"]["id"] == account && one["check"] == "access-valid").collect()
    };
    // The levels of an account whose login is not covered belong to the login's group.
    let levels = of("github/cmbeki");
    assert!(levels.len() == 2 && levels[0]["group"] == levels[1]["group"]);
    assert_eq!(levels[0]["system"], "github");
    assert_eq!(levels[0]["owner"]["name"], "Charlotte Mbeki");
    assert!(levels[0]["owner"]["email"].as_str().unwrap().contains('@') && levels[0]["owner"]["id"].is_string());
    assert!(levels[0]["manager"]["email"].as_str().unwrap().contains('@'));
    let remedy = &levels[0]["remedy"];
    assert_eq!(remedy["file"], "systems/github.yaml");
    assert_eq!(remedy["line"], 11);
    assert_eq!(remedy["yaml"], "- { type: org-role, to: [sales], levels: [login] }");
    let unlinked = &of("github/ghost-7")[0]["remedy"];
    assert_eq!(unlinked["yaml"], "- { system: github, account: ghost-7, person: <HRIS id> }");
    // One cause, one group: all that no rule covers in one system.
    assert_eq!(of("github/hlund")[0]["group"], levels[0]["group"]);
    assert_ne!(of("humaans/per000000000000000000041")[0]["group"], levels[0]["group"]);
}
