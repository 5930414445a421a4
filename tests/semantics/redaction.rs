//! Pseudonyms change no outcome: random rules that name people, accounts, requests and addresses in every way.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};
use tenure::{
    bundle::{Bundle, Outcome},
    diagnostic::SourceFile,
    engine::{self, answer::Subject},
    evidence::{Redactor, redact},
    model::{Fact, Snapshot, read, write},
};

use crate::generate::{
    AccountFacts, CHECKS, END, ORG_ROLES, PersonFacts, START, STATUS, SYSTEM, TEMPLATES, accounts, people, rules,
    snapshot,
};

/// Conditions that name somebody; `P` stands for the path to a person, `A` for the path to an account.
const NAMED: [&str; 16] = [
    r#"P == Person::"p1""#,
    r#"P == Person::"\u{70}1""#,
    r#"P == Person :: "p0""#,
    r#"P in [Person::"p2", Person::"p\u{31}"]"#,
    r#"P is Person in Person::"p2""#,
    r#"[Person::"p0", Person::"P0"].contains(P)"#,
    r#"P has manager && P.manager == Person::"p\x31""#,
    r#"P has workEmail && P.workEmail == "a\u{40}x.example""#,
    r#"P has workEmail && ["b@x.example", "z@x.example"].contains(P.workEmail)"#,
    r#"P has workEmail && P.workEmail != "A@x.example""#,
    r#"if P == Person::"p1" then P has jobTitle else P has department"#,
    r#"A in AccessRequest::"t1""#,
    r#"A in AccessRequest::"\u{74}1""#,
    r#"A == Account::"git/a\u{31}""#,
    r#"A is Account in Person::"p0""#,
    r#"A in [Account::"git/a0", Person::"p1"]"#,
];

fn condition(index: usize, is_person: bool) -> String {
    let text = NAMED[index % NAMED.len()];
    match (is_person, text.starts_with('A')) {
        (true, true) => "principal.inScope".to_owned(),
        (true, false) => {
            text.replace('P', "principal").replace("principalerson", "Person").replace("\"principal0", "\"P0")
        }
        (false, true) => text.replacen('A', "principal", 1),
        (false, false) => {
            let text = text.replace('P', "principal.owner").replace("principal.ownererson", "Person");
            format!("principal has owner && ({})", text.replace("\"principal.owner0", "\"P0"))
        }
    }
}

fn files(rules: &str, waivers: &str) -> Vec<SourceFile> {
    let file = |name: &str, text: &str| SourceFile::new(name, text);
    vec![
        file("checks.cedarschema", CHECKS),
        file("templates.cedar", TEMPLATES),
        file("rules.cedar", rules),
        file("org-roles.yaml", ORG_ROLES),
        file("git.yaml", SYSTEM),
        file("identities.yaml", "people:\n  - { id: p1, emails: [z@x.example] }\n"),
        file("waivers.yaml", waivers),
    ]
}

const WAIVERS: &str = "waivers:\n\
    - { id: W-1, check: person-check, subject: 'Person::\"p1\"', reason: r, approved_by: b@x.example, created: 2026-11-01, expires: 2026-12-31 }\n\
    - { id: W-2, check: person-check, subject: 'Person::\"p1\"', reason: r, approved_by: 'P <Z+tag@x.example>', created: 2026-11-01, expires: 2026-12-31 }\n\
    - { id: W-3, check: account-check, subject: 'Account::\"git/a0\"', reason: r, approved_by: a@x.example, created: 2026-11-01, expires: 2026-12-31 }\n\
    - { id: W-4, check: account-check, subject: 'Account::\"git/a1\"', reason: r, approved_by: 'N-1 <b@x.example>', created: 2026-11-01, expires: 2026-12-31 }\n\
    - { id: W-5, check: person-check, subject: 'Person::\"p0\"', reason: r, approved_by: nobody, created: 2026-11-01, expires: 2026-12-31 }\n";

type Outcomes = BTreeMap<(String, String, Option<String>), Outcome>;

