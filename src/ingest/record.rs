//! Reading a vendor's record tolerantly: a key that is missing, or a value that is not understood, is an unknown fact
//! with a reason, never a guess.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, counted, first_few},
    ingest::pages::{Pages, RawRecord, Values},
    model::{
        EmploymentStatus, Fact, Rejected, Zone,
        address::AddressText,
        fold::fold,
        read::kind,
        snapshot::{LISTED_MANAGER, Unknown},
    },
};

/// Values that were given but not understood, gathered over all records of a source: what was wrong, and in which
/// records.
#[derive(Debug)]
pub(crate) struct NotUnderstood {
    values: RefCell<BTreeMap<String, Vec<String>>>,
    /// Fields for addresses that hold a spelling of "none".
    placeholders: RefCell<BTreeMap<String, Vec<String>>>,
    /// The zone in which an instant becomes a day.
    zone: Zone,
}

impl NotUnderstood {
    /// Nothing yet, of a source of an organisation in this time zone.
    pub(crate) fn new(zone: &Zone) -> Self {
        NotUnderstood { values: RefCell::default(), placeholders: RefCell::default(), zone: zone.clone() }
    }

    /// Reads a calendar day, as [`date`] does.
    ///
    /// # Errors
    /// Why the text is no day.
    pub(crate) fn date(&self, text: &str) -> Result<Date, String> {
        date(text, &self.zone)
    }

    pub(crate) fn add(&self, what: String, record: &str) {
        self.values.borrow_mut().entry(what).or_default().push(record.to_owned());
    }

    /// Reads a text in a field for an address, and notes one that is none.
    ///
    /// # Errors
    /// Why the text is no address.
    pub(crate) fn address(&self, field: &str, text: &str, record: &str) -> Result<Option<String>, String> {
        match AddressText::of(text) {
            AddressText::Address(address) => Ok(Some(address.to_owned())),
            AddressText::Placeholder => {
                self.no_address(field, text, record);
                Ok(None)
            }
            AddressText::Other => Err(format!("{} is not an e-mail address", quoted(text))),
        }
    }

    /// Reads a further address of a record, and notes a text that is none.
    pub(crate) fn further_address(&self, field: &str, text: &str, record: &str) -> Option<String> {
        let address = AddressText::of(text).address();
        if address.is_none() {
            self.no_address(field, text, record);
        }
        address.map(str::to_owned)
    }

    fn no_address(&self, field: &str, text: &str, record: &str) {
        if !text.trim().is_empty() {
            let what = format!("{field} is {}, which counts as no address", quoted(text));
            self.placeholders.borrow_mut().entry(what).or_default().push(record.to_owned());
        }
    }

    /// One warning per thing that was not understood, naming the first few records.
    pub(crate) fn warnings(&self, source: &str) -> Vec<Diagnostic> {
        let message = |what: &str, records: &[String]| {
            let named: Vec<String> = records.iter().map(|record| format!("`{record}`")).collect();
            format!("{source}: {what}: {}", first_few(&named, ", "))
        };
        let (values, placeholders) = (self.values.borrow(), self.placeholders.borrow());
        let values = values.iter().map(|(what, records)| {
            Diagnostic::warning("value-not-understood", message(what, records))
                .help("the fact is unknown, and so is every verdict that needs it")
        });
        let placeholders = placeholders.iter().map(|(what, records)| {
            Diagnostic::warning("placeholder-address", message(what, records))
                .help("leave the field empty where there is no address, or write the address")
        });
        values.chain(placeholders).collect()
    }
}

