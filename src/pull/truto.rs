//! Truto: the users of a system, or the employees of an HRIS.

use super::{
    Api, Error, Sink,
    cursor::{self, Cursors},
    sink::Need,
};
use crate::ingest::project::{TrutoModel, TrutoSource};

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
    }
    Ok(())
}
