//! The closed vocabularies of a snapshot.

vocabulary! {
    /// What shows that a list is complete, the weakest first.
    Basis {
        /// Nothing: the export cannot prove it (an admin console's CSV).
        Assumed = "assumed",
        /// The user states it, with a reason, in `tenure.yaml`.
        Stated = "stated",
        /// Paging was followed to its end, or the last page is shorter than a known page size.
        LastPage = "last-page",
        /// The source, or the user, gave a total, and every record is here.
        Total = "total",
    }
}

vocabulary! {
    /// The people that an incomplete list of people may lack.
    MayLack {
        /// Anyone.
        Anyone = "anyone",
        /// Only people who have left or not started yet: the token may not see them.
        LeaversAndNewHires = "leavers-and-new-hires",
    }
}

#[allow(clippy::derivable_impls, reason = "the macro that declares the words derives no default")]
impl Default for MayLack {
    fn default() -> Self {
        MayLack::Anyone
    }
}

impl MayLack {
    /// Whether the list may lack anyone.
    #[must_use]
    pub fn is_anyone(&self) -> bool {
        matches!(self, MayLack::Anyone)
    }
}

vocabulary! {
    /// Employment status of a person, in Humaans' words.
    EmploymentStatus {
        /// Employed, in notice included.
        Active = "active",
        /// Signed, not started.
        NewHire = "new-hire",
        /// Left.
        Offboarded = "offboarded",
    }
}

vocabulary! {
    /// Whether an account can be used.
    AccountStatus {
        /// It can.
        Active = "active",
        /// Its holder may make it usable on their own.
        Invited = "invited",
        /// Locked for now by an administrator.
        Suspended = "suspended",
        /// Removed or switched off.
        Deactivated = "deactivated",
    }
}

vocabulary! {
    /// What kind of account it is.
    AccountClass {
        /// One staff member's own.
        Staff = "staff",
        /// A person outside the organisation.
        External = "external",
        /// A program.
        Service = "service",
        /// Used by several people.
        Shared = "shared",
        /// Belongs to the system itself.
        System = "system",
        /// For emergencies.
        BreakGlass = "break-glass",
    }
}

vocabulary! {
    /// Where an access request stands.
    AccessRequestStatus {
        /// Asked for.
        Requested = "requested",
        /// Agreed to.
        Approved = "approved",
        /// Carried out.
        Fulfilled = "fulfilled",
        /// Refused.
        Rejected = "rejected",
        /// Withdrawn before it was decided.
        Cancelled = "cancelled",
        /// Taken back after it was granted.
        Revoked = "revoked",
    }
}
