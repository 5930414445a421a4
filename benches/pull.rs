//! What a pull costs beside the requests themselves: 100,000 people of Humaans in pages of 250, from a server on this
//! machine; against the same requests with nothing made of the answers. Prints both times, their ratio, the peak memory
//! and the size of the snapshot.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and may panic"
)]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};

const PAGE: usize = 250;
const LISTS: [&str; 5] = ["people", "job-roles", "roles", "role-members", "companies"];

fn record(list: &str, n: usize) -> String {
    match list {
        "people" => format!(
            r#"{{"id":"per{n:021}","companyId":"com000000000000000000001","firstName":"First{n}","middleName":null,"lastName":"Last{n}","preferredName":null,"email":"person.{n}@acme.example","personalEmail":"private.{n}@home.example","locationId":"remote","remoteCountryCode":"PT","phoneNumber":"+351 900 {n}","birthday":"1990-01-01","nationality":"Portuguese","address":"Rua {n}","city":"Porto","postcode":"4000","countryCode":"PT","linkedIn":null,"employmentStartDate":"2024-05-06","firstWorkingDay":"2024-05-06","employmentEndDate":null,"lastWorkingDay":null,"probationEndDate":"2024-08-06","contractType":"Full time","employeeId":"E-{n}","taxId":"T{n}","teams":[{{"name":"Platform"}}],"status":"active","isVerified":true,"role":"user","source":null,"sourceId":null,"timezone":"Europe/Lisbon","createdAt":"2024-04-20T08:00:00.000Z","updatedAt":"2025-01-02T09:30:00.000Z"}}"#
        ),
        "job-roles" => format!(
            r#"{{"id":"job{n:021}","personId":"per{n:021}","jobTitle":"Engineer","department":"Platform","reportingTo":"per{:021}","effectiveDate":"2024-05-06","endDate":null,"note":"a note of some length about this row","createdAt":"2024-04-20T08:00:00.000Z","updatedAt":"2025-01-02T09:30:00.000Z"}}"#,
            n / 8
        ),
        "roles" => r#"{"id":"r1","name":"Owners"}"#.to_owned(),
        "role-members" => r#"{"id":"m1","personId":"per000000000000000000000","roleId":"r1"}"#.to_owned(),
        _ => r#"{"id":"c1","name":"Acme Ltd"}"#.to_owned(),
    }
}

fn page(list: &str, total: usize, skip: usize) -> Vec<u8> {
    let records: Vec<String> = (skip..(skip + PAGE).min(total)).map(|n| record(list, n)).collect();
    let data = records.join(",");
    format!(r#"{{"total":{total},"limit":{PAGE},"skip":{skip},"data":[{data}]}}"#).into_bytes()
}

type Pages = HashMap<(String, usize), Vec<u8>>;

/// Every page that is asked for, made beforehand.
fn pages(people: usize) -> (Pages, Vec<(String, usize)>) {
    let mut pages = HashMap::new();
    let mut order = Vec::new();
    for list in LISTS {
        let total = if ["people", "job-roles"].contains(&list) { people } else { 1 };
        let mut skip = 0;
        while skip == 0 || skip + 1 < total {
            pages.insert((list.to_owned(), skip), page(list, total, skip));
            order.push((list.to_owned(), skip));
            skip += PAGE - 1;
        }
    }
    (pages, order)
}

fn serve(pages: Arc<Pages>, latency: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            std::thread::spawn(move || answer(stream, &pages, latency));
        }
    });
    url
}

fn answer(stream: TcpStream, pages: &Pages, latency: Duration) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).ok()? > 2 {
            line.clear();
        }
        let target = first.split(' ').nth(1)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let list = path.rsplit('/').next()?.to_owned();
        let skip =
            query.split('&').find_map(|pair| pair.strip_prefix("%24skip=")).map_or(0, |n| n.parse().unwrap_or(0));
        std::thread::sleep(latency);
        let scopes: &[u8] = br#"{"id":"t","scopes":["private:read","public:read"]}"#;
        let body =
            if list == "token-info" { scopes } else { pages.get(&(list, skip)).map_or(&b"{}"[..], Vec::as_slice) };
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(body).ok()?;
    }
}

/// The same requests, four at a time, with nothing made of the answers.
fn bare(url: &str, order: &[(String, usize)]) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let began = Instant::now();
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut bodies = std::pin::pin!(
            stream::iter(order)
                .map(|(list, skip)| {
                    let request = client.get(format!("{url}/{list}?status=all&%24limit={PAGE}&%24skip={skip}"));
                    async move { request.send().await.unwrap().bytes().await.unwrap().len() }
                })
                .buffered(4)
        );
        let mut bytes = 0;
        while let Some(length) = bodies.next().await {
            bytes += length;
        }
        println!("requests alone: {} pages, {} MiB", order.len(), bytes >> 20);
    });
    began.elapsed()
}

/// Peak resident memory, as the system counts it (Linux).
fn peak(child: &mut Child) -> u64 {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kibibytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

fn main() {
    let people: usize = std::env::var("TENURE_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let (pages, order) = pages(people);
    let pages = Arc::new(pages);
    // A server that answers at once, and one that takes as long as a near and quick API.
    for milliseconds in [0, 20] {
        println!("{milliseconds} ms an answer");
        measure(people, &serve(Arc::clone(&pages), Duration::from_millis(milliseconds)), &order);
    }
}

fn measure(people: usize, url: &str, order: &[(String, usize)]) {
    let folder = tempfile::tempdir().unwrap();
    let project = format!(
        "organization: {{ id: acme, name: Acme Ltd, time_zone: Europe/London }}\nsources:\n  - {{ kind: humaans, token_env: THE_TOKEN, url: \"{url}\" }}\n"
    );
    std::fs::write(folder.path().join("tenure.yaml"), project).unwrap();
    for _ in 0..3 {
        let alone = bare(url, order);
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_tenure"))
            .args(["pull", "--quiet"])
            .current_dir(folder.path())
            .env("THE_TOKEN", "benchmark")
            .spawn()
            .unwrap();
        let peak = peak(&mut child);
        let pulled = began.elapsed();
        assert!(child.wait().unwrap().success());
        let size = std::fs::metadata(folder.path().join("snapshot.json")).unwrap().len();
        println!(
            "{people} people: requests alone {:.2} s, pull {:.2} s, ratio {:.2}; peak {} MiB, snapshot {} MiB, ratio {:.2}",
            alone.as_secs_f64(),
            pulled.as_secs_f64(),
            pulled.as_secs_f64() / alone.as_secs_f64(),
            peak >> 10,
            size >> 20,
            (peak << 10) as f64 / size as f64
        );
    }
}
