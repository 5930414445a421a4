//! What a project should begin with, told from exports: its sources, a file for each system, and the titles of its people.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::{
    cli::{exit::Failure, locate},
    diagnostic::{Code, Diagnostic, counted},
    escape::is_harmful,
    files,
    ingest::{
        Format, Normalized,
        assemble::{read_files_or_without, unique_id},
        guessed_format,
        project::FileSource,
    },
    model::{Account, Person, Zone, slug},
    yaml::scalar,
};

/// A file of a project: its name in it, and its text.
pub(super) type File = (String, String);

/// The starter's block of sources, which those of the exports replace.
const SOURCES: &str = "sources:\n";
const AFTER_SOURCES: &str = "# What waivers may be";
/// The comment for a project without a staff list. `tenure import` reads no live source.
const NO_STAFF: &str = "  # No export lists staff, so Tenure cannot find the owners of accounts. Add a staff list, or fetch one with\n\
                        \x20 # `tenure pull`:\n\
                        \x20 # - { kind: humaans, token_env: HUMAANS_API_TOKEN }\n";
/// The starter's test of a system that the exports may not have.
const SYSTEM_TEST: &str = "\n  - name: all staff are users";
/// The code of an export of no known format.
const UNKNOWN: Code = Code::UnknownFormat;
/// How many titles are listed.
const TITLES: usize = 200;

/// What the exports show.
#[derive(Default)]
pub(super) struct Exports {
    sources: Vec<String>,
    /// Of the exports that lie in no folder of exports.
    paths: Vec<String>,
    systems: BTreeMap<String, SystemShown>,
    /// By title and department, how many people have them.
    titles: BTreeMap<(String, String), usize>,
    has_staff: bool,
}

/// What an export shows of a system.
#[derive(Default)]
struct SystemShown {
    accounts: usize,
    /// By level, how many accounts hold it.
    levels: BTreeMap<String, usize>,
}

