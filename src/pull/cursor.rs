//! Pages by cursor: each names the next.

use std::collections::HashSet;

use crate::pull::{api::Api, error::Error, sink::Sink};

/// How a collection is asked for.
pub(super) struct Cursors<'q> {
    /// Path below the address of the API.
    pub(super) path: &'static str,
    /// The vendor's name of the collection.
    pub(super) collection: &'static str,
    /// The parameter of the cursor.
    pub(super) parameter: &'static str,
    /// Further parameters, the same on every page.
    pub(super) query: Vec<(&'q str, String)>,
}

/// So many pages in a row may be empty.
const EMPTY: usize = 100;
/// So many pages in a row may bring nothing new.
pub(super) const IDLE: usize = 5;

/// Fetches every page of a collection.
pub(super) async fn fetch(api: &Api<'_>, sink: &mut Sink<'_>, cursors: &Cursors<'_>) -> Result<(), Error> {
    follow(api, sink, cursors, None).await
}

/// Fetches every page from a cursor on.
pub(super) async fn follow(
    api: &Api<'_>,
    sink: &mut Sink<'_>,
    cursors: &Cursors<'_>,
    from: Option<String>,
) -> Result<(), Error> {
    let mut seen: HashSet<String> = from.iter().cloned().collect();
    let mut next = from;
    let mut idle = 0;
    for _ in 0..api.limits.pages {
        let mut query = cursors.query.clone();
        query.extend(next.map(|cursor| (cursors.parameter, cursor)));
        let before = sink.distinct(cursors.collection);
        let body = api.get(cursors.path, &query).await?;
        let facts = sink.page(api, cursors.path, cursors.collection, body)?;
        let Some(cursor) = facts.next else { return Ok(()) };
        if !seen.insert(cursor.clone()) {
            return Err(api.endless(cursors.path, "a cursor comes again"));
        }
        let new = sink.distinct(cursors.collection) > before;
        idle = if new { 0 } else { idle + 1 };
        // An empty page may be one of which the vendor has filtered everything out.
        if idle >= if facts.records > 0 { IDLE } else { EMPTY } {
            return Err(api.endless(cursors.path, "pages bring nothing new"));
        }
        next = Some(cursor);
    }
    Err(api.endless(cursors.path, &format!("more than {} pages", api.limits.pages)))
}
