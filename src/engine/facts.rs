//! The facts behind a verdict: what its rules read, the values found there, and where each came from.

mod reads;

use super::{
    entities::account_id,
    evaluate::{Answer, Subject},
    resolve::{Reasons, ResolvedAccount, ResolvedPerson, ResolvedSystem, Situation},
};
use crate::{
    bundle::Rule,
    diagnostic::Location,
    model::{Account, Fact, LinkHints},
};

pub(crate) use reads::reads_the_resource;
pub use reads::{Read, reads};

/// A fact as shown to people and programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownFact {
    /// The path, such as `principal.owner.status`, or `principal in OrgRole`.
    pub path: String,
    /// Its value as text.
    pub value: Fact<String>,
    /// A name for people, where the value is an entity.
    pub label: Option<String>,
    /// Where it came from.
    pub origin: Option<Origin>,
    /// Why it is unknown.
    pub reason: Option<String>,
}

/// Where a fact came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A record of a source.
    Record {
        /// The source's id.
        source: String,
        /// The vendor's collection.
        collection: String,
        /// The record's id.
        record: String,
    },
    /// A line of the bundle.
    Bundle(Location),
}

/// An entity that a path can reach.
#[derive(Clone, Copy)]
enum Place<'s, 'a> {
    Person(&'s ResolvedPerson<'a>),
    Account(&'s ResolvedAccount<'a>),
    System(&'s ResolvedSystem<'a>),
    Level(&'s ResolvedSystem<'a>, &'s str),
}

/// The value at a place, and the further place that it is.
struct Found<'s, 'a> {
    value: Fact<String>,
    label: Option<String>,
    origin: Option<Origin>,
    reason: Option<String>,
    next: Option<Place<'s, 'a>>,
}

/// The facts that these rules read for an answer's subject, each once.
#[must_use]
pub fn facts(situation: &Situation<'_>, answer: &Answer, rules: &[&Rule]) -> Vec<ShownFact> {
    let mut shown: Vec<ShownFact> = Vec::new();
    for read in rules.iter().flat_map(|rule| reads(rule)) {
        if let Some(fact) = follow(situation, answer, &read)
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

fn follow(situation: &Situation<'_>, answer: &Answer, read: &Read) -> Option<ShownFact> {
    let (root, attributes) = read.path.split_first()?;
    let mut place = match root.as_str() {
        "principal" => principal(situation, answer)?,
        _ => resource(situation, answer)?,
    };
    let mut walked = root.clone();
    for (index, attribute) in attributes.iter().enumerate() {
        let found = attribute_of(situation, place, attribute)?;
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
    (!read.memberships.is_empty()).then(|| membership(situation, place, &walked, &read.memberships)).flatten()
}

fn principal<'s, 'a>(situation: &'s Situation<'a>, answer: &Answer) -> Option<Place<'s, 'a>> {
    Some(match answer.subject {
        Subject::Person(index) => Place::Person(situation.people.get(index)?),
        Subject::Account(index) => Place::Account(situation.accounts.get(index)?),
        Subject::System(index) => Place::System(situation.systems.get(index)?),
    })
}

fn resource<'s, 'a>(situation: &'s Situation<'a>, answer: &'s Answer) -> Option<Place<'s, 'a>> {
    let Subject::Account(index) = answer.subject else { return None };
    let system = situation.system(&situation.accounts.get(index)?.record.system)?;
    Some(match &answer.level {
        Some(level) => Place::Level(system, level),
        None => Place::System(system),
    })
}

impl<'s, 'a> Found<'s, 'a> {
    fn new(value: Fact<String>, origin: Option<Origin>, unknown: &Reasons, attribute: &str) -> Self {
        let reason = value.is_unknown().then(|| unknown.get(attribute).cloned()).flatten();
        Found { value, label: None, origin, reason, next: None }
    }

    fn person(mut self, person: Option<&'s ResolvedPerson<'a>>) -> Self {
        self.label = person.and_then(|person| person.record.name.known().cloned());
        self.next = person.map(Place::Person);
        self
    }
}

fn attribute_of<'s, 'a>(situation: &'s Situation<'a>, place: Place<'s, 'a>, name: &str) -> Option<Found<'s, 'a>> {
    match place {
        Place::Person(person) => person_attribute(situation, person, name),
        Place::Account(account) => account_attribute(situation, account, name),
        Place::System(system) => system_attribute(situation, system, name),
        Place::Level(system, level) => {
            let none = Reasons::new();
            match name {
                "level" => Some(Found::new(Fact::Known(level.to_owned()), None, &none, name)),
                "system" => {
                    let mut found = Found::new(Fact::Known(system.id.to_owned()), None, &none, name);
                    found.next = Some(Place::System(system));
                    Some(found)
                }
                _ => None,
            }
        }
    }
}

fn person_attribute<'s, 'a>(
    situation: &'s Situation<'a>,
    person: &'s ResolvedPerson<'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let record = person.record;
    let of_record = Some(person_origin(situation, person, ""));
    let of_fact = |fact: &str| Some(person_origin(situation, person, fact));
    let of_role = role_origin(situation, person).or_else(|| of_record.clone());
    let reference = |person: &Fact<usize>| -> (Fact<String>, Option<&'s ResolvedPerson<'a>>) {
        let found = person.known().and_then(|index| situation.person(*index));
        (person.as_ref().map(|_| found.map_or(String::new(), |found| found.record.id.clone())), found)
    };
    let text =
        |value: Fact<String>, origin: &Option<Origin>| Some(Found::new(value, origin.clone(), &person.unknown, name));
    match name {
        "inScope" => {
            let origin = person.out_of_scope.map(|mapping| Origin::Bundle(mapping.location.clone()));
            text(Fact::Known(person.in_scope.to_string()), &origin)
        }
        "status" => text(person.status.clone().map(|status| status.to_string()), &of_fact("status")),
        "listedAt" => {
            let listed = situation.snapshot.listed_at(record).map(|instant| instant.to_string());
            text(listed.into(), &of_record)
        }
        "startDate" => text(person.start_date.clone().map(|date| date.to_string()), &of_fact("start_date")),
        "endDate" => text(person.end_date.clone().map(|date| date.to_string()), &of_fact("end_date")),
        "workEmail" => text(record.work_email.clone(), &of_fact("work_email")),
        "jobTitle" => text(person.job_title.clone().map(str::to_owned), &of_role),
        "department" => text(person.department.clone().map(str::to_owned), &of_role),
        "managerIssue" => text(person.manager_issue.clone().map(|issue| issue.to_string()), &of_role),
        "manager" => {
            let (value, found) = reference(&person.manager);
            text(value, &of_role).map(|shown| shown.person(found))
        }
        _ => None,
    }
}

/// The person's record in the source that gave the fact.
fn person_origin(situation: &Situation<'_>, person: &ResolvedPerson<'_>, fact: &str) -> Origin {
    let record = person.record;
    let source = record.supplied.get(fact).unwrap_or(&record.source);
    let collection = situation.snapshot.source(source).and_then(|source| source.staff.clone());
    Origin::Record { source: source.clone(), collection: collection.unwrap_or_default(), record: record.id.clone() }
}

/// The job role in effect, in the source that gave the person's job roles.
fn role_origin(situation: &Situation<'_>, person: &ResolvedPerson<'_>) -> Option<Origin> {
    let row = person.job_role?;
    let source = person.record.supplied.get("job_roles").unwrap_or(&person.record.source);
    let collection = situation.snapshot.source(source).and_then(|source| source.job_roles.clone());
    Some(Origin::Record { source: source.clone(), collection: collection.unwrap_or_default(), record: row.id.clone() })
}

fn account_attribute<'s, 'a>(
    situation: &'s Situation<'a>,
    account: &'s ResolvedAccount<'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let record = account.record;
    let list = situation.snapshot.account_list(&record.system);
    let of_record = Some(Origin::Record {
        source: record.source.clone(),
        collection: list.map(|(_, list)| list.name.clone()).unwrap_or_default(),
        record: record.id.clone(),
    });
    let mapping = account.mapping;
    let declared = mapping.map(|mapping| Origin::Bundle(mapping.location.clone())).or_else(|| of_record.clone());
    let text =
        |value: Fact<String>, origin: &Option<Origin>| Some(Found::new(value, origin.clone(), &account.unknown, name));
    let person = |index: &Fact<usize>| {
        let found = index.known().and_then(|index| situation.person(*index));
        let value = index.as_ref().map(|_| found.map_or(String::new(), |found| found.record.id.clone()));
        text(value, &declared).map(|shown| shown.person(found))
    };
    match name {
        "system" => {
            let mut shown = text(Fact::Known(record.system.clone()), &of_record)?;
            shown.next = situation.system(&record.system).map(Place::System);
            Some(shown)
        }
        "status" => {
            let status = match &record.status {
                Fact::Known(status) => Fact::Known(status.to_string()),
                Fact::Empty | Fact::Unknown => Fact::Unknown,
            };
            text(status, &of_record)
        }
        "class" => text(account.class.clone().map(|class| class.to_string()), &declared),
        "reviewBy" => text(account.review_by.map(|date| date.to_string()).into(), &declared),
        "lastLogin" => text(record.last_login.clone().map(|instant| instant.to_string()), &of_record),
        "identityIssue" => {
            let mut shown = text(account.identity_issue.clone().map(|issue| issue.to_string()), &declared)?;
            let names: Vec<String> =
                account.candidates.iter().filter_map(|index| situation.person(*index)).map(named).collect();
            let mut label = match (&record.email, names.is_empty()) {
                (_, false) => vec![names.join(" and ")],
                (Fact::Known(address), true) => vec![address.clone()],
                (_, true) => Vec::new(),
            };
            label.extend(hints(situation, record));
            if !label.is_empty() {
                shown.label = Some(label.join("; "));
            }
            Some(shown)
        }
        "owner" => person(&account.owner),
        "responsible" => person(&account.responsible),
        "requests" => {
            let tickets = account.requests.as_ref().map(|requests| {
                let tickets = requests.iter().filter_map(|request| {
                    let ticket = situation.snapshot.access_requests.get(request.index)?;
                    let expired = if request.expired { ", expired" } else { "" };
                    Some(format!("{} ({}: {}{expired})", ticket.id, request.status, ticket.levels.join(", ")))
                });
                tickets.collect::<Vec<_>>().join("; ")
            });
            let tickets = match tickets {
                Fact::Known(text) if text.is_empty() => Fact::Empty,
                tickets => tickets,
            };
            text(tickets, &None)
        }
        _ => None,
    }
}

/// What a system says of whose an account is, for people to ask further. A manager who is an account of the same
/// system is named by its owner.
fn hints(situation: &Situation<'_>, record: &Account) -> Vec<String> {
    let LinkHints { external_id, employee_number, manager } = &record.hints;
    let owner = |account: &String| {
        let account = situation.account(&format!("{}/{account}", record.system))?;
        situation.person(*account.owner.known()?).map(named)
    };
    let manager = manager.as_ref().map(|manager| owner(manager).unwrap_or_else(|| manager.clone()));
    let said =
        [("employee number", employee_number.clone()), ("external id", external_id.clone()), ("manager", manager)];
    said.into_iter().filter_map(|(what, value)| Some(format!("{what} {}", value?))).collect()
}

/// Name and id of a person.
fn named(person: &ResolvedPerson<'_>) -> String {
    match &person.record.name {
        Fact::Known(name) => format!("{name} ({})", person.record.id),
        Fact::Empty | Fact::Unknown => person.record.id.clone(),
    }
}

fn system_attribute<'s, 'a>(
    situation: &'s Situation<'a>,
    system: &'s ResolvedSystem<'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let file = system.rules.map(|rules| Origin::Bundle(rules.location.clone()));
    let list = situation.snapshot.account_list(system.id).map(|(source, list)| Origin::Record {
        source: source.id.clone(),
        collection: list.name.clone(),
        record: system.id.to_owned(),
    });
    let text =
        |value: Fact<String>, origin: &Option<Origin>| Some(Found::new(value, origin.clone(), &system.unknown, name));
    let listed = |value: Option<String>| value.map_or(Fact::Unknown, Fact::Known);
    match name {
        "critical" => text(Fact::Known(system.rules.is_some_and(|rules| rules.critical).to_string()), &file),
        "accessRules" => text(Fact::Known(system.access_rules(situation.today).to_string()), &file),
        "maxAge" => text(system.rules.and_then(|rules| rules.max_age_hours).map(hours).into(), &file),
        "accountsAsOf" => text(listed(system.list.map(|(pulled_at, _)| pulled_at.to_string())), &list),
        "accountsComplete" => text(listed(system.list.map(|(_, complete)| complete.to_string())), &list),
        _ => None,
    }
}

fn hours(hours: i64) -> String {
    if hours % 24 == 0 { format!("{}d", hours / 24) } else { format!("{hours}h") }
}

/// Which entities of these types the place is in.
fn membership(situation: &Situation<'_>, place: Place<'_, '_>, path: &str, types: &[String]) -> Option<ShownFact> {
    let (person, unknown) = match place {
        Place::Person(person) => (Some(person), &person.unknown),
        Place::Account(account) => {
            let owner = account.owner.known().and_then(|index| situation.person(*index));
            (owner, owner.map_or(&account.unknown, |owner| &owner.unknown))
        }
        Place::System(_) | Place::Level(..) => return None,
    };
    let wants = |name: &str| types.iter().any(|wanted| wanted == name);
    if !wants("OrgRole") && !wants("OrgRoleGroup") {
        return None;
    }
    let reason = types.iter().find_map(|name| unknown.get(&format!("in {name}"))).cloned();
    let roles = person.and_then(|person| person.org_roles.known()).into_iter().flatten();
    let roles = roles.filter_map(|index| situation.bundle.org_roles.get(*index));
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
    let owner = person.filter(|_| matches!(place, Place::Account(_)));
    Some(ShownFact {
        path: format!("{path} in {}", types.join(" or ")),
        value,
        label: None,
        origin: owner.or(person).and_then(|person| role_origin(situation, person)),
        reason,
    })
}

/// The path of an account's or person's id for people: name, then id.
#[must_use]
pub fn label(situation: &Situation<'_>, subject: Subject) -> (String, String, Option<String>) {
    match subject {
        Subject::Person(index) => match situation.people.get(index) {
            Some(person) => ("Person".into(), person.record.id.clone(), person.record.name.known().cloned()),
            None => ("Person".into(), String::new(), None),
        },
        Subject::Account(index) => match situation.accounts.get(index) {
            Some(account) => {
                let owner = account.owner.known().and_then(|index| situation.person(*index));
                let name = owner.and_then(|owner| owner.record.name.known().cloned());
                ("Account".into(), account_id(account), name.or_else(|| account.record.email.known().cloned()))
            }
            None => ("Account".into(), String::new(), None),
        },
        Subject::System(index) => match situation.systems.get(index) {
            Some(system) => ("System".into(), system.id.to_owned(), system.rules.map(|rules| rules.name.clone())),
            None => ("System".into(), String::new(), None),
        },
    }
}
