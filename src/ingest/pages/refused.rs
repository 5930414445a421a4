//! What is no page of records: an API's error, or something else.

use serde_json::{Map, Value};

use super::layout::Envelope;
use crate::{
    diagnostic::{Code, Diagnostic},
    files::RawFile,
};

/// The keys of an API's error.
pub(super) const ERROR_KEYS: [&str; 8] =
    ["code", "statusCode", "detail", "error", "errors", "scimType", "message", "errorCode"];

/// What an API says in place of a page.
#[must_use]
pub(crate) fn api_message(body: &Map<String, Value>) -> Option<&str> {
    let is_error = ERROR_KEYS.iter().any(|key| body.contains_key(*key));
    let first = || body.get("errors")?.as_array()?.first()?.get("detail")?.as_str();
    let own = ["message", "detail", "error", "errorSummary"].iter().find_map(|key| body.get(*key)?.as_str());
    let message = own.or_else(first);
    if is_error { message.or(Some("")) } else { None }
}

/// A file that is no page of records.
#[must_use]
pub(crate) fn refused(file: &RawFile, reason: &str) -> Diagnostic {
    let message = format!("`{}` is not a page of records: {reason}", file.shown);
    Diagnostic::error(Code::NotAPage, message).in_file(&file.shown)
}

/// A file that holds what the API answers in place of a page.
#[must_use]
pub(crate) fn api_error(file: &RawFile, message: &str) -> Diagnostic {
    let problem = refused(file, &format!("it holds the API's error \"{message}\""));
    problem.help("fetch it again, with a token that may read it")
}

/// The same of a vendor's page, with what is expected.
pub(super) fn not_a_page(file: &RawFile, envelope: &Envelope, reason: &str) -> Diagnostic {
    let around = [envelope.total, envelope.next].into_iter().flatten();
    let keys: Vec<String> = std::iter::once(envelope.records).chain(around).map(|key| format!("`{key}`")).collect();
    refused(file, reason).help(format!("expected is a list of records, or an object with {}", keys.join(", ")))
}
