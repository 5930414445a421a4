//! Settings: the part of a check that one proof is about, such as one level of one system.

use std::{collections::BTreeSet, fmt};

use crate::{
    bundle::{
        Bundle, Check, CheckTarget,
        data::systems::LOGIN,
        expression::{each_named, type_name},
    },
    model::level_id,
};

/// What a check is asked of, as far as the rules distinguish it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Setting {
    pub(super) target: CheckTarget,
    /// The system, for checks of accounts and systems.
    pub(super) system: Named,
    /// The level, for checks of entitlements.
    pub(super) level: Named,
}

/// A system or a level that the bundle names, or any other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// The check is not asked of one.
    None,
    /// This one.
    Is(String),
    /// One that the bundle does not name.
    Other,
}

impl Named {
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Named::Is(id) => Some(id),
            Named::None | Named::Other => None,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.system, &self.level) {
            (Named::None, _) => f.write_str("the organisation"),
            (Named::Is(system), Named::None) => f.write_str(system),
            (Named::Is(system), Named::Is(level)) => write!(f, "{system}/{level}"),
            (Named::Is(system), Named::Other) => write!(f, "other levels of {system}"),
            (Named::Other, Named::Is(level)) => write!(f, "{level} of other systems"),
            (Named::Other, Named::None | Named::Other) => f.write_str("other systems"),
        }
    }
}

/// Every setting of a check: each system and level that the bundle names, and one for all others.
pub(super) fn settings(bundles: &[&Bundle], check: &Check) -> Vec<Setting> {
    let names = Names::of(bundles);
    let mut found = BTreeSet::new();
    for target in &check.targets {
        let mut add = |system: Named, level: Named| found.insert(Setting { target: *target, system, level });
        match target {
            CheckTarget::PersonInOrganization | CheckTarget::OrganizationItself => {
                add(Named::None, Named::None);
            }
            CheckTarget::AccountInSystem | CheckTarget::SystemInOrganization => {
                for system in &names.systems {
                    add(Named::Is(system.clone()), Named::None);
                }
                add(Named::Other, Named::None);
            }
            CheckTarget::AccountHoldsEntitlement => {
                for (system, level) in &names.levels {
                    add(Named::Is(system.clone()), Named::Is(level.clone()));
                }
                for system in &names.open_systems {
                    add(Named::Is(system.clone()), Named::Other);
                }
                add(Named::Other, Named::Other);
            }
        }
    }
    found.into_iter().collect()
}

/// The systems and levels that bundles name.
struct Names {
    systems: BTreeSet<String>,
    levels: BTreeSet<(String, String)>,
    /// Systems whose accounts may hold levels that the bundle does not name.
    open_systems: BTreeSet<String>,
}

impl Names {
    fn of(bundles: &[&Bundle]) -> Self {
        let mut names = Names { systems: BTreeSet::new(), levels: BTreeSet::new(), open_systems: BTreeSet::new() };
        for bundle in bundles {
            for (id, rules) in &bundle.systems {
                names.systems.insert(id.clone());
                if !rules.is_login_only() {
                    names.open_systems.insert(id.clone());
                    let known = rules.levels.iter().filter_map(|levels| levels.known()).flatten();
                    names.levels.extend(known.map(|level| (id.clone(), level_id(level))));
                }
            }
            for member in bundle.entitlement_groups.iter().flat_map(|group| &group.members) {
                names.levels.insert((member.system.clone(), member.level.clone()));
            }
            for rule in &bundle.rules {
                each_named(&rule.policy, &mut |uid| match (&*type_name(uid), uid.eid.split_once('/')) {
                    ("Entitlement", Some((system, level))) => {
                        names.levels.insert((system.to_owned(), level.to_owned()));
                    }
                    ("System", _) => {
                        names.systems.insert(uid.eid.to_string());
                    }
                    _ => {}
                });
            }
        }
        names.systems.extend(names.levels.iter().map(|(system, _)| system.clone()));
        let logins = names.systems.iter().map(|system| (system.clone(), LOGIN.to_owned()));
        names.levels.extend(logins.collect::<Vec<_>>());
        names
    }
}
