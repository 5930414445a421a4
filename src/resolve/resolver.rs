//! Resolves a snapshot against a bundle as of an instant.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    gaps,
    holdings::PeopleHoldings,
    identity,
    lists::{staff, systems},
    managers, notes,
    packed_accounts::Accounts,
    people::{self, People},
    requests,
    resolved_snapshot::ResolvedSnapshot,
};
use crate::{
    bundle::Bundle,
    model::{Account, Person, Snapshot, level_id},
};

/// The ids that levels of an account share with others of its system. The names of these are their ids: every other id
/// holds no blank that its form would replace.
pub(crate) fn shared_levels(account: &Account) -> impl Iterator<Item = String> {
    let levels = account.levels.known().into_iter().flatten();
    levels.filter_map(|level| Some(level_id(level)).filter(|id| id != level))
}

/// How many records are resolved at a time, by each of several threads.
const BLOCK: usize = 4096;

/// Staff on their way into a resolved snapshot.
pub(crate) struct Staff<'a> {
    bundle: &'a Bundle,
    as_of: Timestamp,
    day: people::Day<'a>,
    people: People<'a>,
}

impl<'a> Staff<'a> {
    /// No people yet. Reads the organisation and the sources of the snapshot.
    pub(crate) fn new(snapshot: &Snapshot, bundle: &'a Bundle, as_of: Timestamp) -> Self {
        let today = snapshot.organization.time_zone.date(as_of);
        let day = people::Day::new(snapshot, bundle, as_of, today);
        Staff { bundle, as_of, day, people: People::new(&bundle.people) }
    }

    /// These people on the day, to be added later.
    pub(crate) fn resolve<'r>(&self, records: impl IntoIterator<Item = &'r Person>) -> People<'a> {
        self.day.people(records)
    }

    /// Adds people; false where that would not be in the order of their ids.
    #[must_use]
    pub(crate) fn add(&mut self, people: People<'a>) -> bool {
        self.people.append(people)
    }

    /// The resolved snapshot with all people that were added, and no accounts yet. The snapshot's people and accounts are not
    /// looked at.
    pub(crate) fn resolved(self, snapshot: &'a Snapshot) -> ResolvedSnapshot<'a> {
        let Staff { bundle, as_of, day: _, mut people } = self;
        let today = snapshot.organization.time_zone.date(as_of);
        people.complete();
        let gaps = gaps::Gaps::new(snapshot, &people, today);
        managers::resolve(&mut people, gaps.anyone_hidden().map(|reason| &**reason));
        let identities = identity::Identities::new(bundle, &people, today, gaps);
        let requests = requests::Requests::new(
            snapshot,
            identity::IdentityResolver { identities: &identities, people: &people },
            today,
            as_of,
        );
        ResolvedSnapshot {
            snapshot,
            bundle,
            as_of,
            today,
            systems: systems(snapshot, bundle, as_of, today),
            staff: staff(snapshot, as_of),
            unmatched_titles: people::unmatched_titles(&people, today),
            people: Arc::new(people),
            holdings: PeopleHoldings::default(),
            accounts: Accounts::default(),
            notes: Vec::new(),
            identities,
            requests,
            shared_levels: BTreeSet::new(),
        }
    }
}

impl<'a> ResolvedSnapshot<'a> {
    /// Resolves a snapshot as of an instant.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, bundle: &'a Bundle, as_of: Timestamp) -> Self {
        let mut records: Vec<&Person> = snapshot.people.iter().collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        records.dedup_by(|a, b| a.id == b.id);
        let mut staff = Staff::new(snapshot, bundle, as_of);
        let blocks: Vec<People<'a>> =
            records.par_chunks(BLOCK).map(|block| staff.resolve(block.iter().copied())).collect();
        for block in blocks {
            let in_order = staff.add(block);
            debug_assert!(in_order, "they were put in order");
        }
        let mut resolved = staff.resolved(snapshot);
        let shared = |account: &Account| {
            let system = account.system.clone();
            shared_levels(account).map(move |id| (system.clone(), id)).collect::<Vec<_>>()
        };
        resolved.shared_levels = snapshot.accounts.iter().flat_map(shared).collect();
        let accounts = snapshot.accounts.par_iter().map(|record| resolved.resolve_one(Cow::Borrowed(record))).collect();
        resolved.accounts.extend(accounts);
        resolved.accounts.sort();
        resolved.resolve_holdings();
        resolved.settle_notes();
        resolved
    }

    /// Finds out which entries of the bundle match nothing, once all accounts are there that it names.
    pub(crate) fn settle_notes(&mut self) {
        self.notes = notes::notes(self);
    }
}