/// One record and what is unknown about it.
pub(crate) struct Fields<'a> {
    collection: &'static str,
    id: &'a str,
    values: &'a Values,
    not_understood: &'a NotUnderstood,
    unknown: Unknown,
    /// Facts of which the record says nothing at all.
    not_given: BTreeSet<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(
        collection: &'static str,
        id: &'a str,
        values: &'a Values,
        not_understood: &'a NotUnderstood,
    ) -> Self {
        Fields { collection, id, values, not_understood, unknown: Unknown::new(), not_given: BTreeSet::new() }
    }

    /// Why the facts read so far are unknown.
    pub(crate) fn into_unknown(self) -> Unknown {
        self.unknown
    }

    /// Why the facts read so far are unknown, and of which the record says nothing at all.
    pub(crate) fn into_reasons(self) -> (Unknown, BTreeSet<String>) {
        (self.unknown, self.not_given)
    }

    /// Notes that a fact is unknown for a reason that lies outside the record.
    pub(crate) fn unknown<T>(&mut self, fact: &str, reason: impl Into<String>) -> Fact<T> {
        self.not_given.remove(fact);
        self.unknown.insert(fact.to_owned(), reason.into());
        Fact::Unknown
    }

    /// Notes that a fact is unknown because the record says nothing of it: another list of staff may.
    pub(crate) fn not_given<T>(&mut self, fact: &str, reason: impl Into<String>) -> Fact<T> {
        self.unknown.insert(fact.to_owned(), reason.into());
        self.does_not_give(fact);
        Fact::Unknown
    }

    /// Notes that the record says nothing of a fact.
    pub(crate) fn does_not_give(&mut self, fact: &str) {
        self.not_given.insert(fact.to_owned());
    }

    /// Takes back why a fact is unknown, for another record to say.
    pub(crate) fn take_reason(&mut self, fact: &str) -> Option<String> {
        self.unknown.remove(fact)
    }

    /// A fact that every record has: `null` says nothing about it.
    pub(crate) fn never_empty<T>(&mut self, fact: &str, value: Fact<T>) -> Fact<T> {
        match value {
            Fact::Empty => self.unknown(fact, format!("`{}` gave no {fact}", self.collection)),
            value => value,
        }
    }

    /// The fact `fact` out of the vendor's key `key`.
    pub(crate) fn fact<T>(
        &mut self,
        fact: &str,
        key: &str,
        parse: impl FnOnce(&Value) -> Result<Option<T>, String>,
    ) -> Fact<T> {
        if let Some(reason) = self.differing(&[key]) {
            return self.unknown(fact, reason);
        }
        match self.values.get(key) {
            None => {
                let reason = format!("`{}` gave no `{key}`", self.collection);
                self.not_given(fact, reason)
            }
            Some(Value::Null) => Fact::Empty,
            Some(value) => match parse(value) {
                Ok(value) => value.into(),
                Err(reason) => {
                    let what = format!("`{}.{key}`: {reason}", self.collection);
                    self.not_understood.add(what.clone(), self.id);
                    self.unknown(fact, what)
                }
            },
        }
    }

    /// Why one of these keys cannot be read, where two records with this id say it differently.
    pub(crate) fn differing(&self, keys: &[&str]) -> Option<String> {
        let of = |key: &&str| Some(format!("`{}.{key}`: {}", self.collection, self.values.differing(key)?));
        keys.iter().find_map(of)
    }

    /// Notes that a value was given and not understood; gives the reason.
    pub(crate) fn not_understood(&mut self, key: &str, reason: &str) -> String {
        let what = format!("`{}.{key}`: {reason}", self.collection);
        self.not_understood.add(what.clone(), self.id);
        what
    }

    pub(crate) fn text(&mut self, fact: &str, key: &str) -> Fact<String> {
        self.fact(fact, key, text)
    }

    /// A text or number that identifies a record elsewhere.
    pub(crate) fn identifier(&mut self, fact: &str, key: &str) -> Fact<String> {
        self.fact(fact, key, |value| identifier(Some(value)))
    }

    /// A hint at whose the record is, or why it cannot be read. A missing key is no hint.
    pub(crate) fn hint(&mut self, key: &str, value: Option<&Value>) -> Result<Option<String>, String> {
        identifier(value).map_err(|reason| self.not_understood(key, &reason))
    }

    /// An e-mail address.
    pub(crate) fn address(&mut self, fact: &str, key: &str) -> Fact<String> {
        let (seen, id, field) = (self.not_understood, self.id, format!("`{}.{key}`", self.collection));
        self.fact(fact, key, |value| match text(value)? {
            Some(text) => seen.address(&field, &text, id),
            None => Ok(None),
        })
    }

    /// The address that counts of a list, as [`address`] reads it.
    pub(crate) fn address_of(
        &mut self,
        fact: &str,
        key: &str,
        [item, primary]: [&str; 2],
        counts: impl Fn(&Value) -> bool,
    ) -> Fact<String> {
        let (seen, id, field) = (self.not_understood, self.id, format!("`{}.{key}`", self.collection));
        self.fact(fact, key, |value| {
            let Value::Array(entries) = value else {
                return Err(format!("a list is expected, this is {}", kind(value)));
            };
            let entries: Vec<&Value> = entries.iter().filter(|entry| counts(entry)).collect();
            // The address that is not shown might be the one that counts.
            let is_shown = |entry: &&Value| {
                matches!(entry, Value::String(_)) || matches!(entry.get(item), Some(Value::String(_) | Value::Null))
            };
            if !entries.iter().all(is_shown) {
                return Err(format!("one of them has no `{item}` that is a text"));
            }
            match address(&entries, item, primary)? {
                Some(found) => seen.address(&field, &found, id),
                None => {
                    // Named, although it counts for nothing.
                    let texts = entries.iter().filter_map(|entry| text_of(entry, item));
                    texts.map(|text| seen.address(&field, text, id)).find(Result::is_err).unwrap_or(Ok(None))
                }
            }
        })
    }

    pub(crate) fn date(&mut self, fact: &str, key: &str) -> Fact<Date> {
        let seen = self.not_understood;
        self.fact(fact, key, |value| parsed(value, |text| seen.date(text)))
    }

    pub(crate) fn instant(&mut self, fact: &str, key: &str) -> Fact<Timestamp> {
        self.fact(fact, key, |value| parsed(value, instant))
    }

    /// A word of a closed vocabulary.
    pub(crate) fn word<T>(&mut self, fact: &str, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Fact<T> {
        self.fact(fact, key, |value| {
            parsed(value, |text| read(text).ok_or_else(|| format!("{} is not a word that tenure knows", quoted(text))))
        })
    }
}

