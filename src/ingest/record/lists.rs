//! Lists as a whole: which records of them can be used, and what leaves them in doubt.

use std::collections::BTreeSet;

use serde_json::Value;

use super::scalars::relation;
use crate::{
    diagnostic::{Code, Diagnostic, counted, first_few},
    ingest::pages::{Pages, RawRecord},
    model::Rejected,
};

/// The collection without which there is no source.
pub(crate) fn require(pages: &Pages, collection: &str, vendor: &str, endpoint: &str) -> Result<(), Vec<Diagnostic>> {
    if pages.collections.get(collection).is_some_and(|list| list.provided) {
        return Ok(());
    }
    let message = format!("`{endpoint}` holds no pages of {vendor} `{collection}`");
    let help = format!("name a directory that holds `{collection}.json` (or `{collection}-1.json` …)");
    Err(vec![Diagnostic::error(Code::NoRecords, message).in_file(endpoint).help(help)])
}

/// Rejects records that do not name their subject.
pub(crate) fn reject_without(pages: &mut Pages, collection: &str, key: &str) {
    reject_unless(pages, collection, key, |id| !id.trim().is_empty());
}

/// Rejects records whose text under a key is missing or does not serve.
pub(crate) fn reject_unless(pages: &mut Pages, collection: &str, key: &str, serves: impl Fn(&str) -> bool) {
    let says = |record: &RawRecord| record.values.get(key).and_then(Value::as_str).is_some_and(&serves);
    reject_records(pages, collection, key, says);
}

/// Rejects records that are not usable, because of what they have under a key.
pub(crate) fn reject_records(pages: &mut Pages, collection: &str, key: &str, is_usable: impl Fn(&RawRecord) -> bool) {
    let Some(collection) = pages.collections.get_mut(collection) else { return };
    let (usable, without): (Vec<_>, Vec<_>) = std::mem::take(&mut collection.records).into_iter().partition(is_usable);
    collection.records = usable;
    collection.count = collection.records.len();
    if !without.is_empty() {
        let count = counted(without.len(), "record has", "records have");
        collection.reasons.push(format!("{count} no `{key}`"));
        let reason = format!("it has no `{key}`");
        collection.rejected.extend(without.into_iter().map(|raw| Rejected { record: raw.id, reason: reason.clone() }));
    }
}

/// Doubts a list of people beside rows that cannot be read or did not come: they may be about people who are not listed.
pub(crate) fn doubt_people_of_unseen_rows(pages: &mut Pages, rows: &str, people: &str) {
    let Some(list) = pages.collections.get(rows) else { return };
    let mut reasons = Vec::new();
    if !list.rejected.is_empty() {
        let count = counted(list.rejected.len(), "row", "rows");
        reasons.push(format!("{count} of `{rows}` cannot be read, and may name people who are not here"));
    }
    if list.provided && list.short {
        reasons.push(format!("`{rows}` may lack rows, which may name people who are not here"));
    }
    if let Some(people) = pages.collections.get_mut(people) {
        people.reasons.extend(reasons);
    }
}

/// Doubts a list with rows that do not say whose they are: they may be anybody's.
pub(crate) fn doubt_without_relation(
    pages: &mut Pages,
    collection: &str,
    key: &str,
    counts: impl Fn(&RawRecord) -> bool,
) {
    let Some(collection) = pages.collections.get_mut(collection) else { return };
    let has_no_subject = |row: &&RawRecord| counts(row) && row.values.get(key).and_then(relation).is_none();
    let without = collection.records.iter().filter(has_no_subject).count();
    if without > 0 {
        let count = counted(without, "record has", "records have");
        collection.reasons.push(format!("{count} no `{key}`"));
    }
}

/// Marks a list of rows as incomplete from which records name rows that are not here.
pub(crate) fn doubt_named_rows(
    pages: &mut Pages,
    rows: &'static str,
    owners: &str,
    counts: impl Fn(&RawRecord) -> bool,
) {
    let Some(list) = pages.collections.get(rows).filter(|list| list.provided) else { return };
    let here: BTreeSet<&str> = list.records.iter().map(|row| row.id.as_str()).collect();
    let owners = pages.collections.get(owners).into_iter().flat_map(|list| &list.records).filter(|raw| counts(raw));
    let named = |raw: &RawRecord| raw.values.get(rows).and_then(Value::as_array).cloned().unwrap_or_default();
    let missing: Vec<String> = owners
        .flat_map(|raw| named(raw).into_iter().map(|row| (raw.id.as_str(), row)))
        .filter_map(|(owner, row)| Some((owner, relation(&row)?.to_owned())))
        .filter(|(_, row)| !here.contains(row.as_str()))
        .map(|(owner, row)| format!("`{row}` of `{owner}`"))
        .collect();
    if !missing.is_empty() {
        let reason = format!("it lacks rows that other records name: {}", first_few(&missing, ", "));
        pages.collections.entry(rows).or_default().reasons.push(reason);
    }
}
