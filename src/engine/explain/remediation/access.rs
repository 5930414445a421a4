//! Changes of access rules and org roles: the org role to add to a system, the person to name in an org role.

use std::collections::BTreeSet;

use super::change::{Candidate, ChangeTarget, Edit, RemediationContext};
use crate::{
    bundle::{
        AccessType, EntityTypes, GrantedAccess, Rule,
        data::systems::{AccessRule, AccessRuleEntry, LOGIN, Levels},
        expression::{each_named, type_name},
        fill_access_type,
    },
    diagnostic::Location,
    engine::{
        answer::{Entity, Subject},
        attributes::ancestors,
        explain::facts::named,
    },
};

impl<'a> RemediationContext<'_, 'a> {
    /// For every access type that names those it is for: the account is in something that it may name, so name that.
    pub(in crate::engine) fn access_rules(&self) -> Vec<Candidate> {
        let resolved = self.resolved;
        let Subject::Account(index) = self.answer.subject else { return Vec::new() };
        let (Some(account), Some(level)) = (resolved.accounts.loaded(index), self.answer.level.as_deref()) else {
            return Vec::new();
        };
        let system = &account.record.system;
        let Some(rules) = resolved.bundle.systems.get(system) else { return Vec::new() };
        let Some(check) = resolved.bundle.checks.get(self.answer.check) else { return Vec::new() };
        let ancestors: BTreeSet<(String, String)> = ancestors(resolved, Entity::Account(index))
            .into_iter()
            .map(|(kind, id)| (kind.to_owned(), id.into_owned()))
            .collect();
        // A level that the system's file does not know would have to be declared as well.
        let is_level = |known: &String| crate::model::level_id(known) == level;
        if level != LOGIN
            && rules.levels.as_ref().and_then(Levels::known).is_some_and(|levels| !levels.iter().any(is_level))
        {
            return Vec::new();
        }
        let mut found = Vec::new();
        for access_type in resolved.bundle.access_types.values().filter(|access_type| access_type.applies_to(check)) {
            let to = access_type.to.iter().flat_map(|kind| ancestors.iter().filter(move |(of, _)| of == kind));
            for (kind, id) in to {
                if self.means_another(access_type, kind, id) {
                    continue;
                }
                let existing = self.granting(access_type, system, level);
                let location = existing.map_or(&rules.location, |rule| &rule.location);
                let place = match existing {
                    Some(_) => "the access rule",
                    None => "a new access rule",
                };
                let name = match (kind.as_str(), resolved.person_index(id).and_then(|index| resolved.person(index))) {
                    ("Person", Some(person)) => named(person),
                    _ => format!("`{id}`"),
                };
                let text = format!("add {name} to {place} of the type `{}` for `{system}/{level}`", access_type.name);
                let edit = rule(access_type, system, level, Some((kind.clone(), id.clone())), location);
                found.extend(edit.map(|edit| Candidate {
                    site: ChangeTarget::AccessRules,
                    text,
                    location: Some(location.clone()),
                    edit,
                }));
            }
        }
        found
    }

    /// Whether `to:` would take this id for that of a type named before.
    fn means_another(&self, access_type: &AccessType, kind: &str, id: &str) -> bool {
        let roles = &self.resolved.bundle.org_roles;
        access_type.to.iter().take_while(|earlier| *earlier != kind).any(|earlier| match earlier.as_str() {
            "OrgRole" => roles.iter().any(|role| role.id == id),
            "OrgRoleGroup" => roles.iter().any(|role| role.groups.iter().any(|group| group == id)),
            // Ids of other types are not known beforehand, so that any would be taken.
            _ => true,
        })
    }

    /// For a system: it has an access rule; its accounts are listed.
    pub(in crate::engine) fn system(&self) -> Vec<Candidate> {
        let Subject::System(index) = self.answer.subject else { return Vec::new() };
        let Some(system) = self.resolved.systems.get(index) else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(rules) = system.rules {
            let entry = entry("any", Vec::new(), LOGIN, &rules.location);
            found.push(Candidate {
                site: ChangeTarget::AccessRules,
                text: format!("write an access rule for `{}`", system.id),
                location: Some(rules.location.clone()),
                edit: Edit::AccessRule(system.id.to_owned(), entry, Vec::new()),
            });
        }
        if system.list.is_none() {
            let text = format!("pull or import the accounts of `{}`", system.id);
            found.push(Candidate::fact(text, Edit::AccountList(system.id.to_owned())));
        }
        found
    }

    /// An access rule of this type that grants the level already.
    fn granting(&self, access_type: &AccessType, system: &str, level: &str) -> Option<&'a Rule> {
        let today = self.resolved.today;
        let grants = |rule: &&&Rule| {
            rule.grants.as_ref().is_some_and(|grants| {
                grants.expires.is_none_or(|last| last >= today)
                    && grants.access_type == access_type.name
                    && grants.system == system
                    && grants.level == level
                    && self.resolved.reaches(rule)
            })
        };
        self.rules.iter().find(grants).copied()
    }

    /// For every org role that a rule asks for, itself or by a group: the person has it by name.
    pub(in crate::engine) fn org_roles(&self) -> Vec<Candidate> {
        let resolved = self.resolved;
        let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
        for rule in self.rules.iter().filter(|rule| self.may_grant(rule)) {
            each_named(&rule.policy, &mut |uid| {
                asked.insert((type_name(uid).into_owned(), uid.eid.to_string()));
            });
        }
        let is_asked = |kind: &str, id: &str| asked.contains(&(kind.to_owned(), id.to_owned()));
        let Some(person) = self.involved().into_iter().next() else { return Vec::new() };
        let mut found = Vec::new();
        let mut groups: BTreeSet<&str> = BTreeSet::new();
        for (index, role) in resolved.bundle.org_roles.iter().enumerate() {
            // One role of a group stands for all of them.
            let by_group =
                role.groups.iter().filter(|group| is_asked("OrgRoleGroup", group)).any(|group| groups.insert(group));
            let held = person.org_roles.is(|held| held.contains(&index)).is_true();
            if held || !(is_asked("OrgRole", &role.id) || by_group) {
                continue;
            }
            found.push(Candidate {
                site: ChangeTarget::OrgRoles,
                text: format!("name {} in the org role `{}`", named(person), role.id),
                location: Some(role.location.clone()),
                edit: Edit::OrgRole(index, person.id.to_owned()),
            });
        }
        found
    }

    /// Whether a rule is written in Cedar, or grants what is asked about.
    fn may_grant(&self, rule: &Rule) -> bool {
        let Some(grants) = &rule.grants else { return true };
        let Subject::Account(index) = self.answer.subject else { return false };
        let system = self.resolved.accounts.loaded(index).map(|account| account.record.system.as_str());
        system == Some(&grants.system) && self.answer.level.as_deref() == Some(&grants.level)
    }
}

