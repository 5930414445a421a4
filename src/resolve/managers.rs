//! Reporting lines: who the manager is, and where the line is broken.

use std::sync::Arc;

use rayon::prelude::*;

use crate::{
    model::Fact,
    resolve::{
        people::{Number, People},
        resolved::ManagerIssue,
    },
};

/// Resolves every reporting line. `incomplete` says why the people list has holes, if it has: then a manager who is not
/// in it may well exist.
pub(super) fn resolve(people: &mut People<'_>, incomplete: Option<&str>) {
    let named = people.take_named();
    // Each manager is looked up once, for all who report to them.
    let managers: Vec<Option<u32>> =
        named.all().par_iter().map(|id| people.index(id).and_then(|index| u32::try_from(index).ok())).collect();
    for at in 0..people.len() {
        let Some(row) = people.rows.get_mut(at) else { continue };
        let Fact::Known(number) = row.manager.fact() else {
            row.manager_issue = if row.manager.fact().is_unknown() { Fact::Unknown } else { Fact::Empty };
            continue;
        };
        let manager = usize::try_from(number).ok().and_then(|number| managers.get(number).copied().flatten());
        let is_self = manager.is_some_and(|manager| usize::try_from(manager) == Ok(at));
        let (manager, issue) = match (manager, incomplete) {
            (Some(manager), _) if is_self => (Fact::Known(manager), Fact::Known(ManagerIssue::SelfManaged)),
            (Some(manager), _) => (Fact::Known(manager), Fact::Empty),
            (None, None) => (Fact::Empty, Fact::Known(ManagerIssue::Dangling)),
            (None, Some(_)) => (Fact::Unknown, Fact::Unknown),
        };
        row.manager = Number::new(&manager);
        row.manager_issue = issue;
        if let (Fact::Unknown, Some(incomplete)) = (manager, incomplete) {
            let id = named.get(number).map(|id| &**id).unwrap_or_default();
            let reason: Arc<str> = format!("the manager `{id}` is not in the people list, and {incomplete}").into();
            people.change_unknown(at, |unknown| {
                unknown.insert("manager", reason.clone());
                unknown.insert("managerIssue", reason);
            });
        }
    }
    mark_cycles(people);
}

/// How a reporting line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// At a person without a manager, or whose manager is not in the list.
    Top,
    /// At the person of this index, whose manager is unknown.
    Unknown(u32),
    /// Nowhere: it goes round and round.
    Never,
}

/// Marks the people whose reporting line leads back to them. If a line ends at a person whose manager is unknown, that
/// manager may be any person on the line: for them it is unknown.
fn mark_cycles(people: &mut People<'_>) {
    let mut ends: Vec<Option<End>> = vec![None; people.len()];
    // The walk on which a person was met, counted from 1; each person is walked over once.
    let mut met: Vec<u32> = vec![0; people.len()];
    let mut on_cycle: Vec<usize> = Vec::new();
    let mut walk: Vec<usize> = Vec::new();
    for (start, number) in (0..people.len()).zip(1..) {
        walk.clear();
        let mut here = start;
        let end = loop {
            if let Some(end) = ends.get(here).copied().flatten() {
                break end;
            }
            if met.get(here) == Some(&number) {
                on_cycle.extend(walk.iter().copied().skip_while(|member| *member != here));
                break End::Never;
            }
            if let Some(walked) = met.get_mut(here) {
                *walked = number;
            }
            walk.push(here);
            match people.rows.get(here).map(|row| row.manager.index()) {
                Some(Fact::Known(manager)) => here = manager,
                Some(Fact::Unknown) => break End::Unknown(u32::try_from(here).unwrap_or(u32::MAX)),
                Some(Fact::Empty) | None => break End::Top,
            }
        };
        for member in &walk {
            if let Some(known) = ends.get_mut(*member) {
                *known = Some(end);
            }
        }
    }
    for member in on_cycle {
        if let Some(row) = people.rows.get_mut(member).filter(|row| row.manager_issue.is_empty().is_true()) {
            row.manager_issue = Fact::Known(ManagerIssue::Cyclic);
        }
    }
    for (index, end) in ends.into_iter().enumerate() {
        let Some(End::Unknown(last)) = end else { continue };
        let last = usize::try_from(last).ok().and_then(|last| people.get(last));
        let Some(reason) =
            last.map(|last| format!("the reporting line leads to `{}`, whose manager is unknown", last.id))
        else {
            continue;
        };
        if let Some(row) = people.rows.get_mut(index).filter(|row| row.manager_issue.is_empty().is_true()) {
            row.manager_issue = Fact::Unknown;
            people.change_unknown(index, |unknown| unknown.insert("managerIssue", reason));
        }
    }
}
