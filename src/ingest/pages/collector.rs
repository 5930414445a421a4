//! Pages on their way together.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    collection::{NOT_PROVIDED, RawCollection},
    doubt::{Doubt, Remedy},
    joined::Pages,
    layout::{CollectionLayout, Layout},
    parse::{self, Page, PageForm},
    parts::{PageFacts, Parts, RecordForm, is_empty_page},
    refused::{api_message, not_a_page},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    files::{self, RawFile},
    json::check_keys,
    model::read,
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
            return Err(Diagnostic::error(Code::NotAPage, message).in_file(&file.shown));
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
