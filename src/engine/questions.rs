//! Which questions there are: every check, of every subject of its type, with the rules that can matter.

use std::collections::HashMap;

use rayon::prelude::*;

use super::{
    evaluate::{Options, Subject, wanted},
    resolve::Situation,
    slice::{Keys, Slicer},
    values::{self, Entity},
};
use crate::{
    bundle::{Check, Question, data::systems::LOGIN},
    model::Fact,
};

/// A question on its way to Cedar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'s> {
    pub(super) check: usize,
    pub(super) subject: Subject,
    pub(super) level: Option<&'s str>,
    pub(super) principal: Entity<'s>,
    pub(super) resource: Entity<'s>,
    /// The rules that it is put to, as an index into [`Questions::slices`].
    pub(super) slice: usize,
}

/// All questions, and the distinct sets of rules that they are put to.
pub(super) struct Questions<'s> {
    pub(super) all: Vec<Asking<'s>>,
    pub(super) slices: Vec<Vec<u32>>,
}

impl<'s> Questions<'s> {
    pub(super) fn new(situation: &'s Situation<'_>, options: &Options) -> Self {
        let bundle = situation.bundle;
        let slicer = Slicer::new(&bundle.checks, &bundle.rules);
        // A rule may reach the manager's memberships too, but a scope speaks of principal and resource alone.
        let keys = |entity: Entity<'_>| {
            let unknown = values::unknown(situation, entity).into_iter().flat_map(|unknown| unknown.keys());
            let open = unknown.filter_map(|fact| fact.strip_prefix("in "));
            slicer.keys(values::ancestors(situation, entity).iter().map(|(name, id)| (*name, &**id)), open)
        };
        let of_all = |count: usize, subject: fn(usize) -> Subject, entity: fn(usize) -> Entity<'s>| -> Vec<Keys> {
            let one = |index| if options.asks(subject(index)) { keys(entity(index)) } else { Keys::default() };
            (0..count).into_par_iter().map(one).collect()
        };
        let people = of_all(situation.people.len(), Subject::Person, Entity::Person);
        let accounts = of_all(situation.accounts.len(), Subject::Account, Entity::Account);
        // Systems are resources of the questions about their accounts as well.
        let systems: Vec<Keys> = (0..situation.systems.len()).map(|index| keys(Entity::System(index))).collect();
        let organization = keys(Entity::Organization);
        let mut levels: HashMap<(usize, &'s str), Keys> = HashMap::new();
        let mut asker = Asker {
            slicer: &slicer,
            seen: HashMap::new(),
            questions: Questions { all: Vec::new(), slices: Vec::new() },
        };
        for (check_index, check) in wanted(bundle, options) {
            let mut ask = |subject, level, principal: (Entity<'s>, &Keys), resource: (Entity<'s>, &Keys)| {
                asker.ask(
                    check,
                    Asking {
                        check: check_index,
                        subject,
                        level,
                        principal: principal.0,
                        resource: resource.0,
                        slice: 0,
                    },
                    principal.1,
                    resource.1,
                );
            };
            for question in &check.questions {
                match question {
                    Question::PersonInOrganization => {
                        for (index, keys) in
                            people.iter().enumerate().filter(|(at, _)| options.asks(Subject::Person(*at)))
                        {
                            let organization = (Entity::Organization, &organization);
                            ask(Subject::Person(index), None, (Entity::Person(index), keys), organization);
                        }
                    }
                    Question::SystemInOrganization => {
                        for (index, keys) in
                            systems.iter().enumerate().filter(|(at, _)| options.asks(Subject::System(*at)))
                        {
                            let organization = (Entity::Organization, &organization);
                            ask(Subject::System(index), None, (Entity::System(index), keys), organization);
                        }
                    }
                    Question::AccountInSystem | Question::AccountHoldsEntitlement => {
                        for (index, principal) in accounts.iter().enumerate() {
                            let subject = Subject::Account(index);
                            let Some(account) = situation.accounts.get(index).filter(|_| options.asks(subject)) else {
                                continue;
                            };
                            let Some(system) = situation.system_index(&account.record.system) else { continue };
                            let principal = (Entity::Account(index), principal);
                            if *question == Question::AccountInSystem {
                                let Some(resource) = systems.get(system) else { continue };
                                ask(subject, None, principal, (Entity::System(system), resource));
                                continue;
                            }
                            for level in held(&account.record.levels) {
                                let entity = Entity::Level(system, level);
                                let resource = levels.entry((system, level)).or_insert_with(|| keys(entity));
                                ask(subject, Some(level), principal, (entity, resource));
                            }
                        }
                    }
                }
            }
        }
        asker.questions
    }
}

/// The levels that an account is known to hold, the login first.
pub(crate) fn held(levels: &Fact<Vec<String>>) -> impl Iterator<Item = &str> {
    let further = levels.known().into_iter().flatten().map(String::as_str).filter(|level| *level != LOGIN);
    std::iter::once(LOGIN).chain(further)
}

struct Asker<'s, 'q> {
    slicer: &'q Slicer,
    seen: HashMap<Vec<u32>, usize>,
    questions: Questions<'s>,
}

impl<'s> Asker<'s, '_> {
    fn ask(&mut self, check: &Check, asking: Asking<'s>, principal: &Keys, resource: &Keys) {
        let rules = self.slicer.rules(&check.id, principal, resource);
        let slice = match self.seen.get(&rules) {
            Some(slice) => *slice,
            None => {
                let slice = self.questions.slices.len();
                self.questions.slices.push(rules.clone());
                self.seen.insert(rules, slice);
                slice
            }
        };
        self.questions.all.push(Asking { slice, ..asking });
    }
}
