//! The evaluation of a snapshot that is read piece by piece: people are kept compactly, and of the accounts those that a
//! report has something to say of.

use std::{borrow::Cow, collections::HashSet, sync::OnceLock};

use rayon::prelude::*;

use crate::{
    bundle::{
        Bundle,
        expression::{each_named_in_clauses, type_name},
    },
    engine::{
        answer::{Evaluation, Keep, Options, Subject},
        session::Session,
    },
    model::{
        Account, Person, Snapshot,
        read::{Block, Stream, Unstreamable, are_sound_accounts, are_sound_people},
    },
    resolve::{People, ResolvedAccount, Situation, Staff, shared_levels},
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
) -> Result<Streamed<'a>, String> {
    // Rules that name accounts may look at any of them, whoever is asked about, so that all have to be there; so have
    // those that are wanted.
    if options.keep == Keep::All || options.subjects.is_some() || names_accounts(bundle) {
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
    Failed(String),
}

impl From<Unstreamable> for Stop {
    fn from(_: Unstreamable) -> Self {
        Stop::Unstreamable
    }
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Stop::Failed(reason)
    }
}

fn evaluated<'a>(
    mut stream: Stream,
    head: &'a OnceLock<Snapshot>,
    bundle: &'a Bundle,
    options: &Options,
) -> Result<(Evaluation<'a>, String), Stop> {
    let mut situation = people(&mut stream, head, bundle, options)?;
    let mut session = Session::new(&situation, options);
    let systems = (0..situation.systems.len()).map(Subject::System);
    let systems = std::iter::once(Subject::Organization).chain(systems);
    let people = (0..situation.people.len()).map(Subject::Person);
    session.add(&situation, systems.chain(people))?;
    session.start_next_kind(&situation)?;
    let accounts = accounts(&mut stream, &mut situation, &mut session)?;
    session.finish(&situation)?;
    let digest = stream.digest(situation.people.len(), accounts)?;
    // Accounts by which systems name managers would have to be there to be shown.
    if situation.accounts.names_managers() {
        return Err(Stop::Unstreamable);
    }
    situation.settle_notes();
    Ok((session.evaluation(situation), digest))
}

/// Reads the people, and makes the situation of them.
fn people<'a>(
    stream: &mut Stream,
    head: &'a OnceLock<Snapshot>,
    bundle: &'a Bundle,
    options: &Options,
) -> Result<Situation<'a>, Stop> {
    let early = stream.head().clone();
    let mut staff = Staff::new(&early, bundle, options.as_of.unwrap_or(early.collected_at));
    let count = rayon::current_num_threads() * BLOCKS;
    let mut blocks = stream.people(count)?;
    while !blocks.is_empty() {
        let (next, resolved) = rayon::join(
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
        for people in resolved? {
            if !staff.add(people) {
                return Err(Stop::Unstreamable);
            }
        }
        blocks = next?;
    }
    stream.systems()?;
    Ok(staff.situation(head.get_or_init(|| stream.head().clone())))
}

/// Reads the accounts, and asks about them. How many there are.
fn accounts<'a>(stream: &mut Stream, situation: &mut Situation<'a>, session: &mut Session<'a>) -> Result<usize, Stop> {
    let mapped: HashSet<(&str, &str)> = situation
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
        let (next, resolved) = rayon::join(
            || stream.accounts(count),
            || blocks.par_iter().map(|block| resolved(situation, block)).collect::<Result<Vec<_>, _>>(),
        );
        let begin = situation.accounts.len();
        for accounts in resolved? {
            let key = |account: &ResolvedAccount<'_>| (account.record.system.clone(), account.record.id.clone());
            let first = accounts.first().map(key);
            if first.is_some() && last >= first {
                return Err(Stop::Unstreamable);
            }
            last = accounts.last().map(key).or(last);
            total += accounts.len();
            situation.accounts.extend(accounts);
        }
        session.add(situation, (begin..situation.accounts.len()).map(Subject::Account))?;
        // Those that are let go of cannot be asked about any more.
        session.finish(situation)?;
        session.evict_accounts(situation, &|record| mapped.contains(&(record.system.as_str(), record.id.as_str())))?;
        blocks = next?;
    }
    Ok(total)
}

fn resolved<'a>(situation: &Situation<'a>, block: &Block) -> Result<Vec<ResolvedAccount<'a>>, Unstreamable> {
    let records: Vec<Account> = block.records()?;
    // Which levels access rules name shows when all accounts have been read.
    if records.iter().any(|record| shared_levels(record).next().is_some()) {
        return Err(Unstreamable);
    }
    if !are_sound_accounts(situation.snapshot, &records, &|id| situation.person_index(id).is_some()) {
        return Err(Unstreamable);
    }
    Ok(records.into_iter().map(|record| situation.resolve_one(Cow::Owned(record))).collect())
}

/// Whether rules name accounts.
fn names_accounts(bundle: &Bundle) -> bool {
    let mut names_accounts = false;
    for rule in &bundle.rules {
        each_named_in_clauses(&rule.policy, &mut |uid| names_accounts |= type_name(uid) == "Account");
    }
    names_accounts
}
