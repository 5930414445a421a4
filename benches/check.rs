//! How long the steps of a check take: loading the policies, reading a snapshot, linking its records to one another and
//! to the policies, deciding, and writing the report; by the size of the organisation, and by the number of access
//! rules.
//!
//! `cargo bench --bench check` goes up to a million people with as many accounts, which takes some minutes and 6 GiB;
//! `TENURE_BENCH_PEOPLE=1000,10000` for other sizes.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a bench may panic")]

#[path = "synthetic/policies.rs"]
mod policies;
mod synthetic;

use std::{hint::black_box, time::Duration};

use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use tenure::{
    bundle::{Bundle, shipped},
    engine::{
        self,
        answer::{Options, Retention},
    },
    model::{Snapshot, read, write},
    report::{self, Contents, LazyReport},
    resolve::ResolvedSnapshot,
};

/// The numbers of access rules beside the shipped ones.
const ACCESS_RULES: [usize; 4] = [10, 100, 1_000, 10_000];

/// The people for whom access rules are decided.
const PEOPLE: usize = 10_000;

fn sizes() -> Vec<usize> {
    let named = std::env::var("TENURE_BENCH_PEOPLE").ok();
    let named = named.map(|text| text.split(',').filter_map(|size| size.trim().parse().ok()).collect::<Vec<_>>());
    named.unwrap_or_else(|| vec![1_000, 10_000, 100_000, 1_000_000])
}

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    group
}

fn by_people(criterion: &mut Criterion) {
    let bundle = Bundle::shipped().expect("the shipped bundle loads");
    let mut group = group(criterion, "people");
    for people in sizes() {
        let bytes = write::to_json(&synthetic::organization(people, 1)).expect("a snapshot can be written");
        group.throughput(Throughput::Elements(people as u64));
        group.bench_function(BenchmarkId::new("read", people), |bencher| {
            bencher.iter(|| read::snapshot("synthetic", black_box(&bytes)).map(|snapshot| snapshot.people.len()));
        });
        let snapshot = read::snapshot("synthetic", &bytes).expect("a snapshot can be read");
        drop(bytes);
        steps(&mut group, people, &snapshot, &bundle);
    }
    group.finish();
}

fn by_access_rules(criterion: &mut Criterion) {
    let snapshot = synthetic::organization(PEOPLE, 1);
    let mut group = group(criterion, "access rules");
    group.bench_function("load/shipped", |bencher| {
        bencher.iter(|| Bundle::load(black_box(shipped::files())).map(|bundle| bundle.rules.len()));
    });
    for rules in ACCESS_RULES {
        let files = policies::files(rules);
        group.throughput(Throughput::Elements(rules as u64));
        group.bench_function(BenchmarkId::new("load", rules), |bencher| {
            bencher.iter(|| Bundle::load(black_box(files.clone())).map(|bundle| bundle.rules.len()));
        });
        let bundle = policies::bundle(rules);
        group.bench_function(BenchmarkId::new("lint", rules), |bencher| {
            bencher.iter(|| black_box(&bundle).lint().len());
        });
        steps(&mut group, rules, &snapshot, &bundle);
    }
    group.finish();
}

/// What is done once snapshot and policies are there.
fn steps(group: &mut BenchmarkGroup<'_, WallTime>, size: usize, snapshot: &Snapshot, bundle: &Bundle) {
    let options = Options { keep: Retention::Reportable, ..Options::default() };
    group.bench_function(BenchmarkId::new("link", size), |bencher| {
        bencher.iter(|| ResolvedSnapshot::new(black_box(snapshot), bundle, snapshot.collected_at).people.len());
    });
    group.bench_function(BenchmarkId::new("decide", size), |bencher| {
        bencher.iter_batched(
            || ResolvedSnapshot::new(snapshot, bundle, snapshot.collected_at),
            |resolved| engine::judge(resolved, &options),
            BatchSize::PerIteration,
        );
    });
    let evaluation = engine::evaluate(snapshot, bundle, &options).expect("it can be evaluated");
    group.bench_function(BenchmarkId::new("report", size), |bencher| {
        bencher.iter(|| {
            let draft = LazyReport::new(black_box(&evaluation), "sha256:0", Contents::Reportable);
            report::json::write(&report::View::new(&draft.head, &draft), &mut std::io::sink())
        });
    });
}

criterion_group!(benches, by_people, by_access_rules);
criterion_main!(benches);
