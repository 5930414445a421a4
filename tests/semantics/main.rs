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

mod generate;
#[cfg(feature = "evidence")]
mod redaction;

use std::{collections::BTreeMap, sync::Arc};

use cedar_policy::{Authorizer, Context, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression, pst};
use generate::{accounts, bundle, learnt, people, rules, several_accounts, several_people, snapshot};
use proptest::{collection::vec, prelude::*};
use tenure::{
    bundle::{Bundle, Effect, Outcome},
    engine::{
        self,
        answer::{Answer, Evaluation, LevelFindings, Options, Subject},
        cedar::entities::{CedarEntities, cedar_datetime},
        explain::trace::{EvaluationResult, Part, Place, TracedRule, Tracer},
    },
    model::{Fact, Snapshot},
};

/// What plain Cedar says of each rule, asked alone, put together as the design words it.
fn reference(evaluation: &Evaluation<'_>, world: &CedarEntities, answer: &Answer) -> (Outcome, Vec<usize>) {
    let resolved = &evaluation.resolved;
    let bundle = resolved.bundle;
    let uid = |text: String| -> EntityUid { text.parse().unwrap() };
    let (principal, resource) = match answer.subject {
        Subject::Person(index) => {
            (format!("Person::\"{}\"", resolved.person(index).unwrap().id), "Organization::\"o\"".to_owned())
        }
        Subject::Account(index) => {
            let resource = match &answer.level {
                Some(level) => format!("Entitlement::\"git/{level}\""),
                None => "System::\"git\"".to_owned(),
            };
            (format!("Account::\"git/{}\"", resolved.accounts.all_loaded()[index].record.id), resource)
        }
        Subject::System(_) | Subject::Organization => panic!("no check is asked of systems or the organisation"),
    };
    let action = uid(format!("Action::\"{}\"", bundle.checks[answer.check].id));
    let zone = &resolved.snapshot.organization.time_zone;
    let moment = |instant| RestrictedExpression::new_datetime(cedar_datetime(instant));
    let context = Context::from_pairs([
        ("asOf".to_owned(), moment(resolved.as_of)),
        ("today".to_owned(), moment(zone.midnight(resolved.today))),
    ])
    .unwrap();
    let request = Request::new(uid(principal), action, uid(resource), context, None).unwrap();

    let mut satisfied: BTreeMap<(Effect, &str), Vec<usize>> = BTreeMap::new();
    for (index, rule) in bundle.rules.iter().enumerate() {
        // An access rule grants nothing after its last day.
        if rule.grants.as_ref().and_then(|grants| grants.expires).is_some_and(|last| last < resolved.today) {
            continue;
        }
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
fn request(evaluation: &Evaluation<'_>, world: &CedarEntities, answer: &Answer) -> Request {
    engine::cedar::request::request(&evaluation.resolved, world, answer).unwrap()
}

/// What the plain authorizer says of a text as a rule's only condition; `None` where it errs.
fn plainly(text: &str, evaluation: &Evaluation<'_>, world: &CedarEntities, answer: &Answer) -> Option<bool> {
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
            EvaluationResult::True => found.push((part.text.clone(), true)),
            EvaluationResult::False => found.push((part.text.clone(), false)),
            _ => {}
        }
        open.extend(&part.parts);
    }
    found
}

/// Findings about unknown levels for each account: those of systems are sums of them.
pub(crate) fn each_account() -> Options {
    Options { level_findings: LevelFindings::PerAccount, ..Options::default() }
}

/// What the clauses of a rule make of it together.
fn together(rule: &TracedRule) -> EvaluationResult {
    for clause in &rule.clauses {
        let holds = if clause.place == Place::Unless { EvaluationResult::False } else { EvaluationResult::True };
        match &clause.part.truth {
            truth if *truth == holds => {}
            EvaluationResult::True | EvaluationResult::False => return EvaluationResult::False,
            EvaluationResult::NotReached => {}
            other => return other.clone(),
        }
    }
    EvaluationResult::True
}

fn evaluate<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle) -> Evaluation<'a> {
    engine::evaluate(snapshot, bundle, &each_account()).unwrap()
}

/// Whether it is unknown of a person whether they hold something.
fn holdings_are_open(evaluation: &Evaluation<'_>) -> bool {
    let resolved = &evaluation.resolved;
    let mut people = (0..resolved.people.len()).filter_map(|person| resolved.holdings.get(person));
    people.any(|holdings| !holdings.unknown.is_empty())
}

type Verdicts = BTreeMap<(usize, Subject, Option<Arc<str>>), Outcome>;

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
        let world = CedarEntities::of(&evaluation, None).unwrap();
        for answer in &evaluation.answers {
            let (outcome, rules) = reference(&evaluation, &world, answer);
            // An account that is not linked leaves open what people hold. The reference completes it: nothing more is held.
            if holdings_are_open(&evaluation) {
                let survives = match answer.verdict.outcome {
                    Outcome::Unknown => true,
                    Outcome::Pass => matches!(outcome, Outcome::Pass | Outcome::NotApplicable),
                    Outcome::Exempt => matches!(outcome, Outcome::Exempt | Outcome::Pass | Outcome::NotApplicable),
                    known => outcome == known,
                };
                prop_assert!(survives, "{} and not {:?}", outcome, answer);
                continue;
            }
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
        let (world, world_after) = (CedarEntities::of(&evaluation, None).unwrap(), CedarEntities::of(&after, None).unwrap());
        for answer in &evaluation.answers {
            let traced = Tracer::new(&evaluation, &world, answer).unwrap().rules().unwrap();
            for rule in &traced {
                prop_assert_eq!(&together(rule), &rule.truth, "{:#?}", rule);
                let decisive = answer.verdict.rules.contains(&rule.rule);
                prop_assert!(!decisive || !matches!(rule.truth, EvaluationResult::False | EvaluationResult::NotReached), "{:#?}", rule);
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
            // Nor does a level come to light that fails, where nothing was said to be unknown.
            for ((check, subject, level), learnt) in after.iter().filter(|(question, _)| !decided.contains_key(question)) {
                let before = decided.iter().filter(|((of, about, _), _)| (of, about) == (check, subject));
                let is_settled = before.clone().all(|(_, outcome)| !outcome.is_open());
                prop_assert!(!is_settled || *learnt != Outcome::Fail, "{:?} {:?} fails once levels are known", subject, level);
            }
        }
    }
}

