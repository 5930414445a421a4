//! What a file shows before its format is known: whether it is JSON, its header, its first document.

use serde_json::Value;

use super::{columns::column, pages::api_message};
use crate::files::{self, RawFile};

/// Whether a file is JSON, or means to be.
pub(super) fn is_json(file: &RawFile) -> bool {
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether a file is neither JSON nor text with a header of several columns, such as a web page.
pub(super) fn is_no_table(file: &RawFile) -> bool {
    let text = files::text(&file.shown, &file.bytes).unwrap_or_default();
    !is_json(file) && (text.trim_start().starts_with('<') || header_of(text).len() < 2)
}

/// What an API says in a file, in place of records.
pub(super) fn api_error(file: &RawFile) -> Option<String> {
    let body: Value = serde_json::from_str(files::text(&file.shown, &file.bytes).ok()?).ok()?;
    api_message(body.as_object()?).map(str::to_owned)
}

/// The columns of a table, as they are compared; none of a file that is no table.
pub(super) fn header(file: &RawFile) -> Vec<String> {
    let text = files::text(&file.shown, &file.bytes).unwrap_or_default();
    if is_json(file) { Vec::new() } else { header_of(text) }
}

/// The columns of a table, as they are spelled.
pub(super) fn spelled_header(file: &RawFile) -> Vec<String> {
    let text = files::text(&file.shown, &file.bytes).unwrap_or_default();
    header_row(text).iter().map(|name| name.trim().to_owned()).collect()
}

pub(super) fn header_of(text: &str) -> Vec<String> {
    header_row(text).iter().map(column).collect()
}

fn header_row(text: &str) -> csv::StringRecord {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    reader.headers().cloned().unwrap_or_default()
}

/// The first document of a JSON file. Of pages that a tool put into one list, the first counts.
pub(super) fn document(file: &RawFile) -> Option<Value> {
    let text = files::text(&file.shown, &file.bytes).ok()?;
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match documents.next()?.ok()? {
        Value::Array(mut pages) if pages.first().is_some_and(Value::is_array) => Some(pages.swap_remove(0)),
        document => Some(document),
    }
}
