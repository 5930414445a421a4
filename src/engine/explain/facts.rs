//! The facts behind a verdict: what its rules read, the values found there, and where each came from.

use super::fact::{Found, PathNode};
pub use super::fact::{Origin, ShownFact};
pub(crate) use super::fact_attributes::named;
use super::fact_attributes::{
    account_attribute, organization_attribute, person_attribute, role_origin, system_attribute,
};
use crate::{
    bundle::reads::Read,
    engine::{
        answer::{Answer, Subject},
        attributes::account_id,
    },
    model::Fact,
    resolve::{Reasons, ResolvedAccount, ResolvedSnapshot},
};

/// The facts behind what is read for an answer's subject, each once.
#[must_use]
pub fn facts<'r>(
    resolved: &ResolvedSnapshot<'_>,
    answer: &Answer,
    reads: impl IntoIterator<Item = &'r Read>,
) -> Vec<ShownFact> {
    let mut shown: Vec<ShownFact> = Vec::new();
    for read in reads {
        if let Some(fact) = follow(resolved, answer, read)
            && !shown.iter().any(|known| known.path == fact.path)
        {
            shown.push(fact);
        }
    }
    // A reference is told by what is read through it.
    let paths: Vec<String> = shown.iter().map(|fact| format!("{}.", fact.path)).collect();
    let longer = |index: usize| {
        let prefix = paths.get(index);
        prefix.is_some_and(|prefix| paths.iter().any(|path| path != prefix && path.starts_with(prefix.as_str())))
    };
    let keep: Vec<bool> =
        shown.iter().enumerate().map(|(index, fact)| fact.label.is_some() || !longer(index)).collect();
    let mut keep = keep.into_iter();
    shown.retain(|_| keep.next().unwrap_or(true));
    shown
}

/// The value at the end of a path, as far as the path goes for the answer's subject.
pub(crate) fn follow(resolved: &ResolvedSnapshot<'_>, answer: &Answer, read: &Read) -> Option<ShownFact> {
    let (root, attributes) = read.path.split_first()?;
    let mut place = match root.as_str() {
        "principal" => principal(resolved, answer)?,
        _ => resource(resolved, answer)?,
    };
    let mut walked = root.clone();
    for (index, attribute) in attributes.iter().enumerate() {
        let found = attribute_of(resolved, place, attribute)?;
        walked = format!("{walked}.{attribute}");
        let end = index + 1 == attributes.len() && read.memberships.is_empty();
        match found.next {
            Some(next) if !end => {
                place = next;
            }
            // The path ends here, or goes no further for this subject.
            _ => {
                return Some(ShownFact {
                    path: walked,
                    value: found.value,
                    label: found.label,
                    origin: found.origin,
                    reason: found.reason,
                });
            }
        }
    }
    (!read.memberships.is_empty()).then(|| membership(resolved, place, &walked, &read.memberships)).flatten()
}

fn principal<'s, 'a>(resolved: &'s ResolvedSnapshot<'a>, answer: &Answer) -> Option<PathNode<'s, 'a>> {
    Some(match answer.subject {
        Subject::Person(index) => PathNode::Person(resolved.people.get(index)?),
        Subject::Account(index) => PathNode::Account(resolved.account_at(index)?),
        Subject::Organization => PathNode::Organization,
        Subject::System(index) => PathNode::System(resolved.systems.get(index)?),
    })
}

fn resource<'s, 'a>(resolved: &'s ResolvedSnapshot<'a>, answer: &'s Answer) -> Option<PathNode<'s, 'a>> {
    let index = match answer.subject {
        Subject::Account(index) => index,
        Subject::Person(_) | Subject::System(_) | Subject::Organization => return Some(PathNode::Organization),
    };
    let system = resolved.system(&resolved.account_at(index)?.record.system)?;
    Some(match &answer.level {
        Some(level) => PathNode::Level(system, level),
        None => PathNode::System(system),
    })
}

