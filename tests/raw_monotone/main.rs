//! Deleting raw evidence never makes up a fact: a key, a file, or a row or page of a list that proves its completeness
//! is taken away from the fixtures of every vendor, and what is then imported is compared with what was.
//!
//! An ordinary run samples; `TENURE_EVERY_DELETION=1` tries every deletion. An *assumed* list cannot notice a
//! missing row, so rows are deleted only where a total counts them, and pages only where paging links them.

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod accepted;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod deletions;
mod source;

use std::collections::BTreeMap;

use compare::{Outcomes, Records, differences, outcome_difference, records};
use deletions::{Deletion, all, sample};
use rayon::prelude::*;
use source::{Fixture, fixtures};

/// Deletions of each source that an ordinary run tries, and those whose verdicts it compares.
const SAMPLE: usize = 60;
const JUDGED: usize = 12;

/// What went wrong, by vendor, difference and deletion, with the first example.
type Violations = BTreeMap<(String, String, String), (usize, String)>;

#[derive(Default)]
struct Counts {
    tried: usize,
    refused: usize,
    judged: usize,
    violations: Violations,
}

/// One source of a project, with all that its evidence says.
struct Tried<'a> {
    fixture: &'a Fixture,
    at: usize,
    vendor: String,
    folder: tempfile::TempDir,
    before: Records,
    outcomes: Outcomes,
    counts: Counts,
}

impl<'a> Tried<'a> {
    fn new(fixture: &'a Fixture, at: usize, is_full: bool) -> Self {
        let folder = fixture.copy();
        let whole = fixture.import(folder.path(), at).unwrap_or_else(|problems| panic!("{problems:?}"));
        let vendor = fixture.vendor(at);
        let outcomes = fixture.outcomes(folder.path()).unwrap_or_else(|| panic!("{} is not a project", fixture.name));
        let counts = Counts::default();
        let mut tried = Tried { fixture, at, vendor, folder, before: records(&whole), outcomes, counts };
        let mut deletions = all(&fixture.files(at), &fixture.proof(at, &whole));
        deletions.retain(|deletion| !accepted::deletion(&tried.vendor, &deletion.kind()));
        let deletions = if is_full { deletions } else { sample(deletions, SAMPLE) };
        for deletion in &deletions {
            deletion.apply(tried.folder.path());
            let may_judge = is_full || tried.counts.judged < JUDGED;
            tried.one(deletion, may_judge);
            deletion.undo(tried.folder.path());
        }
        tried
    }

    /// Imports and judges what a deletion left.
    fn one(&mut self, deletion: &Deletion, may_judge: bool) {
        self.counts.tried += 1;
        let Ok(part) = self.fixture.import(self.folder.path(), self.at) else {
            self.counts.refused += 1;
            return;
        };
        let after = records(&part);
        for difference in differences(&self.before, &after) {
            if !accepted::difference(&self.vendor, &deletion.kind(), &difference.kind) {
                self.add(deletion, difference.kind, &difference.example);
            }
        }
        if after == self.before || !may_judge {
            return;
        }
        // What cannot be put together is refused, and not judged.
        let Some(outcomes) = self.fixture.outcomes(self.folder.path()) else {
            self.counts.refused += 1;
            return;
        };
        self.counts.judged += 1;
        for (finding, after) in outcomes {
            let Some(difference) = outcome_difference(self.outcomes.get(&finding), &after) else { continue };
            let check = finding.split(' ').next().unwrap_or_default();
            let kind = format!("{check} {difference}");
            if !accepted::difference(&self.vendor, &deletion.kind(), &kind) {
                self.add(deletion, kind, &format!("{finding} {difference}"));
            }
        }
    }

    fn add(&mut self, deletion: &Deletion, difference: String, example: &str) {
        let example = format!("{}: {deletion}: {example}", self.fixture.name);
        let kind = (self.vendor.clone(), difference, deletion.kind());
        self.counts.violations.entry(kind).or_insert((0, example)).0 += 1;
    }
}

#[test]
fn deleting_raw_evidence_makes_up_no_fact() {
    let is_full = std::env::var_os("TENURE_EVERY_DELETION").is_some();
    let fixtures = fixtures();
    let sources: Vec<(&Fixture, usize)> =
        fixtures.iter().flat_map(|fixture| fixture.tried().map(move |at| (fixture, at))).collect();
    let tried: Vec<Tried<'_>> = sources.par_iter().map(|(fixture, at)| Tried::new(fixture, *at, is_full)).collect();
    let mut by_vendor: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut violations = Violations::new();
    for one in &tried {
        let sums = by_vendor.entry(&one.vendor).or_default();
        let found = one.counts.violations.values().map(|(count, _)| count).sum();
        for (sum, count) in sums.iter_mut().zip([one.counts.tried, one.counts.refused, one.counts.judged, found]) {
            *sum += count;
        }
        for (kind, (count, example)) in &one.counts.violations {
            violations.entry(kind.clone()).or_insert((0, example.clone())).0 += count;
        }
    }
    let mut table = "deletions of raw evidence (tried, refused, judged, violations):\n".to_owned();
    for (vendor, [tried, refused, judged, found]) in &by_vendor {
        table.push_str(&format!("  {vendor:24}{tried:7}{refused:7}{judged:7}{found:7}\n"));
        assert!(*tried > 5, "{vendor} was hardly tried");
    }
    common::notice(&table);
    assert!(violations.is_empty(), "less evidence gave other facts:\n{}", list(&violations));
}

/// The kinds of violations; two keys at once only where one of them alone does not make the same difference.
fn list(violations: &Violations) -> String {
    let is_pair = |deletion: &str| deletion.contains('&');
    let by_one = |vendor: &str, difference: &str| {
        violations.keys().any(|(of, what, deletion)| of == vendor && what == difference && !is_pair(deletion))
    };
    let mut text = String::new();
    for ((vendor, difference, deletion), (count, example)) in violations {
        if !is_pair(deletion) || !by_one(vendor, difference) {
            text.push_str(&format!("{count:5} × {vendor} {deletion}: {difference}\n        {example}\n"));
        }
    }
    text
}

#[test]
fn a_changed_fact_and_a_lost_record_are_noticed() {
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|fixture| fixture.vendor(0) == "merge").unwrap();
    let folder = fixture.copy();
    let whole = fixture.import(folder.path(), 0).unwrap();
    let mut changed = whole.clone();
    let people = changed.people.as_mut().unwrap();
    people[0].end_date = tenure::model::Fact::Known(jiff::civil::date(2020, 1, 1));
    people.pop();
    people[1].facts.insert("employmentType".to_owned(), None);
    people[2].facts.insert("madeUp".to_owned(), None);
    changed.accounts.clear();
    let kinds: Vec<String> =
        differences(&records(&whole), &records(&changed)).into_iter().map(|difference| difference.kind).collect();
    assert!(kinds.iter().any(|kind| kind.starts_with("person.end_date from")), "{kinds:?}");
    for kind in ["person.facts.employmentType from known to null", "person.facts.madeUp from unknown to null"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind}: {kinds:?}");
    }
    assert!(kinds.iter().any(|kind| kind == "a person is missing from a complete list"), "{kinds:?}");
    // Less is known, which is no difference.
    changed.people = whole.people.clone();
    for person in changed.people.iter_mut().flatten() {
        person.end_date = tenure::model::Fact::Unknown;
        person.facts.clear();
    }
    assert_eq!(differences(&records(&whole), &records(&changed)).len(), 0);
}
