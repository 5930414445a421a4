//! The pairs of subject and resource that a check is asked of.

/// Which pairs of subject and resource a check is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckTarget {
    /// Every person, in the organisation.
    PersonInOrganization,
    /// Every account, in its system.
    AccountInSystem,
    /// Every account, for each entitlement that it holds.
    AccountHoldsEntitlement,
    /// Every system, in the organisation.
    SystemInOrganization,
    /// The organisation itself.
    OrganizationItself,
}

impl CheckTarget {
    /// All of them.
    pub const ALL: [CheckTarget; 5] = [
        CheckTarget::PersonInOrganization,
        CheckTarget::AccountInSystem,
        CheckTarget::AccountHoldsEntitlement,
        CheckTarget::SystemInOrganization,
        CheckTarget::OrganizationItself,
    ];

    /// The entity types of subject and resource.
    #[must_use]
    pub fn types(self) -> (&'static str, &'static str) {
        match self {
            CheckTarget::PersonInOrganization => ("Person", "Organization"),
            CheckTarget::AccountInSystem => ("Account", "System"),
            CheckTarget::AccountHoldsEntitlement => ("Account", "Entitlement"),
            CheckTarget::SystemInOrganization => ("System", "Organization"),
            CheckTarget::OrganizationItself => ("Organization", "Organization"),
        }
    }
}