/// Every outcome by check, subject and level, with the ids that `name` makes of those of the snapshot; and what became
/// of each waiver.
fn outcomes(snapshot: &Snapshot, bundle: &Bundle, name: impl Fn(&str) -> String) -> (Outcomes, Vec<Option<String>>) {
    let evaluation = engine::evaluate(snapshot, bundle, &crate::each_account()).unwrap();
    let resolved = &evaluation.resolved;
    let outcomes = evaluation.answers.iter().map(|answer| {
        let subject = match answer.subject {
            Subject::Person(index) => format!("person {}", name(resolved.person(index).unwrap().id)),
            Subject::Account(index) => {
                format!("account {}", name(&resolved.account_at(index).unwrap().record.id))
            }
            Subject::System(_) | Subject::Organization => panic!("no check is asked of systems or the organisation"),
        };
        let check = bundle.checks[answer.check].id.clone();
        ((check, subject, answer.level.as_deref().map(str::to_owned)), answer.verdict.outcome)
    });
    let outcomes = outcomes.collect();
    let statuses = engine::waivers::waive(&evaluation).statuses;
    (outcomes, statuses.into_iter().map(|status| status.map(|status| status.word().to_owned())).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases() * 5 / 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn outcomes_with_pseudonyms_are_those_without(
        people in people(),
        accounts in accounts(),
        rules in rules(),
        further in vec((any::<usize>(), any::<bool>(), select(vec!["permit", "forbid"]), any::<bool>()), 1..6),
        scoped in select(vec![r#"principal == Person::"p\u{31}""#, r#"principal is Person in Person::"p2""#, "principal"]),
    ) {
        let mut texts: Vec<String> = rules.iter().enumerate().map(|(id, rule)| rule.write(id)).collect();
        // Patterns over addresses, and addresses beside titles, are refused.
        texts.retain(|text| !text.contains("workEmail like") && !text.contains("jobTitle != "));
        for (number, (index, is_person, effect, negated)) in further.iter().enumerate() {
            let check = if *is_person { "person-check" } else { "account-check" };
            let (condition, not) = (condition(*index, *is_person), if *negated { "!" } else { "" });
            texts.push(format!(
                "@id(\"n{number}\") {effect} (principal, action == Action::\"{check}\", resource)\n  when {{ {not}({condition}) }};\n"
            ));
        }
        texts.push(format!("@id(\"s\") permit ({scoped}, action == Action::\"person-check\", resource);\n"));
        // Rules that Cedar calls impossible are left out, one by one.
        let possible: Vec<String> = texts.into_iter().filter(|text| Bundle::load(files(text, WAIVERS)).is_ok()).collect();
        let files = files(&possible.concat(), WAIVERS);
        let Ok(bundle) = Bundle::load(files.clone()) else { return Ok(()) };
        let mut snapshot = snapshot(&people, &accounts);
        // Of several people with one address or number the order of ids may decide, and pseudonyms have another one.
        for (number, (person, address)) in snapshot.people.iter_mut().zip(["a@x.example", "b@x.example", "c@x.example"]).enumerate() {
            person.work_email = Fact::Known(address.to_owned());
            person.employee_number = Fact::Known(format!("N-{}", number + 1));
        }
        let redactor = Redactor::new("key", b"0123456789abcdef").unwrap();
        let redacted_files = redact::bundle(&redactor, files, &bundle).unwrap();
        let redacted_bundle = Bundle::load(redacted_files).unwrap();
        let bytes = write::to_json(&redactor.snapshot(snapshot.clone())).unwrap();
        let redacted = read::snapshot("redacted", &bytes).unwrap();
        let plain = outcomes(&snapshot, &bundle, |id| redactor.pseudonym(id));
        let hidden = outcomes(&redacted, &redacted_bundle, str::to_owned);
        prop_assert!(!plain.0.is_empty());
        prop_assert_eq!(plain, hidden, "{}", possible.concat());
    }
}

/// Redaction writes `unless { a || b }` as `when { !(a || b) }`.
#[test]
fn an_unless_with_pseudonyms_decides_as_before() {
    let rules = r#"@id("r0") forbid (principal in OrgRole::"eng", action == Action::"account-check", resource)
        unless { principal == Account::"git/a1" || (principal has owner && Account::"git/a0" has owner && principal.owner == Account::"git/a0".owner) };
        @id("n0") permit (principal, action == Action::"account-check", resource) when { principal has owner };
    "#;
    let files = files(rules, "waivers: []\n");
    let bundle = Bundle::load(files.clone()).unwrap();
    let person = |title: Option<&'static str>, has_role| PersonFacts {
        status: STATUS[0],
        start: START[0],
        end: END[0],
        title,
        department: Some("\"Eng\""),
        manager: Some("\"p0\""),
        number: Some("null"),
        has_role,
    };
    let account = |person: &'static str| AccountFacts {
        person: Some(person),
        hint: None,
        email: Some("null"),
        status: Some("\"active\""),
        class: Some("null"),
        last_login: Some("null"),
        mfa: Some("null"),
        created: Some("null"),
        levels: Some("[]"),
    };
    // Whether the owner of the second account has the org role is unknown.
    let snapshot = snapshot(&[person(Some("\"Boss\""), false), person(None, true)], &[account("p0"), account("p1")]);
    let redactor = Redactor::new("key", b"0123456789abcdef").unwrap();
    let redacted_bundle = Bundle::load(redact::bundle(&redactor, files, &bundle).unwrap()).unwrap();
    let bytes = write::to_json(&redactor.snapshot(snapshot.clone())).unwrap();
    let plain = outcomes(&snapshot, &bundle, |id| redactor.pseudonym(id)).0;
    let of = (String::from("account-check"), format!("account {}", redactor.pseudonym("a1")), None);
    assert_eq!(plain[&of], Outcome::Pass);
    assert_eq!(outcomes(&read::snapshot("redacted", &bytes).unwrap(), &redacted_bundle, str::to_owned).0, plain);
}
