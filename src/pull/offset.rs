//! Pages by offset: several at a time, since where each begins is known from the first. Rows may move between pages
//! while they are read; where the numbers do not add up, a second look goes page after page.

use futures_util::{StreamExt, stream};

use super::{Api, Error, Sink, cursor};
use crate::ingest::pages::PageFacts;

/// How a collection is asked for.
pub(super) struct Offsets {
    /// Path below the address of the API.
    pub(super) path: &'static str,
    /// The vendor's name of the collection.
    pub(super) collection: &'static str,
    /// The parameter that says where a page begins.
    pub(super) skip: &'static str,
    /// The number of the first record: 0, or 1 with SCIM.
    pub(super) first: usize,
    /// The parameter that says how many records are wanted.
    pub(super) limit: &'static str,
    /// How many are.
    pub(super) size: usize,
    /// Further parameters.
    pub(super) query: Vec<(&'static str, String)>,
    /// Whether to look behind a list that seems to be whole: some services take a page's length for the total.
    pub(super) always_look_further: bool,
    /// The parameter of a cursor, with services that may answer with one instead.
    pub(super) cursor: Option<&'static str>,
}

impl Offsets {
    fn query(&self, at: usize) -> Vec<(&'static str, String)> {
        let own = [(self.limit, self.size.to_string()), (self.skip, (self.first + at).to_string())];
        self.query.iter().cloned().chain(own).collect()
    }

    fn query_from_the_start(&self) -> Vec<(&'static str, String)> {
        self.query.iter().cloned().chain([(self.limit, self.size.to_string())]).collect()
    }
}

/// One pass over all pages, in their order. Each page begins with the last record of the one before it, so that a row
/// that moved away is noticed even where the numbers add up.
#[derive(Debug, Default)]
struct Pass {
    /// Records on all its pages, the shared ones once.
    seen: usize,
    /// What the pages said of the total, the least and the greatest.
    total: Option<(usize, usize)>,
    /// The id of the last record so far.
    last: Option<String>,
    /// Whether pages share a record.
    overlap: bool,
    /// Whether a page did not begin where the one before it ended.
    torn: bool,
    /// The id of the very first record.
    first: Option<String>,
    /// Whether a later page began with it.
    whole_pages: bool,
}

impl Pass {
    fn add(&mut self, page: &PageFacts) {
        if self.seen == 0 {
            self.seen = page.records;
            self.first.clone_from(&page.first);
        } else if !self.overlap {
            self.seen += page.records;
        } else if self.last.is_some() && self.last == page.first {
            self.seen += page.records - 1;
        } else {
            self.torn = true;
            self.whole_pages |= page.first.is_some() && page.first == self.first;
            self.seen += page.records;
        }
        if page.records > 0 {
            self.last.clone_from(&page.last);
        }
        if let Some(total) = page.total {
            let (least, greatest) = self.total.unwrap_or((total, total));
            self.total = Some((least.min(total), greatest.max(total)));
        }
    }

