//! The ids of levels. Normalisers give the names of levels, case folded; the names of one system become ids together,
//! since two of them may share one.

use std::collections::{BTreeMap, BTreeSet};

use super::Format;
use crate::{
    diagnostic::{Code, Diagnostic, first_few},
    model::{Fact, Snapshot, level_id, slug::LOGIN},
};

/// How the id of a role begins that is named as what every account holds: the login.
const ROLE: &str = "role:";

/// Turns the names of levels into ids.
pub(super) fn identify(snapshot: &mut Snapshot, warnings: &mut Vec<Diagnostic>) {
    let mut systems: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let mut joined: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for account in &snapshot.accounts {
        let source = snapshot.sources.iter().find(|source| source.id == account.source);
        let is_table = source.is_some_and(|source| source.kind == Format::AccountsCsv.word());
        for name in account.levels.known().into_iter().flatten() {
            let ids = systems.entry(account.system.clone()).or_default();
            ids.entry(role_id(name)).or_default().insert(name.clone());
            if is_table && name.contains([',', '|']) {
                joined.entry(account.system.clone()).or_default().insert(name.clone());
            }
        }
    }
    for (system, names) in joined {
        let message = format!("a cell of `{system}` names one level with a comma or a bar: {}", list(&names));
        let help = "if these are several levels, separate them by `;`";
        warnings.push(Diagnostic::warning(Code::JoinedLevels, message).help(help));
    }
    for (system, ids) in &systems {
        for (id, names) in ids.iter().filter(|(_, names)| names.len() > 1) {
            let message = format!(
                "different levels of `{system}` share the id `{id}`, so their ids are their names: {}",
                list(names)
            );
            let help = "write these ids in access rules and waivers, or rename one of the levels in the system";
            warnings.push(Diagnostic::warning(Code::SharedLevelId, message).help(help));
        }
    }
    for account in &mut snapshot.accounts {
        if let (Fact::Known(levels), Some(ids)) = (&mut account.levels, systems.get(&account.system)) {
            for level in levels.iter_mut() {
                *level = id_among(level, ids);
            }
            levels.sort();
            levels.dedup();
        }
    }
    for request in &mut snapshot.access_requests {
        let none = BTreeMap::new();
        let ids = systems.get(&request.system).unwrap_or(&none);
        for level in &mut request.levels {
            *level = match level_id(level) {
                // A request for the login asks for no role.
                id if id == LOGIN => id,
                _ => id_among(level, ids),
            };
        }
        request.levels.sort();
        request.levels.dedup();
    }
}

/// The id of a role, before others of its system are looked at.
fn role_id(name: &str) -> String {
    match level_id(name) {
        id if id == LOGIN => format!("{ROLE}{id}"),
        id => id,
    }
}

/// The id of a role among the names of its system, by id.
fn id_among(name: &str, ids: &BTreeMap<String, BTreeSet<String>>) -> String {
    let id = role_id(name);
    match ids.get(&id) {
        Some(names) if names.len() > 1 && name != LOGIN => {
            // Only a role that is named as the id of the role `login` is left.
            if names.contains(LOGIN) && name == id { format!("{ROLE}{name}") } else { name.to_owned() }
        }
        _ => id,
    }
}

fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    first_few(&names, ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<String> {
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for name in names {
            ids.entry(role_id(name)).or_default().insert((*name).to_owned());
        }
        names.iter().map(|name| id_among(name, &ids)).collect()
    }

    #[test]
    fn a_name_that_no_account_holds_is_no_level_of_another_name() {
        let ids = BTreeMap::from([("a-b".to_owned(), BTreeSet::from(["a b".to_owned(), "a-b".to_owned()]))]);
        assert_eq!((id_among("a b", &ids), id_among("a  b", &ids)), ("a b".to_owned(), "a  b".to_owned()));
    }

    #[test]
    fn different_names_are_different_ids() {
        let plain = ids(&["member", "member+", "(member)", "people ops", "login"]);
        assert_eq!(plain, ["member", "member+", "(member)", "people-ops", "role:login"]);
        assert_eq!(ids(&["people ops", "people-ops", "owner"]), ["people ops", "people-ops", "owner"]);
        assert_eq!(ids(&["people  ops", "people ops"]), ["people  ops", "people ops"]);
        assert_eq!(ids(&["login", "role:login"]), ["role:login", "role:role:login"]);
    }
}
