//! The pages of a source, put together.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    collection::RawCollection,
    doubt::{Doubt, Remedy},
    hidden,
};
use crate::{diagnostic::Diagnostic, ingest::Statements, model::Basis};

/// The pages of several collections.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// By the vendor's name of the collection.
    pub collections: BTreeMap<&'static str, RawCollection>,
    /// Objects that are not lists, by name.
    pub objects: BTreeMap<&'static str, Value>,
    /// Objects that could not be had, each with why.
    pub failed_objects: BTreeMap<&'static str, String>,
    /// Files with data that belong to no collection.
    pub unread: Vec<String>,
    /// Hidden files with data in its folder.
    pub(crate) hidden: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<Diagnostic>,
}

impl Pages {
    /// Weighs what the user states against what the pages show. `main` are the lists of people and accounts. A file that
    /// was not read may hold more of any list.
    pub(crate) fn weigh(&mut self, statements: &Statements, main: &[&str]) {
        let unread = self.unread_reason();
        for (name, collection) in &mut self.collections {
            let is_main = main.contains(name);
            // What was not read may be another list of people, whatever the total of this one.
            if collection.provided && (is_main || collection.basis != Some(Basis::Total)) {
                collection.doubts.extend(unread.clone());
            }
            if collection.provided {
                collection.doubts.extend(hidden::doubt(&self.hidden, collection.basis));
            }
            collection.weigh(statements, is_main);
        }
    }

    /// Why a list may be incomplete because files beside its pages were not read.
    pub(crate) fn unread_reason(&self) -> Option<Doubt> {
        if self.unread.is_empty() {
            return None;
        }
        let names: Vec<String> = self.unread.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        let reason = format!("files of its folder were not read: {names}; rename them or move them away");
        Some(Doubt::new(reason, Remedy::State))
    }
}
