//! Separation of duties across systems: what people hold, and when it is known that they do not.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::{collections::BTreeSet, fs, path::Path, sync::LazyLock};

use common::{root, run, stderr, stdout};
use serde_json::{Value, json};
use tenure::{
    bundle::{Bundle, Outcome},
    diagnostic::SourceFile,
    engine::{
        self,
        answer::{Options, Subject},
    },
    model::Snapshot,
};

const CHECK: &str = "payment-duties-separated";

fn pack() -> Vec<SourceFile> {
    let folder = root().join("packs/separation-of-duties");
    Bundle::files(&folder).unwrap().into_iter().filter(|file| !file.name.ends_with("tests.yaml")).collect()
}

/// Ann and Ben, with accounts of both systems.
fn organization() -> Value {
    let list = |name: &str, records: usize| json!({ "name": name, "records": records, "total": records, "complete": true, "basis": "total" });
    let source = |id: &str, staff: Option<&str>, lists: Vec<Value>| {
        json!({ "id": id, "kind": "test", "endpoint": "test", "pulled_at": "2026-11-20T09:00:00Z", "token_scopes": null,
                "staff": staff, "collections": lists })
    };
    let person = |id: &str| {
        json!({ "id": id, "source": "hr", "name": id, "employee_number": null, "work_email": format!("{id}@acme.example"),
                "status": "active", "start_date": "2020-01-01", "end_date": null, "last_working_day": null,
                "job_roles": [] })
    };
    let account = |system: &str, id: &str, person: &str, levels: &[&str]| {
        json!({ "id": id, "system": system, "source": system, "email": format!("{person}@acme.example"),
                "status": "active", "levels": levels, "class": null, "last_login": null })
    };
    let systems = ["aws", "bank", "erp", "github"];
    let system = |id: &&str| json!({ "id": id, "source": id, "collection": "list" });
    json!({
        "schema_version": "2",
        "organization": { "id": "acme", "name": "Acme", "time_zone": "Europe/London" },
        "collected_at": "2026-11-20T09:00:00Z",
        "sources": systems.iter().map(|id| source(id, None, vec![list("list", 2)]))
            .chain([source("hr", Some("list"), vec![list("list", 2)])]).collect::<Vec<_>>(),
        "people": [person("ann"), person("ben")],
        "systems": systems.iter().map(system).collect::<Vec<_>>(),
        "accounts": [
            account("bank", "b1", "ben", &["approver"]),
            account("bank", "b2", "ann", &["viewer"]),
            account("erp", "e1", "ann", &["vendor-admin"]),
            account("erp", "e2", "ben", &["viewer"]),
        ],
        "access_requests": []
    })
}

