//! Several records with one key become one record. Row order does not matter.
//!
//! Equal facts stand. Sets of levels add up. Facts that differ become unknown, and the reason names both places. A
//! fact that is unknown in one record is unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::joined_facts::JoinedRow;
use crate::{
    diagnostic::{Code, Diagnostic, first_few},
    model::{
        AccessRequest, Account, Fact, Facts, LinkHints, Person,
        declared::{FACTS, unknown_key},
        fact::is_written_alike,
        fold::fold,
        snapshot::{LISTED_MANAGER, Unknown},
    },
};

/// A record with the place where it stands, such as `github.csv, line 3`.
pub(crate) type Placed<T> = (String, T);

/// What merging found, for warnings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Fact → the records whose rows differ in it, each with its places.
    differing: BTreeMap<&'static str, Vec<String>>,
    /// Records of several rows that do not differ.
    merged: Vec<String>,
}

impl Findings {
    /// One warning per fact in which rows differ, and one for the rows that were only merged.
    pub(crate) fn warnings(&self, source: &str) -> Vec<Diagnostic> {
        let named = |records: &[String]| first_few(records, "; ");
        let mut warnings: Vec<Diagnostic> = self
            .differing
            .iter()
            .map(|(fact, records)| {
                let message = format!("{source}: records with one key differ in `{fact}`: {}", named(records));
                Diagnostic::warning(Code::RecordsDiffer, message)
                    .help("the fact is unknown, and so is every verdict that needs it; correct the export")
            })
            .collect();
        if !self.merged.is_empty() {
            let message = format!("{source}: records with one key were merged: {}", named(&self.merged));
            let help = "their levels add up; a fact that one of the records does not give is unknown";
            warnings.push(Diagnostic::warning(Code::RecordsMerged, message).help(help));
        }
        warnings
    }

