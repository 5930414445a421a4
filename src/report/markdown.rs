//! The report as GitHub's Markdown, for the summary of a step in GitHub Actions and for pull requests.
//!
//! A summary of more than 1 MiB is refused as a whole, so that the worst findings come first and what has no room is
//! counted.

use std::io::{self, Write};

use super::{
    by::By,
    groups::Group,
    model::{CheckSummary, Finding, Report},
    safe::{self, markdown as text},
    sections::sections,
    text_groups::subject,
    view::{Arrangement, View},
};
use crate::{bundle::Outcome, diagnostic::counted};

/// GitHub's limit for the summary of a step, bytes.
const LIMIT: usize = 1 << 20;
/// Entries shown of each list after the findings.
const ENTRIES: usize = 50;

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_within(LIMIT, view, out)
}

fn write_within(limit: usize, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let end = end(view.head);
    let start = start(view);
    out.write_all(start.as_bytes())?;
    // Room for the line that says what was left out.
    let mut room = limit.saturating_sub(start.len() + end.len() + 200);
    let left_out = match view.arrangement {
        Arrangement::By(by) => lists(view, by, &mut room, out)?,
        Arrangement::Groups | Arrangement::Statistics => findings(view, &mut room, out)?,
    };
    if left_out > 0 {
        let rest = counted(left_out, "further finding has", "further findings have");
        writeln!(out, "\n**{rest} no room here: see the report itself.**")?;
    }
    out.write_all(end.as_bytes())
}

/// The findings, worst first. Returns how many had no room.
fn findings(view: &View<'_>, room: &mut usize, out: &mut dyn Write) -> io::Result<usize> {
    let mut left_out = 0;
    let mut open: Option<String> = None;
    for finding in view.findings() {
        let row = row(view, &finding);
        let head = match &open {
            Some(check) if *check == finding.check => String::new(),
            last => {
                format!("{}{}", if last.is_some() { CLOSE } else { "" }, opening(view.check(&finding.check), &finding))
            }
        };
        let needed = head.len() + row.len() + CLOSE.len();
        if needed > *room {
            // Nothing that comes later is to be shown instead.
            *room = 0;
            left_out += 1;
            continue;
        }
        *room -= head.len() + row.len();
        write!(out, "{head}{row}")?;
        open = Some(finding.check.clone());
    }
    if open.is_some() {
        out.write_all(CLOSE.as_bytes())?;
        *room = room.saturating_sub(CLOSE.len());
    }
    Ok(left_out)
}

/// The open findings by person, manager, system or control. Returns how many had no room.
fn lists(view: &View<'_>, by: By, room: &mut usize, out: &mut dyn Write) -> io::Result<usize> {
    let mut left_out = 0;
    for section in sections(view, by) {
        let count = counted(section.count, "open finding", "open findings");
        let mut list = format!("\n### {}: {count}\n\n", text(&section.heading));
        for group in &section.groups {
            list.push_str(&listed(view, group));
        }
        if list.len() > *room {
            *room = 0;
            left_out += section.count;
            continue;
        }
        *room -= list.len();
        out.write_all(list.as_bytes())?;
    }
    Ok(left_out)
}

/// A group with every subject, and what to do about it.
fn listed(view: &View<'_>, group: &Group) -> String {
    let title = view.title(&group.check);
    let (title, message) = (text(title), text(&group.message));
    let mut list = format!("- **{}** ({}) {title}: {message}\n", group.outcome, group.severity);
    for member in &group.members {
        list.push_str(&format!("  - {}\n", text(&subject(member))));
    }
    list.extend(group.remedy.as_ref().map(|remedy| format!("  - To do: {}\n", text(remedy))));
    list
}

const CLOSE: &str = "\n</details>\n";

fn opening(check: Option<&CheckSummary>, finding: &Finding) -> String {
    let title = check.map_or(finding.check.as_str(), |check| check.title.as_str());
    format!(
        "\n<details open><summary><b>{}</b> ({}, {})</summary>\n\n\
         | outcome | subject | why | what to do | rule |\n|---|---|---|---|---|\n",
        html(title),
        html(&finding.check),
        finding.severity
    )
}

fn row(view: &View<'_>, finding: &Finding) -> String {
    let subject = &finding.subject;
    let label = subject.label.as_ref().map(|label| format!("<br>{}", text(label))).unwrap_or_default();
    let id =
        finding.entitlement.as_ref().filter(|_| subject.kind == "Account").map(|level| format!(" {}", text(level)));
    let advice = finding.advice.as_ref().map(|advice| text(&advice.text)).unwrap_or_default();
    let place = view.place(finding).map(|(file, line)| format!("<code>{}:{line}</code>", html(&file)));
    format!(
        "| {} | {}{}{label} | {} | {advice} | {} |\n",
        outcome(finding),
        text(&subject.id),
        id.unwrap_or_default(),
        text(&finding.message),
        place.unwrap_or_default()
    )
}

