//! The person behind an account, as far as the account's own facts show it: the source's link, then the work address,
//! then declared further addresses, then what else the system says (an HRIS id or employee number). Texts are compared
//! folded and trimmed, never by name, and never without their `+tag`.
//!
//! A match counts only if no unknown fact can change it. [`More`] says who else might match: people whose address or
//! number is unknown, and people that an incomplete staff list may lack. What a declaration makes of it is decided in
//! [`declaration`](super::declaration).

use std::sync::OnceLock;

use hashbrown::HashMap;
use jiff::civil::Date;

use crate::{
    bundle::{AccountMapping, Assumption, Bundle, EvidenceRules},
    model::{
        Account, EmploymentStatus, Fact,
        fold::{fold, near_form},
        hints::can_link,
    },
    resolve::{
        addresses::ByText,
        derived::{Derived, Reason, Ternary, reason_of},
        gaps::{Gaps, More},
        near::NearMisses,
        patterns::Patterns,
        people::{Address, People, Row},
        resolved::IdentityIssue,
    },
};

/// The person behind an account.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    /// Just this person.
    Person(usize),
    /// No person, by declaration.
    Declared,
    /// No person, for this reason; the people it might have been.
    Nobody(IdentityIssue, Vec<usize>),
    /// Unknown.
    Unknown(Reason),
}

/// The stage of a person's employment on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Unknown,
    ToCome,
    Current,
    Left,
}

/// Everything that identifies people by addresses, links and mappings.
#[derive(Debug)]
pub(super) struct Identities<'a> {
    pub(super) today: Date,
    pub(super) rules: &'a EvidenceRules,
    /// The people that the staff lists may lack, and the facts that listed people lack.
    pub(super) gaps: Gaps,
    mappings: HashMap<(&'a str, &'a str), &'a AccountMapping>,
    by_work_email: ByText,
    by_extra_address: HashMap<String, Vec<usize>>,
    pub(super) patterns: Patterns<'a>,
    /// Addresses that the bundle declares for people who are not listed.
    pub(super) of_unlisted: HashMap<String, &'a str>,
    /// Built when a system first names a number; few do.
    by_number: OnceLock<ByText>,
    /// Built for the first address without a match.
    near: OnceLock<NearMisses>,
}

/// The work address of a person.
fn address<'s>(people: &'s People<'_>, row: &Row) -> Fact<Address<'s>> {
    people.address_of(row)
}

/// The employee number of a person.
fn number<'s>(people: &'s People<'_>, row: &Row) -> Fact<Address<'s>> {
    people.number_of(row)
}

/// [`Identities`] of these people.
#[derive(Clone, Copy)]
pub(super) struct IdentityResolver<'s, 'a> {
    pub(super) identities: &'s Identities<'a>,
    pub(super) people: &'s People<'a>,
}

impl<'a> Identities<'a> {
    pub(super) fn new(bundle: &'a Bundle, people: &People<'a>, today: Date, gaps: Gaps) -> Self {
        let mut by_extra_address: HashMap<String, Vec<usize>> = HashMap::new();
        let mut of_unlisted = HashMap::new();
        for mapping in &bundle.people {
            for address in &mapping.entry.emails {
                let address = fold(address).into_owned();
                match people.index(&mapping.entry.id) {
                    Some(at) => by_extra_address.entry(address).or_default().push(at),
                    None => _ = of_unlisted.insert(address, mapping.entry.id.as_str()),
                }
            }
        }
        let key = |mapping: &'a AccountMapping| (mapping.entry.system.as_str(), mapping.entry.account.as_str());
        let patterns = bundle.systems.iter();
        Identities {
            today,
            rules: &bundle.evidence,
            gaps,
            mappings: bundle.accounts.iter().map(|mapping| (key(mapping), mapping)).collect(),
            by_work_email: ByText::new(people, address),
            by_extra_address,
            patterns: Patterns::new(patterns.filter_map(|(id, system)| Some((id.as_str(), system.accounts.as_ref()?)))),
            of_unlisted,
            by_number: OnceLock::new(),
            near: OnceLock::new(),
        }
    }
}

