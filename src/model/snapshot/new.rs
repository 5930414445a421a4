//! Records of which nothing is said yet.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Basis, Collection, JobRole, MayLack};
use crate::model::Fact;

impl Collection {
    /// A list that is complete on a basis, and of which no record has been read yet.
    #[must_use]
    pub fn whole(name: &str, basis: Basis) -> Self {
        Collection {
            name: name.to_owned(),
            records: 0,
            total: None,
            complete: true,
            basis: Some(basis),
            stated_reason: None,
            may_lack: MayLack::Anyone,
            reasons: Vec::new(),
            excluded: 0,
            rejected: Vec::new(),
        }
    }

    /// Marks the list as complete on a basis.
    pub fn complete_by(&mut self, basis: Basis) {
        self.complete = true;
        self.basis = Some(basis);
        self.stated_reason = None;
        self.may_lack = MayLack::Anyone;
        self.reasons.clear();
    }

    /// Marks the list as incomplete: it may lack anyone.
    pub fn incomplete(&mut self, reason: impl Into<String>) {
        self.complete = false;
        self.basis = None;
        self.stated_reason = None;
        self.may_lack = MayLack::Anyone;
        self.reasons.push(reason.into());
    }
}

impl JobRole {
    /// A job role that begins on a day, of which all else is known to be empty.
    #[must_use]
    pub fn beginning(id: &str, first_day: Date) -> Self {
        JobRole {
            id: id.to_owned(),
            job_title: Fact::Empty,
            department: Fact::Empty,
            manager: Fact::Empty,
            effective_date: Fact::Known(first_day),
            end_date: Fact::Empty,
            updated_at: Fact::Empty,
            unknown: BTreeMap::new(),
        }
    }
}