/// The outcome with what lies over it.
fn outcome(finding: &Finding) -> String {
    let word = match finding.outcome {
        Outcome::Fail => "**fail**",
        Outcome::Unknown => "**unknown**",
        outcome => outcome.word(),
    };
    let mut told = vec![word.to_owned()];
    told.extend(
        finding.waiver.as_ref().map(|waiver| format!("waived until {} ({})", waiver.expires, text(&waiver.id))),
    );
    if let Some(clock) = &finding.clock {
        let state = clock.state.map(|state| state.word()).unwrap_or_default();
        told.extend(clock.due.as_ref().map(|due| format!("due {due}, {state}")));
    }
    told.extend(finding.baseline.as_ref().map(|note| note.status.to_string()));
    told.join("<br>")
}

fn start(view: &View<'_>) -> String {
    let report = view.head;
    let run = &report.run;
    let mut start = format!(
        "## {} as of {}\n\nCollected {}, snapshot <code>{}</code>, policies <code>{}</code>.\n\n",
        text(&run.organization_name),
        run.today,
        run.collected_at,
        short(&run.snapshot),
        short(&run.bundle)
    );
    if let Some(filter) = &report.filter {
        // The headings of lists count what is listed.
        let filter = match view.arrangement {
            Arrangement::By(_) => format!("{}; the table counts all", filter.listing()),
            Arrangement::Groups | Arrangement::Statistics => filter.sentence(),
        };
        start.push_str(&format!("**Filtered**: {}.\n\n", text(&filter)));
    }
    start.push_str("| check | severity | pass | fail | unknown | exempt | n/a | waived | overdue |\n");
    start.push_str("|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
    for check in &report.summary.checks {
        let counts = &check.counts;
        start.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            text(&check.title),
            check.severity,
            counts.pass,
            counts.fail,
            counts.unknown,
            counts.exempt,
            counts.not_applicable,
            counts.waived,
            counts.overdue
        ));
    }
    if let Some(baseline) = &report.baseline {
        start.push_str(&format!(
            "\nSince the report as of {}: {} new, {} known, {} reopened, {} resolved.\n",
            baseline.as_of, baseline.new, baseline.known, baseline.reopened, baseline.resolved
        ));
    }
    start
}

/// What comes after the findings.
fn end(report: &Report) -> String {
    let waivers = report
        .unapplied_waivers()
        .map(|waiver| format!("{}: {} ({}:{})", text(&waiver.id), text(&waiver.message), waiver.file, waiver.line));
    let notes = report.notes.iter().map(|note| text(&note.message));
    [
        list("Waivers not applied", waivers.collect()),
        list("Gaps in the evidence", report.evidence_gaps().iter().map(|gap| text(gap)).collect()),
        list("Complete lists, and what shows it", report.complete_lists().iter().map(|one| text(one)).collect()),
        list("Systems judged by login only", report.judged_by_login().iter().map(|one| text(one)).collect()),
        list("Notes on the policies", notes.collect()),
    ]
    .concat()
}

fn list(title: &str, entries: Vec<String>) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let more = entries.len().saturating_sub(ENTRIES);
    let mut list = format!("\n### {title}\n\n");
    for entry in entries.iter().take(ENTRIES) {
        // One entry that fills the page would leave no room for findings.
        let short: String = entry.chars().take(1000).collect();
        list.push_str(&format!("- {short}\n"));
    }
    if more > 0 {
        list.push_str(&format!("- and {more} more\n"));
    }
    list
}

fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.get(..12).unwrap_or(hex)
}

/// Text within HTML.
fn html(text: &str) -> String {
    let text = safe::terminal(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('|', "&#124;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::View;

    fn report() -> Report {
        serde_json::from_str(include_str!("../../fixtures/acme/report.json")).unwrap()
    }

    #[test]
    fn a_summary_is_no_longer_than_it_may_be_and_counts_what_it_leaves_out() {
        let report = report();
        let write = |limit| {
            let mut out = Vec::new();
            write_within(limit, &View::of(&report), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let whole = write(LIMIT);
        let rows = |text: &str| {
            text.lines().filter(|line| line.matches(" | ").count() == 4 && !line.contains("| why |")).count()
        };
        assert_eq!(rows(&whole), report.findings.len());
        assert!(!whole.contains("no room here"));
        for limit in [4_000, 8_000, 12_000] {
            let cut = write(limit);
            assert!(cut.len() <= limit, "{} of {limit}", cut.len());
            let left = report.findings.len() - rows(&cut);
            assert!(cut.contains(&format!("**{left} further findings have no room here")), "{cut}");
            assert_eq!(cut.matches("<details").count(), cut.matches("</details>").count());
        }
        // The worst come first.
        assert!(whole.find("critical)</summary>").unwrap() < whole.find("high)</summary>").unwrap());
    }

    #[test]
    fn nothing_is_markup() {
        assert_eq!(text("a|b"), "a&#124;b");
        assert_eq!(text("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(text("[x](y)"), "\\[x\\]\\(y\\)");
        assert_eq!(text("@everyone #1"), "@<!-- -->everyone #<!-- -->1");
        assert_eq!(text("https://a"), "https:<!-- -->//a");
    }
}
