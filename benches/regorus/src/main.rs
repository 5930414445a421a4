//! The three checks of people, by the engine and by regorus, over the same facts; first that both count the same
//! outcomes, then how long each takes. `TENURE_BENCH_PEOPLE` for another size than 20,000.

#[path = "../../synthetic/mod.rs"]
mod synthetic;

use std::{
    collections::{BTreeMap, HashSet},
    time::Instant,
};

use regorus::{Engine, Value};
use serde_json::json;
use tenure::{
    bundle::Bundle,
    engine::{self, Keep, Options, Situation, resolve::ResolvedPerson},
};

type Counts = BTreeMap<(String, String), usize>;

const CHECKS: [&str; 3] = ["joining-date-provided", "reporting-manager-assigned", "staff-role-assigned"];

fn main() {
    let size = std::env::var("TENURE_BENCH_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let snapshot = synthetic::organization(size, 1);
    let bundle = Bundle::shipped().expect("the shipped bundle loads");
    let situation = Situation::new(&snapshot, &bundle, snapshot.collected_at);
    let inputs: Vec<Value> = situation.people.iter().map(|person| input(&situation, person)).collect();

    let checks: HashSet<String> = CHECKS.iter().map(|check| (*check).to_owned()).collect();
    let options = Options { checks: Some(checks), keep: Keep::Noteworthy, ..Options::default() };
    let start = Instant::now();
    let evaluation = engine::judge(situation, &options).expect("it can be evaluated");
    let by_classes = start.elapsed();
    let mut ours = Counts::new();
    for (check, tally) in bundle.checks.iter().zip(&evaluation.tallies) {
        for (outcome, count) in &tally.outcomes {
            *ours.entry((check.id.clone(), outcome.word().to_owned())).or_default() += count;
        }
    }

    let mut rego = Engine::new();
    rego.add_policy("people.rego".to_owned(), include_str!("people.rego").to_owned()).expect("the policy is Rego");
    let mut theirs = Counts::new();
    let start = Instant::now();
    for input in inputs {
        rego.set_input(input);
        let outcomes = rego.eval_rule("data.people.outcomes".to_owned()).expect("it can be evaluated");
        for (check, outcome) in outcomes.as_object().expect("an object of outcomes") {
            let word = |value: &Value| value.as_string().expect("a text").to_string();
            *theirs.entry((word(check), word(outcome))).or_default() += 1;
        }
    }
    let by_regorus = start.elapsed();

    assert_eq!(ours, theirs, "the two do not say the same");
    println!("{size} people, {} questions, the same outcomes: {ours:?}", evaluation.total());
    println!(
        "tenure {:.3} s, regorus {:.3} s: {:.0} times",
        by_classes.as_secs_f64(),
        by_regorus.as_secs_f64(),
        by_regorus.as_secs_f64() / by_classes.as_secs_f64()
    );
}

/// What the rules can look at of a person.
fn input(situation: &Situation<'_>, person: ResolvedPerson<'_>) -> Value {
    let day = |date: Option<&jiff::civil::Date>| date.map(ToString::to_string);
    let roles = person.org_roles.known().copied().unwrap_or_default().iter();
    let top = roles
        .filter_map(|role| situation.bundle.org_roles.get(*role))
        .any(|role| role.groups.iter().any(|group| group == "top-management"));
    let manager = person.manager.known().and_then(|index| situation.person(*index)).map(|manager| {
        json!({
            "status": manager.status.known().map(|status| status.word()),
            "end_date": day(manager.end_date.known()),
        })
    });
    json!({
        "today": situation.today.to_string(),
        "in_scope": person.in_scope,
        "status": person.status.known().map(|status| status.word()),
        "start_date": day(person.start_date.known()),
        "end_date": day(person.end_date.known()),
        "job_title": person.job_title.known(),
        "top_management": top,
        "manager": manager,
        "manager_issue": person.manager_issue.known().map(|issue| issue.word()),
    })
    .into()
}
