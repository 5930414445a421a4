//! Which findings are shown: `--severity`, `--outcome`, `--system`, `--person`, `--control`, `--new`.

use std::collections::BTreeSet;

use crate::{
    bundle::Outcome,
    cli::{arguments::FilterOptions, exit::Failure},
    diagnostic::{Code, Diagnostic, suggest},
    report::{
        Filter, Report,
        model::{FilterReport, is_control},
    },
    resolve::ResolvedSnapshot,
};

impl FilterOptions {
    /// Whether `--outcome` asks for findings that only a report of all findings lists.
    pub(super) fn lists_clean(&self) -> bool {
        self.outcomes.iter().copied().any(Outcome::is_clean)
    }
}

/// The filter that was asked for.
///
/// # Errors
/// Returns an error for each system, person and control that neither the snapshot nor the bundle has.
pub(super) fn filter(
    options: &FilterOptions,
    resolved: &ResolvedSnapshot<'_>,
    head: &Report,
) -> Result<Option<Filter>, Failure> {
    let FilterOptions { severity, outcomes, systems, people, controls, only_new } = options;
    let mut problems = Vec::new();
    for name in systems.iter().filter(|name| resolved.system(name).is_none()) {
        let problem = Diagnostic::error(Code::UnknownSystem, format!("--system: there is no system `{name}`"));
        problems.push(problem.help(suggest(name, resolved.systems.iter().map(|system| system.id))));
    }
    let mut ids = BTreeSet::new();
    for name in people {
        match person(name, resolved) {
            Ok(found) => ids.extend(found),
            Err(problem) => problems.push(problem),
        }
    }
    let checks = &head.summary.checks;
    for name in controls {
        let known: Vec<&str> = checks.iter().flat_map(|check| &check.controls).map(String::as_str).collect();
        if !known.iter().any(|control| is_control(control, name)) {
            let message = format!("--control: no check of this run serves `{name}`");
            let frameworks = known.iter().filter_map(|control| Some(control.split_once(':')?.0));
            let known: Vec<&str> = frameworks.chain(known.iter().copied()).collect();
            problems.push(Diagnostic::error(Code::UnknownControl, message).help(suggest(name, known)));
        }
    }
    if !problems.is_empty() {
        return Err(Failure::input(problems));
    }
    let conditions = FilterReport {
        severity: *severity,
        outcomes: outcomes.clone(),
        systems: systems.clone(),
        people: ids.into_iter().collect(),
        controls: controls.clone(),
        only_new: *only_new,
        ..FilterReport::default()
    };
    let is_any = conditions != FilterReport::default();
    Ok(is_any.then(|| Filter::new(conditions, checks)))
}

/// The ids of the people of an id or an address.
fn person(name: &str, resolved: &ResolvedSnapshot<'_>) -> Result<Vec<String>, Diagnostic> {
    let mut found: Vec<usize> = resolved.person_index(name).into_iter().collect();
    if found.is_empty() {
        found = resolved.people_of_address(name);
    }
    let ids: Vec<String> =
        found.into_iter().filter_map(|index| resolved.person(index)).map(|person| person.id.to_owned()).collect();
    if !ids.is_empty() {
        return Ok(ids);
    }
    let names: Vec<String> = resolved
        .people
        .iter()
        .flat_map(|person| {
            let address = person.work_email.known().map(ToString::to_string);
            std::iter::once(person.id.to_owned()).chain(address)
        })
        .collect();
    let problem = Diagnostic::error(Code::UnknownPerson, format!("--person: the snapshot has no person `{name}`"));
    Err(problem.help(suggest(name, names.iter().map(String::as_str))))
}
