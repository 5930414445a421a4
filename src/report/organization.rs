//! The organisation as a report draws it: the reporting lines, and the access that people hold in each system.

use std::collections::BTreeMap;

use crate::{
    bundle::{Outcome, reads::reads},
    engine::{
        answer::{Answer, Evaluation, Subject},
        explain::facts::account_owner_label,
    },
    model::EmploymentStatus,
};

/// More of each are not drawn: a browser cannot show a larger page.
const DRAWN: usize = 20_000;

/// Reporting lines and access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// Current people, in order of ids.
    pub people: Vec<Member>,
    /// How many more there are.
    pub people_left_out: usize,
    /// What accounts hold, in the order of checks, accounts and levels.
    pub holdings: Vec<Holding>,
    /// How many more there are.
    pub holdings_left_out: usize,
}

/// A person and the line to the manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person's id.
    pub id: String,
    /// The name, as the source wrote it.
    pub name: Option<String>,
    /// The job title in effect.
    pub job_title: Option<String>,
    /// Id of the manager, who need not be among these people.
    pub manager: Option<String>,
    /// What is wrong with the line to the manager.
    pub issue: Option<String>,
}

/// A level that an account holds, and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The system.
    pub system: String,
    /// The level.
    pub level: String,
    /// The account's id within its system.
    pub account: String,
    /// The owner's name, or the account's address.
    pub label: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// The first rule or access rule that it rests on, with its file in the bundle and line.
    pub rule: Option<(String, String, usize)>,
}

impl Organization {
    /// Of an evaluation that kept every answer.
    #[must_use]
    pub fn of(evaluation: &Evaluation<'_>) -> Self {
        let mut organization = Organization::default();
        organization.draw_people(evaluation);
        organization.draw_holdings(evaluation);
        organization
    }

    fn draw_people(&mut self, evaluation: &Evaluation<'_>) {
        let resolved = &evaluation.resolved;
        let open = open_lines(evaluation);
        for (index, person) in resolved.people.iter().enumerate() {
            let has_left = person.status.known() == Some(&EmploymentStatus::Offboarded)
                || person.end_date.known().is_some_and(|last| *last < resolved.today);
            if has_left {
                continue;
            }
            if self.people.len() == DRAWN {
                self.people_left_out += 1;
                continue;
            }
            let issue = person.manager_issue.known().map(|issue| format!("{issue} manager"));
            let issue = issue.or_else(|| open.get(&index).cloned());
            let manager = person.manager.known().and_then(|manager| resolved.person(*manager));
            self.people.push(Member {
                id: person.id.to_owned(),
                name: person.name.known().map(|name| (*name).to_owned()),
                job_title: person.job_title.known().map(|title| (*title).to_owned()),
                manager: manager.map(|manager| manager.id.to_owned()),
                issue,
            });
        }
    }

    fn draw_holdings(&mut self, evaluation: &Evaluation<'_>) {
        for answer in evaluation.answers.iter().filter(|answer| answer.level.is_some()) {
            if self.holdings.len() == DRAWN {
                self.holdings_left_out += 1;
                continue;
            }
            self.holdings.extend(holding(evaluation, answer));
        }
    }
}

/// By person: what is wrong with the reporting line, by the checks whose rules look at it.
fn open_lines(evaluation: &Evaluation<'_>) -> BTreeMap<usize, String> {
    let bundle = evaluation.resolved.bundle;
    let of_lines: Vec<bool> = bundle
        .checks
        .iter()
        .map(|check| {
            let rules = bundle.rules.iter().filter(|rule| rule.grants.is_none() && rule.applies_to(check));
            let looks = |part: Option<&String>| part.is_some_and(|part| part.starts_with("manager"));
            rules.flat_map(reads).any(|read| looks(read.path.get(1)))
        })
        .collect();
    let answers = evaluation.answers.iter().filter(|answer| answer.verdict.outcome.is_open());
    let of_lines = answers.filter(|answer| of_lines.get(answer.check).is_some_and(|looks| *looks));
    let people = of_lines.filter_map(|answer| match answer.subject {
        Subject::Person(index) => Some((index, issue(evaluation, answer))),
        Subject::Account(_) | Subject::System(_) | Subject::Organization => None,
    });
    people.collect()
}

/// What the first rule says that the outcome rests on, else what is said where no rule lets the person pass.
fn issue(evaluation: &Evaluation<'_>, answer: &Answer) -> String {
    let bundle = evaluation.resolved.bundle;
    if answer.verdict.outcome == Outcome::Unknown {
        return "unknown".to_owned();
    }
    let rule = answer.verdict.rules.first().and_then(|rule| bundle.rules.get(usize::try_from(*rule).ok()?));
    let said = rule.and_then(|rule| rule.message.clone());
    said.or_else(|| bundle.checks.get(answer.check)?.message.clone()).unwrap_or_else(|| "broken".to_owned())
}

fn holding(evaluation: &Evaluation<'_>, answer: &Answer) -> Option<Holding> {
    let resolved = &evaluation.resolved;
    let Subject::Account(index) = answer.subject else { return None };
    let account = resolved.account_at(index)?;
    let rule = answer.verdict.rules.first().and_then(|rule| resolved.bundle.rules.get(usize::try_from(*rule).ok()?));
    Some(Holding {
        system: account.record.system.clone(),
        level: answer.level.as_deref()?.to_owned(),
        account: account.record.id.clone(),
        label: account_owner_label(resolved, &account),
        outcome: answer.verdict.outcome,
        rule: rule.map(|rule| (rule.id.clone(), rule.location.file.to_string(), rule.location.line)),
    })
}
