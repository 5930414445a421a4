//! Which people and accounts a rule can come to from given subjects: through the attributes that are references, and
//! by naming them.

use std::collections::{BTreeSet, HashSet};

use super::{evaluate::Subject, expression::literals, resolve::Situation};

/// People and accounts, as indices into a situation's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// People.
    pub people: BTreeSet<usize>,
    /// Accounts.
    pub accounts: BTreeSet<usize>,
}

impl Reach {
    /// Everybody that a rule of the bundle can come to from these subjects.
    #[must_use]
    pub fn of(situation: &Situation<'_>, subjects: &HashSet<Subject>) -> Self {
        let mut reach = Reach::default();
        #[expect(clippy::iter_over_hash_type, reason = "they end up in ordered sets")]
        for subject in subjects {
            match subject {
                Subject::Person(index) => reach.person(situation, *index),
                Subject::Account(index) => reach.account(situation, *index),
                Subject::System(_) => {}
            }
        }
        for uid in situation.bundle.rules.iter().flat_map(|rule| literals(&rule.policy)) {
            match uid.ty.to_string().as_str() {
                "Person" => {
                    let person = situation.person_index(uid.eid.as_str());
                    person.into_iter().for_each(|index| reach.person(situation, index));
                }
                "Account" => {
                    let account = situation.account_index(uid.eid.as_str());
                    account.into_iter().for_each(|index| reach.account(situation, index));
                }
                _ => {}
            }
        }
        reach
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
        let Some(account) = situation.accounts.get(index) else { return };
        for person in [&account.owner, &account.responsible].into_iter().filter_map(|person| person.known()) {
            self.person(situation, *person);
        }
    }
}
