//! The pairs of subject and resource that a check is asked of.

/// Which pairs of subject and resource a check is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
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

impl Question {
    /// All of them.
    pub const ALL: [Question; 5] = [
        Question::PersonInOrganization,
        Question::AccountInSystem,
        Question::AccountHoldsEntitlement,
        Question::SystemInOrganization,
        Question::OrganizationItself,
    ];

    /// The entity types of subject and resource.
    #[must_use]
    pub fn types(self) -> (&'static str, &'static str) {
        match self {
            Question::PersonInOrganization => ("Person", "Organization"),
            Question::AccountInSystem => ("Account", "System"),
            Question::AccountHoldsEntitlement => ("Account", "Entitlement"),
            Question::SystemInOrganization => ("System", "Organization"),
            Question::OrganizationItself => ("Organization", "Organization"),
        }
    }
}
