//! Findings as a table of comma-separated values (RFC 4180), for spreadsheets.
//!
//! A spreadsheet takes a cell that begins with `=` and the like for a formula, which can start programs; such a cell gets
//! an apostrophe before it.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use super::{model::Finding, safe, view::View};

const COLUMNS: [&str; 24] = [
    "id",
    "check",
    "title",
    "severity",
    "outcome",
    "subject_type",
    "subject",
    "label",
    "entitlement",
    "message",
    "rule",
    "place",
    "action",
    "advice",
    "waiver",
    "waived_until",
    "waiver_reason",
    "since",
    "due",
    "clock",
    "baseline",
    "first_seen",
    "facts",
    "controls",
];

/// Writes the findings.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(out);
    table.write_record(COLUMNS).map_err(unwritable)?;
    for finding in view.findings() {
        table.write_record(row(view, &finding).map(|text| cell(&text))).map_err(unwritable)?;
    }
    table.flush()
}

/// A table that ends its lines as RFC 4180 has it.
pub(super) fn table<W: Write>(out: W) -> csv::Writer<W> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}

/// The writer's own error, so that a closed pipe is known for one.
pub(super) fn unwritable(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn row(view: &View<'_>, finding: &Finding) -> [String; 24] {
    let check = view.check(&finding.check);
    let (subject, advice, waiver, clock) = (&finding.subject, &finding.advice, &finding.waiver, &finding.clock);
    let rules: Vec<&str> = finding.reasons.iter().map(|reason| reason.rule.as_str()).collect();
    let places: Vec<String> =
        finding.reasons.iter().map(|reason| format!("{}:{}", view.path(&reason.file), reason.line)).collect();
    let facts: Vec<String> = finding
        .facts
        .iter()
        .map(|fact| format!("{}: {}", fact.path, fact.value.as_deref().unwrap_or(fact.state.word())))
        .collect();
    let or_empty = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        finding.id.clone(),
        finding.check.clone(),
        or_empty(check.map(|check| check.title.as_str())),
        finding.severity.to_string(),
        finding.outcome.to_string(),
        subject.kind.clone(),
        subject.id.clone(),
        or_empty(subject.label.as_deref()),
        or_empty(finding.entitlement.as_deref()),
        finding.message.clone(),
        rules.join("; "),
        places.join("; "),
        or_empty(advice.as_ref().map(|advice| advice.action.word())),
        or_empty(advice.as_ref().map(|advice| advice.text.as_str())),
        or_empty(waiver.as_ref().map(|waiver| waiver.id.as_str())),
        or_empty(waiver.as_ref().map(|waiver| waiver.expires.as_str())),
        or_empty(waiver.as_ref().map(|waiver| waiver.reason.as_str())),
        or_empty(clock.as_ref().map(|clock| clock.since.as_str())),
        or_empty(clock.as_ref().and_then(|clock| clock.due.as_deref())),
        or_empty(clock.as_ref().and_then(|clock| clock.state).map(|state| state.word())),
        or_empty(finding.baseline.as_ref().map(|note| note.status.word())),
        or_empty(finding.baseline.as_ref().map(|note| note.first_seen.as_str())),
        facts.join("; "),
        check.map(|check| check.controls.join("; ")).unwrap_or_default(),
    ]
}

/// The text as a cell that is neither a formula nor acts on a terminal.
pub(super) fn cell(text: &str) -> String {
    let text = safe::terminal(text);
    let begins = text.trim_start().chars().next();
    let is_formula = begins.is_some_and(|letter| {
        matches!(letter, '=' | '+' | '-' | '@' | '|' | '%' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    });
    // What is written out begins with a backslash, so that no tab or line break is left to hide a formula behind.
    if is_formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts() {
        for text in ["=cmd()", "+1", "-1", "@SUM(A1)", "  =1", "\u{ff1d}1"] {
            assert!(cell(text).starts_with('\''), "{text}");
        }
        assert_eq!(cell("\t=1"), "\\u{9}=1");
        assert_eq!(cell("Anna = Bo"), "Anna = Bo");
    }
}
