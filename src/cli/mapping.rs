//! `tenure mapping`.

use std::path::{Path, PathBuf};

use super::{
    arguments::{MappingArguments, MappingCommand},
    console::Console,
    exit::{Failure, Status},
    locate,
};
use crate::{
    diagnostic::{Diagnostic, counted, suggest},
    files,
    ingest::{
        SourceConfig,
        mapping::{self, Mapping, MappingChoice, skeleton, trial},
    },
    model::write,
    report::safe,
};

pub(super) fn run(arguments: &MappingArguments, console: &Console) -> Result<Status, Failure> {
    match &arguments.command {
        MappingCommand::List => list(console),
        MappingCommand::Show { name } => show(name, console),
        MappingCommand::New { path, output } => new(path, output.as_deref(), console),
        MappingCommand::Test { paths } => test(paths, console),
    }
}

fn list(console: &Console) -> Result<Status, Failure> {
    let all = mapping::built_in();
    let width = all.iter().map(|one| one.name().len()).max().unwrap_or_default();
    let line = |one: &mapping::MappingRef| {
        let title = one.about.as_ref().map(|about| about.title.as_str()).unwrap_or_default();
        format!("{:<width$}  {title}\n", one.name())
    };
    console.print(&all.iter().map(line).collect::<String>())?;
    Ok(Status::Clean)
}

fn show(name: &str, console: &Console) -> Result<Status, Failure> {
    let Some(text) = mapping::text(name) else {
        let names: Vec<&str> = mapping::built_in().iter().map(|one| one.name()).collect();
        let problem = Diagnostic::error("unknown-format", format!("there is no built-in mapping `{name}`"));
        return Err(Failure::one(problem.help(suggest(name, names.iter().copied()))));
    };
    console.print(text)?;
    Ok(Status::Clean)
}

fn new(path: &Path, output: Option<&Path>, console: &Console) -> Result<Status, Failure> {
    let files = files::read_path(path).map_err(Failure::input)?;
    let Some(file) = files.first() else { return Ok(Status::Clean) };
    let stem = output.unwrap_or(path).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let text = skeleton::skeleton(&stem, file).map_err(Failure::input)?;
    let Some(output) = output else {
        // Words come out of somebody's file.
        console.print(&text.lines().map(|line| safe::terminal(line) + "\n").collect::<String>())?;
        return Ok(Status::Clean);
    };
    let name = output.display().to_string();
    if output.exists() {
        let problem = Diagnostic::error("unwritable-file", format!("`{name}` exists already")).in_file(&name);
        return Err(Failure::one(problem.help("name another file, or leave `-o` out to print the mapping")));
    }
    write::write_atomically_with(output, |out| out.write_all(text.as_bytes())).map_err(|error| {
        let message = format!("cannot write `{name}`: {}", files::plain(&error));
        Failure::one(Diagnostic::error("unwritable-file", message).in_file(&name))
    })?;
    let shown = path.display();
    console
        .say(&format!("wrote {name}; complete it, and try it: tenure import accounts SYSTEM {shown} --mapping {name}"));
    Ok(Status::Clean)
}

fn test(paths: &[PathBuf], console: &Console) -> Result<Status, Failure> {
    let paths = if paths.is_empty() { of_project()? } else { paths.to_vec() };
    if paths.is_empty() {
        let problem = Diagnostic::error("no-tests", "no source of tenure.yaml has a mapping of its own");
        return Err(Failure::nothing(problem.help("name a mapping: `tenure mapping test tool.yaml`")));
    }
    let mut text = String::new();
    let (mut passed, mut failed) = (0, 0);
    for path in &paths {
        let (mapping, tests) = load(path)?;
        for trial in trial::run(&mapping, &tests) {
            let word = if trial.failures.is_empty() { "ok" } else { "FAILED" };
            text.push_str(&format!("{word:<6} {}: {}\n", path.display(), trial.name));
            trial.failures.iter().for_each(|failure| text.push_str(&format!("       {failure}\n")));
            if trial.failures.is_empty() { passed += 1 } else { failed += 1 }
        }
    }
    let count = counted(passed + failed, "test", "tests");
    text.push_str(&format!("{count}: {passed} passed, {failed} failed\n"));
    console.print(&text.lines().map(|line| safe::terminal(line) + "\n").collect::<String>())?;
    Ok(if failed == 0 { Status::Clean } else { Status::Findings })
}

/// The mappings that sources of the project name.
fn of_project() -> Result<Vec<PathBuf>, Failure> {
    let Some((path, project)) = locate::project()? else { return Ok(Vec::new()) };
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let named = project.sources.iter().filter_map(|source| match source {
        SourceConfig::File(file) => match &file.mapping {
            Some(MappingChoice::Path(path)) => Some(folder.join(path)),
            _ => None,
        },
        _ => None,
    });
    let mut named: Vec<PathBuf> = named.collect();
    named.sort();
    named.dedup();
    Ok(named)
}

/// A mapping and its tests, by the path of either.
fn load(path: &Path) -> Result<(Mapping, Vec<trial::MappingTest>), Failure> {
    let name = path.display().to_string();
    let (mapping, tests) = match name.strip_suffix(trial::ENDING) {
        Some(stem) => (PathBuf::from(format!("{stem}.yaml")), path.to_path_buf()),
        None => (path.to_path_buf(), trial::beside(path)),
    };
    if !tests.is_file() {
        let message = format!("`{}` has no tests beside it", mapping.display());
        let help = format!("write `{}` with `tests: [{{ name: …, rows: …, accounts: […] }}]`", tests.display());
        return Err(Failure::nothing(Diagnostic::error("no-tests", message).in_file(name).help(help)));
    }
    let tests = trial::read(&tests).map_err(Failure::input)?;
    let mapping = match tests.format.as_deref() {
        None => mapping::read(&mapping).map_err(Failure::input)?,
        Some(format) => match mapping::named(format) {
            Some(built_in) => built_in.get().clone(),
            None => {
                let names: Vec<&str> = mapping::built_in().iter().map(|one| one.name()).collect();
                let problem = Diagnostic::error("unknown-format", format!("there is no built-in mapping `{format}`"));
                return Err(Failure::one(problem.in_file(name).help(suggest(format, names.iter().copied()))));
            }
        },
    };
    Ok((mapping, tests.tests))
}
