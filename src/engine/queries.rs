//! The queries about a subject: every check of its type.

use super::attributes::judged;
use crate::{
    bundle::{Bundle, CheckTarget},
    engine::{
        answer::{Entity, Options, Query, Subject},
        error::{Error, ErrorKind},
    },
    resolve::ResolvedSnapshot,
};

/// The checks of each kind of subject, as indices into the bundle's checks.
pub(in crate::engine) struct QueryPlan {
    organization: Vec<usize>,
    people: Vec<usize>,
    systems: Vec<usize>,
    accounts: Vec<usize>,
    levels: Vec<usize>,
}

impl QueryPlan {
    pub(in crate::engine) fn new(bundle: &Bundle, options: &Options) -> Self {
        let of = |target: CheckTarget| {
            let selected = options.selected_checks(bundle).filter(|(_, check)| check.targets.contains(&target));
            selected.map(|(index, _)| index).collect()
        };
        QueryPlan {
            organization: of(CheckTarget::OrganizationItself),
            people: of(CheckTarget::PersonInOrganization),
            systems: of(CheckTarget::SystemInOrganization),
            accounts: of(CheckTarget::AccountInSystem),
            levels: of(CheckTarget::AccountHoldsEntitlement),
        }
    }

    /// Passes every query about a subject to `add`.
    ///
    /// # Errors
    /// Returns an error if an account is not loaded, or if the snapshot lacks its system.
    pub(in crate::engine) fn queries<'s>(
        &self,
        resolved: &'s ResolvedSnapshot<'_>,
        subject: Subject,
        mut add: impl FnMut(Query<'s>),
    ) -> Result<(), Error> {
        let mut each = |checks: &[usize], level, principal, resource| {
            for check in checks {
                add(Query { check: *check, subject, level, principal, resource });
            }
        };
        match subject {
            Subject::Organization => each(&self.organization, None, Entity::Organization, Entity::Organization),
            Subject::Person(index) => each(&self.people, None, Entity::Person(index), Entity::Organization),
            Subject::System(index) => each(&self.systems, None, Entity::System(index), Entity::Organization),
            Subject::Account(index) => {
                let account = resolved.accounts.loaded(index).ok_or("an account that is evaluated is not loaded")?;
                let system = account.system.ok_or_else(|| ErrorKind::NoSystem(account.record.id.clone()))?;
                each(&self.accounts, None, Entity::Account(index), Entity::System(system));
                for level in judged(resolved, system, &account.record.levels) {
                    each(&self.levels, Some(level), Entity::Account(index), Entity::Level(system, level));
                }
            }
        }
        Ok(())
    }
}
