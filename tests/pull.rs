//! `tenure pull` against vendors that are played: what comes back, and what must hold when they misbehave.
#![cfg(all(feature = "cli", feature = "pull"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;
#[path = "pull/fake.rs"]
mod fake;
#[path = "pull/proofs.rs"]
mod proofs;
#[path = "pull/raw.rs"]
mod raw;
#[path = "pull/tls.rs"]
mod tls;

use std::{
    fs,
    path::Path,
    process::Output,
    time::{Duration, SystemTime},
};

use common::{run, stderr, stdout, tenure};
use fake::{ACCOUNT_TOKEN, TOKEN, Trouble, VENDORS, Vendor, play};
use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// A project with one source.
fn project(vendor: Vendor, url: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_project(folder.path(), &[vendor.source(url)]);
    folder
}

fn write_project(folder: &Path, sources: &[String]) {
    let mut text = "organization: { id: acme, name: Acme Ltd, time_zone: Europe/London }\nsources:\n".to_owned();
    for source in sources {
        text.push_str(&format!("  - {source}\n"));
    }
    fs::write(folder.join("tenure.yaml"), text).unwrap();
}

fn pull(folder: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["pull"];
    all.extend(arguments);
    tenure(folder, &all).env("THE_TOKEN", TOKEN).env("THE_ACCOUNT_TOKEN", ACCOUNT_TOKEN).output().unwrap()
}

fn snapshot(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("snapshot.json")).unwrap()).unwrap()
}

/// How many records of the kind that the vendor lists first are in the snapshot.
fn records(vendor: Vendor, snapshot: &Value) -> usize {
    let list = if matches!(vendor, Vendor::Humaans | Vendor::Merge) { "people" } else { "accounts" };
    snapshot[list].as_array().unwrap().len()
}

