//! References to mappings.

use std::{
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::{Mutex, PoisonError},
};

use super::model::Mapping;

/// How a mapping is named that is no built-in one where only names of formats can be written.
pub(in crate::ingest) const OWN: &str = "mapping";

/// A mapping that formats refer to. Equal mappings are one object, so that reading a project again costs nothing.
#[derive(Clone, Copy)]
pub struct MappingRef(pub(super) &'static Mapping);

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
