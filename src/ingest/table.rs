//! CSV with a header, columns by name.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use super::columns::column;
use super::{
    Format, Normalized, SourceIdentity, record,
    record::NotUnderstood,
    same_key::{self, Findings, Placed},
};
use crate::{
    diagnostic::{Code, Diagnostic, counted, nearest, suggest},
    files::{self, RawFile},
    model::{Account, Basis, Collection, Fact, Rejected, Source, level_name, snapshot::Unknown},
};

/// A table: which columns it has, and its rows.
pub(crate) struct Table {
    name: String,
    columns: BTreeMap<String, usize>,
    pub(crate) rows: Vec<Row>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// A row with the line it begins on.
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: csv::StringRecord,
}

impl Table {
    /// Reads a table that must have the columns `required` and may have `optional` ones.
    ///
    /// Rows that are longer or shorter than the header are rejected by line; other columns are reported and left.
    pub(crate) fn read(file: &RawFile, required: &[&str], optional: &[&str]) -> Result<Table, Vec<Diagnostic>> {
        Self::read_as(file, required, optional, true)
    }

    /// Reads a vendor's export: the same, but columns that are not read are as expected.
    pub(crate) fn read_vendor(file: &RawFile, required: &[&str], optional: &[&str]) -> Result<Table, Vec<Diagnostic>> {
        Self::read_as(file, required, optional, false)
    }

