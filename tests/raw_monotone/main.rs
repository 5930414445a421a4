//! Deleting raw evidence never makes up a fact: a key, a file, or a row or page of a list that proves its completeness
//! is taken away from the fixtures of every vendor, and what is then imported is compared with what was.
//!
//! An ordinary run samples; `TENURE_CASES` set to anything tries every deletion. An *assumed* list cannot notice a
//! missing row, so rows are deleted only where a total counts them, and pages only where paging links them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod deletions;
mod source;

use std::collections::BTreeMap;

use compare::{differences, records};
use deletions::{Deletion, all, sample};
use rayon::prelude::*;
use source::{Fixture, fixtures};

/// Deletions of each source that an ordinary run tries, and those whose verdicts it compares.
const SAMPLE: usize = 60;
const JUDGED: usize = 12;

/// What went wrong, by kind, with the first example.
type Violations = BTreeMap<String, (usize, String)>;

#[derive(Default)]
struct Counts {
    tried: usize,
    refused: usize,
    judged: usize,
    violations: Violations,
}

impl Counts {
    fn add(&mut self, kind: String, example: String) {
        self.violations.entry(kind).or_insert((0, example)).0 += 1;
    }
}

/// Tries deletions of one source.
fn try_source(fixture: &Fixture, at: usize, is_full: bool) -> Counts {
    let mut counts = Counts::default();
    let folder = fixture.copy();
    let whole = fixture.import(folder.path(), at).unwrap_or_else(|problems| panic!("{problems:?}"));
    let before = records(&whole);
    let outcomes_before = fixture.outcomes(folder.path());
    let deletions = all(&fixture.files(at), &fixture.proof(at, &whole));
    let deletions = if is_full { deletions } else { sample(deletions, SAMPLE) };
    let mut judged = 0;
    for deletion in &deletions {
        counts.tried += 1;
        deletion.apply(folder.path());
        match fixture.import(folder.path(), at) {
            Err(_) => counts.refused += 1,
            Ok(part) => {
                let after = records(&part);
                for difference in differences(&before, &after) {
                    let kind = format!("{} {}: {}", fixture.label(at), deletion.kind(), difference.kind);
                    counts.add(kind, format!("{deletion}: {}", difference.example));
                }
                if after != before && (is_full || judged < JUDGED) {
                    judged += 1;
                    counts.judged += 1;
                    judge(fixture, folder.path(), at, deletion, &outcomes_before, &mut counts);
                }
            }
        }
        deletion.undo(folder.path());
    }
    counts
}

/// Compares the verdicts with those of the whole evidence.
fn judge(
    fixture: &Fixture,
    folder: &std::path::Path,
    at: usize,
    deletion: &Deletion,
    before: &compare::Outcomes,
    counts: &mut Counts,
) {
    for (finding, after) in &fixture.outcomes(folder) {
        let Some(difference) = compare::outcome_difference(before.get(finding), after) else { continue };
        let check = finding.split(' ').next().unwrap_or_default();
        let kind = format!("{} {}: {check} {difference}", fixture.label(at), deletion.kind());
        counts.add(kind, format!("{deletion}: {finding} {difference}"));
    }
}

#[test]
fn deleting_raw_evidence_makes_up_no_fact() {
    let is_full = std::env::var_os("TENURE_CASES").is_some();
    let fixtures = fixtures();
    let sources: Vec<(&Fixture, usize)> =
        fixtures.iter().flat_map(|fixture| (0..fixture.sources()).map(move |at| (fixture, at))).collect();
    let tried: Vec<(String, Counts)> =
        sources.par_iter().map(|(fixture, at)| (fixture.vendor(*at), try_source(fixture, *at, is_full))).collect();
    let mut by_vendor: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut violations = String::new();
    for (vendor, counts) in &tried {
        let sums = by_vendor.entry(vendor).or_default();
        let found = counts.violations.values().map(|(count, _)| count).sum();
        for (sum, count) in sums.iter_mut().zip([counts.tried, counts.refused, counts.judged, found]) {
            *sum += count;
        }
        for (kind, (count, example)) in &counts.violations {
            violations.push_str(&format!("{count:5} × {kind}\n        {example}\n"));
        }
    }
    let mut table = "deletions of raw evidence (tried, refused, judged, violations):\n".to_owned();
    for (vendor, [tried, refused, judged, found]) in &by_vendor {
        table.push_str(&format!("  {vendor:24}{tried:7}{refused:7}{judged:7}{found:7}\n"));
        assert!(*tried > 5, "{vendor} was hardly tried");
    }
    common::notice(&table);
    assert!(violations.is_empty(), "less evidence gave other facts:\n{violations}");
}
