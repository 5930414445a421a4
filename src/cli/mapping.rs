//! `tenure mapping`.

use std::path::{Path, PathBuf};

use super::{
    arguments::{MappingArguments, MappingCommand},
    console::Console,
    exit::{Failure, Status},
    locate,
};
use crate::{
    diagnostic::{Code, Diagnostic, counted, suggest},
    files::{self, Fence, RawFile, folder_of},
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
    let text = mapping::text(name).ok_or_else(|| Failure::one(no_built_in(name)))?;
    console.print(text)?;
    Ok(Status::Clean)
}

fn no_built_in(name: &str) -> Diagnostic {
    let names = mapping::built_in().iter().map(|one| one.name());
    Diagnostic::error(Code::UnknownFormat, format!("there is no built-in mapping `{name}`")).help(suggest(name, names))
}

fn new(path: &Path, output: Option<&Path>, console: &Console) -> Result<Status, Failure> {
    let files = files::read_path_within(path, &locate::named_source(path)).map_err(Failure::input)?;
    let [file] = files.as_slice() else { return Err(Failure::one(several(path, &files))) };
    let stem = output.unwrap_or(path).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let text = skeleton::skeleton(&stem, file).map_err(Failure::input)?;
    let Some(output) = output else {
        // The words come from an input file.
        console.print(&text.lines().map(|line| safe::terminal(line) + "\n").collect::<String>())?;
        return Ok(Status::Clean);
    };
    let name = output.display().to_string();
    if output.exists() {
        let problem = Diagnostic::error(Code::UnwritableFile, format!("`{name}` exists already")).in_file(&name);
        return Err(Failure::one(problem.help("name another file, or leave `-o` out to print the mapping")));
    }
    write::write_atomically_with(output, |out| out.write_all(text.as_bytes())).map_err(|error| {
        let message = format!("cannot write `{name}`: {}", files::plain(&error));
        Failure::one(Diagnostic::error(Code::UnwritableFile, message).in_file(&name))
    })?;
    let shown = path.display();
    console
        .say(&format!("wrote {name}; complete it, and try it: tenure import accounts SYSTEM {shown} --mapping {name}"));
    Ok(Status::Clean)
}

/// A directory of several files, of which a mapping would describe one.
fn several(path: &Path, files: &[RawFile]) -> Diagnostic {
    let name = path.display().to_string();
    let shown: Vec<String> = files.iter().take(FILES_SHOWN).map(|file| format!("`{}`", file.name)).collect();
    let more = files.len().saturating_sub(FILES_SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!("`{name}` holds several files, and a mapping is made from one: {}{rest}", shown.join(", "));
    let first = files.first().map(|file| file.shown.as_str()).unwrap_or_default();
    Diagnostic::error(Code::NotAFile, message).in_file(name).help(format!("name one: `tenure mapping new {first}`"))
}

/// Files of a directory that a problem names.
const FILES_SHOWN: usize = 10;

fn test(paths: &[PathBuf], console: &Console) -> Result<Status, Failure> {
    let paths =
        if paths.is_empty() { of_project()? } else { paths.iter().map(|path| Named::by_caller(path)).collect() };
    if paths.is_empty() {
        let problem = Diagnostic::error(Code::NoTests, "no source of tenure.yaml has a mapping of its own");
        return Err(Failure::nothing(problem.help("name a mapping: `tenure mapping test tool.yaml`")));
    }
    let mut text = String::new();
    let (mut passed, mut failed) = (0, 0);
    for named in &paths {
        let (mapping, tests) = load(named)?;
        for trial in trial::run(&mapping, &tests) {
            let word = if trial.failures.is_empty() { "ok" } else { "FAILED" };
            text.push_str(&format!("{word:<6} {}: {}\n", named.path.display(), trial.name));
            trial.failures.iter().for_each(|failure| text.push_str(&format!("       {failure}\n")));
            if trial.failures.is_empty() { passed += 1 } else { failed += 1 }
        }
    }
    let count = counted(passed + failed, "test", "tests");
    text.push_str(&format!("{count}: {passed} passed, {failed} failed\n"));
    console.print(&text.lines().map(|line| safe::terminal(line) + "\n").collect::<String>())?;
    Ok(if failed == 0 { Status::Clean } else { Status::Findings })
}

/// A mapping or its tests, and what reading it and the file beside it may not leave.
struct Named {
    path: PathBuf,
    fence: Fence,
    beside: Fence,
}

impl Named {
    /// The caller may name any file. The file beside it may be a link out of the project.
    fn by_caller(path: &Path) -> Self {
        Named { path: path.to_path_buf(), fence: Fence::none(), beside: locate::fence(folder_of(path)) }
    }
}

/// The mappings that sources of the project name.
fn of_project() -> Result<Vec<Named>, Failure> {
    let Some((path, project)) = locate::project()? else { return Ok(Vec::new()) };
    let folder = folder_of(&path).to_path_buf();
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
    let fence = locate::sources(&folder);
    Ok(named.into_iter().map(|path| Named { path, fence: fence.clone(), beside: fence.clone() }).collect())
}

/// A mapping and its tests, by the path of either.
fn load(named: &Named) -> Result<(Mapping, Vec<trial::MappingTest>), Failure> {
    let Named { path, fence, beside } = named;
    let name = path.display().to_string();
    let ((mapping, of_mapping), (tests, of_tests)) = match name.strip_suffix(trial::ENDING) {
        Some(stem) => ((PathBuf::from(format!("{stem}.yaml")), beside), (path.clone(), fence)),
        None => ((path.clone(), fence), (trial::beside(path), beside)),
    };
    // A link that leads to nothing is refused where it is read.
    if tests.symlink_metadata().is_err() {
        let message = format!("`{}` has no tests beside it", mapping.display());
        let help = format!("write `{}` with `tests: [{{ name: …, rows: …, accounts: […] }}]`", tests.display());
        return Err(Failure::nothing(Diagnostic::error(Code::NoTests, message).in_file(name).help(help)));
    }
    let file = tests.display().to_string();
    let tests = trial::read_within(&tests, of_tests).map_err(Failure::input)?;
    if tests.tests.is_empty() {
        let problem = Diagnostic::error(Code::NoTests, format!("`{file}` holds no tests")).in_file(file);
        return Err(Failure::nothing(problem.help("write `tests: [{ name: …, rows: …, accounts: […] }]`")));
    }
    let mapping = match tests.format.as_deref() {
        None => mapping::read_within(&mapping, of_mapping).map_err(Failure::input)?,
        Some(format) => match mapping::named(format) {
            Some(built_in) => built_in.get().clone(),
            None => return Err(Failure::one(no_built_in(format).in_file(file))),
        },
    };
    Ok((mapping, tests.tests))
}
