//! Nothing panics, whatever becomes of a file of the bundle: cut off anywhere, a byte missing, a byte wrong.
//!
//! An ordinary run tries some places of every file; `TENURE_EVERY_BYTE=1` tries all of them (in a release build, some
//! minutes).

#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::panic;

use rayon::prelude::*;
use tenure::{
    bundle::Bundle,
    diagnostic::{Diagnostic, SourceFile},
    testing,
};

/// Places of each file that an ordinary run tries.
const PLACES: usize = 16;

#[derive(Debug, Clone, Copy)]
enum Damage {
    CutOff,
    Missing,
    /// This bit is another one.
    Flipped(u8),
}

/// The text with the byte at a place damaged; `None` where it then is no text, which is refused before anything is read.
fn damaged(text: &str, at: usize, damage: Damage) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    match damage {
        Damage::CutOff => bytes.truncate(at),
        Damage::Missing => {
            bytes.remove(at);
        }
        Damage::Flipped(bit) => bytes[at] ^= 1 << bit,
    }
    String::from_utf8(bytes).ok()
}

/// Loads the bundle with one of its files damaged. Whatever is said of it names a file and is a sentence.
fn load(files: &[SourceFile], index: usize, name: &str, text: String) -> Result<(), String> {
    // Tests do not bear upon one another, nor on what decides.
    let is_other_test = |(at, file): &(usize, &SourceFile)| *at != index && file.name.starts_with("tests/");
    let rest = files.iter().enumerate().filter(|one| !is_other_test(one) && one.0 != index);
    let mut files: Vec<SourceFile> = rest.map(|(_, file)| file.clone()).collect();
    files.push(SourceFile::new(name, text));
    let said = |problems: Vec<Diagnostic>| {
        let mute = problems.iter().find(|problem| problem.message.trim().is_empty());
        mute.map_or(Ok(()), |problem| Err(format!("a problem without words: {problem:?}")))
    };
    match Bundle::load(files) {
        Ok(bundle) => {
            let lints = bundle.lint();
            said(lints)?;
            testing::load(&bundle, None).map_or_else(said, |_| Ok(()))
        }
        Err(problems) if problems.is_empty() => Err("it is refused without a reason".to_owned()),
        Err(problems) => said(problems),
    }
}

#[test]
fn no_damage_of_a_file_makes_the_bundle_panic() {
    let files = Bundle::files(&common::root().join("policies")).unwrap();
    let every = std::env::var_os("TENURE_EVERY_BYTE").is_some();
    let mut tried: Vec<(usize, usize, Damage)> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let step = if every { 1 } else { (file.text.len() / PLACES).max(1) };
        // Not the same places in every file: the steps begin elsewhere.
        for at in (index % step..file.text.len()).step_by(step) {
            let bit = u8::try_from(at % 8).unwrap();
            tried.extend([Damage::CutOff, Damage::Missing, Damage::Flipped(bit)].map(|damage| (index, at, damage)));
        }
    }
    let failures: Vec<String> = tried
        .par_iter()
        .filter_map(|(index, at, damage)| {
            let file = &files[*index];
            let text = damaged(&file.text, *at, *damage)?;
            let loaded = panic::catch_unwind(|| load(&files, *index, &file.name, text));
            let failed = match loaded {
                Ok(Ok(())) => return None,
                Ok(Err(reason)) => reason,
                Err(_) => "it panicked".to_owned(),
            };
            Some(format!("{}, byte {at}, {damage:?}: {failed}", file.name))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), tried.len(), failures.join("\n"));
    assert!(tried.len() > 700, "{}", tried.len());
}
