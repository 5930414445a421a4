//! How long reading, linking records to one another and to the bundle, deciding and reporting take, by the size of the
//! organisation.
//!
//! `cargo bench` for 1,000 and 10,000 people with as many accounts; `TENURE_BENCH_PEOPLE=100000 cargo bench` for others.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::expect_used, reason = "a bench may panic")]

mod synthetic;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tenure::{
    bundle::{Bundle, shipped},
    diagnostic::SourceFile,
    engine::{self, Keep, Options, Situation},
    model::{read, write},
    report::{self, Contents, Draft},
};

fn sizes() -> Vec<usize> {
    let named = std::env::var("TENURE_BENCH_PEOPLE").ok();
    let named = named.map(|text| text.split(',').filter_map(|size| size.trim().parse().ok()).collect::<Vec<_>>());
    named.unwrap_or_else(|| vec![1_000, 10_000])
}

fn check(criterion: &mut Criterion) {
    let bundle = Bundle::shipped().expect("the shipped bundle loads");
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    for people in sizes() {
        let bytes = write::to_json(&synthetic::organization(people, 1)).expect("a snapshot can be written");
        let snapshot = read::snapshot("synthetic", &bytes).expect("a snapshot can be read");
        let options = Options { keep: Keep::Noteworthy, ..Options::default() };
        let evaluation = engine::evaluate(&snapshot, &bundle, &options).expect("it can be evaluated");
        group.throughput(Throughput::Elements(people as u64));
        group.bench_function(BenchmarkId::new("read", people), |bencher| {
            bencher.iter(|| read::snapshot("synthetic", black_box(&bytes)).map(|snapshot| snapshot.people.len()));
        });
        group.bench_function(BenchmarkId::new("link", people), |bencher| {
            bencher.iter(|| Situation::new(black_box(&snapshot), &bundle, snapshot.collected_at).people.len());
        });
        group.bench_function(BenchmarkId::new("decide", people), |bencher| {
            bencher.iter_batched(
                || Situation::new(&snapshot, &bundle, snapshot.collected_at),
                |situation| engine::judge(situation, &options),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("report", people), |bencher| {
            bencher.iter(|| {
                let draft = Draft::new(black_box(&evaluation), "sha256:0", Contents::Noteworthy);
                report::json::write(&report::View::new(&draft.head, &draft), &mut std::io::sink())
            });
        });
    }
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load and lint");
    group.sample_size(10);
    group.bench_function("the shipped bundle", |bencher| {
        bencher.iter(|| Bundle::shipped().map(|bundle| bundle.lint().len()));
    });
    // What `tenure validate` does, beside the shipped access rules with further ones.
    for rules in [100, 1_000] {
        let mut files = shipped::files();
        let access = (0..rules).map(|level| format!("  - {{ type: all-staff, levels: [level-{level}] }}\n"));
        let text = format!("system: synthetic\nmax_age: 7d\naccess:\n{}", access.collect::<String>());
        files.push(SourceFile::new("systems/synthetic.yaml", text));
        group.bench_function(BenchmarkId::new("further access rules", rules), |bencher| {
            bencher.iter(|| Bundle::load(black_box(files.clone())).map(|bundle| bundle.lint().len()));
        });
    }
    group.finish();
}

criterion_group!(benches, check, load);
criterion_main!(benches);
