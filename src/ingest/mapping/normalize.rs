//! From the records of an export to accounts and people, as a mapping says.

use std::collections::BTreeSet;

use super::{
    facts::Facts,
    field::{Field, Word},
    further,
    kinds::{Class, Day, Employment, Instant, Levels, Name, Status, Text},
    model::{ACCOUNTS, AccountFields, FURTHER_FACTS, Mapping, PEOPLE, PersonFields},
    rows::{Row, Rows},
    wanted::Wanted,
};
use crate::{
    diagnostic::{Diagnostic, counted},
    files::RawFile,
    ingest::{
        Format, Normalized, SourceIdentity,
        joined_facts::{JoinKey, JoinedFacts, JoinedRow},
        leavers,
        pages::{Doubt, Remedy},
        record::{self, NotUnderstood},
        same_key::{self, Findings, Placed},
    },
    model::{
        Account, Fact, FactValue, JobRole, LinkHints, Person, address::AddressText, fold::fold, level_name,
        snapshot::Unknown,
    },
};

/// Normalises files of a mapping's format.
///
/// # Errors
/// Every file that is not what the mapping says.
pub(in crate::ingest) fn normalize(
    format: Format,
    mapping: &Mapping,
    identity: &SourceIdentity,
    files: &[RawFile],
    hidden: &[String],
) -> Result<Normalized, Vec<Diagnostic>> {
    let mut rows = Rows::read(mapping, files)?;
    let mut one = Normalized::empty(identity, format);
    let seen = NotUnderstood::new(&identity.zone);
    let mut findings = Findings::default();
    if let Some(fields) = &mapping.account {
        let keyed = keyed(&mut rows, &fields.id);
        let accounts = keyed
            .iter()
            .map(|(id, row)| (row.place.clone(), account(&rows, row, id, fields, mapping, identity, &seen)));
        let accounts: Vec<Placed<Account>> = accounts.collect();
        one.accounts = same_key::accounts(accounts, &mut findings);
        rows.prove(mapping, one.accounts.len());
        require_levels(mapping, fields, &one.accounts, &keyed, &mut rows);
        rows.doubt_hidden(hidden);
        describe(&mut one, &mut rows, identity, ACCOUNTS);
    }
    if let Some(fields) = &mapping.person {
        let keyed = keyed(&mut rows, &fields.id);
        let people =
            keyed.iter().map(|(id, row)| (row.place.clone(), person(&rows, row, id, fields, mapping, identity, &seen)));
        let people: Vec<Placed<Person>> = people.collect();
        let people = same_key::people(people, &mut findings);
        one.not_given = people.iter().map(|person| (person.id.clone(), fields.not_given())).collect();
        rows.prove(mapping, people.len());
        if !people.is_empty()
            && !people.iter().any(|person| leavers::is_leaver(person, identity.zone.date(identity.pulled_at)))
        {
            let reason = "it shows no leaver, so the export may leave them out";
            rows.list.hidden_leavers.push(Doubt::new(reason, Remedy::StateSeesLeavers));
        }
        one.people = Some(people);
        rows.doubt_hidden(hidden);
        describe(&mut one, &mut rows, identity, PEOPLE);
    }
    let of_people = mapping
        .person_facts
        .as_ref()
        .map(|fields| (JoinKey::Person(fields.by), &fields.key, &fields.absent, &fields.give));
    let of_accounts = mapping
        .account_facts
        .as_ref()
        .map(|fields| (JoinKey::Account(fields.system.clone(), fields.by), &fields.key, &fields.absent, &fields.give));
    for (by, key, absent, give) in of_people.into_iter().chain(of_accounts) {
        let mut keyed = keyed(&mut rows, key);
        if by.is_address() {
            let is_none = |(key, _): &mut (String, Row)| matches!(AddressText::of(key), AddressText::Placeholder);
            for (key, row) in keyed.extract_if(.., is_none) {
                rows.reject(row.place, format!("its key is {}", record::quoted(&key)));
            }
        }
        let read = |(key, row): &(String, Row)| {
            let mut facts = Facts::new(&rows, row, key, &mapping.format, &seen);
            let given = further::read(give, &identity.zone, &mut facts);
            let row_of = JoinedRow { key: fold(key).into_owned(), facts: given, unknown: facts.into_unknown() };
            (row.place.clone(), row_of)
        };
        let joined: Vec<Placed<JoinedRow>> = keyed.iter().map(read).collect();
        let joined = same_key::joined_rows(joined, &mut findings);
        rows.prove(mapping, joined.len());
        let absent = match absent {
            Some(Word::Flag(_)) => Some(Some(FactValue::Bool(false))),
            Some(Word::One(word)) if word == "empty" => Some(None),
            _ => None,
        };
        let names = give.keys().cloned().collect();
        one.joined_facts = Some(JoinedFacts { by, absent, names, rows: joined });
        rows.doubt_hidden(hidden);
        describe(&mut one, &mut rows, identity, FURTHER_FACTS);
    }
    one.warnings.append(&mut rows.warnings);
    one.warnings.extend(seen.warnings(&identity.id));
    one.warnings.extend(findings.warnings(&identity.id));
    Ok(one)
}

