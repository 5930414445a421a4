//! The beginning of a mapping for a file that no format recognises.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    kinds::{Flag, Kind, Status},
    rows::{Cell, Rows, first_list},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files::RawFile,
    ingest::{
        mapping::{AccountFields, Field, Mapping, Reading, Records},
        peek,
    },
    model::{address::AddressText, slug},
    yaml::scalar,
};

/// Distinct words of a column up to which they are listed. A column of more holds something else.
const WORDS: usize = 12;

/// A column with the words in it.
struct Column {
    name: String,
    /// Distinct texts, if they are few.
    words: BTreeSet<String>,
    is_address: bool,
    distinct: usize,
    filled: usize,
}

/// A mapping for an account list, with what the columns suggest and the words of those that look like vocabularies. Its
/// reader completes it.
///
/// # Errors
/// Returns an error if the file has neither a header nor JSON records.
pub fn skeleton(name: &str, file: &RawFile) -> Result<String, Vec<Diagnostic>> {
    let (records, columns) = columns(file)?;
    let rows = columns.iter().map(|column| column.filled).max().unwrap_or_default();
    let mut text = format!("format: {}\n", slug(name));
    let some: Vec<String> = columns.iter().take(5).map(|column| scalar::flow(&column.name)).collect();
    match &records {
        Records::Csv => text.push_str(&format!("detect: {{ columns: [{}] }}\nrecords: {}\n", some.join(", "), "csv")),
        Records::Ndjson => {
            text.push_str(&format!("detect: {{ keys: [{}] }}\nrecords: {}\n", some.join(", "), "ndjson"))
        }
        Records::Json(pointer) => {
            text.push_str(&format!("detect: {{ keys: [{}] }}\n", some.join(", ")));
            let at =
                if pointer.is_empty() { "json".to_owned() } else { format!("{{ json: {} }}", scalar::flow(pointer)) };
            text.push_str(&format!("records: {at}\n"));
        }
    }
    text.push_str("account:\n");
    let find = |wanted: &[&str], fits: &dyn Fn(&Column) -> bool| {
        let is = |column: &&Column, word: &&str| slug(&column.name).contains(*word) && fits(column);
        wanted.iter().find_map(|word| columns.iter().find(|column| is(column, word)))
    };
    let any = |_: &Column| true;
    let is_key = |column: &Column| column.distinct == rows && column.filled == rows;
    let is_vocabulary = |column: &Column| !column.words.is_empty();
    let email = columns.iter().find(|column| column.is_address);
    let id = find(&["login", "username", "user-name", "user-id", "userid", "account", "id"], &is_key);
    let id = id.or(email).or(columns.first());
    text.push_str(&format!("  id: {}\n", id.map(|column| scalar::block(&column.name)).unwrap_or_default()));
    match email {
        Some(column) => text.push_str(&format!("  email: {}\n", scalar::block(&column.name))),
        None => text.push_str("  # email: COLUMN\n"),
    }
    let status = find(&["status", "state", "active", "enabled", "suspended", "disabled"], &is_vocabulary);
    match status {
        Some(column) => text.push_str(&words("status", column, "active, invited, suspended or deactivated", |word| {
            status_word(&column.name, word).map(str::to_owned)
        })),
        None => text.push_str("  # status: { from: COLUMN, words: { WORD: active, WORD: deactivated } }\n"),
    }
    let levels = find(&["role", "permission", "access", "level", "group", "type"], &is_vocabulary);
    match levels.filter(|levels| status.is_none_or(|status| status.name != levels.name)) {
        Some(column) => {
            text.push_str(&words("levels", column, "levels of your own", |word| Some(slug(word))));
        }
        None => text.push_str("  # levels: COLUMN\n"),
    }
    match find(&["last-login", "last-sign-in", "last-seen", "last-active", "last-access", "last-activity"], &any) {
        Some(column) => text.push_str(&format!("  last_login: {}\n", scalar::block(&column.name))),
        None => text.push_str("  # last_login: COLUMN\n"),
    }
    Ok(text)
}

