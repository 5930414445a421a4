//! Random organisations and random rules, valid for Tenure's entity schema.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and not every test uses everything"
)]

use proptest::{collection::vec, prelude::*, sample::select};
use tenure::{
    bundle::Bundle,
    diagnostic::{Diagnostic, Place, SourceFile},
    model::{Snapshot, read},
};

pub(crate) const CHECKS: &str = r#"
action "people" ;
action "accounts";
@title("p") @severity("low") action "person-check" in ["people"]
  appliesTo { principal: Person, resource: Organization, context: Evaluation };
@title("a") @severity("low") action "account-check" in ["accounts"]
  appliesTo { principal: Account, resource: System, context: Evaluation };
@title("l") @severity("low") action "level-check" in ["accounts"]
  appliesTo { principal: Account, resource: Entitlement, context: Evaluation };
"#;

pub(crate) const TEMPLATES: &str = r#"
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

pub(crate) const ORG_ROLES: &str = "org_roles:\n\
    - { id: boss, groups: [top], match: { job_title: [Boss] } }\n\
    - { id: eng, match: { department: [Eng*] } }\n\
    - { id: dev, groups: [makers], match: { job_title: [Dev, D?], department: [Eng] } }\n";

pub(crate) const SYSTEM: &str = "system: git\nmax_age: 7d\naccess:\n\
    - { type: org-role, to: [eng, top], levels: [write] }\n\
    - { type: org-role, to: [eng], levels: [admin], expires: 2025-01-31 }\n\
    - { type: person, to: [p1], levels: [admin], expires: 2027-01-31 }\n\
    - { type: ticket, levels: [admin] }\n\
    - { type: account-class, to: [service], levels: [write] }\n";

/// Groups of entitlements of a system that is listed, and of one that is not.
pub(crate) const GROUPS: &str = "entitlement_groups:\n\
    - { id: change, entitlements: [git/admin, git/Write] }\n\
    - { id: wide, entitlements: [git/write, wiki/login] }\n";

/// Conditions about a person, valid where `P` stands for the path to one.
pub(crate) const PERSON: [&str; 29] = [
    "P.inScope",
    r#"P.status == EmploymentStatus::"active""#,
    r#"P.status != EmploymentStatus::"offboarded""#,
    "P has startDate && P.startDate <= context.today",
    "P has endDate",
    "!(P has endDate && P.endDate < context.today)",
    "P has jobTitle",
    r#"P has jobTitle && P.jobTitle like "D*""#,
    r#"P has jobTitle && ["Boss", "Dev"].contains(P.jobTitle)"#,
    r#"P has workEmail && P.workEmail like "a*x.*""#,
    r#"P has workEmail && (P.workEmail == "b@x.example" || "a@x.example" == P.workEmail)"#,
    r#"P has jobTitle && P has workEmail && P.jobTitle != "Dev" && P.jobTitle != P.workEmail"#,
    r#"P has manager.department && ["Sales", "x"].contains(P.manager.department)"#,
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
    r#"P.holdings in EntitlementGroup::"change""#,
    r#"P.holdings in [EntitlementGroup::"wide", EntitlementGroup::"change"]"#,
    r#"P has manager && P.manager.holdings in System::"git""#,
];

/// Conditions about an account.
pub(crate) const ACCOUNT: [&str; 16] = [
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
    "principal has mfaEnabled && principal.mfaEnabled",
    "principal has mfaEnabled",
    "principal has createdAt && principal has lastLogin && principal.createdAt <= principal.lastLogin",
    "principal has owner && principal in principal.owner",
    r#"principal.holdings in [Entitlement::"git/write", Entitlement::"git/admin"]"#,
    r#"principal == Account::"git/a1" || (principal has owner && Account::"git/a0" has owner && principal.owner == Account::"git/a0".owner)"#,
];

/// Scopes of rules about people, and about accounts.
pub(crate) const PERSON_SCOPES: [&str; 5] = [
    r#"principal, action == Action::"person-check", resource"#,
    r#"principal is Person, action in Action::"people", resource"#,
    r#"principal in OrgRoleGroup::"top", action == Action::"person-check", resource"#,
    r#"principal is Person in OrgRole::"eng", action == Action::"person-check", resource"#,
    r#"principal == Person::"p2", action in [Action::"person-check"], resource"#,
];
pub(crate) const ACCOUNT_SCOPES: [&str; 7] = [
    r#"principal, action in Action::"accounts", resource"#,
    r#"principal in OrgRole::"eng", action in [Action::"account-check", Action::"level-check"], resource"#,
    r#"principal in Person::"p2", action == Action::"account-check", resource"#,
    r#"principal is Account in AccountClass::"service", action == Action::"account-check", resource in System::"git""#,
    r#"principal, action == Action::"level-check", resource == Entitlement::"git/write""#,
    r#"principal, action == Action::"level-check", resource in System::"git""#,
    r#"principal, action == Action::"level-check", resource in EntitlementGroup::"change""#,
];

