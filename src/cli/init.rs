//! `tenure init`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    arguments::InitArguments,
    console::Console,
    exit::{Failure, Status},
    schema,
};
use crate::{
    bundle::{self, shipped},
    diagnostic::{Diagnostic, counted},
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
    let files = project(arguments)?;
    let there: Vec<Diagnostic> = files
        .iter()
        .map(|(name, _)| folder.join(name))
        .filter(|path| path.exists())
        .map(|path| {
            let name = path.display().to_string();
            let problem =
                Diagnostic::error("file-exists", format!("`{name}` is there already, and is not overwritten"));
            problem.in_file(name).help("choose another folder: `tenure init DIR`")
        })
        .collect();
    if !there.is_empty() {
        return Err(Failure::input(there));
    }
    write(&folder, &files)?;
    let shown = folder.display();
    console.say(&format!("{} written below {shown}; next:", counted(files.len(), "file", "files")));
    if arguments.folder.is_some() {
        console.say(&format!("cd {shown}"));
    }
    for command in
        ["tenure validate && tenure test", "tenure pull --dry-run", "tenure pull && tenure check snapshot.json"]
    {
        console.say(command);
    }
    Ok(Status::Clean)
}

/// Every file of the project with its text.
fn project(arguments: &InitArguments) -> Result<Vec<(String, String)>, Failure> {
    let name = arguments.organization_name.as_deref().unwrap_or("Example Ltd");
    let id = arguments.organization_id.clone().unwrap_or_else(|| slug(name));
    if id.is_empty() {
        let problem = Diagnostic::error("bad-name", "the organisation's name has no letters to make an id of");
        return Err(Failure::one(problem.help("give one with --organization-id")));
    }
    let zone = arguments.time_zone.as_deref().unwrap_or("UTC");
    Zone::new(zone)
        .map_err(|reason| Failure::one(Diagnostic::error("bad-time-zone", format!("--time-zone: {reason}"))))?;
    // A text in JSON is one in YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut files: Vec<(String, String)> = STARTER
        .iter()
        .map(|(path, text)| {
            let text = text.replace("{id}", &quoted(&id)).replace("{name}", &quoted(name));
            ((*path).to_owned(), text.replace("{time_zone}", &quoted(zone)))
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
fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    let mut written: Vec<PathBuf> = Vec::new();
    for (name, text) in files {
        let path = folder.join(name);
        if let Err(error) = create(&path, text) {
            for path in &written {
                let _gone = fs::remove_file(path);
            }
            let name = path.display().to_string();
            let message = format!("cannot write `{name}`: {}", crate::files::plain(&error));
            let problem = Diagnostic::error("unwritable-file", message).in_file(name);
            return Err(Failure::one(problem.help("look at the folder and its permissions; nothing was kept")));
        }
        written.push(path);
    }
    Ok(())
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}
