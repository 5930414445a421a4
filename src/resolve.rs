//! Resolves records and the bundle's data into facts as of a day.
//!
//! Everything that depends on the date or on the bundle is resolved here, once per evaluation: the job role in effect,
//! the manager and the reporting line, org roles, scope, the owner of each account, and the access requests that count.

mod accounts;
mod addresses;
mod contradictions;
mod declaration;
mod derived;
mod gaps;
mod identity;
mod job_role;
mod kept;
mod lists;
mod managers;
mod near;
mod notes;
mod numbered;
mod people;
mod reasons;
mod requests;
mod resolved;
mod resolved_snapshot;
mod resolver;
mod texts;

pub(crate) use job_role::job_role;
pub use kept::{AccountRef, Accounts};
pub use people::{Address, People, ResolvedPerson, Supply};
pub(super) use people::{Number, Row};
pub use reasons::Reasons;
pub use resolved::{
    DeclarationStatus, IdentityIssue, ManagerIssue, ResolvedAccount, ResolvedRequest, ResolvedStaff, ResolvedSystem,
    UnmatchedTitle,
};
pub use resolved_snapshot::Situation;
pub(crate) use resolver::{Staff, shared_levels};

#[cfg(test)]
mod tests;
