//! SCIM services that return only the first page.

use std::collections::HashMap;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::{common::stderr, project::case};

const USERS: usize = 150;
const LIMIT: usize = 100;

/// How a service pages.
struct Service(&'static str);

impl Service {
    fn page(&self, query: &HashMap<String, String>) -> Result<Value, u16> {
        let Service(mode) = *self;
        if mode == "empty" {
            return Ok(json!({ "totalResults": 0, "startIndex": 1, "itemsPerPage": 0 }));
        }
        if mode.starts_with("cursor-") && query.contains_key("startIndex") {
            return Err(400);
        }
        let number = |key: &str| query.get(key).and_then(|text| text.parse::<usize>().ok());
        let count = number("count").unwrap_or(LIMIT).min(LIMIT);
        if query.contains_key("cursor") || ["cursor", "cursor-only"].contains(&mode) {
            let start = number("cursor").unwrap_or(0);
            let page = users(start, count);
            let mut answer = json!({ "totalResults": USERS, "itemsPerPage": page.len(), "Resources": page });
            if start + count < USERS {
                answer["nextCursor"] = (start + count).to_string().into();
            }
            return Ok(answer);
        }
        let ignores = ["cursor-on-request", "first-page-only"].contains(&mode);
        let start = if ignores { 0 } else { number("startIndex").unwrap_or(1).saturating_sub(1) };
        let page = users(start, count);
        let size = page.len();
        Ok(json!({ "totalResults": size, "startIndex": start + 1, "itemsPerPage": size, "Resources": page }))
    }
}

fn users(start: usize, count: usize) -> Vec<Value> {
    let user = |id| {
        let roles = json!([{ "value": "member" }]);
        json!({ "id": format!("u{id}"), "userName": format!("u{id}@x.example"), "active": true, "roles": roles })
    };
    (start..(start + count).min(USERS)).map(user).collect()
}

impl Respond for Service {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.url.path().ends_with("/ServiceProviderConfig") {
            let cursor = self.0.starts_with("cursor");
            let paging = json!({ "cursor": cursor, "index": !self.0.starts_with("cursor-"), "maxPageSize": LIMIT });
            return ResponseTemplate::new(200).set_body_json(json!({ "pagination": paging }));
        }
        if !request.url.path().ends_with("/Users") {
            return ResponseTemplate::new(404);
        }
        let query = request.url.query_pairs().into_owned().collect();
        match self.page(&query) {
            Ok(page) => ResponseTemplate::new(200).set_body_json(page),
            Err(status) => ResponseTemplate::new(status).set_body_json(json!({ "status": status.to_string() })),
        }
    }
}

/// What a pull gave: its exit status, what it said, and the list of users if there is a snapshot.
fn pull(mode: &'static str) -> (i32, String, Option<Value>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(Service(mode)).mount(&server).await;
        server
    });
    let case = case("scim-cursor-only-and-truncation");
    let port = server.address().port().to_string();
    case.write("tenure.yaml", case.read("tenure.template").replace("PORT", &port));
    let output = case.command(&["pull", "-o", "snapshot.json", "--retries", "0"]).env("TOKEN", "abc").output().unwrap();
    let list = std::fs::read(case.path().join("snapshot.json")).ok().map(|bytes| {
        let snapshot: Value = serde_json::from_slice(&bytes).unwrap();
        let sources = snapshot["sources"].as_array().unwrap();
        let source = sources.iter().find(|source| source["kind"] == "scim").unwrap();
        source["collections"].as_array().unwrap().iter().find(|list| list["name"] == "Users").unwrap().clone()
    });
    (output.status.code().unwrap(), stderr(&output), list)
}

/// Which answers are right for a way of paging.
#[derive(Clone, Copy, PartialEq)]
enum Right {
    All,
    AllOrIncomplete,
    AllOrRefused,
    Incomplete,
}

#[test]
fn scim_cursor_only_and_truncation() {
    for (mode, right) in [
        ("cursor", Right::All),
        ("cursor-only", Right::All),
        ("cursor-on-request", Right::AllOrIncomplete),
        ("first-page-only", Right::AllOrRefused),
        ("page-total", Right::AllOrRefused),
        ("empty", Right::Incomplete),
    ] {
        let (status, said, list) = pull(mode);
        let complete = list.as_ref().is_some_and(|list| list["complete"] == true);
        let all = status == 0 && complete && list.as_ref().is_some_and(|list| list["records"] == USERS);
        let refused = status == 3 && list.is_none();
        let is_right = match right {
            Right::All => all,
            Right::AllOrIncomplete => all || !complete,
            Right::AllOrRefused => all || refused,
            Right::Incomplete => !complete,
        };
        assert!(is_right, "{mode}: exit {status}, {list:?}: {said}");
    }
}
