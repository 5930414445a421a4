//! The analysis agrees with the engine on the organisations of the shipped policy tests.

use std::collections::HashSet;

use cedar_policy::{Authorizer, Decision, PolicySet, pst};

use super::{
    assumptions::{Reads, impossible},
    expressions::{Condition, whole},
    formula::Formula,
    setting::{Named, Setting},
    slice::Slice,
    solver::policy,
};
use crate::{
    bundle::{Bundle, CheckTarget, Outcome, shipped},
    diagnostic::SourceFile,
    engine::{
        self,
        answer::{Answer, Evaluation, Options, Subject},
        cedar::{entities::CedarEntities, markers::Markers, request},
    },
    testing,
};

/// The shipped bundle with its tests, and with every pack if they are wanted.
fn bundle(with_packs: bool) -> Bundle {
    let mut files = shipped::files();
    let packs = shipped::PACKS
        .iter()
        .filter(|_| with_packs)
        .map(|(name, text)| SourceFile::new(*name, text.replace("github/maintain, ", "")));
    files.extend(packs);
    for entry in std::fs::read_dir("policies/tests").unwrap() {
        let path = entry.unwrap().path();
        let name = format!("tests/{}", path.file_name().unwrap().to_str().unwrap());
        files.push(SourceFile::new(name, std::fs::read_to_string(&path).unwrap()));
    }
    Bundle::load(files).unwrap()
}

fn holds(condition: &Condition, world: &CedarEntities, request: &cedar_policy::Request) -> bool {
    let policies = PolicySet::from_policies([policy(pst::Effect::Permit, condition).unwrap()]).unwrap();
    let response = Authorizer::new().is_authorized(request, &policies, &world.entities);
    let errors: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
    response.decision() == Decision::Allow
}

fn satisfies(formula: &Formula, world: &CedarEntities, request: &cedar_policy::Request) -> bool {
    formula.some.iter().any(|one| holds(one, world, request))
        && !formula.none.iter().any(|one| holds(one, world, request))
}

/// The setting of an answer.
fn setting(evaluation: &Evaluation<'_>, answer: &Answer, target: CheckTarget, bundle: &Bundle) -> Setting {
    let resolved = &evaluation.resolved;
    let system = match answer.subject {
        Subject::Account(at) => resolved.account_at(at).map(|account| account.record.system.clone()),
        Subject::System(at) => resolved.systems.get(at).map(|system| system.id.to_owned()),
        Subject::Person(_) | Subject::Organization => None,
    };
    let known = super::setting::settings(&[bundle], &bundle.checks[answer.check]);
    let named = |id: Option<String>, is_known: &dyn Fn(&Named) -> bool| match id {
        None => Named::None,
        Some(id) if is_known(&Named::Is(id.clone())) => Named::Is(id),
        Some(_) => Named::Other,
    };
    let system = named(system, &|wanted| known.iter().any(|one| one.system == *wanted));
    let level = answer.level.as_deref().map(str::to_owned);
    let level = named(level, &|wanted| known.iter().any(|one| one.system == system && one.level == *wanted));
    Setting { target, system, level }
}

#[test]
fn slices_and_assumptions_agree_with_the_engine() {
    let counts = [false, true].map(|with_packs| compare(&bundle(with_packs)));
    let [answers, rules, assumed] = [0, 1, 2].map(|at| counts.iter().map(|count| count[at]).sum::<usize>());
    assert!(answers > 100 && rules > 500 && assumed > 1_000, "{answers} answers, {rules} rules, {assumed}");
}

/// Compares every answer of the tests of a bundle; how many answers, rules and assumptions there were.
fn compare(bundle: &Bundle) -> [usize; 3] {
    let authorizer = Authorizer::new();
    let (mut answers, mut rules, mut assumed) = (0, 0, 0);
    for test in testing::load(bundle, None).unwrap() {
        if !test.identities.is_empty() {
            continue;
        }
        let options = Options { as_of: Some(test.as_of), ..Options::default() };
        let evaluation = engine::evaluate(&test.snapshot, bundle, &options).unwrap();
        for answer in &evaluation.answers {
            let check = &bundle.checks[answer.check];
            let world = CedarEntities::of(&evaluation, Some(&HashSet::from([answer.subject]))).unwrap();
            // Systems that no test is about have no list.
            let unlisted = Markers::of(["accountsAsOf", "accountsComplete"]);
            let is_listed = match answer.subject {
                Subject::System(at) => evaluation.resolved.systems[at].list.is_some(),
                _ => true,
            };
            if !is_listed || (world.markers != Markers::default() && world.markers != unlisted) {
                continue;
            }
            let request = request::request(&evaluation.resolved, &world, answer).unwrap();
            let target = check.targets.iter().copied().find(|target| {
                let (subject, resource) = target.types();
                let is = |uid: Option<&cedar_policy::EntityUid>, name: &str| {
                    uid.is_some_and(|uid| uid.type_name().to_string() == name)
                };
                is(request.principal(), subject) && is(request.resource(), resource)
            });
            let Some(target) = target else { continue };
            let setting = setting(&evaluation, answer, target, bundle);
            let slice = Slice::of(bundle, check, &setting).unwrap();
            // Each rule is satisfied as written if it is satisfied as folded.
            for rule in bundle.rules.iter().filter(|rule| rule.applies_to(check) && rule.grants.is_none()) {
                let policies = PolicySet::from_policies([crate::bundle::cedar_policy(&rule.policy).unwrap()]).unwrap();
                let response = authorizer.is_authorized(&request, &policies, &world.entities);
                let written = response.diagnostics().reason().next().is_some();
                let folded = slice.rules.iter().find(|one| one.rule.key == rule.key);
                let folded = folded.is_some_and(|one| holds(&one.condition, &world, &request));
                assert_eq!(written, folded, "{}: `{}` for {setting}", test.name, rule.key);
                rules += 1;
            }
            // The formulas say what the engine says, and just one of them holds.
            let outcomes: Vec<Outcome> = Outcome::ALL
                .iter()
                .copied()
                .filter(|outcome| slice.outcome(*outcome).iter().any(|one| satisfies(one, &world, &request)))
                .collect();
            assert_eq!(outcomes, [answer.verdict.outcome], "{}: {} for {setting}", test.name, check.id);
            let not_open = satisfies(&slice.not_open(), &world, &request);
            assert_eq!(not_open, !answer.verdict.outcome.is_open(), "{}: {}", test.name, check.id);
            // No assumption is violated.
            let everything: Vec<Condition> = bundle.rules.iter().map(|rule| whole(&rule.policy)).collect();
            let reads = Reads::of(&everything);
            for condition in impossible(bundle, check, &setting, &reads).unwrap() {
                assert!(!holds(&condition, &world, &request), "{}: {condition:?}", test.name);
                assumed += 1;
            }
            answers += 1;
        }
    }
    [answers, rules, assumed]
}
