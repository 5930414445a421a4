//! Staff, compactly: a row of numbers a person, and the texts in large pieces. A million people fit in 160 MiB.

use std::{collections::BTreeMap, hash::Hash, sync::Arc};

use hashbrown::HashMap;
use jiff::{Timestamp, civil::Date};

use crate::{
    bundle::PersonMapping,
    model::{EmploymentStatus, Fact},
    resolve::{
        ReadFacts, Reasons,
        interner::{Interner, StringInterner},
        people::{
            address::Address,
            row::{Number, Post, Row, TEXTS, among},
        },
        resolved::ManagerIssue,
        text_arena::TextArena,
    },
};

/// A person as of the day.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedPerson<'s> {
    /// The id in the HRIS.
    pub id: &'s str,
    /// Name for people.
    pub name: Fact<&'s str>,
    /// Work e-mail address as given.
    pub work_email: Fact<Address<'s>>,
    /// The number that the HRIS shows for the person.
    pub employee_number: Fact<&'s str>,
    /// The sources of the person's facts.
    pub sources: &'s FieldSources,
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
    /// The known facts that only some sources give and that rules read.
    pub facts: &'s ReadFacts,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: &'s Reasons,
}

/// Where a person's facts are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSources {
    /// The source of the record.
    pub source: String,
    /// Facts that another source supplied: fact name to source id.
    pub supplied: BTreeMap<String, String>,
    /// When they were pulled: the instant furthest from the one judged by.
    pub listed_at: Option<Timestamp>,
}

impl FieldSources {
    /// The source of a fact.
    #[must_use]
    pub fn of(&self, fact: &str) -> &str {
        self.supplied.get(fact).unwrap_or(&self.source)
    }
}

/// A person on the way into the table.
pub(in crate::resolve) struct Entry<'r> {
    pub(in crate::resolve) id: &'r str,
    pub(in crate::resolve) name: Fact<&'r str>,
    pub(in crate::resolve) work_email: Fact<&'r str>,
    pub(in crate::resolve) employee_number: Fact<&'r str>,
    pub(in crate::resolve) job_role: Option<&'r str>,
    pub(in crate::resolve) job_title: Fact<&'r str>,
    pub(in crate::resolve) department: Fact<&'r str>,
    pub(in crate::resolve) org_roles: Fact<Arc<[usize]>>,
    pub(in crate::resolve) source: &'r str,
    pub(in crate::resolve) supplied: &'r BTreeMap<String, String>,
    pub(in crate::resolve) listed_at: Option<Timestamp>,
    pub(in crate::resolve) in_scope: bool,
    /// As an index into the bundle's declarations.
    pub(in crate::resolve) out_of_scope: Option<usize>,
    pub(in crate::resolve) status: Fact<EmploymentStatus>,
    pub(in crate::resolve) start_date: Fact<Date>,
    pub(in crate::resolve) end_date: Fact<Date>,
    /// The person that the reporting line names.
    pub(in crate::resolve) manager: Fact<&'r str>,
    pub(in crate::resolve) facts: ReadFacts,
    pub(in crate::resolve) unknown: Reasons,
}

/// Staff as of the day, by id.
#[derive(Debug, Default)]
pub struct People<'a> {
    pub(in crate::resolve) rows: Vec<Row>,
    texts: TextArena<TEXTS>,
    /// Job titles and departments.
    words: StringInterner,
    posts: Interner<Post>,
    org_roles: Interner<Arc<[usize]>>,
    supplies: Vec<FieldSources>,
    unknown: Interner<Reasons>,
    facts: Interner<ReadFacts>,
    declared: &'a [PersonMapping],
    /// Of those out of scope, by number: which declaration says so.
    out_of_scope: HashMap<u32, usize>,
    /// The ids that reporting lines name, until the lines are resolved.
    named: StringInterner,
    /// Every `STEP`th id, close together for the binary search.
    sparse_index: Vec<Box<str>>,
}

/// Distance of two entries of the sparse index.
const STEP: usize = 64;

impl<'a> People<'a> {
    /// An empty table; `declared` is what the bundle declares of people.
    pub(in crate::resolve) fn new(declared: &'a [PersonMapping]) -> Self {
        People { declared, ..People::default() }
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no people.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The person at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<ResolvedPerson<'_>> {
        let row = self.rows.get(index)?;
        let [id, name, _, employee_number, job_role] = self.texts.get(row.texts);
        let text = |bit: u8, text| row.state(bit).map(|()| text);
        let declared = u32::try_from(index).ok().and_then(|number| self.out_of_scope.get(&number));
        let post = self.posts.get(row.post)?;
        Some(ResolvedPerson {
            id,
            name: text(1, name),
            work_email: self.address_of(row),
            employee_number: text(4, employee_number),
            sources: self.supply_of(row)?,
            in_scope: row.in_scope,
            out_of_scope: declared.and_then(|declared| self.declared.get(*declared)),
            status: row.status,
            start_date: row.start_date,
            end_date: row.end_date,
            job_role: (row.empty & 8 == 0).then_some(job_role),
            job_title: post.job_title.fact().map(|number| self.word(number)),
            department: post.department.fact().map(|number| self.word(number)),
            manager: row.manager.index(),
            manager_issue: row.manager_issue,
            org_roles: post.org_roles.fact().map(|set| self.org_roles.get(set).map_or(&[][..], |set| &**set)),
            facts: self.facts_of(row),
            unknown: self.unknown_of(row),
        })
    }

