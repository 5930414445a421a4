//! Tickets as JSON, and as comma-separated values that hold no formula.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use super::{Ticket, Tickets};
use crate::report::{
    csv::{cell, table, unwritable},
    json,
    model::PersonReport,
    view::View,
};

const COLUMNS: [&str; 18] = [
    "id",
    "title",
    "check",
    "severity",
    "outcome",
    "system",
    "owner",
    "owner_id",
    "owner_email",
    "manager",
    "manager_id",
    "manager_email",
    "due",
    "overdue",
    "message",
    "remedy",
    "findings",
    "subjects",
];

/// Writes the tickets as JSON.
///
/// # Errors
/// Those of the writer.
pub fn write_json(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    json::write_value(&Tickets::of(view), out)
}

/// Writes the tickets as comma-separated values, a row each. Several people of one ticket share a cell.
///
/// # Errors
/// Those of the writer.
pub fn write_csv(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(out);
    table.write_record(COLUMNS).map_err(unwritable)?;
    for ticket in Tickets::of(view).tickets {
        table.write_record(row(&ticket).map(|text| cell(&text))).map_err(unwritable)?;
    }
    table.flush()
}

fn row(ticket: &Ticket) -> [String; 18] {
    let subjects = ticket.subjects.iter().map(|subject| subject.id.as_str());
    let [owner, owner_id, owner_email] = people(&ticket.owners);
    let [manager, manager_id, manager_email] = people(&ticket.managers);
    [
        ticket.id.clone(),
        ticket.title.clone(),
        ticket.check.clone(),
        ticket.severity.to_string(),
        ticket.outcome.to_string(),
        ticket.system.clone().unwrap_or_default(),
        owner,
        owner_id,
        owner_email,
        manager,
        manager_id,
        manager_email,
        ticket.due.clone().unwrap_or_default(),
        if ticket.is_overdue { "yes" } else { "" }.to_owned(),
        ticket.message.clone(),
        ticket.remedy.clone().unwrap_or_default(),
        ticket.subjects.len().to_string(),
        distinct(subjects).join("; "),
    ]
}

/// Names, ids and addresses of people.
fn people(people: &[PersonReport]) -> [String; 3] {
    let ids: Vec<&str> = people.iter().map(|person| person.id.as_str()).collect();
    let names = people.iter().map(|person| person.name.as_deref().unwrap_or(&person.id));
    let addresses = people.iter().filter_map(|person| person.email.as_deref());
    [names.collect::<Vec<_>>().join("; "), ids.join("; "), addresses.collect::<Vec<_>>().join("; ")]
}

/// Every value once, in order.
fn distinct<'t>(values: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut seen = BTreeSet::new();
    values.filter(|value| seen.insert(*value)).collect()
}