/// The collection without which there is no source.
pub(crate) fn require(pages: &Pages, collection: &str, vendor: &str, endpoint: &str) -> Result<(), Vec<Diagnostic>> {
    if pages.collections.get(collection).is_some_and(|list| list.provided) {
        return Ok(());
    }
    let message = format!("`{endpoint}` holds no pages of {vendor} `{collection}`");
    let help = format!("name a directory that holds `{collection}.json` (or `{collection}-1.json` …)");
    Err(vec![Diagnostic::error("no-records", message).in_file(endpoint).help(help)])
}

/// Rejects records that do not say whom or what they are about.
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
    let is_of_nobody = |row: &&RawRecord| counts(row) && row.values.get(key).and_then(relation).is_none();
    let without = collection.records.iter().filter(is_of_nobody).count();
    if without > 0 {
        let count = counted(without, "record has", "records have");
        collection.reasons.push(format!("{count} no `{key}`"));
    }
}

/// The name that a person goes by, and the last name, from these keys.
pub(crate) fn name(fields: &mut Fields<'_>, values: &Values, [preferred, first, last]: [&str; 3]) -> Fact<String> {
    let unreadable = fields.differing(&[preferred, first, last]).or_else(|| {
        let is_other = |key: &&str| values.get(key).is_some_and(|value| !value.is_string() && !value.is_null());
        let key = [preferred, first, last].into_iter().find(|key| is_other(key))?;
        Some(format!("`{}.{key}`: a text is expected", fields.collection))
    });
    if let Some(reason) = unreadable {
        return fields.unknown("name", reason);
    }
    let part = |key: &str| values.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    match (part(preferred).or_else(|| part(first)), part(last)) {
        (Some(first), Some(last)) => Fact::Known(format!("{first} {last}")),
        (Some(one), None) | (None, Some(one)) => Fact::Known(one.to_owned()),
        (None, None) if values.contains_key(first) || values.contains_key(last) => Fact::Empty,
        (None, None) => {
            let reason = format!("`{}` gave no `{first}` and no `{last}`", fields.collection);
            fields.not_given("name", reason)
        }
    }
}

/// The manager of a record beside its job roles; why it is unknown, if it is, goes into the record.
pub(crate) fn listed_manager(fields: &mut Fields<'_>, manager: &Fact<String>, reason: Option<&str>) -> Option<String> {
    if manager.is_unknown() {
        let reason = reason.unwrap_or("the manager is unknown");
        fields.unknown.insert(LISTED_MANAGER.to_owned(), reason.to_owned());
    }
    manager.known().cloned()
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

/// The id of a related record, which comes as an id or as the record itself.
pub(crate) fn relation(value: &Value) -> Option<&str> {
    let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
    (!id.trim().is_empty()).then_some(id)
}

/// A text or whole number that identifies a record elsewhere; some services write numbers without quotes.
///
/// # Errors
/// That the value is neither.
pub(crate) fn identifier(value: Option<&Value>) -> Result<Option<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) if !number.is_f64() => Ok(Some(number.to_string())),
        Some(other) => Err(format!("a text is expected, this is {}", kind(other))),
    }
}

