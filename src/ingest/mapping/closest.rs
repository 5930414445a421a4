//! Which mapping a file fits, and which one it comes closest to.

use serde_json::Value;

use super::{MappingRef, built_in, rows};
use crate::ingest::table::column;

/// The built-in mapping that a header fits: of several, the one that asks for the most columns.
#[must_use]
pub fn by_columns(columns: &[String]) -> Option<MappingRef> {
    let wanted = |mapping: &MappingRef| mapping.detect.as_ref().map_or(&[][..], |detect| &detect.columns).to_vec();
    most(built_in().iter().copied().filter_map(|mapping| {
        let wanted = wanted(&mapping);
        let fits = !wanted.is_empty() && wanted.iter().all(|name| columns.contains(&column(name)));
        fits.then_some((wanted.len(), mapping))
    }))
}

/// The built-in mapping that a JSON document fits: of several, the one that asks for the most keys.
#[must_use]
pub fn by_document(document: &Value) -> Option<MappingRef> {
    most(built_in().iter().copied().filter_map(|mapping| {
        let wanted = mapping.detect.as_ref().map_or(&[][..], |detect| &detect.keys);
        let record = rows::first_record(document, &mapping.records)?;
        let fits = !wanted.is_empty() && wanted.iter().all(|key| rows::at(record, key).is_some());
        fits.then_some((wanted.len(), mapping))
    }))
}

/// The one that asks for the most, if there is just one.
fn most(fitting: impl Iterator<Item = (usize, MappingRef)>) -> Option<MappingRef> {
    let fitting: Vec<(usize, MappingRef)> = fitting.collect();
    let most = fitting.iter().map(|(count, _)| *count).max()?;
    match fitting.iter().filter(|(count, _)| *count == most).collect::<Vec<_>>().as_slice() {
        [(_, only)] => Some(*only),
        _ => None,
    }
}

/// A mapping that a file does not fit, and the columns that it lacks for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The mapping.
    pub mapping: MappingRef,
    /// Columns or keys that recognise its files and are not here.
    pub missing: Vec<String>,
}

/// The built-in mapping that columns or keys come closest to, if half of what recognises it is here.
#[must_use]
pub fn closest(columns: &[String]) -> Option<Near> {
    let here: Vec<String> = columns.iter().map(|name| column(name)).collect();
    let near = built_in().iter().copied().filter_map(|mapping| {
        let detect = mapping.detect.as_ref()?;
        let wanted: Vec<&String> = detect.columns.iter().chain(&detect.keys).collect();
        let (found, missing): (Vec<&String>, Vec<&String>) =
            wanted.iter().copied().partition(|name| here.contains(&column(name)));
        let is_near = found.len() * 2 >= wanted.len() && !found.is_empty();
        is_near.then(|| (found.len(), Near { mapping, missing: missing.into_iter().cloned().collect() }))
    });
    near.max_by_key(|(found, near)| (*found, std::cmp::Reverse(near.missing.len()))).map(|(_, near)| near)
}
