//! The unknown fact behind an error that Cedar reports.

use std::str::FromStr;

use cedar_policy::EntityUid;

use super::syntax::UNKNOWN_TYPE;
use crate::{
    bundle::holdings::HOLDINGS,
    engine::{answer::UnknownFact, attributes::account_id},
    resolve::{Reasons, ResolvedSnapshot},
};

/// The unknown fact behind an error of Cedar's, or `None` where the rule itself erred.
#[must_use]
pub fn behind(error: &cedar_policy::EvaluationError, resolved: &ResolvedSnapshot<'_>) -> Option<UnknownFact> {
    use cedar_policy::EvaluationError as Error;
    match error {
        // entity `Tenure::Unknown::"Person 7 manager"` does not exist
        Error::EntityDoesNotExist(error) => {
            let message = error.to_string();
            let uid = message.strip_prefix("entity `")?.strip_suffix("` does not exist")?;
            let uid = EntityUid::from_str(uid).ok()?;
            if uid.type_name().to_string() != UNKNOWN_TYPE {
                return None;
            }
            let mut parts = uid.id().unescaped().splitn(3, ' ');
            let (entity_type, index, fact) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
            at(resolved, entity_type, index, fact)
        }
        // `Person::"p7"` does not have the attribute `status`
        Error::EntityAttrDoesNotExist(error) => {
            let message = error.to_string();
            let (uid, attribute) = message.strip_prefix('`')?.rsplit_once("` does not have the attribute `")?;
            let uid = EntityUid::from_str(uid).ok()?;
            let id = uid.id().unescaped();
            let attribute = attribute.strip_suffix('`')?;
            match uid.type_name().to_string().as_str() {
                "Person" => at(resolved, "Person", resolved.person_index(id)?, attribute),
                "Account" => {
                    let account = resolved.account(id)?;
                    named(id, "Account", attribute, &account.unknown)
                }
                "System" => named(id, "System", attribute, &resolved.system(id)?.unknown),
                "Organization" => named(id, "Organization", attribute, &resolved.staff.unknown),
                "AccessRequest" => {
                    let index = resolved.snapshot.access_requests.iter().position(|request| request.id == id)?;
                    at(resolved, "AccessRequest", index, attribute)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn at(resolved: &ResolvedSnapshot<'_>, entity_type: &str, index: usize, fact: &str) -> Option<UnknownFact> {
    match entity_type {
        "Person" if is_about_holdings(fact) => {
            named(resolved.people.get(index)?.id, entity_type, fact, &resolved.holdings.get(index)?.unknown)
        }
        "Account" if is_about_holdings(fact) => {
            let account = resolved.account_at(index)?;
            named(&account_id(&account), entity_type, fact, &account.holdings.unknown)
        }
        "Person" => {
            let person = resolved.people.get(index)?;
            named(person.id, entity_type, fact, person.unknown)
        }
        "Account" => {
            let account = resolved.account_at(index)?;
            named(&account_id(&account), entity_type, fact, &account.unknown)
        }
        "System" => {
            let system = resolved.systems.get(index)?;
            named(system.id, entity_type, fact, &system.unknown)
        }
        "Organization" => named(&resolved.snapshot.organization.id, entity_type, fact, &resolved.staff.unknown),
        "AccessRequest" => {
            let request = resolved.snapshot.access_requests.get(index)?;
            let reason = request.unknown.get(fact)?.as_str().into();
            Some(UnknownFact { entity: format!("{entity_type}::\"{}\"", request.id), fact: fact.into(), reason })
        }
        _ => None,
    }
}

/// Whether a fact says that something is held.
pub(super) fn is_about_holdings(fact: &str) -> bool {
    fact.strip_prefix(HOLDINGS).is_some_and(|rest| rest.starts_with(" in "))
}

fn named(id: &str, entity_type: &str, fact: &str, unknown: &Reasons) -> Option<UnknownFact> {
    let reason = unknown.get(fact)?.clone();
    Some(UnknownFact { entity: format!("{entity_type}::\"{id}\""), fact: fact.into(), reason })
}
