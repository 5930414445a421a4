//! The order of findings: how much attention each needs.

use super::model::{ClockState, Finding};
use crate::bundle::{Outcome, Severity};

/// How much attention a finding needs, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attention {
    /// It is open.
    Open,
    /// It is open and waived.
    Waived,
    /// It is exempt.
    Exempt,
    /// It passes or does not apply.
    None,
}

impl Attention {
    pub(super) fn of(outcome: Outcome, is_waived: bool) -> Self {
        match outcome {
            Outcome::Fail | Outcome::Unknown if is_waived => Attention::Waived,
            Outcome::Fail | Outcome::Unknown => Attention::Open,
            Outcome::Exempt => Attention::Exempt,
            Outcome::Pass | Outcome::NotApplicable => Attention::None,
        }
    }
}

/// Where a finding comes in a report: worst first. Findings of one rank come by check, subject and level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) attention: Attention,
    pub(super) severity: Severity,
    pub(super) has_time: bool,
}

impl Rank {
    pub(super) fn new(outcome: Outcome, is_waived: bool, severity: Severity, state: Option<ClockState>) -> Self {
        let attention = Attention::of(outcome, is_waived);
        let is_overdue = attention == Attention::Open && state == Some(ClockState::Overdue);
        Rank { attention, severity, has_time: !is_overdue }
    }

    pub(super) fn of(finding: &Finding) -> Self {
        let state = finding.clock.as_ref().and_then(|clock| clock.state);
        Rank::new(finding.outcome, finding.waiver.is_some(), finding.severity, state)
    }
}
