//! The engine against plain Cedar, on random snapshots and random rules.
//!
//! The engine slices the rules, rewrites them for unknown facts and asks one policy set. The reference below does none
//! of that: it asks the plain authorizer about one rule at a time and applies the meaning of a verdict as the design
//! words it. Where facts are unknown, a verdict that the engine gives must survive every way of learning them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::collections::BTreeMap;

use cedar_policy::{Authorizer, Context, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression, pst};
use proptest::{collection::vec, prelude::*, sample::select};
use tenure::{
    bundle::{Bundle, Effect, Outcome},
    diagnostic::{Diagnostic, SourceFile},
    engine::{
        self, Answer, Evaluation, Options, Subject,
        entities::{World, cedar_datetime},
        trace::{Part, Place, TracedRule, Tracer, Truth},
    },
    model::{Snapshot, read},
};

const CHECKS: &str = r#"
action "people" ;
action "accounts";
@title("p") @severity("low") action "person-check" in ["people"]
  appliesTo { principal: Person, resource: Organization, context: Evaluation };
@title("a") @severity("low") action "account-check" in ["accounts"]
  appliesTo { principal: Account, resource: System, context: Evaluation };
@title("l") @severity("low") action "level-check" in ["accounts"]
  appliesTo { principal: Account, resource: Entitlement, context: Evaluation };
"#;

const TEMPLATES: &str = r#"
@id("t.role") @access_type("org-role") @to("OrgRole, OrgRoleGroup")
permit (principal in ?principal, action == Action::"level-check", resource in ?resource)
when { principal has owner && principal.owner.status == EmploymentStatus::"active" };
@id("t.person") @access_type("person") @to("Person")
permit (principal in ?principal, action == Action::"level-check", resource in ?resource);
@id("t.ticket") @access_type("ticket")
permit (principal, action == Action::"level-check", resource == ?resource)
when { principal.requests.contains({level: resource.level, status: AccessRequestStatus::"approved", expired: false}) };
@id("t.class") @access_type("account-class") @to("AccountClass")
permit (principal in ?principal, action == Action::"level-check", resource in ?resource);
"#;

const ORG_ROLES: &str = "org_roles:\n\
    - { id: boss, groups: [top], match: { job_title: [Boss] } }\n\
    - { id: eng, match: { department: [Eng*] } }\n\
    - { id: dev, groups: [makers], match: { job_title: [Dev, D?], department: [Eng] } }\n";

const SYSTEM: &str = "system: git\nmax_age: 7d\naccess:\n\
    - { type: org-role, to: [eng, top], levels: [write] }\n\
    - { type: person, to: [p1], levels: [admin] }\n\
    - { type: ticket, levels: [admin] }\n\
    - { type: account-class, to: [service], levels: [write] }\n";

/// Conditions about a person, valid where `P` stands for the path to one.
const PERSON: [&str; 22] = [
    "P.inScope",
    r#"P.status == EmploymentStatus::"active""#,
    r#"P.status != EmploymentStatus::"offboarded""#,
    "P has startDate && P.startDate <= context.today",
    "P has endDate",
    "!(P has endDate && P.endDate < context.today)",
    "P has jobTitle",
    r#"P has jobTitle && P.jobTitle like "D*""#,
    r#"P has jobTitle && ["Boss", "Dev"].contains(P.jobTitle)"#,
    "P has manager && !(P has managerIssue)",
    r#"P has manager && P.manager.status == EmploymentStatus::"active""#,
    r#"P has manager.manager && P.manager.manager in OrgRoleGroup::"top""#,
    r#"P has managerIssue && P.managerIssue == ManagerIssue::"cyclic""#,
    r#"P in [OrgRole::"eng", OrgRole::"boss"]"#,
    r#"P is Person in OrgRoleGroup::"makers""#,
    r#"if P has department then P.department == "Eng" else P in Department::"eng""#,
    r#"P == Person::"p1""#,
    r#"P has manager && P.manager == Person::"p0""#,
    "P has manager.manager && P.manager.manager == P",
    "P has startDate && P has endDate && P.startDate < P.endDate",
    "P.listedAt == context.asOf && P has startDate && context.today > P.startDate",
    r#"P has manager.manager.manager && P.manager.manager.manager has jobTitle && ["Cook"].contains(P.manager.manager.manager.jobTitle)"#,
];

