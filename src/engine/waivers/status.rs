//! The status of a waiver, and violations of its limits.

vocabulary! {
    /// What became of a waiver.
    WaiverStatus {
        /// It lies over at least one finding.
        Applied = "applied",
        /// Its last day has passed.
        Expired = "expired",
        /// It was created after the day that is judged.
        NotYet = "not-yet",
        /// Its subject or its check is not there.
        Orphaned = "orphaned",
        /// Its last day lies further after its first than is allowed.
        TooLong = "too-long",
        /// The approver is not in `waivers.approvers`, or without that list is not exactly one person.
        NotApproved = "not-approved",
        /// The approver is its subject, or owns the account or answers for it.
        SelfApproved = "self-approved",
        /// What it would excuse does not fail.
        Unused = "unused",
        /// It cannot be read.
        Malformed = "malformed",
    }
}

/// Something that a waiver is not allowed to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The status that it gives the waiver.
    pub status: WaiverStatus,
    /// The rule and how the waiver breaks it.
    pub reason: String,
    /// What to do.
    pub help: &'static str,
}
