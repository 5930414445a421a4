//! The snapshot of a test: what it says, and an ordinary organisation around that.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};

use super::file::{AccountFact, AccountFacts, OrganizationFacts, PersonFact, PersonFacts, RequestFacts};
use crate::{
    model::{
        AccessRequest, AccessRequestStatus, Account, AccountStatus, Basis, Collection, EmploymentStatus, Fact, Facts,
        JobRole, Organization, Person, Snapshot, Source, System, Zone, level_id,
        snapshot::{ACCESS_REQUESTS, LinkHints, SCHEMA_VERSION},
        time::{self, TimeError},
    },
    resolve::job_role,
};

/// Why a fact is unknown that a test makes unknown.
const UNKNOWN: &str = "the test makes it unknown";
/// The source and collection of a test's staff.
const STAFF: &str = "staff";
/// The facts that are a job role's.
const ROLE: [PersonFact; 3] = [PersonFact::JobTitle, PersonFact::Department, PersonFact::Manager];
/// The source of a test's requests for access.
const REQUESTS: &str = "requests";

/// Why the organisation of a test cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrganizationError {
    /// No layer says as of when.
    #[error("nothing says as of which day to judge")]
    NoInstant,
    /// An instant cannot be read.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// One layer describes a record twice.
    #[error("{what} `{id}` is described twice in one organisation")]
    DescribedTwice {
        /// What it is: `the person`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A fact has a value and is listed as unknown.
    #[error("`{fact}` of `{of}` is given, and said to be unknown")]
    GivenAndUnknown {
        /// The fact.
        fact: String,
        /// Whose it is.
        of: String,
    },
    /// The job role in effect cannot be told.
    #[error("{0}")]
    JobRole(String),
}

/// Puts the layers of a test upon one another, the test's own last: the snapshot to judge, and the instant to judge by.
///
/// # Errors
/// That no layer says as of when, or what is wrong with an instant.
pub fn snapshot(
    base: Option<&Snapshot>,
    layers: &[&OrganizationFacts],
) -> Result<(Snapshot, Timestamp), OrganizationError> {
    let zone = layers.iter().rev().find_map(|layer| layer.time_zone.clone());
    let zone = zone.or_else(|| base.map(|base| base.organization.time_zone.clone())).unwrap_or_else(Zone::utc);
    let as_of = match (layers.iter().rev().find_map(|layer| layer.as_of.as_deref()), base) {
        (Some(text), _) => time::parse_instant(text, &zone)?,
        (None, Some(base)) => base.collected_at,
        (None, None) => return Err(OrganizationError::NoInstant),
    };
    let mut builder = Builder { snapshot: base.cloned().unwrap_or_else(|| empty(&zone, as_of)), as_of, zone };
    if base.is_none() {
        builder.list(STAFF, STAFF, true);
    }
    if !builder.snapshot.sources.iter().any(|source| source.collection(ACCESS_REQUESTS).is_some()) {
        builder.list(REQUESTS, ACCESS_REQUESTS, false);
    }
    for layer in layers {
        builder.add(layer)?;
    }
    builder.snapshot.organization.time_zone = builder.zone;
    Ok((builder.snapshot, as_of))
}

fn empty(zone: &Zone, as_of: Timestamp) -> Snapshot {
    Snapshot {
        schema_version: SCHEMA_VERSION.to_owned(),
        organization: Organization { id: "test".to_owned(), name: "Test".to_owned(), time_zone: zone.clone() },
        collected_at: as_of,
        sources: Vec::new(),
        people: Vec::new(),
        systems: Vec::new(),
        accounts: Vec::new(),
        access_requests: Vec::new(),
    }
}

struct Builder {
    snapshot: Snapshot,
    as_of: Timestamp,
    zone: Zone,
}