/// Conditions about an account.
const ACCOUNT: [&str; 12] = [
    r#"principal.status == AccountStatus::"active""#,
    "principal has identityIssue",
    r#"principal has class && principal.class == AccountClass::"service""#,
    "principal.requests.isEmpty()",
    r#"principal in OrgRole::"dev""#,
    r#"principal in [OrgRoleGroup::"top", OrgRoleGroup::"makers"]"#,
    r#"principal in Person::"p1""#,
    r#"principal in AccountClass::"service""#,
    r#"principal has lastLogin && context.asOf.durationSince(principal.lastLogin) < duration("30d")"#,
    "principal has lastLogin && principal.lastLogin > context.today",
    "principal has owner && principal in principal.owner",
    r#"principal == Account::"git/a1" || (principal has owner && Account::"git/a0" has owner && principal.owner == Account::"git/a0".owner)"#,
];

/// Scopes of rules about people, and about accounts.
const PERSON_SCOPES: [&str; 5] = [
    r#"principal, action == Action::"person-check", resource"#,
    r#"principal is Person, action in Action::"people", resource"#,
    r#"principal in OrgRoleGroup::"top", action == Action::"person-check", resource"#,
    r#"principal is Person in OrgRole::"eng", action == Action::"person-check", resource"#,
    r#"principal == Person::"p2", action in [Action::"person-check"], resource"#,
];
const ACCOUNT_SCOPES: [&str; 6] = [
    r#"principal, action in Action::"accounts", resource"#,
    r#"principal in OrgRole::"eng", action in [Action::"account-check", Action::"level-check"], resource"#,
    r#"principal in Person::"p2", action == Action::"account-check", resource"#,
    r#"principal is Account in AccountClass::"service", action == Action::"account-check", resource in System::"git""#,
    r#"principal, action == Action::"level-check", resource == Entitlement::"git/write""#,
    r#"principal, action == Action::"level-check", resource in System::"git""#,
];

#[derive(Debug, Clone)]
struct RuleText {
    person: bool,
    scope: usize,
    effect: usize,
    conditions: Vec<(usize, bool, bool)>,
}

impl RuleText {
    fn write(&self, id: usize) -> String {
        let effects = [
            "permit",
            "permit",
            "@outcome(\"not-applicable\") permit",
            "@outcome(\"exempt\") permit",
            "forbid",
            "@outcome(\"unknown\") forbid",
        ];
        let effect = effects[self.effect % effects.len()];
        let (annotation, effect) = match effect.rsplit_once(' ') {
            Some((annotation, effect)) => (annotation, effect),
            None => ("", effect),
        };
        let scope = if self.person {
            PERSON_SCOPES[self.scope % PERSON_SCOPES.len()]
        } else {
            ACCOUNT_SCOPES[self.scope % ACCOUNT_SCOPES.len()]
        };
        let mut text = format!("@id(\"r{id}\") {annotation} {effect} ({scope})");
        for (condition, negated, unless) in &self.conditions {
            let condition = if self.person {
                PERSON[condition % PERSON.len()].replace('P', "principal").replace("principalerson", "Person")
            } else if condition % 2 == 0 {
                ACCOUNT[(condition / 2) % ACCOUNT.len()].to_owned()
            } else {
                let person = PERSON[(condition / 2) % PERSON.len()].replace('P', "principal.owner");
                format!("principal has owner && ({})", person.replace("principal.ownererson", "Person"))
            };
            let clause = if *unless { "unless" } else { "when" };
            let condition = if *negated { format!("!({condition})") } else { condition };
            text.push_str(&format!("\n{clause} {{ {condition} }}"));
        }
        text.push_str(";\n");
        text
    }
}

