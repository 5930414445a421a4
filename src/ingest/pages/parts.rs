//! The pages of one collection, one after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    collection::{RawCollection, RawRecord},
    doubt::{Doubt, Remedy},
    layout::{CollectionLayout, Envelope, Layout},
    parse::{Page, Record, Records},
    places::Places,
    refused::{api_error, api_message, not_a_page},
    values::Values,
};
use crate::{
    diagnostic::{Code, Diagnostic, counted},
    files::RawFile,
    ingest::same_key,
    model::{Basis, Rejected, read},
};

/// What a page says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// How many records are on it, unusable ones included.
    pub records: usize,
    /// How many there are on all pages together.
    pub total: Option<usize>,
    /// The name of the next page.
    pub next: Option<String>,
    /// The id of its first record.
    pub first: Option<String>,
    /// The id of its last record.
    pub last: Option<String>,
}

/// So many records of a page may be unusable, whatever their share.
const UNUSABLE: usize = 100;

/// How the records of a collection are named.
#[derive(Clone, Copy)]
pub(super) struct RecordForm<'a> {
    pub(super) layout: &'a CollectionLayout,
    /// The keys that name a record without an id.
    pub(super) other_ids: &'a [&'a str],
}

impl RecordForm<'_> {
    /// Another name of a record that has no id.
    fn other_id(self, values: &Values) -> Option<String> {
        self.other_ids.iter().find_map(|key| match values.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }
}

/// What the last page of a collection looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum LastPage {
    /// A record without anything around it.
    #[default]
    Record,
    /// A bare list of so many records.
    Bare(usize),
    /// A list of so many records in an envelope.
    Enveloped(usize),
}

/// A record and the first place where it stands.
#[derive(Debug)]
pub(super) struct PlacedRecord {
    file: Arc<str>,
    /// Counted from one.
    number: usize,
    pub(super) values: Values,
}

impl PlacedRecord {
    fn place(&self) -> String {
        format!("{}, record {}", self.file, self.number)
    }
}

/// The pages of one collection.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) records: BTreeMap<String, PlacedRecord>,
    pub(super) total: Option<usize>,
    /// The further page that the last one names.
    next: Option<String>,
    /// Whether any page named a further one.
    named_next: bool,
    last: LastPage,
    pub(super) rejected: Vec<Rejected>,
    pub(super) conflicting: Vec<String>,
    /// Records that came twice, differ, and do not say which is the later one.
    pub(super) undecided: BTreeSet<String>,
    /// Whether the last page says nothing of a further one, where it should.
    unclosed: bool,
    /// Whether the vendor says that records are shown in part.
    pub(super) partial: bool,
    /// Where its pages lie among all records.
    pub(super) places: Places,
}

