//! What is valid and yet cannot be meant: checks that nobody can pass, rules that never matter, entries given twice.

use std::collections::BTreeMap;

use cedar_policy::pst::{EntityOrSlot, PrincipalConstraint, ResourceConstraint};

use super::{Bundle, Effect, GrantedAccess, Outcome, Rule, WaiverEntry, data::systems::LOGIN};
use crate::diagnostic::{self, Code, Diagnostic, Location};

/// Ids that are this much alike are likely to be one, misspelt.
const LIKENESS: f64 = 0.95;

impl Bundle {
    /// Everything of the kind, as warnings, in reading order.
    #[must_use]
    pub fn lint(&self) -> Vec<Diagnostic> {
        let mut found = self.unread_files.clone();
        self.lint_checks(&mut found);
        self.lint_rules(&mut found);
        self.lint_access_rules(&mut found);
        self.lint_ids(&mut found);
        diagnostic::sort(&mut found);
        found
    }

    fn lint_checks(&self, found: &mut Vec<Diagnostic>) {
        for check in &self.checks {
            let rules: Vec<&Rule> = self.rules.iter().filter(|rule| rule.applies_to(check)).collect();
            let id = &check.id;
            // Access types speak of a check through the access rules that use them.
            let typed = self.access_types.values().any(|one| one.applies_to(check));
            if rules.is_empty() && !typed {
                let message = format!("no rule belongs to the check `{id}`, so every subject fails it");
                found.push(
                    at(&check.location, Code::CheckWithoutRules, message).help("write a `permit` for those who pass"),
                );
            } else if !typed && rules.iter().all(|rule| rule.effect == Effect::Forbid) {
                let message = format!("only forbids belong to the check `{id}`, so no subject can pass it");
                found.push(
                    at(&check.location, Code::CheckWithoutPermit, message).help("write a `permit` for those who pass"),
                );
            }
        }
    }

    fn lint_rules(&self, found: &mut Vec<Diagnostic>) {
        let written: Vec<&Rule> = self.rules.iter().filter(|rule| rule.grants.is_none()).collect();
        for rule in &written {
            let deciding = written.iter().find(|other| other.key != rule.key && self.shadows(other, rule));
            if let Some(other) = deciding {
                let message = format!("the rule `{}` never matters: `{}` decides wherever it could", rule.id, other.id);
                let help = format!("`{}` has no conditions and at least the same scope", other.id);
                let problem = at(&rule.location, Code::ShadowedRule, message).help(help);
                found.push(problem.related("it is at", &other.location));
            }
        }
    }

    /// Whether a rule without conditions settles every question that another one could settle, whatever that one says.
    fn shadows(&self, other: &Rule, rule: &Rule) -> bool {
        let decides = other.policy.clauses().is_empty();
        let wins = match (other.effect, rule.effect) {
            // A forbid that makes the check fail.
            (Effect::Forbid, _) => other.outcome == Outcome::Fail,
            (Effect::Permit, Effect::Permit) => {
                let first = !rule.policy.clauses().is_empty() || other.location < rule.location;
                rank(other.outcome) > rank(rule.outcome) || (rank(other.outcome) == rank(rule.outcome) && first)
            }
            (Effect::Permit, Effect::Forbid) => false,
        };
        let same_checks = self.checks.iter().all(|check| !rule.applies_to(check) || other.applies_to(check));
        decides && wins && same_checks && covers(other, rule)
    }

    fn lint_access_rules(&self, found: &mut Vec<Diagnostic>) {
        let mut seen: BTreeMap<(&str, &str, &str, String), &Location> = BTreeMap::new();
        for rule in &self.rules {
            // Every access rule grants the login besides.
            let lasting = |grants: &&GrantedAccess| grants.expires.is_none() && grants.level != LOGIN;
            let Some(grants) = rule.grants.as_ref().filter(lasting) else { continue };
            let to = grants.to.as_ref().map(|(kind, id)| format!("{kind} `{id}`")).unwrap_or_default();
            let key = (grants.access_type.as_str(), grants.system.as_str(), grants.level.as_str(), to.clone());
            let Some(first) = seen.get(&key).copied() else {
                seen.insert(key, &rule.location);
                continue;
            };
            if *first == rule.location {
                continue;
            }
            let recipient = if to.is_empty() { String::new() } else { format!(" to {to}") };
            let message = format!("`{}` of `{}` is granted{recipient} a second time", grants.level, grants.system);
            found.push(
                at(&rule.location, Code::DuplicateAccessRule, message).related("it is already granted at", first),
            );
        }
    }

