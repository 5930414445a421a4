//! The eight shipped checks, by the engine and by regorus, over the same facts; first that both count the same outcomes,
//! then how long each takes. `TENURE_BENCH_PEOPLE` for another size than 20,000.

mod inputs;
#[path = "../../synthetic/mod.rs"]
mod synthetic;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use regorus::{Engine, Value};
use tenure::{bundle::Bundle, engine::{self, answer::{Retention, Options}}, resolve::ResolvedSnapshot};

/// By check and outcome.
type Counts = BTreeMap<(String, String), usize>;

fn main() {
    let size = std::env::var("TENURE_BENCH_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let snapshot = synthetic::organization(size, 1);
    let bundle = Bundle::shipped().expect("the shipped bundle loads");
    let resolved = ResolvedSnapshot::new(&snapshot, &bundle, snapshot.collected_at);
    let (people, accounts, systems) =
        (inputs::people(&resolved), inputs::accounts(&resolved), inputs::systems(&resolved));

    let options = Options { keep: Retention::Reportable, ..Options::default() };
    let access = inputs::access(&resolved);
    let start = Instant::now();
    let evaluation = engine::judge(resolved, &options).expect("it can be evaluated");
    let by_classes = start.elapsed();
    let mut ours = Counts::new();
    for (check, tally) in bundle.checks.iter().zip(&evaluation.tallies) {
        for (outcome, count) in &tally.outcomes {
            *ours.entry((check.id.clone(), outcome.word().to_owned())).or_default() += count;
        }
    }

    let mut theirs = Counts::new();
    let mut by_regorus = Duration::ZERO;
    for (package, text, inputs) in [
        ("people", include_str!("people.rego"), people),
        ("accounts", include_str!("accounts.rego"), accounts),
        ("systems", include_str!("systems.rego"), systems),
    ] {
        let mut rego = Engine::new();
        rego.add_policy(format!("{package}.rego"), text.to_owned()).expect("the policy is Rego");
        rego.add_data(access.clone()).expect("the data are an object");
        by_regorus += ask(&mut rego, package, inputs, &mut theirs);
    }

    assert_eq!(ours, theirs, "the two do not say the same");
    println!("{size} people and as many accounts, {} questions, the same outcomes: {ours:?}", evaluation.total());
    println!(
        "tenure {:.3} s, regorus {:.3} s: {:.0} times",
        by_classes.as_secs_f64(),
        by_regorus.as_secs_f64(),
        by_regorus.as_secs_f64() / by_classes.as_secs_f64()
    );
}

/// Evaluates a package for every input, and counts the outcomes.
fn ask(rego: &mut Engine, package: &str, inputs: Vec<Value>, counts: &mut Counts) -> Duration {
    let rule = format!("data.{package}.outcomes");
    let start = Instant::now();
    for input in inputs {
        rego.set_input(input);
        let outcomes = rego.eval_rule(rule.clone()).expect("it can be evaluated");
        for outcome in outcomes.as_set().expect("a set of outcomes") {
            let word = |at: usize| {
                let words = outcome.as_array().expect("check, level and outcome");
                words.get(at).and_then(|word| word.as_string().ok()).expect("a text").to_string()
            };
            *counts.entry((word(0), word(2))).or_default() += 1;
        }
    }
    start.elapsed()
}
