//! `tenure waive`: a waiver of one finding, written behind those that there are.

mod append;

use std::{
    collections::HashSet,
    io::Write,
    path::{Component, Path, PathBuf},
};

use jiff::civil::Date;
use similar::TextDiff;

use super::{
    arguments::WaiveArguments,
    console::{self, Console},
    exit::{Failure, Status},
    format, inputs, locate,
};
use crate::{
    bundle::{Bundle, WaiverEntry, data::waivers::WaiverText},
    diagnostic::{Code, Diagnostic, SourceFile, counted},
    engine::{
        self, account_id,
        answer::Options,
        cedar::entities::Types,
        waivers::{Violation, WaiverStatus, subject_uid, waive},
    },
    files,
    model::{Mailbox, Snapshot},
    report::{
        self, Contents,
        explanation::{self, Named},
        model::Finding,
    },
    resolve::ResolvedSnapshot,
    yaml::Document,
};

/// What begins a finding's id has to have so many letters.
const SHORTEST: usize = 4;

/// Findings that are named where several are meant.
const SHOWN: usize = 5;

/// Where waivers go where there are none.
const FILE: &str = "waivers.yaml";

pub(super) fn run(arguments: &WaiveArguments, console: &Console) -> Result<Status, Failure> {
    let start = start(&arguments.finding)?;
    let until = plausible(arguments)?;
    let inputs = inputs::Inputs {
        snapshot: arguments.snapshot.as_deref(),
        example: false,
        policies: arguments.policies.as_deref(),
        as_of: arguments.as_of.as_deref(),
        checks: &[],
    };
    let usage = "tenure waive FINDING snapshot.json --reason … --until … --approved-by …";
    let (snapshot, _) = inputs.snapshot((usage, "tenure check --example"), console)?;
    let folder = locate::folder(arguments.policies.as_deref())?.ok_or_else(|| {
        let problem =
            Diagnostic::error(Code::WaiversFile, "there are no policies here, and the built-in ones do not change");
        Failure::one(problem.help("name their folder with --policies, or begin a project with `tenure init`"))
    })?;
    let below = |problems| Failure::input(console::below(&folder, problems));
    let files = Bundle::files_within(&folder, &locate::fence(&folder)).map_err(below)?;
    let bundle = Bundle::load(files.clone()).map_err(below)?;
    let options = inputs.options(&snapshot, &bundle)?;
    let target = target(&start, &snapshot, &bundle, &options)?;
    if until < target.today {
        let message = format!("--until: {until} is over; the day judged by is {}", target.today);
        return Err(Failure::one(Diagnostic::error(Code::BadWaiver, message).help("write a later day")));
    }

    let entry = WaiverText {
        id: arguments.id.clone().unwrap_or_else(|| next_id(&bundle)),
        check: target.named.check.clone(),
        subject: target.subject.clone(),
        entitlement: target.entitlement.clone(),
        reason: arguments.reason.clone(),
        approved_by: arguments.approved_by.trim().to_owned(),
        created: target.today,
        expires: until,
    };
    free(&entry.id, &bundle)?;
    let file = file(arguments.file.as_deref(), &folder, &files)?;
    let text = append::append(&file, &entry).map_err(|problem| below(vec![problem]))?;
    let changed = with(&files, &file, &text);
    let waived = Bundle::load(changed).map_err(below)?;
    let over = applied(&entry, &target, &snapshot, &waived, &options)?;

    let path = folder.join(&*file.name);
    let shown = path.display().to_string();
    let what = match &target.finding.entitlement {
        Some(entitlement) => format!("`{}` of {} for `{entitlement}`", entry.check, entry.subject),
        None => format!("`{}` of {}", entry.check, entry.subject),
    };
    if arguments.dry_run {
        let diff = TextDiff::from_lines(&*file.text, text.as_str());
        console.print(&console::harmless_lines(&diff.unified_diff().header(&shown, &shown).to_string()))?;
        console.say(&format!("nothing is written: {} would waive {what} until {until}", entry.id));
        return Ok(Status::Clean);
    }
    write(&path, &file, &text)?;
    console.say(&format!("{shown}: {} waives {what} until {until}", entry.id));
    if over > 1 {
        console.say(&format!("it names no entitlement, since none is known, and lies over {over} findings"));
    }
    Ok(Status::Clean)
}

