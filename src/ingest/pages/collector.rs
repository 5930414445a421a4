//! Pages on their way together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    CollectionLayout, Doubt, Envelope, Layout, NOT_PROVIDED, Pages, RawCollection, RawRecord, Remedy, Values,
    parse::{self, ERROR_KEYS, Page, PageForm, Record, Records},
};
use crate::{
    diagnostic::{Diagnostic, counted},
    files::{self, RawFile},
    ingest::same_key,
    json::check_keys,
    model::{Basis, Rejected, read},
};

/// Takes page after page, in their order, and keeps of each record what the vendor's normaliser reads.
#[derive(Debug)]
pub struct Collector {
    layout: &'static Layout,
    parts: BTreeMap<&'static str, Parts>,
    aside: BTreeMap<&'static str, Parts>,
    failed: BTreeMap<&'static str, String>,
    suspected: BTreeMap<&'static str, String>,
    /// Objects, each with the file that it comes from.
    objects: BTreeMap<&'static str, (String, Value)>,
    unread: Vec<String>,
    warnings: Vec<Diagnostic>,
    /// Whether a record without anything around it is a page.
    lone_records: bool,
}

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

impl Collector {
    /// Takes the pages of a vendor.
    #[must_use]
    pub fn new(layout: &'static Layout) -> Self {
        Collector {
            layout,
            parts: BTreeMap::new(),
            aside: BTreeMap::new(),
            failed: BTreeMap::new(),
            suspected: BTreeMap::new(),
            objects: BTreeMap::new(),
            unread: Vec::new(),
            warnings: Vec::new(),
            lone_records: true,
        }
    }

    /// The same for pages that are asked for as lists: a lone object is then no page.
    #[must_use]
    pub fn of_lists(mut self) -> Self {
        self.lone_records = false;
        self
    }

    /// Adds a page of a collection, or one of the layout's objects.
    ///
    /// # Errors
    /// That it is not JSON, or neither a list, an envelope nor a record.
    pub fn add(&mut self, name: &'static str, file: &RawFile) -> Result<PageFacts, Diagnostic> {
        if let Some((_, keep)) = self.layout.objects.iter().find(|(object, _)| *object == name) {
            let mut value = read::json(&file.shown, &file.bytes)?;
            if let Value::Object(values) = &mut value {
                values.retain(|key, _| keep.contains(&key.as_str()));
            }
            self.keep_object(name, file, value);
            return Ok(PageFacts::default());
        }
        let Some(layout) = self.layout.collections.iter().find(|one| one.name == name) else {
            let message = format!("`{}` belongs to no collection", file.shown);
            return Err(Diagnostic::error("not-a-page", message).in_file(&file.shown));
        };
        let envelope = &self.layout.envelope;
        let text = files::text(&file.shown, &file.bytes)?;
        let form = PageForm { envelope, layout, case: self.layout.key_case };
        let pages = parse::pages(text, form).map_err(|error| read::syntax(&file.shown, text, &error))?;
        check_keys(&file.shown, text, self.layout.key_case)?;
        let mut facts = PageFacts::default();
        for page in pages {
            let first = facts.first.take();
            facts = self.add_page(name, file, page, layout)?;
            facts.first = first.or(facts.first);
        }
        Ok(facts)
    }

    /// Keeps an object. Files that say it differently leave it unknown.
    fn keep_object(&mut self, name: &'static str, file: &RawFile, value: Value) {
        match self.objects.get(name) {
            Some((earlier, known)) if *known != value => {
                let reason = format!("`{earlier}` and `{}` differ", file.name);
                self.failed.entry(name).or_insert(reason);
            }
            Some(_) => {}
            None => {
                self.objects.insert(name, (file.name.clone(), value));
            }
        }
    }

