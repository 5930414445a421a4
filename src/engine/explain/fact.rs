//! Facts as explanations show them, and entities on a path.

use crate::{
    diagnostic::Location,
    model::Fact,
    resolve::{AccountRef, Reasons, ResolvedPerson, ResolvedSystem},
};

/// A fact as shown to people and programs.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct ShownFact {
    /// The path, such as `principal.owner.status`, or `principal in OrgRole`.
    pub path: String,
    /// Its value as text.
    pub value: Fact<String>,
    /// A name for people, where the value is an entity.
    pub label: Option<String>,
    /// Where it came from.
    pub origin: Option<Origin>,
    /// Why it is unknown.
    pub reason: Option<String>,
}

/// Where a fact came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A record of a source.
    Record {
        /// The source's id.
        source: String,
        /// The vendor's collection.
        collection: String,
        /// The record's id.
        record: String,
        /// The record's fact, where it is one of the snapshot's as it stands.
        field: Option<&'static str>,
    },
    /// A line of the bundle.
    Bundle(Location),
}

/// An entity that a path can reach.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "it is on the stack, one at a time")]
pub(super) enum PathNode<'s, 'a> {
    Person(ResolvedPerson<'s>),
    Account(AccountRef<'s, 'a>),
    System(&'s ResolvedSystem<'a>),
    Organization,
    Level(&'s ResolvedSystem<'a>, &'s str),
}

/// The value at a place, and the further place that it is.
pub(super) struct Found<'s, 'a> {
    pub(super) value: Fact<String>,
    pub(super) label: Option<String>,
    pub(super) origin: Option<Origin>,
    pub(super) reason: Option<String>,
    pub(super) next: Option<PathNode<'s, 'a>>,
}

impl<'s, 'a> Found<'s, 'a> {
    pub(super) fn new(value: Fact<String>, origin: Option<Origin>, unknown: &Reasons, attribute: &str) -> Self {
        let reason = value.is_unknown().then(|| unknown.get(attribute).map(|reason| reason.to_string())).flatten();
        Found { value, label: None, origin, reason, next: None }
    }

    pub(super) fn person(mut self, person: Option<ResolvedPerson<'s>>) -> Self {
        self.label = person.and_then(|person| person.name.known().map(|name| (*name).to_owned()));
        self.next = person.map(PathNode::Person);
        self
    }
}
