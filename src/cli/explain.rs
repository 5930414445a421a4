//! `tenure explain`: of findings and subjects; codes are in [`codes`].

mod codes;

use std::collections::HashSet;

use super::{
    arguments::{ExplainArguments, ListFormat},
    console::Console,
    exit::{Failure, Status},
    inputs::{self, Inputs},
};
use crate::{
    diagnostic::{Code, Diagnostic, nearest},
    engine::{
        answer::{Options, Subject},
        judge as judge_resolved,
    },
    report::{
        self,
        explanation::{self, Explanation},
    },
    resolve::ResolvedSnapshot,
};

/// In how many findings of a subject changes are looked for.
const TRIED: usize = 10;

pub(super) fn run(arguments: &ExplainArguments, console: &Console) -> Result<Status, Failure> {
    match arguments.what.as_deref() {
        Some(code) if !is_finding(code) => codes::run(code, console),
        _ => {
            let explanation = explain(arguments, console)?;
            console.print(&render(&explanation, arguments.format, console)?)?;
            Ok(Status::Clean)
        }
    }
}

/// Findings that are named where an id is ambiguous.
const NAMED: usize = 5;

/// Digits of an id that are enough to name a finding by, where no other one begins with them.
const DIGITS: usize = 6;

/// Whether a word is a finding's id or the beginning of one; codes are words with dashes.
fn is_finding(word: &str) -> bool {
    let hex = word.chars().filter(char::is_ascii_hexdigit).count();
    let is_id = hex == 32 || (hex >= DIGITS && word.chars().any(|letter| letter.is_ascii_digit()));
    is_id && word.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit())
}

fn explain(arguments: &ExplainArguments, console: &Console) -> Result<Explanation, Failure> {
    let inputs = Inputs {
        snapshot: arguments.snapshot.as_deref(),
        example: arguments.example,
        policies: arguments.policies.as_deref(),
        as_of: arguments.as_of.as_deref(),
        checks: &arguments.checks,
    };
    let usage = "tenure explain FINDING --snapshot snapshot.json";
    let (snapshot, digest) = inputs.snapshot((usage, "tenure explain --example --subject github/octo-bot"), console)?;
    let bundle = inputs.bundle(console)?;
    let options = inputs.options(&snapshot, &bundle)?;
    let resolved = ResolvedSnapshot::new(&snapshot, &bundle, options.as_of.unwrap_or(snapshot.collected_at));
    let (options, id) = wanted(arguments, &resolved, options)?;
    let evaluation = judge_resolved(resolved, &options).map_err(inputs::failed)?;
    let explanation = explanation::explain(&evaluation, &digest, id.as_deref(), TRIED).map_err(inputs::failed)?;
    if explanation.findings.is_empty() {
        let problem = Diagnostic::error(Code::UnknownSubject, "none of these checks is asked of this subject");
        return Err(Failure::one(problem.help("leave `--check` out to see those that are")));
    }
    Ok(explanation)
}

/// The subjects and checks to ask, and the one finding among them that is meant.
fn wanted(
    arguments: &ExplainArguments,
    resolved: &ResolvedSnapshot<'_>,
    options: Options,
) -> Result<(Options, Option<String>), Failure> {
    if let Some(name) = &arguments.subject {
        let subjects = explanation::subjects(resolved, name).map_err(|names| {
            let message = format!("the snapshot has no person, account or system `{name}`");
            let help = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{}`?", near.trim()),
                None => {
                    "name a person's HRIS id or work e-mail address, an account's `system/id`, or a system's id".into()
                }
            };
            Failure::one(Diagnostic::error(Code::UnknownSubject, message).help(help))
        })?;
        return Ok((Options { subjects: Some(subjects), ..options }, None));
    }
    let id = arguments.what.as_deref().unwrap_or_default().to_ascii_lowercase();
    match explanation::findings(resolved, &id).as_slice() {
        [one] => {
            let subjects: HashSet<Subject> = HashSet::from([one.subject]);
            let checks = HashSet::from([one.check.clone()]);
            Ok((Options { checks: Some(checks), subjects: Some(subjects), ..options }, Some(one.id.clone())))
        }
        [] => {
            let problem = Diagnostic::error(
                Code::UnknownFinding,
                format!("the snapshot and the policies make no finding `{id}`"),
            );
            let help = "ids stand in the report of the same organisation: `tenure check snapshot.json`";
            Err(Failure::one(problem.help(help)))
        }
        several => {
            let message = format!("several findings begin with `{id}`");
            let ids: Vec<String> = several.iter().take(NAMED).map(|one| format!("`{}`", one.id)).collect();
            Err(Failure::one(
                Diagnostic::error(Code::AmbiguousFinding, message).help(format!("write one out: {}", ids.join(", "))),
            ))
        }
    }
}

fn render(explanation: &Explanation, format: ListFormat, console: &Console) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let written = match format {
        ListFormat::Text => {
            explanation::text::write(explanation, report::text_writer::Layout::of_width(console.width()), &mut bytes)
        }
        ListFormat::Json => report::json::write_value(explanation, &mut bytes),
    };
    written.map_err(|error| Failure::one(Diagnostic::error(Code::UnwritableFile, format!("cannot write: {error}"))))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