impl Builder {
    fn add(&mut self, layer: &OrganizationFacts) -> Result<(), OrganizationError> {
        once(layer.people.iter().map(|person| person.id.clone()), "the person")?;
        once(layer.accounts.iter().map(|account| format!("{}/{}", account.system, account.id)), "the account")?;
        once(layer.systems.iter().map(|system| system.id.clone()), "the system")?;
        once(layer.access_requests.iter().map(|request| request.id.clone()), "the access request")?;
        if let Some(staff) = &layer.staff {
            let source =
                self.snapshot.staff().next().map(|(source, collection)| (source.id.clone(), collection.name.clone()));
            if let Some((source, collection)) = source {
                self.grade(&source, &collection, staff.pulled_at.as_deref(), staff.complete)?;
            }
        }
        if let Some(requests) = &layer.requests {
            let listing = |source: &&Source| source.collection(ACCESS_REQUESTS).is_some();
            let source = self.snapshot.sources.iter().find(listing).map(|source| source.id.clone());
            let source = source.unwrap_or_default();
            self.grade(&source, ACCESS_REQUESTS, requests.pulled_at.as_deref(), requests.complete)?;
        }
        for system in layer.systems.iter().map(|system| &system.id).chain(layer.accounts.iter().map(|one| &one.system))
        {
            self.system(system);
        }
        for system in &layer.systems {
            let known = self.snapshot.systems.iter().find(|known| known.id == system.id).cloned();
            if let Some(known) = known {
                self.grade(&known.source, &known.collection, system.pulled_at.as_deref(), system.complete)?;
            }
        }
        for person in &layer.people {
            twice_said(
                &person.id,
                &person.unknown.iter().map(|fact| fact.word()).collect::<Vec<_>>(),
                &[
                    ("work_email", person.work_email.is_unknown()),
                    ("status", person.status.is_unknown()),
                    ("start_date", person.start_date.is_unknown()),
                    ("end_date", person.end_date.is_unknown()),
                    ("job_title", person.job_title.is_unknown()),
                    ("department", person.department.is_unknown()),
                    ("manager", person.manager.is_unknown()),
                ],
            )?;
        }
        layer.people.iter().try_for_each(|person| self.person(person))?;
        for account in &layer.accounts {
            twice_said(
                &account.id,
                &account.unknown.iter().map(|fact| fact.word()).collect::<Vec<_>>(),
                &[
                    ("email", account.email.is_unknown()),
                    ("status", account.status.is_unknown()),
                    ("levels", account.levels.is_unknown()),
                    ("class", account.class.is_unknown()),
                    ("last_login", account.last_login.is_unknown()),
                ],
            )?;
        }
        layer.accounts.iter().for_each(|account| self.account(account));
        layer.access_requests.iter().for_each(|request| self.request(request));
        Ok(())
    }

    /// A list of one source of its own.
    fn list(&mut self, source: &str, collection: &str, staff: bool) {
        let collection = Collection::whole(collection, Basis::Total);
        self.snapshot.sources.push(Source {
            id: source.to_owned(),
            kind: "test".to_owned(),
            endpoint: "test".to_owned(),
            pulled_at: self.as_of,
            pulled_at_assumed: false,
            token_scopes: None,
            staff: staff.then(|| collection.name.clone()),
            job_roles: staff.then(|| collection.name.clone()),
            collections: vec![collection],
        });
    }

    /// When a list was pulled, and whether it is complete.
    fn grade(
        &mut self,
        source: &str,
        collection: &str,
        pulled_at: Option<&str>,
        complete: Option<bool>,
    ) -> Result<(), OrganizationError> {
        let pulled_at = pulled_at.map(|text| time::parse_instant(text, &self.zone)).transpose()?;
        let Some(source) = self.snapshot.sources.iter_mut().find(|known| known.id == source) else { return Ok(()) };
        source.pulled_at = pulled_at.unwrap_or(source.pulled_at);
        let collection = source.collections.iter_mut().find(|known| known.name == collection);
        if let (Some(collection), Some(complete)) = (collection, complete) {
            collection.complete_by(Basis::Total);
            if !complete {
                collection.incomplete("the test says so");
            }
        }
        Ok(())
    }

    fn system(&mut self, id: &str) {
        if self.snapshot.systems.iter().any(|known| known.id == id) {
            return;
        }
        let source = format!("accounts of {id}");
        self.list(&source, id, false);
        self.snapshot.systems.push(System::new(id, source, id));
    }

