//! What holds on the day: records of a snapshot seen through a bundle's data.
//!
//! Everything that depends on the date or on the bundle is settled here, once per evaluation: the job role in effect,
//! the manager and what is wrong with the reporting line, org roles, scope, who is behind each account, and the
//! requests for access that count.

mod accounts;
mod identity;
mod managers;
mod notes;
mod people;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};

use crate::{
    bundle::{AccountMapping, Bundle, PersonMapping, SystemRules},
    diagnostic::Diagnostic,
    model::{AccessRequestStatus, Account, AccountClass, EmploymentStatus, Fact, JobRole, Person, Snapshot, System},
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

/// Why the facts of an entity are unknown: attribute, or `in <entity type>` for memberships, to reason.
pub type Reasons = BTreeMap<String, String>;

/// A person as of the day.
#[derive(Debug, Clone)]
pub struct ResolvedPerson<'a> {
    /// The record.
    pub record: &'a Person,
    /// Whether the checks asked of people apply.
    pub in_scope: bool,
    /// What the bundle declares that puts the person out of scope.
    pub out_of_scope: Option<&'a PersonMapping>,
    /// Employment status on the day.
    pub status: Fact<EmploymentStatus>,
    /// First day of employment.
    pub start_date: Fact<Date>,
    /// Last day of employment.
    pub end_date: Fact<Date>,
    /// The job role in effect.
    pub job_role: Option<&'a JobRole>,
    /// Its title.
    pub job_title: Fact<&'a str>,
    /// Its department.
    pub department: Fact<&'a str>,
    /// The reporting manager, as an index into the people.
    pub manager: Fact<usize>,
    /// What is wrong with the reporting line.
    pub manager_issue: Fact<ManagerIssue>,
    /// Org roles, as indices into the bundle's.
    pub org_roles: Fact<Vec<usize>>,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: Reasons,
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
    pub record: &'a Account,
    /// The person behind it, as an index into the people.
    pub owner: Fact<usize>,
    /// Why there is none.
    pub identity_issue: Fact<IdentityIssue>,
    /// Those who might be behind it, where they are several.
    pub candidates: Vec<usize>,
    /// What kind of account it is.
    pub class: Fact<AccountClass>,
    /// Who answers for it.
    pub responsible: Fact<usize>,
    /// What the bundle declares about it.
    pub mapping: Option<&'a AccountMapping>,
    /// The last day before its declaration has to be looked at again.
    pub review_by: Option<Date>,
    /// Requests of its owner in its system.
    pub requests: Fact<Vec<ResolvedRequest>>,
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
    /// When its accounts were listed, and whether all of them were.
    pub list: Option<(Timestamp, bool)>,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: Reasons,
}

impl ResolvedSystem<'_> {
    /// How many access rules it has that have not expired.
    #[must_use]
    pub fn access_rules(&self, today: Date) -> usize {
        let rules = self.rules.into_iter().flat_map(|rules| &rules.access);
        rules.filter(|rule| rule.entry.expires.is_none_or(|last| last >= today)).count()
    }
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
    pub people: Vec<ResolvedPerson<'a>>,
    /// Accounts, by system and id.
    pub accounts: Vec<ResolvedAccount<'a>>,
    /// Systems, by id.
    pub systems: Vec<ResolvedSystem<'a>>,
    /// Entries of the bundle that match nothing in the snapshot.
    pub notes: Vec<Diagnostic>,
    /// Titles that no org role matches.
    pub unmatched_titles: Vec<UnmatchedTitle>,
    index: HashMap<&'a str, usize>,
}

impl<'a> Situation<'a> {
    /// Resolves a snapshot as of an instant.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, bundle: &'a Bundle, as_of: Timestamp) -> Self {
        let today = snapshot.organization.time_zone.date(as_of);
        let mut records: Vec<&Person> = snapshot.people.iter().collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        let index: HashMap<&str, usize> =
            records.iter().enumerate().map(|(index, person)| (person.id.as_str(), index)).collect();

        let day = people::Day::new(snapshot, bundle, as_of, today);
        let mut people: Vec<ResolvedPerson<'a>> = records.iter().map(|record| day.person(record)).collect();
        let incomplete = staff_incomplete(snapshot);
        managers::resolve(&mut people, &index, incomplete.as_deref());

        let identities = identity::Identities::new(bundle, &people, &index, today, incomplete);
        let requests = accounts::Requests::new(snapshot, &identities, today);
        let mut accounts: Vec<ResolvedAccount<'a>> =
            snapshot.accounts.iter().map(|record| accounts::resolve(record, &identities, &requests)).collect();
        for account in &mut accounts {
            inherit(account, &people);
        }
        accounts.sort_by(|a, b| (&a.record.system, &a.record.id).cmp(&(&b.record.system, &b.record.id)));

        let mut situation = Situation {
            snapshot,
            bundle,
            as_of,
            today,
            systems: systems(snapshot, bundle),
            unmatched_titles: people::unmatched_titles(&people, today),
            people,
            accounts,
            notes: Vec::new(),
            index,
        };
        situation.notes = notes::notes(&situation);
        situation
    }

    /// The index of the person of this HRIS id.
    #[must_use]
    pub fn person_index(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The person at an index.
    #[must_use]
    pub fn person(&self, index: usize) -> Option<&ResolvedPerson<'a>> {
        self.people.get(index)
    }

    /// The account `<system>/<id>`.
    #[must_use]
    pub fn account(&self, key: &str) -> Option<&ResolvedAccount<'a>> {
        self.accounts.get(self.account_index(key)?)
    }

    /// The index of the account `<system>/<id>`.
    #[must_use]
    pub fn account_index(&self, key: &str) -> Option<usize> {
        let (system, id) = key.split_once('/')?;
        let at = self.accounts.binary_search_by(|account| {
            (account.record.system.as_str(), account.record.id.as_str()).cmp(&(system, id))
        });
        at.ok()
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

/// An account is in whatever its owner is in, so what is unknown of the owner's memberships is unknown of its own.
fn inherit(account: &mut ResolvedAccount<'_>, people: &[ResolvedPerson<'_>]) {
    let owner = account.owner.known().and_then(|owner| people.get(*owner));
    for (fact, reason) in owner.into_iter().flat_map(|owner| &owner.unknown).filter(|(fact, _)| fact.starts_with("in "))
    {
        account.unknown.insert(fact.clone(), reason.clone());
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

fn systems<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle) -> Vec<ResolvedSystem<'a>> {
    let listed = snapshot.systems.iter().map(|system| system.id.as_str());
    let ids: BTreeSet<&str> = listed.chain(bundle.systems.keys().map(String::as_str)).collect();
    ids.into_iter()
        .map(|id| {
            let list = snapshot.account_list(id).map(|(source, list)| (source.pulled_at, list.complete));
            let mut unknown = Reasons::new();
            if list.is_none() {
                for attribute in ["accountsAsOf", "accountsComplete"] {
                    let reason = format!("no source of the snapshot lists the accounts of `{id}`");
                    unknown.insert(attribute.to_owned(), reason);
                }
            }
            ResolvedSystem {
                id,
                record: snapshot.systems.iter().find(|system| system.id == id),
                rules: bundle.systems.get(id),
                list,
                unknown,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
