//! What holds on the day: records of a snapshot seen through a bundle's data.
//!
//! Everything that depends on the date or on the bundle is settled here, once per evaluation: the job role in effect,
//! the manager and what is wrong with the reporting line, org roles, scope, who is behind each account, and the
//! requests for access that count.

mod accounts;
mod addresses;
mod declaration;
mod derived;
mod gaps;
mod identity;
mod job_role;
mod kept;
mod managers;
mod near;
mod notes;
mod numbered;
mod people;
mod reasons;
mod requests;
mod texts;

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use jiff::{Timestamp, civil::Date};
use rayon::prelude::*;

pub(crate) use job_role::job_role;
pub use kept::{AccountRef, Accounts};
pub use people::{Address, People, ResolvedPerson, Supply};
pub(super) use people::{Number, Row};
pub use reasons::Reasons;

use crate::{
    bundle::{AccountMapping, Bundle, Rule, SystemRules},
    diagnostic::Diagnostic,
    model::{AccessRequestStatus, Account, AccountClass, Basis, Collection, Fact, Person, Snapshot, System, level_id},
};

vocabulary! {
    /// What is wrong with a reporting line.
    ManagerIssue {
        /// The manager's id belongs to nobody in the people list.
        Dangling = "dangling",
        /// The person reports to themselves.
        SelfManaged = "self",
        /// The reporting line leads back to the person.
        Cyclic = "cyclic",
    }
}

vocabulary! {
    /// Why nobody is behind an account.
    IdentityIssue {
        /// It has no address, and nothing else says whose it is.
        NoAddress = "no-address",
        /// Nobody has its address.
        NoMatch = "no-match",
        /// Several current people have its address.
        Ambiguous = "ambiguous",
        /// It is mapped to a person who is not in the people list.
        MappedToNobody = "mapped-to-nobody",
    }
}

vocabulary! {
    /// How a declaration about an account agrees with the account's own facts.
    DeclarationStatus {
        /// No known fact contradicts it.
        Consistent = "consistent",
        /// A known fact contradicts it, so that it settles nothing.
        Contradicted = "contradicted",
        /// A known fact contradicts it, and `despite:` acknowledges that.
        Acknowledged = "acknowledged",
    }
}

/// A request for access that concerns an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedRequest {
    /// Index into the snapshot's access requests.
    pub index: usize,
    /// Where it stands.
    pub status: AccessRequestStatus,
    /// Whether its last day has passed.
    pub expired: bool,
}

/// An account as of the day.
#[derive(Debug, Clone)]
pub struct ResolvedAccount<'a> {
    /// The record.
    pub record: Cow<'a, Account>,
    /// Its system, as an index into the situation's.
    pub system: Option<usize>,
    /// The person behind it, as an index into the people.
    pub owner: Fact<usize>,
    /// Why there is none.
    pub identity_issue: Fact<IdentityIssue>,
    /// Those who might be behind it: several who have its address, or those whose address only resembles it.
    pub candidates: Vec<usize>,
    /// What kind of account it is.
    pub class: Fact<AccountClass>,
    /// Who answers for it.
    pub responsible: Fact<usize>,
    /// What the bundle declares about it.
    pub mapping: Option<&'a AccountMapping>,
    /// How the declaration agrees with the account's own facts; empty if nothing is declared.
    pub declaration: Fact<DeclarationStatus>,
    /// What contradicts the declaration.
    pub contradiction: Option<Arc<str>>,
    /// The last day before its declaration has to be reviewed again.
    pub review_by: Fact<Date>,
    /// The day on which its declaration was last reviewed.
    pub reviewed_on: Fact<Date>,
    /// Requests of its owner in its system.
    pub requests: Fact<Vec<ResolvedRequest>>,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: Reasons,
}

/// The staff lists of an organisation, taken together.
#[derive(Debug, Clone, Default)]
pub struct ResolvedStaff {
    /// When they were pulled (the instant furthest from the one judged by), and whether all of them are complete; none if no source lists staff.
    pub listed: Option<(Timestamp, bool)>,
    /// What shows that they are complete, or why they are not; list by list.
    pub completeness: String,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: Reasons,
}

/// A system, from the snapshot or the bundle or both.
#[derive(Debug, Clone)]
pub struct ResolvedSystem<'a> {
    /// Short id.
    pub id: &'a str,
    /// The snapshot's record of it.
    pub record: Option<&'a System>,
    /// The bundle's file about it.
    pub rules: Option<&'a SystemRules>,
    /// How many access rules it has that have not expired.
    pub access_rules: usize,
    /// When its accounts were listed, and whether all of them were.
    pub list: Option<(Timestamp, bool)>,
    /// What shows that the list is complete, or why it is not.
    pub completeness: Option<String>,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: Reasons,
}

/// How many access rules a system has that have not expired.
fn access_rules(rules: Option<&SystemRules>, today: Date) -> usize {
    let rules = rules.into_iter().flat_map(|rules| &rules.access);
    rules.filter(|rule| rule.entry.expires.is_none_or(|last| last >= today)).count()
}

/// A job title and department that no org role matches, and how many current people have them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnmatchedTitle {
    /// The job title.
    pub job_title: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// How many people.
    pub people: usize,
}

