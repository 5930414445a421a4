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
pub use self::table::{People, ResolvedPerson, Supply};
use super::{Reasons, UnmatchedTitle};
use crate::{
    bundle::{Bundle, OrgRole},
    model::{EmploymentStatus, Fact, JobRole, Person, Snapshot},
};

/// What is the same for all people.
#[derive(Debug)]
pub(super) struct Day<'a> {
    /// When each source was pulled.
    pulled_at: BTreeMap<String, Timestamp>,
    bundle: &'a Bundle,
    today: Date,
    /// Whether the day lies before the one on which the people list was pulled.
    in_the_past: bool,
    roles_by_hand: HashMap<&'a str, Arc<[usize]>>,
    /// Who is out of scope, and by which declaration.
    out_of_scope: HashMap<&'a str, usize>,
}

/// The org roles of titles and departments that were met already.
type Matched = HashMap<Box<str>, HashMap<Box<str>, Arc<[usize]>>>;

impl<'a> Day<'a> {
    pub(super) fn new(snapshot: &Snapshot, bundle: &'a Bundle, as_of: Timestamp, today: Date) -> Self {
        let pulled = snapshot.staff().map(|(source, _)| source.pulled_at).min().unwrap_or(snapshot.collected_at);
        let mut roles_by_hand: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, role) in bundle.org_roles.iter().enumerate() {
            for person in &role.people {
                roles_by_hand.entry(person).or_default().push(index);
            }
        }
        let declared = bundle.people.iter().enumerate();
        let out_of_scope = declared.filter(|(_, mapping)| mapping.entry.in_scope == Some(false));
        let pulled_at = snapshot.sources.iter().map(|source| (source.id.clone(), source.pulled_at));
        Day {
            pulled_at: pulled_at.collect(),
            bundle,
            today,
            in_the_past: as_of < pulled && today < snapshot.organization.time_zone.date(pulled),
            roles_by_hand: roles_by_hand.into_iter().map(|(person, roles)| (person, roles.into())).collect(),
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
        let mut note = |attribute: &'static str, fact: &str| {
            let reason = record.unknown.get(fact).cloned();
            unknown.insert(attribute, reason.unwrap_or_else(|| format!("`{fact}` is unknown")));
        };
        let end_date = self.end_date(record);
        let status = self.status(record, &end_date);
        if status.is_unknown() {
            note("status", "status");
        }
        if record.start_date.is_unknown() {
            note("startDate", "start_date");
        }
        if end_date.is_unknown() {
            note("endDate", "end_date");
        }
        if record.work_email.is_unknown() {
            note("workEmail", "work_email");
        }
        let left = status == Fact::Known(EmploymentStatus::Offboarded) || ended(&end_date, self.today);
        let job_role = job_role(record, self.today, left);
        let (row, job_title, department) = match &job_role {
            Ok(row) => (*row, row_fact(*row, "job_title", &mut unknown), row_fact(*row, "department", &mut unknown)),
            Err(reason) => {
                let reason: Arc<str> = reason.as_str().into();
                for attribute in ["jobTitle", "department", "manager", "managerIssue"] {
                    unknown.insert(attribute, reason.clone());
                }
                (None, Fact::Unknown, Fact::Unknown)
            }
        };
        let org_roles = self.org_roles(record, &job_title, &department, matched);
        if org_roles.is_unknown() {
            let reason = unknown.get("jobTitle").or(unknown.get("department")).cloned().unwrap_or_default();
            let reason: Arc<str> = format!("org roles are unknown: {reason}").into();
            for membership in ["in OrgRole", "in OrgRoleGroup"] {
                unknown.insert(membership, reason.clone());
            }
        }
        if department.is_unknown() {
            let reason = unknown.get("department").cloned().unwrap_or_default();
            unknown.insert("in Department", reason);
        }
        let manager = if job_role.is_err() { Fact::Unknown } else { manager(record, row, &mut unknown) };
        let declared = self.out_of_scope.get(record.id.as_str()).copied();
        Entry {
            id: &record.id,
            name: record.name.as_ref().map(String::as_str),
            work_email: record.work_email.as_ref().map(String::as_str),
            employee_number: record.employee_number.as_ref().map(String::as_str),
            source: &record.source,
            supplied: &record.supplied,
            listed_at: self.listed_at(record),
            in_scope: declared.is_none(),
            out_of_scope: declared,
            status,
            start_date: record.start_date,
            end_date,
            job_role: row.map(|row| row.id.as_str()),
            job_title,
            department,
            org_roles,
            manager,
            unknown,
        }
    }

    /// When the oldest of the sources that a person's facts are from was pulled.
    fn listed_at(&self, record: &Person) -> Option<Timestamp> {
        let sources = std::iter::once(&record.source).chain(record.supplied.values());
        sources.filter_map(|id| self.pulled_at.get(id).copied()).min()
    }

    /// The last day of employment. For those who have left, the last day worked stands in where there is none.
    fn end_date(&self, record: &Person) -> Fact<Date> {
        match (&record.end_date, &record.status) {
            (Fact::Known(date), _) => Fact::Known(*date),
            (end_date, Fact::Known(EmploymentStatus::Offboarded)) => match &record.last_working_day {
                Fact::Known(date) => Fact::Known(*date),
                Fact::Empty | Fact::Unknown => *end_date,
            },
            (end_date, _) => *end_date,
        }
    }

    /// The status is the source's, of the day it was pulled. On an earlier day up to their last one, those who have
    /// left since were still employed.
    fn status(&self, record: &Person, end_date: &Fact<Date>) -> Fact<EmploymentStatus> {
        match (&record.status, end_date) {
            (Fact::Known(EmploymentStatus::Offboarded), Fact::Known(end)) if self.in_the_past && self.today <= *end => {
                Fact::Known(EmploymentStatus::Active)
            }
            // Nobody is without a status.
            (Fact::Empty, _) => Fact::Unknown,
            (status, _) => *status,
        }
    }

    /// Roles given by hand, or else those whose patterns match.
    fn org_roles(
        &self,
        record: &Person,
        job_title: &Fact<&str>,
        department: &Fact<&str>,
        matched: &mut Matched,
    ) -> Fact<Arc<[usize]>> {
        if let Some(by_hand) = self.roles_by_hand.get(record.id.as_str()) {
            return Fact::Known(by_hand.clone());
        }
        let (Fact::Known(title), Fact::Known(place)) = (job_title, department) else {
            return self.matching(job_title, department);
        };
        if let Some(known) = matched.get(*title).and_then(|places| places.get(*place)) {
            return Fact::Known(known.clone());
        }
        let roles = self.matching(job_title, department);
        if let Fact::Known(roles) = &roles {
            matched.entry((*title).into()).or_default().insert((*place).into(), roles.clone());
        }
        roles
    }

    fn matching(&self, job_title: &Fact<&str>, department: &Fact<&str>) -> Fact<Arc<[usize]>> {
        let (title, place) = (job_title.known().copied(), department.known().copied());
        let open = |role: &OrgRole| {
            let (reads_title, reads_department) = role.reads();
            (reads_title && job_title.is_unknown()) || (reads_department && department.is_unknown())
        };
        if self.bundle.org_roles.iter().any(open) {
            return Fact::Unknown;
        }
        let roles = self.bundle.org_roles.iter().enumerate().filter(|(_, role)| role.matches(title, place));
        Fact::Known(roles.map(|(index, _)| index).collect())
    }
}

