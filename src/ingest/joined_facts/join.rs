//! Joins facts to records by a key.

use std::collections::BTreeMap;

use super::{JoinKey, JoinedFacts, JoinedRow};
use crate::{
    diagnostic::{Code, Diagnostic, counted, first_few},
    ingest::{
        mapping::{AccountKey, PersonKey},
        same_key::differ,
    },
    model::{Account, Fact, FactValue, Facts, Person, Snapshot, declared::unknown_key, fold::fold, snapshot::Unknown},
};

/// What facts are joined to.
trait JoinTarget {
    /// The key, folded.
    fn key(&self, by: &JoinKey) -> Fact<String>;
    fn id(&self) -> String;
    fn facts(&mut self) -> TargetFacts<'_>;
}

/// The parts of a record that facts are put into.
struct TargetFacts<'r> {
    facts: &'r mut Facts,
    unknown: &'r mut Unknown,
    supplied: &'r mut BTreeMap<String, String>,
    source: &'r str,
}

impl JoinTarget for Person {
    fn key(&self, by: &JoinKey) -> Fact<String> {
        let folded = |text: &String| fold(text).into_owned();
        match by {
            JoinKey::Person(PersonKey::WorkEmail) => self.work_email.as_ref().map(folded),
            JoinKey::Person(PersonKey::Id) => Fact::Known(folded(&self.id)),
            JoinKey::Person(PersonKey::EmployeeNumber) => self.employee_number.as_ref().map(folded),
            JoinKey::Account(..) => Fact::Empty,
        }
    }

    fn id(&self) -> String {
        self.id.clone()
    }

    fn facts(&mut self) -> TargetFacts<'_> {
        TargetFacts {
            facts: &mut self.facts,
            unknown: &mut self.unknown,
            supplied: &mut self.supplied,
            source: &self.source,
        }
    }
}

impl JoinTarget for Account {
    fn key(&self, by: &JoinKey) -> Fact<String> {
        let folded = |text: &String| fold(text).into_owned();
        match by {
            JoinKey::Account(_, AccountKey::Id) => Fact::Known(folded(&self.id)),
            JoinKey::Account(_, AccountKey::Email) => self.email.as_ref().map(folded),
            JoinKey::Person(_) => Fact::Empty,
        }
    }

    fn id(&self) -> String {
        format!("{}/{}", self.system, self.id)
    }

    fn facts(&mut self) -> TargetFacts<'_> {
        TargetFacts {
            facts: &mut self.facts,
            unknown: &mut self.unknown,
            supplied: &mut self.supplied,
            source: &self.source,
        }
    }
}

/// The words for the records and the key.
struct Words {
    one: &'static str,
    several: &'static str,
    list: String,
    key: &'static str,
    by: &'static str,
}

impl JoinedFacts {
    /// Gives records their facts. Rows that belong to no single record are a warning.
    pub(in crate::ingest) fn join(self, source: &str, snapshot: &mut Snapshot, warnings: &mut Vec<Diagnostic>) {
        let list = snapshot.source(source).and_then(|source| source.collections.first());
        let is_complete = list.is_some_and(|list| list.complete);
        match &self.by {
            JoinKey::Person(key) => {
                let (one, several, list) = ("person", "people", "the staff list".to_owned());
                let words = Words { one, several, list, key: key.word(), by: "id" };
                self.join_to(source, is_complete, snapshot.people.iter_mut().collect(), &words, warnings);
            }
            JoinKey::Account(system, key) => {
                let (one, several, list) = ("account", "accounts", format!("`{system}`"));
                let words = Words { one, several, list, key: key.word(), by: "id" };
                let accounts = snapshot.accounts.iter_mut().filter(|account| account.system == *system);
                self.join_to(source, is_complete, accounts.collect(), &words, warnings);
            }
        }
    }

