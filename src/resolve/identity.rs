//! Who is behind an account: declared mapping, then the source's own link, then the work e-mail, then declared extra
//! addresses, then what else the system says (an HRIS id or employee number); case folded and trimmed, never by name,
//! never without its `+tag`.

use std::sync::OnceLock;

use hashbrown::HashMap;
use jiff::civil::Date;

use super::{
    IdentityIssue,
    addresses::ByText,
    people::{Address, People, Row},
};
use crate::{
    bundle::{AccountMapping, Bundle, data::org_roles::fold},
    diagnostic::counted,
    model::{Account, EmploymentStatus, Fact, LinkHints, hints::can_link},
};

/// Who is behind an account.
pub(super) enum Identity {
    /// Just this person.
    Person(usize),
    /// Nobody's own, by declaration.
    Declared,
    /// Nobody, for this reason; the people it might have been.
    Nobody(IdentityIssue, Vec<usize>),
    /// Nobody can say.
    Unknown(String),
}

/// Whom a system's hints name.
enum Hinted {
    /// These: several where several have the same number.
    People(Vec<usize>),
    /// Different people, by different hints.
    Contradiction(Vec<usize>),
    /// Nobody.
    Nobody,
    /// Nobody can say.
    Unknown(String),
}

/// Where a person's employment stands on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unknown,
    ToCome,
    Current,
    Left,
}

/// Everything that tells people by addresses, links and mappings.
#[derive(Debug)]
pub(super) struct Identities<'a> {
    today: Date,
    /// Why the people list has holes, if it has.
    pub(super) incomplete: Option<String>,
    mappings: HashMap<(&'a str, &'a str), &'a AccountMapping>,
    by_work_email: ByText,
    /// How many people's work e-mail is unknown.
    without_address: usize,
    by_extra_address: HashMap<String, Vec<usize>>,
    /// Made when a system first names a number; few do.
    by_number: OnceLock<ByText>,
    /// How many people's employee number is unknown.
    without_number: usize,
}

/// Somebody's work e-mail address.
fn address<'s>(people: &'s People<'_>, row: &Row) -> Fact<Address<'s>> {
    people.address_of(row)
}

/// Somebody's employee number.
fn number<'s>(people: &'s People<'_>, row: &Row) -> Fact<Address<'s>> {
    people.number_of(row)
}

/// People by their work e-mail addresses.
pub(super) fn by_work_email(people: &People<'_>) -> ByText {
    ByText::new(people, address)
}

/// [`Identities`] of these people.
#[derive(Clone, Copy)]
pub(super) struct Among<'s, 'a> {
    pub(super) identities: &'s Identities<'a>,
    pub(super) people: &'s People<'a>,
}

impl<'a> Identities<'a> {
    pub(super) fn new(
        bundle: &'a Bundle,
        people: &People<'a>,
        by_work_email: ByText,
        today: Date,
        incomplete: Option<String>,
    ) -> Self {
        let mut by_extra_address: HashMap<String, Vec<usize>> = HashMap::new();
        for mapping in &bundle.people {
            let Some(at) = people.index(&mapping.entry.id) else { continue };
            for address in &mapping.entry.emails {
                by_extra_address.entry(fold(address).into_owned()).or_default().push(at);
            }
        }
        let key = |mapping: &'a AccountMapping| (mapping.entry.system.as_str(), mapping.entry.account.as_str());
        let mappings = bundle.accounts.iter().map(|mapping| (key(mapping), mapping)).collect();
        let (without_address, without_number) = people.without_address_and_number();
        Identities {
            today,
            incomplete,
            mappings,
            by_work_email,
            without_address,
            by_extra_address,
            by_number: OnceLock::new(),
            without_number,
        }
    }
}

