//! The records of files, whatever form they are in.

use serde_json::Value;

use super::{
    model::{Mapping, Records},
    proof::{Proof, Stated},
};
use crate::{
    diagnostic::Diagnostic,
    files::{self, RawFile},
    ingest::{
        pages::{self, RawCollection, api_error, api_message, hidden, refused},
        peek,
        table::{self, Table},
    },
    json::{KeyCase, check_keys},
    model::{Rejected, read},
};

/// Keys under which tools wrap a list, such as `{"data": […]}`.
const WRAPPERS: [&str; 5] = ["data", "results", "items", "value", "records"];

/// The records of the files of one source.
pub(super) struct Rows {
    tables: Vec<Table>,
    /// The columns of each table, as they are compared.
    headers: Vec<Vec<String>>,
    pub(super) rows: Vec<Row>,
    /// Counts, completeness and rejected records.
    pub(super) list: RawCollection,
    pub(super) warnings: Vec<Diagnostic>,
    proof: Proof,
}

/// One record, and where it is.
pub(super) struct Row {
    pub(super) place: String,
    cells: Cells,
}

enum Cells {
    Table { table: usize, row: table::Row },
    Json(Value),
}

/// What is in a column of a record.
pub(super) enum Cell<'r> {
    /// There is no such column or key; with the reason.
    Missing(String),
    /// An empty cell, or null.
    Empty,
    /// A text, number, true or false.
    Text(String),
    /// A list.
    List(&'r [Value]),
    /// An object.
    Object,
}

impl Rows {
    /// Reads the records of all files.
    ///
    /// # Errors
    /// Every file that is not what the mapping says.
    pub(super) fn read(mapping: &Mapping, files: &[RawFile]) -> Result<Rows, Vec<Diagnostic>> {
        let list = RawCollection { provided: true, ..RawCollection::default() };
        let mut rows = Rows {
            tables: Vec::new(),
            headers: Vec::new(),
            rows: Vec::new(),
            list,
            warnings: Vec::new(),
            proof: Proof::default(),
        };
        let (own, others): (Vec<&RawFile>, Vec<&RawFile>) = files.iter().partition(|file| {
            // A single file is what the user named, whatever its ending.
            files.len() == 1 || has_extension(&file.name, mapping.records.extensions())
        });
        let holds_data = |file: &&&RawFile| pages::holds_data(file) || is_table_of(mapping, file);
        let unread = others.iter().filter(holds_data).map(|file| file.name.clone()).collect();
        let unread = pages::Pages { unread, ..pages::Pages::default() };
        rows.list.doubts.extend(unread.unread_reason());
        let mut own = own;
        own.sort_by_key(|file| pages::in_order(&file.name));
        if let Records::Json(_) = &mapping.records {
            rows.proof.number(own.iter().map(|file| file.name.as_str()));
        }
        let mut problems = Vec::new();
        for file in own {
            let before = rows.rows.len();
            let result = match &mapping.records {
                Records::Csv => rows.add_table(mapping, file),
                Records::Ndjson => rows.add_lines(file),
                Records::Json(pointer) => rows.add_pages(mapping, pointer, file),
            };
            if !matches!(mapping.records, Records::Json(_)) {
                rows.proof.table(rows.rows.len() - before);
            }
            problems.extend(result.err().into_iter().flatten());
        }
        if problems.is_empty() { Ok(rows) } else { Err(problems) }
    }

    fn add_table(&mut self, mapping: &Mapping, file: &RawFile) -> Result<(), Vec<Diagnostic>> {
        let header = peek::header(file);
        let like = |name: &String| match name.strip_suffix('*') {
            Some(prefix) => header.iter().filter(|column| column.starts_with(prefix)).cloned().collect(),
            None => vec![name.clone()],
        };
        let names: Vec<String> = mapping.columns().iter().flat_map(like).collect();
        // Of several columns for the id, one is enough.
        let id = mapping.id().map(|id| id.paths()).unwrap_or_default();
        let id: Vec<String> = id.into_iter().map(table::column).collect();
        let here = id.iter().find(|name| header.contains(name)).or(id.first());
        let required: Vec<&str> = here.into_iter().map(String::as_str).collect();
        let optional: Vec<&str> = names.iter().map(String::as_str).filter(|name| !required.contains(name)).collect();
        let mut table = Table::read_vendor(file, &required, &optional)?;
        let index = self.tables.len();
        self.list.rejected.append(&mut table.rejected);
        self.warnings.append(&mut table.warnings);
        for row in std::mem::take(&mut table.rows) {
            self.rows.push(Row { place: table.place(&row), cells: Cells::Table { table: index, row } });
        }
        self.tables.push(table);
        self.headers.push(header);
        Ok(())
    }

