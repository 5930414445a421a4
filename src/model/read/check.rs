//! What has to hold between the records of a snapshot.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Code, Diagnostic},
    model::{
        Account, Basis, Collection, Fact, Facts, Person, Snapshot,
        declared::unknown_key,
        snapshot::{LISTED_MANAGER, Unknown},
    },
};

/// Every problem of the content: ids given twice, references to nowhere, facts neither given nor listed as unknown.
pub(crate) fn problems(snapshot: &Snapshot) -> Vec<Diagnostic> {
    let mut check = Check::new(snapshot);
    check.unique("sources", snapshot.sources.iter().map(|source| source.id.clone()));
    check.unique("people", snapshot.people.iter().map(|person| person.id.clone()));
    check.unique("systems", snapshot.systems.iter().map(|system| system.id.clone()));
    let account_ids = snapshot.accounts.iter().map(|account| format!("{}/{}", account.system, account.id));
    check.unique("accounts", account_ids);
    check.unique("access_requests", snapshot.access_requests.iter().map(|request| request.id.clone()));
    check.collections();
    check.staff();
    check.people();
    check.systems();
    check.accounts();
    check.access_requests();
    check.problems
}

/// What a collection says of itself that a complete list cannot say.
fn contradiction(collection: &Collection) -> Option<String> {
    if !collection.complete {
        return None;
    }
    let here = collection.records.saturating_add(collection.excluded);
    if let Some(total) = collection.total.filter(|total| *total != here) {
        return Some(format!("has {here} records (`records` and `excluded`) where `total` is {total}"));
    }
    // Older releases kept a list complete whose records were rejected.
    let is_proved = collection.basis != Some(Basis::Assumed);
    match (collection.reasons.first(), collection.rejected.first()) {
        (Some(reason), _) => Some(format!("`reasons` says that it is not: {reason}")),
        (None, Some(one)) if is_proved => Some(format!("`rejected` names a record: {}", one.record)),
        (None, _) => None,
    }
}

