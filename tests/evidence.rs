//! `check --evidence` and `verify`: what was kept is judged again, and whatever was tampered with is named.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

const CHECK: [&str; 7] = ["check", "snapshot.json", "--policies", "policies", "--quiet", "--evidence", "evidence"];

fn run(folder: &Path, arguments: &[&str], further: &[&str]) -> Output {
    common::run(folder, &[arguments, further].concat())
}

/// Evidence of the example, and the folder that it is in.
fn evidence(further: &[&str]) -> tempfile::TempDir {
    let folder = common::acme();
    let output = run(folder.path(), &CHECK, further);
    assert!(folder.path().join("evidence/manifest.json").is_file(), "{}", common::stderr(&output));
    folder
}

fn verify(folder: &Path, further: &[&str]) -> (i32, String) {
    let output = run(folder, &["verify", "evidence"], further);
    (output.status.code().unwrap(), common::stdout(&output) + &common::stderr(&output))
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("evidence/manifest.json")).unwrap()).unwrap()
}

/// Changes a file, and the manifest so that it names what is there now.
fn forge(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join("evidence").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    fs::write(&path, &text).unwrap();
    let mut manifest = manifest(folder);
    for entry in manifest["files"].as_array_mut().unwrap().iter_mut().filter(|entry| entry["file"] == file) {
        entry["digest"] = json!(tenure::model::write::digest(text.as_bytes()));
        entry["size"] = json!(text.len());
    }
    fs::write(folder.join("evidence/manifest.json"), manifest.to_string()).unwrap();
}

#[test]
fn what_is_kept_is_judged_again_to_the_same_bytes() {
    for further in
        [&[][..], &["--all"], &["--check", "user-identified"], &["--as-of", "2026-11-22"], &["--format", "html"]]
    {
        let folder = evidence(further);
        let (status, said) = verify(folder.path(), &[]);
        assert_eq!(status, 0, "{further:?}: {said}");
        assert!(said.starts_with("verified: "), "{said}");
        let report = run(folder.path(), &CHECK[..4], &[further, &["--format", "json"]].concat()).stdout;
        if !further.contains(&"html") {
            assert!(fs::read(folder.path().join("evidence/report.json")).unwrap() == report);
        }
        assert!(!folder.path().join("evidence/bundle/tests").exists(), "tests decide nothing");
    }
}