    fn add_lines(&mut self, file: &RawFile) -> Result<(), Vec<Diagnostic>> {
        for (number, value) in documents(file)?.into_iter().enumerate() {
            self.add_value(file, number + 1, value);
        }
        Ok(())
    }

    fn add_pages(&mut self, mapping: &Mapping, pointer: &str, file: &RawFile) -> Result<(), Vec<Diagnostic>> {
        let mut number = 0;
        for document in documents(file)? {
            // `--slurp` puts all pages into one list.
            let pages = match document {
                Value::Array(pages) if !pages.is_empty() && pages.iter().all(|page| is_page(page, pointer)) => pages,
                page => vec![page],
            };
            for page in pages {
                let stated = mapping.complete.as_ref().map(|completeness| Stated::of(completeness, &page));
                let records = records(file, page, pointer)?;
                self.proof.page(&file.name, stated.unwrap_or_default(), records.len());
                for record in records {
                    number += 1;
                    self.add_value(file, number, record);
                }
            }
        }
        Ok(())
    }

    fn add_value(&mut self, file: &RawFile, number: usize, value: Value) {
        let place = format!("{}, record {number}", file.name);
        if value.is_object() {
            self.rows.push(Row { place, cells: Cells::Json(value) });
        } else {
            self.reject(place, format!("it is {}, not an object", read::kind(&value)));
        }
    }

    /// Notes a record that cannot be used.
    pub(super) fn reject(&mut self, record: String, reason: String) {
        self.list.rejected.push(Rejected { record, reason });
    }

    /// What the pages themselves show of their completeness, with so many distinct records.
    pub(super) fn prove(&mut self, mapping: &Mapping, distinct: usize) {
        self.proof.weigh(mapping.complete.as_ref(), distinct, &mut self.list);
    }

    /// Doubts the list beside these hidden files with data.
    pub(super) fn doubt_hidden(&mut self, names: &[String]) {
        let doubt = hidden::doubt(names, self.list.basis).filter(|doubt| !self.list.doubts.contains(doubt));
        self.list.doubts.extend(doubt);
    }

    /// What is in a column of a row.
    pub(super) fn cell<'r>(&'r self, row: &'r Row, path: &str) -> Cell<'r> {
        match &row.cells {
            Cells::Table { table, row } => {
                let column = table::column(path);
                match self.tables.get(*table) {
                    Some(table) if table.has(&column) => table.text(row, &column).map_or(Cell::Empty, Cell::Text),
                    _ => Cell::Missing(format!("the file has no column `{path}`")),
                }
            }
            Cells::Json(value) => match at(value, path) {
                None => Cell::Missing(format!("the record has no `{path}`")),
                Some(Value::Null) => Cell::Empty,
                Some(Value::String(text)) if text.trim().is_empty() => Cell::Empty,
                Some(Value::String(text)) => Cell::Text(text.trim().to_owned()),
                Some(Value::Number(number)) => Cell::Text(number.to_string()),
                Some(Value::Bool(flag)) => Cell::Text(flag.to_string()),
                Some(Value::Array(list)) => Cell::List(list),
                Some(Value::Object(_)) => Cell::Object,
            },
        }
    }

    /// The columns of a row's table that begin like a path which ends in `*`; `None` for other paths, or if there is none.
    pub(super) fn columns_like(&self, row: &Row, path: &str) -> Option<Vec<String>> {
        let prefix = path.strip_suffix('*')?.trim_start().to_lowercase();
        let Cells::Table { table, .. } = &row.cells else { return None };
        let columns = self.headers.get(*table)?.iter().filter(|column| column.starts_with(&prefix));
        let columns: Vec<String> = columns.cloned().collect();
        (!columns.is_empty()).then_some(columns)
    }

    /// The text in a column that every record needs.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn text(&self, row: &Row, path: &str) -> Result<String, String> {
        match self.cell(row, path) {
            Cell::Text(text) => Ok(text),
            Cell::Missing(reason) => Err(reason),
            Cell::Empty => Err(format!("its `{path}` is empty")),
            Cell::List(_) => Err(format!("its `{path}` is a list")),
            Cell::Object => Err(format!("its `{path}` is an object")),
        }
    }

    /// Whether any row has this column or key.
    pub(super) fn has(&self, path: &str) -> bool {
        self.rows.iter().any(|row| !matches!(self.cell(row, path), Cell::Missing(_)))
    }
}

impl Records {
    /// The endings of files that hold such records.
    fn extensions(&self) -> &'static [&'static str] {
        match self {
            Records::Csv => &["csv", "txt"],
            Records::Ndjson | Records::Json(_) => &["json", "jsonl", "ndjson"],
        }
    }
}