fn load(further: &[SourceFile]) -> Bundle {
    Bundle::load([pack(), further.to_vec()].concat()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn outcomes(organization: &Value, further: &[SourceFile]) -> [Outcome; 2] {
    static PACK: LazyLock<Bundle> = LazyLock::new(|| load(&[]));
    let snapshot: Snapshot = serde_json::from_value(organization.clone()).unwrap();
    let own = (!further.is_empty()).then(|| load(further));
    let bundle = own.as_ref().unwrap_or(&PACK);
    let evaluation = engine::evaluate(&snapshot, bundle, &Options::default()).unwrap();
    let of = |id: &str| {
        let person = Subject::Person(evaluation.resolved.person_index(id).unwrap());
        let of_check = |check: usize| evaluation.resolved.bundle.checks[check].id == CHECK;
        let mut answers = evaluation.answers.iter().filter(|one| one.subject == person && of_check(one.check));
        answers.next().unwrap().verdict.outcome
    };
    ["ann", "ben"].map(of)
}

/// The group has `erp/payment-approver`; two names of the system share that id.
fn all_spellings(base: &Value) {
    for (own, other) in [("payment approver", "payment-approver"), ("payment-approver", "payment approver")] {
        let both = with(base, |all| {
            all["accounts"][2]["levels"] = json!(["vendor-admin", own]);
            all["accounts"][3]["levels"] = json!([other]);
        });
        assert_eq!(both, [Fail, Pass], "{own}");
    }
}

fn with(organization: &Value, change: impl FnOnce(&mut Value)) -> [Outcome; 2] {
    let mut changed = organization.clone();
    change(&mut changed);
    outcomes(&changed, &[])
}

use Outcome::{Fail, Pass, Unknown};

#[test]
fn two_duties_across_systems_fail_and_gaps_leave_open_only_what_they_could_show() {
    let base = organization();
    assert_eq!(outcomes(&base, &[]), [Pass, Pass]);
    // An account that spells the level otherwise takes it from neither holder: both ids are then the names themselves.
    all_spellings(&base);
    // Ann gets the second duty in the other system.
    assert_eq!(with(&base, |all| all["accounts"][1]["levels"] = json!(["approver"])), [Fail, Pass]);
    // An invitation counts, a suspension does not.
    for (status, expected) in [("invited", Fail), ("suspended", Pass), ("deactivated", Pass)] {
        let changed = with(&base, |all| {
            all["accounts"][1]["levels"] = json!(["approver"]);
            all["accounts"][1]["status"] = json!(status);
        });
        assert_eq!(changed, [expected, Pass], "{status}");
    }
    // Ben certainly lacks the first duty, whatever the bank's list hides; Ann has it.
    let hides = |all: &mut Value, source: usize| {
        all["sources"][source]["collections"][0]["complete"] = json!(false);
        all["sources"][source]["collections"][0]["reasons"] = json!(["a page is missing"]);
    };
    assert_eq!(with(&base, |all| hides(all, 1)), [Unknown, Pass]);
    // The ERP can show either duty.
    assert_eq!(with(&base, |all| hides(all, 2)), [Unknown, Unknown]);
    // An old list shows no absence.
    let old = |all: &mut Value| all["sources"][1]["pulled_at"] = json!("2026-09-01T09:00:00Z");
    assert_eq!(with(&base, old), [Unknown, Pass]);
    // What it shows is held.
    let both_and_old = with(&base, |all| {
        all["accounts"][1]["levels"] = json!(["approver"]);
        old(all);
    });
    assert_eq!(both_and_old, [Fail, Pass]);
    // No list at all.
    let unlisted = with(&base, |all| {
        all["systems"].as_array_mut().unwrap().remove(1);
        all["accounts"].as_array_mut().unwrap().drain(..2);
        all["sources"].as_array_mut().unwrap().remove(1);
    });
    assert_eq!(unlisted, [Unknown, Pass]);
}

#[test]
fn an_account_that_may_be_anyones_leaves_everyone_open_who_has_the_other_duty() {
    let base = organization();
    let stranger = |all: &mut Value, levels: Value| {
        let mut account = all["accounts"][0].clone();
        account["id"] = json!("b9");
        account["email"] = json!("stranger@acme.example");
        if levels.is_null() {
            account.as_object_mut().unwrap().remove("levels");
            account["unknown"] = json!({ "levels": "the export has no levels" });
        } else {
            account["levels"] = levels;
        }
        all["accounts"].as_array_mut().unwrap().insert(2, account);
    };
    assert_eq!(with(&base, |all| stranger(all, json!(["approver"]))), [Unknown, Pass]);
    assert_eq!(with(&base, |all| stranger(all, Value::Null)), [Unknown, Pass]);
    assert_eq!(with(&base, |all| stranger(all, json!(["viewer"]))), [Pass, Pass]);
    // A declaration says whose it is not.
    let mut changed = base.clone();
    stranger(&mut changed, json!(["approver"]));
    let declared = "accounts:\n- { system: bank, account: b9, class: service, owner: ben, review_by: 2027-03-31 }\n";
    assert_eq!(outcomes(&changed, &[SourceFile::new("identities.yaml", declared)]), [Pass, Pass]);
    let mapped = "accounts:\n- { system: bank, account: b9, person: ann }\n";
    assert_eq!(outcomes(&changed, &[SourceFile::new("identities.yaml", mapped)]), [Fail, Pass]);
}

/// Everything that can be taken from a snapshot: lists, accounts of a list that then is incomplete, levels, statuses,
/// addresses. And an account of an unknown person that can be added.
const REMOVALS: usize = 7;

fn remove(all: &mut Value, kind: usize, at: usize) {
    let hide = |record: &mut Value, fact: &str| {
        record.as_object_mut().unwrap().remove(fact);
        record["unknown"][fact] = json!("not given");
    };
    let accounts = all["accounts"].as_array().unwrap().len();
    match kind {
        0 => {
            let id = ["bank", "erp"][at % 2];
            let keep = |list: &mut Value, key: &str| list.as_array_mut().unwrap().retain(|one| one[key] != *id);
            keep(&mut all["systems"], "id");
            keep(&mut all["sources"], "id");
            keep(&mut all["accounts"], "system");
        }
        1 if accounts > 0 => {
            let account = all["accounts"].as_array_mut().unwrap().remove(at % accounts);
            let sources = all["sources"].as_array_mut().unwrap();
            let list = sources.iter_mut().find(|source| source["id"] == account["source"]).unwrap();
            list["collections"][0]["complete"] = json!(false);
            list["collections"][0]["reasons"] = json!(["a page is missing"]);
        }
        2..=4 if accounts > 0 => hide(&mut all["accounts"][at % accounts], ["levels", "status", "email"][kind - 2]),
        5 => hide(&mut all["people"][at % 2], "work_email"),
        6 => {
            let systems: Vec<Value> = all["systems"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
            let Some(system) = systems.iter().filter(|id| *id == "bank" || *id == "erp").nth(at % 2) else { return };
            let level = if system == "bank" { "approver" } else { "vendor-admin" };
            all["accounts"].as_array_mut().unwrap().push(json!({
                "id": "zz", "system": system, "source": system, "email": "stranger@acme.example", "status": "active",
                "levels": [level], "class": null, "last_login": null
            }));
            let key =
                |one: &Value| (one["system"].as_str().unwrap().to_owned(), one["id"].as_str().unwrap().to_owned());
            all["accounts"].as_array_mut().unwrap().sort_by_key(key);
        }
        _ => {}
    }
}

/// By one and by two removals, from organisations in which each of four accounts has a duty or not.
#[test]
fn taking_evidence_away_turns_neither_fail_nor_unknown_into_pass() {
    let (mut cases, mut opened) = (0, BTreeSet::new());
    for truth in (0..81_usize).step_by(4) {
        let mut base = organization();
        for account in 0..4 {
            let system = base["accounts"][account]["system"].clone();
            let duty = if system == "bank" { "approver" } else { "vendor-admin" };
            let levels = [json!([duty]), json!(["viewer"]), json!(["viewer", duty])];
            base["accounts"][account]["levels"] =
                levels[truth / 3_usize.pow(u32::try_from(account).unwrap()) % 3].clone();
        }
        let known = outcomes(&base, &[]);
        // The oracle: a person with both duties fails, and all others pass.
        let holds = |person: &str, duty: &str| {
            let accounts = base["accounts"].as_array().unwrap();
            let own = accounts.iter().filter(|one| one["email"] == format!("{person}@acme.example"));
            own.flat_map(|one| one["levels"].as_array().unwrap()).any(|level| level == duty)
        };
        let expected = ["ann", "ben"]
            .map(|person| if holds(person, "approver") && holds(person, "vendor-admin") { Fail } else { Pass });
        assert_eq!(known, expected, "{base:#}");
        for first in 0..REMOVALS * 4 {
            let mut once = base.clone();
            remove(&mut once, first % REMOVALS, first / REMOVALS);
            let before = outcomes(&once, &[]);
            for second in (0..REMOVALS * 4).step_by(if truth == 40 { 1 } else { 9 }) {
                let mut twice = once.clone();
                remove(&mut twice, second % REMOVALS, second / REMOVALS);
                let after = outcomes(&twice, &[]);
                for (before, after) in [(known, before), (before, after)] {
                    for (before, after) in before.into_iter().zip(after) {
                        cases += 1;
                        assert!(after != Pass || before == Pass, "{before:?} became {after:?}: {twice:#}");
                        assert!(after != Fail || before == Fail, "{before:?} became {after:?}: {twice:#}");
                        if after == Unknown && before != Unknown {
                            opened.insert((first % REMOVALS, before.word()));
                        }
                    }
                }
            }
        }
    }
    assert!(cases > 5_000 && opened.len() > 8, "{cases} cases open {opened:?}");
}

fn write_project(folder: &Path, organization: &Value) {
    let policies = folder.join("policies");
    fs::create_dir_all(&policies).unwrap();
    for file in pack() {
        fs::write(policies.join(&*file.name), &*file.text).unwrap();
    }
    let snapshot: Snapshot = serde_json::from_value(organization.clone()).unwrap();
    fs::write(folder.join("snapshot.json"), tenure::model::write::to_json(&snapshot).unwrap()).unwrap();
}

#[test]
fn a_streamed_check_and_one_of_the_whole_agree_and_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let mut organization = organization();
    organization["accounts"][1]["levels"] = json!(["approver"]);
    write_project(folder.path(), &organization);
    let findings = |all: &[&str]| {
        let arguments = [&["check", "--policies", "policies", "snapshot.json", "--format", "json"], all].concat();
        let output = run(folder.path(), &arguments);
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{}", stderr(&output)));
        let mut findings = report["findings"].as_array().unwrap().clone();
        findings.retain(|finding| finding["outcome"] == "fail");
        findings
    };
    let (whole, streamed) = (findings(&["--all"]), findings(&[]));
    assert_eq!(whole, streamed);
    assert_eq!(streamed.len(), 1, "{streamed:#?}");
    let facts = serde_json::to_string(&streamed[0]).unwrap();
    for expected in ["approve-payments by bank/b2", "set-up-vendors by erp/e1"] {
        assert!(facts.contains(expected), "{expected}: {facts}");
    }
    let output =
        run(folder.path(), &["explain", "--snapshot", "snapshot.json", "--policies", "policies", "--subject", "ann"]);
    let text = stdout(&output) + &stderr(&output);
    assert!(text.contains("approve-payments by bank/b2"), "{text}");
}
