//! `facts:` — facts that a bundle adds to those of the entity schema.
//!
//! Each becomes an optional attribute of Person or Account. A source, a mapping or a file of facts gives its values; a
//! record without one leaves it unknown.

mod declared;
mod read;

pub(crate) use declared::PRIVILEGED;
pub use declared::{DeclaredFact, FactDeclaration, FactEntity, FactType, FactWords, TypedValue, interned};
pub(crate) use read::find;
pub(in crate::bundle) use read::read;
pub use read::{FactEntry, FactsFile};
