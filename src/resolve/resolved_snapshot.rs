//! A snapshot after identity, dates and roles are resolved.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use jiff::{Timestamp, civil::Date};

use super::{
    accounts, facts,
    holdings::{self, PeopleHoldings},
    identity,
    packed_accounts::{AccountRef, Accounts},
    people::{People, ResolvedPerson},
    requests,
    resolved::{ResolvedAccount, ResolvedStaff, ResolvedSystem, UnmatchedTitle},
};
use crate::{
    bundle::{Bundle, DeclaredFact, FactEntity, Rule, SystemRules, data::entitlement_groups::GroupMember},
    diagnostic::Diagnostic,
    model::{Account, Snapshot, declared::unknown_key, slug::is_level},
};

/// A snapshot seen through a bundle, as of an instant.
#[derive(Debug)]
pub struct ResolvedSnapshot<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot,
    /// The bundle.
    pub bundle: &'a Bundle,
    /// The instant.
    pub as_of: Timestamp,
    /// Its day in the organisation's zone.
    pub today: Date,
    /// People, by id.
    pub people: Arc<People<'a>>,
    /// What people hold, of that which rules ask for.
    pub holdings: PeopleHoldings,
    /// The staff lists, taken together.
    pub staff: ResolvedStaff,
    /// Accounts, by system and id.
    pub accounts: Accounts<'a>,
    /// Systems, by id.
    pub systems: Vec<ResolvedSystem<'a>>,
    /// Entries of the bundle that match nothing in the snapshot.
    pub notes: Vec<Diagnostic>,
    /// Titles that no org role matches.
    pub unmatched_titles: Vec<UnmatchedTitle>,
    pub(super) identities: identity::Identities<'a>,
    pub(super) requests: requests::Requests,
    /// By system: ids that several of its levels share, so that their ids are their names.
    pub(super) shared_levels: BTreeSet<(String, String)>,
}

impl ResolvedSnapshot<'_> {
    /// Whether having an account is the only level of a system that is judged.
    #[must_use]
    pub(crate) fn is_login_only(&self, system: usize) -> bool {
        self.systems.get(system).and_then(|system| system.rules).is_some_and(SystemRules::is_login_only)
    }

    /// Whether no file says which levels of a system are judged.
    #[must_use]
    pub(crate) fn says_no_levels(&self, system: usize) -> bool {
        self.systems.get(system).and_then(|system| system.rules).is_none_or(|rules| rules.levels.is_none())
    }
}

impl<'a> ResolvedSnapshot<'a> {
    /// An account on the day.
    pub(crate) fn resolve_one(&self, record: Cow<'a, Account>) -> ResolvedAccount<'a> {
        let among = identity::IdentityResolver { identities: &self.identities, people: &self.people };
        let index = self.system_index(&record.system);
        let system = index.and_then(|index| self.systems.get(index)?.rules);
        let facts = self.bundle.facts_read(FactEntity::Account);
        let pulled_at = |source: &str| self.snapshot.source(source).map(|source| source.pulled_at);
        let own = pulled_at(&record.source);
        let supplied = record.supplied.clone();
        let too_old = |fact: &DeclaredFact| {
            let supplied = if supplied.is_empty() { None } else { supplied.get(&unknown_key(fact.name)) };
            facts::too_old(fact, supplied.map_or(own, |source| pulled_at(source)), self.as_of)
        };
        let mut account = accounts::resolve(record, (index, system), (facts, too_old), among, &self.requests);
        if !self.bundle.holding_targets.is_empty() {
            account.holdings = holdings::of_account(&account.record, self.bundle);
        }
        account
    }

    /// The ids of the entitlement groups that a level of a system is in.
    pub(crate) fn groups_of_level<'s>(&'s self, system: &'s str, level: &'s str) -> impl Iterator<Item = &'s str> {
        let is_it = move |member: &GroupMember| member.system == system && is_level(level, &member.level);
        let groups = self.bundle.entitlement_groups.iter();
        groups.filter(move |group| group.members.iter().any(is_it)).map(|group| group.id.as_str())
    }

    /// Whether a rule reaches what its scope names. Where several levels share an id, an access rule reaches the one of
    /// the name that it writes.
    pub(crate) fn reaches(&self, rule: &Rule) -> bool {
        let by_id = rule.grants.as_ref().filter(|grants| grants.is_by_id());
        by_id.is_none_or(|grants| !self.shared_levels.contains(&(grants.system.clone(), grants.level.clone())))
    }

    /// The index of the person of this HRIS id.
    #[must_use]
    pub fn person_index(&self, id: &str) -> Option<usize> {
        self.people.index(id)
    }

    /// The person at an index.
    #[must_use]
    pub fn person(&self, index: usize) -> Option<ResolvedPerson<'_>> {
        self.people.get(index)
    }

    /// The people who have this address: as the work e-mail, or declared as a further one.
    #[must_use]
    pub fn people_of_address(&self, address: &str) -> Vec<usize> {
        identity::IdentityResolver { identities: &self.identities, people: &self.people }.people_of_address(address)
    }

    /// The person who answers for a system: the one whom its file names.
    #[must_use]
    pub(crate) fn system_owner(&self, system: usize) -> Option<usize> {
        let owner = self.systems.get(system)?.rules?.owner.as_ref()?;
        let by_id = self.person_index(&owner.person);
        by_id.or_else(|| match self.people_of_address(&owner.person).as_slice() {
            [one] => Some(*one),
            _ => None,
        })
    }

    /// The system of this id.
    #[must_use]
    pub fn system(&self, id: &str) -> Option<&ResolvedSystem<'a>> {
        self.systems.get(self.system_index(id)?)
    }

    /// The index of the system of this id.
    #[must_use]
    pub fn system_index(&self, id: &str) -> Option<usize> {
        self.systems.binary_search_by(|system| system.id.cmp(id)).ok()
    }
}

impl<'a> ResolvedSnapshot<'a> {
    /// The account at an index.
    #[must_use]
    pub fn account_at(&self, index: usize) -> Option<AccountRef<'_, 'a>> {
        self.accounts.get(index, |record| self.resolve_one(Cow::Owned(record)))
    }

    /// The account `<system>/<id>`.
    #[must_use]
    pub fn account(&self, key: &str) -> Option<AccountRef<'_, 'a>> {
        self.account_at(self.account_index(key)?)
    }

    /// The index of the account `<system>/<id>`.
    #[must_use]
    pub fn account_index(&self, key: &str) -> Option<usize> {
        let (system, id) = key.split_once('/')?;
        let (mut begin, mut end) = (0, self.accounts.len());
        while begin < end {
            let middle = begin.midpoint(end);
            let account = self.account_at(middle)?;
            match (account.record.system.as_str(), account.record.id.as_str()).cmp(&(system, id)) {
                std::cmp::Ordering::Less => begin = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => end = middle,
            }
        }
        None
    }
}
