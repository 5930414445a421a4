//! One person on the day: employment, the job role in effect, org roles, scope.

mod address;
mod row;
mod table;

use std::{collections::BTreeMap, sync::Arc};

use hashbrown::HashMap;
use jiff::{Timestamp, civil::Date};

pub use self::address::Address;
pub(crate) use self::row::{Number, Row};
use self::table::Entry;
pub use self::table::{FieldSources, People, ResolvedPerson};
use crate::{
    bundle::{Bundle, DeclaredFact, FactEntity, OrgRole},
    model::{
        EmploymentStatus, Fact, JobRole, Person, Snapshot,
        address::is_placeholder,
        declared::{FACTS, unknown_key},
        snapshot::LISTED_MANAGER,
    },
    resolve::{
        ReadFacts, Reasons,
        derived::{Derived, Reason, Ternary, reason_of},
        facts, job_role,
        lists::furthest,
        resolved::UnmatchedTitle,
    },
};

/// What is the same for all people.
#[derive(Debug)]
pub(super) struct Day<'a> {
    /// When each source was pulled, and whether that was on a later day.
    pulled_at: BTreeMap<String, (Timestamp, bool)>,
    bundle: &'a Bundle,
    today: Date,
    as_of: Timestamp,
    roles_by_hand: HashMap<&'a str, Arc<[usize]>>,
    /// Roles that people have beside those they have otherwise.
    roles_added: HashMap<&'a str, Vec<usize>>,
    /// Who is out of scope, and by which declaration.
    out_of_scope: HashMap<&'a str, usize>,
}

/// The org roles of titles and departments that were met already.
type Matched = HashMap<Box<str>, HashMap<Box<str>, Arc<[usize]>>>;