#[test]
fn the_same_evidence_has_the_same_bytes_and_fits_its_schema() {
    let (one, two) = (evidence(&[]), evidence(&["--threads", "1"]));
    let text = |folder: &tempfile::TempDir| fs::read(folder.path().join("evidence/manifest.json")).unwrap();
    assert_eq!(text(&one), text(&two));
    let schema = fs::read(common::root().join("schemas/evidence.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&manifest(one.path())));
    let schema = fs::read(common::root().join("schemas/verification.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    fs::write(one.path().join("evidence/report.json"), "{}").unwrap();
    let output = run(one.path(), &["verify", "evidence", "--format", "json"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(schema.is_valid(&serde_json::from_slice(&output.stdout).unwrap()));
}

#[test]
fn a_baseline_and_limits_of_waivers_belong_to_it() {
    let folder = common::acme();
    let path = folder.path();
    let report = common::report(path, &["--as-of", "2026-11-19"]);
    fs::write(path.join("earlier.json"), report.to_string()).unwrap();
    fs::write(
        path.join("tenure.yaml"),
        "organization: { id: acme, name: Acme Ltd, time_zone: Europe/London }\nwaivers: { max_days: 1 }\n",
    )
    .unwrap();
    run(path, &CHECK, &["--baseline", "earlier.json"]);
    fs::remove_file(path.join("tenure.yaml")).unwrap();
    assert_eq!(manifest(path)["waiver_limits"]["max_days"], 1);
    assert_eq!(manifest(path)["baseline"], "baseline.json");
    let (status, said) = verify(path, &[]);
    assert_eq!(status, 0, "{said}");
    // Judged without it, the report would be another.
    let mut changed = manifest(path);
    changed["waiver_limits"] = json!({});
    fs::write(path.join("evidence/manifest.json"), changed.to_string()).unwrap();
    assert_eq!(verify(path, &[]).0, 1);
}

#[test]
fn the_example_and_a_directory_of_ndjson_are_evidence_too() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["check", "--example", "--quiet", "--evidence", "evidence"], &[]);
    assert_eq!(verify(folder.path(), &[]).0, 0);
    let folder = common::acme();
    let imported = run(folder.path(), &["import", "humaans", "humaans", "-o", "snapshot/", "--quiet"], &[]);
    assert!(folder.path().join("snapshot/snapshot.json").is_file(), "{}", common::stderr(&imported));
    run(folder.path(), &["check", "snapshot/", "--policies", "policies", "--quiet", "--evidence", "evidence"], &[]);
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(manifest(folder.path())["snapshot"]["file"], "snapshot/snapshot.json");
}

#[test]
fn a_snapshot_that_is_left_out_can_be_named() {
    let folder = evidence(&["--omit-snapshot"]);
    let path = folder.path();
    assert!(!path.join("evidence/snapshot.json").exists());
    let (status, said) = verify(path, &[]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("--snapshot"), "{said}");
    assert_eq!(verify(path, &["--snapshot", "snapshot.json"]).0, 0);
    let text = fs::read_to_string(path.join("snapshot.json")).unwrap();
    fs::write(path.join("other.json"), text.replacen("Ivan Horvat", "Ivan Horvath", 1)).unwrap();
    let (status, said) = verify(path, &["--snapshot", "other.json"]);
    assert_eq!(status, 1);
    assert!(said.contains("other.json"), "{said}");
}

#[test]
fn every_changed_missing_or_further_file_is_named() {
    let kept: Vec<String> = {
        let folder = evidence(&[]);
        let manifest = manifest(folder.path());
        manifest["files"].as_array().unwrap().iter().map(|entry| entry["file"].as_str().unwrap().to_owned()).collect()
    };
    assert!(kept.len() > 10);
    let folder = evidence(&[]);
    for file in &kept {
        let path = folder.path().join("evidence").join(file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, [&bytes[..], b"\n"].concat()).unwrap();
        let (status, said) = verify(folder.path(), &[]);
        assert_eq!(status, 1, "{file}: {said}");
        assert!(said.contains(&format!("{file} is not the file that the manifest names")), "{said}");
        fs::remove_file(&path).unwrap();
        let (status, said) = verify(folder.path(), &[]);
        assert_eq!(status, 1, "{file}: {said}");
        assert!(said.contains(&format!("{file} is missing")), "{said}");
        fs::write(&path, bytes).unwrap();
    }
    fs::write(folder.path().join("evidence/bundle/more.yaml"), "waivers: []\n").unwrap();
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, 1);
    assert!(said.contains("bundle/more.yaml is not in the manifest"), "{said}");
}

#[test]
fn a_forged_verdict_is_named_with_its_line_and_path() {
    let folder = evidence(&[]);
    forge(folder.path(), "report.json", "\"outcome\": \"fail\"", "\"outcome\": \"exempt\"");
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, 1);
    for part in ["report.json:", "$.findings[0].outcome", "here:     \"exempt\"", "expected: \"fail\""] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // Forged facts and forged policies give another report.
    let folder = evidence(&[]);
    forge(folder.path(), "bundle/waivers.yaml", "2026-12-31", "2026-12-30");
    assert_eq!(verify(folder.path(), &[]).0, 1);
    let folder = evidence(&[]);
    forge(folder.path(), "snapshot.json", "Ivan Horvat", "Evan Horvat");
    assert_eq!(verify(folder.path(), &[]).0, 1);
}

#[test]
fn a_hostile_manifest_reads_nothing_outside() {
    for name in ["../snapshot.json", "/etc/passwd", "bundle/../../snapshot.json", "manifest.json"] {
        let folder = evidence(&[]);
        let mut manifest = manifest(folder.path());
        manifest["files"][0]["file"] = json!(name);
        fs::write(folder.path().join("evidence/manifest.json"), manifest.to_string()).unwrap();
        let (status, said) = verify(folder.path(), &[]);
        assert_eq!(status, 2, "{name}: {said}");
        assert!(said.contains("evidence-form"), "{said}");
    }
    #[cfg(unix)]
    {
        let folder = evidence(&[]);
        let report = folder.path().join("evidence/report.json");
        fs::rename(&report, folder.path().join("report.json")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("report.json"), &report).unwrap();
        let (status, said) = verify(folder.path(), &[]);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains("symbolic link"), "{said}");
    }
}

#[test]
fn nothing_is_written_over_and_nothing_is_left_behind() {
    let folder = evidence(&[]);
    let before = fs::read(folder.path().join("evidence/manifest.json")).unwrap();
    let output = run(folder.path(), &CHECK, &["--all"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::stderr(&output).contains("evidence-exists"), "{}", common::stderr(&output));
    assert_eq!(fs::read(folder.path().join("evidence/manifest.json")).unwrap(), before);
    let left = fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".evidence"));
    assert_eq!(left.count(), 0);
}