/// The bundle of these rules, less those that Cedar's validator calls impossible.
fn bundle(rules: &[RuleText]) -> Bundle {
    let texts: Vec<String> = rules.iter().enumerate().map(|(id, rule)| rule.write(id)).collect();
    let load = |rules: &str| {
        let file = |name: &str, text: &str| SourceFile::new(name, text);
        Bundle::load(vec![
            file("checks.cedarschema", CHECKS),
            file("templates.cedar", TEMPLATES),
            file("rules.cedar", rules),
            file("org-roles.yaml", ORG_ROLES),
            file("git.yaml", SYSTEM),
        ])
    };
    let possible = match load(&texts.concat()) {
        Ok(bundle) => return bundle,
        Err(problems) => {
            let place = |problem: &Diagnostic| {
                problem.place.clone().filter(|_| problem.message.contains("can never be satisfied"))
            };
            let bad: Vec<usize> = problems
                .iter()
                .map(|problem| place(problem).unwrap_or_else(|| panic!("{problem:#?}")).1.start)
                .collect();
            let mut start = 0;
            let mut possible = String::new();
            for text in &texts {
                let span = start..start + text.len();
                start = span.end;
                if !bad.iter().any(|at| span.contains(at)) {
                    possible.push_str(text);
                }
            }
            possible
        }
    };
    load(&possible).unwrap_or_else(|problems| panic!("{problems:#?}\n{possible}"))
}

/// A value as the source may give it: JSON text, or `None` for a fact that is unknown.
type Given = Option<&'static str>;

#[derive(Debug, Clone)]
struct PersonFacts {
    status: Given,
    start: Given,
    end: Given,
    title: Given,
    department: Given,
    manager: Given,
    number: Given,
    has_role: bool,
}

#[derive(Debug, Clone)]
struct AccountFacts {
    person: Option<&'static str>,
    hint: Option<&'static str>,
    email: Given,
    status: Given,
    class: Given,
    last_login: Given,
    levels: Given,
}

const STATUS: [Given; 4] = [Some("\"active\""), Some("\"offboarded\""), Some("\"new-hire\""), None];
const START: [Given; 4] = [Some("\"2024-01-01\""), Some("\"2027-01-01\""), Some("null"), None];
const END: [Given; 5] = [Some("null"), Some("null"), Some("\"2025-01-01\""), Some("\"2027-01-01\""), None];
const TITLE: [Given; 5] = [Some("\"Boss\""), Some("\"Dev\""), Some("\"Cook\""), Some("null"), None];
const DEPARTMENT: [Given; 4] = [Some("\"Eng\""), Some("\"Sales\""), Some("null"), None];
const MANAGER: [Given; 6] = [Some("\"p0\""), Some("\"p1\""), Some("\"p2\""), Some("\"p9\""), Some("null"), None];
const NUMBER: [Given; 4] = [Some("\"N-1\""), Some("\"N-2\""), Some("\"N-3\""), Some("null")];
/// The addresses of the three people: the first and the last share one.
const ADDRESSES: [&str; 3] = ["\"a@x.example\"", "\"b@x.example\"", "\"a@x.example\""];
const EMAIL: [Given; 5] = [Some(ADDRESSES[0]), Some(ADDRESSES[1]), Some("\"z@x.example\""), Some("null"), None];
const ACCOUNT_STATUS: [Given; 3] = [Some("\"active\""), Some("\"suspended\""), None];
const CLASS: [Given; 4] = [Some("null"), Some("null"), Some("\"service\""), None];
const LAST_LOGIN: [Given; 4] = [Some("null"), Some("\"2026-11-19T00:00:00Z\""), Some("\"2020-01-01T00:00:00Z\""), None];
const LEVELS: [Given; 4] = [Some("[\"write\"]"), Some("[\"admin\",\"write\"]"), Some("[]"), None];

fn people() -> impl Strategy<Value = Vec<PersonFacts>> {
    several_people(3..4)
}

