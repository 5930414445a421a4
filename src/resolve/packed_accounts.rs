//! The accounts of a resolved snapshot: those that are loaded, and before them those that are packed.
//!
//! A streamed snapshot has the accounts of the current block loaded. Then they are evicted. An account that the report
//! needs later is packed: its record stays as a line of JSON, and is resolved again on demand. The result is the same,
//! since nothing that it depends on changes meanwhile.

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
    packed: PackedAccounts,
    loaded: Vec<ResolvedAccount<'a>>,
    /// Whether some were evicted.
    partially_evicted: bool,
    recent: RecentAccounts<'a>,
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
    /// Whether one of them names the manager of its holder.
    names_managers: bool,
}

/// Size of the cache of unpacked accounts. Calls for one account mostly follow each other.
const RECENT: usize = 16;

type Slot<'a> = Mutex<Option<(usize, Arc<ResolvedAccount<'a>>)>>;

#[derive(Debug, Default)]
struct RecentAccounts<'a>([Slot<'a>; RECENT]);

/// An account: a loaded one, or an unpacked copy.
#[derive(Debug, Clone)]
pub enum AccountRef<'s, 'a> {
    /// Loaded.
    Loaded(&'s ResolvedAccount<'a>),
    /// Unpacked.
    Unpacked(Arc<ResolvedAccount<'a>>),
}

impl<'a> Deref for AccountRef<'_, 'a> {
    type Target = ResolvedAccount<'a>;

    fn deref(&self) -> &ResolvedAccount<'a> {
        match self {
            AccountRef::Loaded(account) => account,
            AccountRef::Unpacked(account) => account,
        }
    }
}

impl<'a> Accounts<'a> {
    /// The account at an index, loaded or packed. `resolve` resolves a packed record again.
    pub(super) fn get(
        &self,
        index: usize,
        resolve: impl FnOnce(Account) -> ResolvedAccount<'a>,
    ) -> Option<AccountRef<'_, 'a>> {
        if index >= self.first_loaded() {
            return self.loaded(index).map(AccountRef::Loaded);
        }
        let slot = self.recent.0.get(index % RECENT)?;
        let known = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, account)) = known.filter(|(known, _)| *known == index) {
            return Some(AccountRef::Unpacked(account));
        }
        let account = Arc::new(resolve(self.packed.record(index)?));
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((index, account.clone()));
        Some(AccountRef::Unpacked(account))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.places.len() + self.loaded.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The account at an index, if it is loaded. Without streaming all are. [`ResolvedSnapshot::account_at`] has the packed
    /// ones too.
    #[must_use]
    pub fn loaded(&self, index: usize) -> Option<&ResolvedAccount<'a>> {
        let at = index.checked_sub(self.packed.places.len());
        debug_assert!(at.is_some(), "the account at {index} is not loaded");
        self.loaded.get(at?)
    }

    /// The loaded accounts.
    #[must_use]
    pub fn all_loaded(&self) -> &[ResolvedAccount<'a>] {
        &self.loaded
    }

    /// Whether streaming has evicted accounts, packed or not.
    #[must_use]
    pub fn partially_evicted(&self) -> bool {
        self.partially_evicted
    }

    /// The index of the first loaded account.
    pub(crate) fn first_loaded(&self) -> usize {
        self.packed.places.len()
    }

    /// Whether a packed account names the manager of its holder.
    pub(crate) fn names_managers(&self) -> bool {
        self.packed.names_managers
    }

    /// Those whose address belonged to a person who has left.
    pub(super) fn recycled(&self) -> &Recycled {
        &self.recycled
    }

    pub(crate) fn extend(&mut self, accounts: Vec<ResolvedAccount<'a>>) {
        accounts.iter().for_each(|account| self.recycled.add(account));
        self.loaded.extend(accounts);
    }

    /// Sorts the loaded accounts.
    pub(super) fn sort(&mut self) {
        self.loaded.sort_by(|a, b| (&a.record.system, &a.record.id).cmp(&(&b.record.system, &b.record.id)));
    }

    /// Evicts the loaded accounts. Packs those that `is_needed` selects, by their position among them and their record.
    /// Gives the new index of each packed account.
    ///
    /// # Errors
    /// Returns an error if a record cannot be written as JSON.
    pub(crate) fn evict(&mut self, is_needed: impl Fn(usize, &Account) -> bool) -> Result<Vec<Option<usize>>, String> {
        let Accounts { packed, loaded, partially_evicted, .. } = self;
        *partially_evicted |= !loaded.is_empty();
        let places = loaded.drain(..).enumerate().map(|(at, account)| {
            let needed = is_needed(at, &account.record);
            needed.then(|| packed.push(&account.record)).transpose()
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
