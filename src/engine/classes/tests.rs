//! Classes against the plain authorizer: every subject asked by itself, all rules in one policy set, all entities there.
//!
//! 2,400 random cases in an ordinary run; `TENURE_CASES=100000 cargo test --lib classes` for a long one.

use std::collections::HashSet;

use cedar_policy::{Authorizer, PolicySet};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use crate::{
    bundle::{Bundle, CheckTarget},
    engine::{
        answer::{Answer, Evaluation, Options, Retention, Verdict},
        cedar::{
            authorize::policy,
            entities::CedarEntities,
            request,
            verdict::{Judge, Slice},
        },
        evaluate::{evaluate, run},
        session::{Session, Tuning},
    },
    model::Snapshot,
    resolve::ResolvedSnapshot,
};

#[path = "../../../tests/semantics/generate.rs"]
mod generate;

/// Organisations that each set of rules is tried on; loading rules takes longest.
const ORGANIZATIONS: usize = 8;

fn cases() -> u32 {
    std::env::var("TENURE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_400)
}

type Organizations = (Vec<generate::RuleText>, (String, Vec<String>), Vec<Snapshot>);

/// A bundle with a random schema fragment, and organisations with unknown facts, circular reporting lines, managers who
/// are nowhere, and subjects that are alike.
fn organizations() -> impl Strategy<Value = Organizations> {
    let organization = (generate::several_people(3..9), generate::several_accounts(1..9));
    let organization = organization.prop_map(|(people, accounts)| generate::snapshot(&people, &accounts));
    (generate::rules(), generate::further(), vec(organization, ORGANIZATIONS))
}

/// The same, with many accounts of a few kinds.
fn organizations_alike() -> impl Strategy<Value = Organizations> {
    let organization = (generate::several_people(3..16), generate::alike_accounts());
    let organization = organization.prop_map(|(people, accounts)| generate::snapshot(&people, &accounts));
    (generate::rules(), generate::further(), vec(organization, ORGANIZATIONS))
}

fn bundle(rules: &[generate::RuleText], (fragment, further): &(String, Vec<String>)) -> Bundle {
    let rules = rules.iter().enumerate().map(|(id, rule)| rule.write(id));
    generate::loaded(fragment, &rules.chain(further.iter().cloned()).collect::<Vec<_>>())
}

/// What the plain authorizer says to an answer's question.
fn plainly(evaluation: &Evaluation<'_>) -> Vec<(Answer, Verdict)> {
    let resolved = &evaluation.resolved;
    let world = CedarEntities::of(evaluation, None).unwrap();
    let zone = &resolved.snapshot.organization.time_zone;
    let rules = resolved.bundle.rules.iter().enumerate();
    let policies =
        rules.map(|(index, rule)| policy(rule, u32::try_from(index).unwrap(), &world.markers, zone).unwrap());
    let all = Slice { policies: PolicySet::from_policies(policies).unwrap() };
    let judge =
        Judge { authorizer: Authorizer::new(), entities: &world.entities, rules: &resolved.bundle.rules, resolved };
    // That an account's levels are unknown is no question of Cedar's.
    let asked = evaluation.answers.iter().filter(|answer| {
        let targets = &resolved.bundle.checks.get(answer.check).unwrap().targets;
        let of_unknown_levels = answer.verdict.rules.is_empty()
            && answer.verdict.unknown.iter().any(|fact| &*fact.fact == "levels")
            && targets.contains(&CheckTarget::AccountHoldsEntitlement);
        !(answer.level.is_none() && of_unknown_levels)
    });
    asked
        .map(|answer| {
            let request = request::request(resolved, &world, answer).unwrap();
            (answer.clone(), judge.decide(&request, &all))
        })
        .collect()
}

/// What a test changes in an evaluation.
#[derive(Debug, Clone, Copy, Default)]
struct Trial {
    /// An attribute that the projections of queries omit, to show that they must not.
    queries_omit: Option<&'static str>,
    /// An attribute that the projections of subjects omit.
    subjects_omit: Option<&'static str>,
    /// The batch size.
    batch: Option<usize>,
    /// The number of classes per slice.
    classes: Option<usize>,
}

fn evaluate_in<'a>(
    trial: Trial,
    snapshot: &'a Snapshot,
    bundle: &'a Bundle,
    options: &Options,
) -> Result<Evaluation<'a>, crate::engine::Error> {
    let resolved = ResolvedSnapshot::new(snapshot, bundle, snapshot.collected_at);
    let mut tuning = Tuning { batch_size: trial.batch, ..Tuning::default() };
    if let Some(classes) = trial.classes {
        tuning.limits.classes_per_slice = classes;
    }
    let omitted = [trial.queries_omit, trial.subjects_omit];
    let session = Session::tuned(&resolved, options, tuning, |projector| projector.omitting(omitted));
    run(session, resolved, options)
}