/// Of whom some may be alike.
fn several_people(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<PersonFacts>> {
    let person = (
        select(&STATUS[..]),
        select(&START[..]),
        select(&END[..]),
        select(&TITLE[..]),
        select(&DEPARTMENT[..]),
        (select(&MANAGER[..]), select(&NUMBER[..])),
        prop::bool::weighted(0.85),
    );
    vec(person, count).prop_map(|people| {
        let person = |(status, start, end, title, department, (manager, number), has_role)| PersonFacts {
            status,
            start,
            end,
            title,
            department,
            manager,
            number,
            has_role,
        };
        people.into_iter().map(person).collect()
    })
}

fn accounts() -> impl Strategy<Value = Vec<AccountFacts>> {
    several_accounts(1..4)
}

fn several_accounts(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<AccountFacts>> {
    let person = select(vec![Some("p0"), Some("p1"), Some("p2"), None, None, None]);
    let account = (
        (person, select(vec![None, None, Some("N-1"), Some("n-2")]), select(&EMAIL[..])),
        select(&ACCOUNT_STATUS[..]),
        select(&CLASS[..]),
        select(&LAST_LOGIN[..]),
        select(&LEVELS[..]),
    );
    vec(account, count).prop_map(|accounts| {
        let account = |((person, hint, email), status, class, last_login, levels)| AccountFacts {
            person,
            hint,
            email,
            status,
            class,
            last_login,
            levels,
        };
        accounts.into_iter().map(account).collect()
    })
}

fn rules() -> impl Strategy<Value = Vec<RuleText>> {
    let condition = (0..1000_usize, prop::bool::weighted(0.3), prop::bool::weighted(0.3));
    let rule = (any::<bool>(), 0..100_usize, 0..100_usize, vec(condition, 0..3));
    vec(rule, 1..8).prop_map(|rules| {
        let rule = |(person, scope, effect, conditions)| RuleText { person, scope, effect, conditions };
        rules.into_iter().map(rule).collect()
    })
}

/// Takes the unknown facts in turn out of `choices`: the same facts, learnt.
struct Learn<'a> {
    choices: &'a [usize],
    at: usize,
}

impl Learn<'_> {
    fn given(&mut self, given: Given, values: &[Given]) -> Given {
        if given.is_some() {
            return given;
        }
        let known: Vec<Given> = values.iter().copied().filter(Option::is_some).collect();
        let choice = self.choices[self.at % self.choices.len()];
        self.at += 1;
        known[choice % known.len()]
    }
}

fn learnt(
    people: &[PersonFacts],
    accounts: &[AccountFacts],
    choices: &[usize],
) -> (Vec<PersonFacts>, Vec<AccountFacts>) {
    let mut learn = Learn { choices, at: 0 };
    let people = people.iter().map(|one| PersonFacts {
        status: learn.given(one.status, &STATUS),
        start: learn.given(one.start, &START),
        end: learn.given(one.end, &END),
        title: learn.given(one.title, &TITLE),
        department: learn.given(one.department, &DEPARTMENT),
        manager: learn.given(one.manager, &MANAGER),
        number: one.number,
        has_role: one.has_role,
    });
    let people = people.collect();
    let accounts = accounts.iter().map(|one| AccountFacts {
        person: one.person,
        hint: one.hint,
        email: learn.given(one.email, &EMAIL),
        status: learn.given(one.status, &ACCOUNT_STATUS),
        class: learn.given(one.class, &CLASS),
        last_login: learn.given(one.last_login, &LAST_LOGIN),
        levels: learn.given(one.levels, &LEVELS),
    });
    (people, accounts.collect())
}

/// `"name":value,` for what is given, and the names of what is not.
fn facts(facts: &[(&str, Given)]) -> String {
    let known = facts.iter().filter_map(|(name, value)| value.map(|value| format!("\"{name}\":{value},")));
    let unknown =
        facts.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| format!("\"{name}\":\"not given\""));
    format!("{}\"unknown\":{{{}}}", known.collect::<String>(), unknown.collect::<Vec<_>>().join(","))
}