    fn read_as(file: &RawFile, required: &[&str], optional: &[&str], ours: bool) -> Result<Table, Vec<Diagnostic>> {
        let text = files::text(&file.shown, &file.bytes).map_err(|problem| vec![problem])?;
        if text.trim_start().starts_with(['<', '{', '[']) {
            let what = if text.trim_start().starts_with('<') { "a web page or XML" } else { "JSON" };
            let problem = Diagnostic::error(Code::NotCsv, format!("`{}` is {what}, where CSV is expected", file.shown));
            return Err(vec![
                problem.in_file(&file.shown).help("export it again as CSV; a web page is often a sign-in"),
            ]);
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let unreadable = |error: &csv::Error| {
            vec![
                Diagnostic::error(Code::NotCsv, format!("`{}` is not CSV: {error}", file.shown))
                    .in_file(&file.shown)
                    .help("save it as comma-separated text with a header line"),
            ]
        };
        let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
        if let Some(line) = unclosed_quote(text) {
            let message = format!("`{}`: the quote opened on line {line} is never closed", file.shown);
            let problem = Diagnostic::error(Code::NotCsv, message).in_file(&file.shown);
            return Err(vec![problem.help("close it, or write a quote within a quoted cell twice")]);
        }
        let known: Vec<&str> = required.iter().chain(optional).copied().collect();
        let is_known = |name: &str| known.contains(&name);
        let columns: BTreeMap<String, usize> =
            header.iter().enumerate().map(|(index, name)| (column(name), index)).collect();
        let mut names: Vec<String> = header.iter().map(column).filter(|name| ours || is_known(name)).collect();
        names.sort();
        let twice: Vec<String> = names
            .windows(2)
            .filter_map(|two| if two.first() == two.last() { two.first().cloned() } else { None })
            .collect();
        if !twice.is_empty() {
            let message = format!("`{}` has the column `{}` twice", file.shown, twice.join("`, `"));
            return Err(vec![Diagnostic::error(Code::DuplicateColumn, message).in_file(&file.shown)]);
        }
        let problems: Vec<Diagnostic> = required
            .iter()
            .filter(|name| !columns.contains_key(**name))
            .map(|name| {
                let message = format!("`{}` has no column `{name}`", file.shown);
                let near = nearest(name, columns.keys().map(String::as_str));
                let help = match near {
                    Some(near) => format!("is the column `{near}` meant? its header has to name {}", list(required)),
                    None => format!("its header has to name {}, separated by commas", list(required)),
                };
                Diagnostic::error(Code::MissingColumn, message).in_file(&file.shown).help(help)
            })
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let warnings = columns
            .keys()
            .filter(|name| ours && !is_known(name))
            .map(|name| {
                Diagnostic::warning(Code::UnusedColumn, format!("`{}`: the column `{name}` is not read", file.shown))
                    .in_file(&file.shown)
                    .help(suggest(name, known.iter().copied()))
            })
            .collect();
        // A cell that nothing reads, such as a postal address, may hold anything.
        let own: Vec<String> = header.iter().map(column).collect();
        let read: Vec<bool> = header.iter().map(|name| ours || is_known(&column(name))).collect();
        let mut table = Table { name: file.name.clone(), columns, rows: Vec::new(), rejected: Vec::new(), warnings };
        for cells in reader.records() {
            let cells = cells.map_err(|error| unreadable(&error))?;
            let line = cells.position().map_or(0, csv::Position::line);
            // Exports that were joined, as by `cat`, repeat the header.
            match repeats_header(&cells, &own) {
                None => {}
                Some(true) => continue,
                Some(false) => {
                    let message = format!("`{}` has a second header on line {line}, in another order", file.shown);
                    let problem = Diagnostic::error(Code::JoinedHeaders, message).in_file(&file.shown);
                    return Err(vec![
                        problem.help("keep every export in a file of its own, and list each as a source"),
                    ]);
                }
            }
            // No column of ours has cells of several lines: a quote is out of place, and rows have run together.
            let mut cells_read = cells.iter().enumerate().filter(|(at, _)| read.get(*at) != Some(&false));
            if cells_read.any(|(_, cell)| cell.contains(['\n', '\r', '"'])) {
                table.reject(line, "a quote is out of place, so that cells or rows have run together".to_owned());
            } else if cells.len() == header.len() {
                table.rows.push(Row { line, cells });
            } else {
                let reason = format!("it has {} cells, the header has {}", cells.len(), header.len());
                table.reject(line, reason);
            }
        }
        Ok(table)
    }

    /// Notes a row that cannot be used.
    pub(crate) fn reject(&mut self, line: u64, reason: String) {
        self.rejected.push(Rejected { record: format!("{}, line {line}", self.name), reason });
    }

    /// The source of this table alone: so many records kept, the others rejected.
    pub(crate) fn source(&mut self, identity: &SourceIdentity, kind: &str, collection: &str, records: usize) -> Source {
        // A table does not say how many rows there should be.
        let mut list = Collection { records, ..Collection::whole(collection, Basis::Assumed) };
        match (identity.statements.expected, identity.statements.complete) {
            (Some(_), _) => list.basis = Some(Basis::Total),
            (None, true) => {
                list.basis = Some(Basis::Stated);
                list.stated_reason = identity.statements.stated_reason();
            }
            (None, false) => {}
        }
        if let Some(reason) = identity.statements.refuted(records) {
            list.incomplete(reason);
        }
        if !self.rejected.is_empty() {
            list.incomplete(format!("{} rejected", counted(self.rejected.len(), "record was", "records were")));
        }
        list.rejected = std::mem::take(&mut self.rejected);
        let collection = list;
        Source {
            id: identity.id.clone(),
            kind: kind.to_owned(),
            endpoint: identity.endpoint.clone(),
            pulled_at: identity.pulled_at,
            pulled_at_assumed: false,
            token_scopes: None,
            staff: None,
            job_roles: None,
            collections: vec![collection],
        }
    }

    /// The place of a row.
    pub(crate) fn place(&self, row: &Row) -> String {
        format!("{}, line {}", self.name, row.line)
    }

    /// The accounts of this table alone, as a source. Rows of one account are merged.
    pub(crate) fn into_accounts(
        mut self,
        identity: &SourceIdentity,
        format: Format,
        rows: Vec<Placed<Account>>,
        not_understood: &NotUnderstood,
    ) -> Normalized {
        let mut one = Normalized::empty(identity, format);
        let mut findings = Findings::default();
        let accounts = same_key::accounts(rows, &mut findings);
        one.source = self.source(identity, format.word(), format.accounts().unwrap_or_default(), accounts.len());
        one.accounts = accounts;
        one.warnings = std::mem::take(&mut self.warnings);
        one.warnings.extend(not_understood.warnings(&identity.id));
        one.warnings.extend(findings.warnings(&identity.id));
        one
    }

    /// Whether there is such a column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Reads the facts of one row.
    pub(crate) fn facts<'t>(
        &'t self,
        row: &'t Row,
        record: &'t str,
        unknown: &'t mut Unknown,
        not_understood: &'t NotUnderstood,
    ) -> RowFacts<'t> {
        RowFacts { table: self, row, record, unknown, not_understood }
    }

    /// Takes the rows, each with its non-empty text in the key column; rows without one are rejected.
    pub(crate) fn keyed_rows(&mut self, key: &str) -> Vec<(String, Row)> {
        let mut rows = Vec::new();
        for row in std::mem::take(&mut self.rows) {
            match self.text(&row, key) {
                None => self.reject(row.line, format!("its `{key}` is empty")),
                Some(id) => rows.push((id, row)),
            }
        }
        rows
    }

    /// The trimmed text of a cell; `None` where it is empty or there is no such column.
    pub(crate) fn text(&self, row: &Row, column: &str) -> Option<String> {
        let cell = row.cells.get(*self.columns.get(column)?)?.trim();
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    /// The fact in a column: unknown where there is no such column or the text is not understood, empty where the cell
    /// is.
    pub(crate) fn fact<T>(
        &self,
        row: &Row,
        record: &str,
        column: &str,
        unknown: &mut Unknown,
        not_understood: &NotUnderstood,
        parse: impl FnOnce(&str) -> Result<Option<T>, String>,
    ) -> Fact<T> {
        let reason = if !self.columns.contains_key(column) {
            format!("`{}` has no column `{column}`", self.name)
        } else {
            match self.text(row, column) {
                None => return Fact::Empty,
                Some(text) => match parse(&text) {
                    Ok(value) => return value.into(),
                    Err(reason) => {
                        let what = format!("`{column}`: {reason}");
                        not_understood.add(what.clone(), record);
                        what
                    }
                },
            }
        };
        unknown.insert(column.to_owned(), reason);
        Fact::Unknown
    }
}

