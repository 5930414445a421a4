//! The text report as statistics, and as lists by person, manager, system or control.

use std::io;

use anstyle::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{
    by::By,
    groups::Group,
    safe::terminal,
    sections::sections,
    statistics::{Tally, statistics},
    text_groups::{size, subject},
    text_writer::{DIM, Writer},
    view::View,
};
use crate::{bundle::Outcome, diagnostic::counted};

impl Writer<'_> {
    /// How often findings fail or are unknown, by check, system, rule and owner.
    pub(super) fn statistics(&mut self, view: &View<'_>) -> io::Result<()> {
        for statistics in statistics(view) {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
            table.set_header([statistics.by, "fail", "unknown", "waived", "overdue"]);
            for (name, Tally { fail, unknown, waived, overdue }) in &statistics.rows {
                let mut row = vec![terminal(name)];
                row.extend([fail, unknown, waived, overdue].map(|count| match count {
                    0 => "·".to_owned(),
                    count => count.to_string(),
                }));
                table.add_row(row);
            }
            for (index, column) in table.column_iter_mut().enumerate() {
                if index > 0 {
                    column.set_cell_alignment(CellAlignment::Right);
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(5)));
                }
                column.set_padding(if index == 0 { (0, 1) } else { (1, 0) });
            }
            for (index, line) in table.lines().enumerate() {
                let style = if index == 0 { DIM } else { Style::new() };
                writeln!(self.out, "{style}{}{style:#}", line.trim_end())?;
            }
            if statistics.further > 0 {
                writeln!(self.out, "{DIM}and {} more{DIM:#}", statistics.further)?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// The open findings by person, manager, system or control.
    pub(super) fn lists(&mut self, view: &View<'_>, by: By) -> io::Result<()> {
        let sections = sections(view, by);
        if sections.is_empty() {
            writeln!(self.out, "no open findings")?;
        }
        for (index, section) in sections.into_iter().enumerate() {
            let count = counted(section.count, "open finding", "open findings");
            let between = if index > 0 { "\n" } else { "" };
            let heading = format!("{}: {count}", terminal(&section.heading));
            writeln!(self.out, "{between}{}{heading}{:#}", super::text_writer::BOLD, super::text_writer::BOLD)?;
            for group in &section.groups {
                self.listed(view, group)?;
            }
        }
        Ok(())
    }

    /// A group with every subject, and what to do about it.
    fn listed(&mut self, view: &View<'_>, group: &Group) -> io::Result<()> {
        let title = view.title(&group.check);
        self.cause(group, &terminal(&format!("{title} ({}, {})", group.check, group.severity)))?;
        let count = if group.count > 1 { format!(" ({})", size(group)) } else { String::new() };
        self.field("", Style::new(), &format!("{}{count}", terminal(&group.message)))?;
        for member in &group.members {
            self.field("", Style::new(), &format!("- {}", subject(member)))?;
        }
        let margin = if group.outcome == Outcome::Unknown { "need" } else { "do" };
        group.remedy.as_ref().map_or(Ok(()), |remedy| self.field(margin, Style::new(), &terminal(remedy)))
    }
}
