//! A snapshot without personal data.

use super::{REDACTED, Redactor};
use crate::model::{AccessRequest, Account, Fact, JobRole, LinkHints, Person, Snapshot, Source};

impl Redactor {
    /// The snapshot with pseudonyms, in its canonical order.
    #[must_use]
    pub fn snapshot(&self, mut snapshot: Snapshot) -> Snapshot {
        snapshot.sources.iter_mut().for_each(source);
        snapshot.people.iter_mut().for_each(|person| self.person(person));
        snapshot.accounts.iter_mut().for_each(|account| self.account(account));
        snapshot.access_requests.iter_mut().for_each(|request| self.request(request));
        snapshot.sort();
        snapshot
    }

    fn person(&self, person: &mut Person) {
        let Person {
            id,
            source: _,
            name,
            employee_number,
            work_email,
            status: _,
            start_date: _,
            end_date: _,
            last_working_day: _,
            job_roles,
            listed_manager,
            // Facts that only some sources give are kept, as job titles are.
            facts: _,
            supplied: _,
            unknown,
        } = person;
        *id = self.id(id);
        change(name, |name| self.name(name));
        change(employee_number, |number| self.id(number));
        change(work_email, |address| self.address(address));
        if let Fact::Known(rows) = job_roles {
            rows.iter_mut().for_each(|row| self.job_role(row));
        }
        listed_manager.iter_mut().for_each(|manager| *manager = self.id(manager));
        unknown.values_mut().for_each(drop_reason);
    }

    fn job_role(&self, row: &mut JobRole) {
        let JobRole {
            id,
            job_title: _,
            department: _,
            manager,
            effective_date: _,
            end_date: _,
            updated_at: _,
            unknown,
        } = row;
        *id = self.id(id);
        change(manager, |manager| self.id(manager));
        unknown.values_mut().for_each(drop_reason);
    }

    fn account(&self, account: &mut Account) {
        let Account {
            id,
            system: _,
            source: _,
            email,
            person,
            hints,
            status: _,
            levels: _,
            class: _,
            last_login: _,
            supplied: _,
            facts: _,
            unknown,
        } = account;
        let LinkHints { external_id, employee_number, addresses, manager } = hints;
        addresses.iter_mut().for_each(|address| *address = self.address(address));
        *id = self.id(id);
        change(email, |address| self.address(address));
        for id in [person, external_id, employee_number, manager].into_iter().flatten() {
            *id = self.id(id);
        }
        unknown.values_mut().for_each(drop_reason);
    }

    fn request(&self, request: &mut AccessRequest) {
        let AccessRequest { id, source: _, person, system: _, levels: _, status: _, created: _, expires: _, unknown } =
            request;
        *id = self.id(id);
        change(person, |person| self.id(person));
        unknown.values_mut().for_each(drop_reason);
    }
}

fn change(fact: &mut Fact<String>, to: impl FnOnce(&str) -> String) {
    if let Fact::Known(text) = fact {
        *text = to(text);
    }
}

/// Reasons quote what the source said.
fn drop_reason(reason: &mut String) {
    REDACTED.clone_into(reason);
}

fn source(source: &mut Source) {
    REDACTED.clone_into(&mut source.endpoint);
    for collection in &mut source.collections {
        collection.reasons.iter_mut().chain(&mut collection.stated_reason).for_each(drop_reason);
        for (index, rejected) in collection.rejected.iter_mut().enumerate() {
            rejected.record = format!("{REDACTED} {}", index + 1);
            drop_reason(&mut rejected.reason);
        }
    }
}
