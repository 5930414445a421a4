//! The worst findings as annotations of GitHub Actions, which shows ten of a kind in a step and drops the rest in silence.

use std::io::{self, Write};

use super::{model::Finding, safe, view::View};
use crate::bundle::Outcome;

/// How many findings are shown.
const ANNOTATIONS: usize = 10;

/// Writes the worst findings that are open and not waived, and how many more there are.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut worst: Vec<Finding> = Vec::new();
    let (mut open, mut waived) = (0_usize, 0_usize);
    for finding in view.findings().filter(|finding| finding.outcome.is_open()) {
        if finding.waiver.is_some() {
            waived += 1;
            continue;
        }
        open += 1;
        // The worst come first.
        if worst.len() < ANNOTATIONS {
            worst.push(finding.into_owned());
        }
    }
    for finding in &worst {
        let word = if finding.outcome == Outcome::Fail { "error" } else { "warning" };
        let place = view.place(finding).map(|(file, line)| format!("file={},line={line},", property(&file)));
        let title = view.title(&finding.check);
        let message = data(&safe::terminal(&told(finding)));
        writeln!(out, "::{word} {}title={}::{message}", place.unwrap_or_default(), property(title))?;
    }
    if let Some(filter) = &view.head.filter {
        writeln!(out, "::notice title=tenure::{}", data(&safe::terminal(&filter.listing())))?;
    }
    let more = open - worst.len();
    if more + waived > 0 {
        let rest = match (more, waived) {
            (more, 0) => format!("and {more} more"),
            (0, waived) => format!("{waived} waived"),
            (more, waived) => format!("and {more} more, {waived} waived"),
        };
        writeln!(out, "::notice title=tenure::{rest}; the report has all of them")?;
    }
    Ok(())
}

fn told(finding: &Finding) -> String {
    let what = finding.entitlement.as_ref().map(|level| format!(" {level}")).unwrap_or_default();
    let label = finding.subject.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let advice = finding.advice.as_ref().map(|advice| format!(". {}", advice.text)).unwrap_or_default();
    format!("{}{what}{label}: {}{advice}", finding.subject.id, finding.message)
}

/// What stands after `::` is one line.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In a property, `:` and `,` are taken too.
pub(crate) fn property(text: &str) -> String {
    data(&safe::terminal(text)).replace(':', "%3A").replace(',', "%2C")
}
