//! Vendors' APIs as they would answer, with troubles of every kind.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::method};

/// A vendor that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Humaans,
    Merge,
    Truto,
    Scim,
}

pub(crate) const VENDORS: [Vendor; 4] = [Vendor::Humaans, Vendor::Merge, Vendor::Truto, Vendor::Scim];

/// What no output may hold.
pub(crate) const TOKEN: &str = "s3cret-token-value";
pub(crate) const ACCOUNT_TOKEN: &str = "s3cret-account-value";

impl Vendor {
    /// The source's entry in `tenure.yaml`.
    pub(crate) fn source(self, url: &str) -> String {
        match self {
            Vendor::Humaans => format!("{{ kind: humaans, token_env: THE_TOKEN, url: \"{url}\" }}"),
            Vendor::Merge => {
                format!("{{ kind: merge, token_env: THE_TOKEN, account_token_env: THE_ACCOUNT_TOKEN, url: \"{url}\" }}")
            }
            Vendor::Truto => format!(
                "{{ kind: truto, system: github, token_env: THE_TOKEN, integrated_account: acc-1, url: \"{url}\" }}"
            ),
            Vendor::Scim => {
                format!("{{ kind: scim, system: slack, levels: [roles], token_env: THE_TOKEN, url: \"{url}\" }}")
            }
        }
    }

    /// The path of the list that matters most.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Vendor::Humaans => "people",
            Vendor::Merge => "employees",
            Vendor::Truto => "unified/user-directory/users",
            Vendor::Scim => "Users",
        }
    }

    pub(crate) fn pages_by_offset(self) -> bool {
        matches!(self, Vendor::Humaans | Vendor::Scim)
    }

    fn page_size(self) -> usize {
        if self == Vendor::Humaans { 250 } else { 100 }
    }

    /// A little more than two pages.
    pub(crate) fn records(self) -> usize {
        self.page_size() * 2 + 7
    }

    /// An error as this vendor writes it.
    pub(crate) fn error(self, status: u16, message: &str) -> Value {
        match self {
            Vendor::Humaans => json!({ "id": "err1", "code": "Refused", "name": "Refused", "message": message }),
            Vendor::Merge => json!({ "detail": message }),
            Vendor::Truto => json!({ "statusCode": status, "error": "Refused", "message": message }),
            Vendor::Scim => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string(), "detail": message
            }),
        }
    }

    /// Every record of a list.
    fn list(self, path: &str) -> Vec<Value> {
        let numbers = 0..self.records();
        match (self, path) {
            (Vendor::Humaans, "people") => numbers
                .map(|n| {
                    let status = if n == 1 || n % 50 == 7 { "offboarded" } else { "active" };
                    json!({
                        "id": format!("per{n:05}"), "firstName": "A", "lastName": format!("N{n}"), "preferredName": null,
                        "email": format!("n{n}@acme.example"), "employeeId": format!("E-{n}"), "status": status,
                        "role": "user", "employmentStartDate": "2024-01-01", "employmentEndDate": null,
                        "lastWorkingDay": null, "updatedAt": "2026-01-01T00:00:00Z", "taxId": "DROPME"
                    })
                })
                .collect(),
            (Vendor::Humaans, "job-roles") => numbers
                .map(|n| {
                    json!({
                        "id": format!("job{n:05}"), "personId": format!("per{n:05}"), "jobTitle": "Engineer",
                        "department": "Engineering", "reportingTo": if n == 0 { Value::Null } else { json!("per00000") },
                        "effectiveDate": "2024-01-01", "endDate": null, "updatedAt": "2026-01-01T00:00:00Z"
                    })
                })
                .collect(),
            (Vendor::Humaans, "roles") => vec![json!({ "id": "r1", "name": "Owners" })],
            (Vendor::Humaans, "role-members") => vec![json!({ "id": "m1", "personId": "per00000", "roleId": "r1" })],
            (Vendor::Humaans, "companies") => vec![json!({ "id": "c1", "name": "Acme Ltd" })],
            (Vendor::Merge, "employees") => numbers
                .map(|n| {
                    json!({
                        "id": format!("m{n:05}"), "remote_id": format!("per{n:05}"), "first_name": "A",
                        "last_name": format!("N{n}"), "preferred_name": null, "employee_number": format!("E-{n}"),
                        "work_email": format!("n{n}@acme.example"), "groups": ["g1"], "manager": null,
                        "start_date": "2024-01-01T00:00:00Z", "employment_status": if n == 1 { "INACTIVE" } else { "ACTIVE" }, "termination_date": null,
                        "remote_was_deleted": false, "modified_at": "2026-01-01T00:00:00Z", "ssn": "DROPME"
                    })
                })
                .collect(),
            (Vendor::Merge, "employments") => numbers
                .map(|n| {
                    json!({
                        "id": format!("e{n:05}"), "employee": format!("m{n:05}"), "job_title": "Engineer",
                        "effective_date": "2024-01-01T00:00:00Z", "modified_at": "2026-01-01T00:00:00Z"
                    })
                })
                .collect(),
            (Vendor::Merge, "groups") => vec![json!({ "id": "g1", "name": "Engineering", "type": "DEPARTMENT" })],
            (Vendor::Merge, "sync-status") => ["Employee", "Employment", "Group"]
                .map(|model| {
                    json!({ "model_name": model, "model_id": format!("hris.{model}"), "status": "DONE",
                            "is_initial_sync": false, "last_sync_finished": "2026-01-01T00:00:00Z" })
                })
                .to_vec(),
            (Vendor::Truto, "unified/user-directory/users") => numbers
                .map(|n| {
                    json!({
                        "id": format!("u{n:05}"), "emails": [{ "email": format!("n{n}@acme.example"), "is_primary": true }],
                        "status": "active", "roles": [], "last_login_at": null, "updated_at": "2026-01-01T00:00:00Z",
                        "phones": ["DROPME"]
                    })
                })
                .collect(),
            (Vendor::Scim, "Users") => numbers
                .map(|n| {
                    json!({
                        "id": format!("u{n:05}"), "userName": format!("n{n}@acme.example"), "active": true,
                        "roles": [{ "value": "member" }], "phoneNumbers": ["DROPME"]
                    })
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// One page, cut out of a list.
    fn page(self, list: &[Value], query: &BTreeMap<String, String>) -> Value {
        let number = |key: &str, default: usize| query.get(key).and_then(|text| text.parse().ok()).unwrap_or(default);
        let cut = |from: usize, size: usize| list.iter().skip(from).take(size).cloned().collect::<Vec<_>>();
        match self {
            Vendor::Humaans => {
                let (from, size) = (number("$skip", 0), number("$limit", 100).min(250));
                json!({ "total": list.len(), "limit": size, "skip": from, "data": cut(from, size) })
            }
            Vendor::Scim => {
                let (from, size) = (number("startIndex", 1) - 1, number("count", 100).min(100));
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": list.len(),
                        "startIndex": from + 1, "Resources": cut(from, size) })
            }
            Vendor::Merge => {
                let (from, size) = (number("cursor", 0), number("page_size", 30).min(100));
                let next = (from + size < list.len()).then(|| (from + size).to_string());
                json!({ "next": next, "previous": null, "results": cut(from, size) })
            }
            Vendor::Truto => {
                let (from, size) = (number("next_cursor", 0), number("limit", 10).min(100));
                let next = if from + size < list.len() { (from + size).to_string() } else { String::new() };
                json!({ "result": cut(from, size), "next_cursor": next, "prev_cursor": null, "result_count": size })
            }
        }
    }
}

/// What goes wrong, on the list that matters most.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    None,
    /// The first answers are these, and then all is well.
    First(Vec<ResponseTemplate>),
    /// Every answer is this.
    Always(ResponseTemplate),
    /// While the pages are read for the first time, the first row is deleted and a new one is added: every row moves up
    /// by one. A second look finds all in order.
    Moves,
    /// Every page names a further one, the same or always another.
    Endless {
        same: bool,
    },
}

