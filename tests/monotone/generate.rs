//! Random organisations, what the bundle declares about them, and the removal of facts.

use serde_json::Value;

use crate::{
    choose::{Choose, chance, pick},
    facts::{Facts, IDS, account, hide, is_other, person, request},
};

/// What a bundle declares, line by line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declared {
    pub(crate) assumptions: Vec<&'static str>,
    /// Entries of `people:`.
    pub(crate) people: Vec<String>,
    /// Entries of `accounts:`.
    pub(crate) accounts: Vec<String>,
    /// The pattern of account ids.
    pub(crate) pattern: Option<&'static str>,
}

/// The fact that a pattern reads.
const FACTS: &str = "facts: [{ entity: Person, name: github, type: string }]\n";

impl Declared {
    /// The YAML files of these declarations.
    pub(crate) fn files(&self) -> Vec<(&'static str, String)> {
        let list = |key: &str, entries: &[String]| {
            let entries: String = entries.iter().map(|entry| format!("- {entry}\n")).collect();
            if entries.is_empty() { format!("{key}: []\n") } else { format!("{key}:\n{entries}") }
        };
        let identities = list("people", &self.people) + &list("accounts", &self.accounts);
        let pattern = self.pattern.map(|pattern| ("systems/git.yaml", format!("system: git\naccounts: '{pattern}'\n")));
        let files = [
            ("evidence.yaml", format!("assumptions: [{}]\n", self.assumptions.join(", "))),
            ("identities.yaml", identities),
            ("facts.yaml", FACTS.to_owned()),
        ];
        files.into_iter().chain(pattern).collect()
    }
}

/// A day before the lists were pulled, the day on which they were, and one after it.
pub(crate) const DAYS: [&str; 3] = ["2026-11-10T09:00:00Z", "2026-11-20T09:00:00Z", "2026-12-01T09:00:00Z"];

/// A case: what is known, one way in which everything may be, and what the bundle declares.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) as_of: &'static str,
    pub(crate) declared: Declared,
    pub(crate) truth: Facts,
    /// The truth without some facts and records.
    pub(crate) cut: Facts,
}

pub(crate) fn case(choose: &mut dyn Choose) -> Case {
    let truth = truth(choose);
    let cut = cut(choose, &truth);
    let declared = declared(choose);
    let as_of = pick(choose, &[DAYS[1], DAYS[1], DAYS[1], DAYS[0], DAYS[2]]);
    Case { as_of, declared, truth, cut }
}

/// A few people, accounts and requests of which everything is known.
fn truth(choose: &mut dyn Choose) -> Facts {
    let has_second_list = chance(choose, 25);
    let presence = pick(choose, &[35, 60, 80]);
    let mut people = Vec::new();
    for id in IDS {
        if chance(choose, presence) {
            let source = if has_second_list && chance(choose, 40) { "hr-2" } else { "hr" };
            people.push(person(choose, id, source));
        }
    }
    let accounts = (0..1 + choose.below(2)).map(|at| account(choose, &format!("a{at}"))).collect();
    let requests = (0..choose.below(3)).map(|at| request(choose, &format!("t{at}"))).collect();
    Facts {
        people,
        accounts,
        requests,
        staff_is_complete: Some(true),
        further_staff_is_complete: has_second_list.then_some(true),
        staff_lacks_only_others: false,
        accounts_are_complete: true,
        requests_are_complete: Some(true),
    }
}

/// Removes facts, and records from lists that are then incomplete.
fn cut(choose: &mut dyn Choose, truth: &Facts) -> Facts {
    let mut cut = truth.clone();
    let share = pick(choose, &[3, 8, 20]);
    cut.each(&mut |kind, record| {
        for fact in kind.facts() {
            if chance(choose, share) {
                hide(record, fact);
            }
        }
    });
    let mut is_incomplete = || chance(choose, 25);
    let (staff, further, accounts, requests) = (is_incomplete(), is_incomplete(), is_incomplete(), is_incomplete());
    cut.staff_lacks_only_others = chance(choose, 40);
    let only_others = cut.staff_lacks_only_others;
    let hidden: Vec<Value> =
        truth.people.iter().filter(|person| is_other(person)).map(|one| one["id"].clone()).collect();
    let mut thin = |list: &mut Vec<Value>, source: &str| {
        list.retain(|record| {
            let stays = source.starts_with("hr") && only_others && !hidden.contains(&record["id"]);
            record["source"] != source || stays || chance(choose, 60)
        });
        false
    };
    if staff {
        cut.staff_is_complete = Some(thin(&mut cut.people, "hr"));
    }
    if further && cut.further_staff_is_complete.is_some() {
        cut.further_staff_is_complete = Some(thin(&mut cut.people, "hr-2"));
    }
    if accounts {
        cut.accounts_are_complete = thin(&mut cut.accounts, "git");
    }
    if requests {
        cut.requests_are_complete = Some(thin(&mut cut.requests, "desk"));
    }
    if chance(choose, 2) {
        // Nobody lists staff.
        cut.people.clear();
        cut.staff_lacks_only_others = false;
        (cut.staff_is_complete, cut.further_staff_is_complete) = (None, None);
    }
    if chance(choose, 2) {
        cut.requests.clear();
        cut.requests_are_complete = None;
    }
    cut
}

fn declared(choose: &mut dyn Choose) -> Declared {
    let assumptions = ["work-email-unique", "employee-number-unique", "declarations-hold"];
    let assumptions = assumptions.into_iter().filter(|_| chance(choose, 50)).collect();
    let mut people = Vec::new();
    // No address is declared for two people.
    let mut addresses = vec!["a@x.example", "b@x.example", "c@x.example"];
    for id in IDS {
        match choose.below(6) {
            0 => {
                let address = addresses.remove(choose.below(addresses.len()));
                people.push(format!("{{ id: {id}, emails: [{address}] }}"));
            }
            1 => people.push(format!("{{ id: {id}, in_scope: false, reason: adviser }}")),
            _ => {}
        }
        if addresses.is_empty() {
            break;
        }
    }
    let accounts = ["a0", "a1"].into_iter().filter_map(|id| {
        let at = format!("system: git, account: {id}");
        let (one, other) = (pick(choose, &IDS), pick(choose, &IDS));
        let despite = if chance(choose, 30) {
            let reviewed = pick(choose, &["2026-10-01", "2026-10-01", "2025-01-01", "2027-02-01"]);
            format!(", despite: {other}, reason: agreed, reviewed_on: {reviewed}")
        } else {
            String::new()
        };
        match choose.below(8) {
            0 | 1 => Some(format!("{{ {at}, person: {one}{despite} }}")),
            2 => Some(format!("{{ {at}, class: service, owner: {one}, review_by: 2027-03-31{despite} }}")),
            3 => Some(format!("{{ {at}, class: shared{despite} }}")),
            _ => None,
        }
    });
    let accounts = accounts.collect();
    let pattern = pick(choose, &[None, Some("{github}"), Some("{email.local}0")]);
    Declared { assumptions, people, accounts, pattern }
}
