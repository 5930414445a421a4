//! Where fetched pages go: to the collector, and to the folder of raw pages where they are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{
    diagnostic::{Code, Diagnostic},
    files::RawFile,
    ingest::pages::{Collector, Layout, PageFacts, Pages},
    pull::{api::Api, error::Error, job::Progress, raw_archive_writer::RawArchiveWriter},
};

/// Takes the pages of one source.
pub(super) struct Sink<'a> {
    source: &'a str,
    collector: Collector,
    archive: Option<&'a RawArchiveWriter>,
    progress: &'a dyn Progress,
    allow_incomplete: bool,
    numbers: BTreeMap<&'static str, usize>,
    /// The numbers of the pages that were put aside.
    aside: BTreeMap<&'static str, Range<usize>>,
    failed: BTreeMap<String, String>,
    abandoned: bool,
    /// Why collections may not be whole.
    doubts: BTreeMap<String, String>,
    /// Collections that the vendor does not give, and that can be done without.
    optional_missing: BTreeSet<&'static str>,
    warnings: Vec<Diagnostic>,
}

/// What becomes of a source when one of its collections cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// There is no source without it.
    Must,
    /// The source fails with it, unless what is incomplete is allowed.
    Should,
    /// The source does without it where the vendor says that it is not to be had.
    May,
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        source: &'a str,
        layout: &'static Layout,
        archive: Option<&'a RawArchiveWriter>,
        progress: &'a dyn Progress,
        allow_incomplete: bool,
    ) -> Self {
        Sink {
            source,
            collector: Collector::new(layout).of_lists(),
            archive,
            progress,
            allow_incomplete,
            numbers: BTreeMap::new(),
            aside: BTreeMap::new(),
            failed: BTreeMap::new(),
            abandoned: false,
            doubts: BTreeMap::new(),
            optional_missing: BTreeSet::new(),
            warnings: Vec::new(),
        }
    }

    /// Takes a page.
    ///
    /// # Errors
    /// That it is no page, or cannot be kept.
    pub(super) fn page(
        &mut self,
        api: &Api<'_>,
        path: &str,
        collection: &'static str,
        body: Vec<u8>,
    ) -> Result<PageFacts, Error> {
        let number = self.numbers.entry(collection).or_insert(0);
        *number += 1;
        let file = RawFile::new(format!("{collection}-{number}.json"), body);
        // Without the snippet: the page holds whatever the vendor knows of people.
        let facts = self.collector.add(collection, &file).map_err(|problem| api.not_a_page(path, &problem.message))?;
        if let Some(archive) = self.archive {
            archive.page(self.source, &file).map_err(|reason| unkept(api, path, &reason))?;
        }
        self.progress.page(self.source, collection, self.collector.count(collection), facts.total);
        Ok(facts)
    }

    /// How many distinct records of a collection are here, unusable ones left out.
    pub(super) fn distinct(&self, collection: &str) -> usize {
        self.collector.distinct(collection)
    }

    /// How many distinct records were put aside.
    pub(super) fn put_aside_count(&self, collection: &str) -> usize {
        self.collector.put_aside_count(collection)
    }

    /// Whether a record of a collection has a list with something in it under a key.
    pub(super) fn has_list(&self, collection: &str, key: &str) -> bool {
        self.collector.has_list(collection, key)
    }

    /// How many distinct records of a collection are here.
    pub(super) fn count(&self, collection: &str) -> usize {
        self.collector.count(collection)
    }

    /// Begins a collection anew, without forgetting its pages yet.
    pub(super) fn put_aside(&mut self, collection: &'static str) {
        self.collector.put_aside(collection);
        let last = self.numbers.get(collection).copied().unwrap_or_default();
        self.aside.insert(collection, 1..last + 1);
    }

    /// Joins the pages that were put aside with those that came since, or forgets them.
    pub(super) fn settle(&mut self, collection: &'static str, join: bool) {
        self.collector.settle(collection, join);
        let numbers = self.aside.remove(collection).filter(|_| !join);
        if let (Some(archive), Some(numbers)) = (self.archive, numbers) {
            for number in numbers {
                archive.forget(self.source, &format!("{collection}-{number}.json"));
            }
        }
    }

    /// Goes on without a collection that could not be had, where that is allowed.
    ///
    /// # Errors
    /// The error itself, where it is not.
    pub(super) fn settle_for(
        &mut self,
        collection: &'static str,
        need: Need,
        fetched: Result<(), Error>,
    ) -> Result<(), Error> {
        let Err(error) = fetched else { return Ok(()) };
        let without = need == Need::May && error.is_refusal();
        if without || (need != Need::Must && self.allow_incomplete) {
            self.abandoned |= !without;
            if without {
                self.optional_missing.insert(collection);
            }
            let reason = error.kept();
            self.progress.request(&format!("{}; going on without it", error.reason()));
            self.warnings.push(error.clone().into_warning());
            self.failed.insert(collection.to_owned(), reason.clone());
            self.collector.settle(collection, true);
            self.collector.fail(collection, reason);
            return Ok(());
        }
        Err(error)
    }

    /// Notes why a collection is not whole, although all that was asked for came.
    pub(super) fn doubt(&mut self, collection: &'static str, reason: &str) {
        self.failed.entry(collection.to_owned()).or_insert_with(|| reason.to_owned());
        self.collector.doubt(collection, reason.to_owned());
    }

    /// Notes why a collection may not be whole, which a statement of the user settles.
    pub(super) fn suspect(&mut self, collection: &'static str, reason: &str) {
        self.doubts.insert(collection.to_owned(), reason.to_owned());
        self.collector.suspect(collection, reason.to_owned());
    }

    /// Why collections may not be whole.
    pub(super) fn doubts(&self) -> &BTreeMap<String, String> {
        &self.doubts
    }

    /// Collections that the vendor does not give, and that can be done without.
    pub(super) fn optional_missing(&self) -> &BTreeSet<&'static str> {
        &self.optional_missing
    }

    /// What a person should know.
    pub(super) fn warnings(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.warnings)
    }

    /// Collections that could not be had, each with why.
    pub(super) fn failed(&self) -> &BTreeMap<String, String> {
        &self.failed
    }

    /// Whether something was left out that should be there.
    pub(super) fn abandoned(&self) -> bool {
        self.abandoned
    }

    /// The pages, put together.
    pub(super) fn finish(self) -> Pages {
        self.collector.finish()
    }
}

fn unkept(api: &Api<'_>, path: &str, reason: &str) -> Error {
    let error = Error::new(
        Code::UnwritableFile,
        api.vendor.name,
        path,
        format!("was asked, and its page cannot be kept: {reason}"),
    );
    error.help("look at the folder given to `--raw`")
}
