//! Ratios, measured in one run: the whole of `check` against the time that parsing the same bytes into typed structs
//! takes, evaluation against the plain Cedar loop, start-up against Python's, and how each grows. The tables of
//! `README.md` are its output.
//!
//! Every measurement is a process of its own, so that peak memory is that of the one thing measured.
//!
//! `cargo bench --bench ratios`; `TENURE_BENCH_PEOPLE=100000,1000000` for other sizes than 10,000 and 100,000.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench may panic, and prints what it measured"
)]

mod child;
mod floor;
mod plain;
#[path = "../synthetic/policies.rs"]
mod policies;
#[path = "../synthetic/mod.rs"]
mod synthetic;

use std::{fs::File, io::BufWriter};

use child::Measured;
use tenure::model::{directory, write};

/// How often everything is measured, in turn; the least counts.
const ROUNDS: usize = 3;

/// How often programs are started, in turn; the median counts.
const STARTS: usize = 25;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        child::run(arguments.get(at + 1..).unwrap_or_default());
        return;
    }
    let sizes = std::env::var("TENURE_BENCH_PEOPLE").unwrap_or_else(|_| "10000,100000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    start_up();
    let mut before: Option<(usize, Vec<Measured>)> = None;
    for size in &sizes {
        let measured = whole(*size);
        if let Some((smaller, earlier)) = before.replace((*size, measured.clone())) {
            let grown = earlier.iter().zip(&measured).skip(1).map(|(one, other)| other.seconds / one.seconds);
            let grown: Vec<String> = grown.map(|ratio| format!("{ratio:.1}")).collect();
            println!("  from {smaller} to {size} people the time of check grows {} times", grown.join(" and "));
        }
    }
    evaluation(sizes.iter().copied().max().unwrap_or(100_000));
}

/// The whole of `check`, of both forms of a snapshot, against the floor.
fn whole(people: usize) -> Vec<Measured> {
    let folder = tempfile::tempdir().expect("a folder");
    let document = folder.path().join("snapshot.json");
    let split = folder.path().join("snapshot");
    {
        let snapshot = synthetic::organization(people, 1);
        let out = BufWriter::new(File::create(&document).expect("a file"));
        write::write_json(&snapshot, out).expect("a snapshot can be written");
        directory::write(&snapshot, &split).expect("a snapshot can be written");
    }
    let size = std::fs::metadata(&document).expect("the file is there").len();
    println!("\n{people} people and as many accounts, {} MiB as a document", size >> 20);
    let mut rows: Vec<(&str, Measured)> = Vec::new();
    for _ in 0..ROUNDS {
        let in_turn = [
            ("typed parse (floor)", child::measure(&["floor", document.to_str().expect("a path")])),
            ("check, document", child::check(&document)),
            ("check, directory", child::check(&split)),
        ];
        for (name, measured) in in_turn {
            match rows.iter_mut().find(|(known, _)| *known == name) {
                Some((_, best)) => *best = best.least(measured),
                None => rows.push((name, measured)),
            }
        }
    }
    let floor = rows.first().map_or(1.0, |(_, measured)| measured.seconds);
    for (name, measured) in &rows {
        println!(
            "  {name:<22} {:>8.2} s  {:>5.2} x floor  peak {:>6} MiB  {:>5.2} x document",
            measured.seconds,
            measured.seconds / floor,
            measured.peak >> 20,
            measured.peak as f64 / size as f64
        );
    }
    rows.into_iter().map(|(_, measured)| measured).collect()
}

/// A check of the built-in example of 50 people against the start of Python.
fn start_up() {
    let python = || child::program("python3", &["-c", "import json"]);
    if python().is_none() {
        println!("start-up is not compared: there is no python3");
        return;
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let tenure = env!("CARGO_BIN_EXE_tenure");
        ours.push(child::program(tenure, &["check", "--example", "--format", "json"]).expect("the binary can be run"));
        theirs.push(python().expect("it could be run before"));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "start-up: check of 50 people {:.1} ms, python3 -c 'import json' {:.1} ms, {:.2} of it",
        ours * 1e3,
        theirs * 1e3,
        ours / theirs
    );
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Evaluation alone, against the plain loop, by the number of rules in all.
fn evaluation(people: usize) {
    println!("\n{people} people and as many accounts: seconds per million questions, evaluation alone");
    let people = people.to_string();
    let mut first = None;
    for rules in [30, 70, 500, 2_050, 20_050] {
        let rules = rules.to_string();
        let (mut fast, mut plain) = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            fast = fast.min(child::measure(&["decide", &rules, &people]).seconds);
            plain = plain.min(child::measure(&["plain", &rules]).seconds);
        }
        let first = *first.get_or_insert(fast);
        println!(
            "  {rules:>6} rules: {fast:>8.3} s ({:.2} of the first), plain loop {plain:>10.1} s, {:>8.0} times",
            fast / first,
            plain / fast
        );
    }
}
