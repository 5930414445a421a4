//! Entries of the bundle that match nothing in the snapshot, or that have run out.

use crate::{
    bundle::Rule,
    diagnostic::{Diagnostic, Location},
};

use super::Situation;

/// Every such entry, as a warning.
pub(super) fn notes(situation: &Situation<'_>) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    let mut note = |location: &Location, code: &'static str, message: String| {
        notes.push(Diagnostic::warning(code, message).in_file(location.to_string()));
    };
    let known = |id: &str| situation.person_index(id).is_some();
    let nobody = |id: &str| format!("`{id}` is nobody in the people list");
    let bundle = situation.bundle;
    // Without staff every id is unknown; that is said once, elsewhere.
    if situation.snapshot.has_staff() {
        for mapping in bundle.people.iter().filter(|mapping| !known(&mapping.entry.id)) {
            note(&mapping.location, "unmatched-person", nobody(&mapping.entry.id));
        }
        for mapping in &bundle.accounts {
            for id in [&mapping.entry.person, &mapping.entry.owner].into_iter().flatten().filter(|id| !known(id)) {
                note(&mapping.location, "unmatched-person", nobody(id));
            }
        }
        for role in &bundle.org_roles {
            for id in role.people.iter().filter(|id| !known(id)) {
                note(&role.location, "unmatched-person", format!("{} (org role `{}`)", nobody(id), role.id));
            }
        }
    }
    for mapping in &bundle.accounts {
        let key = format!("{}/{}", mapping.entry.system, mapping.entry.account);
        if situation.account(&key).is_none() {
            note(&mapping.location, "unmatched-account", format!("there is no account `{key}`"));
        }
    }
    let mut seen: std::collections::BTreeSet<&Location> = std::collections::BTreeSet::new();
    for rule in &bundle.rules {
        let Some(grants) = &rule.grants else { continue };
        if !seen.insert(&rule.location) {
            continue;
        }
        if let Some(("Person", id)) = grants.to.as_ref().map(|(entity_type, id)| (entity_type.as_str(), id))
            && !known(id)
            && situation.snapshot.has_staff()
        {
            note(&rule.location, "unmatched-person", nobody(id));
        }
        if let Some(expires) = grants.expires.filter(|expires| *expires < situation.today) {
            note(&rule.location, "expired-access-rule", expired(rule, expires));
        }
    }
    crate::diagnostic::sort(&mut notes);
    notes
}

fn expired(rule: &Rule, expires: jiff::civil::Date) -> String {
    format!("this access rule ({}) expired on {expires} and grants nothing", rule.id)
}
