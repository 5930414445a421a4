//! The ids of findings.

use uuid::Uuid;

use crate::{
    bundle::Check,
    engine::{answer::Subject, explain::facts},
    resolve::ResolvedSnapshot,
};

/// The namespace of finding ids; a constant of this crate, never to be changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x2c5b_4ad5_3f0e_5f0c_9d3c_8a41_77d2_6e10);

/// `system/level`, for a question about a level of an account.
pub(super) fn entitlement(resolved: &ResolvedSnapshot<'_>, subject: Subject, level: Option<&str>) -> Option<String> {
    let (Subject::Account(account), Some(level)) = (subject, level) else { return None };
    resolved.account_at(account).map(|account| format!("{}/{level}", account.record.system))
}

/// The id of the finding that the answer to a question is.
pub(super) fn answer_id(
    resolved: &ResolvedSnapshot<'_>,
    check: &Check,
    subject: Subject,
    level: Option<&str>,
) -> String {
    let (kind, id, _) = facts::label(resolved, subject);
    let entitlement = entitlement(resolved, subject, level);
    finding_id(&resolved.snapshot.organization.id, check, &kind, &id, entitlement.as_deref())
}

/// The id of a finding: the same from run to run.
pub(super) fn finding_id(organization: &str, check: &Check, kind: &str, id: &str, entitlement: Option<&str>) -> String {
    let key = [organization, &check.id, kind, id, entitlement.unwrap_or_default()].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, key.as_bytes()).to_string()
}
