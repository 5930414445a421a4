//! The error corpus: bad input of every kind, and exactly what Tenure answers.
//!
//! A case is a directory of `tests/bad/`: its input files, `args` with one argument a line, and `expected` with the exit
//! status and stderr. Each case is a test of its own. `UPDATE_EXPECTED=1` writes the answers of today; read the difference
//! before you keep it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use std::{collections::BTreeSet, fs, path::Path, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

/// A corpus that shrinks is a mistake.
const LEAST: usize = 300;

fn names(folder: &Path, prefix: &str, all: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            names(&entry.path(), &format!("{name}/"), all);
        } else {
            all.insert(name);
        }
    }
}

/// Runs one case, and compares exit status, stderr and files.
fn answer_is_expected(case: &Path) -> Result<(), Failed> {
    // A copy, so that no configuration of the repository is found and nothing can be left behind in it.
    let folder = tempfile::tempdir()?;
    common::copy(case, folder.path());
    let text = fs::read_to_string(case.join("args"))?;
    let arguments: Vec<&str> = text.lines().collect();
    let mut before = BTreeSet::new();
    names(folder.path(), "", &mut before);
    let output = common::run(folder.path(), &arguments);
    let mut after = BTreeSet::new();
    names(folder.path(), "", &mut after);
    let code = output.status.code().ok_or("killed by a signal")?;
    let answer = format!("exit {code}\n{}", common::stderr(&output));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(case.join("expected"), &answer)?;
    }
    let expected = fs::read_to_string(case.join("expected")).unwrap_or_default();
    if before != after {
        return Err(format!("files were left behind: {:?}", after.difference(&before)).into());
    }
    if code <= 1 || answer.contains("panicked") {
        return Err(format!("bad input has to be refused: {answer}").into());
    }
    if answer != expected {
        return Err(format!("expected\n{expected}\nbut the answer is\n{answer}").into());
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut cases: Vec<_> =
        fs::read_dir(common::root().join("tests/bad")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let count = cases.len();
    let mut trials: Vec<Trial> = cases
        .into_iter()
        .map(|case| {
            let name = case.file_name().unwrap().to_string_lossy().into_owned();
            Trial::test(name, move || answer_is_expected(&case))
        })
        .collect();
    trials.push(Trial::test("the_corpus_is_whole", move || {
        if count < LEAST { Err(format!("only {count} cases").into()) } else { Ok(()) }
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}
