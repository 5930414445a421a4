//! SCIM 2.0: the users of a service, by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865), whichever it answers with.

use super::{
    Api, Error, Sink,
    offset::{self, Offsets},
    sink::Need,
};

pub(super) async fn fetch(api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let offsets = Offsets {
        path: "Users",
        collection: "Users",
        skip: "startIndex",
        first: 1,
        limit: "count",
        size: 100,
        query: Vec::new(),
        always_look_further: true,
        cursor: Some("cursor"),
    };
    let fetched = offset::fetch(api, sink, &offsets).await;
    sink.settle_for("Users", Need::Must, fetched)
}
