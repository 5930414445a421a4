//! A proof report as text.

use std::io::{self, Write};

use super::report::{Answered, Decision, ProofReport, RuleFinding};
use crate::escape::terminal as escape_terminal;

/// Writes a report for people.
///
/// # Errors
/// Returns the error of the writer.
pub fn text(report: &ProofReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "solver {}, {} questions", escape_terminal(&report.solver), report.questions)?;
    if !report.errors.is_empty() {
        let open: Vec<&Answered> = report.errors.iter().filter(|one| one.is_open()).collect();
        writeln!(
            out,
            "\nerrors: {} of {} rules with arithmetic proved never to err",
            report.errors.len() - open.len(),
            report.errors.len()
        )?;
        for one in open {
            answered(one, out)?;
        }
    }
    if !report.invariants.is_empty() {
        let proved = report.invariants.iter().filter(|one| !one.is_open()).count();
        writeln!(out, "\ninvariants: {proved} of {} proved", report.invariants.len())?;
        for one in &report.invariants {
            answered(one, out)?;
        }
    }
    rules(&report.rules, out)?;
    if report.old_bundle.is_some() {
        writeln!(out, "\nold against new, with all facts known:")?;
        if report.comparisons.is_empty() {
            writeln!(out, "  equal: no rule asks anything else")?;
        }
        for one in &report.comparisons {
            let setting = one.setting.as_ref().map(|setting| format!(" for {setting}")).unwrap_or_default();
            writeln!(out, "  {:9} {}{}", one.relation, escape_terminal(&one.check), escape_terminal(&setting))?;
            if let Some(reason) = &one.reason {
                writeln!(out, "    {}", escape_terminal(reason))?;
            }
            for example in &one.counterexamples {
                indented(example, out)?;
            }
            if one.counterexamples.is_empty() && matches!(one.relation.as_str(), "laxer" | "stricter" | "neither") {
                writeln!(out, "    no ordinary organisation was found that shows it")?;
            }
        }
    }
    Ok(())
}

fn answered(one: &Answered, out: &mut dyn Write) -> io::Result<()> {
    let word = match one.decision {
        Decision::Proved => "proved",
        Decision::Refuted => "refuted",
        Decision::Undecided => "undecided",
    };
    writeln!(out, "  {word:9} {}: {}", escape_terminal(&one.id), escape_terminal(&one.title))?;
    if !one.is_open() {
        return Ok(());
    }
    writeln!(out, "    at {}, check {}", escape_terminal(&one.location), escape_terminal(&one.check))?;
    const SHOWN: usize = 5;
    let settings: Vec<&str> = one.settings.iter().take(SHOWN).map(String::as_str).collect();
    let more = one.settings.len().saturating_sub(SHOWN);
    if !settings.is_empty() {
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "    for {}{more}", escape_terminal(&settings.join(", ")))?;
    }
    if let Some(reason) = &one.reason {
        writeln!(out, "    {}", escape_terminal(reason))?;
    }
    match &one.counterexample {
        Some(example) => indented(example, out),
        None if one.decision == Decision::Refuted => {
            writeln!(out, "    no ordinary organisation was found that shows it")
        }
        None => Ok(()),
    }
}

fn rules(rules: &[RuleFinding], out: &mut dyn Write) -> io::Result<()> {
    let kinds = [
        ("never", "rules that no organisation satisfies"),
        ("covered", "rules that other rules cover"),
        ("explains", "rules that change only the message of a failure"),
        ("undecided", "rules of which the solver could not tell whether they decide anything"),
    ];
    for (kind, title) in kinds {
        let of: Vec<&RuleFinding> = rules.iter().filter(|rule| rule.does == kind).collect();
        if of.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}: {}", of.len())?;
        for rule in of {
            let grants = rule.grants.as_ref().map(|grants| format!(" for {grants}")).unwrap_or_default();
            let by = match rule.covered_by.as_slice() {
                [] if kind == "covered" => ", by several rules together".to_owned(),
                [] => String::new(),
                several => format!(", by {}", several.join(", ")),
            };
            let text = format!("{} {}{grants} in {}{by}", rule.location, rule.id, rule.check);
            writeln!(out, "  {}", escape_terminal(&text))?;
        }
    }
    Ok(())
}

fn indented(text: &str, out: &mut dyn Write) -> io::Result<()> {
    for line in text.lines() {
        writeln!(out, "    {}", escape_terminal(line))?;
    }
    Ok(())
}