    fn lint_ids(&self, found: &mut Vec<Diagnostic>) {
        let roles = self.org_roles.iter().map(|role| (role.id.as_str(), &role.location));
        near(&roles.collect::<Vec<_>>(), "org role", found);
        let waivers = self.waivers.iter().filter_map(|waiver| match waiver {
            WaiverEntry::Wellformed(waiver) => Some((waiver.id.as_str(), &waiver.location)),
            WaiverEntry::Malformed { .. } => None,
        });
        near(&waivers.collect::<Vec<_>>(), "waiver", found);
        let mut groups: BTreeMap<&str, &Location> = BTreeMap::new();
        for role in &self.org_roles {
            for group in &role.groups {
                groups.entry(group).or_insert(&role.location);
            }
        }
        near(&groups.into_iter().collect::<Vec<_>>(), "group of org roles", found);
    }
}

fn at(location: &Location, code: Code, message: String) -> Diagnostic {
    Diagnostic::warning(code, message).at_location(location)
}

/// Outcomes of permits, the one that counts before the others last.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Exempt => 1,
        Outcome::Pass => 2,
        Outcome::NotApplicable => 3,
        Outcome::Fail | Outcome::Unknown => 0,
    }
}

/// Whether every question in the scope of `rule` is in that of `other`.
fn covers(other: &Rule, rule: &Rule) -> bool {
    let principal = match (&other.policy.principal, &rule.policy.principal) {
        (PrincipalConstraint::Any, _) => true,
        (PrincipalConstraint::Is(one), PrincipalConstraint::Is(two)) => one == two,
        (PrincipalConstraint::In(one), PrincipalConstraint::In(two) | PrincipalConstraint::Eq(two)) => same(one, two),
        (PrincipalConstraint::Eq(one), PrincipalConstraint::Eq(two)) => same(one, two),
        _ => false,
    };
    let resource = match (&other.policy.resource, &rule.policy.resource) {
        (ResourceConstraint::Any, _) => true,
        (ResourceConstraint::Is(one), ResourceConstraint::Is(two)) => one == two,
        (ResourceConstraint::In(one), ResourceConstraint::In(two) | ResourceConstraint::Eq(two)) => same(one, two),
        (ResourceConstraint::Eq(one), ResourceConstraint::Eq(two)) => same(one, two),
        _ => false,
    };
    principal && resource
}

fn same(one: &EntityOrSlot, two: &EntityOrSlot) -> bool {
    matches!((one, two), (EntityOrSlot::Entity(one), EntityOrSlot::Entity(two)) if one == two)
}

/// Pairs of ids that are nearly one.
fn near(ids: &[(&str, &Location)], what: &str, found: &mut Vec<Diagnostic>) {
    // Ids that differ in a number are a series; told first, since there may be thousands of one.
    let letters: Vec<String> =
        ids.iter().map(|(id, _)| id.chars().filter(|letter| !letter.is_ascii_digit()).collect()).collect();
    for (index, ((id, location), own)) in ids.iter().zip(&letters).enumerate() {
        let like = |((other, _), letters): &(&(&str, &Location), &String)| {
            own != *letters && strsim::jaro_winkler(id, other) > LIKENESS && strsim::levenshtein(id, other) <= 2
        };
        if let Some(((other, _), _)) = ids.iter().zip(&letters).take(index).find(like) {
            let message = format!("the {what} `{id}` is nearly `{other}`");
            found.push(at(location, Code::NearDuplicateId, message).help("if they are one, spell both alike"));
        }
    }
}