/// The rows with their ids; rows without one are rejected.
fn keyed(rows: &mut Rows, id: &Field) -> Vec<(String, Row)> {
    let paths: Vec<String> = id.paths().into_iter().map(str::to_owned).collect();
    let path = paths.iter().find(|path| rows.has(path)).or(paths.first()).cloned().unwrap_or_default();
    let mut keyed = Vec::new();
    for row in std::mem::take(&mut rows.rows) {
        match rows.text(&row, &path) {
            Ok(id) => keyed.push((id, row)),
            Err(reason) => rows.reject(row.place, reason),
        }
    }
    keyed
}

/// Puts the list into the source, with what is known of its completeness.
fn describe(one: &mut Normalized, rows: &mut Rows, identity: &SourceIdentity, name: &str) {
    if !rows.list.rejected.is_empty() {
        let rejected = counted(rows.list.rejected.len(), "record was", "records were");
        rows.list.reasons.push(format!("{rejected} rejected"));
    }
    rows.list.weigh(&identity.statements, true);
    one.source.collections.push(rows.list.describe(name, 0));
    one.warn_incomplete(name);
}

/// A list without an account that every complete one has was filtered.
fn require_levels(
    mapping: &Mapping,
    fields: &AccountFields,
    accounts: &[Account],
    keyed: &[(String, Row)],
    rows: &mut Rows,
) {
    let wanted: BTreeSet<String> =
        mapping.complete.iter().flat_map(|completeness| &completeness.some).map(|name| level_name(name)).collect();
    let possible: BTreeSet<&str> = keyed
        .iter()
        .filter(|(_, row)| Wanted::new(&wanted, fields).may_be_in(rows, row))
        .map(|(id, _)| id.as_str())
        .collect();
    let may_hold = |account: &Account| match &account.levels {
        Fact::Known(levels) => levels.iter().any(|level| wanted.contains(level)),
        Fact::Empty => false,
        Fact::Unknown => possible.contains(account.id.as_str()),
    };
    if !wanted.is_empty() && !accounts.iter().any(may_hold) {
        let names: Vec<String> = wanted.iter().map(|name| format!("`{name}`")).collect();
        let reason = format!("no account of it holds {}, and every complete list has one", names.join(" or "));
        rows.list.reasons.push(reason);
    }
}