impl Parts {
    pub(super) fn add(
        &mut self,
        file: &RawFile,
        page: Page,
        form: RecordForm<'_>,
        envelope: &Envelope,
    ) -> Result<PageFacts, Diagnostic> {
        let layout = form.layout;
        let wrong = |reason: String| not_a_page(file, envelope, &reason);
        let is_page = matches!(&page, Page::Object { records: Some(_), .. });
        let is_bare = matches!(&page, Page::List(_));
        let is_record = matches!(&page, Page::Object { records: None, around } if around.contains_key(layout.id));
        let (records, mut around) = match page {
            Page::List(records) => (records, Map::new()),
            Page::Object { records: Some(Records::List(records)), around } => (records, around),
            Page::Object { records: None | Some(Records::Other(Value::Null)), around }
                if envelope.may_lack_records && is_empty_page(&around, envelope) =>
            {
                (Vec::new(), around)
            }
            Page::Object { records: Some(Records::Other(other)), .. } => {
                return Err(wrong(format!("`{}` is {}", envelope.records, read::kind(&other))));
            }
            Page::Object { records: None, mut around }
                if around.contains_key(layout.id) && api_message(&around).is_none() =>
            {
                let id = around.remove(layout.id);
                (vec![Record::Object { id, values: Values::of(around, layout.keep) }], Map::new())
            }
            Page::Object { records: None, around } => {
                return Err(match api_message(&around) {
                    Some(message) => api_error(file, message),
                    None => wrong(format!("it has no `{}`", envelope.records)),
                });
            }
            Page::Other(other) => return Err(wrong(format!("it holds {}", read::kind(&other)))),
        };
        let total = match envelope.total.and_then(|key| around.remove(key)) {
            None | Some(Value::Null) => None,
            Some(total) => {
                let count = total.as_u64().and_then(|total| usize::try_from(total).ok());
                let key = envelope.total.unwrap_or_default();
                Some(
                    count
                        .ok_or_else(|| wrong(format!("`{key}` is {}, not a number of records", read::kind(&total))))?,
                )
            }
        };
        let closes = envelope.total.is_some() || envelope.next.is_none_or(|key| around.contains_key(key));
        self.partial |= around.get("is_partial_response") == Some(&Value::Bool(true));
        let next = match envelope.next.and_then(|key| around.remove(key)) {
            Some(Value::String(next)) if !next.is_empty() => Some(next),
            None | Some(Value::Null | Value::String(_)) => None,
            Some(other) => {
                return Err(wrong(format!("`{}` is {}", envelope.next.unwrap_or_default(), read::kind(&other))));
            }
        };
        let at = envelope.start.and_then(|(key, first)| {
            let at = usize::try_from(around.get(key)?.as_u64()?).ok()?;
            Some(at.saturating_sub(first))
        });
        let previous = envelope.previous.and_then(|key| around.get(key)).and_then(Value::as_str);
        self.places.add(at, records.len(), previous.is_some_and(|previous| !previous.is_empty()));
        let id = |record: Option<&Record>| match record? {
            Record::Object { id, .. } => id.as_ref()?.as_str().map(str::to_owned),
            Record::Other(_) => None,
        };
        let (first, last) = (id(records.first()), id(records.last()));
        let facts = PageFacts { records: records.len(), total, next, first, last };
        self.total = self.total.max(facts.total);
        self.next.clone_from(&facts.next);
        self.named_next |= facts.next.is_some();
        self.last = match (is_record, is_bare) {
            (true, _) => LastPage::Record,
            (false, true) => LastPage::Bare(facts.records),
            (false, false) => LastPage::Enveloped(facts.records),
        };
        self.unclosed = is_page && !closes;
        let before = self.rejected.len();
        self.records(&file.name, records, form);
        let unusable = self.rejected.len() - before;
        if unusable > UNUSABLE && unusable * 2 > facts.records {
            let first = self.rejected.get(before).map(|one| one.reason.clone()).unwrap_or_default();
            self.rejected.truncate(before);
            return Err(wrong(format!("{unusable} of its {} records cannot be used: {first}", facts.records)));
        }
        Ok(facts)
    }

    fn records(&mut self, file: &str, records: Vec<Record>, form: RecordForm<'_>) {
        let shared: Arc<str> = file.into();
        for (index, record) in records.into_iter().enumerate() {
            let key = form.layout.id;
            let other_id = match &record {
                Record::Object { id: None | Some(Value::Null), values } => form.other_id(values),
                Record::Object { id: Some(Value::String(id)), values } if id.trim().is_empty() => form.other_id(values),
                Record::Object { .. } | Record::Other(_) => None,
            };
            let reason = match record {
                Record::Object { values, .. } if other_id.is_some() => {
                    let placed = PlacedRecord { file: shared.clone(), number: index + 1, values };
                    self.keep(form.layout.sets, other_id.unwrap_or_default(), placed);
                    continue;
                }
                Record::Object { id: Some(Value::String(id)), values } if !id.trim().is_empty() => {
                    self.keep(form.layout.sets, id, PlacedRecord { file: shared.clone(), number: index + 1, values });
                    continue;
                }
                Record::Object { id: Some(id), .. } if !id.is_string() => format!("its `{key}` is {}", read::kind(&id)),
                Record::Object { .. } => format!("it has no `{key}`"),
                Record::Other(other) => format!("it is {}, not an object", read::kind(&other)),
            };
            self.rejected.push(Rejected { record: format!("{file}, record {}", index + 1), reason });
        }
    }