    fn add_page(
        &mut self,
        name: &'static str,
        file: &RawFile,
        page: Page,
        layout: &CollectionLayout,
    ) -> Result<PageFacts, Diagnostic> {
        let envelope = &self.layout.envelope;
        if let (Page::List(_), false, None) = (&page, self.lone_records, envelope.total) {
            let reason = "it is a bare list, which does not say whether there is more";
            return Err(not_a_page(file, envelope, reason));
        }
        if let (Page::Object { records: None, around }, false) = (&page, self.lone_records)
            && api_message(around).is_none()
            && !(envelope.may_lack_records && is_empty_page(around, envelope))
        {
            return Err(not_a_page(file, envelope, &format!("it has no `{}`", envelope.records)));
        }
        let other_ids = self.layout.other_ids.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, keys)| keys);
        self.parts.entry(name).or_default().add(file, page, RecordForm { layout, other_ids }, envelope)
    }

    /// Whether a page of a collection said how many records there are.
    pub(super) fn has_total(&self, name: &str) -> bool {
        self.parts.get(name).is_some_and(|parts| parts.total.is_some())
    }

    /// Notes a file with data that belongs to no collection.
    pub(super) fn leave_unread(&mut self, name: String) {
        self.unread.push(name);
    }

    /// How many distinct records of a collection are here.
    #[must_use]
    pub fn distinct(&self, name: &str) -> usize {
        self.parts.get(name).map_or(0, |parts| parts.records.len())
    }

    /// Whether a record of a collection has a list with something in it under a key.
    #[cfg(feature = "pull")]
    #[must_use]
    pub(crate) fn has_list(&self, name: &str, key: &str) -> bool {
        let is_list = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
        let mut records = self.parts.get(name).into_iter().flat_map(|parts| parts.records.values());
        records.any(|record| record.values.get(key).is_some_and(is_list))
    }

    /// How many distinct records of a collection are here, unusable ones included.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.parts.get(name).map_or(0, |parts| parts.records.len() + parts.rejected.len())
    }

    /// Puts the pages of a collection aside, to begin it anew.
    pub fn put_aside(&mut self, name: &'static str) {
        if let Some(parts) = self.parts.remove(name) {
            self.aside.insert(name, parts);
        }
    }

    /// Joins the pages that were put aside with those that came since, or forgets them.
    pub fn settle(&mut self, name: &'static str, join: bool) {
        let Some(aside) = self.aside.remove(name).filter(|_| join) else { return };
        let parts = self.parts.entry(name).or_default();
        let sets = self.layout.collections.iter().find(|one| one.name == name).map_or(&[][..], |one| one.sets);
        for (id, record) in aside.records {
            parts.keep(sets, id, record);
        }
        parts.places.join(&aside.places);
        parts.total = parts.total.max(aside.total);
        parts.rejected.extend(aside.rejected);
        parts.undecided.extend(aside.undecided);
        parts.partial |= aside.partial;
        parts.conflicting.extend(aside.conflicting);
    }

    /// How many distinct records were put aside.
    #[must_use]
    pub fn put_aside_count(&self, name: &str) -> usize {
        self.aside.get(name).map_or(0, |parts| parts.records.len())
    }

    /// Notes why a collection could not be had, or is not whole.
    pub fn fail(&mut self, name: &'static str, reason: String) {
        self.failed.insert(name, reason);
    }

    /// Notes why a collection is not whole, where nothing has been noted yet.
    pub fn doubt(&mut self, name: &'static str, reason: String) {
        self.failed.entry(name).or_insert(reason);
    }

    /// Notes why a collection may not be whole, which a statement of the user settles.
    pub fn suspect(&mut self, name: &'static str, reason: String) {
        self.suspected.insert(name, reason);
    }

    /// Something that a person should know.
    pub(super) fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(warning);
    }

    /// Puts the pages together.
    #[must_use]
    pub fn finish(mut self) -> Pages {
        let objects = self.objects.into_iter().filter(|(name, _)| !self.failed.contains_key(name));
        let objects = objects.map(|(name, (_, value))| (name, value)).collect();
        let mut pages = Pages { objects, unread: self.unread, warnings: self.warnings, ..Pages::default() };
        for layout in self.layout.collections {
            let name = layout.name;
            let mut collection = match self.parts.remove(name) {
                Some(parts) => parts.join(layout, self.layout, &mut pages.warnings),
                None if self.failed.contains_key(name) => RawCollection::default(),
                None => RawCollection { reasons: vec![NOT_PROVIDED.to_owned()], ..RawCollection::default() },
            };
            if let Some(reason) = self.failed.remove(name) {
                collection.reasons.push(reason);
                collection.short = true;
            }
            let suspected = self.suspected.remove(name);
            collection.doubts.extend(suspected.map(|reason| Doubt::new(reason, Remedy::State)));
            pages.collections.insert(name, collection);
        }
        pages.failed_objects = self.failed;
        pages
    }
}

/// So many records of a page may be unusable, whatever their share.
const UNUSABLE: usize = 100;

/// How the records of a collection are named.
#[derive(Clone, Copy)]
struct RecordForm<'a> {
    layout: &'a CollectionLayout,
    /// The keys that name a record without an id.
    other_ids: &'a [&'a str],
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
struct PlacedRecord {
    file: Arc<str>,
    /// Counted from one.
    number: usize,
    values: Values,
}

