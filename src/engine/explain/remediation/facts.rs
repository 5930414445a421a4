//! Changes of the facts about accounts, requests for access and the evidence itself.

use super::change::{Candidate, Edit, RemediationContext};
use crate::{
    engine::{
        answer::Subject,
        explain::facts::{account_name, named},
    },
    model::{AccessRequest, AccessRequestStatus, AccountStatus, Basis, Fact},
};

impl RemediationContext<'_, '_> {
    /// The account is switched off.
    pub(in crate::engine) fn account(&self) -> Vec<Candidate> {
        let Subject::Account(index) = self.answer.subject else { return Vec::new() };
        let Some(account) = self.resolved.accounts.loaded(index) else { return Vec::new() };
        if account.record.status.is(|status| matches!(status, AccountStatus::Deactivated)).is_true() {
            return Vec::new();
        }
        let mut record = account.record.clone().into_owned();
        record.status = Fact::Known(AccountStatus::Deactivated);
        record.unknown.remove("status");
        let text = format!("deactivate {}", account_name(account));
        vec![Candidate::fact(text, Edit::Account(Box::new(record)))]
    }

    /// A request of the owner for the level is approved.
    pub(in crate::engine) fn requests(&self) -> Vec<Candidate> {
        let resolved = self.resolved;
        let Subject::Account(index) = self.answer.subject else { return Vec::new() };
        let (Some(account), Some(level)) = (resolved.accounts.loaded(index), self.answer.level.as_deref()) else {
            return Vec::new();
        };
        let Some(owner) = account.owner.known().and_then(|owner| resolved.person(*owner)) else { return Vec::new() };
        let made = account.requests.known().into_iter().flatten();
        let made = made.filter_map(|request| resolved.snapshot.access_requests.get(request.index));
        let of_the_level: Vec<&AccessRequest> =
            made.filter(|request| request.levels.iter().any(|one| one == level)).collect();
        let mut found: Vec<Candidate> = of_the_level
            .iter()
            .map(|request| {
                let mut record = (*request).clone();
                record.status = Fact::Known(AccessRequestStatus::Approved);
                record.expires = Fact::Empty;
                let text =
                    format!("have the access request {} approved or renewed, if the access is right", request.id);
                Candidate::fact(text, Edit::Request(Box::new(record)))
            })
            .collect();
        if let (true, Some(source)) = (found.is_empty(), resolved.snapshot.sources.first()) {
            let record = AccessRequest {
                id: "new".to_owned(),
                source: source.id.clone(),
                person: Fact::Known(owner.id.to_owned()),
                system: account.record.system.clone(),
                levels: vec![level.to_owned()],
                status: Fact::Known(AccessRequestStatus::Approved),
                created: Fact::Empty,
                expires: Fact::Empty,
                unknown: Default::default(),
            };
            let text = format!("have {} request `{level}`, and the request approved", named(owner));
            found.push(Candidate::fact(text, Edit::Request(Box::new(record))));
        }
        found
    }

    /// Each source is asked again, and gives everything.
    pub(in crate::engine) fn evidence(&self) -> Vec<Candidate> {
        let resolved = self.resolved;
        let mut found = Vec::new();
        for source in &resolved.snapshot.sources {
            let incomplete = source.collections.iter().any(|collection| !collection.complete);
            if source.pulled_at < resolved.as_of {
                let mut record = source.clone();
                record.pulled_at = resolved.as_of;
                let text = format!("pull `{}` again at about the day judged by, {}", source.id, resolved.today);
                found.push(Candidate::fact(text, Edit::Source(Box::new(record))));
            }
            if incomplete {
                let mut record = source.clone();
                for collection in &mut record.collections {
                    if !collection.complete {
                        collection.complete_by(Basis::Total);
                    }
                }
                let text = format!("pull `{}` completely", source.id);
                found.push(Candidate::fact(text, Edit::Source(Box::new(record))));
            }
        }
        found
    }
}
