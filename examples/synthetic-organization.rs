//! Writes the snapshot of an invented organisation:
//!
//! ```console
//! $ cargo run --release --example synthetic-organization -- 100000 > large.snapshot.json
//! ```

#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::{io::Write, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let people = arguments.next().and_then(|text| text.parse().ok());
    let seed = arguments.next().map_or(Some(1), |text| text.parse().ok());
    let mut stderr = std::io::stderr();
    let (Some(people), Some(seed)) = (people, seed) else {
        let _closed = writeln!(stderr, "usage: synthetic-organization PEOPLE [SEED]");
        return ExitCode::from(2);
    };
    let written = tenure::model::write::to_json(&synthetic::organization(people, seed))
        .map_err(std::io::Error::from)
        .and_then(|bytes| std::io::stdout().write_all(&bytes));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed = writeln!(stderr, "cannot write the snapshot: {error}");
            ExitCode::from(2)
        }
    }
}