    fn person(&mut self, facts: &PersonFacts) -> Result<(), OrganizationError> {
        let known = self.snapshot.people.iter().position(|known| known.id == facts.id);
        let known = known.unwrap_or_else(|| {
            let person = self.ordinary_person(&facts.id);
            self.snapshot.people.push(person);
            self.snapshot.people.len() - 1
        });
        let today = self.zone.date(self.as_of);
        let Some(person) = self.snapshot.people.get_mut(known) else { return Ok(()) };
        let Person { name, work_email, status, start_date, end_date, facts: further, unknown, .. } = person;
        give(name, &facts.name, "name", unknown);
        give(work_email, &facts.work_email, "work_email", unknown);
        give(status, &facts.status, "status", unknown);
        give(start_date, &facts.start_date, "start_date", unknown);
        give(end_date, &facts.end_date, "end_date", unknown);
        further.extend(facts.facts.clone());
        for fact in &facts.unknown {
            match fact {
                PersonFact::WorkEmail => *work_email = Fact::Unknown,
                PersonFact::Status => *status = Fact::Unknown,
                PersonFact::StartDate => *start_date = Fact::Unknown,
                PersonFact::EndDate => *end_date = Fact::Unknown,
                PersonFact::JobRoles => person.job_roles = Fact::Unknown,
                PersonFact::JobTitle | PersonFact::Department | PersonFact::Manager => continue,
            }
            unknown.insert(fact.word().to_owned(), UNKNOWN.to_owned());
        }
        role(person, facts, today)
    }

    fn ordinary_person(&self, id: &str) -> Person {
        let today = self.zone.date(self.as_of);
        let start = today.checked_sub(1.year()).unwrap_or(today);
        let source = self.snapshot.staff().next().map_or(STAFF, |(source, _)| source.id.as_str());
        Person {
            id: id.to_owned(),
            source: source.to_owned(),
            name: Fact::Known(id.to_owned()),
            employee_number: Fact::Empty,
            work_email: Fact::Known(format!("{id}@example.com")),
            status: Fact::Known(EmploymentStatus::Active),
            start_date: Fact::Known(start),
            end_date: Fact::Empty,
            last_working_day: Fact::Empty,
            job_roles: Fact::Known(vec![JobRole {
                job_title: Fact::Known("Employee".to_owned()),
                ..JobRole::beginning(&format!("job of {id}"), start)
            }]),
            listed_manager: None,
            facts: Facts::new(),
            supplied: Default::default(),
            unknown: BTreeMap::new(),
        }
    }

    fn account(&mut self, facts: &AccountFacts) {
        let same = |known: &Account| known.id == facts.id && known.system == facts.system;
        let known = self.snapshot.accounts.iter().position(same);
        let known = known.unwrap_or_else(|| {
            let account = self.ordinary_account(&facts.system, &facts.id);
            self.snapshot.accounts.push(account);
            self.snapshot.accounts.len() - 1
        });
        let Some(account) = self.snapshot.accounts.get_mut(known) else { return };
        let Account { person, email, status, levels, class, last_login, facts: further, unknown, .. } = account;
        match &facts.person {
            Fact::Known(id) => *person = Some(id.clone()),
            Fact::Empty => *person = None,
            Fact::Unknown => {}
        }
        let levels_held = facts.levels.clone().map(|levels| levels.iter().map(|level| level_id(level)).collect());
        give(email, &facts.email, "email", unknown);
        give(status, &facts.status, "status", unknown);
        give(levels, &levels_held, "levels", unknown);
        give(class, &facts.class, "class", unknown);
        give(last_login, &facts.last_login, "last_login", unknown);
        further.extend(facts.facts.clone());
        for fact in &facts.unknown {
            match fact {
                AccountFact::Email => *email = Fact::Unknown,
                AccountFact::Status => *status = Fact::Unknown,
                AccountFact::Levels => *levels = Fact::Unknown,
                AccountFact::Class => *class = Fact::Unknown,
                AccountFact::LastLogin => *last_login = Fact::Unknown,
            }
            unknown.insert(fact.word().to_owned(), UNKNOWN.to_owned());
        }
    }

    fn ordinary_account(&self, system: &str, id: &str) -> Account {
        let source = self.snapshot.systems.iter().find(|known| known.id == system).map(|known| known.source.clone());
        Account {
            id: id.to_owned(),
            system: system.to_owned(),
            source: source.unwrap_or_default(),
            email: Fact::Empty,
            person: None,
            hints: LinkHints::default(),
            status: Fact::Known(AccountStatus::Active),
            levels: Fact::Known(Vec::new()),
            class: Fact::Empty,
            last_login: Fact::Empty,
            supplied: Default::default(),
            facts: Facts::new(),
            unknown: BTreeMap::new(),
        }
    }