impl<'a> IdentityResolver<'_, 'a> {
    /// Whose account it is by declaration, if one says so.
    pub(super) fn mapping(&self, account: &Account) -> Option<&'a AccountMapping> {
        self.entry(account).filter(|mapping| mapping.entry.identifies())
    }

    /// What is declared about an account. It may be no more than that it is privileged.
    pub(super) fn entry(&self, account: &Account) -> Option<&'a AccountMapping> {
        self.identities.mappings.get(&(account.system.as_str(), account.id.as_str())).copied()
    }

    pub(super) fn person(&self, id: &str) -> Option<usize> {
        self.people.index(id)
    }

    /// The person that the account's own facts show, whatever is declared about it.
    pub(super) fn shown(&self, account: &Account) -> Identity {
        if let Some(id) = account.person.as_deref() {
            match (self.person(id), self.identities.gaps.anyone_hidden()) {
                (Some(person), _) => return Identity::Person(person),
                (None, Some(gap)) => {
                    let reason =
                        format!("the source links the account to `{id}`, who is not in the people list, and {gap}");
                    return Identity::Unknown(reason.into());
                }
                (None, None) => {}
            }
        }
        let by_address = match &account.email {
            Fact::Known(address) => self.by_address(address),
            Fact::Empty => Identity::Nobody(IdentityIssue::NoAddress, Vec::new()),
            Fact::Unknown => {
                return Identity::Unknown(reason_of(&account.unknown, "email"));
            }
        };
        let found = match by_address {
            Identity::Nobody(issue @ (IdentityIssue::NoMatch | IdentityIssue::NoAddress), near) => {
                self.by_hints(account).unwrap_or(Identity::Nobody(issue, near))
            }
            found => found,
        };
        match found {
            Identity::Person(person) => self.unless_contradicted(person, account),
            found => found,
        }
    }

    /// The people who have an address: as the work address, or declared as a further one.
    pub(super) fn people_of_address(&self, wanted: &str) -> Vec<usize> {
        let by_work_email = self.identities.by_work_email.find(self.people, wanted, address);
        let further = self.identities.by_extra_address.get(&*fold(wanted)).into_iter().flatten().copied();
        by_work_email.unwrap_or_default().into_iter().chain(further).collect()
    }

    /// The people who have left and had the address by which an account was matched with a person who has not. They may
    /// be earlier records of the same person, or other people who once held the account.
    pub(super) fn former_holders(&self, account: &Account, owner: usize) -> Vec<usize> {
        let is_linked = account.person.is_some() || self.mapping(account).is_some();
        let Fact::Known(address) = &account.email else { return Vec::new() };
        if is_linked || !self.identities.by_work_email.is_shared(owner) || !self.has_left(owner).is_false() {
            return Vec::new();
        }
        let mut holders = self.people_of_address(address);
        if !holders.contains(&owner) {
            return Vec::new();
        }
        holders.retain(|holder| *holder != owner && self.has_left(*holder).is_true());
        holders
    }

    /// The people whose address is this one but for a non-ASCII character that resembles an ASCII one. They never match.
    fn near_misses(&self, wanted: &str) -> Vec<usize> {
        let near = self.identities.near.get_or_init(|| NearMisses::new(self.people, &self.identities.by_extra_address));
        let mut found = near.find(wanted);
        if let Some(near) = near_form(wanted) {
            found.extend(self.people_of_address(&near));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The people who have an employee number.
    pub(super) fn people_of_number(&self, wanted: &str) -> Vec<usize> {
        let by_number = self.identities.by_number.get_or_init(|| ByText::new(self.people, number));
        by_number.find(self.people, wanted, number).unwrap_or_default()
    }

    /// Whether no unknown address equals this one, by the bundle's assumptions. An address of several people refutes the
    /// assumption, and it says nothing about an address of no person.
    pub(super) fn address_is_unique(&self, wanted: &str) -> bool {
        if !self.identities.rules.assumes(Assumption::WorkEmailUnique) {
            return false;
        }
        let mut owners = self.people_of_address(wanted);
        owners.sort_unstable();
        owners.dedup();
        owners.len() == 1 && !self.identities.of_unlisted.contains_key(&*fold(wanted))
    }

    /// Whether no unknown employee number equals that of these people, by the bundle's assumptions.
    pub(super) fn number_is_unique(&self, found: &[usize]) -> bool {
        found.len() == 1 && self.identities.rules.assumes(Assumption::EmployeeNumberUnique)
    }

    /// The one person of an address.
    pub(super) fn by_address(&self, wanted: &str) -> Identity {
        let identities = self.identities;
        // Mostly there is no gap, and no need to look the address up again.
        let more = |found: &[usize]| match identities.gaps.more_addresses(self.people, found) {
            More::OthersGiveWay(_) | More::Anyone(_) if self.address_is_unique(wanted) => More::Nobody,
            more => more,
        };
        if let Some(found) = identities.by_work_email.find(self.people, wanted, address) {
            let more = more(&found);
            return self.one_of(&found, "its address", more);
        }
        if let Some(found) = identities.by_extra_address.get(&*fold(wanted)) {
            // A work address comes first, even that of a person who has left.
            let more = more(found).of_any_stage();
            return self.one_of(found, "its address", more);
        }
        if let (Some(id), Some(gap)) = (identities.of_unlisted.get(&*fold(wanted)), identities.gaps.anyone_hidden()) {
            let reason = format!("its address is declared for `{id}`, who is not in the people list, and {gap}");
            return Identity::Unknown(reason.into());
        }
        // The assumption protects a match. It does not prove that an address is of no person.
        match identities.gaps.more_addresses(self.people, &[]).of_any_stage() {
            More::Anyone(reason) => Identity::Unknown(format!("no listed person has its address, and {reason}").into()),
            More::Nobody | More::OthersGiveWay(_) => Identity::Nobody(IdentityIssue::NoMatch, self.near_misses(wanted)),
        }
    }

    /// The person that a system's hints name, if the address names no person. `None`: neither do they.
    fn by_hints(&self, account: &Account) -> Option<Identity> {
        let (gaps, hints) = (&self.identities.gaps, &account.hints);
        if let Some(id) = hints.external_id.as_deref().filter(|id| can_link(id)) {
            match (self.person(id), gaps.anyone_hidden()) {
                (Some(person), _) => return Some(Identity::Person(person)),
                (None, Some(gap)) => {
                    let reason = format!("its external id `{id}` may be that of a person who is not listed: {gap}");
                    return Some(Identity::Unknown(reason.into()));
                }
                (None, None) => {}
            }
        }
        let named = hints.number()?;
        let found = self.people_of_number(named);
        if found.is_empty() {
            return match gaps.more_numbers(self.people, &[]).of_any_stage() {
                More::Anyone(reason) => Some(Identity::Unknown(
                    format!("no listed person has its employee number `{named}`, and {reason}").into(),
                )),
                More::Nobody | More::OthersGiveWay(_) => None,
            };
        }
        let more = if self.number_is_unique(&found) { More::Nobody } else { gaps.more_numbers(self.people, &found) };
        Some(self.one_of(&found, "its employee number", more))
    }

    /// The one person of several with the same address or number. People who have left give way; if all have, the last
    /// to join counts, since a re-hired person has two records.
    pub(super) fn one_of(&self, found: &[usize], what: &str, more: More) -> Identity {
        if let ([one], More::Nobody) = (found, &more) {
            return Identity::Person(*one);
        }
        let stages: Vec<(usize, Stage)> = found.iter().map(|at| (*at, self.stage(*at))).collect();
        let of =
            |wanted: Stage| stages.iter().filter(|(_, stage)| *stage == wanted).map(|(at, _)| *at).collect::<Vec<_>>();
        let current = of(Stage::Current);
        let source = |at: &usize| self.people.get(*at).map(|person| person.sources.source.as_str());
        let alike = |at: &usize| current.iter().filter(|other| source(other) == source(at)).count();
        if current.iter().any(|at| alike(at) > 1) {
            return Identity::Nobody(IdentityIssue::Ambiguous, current);
        }
        let gives_way = match more {
            More::Nobody => None,
            More::OthersGiveWay(reason) if current.len() != 1 => Some(reason),
            More::OthersGiveWay(_) => None,
            More::Anyone(reason) => Some(reason),
        };
        if let Some(reason) = gives_way {
            return Identity::Unknown(format!("another person may have {what} as well: {reason}").into());
        }
        if let [one] = found {
            return Identity::Person(*one);
        }
        if found.iter().any(|at| source(at) != found.first().and_then(source)) {
            return Identity::Unknown(
                format!("people of several staff lists have {what}, and no list says whether they are one person")
                    .into(),
            );
        }
        if let Some(open) = of(Stage::Unknown).first() {
            let id = self.people.get(*open).map_or("", |person| person.id);
            return Identity::Unknown(
                format!("several people have {what}, and whether `{id}` is employed is unknown").into(),
            );
        }
        if let [one] = current.as_slice() {
            return Identity::Person(*one);
        }
        // A record that has not begun yet must not hide the access of one that has ended.
        let left = of(Stage::Left);
        let rest = if left.is_empty() { of(Stage::ToCome) } else { left };
        self.last_to_join(&rest, what)
    }

    fn last_to_join(&self, rest: &[usize], what: &str) -> Identity {
        let mut last: Option<(Option<Date>, &str, usize)> = None;
        for at in rest {
            let Some(person) = self.people.get(*at) else {
                return Identity::Unknown(format!("a person who has {what} cannot be read").into());
            };
            let joined = match person.start_date {
                Fact::Known(date) => Some(date),
                Fact::Empty => None,
                Fact::Unknown => {
                    let id = person.id;
                    return Identity::Unknown(
                        format!("several people have {what}, and when `{id}` joined is unknown").into(),
                    );
                }
            };
            if last.is_none_or(|(latest, id, _)| (joined, person.id) > (latest, id)) {
                last = Some((joined, person.id, *at));
            }
        }
        match last {
            Some((_, _, at)) => Identity::Person(at),
            None => Identity::Unknown(format!("the people who have {what} cannot be read").into()),
        }
    }

    /// Whether a person has left on the day.
    pub(super) fn has_left(&self, at: usize) -> Ternary {
        let Some(person) = self.people.get(at) else { return Ternary::Unknown("the person cannot be read".into()) };
        let why = |attribute: &str| person.unknown.get(attribute).cloned().unwrap_or_else(|| "unknown".into());
        Ternary::any([
            Derived::of(person.status, || why("status")).is(|status| matches!(status, EmploymentStatus::Offboarded)),
            Derived::of(person.end_date, || why("endDate")).is(|end| *end < self.identities.today),
        ])
    }

    /// The stage of a person's employment on the day.
    pub(super) fn stage(&self, at: usize) -> Stage {
        match self.has_left(at) {
            Ternary::True => return Stage::Left,
            Ternary::Unknown(_) => return Stage::Unknown,
            Ternary::False => {}
        }
        let Some(person) = self.people.get(at) else { return Stage::Unknown };
        let begun = match (&person.start_date, &person.status) {
            (Fact::Known(start), _) => *start <= self.identities.today,
            (Fact::Empty, Fact::Known(status)) => !matches!(status, EmploymentStatus::NewHire),
            (Fact::Unknown, _) | (Fact::Empty, Fact::Empty | Fact::Unknown) => return Stage::Unknown,
        };
        if begun { Stage::Current } else { Stage::ToCome }
    }
}
