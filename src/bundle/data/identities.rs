//! `people:` and `accounts:` — who is behind an account, and who is out of scope, where the sources do not say it.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::data::entries::At,
    diagnostic::{Code, Diagnostic, Location},
    model::{AccountClass, fold::fold, time},
    yaml::Document,
};

/// A file of identities.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentitiesFile {
    /// What is declared about people.
    #[serde(default)]
    pub people: Vec<PersonEntry>,
    /// What is declared about accounts.
    #[serde(default)]
    pub accounts: Vec<AccountEntry>,
    /// CSV tables with further accounts, relative to this file. Their columns are the keys of an account: `system`, `account`
    /// and `person`, or `class` with `owner` and `review_by`.
    #[serde(default)]
    pub accounts_from: Vec<String>,
}

/// What is declared about one person.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// The id in the HRIS.
    pub id: String,
    /// Further addresses of the person, such as one from before a renaming.
    #[serde(default)]
    pub emails: Vec<String>,
    /// False: the checks asked of people do not apply. Findings about accounts are not silenced.
    pub in_scope: Option<bool>,
    /// Why; needed where `in_scope` is false.
    pub reason: Option<String>,
}

/// What is declared about one account: either its owner, or its class if it has none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    /// The system.
    pub system: String,
    /// The account's id in it.
    pub account: String,
    /// The HRIS id of the person whose account it is.
    pub person: Option<String>,
    /// What kind of account it is, if it has no owner.
    pub class: Option<AccountClass>,
    /// The HRIS id of the person who answers for it.
    pub owner: Option<String>,
    /// The last day before the declaration has to be looked at again.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub review_by: Option<Date>,
    /// The HRIS id of the person that the account's own facts name instead. Acknowledges that the declaration
    /// contradicts them; needs `reason` and `reviewed_on`.
    pub despite: Option<String>,
    /// The day on which the declaration was last reviewed; `review_by` is measured from it.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub reviewed_on: Option<Date>,
    /// True: the account is privileged, whatever its levels are.
    pub privileged: Option<bool>,
    /// Why, for people.
    pub reason: Option<String>,
}

impl AccountEntry {
    /// Whether it says whose account it is, or that it is no single person's.
    #[must_use]
    pub(crate) fn identifies(&self) -> bool {
        self.person.is_some() || self.class.is_some()
    }
}

/// What is declared about one person, with its place.
#[derive(Debug, Clone)]
pub struct PersonMapping {
    /// As written.
    pub entry: PersonEntry,
    /// Where it stands.
    pub location: Location,
}

/// What is declared about one account, with its place.
#[derive(Debug, Clone)]
pub struct AccountMapping {
    /// As written.
    pub entry: AccountEntry,
    /// Where it stands.
    pub location: Location,
}

pub(super) fn read(
    document: &Document,
    people: &mut Vec<PersonMapping>,
    accounts: &mut Vec<AccountMapping>,
    problems: &mut Vec<Diagnostic>,
) {
    super::entries::entries::<PersonEntry>(document, "people", problems, |path, entry, problems| {
        if entry.in_scope == Some(false) && entry.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
            let message = format!("`{}` is out of scope without a reason", entry.id);
            let problem = Diagnostic::error(Code::MissingReason, message).at(&document.file, document.span(&path));
            problems.push(problem.help("add `reason:`; auditors ask for it"));
        }
        people.push(PersonMapping { entry, location: document.location(&format!("{path}.id")) });
    });
    super::entries::entries::<AccountEntry>(document, "accounts", problems, |path, entry, problems| {
        problems.extend(
            wrong(&entry)
                .into_iter()
                .map(|(key, problem)| problem.at(&document.file, document.span(&format!("{path}{key}")))),
        );
        accounts.push(AccountMapping { entry, location: document.location(&format!("{path}.account")) });
    });
}

/// What is wrong with an entry, each with the key below the entry.
pub(crate) fn wrong(entry: &AccountEntry) -> Vec<(&'static str, Diagnostic)> {
    let mut problems = Vec::new();
    let wrong = match (&entry.person, entry.class) {
        (None, None) if entry.privileged == Some(true) && entry.owner.is_none() && entry.despite.is_none() => None,
        (None, None) => Some("has neither a `person` nor a `class`"),
        (Some(_), Some(class)) if class != AccountClass::Staff => Some("has both a `person` and a `class`"),
        (None, Some(AccountClass::Staff)) => Some("is of the class `staff` without a person"),
        (Some(_), _) if entry.owner.is_some() => Some("has a person and an owner"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("the entry of the account `{}/{}` {wrong}", entry.system, entry.account);
        let problem = Diagnostic::error(Code::IdentityForm, message);
        problems.push(("", problem.help("give it either `person:`, or `class:` with `owner:` and `review_by:`")));
    }
    if entry.privileged == Some(false) {
        let message = format!("the account `{}/{}` cannot be declared unprivileged", entry.system, entry.account);
        let help = "leave `privileged` out, or correct the levels under `privileged:` in the system's file";
        problems.push((".privileged", Diagnostic::error(Code::IdentityForm, message).help(help)));
    }
    let has_reason = entry.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    if entry.despite.is_some() && !(has_reason && entry.reviewed_on.is_some()) {
        let message = format!(
            "the entry of the account `{}/{}` acknowledges a contradiction without `reason` and `reviewed_on`",
            entry.system, entry.account
        );
        let problem = Diagnostic::error(Code::MissingReason, message);
        problems.push((".despite", problem.help("add `reason:`, and `reviewed_on:` with the day of the review")));
    }
    problems
}

pub(super) fn check(
    people: &[PersonMapping],
    accounts: &[AccountMapping],
    at: impl Fn(&Location, Diagnostic) -> Diagnostic,
    problems: &mut Vec<Diagnostic>,
) {
    let at: At<'_> = &at;
    let mut twice = |what: String, location: &Location, first: &Location| {
        let problem = Diagnostic::error(Code::DuplicateId, format!("{what} is declared twice"));
        problems.push(at(location, problem.related("it is already declared at", first)));
    };
    let mut ids: BTreeMap<&str, &Location> = BTreeMap::new();
    let mut addresses: BTreeMap<Cow<'_, str>, &PersonMapping> = BTreeMap::new();
    for person in people {
        if let Some(first) = ids.insert(&person.entry.id, &person.location) {
            twice(format!("the person `{}`", person.entry.id), &person.location, first);
        }
        for address in &person.entry.emails {
            let other = addresses.insert(fold(address), person);
            if let Some(other) = other.filter(|other| other.entry.id != person.entry.id) {
                twice(format!("the address `{address}`"), &person.location, &other.location);
            }
        }
    }
    let mut keys: BTreeMap<(&str, &str), &Location> = BTreeMap::new();
    for account in accounts {
        let key = (account.entry.system.as_str(), account.entry.account.as_str());
        if let Some(first) = keys.insert(key, &account.location) {
            twice(format!("the account `{}/{}`", key.0, key.1), &account.location, first);
        }
    }
}
