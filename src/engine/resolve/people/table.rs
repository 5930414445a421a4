//! Staff, compactly: a row of numbers a person, and all texts in one place. A million people fit in 200 MiB.

use std::{collections::BTreeMap, hash::BuildHasher, sync::Arc};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use jiff::{Timestamp, civil::Date};

use super::{
    super::{ManagerIssue, Reasons, texts::Symbols},
    row::{Number, Row, TEXTS},
};
use crate::{
    bundle::PersonMapping,
    model::{EmploymentStatus, Fact},
};

/// A person as of the day.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedPerson<'s> {
    /// The id in the HRIS.
    pub id: &'s str,
    /// Name for people.
    pub name: Fact<&'s str>,
    /// Work e-mail address as given.
    pub work_email: Fact<&'s str>,
    /// The number that the HRIS shows for the person.
    pub employee_number: Fact<&'s str>,
    /// The sources of the person's facts.
    pub sources: &'s Supply,
    /// Whether the checks asked of people apply.
    pub in_scope: bool,
    /// What the bundle declares that puts the person out of scope.
    pub out_of_scope: Option<&'s PersonMapping>,
    /// Employment status on the day.
    pub status: Fact<EmploymentStatus>,
    /// First day of employment.
    pub start_date: Fact<Date>,
    /// Last day of employment.
    pub end_date: Fact<Date>,
    /// The id of the job role in effect.
    pub job_role: Option<&'s str>,
    /// Its title.
    pub job_title: Fact<&'s str>,
    /// Its department.
    pub department: Fact<&'s str>,
    /// The reporting manager, as an index into the people.
    pub manager: Fact<usize>,
    /// What is wrong with the reporting line.
    pub manager_issue: Fact<ManagerIssue>,
    /// Org roles, as indices into the bundle's.
    pub org_roles: Fact<&'s [usize]>,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: &'s Reasons,
}

/// Where a person's facts are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The source of the record.
    pub source: String,
    /// Facts that another source supplied: fact name to source id.
    pub supplied: BTreeMap<String, String>,
    /// When the oldest of them was pulled.
    pub listed_at: Option<Timestamp>,
}

impl Supply {
    /// The source of a fact.
    #[must_use]
    pub fn of(&self, fact: &str) -> &str {
        self.supplied.get(fact).unwrap_or(&self.source)
    }
}

/// A person on the way into the table.
pub(in crate::engine::resolve) struct Entry<'r> {
    pub(in crate::engine::resolve) id: &'r str,
    pub(in crate::engine::resolve) name: Fact<&'r str>,
    pub(in crate::engine::resolve) work_email: Fact<&'r str>,
    pub(in crate::engine::resolve) employee_number: Fact<&'r str>,
    pub(in crate::engine::resolve) job_role: Option<&'r str>,
    pub(in crate::engine::resolve) job_title: Fact<&'r str>,
    pub(in crate::engine::resolve) department: Fact<&'r str>,
    pub(in crate::engine::resolve) org_roles: Fact<Arc<[usize]>>,
    pub(in crate::engine::resolve) source: &'r str,
    pub(in crate::engine::resolve) supplied: &'r BTreeMap<String, String>,
    pub(in crate::engine::resolve) listed_at: Option<Timestamp>,
    pub(in crate::engine::resolve) in_scope: bool,
    /// As an index into the bundle's declarations.
    pub(in crate::engine::resolve) out_of_scope: Option<usize>,
    pub(in crate::engine::resolve) status: Fact<EmploymentStatus>,
    pub(in crate::engine::resolve) start_date: Fact<Date>,
    pub(in crate::engine::resolve) end_date: Fact<Date>,
    /// Whom the reporting line names.
    pub(in crate::engine::resolve) manager: Fact<&'r str>,
    pub(in crate::engine::resolve) unknown: Reasons,
}