    /// What is kept of the person at an index.
    pub(crate) fn row(&self, index: usize) -> Option<&Row> {
        self.rows.get(index)
    }

    /// Whether the work address or the employee number of one of them is unknown.
    pub(in crate::resolve) fn lack_addresses_or_numbers(&self) -> bool {
        self.rows.iter().any(|row| row.unknown_texts & (2 | 4) != 0)
    }

    /// The post of a row.
    pub(crate) fn post_of(&self, row: &Row) -> Option<&Post> {
        self.posts.get(row.post)
    }

    /// Every post, by number.
    pub(crate) fn posts(&self) -> &[Post] {
        self.posts.all()
    }

    /// A job title or department.
    pub(crate) fn word(&self, number: u32) -> &str {
        self.words.get(number).map(|word| &**word).unwrap_or_default()
    }

    /// A set of org roles, as indices into the bundle's; none where they are unknown.
    pub(crate) fn org_roles(&self, set: Number) -> &[usize] {
        let set = set.fact().known().and_then(|set| self.org_roles.get(*set));
        set.map_or(&[], |set| &**set)
    }

    /// The employee number of a row.
    pub(in crate::resolve) fn number_of(&self, row: &Row) -> Fact<Address<'_>> {
        let [.., number, _] = self.texts.get(row.texts);
        row.state(4).map(|()| Address::of(number))
    }

    /// The work e-mail address of a row.
    pub(crate) fn address_of(&self, row: &Row) -> Fact<Address<'_>> {
        row.state(2).map(|()| {
            let [_, _, local, ..] = self.texts.get(row.texts);
            let domain = self.posts.get(row.post).and_then(|post| post.domain.fact().known().copied());
            Address { local, domain: domain.map_or("", |domain| self.word(domain)) }
        })
    }

    /// When the person of a row was listed.
    pub(crate) fn listed_at(&self, row: &Row) -> Option<Timestamp> {
        self.supply_of(row)?.listed_at
    }

    fn supply_of(&self, row: &Row) -> Option<&FieldSources> {
        self.supplies.get(usize::try_from(row.supply).ok()?)
    }

    /// The known facts of a row that only some sources give and that rules read.
    pub(crate) fn facts_of(&self, row: &Row) -> &ReadFacts {
        self.facts.get(row.facts).unwrap_or(NO_FACTS)
    }

    /// Why facts of a row are unknown.
    pub(crate) fn unknown_of(&self, row: &Row) -> &Reasons {
        self.unknown.get(row.unknown).unwrap_or(KNOWN)
    }

    /// All people, by id.
    pub fn iter(&self) -> impl Iterator<Item = ResolvedPerson<'_>> {
        (0..self.rows.len()).filter_map(|index| self.get(index))
    }

    /// The index of the person of this HRIS id.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<usize> {
        let begin = self.sparse_index.partition_point(|first| &**first <= id).checked_sub(1)? * STEP;
        let rows = self.rows.get(begin..self.rows.len().min(begin + STEP))?;
        let found = rows.binary_search_by(|row| self.id_of(row).cmp(id));
        found.ok().map(|at| begin + at)
    }

    /// The ids that reporting lines name, by number; there are none any more afterwards.
    pub(in crate::resolve) fn take_named(&mut self) -> StringInterner {
        std::mem::take(&mut self.named)
    }

    /// Changes why facts of the person at an index are unknown.
    pub(in crate::resolve) fn change_unknown(&mut self, index: usize, change: impl FnOnce(&mut Reasons)) {
        let Some(row) = self.rows.get_mut(index) else { return };
        let mut reasons = self.unknown.get(row.unknown).unwrap_or(KNOWN).clone();
        change(&mut reasons);
        row.unknown = self.unknown.number(&reasons, Reasons::clone);
    }

    fn id_of(&self, row: &Row) -> &str {
        self.texts.first(row.texts)
    }

    /// Adds a person at the end.
    pub(in crate::resolve) fn push(&mut self, entry: Entry<'_>) {
        let address = entry.work_email.map(Address::of);
        let texts = [&entry.name, &entry.work_email, &entry.employee_number];
        let bits = |state: fn(&Fact<&str>) -> bool| {
            let bits = [1, 2, 4].into_iter().zip(texts);
            bits.filter(|(_, text)| state(text)).fold(0, |all, (bit, _)| all | bit)
        };
        let empty = bits(|text| text.is_empty().is_true()) | if entry.job_role.is_none() { 8 } else { 0 };
        let unknown_texts = bits(|text| text.is_unknown());
        let [name, _, number] = texts.map(|text| text.known().copied().unwrap_or_default());
        let local = address.known().map_or("", |address| address.local);
        let job_role = entry.job_role.unwrap_or_default();
        let mut word = |text: Fact<&str>| Number::new(&text.map(|text| self.words.number(text, Box::from)));
        let (job_title, department) = (word(entry.job_title), word(entry.department));
        let domain = word(address.map(|address| address.domain));
        let org_roles = entry.org_roles.map(|roles| self.org_roles.number(&roles, Arc::clone));
        let post = Post { job_title, department, org_roles: Number::new(&org_roles), domain };
        if let (Some(declared), Ok(number)) = (entry.out_of_scope, u32::try_from(self.rows.len())) {
            self.out_of_scope.insert(number, declared);
        }
        let supply = self.supply(entry.source, entry.supplied, entry.listed_at);
        self.rows.push(Row {
            texts: self.texts.push([entry.id, name, local, number, job_role]),
            empty,
            unknown_texts,
            in_scope: entry.in_scope,
            status: entry.status,
            manager_issue: Fact::Empty,
            start_date: entry.start_date,
            end_date: entry.end_date,
            manager: Number::new(&entry.manager.map(|id| self.named.number(id, Box::from))),
            post: self.posts.number(&post, Post::clone),
            facts: self.facts.number(&entry.facts, ReadFacts::clone),
            supply,
            unknown: self.unknown.number(&entry.unknown, Reasons::clone),
        });
    }

    /// Ends a block of people.
    pub(in crate::resolve) fn shrink(&mut self) {
        self.texts.shrink();
    }

    /// Puts others at the end; false where that would not be in the order of their ids.
    pub(in crate::resolve) fn append(&mut self, others: People<'a>) -> bool {
        let is_in_order = others.rows.is_sorted_by(|a, b| others.id_of(a) < others.id_of(b));
        let ends = self.rows.last().zip(others.rows.first());
        if !is_in_order || ends.is_some_and(|(last, first)| self.id_of(last) >= others.id_of(first)) {
            return false;
        }
        let words = again(&mut self.words, others.words.all());
        let sets = again(&mut self.org_roles, others.org_roles.all());
        let supplies = others.supplies.iter();
        let supplies: Vec<u32> =
            supplies.map(|supply| self.supply(&supply.source, &supply.supplied, supply.listed_at)).collect();
        let unknown = again(&mut self.unknown, others.unknown.all());
        let facts = again(&mut self.facts, others.facts.all());
        let named = again(&mut self.named, others.named.all());
        let posts = others.posts.all().iter().map(|post| Post {
            job_title: post.job_title.among(&words),
            department: post.department.among(&words),
            org_roles: post.org_roles.among(&sets),
            domain: post.domain.among(&words),
        });
        let posts = again(&mut self.posts, &posts.collect::<Vec<_>>());
        let before = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let out_of_scope = others.out_of_scope.into_iter();
        self.out_of_scope.extend(out_of_scope.map(|(number, declared)| (number.saturating_add(before), declared)));
        let pieces = self.texts.append(others.texts);
        self.rows.extend(others.rows.into_iter().map(|row| Row {
            texts: row.texts.after(pieces),
            manager: row.manager.among(&named),
            post: among(&posts, row.post),
            supply: among(&supplies, row.supply),
            unknown: among(&unknown, row.unknown),
            facts: among(&facts, row.facts),
            ..row
        }));
        true
    }

    /// The number of where a person's facts are from; there are as many as ways of joining sources, which are few.
    fn supply(&mut self, source: &str, supplied: &BTreeMap<String, String>, listed_at: Option<Timestamp>) -> u32 {
        let same = |known: &FieldSources| known.source == source && known.supplied == *supplied;
        let known = self.supplies.iter().position(same);
        let number = known.unwrap_or_else(|| {
            self.supplies.push(FieldSources { source: source.to_owned(), supplied: supplied.clone(), listed_at });
            self.supplies.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Ends the table: all people are in it.
    pub(in crate::resolve) fn complete(&mut self) {
        self.rows.shrink_to_fit();
        self.sparse_index = self.rows.iter().step_by(STEP).map(|row| self.id_of(row).into()).collect();
    }
}

/// Everything is known.
const KNOWN: &Reasons = &Reasons::new();
const NO_FACTS: &ReadFacts = &ReadFacts::new();

/// Numbers things once more, among others; by number the new one.
fn again<T: Hash + Eq + Clone>(among: &mut Interner<T>, things: &[T]) -> Vec<u32> {
    things.iter().map(|thing| among.number(thing, T::clone)).collect()
}
