//! Records of which nothing is said yet.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Collection, JobRole};
use crate::model::Fact;

impl Collection {
    /// A list that is complete and that nothing has been read of.
    #[must_use]
    pub fn whole(name: &str) -> Self {
        Collection {
            name: name.to_owned(),
            records: 0,
            total: None,
            complete: true,
            reasons: Vec::new(),
            excluded: 0,
            rejected: Vec::new(),
        }
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
