//! Adds up what accounts show of people's holdings.
//!
//! INVARIANT: "held" needs a usable account with a known owner and known levels. "Not held" needs complete lists that are
//! not too old, and no account that may hold it and whose owner is open. Everything else is unknown.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::SignedDuration;

use super::{
    derived::{Reason, Ternary, reason_of},
    holdings::{Holdings, PeopleHoldings, holds},
    interner::Interner,
    reasons::Reasons,
    resolved::{ResolvedAccount, ResolvedSystem},
    resolved_snapshot::ResolvedSnapshot,
};
use crate::{
    bundle::HoldingTarget,
    diagnostic::counted,
    model::{Account, AccountStatus, Fact},
};

/// Whether its holder can use an account, or make it usable.
fn is_usable(account: &Account) -> Ternary {
    match &account.status {
        Fact::Known(status) => matches!(status, AccountStatus::Active | AccountStatus::Invited).into(),
        Fact::Empty | Fact::Unknown => Ternary::Unknown(reason_of(&account.unknown, "status")),
    }
}

/// Whose holdings an account shows.
#[derive(Debug)]
enum Holder {
    Person(usize),
    /// It may be anyone's.
    Anyone,
}

/// What an account shows of people's holdings.
#[derive(Debug)]
pub(crate) struct Shown {
    holder: Holder,
    account: Box<str>,
    /// Targets that it holds, or may hold.
    targets: Vec<(usize, Ternary)>,
}

/// An account that may be anyone's, by target.
#[derive(Debug, Default)]
struct Unlinked {
    first: Option<Box<str>>,
    count: usize,
}

/// Adds up what accounts show of people's holdings. Accounts come in order of system and id.
#[derive(Debug, Default)]
pub(crate) struct HoldingsCollector {
    held_by: Vec<(usize, usize, Box<str>)>,
    /// By person and target: why it is unknown.
    open: BTreeMap<(usize, usize), Reason>,
    /// By target.
    unlinked: BTreeMap<usize, Unlinked>,
}

/// What an account shows; none if it shows nothing that rules ask for.
pub(crate) fn shown(resolved: &ResolvedSnapshot<'_>, account: &ResolvedAccount<'_>) -> Option<Shown> {
    let record = &*account.record;
    let targets = resolved.bundle.holding_targets.of_system(&record.system);
    if targets.is_empty() {
        return None;
    }
    let holder = match (&account.owner, &account.identity_issue) {
        (Fact::Known(person), _) => Holder::Person(*person),
        // Declared to belong to no staff member.
        (Fact::Empty, Fact::Empty) => return None,
        (Fact::Empty | Fact::Unknown, _) => Holder::Anyone,
    };
    let usable = is_usable(record);
    let targets: Vec<(usize, Ternary)> = targets
        .iter()
        .map(|(target, by)| (*target, Ternary::all([usable.clone(), holds(record, by)])))
        .filter(|(_, held)| !held.is_false())
        .collect();
    let account = format!("{}/{}", record.system, record.id).into();
    (!targets.is_empty()).then_some(Shown { holder, account, targets })
}

impl HoldingsCollector {
    /// Adds what the next account shows.
    pub(crate) fn add(&mut self, shown: Shown) {
        let Shown { holder, account, targets } = shown;
        for (target, held) in targets {
            match (&holder, held) {
                (Holder::Person(person), Ternary::Unknown(reason)) => {
                    let reason = || format!("it is unknown what the account `{account}` holds: {reason}").into();
                    self.open.entry((*person, target)).or_insert_with(reason);
                }
                (Holder::Person(person), _) => self.held_by.push((*person, target, account.clone())),
                (Holder::Anyone, _) => {
                    let unlinked = self.unlinked.entry(target).or_default();
                    unlinked.first.get_or_insert_with(|| account.clone());
                    unlinked.count += 1;
                }
            }
        }
    }

    /// What each person holds, once all accounts are added.
    pub(crate) fn finish(mut self, resolved: &ResolvedSnapshot<'_>) -> PeopleHoldings {
        let targets = resolved.bundle.holding_targets.all();
        self.held_by.sort();
        let absence: Vec<Option<Reason>> =
            targets.iter().enumerate().map(|(at, target)| self.absence(resolved, at, target)).collect();
        let mut profiles: Interner<Holdings> = Interner::default();
        let mut people = Vec::with_capacity(resolved.people.len());
        let mut held_by = self.held_by.iter().peekable();
        let mut open = self.open.iter().peekable();
        for person in 0..resolved.people.len() {
            let mut held = BTreeSet::new();
            while let Some((_, target, _)) = held_by.next_if(|(one, ..)| *one == person) {
                held.insert(*target);
            }
            let mut own: BTreeMap<usize, &Reason> = BTreeMap::new();
            while let Some(((_, target), reason)) = open.next_if(|((one, _), _)| *one == person) {
                own.insert(*target, reason);
            }
            let mut unknown = Reasons::new();
            for (at, (target, absence)) in targets.iter().zip(&absence).enumerate() {
                let reason = own.get(&at).copied().or(absence.as_ref()).filter(|_| !held.contains(&at));
                reason.into_iter().for_each(|reason| unknown.insert(target.fact, Arc::clone(reason)));
            }
            let holdings = Holdings { held: held.into_iter().collect(), unknown };
            people.push(profiles.number(&holdings, Holdings::clone));
        }
        PeopleHoldings { profiles: profiles.all().to_vec(), people, held_by: self.held_by }
    }

    /// Why it is unknown of a person without the target that they lack it; none if that is known.
    fn absence(&self, resolved: &ResolvedSnapshot<'_>, at: usize, target: &HoldingTarget) -> Option<Reason> {
        if target.systems.is_empty() {
            return Some("no entitlement is known by this name".into());
        }
        let gap = target.systems.iter().find_map(|system| gap(resolved, system, resolved.system(system)));
        gap.or_else(|| {
            let unlinked = self.unlinked.get(&at)?;
            let first = unlinked.first.as_deref()?;
            let others = match unlinked.count {
                1 => String::new(),
                count => format!(" (and {})", counted(count - 1, "other account", "other accounts")),
            };
            Some(format!("the account `{first}`{others} may hold it and is not linked to a person; add it to `identities.yaml`").into())
        })
    }
}

/// Why the account list of a system does not prove that an account is missing.
fn gap(resolved: &ResolvedSnapshot<'_>, id: &str, system: Option<&ResolvedSystem<'_>>) -> Option<Reason> {
    let Some((system, (pulled_at, complete))) = system.and_then(|system| Some((system, system.list?))) else {
        return Some(format!("no source of the snapshot lists the accounts of `{id}`").into());
    };
    if !complete {
        let why = system.completeness.as_deref().unwrap_or_default();
        return Some(format!("the account list of `{id}` is incomplete: {why}").into());
    }
    let is_old = resolved.as_of.duration_since(pulled_at).abs() > SignedDuration::from_hours(system.max_age_hours);
    let reason = || {
        format!(
            "the account list of `{id}` was pulled at {pulled_at}, further from the day than its `max_age`; pull or export it again"
        )
    };
    is_old.then(|| reason().into())
}

impl ResolvedSnapshot<'_> {
    /// Works out what people hold, once all accounts are there and loaded.
    pub(super) fn resolve_holdings(&mut self) {
        if self.bundle.holding_targets.is_empty() {
            return;
        }
        let mut collector = HoldingsCollector::default();
        for account in self.accounts.all_loaded() {
            shown(self, account).into_iter().for_each(|shown| collector.add(shown));
        }
        self.holdings = collector.finish(self);
    }
}
