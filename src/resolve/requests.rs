//! Requests for access, by the person and system that they count for.

use std::{collections::BTreeMap, sync::Arc};

use hashbrown::HashMap;
use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::{
    model::{AccessRequest, Account, Fact, Snapshot, snapshot::ACCESS_REQUESTS},
    resolve::{
        derived::Reason,
        identity::{Identity, IdentityResolver},
        resolved::ResolvedRequest,
    },
};

/// The requests of a person in a system, or why they are unknown.
pub(super) type Readable = Result<Vec<ResolvedRequest>, Reason>;

/// Requests for access by person and system.
#[derive(Debug, Default)]
pub(super) struct Requests {
    by_person: HashMap<usize, BTreeMap<String, Readable>>,
    /// By system: why no requests there can be known.
    unreadable: BTreeMap<String, Reason>,
    /// By system: why the requests of people whose work address is unknown cannot be known.
    without_address: BTreeMap<String, Reason>,
    /// The systems for which requests exist.
    systems: std::collections::BTreeSet<String>,
    /// The requests that no single listed person has made, as indices.
    pub(super) unmatched: Vec<usize>,
    /// Why the lists of requests do not show which requests there are.
    doubt: Option<Reason>,
}

impl Requests {
    pub(super) fn new(snapshot: &Snapshot, among: IdentityResolver<'_, '_>, today: Date, as_of: Timestamp) -> Self {
        let max_age = SignedDuration::from_hours(among.identities.rules.requests_max_age_hours);
        let doubt = incomplete(snapshot).or_else(|| stale(snapshot, as_of, max_age));
        let mut requests = Requests { doubt, ..Requests::default() };
        for (index, request) in snapshot.access_requests.iter().enumerate() {
            requests.systems.insert(request.system.clone());
            requests.add(index, request, among, today);
        }
        requests
    }

    fn add(&mut self, index: usize, request: &AccessRequest, among: IdentityResolver<'_, '_>, today: Date) {
        let written = match &request.person {
            Fact::Known(person) => person,
            // A request that names no person counts for no person.
            Fact::Empty => return,
            Fact::Unknown => {
                let reason = format!("the person of the access request `{}` is unknown", request.id);
                self.unreadable.insert(request.system.clone(), reason.into());
                return;
            }
        };
        if let Some(person) = among.person(written) {
            return self.count(person, index, request, today);
        }
        match among.by_address(written) {
            Identity::Person(person) => self.count(person, index, request, today),
            // Several people have the address, or no listed person has: the request counts for none of them.
            Identity::Nobody(..) | Identity::Declared => self.unmatched.push(index),
            Identity::Unknown(reason) => {
                let reason: Reason =
                    format!("the person of the access request `{}` is unknown: {reason}", request.id).into();
                for person in among.people_of_address(written) {
                    let systems = self.by_person.entry(person).or_default();
                    systems.insert(request.system.clone(), Err(reason.clone()));
                }
                self.without_address.insert(request.system.clone(), reason);
            }
        }
    }

    /// Counts a request for the person who made it.
    fn count(&mut self, person: usize, index: usize, request: &AccessRequest, today: Date) {
        let requests = self.by_person.entry(person).or_default();
        let requests = requests.entry(request.system.clone()).or_insert_with(|| Ok(Vec::new()));
        let unknown = |what: &str| Err(format!("{what} the access request `{}` is unknown", request.id).into());
        let Fact::Known(status) = request.status else {
            *requests = unknown("the status of");
            return;
        };
        let expired = match request.expires {
            Fact::Known(last) => last < today,
            Fact::Empty => false,
            Fact::Unknown => {
                *requests = Err(format!("when the access request `{}` expires is unknown", request.id).into());
                return;
            }
        };
        if let Ok(requests) = requests {
            requests.push(ResolvedRequest { index, status, expired });
        }
    }

    /// The requests of an account's owner in its system.
    pub(super) fn of(&self, account: &Account, owner: &Fact<usize>, among: IdentityResolver<'_, '_>) -> Readable {
        // Without an owner there are no requests, whatever the lists lack.
        if owner.is_empty().is_true() {
            return Ok(Vec::new());
        }
        if let Some(reason) = self.unreadable.get(&account.system).or(self.doubt.as_ref()) {
            return Err(reason.clone());
        }
        if !self.systems.contains(&account.system) {
            return Ok(Vec::new());
        }
        let person = match owner {
            Fact::Known(person) => person,
            Fact::Empty => return Ok(Vec::new()),
            Fact::Unknown => return Err(Arc::from("the owner is unknown")),
        };
        let lacks_address = || among.people.get(*person).is_none_or(|person| person.work_email.is_unknown());
        if let Some(reason) = self.without_address.get(&account.system).filter(|_| lacks_address()) {
            return Err(reason.clone());
        }
        let known = self.by_person.get(person).and_then(|systems| systems.get(&account.system));
        known.cloned().unwrap_or_else(|| Ok(Vec::new()))
    }
}

/// Why the lists of requests are too old, or too new, to say which requests there are on the day.
fn stale(snapshot: &Snapshot, as_of: Timestamp, max_age: SignedDuration) -> Option<Reason> {
    let mut lists = snapshot.sources.iter().filter(|source| source.collection(ACCESS_REQUESTS).is_some());
    let stale = lists.find(|source| as_of.duration_since(source.pulled_at).abs() > max_age)?;
    let (id, pulled_at) = (&stale.id, stale.pulled_at);
    let reason = format!(
        "the access requests of `{id}` are of {pulled_at}, further from the day than `requests_max_age`; pull or export them again"
    );
    Some(reason.into())
}

/// Why the lists of requests are not complete.
fn incomplete(snapshot: &Snapshot) -> Option<Reason> {
    let mut lists = snapshot.sources.iter().filter_map(|source| Some((source, source.collection(ACCESS_REQUESTS)?)));
    match lists.clone().find(|(_, list)| !list.complete) {
        Some((source, list)) => {
            let reasons = list.reasons.join("; ");
            Some(format!("the access requests of `{}` are incomplete: {reasons}", source.id).into())
        }
        None if lists.next().is_none() && snapshot.access_requests.is_empty() => {
            Some("no source of the snapshot lists access requests".into())
        }
        None => None,
    }
}