    fn note<T>(&mut self, id: &str, rows: &[Placed<T>], differing: &[&'static str]) {
        let places: Vec<&str> = rows.iter().map(|(place, _)| place.as_str()).collect();
        let record = format!("`{id}` ({})", places.join(" and "));
        if differing.is_empty() {
            self.merged.push(record);
            return;
        }
        for fact in differing {
            self.differing.entry(fact).or_default().push(record.clone());
        }
    }
}

/// Merges accounts of one id.
pub(crate) fn accounts(rows: Vec<Placed<Account>>, findings: &mut Findings) -> Vec<Account> {
    groups(rows, |account| account.id.clone()).into_iter().filter_map(|rows| account(rows, findings)).collect()
}

/// Merges people of one id.
pub(crate) fn people(rows: Vec<Placed<Person>>, findings: &mut Findings) -> Vec<Person> {
    groups(rows, |person| person.id.clone()).into_iter().filter_map(|rows| person(rows, findings)).collect()
}

/// Merges rows of facts of one person.
pub(crate) fn joined_rows(rows: Vec<Placed<JoinedRow>>, findings: &mut Findings) -> Vec<JoinedRow> {
    let merged = |mut rows: Vec<Placed<JoinedRow>>| {
        let mut one = match base(&mut rows)? {
            Ok(only) => return Some(only),
            Err(first) => first,
        };
        let mut merge = Merge::new(&rows, |person: &JoinedRow| &person.unknown);
        one.facts = merge.further(|person| &person.facts);
        findings.note(&one.key, &rows, &merge.differing);
        one.unknown = merge.unknown;
        Some(one)
    };
    groups(rows, |person| person.key.clone()).into_iter().filter_map(merged).collect()
}

/// Merges access requests of one id and system; several rows grant the levels that every row's status allows.
pub(crate) fn access_requests(rows: Vec<Placed<AccessRequest>>, findings: &mut Findings) -> Vec<AccessRequest> {
    groups(rows, |request| request.id.clone()).into_iter().filter_map(|rows| request(rows, findings)).collect()
}

/// Records by key, in the order in which the keys come first.
fn groups<T>(rows: Vec<Placed<T>>, key: impl Fn(&T) -> String) -> Vec<Vec<Placed<T>>> {
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Placed<T>>> = Vec::new();
    for row in rows {
        let next = groups.len();
        let index = *at.entry(key(&row.1)).or_insert(next);
        match groups.get_mut(index) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// The only record, or a copy of the first for the merged facts.
fn base<T: Clone>(rows: &mut Vec<Placed<T>>) -> Option<Result<T, T>> {
    if rows.len() == 1 {
        return rows.pop().map(|(_, only)| Ok(only));
    }
    rows.first().map(|(_, first)| Err(first.clone()))
}

fn account(mut rows: Vec<Placed<Account>>, findings: &mut Findings) -> Option<Account> {
    let mut one = match base(&mut rows)? {
        Ok(only) => return Some(only),
        Err(first) => first,
    };
    let mut merge = Merge::new(&rows, |account: &Account| &account.unknown);
    one.email = merge.text("email", |account| &account.email, |text| fold(text).into_owned());
    one.status = merge.fact("status", |account| &account.status);
    one.levels = merge.set("levels", |account| &account.levels);
    one.class = merge.fact("class", |account| &account.class);
    one.last_login = merge.fact("last_login", |account| &account.last_login);
    one.facts = merge.further(|account| &account.facts);
    // Rows that name different holders leave open whose the account is, whatever address they share.
    one.person = merge.option("email", |account| &account.person);
    let mut addresses: Vec<String> = rows.iter().flat_map(|(_, account)| &account.hints.addresses).cloned().collect();
    one.hints = LinkHints {
        external_id: merge.option("email", |account| &account.hints.external_id),
        employee_number: merge.option("email", |account| &account.hints.employee_number),
        addresses: Vec::new(),
        manager: merge.option("", |account| &account.hints.manager),
    };
    if merge.unknown.contains_key("email") {
        one.email = Fact::Unknown;
        addresses.extend(rows.iter().filter_map(|(_, account)| account.email.known()).cloned());
    }
    addresses.sort();
    addresses.dedup();
    one.hints.addresses = addresses;
    findings.note(&one.id, &rows, &merge.differing);
    one.unknown = merge.unknown;
    Some(one)
}

fn person(mut rows: Vec<Placed<Person>>, findings: &mut Findings) -> Option<Person> {
    let mut one = match base(&mut rows)? {
        Ok(only) => return Some(only),
        Err(first) => first,
    };
    let mut merge = Merge::new(&rows, |person: &Person| &person.unknown);
    one.name = merge.fact("name", |person| &person.name);
    one.employee_number = merge.fact("employee_number", |person| &person.employee_number);
    one.work_email = merge.text("work_email", |person| &person.work_email, |text| fold(text).into_owned());
    one.status = merge.fact("status", |person| &person.status);
    one.start_date = merge.fact("start_date", |person| &person.start_date);
    one.end_date = merge.fact("end_date", |person| &person.end_date);
    one.last_working_day = merge.fact("last_working_day", |person| &person.last_working_day);
    one.job_roles = merge.fact("job_roles", |person| &person.job_roles);
    one.facts = merge.further(|person| &person.facts);
    one.listed_manager = merge.option(LISTED_MANAGER, |person| &person.listed_manager);
    if let Some(reason) = rows.iter().find_map(|(_, person)| person.unknown.get(LISTED_MANAGER)) {
        merge.unknown.insert(LISTED_MANAGER.to_owned(), reason.clone());
        one.listed_manager = None;
    }
    findings.note(&one.id, &rows, &merge.differing);
    one.unknown = merge.unknown;
    Some(one)
}

fn request(mut rows: Vec<Placed<AccessRequest>>, findings: &mut Findings) -> Option<AccessRequest> {
    let mut one = match base(&mut rows)? {
        Ok(only) => return Some(only),
        Err(first) => first,
    };
    let mut merge = Merge::new(&rows, |request: &AccessRequest| &request.unknown);
    one.person = merge.text("person", |request| &request.person, |text| fold(text).into_owned());
    one.status = merge.fact("status", |request| &request.status);
    one.created = merge.fact("created", |request| &request.created);
    one.expires = merge.fact("expires", |request| &request.expires);
    one.levels = rows.iter().flat_map(|(_, request)| &request.levels).cloned().collect();
    one.levels.sort();
    one.levels.dedup();
    // A request for several systems cannot be told from one of them: nothing that it says is taken for granted.
    if let Some(reason) = merge.difference(|one, other| one.system == other.system) {
        for fact in ["person", "status"] {
            merge.unknown.insert(fact.to_owned(), reason.clone());
        }
        (one.person, one.status) = (Fact::Unknown, Fact::Unknown);
        merge.differing.push("system");
    }
    findings.note(&one.id, &rows, &merge.differing);
    one.unknown = merge.unknown;
    Some(one)
}

/// The facts of several records, one after another.
struct Merge<'r, T> {
    rows: &'r [Placed<T>],
    reasons: fn(&T) -> &Unknown,
    unknown: Unknown,
    differing: Vec<&'static str>,
}

impl<'r, T> Merge<'r, T> {
    fn new(rows: &'r [Placed<T>], reasons: fn(&T) -> &Unknown) -> Self {
        Merge { rows, reasons, unknown: Unknown::new(), differing: Vec::new() }
    }

    /// Why records differ, by the first place and the first one that differs from it.
    fn difference(&self, same: impl Fn(&T, &T) -> bool) -> Option<String> {
        let (place, first) = self.rows.first()?;
        let (other, _) = self.rows.iter().find(|(_, row)| !same(first, row))?;
        Some(differ(place, other))
    }

    /// Why a fact is unknown, if it is in any record.
    fn unreadable<V>(&self, fact: &str, get: impl Fn(&T) -> &Fact<V>) -> Option<String> {
        let unknown: Vec<&Placed<T>> = self.rows.iter().filter(|(_, row)| get(row).is_unknown()).collect();
        let reason = |row: &T| (self.reasons)(row).get(fact).cloned().unwrap_or_else(|| format!("`{fact}` is unknown"));
        let (place, row) = unknown.first()?;
        let first = reason(row);
        let is_of_all = unknown.len() == self.rows.len() && unknown.iter().all(|(_, row)| reason(row) == first);
        Some(if is_of_all { first } else { format!("{place}: {first}") })
    }

    fn fact<V: Serialize + Clone>(&mut self, fact: &'static str, get: impl Fn(&T) -> &Fact<V>) -> Fact<V> {
        self.fact_by(fact, &get, is_written_alike)
    }

    /// A text that is the same in another case; the smallest spelling stands.
    fn text(
        &mut self,
        fact: &'static str,
        get: impl Fn(&T) -> &Fact<String>,
        fold: impl Fn(&str) -> String,
    ) -> Fact<String> {
        match self.fact_by(fact, &get, |one: &String, other| fold(one) == fold(other)) {
            Fact::Known(text) => {
                Fact::Known(self.rows.iter().filter_map(|(_, row)| get(row).known()).min().cloned().unwrap_or(text))
            }
            other => other,
        }
    }

    fn fact_by<V: Clone>(
        &mut self,
        fact: &'static str,
        get: &impl Fn(&T) -> &Fact<V>,
        same: impl Fn(&V, &V) -> bool,
    ) -> Fact<V> {
        let differ = self.difference(|one, other| match (get(one), get(other)) {
            (Fact::Known(one), Fact::Known(other)) => same(one, other),
            (Fact::Empty, Fact::Empty) => true,
            // What one record does not know is weighed below.
            (Fact::Unknown, _) | (_, Fact::Unknown) => true,
            (Fact::Known(_), Fact::Empty) | (Fact::Empty, Fact::Known(_)) => false,
        });
        if let Some(reason) = self.unreadable(fact, get) {
            self.unknown.insert(fact.to_owned(), reason);
            return Fact::Unknown;
        }
        if let Some(reason) = differ {
            self.unknown.insert(fact.to_owned(), reason);
            self.differing.push(fact);
            return Fact::Unknown;
        }
        self.rows.first().map_or(Fact::Unknown, |(_, row)| get(row).clone())
    }

    fn set(&mut self, fact: &'static str, get: impl Fn(&T) -> &Fact<Vec<String>>) -> Fact<Vec<String>> {
        if let Some(reason) = self.unreadable(fact, &get) {
            self.unknown.insert(fact.to_owned(), reason);
            return Fact::Unknown;
        }
        let mut all: Vec<String> =
            self.rows.iter().filter_map(|(_, row)| get(row).known()).flatten().cloned().collect();
        all.sort();
        all.dedup();
        Fact::Known(all)
    }

    /// Facts that only some sources give. One that a record does not give is unknown.
    fn further(&mut self, get: impl Fn(&T) -> &Facts) -> Facts {
        let names: BTreeSet<&String> = self.rows.iter().flat_map(|(_, row)| get(row).keys()).collect();
        let mut facts = Facts::new();
        for name in names {
            let key = unknown_key(name);
            let silent = self.rows.iter().find(|(_, row)| !get(row).contains_key(name));
            let reason = match silent {
                Some((place, row)) => {
                    let own = (self.reasons)(row).get(&key).cloned();
                    Some(own.unwrap_or_else(|| format!("{place} does not give it")))
                }
                None => self.difference(|one, other| get(one).get(name) == get(other).get(name)),
            };
            match (reason, self.rows.first()) {
                (Some(reason), _) => {
                    if silent.is_none() && !self.differing.contains(&"facts") {
                        self.differing.push("facts");
                    }
                    self.unknown.insert(key, reason);
                }
                (None, Some((_, first))) => _ = facts.insert(name.clone(), get(first).get(name).cloned().flatten()),
                (None, None) => {}
            }
        }
        // What no record gives may be unreadable in one of them.
        for (_, row) in self.rows {
            let reasons = (self.reasons)(row).iter().filter(|(key, _)| key.starts_with(FACTS));
            for (key, reason) in reasons {
                self.unknown.entry(key.clone()).or_insert_with(|| reason.clone());
            }
        }
        facts
    }

    /// A text that cannot be unknown: if records differ, it is dropped and the fact `instead` is unknown.
    fn option(&mut self, instead: &'static str, get: impl Fn(&T) -> &Option<String>) -> Option<String> {
        match self.difference(|one, other| get(one) == get(other)) {
            None => self.rows.first().and_then(|(_, row)| get(row).clone()),
            Some(_) if instead.is_empty() => None,
            Some(reason) => {
                self.unknown.entry(instead.to_owned()).or_insert(reason);
                if !self.differing.contains(&instead) {
                    self.differing.push(instead);
                }
                None
            }
        }
    }
}

/// The reason for a fact in which two records differ.
pub(crate) fn differ(one: &str, other: &str) -> String {
    format!("{one} and {other} differ")
}

#[cfg(test)]
mod tests;
