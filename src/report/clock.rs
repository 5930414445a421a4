//! Since when a finding is open, and until when it should be resolved.

use jiff::{Timestamp, civil::Date};

use super::model::{Clock, ClockBasis, ClockState};
use crate::{
    bundle::{Check, reads::Read},
    engine::{answer::Answer, explain::facts::follow},
    resolve::ResolvedSnapshot,
};

/// The clock of an open answer: from the fact that the check's `@since` names, where it is known, else from the day that
/// the finding was first seen, where an earlier report tells that.
pub(super) fn clock(
    resolved: &ResolvedSnapshot<'_>,
    check: &Check,
    answer: &Answer,
    first_seen: Option<&str>,
) -> Option<Clock> {
    if !answer.verdict.outcome.is_open() || (check.since.is_none() && check.due.is_none()) {
        return None;
    }
    let fact = check.since.as_deref().and_then(|path| date(resolved, answer, path));
    let (since, basis) = match fact {
        Some(date) => (date, ClockBasis::Fact),
        None => (first_seen?.parse().ok()?, ClockBasis::FirstSeen),
    };
    let due = check.due.and_then(|due| resolved.bundle.calendar.due(since, due));
    let soon = i32::from(resolved.bundle.calendar.due_soon_days);
    Some(Clock {
        since: since.to_string(),
        basis,
        due: due.map(|due| due.to_string()),
        state: due.map(|due| state(resolved.today, due, soon)),
    })
}

fn state(today: Date, due: Date, soon: i32) -> ClockState {
    match (due - today).get_days() {
        left if left < 0 => ClockState::Overdue,
        left if left <= soon => ClockState::DueSoon,
        _ => ClockState::OnTime,
    }
}

/// The day that a path leads to; an instant falls on a day of the organisation's time zone.
fn date(resolved: &ResolvedSnapshot<'_>, answer: &Answer, path: &str) -> Option<Date> {
    let read = Read { path: path.split('.').map(str::to_owned).collect(), memberships: Vec::new() };
    let fact = follow(resolved, answer, &read)?;
    // The path may end early, at a reference without a target.
    let text = fact.value.known().filter(|_| fact.path == path)?;
    let instant = text.parse::<Timestamp>().map(|instant| resolved.snapshot.organization.time_zone.date(instant));
    instant.or_else(|_| text.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_due_day_itself_is_in_time() {
        let today: Date = "2026-11-20".parse().unwrap();
        let state = |due: &str| state(today, due.parse().unwrap(), 7);
        assert_eq!(state("2026-11-19"), ClockState::Overdue);
        assert_eq!(state("2026-11-20"), ClockState::DueSoon);
        assert_eq!(state("2026-11-27"), ClockState::DueSoon);
        assert_eq!(state("2026-11-28"), ClockState::OnTime);
        assert_eq!(state("2027-01-19"), ClockState::OnTime);
    }
}
