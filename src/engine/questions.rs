//! Which questions there are about a subject: every check of its type.

use super::{
    evaluate::{Options, Subject, wanted},
    values::Entity,
};
use crate::{
    bundle::{Bundle, Question, data::systems::LOGIN},
    model::Fact,
    resolve::Situation,
};

/// A question on its way to Cedar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'s> {
    pub(super) check: usize,
    pub(super) subject: Subject,
    pub(super) level: Option<&'s str>,
    pub(super) principal: Entity<'s>,
    pub(super) resource: Entity<'s>,
}

/// The checks that are asked of each kind of subject, as indices into the bundle's.
pub(super) struct Questions {
    organization: Vec<usize>,
    people: Vec<usize>,
    systems: Vec<usize>,
    accounts: Vec<usize>,
    levels: Vec<usize>,
}

impl Questions {
    pub(super) fn new(bundle: &Bundle, options: &Options) -> Self {
        let of = |question: Question| {
            let asked = wanted(bundle, options).filter(|(_, check)| check.questions.contains(&question));
            asked.map(|(index, _)| index).collect()
        };
        Questions {
            organization: of(Question::OrganizationItself),
            people: of(Question::PersonInOrganization),
            systems: of(Question::SystemInOrganization),
            accounts: of(Question::AccountInSystem),
            levels: of(Question::AccountHoldsEntitlement),
        }
    }

    /// Every question about a subject.
    ///
    /// # Errors
    /// That an account is of a system that there is not.
    pub(super) fn about<'s>(
        &self,
        situation: &'s Situation<'_>,
        subject: Subject,
        mut ask: impl FnMut(Asking<'s>),
    ) -> Result<(), String> {
        let mut each = |checks: &[usize], level, principal, resource| {
            for check in checks {
                ask(Asking { check: *check, subject, level, principal, resource });
            }
        };
        match subject {
            Subject::Organization => each(&self.organization, None, Entity::Organization, Entity::Organization),
            Subject::Person(index) => each(&self.people, None, Entity::Person(index), Entity::Organization),
            Subject::System(index) => each(&self.systems, None, Entity::System(index), Entity::Organization),
            Subject::Account(index) => {
                let Some(account) = situation.accounts.at_hand(index) else { return Ok(()) };
                let system = account
                    .system
                    .ok_or_else(|| format!("the account `{}` is of no system of the snapshot", account.record.id))?;
                each(&self.accounts, None, Entity::Account(index), Entity::System(system));
                for level in judged(situation, system, &account.record.levels) {
                    each(&self.levels, Some(level), Entity::Account(index), Entity::Level(system, level));
                }
            }
        }
        Ok(())
    }
}

/// The levels of an account that are judged: those that it is known to hold, or the login alone.
pub(crate) fn judged<'s>(
    situation: &Situation<'_>,
    system: usize,
    levels: &'s Fact<Vec<String>>,
) -> impl Iterator<Item = &'s str> {
    let is_login_only = situation.is_login_only(system);
    held(levels).filter(move |level| !is_login_only || *level == LOGIN)
}

/// The levels that an account is known to hold, the login first.
pub(crate) fn held(levels: &Fact<Vec<String>>) -> impl Iterator<Item = &str> {
    let further = levels.known().into_iter().flatten().map(String::as_str).filter(|level| *level != LOGIN);
    std::iter::once(LOGIN).chain(further)
}
