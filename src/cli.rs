//! The command line: arguments, files, exit statuses. All that is printed or read from the environment is here.

mod arguments;
mod check;
mod collect;
mod completions;
mod console;
mod diff;
mod exit;
mod explain;
mod forecast;
mod format;
mod history;
mod identities;
mod import;
mod init;
mod inputs;
mod list;
mod locate;
mod mapping;
mod outputs;
#[cfg(feature = "prove")]
mod prove;
#[cfg(feature = "pull")]
mod pull;
mod schema;
#[cfg(unix)]
mod signals;
mod test;
mod validate;
mod verify;
mod waive;
mod watch;

use std::process::ExitCode;

use clap::Parser;

pub use arguments::Cli;
use arguments::Command;
use console::Console;
use exit::Failure;
pub use exit::Status;

/// Runs the tool with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no error.
            let status = if error.use_stderr() { Status::Usage } else { Status::Clean };
            let _closed_pipe = error.print();
            return status.into();
        }
    };
    let console = Console::new(cli.color, cli.quiet, cli.verbose, cli.command.errors_as_json());
    locate::allow_outside(cli.allow_outside);
    #[cfg(unix)]
    if !cli.command.ends_by_itself() {
        signals::watch();
    }
    match on_threads(cli.command.threads(), || run(cli.command, &console)) {
        Ok(status) => status.into(),
        Err(failure) => {
            console.failure(&failure);
            failure.status.into()
        }
    }
}

fn run(command: Command, console: &Console) -> Result<Status, Failure> {
    match command {
        Command::Check(arguments) => check::run(&arguments, console),
        Command::Completions(arguments) => completions::run(&arguments, console),
        Command::Diff(arguments) => diff::run(&arguments, console),
        Command::Forecast(arguments) => forecast::run(&arguments, console),
        #[cfg(feature = "prove")]
        Command::Prove(arguments) => prove::run(&arguments, console),
        Command::History(arguments) => history::run(&arguments, console),
        Command::Man => completions::manual(console),
        Command::Schema(arguments) => schema::run(&arguments, console),
        Command::Explain(arguments) => explain::run(&arguments, console),
        Command::Identities(arguments) => identities::run(&arguments, console),
        Command::List(arguments) => list::run(&arguments, console),
        Command::Mapping(arguments) => mapping::run(&arguments, console),
        Command::Init(arguments) => init::run(&arguments, console),
        Command::Fmt(arguments) => format::run(&arguments, console),
        Command::Import(arguments) => import::run(&arguments, console),
        #[cfg(feature = "pull")]
        Command::Pull(arguments) => pull::run(&arguments, console),
        Command::Test(arguments) => test::run(&arguments, console),
        Command::Validate(arguments) => validate::run(&arguments, console),
        Command::Verify(arguments) => verify::run(&arguments, console),
        Command::Waive(arguments) => waive::run(&arguments, console),
    }
}

/// Cedar follows nesting with the stack; with this much, no rule that loads comes near its end.
const STACK: usize = 32 << 20;

/// Runs the whole of a command on threads that have the stack for it; one a core, unless a number is given.
fn on_threads<T: Send>(threads: Option<u16>, work: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0).into()).stack_size(STACK).build();
    let pool = pool.map_err(|error| inputs::failed(format!("cannot start threads: {error}")))?;
    pool.install(work)
}
