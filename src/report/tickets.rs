//! Tickets: one for each group of open findings, with what routing needs. What is waived is left out.

#[cfg(feature = "cli")]
mod forms;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    groups::{Group, summed_groups},
    model::{FilterReport, Finding, PersonReport, Run},
    rank::{Attention, Rank},
    view::View,
};
use crate::bundle::{Outcome, Severity};

#[cfg(feature = "cli")]
pub use forms::{write_csv, write_json};

/// The version of the format.
pub const SCHEMA_VERSION: &str = "1";

/// Characters of a title at most: trackers refuse longer ones.
const TITLE: usize = 200;

/// The tickets of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tickets {
    /// Version of this format.
    pub schema_version: String,
    /// What was judged, by what, as of when.
    pub run: Run,
    /// Which findings the tickets are of, where only some are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<FilterReport>,
    /// How many open findings have no ticket because they are waived.
    pub waived: usize,
    /// The tickets, worst first.
    pub tickets: Vec<Ticket>,
}

/// Open findings with one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ticket {
    /// The id of the group of findings: the same cause keeps it from run to run.
    pub id: String,
    /// The check's title, the system and the cause, 200 characters at most.
    pub title: String,
    /// Id of the check.
    pub check: String,
    /// The check's severity.
    pub severity: Severity,
    /// `fail` or `unknown`.
    pub outcome: Outcome,
    /// What is the matter, in a sentence.
    pub message: String,
    /// Id of the system, for accounts and systems.
    pub system: Option<String>,
    /// The people that the findings concern, by id. Empty if none is known.
    pub owners: Vec<PersonReport>,
    /// Their reporting managers, by id.
    pub managers: Vec<PersonReport>,
    /// The earliest due day; null if no finding has one.
    pub due: Option<String>,
    /// Whether that day has passed.
    pub is_overdue: bool,
    /// What to do about all of them; null if the check says nothing.
    pub remedy: Option<String>,
    /// The subjects: one entry a finding, so an account comes once for each level.
    pub subjects: Vec<TicketSubject>,
}

/// A finding of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketSubject {
    /// Id of the finding.
    pub finding: String,
    /// Entity type: `Person`, `Account`, `System`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Entity id.
    pub id: String,
    /// Name for people, as the source wrote it.
    pub label: Option<String>,
    /// `system/level`, for checks asked of entitlements.
    pub entitlement: Option<String>,
    /// Id of the person that it concerns.
    pub owner: Option<String>,
    /// The last day to resolve it.
    pub due: Option<String>,
}

/// What the findings of a ticket add up to.
#[derive(Default)]
struct TicketDraft {
    system: Option<String>,
    owners: BTreeMap<String, PersonReport>,
    managers: BTreeMap<String, PersonReport>,
    due: Option<(String, bool)>,
    subjects: Vec<TicketSubject>,
}

impl Tickets {
    /// The tickets of a report.
    #[must_use]
    pub fn of(view: &View<'_>) -> Self {
        let mut waived = 0;
        let open = view.findings().filter(|finding| {
            let attention = Rank::of(finding).attention;
            waived += usize::from(attention == Attention::Waived);
            attention == Attention::Open
        });
        let groups = summed_groups(view, open, TicketDraft::add);
        let tickets = groups.into_iter().map(|(group, draft)| ticket(view, group, draft)).collect();
        Tickets {
            schema_version: SCHEMA_VERSION.to_owned(),
            run: view.head.run.clone(),
            filter: view.head.filter.clone(),
            waived,
            tickets,
        }
    }
}

impl TicketDraft {
    fn add(&mut self, finding: &Finding) {
        let person = |person: &PersonReport| (person.id.clone(), person.clone());
        self.system.clone_from(&finding.system);
        self.owners.extend(finding.owner.as_ref().map(person));
        self.managers.extend(finding.manager.as_ref().map(person));
        let clock = finding.clock.as_ref();
        let due = clock.and_then(|clock| Some((clock.due.clone()?, clock.is_overdue())));
        if let Some(due) = &due
            && self.due.as_ref().is_none_or(|earliest| due.0 < earliest.0)
        {
            self.due = Some(due.clone());
        }
        let subject = &finding.subject;
        self.subjects.push(TicketSubject {
            finding: finding.id.clone(),
            kind: subject.kind.clone(),
            id: subject.id.clone(),
            label: subject.label.clone(),
            entitlement: finding.entitlement.clone(),
            owner: finding.owner.as_ref().map(|owner| owner.id.clone()),
            due: due.map(|(due, _)| due),
        });
    }
}

fn ticket(view: &View<'_>, group: Group, draft: TicketDraft) -> Ticket {
    let TicketDraft { system, owners, managers, due, subjects } = draft;
    let check = view.title(&group.check);
    let place = system.as_ref().map(|system| format!(" ({system})")).unwrap_or_default();
    let (due, is_overdue) = due.map_or((None, false), |(due, is_overdue)| (Some(due), is_overdue));
    Ticket {
        title: shortened(&format!("{check}{place}: {}", group.message)),
        id: group.id,
        check: group.check,
        severity: group.severity,
        outcome: group.outcome,
        message: group.message,
        system,
        owners: owners.into_values().collect(),
        managers: managers.into_values().collect(),
        due,
        is_overdue,
        remedy: group.remedy,
        subjects,
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= TITLE {
        return text.to_owned();
    }
    text.chars().take(TITLE - 1).chain(['…']).collect()
}
