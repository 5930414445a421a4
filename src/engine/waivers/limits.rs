//! Limits on waivers that hold for every snapshot.

use super::{
    approval,
    status::{Violation, WaiverStatus},
};
use crate::{bundle::Waiver, diagnostic::counted, model::WaiverLimits};

/// The limits that a waiver exceeds, whatever snapshot it is applied to.
#[must_use]
pub fn limit_violations(waiver: &Waiver, limits: &WaiverLimits) -> Vec<Violation> {
    let days = (waiver.expires - waiver.created).get_days();
    let most = limits.max_days.filter(|most| days > i32::from(*most));
    let too_long = most.map(|most| Violation {
        status: WaiverStatus::TooLong,
        reason: format!(
            "it ends on {}, more than {} after {}",
            waiver.expires,
            counted(most.into(), "day", "days"),
            waiver.created
        ),
        help: "let it end sooner, or settle what it excuses",
    });
    too_long.into_iter().chain(approval::unlisted(waiver, limits)).collect()
}