/// A snapshot seen through a bundle, as of an instant.
#[derive(Debug)]
pub struct Situation<'a> {
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
    identities: identity::Identities<'a>,
    requests: requests::Requests,
    /// By system: ids that several of its levels share, so that their ids are their names.
    shared_levels: BTreeSet<(String, String)>,
}

/// The ids that levels of an account share with others of its system. The names of these are their ids: every other id
/// holds no blank that its form would replace.
pub(crate) fn shared_levels(account: &Account) -> impl Iterator<Item = String> {
    let levels = account.levels.known().into_iter().flatten();
    levels.filter_map(|level| Some(level_id(level)).filter(|id| id != level))
}

/// How many records are resolved at a time, by each of several threads.
const BLOCK: usize = 4096;

/// Staff on their way into a situation.
pub(crate) struct Staff<'a> {
    bundle: &'a Bundle,
    as_of: Timestamp,
    day: people::Day<'a>,
    people: People<'a>,
}

impl<'a> Staff<'a> {
    /// Nobody yet. Of the snapshot, the organisation and the sources are looked at.
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

    /// The situation with everybody that was added, and no accounts yet. The snapshot's people and accounts are not
    /// looked at.
    pub(crate) fn situation(self, snapshot: &'a Snapshot) -> Situation<'a> {
        let Staff { bundle, as_of, day: _, mut people } = self;
        let today = snapshot.organization.time_zone.date(as_of);
        let incomplete = staff_incomplete(snapshot);
        people.complete();
        managers::resolve(&mut people, incomplete.as_deref());
        let gaps = gaps::Gaps::new(snapshot, &people, today);
        let identities = identity::Identities::new(bundle, &people, today, gaps);
        let requests = requests::Requests::new(
            snapshot,
            identity::Among { identities: &identities, people: &people },
            today,
            as_of,
        );
        Situation {
            snapshot,
            bundle,
            as_of,
            today,
            systems: systems(snapshot, bundle, as_of, today),
            staff: staff(snapshot, as_of),
            unmatched_titles: people::unmatched_titles(&people, today),
            people: Arc::new(people),
            accounts: Accounts::default(),
            notes: Vec::new(),
            identities,
            requests,
            shared_levels: BTreeSet::new(),
        }
    }
}

impl<'a> Situation<'a> {
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
        let mut situation = staff.situation(snapshot);
        let shared = |account: &Account| {
            let system = account.system.clone();
            shared_levels(account).map(move |id| (system.clone(), id)).collect::<Vec<_>>()
        };
        situation.shared_levels = snapshot.accounts.iter().flat_map(shared).collect();
        let accounts =
            snapshot.accounts.par_iter().map(|record| situation.resolve_one(Cow::Borrowed(record))).collect();
        situation.accounts.extend(accounts);
        situation.accounts.sort();
        situation.settle_notes();
        situation
    }

    /// An account on the day.
    pub(crate) fn resolve_one(&self, record: Cow<'a, Account>) -> ResolvedAccount<'a> {
        let among = identity::Among { identities: &self.identities, people: &self.people };
        let system = self.system_index(&record.system);
        accounts::resolve(record, system, among, &self.requests)
    }

    /// Whether a rule reaches what its scope names. Where several levels share an id, an access rule reaches the one of
    /// the name that it writes.
    pub(crate) fn reaches(&self, rule: &Rule) -> bool {
        let by_id = rule.grants.as_ref().filter(|grants| grants.is_by_id());
        by_id.is_none_or(|grants| !self.shared_levels.contains(&(grants.system.clone(), grants.level.clone())))
    }

    /// Finds out which entries of the bundle match nothing, once all accounts are there that it names.
    pub(crate) fn settle_notes(&mut self) {
        self.notes = notes::notes(self);
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

    /// Everybody who has this address: as the work e-mail, or declared as a further one.
    #[must_use]
    pub fn people_of_address(&self, address: &str) -> Vec<usize> {
        identity::Among { identities: &self.identities, people: &self.people }.people_of_address(address)
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

/// Why the people list is not complete; `None` where it is.
fn staff_incomplete(snapshot: &Snapshot) -> Option<String> {
    if !snapshot.has_staff() {
        return Some("no source of the snapshot lists staff".to_owned());
    }
    let (source, collection) = snapshot.staff().find(|(_, collection)| !collection.complete)?;
    let reasons = collection.reasons.join("; ");
    Some(format!("the collection `{}` of `{}` is incomplete: {reasons}", collection.name, source.id))
}

/// The instant that is furthest from the one judged by, since rules measure an age in both directions.
fn furthest(as_of: Timestamp, instants: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    instants.max_by_key(|instant| (as_of.duration_since(*instant).abs(), std::cmp::Reverse(*instant)))
}

/// The staff lists, taken together.
fn staff(snapshot: &Snapshot, as_of: Timestamp) -> ResolvedStaff {
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

fn systems<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle, as_of: Timestamp, today: Date) -> Vec<ResolvedSystem<'a>> {
    let listed = snapshot.systems.iter().map(|system| system.id.as_str());
    let ids: BTreeSet<&str> = listed.chain(bundle.systems.keys().map(String::as_str)).collect();
    ids.into_iter()
        .map(|id| {
            let least = bundle.systems.get(id).and_then(|rules| rules.require_complete);
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
                record: snapshot.systems.iter().find(|system| system.id == id),
                rules: bundle.systems.get(id),
                access_rules: access_rules(bundle.systems.get(id), today),
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

#[cfg(test)]
mod tests;
