//! Who may be behind accounts without a known person: candidates with their evidence, for people to decide. Nothing here
//! links an account.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    identity::{IdentityResolver, Stage},
    resolved_snapshot::ResolvedSnapshot,
};
use crate::model::{Account, AccountClass, AccountStatus, Fact, FactValue, fold::fold};

/// An account without a known person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnlinkedAccount {
    pub(crate) system: String,
    pub(crate) account: String,
    /// The one person to whom evidence points.
    pub(crate) candidate: Option<Candidate>,
    /// People to whom evidence points that is weak, or that points to several.
    pub(crate) near: Vec<Candidate>,
}

/// A person who may be behind an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) person: String,
    pub(crate) name: Option<String>,
    pub(crate) has_left: bool,
    /// What the account and the person have in common.
    pub(crate) evidence: Vec<String>,
}

/// Evidence by text: the people who have it, and what it is. Strong evidence comes first.
#[derive(Debug, Default)]
struct Evidence {
    strong: BTreeMap<String, Vec<(usize, String)>>,
    weak: BTreeMap<String, Vec<(usize, String)>>,
}

/// Shorter texts are anyone's.
const SHORTEST: usize = 3;

/// People of one text beyond which it says nothing.
const PEOPLE: usize = 5;

/// Every account without a known person and without a declaration, by system and id.
#[must_use]
pub(crate) fn suggestions(resolved: &ResolvedSnapshot<'_>) -> Vec<UnlinkedAccount> {
    let evidence = Evidence::of(resolved);
    let accounts = (0..resolved.accounts.len()).filter_map(|index| resolved.account_at(index));
    let is_open = |account: &super::ResolvedAccount<'_>| {
        let is_staff = matches!(account.class, Fact::Known(AccountClass::Staff) | Fact::Empty | Fact::Unknown);
        let is_gone = account.record.status.is(|status| matches!(status, AccountStatus::Deactivated)).is_true();
        account.mapping.is_none() && account.owner.known().is_none() && is_staff && !is_gone
    };
    let mut unlinked: Vec<UnlinkedAccount> =
        accounts.filter(|account| is_open(account)).map(|account| evidence.about(resolved, &account.record)).collect();
    unlinked.sort_by(|a, b| (&a.system, &a.account).cmp(&(&b.system, &b.account)));
    unlinked
}

impl Evidence {
    fn of(resolved: &ResolvedSnapshot<'_>) -> Self {
        let mut evidence = Evidence::default();
        for (at, person) in resolved.people.iter().enumerate() {
            let mut put = |is_strong: bool, text: &str, what: String| {
                let text = fold(text).into_owned();
                if text.chars().count() >= SHORTEST {
                    let all = if is_strong { &mut evidence.strong } else { &mut evidence.weak };
                    all.entry(text).or_default().push((at, what));
                }
            };
            if let Fact::Known(address) = person.work_email {
                let address = address.to_string();
                put(true, local_part(&address), format!("same local part as {address}"));
            }
            if let Fact::Known(number) = person.employee_number {
                put(true, number, format!("same number: {number}"));
            }
            put(true, person.id, "same id".to_owned());
            if let Fact::Known(name) = person.name {
                for (is_strong, text) in forms(name) {
                    let what = if is_strong { "same name" } else { "like the name" };
                    put(is_strong, &text, format!("{what}: {name}"));
                }
            }
        }
        for person in &resolved.snapshot.people {
            let Some(at) = resolved.person_index(&person.id) else { continue };
            for (name, value) in &person.facts {
                if let Some(FactValue::Text(text)) = value
                    && text.chars().count() >= SHORTEST
                {
                    let all = evidence.strong.entry(fold(text).into_owned()).or_default();
                    all.push((at, format!("same as the person's `{name}`")));
                }
            }
        }
        evidence
    }

