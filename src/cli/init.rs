//! `tenure init`.

mod exports;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use self::exports::{Exports, File};
use super::{
    arguments::InitArguments,
    console::Console,
    exit::{Failure, Status},
    schema,
};
use crate::{
    bundle::{self, shipped},
    diagnostic::{Code, Diagnostic, counted},
    model::{Zone, slug},
};

/// What a project begins with, beside the shipped rules: name in the project, and text.
const STARTER: [(&str, &str); 9] = [
    (".github/workflows/policies.yml", include_str!("../../fixtures/starter/policies.yml")),
    (".gitignore", include_str!("../../fixtures/starter/gitignore")),
    ("tenure.yaml", include_str!("../../fixtures/starter/tenure.yaml")),
    ("policies/org-roles.yaml", include_str!("../../fixtures/starter/policies/org-roles.yaml")),
    ("policies/identities.yaml", include_str!("../../fixtures/starter/policies/identities.yaml")),
    ("policies/calendar.yaml", include_str!("../../fixtures/starter/policies/calendar.yaml")),
    ("policies/waivers.yaml", include_str!("../../fixtures/starter/policies/waivers.yaml")),
    ("policies/systems/humaans.yaml", include_str!("../../fixtures/starter/policies/systems/humaans.yaml")),
    ("policies/tests/example.yaml", include_str!("../../fixtures/starter/policies/tests/example.yaml")),
];

pub(super) fn run(arguments: &InitArguments, console: &Console) -> Result<Status, Failure> {
    let folder = arguments.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut project = project(arguments)?;
    let exports = exports(arguments, &folder, console)?;
    exports.iter().for_each(|exports| exports.fit(&mut project));
    // Rules of another bundle beside the shipped ones would declare checks twice.
    let has_policies = fs::read_dir(folder.join("policies")).is_ok_and(|mut entries| entries.next().is_some());
    let is_of_export = |name: &str| exports.is_some() && name.starts_with("policies/systems/");
    let is_left = |name: &str| has_policies && name.starts_with("policies/") && !is_of_export(name);
    let files = project.into_iter().filter(|(name, _)| !is_left(name)).chain(packs(arguments));
    let (there, missing): (Vec<File>, Vec<File>) = files.partition(|(name, _)| folder.join(name).exists());
    let ignored = there.iter().find(|(name, _)| name == GITIGNORE);
    let ignored =
        ignored.map(|(_, text)| missing_lines(&folder.join(GITIGNORE), text)).transpose()?.unwrap_or_default();
    write(&folder, &missing)?;
    append(&folder.join(GITIGNORE), &ignored)?;
    let shown = folder.display();
    let kept: Vec<&str> =
        has_policies.then_some("policies").into_iter().chain(there.iter().map(|(name, _)| name.as_str())).collect();
    say_kept(&folder, &kept, ignored.len(), console);
    if let (Some(exports), true) = (&exports, there.iter().any(|(name, _)| name == PROJECT)) {
        console.say(&format!("add the exports to `sources:` of `{PROJECT}`:"));
        exports.sources().lines().for_each(|line| console.say(line));
    }
    if missing.is_empty() && ignored.is_empty() {
        console.say(&format!("nothing is missing below {shown}"));
        return Ok(Status::Clean);
    }
    console.say(&format!("{} written below {shown}; next:", counted(missing.len(), "file", "files")));
    if arguments.folder.is_some() {
        console.say(&format!("cd {shown}"));
    }
    let commands = match exports {
        Some(_) => ["tenure validate && tenure test", "tenure import", "tenure check snapshot.json"],
        None => {
            ["tenure validate && tenure test", "tenure pull --dry-run", "tenure pull && tenure check snapshot.json"]
        }
    };
    commands.iter().for_each(|command| console.say(command));
    Ok(Status::Clean)
}

/// Says which files and folders were there already, and how many lines `.gitignore` has got.
fn say_kept(folder: &Path, kept: &[&str], ignored: usize, console: &Console) {
    let unchanged: Vec<&str> = kept.iter().copied().filter(|name| *name != GITIGNORE || ignored == 0).collect();
    if unchanged.len() > NAMED {
        let files = counted(unchanged.len(), "file", "files");
        console.say(&format!("{files} are there already and are left as they are"));
    } else {
        for name in unchanged {
            console.say(&format!("`{}` is there already and is left as it is", folder.join(name).display()));
        }
    }
    if ignored > 0 {
        let (path, lines) = (folder.join(GITIGNORE), counted(ignored, "line", "lines"));
        console.say(&format!("`{}` has {lines} more, so that personal data is not committed", path.display()));
    }
}

/// As many files that are left as they are, each is named.
const NAMED: usize = 5;
const GITIGNORE: &str = ".gitignore";
const PROJECT: &str = "tenure.yaml";