impl<'a> Day<'a> {
    pub(super) fn new(snapshot: &Snapshot, bundle: &'a Bundle, as_of: Timestamp, today: Date) -> Self {
        let mut roles_by_hand: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut roles_added: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, role) in bundle.org_roles.iter().enumerate() {
            for person in &role.people {
                roles_by_hand.entry(person).or_default().push(index);
            }
            for person in &role.add_people {
                roles_added.entry(person).or_default().push(index);
            }
        }
        let declared = bundle.people.iter().enumerate();
        let out_of_scope = declared.filter(|(_, mapping)| mapping.entry.in_scope == Some(false));
        let zone = &snapshot.organization.time_zone;
        let is_later = |pulled_at: Timestamp| as_of < pulled_at && today < zone.date(pulled_at);
        let pulled_at =
            snapshot.sources.iter().map(|source| (source.id.clone(), (source.pulled_at, is_later(source.pulled_at))));
        Day {
            pulled_at: pulled_at.collect(),
            bundle,
            today,
            as_of,
            roles_by_hand: roles_by_hand.into_iter().map(|(person, roles)| (person, roles.into())).collect(),
            roles_added,
            out_of_scope: out_of_scope.map(|(index, mapping)| (mapping.entry.id.as_str(), index)).collect(),
        }
    }

    /// These people, in their order, with the reporting lines still open.
    pub(super) fn people<'r>(&self, records: impl IntoIterator<Item = &'r Person>) -> People<'a> {
        let mut people = People::new(&self.bundle.people);
        let mut matched = Matched::new();
        for record in records {
            people.push(self.person(record, &mut matched));
        }
        people.shrink();
        people
    }

    fn person<'r>(&self, record: &'r Person, matched: &mut Matched) -> Entry<'r> {
        let mut unknown = Reasons::new();
        let own = |fact: &'static str| reason_of(&record.unknown, fact);
        let given_status = match record.status {
            // Every person has a status.
            Fact::Known(status) => Derived::Known(status),
            Fact::Empty | Fact::Unknown => Derived::Unknown(own("status")),
        };
        let last_day = self.last_day(record, &given_status, &own);
        let status = self.status(record, given_status, &last_day);
        let left = Ternary::any([
            status.is(|status| matches!(status, EmploymentStatus::Offboarded)),
            last_day.is(|last| *last < self.today),
        ]);
        let post = Post::of(record, self.today, &left);
        let org_roles = self.org_roles(record, &post, matched);
        let manager = post.manager.clone();
        let mut settle = |attributes: &[&'static str], reason: Option<Reason>| {
            for attribute in attributes {
                if let Some(reason) = &reason {
                    unknown.insert(attribute, reason.clone());
                }
            }
        };
        let (status, reason) = status.split();
        settle(&["status"], reason);
        let (start_date, reason) = Derived::of(record.start_date, || own("start_date")).split();
        settle(&["startDate"], reason);
        let (end_date, reason) = last_day.split();
        settle(&["endDate"], reason);
        let work_email = record.work_email.as_ref().map(String::as_str);
        settle(&["workEmail"], work_email.is_unknown().then(|| own("work_email")));
        let (job_title, reason) = post.job_title.split();
        settle(&["jobTitle"], reason);
        let (department, reason) = post.department.split();
        settle(&["department", "in Department"], reason);
        let (org_roles, reason) = org_roles.split();
        settle(
            &["in OrgRole", "in OrgRoleGroup"],
            reason.map(|reason| format!("org roles are unknown: {reason}").into()),
        );
        let (manager, reason) = manager.split();
        settle(&["manager", "managerIssue"], reason);
        let too_old = |fact: &DeclaredFact| {
            let source = record.supplied.get(&unknown_key(fact.name)).unwrap_or(&record.source);
            facts::too_old(fact, self.pulled_at.get(source).map(|(pulled_at, _)| *pulled_at), self.as_of)
        };
        let declared = self.bundle.facts_read(FactEntity::Person);
        let facts = ReadFacts::of(declared, (&record.facts, &record.unknown), too_old, &mut unknown);
        let declared = self.out_of_scope.get(record.id.as_str()).copied();
        Entry {
            id: &record.id,
            name: record.name.as_ref().map(String::as_str),
            work_email,
            employee_number: match record.employee_number.as_ref().map(String::as_str) {
                Fact::Known(number) if is_placeholder(number) => Fact::Empty,
                number => number,
            },
            source: &record.source,
            supplied: &record.supplied,
            listed_at: self.listed_at(record),
            in_scope: declared.is_none(),
            out_of_scope: declared,
            status,
            start_date,
            end_date,
            job_role: post.row.map(|row| row.id.as_str()),
            job_title,
            department,
            org_roles,
            manager,
            facts,
            unknown,
        }
    }

    /// When the sources of a person's facts were pulled: the instant that is furthest from the one judged by.
    fn listed_at(&self, record: &Person) -> Option<Timestamp> {
        // Facts that only some sources give have an age of their own.
        let supplied = record.supplied.iter().filter(|(fact, _)| !fact.starts_with(FACTS)).map(|(_, source)| source);
        let sources = std::iter::once(&record.source).chain(supplied);
        furthest(self.as_of, sources.filter_map(|id| Some(self.pulled_at.get(id)?.0)))
    }

    /// Whether a person's status is of a later day than the one judged by.
    fn is_later(&self, record: &Person) -> bool {
        let source = record.supplied.get("status").unwrap_or(&record.source);
        self.pulled_at.get(source).is_some_and(|(_, is_later)| *is_later)
    }

    /// The last day of employment. For people who have left, the last day worked stands in where there is none.
    fn last_day(
        &self,
        record: &Person,
        status: &Derived<EmploymentStatus>,
        own: &dyn Fn(&'static str) -> Reason,
    ) -> Derived<Date> {
        let end = || Derived::of(record.end_date, || own("end_date"));
        let worked = || Derived::of(record.last_working_day, || own("last_working_day"));
        let offboarded = status.is(|status| matches!(status, EmploymentStatus::Offboarded));
        Derived::choose(&offboarded, || end().first_known(worked), end)
    }

    /// The status is the source's, of the day it was pulled. On an earlier day up to their last one, people who have
    /// left since were still employed.
    fn status(
        &self,
        record: &Person,
        given: Derived<EmploymentStatus>,
        last_day: &Derived<Date>,
    ) -> Derived<EmploymentStatus> {
        given.and_then(|status| match status {
            EmploymentStatus::Offboarded if self.is_later(record) => Derived::choose(
                &last_day.is(|last| self.today <= *last),
                || Derived::Known(EmploymentStatus::Active),
                || Derived::Known(EmploymentStatus::Offboarded),
            ),
            status => Derived::Known(status),
        })
    }

    /// Roles given by hand, or else those whose patterns match; and those that are added.
    fn org_roles(&self, record: &Person, post: &Post<'_>, matched: &mut Matched) -> Derived<Arc<[usize]>> {
        let roles = self.given_roles(record, post, matched);
        let Some(added) = self.roles_added.get(record.id.as_str()) else { return roles };
        roles.and_then(|roles| {
            let mut all: Vec<usize> = roles.iter().chain(added).copied().collect();
            all.sort_unstable();
            all.dedup();
            Derived::Known(all.into())
        })
    }

    fn given_roles(&self, record: &Person, post: &Post<'_>, matched: &mut Matched) -> Derived<Arc<[usize]>> {
        if let Some(by_hand) = self.roles_by_hand.get(record.id.as_str()) {
            return Derived::Known(by_hand.clone());
        }
        let roles = post.possible.iter().map(|(title, department)| {
            let (Derived::Known(title), Derived::Known(place)) = (title, department) else {
                return self.matching(title, department);
            };
            if let Some(known) = matched.get(*title).and_then(|places| places.get(*place)) {
                return Derived::Known(known.clone());
            }
            let roles = self.matching(&Derived::Known(*title), &Derived::Known(*place));
            if let Derived::Known(roles) = &roles {
                matched.entry((*title).into()).or_default().insert((*place).into(), roles.clone());
            }
            roles
        });
        Derived::common(roles, || post.why_open())
    }

    fn matching(&self, job_title: &Derived<&str>, department: &Derived<&str>) -> Derived<Arc<[usize]>> {
        let mut roles = Vec::new();
        for (index, role) in self.bundle.org_roles.iter().enumerate() {
            match matches(role, job_title, department) {
                Ternary::True => roles.push(index),
                Ternary::False => {}
                Ternary::Unknown(reason) => return Derived::Unknown(reason),
            }
        }
        Derived::Known(roles.into())
    }
}

