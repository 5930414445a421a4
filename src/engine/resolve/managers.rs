//! Reporting lines: who the manager is, and where the line is broken.

use std::collections::HashMap;

use super::{ManagerIssue, ResolvedPerson};
use crate::model::Fact;

/// Resolves every reporting line. `incomplete` says why the people list has holes, if it has: then a manager who is not
/// in it may well exist.
pub(super) fn resolve(people: &mut [ResolvedPerson<'_>], index: &HashMap<&str, usize>, incomplete: Option<&str>) {
    for (at, person) in people.iter_mut().enumerate() {
        if person.manager.is_unknown() {
            continue;
        }
        let listed = person.record.listed_manager.as_deref();
        let named = match person.job_role.map(|row| &row.manager) {
            Some(Fact::Known(id)) => Fact::Known(id.as_str()),
            Some(Fact::Empty) => Fact::Empty,
            Some(Fact::Unknown) => listed.map_or(Fact::Unknown, Fact::Known),
            None => listed.into(),
        };
        let (manager, issue, reason) = match named {
            Fact::Empty => (Fact::Empty, Fact::Empty, None),
            Fact::Unknown => {
                let reason = person.job_role.and_then(|row| row.unknown.get("manager")).cloned();
                (Fact::Unknown, Fact::Unknown, Some(reason.unwrap_or_else(|| "`manager` is unknown".to_owned())))
            }
            Fact::Known(id) => match (index.get(id), incomplete) {
                (Some(manager), _) if *manager == at => (Fact::Known(at), Fact::Known(ManagerIssue::SelfManaged), None),
                (Some(manager), _) => (Fact::Known(*manager), Fact::Empty, None),
                (None, None) => (Fact::Empty, Fact::Known(ManagerIssue::Dangling), None),
                (None, Some(incomplete)) => {
                    let reason = format!("the manager `{id}` is not in the people list, and {incomplete}");
                    (Fact::Unknown, Fact::Unknown, Some(reason))
                }
            },
        };
        person.manager = manager;
        person.manager_issue = issue;
        if let Some(reason) = reason {
            person.unknown.insert("manager".to_owned(), reason.clone());
            person.unknown.insert("managerIssue".to_owned(), reason);
        }
    }
    mark_cycles(people);
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
fn mark_cycles(people: &mut [ResolvedPerson<'_>]) {
    let managers: Vec<Fact<usize>> = people.iter().map(|person| person.manager.clone()).collect();
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
            match managers.get(here) {
                Some(Fact::Known(manager)) => here = *manager,
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
        if let Some(person) = people.get_mut(member).filter(|person| person.manager_issue == Fact::Empty) {
            person.manager_issue = Fact::Known(ManagerIssue::Cyclic);
        }
    }
    for (index, end) in ends.into_iter().enumerate() {
        let Some(End::Unknown(last)) = end else { continue };
        let Some(id) = people.get(last).map(|person| person.record.id.clone()) else { continue };
        if let Some(person) = people.get_mut(index).filter(|person| person.manager_issue == Fact::Empty) {
            person.manager_issue = Fact::Unknown;
            let reason = format!("the reporting line leads to `{id}`, whose manager is unknown");
            person.unknown.insert("managerIssue".to_owned(), reason);
        }
    }
}
