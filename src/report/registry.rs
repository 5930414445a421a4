//! The registry between verdicts and renderers: the order of findings, and the groups of those with one cause.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::model::{ClockState, Finding, Reason, RuleStatus};
use crate::bundle::{Outcome, Severity};

/// The namespace of group ids; a constant of this crate, never to be changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x9f41_7b0e_52c8_5c1d_8a6f_3d20_64be_17a9);

/// How much attention a finding needs, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attention {
    /// It is open.
    Open,
    /// It is open and waived.
    Waived,
    /// It is exempt.
    Exempt,
    /// It passes or does not apply.
    None,
}

impl Attention {
    pub(super) fn of(outcome: Outcome, is_waived: bool) -> Self {
        match outcome {
            Outcome::Fail | Outcome::Unknown if is_waived => Attention::Waived,
            Outcome::Fail | Outcome::Unknown => Attention::Open,
            Outcome::Exempt => Attention::Exempt,
            Outcome::Pass | Outcome::NotApplicable => Attention::None,
        }
    }
}

/// Where a finding comes in a report: worst first. Findings of one rank come by check, subject and level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) attention: Attention,
    pub(super) severity: Severity,
    pub(super) has_time: bool,
}

impl Rank {
    pub(super) fn new(outcome: Outcome, is_waived: bool, severity: Severity, state: Option<ClockState>) -> Self {
        let attention = Attention::of(outcome, is_waived);
        let is_overdue = attention == Attention::Open && state == Some(ClockState::Overdue);
        Rank { attention, severity, has_time: !is_overdue }
    }

    pub(super) fn of(finding: &Finding) -> Self {
        let state = finding.clock.as_ref().and_then(|clock| clock.state);
        Rank::new(finding.outcome, finding.waiver.is_some(), finding.severity, state)
    }
}

/// What findings of one group share.
pub(super) struct Cause<'c> {
    pub(super) check: &'c str,
    pub(super) outcome: Outcome,
    pub(super) is_waived: bool,
    pub(super) system: Option<&'c str>,
    pub(super) reasons: &'c [Reason],
    pub(super) message: &'c str,
}

impl Cause<'_> {
    /// The id of the group: the same cause keeps it from run to run.
    pub(super) fn group(&self, organization: &str) -> String {
        // The rules that are not satisfied differ from level to level, and are no cause.
        let rules = self.reasons.iter().filter(|reason| reason.bearing != RuleStatus::NotSatisfied);
        let rules: BTreeSet<&str> = rules.map(|reason| reason.rule.as_str()).collect();
        let waived = if self.is_waived { "waived" } else { "" };
        let mut key = vec![organization, self.check, self.outcome.word(), waived, self.system.unwrap_or_default()];
        key.push(self.message);
        key.extend(rules);
        Uuid::new_v5(&NAMESPACE, key.join("\u{1f}").as_bytes()).to_string()
    }
}

/// A subject of a group, with the levels that are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) subject: String,
    pub(super) kind: String,
    pub(super) label: Option<String>,
    pub(super) levels: Vec<String>,
    /// The due day of the most urgent finding, and whether it has passed.
    pub(super) due: Option<(String, bool)>,
    /// The waiver's id and last day.
    pub(super) waiver: Option<(String, String)>,
    pub(super) is_new: bool,
    /// The id of the first of its findings.
    pub(super) finding: String,
}

/// Findings with one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) check: String,
    pub(super) severity: Severity,
    pub(super) outcome: Outcome,
    pub(super) attention: Attention,
    pub(super) message: String,
    /// How many findings it has.
    pub(super) count: usize,
    /// What to do about all of them.
    pub(super) remedy: Option<String>,
    pub(super) members: Vec<Member>,
}

/// A group, and what its order and remedy come from.
struct LazyReport {
    group: Group,
    rank: Rank,
    /// Remedies; two are enough to know that they differ.
    remedies: BTreeSet<String>,
    by_subject: BTreeMap<String, usize>,
}

/// The groups of findings, worst first. `general` gives what to do about a check where the findings differ.
pub(super) fn groups<F: std::borrow::Borrow<Finding>>(
    organization: &str,
    findings: impl Iterator<Item = F>,
    general: impl Fn(&str) -> Option<String>,
) -> Vec<Group> {
    let mut drafts: Vec<LazyReport> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let finding = finding.borrow();
        let id = group_id(organization, finding);
        let rank = Rank::of(finding);
        let index = *by_id.entry(id.clone()).or_insert(drafts.len());
        if index == drafts.len() {
            drafts.push(LazyReport {
                group: Group {
                    id,
                    check: finding.check.clone(),
                    severity: finding.severity,
                    outcome: finding.outcome,
                    attention: rank.attention,
                    message: finding.message.clone(),
                    count: 0,
                    remedy: None,
                    members: Vec::new(),
                },
                rank,
                remedies: BTreeSet::new(),
                by_subject: BTreeMap::new(),
            });
        }
        if let Some(draft) = drafts.get_mut(index) {
            draft.add(finding, rank);
        }
    }
    drafts.sort_by(|a, b| (a.rank, &a.group.check).cmp(&(b.rank, &b.group.check)));
    let finish = |draft: LazyReport| {
        let LazyReport { mut group, remedies, .. } = draft;
        let only = if remedies.len() == 1 { remedies.into_iter().next() } else { general(&group.check) };
        group.remedy = only.filter(|_| matches!(group.attention, Attention::Open | Attention::Waived));
        group
    };
    drafts.into_iter().map(finish).collect()
}

/// The group of a finding.
pub(super) fn group_id(organization: &str, finding: &Finding) -> String {
    finding.group.clone().unwrap_or_else(|| group_of(organization, finding))
}

/// The group of a finding of a report that names none.
fn group_of(organization: &str, finding: &Finding) -> String {
    let system = finding.subject.id.split_once('/').map(|(system, _)| system);
    Cause {
        check: &finding.check,
        outcome: finding.outcome,
        is_waived: finding.waiver.is_some(),
        system: system.filter(|_| finding.subject.kind == "Account"),
        reasons: &finding.reasons,
        message: &finding.message,
    }
    .group(organization)
}

impl LazyReport {
    fn add(&mut self, finding: &Finding, rank: Rank) {
        self.rank = self.rank.min(rank);
        self.group.count += 1;
        if self.remedies.len() < 2 {
            self.remedies.extend(finding.advice.as_ref().map(|advice| advice.text.clone()));
        }
        let due = finding
            .clock
            .as_ref()
            .and_then(|clock| Some((clock.due.clone()?, clock.state == Some(ClockState::Overdue))));
        let level = finding.entitlement.as_deref().map(|held| held.split_once('/').map_or(held, |(_, level)| level));
        let key = format!("{} {}", finding.subject.kind, finding.subject.id);
        let index = *self.by_subject.entry(key).or_insert(self.group.members.len());
        match self.group.members.get_mut(index) {
            Some(member) => member.levels.extend(level.map(str::to_owned)),
            None => self.group.members.push(Member {
                subject: finding.subject.id.clone(),
                kind: finding.subject.kind.clone(),
                label: finding.subject.label.clone(),
                levels: level.map(str::to_owned).into_iter().collect(),
                due,
                waiver: finding.waiver.as_ref().map(|waiver| (waiver.id.clone(), waiver.expires.clone())),
                finding: finding.id.clone(),
                is_new: finding.baseline.as_ref().is_some_and(|note| note.status.is_new()),
            }),
        }
    }
}