/// The text of an entry of a list: itself, or what stands under a key.
fn text_of<'v>(entry: &'v Value, key: &str) -> Option<&'v str> {
    entry.as_str().or_else(|| entry.get(key)?.as_str())
}

/// The text that counts of a list of `{value or email, type, primary}`: the primary one, else the one for work, else
/// the only one. `Ok(None)` where the list holds no text but placeholders.
fn address(entries: &[&Value], key: &str, primary: &str) -> Result<Option<String>, String> {
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

/// A text; an empty one is none.
pub(crate) fn text(value: &Value) -> Result<Option<String>, String> {
    parsed(value, |text| Ok(text.to_owned()))
}

fn parsed<T>(value: &Value, parse: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    match value {
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => parse(text).map(Some),
        other => Err(format!("a text is expected, this is {}", kind(other))),
    }
}

/// A calendar day. Vendors give days as midnight UTC, with or without the `Z`: the day that is written counts. Another
/// instant falls on a day in the organisation's zone.
///
/// # Errors
/// Why the text is no day. A time of day without an offset falls on a day in no known zone.
pub(crate) fn date(text: &str, zone: &Zone) -> Result<Date, String> {
    let trimmed = text.trim();
    let day = match trimmed.get(10..11) {
        Some("T" | " ") if is_midnight(trimmed.get(11..).unwrap_or_default()) => trimmed.get(..10).unwrap_or(trimmed),
        Some("T" | " ") => {
            let day = trimmed.parse::<Timestamp>().map(|instant| zone.date(instant));
            return day.map_err(|_| {
                format!("{} has a time of day without an offset from UTC, so its day is not known", quoted(trimmed))
            });
        }
        _ => trimmed,
    };
    day.parse::<Date>().map_err(|_| format!("{} is not a date that exists, such as `2026-11-20`", quoted(trimmed)))
}

/// Whether the time of an instant is midnight UTC: `00:00:00Z`, `00:00`, `00:00:00.000+00:00`.
fn is_midnight(time: &str) -> bool {
    let digits = time.find(|letter: char| !(letter.is_ascii_digit() || ":.".contains(letter))).unwrap_or(time.len());
    let (clock, zone) = time.split_at(digits);
    !clock.is_empty()
        && clock.chars().all(|letter| "0:.".contains(letter))
        && matches!(zone.trim(), "" | "Z" | "z" | "UTC" | "+00:00" | "-00:00" | "+0000" | "+00")
}

/// The last day of a person, unless it lies before the first one of somebody who has not left. Of a person who came
/// back, some vendors keep the day on which an earlier employment ended.
pub(crate) fn end_date(
    fields: &mut Fields<'_>,
    [end_key, start_key]: [&str; 2],
    status: &Fact<EmploymentStatus>,
    start: &Fact<Date>,
    pulled_at: Timestamp,
) -> Fact<Date> {
    let end = fields.date("end_date", end_key);
    let pulled_on = fields.not_understood.zone.date(pulled_at);
    let names = [&format!("{}.{end_key}", fields.collection), start_key];
    match doubtful_end(&end, start, status, pulled_on, names) {
        Some(reason) => fields.unknown("end_date", reason),
        None => end,
    }
}

/// Why an end date may be that of an earlier employment. `None` if it is the person's own, or is not known.
pub(crate) fn doubtful_end(
    end: &Fact<Date>,
    start: &Fact<Date>,
    status: &Fact<EmploymentStatus>,
    pulled_on: Date,
    [end_name, start_name]: [&str; 2],
) -> Option<String> {
    let is_past = |last: &Date| *last < pulled_on;
    match (end, start, status) {
        (Fact::Known(_), _, Fact::Known(EmploymentStatus::Offboarded)) => None,
        // No earlier employment ends on a day to come.
        (Fact::Known(last), _, Fact::Known(EmploymentStatus::NewHire)) if !is_past(last) => None,
        (Fact::Known(last), Fact::Known(first), _) if last < first => {
            Some(format!("`{end_name}` lies before `{start_name}`: of an earlier employment, or a mistake"))
        }
        (Fact::Known(_), Fact::Unknown, _) => {
            Some(format!("`{start_name}` is unknown, so `{end_name}` may be that of an earlier employment"))
        }
        _ => None,
    }
}

/// An instant.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    let trimmed = text.trim();
    trimmed.parse().map_err(|_| format!("{} is not an instant such as `2026-11-20T09:00:00Z`", quoted(trimmed)))
}