/// What a finding's id begins with, as ids are written.
fn start(text: &str) -> Result<String, Failure> {
    let start = text.trim().to_ascii_lowercase();
    if start.len() >= SHORTEST && start.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit()) {
        return Ok(start);
    }
    let problem = Diagnostic::error(
        Code::UnknownFinding,
        format!("`{text}` is not a finding's id, nor {SHORTEST} letters of one"),
    );
    Err(Failure::one(problem.help("ids stand in the report, behind `id`: `tenure check snapshot.json`")))
}

/// What can be said of a waiver without looking at anything; its last day.
fn plausible(arguments: &WaiveArguments) -> Result<Date, Failure> {
    let mut problems = Vec::new();
    let mut wrong = |message: String, help: &str| problems.push(Diagnostic::error(Code::BadWaiver, message).help(help));
    let until = arguments.until.trim().parse::<Date>();
    if until.is_err() {
        wrong(format!("--until: `{}` is not a date that exists", arguments.until), "write a day such as 2026-12-18");
    }
    if arguments.reason.trim().is_empty() {
        wrong("--reason: nothing is said".to_owned(), "say why; auditors ask for it");
    }
    let approver = arguments.approved_by.trim();
    if let Err(error) = Mailbox::parse(approver) {
        wrong(format!("--approved-by: `{approver}` {error}"), "name one person, by their address");
    }
    if arguments.id.as_deref().is_some_and(|id| id.trim().is_empty()) {
        wrong("--id: nothing is said".to_owned(), "leave it out to have the next one");
    }
    match until {
        Ok(until) if problems.is_empty() => Ok(until),
        _ => Err(Failure::input(problems)),
    }
}

/// The finding that is meant.
struct Target {
    named: Named,
    finding: Finding,
    subject: String,
    entitlement: Option<String>,
    today: Date,
}

/// Finds what is meant, which has to be open and under no waiver.
fn target(start: &str, snapshot: &Snapshot, bundle: &Bundle, options: &Options) -> Result<Target, Failure> {
    let resolved = ResolvedSnapshot::new(snapshot, bundle, options.as_of.unwrap_or(snapshot.collected_at));
    let today = resolved.today;
    let named = one(start, &resolved)?;
    let types = Types::parsed().map_err(inputs::failed)?;
    let entity = subject_uid(&resolved, types, named.subject).map(|uid| uid.to_string());
    let entitlement = named.level.as_ref().and_then(|level| {
        let engine::Subject::Account(index) = named.subject else { return None };
        let system = &resolved.account_at(index)?.record.system;
        types.uid("Entitlement", &format!("{system}/{level}")).map(|uid| uid.to_string())
    });
    let evaluation = engine::judge(resolved, &only(&named, options)).map_err(inputs::failed)?;
    let findings = report::build(&evaluation, "", Contents::All).findings;
    let finding = findings.into_iter().find(|finding| finding.id == named.id);
    let (Some(finding), Some(subject)) = (finding, entity) else { return Err(unknown(start)) };
    if let Some(waiver) = &finding.waiver {
        let waiver = bundle.waivers.iter().filter_map(WaiverEntry::wellformed).find(|one| one.id == waiver.id);
        let place = waiver.map(|waiver| format!(", {}", waiver.location)).unwrap_or_default();
        let id = waiver.map(|waiver| waiver.id.as_str()).unwrap_or_default();
        let message = format!("the finding is waived already, by `{id}`{place}");
        let help = "to let it last longer, change that entry, and have it agreed to anew";
        return Err(refused(message, help));
    }
    if !finding.outcome.is_open() {
        let message = format!(
            "there is nothing to waive: `{}` of {} is {}: {}",
            finding.check,
            subject,
            finding.outcome.word(),
            finding.message
        );
        return Err(refused(message, "only what fails or is unknown can be waived"));
    }
    Ok(Target { named, finding, subject, entitlement, today })
}

/// Asks only about one subject, by one check.
fn only(named: &Named, options: &Options) -> Options {
    let checks = Some(HashSet::from([named.check.clone()]));
    Options { checks, subjects: Some(HashSet::from([named.subject])), ..options.clone() }
}

