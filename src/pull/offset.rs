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
    /// The parameter of a cursor, with services that may answer with one instead.
    pub(super) cursor: Option<&'static str>,
}

impl Offsets {
    fn query(&self, at: usize) -> Vec<(&'static str, String)> {
        let own = [(self.limit, self.size.to_string()), (self.skip, (self.first + at).to_string())];
        self.query.iter().cloned().chain(own).collect()
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
    /// Whether a page did not begin where the one before it ended.
    torn: bool,
}

impl Pass {
    fn add(&mut self, page: &PageFacts) {
        if self.seen == 0 {
            self.seen = page.records;
        } else if self.last.is_some() && self.last == page.first {
            self.seen += page.records - 1;
        } else {
            self.torn = true;
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
    let mut pass = Pass::default();
    let body = api.get(offsets.path, &offsets.query(0)).await?;
    let first = sink.page(api, offsets.path, offsets.collection, body)?;
    if let (Some(parameter), Some(next)) = (offsets.cursor, &first.next) {
        let mut query = offsets.query.clone();
        query.push((offsets.limit, offsets.size.to_string()));
        let cursors = cursor::Cursors { path: offsets.path, collection: offsets.collection, parameter, query };
        return cursor::follow(api, sink, &cursors, Some(next.clone())).await;
    }
    pass.add(&first);
    match first.total {
        Some(total) if first.records >= total => {
            // As many as were asked for: the total may be that of the page.
            if first.records >= offsets.size {
                beyond(api, sink, offsets, first.records).await?;
            }
        }
        Some(_) if first.records == 0 => {}
        Some(total) => together(api, sink, offsets, &mut pass, first.records, total).await?,
        None if first.records < offsets.size => {}
        None => walk(api, sink, offsets, &mut pass, step(first.records)).await?,
    }
    if pass.adds_up(sink.count(offsets.collection)) {
        return Ok(());
    }
    sink.put_aside(offsets.collection);
    let mut second = Pass::default();
    walk(api, sink, offsets, &mut second, 0).await?;
    // A second list that is shorter by the vendor's own account is not the better one.
    let shrunk = match (pass.total, second.total) {
        (Some((least, _)), Some((_, greatest))) => greatest < least,
        _ => sink.distinct(offsets.collection) < sink.put_aside_count(offsets.collection),
    };
    let whole = second.adds_up(sink.count(offsets.collection)) && !shrunk;
    sink.settle(offsets.collection, !whole);
    if !whole {
        sink.doubt(offsets.collection, "rows moved between its pages while they were read, twice");
    }
    Ok(())
}

/// Looks whether there is more behind what is said to be all.
async fn beyond(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets, at: usize) -> Result<(), Error> {
    let before = sink.distinct(offsets.collection);
    let body = api.get(offsets.path, &offsets.query(at)).await?;
    sink.page(api, offsets.path, offsets.collection, body)?;
    if sink.distinct(offsets.collection) > before {
        sink.doubt(offsets.collection, "there are more records than the number that is said to be there");
    }
    Ok(())
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
    let pages = stream::iter(starts).map(|at| api.get_owned(offsets.path, offsets.query(at)));
    let mut pages = std::pin::pin!(pages.buffered(api.limits.concurrency.max(1)));
    while let Some(body) = pages.next().await {
        let facts = sink.page(api, offsets.path, offsets.collection, body?)?;
        pass.add(&facts);
    }
    Ok(())
}

/// Page after page from a record on, by what each page really held.
async fn walk(
    api: &Api<'_>,
    sink: &mut Sink<'_>,
    offsets: &Offsets,
    pass: &mut Pass,
    from: usize,
) -> Result<(), Error> {
    let mut at = from;
    let mut idle = 0;
    for _ in 0..api.limits.pages {
        let before = sink.distinct(offsets.collection);
        let body = api.get(offsets.path, &offsets.query(at)).await?;
        let facts = sink.page(api, offsets.path, offsets.collection, body)?;
        pass.add(&facts);
        if facts.records == 0 || facts.total.is_some_and(|total| at + facts.records >= total) {
            return Ok(());
        }
        at += step(facts.records);
        idle = if sink.distinct(offsets.collection) == before { idle + 1 } else { 0 };
        if facts.total.is_none() && idle > 0 {
            // The end of a bare list is a page of the shared record alone; a full one again is no end.
            if facts.records > 1 {
                sink.doubt(offsets.collection, "the same records come whatever page is asked for");
            }
            return Ok(());
        }
        if idle >= cursor::IDLE {
            return Err(api.endless(offsets.path, "pages bring nothing new"));
        }
    }
    Err(api.endless(offsets.path, &format!("more than {} pages", api.limits.pages)))
}
