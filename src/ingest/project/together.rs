//! What can be wrong with the sources as a whole: one id twice, and who counts where staff come from several.

use std::collections::BTreeMap;

use super::{config::Project, source::SourceConfig};
use crate::{
    diagnostic::{Code, Diagnostic, suggest},
    ingest::mapping::Records,
    model::Mailbox,
    yaml::Document,
};

/// Everything that is wrong with the sources of a project taken together. Where a format has to be guessed first, the
/// same is found when the files are read.
pub(super) fn problems(project: &Project, document: &Document) -> Vec<Diagnostic> {
    let mut problems = organization(project, document);
    problems.extend(waivers(project, document));
    let at = |index: usize| format!("sources[{index}]");
    let problem = |code: Code, message: String, place: &str| {
        Diagnostic::error(code, message).at(&document.file, document.span(place))
    };
    let known: Vec<(usize, &SourceConfig, String)> = project
        .sources
        .iter()
        .enumerate()
        .filter_map(|(index, source)| Some((index, source, source.id(source.format()?))))
        .collect();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, source, _) in &known {
        if let Some(id) = source.own_id()
            && let Some(other) = named.insert(id, *index)
        {
            let message = format!("`{}` has the id `{id}` of `{}`", at(*index), at(other));
            problems.push(
                problem(Code::DuplicateId, message, &format!("{}.id", at(*index))).help("give each an id of its own"),
            );
        }
    }
    problems.extend(sources_given_twice(project, document));
    problems.extend(staff(project, document, &known));
    let lints = Code::ALL.iter().filter(|code| code.is_lint()).map(|code| code.name());
    for lint in project.lints.keys().filter(|lint| !lints.clone().any(|known| known == lint.as_str())) {
        let problem = Diagnostic::error(Code::UnknownLint, format!("`lints`: there is no lint `{lint}`"));
        let problem = problem.at(&document.file, document.key_span(&format!("lints.{lint}")));
        problems.push(problem.help(suggest(lint, lints.clone())));
    }
    problems
}

/// Sources that list the same accounts twice. Each account would be imported once per source, under two ids.
fn sources_given_twice(project: &Project, document: &Document) -> Vec<Diagnostic> {
    let mut known: BTreeMap<(String, String), Vec<(usize, &SourceConfig)>> = BTreeMap::new();
    let mut problems = Vec::new();
    for (index, source) in project.sources.iter().enumerate() {
        let lists_accounts = source.format().is_none_or(|format| format.accounts().is_some());
        if !lists_accounts || !source.lists().accounts {
            continue;
        }
        let system = source.account_system().or_else(|| source.system()).unwrap_or_default();
        let earlier = known.entry((source.origin(), system)).or_default();
        if let Some((other, _)) = earlier.iter().find(|(_, other)| !read_different_records(source, other)) {
            let message = format!("`sources[{index}]` lists the accounts that `sources[{other}]` lists");
            let place = document.span(&format!("sources[{index}]"));
            let help = match source {
                SourceConfig::File(_) => {
                    "keep one of them; if they are accounts of two systems, give each its `system:`; if the file has \
                     two lists, read each with a mapping whose `records: { json: /… }` names it"
                }
                _ => "keep one of them",
            };
            problems.push(Diagnostic::error(Code::DuplicateSource, message).at(&document.file, place).help(help));
        }
        earlier.push((index, source));
    }
    problems
}

/// Whether mappings read two lists of one JSON file.
fn read_different_records(one: &SourceConfig, other: &SourceConfig) -> bool {
    let list = |source: &SourceConfig| match &source.format()?.mapping()?.records {
        Records::Json(pointer) => Some(pointer.clone()),
        Records::Csv | Records::Ndjson => None,
    };
    matches!((list(one), list(other)), (Some(one), Some(other)) if one != other)
}

/// Every one of several lists of staff has a place in the order of authority.
fn staff(project: &Project, document: &Document, known: &[(usize, &SourceConfig, String)]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let lists: Vec<&(usize, &SourceConfig, String)> = known
        .iter()
        .filter(|(_, source, _)| source.lists().staff && source.format().is_some_and(|format| format.staff().is_some()))
        .collect();
    let guessed = known.len() < project.sources.len();
    for (index, id) in project.staff.iter().enumerate() {
        let place = format!("staff[{index}]");
        let at =
            |message: String| Diagnostic::error(Code::UnknownSource, message).at(&document.file, document.span(&place));
        if project.staff.iter().take(index).any(|earlier| earlier == id) {
            problems.push(at(format!("`{place}`: `{id}` is named twice")).help("keep the first"));
        } else if !guessed && !lists.iter().any(|(_, _, list)| list == id) {
            let help = match known.iter().any(|(_, _, source)| source == id) {
                true => "take it out: that source lists accounts, and no staff".to_owned(),
                false => suggest(id, lists.iter().map(|(_, _, list)| list.as_str())),
            };
            problems.push(at(format!("`{place}`: `{id}` is no source that lists staff")).help(help));
        }
    }
    let unplaced = lists.iter().filter(|(_, _, id)| !project.staff.contains(id));
    if lists.len() > 1 {
        for (index, _, id) in unplaced {
            let all: Vec<&str> = lists.iter().map(|(_, _, id)| id.as_str()).collect();
            let message = format!("`{id}` lists staff, and so does another source; `staff:` does not rank them");
            let place = document.span(&format!("sources[{index}]"));
            let help = format!("say it at the top, the most authoritative first: `staff: [{}]`", all.join(", "));
            problems.push(Diagnostic::error(Code::SeveralStaffLists, message).at(&document.file, place).help(help));
        }
    }
    problems
}

fn organization(project: &Project, document: &Document) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let id = &project.organization.id;
    if id.trim().is_empty() || id.contains(char::is_whitespace) {
        let message = format!("`organization.id`: `{id}` is not an id");
        let problem = Diagnostic::error(Code::BadId, message).at(&document.file, document.span("organization.id"));
        problems.push(problem.help("write a short name without spaces, such as `acme`"));
    }
    if project.organization.name.trim().is_empty() {
        let problem = Diagnostic::error(Code::BadName, "`organization.name` is empty");
        let problem = problem.at(&document.file, document.span("organization.name"));
        problems.push(problem.help("write the organisation's name"));
    }
    problems
}

fn waivers(project: &Project, document: &Document) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if project.waivers.max_days == Some(0) {
        let problem =
            Diagnostic::error(Code::BadWaiverLimit, "`waivers.max_days`: with no day at all, no waiver can hold");
        let problem = problem.at(&document.file, document.span("waivers.max_days"));
        problems.push(problem.help("write a number of days such as 90, or leave the key out"));
    }
    for (index, address) in project.waivers.approvers.iter().enumerate() {
        // A name beside the address would make readers compare it.
        let problem = match Mailbox::parse(address) {
            Ok(Mailbox { name: None, .. }) => None,
            Ok(_) => Some("is more than an address".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = problem {
            let place = format!("waivers.approvers[{index}]");
            let problem = Diagnostic::error(Code::BadWaiverLimit, format!("`{place}`: `{address}` {reason}"));
            let problem = problem.at(&document.file, document.span(&place));
            problems.push(problem.help("write an e-mail address such as `ada@example.com`"));
        }
    }
    problems
}