fn snapshot(people: &[PersonFacts], accounts: &[AccountFacts]) -> Snapshot {
    let people = people.iter().enumerate().map(|(id, one)| {
        let role = facts(&[
            ("job_title", one.title),
            ("department", one.department),
            ("manager", one.manager),
            ("effective_date", Some("\"2024-01-01\"")),
            ("end_date", Some("null")),
            ("updated_at", Some("null")),
        ]);
        let roles = if one.has_role { format!("[{{\"id\":\"j{id}\",{role}}}]") } else { "[]".to_owned() };
        let own = facts(&[
            ("name", Some("null")),
            ("employee_number", one.number),
            ("work_email", Some(ADDRESSES[id % ADDRESSES.len()])),
            ("status", one.status),
            ("start_date", one.start),
            ("end_date", one.end),
            ("last_working_day", Some("null")),
        ]);
        format!("{{\"id\":\"p{id}\",\"source\":\"hr\",\"job_roles\":{roles},{own}}}")
    });
    let accounts_text = accounts.iter().enumerate().map(|(id, one)| {
        let person = one.person.map(|person| format!("\"person\":\"{person}\",")).unwrap_or_default();
        let hint = one.hint.map(|hint| format!("\"hints\":{{\"employee_number\":\"{hint}\"}},")).unwrap_or_default();
        let own = facts(&[
            ("email", one.email),
            ("status", one.status),
            ("levels", one.levels),
            ("class", one.class),
            ("last_login", one.last_login),
        ]);
        format!("{{\"id\":\"a{id}\",\"system\":\"git\",\"source\":\"hr\",{person}{hint}{own}}}")
    });
    let text = format!(
        r#"{{"schema_version":"1","organization":{{"id":"o","name":"O","time_zone":"Europe/London"}},
        "collected_at":"2026-11-20T09:00:00Z",
        "sources":[{{"id":"hr","kind":"t","endpoint":"t","pulled_at":"2026-11-20T09:00:00Z","token_scopes":null,"staff":"people",
        "collections":[{{"name":"people","records":3,"total":null,"complete":true}}]}}],
        "people":[{}],"systems":[{{"id":"git","source":"hr","collection":"people"}}],"accounts":[{}],
        "access_requests":[{{"id":"t1","source":"hr","person":"p0","system":"git","levels":["admin"],"status":"approved","created":null,"expires":null}}]}}"#,
        people.collect::<Vec<_>>().join(","),
        accounts_text.collect::<Vec<_>>().join(",")
    );
    read::snapshot("generated", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

/// What plain Cedar says of each rule, asked alone, put together as the design words it.
fn reference(evaluation: &Evaluation<'_>, world: &World, answer: &Answer) -> (Outcome, Vec<usize>) {
    let situation = &evaluation.situation;
    let bundle = situation.bundle;
    let uid = |text: String| -> EntityUid { text.parse().unwrap() };
    let (principal, resource) = match answer.subject {
        Subject::Person(index) => {
            (format!("Person::\"{}\"", situation.people[index].record.id), "Organization::\"o\"".to_owned())
        }
        Subject::Account(index) => {
            let resource = match &answer.level {
                Some(level) => format!("Entitlement::\"git/{level}\""),
                None => "System::\"git\"".to_owned(),
            };
            (format!("Account::\"git/{}\"", situation.accounts[index].record.id), resource)
        }
        Subject::System(_) => panic!("no check is asked of systems"),
    };
    let action = uid(format!("Action::\"{}\"", bundle.checks[answer.check].id));
    let zone = &situation.snapshot.organization.time_zone;
    let moment = |instant| RestrictedExpression::new_datetime(cedar_datetime(instant));
    let context = Context::from_pairs([
        ("asOf".to_owned(), moment(situation.as_of)),
        ("today".to_owned(), moment(zone.midnight(situation.today))),
    ])
    .unwrap();
    let request = Request::new(uid(principal), action, uid(resource), context, None).unwrap();

    let mut satisfied: BTreeMap<(Effect, &str), Vec<usize>> = BTreeMap::new();
    for (index, rule) in bundle.rules.iter().enumerate() {
        let policy = pst::Policy::Static(pst::StaticPolicy::try_from(rule.policy.clone()).unwrap());
        let policy = Policy::from_pst(policy).unwrap().new_id(PolicyId::new("rule"));
        let set = PolicySet::from_policies([policy]).unwrap();
        let response = Authorizer::new().is_authorized(&request, &set, &world.entities);
        assert_eq!(response.diagnostics().errors().count(), 0, "{} errs although all is known", rule.key);
        if response.diagnostics().reason().next().is_some() {
            satisfied.entry((rule.effect, rule.outcome.word())).or_default().push(index);
        }
    }
    let mut take = |effect: Effect, outcome: Outcome| satisfied.remove(&(effect, outcome.word()));
    if let Some(rules) = take(Effect::Forbid, Outcome::Fail) {
        return (Outcome::Fail, rules);
    }
    if let Some(rules) = take(Effect::Forbid, Outcome::Unknown) {
        return (Outcome::Unknown, rules);
    }
    for outcome in [Outcome::NotApplicable, Outcome::Pass, Outcome::Exempt] {
        if let Some(rules) = take(Effect::Permit, outcome) {
            return (outcome, rules);
        }
    }
    (Outcome::Fail, Vec::new())
}

/// The request that an answer is the answer to.
fn request(evaluation: &Evaluation<'_>, world: &World, answer: &Answer) -> Request {
    engine::question::request(&evaluation.situation, world, answer).unwrap()
}

/// What the plain authorizer says of a text as a rule's only condition; `None` where it errs.
fn plainly(text: &str, evaluation: &Evaluation<'_>, world: &World, answer: &Answer) -> Option<bool> {
    let policy: Policy = format!("permit (principal, action, resource) when {{ {text} }};").parse().unwrap();
    let set = PolicySet::from_policies([policy]).unwrap();
    let response = Authorizer::new().is_authorized(&request(evaluation, world, answer), &set, &world.entities);
    let erred = response.diagnostics().errors().next().is_some();
    (!erred).then(|| response.diagnostics().reason().next().is_some())
}

/// Every part of a rule that is called true or false, with that.
fn decided(rule: &TracedRule) -> Vec<(String, bool)> {
    let mut open: Vec<&Part> = rule.clauses.iter().map(|clause| &clause.part).collect();
    let mut found = Vec::new();
    while let Some(part) = open.pop() {
        match part.truth {
            Truth::True => found.push((part.text.clone(), true)),
            Truth::False => found.push((part.text.clone(), false)),
            _ => {}
        }
        open.extend(&part.parts);
    }
    found
}

/// What the clauses of a rule make of it together.
fn together(rule: &TracedRule) -> Truth {
    for clause in &rule.clauses {
        let holds = if clause.place == Place::Unless { Truth::False } else { Truth::True };
        match &clause.part.truth {
            truth if *truth == holds => {}
            Truth::True | Truth::False => return Truth::False,
            Truth::NotReached => {}
            other => return other.clone(),
        }
    }
    Truth::True
}

fn evaluate<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle) -> Evaluation<'a> {
    engine::evaluate(snapshot, bundle, &Options::default()).unwrap()
}

