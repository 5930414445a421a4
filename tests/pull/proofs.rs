//! What a pull proves: levels by the groups of a SCIM service, and lists that were asked for with a filter.

use std::fs;

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::{
    ONCE,
    common::{run, stderr},
    fake::{Trouble, Vendor, play},
    project, pull, snapshot, write_project,
};

/// A SCIM service whose users name no groups.
struct Directory {
    users: Vec<Value>,
    /// The answer to `/Groups`; `None` if the service has none.
    groups: Option<Value>,
}

impl Respond for Directory {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        let page = match path.rsplit('/').next() {
            Some("Users") => Some(json!({ "totalResults": self.users.len(), "Resources": self.users })),
            Some("Groups") => self.groups.clone(),
            _ => None,
        };
        match page {
            Some(page) => ResponseTemplate::new(200).set_body_raw(page.to_string(), "application/scim+json"),
            None => ResponseTemplate::new(404).set_body_json(Vendor::Scim.error(404, "x")),
        }
    }
}

/// A running service and its address.
struct Serving {
    server: MockServer,
    runtime: tokio::runtime::Runtime,
}

impl Serving {
    fn new(directory: Directory) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(directory).mount(&server).await;
            server
        });
        Serving { server, runtime }
    }

    /// The source's entry in `tenure.yaml`.
    fn source(&self, levels: &str) -> String {
        format!("{{ kind: scim, system: app, {levels}token_env: THE_TOKEN, url: \"{}/api\" }}", self.server.uri())
    }

    /// How often the groups were asked for.
    fn times_asked(&self) -> usize {
        let asked = self.runtime.block_on(self.server.received_requests()).unwrap();
        asked.iter().filter(|request| request.url.path().ends_with("/Groups")).count()
    }
}

fn user(id: &str) -> Value {
    json!({ "id": id, "userName": format!("{id}@x.example"), "active": true })
}

fn groups() -> Value {
    json!({ "totalResults": 1, "Resources": [{ "id": "g", "displayName": "Admins", "members": [{ "value": "a" }] }] })
}

/// The levels of each account; a text says why they are unknown.
fn levels(snapshot: &Value) -> Vec<Value> {
    let accounts = snapshot["accounts"].as_array().unwrap();
    let of = |account: &Value| account.get("levels").unwrap_or(&account["unknown"]["levels"]).clone();
    accounts.iter().map(of).collect()
}

#[test]
fn groups_give_the_levels_of_users_who_name_none() {
    for stated in ["levels: [groups], ", ""] {
        let serving = Serving::new(Directory { users: vec![user("a"), user("b")], groups: Some(groups()) });
        let folder = tempfile::tempdir().unwrap();
        write_project(folder.path(), &[serving.source(stated)]);
        let output = pull(folder.path(), &["--retries", "0", "--raw", "raw"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(levels(&snapshot(folder.path())), [json!(["admins"]), json!([])], "{stated}");
        assert_eq!(stderr(&output).contains("levels-of-groups"), stated.is_empty(), "{}", stderr(&output));
        let output = run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("snapshot.json"), read("again.json"));
        // The same files without a `pull.json`.
        let source = format!("{{ kind: file, format: scim, system: app, {stated}path: raw/app }}");
        write_project(folder.path(), &[source]);
        let output = run(folder.path(), &["import", "-o", "files.json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let files: Value = serde_json::from_str(&read("files.json")).unwrap();
        assert_eq!(levels(&files), [json!(["admins"]), json!([])], "{stated}");
    }
}

#[test]
fn without_a_whole_list_of_groups_levels_are_unknown() {
    let short = json!({ "totalResults": 1, "Resources": [] });
    for (groups, arguments, status, words) in [
        (None, &ONCE[..], 0, "not found (404)"),
        (Some(short), &["--retries", "0", "--allow-incomplete"][..], 3, "`Groups` is incomplete"),
    ] {
        let serving = Serving::new(Directory { users: vec![user("a")], groups });
        let folder = tempfile::tempdir().unwrap();
        write_project(folder.path(), &[serving.source("levels: [groups], ")]);
        let output = pull(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
        let levels = levels(&snapshot(folder.path()));
        assert!(levels[0].as_str().unwrap().contains(words), "{levels:?}");
    }
}

#[test]
fn groups_are_not_asked_for_where_nothing_depends_on_them() {
    let mut with_roles = user("a");
    with_roles["roles"] = json!([{ "value": "admin" }]);
    let mut with_groups = user("a");
    with_groups["groups"] = json!([{ "display": "Admins" }]);
    for (user, stated) in [
        (with_roles.clone(), "levels: [roles], "),
        (with_roles, ""),
        (user("a"), "levels: [roles], "),
        (with_groups, "levels: [groups], "),
    ] {
        let serving = Serving::new(Directory { users: vec![user.clone()], groups: Some(groups()) });
        let folder = tempfile::tempdir().unwrap();
        write_project(folder.path(), &[serving.source(stated)]);
        let output = pull(folder.path(), &ONCE);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(serving.times_asked(), 0, "{user} {stated}");
    }
}

#[test]
fn a_query_that_may_filter_leaves_the_list_incomplete_unless_it_is_stated() {
    let playing = play(Vendor::Truto, Trouble::None);
    let folder = project(Vendor::Truto, &playing.url());
    for (further, complete, words) in [
        ("query: { sort_by: name, 'truto_exclude_fields[]': phone }", true, ""),
        ("query: { status: active }", false, "its `query:` sends `status`, which may leave records out"),
        ("query: { status: active }, complete: true, reason: the others are listed elsewhere", true, ""),
        ("query: { status: active }, expected: 207", true, ""),
    ] {
        let source = Vendor::Truto.source(&playing.url()).replace(" }", &format!(", {further} }}"));
        write_project(folder.path(), &[source]);
        let output = pull(folder.path(), &["--retries", "0", "--raw", "raw"]);
        assert_eq!(output.status.code(), Some(0), "{further}: {}", stderr(&output));
        let snapshot = snapshot(folder.path());
        let list = &snapshot["sources"][0]["collections"][0];
        assert_eq!(list["complete"], complete, "{further}: {list}");
        assert!(list["reasons"].to_string().contains(words), "{further}: {list}");
        let output = run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
        assert_eq!(output.status.code(), Some(0), "{further}: {}", stderr(&output));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("snapshot.json"), read("again.json"), "{further}");
    }
}
