//! The command-line tool; all of it is in [`tenure::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    tenure::cli::main()
}
