//! A forecast as text and as a calendar.

use std::io::{self, Write};

use icalendar::{Calendar, Component, Event};

use super::{Forecast, ForecastChange};
use crate::escape::terminal;

/// An entry of a calendar describes at most this many changes.
const MAX_DESCRIBED: usize = 50;

/// A line names at most this many subjects.
const MAX_NAMED: usize = 3;

/// What a change is about, for people.
fn subject(change: &ForecastChange) -> String {
    let label = change.subject.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let level = change.entitlement.as_ref().map(|level| format!(", {level}")).unwrap_or_default();
    format!("{}{label}{level}", change.subject.id)
}

fn states(change: &ForecastChange) -> String {
    let word = |state: Option<super::State>| state.map_or_else(|| "not asked".to_owned(), |state| state.to_string());
    format!("{} → {}", word(change.before), word(change.after))
}

/// A forecast as iCalendar (RFC 5545): one entry for each day.
#[must_use]
pub fn calendar(forecast: &Forecast) -> String {
    let mut calendar = Calendar::new();
    let organization = terminal(&forecast.organization);
    calendar.name(&format!("Tenure: {organization}"));
    let stamp: String = forecast.collected_at.chars().filter(char::is_ascii_alphanumeric).collect();
    for day in &forecast.days {
        let lines = day.changes.iter().take(MAX_DESCRIBED).map(|change| {
            terminal(&format!("{} {}: {}; {}", change.check, subject(change), states(change), change.message))
        });
        let mut lines: Vec<String> = lines.collect();
        if day.changes.len() > MAX_DESCRIBED {
            lines.push(format!("and {} more", day.changes.len() - MAX_DESCRIBED));
        }
        let summary = match day.changes.as_slice() {
            [one] => format!("{}: {}, {}", one.check, subject(one), states(one)),
            changes => format!("{} access findings change", changes.len()),
        };
        let mut event = Event::new();
        event.uid(&format!("{}-{organization}@tenure", day.date)).add_property("DTSTAMP", &stamp);
        event.summary(&terminal(&summary)).description(&lines.join("\n"));
        let date = day.date.replace('-', "");
        event.append_property(icalendar::Property::new("DTSTART", date).add_parameter("VALUE", "DATE").done());
        calendar.push(event.done());
    }
    calendar.to_string()
}

/// The changes of one check that go the same way for the same reason, in the order of their first.
fn groups(changes: &[ForecastChange]) -> Vec<Vec<&ForecastChange>> {
    let is_alike = |a: &ForecastChange, b: &ForecastChange| {
        (&a.check, a.before, a.after, &a.message) == (&b.check, b.before, b.after, &b.message)
    };
    let mut groups: Vec<Vec<&ForecastChange>> = Vec::new();
    for change in changes {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| is_alike(first, change))) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

/// A forecast as text.
///
/// # Errors
/// Returns an error of the writer.
pub fn text(forecast: &Forecast, out: &mut dyn Write) -> io::Result<()> {
    use crate::report::text_writer::{BOLD, DIM};
    let show = terminal;
    writeln!(out, "{BOLD}{}: what changes by itself until {}{BOLD:#}", show(&forecast.organization), forecast.until)?;
    writeln!(out, "{DIM}from {}, with this snapshot and these policies{DIM:#}", forecast.from)?;
    for day in &forecast.days {
        writeln!(out, "\n{BOLD}{}{BOLD:#}", day.date)?;
        for alike in groups(&day.changes) {
            let Some(first) = alike.first() else { continue };
            let severity = first.severity.word();
            let named = alike.iter().take(MAX_NAMED).map(|change| show(&subject(change)));
            let named = named.collect::<Vec<_>>().join("; ");
            let more = match alike.len().saturating_sub(MAX_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            writeln!(out, "  {severity:<8}  {}  {}: {named}{more}", first.check, states(first))?;
            writeln!(out, "            {DIM}{}{DIM:#}", show(&first.message))?;
        }
    }
    let (changes, days) = (forecast.total(), forecast.days.len());
    match changes {
        0 => writeln!(out, "\nnothing changes by itself"),
        _ => writeln!(
            out,
            "\n{} on {}",
            crate::diagnostic::counted(changes, "change", "changes"),
            crate::diagnostic::counted(days, "day", "days")
        ),
    }
}
