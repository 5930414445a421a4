//! What resolution makes of a snapshot, fact by fact.

use std::{collections::BTreeMap, fmt::Debug};

use tenure::{
    model::Fact,
    resolve::{Holdings, Reasons, ResolvedSnapshot},
};

/// Every derived fact by subject and name; an unknown one is `None`.
pub(crate) type Resolved = BTreeMap<(String, &'static str), Option<String>>;

/// Reads every derived fact.
///
/// # Panics
/// If a fact is unknown without a reason, or has a reason and is known: Cedar would see another fact than people.
pub(crate) fn resolved_facts(resolved: &ResolvedSnapshot<'_>) -> Resolved {
    let mut facts = Resolved::new();
    let id_of = |index: &usize| resolved.person(*index).unwrap().id.to_owned();
    for person in resolved.people.iter() {
        let mut put = |name, fact| put(&mut facts, format!("Person {}", person.id), name, fact, person.unknown);
        put("status", text(&person.status));
        put("startDate", text(&person.start_date));
        put("endDate", text(&person.end_date));
        put("jobTitle", text(&person.job_title));
        put("department", text(&person.department));
        put("in Department", text(&person.department));
        put("manager", person.manager.map(|manager| id_of(&manager)));
        put("managerIssue", text(&person.manager_issue));
        put("workEmail", person.work_email.map(|address| address.to_string()));
        let role = |index: &usize| resolved.bundle.org_roles[*index].id.clone();
        let roles = person.org_roles.map(|roles| roles.iter().map(role).collect::<Vec<_>>());
        put("in OrgRole", text(&roles));
        put("in OrgRoleGroup", text(&roles));
        let index = resolved.person_index(person.id).unwrap();
        if let Some(holdings) = resolved.holdings.get(index) {
            put_holdings(&mut facts, resolved, &format!("Person {}", person.id), holdings);
        }
    }
    for account in resolved.accounts.all_loaded() {
        let subject = format!("Account {}", account.record.id);
        let mut put = |name, fact| put(&mut facts, subject.clone(), name, fact, &account.unknown);
        let owner = account.owner.as_ref().map(id_of);
        put("owner", owner.clone());
        put("in Person", owner);
        put("identityIssue", text(&account.identity_issue));
        put("class", text(&account.class));
        put("in AccountClass", text(&account.class));
        put("responsible", account.responsible.as_ref().map(id_of));
        put("declaration", text(&account.declaration));
        put("reviewBy", text(&account.review_by));
        put("reviewedOn", text(&account.reviewed_on));
        let requests = account.requests.as_ref().map(|requests| {
            let request = |request: &tenure::resolve::ResolvedRequest| {
                let id = &resolved.snapshot.access_requests[request.index].id;
                format!("{id} {} {}", request.status, request.expired)
            };
            let mut requests: Vec<String> = requests.iter().map(request).collect();
            requests.sort();
            requests.join(", ")
        });
        for name in ["mfaEnabled", "createdAt", "privileged"] {
            let is_read = resolved.bundle.facts.iter().any(|fact| fact.is_read && fact.fact.name == name);
            let value = || account.facts.get(name).map_or(Fact::Empty, |value| Fact::Known(format!("{value:?}")));
            let fact = if account.unknown.contains_key(name) { Fact::Unknown } else { value() };
            if is_read {
                put(name, fact);
            }
        }
        put("requests", requests.clone());
        put("in AccessRequest", requests);
        put_holdings(&mut facts, resolved, &subject, &account.holdings);
    }
    facts
}

/// What is held, target by target.
fn put_holdings(facts: &mut Resolved, resolved: &ResolvedSnapshot<'_>, subject: &str, holdings: &Holdings) {
    for (at, target) in resolved.bundle.holding_targets.all().iter().enumerate() {
        let fact = match (holdings.held.contains(&at), holdings.unknown.contains_key(target.fact)) {
            (true, _) => Fact::Known("held".to_owned()),
            (false, true) => Fact::Unknown,
            (false, false) => Fact::Empty,
        };
        put(facts, subject.to_owned(), target.fact, fact, &holdings.unknown);
    }
}

fn text<T: Debug>(fact: &Fact<T>) -> Fact<String> {
    fact.as_ref().map(|value| format!("{value:?}"))
}

fn put(facts: &mut Resolved, subject: String, name: &'static str, fact: Fact<String>, reasons: &Reasons) {
    assert_eq!(fact.is_unknown(), reasons.contains_key(name), "{subject} {name}: {fact:?}, {reasons:?}");
    let value = match fact {
        Fact::Known(value) => Some(value),
        Fact::Empty => Some("(empty)".to_owned()),
        Fact::Unknown => None,
    };
    facts.insert((subject, name), value);
}
