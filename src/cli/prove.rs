//! `tenure prove`.

use std::{
    env,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{
    arguments::{ProofFailOn, ProofFormat, ProofPart, ProveArguments},
    console::{self, Console},
    exit::{Failure, Status},
    locate,
    outputs::{self, Input, Output},
};
use crate::{
    diagnostic::{Code, Diagnostic, suggest},
    prove::{self, Error, ProofOptions, ProofReport, Solver},
    report,
};

pub(super) fn run(arguments: &ProveArguments, console: &Console) -> Result<Status, Failure> {
    let written: Vec<Output> = arguments.output.iter().map(|file| Output::new("proofs", file)).collect();
    let policies = locate::folder(arguments.policies.as_deref())?;
    let read = policies.into_iter().chain(arguments.old.clone()).map(Input::Policies);
    outputs::check(&written, &read.collect::<Vec<_>>())?;
    let (bundle, place) = locate::bundle(arguments.policies.as_deref())?;
    console.warn(&console::below(Path::new(&place), bundle.warnings.clone()));
    let old = arguments.old.as_deref().map(|folder| locate::bundle(Some(folder))).transpose()?.map(|(old, _)| old);
    let unknown = arguments.checks.iter().filter(|id| bundle.check(id).is_none()).map(|id| {
        let problem = Diagnostic::error(Code::UnknownCheck, format!("--check: there is no check `{id}`"));
        problem.help(suggest(id, bundle.checks.iter().map(|check| check.id.as_str())))
    });
    let unknown: Vec<Diagnostic> = unknown.collect();
    if !unknown.is_empty() {
        return Err(Failure::input(unknown));
    }
    let solver = Solver::start(&solver(arguments)?, Duration::from_secs(arguments.timeout)).map_err(failed)?;
    let default = arguments.only.is_empty() && old.is_none();
    let wants = |part: ProofPart| default || arguments.only.contains(&part);
    let options = ProofOptions {
        checks: arguments.checks.clone(),
        errors: wants(ProofPart::Errors),
        invariants: wants(ProofPart::Invariants),
        rules: wants(ProofPart::Rules),
        jobs: arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        cache: arguments.cache.clone(),
    };
    let last = Mutex::new(Instant::now());
    // A line a few seconds apart, on a terminal.
    let progress = |done: usize, of: usize| {
        let Ok(mut last) = last.lock() else { return };
        if console.is_watched() && last.elapsed() > Duration::from_secs(3) {
            console.say(&format!("{done} of {of} questions answered"));
            *last = Instant::now();
        }
    };
    let report = prove::prove(&bundle, old.as_ref(), &solver, &options, &progress).map_err(failed)?;
    console.deliver(arguments.output.as_deref(), &mut |out| match arguments.format {
        ProofFormat::Text => prove::text(&report, out),
        ProofFormat::Json => report::json::write_value(&report, out),
    })?;
    Ok(status(&report, &arguments.fail_on))
}

fn status(report: &ProofReport, fail_on: &[ProofFailOn]) -> Status {
    let laxer = fail_on.contains(&ProofFailOn::Laxer) && report.is_laxer();
    let dead = fail_on.contains(&ProofFailOn::Dead) && report.has_dead_rules();
    if report.is_refuted() || laxer || dead {
        Status::Findings
    } else if report.is_undecided() {
        Status::Incomplete
    } else {
        Status::Clean
    }
}

/// The solver's program: as named, or `$CVC5`, or `cvc5` on the PATH.
fn solver(arguments: &ProveArguments) -> Result<PathBuf, Failure> {
    let named = arguments.solver.clone().or_else(|| env::var_os("CVC5").map(PathBuf::from));
    if let Some(named) = named {
        return Ok(named);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join("cvc5")).find(|program| program.is_file());
    found.ok_or_else(|| {
        let problem = Diagnostic::error(Code::NoSolver, "cvc5 is not on the PATH, and `tenure prove` needs a solver");
        Failure::one(problem.help(INSTALL))
    })
}

/// How to get a solver.
const INSTALL: &str = "install it with `apt install cvc5` (Debian, Ubuntu) or `brew install cvc5` (macOS), or name the \
                       program with --solver";

fn failed(error: Error) -> Failure {
    let code = match error {
        Error::Solver { .. } | Error::NotASolver { .. } => Code::NoSolver,
        Error::UnknownCheck { .. } => Code::UnknownCheck,
        _ => Code::Unprovable,
    };
    let problem = Diagnostic::error(code, error.to_string());
    Failure::one(if code == Code::NoSolver { problem.help(INSTALL) } else { problem })
}
