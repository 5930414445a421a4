//! What one source gave.

use jiff::Timestamp;

use super::{Format, Statements, joined_facts::JoinedFacts, pages::Pages, several::NotGiven};
use crate::{
    diagnostic::{Code, Diagnostic},
    model::{AccessRequest, Account, Basis, Collection, Person, Source, System, Zone},
};

/// What a normaliser is told about the source that it reads.
#[derive(Debug, Clone)]
pub struct SourceIdentity {
    /// The source's id in the snapshot.
    pub id: String,
    /// The system whose accounts it lists.
    pub system: String,
    /// The address or path that was read, as the user wrote it.
    pub endpoint: String,
    /// When the source said this.
    pub pulled_at: Timestamp,
    /// The attributes of a SCIM user that name access levels; all of them where none is said.
    pub levels: Vec<LevelAttribute>,
    /// What the user states about the completeness of its lists.
    pub statements: Statements,
    /// The organisation's time zone, in which an instant becomes a day.
    pub zone: Zone,
}

vocabulary! {
    /// An attribute of a SCIM user that may name access levels (RFC 7643 §4.1.2).
    LevelAttribute {
        /// `roles`.
        Roles = "roles",
        /// `entitlements`.
        Entitlements = "entitlements",
        /// `groups`.
        Groups = "groups",
    }
}

/// What to take of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lists {
    /// Its people.
    pub staff: bool,
    /// Its accounts.
    pub accounts: bool,
}

/// What one source gave.
#[derive(Debug, Clone)]
pub struct Normalized {
    /// The source with its counts and completeness.
    pub source: Source,
    /// The organisation's name, where the source knows it.
    pub organization_name: Option<String>,
    /// Staff; `None` from a source that lists no staff.
    pub people: Option<Vec<Person>>,
    /// Systems whose accounts it lists.
    pub systems: Vec<System>,
    /// By person: facts of which the source says nothing, so that another list of staff may give them.
    pub not_given: NotGiven,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// What tells its accounts apart from accounts of the same id in other sources of the system, such as the number of
    /// the AWS account; the source's id if there is none.
    pub realm: Option<String>,
    /// Requests for access.
    pub access_requests: Vec<AccessRequest>,
    /// Facts of people or accounts in the list of another source.
    pub(crate) joined_facts: Option<JoinedFacts>,
    /// What a person should know about it.
    pub warnings: Vec<Diagnostic>,
}

impl Normalized {
    /// A source of this format, with nothing in it yet but what its pages say of themselves.
    pub(super) fn of_pages(identity: &SourceIdentity, format: Format, pages: &mut Pages) -> Self {
        let mut one = Self::empty(identity, format);
        one.warnings = std::mem::take(&mut pages.warnings);
        for (name, collection) in &pages.collections {
            one.source.collections.push(collection.describe(name, 0));
            one.warn_incomplete(name);
        }
        one
    }

    /// Warns about a collection if it is incomplete.
    pub(super) fn warn_incomplete(&mut self, name: &str) {
        let Some(list) = self.source.collection(name).filter(|list| !list.complete) else { return };
        let message = format!("{}: the collection `{name}` is incomplete: {}", self.source.id, list.reasons.join("; "));
        self.warnings.push(
            Diagnostic::warning(Code::IncompleteCollection, message)
                .help("what depends on it is unknown; export or pull it again"),
        );
    }

    /// A source of this format with nothing in it.
    pub(super) fn empty(identity: &SourceIdentity, format: Format) -> Self {
        let systems = format.accounts().map(|collection| System::new(&identity.system, &identity.id, collection));
        Normalized {
            source: Source {
                id: identity.id.clone(),
                kind: format.to_string(),
                endpoint: identity.endpoint.clone(),
                pulled_at: identity.pulled_at,
                pulled_at_assumed: false,
                token_scopes: None,
                staff: format.staff().map(str::to_owned),
                job_roles: None,
                collections: Vec::new(),
            },
            organization_name: None,
            people: format.staff().map(|_| Vec::new()),
            not_given: NotGiven::new(),
            systems: systems.into_iter().collect(),
            accounts: Vec::new(),
            realm: None,
            access_requests: Vec::new(),
            joined_facts: None,
            warnings: Vec::new(),
        }
    }

    /// A source that could not be had: its lists are there, incomplete for this reason, with nothing in them.
    #[must_use]
    pub fn failed(identity: &SourceIdentity, format: Format, reason: &str) -> Self {
        let mut one = Self::empty(identity, format);
        let requests = matches!(format, Format::AccessRequestsCsv | Format::AccessRequestsJson);
        let names = [format.staff(), format.accounts(), requests.then_some("access-requests")];
        let mut names: Vec<&str> = names.into_iter().flatten().collect();
        names.dedup();
        one.source.collections = names
            .into_iter()
            .map(|name| {
                let mut collection = Collection::whole(name, Basis::Assumed);
                collection.incomplete(reason);
                collection
            })
            .collect();
        one
    }

    /// A source that cannot be read, left out: what was wrong is a warning, and the reason kept names its codes alone.
    #[must_use]
    pub fn left_out(identity: &SourceIdentity, format: Format, problems: Vec<Diagnostic>) -> (Self, String) {
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.name()).collect();
        let reason = format!("it could not be read: {}", codes.join(", "));
        let mut one = Self::failed(identity, format, &reason);
        one.warnings = problems.into_iter().map(Diagnostic::into_warning).collect();
        (one, reason)
    }

    /// The same with only the lists that are wanted.
    #[must_use]
    pub fn only(mut self, lists: Lists) -> Self {
        if !lists.staff {
            self.people = None;
            self.source.staff = None;
            self.source.job_roles = None;
            // Whose they are is found by the other source's people.
            for account in &mut self.accounts {
                if let Some(person) = account.person.take() {
                    account.hints.external_id = Some(person);
                }
            }
        }
        if !lists.accounts {
            self.systems.clear();
            self.accounts.clear();
        }
        self
    }

    /// Says of a collection that some of its records were left out on purpose.
    pub(super) fn exclude(&mut self, collection: &str, excluded: usize) {
        if let Some(collection) = self.source.collections.iter_mut().find(|one| one.name == collection) {
            collection.records = collection.records.saturating_sub(excluded);
            collection.excluded += excluded;
        }
    }
}
