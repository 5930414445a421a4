//! The evaluation of a snapshot that is read piece by piece: people are kept compactly, and of the accounts those that a
//! report has something to say of.

use std::{borrow::Cow, collections::HashSet, sync::OnceLock};

use rayon::prelude::*;

use crate::{
    bundle::{
        Bundle, Check, CheckTarget,
        expression::{each_named_in_clauses, type_name},
        holdings::asks_beyond_principal,
    },
    engine::{
        answer::{Evaluation, Options, Retention, Subject},
        error::Error,
        session::Session,
    },
    model::{
        Account, Person, Snapshot,
        read::{Block, Stream, Unstreamable, are_sound_accounts, are_sound_people},
    },
    resolve::{HoldingsCollector, People, ResolvedAccount, ResolvedSnapshot, Staff, shared_levels, shown_holdings},
};

/// Blocks that are worked on at a time, by thread; as many are being read meanwhile.
const BLOCKS: usize = 2;

/// What became of a snapshot that was to be read piece by piece.
pub enum Streamed<'a> {
    /// It was evaluated; with the digest of what was read.
    Evaluated(Box<Evaluation<'a>>, String),
    /// It has to be read whole.
    Unstreamable,
}

/// Asks every check of every subject of a snapshot while it is read. `head` is where everything of the snapshot but its
/// people and accounts is put.
///
/// # Errors
/// As for [`super::evaluate`].
pub fn evaluate<'a>(
    stream: Stream,
    head: &'a OnceLock<Snapshot>,
    bundle: &'a Bundle,
    options: &Options,
) -> Result<Streamed<'a>, Error> {
    // Rules that name accounts may read any of them for any subject, so all stay loaded; so do those that are asked for.
    if options.keep == Retention::All
        || options.subjects.is_some()
        || names_accounts(bundle)
        || asks_for_holdings_of_others(bundle)
    {
        return Ok(Streamed::Unstreamable);
    }
    match evaluated(stream, head, bundle, options) {
        Ok((evaluation, digest)) => Ok(Streamed::Evaluated(Box::new(evaluation), digest)),
        Err(Stop::Unstreamable) => Ok(Streamed::Unstreamable),
        Err(Stop::Failed(reason)) => Err(reason),
    }
}

enum Stop {
    Unstreamable,
    Failed(Error),
}

impl From<Unstreamable> for Stop {
    fn from(_: Unstreamable) -> Self {
        Stop::Unstreamable
    }
}

impl From<Error> for Stop {
    fn from(reason: Error) -> Self {
        Stop::Failed(reason)
    }
}

fn evaluated<'a>(
    mut stream: Stream,
    head: &'a OnceLock<Snapshot>,
    bundle: &'a Bundle,
    options: &Options,
) -> Result<(Evaluation<'a>, String), Stop> {
    let mut resolved = people(&mut stream, head, bundle, options)?;
    let mut session = Session::new(&resolved, options);
    let systems = (0..resolved.systems.len()).map(Subject::System);
    let systems = std::iter::once(Subject::Organization).chain(systems);
    let people = (0..resolved.people.len()).map(Subject::Person);
    // What people hold is known when all accounts have been read.
    let asks_for_holdings = !bundle.holding_targets.is_empty();
    if !asks_for_holdings {
        session.add(&resolved, systems.clone().chain(people.clone()))?;
        session.start_next_kind(&resolved)?;
    }
    let mut holdings = HoldingsCollector::default();
    let accounts = accounts(&mut stream, &mut resolved, &mut session, &mut holdings)?;
    session.finish(&resolved)?;
    if asks_for_holdings {
        resolved.holdings = holdings.finish(&resolved);
        session.start_next_kind(&resolved)?;
        session.add(&resolved, systems.chain(people))?;
        session.finish(&resolved)?;
    }
    let digest = stream.digest(resolved.people.len(), accounts)?;
    // Accounts by which systems name managers would have to be there to be shown.
    if resolved.accounts.names_managers() {
        return Err(Stop::Unstreamable);
    }
    resolved.settle_notes();
    Ok((session.evaluation(resolved), digest))
}