impl PlacedRecord {
    fn place(&self) -> String {
        format!("{}, record {}", self.file, self.number)
    }
}

/// The pages of one collection.
#[derive(Debug, Default)]
struct Parts {
    records: BTreeMap<String, PlacedRecord>,
    total: Option<usize>,
    /// The further page that the last one names.
    next: Option<String>,
    /// Whether any page named a further one.
    named_next: bool,
    last: LastPage,
    rejected: Vec<Rejected>,
    conflicting: Vec<String>,
    /// Records that came twice, differ, and do not say which is the later one.
    undecided: BTreeSet<String>,
    /// Whether the last page says nothing of a further one, where it should.
    unclosed: bool,
    /// Whether the vendor says that records are shown in part.
    partial: bool,
    /// Where its pages lie among all records.
    places: Places,
}

/// Where the pages of a collection lie among all its records, as far as they say so.
#[derive(Debug, Clone, Default)]
struct Places {
    /// How many pages there are.
    pages: usize,
    /// How many of them say where they begin.
    placed: usize,
    /// How many records come before the first one that is here.
    before: Option<usize>,
    /// How many records there are at least, by the place of the last one.
    reach: usize,
    /// Whether the first page names one before it.
    follows_another: bool,
}

impl Places {
    /// Notes a page. `at`: how many records come before its first one.
    fn add(&mut self, at: Option<usize>, records: usize, names_previous: bool) {
        self.follows_another |= self.pages == 0 && names_previous;
        self.pages += 1;
        let Some(at) = at else { return };
        self.placed += 1;
        self.before = Some(self.before.map_or(at, |before| before.min(at)));
        if records > 0 {
            self.reach = self.reach.max(at + records);
        }
    }

    fn join(&mut self, other: &Places) {
        self.pages += other.pages;
        self.placed += other.placed;
        self.before = self.before.into_iter().chain(other.before).min();
        self.reach = self.reach.max(other.reach);
    }

    /// Why the pages are not all, by what they say of their places. `count`: how many records are here.
    fn missing(&self, count: usize, total: Option<usize>) -> Option<String> {
        let before = self.before.filter(|before| *before > 0 && self.placed == self.pages);
        if let Some(before) = before {
            let records = counted(before, "record comes", "records come");
            return Some(format!("{records} before its first page, which is not here"));
        }
        if self.follows_another {
            return Some("its first page names one before it, which is not here".to_owned());
        }
        let total = total.filter(|total| count <= *total && self.reach > *total)?;
        Some(format!("a page reaches to record {}, where {total} are said to be there", self.reach))
    }
}

impl Parts {
    fn add(
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
                return Err(wrong(match api_message(&around) {
                    Some(message) => format!("it holds the API's error \"{message}\""),
                    None => format!("it has no `{}`", envelope.records),
                }));
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
    fn keep(&mut self, sets: &[&str], id: String, record: PlacedRecord) {
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

    fn join(mut self, of: &CollectionLayout, layout: &Layout, warnings: &mut Vec<Diagnostic>) -> RawCollection {
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
            warnings.push(Diagnostic::warning("moved-record", message));
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
fn is_empty_page(around: &Map<String, Value>, envelope: &Envelope) -> bool {
    envelope.total.and_then(|key| around.get(key)).is_some_and(Value::is_u64)
}

/// What an API says in place of a page.
#[must_use]
pub(crate) fn api_message(body: &Map<String, Value>) -> Option<&str> {
    let is_error = ERROR_KEYS.iter().any(|key| body.contains_key(*key));
    let first = || body.get("errors")?.as_array()?.first()?.get("detail")?.as_str();
    let own = ["message", "detail", "error", "errorSummary"].iter().find_map(|key| body.get(*key)?.as_str());
    let message = own.or_else(first);
    if is_error { message.or(Some("")) } else { None }
}

fn not_a_page(file: &RawFile, envelope: &Envelope, reason: &str) -> Diagnostic {
    let problem = Diagnostic::error("not-a-page", format!("`{}` is not a page of records: {reason}", file.shown));
    let problem = problem.in_file(&file.shown);
    if reason.contains("the API's error") {
        return problem.help("fetch it again, with a token that may read it");
    }
    let around = [envelope.total, envelope.next].into_iter().flatten();
    let keys: Vec<String> = std::iter::once(envelope.records).chain(around).map(|key| format!("`{key}`")).collect();
    problem.help(format!("expected is a list of records, or an object with {}", keys.join(", ")))
}
