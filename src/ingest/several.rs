//! Staff out of several sources: the same person, by the id in the HRIS, is one record.
//!
//! A fact that the first list does not give is that of the next one which gives it. A fact that a list shows and that
//! Tenure cannot read stays unknown, and so does one about which two lists differ.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::same_key::differ;
use crate::{
    diagnostic::{Code, Diagnostic, counted, first_few},
    model::{
        self, Fact, JobRole, Person,
        declared::{FACTS, unknown_key},
        fold::fold,
        snapshot::{LISTED_MANAGER, Unknown},
    },
};

/// By person: the facts about which a list says nothing at all, not even something that cannot be read.
pub type NotGiven = BTreeMap<String, BTreeSet<String>>;

/// The staff list of one source.
#[derive(Debug)]
pub(super) struct StaffList {
    pub(super) source: String,
    pub(super) people: Vec<Person>,
    pub(super) not_given: NotGiven,
    /// The day on which it was pulled.
    pub(super) day: Date,
}

/// The people of several lists, the most authoritative list first.
pub(super) fn join(mut lists: Vec<StaffList>, warnings: &mut Vec<Diagnostic>) -> Vec<Person> {
    if lists.len() == 1 {
        return lists.pop().map(|list| list.people).unwrap_or_default();
    }
    let days: BTreeMap<String, Date> = lists.iter().map(|list| (list.source.clone(), list.day)).collect();
    let mut people: Vec<Person> = Vec::new();
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let mut not_given = NotGiven::new();
    // Fact → the sources that differ in it → people.
    let mut differing: BTreeMap<(&'static str, String, String), Vec<String>> = BTreeMap::new();
    for mut list in lists {
        // One list gives an id once.
        let before = index.clone();
        for person in list.people {
            let id = person.id.clone();
            let lacks = list.not_given.remove(&id).unwrap_or_default();
            let Some(known) = before.get(&id).and_then(|at| people.get_mut(*at)) else {
                index.insert(id.clone(), people.len());
                not_given.insert(id, lacks);
                people.push(person);
                continue;
            };
            let source = person.source.clone();
            let mut join = Join { lacks: not_given.remove(&id).unwrap_or_default(), further: lacks, days: &days };
            for (fact, first) in join.person(known, person) {
                let key = (fact, first, source.clone());
                differing.entry(key).or_default().push(format!("`{id}`"));
            }
            not_given.insert(id, join.lacks);
        }
    }
    for ((fact, first, second), ids) in differing {
        let people = counted(ids.len(), "person", "people");
        let message = format!(
            "the sources `{first}` and `{second}` differ about `{fact}` of {people} ({}), so it is unknown",
            first_few(&ids, ", ")
        );
        warnings.push(Diagnostic::warning(Code::SourcesDiffer, message).help("correct the source that is wrong"));
    }
    people
}

/// How two records of one person are joined.
struct Join<'a> {
    /// What no list so far gives.
    lacks: BTreeSet<String>,
    /// What the further list does not give.
    further: BTreeSet<String>,
    days: &'a BTreeMap<String, Date>,
}

/// What became of a fact.
enum Joined {
    Filled,
    Differs,
    /// The further list shows the fact, and it cannot be read.
    Unreadable,
    Unchanged,
}