impl Exports {
    /// Reads exports that lie in the project's folder. Those of no known format are left out, with a warning each.
    ///
    /// # Errors
    /// Every export that lies elsewhere or cannot be read, or that none is left.
    pub(super) fn read(paths: &[PathBuf], folder: &Path, zone: &Zone) -> Result<(Self, Vec<Diagnostic>), Failure> {
        let (mut exports, mut problems) = (Exports::default(), Vec::new());
        let mut seen = BTreeSet::new();
        for path in paths.iter().filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf())))
        {
            match one(path, folder, zone, &exports.systems.keys().cloned().collect()) {
                Ok((config, normalized)) => exports.add(&config, &normalized),
                Err(found) => problems.extend(found),
            }
        }
        if exports.sources.is_empty() || problems.iter().any(|problem| problem.code != UNKNOWN) {
            return Err(Failure::input(problems));
        }
        Ok((exports, problems.into_iter().map(Diagnostic::into_warning).collect()))
    }

    fn add(&mut self, config: &FileSource, normalized: &Normalized) {
        let format = config.format.map(|format| format!(", format: {format}")).unwrap_or_default();
        let system =
            config.system.as_ref().map(|system| format!(", system: {}", scalar::flow(system))).unwrap_or_default();
        if !config.path.starts_with("exports/") {
            self.paths.push(ignore_line(&config.path));
        }
        let path = scalar::flow(&config.path);
        self.sources.push(format!(
            "  - {{ kind: file, path: {path}{format}{system} }}   # pulled_at: 2026-11-20, if it is older\n"
        ));
        self.has_staff |= normalized.people.is_some();
        normalized.people.iter().flatten().for_each(|person| self.add_titles(person));
        for system in normalized.systems.iter().map(|system| &system.id) {
            self.systems.entry(system.clone()).or_default();
        }
        normalized.accounts.iter().for_each(|account| self.add_levels(account));
    }

    fn add_titles(&mut self, person: &Person) {
        for role in person.job_roles.known().into_iter().flatten() {
            let Some(title) = role.job_title.known().cloned() else { continue };
            let department = role.department.known().cloned().unwrap_or_default();
            *self.titles.entry((title, department)).or_default() += 1;
        }
    }

    fn add_levels(&mut self, account: &Account) {
        let shown = self.systems.entry(account.system.clone()).or_default();
        shown.accounts += 1;
        for level in account.levels.known().into_iter().flatten() {
            *shown.levels.entry(level.clone()).or_default() += 1;
        }
    }

    /// The lines of `sources:`.
    pub(super) fn sources(&self) -> String {
        self.sources.concat()
    }

    /// Fits the files that a project begins with to what the exports show.
    pub(super) fn fit(&self, files: &mut Vec<File>) {
        files.retain(|(name, _)| !name.starts_with("policies/systems/"));
        for (name, text) in files.iter_mut() {
            match name.as_str() {
                "tenure.yaml" => self.fit_project(text),
                ".gitignore" => self.paths.iter().for_each(|path| text.push_str(&format!("/{path}\n"))),
                "policies/org-roles.yaml" => text.push_str(&self.title_lines()),
                "policies/tests/example.yaml" => self.fit_test(text),
                _ => {}
            }
        }
        files.extend(self.systems.iter().map(|(id, shown)| (format!("policies/systems/{id}.yaml"), shown.file(id))));
    }

    fn fit_project(&self, text: &mut String) {
        let (Some(begin), Some(end)) = (text.find(SOURCES), text.find(AFTER_SOURCES)) else { return };
        let staff = if self.has_staff { "" } else { NO_STAFF };
        text.replace_range(begin + SOURCES.len()..end, &format!("{staff}{}", self.sources()));
    }

    fn fit_test(&self, text: &mut String) {
        if let Some(at) = text.find(SYSTEM_TEST) {
            text.truncate(at);
        }
        if let Some(system) = self.systems.keys().next() {
            *text = text.replace("humaans", system).replace("levels: [user]", "levels: []");
        }
    }

    /// The titles of the staff lists, as comments.
    fn title_lines(&self) -> String {
        if self.titles.is_empty() {
            return String::new();
        }
        let line = |((title, department), people): (&(String, String), &usize)| {
            let people = counted(*people, "person", "people");
            let department = if department.is_empty() { String::new() } else { format!(", {}", one_line(department)) };
            format!("  #   {}{department} ({people})\n", one_line(title))
        };
        let more = self.titles.len().saturating_sub(TITLES);
        let more = if more > 0 { format!("  #   and {more} more\n") } else { String::new() };
        let lines: String = self.titles.iter().take(TITLES).map(line).collect();
        format!("  # Titles and departments of the staff lists, to make further org roles of:\n{lines}{more}")
    }
}

impl SystemShown {
    /// The file of a system: what the export shows, and a first access rule.
    fn file(&self, id: &str) -> String {
        let accounts = counted(self.accounts, "account", "accounts");
        let (id, common) = (scalar::flow(id), self.common());
        let levels = if self.levels.is_empty() {
            "# The export gives no levels, so having an account is all that is judged.\nlevels: login-only\n".to_owned()
        } else {
            let line = |(level, count): (&String, &usize)| format!("#   {} ({count})\n", one_line(level));
            let lines: String = self.levels.iter().map(line).collect();
            format!(
                "# Levels of the export, with the number of accounts that hold each. List those that need particular care under\n\
                 # `privileged`.\n{lines}# privileged: []\n"
            )
        };
        format!(
            "# yaml-language-server: $schema=../../schemas/system.schema.json\n\
             #\n\
             # Who may hold what in this system. The export shows {accounts}.\n\
             system: {id}\n\
             name: {id}\n\
             critical: true\n\
             max_age: 7d          # an older account list cannot prove anything\n\
             {levels}\
             access:\n\
             \x20 # Every current person may have an account. Say who may hold more, one rule for each level.\n\
             \x20 - {{ type: all-staff, levels: [login] }}\n\
             {common}"
        )
    }

