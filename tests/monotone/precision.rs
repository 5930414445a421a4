//! Unknown is no refuge: facts and verdicts that are unknown although every completion agrees.

use std::collections::BTreeMap;

use rayon::prelude::*;
use tenure::bundle::Outcome;

use crate::{
    bundles, cases,
    choose::{Enumeration, Random},
    complete::{learn_all, respects},
    facts::{Facts, Kind, hidden, hide},
    generate::{self, Case},
    is_refuted,
    verdicts::judge,
};

/// More completions than these are not enumerated.
const LIMIT: usize = 400;

/// How many unknown facts and verdicts of a kind there are, and how many of them every completion agrees on.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    unknown: usize,
    needless: usize,
    /// The first case with a needless one.
    first: Option<u64>,
}

/// By what is unknown and the facts that were hidden.
type Table = BTreeMap<(String, String), Count>;

/// Hides so many facts of an organisation; the kinds of the hidden facts.
fn hide_some(random: &mut Random, facts: &mut Facts, count: usize) -> String {
    use crate::choose::Choose;
    let mut names = Vec::new();
    for _ in 0..count {
        let mut places = Vec::new();
        let mut number = 0;
        facts.each(&mut |kind, record| {
            let known = hidden(record);
            // Too many rows are possible to enumerate them.
            let facts =
                kind.facts().iter().filter(|fact| **fact != "job_roles" && !known.iter().any(|one| one == *fact));
            places.extend(facts.map(|fact| (number, kind, *fact)));
            number += 1;
        });
        if places.is_empty() {
            break;
        }
        let (wanted, kind, fact) = places[random.below(places.len())];
        number = 0;
        facts.each(&mut |_, record| {
            if number == wanted {
                hide(record, fact);
            }
            number += 1;
        });
        names.push(format!("{} {fact}", word(kind)));
    }
    names.sort();
    names.join(", ")
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "person",
        Kind::JobRole => "job role",
        Kind::Account => "account",
        Kind::Request => "request",
    }
}

fn measure(seed: u64, count: usize, shipped: &tenure::bundle::Bundle) -> Table {
    let mut table = Table::new();
    let mut random = Random::new(seed);
    let Case { as_of, mut declared, truth, .. } = generate::case(&mut random);
    // In a domain as small as this one, an address that is nobody else's is often just one.
    declared.assumptions.retain(|assumption| *assumption == "declarations-hold");
    // Completions that contradict a pattern do not count, and the few that are left agree by chance.
    declared.pattern = None;
    let bundle = bundles::declaring(Some(shipped), &declared);
    let mut cut = truth;
    let names = hide_some(&mut random, &mut cut, count);
    let (facts, verdicts) = judge(&cut, &bundle, as_of);
    let is_open = |verdict: &crate::verdicts::Judged| verdict.outcome == Outcome::Unknown && !verdict.is_satisfied;
    if facts.values().all(Option::is_some) && !verdicts.values().any(is_open) {
        return table;
    }
    let mut completions = Vec::new();
    let mut enumeration = Enumeration::default();
    loop {
        let completion = learn_all(&mut enumeration, &cut);
        if respects(&cut, &completion, &bundle) {
            let after = judge(&completion, &bundle, as_of);
            if !is_refuted(&bundle, &facts, &after.0) {
                completions.push(after);
            }
        }
        if completions.len() > LIMIT {
            return table;
        }
        if !enumeration.advance() {
            break;
        }
    }
    let Some((first_facts, first_verdicts)) = completions.first() else { return table };
    let mut add = |what: String, agree: bool| {
        let count = table.entry((what, names.clone())).or_default();
        count.unknown += 1;
        if agree {
            count.needless += 1;
            count.first.get_or_insert(seed);
        }
    };
    for (fact, _) in facts.iter().filter(|(_, value)| value.is_none()) {
        let first = first_facts.get(fact);
        let agree = first.is_some_and(Option::is_some) && completions.iter().all(|(facts, _)| facts.get(fact) == first);
        add(format!("fact {}", fact.1), agree);
    }
    for (question, _) in verdicts.iter().filter(|(_, verdict)| is_open(verdict)) {
        let first = first_verdicts.get(question).map(|verdict| verdict.outcome);
        let agree = first.is_some_and(|outcome| outcome != Outcome::Unknown)
            && completions.iter().all(|(_, verdicts)| verdicts.get(question).map(|verdict| verdict.outcome) == first);
        add(format!("check {}", question.0), agree);
    }
    table
}

fn table(count: usize, seeds: u64) -> Table {
    let shipped = bundles::shipped();
    let tables: Vec<Table> = (0..seeds).into_par_iter().map(|seed| measure(seed, count, &shipped)).collect();
    let mut all = Table::new();
    for (key, count) in tables.into_iter().flatten() {
        let entry = all.entry(key).or_default();
        entry.unknown += count.unknown;
        entry.needless += count.needless;
        entry.first = entry.first.or(count.first);
    }
    all
}

fn print(title: &str, table: &Table) {
    println!("{title}\n{:>8} {:>8}  {:42} hidden", "unknown", "needless", "what");
    for ((what, names), count) in table {
        let first = count.first.map(|seed| format!(" (case {seed})")).unwrap_or_default();
        println!("{:>8} {:>8}  {what:42} {names}{first}", count.unknown, count.needless);
    }
}

#[test]
fn nothing_is_unknown_for_one_fact_that_makes_no_difference() {
    let table = table(1, cases() / 3);
    print("one unknown fact", &table);
    let of = |count: fn(&Count) -> usize, prefix: &str| -> usize {
        table.iter().filter(|((what, _), _)| what.starts_with(prefix)).map(|(_, counts)| count(counts)).sum()
    };
    for what in PRECISE {
        assert_eq!(of(|count| count.needless, &format!("fact {what}")), 0, "{what}");
    }
    // The rest is known: resolution does not follow every alternative, nor does a rule that reads an unknown fact.
    for prefix in ["fact", "check"] {
        let (needless, unknown) = (of(|count| count.needless, prefix), of(|count| count.unknown, prefix));
        println!("{prefix}: {needless} of {unknown} needlessly unknown");
        assert!(unknown > 0 && needless * 100 <= unknown * 5, "{prefix}: {needless} of {unknown}");
    }
}

/// Facts that are never unknown if every value of the one unknown fact comes to the same.
const PRECISE: [&str; 4] = ["status", "startDate", "endDate", "workEmail"];

#[test]
fn two_unknown_facts_are_counted() {
    let mut by_kind = Table::new();
    for ((what, _), count) in table(2, cases() / 15) {
        let entry = by_kind.entry((what, "two facts".to_owned())).or_default();
        entry.unknown += count.unknown;
        entry.needless += count.needless;
        entry.first = entry.first.or(count.first);
    }
    print("two unknown facts", &by_kind);
    for (prefix, most) in [("fact", 8), ("check", 12)] {
        let of = |count: fn(&Count) -> usize| -> usize {
            by_kind.iter().filter(|((what, _), _)| what.starts_with(prefix)).map(|(_, counts)| count(counts)).sum()
        };
        let (needless, unknown) = (of(|count| count.needless), of(|count| count.unknown));
        println!("{prefix}: {needless} of {unknown} needlessly unknown");
        assert!(unknown > 100 && needless * 100 <= unknown * most, "{prefix}: {needless} of {unknown}");
    }
}
