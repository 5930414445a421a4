//! What came of the tests, for people.

use std::{
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};

use crate::{
    diagnostic::counted,
    report::{explanation, model::Finding, safe::terminal, text_writer::Layout},
    testing::report::{CoverageReport, Failure, Gap, MutationReport, TestReport, TestResult, UnitKind},
};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Columns before the explanation of a failure.
const INDENT: usize = 6;

/// What to show, beside what failed.
pub(super) struct Shown<'s> {
    /// The bundle's folder, before the names of files.
    pub(super) folder: &'s Path,
    /// The gaps of the coverage.
    pub(super) coverage: bool,
}

pub(super) fn write(report: &TestReport, shown: &Shown<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut file = "";
    for result in &report.tests {
        if result.file != file {
            file = &result.file;
            writeln!(out, "{BOLD}{}{BOLD:#}", place(shown, file))?;
        }
        test(result, shown, width, out)?;
    }
    if let Some(coverage) = &report.coverage {
        share(coverage, shown, out)?;
    }
    if let Some(mutation) = &report.mutation {
        survivors(mutation, shown, out)?;
    }
    let mut tally = vec![format!("{} passed", report.passed), format!("{} failed", report.failed)];
    if report.filtered > 0 {
        tally.push(format!("{} left out", report.filtered));
    }
    let style = if report.failed > 0 { BAD } else { GOOD };
    let tests = counted(report.tests.len(), "test", "tests");
    writeln!(out, "\n{style}{tests}:{style:#} {}", tally.join(", "))
}

fn place(shown: &Shown<'_>, file: &str) -> String {
    terminal(&shown.folder.join(file).display().to_string())
}

fn test(result: &TestResult, shown: &Shown<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let name = terminal(&result.name);
    if result.failures.is_empty() {
        return writeln!(out, "  {GOOD}ok{GOOD:#}    {name}");
    }
    writeln!(out, "  {BAD}FAIL{BAD:#}  {BOLD}{name}{BOLD:#}")?;
    for failure in &result.failures {
        self::failure(result, failure, shown, width, out)?;
    }
    Ok(())
}

fn failure(
    result: &TestResult,
    failure: &Failure,
    shown: &Shown<'_>,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let file = place(shown, &result.file);
    match failure {
        Failure::Different { line, differences, explanation } => {
            writeln!(out, "        {DIM}{file}:{line}{DIM:#} {}", asked(&explanation.finding))?;
            for difference in differences {
                writeln!(out, "        {BAD}- {}: {}{BAD:#}", difference.what, terminal(&difference.expected))?;
                writeln!(out, "        {GOOD}+ {}: {}{GOOD:#}", difference.what, terminal(&difference.actual))?;
            }
            let rule = differences.iter().find(|one| one.what == "rule").map(|one| one.expected.as_str());
            let mut rules = Vec::new();
            explanation::text::write_rules(
                explanation,
                rule,
                Layout::of_width(width.saturating_sub(INDENT)),
                &mut rules,
            )?;
            for line in String::from_utf8_lossy(&rules).lines() {
                writeln!(out, "{:INDENT$}{line}", "")?;
            }
            Ok(())
        }
        Failure::NotAsked { line, check, subject, level, suggestion } => {
            let level = level.as_deref().map(|level| format!(" `{}`", terminal(level))).unwrap_or_default();
            writeln!(
                out,
                "        {DIM}{file}:{line}{DIM:#} `{check}` is not asked of {}{level}: {}",
                terminal(subject),
                terminal(suggestion)
            )
        }
        Failure::Unexpected { finding } => {
            writeln!(out, "        {DIM}{file}:{}{DIM:#} not expected: {}", result.line, asked(finding))?;
            writeln!(out, "        {GOOD}+ outcome: {}{GOOD:#} {}", finding.outcome, terminal(&finding.message))
        }
        Failure::Error { reason } => writeln!(out, "        {DIM}{file}:{}{DIM:#} {}", result.line, terminal(reason)),
    }
}

fn asked(finding: &Finding) -> String {
    let of = match &finding.entitlement {
        Some(entitlement) => format!("{} {}", finding.subject.id, entitlement.rsplit('/').next().unwrap_or_default()),
        None => finding.subject.id.clone(),
    };
    format!("{} of {}", finding.check, terminal(&of))
}

fn share(coverage: &CoverageReport, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (rules, clauses) = (coverage.rules, coverage.clauses);
    writeln!(
        out,
        "\n{BOLD}coverage:{BOLD:#} {} of {} rules ({} %), {} of {} clauses both ways ({} %)",
        rules.covered,
        rules.total,
        rules.percent(),
        clauses.covered,
        clauses.total,
        clauses.percent()
    )?;
    if !shown.coverage {
        return Ok(());
    }
    coverage.gaps.iter().try_for_each(|one| gap(one, shown, out))
}

fn gap(gap: &Gap, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let what = match gap.kind {
        UnitKind::Rule => "rule",
        UnitKind::AccessType => "access type",
        UnitKind::AccessRule => "access rule",
    };
    let path = gap.yaml_path.as_deref().map(|path| format!(" {path}")).unwrap_or_default();
    let never = if gap.satisfied { "" } else { ": never satisfied" };
    writeln!(out, "  {}:{}{path} {what} `{}`{never}", place(shown, &gap.file), gap.line, terminal(&gap.rule))?;
    // A rule that never was satisfied has clauses that never were true; what is missing is the rule.
    for clause in gap.never_true.iter().filter(|_| gap.satisfied) {
        writeln!(out, "      {DIM}never true:{DIM:#}  {}", terminal(clause))?;
    }
    for clause in gap.never_false.iter().filter(|_| gap.satisfied) {
        writeln!(out, "      {DIM}never false:{DIM:#} {}", terminal(clause))?;
    }
    Ok(())
}

fn survivors(mutation: &MutationReport, shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let noticed = mutation.noticed;
    writeln!(
        out,
        "\n{BOLD}mutation:{BOLD:#} the tests notice {} of {} changes of the policies ({} %)",
        noticed.covered,
        noticed.total,
        noticed.percent()
    )?;
    for survivor in &mutation.survivors {
        let path = survivor.yaml_path.as_deref().map(|path| format!(" {path}")).unwrap_or_default();
        let file = place(shown, &survivor.file);
        writeln!(
            out,
            "  {file}:{}{path} `{}`: {}",
            survivor.line,
            terminal(&survivor.rule),
            terminal(&survivor.change)
        )?;
    }
    Ok(())
}