impl<'a> Among<'_, 'a> {
    /// What is declared about an account.
    pub(super) fn mapping(&self, account: &Account) -> Option<&'a AccountMapping> {
        self.identities.mappings.get(&(account.system.as_str(), account.id.as_str())).copied()
    }

    pub(super) fn person(&self, id: &str) -> Option<usize> {
        self.people.index(id)
    }

    /// Who is behind an account of which this is declared.
    pub(super) fn identity(&self, account: &Account, mapping: Option<&AccountMapping>) -> Identity {
        if let Some(mapping) = mapping {
            return match &mapping.entry.person {
                None => Identity::Declared,
                Some(id) => match (self.person(id), &self.identities.incomplete) {
                    (Some(person), _) => Identity::Person(person),
                    (None, None) => Identity::Nobody(IdentityIssue::MappedToNobody, Vec::new()),
                    (None, Some(incomplete)) => Identity::Unknown(format!(
                        "the account is mapped to `{id}`, who is not in the people list, and {incomplete}"
                    )),
                },
            };
        }
        if let Some(person) = account.person.as_deref().and_then(|id| self.person(id)) {
            return Identity::Person(person);
        }
        match &account.email {
            Fact::Known(address) => self.by_address_and_hints(address, account),
            Fact::Empty => match self.by_hints(&account.hints) {
                Hinted::People(found) => self.one_of(&found, "its employee number"),
                Hinted::Contradiction(found) => ambiguous(found),
                Hinted::Nobody => Identity::Nobody(IdentityIssue::NoAddress, Vec::new()),
                Hinted::Unknown(reason) => Identity::Unknown(reason),
            },
            Fact::Unknown => {
                let reason = account.unknown.get("email").cloned();
                Identity::Unknown(reason.unwrap_or_else(|| "`email` is unknown".to_owned()))
            }
        }
    }

    /// Everybody who has an address.
    pub(super) fn people_of_address(&self, wanted: &str) -> Vec<usize> {
        let by_work_email = self.identities.by_work_email.find(self.people, wanted, address);
        let further = self.identities.by_extra_address.get(&*fold(wanted)).into_iter().flatten().copied();
        by_work_email.unwrap_or_default().into_iter().chain(further).collect()
    }

    /// The one person of an address.
    pub(super) fn by_address(&self, wanted: &str) -> Identity {
        let found = self.identities.by_work_email.find(self.people, wanted, address);
        let found = found.or_else(|| self.identities.by_extra_address.get(&*fold(wanted)).cloned());
        if let Some(found) = found {
            return self.one_of(&found, "its address");
        }
        match &self.identities.incomplete {
            None if self.identities.without_address > 0 => {
                let people = counted(self.identities.without_address, "person", "people");
                Identity::Unknown(format!(
                    "nobody is known to have its address, and the address of {people} is unknown"
                ))
            }
            None => Identity::Nobody(IdentityIssue::NoMatch, Vec::new()),
            Some(incomplete) => {
                Identity::Unknown(format!("nobody in the people list has its address, and {incomplete}"))
            }
        }
    }

    /// The address counts, and what else the system says must not contradict it.
    fn by_address_and_hints(&self, address: &str, account: &Account) -> Identity {
        let by_address = self.by_address(address);
        match (by_address, self.by_hints(&account.hints)) {
            (by_address, Hinted::Nobody) => by_address,
            (Identity::Nobody(..), Hinted::Contradiction(found)) => ambiguous(found),
            (Identity::Person(person), Hinted::Contradiction(mut found)) => {
                found.push(person);
                ambiguous(found)
            }
            (Identity::Nobody(IdentityIssue::NoMatch, _), Hinted::Unknown(reason)) => Identity::Unknown(reason),
            (Identity::Nobody(IdentityIssue::NoMatch, _), Hinted::People(found)) => {
                self.one_of(&found, "its employee number")
            }
            (Identity::Person(person), Hinted::People(found)) if !found.contains(&person) => {
                ambiguous(found.into_iter().chain(std::iter::once(person)).collect())
            }
            (by_address, _) => by_address,
        }
    }

    /// Those whom a system's hints name: by HRIS id, or by employee number.
    fn by_hints(&self, hints: &LinkHints) -> Hinted {
        let by_id = hints.external_id.as_deref().and_then(|id| self.person(id));
        // A few digits are anybody's number: they may contradict, and not link.
        let long = hints.external_id.as_ref().is_some_and(|id| can_link(id));
        let by_number = hints.employee_number.as_ref().and_then(|named| {
            let by_number = self.identities.by_number.get_or_init(|| ByText::new(self.people, number));
            by_number.find(self.people, named, number)
        });
        match (by_id, by_number) {
            (Some(person), Some(ref found)) if !found.contains(&person) => {
                return Hinted::Contradiction(std::iter::once(person).chain(found.iter().copied()).collect());
            }
            (Some(person), _) if long => return Hinted::People(vec![person]),
            (_, Some(found)) => return Hinted::People(found),
            (_, None) => {}
        }
        match &hints.employee_number {
            Some(number) if self.identities.without_number > 0 => {
                let people = counted(self.identities.without_number, "person", "people");
                Hinted::Unknown(format!(
                    "nobody is known to have its employee number `{number}`, and that of {people} is unknown"
                ))
            }
            _ => Hinted::Nobody,
        }
    }

    /// The one person of several with the same address or number. Those who have left give way; where all have, the
    /// last to join counts, since a re-hired person has two records.
    fn one_of(&self, found: &[usize], what: &str) -> Identity {
        if let [one] = found {
            return Identity::Person(*one);
        }
        let source = |at: &usize| self.people.get(*at).map(|person| person.sources.source.as_str());
        if found.iter().any(|at| source(at) != found.first().and_then(source)) {
            return Identity::Unknown(format!(
                "people of several staff lists have {what}, and nobody says whether they are one person"
            ));
        }
        if let Some(open) = found.iter().copied().find(|at| self.stage(*at) == Stage::Unknown) {
            let id = self.people.get(open).map_or("", |person| person.id);
            return Identity::Unknown(format!("several people have {what}, and whether `{id}` is employed is unknown"));
        }
        // A record that has not begun yet must not hide the access of one that has ended.
        let of = |wanted: Stage| found.iter().copied().filter(|at| self.stage(*at) == wanted).collect::<Vec<usize>>();
        let (current, left, to_come) = (of(Stage::Current), of(Stage::Left), of(Stage::ToCome));
        let (current, found) = match (current.is_empty(), left.is_empty()) {
            (false, _) => (current, found.to_vec()),
            (true, false) => (Vec::new(), left),
            (true, true) => (to_come, found.to_vec()),
        };
        match current.as_slice() {
            [one] => Identity::Person(*one),
            [] => {
                let joined = |at: &usize| self.people.get(*at).map(|p| (p.start_date.known().copied(), p.id));
                match found.iter().copied().max_by(|a, b| joined(a).cmp(&joined(b))) {
                    Some(last) => Identity::Person(last),
                    None => Identity::Nobody(IdentityIssue::NoMatch, Vec::new()),
                }
            }
            _ => Identity::Nobody(IdentityIssue::Ambiguous, current),
        }
    }

    /// Where a person's employment stands on the day.
    fn stage(&self, at: usize) -> Stage {
        let Some(person) = self.people.get(at) else { return Stage::Unknown };
        let begun = match (&person.start_date, &person.status) {
            (Fact::Known(start), _) => *start <= self.identities.today,
            (_, status) => *status != Fact::Known(EmploymentStatus::NewHire),
        };
        if person.status == Fact::Known(EmploymentStatus::Offboarded)
            || person.end_date.known().is_some_and(|end| *end < self.identities.today)
        {
            // Of several who have left, the last to join counts.
            if person.start_date.is_unknown() { Stage::Unknown } else { Stage::Left }
        } else if person.status.is_unknown() || person.end_date.is_unknown() || person.start_date.is_unknown() {
            Stage::Unknown
        } else if begun {
            Stage::Current
        } else {
            Stage::ToCome
        }
    }
}

/// Different people whom the account might belong to.
fn ambiguous(mut found: Vec<usize>) -> Identity {
    found.sort_unstable();
    found.dedup();
    Identity::Nobody(IdentityIssue::Ambiguous, found)
}
