//! Merge HRIS: how its own copy stands, then the copy.

use crate::pull::{
    api::Api,
    cursor::{self, Cursors},
    error::Error,
    sink::{Need, Sink},
};

pub(super) async fn fetch(api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    for (path, need) in [
        ("sync-status", Need::Should),
        ("employees", Need::Must),
        ("employments", Need::Should),
        ("groups", Need::Should),
    ] {
        let mut query = vec![("page_size", "100".to_owned())];
        if path != "sync-status" {
            // Deleted rows are marked rather than missing, so that they can be counted.
            query.push(("include_deleted_data", "true".to_owned()));
        }
        let cursors = Cursors { path, collection: path, parameter: "cursor", query };
        let fetched = cursor::fetch(api, sink, &cursors).await;
        sink.settle_for(path, need, fetched)?;
    }
    Ok(())
}