    fn request(&mut self, facts: &RequestFacts) {
        let listing = |source: &&Source| source.collection(ACCESS_REQUESTS).is_some();
        let source = self.snapshot.sources.iter().find(listing).map(|source| source.id.clone());
        let known = self.snapshot.access_requests.iter().find(|known| known.id == facts.id);
        let request = AccessRequest {
            id: facts.id.clone(),
            source: source.unwrap_or_default(),
            person: Fact::Known(facts.person.clone()),
            system: facts.system.clone(),
            levels: facts.levels.iter().map(|level| level_id(level)).collect(),
            status: match &facts.status {
                Fact::Unknown => known.map_or(Fact::Known(AccessRequestStatus::Approved), |known| known.status),
                given => *given,
            },
            created: Fact::Empty,
            expires: match &facts.expires {
                Fact::Unknown => known.map_or(Fact::Empty, |known| known.expires),
                given => *given,
            },
            unknown: BTreeMap::new(),
        };
        match self.snapshot.access_requests.iter_mut().find(|known| known.id == facts.id) {
            Some(known) => *known = request,
            None => self.snapshot.access_requests.push(request),
        }
    }
}

/// What is said of a job role is said of the one in effect; of a new one, where there is none.
fn role(person: &mut Person, facts: &PersonFacts, today: Date) -> Result<(), OrganizationError> {
    let unknown: Vec<PersonFact> = facts.unknown.iter().copied().filter(|fact| ROLE.contains(fact)).collect();
    let is_given = !(facts.job_title.is_unknown() && facts.department.is_unknown() && facts.manager.is_unknown());
    if (unknown.is_empty() && !is_given) || facts.unknown.contains(&PersonFact::JobRoles) {
        return Ok(());
    }
    if person.job_roles.known().is_none() {
        person.job_roles = Fact::Known(Vec::new());
        person.unknown.remove("job_roles");
    }
    let left = person.status.is(|status| matches!(status, EmploymentStatus::Offboarded));
    let id = job_role(person, today, &left).map_err(OrganizationError::JobRole)?.map(|row| row.id.clone());
    let Fact::Known(rows) = &mut person.job_roles else { return Ok(()) };
    let at = rows.iter().position(|row| id.as_ref() == Some(&row.id)).unwrap_or_else(|| {
        rows.push(JobRole::beginning(&format!("job of {}", facts.id), today));
        rows.len() - 1
    });
    let Some(row) = rows.get_mut(at) else { return Ok(()) };
    give(&mut row.job_title, &facts.job_title, "job_title", &mut row.unknown);
    give(&mut row.department, &facts.department, "department", &mut row.unknown);
    give(&mut row.manager, &facts.manager, "manager", &mut row.unknown);
    for fact in unknown {
        match fact {
            PersonFact::JobTitle => row.job_title = Fact::Unknown,
            PersonFact::Department => row.department = Fact::Unknown,
            PersonFact::Manager => row.manager = Fact::Unknown,
            _ => continue,
        }
        row.unknown.insert(fact.word().to_owned(), UNKNOWN.to_owned());
    }
    Ok(())
}

/// Refuses what is described twice in one place: which of the two should hold?
fn once(ids: impl Iterator<Item = String>, what: &'static str) -> Result<(), OrganizationError> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if seen.contains(&id) {
            return Err(OrganizationError::DescribedTwice { what, id });
        }
        seen.insert(id);
    }
    Ok(())
}

/// Refuses a fact that is given and said to be unknown. The facts come with whether they are left out.
fn twice_said(of: &str, unknown: &[&str], facts: &[(&str, bool)]) -> Result<(), OrganizationError> {
    // Title, department and manager are of the job roles.
    let of_a_role = |fact: &str| ROLE.iter().any(|one| one.word() == fact);
    let is_unknown = |fact: &str| unknown.contains(&fact) || (of_a_role(fact) && unknown.contains(&"job_roles"));
    let both = facts.iter().find(|(fact, left_out)| !left_out && is_unknown(fact));
    both.map_or(Ok(()), |(fact, _)| {
        Err(OrganizationError::GivenAndUnknown { fact: (*fact).to_owned(), of: of.to_owned() })
    })
}

/// Takes over a fact that is given; one that is left out stays as it was.
fn give<T: Clone>(fact: &mut Fact<T>, given: &Fact<T>, name: &str, unknown: &mut BTreeMap<String, String>) {
    if !given.is_unknown() {
        fact.clone_from(given);
        unknown.remove(name);
    }
}
