//! A difference as text for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Difference, What, shown, title};
use crate::report::{
    safe::terminal,
    text_writer::{BOLD, DIM, Layout, Writer},
};

/// Writes a difference. Styles are written as ANSI sequences; the writer strips them where they are not wanted.
///
/// # Errors
/// Those of the writer.
pub fn write(difference: &Difference, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer { out, layout };
    writeln!(writer.out, "{BOLD}{}{BOLD:#}", title(difference))?;
    for note in &difference.notes {
        writeln!(writer.out, "{DIM}{note}{DIM:#}")?;
    }
    for change in &difference.changes {
        let (style, word) = match change.what {
            What::Appeared => (AnsiColor::Green.on_default(), "appeared"),
            What::Went => (AnsiColor::Red.on_default(), "went"),
            What::Changed => (AnsiColor::Yellow.on_default(), "changed"),
        };
        let label = change.label.as_deref().map(|label| format!(" — {}", terminal(label))).unwrap_or_default();
        let what = format!("{} {}{label}", change.kind, terminal(&change.id));
        writeln!(writer.out)?;
        for (index, line) in writer.wrap(&what).iter().enumerate() {
            let word = if index == 0 { word } else { "" };
            writeln!(writer.out, "{style}{word:<8}{style:#}  {BOLD}{line}{BOLD:#}")?;
        }
        if let Some(summary) = &change.summary {
            writer.field("", Style::new(), &terminal(summary))?;
        }
        for fact in &change.facts {
            let text =
                format!("{}: {} → {}", terminal(&fact.path), shown(fact.before.as_ref()), shown(fact.after.as_ref()));
            writer.field("", Style::new(), &text)?;
        }
    }
    let Difference { appeared, went, changed, .. } = difference;
    if difference.is_empty() {
        writeln!(writer.out, "\nno difference")
    } else {
        writeln!(writer.out, "\n{BOLD}{appeared} appeared, {went} went, {changed} changed{BOLD:#}")
    }
}
