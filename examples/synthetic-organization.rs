//! Writes the snapshot of an invented organisation, as one document, or as a directory where one is named:
//!
//! ```console
//! $ cargo run --release --example synthetic-organization -- 100000 > large.snapshot.json
//! $ cargo run --release --example synthetic-organization -- 100000 1 large.snapshot
//! ```

#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::{
    io::{self, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use tenure::model::{Snapshot, directory, write};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut stderr = io::stderr();
    let wanted = match arguments.as_slice() {
        [people] => Some((people, None, None)),
        [people, seed] => Some((people, Some(seed), None)),
        [people, seed, folder] => Some((people, Some(seed), Some(Path::new(folder)))),
        _ => None,
    };
    let numbers = wanted.and_then(|(people, seed, folder)| {
        Some((people.parse().ok()?, seed.map_or(Some(1), |seed| seed.parse().ok())?, folder))
    });
    let Some((people, seed, folder)) = numbers else {
        let _closed = writeln!(stderr, "usage: synthetic-organization PEOPLE [SEED [DIRECTORY]]");
        return ExitCode::from(2);
    };
    match written(&synthetic::organization(people, seed), folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(stderr, "cannot write the snapshot: {error}");
            ExitCode::from(2)
        }
    }
}

fn written(snapshot: &Snapshot, folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) => directory::write(snapshot, folder),
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            write::write_json(snapshot, &mut out)?;
            out.flush()
        }
    }
}
