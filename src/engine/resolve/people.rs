//! One person on the day: employment, the job role in effect, org roles, scope.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date};

use super::{Reasons, ResolvedPerson, UnmatchedTitle};
use crate::{
    bundle::{Bundle, OrgRole, PersonMapping},
    model::{EmploymentStatus, Fact, JobRole, Person, Snapshot},
};

/// What is the same for all people.
pub(super) struct Day<'a> {
    today: Date,
    /// Whether the day lies before the one on which the people list was pulled.
    in_the_past: bool,
    org_roles: &'a [OrgRole],
    roles_by_hand: HashMap<&'a str, Vec<usize>>,
    out_of_scope: HashMap<&'a str, &'a PersonMapping>,
}

impl<'a> Day<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, bundle: &'a Bundle, as_of: Timestamp, today: Date) -> Self {
        let pulled = snapshot.staff().map(|(source, _)| source.pulled_at).min().unwrap_or(snapshot.collected_at);
        let mut roles_by_hand: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, role) in bundle.org_roles.iter().enumerate() {
            for person in &role.people {
                roles_by_hand.entry(person).or_default().push(index);
            }
        }
        let out_of_scope = bundle.people.iter().filter(|mapping| mapping.entry.in_scope == Some(false));
        Day {
            today,
            in_the_past: as_of < pulled && today < snapshot.organization.time_zone.date(pulled),
            org_roles: &bundle.org_roles,
            roles_by_hand,
            out_of_scope: out_of_scope.map(|mapping| (mapping.entry.id.as_str(), mapping)).collect(),
        }
    }

    /// The person, with the reporting line still open.
    pub(super) fn person(&self, record: &'a Person) -> ResolvedPerson<'a> {
        let mut unknown = Reasons::new();
        let mut note = |attribute: &str, fact: &str| {
            let reason = record.unknown.get(fact).cloned();
            unknown.insert(attribute.to_owned(), reason.unwrap_or_else(|| format!("`{fact}` is unknown")));
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
                for attribute in ["jobTitle", "department", "manager", "managerIssue"] {
                    unknown.insert(attribute.to_owned(), reason.clone());
                }
                (None, Fact::Unknown, Fact::Unknown)
            }
        };
        let org_roles = self.org_roles(record, &job_title, &department);
        if org_roles.is_unknown() {
            let reason = unknown.get("jobTitle").or(unknown.get("department")).cloned().unwrap_or_default();
            for membership in ["in OrgRole", "in OrgRoleGroup"] {
                unknown.insert(membership.to_owned(), format!("org roles are unknown: {reason}"));
            }
        }
        if department.is_unknown() {
            let reason = unknown.get("department").cloned().unwrap_or_default();
            unknown.insert("in Department".to_owned(), reason);
        }
        ResolvedPerson {
            record,
            in_scope: !self.out_of_scope.contains_key(record.id.as_str()),
            out_of_scope: self.out_of_scope.get(record.id.as_str()).copied(),
            status,
            start_date: record.start_date.clone(),
            end_date,
            manager: if job_role.is_err() { Fact::Unknown } else { Fact::Empty },
            manager_issue: if job_role.is_err() { Fact::Unknown } else { Fact::Empty },
            job_role: row,
            job_title,
            department,
            org_roles,
            unknown,
        }
    }

    /// The last day of employment. For those who have left, the last day worked stands in where there is none.
    fn end_date(&self, record: &Person) -> Fact<Date> {
        match (&record.end_date, &record.status) {
            (Fact::Known(date), _) => Fact::Known(*date),
            (end_date, Fact::Known(EmploymentStatus::Offboarded)) => match &record.last_working_day {
                Fact::Known(date) => Fact::Known(*date),
                Fact::Empty | Fact::Unknown => end_date.clone(),
            },
            (end_date, _) => end_date.clone(),
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
            (status, _) => status.clone(),
        }
    }

    /// Roles given by hand, or else those whose patterns match.
    fn org_roles(&self, record: &Person, job_title: &Fact<&str>, department: &Fact<&str>) -> Fact<Vec<usize>> {
        if let Some(by_hand) = self.roles_by_hand.get(record.id.as_str()) {
            return Fact::Known(by_hand.clone());
        }
        let (title, place) = (job_title.known().copied(), department.known().copied());
        let mut roles = Vec::new();
        for (index, role) in self.org_roles.iter().enumerate() {
            let (reads_title, reads_department) = role.reads();
            let open = (reads_title && job_title.is_unknown()) || (reads_department && department.is_unknown());
            if open {
                return Fact::Unknown;
            }
            if role.matches(title, place) {
                roles.push(index);
            }
        }
        Fact::Known(roles)
    }
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
        unknown.insert(attribute.to_owned(), reason.unwrap_or_else(|| format!("`{fact}` is unknown")));
    }
    value.as_ref().map(String::as_str)
}

/// The job role in effect: of the rows that have begun and not ended, the one that began last; of those that began
/// together, the one changed last; then the greatest id. Those who have left keep their last one.
fn job_role(record: &Person, today: Date, left: bool) -> Result<Option<&JobRole>, String> {
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
pub(super) fn unmatched_titles(people: &[ResolvedPerson<'_>], today: Date) -> Vec<UnmatchedTitle> {
    let mut counts: BTreeMap<(Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for person in people {
        let current = person.status != Fact::Known(EmploymentStatus::Offboarded) && !ended(&person.end_date, today);
        let unmatched = person.org_roles.known().is_some_and(Vec::is_empty);
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