/// Whether a role is given by matching.
fn matches(role: &OrgRole, job_title: &Derived<&str>, department: &Derived<&str>) -> Ternary {
    if role.reads() == (false, false) {
        return Ternary::False;
    }
    let fits = |is_read: bool, fact: &Derived<&str>, fits: &dyn Fn(&str) -> bool| {
        if is_read { fact.is(|text| fits(text)) } else { Ternary::True }
    };
    let (reads_title, reads_department) = role.reads();
    Ternary::all([
        fits(reads_title, job_title, &|title| role.fits_job_title(title)),
        fits(reads_department, department, &|department| role.fits_department(department)),
    ])
}

/// What the job role in effect says.
struct Post<'r> {
    /// The job role, if just one may be in effect.
    row: Option<&'r JobRole>,
    job_title: Derived<&'r str>,
    department: Derived<&'r str>,
    manager: Derived<&'r str>,
    /// Title and department of every job role that may be in effect.
    possible: Vec<(Derived<&'r str>, Derived<&'r str>)>,
    /// Why several may be.
    reason: Option<Reason>,
}

impl<'r> Post<'r> {
    fn of(record: &'r Person, today: Date, left: &Ternary) -> Self {
        let in_effect = match job_role::in_effect(record, today, left) {
            Ok(in_effect) => in_effect,
            Err(reason) => {
                return Post {
                    row: None,
                    job_title: Derived::Unknown(reason.clone()),
                    department: Derived::Unknown(reason.clone()),
                    manager: Derived::Unknown(reason.clone()),
                    possible: vec![(Derived::Unknown(reason.clone()), Derived::Unknown(reason.clone()))],
                    reason: Some(reason),
                };
            }
        };
        let possible = in_effect.possible.as_slice();
        let reason = in_effect.reason;
        let differ = || reason.clone().unwrap_or_else(|| SEVERAL.into());
        let common = |fact: fn(&JobRole) -> (&Fact<String>, &'static str)| {
            Derived::common(possible.iter().map(|row| row_fact(*row, fact)), differ)
        };
        Post {
            row: if let [Some(row)] = possible { Some(*row) } else { None },
            job_title: common(|row| (&row.job_title, "job_title")),
            department: common(|row| (&row.department, "department")),
            manager: Derived::common(possible.iter().map(|row| named_manager(record, *row)), differ),
            possible: possible
                .iter()
                .map(|row| {
                    (
                        row_fact(*row, |row| (&row.job_title, "job_title")),
                        row_fact(*row, |row| (&row.department, "department")),
                    )
                })
                .collect(),
            reason,
        }
    }

    fn why_open(&self) -> Reason {
        self.reason.clone().unwrap_or_else(|| SEVERAL.into())
    }
}

/// Why the job role is unknown, if nothing says it better.
const SEVERAL: &str = "several job roles may be in effect";

/// A fact of a row; no row, no value.
fn row_fact(row: Option<&JobRole>, fact: fn(&JobRole) -> (&Fact<String>, &'static str)) -> Derived<&str> {
    let Some(row) = row else { return Derived::Empty };
    let (value, name) = fact(row);
    Derived::of(value.as_ref().map(String::as_str), || reason_of(&row.unknown, name))
}

/// The person that the reporting line names: by the job role in effect, or by a list of direct reports if there is none.
fn named_manager<'r>(record: &'r Person, row: Option<&'r JobRole>) -> Derived<&'r str> {
    match row {
        Some(row) => Derived::of(row.manager.as_ref().map(String::as_str), || reason_of(&row.unknown, "manager")),
        None => Derived::of(record.manager_listed(), || reason_of(&record.unknown, LISTED_MANAGER)),
    }
}

/// Titles of current people that no org role matches, with how many have them.
pub(super) fn unmatched_titles(people: &People<'_>, today: Date) -> Vec<UnmatchedTitle> {
    let mut counts: BTreeMap<(Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for person in people.iter() {
        let left = Ternary::any([
            person.status.is(|status| matches!(status, EmploymentStatus::Offboarded)),
            person.end_date.is(|end| *end < today),
        ]);
        let is_unmatched = Ternary::all([person.org_roles.is(|roles| roles.is_empty()), !person.job_title.is_empty()]);
        if !left.is_true() && is_unmatched.is_true() {
            let key = (person.job_title.known().copied(), person.department.known().copied());
            *counts.entry(key).or_default() += 1;
        }
    }
    let title = |text: Option<&str>| text.map(str::to_owned);
    counts
        .into_iter()
        .map(|((job_title, department), people)| UnmatchedTitle {
            job_title: title(job_title),
            department: title(department),
            people,
        })
        .collect()
}
