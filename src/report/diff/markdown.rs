//! A difference as Markdown, for pull requests.

use std::io::{self, Write};

use super::{Difference, shown, title};
use crate::report::safe::markdown;

/// GitHub refuses comments of more characters than 65,536; what has no room is counted.
const ROOM: usize = 60_000;

/// Writes a difference.
///
/// # Errors
/// Those of the writer.
pub fn write(difference: &Difference, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}\n", markdown(&title(difference)))?;
    let Difference { appeared, went, changed, .. } = difference;
    writeln!(out, "{appeared} appeared, {went} went, {changed} changed.\n")?;
    for note in &difference.notes {
        writeln!(out, "- {}", markdown(note))?;
    }
    if difference.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| | what | who | facts |\n|---|---|---|---|")?;
    let mut room = ROOM;
    for (index, change) in difference.changes.iter().enumerate() {
        let facts: Vec<String> = change
            .facts
            .iter()
            .map(|fact| {
                let (before, after) = (shown(fact.before.as_ref()), shown(fact.after.as_ref()));
                markdown(&format!("{}: {before} → {after}", fact.path))
            })
            .chain(change.summary.iter().map(|summary| markdown(summary)))
            .collect();
        let label = change.label.as_deref().map(|label| format!("<br>{}", markdown(label))).unwrap_or_default();
        let (id, facts) = (markdown(&change.id), facts.join("<br>"));
        let row = format!("| {} | {} | {id}{label} | {facts} |\n", change.what, change.kind);
        if row.len() > room {
            let more = difference.changes.len() - index;
            return writeln!(out, "\n**{more} more have no room here.**");
        }
        room -= row.len();
        out.write_all(row.as_bytes())?;
    }
    Ok(())
}
