//! Entries of the bundle that match nothing in the snapshot, or that have run out.

use std::collections::BTreeSet;

use crate::{
    bundle::{Assumption, OrgRole, Rule},
    diagnostic::{Code, Diagnostic, Location, counted},
    model::fold::{deceptive, fold, near_form},
};

use crate::resolve::{resolved::DeclarationStatus, resolved_snapshot::ResolvedSnapshot};

/// Every such entry, as a warning.
pub(super) fn notes(resolved: &ResolvedSnapshot<'_>) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    let mut note = |location: &Location, code: Code, message: String| {
        notes.push(Diagnostic::warning(code, message).at_location(location));
    };
    let known = |id: &str| resolved.person_index(id).is_some();
    let missing = |id: &str| format!("`{id}` is not in the people list");
    let bundle = resolved.bundle;
    // Without staff every id is unknown; that is said once, elsewhere.
    if resolved.snapshot.has_staff() {
        for mapping in bundle.people.iter().filter(|mapping| !known(&mapping.entry.id)) {
            note(&mapping.location, Code::UnmatchedPerson, missing(&mapping.entry.id));
        }
        for mapping in &bundle.accounts {
            for id in [&mapping.entry.person, &mapping.entry.owner].into_iter().flatten().filter(|id| !known(id)) {
                note(&mapping.location, Code::UnmatchedPerson, missing(id));
            }
        }
        for (index, system) in resolved.systems.iter().enumerate() {
            let owner = system.rules.and_then(|rules| rules.owner.as_ref());
            if let Some(owner) = owner.filter(|_| resolved.system_owner(index).is_none()) {
                let message =
                    format!("`{}` is not the id or the address of one person (owner of `{}`)", owner.person, system.id);
                note(&owner.location, Code::UnmatchedPerson, message);
            }
        }
        for role in &bundle.org_roles {
            for id in role.people.iter().chain(&role.add_people).filter(|id| !known(id)) {
                note(&role.location, Code::UnmatchedPerson, format!("{} (org role `{}`)", missing(id), role.id));
            }
        }
    }
    for mapping in &bundle.accounts {
        let key = format!("{}/{}", mapping.entry.system, mapping.entry.account);
        if resolved.account(&key).is_none() {
            note(&mapping.location, Code::UnmatchedAccount, format!("there is no account `{key}`"));
        }
    }
    let mut seen: BTreeSet<&Location> = BTreeSet::new();
    for rule in &bundle.rules {
        let Some(grants) = &rule.grants else { continue };
        if !seen.insert(&rule.location) {
            continue;
        }
        if let Some(("Person", id)) = grants.to.as_ref().map(|(entity_type, id)| (entity_type.as_str(), id))
            && !known(id)
            && resolved.snapshot.has_staff()
        {
            note(&rule.location, Code::UnmatchedPerson, missing(id));
        }
        if let Some(expires) = grants.expires.filter(|expires| *expires < resolved.today) {
            note(&rule.location, Code::ExpiredAccessRule, expired(rule, expires));
        }
    }
    near_misses(resolved, &mut note);
    evidence(resolved, &mut note);
    notes.extend(recycled_addresses(resolved));
    notes.extend(unmatched_requests(resolved));
    crate::diagnostic::sort(&mut notes);
    notes
}

/// What the bundle takes for granted, and declarations that contradict the accounts' own facts.
fn evidence(resolved: &ResolvedSnapshot<'_>, note: &mut impl FnMut(&Location, Code, String)) {
    let rules = &resolved.bundle.evidence;
    for assumption in &rules.assumptions {
        let meaning = match assumption {
            Assumption::WorkEmailUnique => "an unknown work address equals no known one",
            Assumption::EmployeeNumberUnique => "an unknown employee number equals no known one",
            Assumption::DeclarationsHold => "a declaration that no known fact contradicts is true",
        };
        // Without a file, an assumption shows where it matters: at the first declaration.
        let declared = || resolved.bundle.accounts.first().map(|mapping| &mapping.location);
        if let Some(location) = rules.location.as_ref().or_else(declared) {
            note(location, Code::Assumption, format!("the bundle assumes `{assumption}`: {meaning}"));
        }
    }
    for mapping in &resolved.bundle.accounts {
        let key = format!("{}/{}", mapping.entry.system, mapping.entry.account);
        let Some(account) = resolved.account(&key) else { continue };
        match (account.declaration.known(), &account.withheld) {
            (Some(DeclarationStatus::Contradicted), Some(reason)) => {
                note(&mapping.location, Code::ContradictedDeclaration, format!("`{key}`: {reason}"));
            }
            (Some(DeclarationStatus::Acknowledged), _) => {
                let despite = mapping.entry.despite.as_deref().unwrap_or_default();
                let reason = mapping.entry.reason.as_deref().unwrap_or_default();
                let message =
                    format!("the declaration about `{key}` applies although its facts name `{despite}`: {reason}");
                note(&mapping.location, Code::AcknowledgedContradiction, message);
            }
            _ => {}
        }
    }
}

