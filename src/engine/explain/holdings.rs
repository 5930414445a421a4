//! What a person or an account holds, as explanations show it.

use super::fact::Found;
use crate::{
    bundle::holdings::HOLDINGS,
    diagnostic::counted,
    model::Fact,
    resolve::{Holdings, Reasons, ResolvedAccount, ResolvedPerson, ResolvedSnapshot},
};

/// Maximum number of accounts that are named for one entitlement.
const MAX_ACCOUNTS: usize = 3;

/// What a person holds, with the accounts.
pub(super) fn of_person<'s, 'a>(
    resolved: &'s ResolvedSnapshot<'a>,
    person: ResolvedPerson<'s>,
) -> Option<Found<'s, 'a>> {
    let index = resolved.person_index(person.id)?;
    let by = |target: usize| {
        let mut accounts: Vec<&str> = resolved.holdings.accounts(index, target).collect();
        let more = accounts.len().saturating_sub(MAX_ACCOUNTS);
        accounts.truncate(MAX_ACCOUNTS);
        let more = if more == 0 { String::new() } else { format!(" and {}", counted(more, "other", "others")) };
        format!(" by {}{more}", accounts.join(", "))
    };
    Some(found(resolved, resolved.holdings.get(index)?, by))
}

/// What an account holds.
pub(super) fn of_account<'s, 'a>(resolved: &'s ResolvedSnapshot<'a>, account: &ResolvedAccount<'a>) -> Found<'s, 'a> {
    found(resolved, &account.holdings, |_| String::new())
}

fn found<'s, 'a>(resolved: &ResolvedSnapshot<'_>, holdings: &Holdings, by: impl Fn(usize) -> String) -> Found<'s, 'a> {
    let targets = resolved.bundle.holding_targets.all();
    let held = holdings.held.iter().filter_map(|target| Some(format!("{}{}", targets.get(*target)?.id, by(*target))));
    let held = held.collect::<Vec<_>>().join("; ");
    let open = holdings.unknown.iter().next();
    let value = match (held.is_empty(), open) {
        (false, _) => Fact::Known(held),
        (true, Some(_)) => Fact::Unknown,
        (true, None) => Fact::Empty,
    };
    let mut unknown = Reasons::new();
    open.into_iter().for_each(|(_, reason)| unknown.insert(HOLDINGS, reason.clone()));
    Found::new(value, None, &unknown, HOLDINGS)
}