#[allow(clippy::too_many_arguments, reason = "what a record is read with; one caller")]
fn account(
    rows: &Rows,
    row: &Row,
    id: &str,
    fields: &AccountFields,
    mapping: &Mapping,
    identity: &SourceIdentity,
    seen: &NotUnderstood,
) -> Account {
    let mut facts = Facts::new(rows, row, id, &mapping.format, seen);
    let mut email = facts.address("email", fields.email.as_ref());
    let hints = hints(&facts, fields, &email, id).unwrap_or_else(|reason| {
        // What the record says of its holder beyond the address may contradict it.
        email = facts.unknown("email", reason);
        LinkHints::default()
    });
    let class = match &fields.class {
        Some(class) => facts.fact("class", Some(class), &Class),
        // Without the field the source says nothing about classes.
        None => Fact::Empty,
    };
    let levels = match facts.fact("levels", fields.levels.as_ref(), &Levels) {
        Fact::Empty => Fact::Known(Vec::new()),
        levels => levels,
    };
    let mut account = Account {
        id: id.to_owned(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email,
        person: None,
        hints,
        status: facts.never_empty("status", fields.status.as_ref(), &Status),
        levels,
        class,
        last_login: facts.fact("last_login", fields.last_login.as_ref(), &Instant),
        supplied: Default::default(),
        facts: further::read(&fields.facts, &identity.zone, &mut facts),
        unknown: Unknown::new(),
    };
    account.unknown = facts.into_unknown();
    account
}

/// What an account says of its holder besides the address.
fn hints(facts: &Facts<'_>, fields: &AccountFields, email: &Fact<String>, id: &str) -> Result<LinkHints, String> {
    let further = facts.addresses(fields.addresses.as_ref())?;
    Ok(LinkHints {
        external_id: facts.hint(fields.external_id.as_ref())?,
        employee_number: facts.hint(fields.employee_number.as_ref())?,
        // The id itself is often an address.
        addresses: record::further_addresses(email, further.iter().map(String::as_str).chain([id])),
        // A manager links nothing.
        manager: facts.hint(fields.manager.as_ref()).unwrap_or_default(),
    })
}

#[allow(clippy::too_many_arguments, reason = "what a record is read with; one caller")]
fn person(
    rows: &Rows,
    row: &Row,
    id: &str,
    fields: &PersonFields,
    mapping: &Mapping,
    identity: &SourceIdentity,
    seen: &NotUnderstood,
) -> Person {
    let mut facts = Facts::new(rows, row, id, &mapping.format, seen);
    let start_date = facts.fact("start_date", fields.start_date.as_ref(), &Day(&identity.zone));
    let mut role_facts = Facts::new(rows, row, id, &mapping.format, seen);
    let mut role = JobRole {
        id: id.to_owned(),
        job_title: role_facts.fact("job_title", fields.job_title.as_ref(), &Text),
        department: role_facts.fact("department", fields.department.as_ref(), &Text),
        manager: role_facts.fact("manager", fields.manager.as_ref(), &Text),
        // The title is the one held now; since when is not said, so the first day stands in.
        effective_date: start_date,
        end_date: Fact::Empty,
        updated_at: Fact::Empty,
        unknown: Unknown::new(),
    };
    if start_date.is_unknown() {
        role_facts.unknown::<()>("effective_date", "the first day of the person is unknown");
    }
    role.unknown = role_facts.into_unknown();
    let job_roles = match &fields.job_title {
        None => facts.unknown("job_roles", format!("{} does not give job titles", mapping.format)),
        // Without a title, a department and a manager there is no job role.
        Some(_)
            if [&role.job_title, &role.department, &role.manager].iter().all(|fact| matches!(fact, Fact::Empty)) =>
        {
            Fact::Known(Vec::new())
        }
        Some(_) => Fact::Known(vec![role]),
    };
    let status = facts.never_empty("status", fields.status.as_ref(), &Employment);
    let mut end_date = facts.fact("end_date", fields.end_date.as_ref(), &Day(&identity.zone));
    let pulled_on = identity.zone.date(identity.pulled_at);
    if let Some(reason) = record::doubtful_end(&end_date, &start_date, &status, pulled_on, ["end_date", "start_date"]) {
        end_date = facts.unknown("end_date", reason);
    }
    let mut person = Person {
        id: id.to_owned(),
        source: identity.id.clone(),
        name: facts.fact("name", fields.name.as_ref(), &Name),
        employee_number: facts.fact("employee_number", fields.employee_number.as_ref(), &Text),
        work_email: facts.address("work_email", fields.work_email.as_ref()),
        status,
        start_date,
        end_date,
        last_working_day: facts.fact("last_working_day", fields.last_working_day.as_ref(), &Day(&identity.zone)),
        job_roles,
        listed_manager: None,
        supplied: Default::default(),
        facts: further::read(&fields.facts, &identity.zone, &mut facts),
        unknown: Unknown::new(),
    };
    person.unknown = facts.into_unknown();
    person
}
