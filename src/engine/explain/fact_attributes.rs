//! The value of each attribute of an entity, with the record or the line of the bundle that it came from.

use std::collections::BTreeSet;

use super::{
    fact::{Found, Origin, PathNode},
    holdings,
};
use crate::{
    bundle::{DeclaredFact, FactEntity, data::systems::duration_text, holdings::HOLDINGS},
    diagnostic::counted,
    model::{Account, Fact, LinkHints, declared::unknown_key},
    resolve::{IdentityIssue, ReadFacts, Reasons, ResolvedAccount, ResolvedPerson, ResolvedSnapshot, ResolvedSystem},
};

pub(in crate::engine) fn person_attribute<'s, 'a>(
    resolved: &'s ResolvedSnapshot<'a>,
    person: ResolvedPerson<'s>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let of_record = Some(person_origin(resolved, person, None));
    let of_fact = |fact: &'static str| Some(person_origin(resolved, person, Some(fact)));
    let of_role = |fact: &'static str| role_origin(resolved, person, Some(fact)).or_else(|| of_record.clone());
    let reference = |person: &Fact<usize>| -> (Fact<String>, Option<ResolvedPerson<'s>>) {
        let found = person.known().and_then(|index| resolved.person(*index));
        (person.as_ref().map(|_| found.map_or(String::new(), |found| found.id.to_owned())), found)
    };
    let text =
        |value: Fact<String>, origin: &Option<Origin>| Some(Found::new(value, origin.clone(), person.unknown, name));
    match name {
        "inScope" => {
            let origin = person.out_of_scope.map(|mapping| Origin::Bundle(mapping.location.clone()));
            text(Fact::Known(person.in_scope.to_string()), &origin)
        }
        "status" => text(person.status.map(|status| status.to_string()), &of_fact("status")),
        "listedAt" => {
            let listed = person.sources.listed_at.map(|instant| instant.to_string());
            text(listed.into(), &of_record)
        }
        "startDate" => text(person.start_date.map(|date| date.to_string()), &of_fact("start_date")),
        "endDate" => text(person.end_date.map(|date| date.to_string()), &of_fact("end_date")),
        "workEmail" => text(person.work_email.map(|address| address.to_string()), &of_fact("work_email")),
        "jobTitle" => text(person.job_title.map(str::to_owned), &of_role("job_title")),
        "department" => text(person.department.map(str::to_owned), &of_role("department")),
        "managerIssue" => text(person.manager_issue.map(|issue| issue.to_string()), &of_role("manager")),
        "manager" => {
            let (value, found) = reference(&person.manager);
            text(value, &of_role("manager")).map(|shown| shown.person(found))
        }
        HOLDINGS => holdings::of_person(resolved, person),
        _ => {
            let fact = declared_fact(resolved, FactEntity::Person, name)?;
            let source = person.sources.of(&unknown_key(name));
            let staff = resolved.snapshot.source(source).and_then(|source| source.staff.clone());
            let origin = Origin::Record {
                source: source.to_owned(),
                collection: staff.unwrap_or_else(|| "facts".to_owned()),
                record: person.id.to_owned(),
                field: Some("facts"),
            };
            text(declared_text(person.facts, person.unknown, &fact), &Some(origin))
        }
    }
}

/// The person's record in the source that gave the fact.
fn person_origin(resolved: &ResolvedSnapshot<'_>, person: ResolvedPerson<'_>, fact: Option<&'static str>) -> Origin {
    let source = fact.map_or(person.sources.source.as_str(), |fact| person.sources.of(fact));
    let collection = resolved.snapshot.source(source).and_then(|source| source.staff.clone());
    Origin::Record {
        source: source.to_owned(),
        collection: collection.unwrap_or_default(),
        record: person.id.to_owned(),
        field: fact,
    }
}

/// The job role in effect, in the source that gave the person's job roles.
pub(in crate::engine) fn role_origin(
    resolved: &ResolvedSnapshot<'_>,
    person: ResolvedPerson<'_>,
    fact: Option<&'static str>,
) -> Option<Origin> {
    let row = person.job_role?;
    let source = person.sources.of("job_roles");
    let collection = resolved.snapshot.source(source).and_then(|source| source.job_roles.clone());
    Some(Origin::Record {
        source: source.to_owned(),
        collection: collection.unwrap_or_default(),
        record: row.to_owned(),
        field: fact,
    })
}