/// What the exports show that the project begins with.
fn exports(arguments: &InitArguments, folder: &Path, console: &Console) -> Result<Option<Exports>, Failure> {
    if arguments.from.is_empty() {
        return Ok(None);
    }
    let zone = Zone::new(arguments.time_zone.as_deref().unwrap_or("UTC"));
    let zone = zone.map_err(|reason| Failure::one(Diagnostic::error(Code::BadTimeZone, reason.to_string())))?;
    let (exports, warnings) = Exports::read(&arguments.from, folder, &zone)?;
    console.warn(&warnings);
    Ok(Some(exports))
}

/// The files of the packs that are asked for, each pack in a folder of its own.
fn packs(arguments: &InitArguments) -> Vec<File> {
    let is_asked =
        |name: &str| name.split('/').next().is_some_and(|pack| arguments.packs.iter().any(|one| one == pack));
    let asked = shipped::PACKS.iter().filter(|(name, _)| is_asked(name));
    asked.map(|(name, text)| (format!("policies/{name}"), (*text).to_owned())).collect()
}

/// The lines of a text that a file lacks, comments aside; none of what is no regular file.
fn missing_lines(path: &Path, text: &str) -> Result<Vec<String>, Failure> {
    let is_file = path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Ok(Vec::new());
    }
    let there = fs::read_to_string(path).map_err(|error| unwritable(path, &error))?;
    let is_missing = |line: &&str| !line.starts_with('#') && !there.lines().any(|known| known.trim() == *line);
    Ok(text.lines().filter(is_missing).map(str::to_owned).collect())
}

/// Adds lines at the end of a file.
fn append(path: &Path, lines: &[String]) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    let add = || {
        let there = fs::read_to_string(path)?;
        let gap = if there.is_empty() || there.ends_with('\n') { "" } else { "\n" };
        let mut file = fs::OpenOptions::new().append(true).open(path)?;
        io::Write::write_all(&mut file, format!("{gap}{}\n", lines.join("\n")).as_bytes())
    };
    add().map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let name = path.display().to_string();
    let message = format!("cannot write `{name}`: {}", crate::files::plain(error));
    let problem = Diagnostic::error(Code::UnwritableFile, message).in_file(name);
    Failure::one(problem.help("look at the folder and its permissions; nothing was kept"))
}

/// Every file of the project with its text.
fn project(arguments: &InitArguments) -> Result<Vec<File>, Failure> {
    let name = arguments.organization_name.as_deref().unwrap_or("Example Ltd");
    let id = arguments.organization_id.clone().unwrap_or_else(|| slug(name));
    if id.is_empty() {
        let problem = Diagnostic::error(Code::BadName, "the organisation's name has no letters to make an id of");
        return Err(Failure::one(problem.help("give one with --organization-id")));
    }
    let zone = arguments.time_zone.as_deref().unwrap_or("UTC");
    Zone::new(zone)
        .map_err(|reason| Failure::one(Diagnostic::error(Code::BadTimeZone, format!("--time-zone: {reason}"))))?;
    // A text in JSON is one in YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut files: Vec<File> = STARTER
        .iter()
        .map(|(path, text)| {
            // The name comes last, since it may hold braces of its own.
            let text = text.replace("{time_zone}", &quoted(zone)).replace("{id}", &quoted(&id));
            ((*path).to_owned(), text.replace("{name}", &quoted(name)))
        })
        .collect();
    let rules = shipped::POLICIES.iter().filter(|(path, _)| path.ends_with(".cedar") || path.ends_with(".cedarschema"));
    files.extend(rules.map(|(path, text)| (format!("policies/{path}"), (*text).to_owned())));
    files.extend(
        schema::SCHEMAS.iter().map(|(name, _, text)| (format!("schemas/{name}.schema.json"), (*text).to_owned())),
    );
    files.push(("schemas/tenure.cedarschema".to_owned(), bundle::ENTITY_SCHEMA.to_owned()));
    files.sort();
    Ok(files)
}

/// Writes every file, or none.
fn write(folder: &Path, files: &[File]) -> Result<(), Failure> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        let linked = || linked_folder(folder, name).map_or(Ok(()), |reason| Err(io::Error::other(reason)));
        if let Err(error) = linked().and_then(|()| create(&path, text)) {
            for path in &written {
                let _gone = fs::remove_file(path);
            }
            return Err(unwritable(&path, &error));
        }
        written.push(path);
    }
    Ok(())
}

/// A folder on the way to a file that is a link, which may lead out of the project.
fn linked_folder(folder: &Path, name: &str) -> Option<String> {
    let parents = Path::new(name).ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty());
    let mut linked = parents.filter(|parent| folder.join(parent).is_symlink());
    linked.next().map(|parent| format!("`{}` is a link", folder.join(parent).display()))
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}
