//! The lists of a snapshot: their age, and whether they are complete.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use super::{
    reasons::Reasons,
    resolved::{ResolvedStaff, ResolvedSystem},
};
use crate::{
    bundle::{Bundle, SystemRules},
    model::{Basis, Collection, Snapshot},
};

/// How many access rules a system has that have not expired.
fn access_rules(rules: Option<&SystemRules>, today: Date) -> usize {
    let rules = rules.into_iter().flat_map(|rules| &rules.access);
    rules.filter(|rule| rule.entry.expires.is_none_or(|last| last >= today)).count()
}

/// The instant that is furthest from the one judged by, since rules measure an age in both directions.
pub(super) fn furthest(as_of: Timestamp, instants: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    instants.max_by_key(|instant| (as_of.duration_since(*instant).abs(), std::cmp::Reverse(*instant)))
}

/// The staff lists, taken together.
pub(super) fn staff(snapshot: &Snapshot, as_of: Timestamp) -> ResolvedStaff {
    let pulled_at = furthest(as_of, snapshot.staff().map(|(source, _)| source.pulled_at));
    let complete = snapshot.staff().all(|(_, collection)| collection.complete);
    let lists = snapshot.staff().map(|(source, list)| (source, completeness(list, None)));
    let lists: Vec<String> = match snapshot.staff().count() {
        1 => lists.map(|(_, text)| text).collect(),
        _ => lists.map(|(source, text)| format!("{}: {text}", source.id)).collect(),
    };
    let listed = pulled_at.map(|pulled_at| (pulled_at, complete));
    let mut staff = ResolvedStaff { listed, completeness: lists.join("; "), unknown: Reasons::new() };
    if pulled_at.is_none() {
        for attribute in ["staffAsOf", "staffComplete"] {
            staff.unknown.insert(attribute, "no source of the snapshot lists staff");
        }
    }
    staff
}

pub(super) fn systems<'a>(
    snapshot: &'a Snapshot,
    bundle: &'a Bundle,
    as_of: Timestamp,
    today: Date,
) -> Vec<ResolvedSystem<'a>> {
    let listed = snapshot.systems.iter().map(|system| system.id.as_str());
    let ids: BTreeSet<&str> = listed.chain(bundle.systems.keys().map(String::as_str)).collect();
    ids.into_iter()
        .map(|id| {
            let rules = bundle.systems.get(id);
            let least = rules.and_then(|rules| rules.require_complete);
            let max_age = rules.and_then(|rules| rules.max_age_hours);
            let pulled_at = furthest(as_of, snapshot.account_lists(id).map(|(source, _)| source.pulled_at));
            // The list that proves least speaks for all lists of the system.
            let weakest = snapshot.account_lists(id).map(|(_, list)| list).min_by_key(|list| list.basis);
            let weakest = snapshot.account_lists(id).map(|(_, list)| list).find(|list| !list.complete).or(weakest);
            let list = pulled_at.zip(weakest).map(|(pulled_at, list)| (pulled_at, list.is_complete_by(least)));
            let mut unknown = Reasons::new();
            if list.is_none() {
                for attribute in ["accountsAsOf", "accountsComplete"] {
                    unknown.insert(attribute, format!("no source of the snapshot lists the accounts of `{id}`"));
                }
            }
            ResolvedSystem {
                id,
                record: snapshot.system(id),
                rules,
                access_rules: access_rules(rules, today),
                max_age_hours: max_age.unwrap_or(bundle.evidence.account_max_age_hours),
                list,
                completeness: weakest.map(|list| completeness(list, least)),
                unknown,
            }
        })
        .collect()
}

/// What shows that a list is complete, or why it is not complete enough.
fn completeness(list: &Collection, least: Option<Basis>) -> String {
    match least {
        _ if !list.complete => list.reasons.join("; "),
        Some(least) if !list.is_complete_by(Some(least)) => {
            format!("{}, where the system's file has `require_complete: {least}`", list.basis_text())
        }
        _ => list.basis_text(),
    }
}
