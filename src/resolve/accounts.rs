//! One account on the day: its owner, its class, and the requests that concern it.

use std::{borrow::Cow, sync::Arc};

use jiff::civil::Date;

use crate::{
    bundle::{DeclaredFact, SystemRules},
    model::{Account, AccountClass, Fact},
    resolve::{
        Holdings, ReadFacts, Reasons,
        declaration::Identified,
        derived::{Derived, Ternary, reason_of},
        identity::{Identity, IdentityResolver},
        people::People,
        requests::Requests,
        resolved::ResolvedAccount,
    },
};

/// The entity types that an account is in through its owner.
const THROUGH_OWNER: [&str; 5] = ["in Person", "in OrgRole", "in OrgRoleGroup", "in Department", "in Organization"];

pub(super) fn resolve<'a>(
    record: Cow<'a, Account>,
    (system, rules): (Option<usize>, Option<&SystemRules>),
    (facts, too_old): (impl Iterator<Item = DeclaredFact>, impl Fn(&DeclaredFact) -> Option<Arc<str>>),
    among: IdentityResolver<'_, 'a>,
    requests: &Requests,
) -> ResolvedAccount<'a> {
    let mut unknown = Reasons::new();
    for (attribute, fact, missing) in [
        ("status", "status", !matches!(record.status, Fact::Known(_))),
        ("class", "class", record.class.is_unknown()),
        ("lastLogin", "last_login", record.last_login.is_unknown()),
        ("levels", "levels", record.levels.is_unknown()),
    ] {
        if missing {
            unknown.insert(attribute, reason_of(&record.unknown, fact));
        }
    }
    let mapping = among.mapping(&record);
    let Identified { identity, declaration, withheld } = among.identify(&record, mapping);
    let is_privileged = among.entry(&record).is_some_and(|mapping| mapping.entry.privileged == Some(true));
    let declared = match (is_privileged, &withheld) {
        (false, _) => Ternary::False,
        (true, None) => Ternary::True,
        (true, Some(reason)) => Ternary::Unknown(reason.clone()),
    };
    let facts = ReadFacts::of_account(facts, &record, (rules, &declared), too_old, &mut unknown);
    let (owner, identity_issue, candidates) = match identity {
        Identity::Person(person) => (Fact::Known(person), Fact::Empty, Vec::new()),
        Identity::Declared => (Fact::Empty, Fact::Empty, Vec::new()),
        Identity::Nobody(issue, candidates) => (Fact::Empty, Fact::Known(issue), candidates),
        Identity::Unknown(reason) => {
            let through: Arc<str> = format!("the owner is unknown: {reason}").into();
            for attribute in ["owner", "identityIssue"] {
                unknown.insert(attribute, reason.clone());
            }
            for membership in THROUGH_OWNER {
                unknown.insert(membership, through.clone());
            }
            (Fact::Unknown, Fact::Unknown, Vec::new())
        }
    };
    if declaration.is_unknown()
        && let Some(reason) = &withheld
    {
        unknown.insert("declaration", reason.clone());
    }
    // The facts that a declaration sets, unless it contradicts what is known.
    let declared = mapping.map(|mapping| &mapping.entry);
    let declared_class = declared.and_then(|entry| entry.class);
    let class = match (declared_class, &withheld) {
        (Some(_), Some(reason)) => Derived::Unknown(reason.clone()),
        (Some(class), None) => Derived::Known(class),
        (None, _) => {
            Derived::of(record.class, || reason_of(&record.unknown, "class")).first_known(|| match &owner {
                Fact::Known(_) => Derived::Known(AccountClass::Staff),
                Fact::Empty => Derived::Empty,
                // With an owner it would be a staff account.
                Fact::Unknown => {
                    let reason = unknown.get("owner").cloned().unwrap_or_default();
                    Derived::Unknown(format!("the owner is unknown: {reason}").into())
                }
            })
        }
    };
    let (class, reason) = class.split();
    match reason {
        Some(reason) => {
            unknown.insert("class", reason.clone());
            unknown.insert("in AccountClass", reason);
        }
        None => unknown.remove("class"),
    }
    let responsible = match (declared.and_then(|entry| entry.owner.as_deref()), &withheld) {
        (None, _) => Derived::Empty,
        (Some(_), Some(reason)) => Derived::Unknown(reason.clone()),
        (Some(id), None) => match (among.person(id), among.identities.gaps.anyone_hidden()) {
            (Some(person), _) => Derived::Known(person),
            (None, None) => Derived::Empty,
            (None, Some(gap)) => {
                Derived::Unknown(format!("the declared owner `{id}` is not in the people list, and {gap}").into())
            }
        },
    };
    let (responsible, reason) = responsible.split();
    if let Some(reason) = reason {
        unknown.insert("responsible", reason);
    }
    let mut day = |attribute: &'static str, day: Option<Date>| match (day, &withheld) {
        (None, _) => Fact::Empty,
        (Some(day), None) => Fact::Known(day),
        (Some(_), Some(reason)) => {
            unknown.insert(attribute, reason.clone());
            Fact::Unknown
        }
    };
    let review_by = day("reviewBy", declared.and_then(|entry| entry.review_by));
    let reviewed_on = day("reviewedOn", declared.and_then(|entry| entry.reviewed_on));
    let requests = match requests.of(&record, &owner, among) {
        Ok(requests) => Fact::Known(requests),
        Err(reason) => {
            unknown.insert("requests", reason.clone());
            unknown.insert("in AccessRequest", reason);
            Fact::Unknown
        }
    };
    let former_holders = owner.known().map_or_else(Vec::new, |owner| among.former_holders(&record, *owner));
    // It is in whatever its owner is in, so what is unknown of the owner's memberships is unknown of its own.
    inherit(&mut unknown, &owner, among.people);
    ResolvedAccount {
        record,
        system,
        owner,
        identity_issue,
        candidates,
        former_holders,
        class,
        responsible,
        mapping,
        declaration,
        withheld,
        review_by,
        reviewed_on,
        requests,
        facts,
        holdings: Holdings::none(),
        unknown,
    }
}

fn inherit(unknown: &mut Reasons, owner: &Fact<usize>, people: &People<'_>) {
    let owner = owner.known().and_then(|owner| people.get(*owner));
    let memberships = owner.into_iter().flat_map(|owner| owner.unknown.iter());
    for (fact, reason) in memberships.filter(|(fact, _)| fact.starts_with("in ")) {
        unknown.insert(fact, reason.clone());
    }
}