// ---- Redaction ----

const KEY: &str = "0123456789abcdef0123456789abcdef\n";

/// Every file below a folder, as one text.
fn all_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        text.push_str(&path.display().to_string());
        text.push_str(&if path.is_dir() { all_text(&path) } else { fs::read_to_string(&path).unwrap() });
    }
    text
}

/// What the example's snapshot and policies know of people: names, addresses and ids.
fn personal(folder: &Path) -> std::collections::BTreeSet<String> {
    let snapshot: Value = serde_json::from_slice(&fs::read(folder.join("snapshot.json")).unwrap()).unwrap();
    let mut personal = std::collections::BTreeSet::new();
    let mut add = |record: &Value, keys: &[&str]| {
        personal.extend(keys.iter().filter_map(|key| record[*key].as_str()).map(str::to_owned));
    };
    for person in snapshot["people"].as_array().unwrap() {
        add(person, &["id", "name", "work_email", "employee_number"]);
        person["job_roles"].as_array().into_iter().flatten().for_each(|role| add(role, &["id", "manager"]));
    }
    for account in snapshot["accounts"].as_array().unwrap() {
        add(account, &["id", "email", "person"]);
    }
    for request in snapshot["access_requests"].as_array().unwrap() {
        add(request, &["id", "person"]);
    }
    // Names come in parts as well.
    let parts: Vec<String> =
        personal.iter().filter(|text| text.contains(' ')).flat_map(|name| name.split(' ').map(str::to_owned)).collect();
    personal.extend(parts);
    personal.retain(|text| text.len() > 3);
    personal
}

