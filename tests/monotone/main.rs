//! Evidence is monotone: what is called known or decided stays so, however the unknown facts come out.
//!
//! Each case is a random organisation from which facts and records are removed. Its completions give every unknown fact
//! a value and every incomplete list some of the records that it may lack. `TENURE_CASES` sets the number of cases.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic and print"
)]

mod bundles;
mod choose;
mod complete;
mod facts;
mod generate;
mod precision;
mod resolved;
#[path = "../semantics/generate.rs"]
mod rules;
mod shrink;
mod verdicts;

use std::collections::BTreeMap;

use choose::Random;
use complete::{complete, respects};
use facts::Facts;
use generate::{Case, case};
use rayon::prelude::*;
use resolved::{Resolved, resolved_facts};
use shrink::Example;
use tenure::{
    bundle::{Assumption, Bundle},
    resolve::ResolvedSnapshot,
};
use verdicts::Verdicts;

/// A few thousand cases in an ordinary run.
fn cases() -> u64 {
    std::env::var("TENURE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(3000)
}

/// Completions of each case, beside the organisation that the facts were removed from.
const COMPLETIONS: usize = 6;

/// What comes of one completion.
#[derive(Debug)]
enum Finding {
    /// Everything known and decided stays as it is.
    Same,
    /// The completion violates what the bundle assumes.
    Vacuous,
    /// A fact or the verdict of a check changed: which one, and how.
    Changed(String, String),
}

/// Every fact, and every verdict if the bundle has checks.
fn look(facts: &Facts, bundle: &Bundle, as_of: &str) -> (Resolved, Verdicts) {
    if !bundle.checks.is_empty() {
        return verdicts::judge(facts, bundle, as_of);
    }
    let snapshot = facts.snapshot();
    (resolved_facts(&ResolvedSnapshot::new(&snapshot, bundle, as_of.parse().unwrap())), Verdicts::new())
}

/// Whether a completion violates `declarations-hold`: a declaration without a known contradiction, or with an
/// acknowledged one, gets another.
fn is_refuted(bundle: &Bundle, before: &Resolved, after: &Resolved) -> bool {
    let of = |facts: &Resolved, subject: &str| facts.get(&(subject.to_owned(), "declaration")).cloned().flatten();
    let holds = ["Consistent", "Acknowledged"].map(|word| Some(word.to_owned()));
    bundle.evidence.assumes(Assumption::DeclarationsHold)
        && before.keys().any(|(subject, _)| {
            let declaration = of(before, subject);
            holds.contains(&declaration) && of(after, subject) != declaration
        })
}

/// Whether a completion violates `declarations-hold` of a pattern: unknown facts make it and an account's own facts name
/// different people.
fn refutes_pattern(bundle: &Bundle, before: &Resolved, after: &Resolved) -> bool {
    let has_pattern = bundle.systems.values().any(|system| system.accounts.is_some());
    let of = |facts: &Resolved, subject: &str, fact| facts.get(&(subject.to_owned(), fact)).cloned().flatten();
    has_pattern
        && bundle.evidence.assumes(Assumption::DeclarationsHold)
        && before.keys().any(|(subject, _)| {
            let undeclared = of(before, subject, "declaration").as_deref() == Some("(empty)");
            let had_owner = of(before, subject, "owner").is_some_and(|owner| owner != "(empty)");
            // Beside lists that stay incomplete, which of several people is behind the account may be unknown.
            let issue = of(after, subject, "identityIssue");
            undeclared && had_owner && issue.is_none_or(|issue| issue == "Ambiguous")
        })
}

fn compare(bundle: &Bundle, before: &(Resolved, Verdicts), after: &(Resolved, Verdicts)) -> Finding {
    if is_refuted(bundle, &before.0, &after.0) || refutes_pattern(bundle, &before.0, &after.0) {
        return Finding::Vacuous;
    }
    for ((subject, fact), value) in &before.0 {
        let Some(value) = value else { continue };
        let learnt = after.0.get(&(subject.clone(), *fact)).cloned().flatten();
        if learnt.as_ref() != Some(value) {
            let learnt = learnt.as_deref().unwrap_or("unknown");
            return Finding::Changed((*fact).to_owned(), format!("{subject} {fact} was {value} and became {learnt}"));
        }
    }
    match verdicts::changed(&before.1, &after.1) {
        Some((check, how)) => Finding::Changed(check, how),
        None => Finding::Same,
    }
}

fn judge(example: &Example, rules: Option<&Bundle>) -> Finding {
    let bundle = bundles::declaring(rules, &example.declared);
    if !respects(&example.cut, &example.completion, &bundle) {
        return Finding::Vacuous;
    }
    let of = |facts| look(facts, &bundle, example.as_of);
    compare(&bundle, &of(&example.cut), &of(&example.completion))
}

/// What a case came to.
struct Outcome {
    vacuous: usize,
    violation: Option<(String, Example)>,
}

fn run(seed: u64, rules: Option<&Bundle>) -> Outcome {
    let mut random = Random::new(seed);
    let Case { as_of, declared, truth, cut } = case(&mut random);
    let bundle = bundles::declaring(rules, &declared);
    let before = look(&cut, &bundle, as_of);
    let mut completions = vec![truth];
    completions.extend((0..COMPLETIONS).map(|_| complete(&mut random, &cut)));
    for (at, completion) in completions.iter_mut().enumerate() {
        // Rules may read the evidence metadata, so that it stays as it is. Resolved facts are what they are even if the
        // completed lists are said to be complete.
        if rules.is_some() || at % 2 == 1 {
            completion.keep_metadata_of(&cut);
        } else {
            completion.close();
        }
    }
    let mut vacuous = 0;
    for completion in completions {
        if !respects(&cut, &completion, &bundle) {
            vacuous += 1;
            continue;
        }
        match compare(&bundle, &before, &look(&completion, &bundle, as_of)) {
            Finding::Same => {}
            Finding::Vacuous => vacuous += 1,
            Finding::Changed(what, _) => {
                return Outcome { vacuous, violation: Some((what, Example { as_of, declared, cut, completion })) };
            }
        }
    }
    Outcome { vacuous, violation: None }
}

/// Runs cases; `rules` makes the rules of each from its seed. Shows the smallest example of every kind of violation.
fn survive(seeds: u64, rules: &(dyn Fn(u64) -> Option<Bundle> + Sync)) {
    let outcomes: Vec<(u64, Outcome)> =
        (0..seeds).into_par_iter().map(|seed| (seed, run(seed, rules(seed).as_ref()))).collect();
    let vacuous: usize = outcomes.iter().map(|(_, outcome)| outcome.vacuous).sum();
    println!("{seeds} cases with {} completions each, {vacuous} of them vacuous", COMPLETIONS + 1);
    let all = outcomes.len() * (COMPLETIONS + 1);
    assert!(vacuous * 2 < all, "most completions violate the assumptions, so the cases prove little");
    let mut kinds: BTreeMap<String, Vec<(u64, Example)>> = BTreeMap::new();
    for (seed, outcome) in outcomes {
        let Some((what, example)) = outcome.violation else { continue };
        kinds.entry(what).or_default().push((seed, example));
    }
    for (what, examples) in &kinds {
        let (seed, first) = examples.first().unwrap();
        let rules = rules(*seed);
        let is_violation =
            |example: &Example| matches!(judge(example, rules.as_ref()), Finding::Changed(of, _) if of == *what);
        let smallest = first.clone().shrink(&is_violation);
        let Finding::Changed(_, how) = judge(&smallest, rules.as_ref()) else { panic!("it is a violation") };
        println!("{what}: {} cases; case {seed}: {how}\n{smallest}", examples.len());
    }
    assert!(kinds.is_empty(), "{:?}", kinds.iter().map(|(what, all)| (what, all.len())).collect::<Vec<_>>());
}

#[test]
fn known_facts_stay_in_every_completion() {
    survive(cases(), &|_| None);
}

#[test]
fn verdicts_of_the_shipped_rules_stay_in_every_completion() {
    let shipped = bundles::shipped();
    survive(cases() / 4, &|_| Some(shipped.clone()));
}

#[test]
fn verdicts_of_random_rules_stay_in_every_completion() {
    survive(cases() / 6, &|seed| Some(bundles::random(&mut Random::new(seed ^ 0xace))));
}