    /// Rows move between offset pages: the same record may come twice, and the later state of it counts.
    pub(super) fn keep(&mut self, sets: &[&str], id: String, record: PlacedRecord) {
        let changed = |values: &Values| {
            let updated = ["updatedAt", "modified_at", "updated_at"].iter().find_map(|key| values.get(key)?.as_str());
            updated.and_then(|text| text.parse::<Timestamp>().ok())
        };
        match self.records.get_mut(&id) {
            None => {
                self.records.insert(id, record);
            }
            Some(kept) if kept.values == record.values => {}
            Some(kept) => {
                match (changed(&record.values), changed(&kept.values)) {
                    (Some(one), Some(other)) if one > other => {
                        *kept = record;
                        self.undecided.remove(&id);
                    }
                    (Some(one), Some(other)) if one < other => {}
                    // Neither is known to be the later one: what differs is not known.
                    _ => {
                        let reason = same_key::differ(&kept.place(), &record.place());
                        if kept.values.merge(&record.values, sets, &reason) {
                            self.undecided.insert(id.clone());
                        }
                    }
                }
                self.conflicting.push(id);
            }
        }
    }

    /// What shows that the pages are all there are, or why nothing does.
    fn basis(&self, layout: &Layout) -> Result<Basis, String> {
        let envelope = &layout.envelope;
        if self.total.is_some() {
            return Ok(Basis::Total);
        }
        let is_chain = envelope.next.is_some() && matches!(self.last, LastPage::Enveloped(_));
        if is_chain && (envelope.total.is_none() || self.named_next) {
            return Ok(Basis::LastPage);
        }
        let last = match self.last {
            LastPage::Record => return Ok(Basis::Assumed),
            LastPage::Bare(records) | LastPage::Enveloped(records) => records,
        };
        match (layout.page_limits.iter().max(), envelope.total) {
            (Some(most), _) => {
                let ends_there = layout.page_limits.contains(&last) || (last > 0 && last % most == 0);
                let reason = format!("it ends just where a page of {last} records may end, so there may be more");
                if ends_there { Err(reason) } else { Ok(Basis::LastPage) }
            }
            (None, Some(total)) => Err(format!("it has no `{total}`, so nothing shows whether there is more")),
            (None, None) => Ok(Basis::Assumed),
        }
    }

    pub(super) fn join(
        mut self,
        of: &CollectionLayout,
        layout: &Layout,
        warnings: &mut Vec<Diagnostic>,
    ) -> RawCollection {
        let name = of.name;
        let is_excluded =
            |record: &&PlacedRecord| of.excluded.is_some_and(|key| record.values.get(key) == Some(&Value::Bool(true)));
        let excluded = self.records.values().filter(is_excluded).count();
        let mut reasons = Vec::new();
        let count = self.records.len();
        if let Some(total) = self.total.filter(|total| count < *total) {
            reasons.push(format!("{count} of {total} records are here"));
        }
        if let Some(total) = self.total.filter(|total| count + self.rejected.len() > *total) {
            reasons.push(format!("{count} records came, where {total} are said to be there"));
        }
        if self.next.is_some() {
            reasons.push("its last page names a further one, which is not here".to_owned());
        }
        if self.unclosed {
            reasons.push("its last page does not say whether there is a further one".to_owned());
        }
        if !self.undecided.is_empty() {
            let records = counted(self.undecided.len(), "record comes", "records come");
            reasons.push(format!("{records} twice and differ, and nothing says which is the later state"));
        }
        reasons.extend(self.places.missing(count, self.total));
        let short = !reasons.is_empty();
        if !self.rejected.is_empty() {
            reasons.push(format!("{} rejected", counted(self.rejected.len(), "record was", "records were")));
        }
        self.conflicting.sort();
        self.conflicting.dedup();
        for id in &self.conflicting {
            let message = format!("`{name}`: the record `{id}` comes twice and differs");
            warnings.push(Diagnostic::warning(Code::MovedRecord, message));
        }
        let (basis, doubts) = match self.basis(layout) {
            Ok(basis) => (Some(basis), Vec::new()),
            Err(doubt) => (None, vec![Doubt::new(doubt, Remedy::State)]),
        };
        RawCollection {
            provided: true,
            basis,
            doubts,
            hidden_leavers: Vec::new(),
            stated_reason: None,
            count,
            excluded,
            short,
            partial: self.partial,
            records: self.records.into_iter().map(|(id, record)| RawRecord { id, values: record.values }).collect(),
            total: self.total,
            rejected: self.rejected,
            reasons,
        }
    }
}

/// A list that says that it is empty, or at least that it is a list.
pub(super) fn is_empty_page(around: &Map<String, Value>, envelope: &Envelope) -> bool {
    envelope.total.and_then(|key| around.get(key)).is_some_and(Value::is_u64)
}