/// One vendor's API.
pub(crate) struct Fake {
    vendor: Vendor,
    trouble: Trouble,
    asked: Arc<AtomicUsize>,
    lists: Mutex<BTreeMap<String, Vec<Value>>>,
}

impl Respond for Fake {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let bearer = format!("Bearer {TOKEN}");
        assert_eq!(request.headers.get("authorization").unwrap().to_str().unwrap(), bearer);
        if self.vendor == Vendor::Merge {
            assert_eq!(request.headers.get("x-account-token").unwrap().to_str().unwrap(), ACCOUNT_TOKEN);
        }
        let path = request.url.path().trim_start_matches("/api/").to_owned();
        let query: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        if path == "token-info" {
            let scopes =
                json!({ "id": "t", "label": "x", "personId": "per00000", "scopes": ["public:read", "private:read"] });
            return ResponseTemplate::new(200).set_body_json(scopes);
        }
        if self.vendor == Vendor::Humaans && path == "people" {
            assert_eq!(query.get("status").map(String::as_str), Some("all"));
        }
        let mut lists = self.lists.lock().unwrap();
        let list = lists.entry(path.clone()).or_insert_with(|| self.vendor.list(&path));
        let mut page = self.vendor.page(list, &query);
        if path == self.vendor.path() {
            let asked = self.asked.fetch_add(1, Ordering::SeqCst);
            match &self.trouble {
                Trouble::None => {}
                Trouble::First(answers) => {
                    if let Some(answer) = answers.get(asked) {
                        return answer.clone();
                    }
                }
                Trouble::Always(answer) => return answer.clone(),
                Trouble::Moves if asked == 0 => {
                    let mut added = list[0].clone();
                    added["id"] = json!("zzz-added");
                    if self.vendor == Vendor::Merge {
                        added["remote_id"] = json!("per-added");
                    }
                    list.remove(0);
                    list.push(added);
                }
                Trouble::Moves => {}
                Trouble::Endless { same } => {
                    let next = if *same { "again".to_owned() } else { (asked * 1_000_000 + 1).to_string() };
                    let records = list.iter().take(2).cloned().collect::<Vec<_>>();
                    page = match self.vendor {
                        Vendor::Merge => json!({ "next": next, "results": records }),
                        Vendor::Truto => json!({ "next_cursor": next, "result": records }),
                        Vendor::Humaans => json!({ "total": 1_000_000_000_u64 + asked as u64, "data": records }),
                        Vendor::Scim => json!({ "totalResults": 5, "nextCursor": next, "Resources": records }),
                    };
                }
            }
        }
        let kind =
            if self.vendor == Vendor::Scim { "application/scim+json" } else { "application/json; charset=utf-8" };
        ResponseTemplate::new(200).set_body_raw(page.to_string(), kind)
    }
}

/// A played vendor and how often its most important list was asked for.
pub(crate) struct Playing {
    pub(crate) server: MockServer,
    pub(crate) asked: Arc<AtomicUsize>,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Playing {
    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("{}/api", self.server.uri())
    }

    pub(crate) fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Starts a vendor.
pub(crate) fn play(vendor: Vendor, trouble: Trouble) -> Playing {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let fake = Fake { vendor, trouble, asked: Arc::clone(&asked), lists: Mutex::default() };
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        Mock::given(method("GET")).respond_with(fake).mount(&server).await;
        server
    });
    Playing { server, asked, runtime }
}
