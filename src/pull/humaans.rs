//! Humaans: first what the token may see, then the lists.

use crate::pull::{
    api::Api,
    error::Error,
    offset::{self, Offsets, Paging},
    sink::{Need, Sink},
};

/// Each list, and whether it can be done without.
const LISTS: [(&str, Need); 5] = [
    ("people", Need::Must),
    ("job-roles", Need::Should),
    ("roles", Need::Should),
    ("role-members", Need::Should),
    // The company only names the organisation.
    ("companies", Need::May),
];

pub(super) async fn fetch(api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let scopes = async {
        let body = api.get("token-info", &[]).await?;
        sink.page(api, "token-info", "token-info", body).map(|_| ())
    };
    let scopes = scopes.await;
    sink.settle_for("token-info", Need::May, scopes)?;
    for (path, need) in LISTS {
        // Without it, `people` are the active ones only.
        let status = (path == "people").then(|| ("status", "all".to_owned()));
        let offsets = Offsets {
            path,
            collection: path,
            skip: "$skip",
            first: 0,
            limit: "$limit",
            size: 250,
            query: status.into_iter().collect(),
            always_look_further: false,
            cursor: None,
            paging: Paging::default(),
        };
        let fetched = offset::fetch(api, sink, &offsets).await;
        sink.settle_for(path, need, fetched)?;
    }
    Ok(())
}
