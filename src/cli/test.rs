//! `tenure test`.

mod junit;
mod text;

use std::path::Path;

use rayon::prelude::*;

use super::{
    arguments::{TestArguments, TestFormat},
    console::{self, Console},
    exit::{Failure, Status},
    inputs, locate,
    outputs::{self, Input, Output},
    watch,
};
use crate::{
    bundle::Bundle,
    diagnostic::{Code, Diagnostic, counted},
    engine, report,
    testing::{
        self, Test, TestReport,
        coverage::Coverage,
        mutate::mutate,
        report::{Failure as TestFailure, MutationReport, SCHEMA_VERSION, TestResult},
        run,
    },
};

pub(super) fn run(arguments: &TestArguments, console: &Console) -> Result<Status, Failure> {
    let Some(folder) = locate::folder(arguments.folder.as_deref())? else {
        let problem = Diagnostic::error(Code::NoBundle, "no policies were found here, so there are no tests");
        return Err(Failure::nothing(problem.help("name their folder: `tenure test DIR`")));
    };
    let written: Vec<Output> = arguments.output.iter().map(|file| Output::new("report", file)).collect();
    outputs::check(&written, &[Input::Policies(folder.clone())])?;
    if !arguments.watch {
        return once(&folder, arguments, console);
    }
    watch::whenever(std::slice::from_ref(&folder), console, || {
        let status = once(&folder, arguments, console);
        status.unwrap_or_else(|failure| {
            console.failure(&failure);
            failure.status
        })
    })
}

fn once(folder: &Path, arguments: &TestArguments, console: &Console) -> Result<Status, Failure> {
    let below = |problems| Failure::input(console::below(folder, problems));
    let fence = locate::fence(folder);
    let bundle = Bundle::read_within(folder, &fence).map_err(below)?;
    let warnings = bundle.warnings.iter().chain(&bundle.unread_files).cloned().collect();
    console.warn(&console::below(folder, warnings));
    let tests = testing::load_within(&bundle, Some(folder), &fence).map_err(below)?;
    if tests.is_empty() {
        let name = folder.display();
        let problem = Diagnostic::error(Code::NoTests, format!("the policies directory `{name}` has no tests"));
        let help = "write a YAML file with `tests:` in it; `tenure init` makes an example";
        return Err(Failure::nothing(problem.help(help)));
    }
    let (tests, filtered): (Vec<Test>, Vec<Test>) = tests.into_iter().partition(|test| chosen(arguments, test));
    if tests.is_empty() {
        let message = format!("no test and no file of tests has `{}` in its name", arguments.filters.join("` or `"));
        let tests = counted(filtered.len(), "test", "tests");
        let help = format!("leave `--filter` out to run all, {tests}");
        return Err(Failure::nothing(Diagnostic::error(Code::NoTests, message).help(help)));
    }
    let report = all(&bundle, &tests, filtered.len(), arguments).map_err(inputs::failed)?;
    let shown = text::Shown { folder, coverage: arguments.coverage || arguments.fail_under.is_some() };
    console.deliver(arguments.output.as_deref(), &mut |out| match arguments.format {
        TestFormat::Text => text::write(&report, &shown, console.width(), out),
        TestFormat::Json => report::json::write_value(&report, out),
        TestFormat::Junit => junit::write(&report, out),
    })?;
    Ok(status(&report, arguments, console))
}

fn chosen(arguments: &TestArguments, test: &Test) -> bool {
    let has = |text: &String| test.name.contains(text.as_str()) || test.location.file.contains(text.as_str());
    arguments.filters.is_empty() || arguments.filters.iter().any(has)
}

fn all(
    bundle: &Bundle,
    tests: &[Test],
    filtered: usize,
    arguments: &TestArguments,
) -> Result<TestReport, engine::Error> {
    let results: Vec<TestResult> = tests
        .par_iter()
        .map(|test| TestResult {
            file: test.location.file.to_string(),
            line: test.location.line,
            name: test.name.clone(),
            failures: run::failures(bundle, test),
        })
        .collect();
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    let erred = |result: &TestResult| result.failures.iter().any(|one| matches!(one, TestFailure::Error { .. }));
    // What some tests do not come to, the others may.
    let coverage = if filtered == 0 && !results.iter().any(erred) {
        let seen: Vec<Coverage> = tests.par_iter().map(|test| run::coverage(bundle, test)).collect::<Result<_, _>>()?;
        let mut coverage = Coverage::new(bundle);
        seen.iter().for_each(|one| coverage.merge(one));
        Some(coverage.report())
    } else {
        None
    };
    let mutation: Option<MutationReport> = (arguments.mutate && failed == 0).then(|| mutate(bundle, tests));
    Ok(TestReport {
        schema_version: SCHEMA_VERSION.to_owned(),
        passed: results.len() - failed,
        failed,
        filtered,
        tests: results,
        coverage,
        mutation,
    })
}

fn status(report: &TestReport, arguments: &TestArguments, console: &Console) -> Status {
    if arguments.mutate && report.mutation.is_none() {
        console.say("nothing was changed: tests that fail as they are notice nothing");
    }
    let covered = report.coverage.as_ref().map_or(0, |coverage| coverage.rules.percent());
    let too_low = arguments.fail_under.is_some_and(|least| covered < usize::from(least));
    if too_low && report.failed == 0 {
        let least = arguments.fail_under.unwrap_or_default();
        console.say(&format!("{covered} % of the rules are covered, less than {least} %"));
    }
    if report.failed > 0 || too_low { Status::Findings } else { Status::Clean }
}