pub(in crate::engine) fn account_attribute<'s, 'a>(
    resolved: &'s ResolvedSnapshot<'a>,
    account: &ResolvedAccount<'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let record = &*account.record;
    let list = resolved.snapshot.account_lists(&record.system).find(|(source, _)| source.id == record.source);
    let of_fact = |field: Option<&'static str>| {
        Some(Origin::Record {
            source: record.source.clone(),
            collection: list.map(|(_, list)| list.name.clone()).unwrap_or_default(),
            record: record.id.clone(),
            field,
        })
    };
    let mapping = account.mapping;
    let declared = |field: Option<&'static str>| {
        mapping.map(|mapping| Origin::Bundle(mapping.location.clone())).or_else(|| of_fact(field))
    };
    let text =
        |value: Fact<String>, origin: &Option<Origin>| Some(Found::new(value, origin.clone(), &account.unknown, name));
    let person = |index: &Fact<usize>| {
        let found = index.known().and_then(|index| resolved.person(*index));
        let value = index.as_ref().map(|_| found.map_or(String::new(), |found| found.id.to_owned()));
        text(value, &declared(None)).map(|shown| shown.person(found))
    };
    match name {
        "system" => {
            let mut shown = text(Fact::Known(record.system.clone()), &of_fact(None))?;
            shown.next = resolved.system(&record.system).map(PathNode::System);
            Some(shown)
        }
        "status" => {
            let status = match &record.status {
                Fact::Known(status) => Fact::Known(status.to_string()),
                Fact::Empty | Fact::Unknown => Fact::Unknown,
            };
            text(status, &of_fact(Some("status")))
        }
        "class" => text(account.class.map(|class| class.to_string()), &declared(Some("class"))),
        "reviewBy" => text(account.review_by.map(|date| date.to_string()), &declared(None)),
        "reviewedOn" => text(account.reviewed_on.map(|date| date.to_string()), &declared(None)),
        "declaration" => {
            let status = account.declaration.map(|status| status.to_string());
            let mut shown = text(status, &declared(None))?;
            shown.label = account.withheld.as_deref().map(str::to_owned);
            Some(shown)
        }
        "lastLogin" => text(record.last_login.map(|instant| instant.to_string()), &of_fact(Some("last_login"))),
        "identityIssue" => {
            let mut shown = text(account.identity_issue.map(|issue| issue.to_string()), &declared(Some("email")))?;
            let names: Vec<String> =
                account.candidates.iter().filter_map(|index| resolved.person(*index)).map(named).collect();
            let mut label = match (near_miss(resolved, account), &record.email) {
                (Some(near), _) => vec![near],
                (None, _) if !names.is_empty() => vec![names.join(" and ")],
                (None, Fact::Known(address)) => vec![address.clone()],
                (None, Fact::Empty | Fact::Unknown) => Vec::new(),
            };
            label.extend(hints(resolved, record));
            if !label.is_empty() {
                shown.label = Some(label.join("; "));
            }
            Some(shown)
        }
        "owner" => {
            let mut shown = person(&account.owner)?;
            shown.label = shown.label.or_else(|| near_miss(resolved, account));
            Some(shown)
        }
        "responsible" => person(&account.responsible),
        "requests" => {
            let tickets = account.requests.as_ref().map(|requests| {
                let tickets = requests.iter().filter_map(|request| {
                    let ticket = resolved.snapshot.access_requests.get(request.index)?;
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
        HOLDINGS => Some(holdings::of_account(resolved, account)),
        _ => {
            let fact = declared_fact(resolved, FactEntity::Account, name)?;
            let system = resolved.system(&record.system).and_then(|system| system.rules);
            let by_levels = system.filter(|rules| fact.is_privileged() && rules.privileged.is_some());
            let supplied = || {
                let source = record.supplied.get(&unknown_key(fact.name))?;
                let list = resolved.snapshot.source(source)?.collections.first();
                Some(Origin::Record {
                    source: source.clone(),
                    collection: list.map(|list| list.name.clone()).unwrap_or_default(),
                    record: record.id.clone(),
                    field: Some("facts"),
                })
            };
            let given = || supplied().or_else(|| of_fact(Some("facts")));
            let origin = by_levels.map_or_else(given, |rules| Some(Origin::Bundle(rules.location.clone())));
            text(declared_text(&account.facts, &account.unknown, &fact), &origin)
        }
    }
}

/// The fact of this name that only some sources give and that a rule reads.
fn declared_fact(resolved: &ResolvedSnapshot<'_>, entity: FactEntity, name: &str) -> Option<DeclaredFact> {
    resolved.bundle.facts_read(entity).find(|fact| fact.name == name)
}

/// The value of such a fact as text.
fn declared_text(facts: &ReadFacts, unknown: &Reasons, fact: &DeclaredFact) -> Fact<String> {
    match facts.typed(fact) {
        Some(value) => Fact::Known(value.to_string()),
        None if unknown.contains_key(fact.name) => Fact::Unknown,
        None => Fact::Empty,
    }
}

/// The people whose address the account's only resembles.
fn near_miss(resolved: &ResolvedSnapshot<'_>, account: &ResolvedAccount<'_>) -> Option<String> {
    let (Fact::Known(address), Fact::Known(IdentityIssue::NoMatch)) = (&account.record.email, account.identity_issue)
    else {
        return None;
    };
    let names: Vec<String> = account.candidates.iter().filter_map(|index| resolved.person(*index)).map(named).collect();
    let names = (!names.is_empty()).then(|| names.join(" and "))?;
    Some(format!("`{address}` only resembles the address of {names}: a non-ASCII character is not the ASCII one"))
}

/// What a system says of whose an account is, for people to ask further. A manager who is an account of the same
/// system is named by its owner.
fn hints(resolved: &ResolvedSnapshot<'_>, record: &Account) -> Vec<String> {
    let LinkHints { external_id, employee_number, addresses, manager } = &record.hints;
    let owner = |account: &String| {
        let account = resolved.account(&format!("{}/{account}", record.system))?;
        resolved.person(*account.owner.known()?).map(named)
    };
    let manager = manager.as_ref().map(|manager| owner(manager).unwrap_or_else(|| manager.clone()));
    let further = (!addresses.is_empty()).then(|| addresses.join(", "));
    let said = [
        ("employee number", employee_number.clone()),
        ("external id", external_id.clone()),
        ("further addresses", further),
        ("manager", manager),
    ];
    said.into_iter().filter_map(|(what, value)| Some(format!("{what} {}", value?))).collect()
}

/// Name and id of a person.
pub(crate) fn named(person: ResolvedPerson<'_>) -> String {
    match person.name {
        Fact::Known(name) => format!("{name} ({})", person.id),
        Fact::Empty | Fact::Unknown => person.id.to_owned(),
    }
}

pub(in crate::engine) fn system_attribute<'s, 'a>(
    resolved: &'s ResolvedSnapshot<'a>,
    system: &'s ResolvedSystem<'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let file = system.rules.map(|rules| Origin::Bundle(rules.location.clone()));
    let list = resolved.snapshot.account_list(system.id).map(|(source, list)| Origin::Record {
        source: source.id.clone(),
        collection: list.name.clone(),
        record: system.id.to_owned(),
        field: None,
    });
    let text =
        |value: Fact<String>, origin: &Option<Origin>| Some(Found::new(value, origin.clone(), &system.unknown, name));
    let listed = |value: Option<String>| value.map_or(Fact::Unknown, Fact::Known);
    match name {
        "critical" => text(Fact::Known(system.rules.is_some_and(|rules| rules.critical).to_string()), &file),
        "accessRules" => text(Fact::Known(system.access_rules.to_string()), &file),
        "maxAge" => {
            let evidence = resolved.bundle.evidence.account_max_age_location.clone().map(Origin::Bundle);
            let stated = system.rules.is_some_and(|rules| rules.max_age_hours.is_some());
            text(Fact::Known(duration_text(system.max_age_hours)), if stated { &file } else { &evidence })
        }
        "accountsAsOf" => {
            let found = text(listed(system.list.map(|(pulled_at, _)| pulled_at.to_string())), &list);
            // The first list of a source holds its accounts; others say more of the same.
            let mut seen = BTreeSet::new();
            let lists = resolved.snapshot.account_lists(system.id).filter(|(source, _)| seen.insert(&source.id));
            let count = lists.map(|(_, list)| list.records).sum();
            let label = system.list.map(|_| counted(count, "record", "records"));
            found.map(|found| Found { label, ..found })
        }
        "accountsComplete" => {
            let found = text(listed(system.list.map(|(_, complete)| complete.to_string())), &list);
            found.map(|found| Found { label: system.completeness.clone(), ..found })
        }
        _ => None,
    }
}

pub(in crate::engine) fn organization_attribute<'s, 'a>(
    resolved: &'s ResolvedSnapshot<'a>,
    name: &str,
) -> Option<Found<'s, 'a>> {
    let list = resolved.snapshot.staff().min_by_key(|(source, _)| source.pulled_at);
    let list = list.map(|(source, list)| Origin::Record {
        source: source.id.clone(),
        collection: list.name.clone(),
        record: resolved.snapshot.organization.id.clone(),
        field: None,
    });
    let staff = &resolved.staff;
    let text = |value: Option<String>| {
        let value = value.map_or(Fact::Unknown, Fact::Known);
        Some(Found::new(value, list.clone(), &staff.unknown, name))
    };
    match name {
        "staffAsOf" => {
            let found = text(staff.listed.map(|(pulled_at, _)| pulled_at.to_string()));
            let label = staff.listed.map(|_| counted(resolved.people.len(), "person", "people"));
            found.map(|found| Found { label, ..found })
        }
        "staffComplete" => {
            let found = text(staff.listed.map(|(_, complete)| complete.to_string()));
            let label = Some(staff.completeness.clone()).filter(|text| !text.is_empty());
            found.map(|found| Found { label, ..found })
        }
        "peopleListed" => text(Some(resolved.people.len().to_string())),
        _ => None,
    }
}