/// How much later than the snapshot a source may say that it was pulled: clocks differ.
const SKEW: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Looks at records in the light of a snapshot's sources and systems.
pub(super) struct Check<'a> {
    snapshot: &'a Snapshot,
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Check { snapshot, problems: Vec::new() }
    }

    fn problem(&mut self, code: Code, message: String) {
        self.problems.push(Diagnostic::error(code, message));
    }

    fn unique(&mut self, list: &str, ids: impl Iterator<Item = String>) {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        for (index, id) in ids.enumerate() {
            if id.is_empty() || id.ends_with('/') {
                self.problem(Code::EmptyId, format!("`$.{list}[{index}]` has an empty id"));
            }
            match first.get(&id) {
                Some(earlier) => self.problem(
                    Code::DuplicateId,
                    format!("`$.{list}[{index}]` has the id `{id}` of `$.{list}[{earlier}]`"),
                ),
                None => {
                    first.insert(id, index);
                }
            }
        }
    }

    fn source(&mut self, path: impl std::fmt::Display, record: &str, source: &str) {
        if self.snapshot.source(source).is_none() {
            self.problem(
                Code::ReferenceToNowhere,
                format!("`{path}.source` (`{record}`) names the source `{source}`, which is not in `$.sources`"),
            );
        }
    }

    fn system(&mut self, path: impl std::fmt::Display, record: &str, system: &str) {
        if self.snapshot.system(system).is_none() {
            self.problem(
                Code::ReferenceToNowhere,
                format!("`{path}.system` (`{record}`) names the system `{system}`, which is not in `$.systems`"),
            );
        }
    }

    /// A missing fact has to be listed with its reason, and only missing facts are. A later version may list facts that
    /// this release does not know.
    fn unknown(&mut self, path: impl std::fmt::Display, record: &str, unknown: &Unknown, facts: &[(&str, bool)]) {
        for (fact, missing) in facts {
            match (missing, unknown.contains_key(*fact)) {
                (true, false) => self.problem(
                    Code::UnlistedUnknown,
                    format!("`{path}.{fact}` (`{record}`) is missing and `{path}.unknown` does not say why"),
                ),
                (false, true) => self.problem(
                    Code::UnlistedUnknown,
                    format!("`{path}.unknown` (`{record}`) lists `{fact}`, which is given"),
                ),
                (true, true) | (false, false) => {}
            }
        }
    }

    /// A further fact is given or listed as unknown, not both; it may also be neither.
    fn further(&mut self, path: impl std::fmt::Display, record: &str, facts: &Facts, unknown: &Unknown) {
        for fact in facts.keys().filter(|fact| unknown.contains_key(&unknown_key(fact))) {
            self.problem(
                Code::UnlistedUnknown,
                format!("`{path}.unknown` (`{record}`) lists `facts.{fact}`, which is given"),
            );
        }
    }

    /// A complete list says on which basis; an incomplete one has none.
    fn collections(&mut self) {
        let snapshot = self.snapshot;
        for (at, source) in snapshot.sources.iter().enumerate() {
            for (index, collection) in source.collections.iter().enumerate() {
                let path = format!("`$.sources[{at}].collections[{index}]` (`{}` of `{}`)", collection.name, source.id);
                match (collection.complete, collection.basis) {
                    (true, None) => self.problem(
                        Code::SnapshotBasis,
                        format!("{path} is `complete` and has no `basis` that says what shows it"),
                    ),
                    (false, Some(_)) => {
                        self.problem(Code::SnapshotBasis, format!("{path} has a `basis` and is not `complete`"));
                    }
                    (true, Some(_)) | (false, None) => {}
                }
                if let Some(reason) = contradiction(collection) {
                    self.problem(Code::SnapshotBasis, format!("{path} is `complete` and {reason}"));
                }
            }
        }
    }

    fn staff(&mut self) {
        let latest = self.snapshot.collected_at.saturating_add(SKEW).unwrap_or(self.snapshot.collected_at);
        for (index, source) in self.snapshot.sources.iter().enumerate().filter(|(_, source)| source.pulled_at > latest)
        {
            let (pulled, collected) = (source.pulled_at, self.snapshot.collected_at);
            self.problem(
                Code::PulledInTheFuture,
                format!("`$.sources[{index}].pulled_at` ({pulled}) lies after `$.collected_at` ({collected})"),
            );
        }
        for (index, source) in self.snapshot.sources.iter().enumerate() {
            let Some(collection) = &source.staff else { continue };
            if source.collection(collection).is_none() {
                self.problem(
                    Code::ReferenceToNowhere,
                    format!("`$.sources[{index}].staff` names `{collection}`, which is not one of its collections"),
                );
            }
        }
        if !self.snapshot.has_staff() && !self.snapshot.people.is_empty() {
            self.problem(
                Code::NoStaffSource,
                "there are `$.people`, and no source's `staff` says who lists them".into(),
            );
        }
    }

    fn people(&mut self) {
        for (index, person) in self.snapshot.people.iter().enumerate() {
            self.person(index, person);
        }
    }

    pub(super) fn person(&mut self, index: usize, person: &Person) {
        let path = format_args!("$.people[{index}]");
        self.source(path, &person.id, &person.source);
        let facts = [
            ("name", person.name.is_unknown()),
            // Not in the first snapshots of this version, and needed by hints alone: its absence may go unsaid.
            ("employee_number", person.employee_number.is_unknown() && person.unknown.contains_key("employee_number")),
            ("work_email", person.work_email.is_unknown()),
            ("status", person.status.is_unknown()),
            ("start_date", person.start_date.is_unknown()),
            ("end_date", person.end_date.is_unknown()),
            ("last_working_day", person.last_working_day.is_unknown()),
            ("job_roles", person.job_roles.is_unknown()),
            // It need not be there: if it is not, and no reason is, the source names no manager.
            (LISTED_MANAGER, person.manager_listed().is_unknown()),
        ];
        self.unknown(path, &person.id, &person.unknown, &facts);
        self.further(path, &person.id, &person.facts, &person.unknown);
        for (fact, source) in &person.supplied {
            self.source(format_args!("{path}.supplied.{fact}"), &person.id, source);
        }
        let Fact::Known(rows) = &person.job_roles else { return };
        let mut ids = std::collections::BTreeSet::new();
        for (row_index, row) in rows.iter().enumerate() {
            let path = format_args!("$.people[{index}].job_roles[{row_index}]");
            let facts = [
                ("job_title", row.job_title.is_unknown()),
                ("department", row.department.is_unknown()),
                ("manager", row.manager.is_unknown()),
                ("effective_date", row.effective_date.is_unknown()),
                ("end_date", row.end_date.is_unknown()),
                ("updated_at", row.updated_at.is_unknown()),
            ];
            self.unknown(path, &row.id, &row.unknown, &facts);
            if !ids.insert(&row.id) {
                self.problem(Code::DuplicateId, format!("`{path}` has the id `{}` of an earlier row", row.id));
            }
        }
    }

    fn systems(&mut self) {
        for (index, system) in self.snapshot.systems.iter().enumerate() {
            let path = format!("$.systems[{index}]");
            // `/` parts a system from an account or a level.
            if system.id.contains('/') {
                self.problem(Code::BadId, format!("`{path}` has the id `{}`; a system's holds no `/`", system.id));
            }
            for (source, collection) in system.lists() {
                self.source(&path, &system.id, source);
                let missing = self.snapshot.source(source).filter(|source| source.collection(collection).is_none());
                if let Some(source) = missing {
                    self.problem(
                        Code::ReferenceToNowhere,
                        format!(
                            "`{path}.collection` (`{}`) names `{collection}`, which is not a collection of the source \
                             `{}`",
                            system.id, source.id
                        ),
                    );
                }
            }
        }
    }

    fn accounts(&mut self) {
        let people: std::collections::BTreeSet<&str> =
            self.snapshot.people.iter().map(|person| person.id.as_str()).collect();
        for (index, account) in self.snapshot.accounts.iter().enumerate() {
            self.account(index, account, &|id| people.contains(id));
        }
    }

    pub(super) fn account(&mut self, index: usize, account: &Account, is_known: &dyn Fn(&str) -> bool) {
        let path = format_args!("$.accounts[{index}]");
        self.source(path, &account.id, &account.source);
        self.system(path, &account.id, &account.system);
        for (fact, source) in &account.supplied {
            self.source(format_args!("{path}.supplied.{fact}"), &account.id, source);
        }
        if let Some(person) = account.person.as_deref().filter(|person| !is_known(person)) {
            self.problem(
                Code::ReferenceToNowhere,
                format!("`{path}.person` (`{}`) names the person `{person}`, who is not in `$.people`", account.id),
            );
        }
        let facts = [
            ("email", account.email.is_unknown()),
            ("status", account.status.is_unknown()),
            ("levels", account.levels.is_unknown()),
            ("class", account.class.is_unknown()),
            ("last_login", account.last_login.is_unknown()),
        ];
        self.unknown(path, &account.id, &account.unknown, &facts);
        self.further(path, &account.id, &account.facts, &account.unknown);
    }

    fn access_requests(&mut self) {
        for (index, request) in self.snapshot.access_requests.iter().enumerate() {
            let path = format!("$.access_requests[{index}]");
            self.source(&path, &request.id, &request.source);
            let facts = [
                ("person", request.person.is_unknown()),
                ("status", request.status.is_unknown()),
                ("created", request.created.is_unknown()),
                ("expires", request.expires.is_unknown()),
            ];
            self.unknown(&path, &request.id, &request.unknown, &facts);
        }
    }
}
