//! Evidence is monotone: what is called known or decided stays so, however the unknown facts come out.
//!
//! Each case is a random organisation from which facts and records are removed. Its completions give every unknown fact
//! a value and every incomplete list some of the records that it may lack. `TENURE_CASES` sets the number of cases.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test may panic and print"
)]

mod choose;
mod complete;
mod facts;
mod generate;
mod resolved;
mod shrink;

use std::collections::BTreeMap;

use choose::Random;
use complete::{complete, respects};
use facts::Facts;
use generate::{Case, Declared, case};
use rayon::prelude::*;
use resolved::{Resolved, resolved};
use shrink::Example;
use tenure::{
    bundle::{Assumption, Bundle},
    diagnostic::SourceFile,
    engine::Situation,
};

/// A few thousand cases in an ordinary run.
fn cases() -> u64 {
    std::env::var("TENURE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(3000)
}

const ORG_ROLES: &str = "org_roles:\n\
    - { id: boss, groups: [top], match: { job_title: [Boss] } }\n\
    - { id: eng, match: { department: [Eng*] } }\n\
    - { id: dev, groups: [makers], match: { job_title: [Dev, D?], department: [Eng] } }\n\
    - { id: hand, people: [p2] }\n";

/// A bundle of declarations and org roles, without checks.
fn data_bundle(declared: &Declared) -> Bundle {
    let mut files: Vec<SourceFile> =
        declared.files().into_iter().map(|(name, text)| SourceFile::new(name, text)).collect();
    files.push(SourceFile::new("org-roles.yaml", ORG_ROLES));
    Bundle::load(files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn facts_of(facts: &Facts, bundle: &Bundle, as_of: &str) -> Resolved {
    let snapshot = facts.snapshot();
    resolved(&Situation::new(&snapshot, bundle, as_of.parse().unwrap()))
}

/// What comes of one completion.
#[derive(Debug, PartialEq)]
enum Finding {
    /// Everything known stays as it is.
    Same,
    /// It violates what the bundle assumes.
    Vacuous,
    /// A known fact has another value.
    Changed(String, &'static str, String),
}

/// Compares the facts before and after. `declarations-hold` is violated if a declaration without a known contradiction,
/// or with an acknowledged one, gets another.
fn compare(bundle: &Bundle, before: &Resolved, after: &Resolved) -> Finding {
    let declaration =
        |facts: &Resolved, subject: &str| facts.get(&(subject.to_owned(), "declaration")).cloned().flatten();
    let is_refuted = |subject: &str| {
        let holds = ["Consistent", "Acknowledged"].map(|word| Some(word.to_owned()));
        let before = declaration(before, subject);
        holds.contains(&before) && declaration(after, subject) != before
    };
    if bundle.evidence.assumes(Assumption::DeclarationsHold) && before.keys().any(|(subject, _)| is_refuted(subject)) {
        return Finding::Vacuous;
    }
    for ((subject, fact), value) in before {
        let Some(value) = value else { continue };
        let learnt = after.get(&(subject.clone(), *fact)).cloned().flatten();
        if learnt.as_ref() != Some(value) {
            let learnt = learnt.as_deref().unwrap_or("unknown");
            return Finding::Changed(subject.clone(), fact, format!("was {value} and became {learnt}"));
        }
    }
    Finding::Same
}

fn judge(example: &Example) -> Finding {
    let bundle = data_bundle(&example.declared);
    if !respects(&example.cut, &example.completion, &bundle) {
        return Finding::Vacuous;
    }
    let of = |facts| facts_of(facts, &bundle, example.as_of);
    compare(&bundle, &of(&example.cut), &of(&example.completion))
}

/// Completions of each case.
const COMPLETIONS: usize = 6;

#[test]
fn known_facts_stay_in_every_completion() {
    let results: Vec<(u64, usize, Option<Example>)> = (0..cases())
        .into_par_iter()
        .map(|seed| {
            let mut random = Random::new(seed);
            let Case { as_of, declared, truth, cut } = case(&mut random);
            let bundle = data_bundle(&declared);
            let before = facts_of(&cut, &bundle, as_of);
            let mut completions = vec![truth];
            completions.extend((0..COMPLETIONS).map(|_| complete(&mut random, &cut)));
            let mut vacuous = 0;
            for completion in completions {
                let finding = if respects(&cut, &completion, &bundle) {
                    compare(&bundle, &before, &facts_of(&completion, &bundle, as_of))
                } else {
                    Finding::Vacuous
                };
                match finding {
                    Finding::Same => {}
                    Finding::Vacuous => vacuous += 1,
                    Finding::Changed(..) => {
                        let example = Example { as_of, declared, cut, completion };
                        return (seed, vacuous, Some(example));
                    }
                }
            }
            (seed, vacuous, None)
        })
        .collect();
    let vacuous: usize = results.iter().map(|(_, vacuous, _)| vacuous).sum();
    let mut kinds: BTreeMap<&'static str, Vec<(u64, Example)>> = BTreeMap::new();
    for (seed, _, example) in results {
        let Some(example) = example else { continue };
        let Finding::Changed(_, fact, _) = judge(&example) else { panic!("case {seed} is not deterministic") };
        kinds.entry(fact).or_default().push((seed, example));
    }
    println!("{} cases, {} completions, {vacuous} vacuous", cases(), cases() * (COMPLETIONS as u64 + 1));
    for (fact, examples) in &kinds {
        let (seed, first) = examples.first().unwrap();
        let smallest =
            first.clone().shrink(&|example| matches!(judge(example), Finding::Changed(_, of, _) if of == *fact));
        println!("{fact}: {} cases; case {seed}, {:?}: {smallest}", examples.len(), judge(&smallest));
    }
    assert!(kinds.is_empty(), "{:?}", kinds.iter().map(|(fact, all)| (fact, all.len())).collect::<Vec<_>>());
}
