//! Pages by offset: several at a time, since where each begins is known from the first. Rows may move between pages
//! while they are read; where the numbers do not add up, a second look goes page after page.

use futures_util::{StreamExt, stream};

use super::{Api, Error, Sink, cursor};

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

/// Numbers of one pass over all pages.
#[derive(Debug, Default)]
struct Pass {
    /// Records on all its pages.
    seen: usize,
    /// What the pages said of the total, the least and the greatest.
    total: Option<(usize, usize)>,
}

impl Pass {
    fn add(&mut self, records: usize, total: Option<usize>) {
        self.seen += records;
        if let Some(total) = total {
            let (least, greatest) = self.total.unwrap_or((total, total));
            self.total = Some((least.min(total), greatest.max(total)));
        }
    }

    /// Whether every record came just once, and as many as there are said to be.
    fn adds_up(&self, distinct: usize) -> bool {
        self.seen == distinct && self.total.is_none_or(|(least, greatest)| least == greatest && distinct == greatest)
    }
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
    pass.add(first.records, first.total);
    match first.total {
        Some(total) if first.records >= total => {}
        Some(total) if first.records > 0 => {
            together(api, sink, offsets, &mut pass, first.records, total).await?;
        }
        Some(_) => {}
        None => walk(api, sink, offsets, &mut pass, first.records).await?,
    }
    if pass.adds_up(sink.count(offsets.collection)) {
        return Ok(());
    }
    sink.put_aside(offsets.collection);
    let mut second = Pass::default();
    walk(api, sink, offsets, &mut second, 0).await?;
    let adds_up = second.adds_up(sink.count(offsets.collection));
    sink.settle(offsets.collection, !adds_up);
    Ok(())
}

/// The pages after the first, several at a time.
async fn together(
    api: &Api<'_>,
    sink: &mut Sink<'_>,
    offsets: &Offsets,
    pass: &mut Pass,
    step: usize,
    total: usize,
) -> Result<(), Error> {
    if total / step > api.limits.pages {
        return Err(api.endless(offsets.path, &format!("{total} records, {step} a page")));
    }
    let pages = stream::iter((step..total).step_by(step)).map(|at| api.get_owned(offsets.path, offsets.query(at)));
    let mut pages = std::pin::pin!(pages.buffered(api.limits.concurrency.max(1)));
    while let Some(body) = pages.next().await {
        let facts = sink.page(api, offsets.path, offsets.collection, body?)?;
        pass.add(facts.records, facts.total);
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
    for _ in 0..api.limits.pages {
        let before = sink.count(offsets.collection);
        let body = api.get(offsets.path, &offsets.query(at)).await?;
        let facts = sink.page(api, offsets.path, offsets.collection, body)?;
        pass.add(facts.records, facts.total);
        at += facts.records;
        if facts.records == 0 || facts.total.is_some_and(|total| at >= total) {
            return Ok(());
        }
        // A bare list that ignores offsets gives the same page again and again.
        if facts.total.is_none() && sink.count(offsets.collection) == before {
            return Ok(());
        }
    }
    Err(api.endless(offsets.path, &format!("more than {} pages", api.limits.pages)))
}
