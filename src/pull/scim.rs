//! SCIM 2.0: the users of a service, and its groups where users do not name theirs, by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865), as its
//! `ServiceProviderConfig` says or as it answers.

use serde_json::Value;

use crate::{
    ingest::{project::ScimSource, scim},
    pull::{
        api::Api,
        error::Error,
        offset::{self, Offsets, Paging},
        sink::{Need, Sink},
    },
};

pub(super) async fn fetch(source: &ScimSource, api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    // It is a hint, and services do without it.
    let paging = api.optional("ServiceProviderConfig").await.map(|config| paging(&config)).unwrap_or_default();
    let fetched = offset::fetch(api, sink, &offsets("Users", paging)).await;
    sink.settle_for("Users", Need::Must, fetched)?;
    if scim::needs_groups(&source.levels, |attribute| sink.has_list("Users", attribute)) {
        let fetched = offset::fetch(api, sink, &offsets("Groups", paging)).await;
        sink.settle_for("Groups", Need::May, fetched)?;
    }
    Ok(())
}

fn offsets(collection: &'static str, paging: Paging) -> Offsets {
    Offsets {
        path: collection,
        collection,
        skip: "startIndex",
        first: 1,
        limit: "count",
        size: 100,
        query: Vec::new(),
        always_look_further: true,
        cursor: Some("cursor"),
        paging,
    }
}

/// What a `ServiceProviderConfig` says of paging (RFC 7643 §5, RFC 9865 §4).
fn paging(config: &Value) -> Paging {
    let pagination = attribute(config, "pagination");
    let flag = |name: &str| pagination.and_then(|pagination| attribute(pagination, name)).and_then(Value::as_bool);
    let number = |of: Option<&Value>, name: &str| {
        let number = of.and_then(|of| attribute(of, name)).and_then(Value::as_u64);
        number.and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0)
    };
    let limits = [number(pagination, "maxPageSize"), number(attribute(config, "filter"), "maxResults")];
    Paging { by_cursor: flag("cursor"), by_index: flag("index"), page_limit: limits.into_iter().flatten().min() }
}

/// An attribute, whose name has no case (RFC 7643 §2.1).
fn attribute<'v>(of: &'v Value, name: &str) -> Option<&'v Value> {
    of.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paging_is_read_whatever_the_case_of_names() {
        let config = json!({ "Pagination": { "CURSOR": true, "index": false, "maxPageSize": 200 }, "filter": { "maxResults": 100 } });
        let expected = Paging { by_cursor: Some(true), by_index: Some(false), page_limit: Some(100) };
        assert_eq!(paging(&config), expected);
        for nothing in [json!({}), json!([]), json!({ "pagination": true }), json!({ "filter": { "maxResults": 0 } })] {
            assert_eq!(paging(&nothing), Paging::default(), "{nothing}");
        }
    }
}
