//! The organisation as a report draws it: who reports to whom, and who holds what in which system.

use crate::bundle::Outcome;

/// Who reports to whom, and who holds what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// Current people, in order of ids.
    pub people: Vec<Member>,
    /// What accounts hold, by system, level and account.
    pub holdings: Vec<Holding>,
}

/// A person and the line to the manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person's id.
    pub id: String,
    /// The name, as the source wrote it.
    pub name: Option<String>,
    /// The job title in effect.
    pub job_title: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// Id of the manager, who need not be among these people.
    pub manager: Option<String>,
    /// What is wrong with the line to the manager, in a word.
    pub issue: Option<String>,
}

/// A level that an account holds, and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The system.
    pub system: String,
    /// The level.
    pub level: String,
    /// The account's id within its system.
    pub account: String,
    /// The owner's name, or the account's address.
    pub label: Option<String>,
    /// The check that was asked.
    pub check: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The rule or access rule that it rests on, with `file:line`.
    pub rule: Option<String>,
}
