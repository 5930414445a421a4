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
                (Some(manager), _) if *manager == at => {
                    (Fact::Known(at), Fact::Known(ManagerIssue::SelfManaged), None)
                }
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

/// Marks everybody whose reporting line leads back to them.
fn mark_cycles(people: &mut [ResolvedPerson<'_>]) {
    let next: Vec<Option<usize>> = people.iter().map(|person| person.manager.known().copied()).collect();
    let follow = |at: usize| next.get(at).copied().flatten();
    // The walk on which a person was first met; each person is walked over once.
    let mut met: Vec<usize> = vec![0; people.len()];
    let mut on_cycle: Vec<usize> = Vec::new();
    for start in 0..people.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(here) = at {
            match met.get(here).copied() {
                Some(0) => {
                    if let Some(mark) = met.get_mut(here) {
                        *mark = walk;
                    }
                    at = follow(here);
                }
                Some(earlier) if earlier == walk => {
                    let mut member = here;
                    loop {
                        on_cycle.push(member);
                        match follow(member) {
                            Some(further) if further != here => member = further,
                            _ => break,
                        }
                    }
                    break;
                }
                _ => break,
            }
        }
    }
    for member in on_cycle {
        if let Some(person) = people.get_mut(member).filter(|person| person.manager_issue == Fact::Empty) {
            person.manager_issue = Fact::Known(ManagerIssue::Cyclic);
        }
    }
}
