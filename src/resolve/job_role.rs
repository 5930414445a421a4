//! The job role in effect on a day, where some of its facts may be unknown.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::derived::{Reason, Ternary, reason_of};
use crate::model::{Fact, JobRole, Person};

/// The job roles that may be the one in effect; `None` stands for "none is".
#[derive(Debug)]
pub(super) struct InEffect<'r> {
    /// Every possibility, at least one.
    pub(super) possible: Vec<Option<&'r JobRole>>,
    /// Why there are several.
    pub(super) reason: Option<Reason>,
}

/// Rows as far as their order is known.
#[derive(Clone, Copy)]
struct Begun<'r> {
    row: &'r JobRole,
    /// The first day; `None` if it is unknown, and the row may not have begun.
    date: Option<Date>,
    /// Whether the row has ended; `None` if that is unknown.
    ended: Option<bool>,
}

impl Begun<'_> {
    /// Whether this row certainly comes after the other one: later first day, later change, greater id.
    fn outranks(self, other: Self) -> bool {
        let (Some(date), Some(others)) = (self.date, other.date) else { return false };
        match date.cmp(&others) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => match (&self.row.updated_at, &other.row.updated_at) {
                (Fact::Unknown, _) | (_, Fact::Unknown) => false,
                (own, others) => {
                    own.known().cmp(&others.known()).then_with(|| self.row.id.cmp(&other.row.id)) == Ordering::Greater
                }
            },
        }
    }
}

/// Of the rows that have begun and not ended, the one that began last; of those that began together, the one that
/// changed last; then the greatest id. People who have left keep their last one.
///
/// # Errors
/// Returns the reason if the list of job roles itself is unknown.
pub(super) fn in_effect<'r>(record: &'r Person, today: Date, left: &Ternary) -> Result<InEffect<'r>, Reason> {
    let rows = match &record.job_roles {
        Fact::Known(rows) => rows.as_slice(),
        Fact::Empty => &[],
        Fact::Unknown => return Err(reason_of(&record.unknown, "job_roles")),
    };
    let begun: Vec<Begun<'r>> = rows.iter().filter_map(|row| begun(row, today)).collect();
    let certainly_current: Vec<Begun<'r>> =
        begun.iter().copied().filter(|row| row.date.is_some() && row.ended == Some(false)).collect();
    let is_beaten = |row: &Begun<'r>, by: &[Begun<'r>]| by.iter().any(|other| other.outranks(*row));
    let mut possible: Vec<Option<&'r JobRole>> = begun
        .iter()
        .filter(|row| row.ended != Some(true) && !is_beaten(row, &certainly_current))
        .map(|row| Some(row.row))
        .collect();
    if certainly_current.is_empty() {
        // Every row may have ended.
        if !left.is_true() {
            possible.push(None);
        }
        if !left.is_false() {
            let certain: Vec<Begun<'r>> = begun.iter().copied().filter(|row| row.date.is_some()).collect();
            let last = begun.iter().filter(|row| row.ended != Some(false) && !is_beaten(row, &certain));
            possible.extend(last.map(|row| Some(row.row)));
            if certain.is_empty() {
                possible.push(None);
            }
        }
    }
    let mut seen: Vec<Option<&str>> = Vec::new();
    possible.retain(|row| {
        let id = row.map(|row| row.id.as_str());
        let is_new = !seen.contains(&id);
        if is_new {
            seen.push(id);
        }
        is_new
    });
    let reason = (possible.len() > 1).then(|| why_open(rows, today, left));
    Ok(InEffect { possible, reason })
}

/// A row that has begun or may have begun.
fn begun(row: &JobRole, today: Date) -> Option<Begun<'_>> {
    let date = match &row.effective_date {
        Fact::Known(date) if *date > today => return None,
        Fact::Known(date) => Some(*date),
        // A row without a first day may have begun on any day.
        Fact::Empty | Fact::Unknown => None,
    };
    let ended = match &row.end_date {
        Fact::Known(end) => Some(*end < today),
        Fact::Empty => Some(false),
        Fact::Unknown => None,
    };
    Some(Begun { row, date, ended })
}

/// The first fact that leaves the job role open.
fn why_open(rows: &[JobRole], today: Date, left: &Ternary) -> Reason {
    for row in rows {
        if !row.effective_date.is(|_| true).is_true() {
            return format!("the job role `{}` has no effective date", row.id).into();
        }
    }
    let has_begun = |row: &&JobRole| row.effective_date.is(|date| *date <= today).is_true();
    for row in rows.iter().filter(has_begun) {
        if row.end_date.is_unknown() {
            return format!("whether the job role `{}` has ended is unknown", row.id).into();
        }
    }
    if let Ternary::Unknown(reason) = left {
        return format!("no job role is current, and whether the person has left is unknown: {reason}").into();
    }
    for row in rows.iter().filter(has_begun) {
        if row.updated_at.is_unknown() {
            return format!("several job roles began together, and when `{}` last changed is unknown", row.id).into();
        }
    }
    "several job roles may be in effect".into()
}

/// The job role in effect, if just one may be.
///
/// # Errors
/// Returns the reason why the job role is unknown.
pub(crate) fn job_role<'r>(record: &'r Person, today: Date, left: &Ternary) -> Result<Option<&'r JobRole>, String> {
    let found = in_effect(record, today, left).map_err(|reason| reason.to_string())?;
    match (found.possible.as_slice(), found.reason) {
        ([one], _) => Ok(*one),
        (_, reason) => {
            Err(reason.map_or_else(|| "several job roles may be in effect".to_owned(), |why| why.to_string()))
        }
    }
}
