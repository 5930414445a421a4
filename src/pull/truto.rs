//! Truto: the users of a system, or the employees of an HRIS.

use crate::{
    ingest::project::{TrutoModel, TrutoSource},
    pull::{
        api::Api,
        cursor::{self, Cursors},
        error::Error,
        sink::{Need, Sink},
    },
};

pub(super) async fn fetch(source: &TrutoSource, api: &Api<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
    let lists: &[(&'static str, &'static str, Need)] = match source.model {
        Some(TrutoModel::Hris) => &[
            ("unified/hris/employees", "employees", Need::Must),
            // Not every HRIS has them; employees may carry their job title themselves.
            ("unified/hris/employments", "employments", Need::May),
        ],
        None | Some(TrutoModel::UserDirectory) => &[("unified/user-directory/users", "users", Need::Must)],
    };
    for (path, collection, need) in lists.iter().copied() {
        let mut query = vec![
            ("integrated_account_id", source.integrated_account.clone()),
            // The system's raw rows are full of what no check needs.
            ("truto_ignore_remote_data", "true".to_owned()),
            ("limit", "100".to_owned()),
        ];
        // Without it some integrations leave out those who have left.
        let all = collection == "employees" && !source.query.contains_key("employment_status");
        query.extend(all.then(|| ("employment_status", "all".to_owned())));
        query.extend(source.query.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let fetched = cursor::fetch(api, sink, &Cursors { path, collection, parameter: "next_cursor", query }).await;
        sink.settle_for(collection, need, fetched)?;
        if let Some(status) = source.query.get("employment_status").filter(|status| *status != "all") {
            sink.doubt(collection, &format!("only those of the employment status `{status}` were asked for"));
        }
        if let Some(reason) = unproven(source) {
            sink.suspect(collection, &reason);
        }
    }
    Ok(())
}

/// Parameters that leave no record out: the order, and the form of a record.
const HARMLESS: [&str; 9] = [
    "truto_ignore_limit",
    "truto_exclude_fields",
    "truto_response_format",
    "sort",
    "sort_by",
    "sort_order",
    "order_by",
    "expand",
    // Judged by its value.
    "employment_status",
];

/// Why the `query:` of a source may leave records out.
fn unproven(source: &TrutoSource) -> Option<String> {
    let name = |name: &String| name.split('[').next().is_some_and(|name| HARMLESS.contains(&name));
    let names = source.query.keys().filter(|one| !name(one)).map(|one| format!("`{one}`"));
    let names = names.collect::<Vec<String>>().join(", ");
    let reason = || format!("its `query:` sends {names}, which may leave records out");
    (!names.is_empty()).then(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::SourceConfig;

    fn reason(query: &str) -> Option<String> {
        let text = format!("{{ kind: truto, system: s, integrated_account: a, token_env: T, query: {query} }}");
        match serde_yaml::from_str(&text).unwrap() {
            SourceConfig::Truto(source) => unproven(&source),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_parameters_known_to_be_harmless_leave_a_list_whole() {
        assert_eq!(reason("{}"), None);
        assert_eq!(reason("{ sort_by: name, 'truto_exclude_fields[]': phone, employment_status: all }"), None);
        for filter in ["status", "department", "remote_query[status]", "expands"] {
            let reason = reason(&format!("{{ expand: all, '{filter}': x }}")).unwrap();
            assert_eq!(reason, format!("its `query:` sends `{filter}`, which may leave records out"));
        }
    }
}