/// The facts of one row, with why some are unknown.
pub(crate) struct RowFacts<'t> {
    table: &'t Table,
    row: &'t Row,
    record: &'t str,
    unknown: &'t mut Unknown,
    not_understood: &'t NotUnderstood,
}

impl RowFacts<'_> {
    /// Whether the table has such a column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.table.has(column)
    }

    /// Notes that a fact is unknown.
    pub(crate) fn unknown(&mut self, fact: &str, reason: String) {
        self.unknown.insert(fact.to_owned(), reason);
    }

    /// The fact `fact` out of the column `column`.
    pub(crate) fn read<T>(
        &mut self,
        fact: &str,
        column: &str,
        parse: impl FnOnce(&str) -> Result<Option<T>, String>,
    ) -> Fact<T> {
        let value = self.table.fact(self.row, self.record, column, self.unknown, self.not_understood, parse);
        if fact != column
            && let Some(reason) = self.unknown.remove(column)
        {
            self.unknown.insert(fact.to_owned(), reason);
        }
        value
    }
}

/// Whether a row is the header once more, in the same order; `None` if it is no header.
fn repeats_header(cells: &csv::StringRecord, header: &[String]) -> Option<bool> {
    let name = |cell: &str| column(cell.trim_start_matches('\u{feff}'));
    let first = name(cells.get(0)?);
    if !header.contains(&first) {
        return None;
    }
    let names: Vec<String> = cells.iter().map(name).collect();
    let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
    (set(&names) == set(header)).then(|| names == header)
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The line on which a quoted cell begins that does not end.
fn unclosed_quote(text: &str) -> Option<usize> {
    let mut line = 1;
    let mut opened = None;
    let mut cell_begins = true;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, opened) {
            ('"', None) if cell_begins => opened = Some(line),
            ('"', Some(_)) if letters.peek() == Some(&'"') => {
                letters.next();
            }
            ('"', Some(_)) => opened = None,
            _ => {}
        }
        if letter == '\n' {
            line += 1;
        }
        cell_begins = opened.is_none() && matches!(letter, ',' | '\n' | '\r');
    }
    opened
}

/// Names of levels separated by `;`, each trimmed and case folded.
///
/// # Errors
/// The name that has no letter or digit.
pub(crate) fn level_names(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for name in text.split(';').map(level_name).filter(|name| !name.is_empty()) {
        // Such as `-`, which stands for nothing.
        if !name.contains(char::is_alphanumeric) {
            return Err(format!("{} is not a level", record::quoted(&name)));
        }
        names.push(name);
    }
    names.sort();
    names.dedup();
    Ok(names)
}