impl Join<'_> {
    /// Joins a further record to a known one. Gives the facts in which they differ, each with the source of the known one.
    fn person(&mut self, known: &mut Person, mut further: Person) -> Vec<(&'static str, String)> {
        let mut facts = Facts {
            unknown: std::mem::take(&mut known.unknown),
            supplied: std::mem::take(&mut known.supplied),
            source: known.source.clone(),
            further: further.source.clone(),
            reasons: std::mem::take(&mut further.unknown),
            differing: Vec::new(),
        };
        // A person is written in many ways, and the name links nothing.
        self.fact(&mut facts, "name", &mut known.name, further.name, |_, _| true);
        let number = |one: &String, other: &String| one.trim() == other.trim();
        self.fact(&mut facts, "employee_number", &mut known.employee_number, further.employee_number, number);
        self.fact(&mut facts, "work_email", &mut known.work_email, further.work_email, is_same_text);
        self.fact(&mut facts, "status", &mut known.status, further.status, PartialEq::eq);
        self.fact(&mut facts, "start_date", &mut known.start_date, further.start_date, PartialEq::eq);
        self.fact(&mut facts, "end_date", &mut known.end_date, further.end_date, PartialEq::eq);
        let day = &mut known.last_working_day;
        self.fact(&mut facts, "last_working_day", day, further.last_working_day, PartialEq::eq);
        let manager = |person: &Option<String>, unknown: &Unknown| match person {
            Some(manager) => Fact::Known(manager.clone()),
            None if unknown.contains_key(LISTED_MANAGER) || self.lacks.contains(LISTED_MANAGER) => Fact::Unknown,
            None => Fact::Empty,
        };
        let mut listed = manager(&known.listed_manager, &facts.unknown);
        let other = match (further.listed_manager, self.further.contains(LISTED_MANAGER)) {
            (Some(manager), _) => Fact::Known(manager),
            (None, is_lacking) if is_lacking || facts.reasons.contains_key(LISTED_MANAGER) => Fact::Unknown,
            (None, _) => Fact::Empty,
        };
        self.fact(&mut facts, LISTED_MANAGER, &mut listed, other, PartialEq::eq);
        known.listed_manager = listed.known().cloned();
        let days = [&facts.source_of("job_roles"), &facts.further].map(|source| self.days.get(source).copied());
        if let (Fact::Known(rows), Fact::Known(others), [Some(day), Some(other_day)]) =
            (&mut known.job_roles, &further.job_roles, days)
        {
            let reason = facts.differ("job_roles");
            for fact in differing_roles(rows, day, others, other_day, &reason) {
                facts.differing.push((fact, facts.source_of("job_roles")));
            }
        }
        self.further(&mut facts, &mut known.facts, further.facts);
        // The rows of two histories have ids that the sources do not share.
        self.fact(&mut facts, "job_roles", &mut known.job_roles, further.job_roles, |_, _| true);
        (known.unknown, known.supplied) = (facts.unknown, facts.supplied);
        facts.differing
    }

    /// Joins facts that only some sources give. A list that neither gives one nor says that it cannot be read lacks it.
    fn further(&self, facts: &mut Facts, known: &mut model::Facts, further: model::Facts) {
        for (name, value) in further {
            let key = unknown_key(&name);
            match known.get(&name) {
                Some(one) if *one == value => {}
                Some(_) => {
                    known.remove(&name);
                    let (reason, first) = (facts.differ(&key), facts.source_of(&key));
                    facts.supplied.remove(&key);
                    facts.unknown.insert(key, reason);
                    facts.differing.push(("facts", first));
                }
                None if facts.unknown.contains_key(&key) => {}
                None => {
                    known.insert(name, value);
                    facts.supplied.insert(key, facts.further.clone());
                }
            }
        }
        // As for core facts, a value of the first list stands. What only the further list shows, unreadably, is unknown.
        let unreadable = facts.reasons.iter().filter(|(key, _)| key.starts_with(FACTS));
        for (key, reason) in unreadable {
            let name = key.strip_prefix(FACTS).unwrap_or(key);
            if !known.contains_key(name) {
                facts.unknown.entry(key.clone()).or_insert_with(|| reason.clone());
            }
        }
    }

    fn fact<T>(
        &mut self,
        facts: &mut Facts,
        name: &'static str,
        known: &mut Fact<T>,
        further: Fact<T>,
        is_same: impl Fn(&T, &T) -> bool,
    ) {
        let joined = match (&*known, further) {
            (Fact::Unknown, Fact::Unknown) if self.lacks.contains(name) && !self.further.contains(name) => {
                Joined::Unreadable
            }
            (_, Fact::Unknown) => Joined::Unchanged,
            (Fact::Unknown, further) if self.lacks.contains(name) => {
                *known = further;
                Joined::Filled
            }
            // The list shows something that cannot be read, and it may be something else.
            (Fact::Unknown, _) => Joined::Unchanged,
            (Fact::Known(one), Fact::Known(other)) if is_same(one, &other) => Joined::Unchanged,
            (Fact::Empty, Fact::Empty) => Joined::Unchanged,
            (Fact::Known(_) | Fact::Empty, _) => Joined::Differs,
        };
        match joined {
            Joined::Unchanged => {}
            Joined::Filled => {
                self.lacks.remove(name);
                facts.unknown.remove(name);
                facts.supplied.insert(name.to_owned(), facts.further.clone());
            }
            Joined::Unreadable => {
                self.lacks.remove(name);
                if let Some(reason) = facts.reasons.get(name) {
                    facts.unknown.insert(name.to_owned(), reason.clone());
                }
            }
            Joined::Differs => {
                *known = Fact::Unknown;
                facts.unknown.insert(name.to_owned(), facts.differ(name));
                facts.differing.push((name, facts.source_of(name)));
            }
        }
    }
}

