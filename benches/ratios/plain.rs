//! Evaluation alone: by the engine, and by the plain Cedar loop, which asks one policy set about every subject with
//! entities that are there already.

use std::time::Instant;

use cedar_policy::{Authorizer, Policy, PolicyId, PolicySet, pst};
use tenure::{
    bundle::{Bundle, shipped},
    diagnostic::SourceFile,
    engine::{self, Keep, Options, Situation},
    model::Snapshot,
};

use crate::synthetic;

/// The shipped bundle with so many further access rules of GitHub, each for an org role of its own; some of the roles
/// are those of real titles.
pub(crate) fn bundle(rules: usize) -> Bundle {
    let mut files = shipped::files();
    let levels = ["member", "admin", "owner"];
    let title = |role: usize| match role {
        0..20 if role.is_multiple_of(2) => "Software Engineer".to_owned(),
        0..20 => "Data*".to_owned(),
        _ => format!("Title {role}"),
    };
    let role = |role: usize| format!("  - {{ id: role-{role}, match: {{ job_title: [\"{}\"] }} }}\n", title(role));
    let roles = (0..rules.div_ceil(levels.len())).map(role).collect::<String>();
    let roles = SourceFile::new("further-org-roles.yaml", format!("org_roles:\n{roles}"));
    let rule = |rule: usize| {
        let level = levels[rule % levels.len()];
        format!("  - {{ type: org-role, to: [role-{}], levels: [{level}] }}\n", rule / levels.len())
    };
    for file in files.iter_mut().filter(|file| *file.name == *"systems/github.yaml") {
        let text = format!("{}{}", file.text, (0..rules).map(rule).collect::<String>());
        *file = SourceFile::new("systems/github.yaml", text);
    }
    files.push(roles);
    Bundle::load(files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn snapshot() -> Snapshot {
    synthetic::organization(100_000, 1)
}

/// Seconds that the engine takes for a million questions.
pub(crate) fn decide(rules: usize) -> f64 {
    let (bundle, snapshot) = (bundle(rules), snapshot());
    let situation = Situation::new(&snapshot, &bundle, snapshot.collected_at);
    let options = Options { keep: Keep::Noteworthy, ..Options::default() };
    let start = Instant::now();
    let evaluation = engine::judge(situation, &options).expect("it can be evaluated");
    start.elapsed().as_secs_f64() / evaluation.total() as f64 * 1e6
}

/// How many people the plain loop is asked about; it takes the same time for each.
const SAMPLE: usize = 300;

/// Seconds that the plain loop takes for a million questions.
pub(crate) fn plain(rules: usize) -> f64 {
    let (bundle, snapshot) = (bundle(rules), synthetic::organization(SAMPLE, 1));
    let evaluation = engine::evaluate(&snapshot, &bundle, &Options::default()).expect("it can be evaluated");
    let world = evaluation.world(None).expect("Cedar takes every value");
    let policies = bundle.rules.iter().enumerate().map(|(index, rule)| {
        let policy = pst::StaticPolicy::try_from(rule.policy.clone()).expect("a rule has no slots");
        let policy = Policy::from_pst(pst::Policy::Static(policy)).expect("it is a policy");
        policy.new_id(PolicyId::new(index.to_string()))
    });
    let policies = PolicySet::from_policies(policies).expect("the ids are distinct");
    let requests: Vec<_> = evaluation
        .answers
        .iter()
        .filter_map(|answer| engine::question::request(&evaluation.situation, &world, answer).ok())
        .take(2_000_000 / (rules + 50))
        .collect();
    let authorizer = Authorizer::new();
    let start = Instant::now();
    for request in &requests {
        std::hint::black_box(authorizer.is_authorized(request, &policies, &world.entities));
    }
    start.elapsed().as_secs_f64() / requests.len() as f64 * 1e6
}
