//! Reporting lines: who the manager is, and where the line is broken.

use std::sync::Arc;

use rayon::prelude::*;

use super::{
    ManagerIssue, Reasons,
    people::{Number, People},
};
use crate::model::Fact;

/// Resolves every reporting line. `incomplete` says why the people list has holes, if it has: then a manager who is not
/// in it may well exist.
pub(super) fn resolve(people: &mut People<'_>, incomplete: Option<&str>) {
    let found: Vec<Found> = (0..people.len()).into_par_iter().map(|at| find(people, at, incomplete)).collect();
    for (row, found) in people.rows.iter_mut().zip(found) {
        row.manager = Number::new(&found.manager);
        row.manager_issue = found.issue;
        if let Some(reason) = found.why {
            let reason: Arc<str> = reason.into();
            let unknown = row.unknown.get_or_insert_default();
            unknown.insert("manager", reason.clone());
            unknown.insert("managerIssue", reason);
        }
    }
    people.forget_named();
    mark_cycles(people);
}

/// Who manages somebody.
struct Found {
    manager: Fact<u32>,
    issue: Fact<ManagerIssue>,
    /// Why both are unknown, where it is not the record that says so.
    why: Option<Box<str>>,
}

fn find(people: &People<'_>, at: usize, incomplete: Option<&str>) -> Found {
    let found = |manager, issue| Found { manager, issue, why: None };
    match people.named(at) {
        Fact::Empty => found(Fact::Empty, Fact::Empty),
        Fact::Unknown => found(Fact::Unknown, Fact::Unknown),
        Fact::Known(id) => {
            let number = |index: usize| u32::try_from(index).map_or(Fact::Unknown, Fact::Known);
            match (people.index(id), incomplete) {
                (Some(manager), _) if manager == at => found(number(at), Fact::Known(ManagerIssue::SelfManaged)),
                (Some(manager), _) => found(number(manager), Fact::Empty),
                (None, None) => found(Fact::Empty, Fact::Known(ManagerIssue::Dangling)),
                (None, Some(incomplete)) => {
                    let why = format!("the manager `{id}` is not in the people list, and {incomplete}");
                    Found { manager: Fact::Unknown, issue: Fact::Unknown, why: Some(why.into()) }
                }
            }
        }
    }
}

/// How a reporting line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// At somebody who reports to nobody, or to nobody who is there.
    Top,
    /// At the person of this index, whose manager is unknown.
    Unknown(usize),
    /// Nowhere: it goes round and round.
    Never,
}

/// Marks everybody whose reporting line leads back to them, and everybody of whom nobody can say it: their line ends
/// at somebody whose manager is unknown, and that manager might be they.
fn mark_cycles(people: &mut People<'_>) {
    let mut ends: Vec<Option<End>> = vec![None; people.len()];
    // The walk on which a person was met, counted from 1; each person is walked over once.
    let mut met: Vec<usize> = vec![0; people.len()];
    let mut on_cycle: Vec<usize> = Vec::new();
    for start in 0..people.len() {
        let mut walk: Vec<usize> = Vec::new();
        let mut here = start;
        let end = loop {
            if let Some(end) = ends.get(here).copied().flatten() {
                break end;
            }
            if met.get(here) == Some(&(start + 1)) {
                on_cycle.extend(walk.iter().copied().skip_while(|member| *member != here));
                break End::Never;
            }
            if let Some(walked) = met.get_mut(here) {
                *walked = start + 1;
            }
            walk.push(here);
            match people.rows.get(here).map(|row| row.manager.index()) {
                Some(Fact::Known(manager)) => here = manager,
                Some(Fact::Unknown) => break End::Unknown(here),
                Some(Fact::Empty) | None => break End::Top,
            }
        };
        for member in walk {
            if let Some(known) = ends.get_mut(member) {
                *known = Some(end);
            }
        }
    }
    for member in on_cycle {
        if let Some(row) = people.rows.get_mut(member).filter(|row| row.manager_issue == Fact::Empty) {
            row.manager_issue = Fact::Known(ManagerIssue::Cyclic);
        }
    }
    for (index, end) in ends.into_iter().enumerate() {
        let Some(End::Unknown(last)) = end else { continue };
        let Some(id) = people.get(last).map(|person| person.id.to_owned()) else { continue };
        if let Some(row) = people.rows.get_mut(index).filter(|row| row.manager_issue == Fact::Empty) {
            row.manager_issue = Fact::Unknown;
            let unknown: &mut Box<Reasons> = row.unknown.get_or_insert_default();
            let reason = format!("the reporting line leads to `{id}`, whose manager is unknown");
            unknown.insert("managerIssue", reason);
        }
    }
}
