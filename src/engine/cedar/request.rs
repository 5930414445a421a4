//! A question as Cedar is asked it.

use cedar_policy::{Context, Request, RestrictedExpression};

use crate::{
    engine::{
        answer::{Answer, Subject},
        attributes::account_id,
        cedar::entities::{CedarEntities, cedar_datetime},
        error::Error,
    },
    resolve::ResolvedSnapshot,
};

/// `context`: the instant judged by, the beginning of its day in the organisation's zone, the age of the staff lists,
/// and the limits on ages.
///
/// # Errors
/// Cedar's reason, were an instant not one of Cedar's.
pub fn context(resolved: &ResolvedSnapshot<'_>) -> Result<Context, Error> {
    let zone = &resolved.snapshot.organization.time_zone;
    let evidence = &resolved.bundle.evidence;
    let limit = |hours: i64| RestrictedExpression::new_duration(format!("{hours}h"));
    let staff_as_of = resolved
        .staff
        .listed
        .map(|(pulled_at, _)| ("staffAsOf".to_owned(), RestrictedExpression::new_datetime(cedar_datetime(pulled_at))));
    let pairs = [
        ("asOf".to_owned(), RestrictedExpression::new_datetime(cedar_datetime(resolved.as_of))),
        ("today".to_owned(), RestrictedExpression::new_datetime(cedar_datetime(zone.midnight(resolved.today)))),
        ("staffMaxAge".to_owned(), limit(evidence.staff_max_age_hours)),
        ("reviewMaxAge".to_owned(), limit(evidence.review_max_age_hours)),
    ];
    Context::from_pairs(pairs.into_iter().chain(staff_as_of)).map_err(|error| error.to_string().into())
}

/// The request that an answer is the answer to.
///
/// # Errors
/// That there is no such subject, or Cedar's reason.
pub fn request(resolved: &ResolvedSnapshot<'_>, world: &CedarEntities, answer: &Answer) -> Result<Request, Error> {
    request_of(resolved, world, context(resolved)?, answer.check, answer.subject, answer.level.as_deref())
}

/// The request about a subject, and a level of it.
pub(in crate::engine) fn request_of(
    resolved: &ResolvedSnapshot<'_>,
    world: &CedarEntities,
    context: Context,
    check: usize,
    subject: Subject,
    level: Option<&str>,
) -> Result<Request, Error> {
    let uid = |name: &'static str, id: &str| {
        world.types.uid(name, id).ok_or_else(|| format!("`{name}` is not an entity type"))
    };
    let missing = || "an answer about an unknown subject";
    let check = resolved.bundle.checks.get(check).ok_or("an answer to an unknown check")?;
    let (principal, resource) = match subject {
        Subject::Person(index) => {
            let person = resolved.people.get(index).ok_or_else(missing)?;
            (uid("Person", person.id)?, world.organization.clone())
        }
        Subject::Account(index) => {
            let account = resolved.account_at(index).ok_or_else(missing)?;
            let system = &account.record.system;
            let resource = match level {
                Some(level) => uid("Entitlement", &format!("{system}/{level}"))?,
                None => uid("System", system)?,
            };
            (uid("Account", &account_id(&account))?, resource)
        }
        Subject::Organization => (world.organization.clone(), world.organization.clone()),
        Subject::System(index) => {
            let system = resolved.systems.get(index).ok_or_else(missing)?;
            (uid("System", system.id)?, world.organization.clone())
        }
    };
    Request::new(principal, uid("Action", &check.id)?, resource, context, None)
        .map_err(|error| error.to_string().into())
}