/// The notes of a record on its facts.
struct Facts {
    unknown: Unknown,
    supplied: BTreeMap<String, String>,
    source: String,
    further: String,
    /// Why facts of the further record are unknown.
    reasons: Unknown,
    differing: Vec<(&'static str, String)>,
}

impl Facts {
    /// The source of a fact of the known record.
    fn source_of(&self, fact: &str) -> String {
        self.supplied.get(fact).unwrap_or(&self.source).clone()
    }

    fn differ(&self, fact: &str) -> String {
        differ(&format!("the source `{}`", self.source_of(fact)), &format!("the source `{}`", self.further))
    }
}

#[expect(clippy::ptr_arg, reason = "it compares facts of the type `String`")]
fn is_same_text(one: &String, other: &String) -> bool {
    fold(one) == fold(other)
}

/// Compares what each list says of the job role held on the day it was pulled. What differs becomes unknown.
fn differing_roles(
    rows: &mut [JobRole],
    day: Date,
    others: &[JobRole],
    other_day: Date,
    reason: &str,
) -> Vec<&'static str> {
    let (Some(at), Some(other)) = (current(rows, day), current(others, other_day).and_then(|at| others.get(at))) else {
        return Vec::new();
    };
    let Some(row) = rows.get_mut(at) else { return Vec::new() };
    let mut differing = Vec::new();
    let JobRole { job_title, department, manager, unknown, .. } = row;
    for (name, fact, other) in [
        ("job_title", job_title, &other.job_title),
        ("department", department, &other.department),
        ("manager", manager, &other.manager),
    ] {
        let differs = match (&*fact, other) {
            (Fact::Known(one), Fact::Known(other)) if name == "manager" => one != other,
            (Fact::Known(one), Fact::Known(other)) => !is_same_text(one, other),
            (Fact::Known(_), Fact::Empty) | (Fact::Empty, Fact::Known(_)) => true,
            (Fact::Empty, Fact::Empty) | (Fact::Unknown, _) | (_, Fact::Unknown) => false,
        };
        if differs {
            *fact = Fact::Unknown;
            unknown.insert(name.to_owned(), reason.to_owned());
            differing.push(name);
        }
    }
    differing
}

/// The last row that had begun on a day; none if the first day of a row is unknown or two rows begin on one day.
fn current(rows: &[JobRole], day: Date) -> Option<usize> {
    let mut last: Option<(Date, usize)> = None;
    let mut is_shared = false;
    for (at, row) in rows.iter().enumerate() {
        let begins = *row.effective_date.known()?;
        match last {
            _ if begins > day => {}
            Some((latest, _)) if latest > begins => {}
            Some((latest, _)) if latest == begins => is_shared = true,
            _ => (last, is_shared) = (Some((begins, at)), false),
        }
    }
    last.filter(|_| !is_shared).map(|(_, at)| at)
}

#[cfg(test)]
mod tests;