type Verdicts = BTreeMap<(usize, Subject, Option<String>), Outcome>;

fn outcomes(evaluation: &Evaluation<'_>) -> Verdicts {
    let one = |answer: &Answer| ((answer.check, answer.subject, answer.level.clone()), answer.verdict.outcome);
    evaluation.answers.iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_all_facts_known_the_engine_is_plain_cedar(
        people in people(), accounts in accounts(), rules in rules(), choices in vec(0..1000_usize, 24)
    ) {
        let (people, accounts) = learnt(&people, &accounts, &choices);
        let (snapshot, bundle) = (snapshot(&people, &accounts), bundle(&rules));
        let evaluation = evaluate(&snapshot, &bundle);
        let world = evaluation.world(None).unwrap();
        for answer in &evaluation.answers {
            let (outcome, rules) = reference(&evaluation, &world, answer);
            prop_assert_eq!(answer.verdict.outcome, outcome, "{:?}", answer);
            let determining: Vec<usize> = answer.verdict.rules.iter().map(|rule| *rule as usize).collect();
            prop_assert_eq!(&determining, &rules, "{:?}", answer);
            prop_assert!(answer.verdict.errors.is_empty() && answer.verdict.unknown.is_empty());
        }
    }

    #[test]
    fn a_verdict_taken_apart_is_what_plain_cedar_says_of_its_parts(
        people in people(), accounts in accounts(), rules in rules(), choices in vec(0..1000_usize, 24)
    ) {
        let bundle = bundle(&rules);
        let before = snapshot(&people, &accounts);
        let evaluation = evaluate(&before, &bundle);
        let (people, accounts) = learnt(&people, &accounts, &choices);
        let after = snapshot(&people, &accounts);
        let after = evaluate(&after, &bundle);
        let (world, world_after) = (evaluation.world(None).unwrap(), after.world(None).unwrap());
        for answer in &evaluation.answers {
            let traced = Tracer::new(&evaluation, &world, answer).unwrap().rules().unwrap();
            for rule in &traced {
                prop_assert_eq!(&together(rule), &rule.truth, "{:#?}", rule);
                let decisive = answer.verdict.rules.contains(&rule.rule);
                prop_assert!(!decisive || !matches!(rule.truth, Truth::False | Truth::NotReached), "{:#?}", rule);
                // What is called true or false is so however the unknown facts come out.
                for (text, truth) in decided(rule) {
                    prop_assert_eq!(plainly(&text, &after, &world_after, answer), Some(truth), "{} of {:#?}", text, rule);
                }
            }
        }
    }

    #[test]
    fn a_subject_judged_alone_is_judged_as_among_all(
        people in several_people(3..9), accounts in several_accounts(1..9), rules in rules()
    ) {
        let (snapshot, bundle) = (snapshot(&people, &accounts), bundle(&rules));
        let all = evaluate(&snapshot, &bundle);
        let mut subjects: Vec<Subject> = all.answers.iter().map(|answer| answer.subject).collect();
        subjects.sort();
        subjects.dedup();
        for subject in subjects {
            let options = Options { subjects: Some([subject].into()), ..Options::default() };
            let alone = engine::evaluate(&snapshot, &bundle, &options).unwrap();
            let among: Vec<&Answer> = all.answers.iter().filter(|answer| answer.subject == subject).collect();
            prop_assert_eq!(alone.answers.iter().collect::<Vec<_>>(), among);
        }
    }

    #[test]
    fn what_is_decided_with_facts_unknown_survives_learning_them(
        people in people(), accounts in accounts(), rules in rules(),
        choices in vec(vec(0..1000_usize, 24), 4)
    ) {
        let bundle = bundle(&rules);
        let before = snapshot(&people, &accounts);
        let evaluation = evaluate(&before, &bundle);
        let decided = outcomes(&evaluation);
        for answer in &evaluation.answers {
            prop_assert!(answer.verdict.errors.is_empty(), "an unknown fact is no error of the rule: {:?}", answer);
        }
        for choices in &choices {
            let (people, accounts) = learnt(&people, &accounts, choices);
            let after = snapshot(&people, &accounts);
            let after = outcomes(&evaluate(&after, &bundle));
            for (question, outcome) in &decided {
                let Some(learnt) = after.get(question) else { continue };
                let survives = match outcome {
                    Outcome::Unknown => true,
                    Outcome::Fail => *learnt == Outcome::Fail,
                    // An undetermined permit may turn out to let the subject off instead.
                    Outcome::Pass | Outcome::Exempt | Outcome::NotApplicable => {
                        matches!(learnt, Outcome::Pass | Outcome::Exempt | Outcome::NotApplicable)
                    }
                };
                prop_assert!(survives, "{:?} was {} and became {}", question, outcome, learnt);
            }
        }
    }
}

/// A few hundred cases in an ordinary run; `TENURE_CASES=100000` for a long one.
fn cases() -> u32 {
    std::env::var("TENURE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}
