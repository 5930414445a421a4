//! Humaans: first what the token may see, then the lists.

use super::{
    Api, Error, Sink,
    offset::{self, Offsets},
    sink::Need,
};

/// Each list with its further parameters, and whether it can be done without.
const LISTS: [(&str, Option<(&str, &str)>, Need); 5] = [
    // Without `status`, active people only.
    ("people", Some(("status", "all")), Need::Must),
    ("job-roles", None, Need::Should),
    ("roles", None, Need::Should),
    ("role-members", None, Need::Should),
    // The company only names the organisation.
    ("companies", None, Need::May),
];

pub(super) async fn fetch(api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let scopes = async {
        let body = api.get("token-info", &[]).await?;
        sink.page(api, "token-info", "token-info", body).map(|_| ())
    };
    let scopes = scopes.await;
    sink.settle_for("token-info", Need::May, scopes)?;
    for (path, parameter, need) in LISTS {
        let offsets = Offsets {
            path,
            collection: path,
            skip: "$skip",
            first: 0,
            limit: "$limit",
            size: 250,
            query: parameter.map(|(key, value)| (key, value.to_owned())).into_iter().collect(),
            cursor: None,
        };
        let fetched = offset::fetch(api, sink, &offsets).await;
        sink.settle_for(path, need, fetched)?;
    }
    Ok(())
}