/// Staff as of the day, by id.
#[derive(Debug, Default)]
pub struct People<'a> {
    pub(in crate::engine::resolve) rows: Vec<Row>,
    texts: String,
    titles: Symbols,
    departments: Symbols,
    org_roles: Vec<Arc<[usize]>>,
    org_role_numbers: HashMap<Arc<[usize]>, u32>,
    supplies: Vec<Supply>,
    declared: &'a [PersonMapping],
    /// Whom each reporting line names, until the lines are resolved.
    pub(in crate::engine::resolve) named: Vec<Fact<(usize, u32)>>,
    named_texts: String,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<'a> People<'a> {
    /// Nobody yet; `declared` is what the bundle declares of people.
    pub(in crate::engine::resolve) fn new(declared: &'a [PersonMapping]) -> Self {
        People { declared, ..People::default() }
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The person at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<ResolvedPerson<'_>> {
        let row = self.rows.get(index)?;
        let [id, name, work_email, employee_number, job_role] = self.texts_of(row);
        let text = |bit: u8, text| match (row.empty & bit, row.unknown_texts & bit) {
            (0, 0) => Fact::Known(text),
            (0, _) => Fact::Unknown,
            _ => Fact::Empty,
        };
        let declared = row.out_of_scope.index().known().copied();
        Some(ResolvedPerson {
            id,
            name: text(1, name),
            work_email: text(2, work_email),
            employee_number: text(4, employee_number),
            sources: self.supplies.get(usize::try_from(row.sources).ok()?)?,
            in_scope: row.in_scope,
            out_of_scope: declared.and_then(|index| self.declared.get(index)),
            status: row.status,
            start_date: row.start_date,
            end_date: row.end_date,
            job_role: (row.empty & 8 == 0).then_some(job_role),
            job_title: row.job_title.fact().map(|number| self.titles.text(number).unwrap_or_default()),
            department: row.department.fact().map(|number| self.departments.text(number).unwrap_or_default()),
            manager: row.manager.index(),
            manager_issue: row.manager_issue,
            org_roles: row.org_roles.index().map(|set| self.org_roles.get(set).map_or(&[][..], |set| &**set)),
            unknown: row.unknown(),
        })
    }

    /// What is kept of the person at an index.
    pub(in crate::engine) fn row(&self, index: usize) -> Option<&Row> {
        self.rows.get(index)
    }

    /// Of how many the work e-mail address is unknown, and of how many the number.
    pub(in crate::engine::resolve) fn without_address_and_number(&self) -> (usize, usize) {
        let unknown = |bit: u8| self.rows.iter().filter(|row| row.unknown_texts & bit != 0).count();
        (unknown(2), unknown(4))
    }

    /// The id of a row.
    pub(in crate::engine) fn row_id(&self, row: &Row) -> &str {
        let [length, ..] = row.lengths;
        slice(&self.texts, row.begin, length)
    }

    /// The job title of a row, where there is one.
    pub(in crate::engine) fn row_title(&self, row: &Row) -> Option<&str> {
        self.titles.text(*row.job_title.fact().known()?)
    }

    /// The department of a row, where there is one.
    pub(in crate::engine) fn row_department(&self, row: &Row) -> Option<&str> {
        self.departments.text(*row.department.fact().known()?)
    }

    /// The work e-mail address of a row, where there is one.
    pub(in crate::engine) fn row_address(&self, row: &Row) -> Option<&str> {
        let [_, _, address, ..] = self.texts_of(row);
        ((row.empty | row.unknown_texts) & 2 == 0).then_some(address)
    }

    /// When the person of a row was listed.
    pub(in crate::engine) fn row_listed_at(&self, row: &Row) -> Option<Timestamp> {
        self.supplies.get(usize::try_from(row.sources).ok()?)?.listed_at
    }

    /// The org roles of a row, as indices into the bundle's; none where they are unknown.
    pub(in crate::engine) fn row_org_roles(&self, row: &Row) -> &[usize] {
        let set = row.org_roles.index().known().and_then(|set| self.org_roles.get(*set));
        set.map_or(&[], |set| &**set)
    }

    /// Everybody, by id.
    pub fn iter(&self) -> impl Iterator<Item = ResolvedPerson<'_>> {
        (0..self.rows.len()).filter_map(|index| self.get(index))
    }

    /// The index of the person of this HRIS id.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<usize> {
        let same = |number: &u32| self.id(*number) == Some(id);
        let found = self.by_id.find(self.hasher.hash_one(id), same)?;
        usize::try_from(*found).ok()
    }

    /// Every department, by number.
    pub(in crate::engine) fn departments(&self) -> impl Iterator<Item = &str> {
        self.departments.all()
    }

    /// Whom the reporting line of the person at an index names.
    pub(in crate::engine::resolve) fn named(&self, index: usize) -> Fact<&str> {
        let named = self.named.get(index).cloned().unwrap_or_default();
        named.map(|(begin, length)| slice(&self.named_texts, begin, length))
    }

    /// The reporting lines are resolved.
    pub(in crate::engine::resolve) fn forget_named(&mut self) {
        self.named = Vec::new();
        self.named_texts = String::new();
    }

    fn id(&self, number: u32) -> Option<&str> {
        Some(self.row_id(self.rows.get(usize::try_from(number).ok()?)?))
    }

    fn texts_of(&self, row: &Row) -> [&str; TEXTS] {
        let mut begin = row.begin;
        row.lengths.map(|length| {
            let text = slice(&self.texts, begin, length);
            begin += text.len();
            text
        })
    }

    /// Puts somebody at the end.
    pub(in crate::engine::resolve) fn push(&mut self, entry: Entry<'_>) {
        let texts = [&entry.name, &entry.work_email, &entry.employee_number];
        let bits = |state: fn(&Fact<&str>) -> bool| {
            let bits = [1, 2, 4].into_iter().zip(texts);
            bits.filter(|(_, text)| state(text)).fold(0, |all, (bit, _)| all | bit)
        };
        let empty = bits(|text| *text == Fact::Empty) | if entry.job_role.is_none() { 8 } else { 0 };
        let unknown_texts = bits(|text| text.is_unknown());
        let begin = self.texts.len();
        let [name, work_email, number] = texts.map(|text| text.known().copied().unwrap_or_default());
        let lengths = [entry.id, name, work_email, number, entry.job_role.unwrap_or_default()].map(|text| {
            // No field of a snapshot is four gigabytes long.
            let text = text.get(..text.len().min(u32::MAX as usize)).unwrap_or_default();
            self.texts.push_str(text);
            text.len() as u32
        });
        let job_title = Number::new(&entry.job_title.map(|title| self.titles.number(title)));
        let department = Number::new(&entry.department.map(|name| self.departments.number(name)));
        let org_roles = Number::new(&entry.org_roles.map(|roles| self.org_role_set(roles)));
        let sources = self.supply(entry.source, entry.supplied, entry.listed_at);
        let manager = entry.manager.map(|id| {
            let begin = self.named_texts.len();
            self.named_texts.push_str(id);
            (begin, id.len() as u32)
        });
        self.named.push(manager);
        self.rows.push(Row {
            begin,
            lengths,
            empty,
            unknown_texts,
            in_scope: entry.in_scope,
            status: entry.status,
            manager_issue: Fact::Empty,
            start_date: entry.start_date,
            end_date: entry.end_date,
            manager: Number::new(&Fact::Empty),
            job_title,
            department,
            org_roles,
            sources,
            out_of_scope: Number::new(&entry.out_of_scope.and_then(|index| u32::try_from(index).ok()).into()),
            unknown: (!entry.unknown.is_empty()).then(|| Box::new(entry.unknown)),
        });
    }

    /// Puts others at the end; false where that would not be in the order of their ids.
    pub(in crate::engine::resolve) fn append(&mut self, others: People<'a>) -> bool {
        let last = self.rows.len().checked_sub(1).and_then(|last| self.id(u32::try_from(last).ok()?));
        if !others.is_in_order() || (!others.is_empty() && last >= others.id(0) && last.is_some()) {
            return false;
        }
        let titles: Vec<u32> = others.titles.all().map(|title| self.titles.number(title)).collect();
        let departments: Vec<u32> = others.departments.all().map(|name| self.departments.number(name)).collect();
        let sets: Vec<u32> = others.org_roles.into_iter().map(|set| self.org_role_set(set)).collect();
        let supplies: Vec<u32> = others
            .supplies
            .iter()
            .map(|supply| self.supply(&supply.source, &supply.supplied, supply.listed_at))
            .collect();
        let at = |numbers: &[u32], number: u32| {
            usize::try_from(number).ok().and_then(|at| numbers.get(at)).copied().unwrap_or_default()
        };
        let again = |numbers: &[u32], number: Number| Number::new(&number.fact().map(|number| at(numbers, number)));
        let (texts, named_texts) = (self.texts.len(), self.named_texts.len());
        self.texts.push_str(&others.texts);
        self.named_texts.push_str(&others.named_texts);
        self.named
            .extend(others.named.into_iter().map(|named| named.map(|(begin, length)| (begin + named_texts, length))));
        self.rows.extend(others.rows.into_iter().map(|row| Row {
            begin: row.begin + texts,
            job_title: again(&titles, row.job_title),
            department: again(&departments, row.department),
            org_roles: again(&sets, row.org_roles),
            sources: at(&supplies, row.sources),
            ..row
        }));
        true
    }

    fn is_in_order(&self) -> bool {
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        (0..count).is_sorted_by(|a, b| self.id(*a) < self.id(*b))
    }

    /// An index of everybody by id, to be put to use once all are there.
    pub(in crate::engine::resolve) fn ids(&self) -> HashTable<u32> {
        let hash = |number: &u32| self.hasher.hash_one(self.id(*number).unwrap_or_default());
        let mut table = HashTable::with_capacity(self.rows.len());
        for number in 0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX) {
            table.insert_unique(hash(&number), number, hash);
        }
        table
    }

    /// Everybody is there, and this is their index.
    pub(in crate::engine::resolve) fn complete(&mut self, ids: HashTable<u32>) {
        self.rows.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.by_id = ids;
    }

    fn org_role_set(&mut self, roles: Arc<[usize]>) -> u32 {
        if let Some(number) = self.org_role_numbers.get(&roles) {
            return *number;
        }
        let number = u32::try_from(self.org_roles.len()).unwrap_or(u32::MAX);
        self.org_roles.push(roles.clone());
        self.org_role_numbers.insert(roles, number);
        number
    }

    /// The number of where somebody's facts are from; there are as many as ways of joining sources, which are few.
    fn supply(&mut self, source: &str, supplied: &BTreeMap<String, String>, listed_at: Option<Timestamp>) -> u32 {
        let same = |known: &Supply| known.source == source && known.supplied == *supplied;
        let known = self.supplies.iter().position(same);
        let number = known.unwrap_or_else(|| {
            self.supplies.push(Supply { source: source.to_owned(), supplied: supplied.clone(), listed_at });
            self.supplies.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

fn slice(texts: &str, begin: usize, length: u32) -> &str {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    texts.get(begin..begin.saturating_add(length)).unwrap_or_default()
}
