//! Pages by offset: several at a time, since where each begins is known from the first. Rows may move between pages
//! while they are read; where the numbers do not add up, a second look goes page after page.

use futures_util::{StreamExt, stream};

use crate::{
    ingest::pages::PageFacts,
    pull::{api::Api, cursor, error::Error, sink::Sink},
};

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
    /// What the service says of its paging.
    pub(super) paging: Paging,
}

/// What a service says of its paging, as far as it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Paging {
    /// Whether it pages by cursor.
    pub(super) by_cursor: Option<bool>,
    /// Whether it pages by index.
    pub(super) by_index: Option<bool>,
    /// The most records that it puts on a page.
    pub(super) page_limit: Option<usize>,
}

/// The most records on a page with common services. A list that ends with just as many may go on.
const PAGE_LIMITS: [usize; 10] = [10, 20, 25, 30, 50, 100, 200, 250, 500, 1000];

/// Whether a service does not page in the way that it was asked to.
fn is_paging_refused(error: &Error) -> bool {
    matches!(error.status, Some(400 | 501))
}

impl Offsets {
    fn query(&self, at: usize) -> Vec<(&'static str, String)> {
        let own = [(self.limit, self.size.to_string()), (self.skip, (self.first + at).to_string())];
        self.query.iter().cloned().chain(own).collect()
    }

    /// Whether a page of so many records may have been cut off.
    fn is_at_limit(&self, records: usize) -> bool {
        let at_own_limit = self.paging.page_limit.is_some_and(|limit| records >= limit);
        records > 0 && (at_own_limit || records >= self.size || PAGE_LIMITS.contains(&records))
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
    let only_by_cursor = offsets.paging.by_cursor == Some(true) && offsets.paging.by_index == Some(false);
    if only_by_cursor && by_cursor(api, sink, offsets).await?.is_some() {
        return Ok(());
    }
    let body = match api.get(offsets.path, &offsets.query(0)).await {
        // A service that pages by cursor alone may not want to hear where a page begins.
        Err(error) if offsets.cursor.is_some() && is_paging_refused(&error) => {
            return without_index(api, sink, offsets, error).await;
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
            let more = look_further(api, sink, offsets, &first).await?;
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

/// Asks for the first page of a cursor (RFC 9865 §2), and follows it. How many records the first page had, and whether it
/// named a further one; none where the service does not page so.
async fn by_cursor(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets) -> Result<Option<(usize, bool)>, Error> {
    let Some(parameter) = offsets.cursor else { return Ok(None) };
    let query = offsets.query_from_the_start();
    let mut first = query.clone();
    first.push((parameter, String::new()));
    let body = match api.get(offsets.path, &first).await {
        Err(error) if is_paging_refused(&error) => return Ok(None),
        body => body?,
    };
    let facts = sink.page(api, offsets.path, offsets.collection, body)?;
    let goes_on = facts.next.is_some();
    if goes_on {
        let cursors = cursor::Cursors { path: offsets.path, collection: offsets.collection, parameter, query };
        cursor::follow(api, sink, &cursors, facts.next).await?;
    }
    Ok(Some((facts.records, goes_on)))
}

/// The list of a service that refuses an index: by cursor, else all at once. That it refuses an index proves nothing about
/// where its list ends.
async fn without_index(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets, refused: Error) -> Result<(), Error> {
    let (records, goes_on) = match by_cursor(api, sink, offsets).await? {
        Some((records, false)) if offsets.is_at_limit(records) => {
            (records, knows_cursors(api, offsets, records).await?)
        }
        Some(read) => read,
        None => {
            let body = api.get(offsets.path, &offsets.query_from_the_start()).await.map_err(|_| refused)?;
            let facts = sink.page(api, offsets.path, offsets.collection, body)?;
            let goes_on = facts.next.is_some();
            if let (Some(parameter), Some(next)) = (offsets.cursor, facts.next) {
                let query = offsets.query_from_the_start();
                let cursors = cursor::Cursors { path: offsets.path, collection: offsets.collection, parameter, query };
                cursor::follow(api, sink, &cursors, Some(next)).await?;
            }
            (facts.records, goes_on)
        }
    };
    if !goes_on && offsets.is_at_limit(records) {
        let reason = format!("it has {records} records, as many as a page may hold, and the service refuses to page");
        sink.doubt(offsets.collection, &reason);
    }
    Ok(())
}

/// Whether a service names a further page where half as many records are asked for: then a page that names none is the
/// last one.
async fn knows_cursors(api: &Api<'_>, offsets: &Offsets, records: usize) -> Result<bool, Error> {
    let Some(parameter) = offsets.cursor else { return Ok(false) };
    let mut query = offsets.query.clone();
    query.extend([(offsets.limit, (records / 2).max(1).to_string()), (parameter, String::new())]);
    let body = match api.get(offsets.path, &query).await {
        Err(error) if is_paging_refused(&error) => return Ok(false),
        body => body?,
    };
    let page: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let next = page.as_object().and_then(|page| page.iter().find(|(key, _)| key.eq_ignore_ascii_case("nextCursor")));
    Ok(next.is_some_and(|(_, next)| next.as_str().is_some_and(|next| !next.is_empty())))
}

/// The list of a service that gives its first page whatever index is asked for, or refuses what follows it: by cursor.
/// Whether that worked.
async fn instead_by_cursor(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets) -> Result<bool, Error> {
    if offsets.cursor.is_none() {
        return Ok(false);
    }
    sink.put_aside(offsets.collection);
    let read = by_cursor(api, sink, offsets).await;
    let is_read = match read {
        Ok(Some((_, true))) => true,
        Ok(Some((records, false))) if records > 0 => knows_cursors(api, offsets, records).await.unwrap_or(false),
        _ => false,
    };
    // Where it did not, what came before is kept.
    sink.settle(offsets.collection, !is_read);
    Ok(is_read)
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
async fn look_further(api: &Api<'_>, sink: &mut Sink<'_>, offsets: &Offsets, first: &PageFacts) -> Result<bool, Error> {
    let mut at = first.records;
    let mut last = first.records;
    for _ in 0..api.limits.pages {
        let before = sink.distinct(offsets.collection);
        let body = match api.get(offsets.path, &offsets.query(at)).await {
            Err(error) if matches!(error.status, Some(400 | 404 | 416 | 422 | 501)) => {
                let is_proved = !offsets.is_at_limit(last) && (at > first.records || first.total == Some(at));
                if is_proved {
                    return Ok(at > first.records);
                }
                if at == first.records && instead_by_cursor(api, sink, offsets).await? {
                    return Ok(false);
                }
                // A refusal is no proof that nothing is there.
                let reason = format!("the service refuses to say whether more follows the first {at} records");
                sink.doubt(offsets.collection, &reason);
                return Ok(true);
            }
            body => body?,
        };
        let facts = sink.page(api, offsets.path, offsets.collection, body)?;
        if facts.records == 0 {
            return Ok(at > first.records);
        }
        if facts.first == first.first {
            // The service does not care where a page begins. Just as many as a page may hold may be some of many.
            if offsets.is_at_limit(facts.records) && !instead_by_cursor(api, sink, offsets).await? {
                let reason = "the same records come whatever page is asked for";
                match facts.records == offsets.size {
                    true => sink.doubt(offsets.collection, reason),
                    // The service may well have as many.
                    false => sink.suspect(offsets.collection, reason),
                }
            }
            return Ok(false);
        }
        if sink.distinct(offsets.collection) < before + facts.records {
            sink.doubt(offsets.collection, "records come twice, so that others may not have come at all");
            return Ok(true);
        }
        at += facts.records;
        last = facts.records;
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
