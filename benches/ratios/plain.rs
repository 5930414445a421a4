//! Evaluation alone: by the engine, and by the plain Cedar loop, which asks one policy set about every subject with
//! entities that are there already.

use std::time::Instant;

use cedar_policy::{Authorizer, Policy, PolicyId, PolicySet, pst};
use tenure::{
    bundle::{Bundle, Effect, Rule},
    engine::{
        self,
        answer::{Options, Retention},
    },
    resolve::ResolvedSnapshot,
};

use crate::{policies, synthetic};

/// The shipped policies and further access rules, with so many rules in all. Where fewer are asked for than are shipped,
/// those are left out that hardly anybody needs: access rules of few people, and rules that say what is wrong where the
/// check fails without them too.
fn bundle(rules: usize) -> Bundle {
    let mut bundle = policies::bundle(0);
    let shipped = bundle.rules.len();
    if rules > shipped {
        // Each further access rule makes a rule for its level and one for the login.
        bundle = policies::bundle((rules - shipped).div_ceil(2));
    }
    let says_what_is_wrong = |rule: &Rule| {
        let checks = ["reporting-manager.", "user-identified."];
        rule.effect == Effect::Forbid && checks.iter().any(|check| rule.id.starts_with(check))
    };
    let is_of_few = |rule: &Rule| {
        rule.grants.as_ref().is_some_and(|grants| {
            let is_of_a_department =
                grants.access_type == "org-role" && (grants.system == "github" || grants.level == "finance");
            grants.access_type != "all-staff" && !is_of_a_department
        })
    };
    if rules < shipped {
        bundle.rules.retain(|rule| !says_what_is_wrong(rule) && !is_of_few(rule));
    }
    bundle.rules.truncate(rules);
    assert_eq!(bundle.rules.len(), rules, "there are as many rules as are asked for");
    bundle
}

/// Seconds that the engine takes for a million questions.
pub(crate) fn decide(rules: usize, people: usize) -> f64 {
    let (bundle, snapshot) = (bundle(rules), synthetic::organization(people, 1));
    let resolved = ResolvedSnapshot::new(&snapshot, &bundle, snapshot.collected_at);
    let options = Options { keep: Retention::Reportable, ..Options::default() };
    let start = Instant::now();
    let evaluation = engine::judge(resolved, &options).expect("it can be evaluated");
    start.elapsed().as_secs_f64() / evaluation.total() as f64 * 1e6
}

/// How many people the plain loop is asked about; it takes the same time for each.
const SAMPLE: usize = 300;

/// Seconds that the plain loop takes for a million questions.
pub(crate) fn plain(rules: usize) -> f64 {
    let (bundle, snapshot) = (bundle(rules), synthetic::organization(SAMPLE, 1));
    let evaluation = engine::evaluate(&snapshot, &bundle, &Options::default()).expect("it can be evaluated");
    let world = engine::cedar::entities::CedarEntities::of(&evaluation, None).expect("Cedar takes every value");
    let policies = bundle.rules.iter().enumerate().map(|(index, rule)| {
        let policy = pst::StaticPolicy::try_from(rule.policy.clone()).expect("a rule has no slots");
        let policy = Policy::from_pst(pst::Policy::Static(policy)).expect("it is a policy");
        policy.new_id(PolicyId::new(index.to_string()))
    });
    let policies = PolicySet::from_policies(policies).expect("the ids are distinct");
    let requests: Vec<_> = evaluation
        .answers
        .iter()
        .filter_map(|answer| engine::cedar::request::request(&evaluation.resolved, &world, answer).ok())
        .take(2_000_000 / (rules + 50))
        .collect();
    let authorizer = Authorizer::new();
    let start = Instant::now();
    for request in &requests {
        std::hint::black_box(authorizer.is_authorized(request, &policies, &world.entities));
    }
    start.elapsed().as_secs_f64() / requests.len() as f64 * 1e6
}
