//! Changes of the facts about a person: the subject, or whoever is behind an account.

use std::collections::BTreeMap;

use super::change::{Candidate, Edit, RemediationContext};
use crate::{
    engine::{answer::Subject, explain::facts::named},
    model::{EmploymentStatus, Fact, JobRole, Person},
    resolve::ResolvedPerson,
};

/// A job title to try for a person without one. A title that org roles match would change two things at once.
const SOME_TITLE: &str = "any title";

impl RemediationContext<'_, '_> {
    /// The people whose facts a rule can read: the subject or those behind the account, and their managers.
    pub(in crate::engine) fn involved(&self) -> Vec<ResolvedPerson<'_>> {
        let resolved = self.resolved;
        let direct: Vec<usize> = match self.answer.subject {
            Subject::Person(index) => vec![index],
            Subject::Account(index) => {
                let account = resolved.accounts.loaded(index);
                let behind = account.into_iter().flat_map(|account| [&account.owner, &account.responsible]);
                behind.filter_map(|person| person.known().copied()).collect()
            }
            Subject::System(_) | Subject::Organization => Vec::new(),
        };
        let managers = direct.iter().filter_map(|index| resolved.person(*index)?.manager.known().copied());
        let mut all: Vec<usize> = direct.iter().copied().chain(managers).collect();
        let mut seen = std::collections::HashSet::new();
        all.retain(|index| seen.insert(*index));
        all.into_iter().filter_map(|index| resolved.person(index)).collect()
    }

    pub(in crate::engine) fn people(&self) -> Vec<Candidate> {
        self.involved().into_iter().flat_map(|person| self.person(person)).collect()
    }

    fn person(&self, person: ResolvedPerson<'_>) -> Vec<Candidate> {
        let known = self.resolved.snapshot.people.iter().find(|known| known.id == person.id);
        let Some(known) = known else { return Vec::new() };
        let name = named(person);
        let today = self.resolved.today;
        let mut found = Vec::new();
        let mut try_with = |text: String, change: &dyn Fn(&mut Person)| {
            let mut record = known.clone();
            change(&mut record);
            found.push(Candidate::fact(text, Edit::Person(Box::new(record))));
        };
        // The row in effect, or a new one.
        let row = person.job_role;
        let with_row = |record: &mut Person, change: &dyn Fn(&mut JobRole)| {
            let mut rows = record.job_roles.known().cloned().unwrap_or_default();
            match rows.iter_mut().find(|known| row.is_some_and(|row| row == known.id)) {
                Some(row) => change(row),
                None => {
                    let mut row = JobRole::beginning("new", today);
                    change(&mut row);
                    rows.push(row);
                }
            }
            record.job_roles = Fact::Known(rows);
            record.unknown.remove("job_roles");
        };

        if let Some(boss) = self.candidate_manager(person) {
            try_with(format!("set the manager of {name} to a current person, such as {}", named(boss)), &|record| {
                with_row(record, &|row| {
                    row.manager = Fact::Known(boss.id.to_owned());
                    row.unknown.remove("manager");
                });
            });
        }
        try_with(format!("give {name} a job role with a title"), &|record| {
            with_row(record, &|row| {
                row.job_title = Fact::Known(SOME_TITLE.to_owned());
                row.unknown.remove("job_title");
            });
        });
        if !person.start_date.is(|_| true).is_true() {
            try_with(format!("set the start date of {name}, such as {today}"), &|record| {
                record.start_date = Fact::Known(today);
                record.unknown.remove("start_date");
            });
        }
        if !person.end_date.is_empty().is_true() {
            let text = if person.end_date.is_unknown() {
                format!("record that {name} has no end date")
            } else {
                format!("clear the end date of {name}")
            };
            try_with(text, &|record| {
                record.end_date = Fact::Empty;
                record.unknown.remove("end_date");
            });
        }
        if let Some(start) = person.start_date.known().filter(|start| person.end_date.is(|end| end < *start).is_true())
        {
            try_with(format!("set the end date of {name} to the start date or later, such as {start}"), &|record| {
                record.end_date = Fact::Known(*start);
            });
        }
        if !person.status.is(|status| matches!(status, EmploymentStatus::Active)).is_true() {
            try_with(format!("set the employment status of {name} to `active`"), &|record| {
                record.status = Fact::Known(EmploymentStatus::Active);
                record.unknown.remove("status");
            });
        }
        found
    }

    /// A person who can manage this one: current, not below them, and with the most reports.
    pub(in crate::engine) fn candidate_manager(&self, person: ResolvedPerson<'_>) -> Option<ResolvedPerson<'_>> {
        let people = &self.resolved.people;
        let mut reports: BTreeMap<usize, usize> = BTreeMap::new();
        for manager in people.iter().filter_map(|one| one.manager.known().copied()) {
            *reports.entry(manager).or_default() += 1;
        }
        let fits = |index: usize| {
            let one = self.resolved.person(index)?;
            (super::change::is_current(&one) && one.id != person.id && !self.is_below(index, person)).then_some(one)
        };
        let managing = reports
            .iter()
            .filter(|(index, _)| fits(**index).is_some())
            .max_by_key(|(index, count)| (**count, std::cmp::Reverse(**index)));
        let managing = managing.and_then(|(index, _)| self.resolved.person(*index));
        managing.or_else(|| (0..people.len()).find_map(fits))
    }

    /// Whether the reporting line of the person at an index leads to another one.
    fn is_below(&self, index: usize, person: ResolvedPerson<'_>) -> bool {
        let mut next = Some(index);
        // No line is longer than there are people; one that goes round has no end.
        for _ in 0..self.resolved.people.len() {
            let Some(one) = next.and_then(|index| self.resolved.person(index)) else { return false };
            if one.id == person.id {
                return true;
            }
            next = one.manager.known().copied();
        }
        true
    }
}
