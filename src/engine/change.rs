//! What single change would settle a finding: of a fact at its source, or of a line in the bundle's data.
//!
//! Nothing is promised that was not tried: every candidate is made on a copy of the snapshot or of the bundle, the
//! question is asked again, and the changes with which it comes out well are kept.

mod access;
mod facts;
mod identities;
mod people;

use std::collections::HashSet;

use super::{Answer, Evaluation, Options, Situation, Subject, evaluate::judge, facts as shown};
use crate::{
    bundle::{AccountMapping, Bundle, Outcome, Rule, data::systems::AccessRule},
    diagnostic::Location,
    model::{AccessRequest, Account, Basis, Collection, EmploymentStatus, Person, Snapshot, Source, System},
    resolve::ResolvedPerson,
};

vocabulary! {
    /// Where a change is made.
    Site {
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
    pub site: Site,
    /// What to do.
    pub text: String,
    /// The line of the bundle to look at, for changes made there.
    pub location: Option<Location>,
    /// What the outcome then is.
    pub outcome: Outcome,
}

/// A change that may settle a finding.
struct Candidate {
    site: Site,
    text: String,
    location: Option<Location>,
    edit: Edit,
}

impl Candidate {
    fn fact(text: String, edit: Edit) -> Self {
        Candidate { site: Site::Fact, text, location: None, edit }
    }
}

/// What a candidate changes.
enum Edit {
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
    fn make(self, snapshot: &mut Snapshot, bundle: &mut Bundle) {
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
struct Scene<'e, 'a> {
    situation: &'e Situation<'a>,
    answer: &'e Answer,
    /// The rules that speak of the check.
    rules: Vec<&'a Rule>,
}

/// The changes that settle an answer, those after which the subject passes first. None for an answer that is well.
///
/// # Errors
/// Cedar's reason, could it not evaluate.
pub fn changes(evaluation: &Evaluation<'_>, answer: &Answer) -> Result<Vec<Change>, String> {
    if !answer.verdict.outcome.is_open() {
        return Ok(Vec::new());
    }
    let situation = &evaluation.situation;
    let Some(check) = situation.bundle.checks.get(answer.check) else { return Ok(Vec::new()) };
    let rules = situation.bundle.rules.iter().filter(|rule| rule.speaks_of(check)).collect();
    let scene = Scene { situation, answer, rules };
    let mut candidates = scene.access_rules();
    candidates.extend(scene.org_roles());
    candidates.extend(scene.people());
    candidates.extend(scene.identities());
    candidates.extend(scene.requests());
    candidates.extend(scene.system());
    candidates.extend(scene.evidence());
    candidates.extend(scene.account());

    let (_, subject_id, _) = shown::label(situation, answer.subject);
    let mut settled = Vec::new();
    for Candidate { site, text, location, edit } in candidates {
        let (mut snapshot, mut bundle) = (situation.snapshot.clone(), situation.bundle.clone());
        edit.make(&mut snapshot, &mut bundle);
        let changed = Situation::new(&snapshot, &bundle, situation.as_of);
        let Some(subject) = subject(&changed, answer.subject, &subject_id) else { continue };
        let options = Options {
            as_of: None,
            checks: Some(HashSet::from([check.id.clone()])),
            subjects: Some(HashSet::from([subject])),
            ..Options::default()
        };
        let evaluation = judge(changed, &options)?;
        let again = evaluation.answers.iter().find(|one| one.subject == subject && one.level == answer.level);
        let Some(outcome) = again.map(|answer| answer.verdict.outcome) else { continue };
        if !outcome.is_open() {
            settled.push(Change { site, text, location, outcome });
        }
    }
    settled.sort_by_key(|change| match change.outcome {
        Outcome::Pass => 0,
        Outcome::Exempt => 1,
        _ => 2,
    });
    Ok(settled)
}

/// Whether a person is certainly employed, and no last day is set.
fn is_current(person: &ResolvedPerson<'_>) -> bool {
    let is_active = person.status.is(|status| matches!(status, EmploymentStatus::Active));
    is_active.is_true() && person.end_date.is_empty().is_true()
}

/// The same subject in another situation.
fn subject(situation: &Situation<'_>, kind: Subject, id: &str) -> Option<Subject> {
    Some(match kind {
        Subject::Person(_) => Subject::Person(situation.person_index(id)?),
        Subject::Account(_) => Subject::Account(situation.account_index(id)?),
        Subject::Organization => Subject::Organization,
        Subject::System(_) => Subject::System(situation.system_index(id)?),
    })
}