/// An account whose levels nobody can see is let off only where no level could be forbidden.
#[test]
fn unknown_levels_are_said_where_a_level_may_be_forbidden() {
    let let_off = "@id(\"off\") @outcome(\"not-applicable\") permit (principal, action == Action::\"level-check\", resource)\n\
                   when { principal.status == AccountStatus::\"suspended\" };\n";
    let of_level = "@id(\"level\") forbid (principal, action == Action::\"level-check\", resource == Entitlement::\"git/admin\")\n\
                    when { principal.status == AccountStatus::\"suspended\" };\n";
    let of_system = "@id(\"system\") forbid (principal, action == Action::\"level-check\", resource in System::\"git\")\n\
                     when { resource.system.accessRules == 0 };\n";
    let account = generate::account_of_unknown_levels();
    let snapshot = snapshot(&[], &[account]);
    for (further, outcomes) in [(of_level, 2), (of_system, 1)] {
        let bundle = generate::loaded("", &[let_off.to_owned(), further.to_owned()]);
        let evaluation = evaluate(&snapshot, &bundle);
        let check = bundle.checks.iter().position(|check| check.id == "level-check").unwrap();
        let of_levels = evaluation.answers.iter().filter(|answer| answer.check == check);
        assert_eq!(of_levels.count(), outcomes, "{further}");
    }
}

/// A fact of an access request that nobody knows is no reason to let anything pass.
#[test]
fn unknown_facts_of_access_requests_are_unknown_to_rules() {
    let rule = "@id(\"ticket\") permit (principal, action == Action::\"account-check\", resource)\n\
                when { !(AccessRequest::\"t1\" has expires && AccessRequest::\"t1\".expires < context.today) };\n";
    let bundle = generate::loaded("", &[rule.to_owned()]);
    let mut snapshot = snapshot(&[], &[generate::account_of_unknown_levels()]);
    let check = bundle.checks.iter().position(|check| check.id == "account-check").unwrap();
    let verdict = |snapshot: &Snapshot| {
        let evaluation = evaluate(snapshot, &bundle);
        evaluation.answers.iter().find(|answer| answer.check == check).unwrap().verdict.clone()
    };
    assert_eq!(verdict(&snapshot).outcome, Outcome::Pass);
    let request = &mut snapshot.access_requests[0];
    request.expires = Fact::Unknown;
    request.unknown.insert("expires".to_owned(), "the export leaves it out".to_owned());
    let verdict = verdict(&snapshot);
    assert_eq!(verdict.outcome, Outcome::Unknown);
    assert_eq!(&*verdict.unknown[0].reason, "the export leaves it out");
}

/// A condition that errs or reads an unknown fact is not reached where a later one decides.
#[test]
fn what_stands_beside_the_decisive_condition_is_not_reached() {
    let rule = r#"@id("r") permit (principal, action == Action::"account-check", resource)
        when {
            context.asOf.offset(duration("9223372036854775807ms")) < context.asOf ||
            (principal has owner && principal.owner has jobTitle)
        }
        when { principal.status == AccountStatus::"deactivated" };
    "#;
    let bundle = generate::loaded("", &[rule.to_owned()]);
    let person = generate::PersonFacts {
        status: generate::STATUS[0],
        start: generate::START[0],
        end: generate::END[0],
        title: None,
        department: None,
        manager: Some("null"),
        number: Some("null"),
        has_role: true,
    };
    let account = generate::AccountFacts {
        person: Some("p0"),
        hint: None,
        email: Some("null"),
        status: Some("\"active\""),
        class: Some("null"),
        last_login: Some("null"),
        mfa: Some("null"),
        created: Some("null"),
        levels: Some("[]"),
    };
    let snapshot = snapshot(&[person], &[account]);
    let evaluation = evaluate(&snapshot, &bundle);
    let entities = CedarEntities::of(&evaluation, None).unwrap();
    let answer = evaluation.answers.iter().find(|answer| bundle.checks[answer.check].id == "account-check").unwrap();
    let traced = Tracer::new(&evaluation, &entities, answer).unwrap().rules().unwrap();
    let rule = traced.iter().find(|rule| bundle.rules[rule.rule as usize].id == "r").unwrap();
    assert_eq!((&rule.truth, &together(rule)), (&EvaluationResult::False, &EvaluationResult::False), "{rule:#?}");
    let first = &rule.clauses[0].part;
    let truths = [first, &first.parts[0], &first.parts[1]].map(|part| part.truth.clone());
    assert_eq!(truths, [const { EvaluationResult::NotReached }; 3], "{rule:#?}");
}

/// A few hundred cases in an ordinary run; `TENURE_CASES=100000` for a long one.
fn cases() -> u32 {
    std::env::var("TENURE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}