/// What a word of a column most likely says of a status: by itself, or as the answer to the column's name.
fn status_word(column: &str, word: &str) -> Option<&'static str> {
    if let Ok(Some(status)) = Status.text(word, &Reading::default()) {
        return Some(status.word());
    }
    let is_yes = Flag.text(word, &Reading::default()).ok().flatten()?;
    let keeps_out = ["suspended", "disabled", "deactivated", "inactive"].iter().any(|name| slug(column).contains(name));
    Some(match (is_yes, keeps_out) {
        (true, true) => "suspended",
        (false, false) => "deactivated",
        (true, false) | (false, true) => "active",
    })
}

/// A fact whose words have to be said.
fn words(fact: &str, column: &Column, meaning: &str, guess: impl Fn(&str) -> Option<String>) -> String {
    let mut text = format!(
        "  {fact}:\n    from: {}\n    # Each word means {meaning}; a word that is not listed is unknown.\n",
        scalar::block(&column.name)
    );
    text.push_str("    words:\n");
    let mut is_any = false;
    for word in &column.words {
        match guess(word).filter(|guess| !guess.is_empty()) {
            Some(guess) => {
                is_any = true;
                text.push_str(&format!("      {}: {}\n", scalar::block(word), scalar::block(&guess)));
            }
            None => text.push_str(&format!("      # {}: \n", scalar::block(word))),
        }
    }
    if is_any { text } else { text.replace("    words:\n", "    words: {}\n") }
}

fn columns(file: &RawFile) -> Result<(Records, Vec<Column>), Vec<Diagnostic>> {
    let (records, names) = if peek::is_json(file) {
        let document = peek::document(file);
        let list = document.as_ref().and_then(first_list);
        let is_line = document.as_ref().is_some_and(Value::is_object) && list.is_none();
        let record = match (&list, is_line) {
            (_, true) => document.as_ref(),
            (list, false) => list.as_ref().and_then(|(_, list)| list.first()),
        };
        let names = record.map(keys).unwrap_or_default();
        let pointer = list.map(|(pointer, _)| pointer).unwrap_or_default();
        (if is_line { Records::Ndjson } else { Records::Json(pointer) }, names)
    } else {
        (Records::Csv, peek::spelled_header(file))
    };
    if names.is_empty() {
        let message = format!("`{}` has neither a header nor JSON records", file.shown);
        let problem = Diagnostic::error(Code::NoRecords, message).in_file(&file.shown);
        return Err(vec![problem.help("name a CSV file with a header line, or a JSON file with a list of records")]);
    }
    let all = Field::Several(names.iter().cloned().map(Field::Path).collect());
    let id = Field::Path(names.first().cloned().unwrap_or_default());
    let account = AccountFields { id, addresses: Some(all), ..AccountFields::default() };
    let mapping = Mapping { records: records.clone(), account: Some(account), ..Mapping::default() };
    let rows = Rows::read(&mapping, std::slice::from_ref(file))?;
    let columns = names.into_iter().map(|name| {
        let texts: Vec<String> = rows
            .rows
            .iter()
            .filter_map(|row| match rows.cell(row, &name) {
                Cell::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        let distinct: BTreeSet<String> = texts.iter().cloned().collect();
        let is_address = !texts.is_empty() && texts.iter().all(|text| AddressText::of(text).address().is_some());
        let is_few = distinct.len() <= WORDS && !is_address && distinct.iter().all(|word| word.chars().count() <= 40);
        let (count, filled) = (distinct.len(), texts.len());
        Column { name, words: if is_few { distinct } else { BTreeSet::new() }, is_address, distinct: count, filled }
    });
    Ok((records, columns.collect()))
}

/// The keys of a record, and those of the objects in it.
fn keys(record: &Value) -> Vec<String> {
    let Value::Object(object) = record else { return Vec::new() };
    object
        .iter()
        .flat_map(|(key, value)| match value {
            Value::Object(inner) => inner.keys().map(|inner| format!("{key}.{inner}")).collect(),
            _ => vec![key.clone()],
        })
        .collect()
}
