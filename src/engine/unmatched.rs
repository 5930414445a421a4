//! How a bundle fits a snapshot: what of the one has nothing in the other.

use std::collections::BTreeSet;

use crate::{
    bundle::{Bundle, WaiverEntry, data::systems::LOGIN},
    diagnostic::{self, Code, Diagnostic, counted},
    engine::{
        answer::Evaluation,
        waivers::{WaiverStatus, limit_violations, long_series, waive},
    },
    model::{WaiverLimits, fold::fold, level_id, slug},
};

/// Every entry of the bundle that has nothing to do in the snapshot, and every title that no entry speaks of, as
/// warnings in reading order.
#[must_use]
pub fn fit(evaluation: &Evaluation<'_>) -> Vec<Diagnostic> {
    let mut found = evaluation.resolved.notes.clone();
    org_roles(evaluation, &mut found);
    levels(evaluation, &mut found);
    waivers(evaluation, &mut found);
    diagnostic::sort(&mut found);
    for title in &evaluation.resolved.unmatched_titles {
        let department = title.department.as_ref().map(|name| format!(" in `{name}`")).unwrap_or_default();
        let people = counted(title.people, "person has", "people have");
        let what = title.job_title.clone().unwrap_or_default();
        let message = format!("{people} the job title `{what}`{department}, which no org role matches");
        let help = "add the title to the `match:` of an org role, if it is to have access by one";
        found.push(Diagnostic::warning(Code::UnmatchedTitle, message).help(help));
    }
    found
}

fn org_roles(evaluation: &Evaluation<'_>, found: &mut Vec<Diagnostic>) {
    let resolved = &evaluation.resolved;
    // If the roles of one person are unknown, that person may hold any role.
    if resolved.people.is_empty() || resolved.people.iter().any(|person| person.org_roles.is_unknown()) {
        return;
    }
    let held: BTreeSet<usize> =
        resolved.people.iter().filter_map(|person| person.org_roles.known().copied()).flatten().copied().collect();
    for (_, role) in resolved.bundle.org_roles.iter().enumerate().filter(|(index, _)| !held.contains(index)) {
        let message = format!("no person has the org role `{}`", role.id);
        let warning = Diagnostic::warning(Code::UnusedOrgRole, message).at_location(&role.location);
        found.push(warning.help("look at its `match:`, or take it out"));
    }
}

fn levels(evaluation: &Evaluation<'_>, found: &mut Vec<Diagnostic>) {
    let resolved = &evaluation.resolved;
    for rules in resolved.bundle.systems.values() {
        let accounts = resolved.accounts.all_loaded().iter().filter(|account| account.record.system == rules.id);
        // Without accounts, or with unknown levels, every level may be held.
        if accounts.clone().next().is_none() || accounts.clone().any(|account| account.record.levels.is_unknown()) {
            continue;
        }
        let held: BTreeSet<&str> =
            accounts.filter_map(|account| account.record.levels.known()).flatten().map(String::as_str).collect();
        let rules_levels = rules.access.iter().flat_map(|rule| &rule.entry.levels);
        let named: BTreeSet<String> = rules_levels.map(|level| level_id(level)).collect();
        for rule in &rules.access {
            for (level, location) in rule.entry.levels.iter().zip(&rule.level_locations) {
                let (id, slug) = (level_id(level), slug(level));
                let name = fold(level);
                let is_shared = held.iter().any(|other| **other != id && level_id(other) == id);
                let is_held = held.contains(&*name) || !is_shared && held.contains(id.as_str());
                // Earlier versions gave these levels the id that the rule names.
                let other =
                    held.iter().filter(|other| **other != id && slugged(other) == slug && !named.contains(**other));
                let renamed: Vec<String> = other.map(|other| format!("`{other}`")).collect();
                if id == LOGIN && renamed.is_empty() || is_held && renamed.is_empty() {
                    continue;
                }
                let warning = if renamed.is_empty() {
                    let message = format!("no account of `{}` holds the level `{level}`", rules.id);
                    Diagnostic::warning(Code::UnheldLevel, message).help("is it spelt as the system spells it?")
                } else {
                    let ids = renamed.join(", ");
                    let message =
                        format!("`{level}` of `{}` does not name {ids}: ids of levels keep every character", rules.id);
                    let help =
                        format!("replace or complete `{level}` (old id) by those that are meant: {ids} (new ids)");
                    Diagnostic::warning(Code::RenamedLevel, message).help(help)
                };
                found.push(warning.at_location(location));
            }
        }
    }
}

