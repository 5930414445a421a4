//! The facts about one organisation at one instant, and the file they are kept in.
//!
//! Nothing here knows vendors, policies or verdicts. A [`Snapshot`] holds what is known, what is known to be empty and
//! what is unknown, with where each came from; what a bundle decides (org roles, identity, scope) is not in it.

pub mod address;
pub mod declared;
pub mod directory;
pub mod fact;
pub mod fold;
pub mod hints;
pub mod read;
pub mod slug;
pub mod snapshot;
pub mod store;
pub mod time;
pub mod waiver_limits;
pub mod write;

pub use address::Mailbox;
pub use declared::{FactTypeName, FactValue, Facts};
pub use fact::Fact;
pub(crate) use slug::level_name;
pub use slug::{level_id, slug};
pub use snapshot::{
    AccessRequest, AccessRequestStatus, Account, AccountClass, AccountList, AccountStatus, Basis, Collection,
    EmploymentStatus, JobRole, LinkHints, MayLack, Organization, Person, Rejected, Snapshot, Source, System,
};
pub use time::Zone;
pub use waiver_limits::WaiverLimits;