fn attribute_of<'s, 'a>(
    resolved: &'s ResolvedSnapshot<'a>,
    place: PathNode<'s, 'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    match place {
        PathNode::Person(person) => person_attribute(resolved, person, name),
        PathNode::Account(account) => account_attribute(resolved, &account, name),
        PathNode::System(system) => system_attribute(resolved, system, name),
        PathNode::Organization => organization_attribute(resolved, name),
        PathNode::Level(system, level) => {
            let none = Reasons::new();
            match name {
                "level" => Some(Found::new(Fact::Known(level.to_owned()), None, &none, name)),
                "system" => {
                    let mut found = Found::new(Fact::Known(system.id.to_owned()), None, &none, name);
                    found.next = Some(PathNode::System(system));
                    Some(found)
                }
                _ => None,
            }
        }
    }
}

/// Which entities of these types the place is in.
fn membership(
    resolved: &ResolvedSnapshot<'_>,
    place: PathNode<'_, '_>,
    path: &str,
    types: &[String],
) -> Option<ShownFact> {
    let (person, unknown) = match &place {
        PathNode::Person(person) => (Some(*person), person.unknown),
        PathNode::Account(account) => {
            let owner = account.owner.known().and_then(|index| resolved.person(*index));
            (owner, owner.map_or(&account.unknown, |owner| owner.unknown))
        }
        PathNode::System(_) | PathNode::Organization | PathNode::Level(..) => return None,
    };
    let wants = |name: &str| types.iter().any(|wanted| wanted == name);
    if !wants("OrgRole") && !wants("OrgRoleGroup") {
        return None;
    }
    let reason = types.iter().find_map(|name| unknown.get(&format!("in {name}"))).map(|reason| reason.to_string());
    let roles = person.and_then(|person| person.org_roles.known().copied()).into_iter().flatten();
    let roles = roles.filter_map(|index| resolved.bundle.org_roles.get(*index));
    let mut names: Vec<String> = roles
        .flat_map(|role| {
            let own = wants("OrgRole").then(|| role.id.clone());
            let groups = role.groups.iter().filter(|_| wants("OrgRoleGroup")).cloned();
            own.into_iter().chain(groups)
        })
        .collect();
    names.sort();
    names.dedup();
    let value = match (&reason, names.is_empty()) {
        (Some(_), _) => Fact::Unknown,
        (None, true) => Fact::Empty,
        (None, false) => Fact::Known(names.join(", ")),
    };
    let owner = person.filter(|_| matches!(place, PathNode::Account(_)));
    Some(ShownFact {
        path: format!("{path} in {}", types.join(" or ")),
        value,
        label: None,
        origin: owner.or(person).and_then(|person| role_origin(resolved, person, None)),
        reason,
    })
}

/// The path of an account's or person's id for people: name, then id.
#[must_use]
pub fn label(resolved: &ResolvedSnapshot<'_>, subject: Subject) -> (String, String, Option<String>) {
    match subject {
        Subject::Person(index) => match resolved.people.get(index) {
            Some(person) => ("Person".into(), person.id.to_owned(), person.name.known().map(|name| (*name).to_owned())),
            None => ("Person".into(), String::new(), None),
        },
        Subject::Account(index) => match resolved.account_at(index) {
            Some(account) => ("Account".into(), account_id(&account), account_owner_label(resolved, &account)),
            None => ("Account".into(), String::new(), None),
        },
        Subject::Organization => {
            let organization = &resolved.snapshot.organization;
            ("Organization".into(), organization.id.clone(), Some(organization.name.clone()))
        }
        Subject::System(index) => match resolved.systems.get(index) {
            Some(system) => ("System".into(), system.id.to_owned(), system.rules.map(|rules| rules.name.clone())),
            None => ("System".into(), String::new(), None),
        },
    }
}

/// The name of the person behind an account, or else its address.
pub(crate) fn account_owner_label(resolved: &ResolvedSnapshot<'_>, account: &ResolvedAccount<'_>) -> Option<String> {
    let owner = account.owner.known().and_then(|index| resolved.person(*index));
    let name = owner.and_then(|owner| owner.name.known().map(|name| (*name).to_owned()));
    name.or_else(|| account.record.email.known().cloned())
}

/// An account for people: `the account \`jdoe\` in GitHub`.
pub(crate) fn account_name(account: &ResolvedAccount<'_>) -> String {
    format!("the account `{}` of `{}`", account.record.id, account.record.system)
}
