//! Decision classes: Cedar evaluates one query of each class, and the others share its verdict.
//!
//! # Soundness
//!
//! **Claim.** Two queries with equal projections get the same verdict from Cedar, up to the names of entities.
//!
//! **Why.** Cedar's answer is a function of the policies, the request and the entities. An expression has four ways to
//! use an entity: read an attribute (or test for it with `has`), test membership with `in`, compare it for equality, or
//! test its type with `is`. [`footprint::RuleFootprint`] collects from the syntax trees of a slice's rules:
//!
//! - every attribute name that a rule reads or tests for;
//! - every entity that an `in` names, and every entity that a rule names at all;
//! - the longest chain of attributes that an expression follows.
//!
//! [`projection::Projector`] walks from principal and resource along those attributes, no further than that chain. For
//! each entity it reaches, it writes:
//!
//! - the type, and the id if rules name entities of that type;
//! - which of the named groups the entity is in;
//! - every attribute that is read, with its value;
//! - which of these facts are unknown.
//!
//! It writes an entity as the number of its first appearance. So equal projections define a renaming of entities that
//! preserves everything the rules can observe. Cedar's answer does not depend on ids that no rule names.
//!
//! # Coarser values
//!
//! The projection drops what the rules cannot observe:
//!
//! - an attribute that is only tested with `has`: its presence;
//! - a string that is only compared with literals and patterns: which of them match ([`text_tests`]);
//! - an instant that is only compared with other attributes: its rank among all instants of the projection and those of
//!   the context.
//!
//! # Profiles of subjects
//!
//! [`clean_profiles`] projects a subject with the resources of all its queries, under the union of their footprints.
//! Memberships of these roots are not written, because the union is chosen by the groups of the roots. A type whose
//! memberships are unknown belongs to that choice. So subjects with equal profiles have equal projections in every
//! query.
//!
//! # Limits
//!
//! Some slices have no classes: those with an `in` whose right side is not a literal, with an attribute of a named
//! entity, or with tags. Their queries are evaluated individually. So are queries whose rules err, because Cedar's
//! messages name entities. The unknown facts of a verdict name entities too; a class stores them by number and
//! translates them for each member.

pub(super) mod assess;
mod batch;
mod class_table;
mod clean_profiles;
pub(super) mod footprint;
pub(super) mod numbering;
pub(super) mod projection;
mod slice_table;
pub(super) mod slicer;
mod text_tests;

#[cfg(test)]
mod tests;
