//! What is kept of a person: numbers, and where the texts are.

use jiff::civil::Date;

use super::super::{ManagerIssue, Reasons};
use crate::model::{EmploymentStatus, Fact};

/// A fact that is the number of something, or neither known nor a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Number(u32);

impl Number {
    const UNKNOWN: u32 = u32::MAX;
    const EMPTY: u32 = u32::MAX - 1;

    pub(in crate::engine::resolve) fn new(fact: &Fact<u32>) -> Self {
        Number(match fact {
            Fact::Known(number) => *number,
            Fact::Empty => Self::EMPTY,
            Fact::Unknown => Self::UNKNOWN,
        })
    }

    pub(in crate::engine) fn fact(self) -> Fact<u32> {
        match self.0 {
            Self::UNKNOWN => Fact::Unknown,
            Self::EMPTY => Fact::Empty,
            number => Fact::Known(number),
        }
    }

    /// The same as an index.
    pub(in crate::engine) fn index(self) -> Fact<usize> {
        self.fact().map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }
}

/// The texts of a person's own, in the order in which they are kept.
pub(super) const TEXTS: usize = 5;

/// What is kept of a person.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Row {
    /// Where the person's texts begin, and how long each of them is: id, name, address, number, job role.
    pub(super) begin: usize,
    pub(super) lengths: [u32; TEXTS],
    /// Which of name, address and number are known to be empty, and which are unknown; a bit each.
    pub(super) empty: u8,
    pub(super) unknown_texts: u8,
    pub(in crate::engine) in_scope: bool,
    pub(in crate::engine) status: Fact<EmploymentStatus>,
    pub(in crate::engine) manager_issue: Fact<ManagerIssue>,
    pub(in crate::engine) start_date: Fact<Date>,
    pub(in crate::engine) end_date: Fact<Date>,
    pub(in crate::engine) manager: Number,
    pub(in crate::engine) job_title: Number,
    pub(in crate::engine) department: Number,
    pub(in crate::engine) org_roles: Number,
    pub(in crate::engine) sources: u32,
    pub(in crate::engine) out_of_scope: Number,
    pub(in crate::engine) unknown: Option<Box<Reasons>>,
}

impl Row {
    /// Why facts are unknown.
    pub(in crate::engine) fn unknown(&self) -> &Reasons {
        self.unknown.as_deref().unwrap_or(KNOWN)
    }
}

/// Everything is known.
const KNOWN: &Reasons = &Reasons::new();
