//! What each source gave, fact by fact.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diagnostic::counted,
    model::{
        Account, Fact, Facts, Person, Snapshot, Source,
        declared::{self, unknown_key},
        snapshot::Unknown,
    },
};

/// How often a fact is known, known to be empty and unknown, and why most often.
#[derive(Default)]
struct Tally<'s> {
    given: usize,
    none: usize,
    unknown: usize,
    reasons: BTreeMap<&'s str, usize>,
}

impl<'s> Tally<'s> {
    fn add<T>(&mut self, name: &str, fact: &Fact<T>, reasons: &'s Unknown) {
        match fact {
            Fact::Known(_) => self.given += 1,
            Fact::Empty => self.none += 1,
            Fact::Unknown => {
                self.unknown += 1;
                let reason = reasons.get(name).map_or("no reason is given", String::as_str);
                *self.reasons.entry(reason).or_default() += 1;
            }
        }
    }

    /// The commonest reason, and how many others there are.
    fn reason(&self) -> String {
        let Some((reason, _)) =
            self.reasons.iter().max_by_key(|(reason, count)| (**count, std::cmp::Reverse(**reason)))
        else {
            return String::new();
        };
        match self.reasons.len() - 1 {
            0 => (*reason).to_owned(),
            others => format!("{reason}, and {}", counted(others, "other reason", "other reasons")),
        }
    }
}

/// A table of the facts that a source gave of its people and accounts, line by line.
pub(super) fn lines(snapshot: &Snapshot, source: &Source) -> Vec<String> {
    let people: Vec<&Person> = snapshot.people.iter().filter(|person| person.source == source.id).collect();
    let accounts: Vec<&Account> = snapshot.accounts.iter().filter(|account| account.source == source.id).collect();
    let lists = snapshot.systems.iter().flat_map(|system| system.lists());
    let of_accounts = lists.into_iter().find(|(id, _)| *id == source.id).map(|(_, list)| list);
    let mut rows: Vec<(String, Tally<'_>)> = Vec::new();
    let mut lines = Vec::new();
    if !people.is_empty() {
        rows.extend(facts_of_people(&people).into_iter().map(|(name, tally)| (name.to_owned(), tally)));
        rows.extend(further(people.iter().map(|person| (&person.facts, &person.unknown)).collect()));
        lines.push(format!(
            "  {}{}",
            counted(people.len(), "person", "people"),
            of_read(source, source.staff.as_deref())
        ));
        lines.extend(table(&std::mem::take(&mut rows)));
    }
    if !accounts.is_empty() {
        rows.extend(facts_of_accounts(&accounts).into_iter().map(|(name, tally)| (name.to_owned(), tally)));
        rows.extend(further(accounts.iter().map(|account| (&account.facts, &account.unknown)).collect()));
        lines.push(format!("  {}{}", counted(accounts.len(), "account", "accounts"), of_read(source, of_accounts)));
        lines.extend(table(&rows));
    }
    lines
}

/// The suffix ` of N records read`; empty if the source has no such list.
fn of_read(source: &Source, list: Option<&str>) -> String {
    let list = list.and_then(|list| source.collection(list));
    let records = list.map(|list| list.records + list.excluded + list.rejected.len());
    records.map(|records| format!(" of {} read", counted(records, "record", "records"))).unwrap_or_default()
}

fn facts_of_people<'s>(people: &[&'s Person]) -> Vec<(&'static str, Tally<'s>)> {
    let tally = |name: &'static str, add: &dyn Fn(&mut Tally<'s>, &'s Person, &str)| {
        let mut tally = Tally::default();
        people.iter().for_each(|person| add(&mut tally, person, name));
        (name, tally)
    };
    vec![
        tally("name", &|tally, one, name| tally.add(name, &one.name, &one.unknown)),
        tally("employee_number", &|tally, one, name| tally.add(name, &one.employee_number, &one.unknown)),
        tally("work_email", &|tally, one, name| tally.add(name, &one.work_email, &one.unknown)),
        tally("status", &|tally, one, name| tally.add(name, &one.status, &one.unknown)),
        tally("start_date", &|tally, one, name| tally.add(name, &one.start_date, &one.unknown)),
        tally("end_date", &|tally, one, name| tally.add(name, &one.end_date, &one.unknown)),
        tally("last_working_day", &|tally, one, name| tally.add(name, &one.last_working_day, &one.unknown)),
        tally("job_roles", &|tally, one, name| tally.add(name, &one.job_roles, &one.unknown)),
    ]
}

fn facts_of_accounts<'s>(accounts: &[&'s Account]) -> Vec<(&'static str, Tally<'s>)> {
    let tally = |name: &'static str, add: &dyn Fn(&mut Tally<'s>, &'s Account, &str)| {
        let mut tally = Tally::default();
        accounts.iter().for_each(|account| add(&mut tally, account, name));
        (name, tally)
    };
    vec![
        tally("email", &|tally, one, name| tally.add(name, &one.email, &one.unknown)),
        tally("status", &|tally, one, name| tally.add(name, &one.status, &one.unknown)),
        tally("levels", &|tally, one, name| tally.add(name, &one.levels, &one.unknown)),
        tally("class", &|tally, one, name| tally.add(name, &one.class, &one.unknown)),
        tally("last_login", &|tally, one, name| tally.add(name, &one.last_login, &one.unknown)),
    ]
}

/// The facts that only some sources give, and at least one of these records.
fn further<'s>(records: Vec<(&'s Facts, &'s Unknown)>) -> Vec<(String, Tally<'s>)> {
    let names: BTreeSet<&String> = records.iter().flat_map(|(facts, _)| facts.keys()).collect();
    let row = |name: &String| {
        let key = unknown_key(name);
        let mut tally = Tally::default();
        records.iter().for_each(|(facts, unknown)| tally.add(&key, &declared::fact(facts, name), unknown));
        (name.clone(), tally)
    };
    names.into_iter().map(row).collect()
}

fn table(rows: &[(String, Tally<'_>)]) -> Vec<String> {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let head = format!("    {:<width$}  given   none  unknown", "");
    let row = |(name, tally): &(String, Tally<'_>)| {
        let line = format!(
            "    {name:<width$}  {:>5}  {:>5}  {:>7}  {}",
            tally.given,
            tally.none,
            tally.unknown,
            tally.reason()
        );
        line.trim_end().to_owned()
    };
    std::iter::once(head).chain(rows.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::{Basis, Collection};

    #[test]
    fn a_source_without_the_list_says_nothing_of_its_records() {
        let source = Source {
            id: "x".to_owned(),
            kind: "x".to_owned(),
            endpoint: "x".to_owned(),
            pulled_at: jiff::Timestamp::UNIX_EPOCH,
            pulled_at_assumed: false,
            token_scopes: None,
            staff: None,
            job_roles: None,
            collections: vec![Collection { records: 3, ..Collection::whole("people", Basis::Total) }],
        };
        assert_eq!(of_read(&source, Some("people")), " of 3 records read");
        assert_eq!(of_read(&source, Some("users")), "");
        assert_eq!(of_read(&source, None), "");
    }
}