fn complete(snapshot: &Value) -> bool {
    let sources = snapshot["sources"].as_array().unwrap();
    sources.iter().flat_map(|source| source["collections"].as_array().unwrap()).all(|list| list["complete"] == true)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A pull that has to fail: exit status 3, the old snapshot as it was, nothing left beside it, and these words said.
fn assert_fails(vendor: Vendor, url: &str, arguments: &[&str], words: &[&str]) -> String {
    let folder = project(vendor, url);
    let path = folder.path().join("snapshot.json");
    let mut all = arguments.to_vec();
    all.extend(["--raw", "raw"]);
    let output = pull(folder.path(), &all);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{vendor:?}: {said}");
    assert_eq!(names(folder.path()), ["tenure.yaml"], "{vendor:?}: {said}");
    for word in words {
        assert!(flat(&said).contains(word), "{vendor:?}: `{word}` is missing in: {said}");
    }
    fs::write(&path, "the old one").unwrap();
    pull(folder.path(), &all);
    assert_eq!(fs::read_to_string(&path).unwrap(), "the old one", "{vendor:?}");
    assert_eq!(names(folder.path()), ["snapshot.json", "tenure.yaml"], "{vendor:?}");
    said
}

/// Without the line breaks of the terminal.
fn flat(text: &str) -> String {
    text.replace("│", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

const ONCE: [&str; 2] = ["--retries", "0"];

#[test]
fn every_page_is_fetched() {
    for vendor in VENDORS {
        let playing = play(vendor, Trouble::None);
        let folder = project(vendor, &playing.url());
        let output = pull(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(0), "{vendor:?}: {}", stderr(&output));
        let snapshot = snapshot(folder.path());
        assert_eq!(records(vendor, &snapshot), vendor.records(), "{vendor:?}");
        assert!(complete(&snapshot), "{vendor:?}: {}", snapshot["sources"]);
        assert_eq!(playing.times_asked(), 3, "{vendor:?}");
        assert!(!snapshot.to_string().contains("DROPME"), "{vendor:?}");
    }
}

#[test]
fn what_a_pull_kept_gives_the_same_bytes() {
    for vendor in VENDORS {
        for trouble in [Trouble::None, Trouble::Moves] {
            let playing = play(vendor, trouble.clone());
            let folder = project(vendor, &playing.url());
            let output = pull(folder.path(), &["--raw", "raw"]);
            assert_eq!(output.status.code(), Some(0), "{vendor:?}: {}", stderr(&output));
            let output = run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
            assert_eq!(output.status.code(), Some(0), "{vendor:?}: {}", stderr(&output));
            let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
            assert_eq!(read("snapshot.json"), read("again.json"), "{vendor:?} {trouble:?}");
        }
    }
}

#[test]
fn rows_that_move_between_pages_are_looked_for_again() {
    for vendor in VENDORS {
        let playing = play(vendor, Trouble::Moves);
        let folder = project(vendor, &playing.url());
        let output = pull(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(0), "{vendor:?}: {}", stderr(&output));
        let snapshot = snapshot(folder.path());
        if vendor.pages_by_offset() {
            // The second look goes page after page, and finds all in order.
            assert_eq!(records(vendor, &snapshot), vendor.records(), "{vendor:?}");
            // The person who left the list in between still has rows in others.
            let sources = snapshot["sources"].to_string();
            assert!(complete(&snapshot) || sources.contains("names `per00000`"), "{vendor:?}: {sources}");
            assert_eq!(playing.times_asked(), 6, "{vendor:?}");
        } else {
            assert!(records(vendor, &snapshot) >= vendor.records() - 1, "{vendor:?}");
        }
    }
}

#[test]
fn troubles_in_passing_are_waited_out() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
    for vendor in VENDORS {
        for answer in [
            ResponseTemplate::new(429).insert_header("Retry-After", "1"),
            ResponseTemplate::new(429).insert_header("Retry-After", date.as_str()),
            ResponseTemplate::new(500).set_body_json(vendor.error(500, "oops")),
            ResponseTemplate::new(503),
            ResponseTemplate::new(408),
            ResponseTemplate::new(425),
        ] {
            let playing = play(vendor, Trouble::First(vec![answer]));
            let folder = project(vendor, &playing.url());
            let output = pull(folder.path(), &["-v"]);
            assert_eq!(output.status.code(), Some(0), "{vendor:?}: {}", stderr(&output));
            assert_eq!(playing.times_asked(), 4, "{vendor:?}");
            assert!(stderr(&output).contains("asking again in"), "{vendor:?}: {}", stderr(&output));
        }
    }
}

#[test]
fn a_wait_beyond_the_time_allowed_is_not_begun() {
    let answer = ResponseTemplate::new(429).insert_header("Retry-After", "86400");
    let playing = play(Vendor::Humaans, Trouble::Always(answer));
    let began = SystemTime::now();
    assert_fails(Vendor::Humaans, &playing.url(), &[], &["takes no more requests for now", "86400 s"]);
    let for_ever = ResponseTemplate::new(429).insert_header("Retry-After", "18446744073709551615");
    assert_fails(Vendor::Scim, &play(Vendor::Scim, Trouble::Always(for_ever)).url(), &[], &["takes no more requests"]);
    assert!(began.elapsed().unwrap() < Duration::from_secs(60));
}

#[test]
fn refusals_say_what_the_vendor_says_and_what_to_do() {
    for vendor in VENDORS {
        for (status, words) in [
            (401, vec!["does not accept the token", "environment variable THE_TOKEN", "not for you"]),
            (403, vec!["forbids this (403)", "not for you"]),
            (404, vec!["has no such thing (404)", "is `http://127.0.0.1"]),
        ] {
            let answer = ResponseTemplate::new(status).set_body_json(vendor.error(status, "not for you"));
            let playing = play(vendor, Trouble::Always(answer));
            let said = assert_fails(vendor, &playing.url(), &[], &words);
            assert_eq!(playing.times_asked(), 2, "asking again does not help: {vendor:?} {said}");
        }
    }
    let forbidden = ResponseTemplate::new(403).set_body_json(Vendor::Humaans.error(403, "no"));
    let playing = play(Vendor::Humaans, Trouble::Always(forbidden));
    assert_fails(Vendor::Humaans, &playing.url(), &[], &["`private:read`", "view public and private data"]);
    let mut remote = Vendor::Truto.error(401, "expired");
    remote["truto_is_remote_error"] = Value::Bool(true);
    let playing = play(Vendor::Truto, Trouble::Always(ResponseTemplate::new(401).set_body_json(remote)));
    assert_fails(Vendor::Truto, &playing.url(), &[], &["passes on an answer of the system behind it"]);
}

#[test]
fn answers_that_are_no_pages_are_refused() {
    for vendor in VENDORS {
        let truncated =
            ResponseTemplate::new(200).set_body_raw(r#"{"total": 1, "data": [{"id": "DROPME"#, "application/json");
        let said =
            assert_fails(vendor, &play(vendor, Trouble::Always(truncated)).url(), &[], &["not JSON that can be read"]);
        assert!(!said.contains("DROPME"), "no page is shown");
        let html = ResponseTemplate::new(200).set_body_raw("<html>sign in</html>", "text/html");
        assert_fails(vendor, &play(vendor, Trouble::Always(html)).url(), &[], &["answered with `text/html`"]);
        let other = ResponseTemplate::new(200).set_body_json(serde_json::json!({ "hello": "world" }));
        assert_fails(vendor, &play(vendor, Trouble::Always(other)).url(), &[], &["not a page of records"]);
    }
}

#[test]
fn nothing_follows_a_redirect_to_another_host() {
    for vendor in VENDORS {
        let playing = play(vendor, Trouble::None);
        let elsewhere = playing.runtime.block_on(async {
            let elsewhere = MockServer::start().await;
            Mock::given(any())
                .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!([])))
                .mount(&elsewhere)
                .await;
            elsewhere
        });
        let target = format!("{}/api/{}", elsewhere.uri(), vendor.path());
        let answer = ResponseTemplate::new(302).insert_header("Location", target.as_str());
        let redirecting = play(vendor, Trouble::Always(answer));
        assert_fails(vendor, &redirecting.url(), &[], &["sends to another address", "the token is not sent there"]);
        let received = playing.runtime.block_on(elsewhere.received_requests()).unwrap();
        assert!(received.is_empty(), "{vendor:?}");
    }
}

#[test]
fn a_slow_vendor_is_not_waited_for_without_end() {
    for vendor in VENDORS {
        let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(20));
        let playing = play(vendor, Trouble::Always(slow.clone()));
        let arguments = ["--timeout", "1", "--retries", "0"];
        assert_fails(vendor, &playing.url(), &arguments, &["did not answer within 1 seconds", "--timeout"]);
        let playing = play(vendor, Trouble::Always(slow));
        assert_fails(vendor, &playing.url(), &["--max-time", "1"], &["was not done within 1 seconds", "--max-time"]);
    }
}

