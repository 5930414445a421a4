//! `entitlement_groups:` — named sets of entitlements across systems.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::systems::SystemRules;
use crate::{
    bundle::data::entries::At,
    diagnostic::{Code, Diagnostic, Location, suggest},
    model::{level_id, slug},
    yaml::Document,
};

/// A file of entitlement groups.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntitlementGroupsFile {
    /// The groups.
    pub entitlement_groups: Vec<EntitlementGroupEntry>,
}

/// One entitlement group as written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = EntitlementGroupEntry::example())]
pub struct EntitlementGroupEntry {
    /// Short id. Rules write it as `EntitlementGroup::"approve-payments"`.
    pub id: String,
    /// What its members may do, for people.
    pub description: Option<String>,
    /// The entitlements, each as `<system>/<level>`; `<system>/login` is having an account at all.
    pub entitlements: Vec<String>,
}

impl EntitlementGroupEntry {
    fn example() -> serde_json::Value {
        serde_json::json!({ "id": "approve-payments", "entitlements": ["erp/payment-approver", "bank/approver"] })
    }
}

/// An entitlement group.
#[derive(Debug, Clone)]
pub struct EntitlementGroup {
    /// Short id.
    pub id: String,
    /// What its members may do, for people.
    pub description: Option<String>,
    /// The entitlements.
    pub members: Vec<GroupMember>,
    /// Where it is defined.
    pub location: Location,
}

/// One entitlement of a group.
#[derive(Debug, Clone)]
pub struct GroupMember {
    /// The system's id.
    pub system: String,
    /// The level's id. Where names of the system share it, all of them are meant.
    pub level: String,
    /// Where it is written.
    pub location: Location,
}

pub(super) fn read(document: &Document, groups: &mut Vec<EntitlementGroup>, problems: &mut Vec<Diagnostic>) {
    super::entries::entries::<EntitlementGroupEntry>(
        document,
        "entitlement_groups",
        problems,
        |path, entry, problems| {
            let mut members = Vec::new();
            for (index, written) in entry.entitlements.iter().enumerate() {
                let place = format!("{path}.entitlements[{index}]");
                let parts = written.split_once('/');
                let member = parts.filter(|(system, level)| {
                    !system.is_empty() && *system == slug(system) && !level_id(level).is_empty()
                });
                let Some((system, level)) = member else {
                    let message = format!("`{written}` is not an entitlement");
                    let problem = Diagnostic::error(Code::BadId, message).at(&document.file, document.span(&place));
                    problems.push(problem.help("write `<system>/<level>`, such as `github/admin` or `github/login`"));
                    continue;
                };
                let location = document.location(&place);
                members.push(GroupMember { system: system.to_owned(), level: level_id(level), location });
            }
            if entry.entitlements.is_empty() {
                let message = format!(
                    "the entitlement group `{}` has no entitlements, so every person would lack them",
                    entry.id
                );
                let problem = Diagnostic::error(Code::EmptyEntitlementGroup, message);
                let problem = problem.at(&document.file, document.span(&format!("{path}.entitlements")));
                problems.push(problem.help("name at least one, such as `entitlements: [github/admin]`"));
            }
            let location = document.location(&format!("{path}.id"));
            groups.push(EntitlementGroup { id: entry.id, description: entry.description, members, location });
        },
    );
}

pub(super) fn check(
    groups: &[EntitlementGroup],
    systems: &BTreeMap<String, SystemRules>,
    at: impl Fn(&Location, Diagnostic) -> Diagnostic,
    problems: &mut Vec<Diagnostic>,
) {
    let at: At<'_> = &at;
    let mut ids: BTreeMap<&str, &Location> = BTreeMap::new();
    for group in groups {
        if let Some(first) = ids.insert(&group.id, &group.location) {
            let message = format!("the entitlement group `{}` is defined twice", group.id);
            let problem = Diagnostic::error(Code::DuplicateId, message).related("it is already defined at", first);
            problems.push(at(&group.location, problem));
        }
        for member in &group.members {
            let level = &member.level;
            let Some(known) = systems.get(&member.system).and_then(|rules| rules.levels.as_ref()?.known()) else {
                continue;
            };
            let is_known = level == super::systems::LOGIN || known.iter().any(|name| level_id(name) == *level);
            if !is_known {
                let message = format!("`{level}` is not one of the levels of `{}`", member.system);
                let problem = Diagnostic::error(Code::UnknownLevel, message);
                problems.push(at(&member.location, problem.help(suggest(level, known.iter().map(String::as_str)))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    fn codes(text: &str) -> Vec<String> {
        let document = Document::parse(&SourceFile::new("g.yaml", text)).unwrap();
        let (mut groups, mut problems) = (Vec::new(), Vec::new());
        read(&document, &mut groups, &mut problems);
        check(&groups, &BTreeMap::new(), |_, problem| problem, &mut problems);
        problems.iter().map(|problem| problem.code.to_string()).collect()
    }

    #[test]
    fn groups_have_an_id_of_their_own_and_entitlements() {
        let good = "entitlement_groups:\n- { id: a, entitlements: [erp/Payment Approver, bank/login] }\n";
        assert!(codes(good).is_empty());
        assert_eq!(codes("entitlement_groups:\n- { id: a, entitlements: [] }\n"), ["empty-entitlement-group"]);
        assert_eq!(codes("entitlement_groups:\n- { id: a, entitlements: [erp, ERP/x, /x, 'erp/ '] }\n"), ["bad-id"; 4]);
        let twice = "entitlement_groups:\n- { id: a, entitlements: [e/x] }\n- { id: a, entitlements: [e/y] }\n";
        assert_eq!(codes(twice), ["duplicate-id"]);
    }
}
