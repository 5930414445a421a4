//! Waivers and due days as risks.

use jiff::{Timestamp, ToSpan, civil::Date};
use serde_json::{Value, json};

use super::ids::id;
use crate::{
    model::time::Zone,
    report::{model::Finding, safe, view::View},
};

/// Status, last day and statement of what is accepted for a time or has a due day.
pub(super) fn acceptance(finding: &Finding) -> Option<(&'static str, &str, String)> {
    if !finding.outcome.is_open() {
        return None;
    }
    let due = finding.clock.as_ref().and_then(|clock| clock.due.as_ref());
    match (&finding.waiver, due) {
        (Some(waiver), _) => {
            let statement = format!("{}: {} (approved by {})", waiver.id, waiver.reason, waiver.approved_by);
            Some(("deviation-approved", &waiver.expires, statement))
        }
        (None, Some(due)) => Some(("open", due, format!("To be resolved by {due}."))),
        (None, None) => None,
    }
}

/// The risk of a finding that is accepted for a time or has a due day.
pub(super) fn risk(view: &View<'_>, zone: &Zone, finding: &Finding) -> Option<Value> {
    let (status, deadline, statement) = acceptance(finding)?;
    Some(json!({
        "uuid": id(view, "risk", &finding.id),
        "title": safe::terminal(&format!("{}: {}", finding.check, finding.subject.id)),
        "description": safe::terminal(&finding.message),
        "statement": safe::terminal(&statement),
        "status": status,
        "deadline": end_of(zone, deadline),
        "related-observations": [{ "observation-uuid": id(view, "observation", &finding.id) }],
    }))
}

/// The last second of a day in the organisation's time zone; of the last day that there is, in UTC.
fn end_of(zone: &Zone, day: &str) -> String {
    let next = day.parse::<Date>().and_then(|day| day.checked_add(1.day()));
    let end = next.and_then(|next| zone.midnight(next).checked_sub(1.second()));
    end.as_ref().map_or_else(|_| format!("{day}T23:59:59Z"), Timestamp::to_string)
}