/// The one question whose finding's id begins so.
fn one(start: &str, resolved: &ResolvedSnapshot<'_>) -> Result<Named, Failure> {
    let mut found = explanation::findings(resolved, start);
    let Some(first) = found.pop() else { return Err(unknown(start)) };
    if found.is_empty() {
        return Ok(first);
    }
    found.push(first);
    let more = found.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = found.iter().take(SHOWN).map(|one| described(one, resolved)).collect();
    shown.extend((more > 0).then(|| format!("and {more} more")));
    let message = format!("{} begin with `{start}`", counted(found.len(), "finding", "findings"));
    Err(Failure::one(
        Diagnostic::error(Code::AmbiguousFinding, message).help(format!("write more of it: {}", shown.join(", "))),
    ))
}

fn described(named: &Named, resolved: &ResolvedSnapshot<'_>) -> String {
    let subject = match named.subject {
        engine::Subject::Person(index) => resolved.person(index).map(|person| person.id.to_owned()),
        engine::Subject::Account(index) => resolved.account_at(index).map(|account| account_id(&account)),
        engine::Subject::Organization => Some(resolved.snapshot.organization.id.clone()),
        engine::Subject::System(index) => resolved.systems.get(index).map(|system| system.id.to_owned()),
    };
    let level = named.level.as_deref().map(|level| format!(" {level}")).unwrap_or_default();
    format!("`{}` ({} of {}{level})", named.id, named.check, subject.unwrap_or_default())
}

fn unknown(start: &str) -> Failure {
    let message = format!("the snapshot and the policies make no finding `{start}`");
    let help = "ids stand in the report of the same organisation: `tenure check snapshot.json`";
    Failure::one(Diagnostic::error(Code::UnknownFinding, message).help(help))
}

fn refused(message: impl Into<String>, help: &str) -> Failure {
    Failure::one(Diagnostic::error(Code::NotWaivable, message).help(help))
}

/// The next id after those of the bundle: as the last one is written, with the greatest number and one more.
fn next_id(bundle: &Bundle) -> String {
    let ids = bundle.waivers.iter().map(|entry| match entry {
        WaiverEntry::Wellformed(waiver) => waiver.id.as_str(),
        WaiverEntry::Malformed { id, .. } => id.as_str(),
    });
    let parts = |id: &str| {
        let prefix = id.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
        let digits = id.get(prefix.len()..)?.to_owned();
        Some((prefix, digits.parse::<u64>().ok()?, digits.len()))
    };
    let numbered: Vec<(String, u64, usize)> = ids.filter_map(parts).collect();
    let Some((prefix, ..)) = numbered.last() else { return "W-1".to_owned() };
    let same = || numbered.iter().filter(|(other, ..)| other == prefix);
    let number = same().map(|(_, number, _)| number.saturating_add(1)).max().unwrap_or(1);
    // `W-007` is followed by `W-008`.
    let width = same().map(|(.., width)| *width).min().unwrap_or(1);
    format!("{prefix}{number:0width$}")
}

fn free(id: &str, bundle: &Bundle) -> Result<(), Failure> {
    let taken = bundle.waivers.iter().find_map(|entry| match entry {
        WaiverEntry::Wellformed(waiver) => (waiver.id == id).then_some(&waiver.location),
        WaiverEntry::Malformed { id: other, location, .. } => (other == id).then_some(location),
    });
    let Some(location) = taken else { return Ok(()) };
    let problem =
        Diagnostic::error(Code::BadWaiver, format!("--id: `{id}` is the id of a waiver already, at {location}"));
    Err(Failure::one(problem.help("choose another, or leave it out to have the next one")))
}

/// The file to write to, with what is in it: the one named, the only one with waivers, or a new one.
fn file(named: Option<&Path>, folder: &Path, files: &[SourceFile]) -> Result<SourceFile, Failure> {
    let wrong = |message: String, help: &str| Failure::one(Diagnostic::error(Code::WaiversFile, message).help(help));
    let holds = |file: &&SourceFile| {
        is_yaml(&file.name) && Document::parse(file).is_ok_and(|document| document.get("waivers").is_some())
    };
    let name = match named {
        Some(path) => {
            let (path, folder) = (without_dots(path), without_dots(folder));
            let inner = path.strip_prefix(&folder).unwrap_or(&path);
            let plain = inner.components().all(|part| matches!(part, Component::Normal(_)));
            let name = inner.to_string_lossy().replace('\\', "/");
            if !plain || !is_yaml(&name) {
                let message = format!("--file: `{}` is not a .yaml file below the policies", path.display());
                return Err(wrong(message, "name it as seen from there, such as `waivers.yaml`"));
            }
            name
        }
        None => {
            let with: Vec<&SourceFile> = files.iter().filter(holds).collect();
            match with.as_slice() {
                [] => FILE.to_owned(),
                [one] => one.name.to_string(),
                several => {
                    let names: Vec<String> = several.iter().map(|file| format!("`{}`", file.name)).collect();
                    let message = format!("several files hold waivers: {}", names.join(", "));
                    return Err(wrong(message, "say with --file which of them to write to"));
                }
            }
        }
    };
    let there = files.iter().find(|file| *file.name == *name).cloned();
    let file = there.unwrap_or_else(|| SourceFile::new(name, ""));
    match Document::parse(&file) {
        Ok(document) if document.get("waivers").is_none() && !document.value.is_null() => {
            let message = format!("`{}` holds something else than waivers", file.name);
            Err(wrong(message, "name another file with --file; a new one is made"))
        }
        _ => Ok(file),
    }
}