/// A value as it may be repeated: one short word. Longer text might say anything about a person, and what is said here
/// is kept in the snapshot.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 24 && !text.contains(char::is_whitespace) {
        format!("`{text}`")
    } else {
        "the text that is given".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_null_and_unreadable_are_three_things() {
        let value = json!({ "a": null, "b": "2024-02-30", "c": "2024-02-29", "d": 5, "e": "  " });
        let seen = NotUnderstood::new(&Zone::utc());
        let values = Values::of(value.as_object().unwrap().clone(), &["a", "b", "c", "d", "e"]);
        let mut fields = Fields::new("people", "p1", &values, &seen);
        assert_eq!(fields.date("a", "a"), Fact::Empty);
        assert_eq!(fields.date("b", "b"), Fact::Unknown);
        assert_eq!(fields.date("c", "c"), Fact::Known("2024-02-29".parse().unwrap()));
        assert_eq!(fields.text("d", "d"), Fact::Unknown);
        assert_eq!(fields.text("e", "e"), Fact::Empty);
        assert_eq!(fields.text("f", "f"), Fact::Unknown);
        let unknown = fields.into_unknown();
        assert_eq!(unknown.keys().collect::<Vec<_>>(), ["b", "d", "f"]);
        assert_eq!(unknown["f"], "`people` gave no `f`");
        assert_eq!(seen.warnings("humaans").len(), 2);
    }

    #[test]
    fn placeholders_are_no_addresses_and_are_named() {
        let value = json!({ "a": "n/a", "b": "Ann", "c": [{ "value": "TBD", "primary": true }, { "value": "c@x.example" }],
            "d": [{ "value": "-" }], "e": [{ "value": "nobody", "primary": true }, { "value": "e@x.example" }] });
        let seen = NotUnderstood::new(&Zone::utc());
        let values = Values::of(value.as_object().unwrap().clone(), &["a", "b", "c", "d", "e"]);
        let mut fields = Fields::new("people", "p1", &values, &seen);
        let mut list = |key: &str| fields.address_of(key, key, ["value", "primary"], |_| true);
        assert_eq!((list("c"), list("d")), (Fact::Known("c@x.example".into()), Fact::Empty));
        assert_eq!(list("e"), Fact::Unknown);
        assert_eq!((fields.address("a", "a"), fields.address("b", "b")), (Fact::Empty, Fact::Unknown));
        let codes: Vec<&str> = seen.warnings("x").iter().map(|said| said.code).collect();
        assert_eq!(
            codes,
            ["value-not-understood", "value-not-understood", "placeholder-address", "placeholder-address"]
        );
    }

    #[test]
    fn a_day_is_a_date_or_midnight_utc_or_the_local_day_of_an_instant() {
        let zone = Zone::new("America/New_York").unwrap();
        let date = |text: &str| date(text, &zone);
        for text in ["2024-05-06", "2024-05-06T00:00:00Z", "2024-05-06 00:00", "2024-05-06T00:00:00.000+00:00"] {
            assert_eq!(date(text).unwrap().to_string(), "2024-05-06", "{text}");
        }
        for (text, day) in [
            ("2026-11-20T04:59:59Z", "2026-11-19"),
            ("2026-11-20T05:00:00Z", "2026-11-20"),
            ("2026-11-20T00:00:00+01:00", "2026-11-19"),
            ("2026-11-20T00:00:00-05:00", "2026-11-20"),
            ("2026-11-20 23:59:59.999-05:00", "2026-11-20"),
        ] {
            assert_eq!(date(text).unwrap().to_string(), day, "{text}");
        }
        for text in ["2026-11-20T10:00", "2026-11-20T", "2026-11-20T10:00:00", "06/05/2024"] {
            assert!(date(text).is_err(), "{text}");
        }
        assert!(!date("born on 3 May, tax id 12345").unwrap_err().contains("tax"), "free text is not repeated");
    }
}