/// Whom the reporting line names: the job role in effect, or else a list of direct reports.
fn manager<'r>(record: &'r Person, row: Option<&'r JobRole>, unknown: &mut Reasons) -> Fact<&'r str> {
    let listed = record.listed_manager.as_deref();
    let named = match row.map(|row| &row.manager) {
        Some(Fact::Known(id)) => Fact::Known(id.as_str()),
        Some(Fact::Empty) => Fact::Empty,
        Some(Fact::Unknown) => listed.map_or(Fact::Unknown, Fact::Known),
        None => listed.into(),
    };
    if named.is_unknown() {
        let reason = row.and_then(|row| row.unknown.get("manager")).cloned();
        let reason: Arc<str> = reason.unwrap_or_else(|| "`manager` is unknown".to_owned()).into();
        unknown.insert("manager", reason.clone());
        unknown.insert("managerIssue", reason);
    }
    named
}

fn ended(end_date: &Fact<Date>, today: Date) -> bool {
    end_date.known().is_some_and(|end| *end < today)
}

/// A fact of the row in effect; no row, no value.
fn row_fact<'a>(row: Option<&'a JobRole>, fact: &str, unknown: &mut Reasons) -> Fact<&'a str> {
    let Some(row) = row else { return Fact::Empty };
    let (value, attribute) = match fact {
        "department" => (&row.department, "department"),
        _ => (&row.job_title, "jobTitle"),
    };
    if value.is_unknown() {
        let reason = row.unknown.get(fact).cloned();
        unknown.insert(attribute, reason.unwrap_or_else(|| format!("`{fact}` is unknown")));
    }
    value.as_ref().map(String::as_str)
}

/// The job role in effect: of the rows that have begun and not ended, the one that began last; of those that began
/// together, the one changed last; then the greatest id. Those who have left keep their last one.
pub(crate) fn job_role(record: &Person, today: Date, left: bool) -> Result<Option<&JobRole>, String> {
    let rows = match &record.job_roles {
        Fact::Known(rows) => rows,
        Fact::Empty => return Ok(None),
        Fact::Unknown => {
            let reason = record.unknown.get("job_roles").cloned();
            return Err(reason.unwrap_or_else(|| "`job_roles` is unknown".to_owned()));
        }
    };
    let mut begun: Vec<(Date, &JobRole)> = Vec::new();
    for row in rows {
        match &row.effective_date {
            Fact::Known(date) if *date <= today => begun.push((*date, row)),
            Fact::Known(_) => {}
            Fact::Empty | Fact::Unknown => return Err(format!("the job role `{}` has no effective date", row.id)),
        }
    }
    begun.sort_by(|(a_date, a), (b_date, b)| {
        let key = |date: &Date, row: &JobRole| (*date, row.updated_at.known().copied());
        key(a_date, a).cmp(&key(b_date, b)).then_with(|| a.id.cmp(&b.id))
    });
    for (_, row) in begun.iter().rev() {
        match &row.end_date {
            Fact::Known(end) if *end < today => {}
            Fact::Known(_) | Fact::Empty => return Ok(Some(row)),
            Fact::Unknown => return Err(format!("whether the job role `{}` has ended is unknown", row.id)),
        }
    }
    Ok(begun.last().filter(|_| left).map(|(_, row)| *row))
}

/// Titles of current people that no org role matches, with how many have them.
pub(super) fn unmatched_titles(people: &People<'_>, today: Date) -> Vec<UnmatchedTitle> {
    let mut counts: BTreeMap<(Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for person in people.iter() {
        let current = person.status != Fact::Known(EmploymentStatus::Offboarded) && !ended(&person.end_date, today);
        let unmatched = person.org_roles.known().is_some_and(|roles| roles.is_empty());
        if current && unmatched && person.job_title.known().is_some() {
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
