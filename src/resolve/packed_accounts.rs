//! The accounts of a resolved snapshot: those that are loaded, and before them those that are kept packed.
//!
//! While a snapshot is read piece by piece, accounts are at hand as long as they are asked about. Of those of which
//! something is to be said later only the record is kept, as a line of JSON; it is resolved once more when it is looked
//! at, which comes to the same, since nothing that it depends on changes meanwhile.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    model::{Account, Fact},
    resolve::{
        resolved::ResolvedAccount,
        text_arena::{Place, TextArena},
    },
};

/// The accounts of a resolved snapshot, by system and id.
#[derive(Debug, Default)]
pub struct Accounts<'a> {
    kept: PackedAccounts,
    loaded: Vec<ResolvedAccount<'a>>,
    /// Whether some are not at hand any more.
    partially_evicted: bool,
    recent: Lately<'a>,
    recycled: Recycled,
}

/// Accounts whose address belonged to a person who has left and now belongs to another person.
#[derive(Debug, Default)]
pub(super) struct Recycled {
    pub(super) count: usize,
    /// The first of them, with the owner and a former holder, as indices into the people.
    pub(super) first: BTreeMap<(String, String), (usize, usize)>,
}

/// How many accounts with recycled addresses are named.
const NAMED: usize = 3;

impl Recycled {
    fn add(&mut self, account: &ResolvedAccount<'_>) {
        let (Fact::Known(owner), Some(former)) = (account.owner, account.former_holders.first()) else { return };
        self.count += 1;
        self.first.insert((account.record.system.clone(), account.record.id.clone()), (owner, *former));
        if self.first.len() > NAMED {
            self.first.pop_last();
        }
    }
}

/// Records as lines of JSON.
#[derive(Debug, Default)]
struct PackedAccounts {
    places: Vec<Place>,
    lines: TextArena<1>,
    /// Whether one of them says by an account who the manager of its holder is.
    names_managers: bool,
}

/// How many accounts that were unpacked recent are remembered; what is asked of one is mostly asked in a row.
const LATELY: usize = 16;

type Slot<'a> = Mutex<Option<(usize, Arc<ResolvedAccount<'a>>)>>;

#[derive(Debug, Default)]
struct Lately<'a>([Slot<'a>; LATELY]);

/// An account, where it is at hand, or unpacked.
#[derive(Debug, Clone)]
pub enum AccountRef<'s, 'a> {
    /// At hand.
    AtHand(&'s ResolvedAccount<'a>),
    /// Unpacked.
    Unpacked(Arc<ResolvedAccount<'a>>),
}

impl<'a> Deref for AccountRef<'_, 'a> {
    type Target = ResolvedAccount<'a>;

    fn deref(&self) -> &ResolvedAccount<'a> {
        match self {
            AccountRef::AtHand(account) => account,
            AccountRef::Unpacked(account) => account,
        }
    }
}

impl<'a> Accounts<'a> {
    /// The account at an index, loaded or packed. `resolve` makes it of a packed record again.
    pub(super) fn get(
        &self,
        index: usize,
        resolve: impl FnOnce(Account) -> ResolvedAccount<'a>,
    ) -> Option<AccountRef<'_, 'a>> {
        if index >= self.first_loaded() {
            return self.loaded(index).map(AccountRef::AtHand);
        }
        let slot = self.recent.0.get(index % LATELY)?;
        let known = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, account)) = known.filter(|(known, _)| *known == index) {
            return Some(AccountRef::Unpacked(account));
        }
        let account = Arc::new(resolve(self.kept.record(index)?));
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((index, account.clone()));
        Some(AccountRef::Unpacked(account))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.places.len() + self.loaded.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The account at an index, as long as it can be asked about. All of them can that were not read piece by piece;
    /// [`ResolvedSnapshot::account_at`] has the others too.
    #[must_use]
    pub fn loaded(&self, index: usize) -> Option<&ResolvedAccount<'a>> {
        let at = index.checked_sub(self.kept.places.len());
        debug_assert!(at.is_some(), "an account is asked about that is only kept");
        self.loaded.get(at?)
    }

    /// Those that can be asked about.
    #[must_use]
    pub fn all_loaded(&self) -> &[ResolvedAccount<'a>] {
        &self.loaded
    }

    /// Whether some of the snapshot's accounts cannot be asked about, kept or not, since it was read piece by piece.
    #[must_use]
    pub fn partially_evicted(&self) -> bool {
        self.partially_evicted
    }

    /// The index of the first that can be asked about.
    pub(crate) fn first_loaded(&self) -> usize {
        self.kept.places.len()
    }

    /// Whether a kept one says by an account who the manager of its holder is.
    pub(crate) fn names_managers(&self) -> bool {
        self.kept.names_managers
    }

    /// Those whose address belonged to a person who has left.
    pub(super) fn recycled(&self) -> &Recycled {
        &self.recycled
    }

    pub(crate) fn extend(&mut self, accounts: Vec<ResolvedAccount<'a>>) {
        accounts.iter().for_each(|account| self.recycled.add(account));
        self.loaded.extend(accounts);
    }

    /// Puts those at hand in order.
    pub(super) fn sort(&mut self) {
        self.loaded.sort_by(|a, b| (&a.record.system, &a.record.id).cmp(&(&b.record.system, &b.record.id)));
    }

    /// Lets go of all accounts at hand, and keeps the records of those of which `is_needed` says so, by how many come
    /// before them and by what they are. The new index of each, where it is kept.
    ///
    /// # Errors
    /// That a record cannot be written.
    pub(crate) fn evict(&mut self, is_needed: impl Fn(usize, &Account) -> bool) -> Result<Vec<Option<usize>>, String> {
        let Accounts { kept, loaded, partially_evicted, .. } = self;
        *partially_evicted |= !loaded.is_empty();
        let places = loaded.drain(..).enumerate().map(|(at, account)| {
            let needed = is_needed(at, &account.record);
            needed.then(|| kept.push(&account.record)).transpose()
        });
        places.collect()
    }
}

impl PackedAccounts {
    fn push(&mut self, record: &Account) -> Result<usize, String> {
        let line = serde_json::to_string(record).map_err(|error| error.to_string())?;
        self.places.push(self.lines.push([&line]));
        self.names_managers |= record.hints.manager.is_some();
        Ok(self.places.len() - 1)
    }

    fn record(&self, index: usize) -> Option<Account> {
        let read = serde_json::from_str(self.lines.first(*self.places.get(index)?));
        debug_assert!(read.is_ok(), "what was written can be read: {read:?}");
        read.ok()
    }
}
