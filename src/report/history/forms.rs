//! A trend as a table for people and for spreadsheets.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{CheckHistory, History};
use crate::report::{
    csv::{cell, table, unwritable},
    model::Counts,
    safe::terminal,
    text_writer::{BOLD, DIM},
};

/// Reports shown in a line.
const SPARKS: usize = 40;

/// Writes the trend as a table for people.
///
/// # Errors
/// Those of the writer.
pub fn text(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let (Some(first), Some(last)) = (history.reports.first(), history.reports.last()) else { return Ok(()) };
    let name = terminal(&history.organization_name);
    writeln!(out, "{BOLD}{name}{BOLD:#}: {} reports from {} to {}", history.reports.len(), first.today, last.today)?;
    writeln!(out, "{DIM}open: failing and unknown, waived ones too; days from first seen to resolved{DIM:#}\n")?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["check", "severity", "open", "trend", "resolved", "reopened", "mean", "median", "oldest open"]);
    for check in &history.checks {
        let days = |days: Option<f64>| days.map_or_else(|| "·".to_owned(), |days| format!("{days:.1}d"));
        table.add_row([
            terminal(&check.check),
            check.severity.to_string(),
            check.open.to_string(),
            sparks(check),
            check.resolved.to_string(),
            check.reopened.to_string(),
            days(check.mean_days_to_resolve),
            days(check.median_days_to_resolve),
            check.oldest_open_days.map_or_else(|| "·".to_owned(), |days| format!("{days}d")),
        ]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if matches!(index, 2 | 4..) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// How many were open, report by report: a bar each, and a gap where the check was not asked.
fn sparks(check: &CheckHistory) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = check.counts.iter().flatten().map(open).max().unwrap_or(0).max(1);
    let skipped = check.counts.len().saturating_sub(SPARKS);
    let bar = |counts: &Option<Counts>| match counts {
        None => ' ',
        Some(counts) => BARS.get(open(counts) * (BARS.len() - 1) / most).copied().unwrap_or('█'),
    };
    check.counts.iter().skip(skipped).map(bar).collect()
}

pub(super) fn open(counts: &Counts) -> usize {
    counts.fail + counts.unknown
}

/// Writes the counts as comma-separated values: a row for each check of each report.
///
/// # Errors
/// Those of the writer.
pub fn csv(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(out);
    table
        .write_record([
            "as_of",
            "check",
            "severity",
            "pass",
            "fail",
            "unknown",
            "exempt",
            "not_applicable",
            "waived",
            "overdue",
        ])
        .map_err(unwritable)?;
    for (index, report) in history.reports.iter().enumerate() {
        for check in &history.checks {
            let Some(Some(counts)) = check.counts.get(index) else { continue };
            let Counts { pass, fail, unknown, exempt, not_applicable, waived, overdue } = counts;
            let counts = [pass, fail, unknown, exempt, not_applicable, waived, overdue].map(ToString::to_string);
            let head = [cell(&report.as_of), cell(&check.check), check.severity.to_string()];
            table.write_record(head.iter().chain(&counts)).map_err(unwritable)?;
        }
    }
    table.flush()
}