    /// Whether every record came just once, and as many as there are said to be.
    fn adds_up(&self, distinct: usize) -> bool {
        let counted = self.total.is_none_or(|(least, greatest)| least == greatest && distinct == greatest);
        !self.torn && self.seen == distinct && counted
    }
}

/// How far the next page lies behind one of so many records: they share one.
fn step(records: usize) -> usize {
    records.saturating_sub(1).max(1)
}

/// Fetches every page of a collection.
pub(super) async fn fetch(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets) -> Result<(), Error> {
    let body = match api.get(offsets.path, &offsets.query(0)).await {
        // A service that pages by cursor alone may not want to hear where a page begins.
        Err(error) if offsets.cursor.is_some() && error.status == Some(400) => {
            api.get(offsets.path, &offsets.query_from_the_start()).await.map_err(|_| error)?
        }
        body => body?,
    };
    let first = sink.page(api, offsets.path, offsets.collection, body)?;
    if let (Some(parameter), Some(next)) = (offsets.cursor, &first.next) {
        let query = offsets.query_from_the_start();
        let cursors = cursor::Cursors { path: offsets.path, collection: offsets.collection, parameter, query };
        return cursor::follow(api, sink, &cursors, Some(next.clone())).await;
    }
    let mut pass = Pass { overlap: first.records > 1, ..Pass::default() };
    pass.add(&first);
    match first.total {
        _ if first.records == 0 => {}
        Some(total) if first.records < total => together(api, sink, offsets, &mut pass, first.records, total).await?,
        // As many as there are said to be, and fewer than were asked for.
        Some(_) if !offsets.always_look_further && first.records < offsets.size => {}
        total => {
            let more = beyond(api, sink, offsets, &first).await?;
            if !more || total.is_none() {
                return Ok(());
            }
        }
    }
    if pass.adds_up(sink.count(offsets.collection)) {
        return Ok(());
    }
    second_look(api, sink, offsets, &pass).await
}

/// Page after page, in place of a first look that does not add up.
async fn second_look(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets, first: &Pass) -> Result<(), Error> {
    sink.put_aside(offsets.collection);
    // A service that knows whole pages alone cannot begin one with the last record of another.
    let mut second = Pass { overlap: first.overlap && !first.whole_pages, ..Pass::default() };
    walk(api, sink, offsets, &mut second).await?;
    let distinct = sink.distinct(offsets.collection);
    // Some come and go; a list that has lost a tenth is not the better one, and one that is no longer than a total that
    // was wrong is not whole.
    let lost = distinct * 10 < sink.put_aside_count(offsets.collection) * 9;
    let wrong_total = match (first.total, second.total) {
        (Some((_, one)), Some((_, two))) => {
            one == two && sink.put_aside_count(offsets.collection) > one.max(distinct) + one / 10
        }
        _ => false,
    };
    let whole = second.adds_up(sink.count(offsets.collection)) && !lost && !wrong_total;
    sink.settle(offsets.collection, !whole);
    if !whole {
        sink.doubt(offsets.collection, "its pages do not add up, and a second look does not either");
    }
    Ok(())
}

/// Looks whether there is more behind what seems to be all, and takes it. Whether there was.
async fn beyond(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets, first: &PageFacts) -> Result<bool, Error> {
    let mut at = first.records;
    for _ in 0..api.limits.pages {
        let before = sink.distinct(offsets.collection);
        let body = match api.get(offsets.path, &offsets.query(at)).await {
            // Nothing is there.
            Err(error) if matches!(error.status, Some(400 | 404 | 416 | 422)) => return Ok(at > first.records),
            body => body?,
        };
        let facts = sink.page(api, offsets.path, offsets.collection, body)?;
        if facts.records == 0 {
            return Ok(at > first.records);
        }
        if facts.first == first.first {
            // The service does not care where a page begins. Just as many as were asked for may be some of many.
            if facts.records == offsets.size {
                sink.doubt(offsets.collection, "the same records come whatever page is asked for");
            }
            return Ok(false);
        }
        if sink.distinct(offsets.collection) < before + facts.records {
            sink.doubt(offsets.collection, "records come twice, so that others may not have come at all");
            return Ok(true);
        }
        at += facts.records;
        // The total is of the page, or the list has grown: the second look tells.
        if first.total.is_some() {
            return Ok(true);
        }
    }
    Err(api.endless(offsets.path, &format!("more than {} pages", api.limits.pages)))
}

/// The pages after the first, several at a time.
async fn together(
    api: &Api<'_>,
    sink: &mut Sink<'_>,
    offsets: &Offsets,
    pass: &mut Pass,
    page_size: usize,
    total: usize,
) -> Result<(), Error> {
    let step = step(page_size);
    if total / step > api.limits.pages {
        return Err(api.endless(offsets.path, &format!("{total} records, {step} a page")));
    }
    // Where pages share a record, none has to begin with the last one.
    let end = if page_size > 1 { total.saturating_sub(1) } else { total };
    let starts = (step..end).step_by(step);
    let pages = stream::iter(starts).map(async |at| api.get(offsets.path, &offsets.query(at)).await);
    let mut pages = std::pin::pin!(pages.buffered(api.limits.concurrency.max(1)));
    while let Some(body) = pages.next().await {
        let facts = sink.page(api, offsets.path, offsets.collection, body?)?;
        pass.add(&facts);
    }
    Ok(())
}

/// Page after page from the beginning, by what each page really holds.
async fn walk(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets, pass: &mut Pass) -> Result<(), Error> {
    let mut at = 0;
    let mut idle = 0;
    for _ in 0..api.limits.pages {
        let before = sink.distinct(offsets.collection);
        let body = api.get(offsets.path, &offsets.query(at)).await?;
        let facts = sink.page(api, offsets.path, offsets.collection, body)?;
        pass.add(&facts);
        if facts.records == 0 || facts.total.is_none_or(|total| at + facts.records >= total) {
            return Ok(());
        }
        at += if pass.overlap { step(facts.records) } else { facts.records };
        idle = if sink.distinct(offsets.collection) == before { idle + 1 } else { 0 };
        if idle >= cursor::IDLE {
            return Err(api.endless(offsets.path, "pages bring nothing new"));
        }
    }
    Err(api.endless(offsets.path, &format!("more than {} pages", api.limits.pages)))
}