#[test]
fn redacted_evidence_holds_nobody_and_judges_the_same() {
    let folder = common::acme();
    let path = folder.path();
    fs::write(path.join("key"), KEY).unwrap();
    let redacted = ["--redact-key", "key", "--all"];
    let output = run(path, &CHECK, &redacted);
    assert!(path.join("evidence/manifest.json").is_file(), "{}", common::stderr(&output));
    let text = all_text(&path.join("evidence")) + &common::stdout(&output) + &common::stderr(&output);
    let personal = personal(path);
    assert!(personal.len() > 200, "{}", personal.len());
    let lower = text.to_lowercase();
    let left: Vec<&String> = personal.iter().filter(|one| lower.contains(&one.to_lowercase())).collect();
    assert_eq!(left, Vec::<&String>::new());

    let (status, said) = verify(path, &[]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(manifest(path)["redacted"], true);
    let (status, said) = verify(path, &["--policies", "policies"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("its policies are redacted, so they cannot be compared with those of `policies`"), "{said}");
    assert!(!said.contains("other policies"), "{said}");

    // The same outcomes, of as many subjects.
    let plain = common::report(path, &["--all"]);
    let report: Value = serde_json::from_slice(&fs::read(path.join("evidence/report.json")).unwrap()).unwrap();
    assert_eq!(report["summary"], plain["summary"]);
    let told = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        let mut told: Vec<String> = findings
            .map(|one| {
                let level = one["entitlement"].as_str().unwrap_or_default();
                format!("{} {level} {} {} {}", one["check"], one["outcome"], one["waiver"]["id"], one["clock"])
            })
            .collect();
        told.sort();
        told
    };
    assert_eq!(told(&report), told(&plain));

    // The same key gives the same bytes; another gives others.
    let keep = |name: &str| fs::rename(path.join("evidence"), path.join(name)).unwrap();
    keep("first");
    run(path, &CHECK, &redacted);
    keep("second");
    assert_eq!(
        fs::read(path.join("first/manifest.json")).unwrap(),
        fs::read(path.join("second/manifest.json")).unwrap()
    );
    fs::write(path.join("key"), KEY.replace('0', "1")).unwrap();
    run(path, &CHECK, &redacted);
    assert_ne!(
        fs::read(path.join("first/snapshot.json")).unwrap(),
        fs::read(path.join("evidence/snapshot.json")).unwrap()
    );
}

#[test]
fn what_cannot_be_redacted_soundly_is_refused() {
    let folder = common::acme();
    let path = folder.path();
    fs::write(path.join("key"), "too short\n").unwrap();
    let output = run(path, &CHECK, &["--redact-key", "key"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::stderr(&output).contains("redaction-key") && !common::stderr(&output).contains("too short"));
    fs::write(path.join("key"), KEY).unwrap();
    let rule = "@id(\"x\") @outcome(\"exempt\") permit (principal is Person, action == Action::\"staff-role-assigned\", resource)\n\
                when { principal has workEmail && principal.workEmail like \"*@acme.example\" };\n";
    fs::write(path.join("policies/more.cedar"), rule).unwrap();
    let output = run(path, &CHECK, &["--redact-key", "key"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::stderr(&output).contains("not-redactable"), "{}", common::stderr(&output));
    assert!(!path.join("evidence").exists());
}

// ---- Signatures ----

/// Runs `ssh-keygen`; none where it is not installed.
fn ssh_keygen(folder: &Path, arguments: &[&str], stdin: Stdio) -> Option<Output> {
    match Command::new("ssh-keygen").args(arguments).current_dir(folder).stdin(stdin).output() {
        Ok(output) => Some(output),
        Err(error) => {
            common::notice(&format!("ssh-keygen cannot be run ({error}): signatures are NOT TESTED"));
            None
        }
    }
}

/// A new key, and a list in which it is allowed for this namespace.
fn key(folder: &Path, name: &str, kind: &str) -> Option<()> {
    let made = ssh_keygen(folder, &["-q", "-t", kind, "-N", "", "-C", "test", "-f", name], Stdio::null())?;
    assert!(made.status.success(), "{}", common::stderr(&made));
    let public = fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap();
    fs::write(
        folder.join(format!("{name}.allowed")),
        format!("audit@acme.example namespaces=\"tenure-evidence\" {public}"),
    )
    .unwrap();
    Some(())
}

#[test]
fn a_signature_holds_for_tenure_and_for_ssh_keygen() {
    for kind in ["ed25519", "ecdsa"] {
        let folder = common::acme();
        let path = folder.path();
        let Some(()) = key(path, "ours", kind) else { return };
        key(path, "theirs", kind).unwrap();
        let output = run(path, &CHECK, &["--sign", "ours"]);
        assert!(path.join("evidence/manifest.json.sig").is_file(), "{}", common::stderr(&output));
        let signed = ["-Y", "verify", "-f", "ours.allowed", "-I", "audit@acme.example", "-n", "tenure-evidence", "-s"];
        let signed = [&signed[..], &["evidence/manifest.json.sig"]].concat();
        let manifest = || Stdio::from(fs::File::open(path.join("evidence/manifest.json")).unwrap());
        let plain = ssh_keygen(path, &signed, manifest()).unwrap();
        assert!(plain.status.success(), "{}{}", common::stdout(&plain), common::stderr(&plain));

        let (status, said) = verify(path, &["--allowed-signers", "ours.allowed", "--signer", "audit@acme.example"]);
        assert_eq!(status, 0, "{said}");
        assert!(said.contains("signed by audit@acme.example"), "{said}");
        assert_eq!(verify(path, &["--allowed-signers", "theirs.allowed", "--signer", "audit@acme.example"]).0, 1);
        assert_eq!(verify(path, &["--allowed-signers", "ours.allowed", "--signer", "else@acme.example"]).0, 1);

        // Whoever changes the manifest cannot sign it again.
        forge(path, "report.json", "\"outcome\": \"fail\"", "\"outcome\": \"exempt\"");
        let (status, said) = verify(path, &[]);
        assert_eq!(status, 1);
        assert!(said.contains("manifest.json.sig is not over this manifest"), "{said}");
        assert!(!ssh_keygen(path, &signed, manifest()).unwrap().status.success());
    }
}

#[test]
fn a_signature_of_ssh_keygen_holds_unless_it_was_made_for_something_else() {
    let folder = evidence(&[]);
    let path = folder.path();
    let Some(()) = key(path, "ours", "ed25519") else { return };
    assert_eq!(
        verify(path, &["--allowed-signers", "ours.allowed", "--signer", "audit@acme.example"]).0,
        1,
        "not signed"
    );
    for (namespace, expected) in [("tenure-evidence", 0), ("file", 1)] {
        let _gone = fs::remove_file(path.join("evidence/manifest.json.sig"));
        let made =
            ssh_keygen(path, &["-Y", "sign", "-f", "ours", "-n", namespace, "evidence/manifest.json"], Stdio::null())
                .unwrap();
        assert!(made.status.success(), "{}", common::stderr(&made));
        let (status, said) = verify(path, &["--allowed-signers", "ours.allowed", "--signer", "audit@acme.example"]);
        assert_eq!(status, expected, "{namespace}: {said}");
    }
}

#[test]
fn a_key_that_is_encrypted_or_none_is_refused_before_anything_is_judged() {
    let folder = common::acme();
    let path = folder.path();
    fs::write(path.join("none"), "not a key\n").unwrap();
    let output = run(path, &CHECK, &["--sign", "none"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::stderr(&output).contains("evidence-key"));
    let encrypted = ["-q", "-t", "ed25519", "-N", "secret", "-C", "test", "-f", "locked"];
    let Some(_) = ssh_keygen(path, &encrypted, Stdio::null()) else { return };
    let output = run(path, &CHECK, &["--sign", "locked"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(common::stderr(&output).contains("is encrypted"), "{}", common::stderr(&output));
    assert!(!path.join("evidence").exists());
}

/// `tests/evidence-0` has the snapshot (format 1), the policies and the report of a release from before semantics had a
/// version.
#[test]
fn evidence_of_version_0_is_read() {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&common::root().join("tests/evidence-0"), &folder.path().join("evidence"));
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, 3, "{said}");
    for words in
        ["every digest is right", "report.json:", " $.", "other semantics (version 0", "without having been altered"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let report = folder.path().join("evidence/report.json");
    fs::write(&report, fs::read_to_string(&report).unwrap().replacen("fail", "pass", 1)).unwrap();
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, 1, "{said}");
}

/// Evidence of before semantics had a version, or of another one: what differs is not called altered.
#[test]
fn evidence_of_other_semantics_is_named_as_such() {
    let folder = evidence(&[]);
    let path = folder.path();
    assert_eq!(manifest(path)["tool"]["semantics"], 3);
    let mut older = manifest(path);
    older["tool"].as_object_mut().unwrap().remove("semantics");
    older["added_later"] = json!(true);
    let write = |manifest: &Value| fs::write(path.join("evidence/manifest.json"), manifest.to_string()).unwrap();
    write(&older);
    let (status, said) = verify(path, &[]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("other semantics (version 0") && said.contains("the same report"), "{said}");
    assert!(said.contains("does not know: `added_later`"), "{said}");

    let report = fs::read_to_string(path.join("evidence/report.json")).unwrap();
    let changed = report.replacen("\"outcome\": \"fail\"", "\"outcome\": \"pass\"", 1);
    fs::write(path.join("evidence/report.json"), &changed).unwrap();
    assert_eq!(verify(path, &[]).0, 1, "its digest is another");
    let entries = older["files"].as_array_mut().unwrap();
    let entry = entries.iter_mut().find(|entry| entry["file"] == "report.json").unwrap();
    entry["size"] = json!(changed.len());
    entry["digest"] = json!(tenure::model::write::digest(changed.as_bytes()));
    write(&older);
    let (status, said) = verify(path, &[]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("without having been altered") && said.contains(".outcome"), "{said}");
    older["tool"]["semantics"] = json!(3);
    write(&older);
    let (status, said) = verify(path, &[]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("is not what the evaluation gives again"), "{said}");
}

#[test]
fn verifying_says_what_was_judged_and_names_what_lies_beside_the_manifest() {
    let folder = evidence(&[]);
    let path = folder.path();
    for name in ["manifest.json.tsr", "manifest.json.ots", "manifest.json.sig.tsr"] {
        fs::write(path.join("evidence").join(name), "x").unwrap();
    }
    let (status, said) = verify(path, &["--policies", "policies"]);
    assert_eq!(status, 0, "{said}");
    for word in ["organisation ", "as of 20", "access-valid: ", " fail", "`manifest.json.tsr` is a time stamp"] {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
    assert!(!said.contains("other policies"), "{said}");
    let rule =
        "@id(\"all\") @outcome(\"exempt\")\npermit (principal, action == Action::\"user-identified\", resource);\n";
    fs::write(path.join("policies/all.cedar"), rule).unwrap();
    let (status, said) = verify(path, &["--policies", "policies"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("other policies than those of `policies`"), "{said}");
    assert!(!said.contains("asks for nothing"), "{said}");
    fs::remove_dir_all(path.join("evidence")).unwrap();
    run(path, &CHECK, &[]);
    let (_, said) = verify(path, &[]);
    assert!(said.contains("the rule all (all.cedar:1) asks for nothing: exempt"), "{said}");
    // Anything else beside the manifest is a difference, as ever.
    fs::write(path.join("evidence/manifest.json.txt"), "x").unwrap();
    assert_eq!(verify(path, &[]).0, 1);
    // A list of signers alone does not say who has to have signed.
    fs::write(path.join("signers"), "").unwrap();
    assert_eq!(verify(path, &["--allowed-signers", "signers"]).0, 2);
}