/// The first answer that differs from the plain authorizer's.
fn difference(snapshot: &Snapshot, bundle: &Bundle, trial: Trial) -> Option<String> {
    let evaluation = evaluate_in(trial, snapshot, bundle, &Options::default()).unwrap();
    let differs = |(answer, plain): &(Answer, Verdict)| *answer.verdict != *plain;
    let different = plainly(&evaluation).into_iter().find(differs);
    different.map(|(answer, plain)| format!("{answer:#?}\nplainly {plain:#?}"))
}

/// What differs on the fast path for clean subjects, one subject after another, so that each can use the profiles of
/// those before.
///
/// By all checks together, and by one alone, of which more subjects are such.
fn difference_of_clean(snapshot: &Snapshot, bundle: &Bundle, trial: Trial) -> Option<String> {
    let one = |check: &str| Some(HashSet::from([check.to_owned()]));
    let mut asked = [None, one("person-check"), one("account-check")].into_iter();
    asked.find_map(|checks| difference_of_clean_by(checks, snapshot, bundle, trial))
}

fn difference_of_clean_by(
    checks: Option<HashSet<String>>,
    snapshot: &Snapshot,
    bundle: &Bundle,
    trial: Trial,
) -> Option<String> {
    let options = Options { checks, ..Options::default() };
    let all = evaluate(snapshot, bundle, &options).unwrap();
    let trial = Trial { batch: Some(1), ..trial };
    let some = evaluate_in(trial, snapshot, bundle, &Options { keep: Retention::Reportable, ..options }).unwrap();
    if some.tallies != all.tallies {
        return Some(format!("{:#?}\nof all {:#?}", some.tallies, all.tallies));
    }
    let missing = all.answers.iter().find(|one| !one.verdict.outcome.is_clean() && !some.answers.contains(one));
    let further = some.answers.iter().find(|one| !all.answers.contains(one));
    missing.or(further).map(|answer| format!("{answer:#?}"))
}

fn runner(cases: u32) -> TestRunner {
    // The first failure is enough; nobody wants to see a smaller one.
    let config = Config { cases, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Holds every bundle and organisation against what `difference` finds.
fn hold(
    cases: u32,
    organizations: impl Strategy<Value = Organizations>,
    difference: impl Fn(&Snapshot, &Bundle) -> Option<String>,
) {
    let each = u32::try_from(ORGANIZATIONS).unwrap();
    // Other cases in every run, and as many as are asked for.
    let config = Config { cases: cases.div_ceil(each), failure_persistence: None, ..Config::default() };
    let held = TestRunner::new(config).run(&organizations, |(rules, further, snapshots)| {
        let bundle = bundle(&rules, &further);
        for snapshot in &snapshots {
            prop_assert_eq!(difference(snapshot, &bundle), None);
        }
        Ok(())
    });
    held.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A test that cannot fail shows nothing: `difference` has to find something.
fn is_noticed(
    what: &str,
    organizations: impl Strategy<Value = Organizations>,
    difference: impl Fn(&Snapshot, &Bundle) -> Option<String>,
) {
    // The runner stops at the first failure, which is what is looked for.
    let held = runner(2_000).run(&organizations, |(rules, further, snapshots)| {
        let bundle = bundle(&rules, &further);
        let same = snapshots.iter().all(|snapshot| difference(snapshot, &bundle).is_none());
        prop_assert!(same, "noticed");
        Ok(())
    });
    let noticed = matches!(&held, Err(TestError::Fail(reason, _)) if reason.message().starts_with("noticed"));
    assert!(noticed, "nobody notices that `{what}` is left out: {held:?}");
}

#[test]
fn classes_are_what_the_plain_authorizer_says() {
    hold(cases(), organizations(), |snapshot, bundle| difference(snapshot, bundle, Trial::default()));
}

#[test]
fn however_few_classes_are_remembered_the_plain_authorizer_says_the_same() {
    for classes in [0, 1, 3] {
        let trial = Trial { classes: Some(classes), batch: Some(4), ..Trial::default() };
        hold(cases() / 12, organizations(), |snapshot, bundle| difference(snapshot, bundle, trial));
    }
}

#[test]
fn subjects_told_at_one_look_are_what_their_questions_say() {
    // Each case is twenty accounts, judged six times.
    hold(cases() / 6, organizations_alike(), |snapshot, bundle| {
        difference_of_clean(snapshot, bundle, Trial::default())
    });
}

#[test]
fn leaving_an_attribute_out_of_the_projection_is_noticed() {
    for attribute in ["status", "manager", "endDate", "jobTitle", "owner", "class", "requests"] {
        let trial = Trial { queries_omit: Some(attribute), ..Trial::default() };
        is_noticed(attribute, organizations(), |snapshot, bundle| difference(snapshot, bundle, trial));
    }
}

#[test]
fn leaving_an_attribute_out_of_the_projection_of_subjects_is_noticed() {
    for (attribute, check) in [("status", "account-check"), ("owner", "account-check"), ("endDate", "person-check")] {
        let trial = Trial { subjects_omit: Some(attribute), ..Trial::default() };
        let checks = || Some(HashSet::from([check.to_owned()]));
        is_noticed(attribute, organizations_alike(), |snapshot, bundle| {
            difference_of_clean_by(checks(), snapshot, bundle, trial)
        });
    }
}
