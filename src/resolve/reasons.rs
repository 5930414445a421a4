//! Why the facts of an entity are unknown.

use std::sync::Arc;

/// Why the facts of an entity are unknown: Cedar attribute, or `in <entity type>` for memberships, to reason.
///
/// Mostly there are none, and where there are, thousands of entities share one reason: it is kept once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Reasons(Vec<(&'static str, Arc<str>)>);

impl Reasons {
    /// No reasons: everything is known.
    #[must_use]
    pub const fn new() -> Self {
        Reasons(Vec::new())
    }

    /// Whether everything is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why this fact is unknown; none where it is known.
    #[must_use]
    pub fn get(&self, fact: &str) -> Option<&Arc<str>> {
        self.0.iter().find(|(known, _)| *known == fact).map(|(_, reason)| reason)
    }

    /// Whether this fact is unknown.
    #[must_use]
    pub fn contains_key(&self, fact: &str) -> bool {
        self.get(fact).is_some()
    }

    /// The facts that are unknown, in alphabetical order.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(fact, _)| *fact)
    }

    /// Facts and reasons, in alphabetical order of the facts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Arc<str>)> {
        self.0.iter().map(|(fact, reason)| (*fact, reason))
    }

    /// Says why a fact is unknown, in place of what was said before.
    pub fn insert(&mut self, fact: &'static str, reason: impl Into<Arc<str>>) {
        match self.0.binary_search_by(|(known, _)| (*known).cmp(fact)) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known = reason.into();
                }
            }
            Err(at) => self.0.insert(at, (fact, reason.into())),
        }
    }

    /// The fact is known after all.
    pub fn remove(&mut self, fact: &str) {
        self.0.retain(|(known, _)| *known != fact);
    }
}
