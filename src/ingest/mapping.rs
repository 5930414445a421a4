//! Mappings: YAML files that say which column or field of an export is which fact.
//!
//! A mapping becomes a [`Format`](super::Format) like the coded ones. Its records go the same way: records with one key
//! are merged, completeness is weighed, levels are folded.

mod builtin;
pub mod closest;
mod facts;
mod field;
mod file;
mod further;
mod kinds;
mod load;
mod model;
mod normalize;
mod proof;
mod reference;
mod rows;
pub mod skeleton;
#[cfg(test)]
mod tests;
pub mod trial;
mod wanted;

pub use builtin::{built_in, named, text};
pub use field::{Field, Reading, Word, WordText};
pub(super) use file::check_name;
pub use file::read;
pub(crate) use file::read_within;
pub use load::MappingChoice;
pub(super) use load::of_document;
pub(super) use model::{ACCOUNTS, PEOPLE};
pub use model::{
    About, AccountFields, AccountKey, Completeness, Detect, Mapping, PersonFactFields, PersonFields, PersonKey, Records,
};
pub(super) use normalize::normalize;
pub use reference::MappingRef;
pub(super) use reference::OWN;
pub(super) use rows::any_first_record as first_record;
