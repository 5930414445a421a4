//! Resolves records and the bundle's data into facts as of a day.
//!
//! Everything that depends on the date or on the bundle is resolved here, once per evaluation: the job role in effect,
//! the manager and the reporting line, org roles, scope, the owner of each account, and the access requests that count.

mod accounts;
mod addresses;
mod by_pattern;
mod contradictions;
mod declaration;
mod derived;
mod facts;
mod gaps;
mod holdings;
mod holdings_collector;
mod identity;
mod interner;
mod job_role;
mod lists;
mod managers;
mod near;
mod notes;
mod packed_accounts;
mod patterns;
mod people;
mod reasons;
mod requests;
mod resolved;
mod resolved_snapshot;
mod resolver;
#[cfg(feature = "cli")]
mod suggestions;
mod text_arena;

pub use facts::ReadFacts;
pub use holdings::{Holdings, PeopleHoldings};
pub(crate) use holdings_collector::{HoldingsCollector, shown as shown_holdings};
pub(crate) use job_role::job_role;
pub use packed_accounts::{AccountRef, Accounts};
pub use people::{Address, FieldSources, People, ResolvedPerson};
pub(super) use people::{Number, Row};
pub use reasons::Reasons;
pub use resolved::{
    DeclarationStatus, IdentityIssue, ManagerIssue, ResolvedAccount, ResolvedRequest, ResolvedStaff, ResolvedSystem,
    UnmatchedTitle,
};
pub use resolved_snapshot::ResolvedSnapshot;
pub(crate) use resolver::{Staff, shared_levels};
#[cfg(feature = "cli")]
pub(crate) use suggestions::{Candidate, UnlinkedAccount, suggestions};

#[cfg(test)]
mod tests;
