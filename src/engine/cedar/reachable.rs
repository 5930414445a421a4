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
    resolve::Situation,
};

/// What rules can come to, as indices into a situation's lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
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

impl Reach {
    /// Everybody and everything.
    #[must_use]
    pub fn all(situation: &Situation<'_>) -> Self {
        let mut reach = Reach { people: (0..situation.people.len()).collect(), ..Reach::default() };
        (0..situation.accounts.len()).for_each(|index| reach.account(situation, index));
        reach.requests = (0..situation.snapshot.access_requests.len()).collect();
        reach.named(situation, &Literals::of(situation.bundle));
        reach
    }

    /// Everybody that a rule of the bundle can come to from these subjects.
    #[must_use]
    pub fn of(situation: &Situation<'_>, subjects: &HashSet<Subject>) -> Self {
        Reach::beside(situation, subjects, &Literals::of(situation.bundle))
    }

    /// The same, where it is known what the rules name.
    pub(in crate::engine) fn beside(
        situation: &Situation<'_>,
        subjects: &HashSet<Subject>,
        literals: &Literals,
    ) -> Self {
        let mut reach = Reach::default();
        #[expect(clippy::iter_over_hash_type, reason = "they end up in ordered sets")]
        for subject in subjects {
            match subject {
                Subject::Person(index) => reach.person(situation, *index),
                Subject::Account(index) => reach.account(situation, *index),
                Subject::System(_) | Subject::Organization => {}
            }
        }
        reach.named(situation, literals);
        reach
    }

    /// Whatever rules name in their clauses. What a scope names is only compared and asked for its members.
    fn named(&mut self, situation: &Situation<'_>, literals: &Literals) {
        for uid in &literals.0 {
            let id = uid.eid.as_str();
            match &*type_name(uid) {
                "Person" => {
                    let person = situation.person_index(id);
                    person.into_iter().for_each(|index| self.person(situation, index));
                }
                "Account" => {
                    let account = situation.account_index(id);
                    account.into_iter().for_each(|index| self.account(situation, index));
                }
                "Entitlement" => {
                    let level = id
                        .split_once('/')
                        .and_then(|(system, level)| Some((situation.system_index(system)?, level.to_owned())));
                    self.levels.extend(level);
                }
                "OrgRole" => self.org_roles.extend(situation.bundle.org_roles.iter().position(|role| role.id == id)),
                "AccessRequest" => {
                    self.requests.extend(situation.snapshot.access_requests.iter().position(|one| one.id == id));
                }
                _ => {}
            }
        }
    }

    /// A person, and the line of managers.
    fn person(&mut self, situation: &Situation<'_>, index: usize) {
        let mut next = Some(index);
        while let Some(index) = next.filter(|index| self.people.insert(*index)) {
            next = situation.person(index).and_then(|person| person.manager.known().copied());
        }
    }

    /// An account, and those behind it.
    fn account(&mut self, situation: &Situation<'_>, index: usize) {
        if !self.accounts.insert(index) {
            return;
        }
        let Some(account) = situation.accounts.at_hand(index) else { return };
        if let Some(system) = account.system {
            self.levels.extend(held(&account.record.levels).map(|level| (system, level.to_owned())));
        }
        self.requests.extend(account.requests.known().into_iter().flatten().map(|request| request.index));
        for person in [&account.owner, &account.responsible].into_iter().filter_map(|person| person.known()) {
            self.person(situation, *person);
        }
    }
}
