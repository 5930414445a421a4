//! How a bundle fits a snapshot: what of the one has nothing in the other.

use std::collections::BTreeSet;

use super::{
    evaluate::Evaluation,
    waive::{WaiverStatus, waive},
};
use crate::{
    bundle::{WaiverEntry, data::systems::LOGIN},
    diagnostic::{self, Diagnostic, counted},
};

/// Every entry of the bundle that has nothing to do in the snapshot, and every title that no entry speaks of, as
/// warnings in reading order.
#[must_use]
pub fn fit(evaluation: &Evaluation<'_>) -> Vec<Diagnostic> {
    let mut found = evaluation.situation.notes.clone();
    org_roles(evaluation, &mut found);
    levels(evaluation, &mut found);
    waivers(evaluation, &mut found);
    diagnostic::sort(&mut found);
    for title in &evaluation.situation.unmatched_titles {
        let department = title.department.as_ref().map(|name| format!(" in `{name}`")).unwrap_or_default();
        let people = counted(title.people, "person has", "people have");
        let what = title.job_title.clone().unwrap_or_default();
        let message = format!("{people} the job title `{what}`{department}, which no org role matches");
        let help = "add the title to the `match:` of an org role, if it is to have access by one";
        found.push(Diagnostic::warning("unmatched-title", message).help(help));
    }
    found
}

fn org_roles(evaluation: &Evaluation<'_>, found: &mut Vec<Diagnostic>) {
    let situation = &evaluation.situation;
    // With somebody's roles unknown, nobody can say that a role is without holders.
    if situation.people.is_empty() || situation.people.iter().any(|person| person.org_roles.is_unknown()) {
        return;
    }
    let held: BTreeSet<usize> =
        situation.people.iter().filter_map(|person| person.org_roles.known().copied()).flatten().copied().collect();
    for (_, role) in situation.bundle.org_roles.iter().enumerate().filter(|(index, _)| !held.contains(index)) {
        let message = format!("nobody has the org role `{}`", role.id);
        let warning = Diagnostic::warning("unused-org-role", message).in_file(role.location.to_string());
        found.push(warning.help("look at its `match:`, or take it out"));
    }
}

fn levels(evaluation: &Evaluation<'_>, found: &mut Vec<Diagnostic>) {
    let situation = &evaluation.situation;
    for rules in situation.bundle.systems.values() {
        let accounts = situation.accounts.iter().filter(|account| account.record.system == rules.id);
        // Without accounts, or with levels that nobody can see, nothing can be said.
        if accounts.clone().next().is_none() || accounts.clone().any(|account| account.record.levels.is_unknown()) {
            continue;
        }
        let held: BTreeSet<&str> =
            accounts.filter_map(|account| account.record.levels.known()).flatten().map(String::as_str).collect();
        for rule in &rules.access {
            for (level, location) in rule.entry.levels.iter().zip(&rule.level_locations) {
                let slug = crate::model::slug(level);
                if slug != LOGIN && !held.contains(slug.as_str()) {
                    let message = format!("no account of `{}` holds the level `{level}`", rules.id);
                    let warning = Diagnostic::warning("unheld-level", message).in_file(location.to_string());
                    found.push(warning.help("is it spelt as the system spells it?"));
                }
            }
        }
    }
}

fn waivers(evaluation: &Evaluation<'_>, found: &mut Vec<Diagnostic>) {
    let entries = &evaluation.situation.bundle.waivers;
    for (entry, status) in entries.iter().zip(waive(evaluation).statuses) {
        let WaiverEntry::Wellformed(waiver) = entry else { continue };
        let (code, what) = match status {
            Some(WaiverStatus::Expired) => ("expired-waiver", format!("expired on {}", waiver.expires)),
            Some(WaiverStatus::Orphaned) => ("unused-waiver", "is for something that there is not".to_owned()),
            Some(WaiverStatus::Unused) => ("unused-waiver", "is not needed: what it excuses does not fail".to_owned()),
            _ => continue,
        };
        let message = format!("the waiver `{}` {what}", waiver.id);
        let warning = Diagnostic::warning(code, message).in_file(waiver.location.to_string());
        found.push(warning.help("take it out, or put it right"));
    }
}
