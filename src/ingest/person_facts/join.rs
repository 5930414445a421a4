//! Joins facts to people by a key.

use std::collections::BTreeMap;

use super::{FactsOfPerson, PersonFacts};
use crate::{
    diagnostic::{Code, Diagnostic, counted, first_few},
    ingest::{mapping::PersonKey, same_key::differ},
    model::{Fact, FactValue, Person, Snapshot, declared::unknown_key, fold::fold},
};

impl PersonFacts {
    /// Gives people their facts. Rows that belong to no single person are a warning.
    pub(in crate::ingest) fn join(self, source: &str, snapshot: &mut Snapshot, warnings: &mut Vec<Diagnostic>) {
        let list = snapshot.source(source).and_then(|source| source.collections.first());
        let is_complete = list.is_some_and(|list| list.complete);
        let mut of_key: BTreeMap<String, usize> = BTreeMap::new();
        let mut unknown_key_of = None;
        for person in &snapshot.people {
            match self.key(person) {
                Fact::Known(key) => *of_key.entry(key).or_default() += 1,
                Fact::Empty => {}
                Fact::Unknown => unknown_key_of = unknown_key_of.or_else(|| Some(person.id.clone())),
            }
        }
        let rows: BTreeMap<&str, &FactsOfPerson> = self.people.iter().map(|row| (row.key.as_str(), row)).collect();
        for person in &mut snapshot.people {
            let key = self.key(person);
            for name in &self.names {
                let given = match &key {
                    Fact::Unknown => Err(format!("`{}` is unknown, so the row of `{source}` is too", self.by)),
                    Fact::Known(key) if of_key.get(key).is_some_and(|count| *count > 1) => {
                        Err(format!("several people have the {} of the row of `{source}`", self.by))
                    }
                    Fact::Known(key) if let Some(row) = rows.get(key.as_str()) => match &unknown_key_of {
                        // Any row may be theirs, too.
                        Some(id) => Err(format!(
                            "the {} of `{id}` is unknown and may be that of the row; join by `id`",
                            self.by
                        )),
                        None => row.value(name, source),
                    },
                    Fact::Known(_) | Fact::Empty => self.absent(source, is_complete),
                };
                give(person, name, given, source);
            }
        }
        let is_stray = |row: &&FactsOfPerson| of_key.get(&row.key).is_none_or(|count| *count != 1);
        let stray: Vec<String> = self.people.iter().filter(is_stray).map(|row| format!("`{}`", row.key)).collect();
        if !stray.is_empty() {
            let rows = counted(stray.len(), "row belongs", "rows belong");
            let message =
                format!("{source}: {rows} to no single person of the staff list: {}", first_few(&stray, ", "));
            let help = "correct the key in the file, or the person in the staff list";
            warnings.push(Diagnostic::warning(Code::UnmatchedFacts, message).help(help));
        }
    }

    fn key(&self, person: &Person) -> Fact<String> {
        let folded = |text: &String| fold(text).into_owned();
        match self.by {
            PersonKey::WorkEmail => person.work_email.as_ref().map(folded),
            PersonKey::Id => Fact::Known(folded(&person.id)),
            PersonKey::EmployeeNumber => person.employee_number.as_ref().map(folded),
        }
    }

    /// The value of a person without a row.
    fn absent(&self, source: &str, is_complete: bool) -> Result<Option<FactValue>, String> {
        match &self.absent {
            Some(value) if is_complete => Ok(value.clone()),
            Some(_) => Err(format!("`{source}` has no row for the person, and it is incomplete")),
            None => Err(format!("`{source}` has no row for the person")),
        }
    }
}

impl FactsOfPerson {
    fn value(&self, name: &str, source: &str) -> Result<Option<FactValue>, String> {
        let unreadable = || self.unknown.get(&unknown_key(name)).cloned();
        let value = self.facts.get(name).cloned();
        value.ok_or_else(|| unreadable().unwrap_or_else(|| format!("`{source}` does not give it")))
    }
}

/// Gives a person a fact, or the reason why it is unknown. What another source says differently is unknown.
fn give(person: &mut Person, name: &str, given: Result<Option<FactValue>, String>, source: &str) {
    let key = unknown_key(name);
    if person.unknown.contains_key(&key) {
        return;
    }
    let known = person.facts.get(name);
    let reason = match (known, given) {
        (None, Ok(value)) => {
            person.facts.insert(name.to_owned(), value);
            person.supplied.insert(key, source.to_owned());
            return;
        }
        (Some(known), Ok(value)) if *known == value => return,
        (Some(_), Ok(_)) => {
            let first = person.supplied.get(&key).unwrap_or(&person.source);
            differ(&format!("the source `{first}`"), &format!("the source `{source}`"))
        }
        (_, Err(reason)) => reason,
    };
    person.facts.remove(name);
    person.supplied.remove(&key);
    person.unknown.insert(key, reason);
}
