//! Mappings: YAML files that say which column or field of an export is which fact.
//!
//! A mapping becomes a [`Format`](super::Format) like the coded ones. Its records go the same way: records with one key
//! are merged, completeness is weighed, levels are folded.

mod builtin;
pub mod closest;
mod facts;
mod field;
mod kinds;
mod load;
mod model;
mod normalize;
mod proof;
mod rows;
pub mod skeleton;
#[cfg(test)]
mod tests;
pub mod trial;
mod wanted;

use std::{
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::{Mutex, PoisonError},
};

pub use field::{Field, Reading, Word, WordText};
pub(crate) use load::read_within;
pub use load::{MappingChoice, read};
pub(super) use load::{check_name, of_document};
pub use model::{About, AccountFields, Completeness, Detect, Mapping, PersonFields, Records};
pub(super) use normalize::{ACCOUNTS, PEOPLE, normalize};
pub(super) use rows::any_first_record as first_record;

/// How a mapping is named that is no built-in one where only names of formats can be written.
pub(super) const OWN: &str = "mapping";

/// A mapping that formats refer to. Equal mappings are one object, so that reading a project again costs nothing.
#[derive(Clone, Copy)]
pub struct MappingRef(&'static Mapping);

impl MappingRef {
    /// The reference to a mapping.
    #[must_use]
    pub fn of(mapping: Mapping) -> Self {
        static KNOWN: Mutex<Vec<&'static Mapping>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(equal) = known.iter().find(|one| ***one == mapping) {
            return MappingRef(equal);
        }
        let kept: &'static Mapping = Box::leak(Box::new(mapping));
        known.push(kept);
        MappingRef(kept)
    }

    /// The name of the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.0.format
    }

    /// The mapping.
    #[must_use]
    pub fn get(self) -> &'static Mapping {
        self.0
    }

    /// Whether it comes with Tenure.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        built_in().iter().any(|one| std::ptr::eq(one.0, self.0))
    }
}

impl Deref for MappingRef {
    type Target = Mapping;

    fn deref(&self) -> &Mapping {
        self.0
    }
}

impl fmt::Debug for MappingRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format)
    }
}

impl PartialEq for MappingRef {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for MappingRef {}

impl PartialOrd for MappingRef {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MappingRef {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.format.cmp(&other.0.format)
    }
}

impl Hash for MappingRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.format.hash(state);
    }
}

/// The mappings that come with Tenure, by name.
#[must_use]
pub fn built_in() -> &'static [MappingRef] {
    builtin::all()
}

/// The built-in mapping of this name.
#[must_use]
pub fn named(name: &str) -> Option<MappingRef> {
    built_in().iter().copied().find(|one| one.name() == name)
}

/// The text of a built-in mapping.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    builtin::text(name)
}

impl Mapping {
    /// Where the id is, of an account or of a person.
    pub(crate) fn id(&self) -> Option<&Field> {
        self.account.as_ref().map(|account| &account.id).or(self.person.as_ref().map(|person| &person.id))
    }

    /// Every field with its path in the mapping.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, &Field)> {
        let account =
            self.account.iter().flat_map(AccountFields::all).map(|(key, field)| (format!("account.{key}"), field));
        let person =
            self.person.iter().flat_map(PersonFields::all).map(|(key, field)| (format!("person.{key}"), field));
        account.chain(person).collect()
    }

    /// The columns that it reads, as columns are compared.
    pub(crate) fn columns(&self) -> Vec<String> {
        let fields = self.fields();
        let mut columns: Vec<String> =
            fields.iter().flat_map(|(_, field)| field.paths()).map(super::table::column).collect();
        columns.sort();
        columns.dedup();
        columns
    }
}