    fn join_to<R: JoinTarget>(
        &self,
        source: &str,
        is_complete: bool,
        mut records: Vec<&mut R>,
        words: &Words,
        warnings: &mut Vec<Diagnostic>,
    ) {
        let Words { one, several, list, key: by, .. } = words;
        let mut of_key: BTreeMap<String, usize> = BTreeMap::new();
        let mut unknown_key_of = None;
        for record in &records {
            match record.key(&self.by) {
                Fact::Known(key) => *of_key.entry(key).or_default() += 1,
                Fact::Empty => {}
                Fact::Unknown => unknown_key_of = unknown_key_of.or_else(|| Some(record.id())),
            }
        }
        let rows: BTreeMap<&str, &JoinedRow> = self.rows.iter().map(|row| (row.key.as_str(), row)).collect();
        for record in &mut records {
            let key = record.key(&self.by);
            for name in &self.names {
                let given = match &key {
                    Fact::Unknown => Err(format!("`{by}` is unknown, so the row of `{source}` is too")),
                    Fact::Known(key) if of_key.get(key).is_some_and(|count| *count > 1) => {
                        Err(format!("several {several} have the {by} of the row of `{source}`"))
                    }
                    Fact::Known(key) if let Some(row) = rows.get(key.as_str()) => match &unknown_key_of {
                        // Any row may be theirs, too.
                        Some(id) => Err(format!(
                            "the {by} of `{id}` is unknown and may be that of the row; join by `{}`",
                            words.by
                        )),
                        None => row.value(name, source),
                    },
                    Fact::Known(_) | Fact::Empty => self.absent(source, is_complete, one),
                };
                give(record.facts(), name, given, source);
            }
        }
        let is_stray = |row: &&JoinedRow| of_key.get(&row.key).is_none_or(|count| *count != 1);
        let stray: Vec<String> = self.rows.iter().filter(is_stray).map(|row| format!("`{}`", row.key)).collect();
        if !stray.is_empty() {
            let rows = counted(stray.len(), "row belongs", "rows belong");
            let message = format!("{source}: {rows} to no single {one} of {list}: {}", first_few(&stray, ", "));
            let help = format!("correct the key in the file, or the {one} in {list}");
            warnings.push(Diagnostic::warning(Code::UnmatchedFacts, message).help(help));
        }
    }

    /// The value of a record without a row.
    fn absent(&self, source: &str, is_complete: bool, one: &str) -> Result<Option<FactValue>, String> {
        match &self.absent {
            Some(value) if is_complete => Ok(value.clone()),
            Some(_) => Err(format!("`{source}` has no row for the {one}, and it is incomplete")),
            None => Err(format!("`{source}` has no row for the {one}")),
        }
    }
}

impl JoinedRow {
    fn value(&self, name: &str, source: &str) -> Result<Option<FactValue>, String> {
        let unreadable = || self.unknown.get(&unknown_key(name)).cloned();
        let value = self.facts.get(name).cloned();
        value.ok_or_else(|| unreadable().unwrap_or_else(|| format!("`{source}` does not give it")))
    }
}

/// Gives a record a fact, or the reason why it is unknown. What another source says differently is unknown.
fn give(to: TargetFacts<'_>, name: &str, given: Result<Option<FactValue>, String>, source: &str) {
    let key = unknown_key(name);
    if to.unknown.contains_key(&key) {
        return;
    }
    let known = to.facts.get(name);
    let reason = match (known, given) {
        (None, Ok(value)) => {
            to.facts.insert(name.to_owned(), value);
            to.supplied.insert(key, source.to_owned());
            return;
        }
        (Some(known), Ok(value)) if *known == value => return,
        (Some(_), Ok(_)) => {
            let first = to.supplied.get(&key).map_or(to.source, String::as_str);
            differ(&format!("the source `{first}`"), &format!("the source `{source}`"))
        }
        (_, Err(reason)) => reason,
    };
    to.facts.remove(name);
    to.supplied.remove(&key);
    to.unknown.insert(key, reason);
}
