//! `tenure check`.

use std::{collections::HashSet, io::Write, path::Path};

use super::{
    arguments::{CheckArguments, FailOn, Format},
    console::{self, Console},
    exit::{Failure, Status},
    locate,
};
use crate::{
    bundle::{Bundle, Outcome, shipped},
    diagnostic::{Diagnostic, suggest},
    engine::{self, Evaluation, Options},
    files,
    model::{Snapshot, read, time, write},
    report::{self, Contents, Report},
};

pub(super) fn run(arguments: &CheckArguments, console: &Console) -> Result<Status, Failure> {
    let (snapshot, digest) = snapshot(arguments)?;
    let bundle = if arguments.example && arguments.policies.is_none() {
        Bundle::shipped().map_err(Failure::input)?
    } else {
        let (bundle, place) = locate::bundle(arguments.policies.as_deref())?;
        if place == locate::BUILT_IN && !arguments.example {
            console.say(
                "no policies were found here, so the built-in ones judge, whose org roles, identities and access rules \
                 are an example's; name your own with --policies",
            );
        }
        console.warn(&console::below(Path::new(&place), bundle.warnings.clone()));
        bundle
    };
    let options = options(arguments, &snapshot, &bundle)?;
    let evaluation = evaluate(&snapshot, &bundle, &options, arguments.threads)?;
    if evaluation.answers.is_empty() {
        return Err(nothing_asked(&snapshot, &bundle));
    }
    console.warn(&asked_of_nobody(&evaluation, &options));
    let contents = if arguments.all { Contents::All } else { Contents::Noteworthy };
    let report = report::build(&evaluation, &digest, contents);
    emit(&report, arguments, console)?;
    Ok(status(&report, &evaluation, arguments))
}

fn snapshot(arguments: &CheckArguments) -> Result<(Snapshot, String), Failure> {
    let (name, bytes) = match &arguments.snapshot {
        Some(path) => (path.display().to_string(), files::read_file(path).map_err(Failure::one)?),
        None if arguments.example => ("the example".to_owned(), shipped::EXAMPLE_SNAPSHOT.as_bytes().to_vec()),
        None => {
            let problem = Diagnostic::error("nothing-to-evaluate", "no snapshot was given, so nothing was evaluated");
            let help = "make one with `tenure import humaans DIR -o snapshot.json` and name it: `tenure check \
                        snapshot.json`; or try the built-in example: `tenure check --example`";
            return Err(Failure::nothing(problem.help(help)));
        }
    };
    let snapshot = read::snapshot(&name, &bytes).map_err(Failure::input)?;
    Ok((snapshot, write::digest(&bytes)))
}

fn options(arguments: &CheckArguments, snapshot: &Snapshot, bundle: &Bundle) -> Result<Options, Failure> {
    let mut problems = Vec::new();
    let as_of = arguments.as_of.as_deref().and_then(|text| {
        time::parse_instant(text, &snapshot.organization.time_zone)
            .map_err(|reason| problems.push(Diagnostic::error("bad-as-of", format!("--as-of: {reason}"))))
            .ok()
    });
    for id in arguments.checks.iter().filter(|id| bundle.check(id).is_none()) {
        let problem = Diagnostic::error("unknown-check", format!("--check: there is no check `{id}`"));
        problems.push(problem.help(suggest(id, bundle.checks.iter().map(|check| check.id.as_str()))));
    }
    if !problems.is_empty() {
        return Err(Failure::input(problems));
    }
    let checks: HashSet<String> = arguments.checks.iter().cloned().collect();
    Ok(Options { as_of, checks: Some(checks).filter(|checks| !checks.is_empty()) })
}

/// Cedar stops evaluating where the stack runs low; with this much, no rule that loads comes near it.
const STACK: usize = 32 << 20;

pub(super) fn evaluate<'a>(
    snapshot: &'a Snapshot,
    bundle: &'a Bundle,
    options: &Options,
    threads: Option<u16>,
) -> Result<Evaluation<'a>, Failure> {
    let failed = |reason: String| Failure::one(Diagnostic::error("evaluation", reason));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0).into()).stack_size(STACK).build();
    let pool = pool.map_err(|error| failed(format!("cannot start threads: {error}")))?;
    pool.install(|| engine::evaluate(snapshot, bundle, options)).map_err(failed)
}

/// Checks that found no subject: not failing must not look like all is well.
fn asked_of_nobody(evaluation: &Evaluation<'_>, options: &Options) -> Vec<Diagnostic> {
    let checks = evaluation.situation.bundle.checks.iter().enumerate();
    let wanted = checks.filter(|(_, check)| options.checks.as_ref().is_none_or(|ids| ids.contains(&check.id)));
    let idle = wanted.filter(|(index, _)| !evaluation.answers.iter().any(|answer| answer.check == *index));
    idle.map(|(_, check)| {
        let message = format!("the check `{}` was asked of nobody: the snapshot has no subject for it", check.id);
        Diagnostic::warning("asked-of-nobody", message)
    })
    .collect()
}

fn nothing_asked(snapshot: &Snapshot, bundle: &Bundle) -> Failure {
    let (message, help) = if bundle.checks.is_empty() {
        ("the policies define no checks, so nothing was evaluated", "declare actions in a .cedarschema file")
    } else if snapshot.people.is_empty() && snapshot.accounts.is_empty() {
        ("the snapshot holds no people and no accounts, so nothing was evaluated", "import the sources again")
    } else {
        ("no check was asked of anybody, so nothing was evaluated", "choose other checks with `--check`")
    };
    Failure::nothing(Diagnostic::error("nothing-to-evaluate", message).help(help))
}

fn emit(report: &Report, arguments: &CheckArguments, console: &Console) -> Result<(), Failure> {
    let layout = report::text::Layout { width: console.width() };
    let render = |out: &mut dyn Write| match arguments.format {
        Format::Text => report::text::write(report, layout, out),
        Format::Json => report::json::write(report, out),
    };
    match &arguments.output {
        Some(path) => {
            let mut bytes = anstream::StripStream::new(Vec::new());
            let written = render(&mut bytes).and_then(|()| write::write_atomically(path, &bytes.into_inner()));
            written.map_err(|error| {
                let name = path.display().to_string();
                let message = format!("cannot write the report to `{name}`: {}", files::plain(&error));
                Failure::one(Diagnostic::error("unwritable-file", message).in_file(name))
            })
        }
        None => {
            let mut out = std::io::BufWriter::new(console.stdout());
            match render(&mut out).and_then(|()| out.flush()) {
                // Whoever read has read enough.
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    let message = format!("cannot write the report: {error}");
                    Err(Failure::one(Diagnostic::error("unwritable-file", message)))
                }
                _ => Ok(()),
            }
        }
    }
}

fn status(report: &Report, evaluation: &Evaluation<'_>, arguments: &CheckArguments) -> Status {
    if report.summary.errors > 0 || report.summary.rejected_records > 0 {
        return Status::Incomplete;
    }
    let default = if arguments.example { FailOn::Never } else { FailOn::Info };
    let fail_on = arguments.fail_on.unwrap_or(default);
    let counts = |outcome: Outcome| matches!(outcome, Outcome::Fail | Outcome::Unknown);
    let found = report
        .findings
        .iter()
        .any(|finding| counts(finding.outcome) && finding.waiver.is_none() && fail_on.counts(finding.severity));
    debug_assert!(!evaluation.answers.is_empty(), "checking nothing must not look like all is well");
    if found { Status::Findings } else { Status::Clean }
}
