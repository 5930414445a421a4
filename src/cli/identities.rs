//! `tenure identities`.

use std::path::Path;

use super::{
    arguments::{IdentitiesArguments, IdentitiesCommand},
    console::Console,
    exit::{Failure, Status},
    inputs::Inputs,
};
use crate::{
    diagnostic::{Code, Diagnostic, counted, suggest},
    report::safe::terminal,
    resolve::{Candidate, ResolvedSnapshot, UnlinkedAccount, suggestions},
    yaml::scalar,
};

/// Entries that are printed; the rest is counted.
const PRINTED: usize = 1000;

/// Near candidates that are named for an account.
const NEAR: usize = 3;

pub(super) fn run(arguments: &IdentitiesArguments, console: &Console) -> Result<Status, Failure> {
    let IdentitiesCommand::Suggest { snapshot, system, policies, as_of } = &arguments.command;
    suggest_identities(snapshot.as_deref(), system.as_deref(), policies.as_deref(), as_of.as_deref(), console)
}

fn suggest_identities(
    snapshot: Option<&Path>,
    system: Option<&str>,
    policies: Option<&Path>,
    as_of: Option<&str>,
    console: &Console,
) -> Result<Status, Failure> {
    let inputs = Inputs { snapshot, example: false, policies, as_of, checks: &[] };
    let usage = "tenure identities suggest snapshot.json";
    let (snapshot, _) = inputs.snapshot((usage, "tenure check --example"), console)?;
    let bundle = inputs.bundle(console)?;
    let options = inputs.options(&snapshot, &bundle)?;
    let resolved = ResolvedSnapshot::new(&snapshot, &bundle, options.as_of.unwrap_or(snapshot.collected_at));
    if let Some(system) = system.filter(|system| resolved.system(system).is_none()) {
        let problem = Diagnostic::error(Code::UnknownSubject, format!("the snapshot has no system `{system}`"));
        return Err(Failure::one(problem.help(suggest(system, resolved.systems.iter().map(|one| one.id)))));
    }
    let mut unlinked = suggestions(&resolved);
    unlinked.retain(|account| system.is_none_or(|system| account.system == system));
    console.print(&text(&unlinked))?;
    let found = unlinked.iter().filter(|account| account.candidate.is_some()).count();
    console.say(&format!(
        "{} without a known person, {} with one candidate; nothing is linked before you add the lines to identities.yaml",
        counted(unlinked.len(), "account", "accounts"),
        counted(found, "account", "accounts"),
    ));
    Ok(Status::Clean)
}

fn text(unlinked: &[UnlinkedAccount]) -> String {
    let mut text = String::from(
        "# Check each line, and add it to `accounts:` of identities.yaml. Tenure links nothing by itself.\n",
    );
    let (found, open): (Vec<_>, Vec<_>) = unlinked.iter().partition(|account| account.candidate.is_some());
    text.push_str(if found.is_empty() { "accounts: []\n" } else { "accounts:\n" });
    for account in found.iter().take(PRINTED) {
        let Some(candidate) = &account.candidate else { continue };
        text.push_str(&format!("  # {}\n", about(candidate)));
        text.push_str(&format!("  - {}\n", entry(account, &scalar::flow(&candidate.person))));
    }
    more(found.len(), &mut text);
    let (near, none): (Vec<&UnlinkedAccount>, Vec<&UnlinkedAccount>) =
        open.into_iter().partition(|account| !account.near.is_empty());
    if !near.is_empty() {
        text.push_str("\n# Not sure enough to suggest:\n");
    }
    for account in near.iter().take(PRINTED) {
        text.push_str(&format!("# {}\n", entry(account, "<HRIS id>")));
        for candidate in account.near.iter().take(NEAR) {
            text.push_str(&format!("#   {}: {}\n", comment(&candidate.person), about(candidate)));
        }
        if account.near.len() > NEAR {
            text.push_str(&format!("#   and {} more\n", account.near.len() - NEAR));
        }
    }
    more(near.len(), &mut text);
    if !none.is_empty() {
        text.push_str("\n# No evidence; each needs a person, or a class with an owner and a review date:\n");
    }
    for account in none.iter().take(PRINTED) {
        text.push_str(&format!("# {}\n", entry(account, "<HRIS id>")));
    }
    more(none.len(), &mut text);
    text
}

fn more(count: usize, text: &mut String) {
    if count > PRINTED {
        text.push_str(&format!("# and {} more\n", count - PRINTED));
    }
}

fn entry(account: &UnlinkedAccount, person: &str) -> String {
    let (system, id) = (scalar::flow(&account.system), scalar::flow(&account.account));
    format!("{{ system: {system}, account: {id}, person: {person} }}")
}

/// The evidence for a candidate.
fn about(candidate: &Candidate) -> String {
    let name = candidate.name.as_ref().map(|name| format!("{}: ", comment(name))).unwrap_or_default();
    let left = if candidate.has_left { "has left; " } else { "" };
    let evidence: Vec<String> = candidate.evidence.iter().map(|one| comment(one)).collect();
    format!("{name}{left}{}", evidence.join("; "))
}

/// A text of a source in a comment: on one line.
fn comment(text: &str) -> String {
    terminal(text).replace(['\n', '\r'], " ")
}
