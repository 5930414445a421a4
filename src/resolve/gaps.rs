//! The people that the staff lists may lack, and the addresses and numbers that listed people lack.

use jiff::civil::Date;

use super::{
    derived::{Reason, Ternary},
    people::{People, ResolvedPerson},
};
use crate::{
    diagnostic::counted,
    model::{EmploymentStatus, Snapshot},
};

/// Which other people may have a known address or number.
#[derive(Debug, Clone)]
pub(super) enum More {
    /// No other person.
    Nobody,
    /// Only people who have left or not started yet, of the same staff list: they give way to a current person.
    OthersGiveWay(Reason),
    /// Anyone.
    Anyone(Reason),
}

impl More {
    /// The same where people who have left do not give way.
    pub(super) fn of_any_stage(self) -> Self {
        match self {
            More::OthersGiveWay(reason) => More::Anyone(reason),
            more => more,
        }
    }
}

/// An incomplete staff list.
#[derive(Debug)]
struct Hidden {
    /// The source; `None` if no source lists staff.
    source: Option<String>,
    /// Whether it can only lack people who have left or not started yet.
    others_give_way: bool,
    reason: Reason,
}

/// People of whom a text is unknown.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    count: usize,
    /// The first of them.
    first: Option<usize>,
    /// Whether one of them may be employed on the day.
    may_be_current: bool,
    /// The sources that list them.
    sources: Vec<String>,
}

/// What the staff lists do not show.
#[derive(Debug)]
pub(super) struct Gaps {
    hidden: Vec<Hidden>,
    without_address: Lacking,
    without_number: Lacking,
}

impl Gaps {
    pub(super) fn new(snapshot: &Snapshot, people: &People<'_>, today: Date) -> Self {
        let mut gaps = Gaps {
            hidden: hidden(snapshot, today),
            without_address: Lacking::default(),
            without_number: Lacking::default(),
        };
        if !people.lack_addresses_or_numbers() {
            return gaps;
        }
        for (at, person) in people.iter().enumerate() {
            for (lacks, lacking) in [
                (person.work_email.is_unknown(), &mut gaps.without_address),
                (person.employee_number.is_unknown(), &mut gaps.without_number),
            ] {
                if lacks {
                    lacking.add_person(at, &person, today);
                }
            }
        }
        gaps
    }

    /// Why a person may be missing from the staff lists; `None` if they are complete.
    pub(super) fn anyone_hidden(&self) -> Option<&Reason> {
        self.hidden.first().map(|hidden| &hidden.reason)
    }

    /// Who else than these people might have an address that they are known to have.
    pub(super) fn more_addresses(&self, people: &People<'_>, found: &[usize]) -> More {
        self.more(&self.without_address, people, found, "work address")
    }

    /// Who else than these people might have an employee number that they are known to have.
    pub(super) fn more_numbers(&self, people: &People<'_>, found: &[usize]) -> More {
        self.more(&self.without_number, people, found, "employee number")
    }

    /// Who else than these people might have a text that these are known to have.
    pub(super) fn more(&self, lacking: &Lacking, people: &People<'_>, found: &[usize], what: &str) -> More {
        let source = |at: &usize| people.get(*at).map(|person| person.sources.source.as_str());
        let source = found.first().and_then(source).filter(|first| found.iter().all(|at| source(at) == Some(first)));
        let mut more = More::Nobody;
        for hidden in &self.hidden {
            if !hidden.others_give_way || source.is_none() || source != hidden.source.as_deref() {
                return More::Anyone(hidden.reason.clone());
            }
            more = More::OthersGiveWay(hidden.reason.clone());
        }
        let is_only_found = lacking.count == 1 && lacking.first.is_some_and(|first| found.contains(&first));
        if lacking.count == 0 || is_only_found {
            return more;
        }
        let id = lacking.first.and_then(|first| people.get(first)).map_or("", |person| person.id);
        let reason: Reason = match lacking.count {
            1 => format!("the {what} of `{id}` is unknown").into(),
            count => {
                let others = counted(count - 1, "other person", "other people");
                format!("the {what} of `{id}` and of {others} is unknown").into()
            }
        };
        let same_source = source.is_some_and(|source| lacking.sources.iter().all(|other| other == source));
        if lacking.may_be_current || !same_source { More::Anyone(reason) } else { More::OthersGiveWay(reason) }
    }
}

impl Lacking {
    /// Adds a person.
    pub(super) fn add_person(&mut self, at: usize, person: &ResolvedPerson<'_>, today: Date) {
        // What is certain of a person who has left or not started yet.
        let left = Ternary::any([
            person.status.is(|status| matches!(status, EmploymentStatus::Offboarded)),
            person.end_date.is(|end| *end < today),
        ]);
        let to_come = person.start_date.is(|start| *start > today);
        self.add(at, !left.is_true() && !to_come.is_true(), &person.sources.source);
    }

    fn add(&mut self, at: usize, may_be_current: bool, source: &str) {
        self.count += 1;
        self.first = self.first.or(Some(at));
        self.may_be_current |= may_be_current;
        if !self.sources.iter().any(|known| known == source) {
            self.sources.push(source.to_owned());
        }
    }
}

/// Every staff list that may lack people.
fn hidden(snapshot: &Snapshot, today: Date) -> Vec<Hidden> {
    if !snapshot.has_staff() {
        let reason = "no source of the snapshot lists staff".into();
        return vec![Hidden { source: None, others_give_way: false, reason }];
    }
    let incomplete = snapshot.staff().filter(|(_, collection)| !collection.complete);
    incomplete
        .map(|(source, collection)| {
            let reasons = collection.reasons.join("; ");
            let reason = format!("the collection `{}` of `{}` is incomplete: {reasons}", collection.name, source.id);
            // A person who had left or not started when the list was pulled may be employed on another day.
            let is_of_today = snapshot.organization.time_zone.date(source.pulled_at) == today;
            let others_give_way = !collection.may_lack.is_anyone() && is_of_today;
            Hidden { source: Some(source.id.clone()), others_give_way, reason: reason.into() }
        })
        .collect()
}