#[derive(Debug, Clone)]
pub(crate) struct RuleText {
    pub(crate) person: bool,
    pub(crate) scope: usize,
    pub(crate) effect: usize,
    pub(crate) conditions: Vec<(usize, bool, bool)>,
}

impl RuleText {
    pub(crate) fn write(&self, id: usize) -> String {
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
pub(crate) fn bundle(rules: &[RuleText]) -> Bundle {
    let texts: Vec<String> = rules.iter().enumerate().map(|(id, rule)| rule.write(id)).collect();
    loaded("", &texts)
}

/// The bundle of these rules, with a further schema fragment.
pub(crate) fn loaded(fragment: &str, texts: &[String]) -> Bundle {
    let load = |rules: &str| {
        let file = |name: &str, text: &str| SourceFile::new(name, text);
        Bundle::load(vec![
            file("checks.cedarschema", CHECKS),
            file("further.cedarschema", if fragment.is_empty() { "// none" } else { fragment }),
            file("templates.cedar", TEMPLATES),
            file("rules.cedar", rules),
            file("org-roles.yaml", ORG_ROLES),
            file("git.yaml", SYSTEM),
            file("groups.yaml", GROUPS),
        ])
    };
    let possible = match load(&texts.concat()) {
        Ok(bundle) => return bundle,
        Err(problems) => {
            let start = |problem: &Diagnostic| match &problem.place {
                Some(Place::Text(_, span)) if problem.message.contains("can never be satisfied") => span.start,
                _ => panic!("{problem:#?}"),
            };
            let bad: Vec<usize> = problems.iter().map(start).collect();
            let mut start = 0;
            let mut possible = String::new();
            for text in texts {
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
pub(crate) type Given = Option<&'static str>;

#[derive(Debug, Clone)]
pub(crate) struct PersonFacts {
    pub(crate) status: Given,
    pub(crate) start: Given,
    pub(crate) end: Given,
    pub(crate) title: Given,
    pub(crate) department: Given,
    pub(crate) manager: Given,
    pub(crate) number: Given,
    pub(crate) has_role: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct AccountFacts {
    pub(crate) person: Option<&'static str>,
    pub(crate) hint: Option<&'static str>,
    pub(crate) email: Given,
    pub(crate) status: Given,
    pub(crate) class: Given,
    pub(crate) last_login: Given,
    pub(crate) mfa: Given,
    pub(crate) created: Given,
    pub(crate) levels: Given,
}

pub(crate) const STATUS: [Given; 4] = [Some("\"active\""), Some("\"offboarded\""), Some("\"new-hire\""), None];
pub(crate) const START: [Given; 4] = [Some("\"2024-01-01\""), Some("\"2027-01-01\""), Some("null"), None];
pub(crate) const END: [Given; 5] = [Some("null"), Some("null"), Some("\"2025-01-01\""), Some("\"2027-01-01\""), None];
pub(crate) const TITLE: [Given; 5] = [Some("\"Boss\""), Some("\"Dev\""), Some("\"Cook\""), Some("null"), None];
pub(crate) const DEPARTMENT: [Given; 4] = [Some("\"Eng\""), Some("\"Sales\""), Some("null"), None];
pub(crate) const MANAGER: [Given; 6] =
    [Some("\"p0\""), Some("\"p1\""), Some("\"p2\""), Some("\"p9\""), Some("null"), None];
pub(crate) const NUMBER: [Given; 4] = [Some("\"N-1\""), Some("\"N-2\""), Some("\"N-3\""), Some("null")];
/// The addresses of the three people: the first and the last share one.
pub(crate) const ADDRESSES: [&str; 3] = ["\"a@x.example\"", "\"b@x.example\"", "\"a@x.example\""];
pub(crate) const EMAIL: [Given; 5] =
    [Some(ADDRESSES[0]), Some(ADDRESSES[1]), Some("\"z@x.example\""), Some("null"), None];
pub(crate) const ACCOUNT_STATUS: [Given; 3] = [Some("\"active\""), Some("\"suspended\""), None];
pub(crate) const CLASS: [Given; 4] = [Some("null"), Some("null"), Some("\"service\""), None];
pub(crate) const LAST_LOGIN: [Given; 4] =
    [Some("null"), Some("\"2026-11-19T00:00:00Z\""), Some("\"2020-01-01T00:00:00Z\""), None];
pub(crate) const MFA: [Given; 4] = [Some("true"), Some("false"), Some("null"), None];
pub(crate) const CREATED: [Given; 4] =
    [Some("null"), Some("\"2026-11-19T12:00:00Z\""), Some("\"2019-01-01T00:00:00Z\""), None];
pub(crate) const LEVELS: [Given; 4] = [Some("[\"write\"]"), Some("[\"admin\",\"write\"]"), Some("[]"), None];

pub(crate) fn people() -> impl Strategy<Value = Vec<PersonFacts>> {
    several_people(3..4)
}

/// Of whom some may be alike.
pub(crate) fn several_people(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<PersonFacts>> {
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

pub(crate) fn accounts() -> impl Strategy<Value = Vec<AccountFacts>> {
    several_accounts(1..4)
}

pub(crate) fn several_accounts(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<AccountFacts>> {
    let person = select(vec![Some("p0"), Some("p1"), Some("p2"), None, None, None]);
    let account = (
        (person, select(vec![None, None, Some("N-1"), Some("n-2")]), select(&EMAIL[..])),
        select(&ACCOUNT_STATUS[..]),
        select(&CLASS[..]),
        (select(&LAST_LOGIN[..]), select(&MFA[..]), select(&CREATED[..])),
        select(&LEVELS[..]),
    );
    vec(account, count).prop_map(|accounts| {
        let account = |((person, hint, email), status, class, (last_login, mfa, created), levels)| AccountFacts {
            person,
            hint,
            email,
            status,
            class,
            last_login,
            mfa,
            created,
            levels,
        };
        accounts.into_iter().map(account).collect()
    })
}

/// Suspended, and nobody sees what it may do.
pub(crate) fn account_of_unknown_levels() -> AccountFacts {
    AccountFacts {
        person: None,
        hint: None,
        email: Some("null"),
        status: Some("\"suspended\""),
        class: Some("null"),
        last_login: Some("null"),
        mfa: Some("null"),
        created: Some("null"),
        levels: None,
    }
}

/// Many, of a few kinds that differ in who has them at most.
pub(crate) fn alike_accounts() -> impl Strategy<Value = Vec<AccountFacts>> {
    let picks = vec((0..100_usize, select(vec!["p0", "p1", "p2"])), 12..32);
    (several_accounts(1..4), picks).prop_map(|(kinds, picks)| {
        let account = |(kind, person): (usize, &'static str)| {
            let mut account = kinds[kind % kinds.len()].clone();
            // Of whom levels are unknown something is to be said always.
            account.levels = account.levels.or(LEVELS[0]);
            account.person = account.person.map(|_| person);
            account
        };
        picks.into_iter().map(account).collect()
    })
}

pub(crate) fn rules() -> impl Strategy<Value = Vec<RuleText>> {
    let condition = (0..1000_usize, prop::bool::weighted(0.3), prop::bool::weighted(0.3));
    let rule = (any::<bool>(), 0..100_usize, 0..100_usize, vec(condition, 0..3));
    vec(rule, 1..8).prop_map(|rules| {
        let rule = |(person, scope, effect, conditions)| RuleText { person, scope, effect, conditions };
        rules.into_iter().map(rule).collect()
    })
}

/// Takes the unknown facts in turn out of `choices`: the same facts, learnt.
pub(crate) struct Learn<'a> {
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

pub(crate) fn learnt(
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
        mfa: learn.given(one.mfa, &MFA),
        created: learn.given(one.created, &CREATED),
        levels: learn.given(one.levels, &LEVELS),
    });
    (people, accounts.collect())
}

/// `"name":value,` for what is given, and the names of what is not.
pub(crate) fn facts(facts: &[(&str, Given)]) -> String {
    let known = facts.iter().filter_map(|(name, value)| value.map(|value| format!("\"{name}\":{value},")));
    let unknown =
        facts.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| format!("\"{name}\":\"not given\""));
    format!("{}\"unknown\":{{{}}}", known.collect::<String>(), unknown.collect::<Vec<_>>().join(","))
}

pub(crate) fn snapshot(people: &[PersonFacts], accounts: &[AccountFacts]) -> Snapshot {
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
        // A fact that is not there is unknown, with or without a reason.
        let further = [("mfaEnabled", one.mfa), ("createdAt", one.created)];
        let further = further.into_iter().filter_map(|(name, value)| Some(format!("\"{name}\":{}", value?)));
        let further = further.collect::<Vec<_>>().join(",");
        format!("{{\"id\":\"a{id}\",\"system\":\"git\",\"source\":\"hr\",\"facts\":{{{further}}},{person}{hint}{own}}}")
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

/// A random schema fragment: checks of every kind of subject, in groups of their own and in those of the others; and
/// rules that speak of them.
pub(crate) fn further() -> impl Strategy<Value = (String, Vec<String>)> {
    let check = (0..KINDS.len(), any::<bool>(), any::<bool>());
    let condition = (0..1000_usize, prop::bool::weighted(0.3));
    let rule = (0..100_usize, 0..4_usize, 0..100_usize, vec(condition, 0..3));
    (vec(check, 1..4), vec(rule, 0..6)).prop_map(|(checks, rules)| {
        let mut fragment = "action \"further\";\n".to_owned();
        for (index, (kind, own, shared)) in checks.iter().enumerate() {
            let (principal, resources, group, _) = KINDS[*kind];
            let groups = [("further", *own), (group, *shared && group != "further")];
            let groups: Vec<String> =
                groups.iter().filter(|(_, is_in)| *is_in).map(|(name, _)| format!("\"{name}\"")).collect();
            let groups = if groups.is_empty() { String::new() } else { format!(" in [{}]", groups.join(", ")) };
            fragment.push_str(&format!(
                "@title(\"x{index}\") @severity(\"low\") action \"x{index}\"{groups}\n  appliesTo {{ principal: \
                 {principal}, resource: {resources}, context: Evaluation }};\n"
            ));
        }
        let texts = rules.iter().enumerate().map(|(id, (check, effect, scope, conditions))| {
            let index = check % checks.len();
            let (_, _, _, of_kind) = KINDS[checks[index].0];
            let effect = ["permit", "forbid", "@outcome(\"exempt\") permit", "@outcome(\"unknown\") forbid"][*effect];
            let (annotation, effect) = effect.rsplit_once(' ').unwrap_or(("", effect));
            // What is asked of different kinds of subjects has no attributes in common.
            let group =
                if scope % 3 == 0 && checks[index].1 && conditions.is_empty() { "in Action::\"further\"" } else { "" };
            let action = if group.is_empty() { format!("== Action::\"x{index}\"") } else { group.to_owned() };
            let conditions = conditions.iter().map(|(condition, negated)| {
                let condition = of_kind[condition % of_kind.len()];
                let condition = condition.replace('P', "principal").replace("principalerson", "Person");
                if *negated { format!("\nunless {{ {condition} }}") } else { format!("\nwhen {{ {condition} }}") }
            });
            format!(
                "@id(\"x{id}\") {annotation} {effect} (principal, action {action}, resource){};\n",
                conditions.collect::<String>()
            )
        });
        (fragment, texts.collect())
    })
}

/// Principal, resources, the group of the checks that are always there, and conditions.
type Kind = (&'static str, &'static str, &'static str, &'static [&'static str]);
const KINDS: [Kind; 5] = [
    ("Person", "Organization", "people", &PERSON),
    ("Account", "System", "accounts", &ACCOUNT),
    ("Account", "Entitlement", "accounts", &ACCOUNT),
    ("Account", "[System, Entitlement]", "further", &ACCOUNT),
    ("System", "Organization", "further", &SYSTEMS),
];

/// Conditions about a system.
const SYSTEMS: [&str; 7] = [
    "principal.critical",
    "principal.accessRules > 1",
    r#"principal has maxAge && principal.maxAge > duration("2d")"#,
    "principal has accountsComplete && principal.accountsComplete",
    "principal has accountsAsOf && principal.accountsAsOf < context.today",
    r#"principal has maxAge && principal has accountsAsOf && context.asOf.durationSince(principal.accountsAsOf) < principal.maxAge"#,
    r#"principal == System::"git""#,
];
