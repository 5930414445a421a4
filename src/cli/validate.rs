//! `tenure validate`.

mod forms;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    arguments::ValidateArguments,
    console::{self, Console},
    exit::{Failure, Status},
    inputs, locate,
};
use crate::{
    bundle::Bundle,
    diagnostic::{self, Code, Diagnostic, Level, Place, SourceFile},
    engine,
    files::{self, Fence},
    ingest::project::LintLevel,
    model::WaiverLimits,
    testing,
};

pub(super) fn run(arguments: &ValidateArguments, console: &Console) -> Result<Status, Failure> {
    let project = locate::project()?.map(|(_, project)| project);
    let (folder, read) = read(arguments)?;
    let (mut problems, lints) = match &read {
        Err(problems) => (problems.clone(), Vec::new()),
        Ok(bundle) => {
            let tests = testing::load_within(bundle, Some(&folder), &locate::fence(&folder)).err().unwrap_or_default();
            let limits = project.as_ref().map(|project| project.waivers.clone()).unwrap_or_default();
            (bundle.warnings.iter().cloned().chain(tests).collect(), lints(bundle, limits, arguments, console)?)
        }
    };
    let settings = project.map(|project| project.lints).unwrap_or_default();
    problems.extend(lints.into_iter().filter_map(|lint| leveled(lint, &settings, arguments.deny_warnings)));
    let mut problems: Vec<Diagnostic> = problems.into_iter().map(|problem| with_text(&folder, problem)).collect();
    diagnostic::sort(&mut problems);
    let problems = console::below(&folder, problems);
    forms::write(&problems, arguments, console)?;
    let errors = problems.iter().any(|problem| problem.level == Level::Error);
    Ok(match (read.is_err(), errors) {
        (true, _) => Status::Usage,
        (false, true) => Status::Findings,
        (false, false) => Status::Clean,
    })
}

type Read = Result<Bundle, Vec<Diagnostic>>;

/// The bundle, or all that is wrong with it, and the folder that it is in.
fn read(arguments: &ValidateArguments) -> Result<(PathBuf, Read), Failure> {
    match locate::folder(arguments.folder.as_deref())? {
        Some(folder) => {
            let read = Bundle::read_within(&folder, &locate::fence(&folder));
            Ok((folder, read))
        }
        None => {
            let problem =
                Diagnostic::error(Code::NothingToEvaluate, "there are no policies here, so nothing was validated");
            Err(Failure::nothing(problem.help("name their folder: `tenure validate DIR`")))
        }
    }
}

/// What is valid and cannot be meant; with a snapshot, what has nothing to do in it.
fn lints(
    bundle: &Bundle,
    waiver_limits: WaiverLimits,
    arguments: &ValidateArguments,
    console: &Console,
) -> Result<Vec<Diagnostic>, Failure> {
    let mut lints = bundle.lint();
    lints.extend(engine::waivers_beyond(bundle, &waiver_limits));
    if let Some(path) = &arguments.snapshot {
        let snapshot = inputs::read_snapshot(path, console)?.snapshot;
        let options = engine::Options { waiver_limits, ..engine::Options::default() };
        let evaluation = engine::evaluate(&snapshot, bundle, &options).map_err(inputs::failed)?;
        lints.extend(engine::fit(&evaluation));
    } else {
        console.say("without --snapshot, entries that match nothing are not looked for");
    }
    Ok(lints)
}

/// A lint as `tenure.yaml` wants it; none where it is allowed.
fn leveled(lint: Diagnostic, settings: &BTreeMap<String, LintLevel>, deny: bool) -> Option<Diagnostic> {
    match settings.get(lint.code.name()) {
        Some(LintLevel::Allow) => None,
        Some(LintLevel::Deny) => Some(Diagnostic { level: Level::Error, ..lint }),
        Some(LintLevel::Warn) => Some(lint),
        None if deny => Some(Diagnostic { level: Level::Error, ..lint }),
        None => Some(lint),
    }
}

/// The largest file of which a line is shown, in bytes.
const MAX_SHOWN: u64 = 16 << 20;

/// The same problem with the text of the line that it names, to be shown.
fn with_text(folder: &Path, problem: Diagnostic) -> Diagnostic {
    let Some(Place::Line(location)) = &problem.place else { return problem };
    let text = |name: &str| {
        let bytes = files::read_regular(&folder.join(name), &Fence::around(folder), MAX_SHOWN).ok()?;
        let file = SourceFile::new(name, files::text(name, &bytes).ok()?);
        let span = file.rest_of_line(location.line, location.column)?;
        Some((file, span))
    };
    match text(&location.file) {
        Some((file, span)) => problem.at(&file, span),
        None => problem,
    }
}
