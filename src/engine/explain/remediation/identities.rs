//! Changes of what is declared about an account: whose it is, or that it is nobody's own.

use jiff::{ToSpan, civil::Date};

use super::change::{Candidate, ChangeTarget, Edit, RemediationContext};
use crate::{
    bundle::{AccountMapping, data::identities::AccountEntry},
    diagnostic::Location,
    engine::{answer::Subject, explain::facts::named},
    model::AccountClass,
    resolve::{ResolvedAccount, ResolvedPerson},
};

/// How far ahead a review date is tried, in days.
const REVIEW: i64 = 90;

impl<'a> RemediationContext<'_, 'a> {
    pub(in crate::engine) fn identities(&self) -> Vec<Candidate> {
        let Subject::Account(index) = self.answer.subject else { return Vec::new() };
        let Some(account) = self.resolved.accounts.loaded(index) else { return Vec::new() };
        let review = self.resolved.today.checked_add(REVIEW.days()).unwrap_or(self.resolved.today);
        match account.mapping {
            Some(mapping) => self.mended(account, mapping, review),
            None if !account.owner.is(|_| true).is_true() => self.declared(account, review),
            None => Vec::new(),
        }
    }

    /// What is declared already, put right.
    fn mended(&self, account: &ResolvedAccount<'a>, mapping: &AccountMapping, review: Date) -> Vec<Candidate> {
        let candidate = |text: String, change: &dyn Fn(&mut AccountEntry)| {
            let mut mapping = mapping.clone();
            change(&mut mapping.entry);
            Candidate {
                site: ChangeTarget::Identities,
                text,
                location: Some(mapping.location.clone()),
                edit: Edit::Mapping(mapping),
            }
        };
        let id = crate::engine::explain::facts::account_name(account);
        let mut found = Vec::new();
        if mapping.entry.person.is_none() {
            found.push(candidate(
                format!("look at {id} again, and set its `review_by` to a day ahead, such as {review}"),
                &|entry| {
                    entry.review_by = Some(review);
                },
            ));
            if let Some(person) = self.anybody() {
                let text = format!("set the `owner` of {id} to a current person, such as {}", named(person));
                found.push(candidate(text, &|entry| entry.owner = Some(person.id.to_owned())));
            }
        } else if let Some(person) = self.anybody() {
            let text = format!("map {id} to a person of the people list, such as {}", named(person));
            found.push(candidate(text, &|entry| entry.person = Some(person.id.to_owned())));
        }
        found
    }

    /// Declarations of an account that nothing says anything about.
    fn declared(&self, account: &ResolvedAccount<'a>, review: Date) -> Vec<Candidate> {
        let resolved = self.resolved;
        let id = crate::engine::explain::facts::account_name(account);
        let location = resolved.bundle.accounts.first().map(|mapping| mapping.location.clone());
        let candidate = |text: String, person: Option<String>, class: Option<AccountClass>, owner: Option<String>| {
            let entry = AccountEntry {
                privileged: None,
                system: account.record.system.clone(),
                account: account.record.id.clone(),
                person,
                class,
                owner,
                review_by: class.map(|_| review),
                despite: None,
                reviewed_on: None,
                reason: None,
            };
            let nowhere = Location { file: "identities.yaml".into(), line: 1, column: 1, yaml_path: None };
            let mapping = AccountMapping { entry, location: location.clone().unwrap_or(nowhere) };
            Candidate { site: ChangeTarget::Identities, text, location: location.clone(), edit: Edit::Mapping(mapping) }
        };
        let candidates: Vec<ResolvedPerson<'_>> =
            account.candidates.iter().filter_map(|index| resolved.person(*index)).collect();
        let mut found: Vec<Candidate> = Vec::new();
        for person in &candidates {
            found.push(candidate(format!("map {id} to {}", named(*person)), Some(person.id.to_owned()), None, None));
        }
        if let Some(person) = self.anybody() {
            if candidates.is_empty() {
                let text = format!(
                    "map {id} to the person whose it is, if it is a current person's such as {}",
                    named(person)
                );
                found.push(candidate(text, Some(person.id.to_owned()), None, None));
            }
            let text = format!(
                "if {id} has no single owner: declare its class (tried with `{}`), a current `owner` such as {} and a \
                 `review_by` ahead",
                AccountClass::Service,
                named(person)
            );
            found.push(candidate(text, None, Some(AccountClass::Service), Some(person.id.to_owned())));
        }
        found
    }

    /// The first current person.
    fn anybody(&self) -> Option<ResolvedPerson<'_>> {
        self.resolved.people.iter().find(super::change::is_current)
    }
}