/// Whether a file without a known ending is a table with the id of a mapping's records.
fn is_table_of(mapping: &Mapping, file: &RawFile) -> bool {
    let header = peek::header(file);
    let id = mapping.id().map(|id| id.paths()).unwrap_or_default();
    mapping.records == Records::Csv && id.into_iter().map(table::column).any(|name| header.contains(&name))
}

/// Every JSON document of a file, one after another.
fn documents(file: &RawFile) -> Result<Vec<Value>, Vec<Diagnostic>> {
    let text = files::text(&file.shown, &file.bytes).map_err(|problem| vec![problem])?;
    let stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let documents: Result<Vec<Value>, _> = stream.collect();
    let documents = documents.map_err(|error| vec![read::syntax(&file.shown, text, &error)])?;
    check_keys(&file.shown, text, KeyCase::Sensitive).map_err(|problem| vec![problem])?;
    Ok(documents)
}

/// Whether an entry of a list is a page of its own.
fn is_page(entry: &Value, pointer: &str) -> bool {
    entry.is_array() || (!pointer.is_empty() && entry.pointer(pointer).is_some_and(Value::is_array))
}

/// The records of a page: at the pointer, the page itself if it is a list, or below a key that tools wrap lists in.
fn records(file: &RawFile, mut page: Value, pointer: &str) -> Result<Vec<Value>, Vec<Diagnostic>> {
    if let Value::Array(records) = page {
        return Ok(records);
    }
    let wrapped = WRAPPERS.map(|key| format!("/{key}"));
    let candidates = std::iter::once(pointer).chain(wrapped.iter().map(String::as_str));
    for candidate in candidates.filter(|candidate| !candidate.is_empty()) {
        if let Some(Value::Array(records)) = page.pointer_mut(candidate) {
            return Ok(std::mem::take(records));
        }
    }
    let problem = |reason: String| refused(file, &reason);
    let Value::Object(object) = &page else {
        return Err(vec![problem(format!("it holds {}", read::kind(&page))).help("a list of records is expected")]);
    };
    if let Some(message) = api_message(object) {
        return Err(vec![api_error(file, message)]);
    }
    let wanted = if pointer.is_empty() { "a list".to_owned() } else { format!("a list at `{pointer}`") };
    let keys: Vec<String> = object.keys().take(8).map(|key| format!("`{key}`")).collect();
    let help = format!("it has {}; a mapping says where the list is: `records: {{ json: /KEY }}`", keys.join(", "));
    Err(vec![problem(format!("it has no {wanted}")).help(help)])
}

/// Where a document has its records, and the first of them.
pub(in crate::ingest) fn any_first_record(document: &Value) -> Option<&Value> {
    first_list(document).and_then(|(_, list)| list.first())
}

/// The pointer and the entries of the first list of objects in a document, wherever it is.
pub(super) fn first_list(document: &Value) -> Option<(String, &Vec<Value>)> {
    match document {
        Value::Array(list) => Some((String::new(), list)),
        Value::Object(object) => {
            let is_list = |value: &&Value| value.as_array().is_some_and(|list| list.iter().any(Value::is_object));
            let own = object.iter().find_map(|(key, value)| {
                is_list(&value).then(|| value.as_array()).flatten().map(|list| (format!("/{key}"), list))
            });
            own.or_else(|| {
                object.iter().filter(|(_, value)| value.is_object()).find_map(|(key, value)| {
                    first_list(value).map(|(pointer, list)| (format!("/{key}{pointer}"), list))
                })
            })
        }
        _ => None,
    }
}

/// The first record of a document, for recognising its format.
pub(super) fn first_record<'v>(document: &'v Value, form: &Records) -> Option<&'v Value> {
    let first = |list: &'v Value| list.as_array().and_then(|list| list.first());
    match (document, form) {
        (_, Records::Csv) => None,
        (Value::Array(_), _) => match first(document)? {
            page @ Value::Array(_) => first(page),
            record => Some(record),
        },
        (record, Records::Ndjson) => Some(record),
        (page, Records::Json(pointer)) => {
            let own = (!pointer.is_empty()).then(|| page.pointer(pointer)).flatten();
            own.and_then(first).or_else(|| WRAPPERS.iter().find_map(|key| page.get(key).and_then(first)))
        }
    }
}

/// The value at a dotted path or a JSON pointer.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if path.starts_with('/') {
        return value.pointer(path);
    }
    // A key may itself have a dot.
    value.get(path).or_else(|| path.split('.').try_fold(value, |value, key| value.get(key)))
}

fn has_extension(path: &str, wanted: &[&str]) -> bool {
    let extension = path.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(_, extension)| extension);
    extension.is_some_and(|extension| wanted.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}
