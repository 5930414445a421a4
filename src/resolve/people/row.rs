//! What is kept of a person: numbers, and where the texts are.

use jiff::civil::Date;

use crate::{
    model::{EmploymentStatus, Fact},
    resolve::{resolved::ManagerIssue, text_arena::Place},
};

/// A fact that is the number of something, or neither known nor a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(u32);

impl Number {
    const UNKNOWN: u32 = u32::MAX;
    const EMPTY: u32 = u32::MAX - 1;

    pub(in crate::resolve) fn new(fact: &Fact<u32>) -> Self {
        Number(match fact {
            Fact::Known(number) => *number,
            Fact::Empty => Self::EMPTY,
            Fact::Unknown => Self::UNKNOWN,
        })
    }

    pub(crate) fn fact(self) -> Fact<u32> {
        match self.0 {
            Self::UNKNOWN => Fact::Unknown,
            Self::EMPTY => Fact::Empty,
            number => Fact::Known(number),
        }
    }

    /// The number that a thing has among others, where it had this one before.
    pub(super) fn among(self, numbers: &[u32]) -> Self {
        Number::new(&self.fact().map(|number| among(numbers, number)))
    }

    /// The same as an index.
    pub(crate) fn index(self) -> Fact<usize> {
        self.fact().map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }
}

/// The number that a thing has among others, where it had this one before.
pub(super) fn among(numbers: &[u32], number: u32) -> u32 {
    usize::try_from(number).ok().and_then(|at| numbers.get(at)).copied().unwrap_or_default()
}

/// The texts of a person's own, in the order in which they are kept: id, name, first part of the address, number, job
/// role.
pub(super) const TEXTS: usize = 5;

/// What is kept of a person, in 48 bytes.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(super) texts: Place,
    /// Which of name, address, number and job role are known to be empty, and which are unknown; a bit each.
    pub(super) empty: u8,
    pub(super) unknown_texts: u8,
    pub(crate) in_scope: bool,
    pub(crate) status: Fact<EmploymentStatus>,
    pub(crate) manager_issue: Fact<ManagerIssue>,
    pub(crate) start_date: Fact<Date>,
    pub(crate) end_date: Fact<Date>,
    /// As an index into the people; until reporting lines are resolved, the number of the id that the line names.
    pub(crate) manager: Number,
    /// The number of the post.
    pub(crate) post: u32,
    /// The number of the facts that only some sources give.
    pub(super) facts: u32,
    /// The number of where the facts are from.
    pub(super) supply: u32,
    /// The number of the reasons why facts are unknown.
    pub(super) unknown: u32,
}

impl Row {
    /// Whether the texts of a bit are known, known to be empty, or unknown.
    pub(super) fn state(&self, bit: u8) -> Fact<()> {
        match (self.empty & bit, self.unknown_texts & bit) {
            (0, 0) => Fact::Known(()),
            (0, _) => Fact::Unknown,
            _ => Fact::Empty,
        }
    }
}

/// What people have in common who do the same work for the same organisation; there are few.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post {
    /// As a number of a text.
    pub(crate) job_title: Number,
    /// As a number of a text.
    pub(crate) department: Number,
    /// As the number of a set.
    pub(crate) org_roles: Number,
    /// The second part of the work e-mail address, as a number of a text.
    pub(super) domain: Number,
}

impl Post {
    /// What a post is kept under. It tells representations apart and says nothing about facts that are unknown.
    fn key(&self) -> [u32; 4] {
        [self.job_title.0, self.department.0, self.org_roles.0, self.domain.0]
    }
}

impl PartialEq for Post {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Post {}

impl std::hash::Hash for Post {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
