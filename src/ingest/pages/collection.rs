//! A collection: its records, and whether all of them are here.

use super::{
    Values,
    doubt::{Doubt, Remedy},
};
use crate::{
    ingest::Statements,
    model::{Basis, Collection, MayLack, Rejected},
};

/// A record as it came, and where it stands.
#[derive(Debug, Clone)]
pub struct RawRecord {
    /// The vendor's id.
    pub id: String,
    /// Its kept keys and values, without the id.
    pub values: Values,
}

/// All pages of one collection put together.
#[derive(Debug, Clone, Default)]
pub struct RawCollection {
    /// Whether there was any page of it.
    pub provided: bool,
    /// Distinct records by id, in the order of ids.
    pub records: Vec<RawRecord>,
    /// How many of them there are; they may have been taken away since.
    pub count: usize,
    /// How many of them are marked as records that do not count.
    pub excluded: usize,
    /// How many the vendor said there are.
    pub total: Option<usize>,
    /// Whether pages or records are missing, or contradict each other; unlike those that came and cannot be used.
    pub short: bool,
    /// Whether the vendor says that records are shown in part.
    pub partial: bool,
    /// Records that cannot be used.
    pub rejected: Vec<Rejected>,
    /// Why not all of it is here: evidence that no statement outweighs.
    pub reasons: Vec<String>,
    /// Why not all of it may be here; a statement or a matching total settles them.
    pub(crate) doubts: Vec<Doubt>,
    /// Why people who have left or not started yet may be missing.
    pub(crate) hidden_leavers: Vec<Doubt>,
    /// What shows that it is complete, if nothing speaks against it.
    pub basis: Option<Basis>,
    /// The reason that is stated, if it is complete by a statement.
    pub stated_reason: Option<String>,
}

impl RawCollection {
    /// Whether every record is believed to be here.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.reasons.is_empty() && self.doubts.is_empty() && self.hidden_leavers.is_empty()
    }

    /// Whether the source was read without it, unlike one that could not be had.
    #[must_use]
    pub(crate) fn is_absent(&self) -> bool {
        !self.provided && self.reasons.iter().any(|reason| reason == NOT_PROVIDED)
    }

    /// Whether it is not complete, and lacks people who have left or not started yet at most.
    #[must_use]
    pub(crate) fn lacks_only_leavers(&self) -> bool {
        self.reasons.is_empty() && self.doubts.is_empty() && !self.hidden_leavers.is_empty()
    }

    /// Why it is not complete, in one line.
    #[must_use]
    pub fn why(&self) -> String {
        self.all_reasons().join("; ")
    }

    pub(super) fn all_reasons(&self) -> Vec<String> {
        let doubts: Vec<&Doubt> = self.doubts.iter().chain(&self.hidden_leavers).collect();
        // Advice comes once, with the last reason that it fits.
        let with_advice = doubts.iter().enumerate().map(|(at, doubt)| {
            let is_last = doubts.iter().skip(at + 1).all(|later| later.remedy != doubt.remedy);
            let advice = if is_last { format!(" ({})", doubt.remedy.advice()) } else { String::new() };
            format!("{}{advice}", doubt.reason)
        });
        self.reasons.iter().cloned().chain(with_advice).collect()
    }

    /// Weighs what the user states against what the pages show. `is_main`: the list whose records `expected:` counts.
    pub(crate) fn weigh(&mut self, statements: &Statements, is_main: bool) {
        if !self.provided {
            return;
        }
        if is_main && let Some(expected) = statements.expected {
            let records = self.count.saturating_sub(self.excluded);
            if expected == records {
                self.doubts.retain(|doubt| doubt.remedy != Remedy::State);
                self.basis = Some(Basis::Total);
            }
            self.reasons.extend(statements.refuted(records));
        }
        let is_weak = !self.doubts.is_empty() || matches!(self.basis, None | Some(Basis::Assumed));
        if statements.complete && is_weak {
            self.doubts.clear();
            self.basis = Some(Basis::Stated);
            self.stated_reason = statements.stated_reason();
        }
        self.weigh_leavers(statements);
    }

    /// Settles that leavers may be missing, if the user states that the source shows them.
    pub(crate) fn weigh_leavers(&mut self, statements: &Statements) {
        let is_settled = |doubt: &Doubt| doubt.remedy == Remedy::StateSeesLeavers;
        if statements.sees_leavers && self.hidden_leavers.iter().any(is_settled) {
            self.hidden_leavers.retain(|doubt| !is_settled(doubt));
            self.basis = Some(Basis::Stated);
            self.stated_reason = statements.stated_reason();
        }
    }

    /// The collection as the snapshot's source describes it.
    #[must_use]
    pub fn describe(&self, name: &str, excluded: usize) -> Collection {
        Collection {
            name: name.to_owned(),
            records: self.count.saturating_sub(excluded),
            total: self.total,
            complete: self.complete(),
            basis: self.complete().then(|| self.basis.unwrap_or(Basis::Assumed)),
            stated_reason: self.stated_reason.clone().filter(|_| self.complete()),
            may_lack: match self.lacks_only_leavers() {
                true => MayLack::LeaversAndNewHires,
                false => MayLack::Anyone,
            },
            reasons: self.all_reasons(),
            excluded,
            rejected: self.rejected.clone(),
        }
    }
}

/// Why a collection is not complete of which there are no pages.
pub(super) const NOT_PROVIDED: &str = "not provided";