/// Reads the people, and makes the resolved snapshot of them.
fn people<'a>(
    stream: &mut Stream,
    head: &'a OnceLock<Snapshot>,
    bundle: &'a Bundle,
    options: &Options,
) -> Result<ResolvedSnapshot<'a>, Stop> {
    let early = stream.head().clone();
    let mut staff = Staff::new(&early, bundle, options.as_of.unwrap_or(early.collected_at));
    let count = rayon::current_num_threads() * BLOCKS;
    let mut blocks = stream.people(count)?;
    while !blocks.is_empty() {
        let (next, blocks_resolved) = rayon::join(
            || stream.people(count),
            || {
                let resolve = |block: &Block| -> Result<People<'a>, Unstreamable> {
                    let records: Vec<Person> = block.records()?;
                    let is_sound = early.has_staff() && are_sound_people(&early, &records);
                    if is_sound { Ok(staff.resolve(&records)) } else { Err(Unstreamable) }
                };
                blocks.par_iter().map(resolve).collect::<Result<Vec<_>, _>>()
            },
        );
        for people in blocks_resolved? {
            if !staff.add(people) {
                return Err(Stop::Unstreamable);
            }
        }
        blocks = next?;
    }
    stream.systems()?;
    Ok(staff.resolved(head.get_or_init(|| stream.head().clone())))
}

/// Reads the accounts, and asks about them. How many there are.
fn accounts<'a>(
    stream: &mut Stream,
    resolved: &mut ResolvedSnapshot<'a>,
    session: &mut Session<'a>,
    holdings: &mut HoldingsCollector,
) -> Result<usize, Stop> {
    let mapped: HashSet<(&str, &str)> = resolved
        .bundle
        .accounts
        .iter()
        .map(|mapping| (mapping.entry.system.as_str(), mapping.entry.account.as_str()))
        .collect();
    let count = rayon::current_num_threads() * BLOCKS;
    let mut blocks = stream.accounts(count)?;
    let mut total = 0;
    let mut last: Option<(String, String)> = None;
    while !blocks.is_empty() {
        let (next, blocks_resolved) = rayon::join(
            || stream.accounts(count),
            || blocks.par_iter().map(|block| resolve_block(resolved, block)).collect::<Result<Vec<_>, _>>(),
        );
        let begin = resolved.accounts.len();
        for accounts in blocks_resolved? {
            let key = |account: &ResolvedAccount<'_>| (account.record.system.clone(), account.record.id.clone());
            let first = accounts.first().map(key);
            if first.is_some() && last >= first {
                return Err(Stop::Unstreamable);
            }
            last = accounts.last().map(key).or(last);
            total += accounts.len();
            resolved.accounts.extend(accounts);
        }
        let loaded = resolved.accounts.all_loaded();
        let shown: Vec<_> = loaded.par_iter().filter_map(|account| shown_holdings(resolved, account)).collect();
        shown.into_iter().for_each(|shown| holdings.add(shown));
        session.add(resolved, (begin..resolved.accounts.len()).map(Subject::Account))?;
        // Those that are let go of cannot be asked about any more.
        session.finish(resolved)?;
        session.evict_accounts(resolved, &|record| mapped.contains(&(record.system.as_str(), record.id.as_str())))?;
        blocks = next?;
    }
    Ok(total)
}

fn resolve_block<'a>(resolved: &ResolvedSnapshot<'a>, block: &Block) -> Result<Vec<ResolvedAccount<'a>>, Unstreamable> {
    let records: Vec<Account> = block.records()?;
    // Which levels access rules name shows when all accounts have been read.
    if records.iter().any(|record| shared_levels(record).next().is_some()) {
        return Err(Unstreamable);
    }
    if !are_sound_accounts(resolved.snapshot, &records, &|id| resolved.person_index(id).is_some()) {
        return Err(Unstreamable);
    }
    Ok(records.into_iter().map(|record| resolved.resolve_one(Cow::Owned(record))).collect())
}

/// Whether rules about accounts ask for the holdings of others, such as the owner. All accounts show these.
fn asks_for_holdings_of_others(bundle: &Bundle) -> bool {
    let is_about_accounts = |check: &&Check| {
        let accounts = [CheckTarget::AccountInSystem, CheckTarget::AccountHoldsEntitlement];
        accounts.iter().any(|target| check.targets.contains(target))
    };
    let checks = || bundle.checks.iter().filter(is_about_accounts);
    bundle.rules.iter().any(|rule| asks_beyond_principal(rule) && checks().any(|check| rule.applies_to(check)))
}

/// Whether rules name accounts.
fn names_accounts(bundle: &Bundle) -> bool {
    let mut names_accounts = false;
    for rule in &bundle.rules {
        each_named_in_clauses(&rule.policy, &mut |uid| names_accounts |= type_name(uid) == "Account");
    }
    names_accounts
}