    /// The level that most accounts hold, as a rule to take over.
    fn common(&self) -> String {
        let most = self.levels.iter().max_by_key(|(_, count)| **count).filter(|(_, count)| **count * 2 > self.accounts);
        most.map_or_else(String::new, |(level, count)| {
            let level = one_line(&scalar::flow(level));
            format!("  # {count} of {} accounts hold this level; take the rule over if every person may:\n  # - {{ type: all-staff, levels: [{level}] }}\n", self.accounts)
        })
    }
}

/// Without what would end a comment, or show it in another order. YAML ends lines at more than control characters.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if is_harmful(letter) { ' ' } else { letter }).collect()
}

/// A path as a line of `.gitignore` that matches nothing else.
fn ignore_line(path: &str) -> String {
    let escaped = |letter| matches!(letter, '\\' | '*' | '?' | '[' | ' ').then_some('\\').into_iter().chain([letter]);
    one_line(path).chars().flat_map(escaped).collect()
}

/// Reads one export as the source that it will be.
fn one(
    path: &Path,
    folder: &Path,
    zone: &Zone,
    taken: &BTreeSet<String>,
) -> Result<(FileSource, Normalized), Vec<Diagnostic>> {
    let shown = path.display().to_string();
    let within = within(path, folder).ok_or_else(|| {
        let message = format!("`{shown}` lies outside the project `{}`", folder.display());
        vec![
            Diagnostic::error(Code::OutsideProject, message)
                .in_file(&shown)
                .help("copy it into the project's folder first"),
        ]
    })?;
    let fence = locate::sources(folder);
    let read = files::read_path_within(path, &fence)?;
    let format = guessed_format(&read).ok_or_else(|| {
        let message = format!("`{shown}` is of no format that Tenure knows");
        let help = format!("write a mapping: `tenure mapping new {shown}` begins one");
        vec![Diagnostic::error(UNKNOWN, message).in_file(&shown).help(help)]
    })?;
    let system = format.needs_system().then(|| system_of(format, path, taken));
    let config = FileSource::new(within, Some(format), system);
    let read = read_files_or_without(&config, folder, &fence, Timestamp::now(), zone, false)?;
    Ok((config, read.normalized))
}

/// The path of an export relative to the project; none if it lies elsewhere.
fn within(path: &Path, folder: &Path) -> Option<String> {
    let (path, folder) = (path.canonicalize().ok()?, folder.canonicalize().ok()?);
    Some(path.strip_prefix(folder).ok()?.display().to_string())
}

/// Words at the end of a format's name that say what the file is, not which system it is of.
const FILE_WORDS: [&str; 18] = [
    "csv",
    "json",
    "users",
    "user",
    "members",
    "people",
    "report",
    "credential",
    "directory",
    "graph",
    "graphql",
    "permissions",
    "health",
    "password",
    "licenses",
    "enterprise",
    "dormant",
    "billable",
];

/// The system of an export: that of its format, else that of its name.
fn system_of(format: Format, path: &Path, taken: &BTreeSet<String>) -> String {
    let stem = || path.file_stem().map(|stem| slug(&stem.to_string_lossy())).unwrap_or_default();
    let is_of_any_system = matches!(format, Format::AccountsCsv | Format::Scim | Format::TrutoUserDirectory);
    let name = if is_of_any_system { stem() } else { format.word().to_owned() };
    let mut words: Vec<&str> = name.split('-').collect();
    while words.len() > 1 && words.last().is_some_and(|word| FILE_WORDS.contains(word)) {
        words.pop();
    }
    let system = words.join("-");
    let name = if taken.contains(&system) { stem() } else { system };
    let name = if name.is_empty() { "system" } else { &name };
    unique_id(name, |id| taken.contains(id))
}
