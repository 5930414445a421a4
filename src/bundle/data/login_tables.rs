//! Tables of identities that a file names with `accounts_from:`: CSV, one account a row, with the keys of `accounts:`.

use serde_yaml::{Mapping, Value};

use super::identities::{AccountEntry, AccountMapping, wrong};
use crate::{
    diagnostic::{Code, Diagnostic, Location, SourceFile, suggest},
    yaml::Document,
};

/// The columns of a table; the first two are required.
const COLUMNS: [&str; 9] =
    ["system", "account", "person", "class", "owner", "review_by", "despite", "reviewed_on", "reason"];

/// The key that names tables.
pub(in crate::bundle) const KEY: &str = "accounts_from";

/// The names of the tables that a document names, each with its path there: relative to the bundle's folder.
pub(in crate::bundle) fn named(document: &Document) -> Vec<(String, String)> {
    let Some(Value::Sequence(names)) = document.get(KEY) else { return Vec::new() };
    let folder = document.file.name.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let names = names.iter().enumerate().filter_map(|(index, name)| Some((format!("{KEY}[{index}]"), name.as_str()?)));
    names.map(|(path, name)| (path, format!("{folder}{name}"))).collect()
}

/// Reads the tables that a document names.
pub(super) fn read(
    document: &Document,
    files: &[SourceFile],
    accounts: &mut Vec<AccountMapping>,
    problems: &mut Vec<Diagnostic>,
) {
    // What is not a list of texts is a problem of the file's form.
    if let Some(value) = document.get(KEY)
        && let Err(found) = document.decode::<Vec<String>>(KEY, value)
    {
        problems.extend(found);
        return;
    }
    for (path, name) in named(document) {
        let Some(file) = files.iter().find(|file| *file.name == *name).filter(|_| name.ends_with(".csv")) else {
            let message = format!("the policies have no table `{name}`");
            let problem = Diagnostic::error(Code::UnreadableFile, message).at(&document.file, document.span(&path));
            problems.push(problem.help("name a .csv file in the folder of this file, or in a folder below it"));
            continue;
        };
        match rows(file) {
            Ok(rows) => {
                for (entry, location) in rows {
                    let wrong = wrong(&entry).into_iter();
                    problems.extend(wrong.map(|(_, problem)| problem.in_file(location.to_string())));
                    accounts.push(AccountMapping { entry, location });
                }
            }
            Err(found) => problems.extend(found),
        }
    }
}

fn rows(file: &SourceFile) -> Result<Vec<(AccountEntry, Location)>, Vec<Diagnostic>> {
    let at = |line: u64| Location {
        file: file.name.clone(),
        line: usize::try_from(line).unwrap_or(usize::MAX),
        column: 1,
        yaml_path: None,
    };
    let problem = |code, line: u64, message: String| Diagnostic::error(code, message).in_file(at(line).to_string());
    let unreadable = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        vec![problem(Code::NotCsv, line, format!("`{}` is not CSV: {error}", file.name))]
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file.text.as_bytes());
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let columns: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_lowercase()).collect();
    let mut problems = Vec::new();
    for (index, name) in columns.iter().enumerate() {
        if !COLUMNS.contains(&name.as_str()) {
            let message = format!("unknown column `{name}`");
            problems.push(problem(Code::UnknownKey, 1, message).help(suggest(name, COLUMNS)));
        } else if columns.iter().take(index).any(|earlier| earlier == name) {
            problems.push(problem(Code::DuplicateColumn, 1, format!("the column `{name}` is there twice")));
        }
    }
    for name in COLUMNS.iter().take(2).filter(|name| !columns.iter().any(|column| column == **name)) {
        problems.push(problem(Code::MissingKey, 1, format!("the column `{name}` is missing")));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.extend(unreadable(&error));
                break;
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        let cells = columns.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
        let fields: Mapping = cells.map(|(name, cell)| (Value::from(name.as_str()), Value::from(cell))).collect();
        match serde_yaml::from_value::<AccountEntry>(Value::Mapping(fields)) {
            Ok(entry) => rows.push((entry, at(line))),
            Err(error) => problems.push(problem(Code::YamlForm, line, format!("this row cannot be read: {error}"))),
        }
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}