fn rule(
    access_type: &AccessType,
    system: &str,
    level: &str,
    to: Option<(String, String)>,
    location: &Location,
) -> Option<Edit> {
    let levels: BTreeSet<&str> = [level, LOGIN].into();
    let mut types = EntityTypes::default();
    let rules: Result<Vec<Rule>, _> = levels
        .into_iter()
        .map(|level| {
            let grants = GrantedAccess {
                access_type: access_type.name.clone(),
                system: system.to_owned(),
                level: level.to_owned(),
                written: level.to_owned(),
                to: to.clone(),
                reason: None,
                expires: None,
            };
            fill_access_type(access_type, &mut types, format!("new/{level}"), location.clone(), grants)
        })
        .collect();
    let to = to.iter().map(|(_, id)| id.clone()).collect();
    Some(Edit::AccessRule(system.to_owned(), entry(&access_type.name, to, level, location), rules.ok()?))
}

fn entry(access_type: &str, to: Vec<String>, level: &str, location: &Location) -> AccessRule {
    let entry = AccessRuleEntry {
        access_type: access_type.to_owned(),
        to,
        levels: vec![level.to_owned()],
        reason: None,
        expires: None,
    };
    AccessRule {
        entry,
        location: location.clone(),
        type_location: location.clone(),
        to_locations: vec![location.clone()],
        level_locations: vec![location.clone()],
    }
}