/// The path without its `./`.
fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// The files with one of them changed, or one more.
fn with(files: &[SourceFile], file: &SourceFile, text: &str) -> Vec<SourceFile> {
    let others = files.iter().filter(|other| other.name != file.name).cloned();
    others.chain([SourceFile::new(file.name.clone(), text)]).collect()
}

/// Judges again with the waiver, which has to be applied, to what it is meant for. Over how many findings it lies.
fn applied(
    entry: &WaiverText,
    target: &Target,
    snapshot: &Snapshot,
    bundle: &Bundle,
    options: &Options,
) -> Result<usize, Failure> {
    let evaluation = engine::evaluate(snapshot, bundle, &only(&target.named, options)).map_err(inputs::failed)?;
    let waivers = waive(&evaluation);
    let index = bundle.waivers.iter().position(|one| one.wellformed().is_some_and(|one| one.id == entry.id));
    let Some(index) = index else {
        return Err(refused(malformed(entry, bundle), "say it in another way"));
    };
    if let Some(violations) = waivers.violations.get(&index) {
        return Err(Failure::input(violations.iter().map(not_applied).collect()));
    }
    match waivers.statuses.get(index).copied().flatten() {
        Some(WaiverStatus::Applied) => Ok(waivers.applied.values().filter(|one| **one == index).count()),
        status => {
            let status = status.map_or("of no check", WaiverStatus::word);
            Err(refused(format!("the waiver would not be applied: it would be {status}"), "look at its other waivers"))
        }
    }
}

/// Why the bundle cannot read the waiver.
fn malformed(entry: &WaiverText, bundle: &Bundle) -> String {
    let reason = bundle.waivers.iter().find_map(|one| match one {
        WaiverEntry::Malformed { id, reason, .. } if *id == entry.id => Some(reason.as_str()),
        _ => None,
    });
    format!("the waiver would be malformed: {}", reason.unwrap_or("it could not be found again"))
}

fn not_applied(violation: &Violation) -> Diagnostic {
    let help = match violation.status {
        WaiverStatus::TooLong => "write an earlier day; tenure.yaml says how long a waiver may last",
        _ => violation.help,
    };
    Diagnostic::error(Code::NotWaivable, format!("the waiver would not be applied: {}", violation.reason)).help(help)
}

/// Puts the text in the place of what was read, or makes the file.
fn write(path: &Path, file: &SourceFile, text: &str) -> Result<(), Failure> {
    let name = path.display().to_string();
    let failed = |reason: String| {
        Failure::one(
            Diagnostic::error(Code::UnwritableFile, format!("cannot write `{name}`: {reason}")).in_file(name.clone()),
        )
    };
    if !path.exists() {
        return create(path, text).map_err(|error| failed(files::plain(&error)));
    }
    let bytes = files::read_file(path).map_err(Failure::one)?;
    let there = String::from_utf8_lossy(&bytes);
    let (mark, there) = there.strip_prefix('\u{feff}').map_or(("", &*there), |rest| ("\u{feff}", rest));
    if *there != *file.text && !(file.text.is_empty() && there.trim().is_empty()) {
        return Err(failed("it was changed meanwhile".to_owned()));
    }
    // What a link leads to is replaced, not the link.
    let target: PathBuf = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    format::replace(&target, &format!("{mark}{text}"))
}

/// Makes a file, whole or not at all. Policies are no secret.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = files::folder_of(path);
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests;
