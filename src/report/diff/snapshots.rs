//! Two snapshots.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Change, Compared, Difference, Side, What, flat};
use crate::model::Snapshot;

/// What changed from one snapshot to a later one of the same organisation, each with its digest.
#[must_use]
pub fn between(before: (&Snapshot, &str), after: (&Snapshot, &str)) -> Difference {
    let ((old, old_digest), (new, new_digest)) = (before, after);
    let side = |snapshot: &Snapshot, digest: &str| Side {
        as_of: snapshot.collected_at.to_string(),
        snapshot: digest.to_owned(),
        bundle: None,
    };
    let mut difference =
        Difference::new(Compared::Snapshots, &new.organization.id, side(old, old_digest), side(new, new_digest));
    if old.collected_at > new.collected_at {
        difference.notes.push("the first one was collected later than the second".to_owned());
    }
    records(&mut difference, "person", &old.people, &new.people, |one| (one.id.clone(), one.name.known().cloned()));
    records(&mut difference, "account", &old.accounts, &new.accounts, |one| {
        (format!("{}/{}", one.system, one.id), one.email.known().cloned())
    });
    records(&mut difference, "system", &old.systems, &new.systems, |one| (one.id.clone(), None));
    records(&mut difference, "access request", &old.access_requests, &new.access_requests, |one| {
        (format!("{}/{}", one.source, one.id), None)
    });
    records(&mut difference, "source", &old.sources, &new.sources, |one| (one.id.clone(), None));
    let organization = |snapshot: &Snapshot| vec![snapshot.organization.clone()];
    records(&mut difference, "organization", &organization(old), &organization(new), |one| (one.id.clone(), None));
    difference.sort();
    difference
}

fn records<R: Serialize>(
    difference: &mut Difference,
    kind: &str,
    before: &[R],
    after: &[R],
    name: fn(&R) -> (String, Option<String>),
) {
    let change = |what: What, record: &R, facts| {
        let (id, label) = name(record);
        Change { what, kind: kind.to_owned(), id, label, summary: None, facts }
    };
    let mut known: BTreeMap<String, &R> = before.iter().map(|record| (name(record).0, record)).collect();
    for record in after {
        match known.remove(&name(record).0) {
            None => difference.add(change(What::Appeared, record, Vec::new())),
            Some(old) => {
                let facts = flat::changes(old, record, |_| true);
                if !facts.is_empty() {
                    difference.add(change(What::Changed, record, facts));
                }
            }
        }
    }
    for record in known.into_values() {
        difference.add(change(What::Went, record, Vec::new()));
    }
}