#[test]
fn pages_without_end_are_noticed() {
    for vendor in VENDORS {
        for same in [true, false] {
            let playing = play(vendor, Trouble::Endless { same });
            assert_fails(vendor, &playing.url(), &[], &["page after page without end"]);
        }
    }
}

#[test]
fn a_connection_that_breaks_off_is_no_page() {
    for vendor in VENDORS {
        let server = raw::reset_in_mid_body();
        assert_fails(vendor, &server.url, &ONCE, &["broke off"]);
    }
    let nobody = "http://127.0.0.1:9/api";
    assert_fails(Vendor::Humaans, nobody, &ONCE, &["cannot be reached"]);
}

#[test]
fn a_body_of_a_gibibyte_is_not_read() {
    for vendor in VENDORS {
        for server in [raw::gibibyte_announced(), raw::gibibyte_in_chunks(), raw::gibibyte_packed()] {
            assert_fails(vendor, &server.url, &ONCE, &["answered with more than 64 MiB"]);
            assert!(server.sent() < 300 << 20, "{} bytes were read", server.sent());
        }
    }
}

#[test]
fn tokens_are_never_shown() {
    for vendor in VENDORS {
        // A vendor that says the token back, in an error and in its records.
        let echo = vendor.error(401, &format!("unknown token {TOKEN}"));
        for (trouble, status) in [
            (Trouble::None, 0),
            (Trouble::Always(ResponseTemplate::new(401).set_body_json(&echo)), 3),
            (Trouble::Always(ResponseTemplate::new(500).set_body_json(&echo)), 3),
        ] {
            let playing = play(vendor, trouble);
            let folder = project(vendor, &playing.url());
            let mut command = tenure(folder.path(), &["pull", "-vvv", "--retries", "1", "--raw", "raw"]);
            command.env("THE_TOKEN", TOKEN).env("THE_ACCOUNT_TOKEN", ACCOUNT_TOKEN).env("RUST_LOG", "trace");
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(status), "{vendor:?}: {}", stderr(&output));
            assert!(stderr(&output).contains("GET http://127.0.0.1"), "{}", stderr(&output));
            let mut everything = stdout(&output) + &stderr(&output);
            for file in ["snapshot.json", "raw/pull.json"] {
                everything.push_str(&fs::read_to_string(folder.path().join(file)).unwrap_or_default());
            }
            assert!(!everything.contains("s3cret"), "{vendor:?}: {everything}");
        }
    }
}

#[test]
fn tokens_come_from_files_and_commands_too() {
    let playing = play(Vendor::Scim, Trouble::None);
    let folder = tempfile::tempdir().unwrap();
    let source = |token: &str| format!("{{ kind: scim, system: slack, {token}, url: \"{}\" }}", playing.url());
    fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
    for token in ["token_file: token", "token_command: \"cat token\""] {
        write_project(folder.path(), &[source(token)]);
        let output = run_with_path(folder.path(), &["pull"]);
        assert_eq!(output.status.code(), Some(0), "{token}: {}", stderr(&output));
    }
    // What is at fault here is the configuration: nothing is asked, and the exit status is 2.
    let asked = playing.times_asked();
    for (token, words) in [
        ("token_env: NOT_SET", "the environment variable NOT_SET is not set"),
        ("token_file: nowhere", "there is no such file"),
        ("token_command: \"false --secret s3cret\"", "`token_command` failed"),
        ("token_command: \"no-such-program-at-all\"", "cannot run"),
        ("token_env: A, token_file: b", "says more than once where its token is"),
        ("id: x", "does not say where its token is"),
    ] {
        write_project(folder.path(), &[source(token)]);
        let output = run_with_path(folder.path(), &["pull"]);
        assert_eq!(output.status.code(), Some(2), "{token}: {}", stderr(&output));
        assert!(flat(&stderr(&output)).contains(words), "{token}: {}", stderr(&output));
        assert!(!stderr(&output).contains("s3cret"), "{}", stderr(&output));
    }
    assert_eq!(playing.times_asked(), asked);
}

