//! Edits that may change a verdict.

use crate::{
    bundle::{AccountMapping, Bundle, Outcome, Rule, data::systems::AccessRule},
    diagnostic::Location,
    engine::answer::Answer,
    model::{AccessRequest, Account, Basis, Collection, EmploymentStatus, Person, Snapshot, Source, System},
    resolve::{ResolvedPerson, ResolvedSnapshot},
};

vocabulary! {
    /// Where a change is made.
    ChangeTarget {
        /// At the source of a fact.
        Fact = "fact",
        /// In the access rules.
        AccessRules = "access-rules",
        /// In the org roles.
        OrgRoles = "org-roles",
        /// In the identities.
        Identities = "identities",
    }
}

/// A change that settles a finding, tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is made.
    pub site: ChangeTarget,
    /// What to do.
    pub text: String,
    /// The line of the bundle to look at, for changes made there.
    pub location: Option<Location>,
    /// What the outcome then is.
    pub outcome: Outcome,
}

/// A change that may settle a finding.
pub(super) struct Candidate {
    pub(super) site: ChangeTarget,
    pub(super) text: String,
    pub(super) location: Option<Location>,
    pub(super) edit: Edit,
}

impl Candidate {
    pub(super) fn fact(text: String, edit: Edit) -> Self {
        Candidate { site: ChangeTarget::Fact, text, location: None, edit }
    }
}

/// What a candidate changes.
pub(super) enum Edit {
    Person(Box<Person>),
    Account(Box<Account>),
    Source(Box<Source>),
    Request(Box<AccessRequest>),
    /// The person of this id is named in the org role at this index.
    OrgRole(usize, String),
    Mapping(AccountMapping),
    /// An access rule of a system, with the rules that it becomes.
    AccessRule(String, AccessRule, Vec<Rule>),
    /// The accounts of this system are listed by the first source, which has none.
    AccountList(String),
}

impl Edit {
    pub(super) fn make(self, snapshot: &mut Snapshot, bundle: &mut Bundle) {
        match self {
            Edit::Person(person) => {
                let at = snapshot.people.iter_mut().find(|known| known.id == person.id);
                at.into_iter().for_each(|known| *known = (*person).clone());
            }
            Edit::Account(account) => {
                let same = |known: &&mut Account| known.id == account.id && known.system == account.system;
                let at = snapshot.accounts.iter_mut().find(same);
                at.into_iter().for_each(|known| *known = (*account).clone());
            }
            Edit::Source(source) => {
                let at = snapshot.sources.iter_mut().find(|known| known.id == source.id);
                at.into_iter().for_each(|known| *known = (*source).clone());
            }
            Edit::Request(request) => match snapshot.access_requests.iter_mut().find(|known| known.id == request.id) {
                Some(known) => *known = *request,
                None => snapshot.access_requests.push(*request),
            },
            Edit::OrgRole(role, person) => {
                bundle.org_roles.get_mut(role).into_iter().for_each(|role| role.people.push(person.clone()));
            }
            Edit::Mapping(mapping) => {
                let same = |known: &&mut AccountMapping| {
                    known.entry.system == mapping.entry.system && known.entry.account == mapping.entry.account
                };
                match bundle.accounts.iter_mut().find(same) {
                    Some(known) => *known = mapping,
                    None => bundle.accounts.push(mapping),
                }
            }
            Edit::AccessRule(system, entry, rules) => {
                bundle.systems.get_mut(&system).into_iter().for_each(|system| system.access.push(entry.clone()));
                bundle.rules.extend(rules);
            }
            Edit::AccountList(system) => {
                let Some(source) = snapshot.sources.first_mut() else { return };
                let collection = format!("the accounts of {system}");
                source.collections.push(Collection::whole(&collection, Basis::Total));
                snapshot.systems.push(System::new(system, &source.id, collection));
            }
        }
    }
}

/// What candidates are made from.
pub(super) struct RemediationContext<'e, 'a> {
    pub(super) resolved: &'e ResolvedSnapshot<'a>,
    pub(super) answer: &'e Answer,
    /// The rules that speak of the check.
    pub(super) rules: Vec<&'a Rule>,
}

/// Whether a person is certainly employed, and no last day is set.
pub(super) fn is_current(person: &ResolvedPerson<'_>) -> bool {
    let is_active = person.status.is(|status| matches!(status, EmploymentStatus::Active));
    is_active.is_true() && person.end_date.is_empty().is_true()
}
