//! Accounts whose ids come from facts of their owners, by the pattern of their system: used like an address. A pattern
//! is a declaration about all accounts of a system: it gives way to one about a single account, and settles nothing
//! that the account's own facts contradict.

use crate::{
    bundle::{AccountPattern, Assumption, data::patterns::PatternPart},
    model::Account,
    resolve::{
        derived::{Reason, Ternary},
        gaps::More,
        identity::{Identity, IdentityResolver, Stage},
        patterns::{SystemPattern, can_make},
        resolved::IdentityIssue,
    },
};

impl<'a> IdentityResolver<'_, 'a> {
    /// The person behind an account of which nothing is declared by itself: by the pattern of its system, and by its own
    /// facts.
    pub(super) fn identify_undeclared(&self, account: &Account) -> Identity {
        let Some(pattern) = self.identities.patterns.of(&account.system) else { return self.shown(account) };
        let holds = self.identities.rules.assumes(Assumption::DeclarationsHold);
        match (self.by_pattern(pattern, account), self.shown(account)) {
            (Identity::Person(one), shown) => self.unless_named_otherwise(one, shown, account),
            (Identity::Nobody(IdentityIssue::Ambiguous, several), shown) => match shown {
                Identity::Person(one) if several.contains(&one) => Identity::Person(one),
                // The pattern may name this person too, and then the account's own facts choose.
                Identity::Person(one) if self.may_be_named(pattern, one, account) => {
                    Identity::Unknown("the pattern of its system may name the person that its own facts name".into())
                }
                Identity::Person(one) => ambiguous(several.into_iter().chain([one])),
                Identity::Unknown(reason) => Identity::Unknown(reason),
                Identity::Nobody(..) | Identity::Declared => Identity::Nobody(IdentityIssue::Ambiguous, several),
            },
            (Identity::Nobody(..) | Identity::Declared, shown) => shown,
            // An unknown fact may name another person, and contradict the account's own facts. The bundle assumes not.
            (Identity::Unknown(_), Identity::Person(one)) if holds => Identity::Person(one),
            (Identity::Unknown(reason), _) => Identity::Unknown(reason),
        }
    }

    /// The person that a pattern names, unless the account's own facts name another one.
    fn unless_named_otherwise(&self, one: usize, shown: Identity, account: &Account) -> Identity {
        if let Identity::Person(shown) = shown {
            return if shown == one { Identity::Person(one) } else { ambiguous([one, shown].into_iter()) };
        }
        let is_unmatched = matches!(shown, Identity::Nobody(IdentityIssue::NoAddress | IdentityIssue::NoMatch, _));
        let (contradicts, others) = self.own_facts_contradict(one, account);
        match contradicts {
            Ternary::True => ambiguous(others.into_iter().chain([one])),
            Ternary::Unknown(reason) => Identity::Unknown(reason),
            // They name the person among others: which one is for them to say.
            Ternary::False if !others.is_empty() && !is_unmatched => shown,
            Ternary::False => match self.may_be_contradicted(account) {
                Ternary::False => Identity::Person(one),
                Ternary::True => Identity::Unknown("the account's own facts may name another person".into()),
                Ternary::Unknown(reason) => Identity::Unknown(reason),
            },
        }
    }

    /// Whether a pattern that names several people may turn out to name this one too: a fact that it reads is unknown, or
    /// whether the person is employed.
    fn may_be_named(&self, pattern: SystemPattern<'_>, one: usize, account: &Account) -> bool {
        let Some(person) = self.people.get(one) else { return true };
        let named = pattern.people(self.people, self.identities.today).find(&account.id).contains(&one);
        pattern.is_open(&person) || (named && matches!(self.stage(one), Stage::Unknown))
    }

    fn by_pattern(&self, system: SystemPattern<'_>, account: &Account) -> Identity {
        let nobody = || Identity::Nobody(IdentityIssue::NoMatch, Vec::new());
        let pattern = system.pattern;
        if !can_make(pattern, &account.id) {
            return nobody();
        }
        let table = system.people(self.people, self.identities.today);
        let what = format!("id by the pattern `{}`", pattern.text);
        let more = |found: &[usize]| self.identities.gaps.more(&table.lacking, self.people, found, &what);
        match table.find(&account.id) {
            [] => match more(&[]).of_any_stage() {
                More::Anyone(reason) => Identity::Unknown(unmatched(pattern, &reason)),
                More::Nobody | More::OthersGiveWay(_) => nobody(),
            },
            found => self.one_of(found, &format!("its {what}"), more(found)),
        }
    }
}

fn unmatched(pattern: &AccountPattern, reason: &Reason) -> Reason {
    let fields = pattern.parts.iter().filter_map(|part| match part {
        PatternPart::Field(field) => Some(format!("`{}`", field.name())),
        PatternPart::Text(_) => None,
    });
    let fields = fields.collect::<Vec<_>>().join(", ");
    format!("by {fields} no listed person has its id, and {reason}").into()
}

fn ambiguous(people: impl Iterator<Item = usize>) -> Identity {
    let mut people: Vec<usize> = people.collect();
    people.sort_unstable();
    people.dedup();
    Identity::Nobody(IdentityIssue::Ambiguous, people)
}