fn run_with_path(folder: &Path, arguments: &[&str]) -> Output {
    tenure(folder, arguments).env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap()
}

#[test]
fn a_dry_run_asks_nothing() {
    let playing = play(Vendor::Humaans, Trouble::None);
    let folder = tempfile::tempdir().unwrap();
    let sources = VENDORS.map(|vendor| vendor.source(&playing.url()));
    write_project(folder.path(), &sources);
    let path = folder.path().join("tenure.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("sources:", "staff: [humaans, merge]\nsources:");
    fs::write(&path, text).unwrap();
    let output = pull(folder.path(), &["--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for words in
        ["people?status=all&$limit=250", "employees?include_deleted_data=true", "Users?startIndex=1", "THE_TOKEN (set)"]
    {
        assert!(stdout(&output).contains(words), "{words}: {}", stdout(&output));
    }
    assert!(!stdout(&output).contains("s3cret"));
    assert!(playing.runtime.block_on(playing.server.received_requests()).unwrap().is_empty());
    assert_eq!(names(folder.path()), ["tenure.yaml"]);
}

#[test]
fn a_source_that_fails_is_left_out_only_where_that_is_allowed() {
    let good = play(Vendor::Humaans, Trouble::None);
    let bad = play(Vendor::Scim, Trouble::Always(ResponseTemplate::new(401)));
    let folder = tempfile::tempdir().unwrap();
    write_project(folder.path(), &[Vendor::Humaans.source(&good.url()), Vendor::Scim.source(&bad.url())]);
    let output = pull(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!(names(folder.path()), ["tenure.yaml"]);

    let output = pull(folder.path(), &["--allow-incomplete", "--raw", "raw"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let snapshot = snapshot(folder.path());
    let source = snapshot["sources"].as_array().unwrap().iter().find(|one| one["id"] == "slack").unwrap();
    assert_eq!(source["collections"][0]["complete"], false);
    assert!(source["collections"][0]["reasons"][0].as_str().unwrap().contains("unauthorized (401)"));
    assert_eq!(snapshot["people"].as_array().unwrap().len(), Vendor::Humaans.records());
    run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("snapshot.json"), read("again.json"));

    let output = pull(folder.path(), &["humaans"]);
    assert_eq!(output.status.code(), Some(0), "one of them alone: {}", stderr(&output));
    let output = pull(folder.path(), &["humans"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `humaans`?"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn what_is_written_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let playing = play(Vendor::Humaans, Trouble::None);
    let folder = project(Vendor::Humaans, &playing.url());
    pull(folder.path(), &["--raw", "raw"]);
    for (name, mode) in [
        ("snapshot.json", 0o600),
        ("raw", 0o700),
        ("raw/pull.json", 0o600),
        ("raw/humaans", 0o700),
        ("raw/humaans/people-1.json", 0o600),
    ] {
        let found = fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}: {found:o}");
    }
    // Again into the same folder: what an earlier pull kept is replaced, anything else is not.
    let output = pull(folder.path(), &["--raw", "raw"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/letter.txt"), "dear").unwrap();
    let output = pull(folder.path(), &["--raw", "mine"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(folder.path().join("mine/letter.txt").exists());
    assert_eq!(names(folder.path()), ["mine", "raw", "snapshot.json", "tenure.yaml"]);
}

/// A SCIM service of so many users with manners of its own.
struct Service {
    users: usize,
    /// The most users on a page, whatever is asked for.
    cap: usize,
    manner: Manner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Index,
    /// Pages by cursor (RFC 9865), and will not hear of an index.
    CursorOnly,
    /// Knows whole pages alone.
    WholePages,
    /// Does not say how many there are.
    WithoutTotal,
    /// Refuses to look behind the end.
    RefusesTheEnd,
    /// Refuses an index, and knows nothing else: the first page, whose length is its total.
    FirstPageAlone,
    /// Pages by cursor where one is asked for, and gives the first page alone otherwise, whose length is its total.
    CursorOnRequest {
        /// Whether an index is refused, with 400 or 501, or else ignored.
        refused: Option<u16>,
    },
}

impl wiremock::Respond for Service {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        if request.url.path().ends_with("/ServiceProviderConfig") {
            return ResponseTemplate::new(404).set_body_json(Vendor::Scim.error(404, "x"));
        }
        let query: std::collections::BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        let number = |key: &str| query.get(key).and_then(|text| text.parse::<usize>().ok());
        let count = number("count").unwrap().min(self.cap);
        let user = |n: usize| serde_json::json!({ "id": format!("u{n:04}"), "active": true, "userName": format!("n{n}@x.example"), "roles": ["member"] });
        if let Manner::CursorOnRequest { refused } = self.manner {
            if let (Some(status), Some(_)) = (refused, number("startIndex")) {
                return ResponseTemplate::new(status).set_body_json(Vendor::Scim.error(status, "x"));
            }
            let from = number("cursor").unwrap_or(0);
            let to = self.users.min(from + count);
            let total = if query.contains_key("cursor") { self.users } else { to };
            let mut page =
                serde_json::json!({ "totalResults": total, "Resources": (from..to).map(user).collect::<Vec<Value>>() });
            if query.contains_key("cursor") && to < self.users {
                page["nextCursor"] = Value::from(to.to_string());
            }
            return ResponseTemplate::new(200).set_body_raw(page.to_string(), "application/scim+json");
        }
        if self.manner == Manner::FirstPageAlone {
            if query.contains_key("startIndex") {
                return ResponseTemplate::new(400).set_body_json(Vendor::Scim.error(400, "x"));
            }
            let users: Vec<Value> = (0..self.users.min(count)).map(user).collect();
            let page = serde_json::json!({ "totalResults": users.len(), "Resources": users });
            return ResponseTemplate::new(200).set_body_raw(page.to_string(), "application/scim+json");
        }
        let from = match (self.manner, number("startIndex"), number("cursor")) {
            (Manner::CursorOnly, Some(_), _) => {
                return ResponseTemplate::new(400).set_body_json(Vendor::Scim.error(400, "x"));
            }
            (Manner::CursorOnly, None, cursor) => cursor.unwrap_or(0),
            (Manner::WholePages, Some(start), _) => (start - 1) / count * count,
            (_, start, _) => start.unwrap() - 1,
        };
        if self.manner == Manner::RefusesTheEnd && from > 0 && from >= self.users {
            return ResponseTemplate::new(404).set_body_json(Vendor::Scim.error(404, "x"));
        }
        let users: Vec<Value> = (from..self.users.min(from + count)).map(user).collect();
        let mut page = serde_json::json!({ "totalResults": self.users, "startIndex": from + 1, "Resources": users });
        if self.manner == Manner::WithoutTotal {
            page.as_object_mut().unwrap().remove("totalResults");
        }
        if self.manner == Manner::CursorOnly && from + count < self.users {
            page["nextCursor"] = Value::from((from + count).to_string());
        }
        ResponseTemplate::new(200).set_body_raw(page.to_string(), "application/scim+json")
    }
}

#[test]
fn services_with_manners_of_their_own_are_read_whole() {
    for manner in [Manner::Index, Manner::CursorOnly, Manner::WholePages, Manner::WithoutTotal, Manner::RefusesTheEnd] {
        for (users, cap) in
            [(0, 100), (1, 100), (7, 1), (60, 50), (99, 100), (100, 100), (101, 100), (250, 100), (300, 37)]
        {
            if manner == Manner::RefusesTheEnd && users == 100 {
                continue; // `a_refusal_does_not_prove_the_end_of_a_list`
            }
            let service = Service { users, cap, manner };
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let server = runtime.block_on(async {
                let server = MockServer::start().await;
                Mock::given(any()).respond_with(service).mount(&server).await;
                server
            });
            let folder = project(Vendor::Scim, &format!("{}/api", server.uri()));
            let output = pull(folder.path(), &ONCE);
            let said = format!("{manner:?} {users} {cap}: {}", stderr(&output));
            assert_eq!(output.status.code(), Some(0), "{said}");
            let snapshot = snapshot(folder.path());
            assert_eq!(snapshot["accounts"].as_array().unwrap().len(), users, "{said}");
            // An empty list proves nothing, and nor does one that neither counts its records nor fills a page.
            let proves = users > 0 && manner != Manner::WithoutTotal;
            assert_eq!(complete(&snapshot), proves, "{said}");
        }
    }
}

#[test]
fn services_that_page_by_cursor_on_request_are_read_whole() {
    for refused in [Some(400), Some(501), None] {
        for users in [1, 37, 99, 100, 101, 150, 300] {
            let manner = Manner::CursorOnRequest { refused };
            let serving = serve(Service { users, cap: 100, manner });
            let folder = project(Vendor::Scim, &serving.2);
            let output = pull(folder.path(), &ONCE);
            let said = format!("{refused:?} {users}: {}", stderr(&output));
            assert_eq!(output.status.code(), Some(0), "{said}");
            let snapshot = snapshot(folder.path());
            assert_eq!(snapshot["accounts"].as_array().unwrap().len(), users, "{said}");
            assert!(complete(&snapshot), "{said}");
        }
    }
}

#[test]
fn a_refusal_does_not_prove_the_end_of_a_list() {
    // Just as many as a page holds; and a service that refuses whatever would page.
    for (users, manner) in [(100, Manner::RefusesTheEnd), (150, Manner::FirstPageAlone)] {
        let serving = serve(Service { users, cap: 100, manner });
        let folder = project(Vendor::Scim, &serving.2);
        let output = pull(folder.path(), &ONCE);
        assert_eq!(output.status.code(), Some(3), "{manner:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("refuses to"), "{manner:?}: {}", stderr(&output));
        let output = pull(folder.path(), &["--allow-incomplete", "--retries", "0"]);
        assert_eq!(output.status.code(), Some(3), "{manner:?}: {}", stderr(&output));
        assert!(!complete(&snapshot(folder.path())), "{manner:?}");
    }
}

#[test]
fn rate_limits_use_up_no_retries() {
    let busy = || ResponseTemplate::new(429).insert_header("Retry-After", "0");
    let playing = play(Vendor::Scim, Trouble::First(vec![busy(), busy(), busy(), busy()]));
    let folder = project(Vendor::Scim, &playing.url());
    let output = pull(folder.path(), &["--retries", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let playing = play(Vendor::Scim, Trouble::Always(ResponseTemplate::new(503)));
    assert_fails(Vendor::Scim, &playing.url(), &["--retries", "1"], &["has a problem of its own"]);
}

#[test]
fn clocks_that_differ_are_a_warning() {
    for (minutes, expected) in [(0, ""), (60, "60 minutes behind"), (-60, "60 minutes ahead of")] {
        let now = SystemTime::now();
        let offset = Duration::from_secs(60 * i64::unsigned_abs(minutes) + 5);
        let date = if minutes < 0 { now - offset } else { now + offset };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let page =
            serde_json::json!({ "totalResults": 1, "Resources": [{ "id": "u1", "active": true, "userName": "x" }] });
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            let answer =
                ResponseTemplate::new(200).insert_header("Date", httpdate::fmt_http_date(date)).set_body_json(page);
            Mock::given(any()).respond_with(answer).mount(&server).await;
            server
        });
        let folder = project(Vendor::Scim, &format!("{}/api", server.uri()));
        let output = pull(folder.path(), &ONCE);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let said = stderr(&output).split_whitespace().collect::<Vec<&str>>().join(" ");
        assert_eq!(said.contains("the clock of this machine"), !expected.is_empty(), "{minutes}: {said}");
        assert!(said.contains(expected), "{minutes}: {said}");
    }
}

/// A running service, with what keeps it running, and its address.
fn serve(service: Service) -> (MockServer, tokio::runtime::Runtime, String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(service).mount(&server).await;
        server
    });
    let url = format!("{}/api", server.uri());
    (server, runtime, url)
}

/// A server that gives the same answer to everything but `token-info`.
fn always(body: Value, status: u16) -> (MockServer, tokio::runtime::Runtime, String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(any()).respond_with(answer).mount(&server).await;
        server
    });
    let url = format!("{}/api", server.uri());
    (server, runtime, url)
}

/// A service that gives its first page whatever index is asked for may have more, where a page may end there.
#[test]
fn a_first_page_that_repeats_is_no_whole_list() {
    let users = |count: usize| -> Vec<Value> {
        (0..count).map(|n| serde_json::json!({ "id": format!("u{n}"), "active": true, "userName": "x" })).collect()
    };
    for (count, is_whole) in [(50, false), (51, true)] {
        let body = serde_json::json!({ "totalResults": count, "Resources": users(count) });
        let (_server, _runtime, url) = always(body, 200);
        let folder = project(Vendor::Scim, &url);
        let output = pull(folder.path(), &["--retries", "0"]);
        assert_eq!(complete(&snapshot(folder.path())), is_whole, "{count}: {}", stderr(&output));
        assert_eq!(stderr(&output).contains("the same records come"), !is_whole, "{count}: {}", stderr(&output));
    }
}

#[test]
fn lists_that_do_not_add_up_are_not_whole() {
    let users = |count: usize| -> Vec<Value> {
        (0..count).map(|n| serde_json::json!({ "id": format!("u{n}"), "active": true, "userName": "x" })).collect()
    };
    for (vendor, body, words) in [
        // A service that ignores offsets.
        (Vendor::Scim, Value::from(users(100)), "the same records come whatever page is asked for"),
        (Vendor::Scim, serde_json::json!({ "totalResults": 0, "Resources": users(20) }), "0 are said to be there"),
        (Vendor::Scim, serde_json::json!({ "totalResults": 300, "Resources": users(3) }), "pages bring nothing new"),
        (Vendor::Truto, serde_json::json!({ "result": users(3) }), "does not say whether there is a further one"),
        (Vendor::Truto, serde_json::json!({ "id": "req-1", "status": "processing" }), "it has no `result`"),
        (Vendor::Scim, serde_json::json!({ "id": "req-1", "status": "processing" }), "it has no `Resources`"),
    ] {
        let (_server, _runtime, url) = always(body, 200);
        assert_fails(vendor, &url, &ONCE, &[words]);
        let folder = project(vendor, &url);
        let output = pull(folder.path(), &["--allow-incomplete", "--retries", "0", "--raw", "raw"]);
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert!(!complete(&snapshot(folder.path())), "{words}");
        let output = run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("snapshot.json"), read("again.json"), "{words}");
    }
    // A total that is that of the page alone.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        let page = |from: usize| {
            let users: Vec<Value> = users(300).into_iter().skip(from).take(100).collect();
            ResponseTemplate::new(200)
                .set_body_json(serde_json::json!({ "totalResults": users.len(), "Resources": users }))
        };
        let first = wiremock::matchers::query_param("startIndex", "1");
        Mock::given(first).respond_with(page(0)).mount(&server).await;
        Mock::given(any()).respond_with(page(100)).mount(&server).await;
        server
    });
    assert_fails(Vendor::Scim, &format!("{}/api", server.uri()), &ONCE, &["does not give all of it"]);
    let (_server, _runtime, url) = always(serde_json::json!({ "totalResults": 0 }), 206);
    assert_fails(Vendor::Scim, &url, &ONCE, &["answered with a part"]);
}

#[test]
fn what_a_vendor_says_of_people_or_tokens_is_not_kept() {
    let echo = serde_json::json!({ "code": "X", "message": format!("{}{TOKEN} Jane Doe", "x".repeat(290)) });
    let (_server, _runtime, url) = always(echo, 200);
    for vendor in VENDORS {
        let folder = project(vendor, &url);
        let output = pull(folder.path(), &["-vv", "--allow-incomplete", "--retries", "0", "--raw", "raw"]);
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert!(!(stdout(&output) + &stderr(&output)).contains("s3cret"), "{}", stderr(&output));
        for file in ["snapshot.json", "raw/pull.json"] {
            let text = fs::read_to_string(folder.path().join(file)).unwrap();
            assert!(!text.contains("s3cret") && !text.contains("Jane"), "{file}: {text}");
        }
    }
}

#[test]
fn what_is_wrong_with_the_configuration_is_said_before_anybody_is_asked() {
    let playing = play(Vendor::Scim, Trouble::None);
    let folder = tempfile::tempdir().unwrap();
    let source = Vendor::Scim.source(&playing.url());
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/pull.json"), "{\"mine\": 1}").unwrap();
    fs::write(folder.path().join("mine/letter.txt"), "dear").unwrap();
    let missing = "{ kind: file, format: accounts-csv, system: github, path: nowhere.csv }".to_owned();
    let named = source.replace("{ kind", "{ id: one, kind");
    for (sources, arguments) in [
        (vec![named.clone(), named], vec![]),
        (vec![source.clone(), missing], vec![]),
        (vec![source.clone(), Vendor::Truto.source("http://127.0.0.1:99999")], vec![]),
        (vec![source.clone()], vec!["-o", "no/such/snapshot.json"]),
        (vec![source.clone()], vec!["-o", "mine"]),
        (vec![source.clone()], vec!["--raw", "raw", "-o", "raw/snapshot.json"]),
        (vec![source.clone()], vec!["--raw", "mine"]),
        (vec![source], vec!["--raw", "tenure.yaml"]),
    ] {
        write_project(folder.path(), &sources);
        let output = pull(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{sources:?} {arguments:?}: {}", stderr(&output));
        assert_eq!(names(folder.path()), ["mine", "tenure.yaml"], "{arguments:?}");
    }
    assert_eq!(names(&folder.path().join("mine")), ["letter.txt", "pull.json"]);
    assert_eq!(playing.times_asked(), 0);
}

#[test]
fn kept_pages_that_were_altered_are_refused() {
    let playing = play(Vendor::Truto, Trouble::None);
    let folder = project(Vendor::Truto, &playing.url());
    pull(folder.path(), &["--raw", "raw"]);
    let pages = folder.path().join("raw/truto-github");
    fs::remove_file(pages.join("users-2.json")).unwrap();
    fs::write(pages.join("users-3.json"), "[]").unwrap();
    fs::write(pages.join("users-4.json"), "[]").unwrap();
    let output = run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    for words in ["users-2.json` is not here", "users-3.json` is not as the pull kept it", "users-4.json` is here"] {
        assert!(flat(&stderr(&output)).contains(words), "{words}: {}", stderr(&output));
    }
    assert!(!folder.path().join("again.json").exists());
}

#[test]
fn a_missing_page_is_noticed_again_in_what_a_pull_kept() {
    let playing = play(Vendor::Truto, Trouble::None);
    let folder = project(Vendor::Truto, &playing.url());
    pull(folder.path(), &["--raw", "raw"]);
    let import = || {
        let output = run(folder.path(), &["import", "--raw", "raw", "-o", "snapshot.json"]);
        assert!(output.status.code() < Some(2), "{}", stderr(&output));
        snapshot(folder.path())
    };
    assert!(complete(&import()));
    let description = folder.path().join("raw/pull.json");
    let mut kept: Value = serde_json::from_slice(&fs::read(&description).unwrap()).unwrap();
    kept["sources"][0]["pages"].as_object_mut().unwrap().remove("users-2.json").unwrap();
    fs::write(&description, kept.to_string()).unwrap();
    fs::remove_file(folder.path().join("raw/truto-github/users-2.json")).unwrap();
    let list = import()["sources"][0]["collections"][0].clone();
    assert_eq!((&list["complete"], &list["reasons"][0]), (&false.into(), &"page 2 is not here".into()), "{list}");
}

#[test]
fn what_doubts_files_is_kept_with_them() {
    const USER: &str =
        r#"[{"id":"a","status":"ACTIVE","email":"a@acme.example","profile":{"login":"a@acme.example"}}]"#;
    const ROWS: &str = "account,status\na,active\n";
    for (format, files, doubt) in [
        ("okta-users", &[("users-1.json", USER), ("users-3.json", USER)][..], "page 2 is not here"),
        (
            "okta-users",
            &[("users.json", USER), (".users-2", USER)],
            "hidden files of its folder were not read: `.users-2`",
        ),
        (
            "onepassword-users",
            &[("users.json", USER), (".a.json", "")],
            "hidden files of its folder were not read: `.a.json`",
        ),
        (
            "accounts-csv",
            &[("users.csv", ROWS), (".users.csv", "")],
            "hidden files of its folder were not read: `.users.csv`",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let source = "{ kind: file, system: app, path: files, pulled_at: \"2026-11-20T09:00:00Z\", format: ";
        write_project(folder.path(), &[format!("{source}{format} }}")]);
        fs::create_dir(folder.path().join("files")).unwrap();
        for (name, text) in files {
            fs::write(folder.path().join("files").join(name), text).unwrap();
        }
        let output = pull(folder.path(), &["--raw", "raw"]);
        assert!(output.status.success(), "{format}: {}", stderr(&output));
        let list = snapshot(folder.path())["sources"][0]["collections"][0].clone();
        let is_said = list["reasons"].as_array().unwrap().iter().any(|one| one.as_str().unwrap().starts_with(doubt));
        assert!(list["complete"] == false && is_said, "{format}: {list}");
        run(folder.path(), &["import", "--raw", "raw", "-o", "again.json"]);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("snapshot.json"), read("again.json"), "{format}: {doubt}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_pull_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        interrupted(signal);
    }
}

#[cfg(unix)]
fn interrupted(signal: &str) {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    let playing = play(Vendor::Humaans, Trouble::Always(slow));
    let folder = project(Vendor::Humaans, &playing.url());
    let mut command = tenure(folder.path(), &["pull", "--raw", "raw"]);
    command.env("THE_TOKEN", TOKEN).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    for _ in 0..200 {
        if playing.times_asked() > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("interrupted"), "{}", stderr(&output));
    assert_eq!(names(folder.path()), ["tenure.yaml"]);
}

/// Some integrations leave out people who have left unless they are asked for all.
#[test]
fn truto_is_asked_for_people_of_every_status() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(MockServer::start());
    let page = serde_json::json!({ "result": [], "next_cursor": null });
    let answer = Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(page));
    runtime.block_on(answer.mount(&server));
    let source = |query: &str| {
        let url = server.uri();
        format!("{{ kind: truto, model: hris, token_env: THE_TOKEN, integrated_account: a, url: \"{url}\"{query} }}")
    };
    for (query, wanted) in [("", "all"), (", query: { employment_status: active }", "active")] {
        let folder = tempfile::tempdir().unwrap();
        write_project(folder.path(), &[source(query)]);
        pull(folder.path(), &ONCE);
        let asked = runtime.block_on(server.received_requests()).unwrap();
        let asked = asked.iter().rev().find(|request| request.url.path().ends_with("/employees")).unwrap();
        let statuses: Vec<String> = asked
            .url
            .query_pairs()
            .filter(|(name, _)| name == "employment_status")
            .map(|(_, value)| value.into_owned())
            .collect();
        assert_eq!(statuses, [wanted], "{}", asked.url);
    }
}
