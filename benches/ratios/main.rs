//! Ratios, measured in one run: the whole of `check` against the time that parsing the same bytes into typed structs
//! takes, evaluation against the plain Cedar loop, and how each grows. The table of `README.md` is its output.
//!
//! Every measurement is a process of its own, so that peak memory is that of the one thing measured.
//!
//! `cargo bench --bench ratios`; `TENURE_BENCH_PEOPLE=1000000` for other sizes than 100,000.

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
#[path = "../synthetic/mod.rs"]
mod synthetic;

use std::{fs::File, io::BufWriter};

use child::Measured;
use tenure::model::{directory, write};

/// How often everything is measured, in turn; the least counts.
const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        child::run(arguments.get(at + 1..).unwrap_or_default());
        return;
    }
    let sizes = std::env::var("TENURE_BENCH_PEOPLE").unwrap_or_else(|_| "10000,100000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    for size in &sizes {
        whole(*size);
    }
    evaluation();
}

/// The whole of `check`, of both forms of a snapshot, against the floor.
fn whole(people: usize) {
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
}

/// Evaluation alone, against the plain loop, by the number of access rules.
fn evaluation() {
    println!("\nseconds per million questions, evaluation alone");
    for rules in [10, 100, 500, 1_000, 10_000] {
        let rules = rules.to_string();
        let (mut fast, mut plain) = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            fast = fast.min(child::measure(&["decide", &rules]).seconds);
            plain = plain.min(child::measure(&["plain", &rules]).seconds);
        }
        println!("  {rules:>6} access rules: {fast:>8.3} s, plain loop {plain:>10.1} s, {:>8.0} times", plain / fast);
    }
}
