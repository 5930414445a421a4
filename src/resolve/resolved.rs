//! Resolved facts: accounts, systems, staff lists and access requests as of the day.

use std::{borrow::Cow, sync::Arc};

use jiff::{Timestamp, civil::Date};

use super::{facts::ReadFacts, holdings::Holdings, reasons::Reasons};
use crate::{
    bundle::{AccountMapping, SystemRules},
    model::{AccessRequestStatus, Account, AccountClass, Fact, System},
};

vocabulary! {
    /// What is wrong with a reporting line.
    ManagerIssue {
        /// The manager's id is not in the people list.
        Dangling = "dangling",
        /// The person reports to themselves.
        SelfManaged = "self",
        /// The reporting line leads back to the person.
        Cyclic = "cyclic",
    }
}

vocabulary! {
    /// Why an account has no owner.
    IdentityIssue {
        /// It has no address, and nothing else says whose it is.
        NoAddress = "no-address",
        /// No person has its address.
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
    /// Its system, as an index into those of the resolved snapshot.
    pub system: Option<usize>,
    /// The person behind it, as an index into the people.
    pub owner: Fact<usize>,
    /// Why there is none.
    pub identity_issue: Fact<IdentityIssue>,
    /// Those who might be behind it: several who have its address, or those whose address only resembles it.
    pub candidates: Vec<usize>,
    /// People who have left and had the address by which the owner was found.
    pub former_holders: Vec<usize>,
    /// What kind of account it is.
    pub class: Fact<AccountClass>,
    /// Who answers for it.
    pub responsible: Fact<usize>,
    /// What the bundle declares about it.
    pub mapping: Option<&'a AccountMapping>,
    /// How the declaration agrees with the account's own facts; empty if nothing is declared.
    pub declaration: Fact<DeclarationStatus>,
    /// Why the facts that the declaration would set are unknown.
    pub withheld: Option<Arc<str>>,
    /// The last day before its declaration has to be reviewed again.
    pub review_by: Fact<Date>,
    /// The day on which its declaration was last reviewed.
    pub reviewed_on: Fact<Date>,
    /// Requests of its owner in its system.
    pub requests: Fact<Vec<ResolvedRequest>>,
    /// The known facts that only some sources give and that rules read.
    pub facts: ReadFacts,
    /// What it holds by itself, of that which rules ask for.
    pub holdings: Holdings,
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
    /// How old its account list may be, in hours.
    pub max_age_hours: i64,
    /// When its accounts were listed, and whether all of them were.
    pub list: Option<(Timestamp, bool)>,
    /// What shows that the list is complete, or why it is not.
    pub completeness: Option<String>,
    /// Why facts are unknown, by Cedar attribute.
    pub unknown: Reasons,
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