/// Accounts that are matched by an address which a person who has left had before.
fn recycled_addresses(resolved: &ResolvedSnapshot<'_>) -> Option<Diagnostic> {
    let recycled = resolved.accounts.recycled();
    let id = |index: usize| resolved.person(index).map_or("", |person| person.id);
    let named: Vec<String> = recycled
        .first
        .iter()
        .map(|((system, account), (owner, former))| {
            format!("`{system}/{account}` (of `{}`, before of `{}`)", id(*owner), id(*former))
        })
        .collect();
    let more = recycled.count.saturating_sub(named.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let count = counted(recycled.count, "account is", "accounts are");
    let message = format!(
        "{count} matched by an address that belonged to a person who has left and now belongs to another record: {}{rest}",
        named.join(", ")
    );
    let help =
        "if the two records are not of one person, check that the new holder does not keep the access of the old one";
    (recycled.count > 0).then(|| Diagnostic::warning(Code::RecycledAddress, message).help(help))
}

/// Requests that no single person of the staff list has made: the id or address is that of none, or of several.
fn unmatched_requests(resolved: &ResolvedSnapshot<'_>) -> Option<Diagnostic> {
    const NAMED: usize = 5;
    let unmatched = &resolved.requests.unmatched;
    let requests = unmatched.iter().filter_map(|index| resolved.snapshot.access_requests.get(*index));
    let named = requests.take(NAMED).map(|request| {
        let person = request.person.known().map_or("", String::as_str);
        format!("`{}` (of `{person}`)", request.id)
    });
    let named: Vec<String> = named.collect();
    let more = unmatched.len().saturating_sub(named.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let count = counted(unmatched.len(), "access request is", "access requests are");
    let message = format!("{count} of no single person in the staff list: {}{rest}", named.join(", "));
    let help = "name people in requests by the id of the HRIS, or by a work address that one person has";
    (!unmatched.is_empty()).then(|| Diagnostic::warning(Code::UnmatchedRequest, message).help(help))
}

fn expired(rule: &Rule, expires: jiff::civil::Date) -> String {
    format!("this access rule ({}) expired on {expires} and grants nothing", rule.id)
}

/// Titles and departments that fit a name in the bundle only if a non-ASCII character counts as the ASCII one that it
/// resembles. They do not match.
fn near_misses(resolved: &ResolvedSnapshot<'_>, note: &mut impl FnMut(&Location, Code, String)) {
    let people = &resolved.people;
    let word = |number: super::Number| number.fact().known().map(|number| people.word(*number));
    let titles: BTreeSet<&str> = people.posts().iter().filter_map(|post| word(post.job_title)).collect();
    let departments: BTreeSet<&str> = people.posts().iter().filter_map(|post| word(post.department)).collect();
    for role in &resolved.bundle.org_roles {
        let place = format!("a pattern of the org role `{}`", role.id);
        let near = |texts: &BTreeSet<&str>, is_near: fn(&OrgRole, &str) -> bool| {
            texts.iter().filter(|text| is_near(role, text)).map(|text| near_miss(text, &place)).collect::<Vec<_>>()
        };
        for what in near(&titles, OrgRole::nearly_fits_job_title) {
            note(&role.location, Code::NearMiss, format!("the job title {what}"));
        }
        for what in near(&departments, OrgRole::nearly_fits_department) {
            note(&role.location, Code::NearMiss, format!("the department {what}"));
        }
    }
    let form = |text: &str| near_form(text).unwrap_or_else(|| fold(text).into_owned());
    let mut seen = BTreeSet::new();
    for rule in &resolved.bundle.rules {
        let to = rule.grants.as_ref().and_then(|grants| grants.to.as_ref());
        let Some((_, id)) = to.filter(|(entity_type, _)| entity_type == "Department") else { continue };
        if !seen.insert((&rule.location, id)) {
            continue;
        }
        for text in departments.iter().filter(|text| fold(text) != *id && form(text) == form(id)) {
            let what = near_miss(text, &format!("the department `{id}` of this access rule"));
            note(&rule.location, Code::NearMiss, format!("the department {what}"));
        }
    }
}

fn near_miss(text: &str, other: &str) -> String {
    let letter =
        deceptive(text).map_or_else(String::new, |letter| format!(" `{letter}` ({})", letter.escape_unicode()));
    format!("`{text}` only resembles {other}: a non-ASCII character{letter} is not the ASCII one")
}
