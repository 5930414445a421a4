//! Which people and accounts a rule can come to from given subjects: through the attributes that are references, and
//! by naming them.

use std::collections::{BTreeSet, HashSet};

use cedar_policy::pst;

use crate::{
    bundle::{
        Bundle,
        expression::{each_named_in_clauses, type_name},
    },
    engine::{answer::Subject, attributes::held},
    resolve::ResolvedSnapshot,
};

/// What rules can come to, as indices into the lists of a resolved snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReachableEntities {
    /// People.
    pub people: BTreeSet<usize>,
    /// Accounts.
    pub accounts: BTreeSet<usize>,
    /// Levels: systems and names.
    pub levels: BTreeSet<(usize, String)>,
    /// Requests for access.
    pub requests: BTreeSet<usize>,
    /// Org roles that rules name; those that people have come with the people.
    pub org_roles: BTreeSet<usize>,
}

/// What the rules of a bundle name in their clauses, each entity once.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Literals(Vec<pst::EntityUID>);

impl Literals {
    pub(in crate::engine) fn of(bundle: &Bundle) -> Self {
        let mut known = HashSet::new();
        let mut literals = Vec::new();
        for rule in &bundle.rules {
            each_named_in_clauses(&rule.policy, &mut |uid| {
                if known.insert(uid) {
                    literals.push(uid.clone());
                }
            });
        }
        Literals(literals)
    }
}

impl ReachableEntities {
    /// Everybody and everything.
    #[must_use]
    pub fn all(resolved: &ResolvedSnapshot<'_>) -> Self {
        let mut reach =
            ReachableEntities { people: (0..resolved.people.len()).collect(), ..ReachableEntities::default() };
        (0..resolved.accounts.len()).for_each(|index| reach.account(resolved, index));
        reach.requests = (0..resolved.snapshot.access_requests.len()).collect();
        reach.named(resolved, &Literals::of(resolved.bundle));
        reach
    }

    /// Everybody that a rule of the bundle can come to from these subjects.
    #[must_use]
    pub fn of(resolved: &ResolvedSnapshot<'_>, subjects: &HashSet<Subject>) -> Self {
        ReachableEntities::beside(resolved, subjects, &Literals::of(resolved.bundle))
    }

    /// The same, where it is known what the rules name.
    pub(in crate::engine) fn beside(
        resolved: &ResolvedSnapshot<'_>,
        subjects: &HashSet<Subject>,
        literals: &Literals,
    ) -> Self {
        let mut reach = ReachableEntities::default();
        #[expect(clippy::iter_over_hash_type, reason = "they end up in ordered sets")]
        for subject in subjects {
            match subject {
                Subject::Person(index) => reach.person(resolved, *index),
                Subject::Account(index) => reach.account(resolved, *index),
                Subject::System(_) | Subject::Organization => {}
            }
        }
        reach.named(resolved, literals);
        reach
    }

    /// Whatever rules name in their clauses. What a scope names is only compared and asked for its members.
    fn named(&mut self, resolved: &ResolvedSnapshot<'_>, literals: &Literals) {
        for uid in &literals.0 {
            let id = uid.eid.as_str();
            match &*type_name(uid) {
                "Person" => {
                    let person = resolved.person_index(id);
                    person.into_iter().for_each(|index| self.person(resolved, index));
                }
                "Account" => {
                    let account = resolved.account_index(id);
                    account.into_iter().for_each(|index| self.account(resolved, index));
                }
                "Entitlement" => {
                    let level = id
                        .split_once('/')
                        .and_then(|(system, level)| Some((resolved.system_index(system)?, level.to_owned())));
                    self.levels.extend(level);
                }
                "OrgRole" => self.org_roles.extend(resolved.bundle.org_roles.iter().position(|role| role.id == id)),
                "AccessRequest" => {
                    self.requests.extend(resolved.snapshot.access_requests.iter().position(|one| one.id == id));
                }
                _ => {}
            }
        }
    }

    /// A person, and the line of managers.
    fn person(&mut self, resolved: &ResolvedSnapshot<'_>, index: usize) {
        let mut next = Some(index);
        while let Some(index) = next.filter(|index| self.people.insert(*index)) {
            next = resolved.person(index).and_then(|person| person.manager.known().copied());
        }
    }

    /// An account, and those behind it.
    fn account(&mut self, resolved: &ResolvedSnapshot<'_>, index: usize) {
        if !self.accounts.insert(index) {
            return;
        }
        let Some(account) = resolved.accounts.loaded(index) else { return };
        if let Some(system) = account.system {
            self.levels.extend(held(&account.record.levels).map(|level| (system, level.to_owned())));
        }
        self.requests.extend(account.requests.known().into_iter().flatten().map(|request| request.index));
        for person in [&account.owner, &account.responsible].into_iter().filter_map(|person| person.known()) {
            self.person(resolved, *person);
        }
    }
}