    fn about(&self, resolved: &ResolvedSnapshot<'_>, account: &Account) -> UnlinkedAccount {
        let (strong, weak) = (self.found(&self.strong, account), self.found(&self.weak, account));
        let candidate = |(at, evidence): (usize, Vec<String>)| candidate(resolved, at, evidence);
        let (candidate, near) = match (strong.len(), weak) {
            (1, _) => (strong.into_iter().next().and_then(candidate), Vec::new()),
            (0, weak) => (None, weak.into_iter().filter_map(candidate).collect()),
            (_, _) => (None, strong.into_iter().filter_map(candidate).collect()),
        };
        UnlinkedAccount { system: account.system.clone(), account: account.id.clone(), candidate, near }
    }

    /// The people to whom the texts of an account point, with the evidence.
    fn found(&self, among: &BTreeMap<String, Vec<(usize, String)>>, account: &Account) -> BTreeMap<usize, Vec<String>> {
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for text in texts(account) {
            let people = among.get(&*fold(&text)).map_or(&[][..], Vec::as_slice);
            // A text that many share, such as the value of a fact, points to none of them.
            for (at, what) in people.iter().filter(|_| people.len() <= PEOPLE) {
                let evidence = found.entry(*at).or_default();
                if !evidence.contains(what) {
                    evidence.push(what.clone());
                }
            }
        }
        found
    }
}

/// The texts of an account that may point to a person.
fn texts(account: &Account) -> Vec<Cow<'_, str>> {
    let hints = &account.hints;
    let addresses = account.email.known().into_iter().chain(&hints.addresses);
    let ids = [&hints.external_id, &hints.employee_number].into_iter().flatten();
    let whole = std::iter::once(&account.id).chain(ids).map(|text| Cow::Borrowed(text.as_str()));
    let locals = addresses.chain([&account.id]).map(|text| Cow::Borrowed(local_part(text)));
    whole.chain(locals).collect()
}

/// What comes before the `@`, without a `+tag`.
fn local_part(text: &str) -> &str {
    let local = text.rsplit_once('@').map_or(text, |(local, _)| local);
    local.split_once('+').map_or(local, |(local, _)| local).trim()
}

/// Logins that people make of a name: of all of it, which is strong evidence, and of an initial and a part.
fn forms(name: &str) -> Vec<(bool, String)> {
    let folded = fold(name);
    let parts: Vec<&str> =
        folded.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Vec::new() };
    if parts.len() < 2 {
        return Vec::new();
    }
    let joined = |between: &str| (true, format!("{first}{between}{last}"));
    let turned = |between: &str| (true, format!("{last}{between}{first}"));
    let begin = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    let mut forms: Vec<(bool, String)> =
        ["", ".", "-", "_"].into_iter().flat_map(|one| [joined(one), turned(one)]).collect();
    for between in ["", ".", "-", "_"] {
        forms.push((false, format!("{}{between}{last}", begin(first))));
        forms.push((false, format!("{first}{between}{}", begin(last))));
    }
    forms.push((false, (*last).to_owned()));
    forms.push((false, (*first).to_owned()));
    forms.dedup();
    forms
}

fn candidate(resolved: &ResolvedSnapshot<'_>, at: usize, evidence: Vec<String>) -> Option<Candidate> {
    let person = resolved.person(at)?;
    let resolver = IdentityResolver { identities: &resolved.identities, people: &resolved.people };
    Some(Candidate {
        person: person.id.to_owned(),
        name: person.name.known().map(|name| (*name).to_owned()),
        has_left: resolver.stage(at) == Stage::Left,
        evidence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_made_of_names() {
        let forms = forms("Ann-Marie  Ämes");
        let of = |strong: bool| forms.iter().filter(move |(is, _)| *is == strong).map(|(_, text)| text.as_str());
        assert!(of(true).any(|text| text == "ann.ämes") && of(true).any(|text| text == "ämes_ann"));
        assert!(of(false).any(|text| text == "aämes") && of(false).any(|text| text == "ann-ä"));
        assert!(super::forms("Cher").is_empty() && super::forms("").is_empty());
        assert_eq!((local_part("a.b+c@x"), local_part("ab")), ("a.b", "ab"));
    }
}
