//! `tenure list`: what the policies hold, and which org roles a snapshot's people have by them.

mod rows;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use serde_json::Value;

use self::rows::Rows;
use super::{
    arguments::{ListArguments, ListFormat, Listed},
    console::Console,
    exit::{Failure, Status},
    inputs, locate,
};
use crate::{
    diagnostic::{Code, Diagnostic},
    report::{self, safe},
};

pub(super) fn run(arguments: &ListArguments, console: &Console) -> Result<Status, Failure> {
    let bundle = || locate::bundle(arguments.policies.as_deref()).map(|(bundle, _)| bundle);
    let rows = match arguments.what {
        Listed::Checks => rows::checks(&bundle()?),
        Listed::Systems => rows::systems(&bundle()?),
        Listed::AccessTypes => rows::access_types(&bundle()?),
        Listed::Facts => rows::facts(&bundle()?),
        // They are compiled into the program.
        Listed::Packs => rows::packs().map_err(Failure::input)?,
        Listed::Roles => {
            let bundle = bundle()?;
            let Some(path) = &arguments.snapshot else {
                let problem =
                    Diagnostic::error(Code::BadUsage, "which people have which org role depends on a snapshot");
                return Err(Failure::one(problem.help("name one: `tenure list roles --snapshot snapshot.json`")));
            };
            rows::roles(&inputs::read_snapshot(path, console)?.snapshot, &bundle)
        }
    };
    let text = match arguments.format {
        // Lists within the rows want a line for each of their entries.
        ListFormat::Text if arguments.what == Listed::Checks => blocks(&rows),
        ListFormat::Text => table(&rows, console.width()),
        ListFormat::Json => json(&rows),
    };
    console.print(&text)?;
    Ok(Status::Clean)
}

fn table(rows: &Rows, width: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(80));
    table.set_header(rows.columns.iter().map(|name| name.replace('_', " ")));
    for row in &rows.rows {
        table.add_row(row.iter().map(cell));
    }
    // An id or a place is something to copy.
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    if let Some(last) = rows.columns.len().checked_sub(1).and_then(|at| table.column_mut(at)) {
        last.set_constraint(ColumnConstraint::ContentWidth);
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

/// A paragraph a row: its first column, and below it the others.
fn blocks(rows: &Rows) -> String {
    let mut text = String::new();
    for (index, row) in rows.rows.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let mut columns = rows.columns.iter().zip(row);
        if let Some((_, first)) = columns.next() {
            text.push_str(&format!("{}\n", cell(first)));
        }
        for (name, value) in columns {
            let entries = match value {
                Value::Array(entries) => entries.iter().map(cell).collect(),
                value => vec![cell(value)],
            };
            for (index, entry) in entries.iter().enumerate() {
                let name = if index == 0 { name.replace('_', " ") } else { String::new() };
                text.push_str(&format!("  {name:<9} {entry}\n"));
            }
        }
    }
    text
}

/// A value for people, harmless for the terminal.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => "·".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    };
    text.lines().map(safe::terminal).collect::<Vec<_>>().join("\n")
}

fn json(rows: &Rows) -> String {
    let object = |row: &Vec<Value>| -> Value {
        rows.columns
            .iter()
            .map(|name| (*name).to_owned())
            .zip(row.iter().cloned())
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let document =
        serde_json::json!({ "schema_version": "1", "rows": rows.rows.iter().map(object).collect::<Vec<_>>() });
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _written = report::json::write_value(&document, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