/// The id that earlier versions gave a level of this id.
fn slugged(id: &str) -> String {
    slug(id.strip_prefix("role:").unwrap_or(id))
}

fn waivers(evaluation: &Evaluation<'_>, found: &mut Vec<Diagnostic>) {
    let entries = &evaluation.resolved.bundle.waivers;
    let waivers = waive(evaluation);
    for (index, (entry, status)) in entries.iter().zip(&waivers.statuses).enumerate() {
        let WaiverEntry::Wellformed(waiver) = entry else { continue };
        let id = &waiver.id;
        let mut say = |code: Code, what: String, help: &str| {
            let warning = Diagnostic::warning(code, format!("the waiver `{id}` {what}"));
            found.push(warning.at_location(&waiver.location).help(help));
        };
        let out = "take it out, or put it right";
        match status {
            Some(WaiverStatus::Expired) => say(Code::ExpiredWaiver, format!("expired on {}", waiver.expires), out),
            Some(WaiverStatus::Orphaned) => say(Code::UnusedWaiver, "has no subject in the snapshot".to_owned(), out),
            Some(WaiverStatus::Unused) => {
                say(Code::UnusedWaiver, "is not needed: what it excuses does not fail".to_owned(), out);
            }
            _ => {}
        }
        // `waivers_beyond` reports what the limits alone tell; who a waiver is for is known only with a snapshot.
        let of_limits = limit_violations(waiver, &evaluation.waiver_limits);
        let violations = waivers.violations.get(&index).into_iter().flatten();
        for violation in violations.filter(|violation| !of_limits.contains(violation)) {
            say(warning_code(violation.status), format!("is not applied: {}", violation.reason), violation.help);
        }
        if let Some(levels) = waivers.broad.get(&index) {
            let what = format!("names no entitlement and excuses {levels} levels of {}", waiver.subject);
            say(Code::BroadWaiver, what, "write a waiver for each level that is meant, with `entitlement:`");
        }
    }
}

/// The code of the warning about a waiver of a status.
fn warning_code(status: WaiverStatus) -> Code {
    match status {
        WaiverStatus::TooLong => Code::TooLongWaiver,
        WaiverStatus::SelfApproved => Code::SelfApprovedWaiver,
        _ => Code::UnapprovedWaiver,
    }
}

/// Waivers beyond what is allowed, as warnings in reading order.
#[must_use]
pub fn waivers_beyond(bundle: &Bundle, limits: &WaiverLimits) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for waiver in bundle.waivers.iter().filter_map(WaiverEntry::wellformed) {
        for violation in limit_violations(waiver, limits) {
            let message = format!("the waiver `{}` is not applied: {}", waiver.id, violation.reason);
            let warning = Diagnostic::warning(warning_code(violation.status), message);
            found.push(warning.at_location(&waiver.location).help(violation.help));
        }
    }
    for series in long_series(bundle, limits) {
        let place = series.waivers.last().map(|waiver| waiver.location.to_string()).unwrap_or_default();
        let warning = Diagnostic::warning(Code::ConsecutiveWaivers, series.message()).in_file(place);
        found.push(warning.help("fix the finding that they excuse, or raise `waivers.max_days` in tenure.yaml"));
    }
    diagnostic::sort(&mut found);
    found
}
