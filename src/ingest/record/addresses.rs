//! Addresses in lists of them.

use serde_json::Value;

use crate::model::{Fact, address::AddressText, fold::fold};

/// The text of an entry of a list: itself, or what stands under a key.
pub(super) fn text_of<'v>(entry: &'v Value, key: &str) -> Option<&'v str> {
    entry.as_str().or_else(|| entry.get(key)?.as_str())
}

/// The text that counts of a list of `{value or email, type, primary}`: the primary one, else the one for work, else
/// the only one. `Ok(None)` where the list holds no text but placeholders.
pub(super) fn address(entries: &[&Value], key: &str, primary: &str) -> Result<Option<String>, String> {
    let text = |entry: &Value| {
        let text = text_of(entry, key)?.trim();
        (AddressText::of(text) != AddressText::Placeholder).then(|| text.to_owned())
    };
    let is = |entry: &&Value, key: &str, wanted: &str| match entry.get(key) {
        Some(Value::Bool(yes)) => *yes && wanted == "true",
        Some(Value::String(word)) => word.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    let with: Vec<&Value> = entries.iter().copied().filter(|entry| text(entry).is_some()).collect();
    let distinct = |fits: &dyn Fn(&&&Value) -> bool| {
        let mut found: Vec<String> = with.iter().filter(|entry| fits(entry)).filter_map(|entry| text(entry)).collect();
        found.sort_by_cached_key(|address| fold(address).into_owned());
        found.dedup_by(|one, other| fold(one) == fold(other));
        found
    };
    let primary = distinct(&|entry| is(entry, primary, "true"));
    let work = distinct(&|entry| is(entry, "type", "work"));
    for found in [primary, work, distinct(&|_| true)] {
        match found.as_slice() {
            [] => {}
            [one] => return Ok(Some(one.clone())),
            _ => return Err("several addresses, and nothing says which one counts".to_owned()),
        }
    }
    Ok(None)
}

/// The addresses among these texts that are not the account's own, each once and in order.
pub(crate) fn further_addresses<'t>(own: &Fact<String>, texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let own = own.known().map(|own| fold(own));
    let addresses = texts.into_iter().filter_map(|text| AddressText::of(text).address());
    let mut further: Vec<String> =
        addresses.filter(|address| own.as_ref().is_none_or(|own| fold(address) != *own)).map(str::to_owned).collect();
    further.sort();
    further.sort_by_cached_key(|address| fold(address).into_owned());
    further.dedup_by(|one, other| fold(one) == fold(other));
    further
}

/// Every text of a list of `{value or email, type, …}`, or of a list of texts. Only those for work, or without a type:
/// any other one may be private.
pub(crate) fn texts_of<'v>(list: Option<&'v Value>, key: &'v str) -> impl Iterator<Item = &'v str> {
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    let is_for_work = |entry: &&Value| {
        let kind = entry.get("type").and_then(Value::as_str).unwrap_or_default();
        kind.is_empty() || kind.eq_ignore_ascii_case("work")
    };
    entries.filter(is_for_work).filter_map(move |entry| text_of(entry, key))
}
