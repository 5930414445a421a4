//! The groups of findings with one cause.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

use uuid::Uuid;

use super::{
    model::{Finding, Reason, RuleStatus},
    rank::{Attention, Rank},
    view::View,
};
use crate::bundle::{Outcome, Severity};

/// The namespace of group ids; a constant of this crate, never to be changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x9f41_7b0e_52c8_5c1d_8a6f_3d20_64be_17a9);

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

/// A subject of a group, with those of its levels that have the same due day, waiver and age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) subject: String,
    pub(super) kind: String,
    pub(super) label: Option<String>,
    pub(super) levels: Vec<String>,
    /// The due day of its findings, and whether it has passed.
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

#[cfg(feature = "cli")]
impl Group {
    /// How many subjects it has; one may have several members.
    pub(super) fn subject_count(&self) -> usize {
        let subjects: BTreeSet<_> = self.members.iter().map(|member| (&member.kind, &member.subject)).collect();
        subjects.len()
    }
}

/// What makes findings of one subject members of their own: they are due on another day, are waived otherwise, or are
/// new.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct MemberKey {
    kind: String,
    subject: String,
    due: Option<(String, bool)>,
    waiver: Option<(String, String)>,
    is_new: bool,
}

/// A group, and what its order and remedy come from.
struct GroupDraft<T> {
    group: Group,
    rank: Rank,
    /// Remedies; two are enough to know that they differ.
    remedies: BTreeSet<String>,
    members: BTreeMap<MemberKey, usize>,
    /// What the caller adds up.
    sum: T,
}

/// The groups of findings, worst first.
#[cfg(feature = "cli")]
pub(super) fn groups<F: Borrow<Finding>>(view: &View<'_>, findings: impl Iterator<Item = F>) -> Vec<Group> {
    summed_groups(view, findings, |(), _| ()).into_iter().map(|(group, ())| group).collect()
}

/// The groups of findings, worst first, each with a sum over its findings.
pub(super) fn summed_groups<F: Borrow<Finding>, T: Default>(
    view: &View<'_>,
    findings: impl Iterator<Item = F>,
    add: impl Fn(&mut T, &Finding),
) -> Vec<(Group, T)> {
    let mut drafts: Vec<GroupDraft<T>> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let finding = finding.borrow();
        let id = group_id(&view.head.run.organization, finding);
        let rank = Rank::of(finding);
        let index = *by_id.entry(id.clone()).or_insert(drafts.len());
        if index == drafts.len() {
            drafts.push(GroupDraft::new(id, finding, rank));
        }
        if let Some(draft) = drafts.get_mut(index) {
            draft.add(finding, rank);
            add(&mut draft.sum, finding);
        }
    }
    drafts.sort_by(|a, b| (a.rank, &a.group.check).cmp(&(b.rank, &b.group.check)));
    drafts.into_iter().map(|draft| draft.finish(view)).collect()
}

/// The group of a finding.
fn group_id(organization: &str, finding: &Finding) -> String {
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

impl<T: Default> GroupDraft<T> {
    fn new(id: String, finding: &Finding, rank: Rank) -> Self {
        GroupDraft {
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
            members: BTreeMap::new(),
            sum: T::default(),
        }
    }

    fn add(&mut self, finding: &Finding, rank: Rank) {
        self.rank = self.rank.min(rank);
        self.group.count += 1;
        if self.remedies.len() < 2 {
            self.remedies.extend(finding.advice.as_ref().map(|advice| advice.text.clone()));
        }
        let due = finding.clock.as_ref().and_then(|clock| Some((clock.due.clone()?, clock.is_overdue())));
        let waiver = finding.waiver.as_ref().map(|waiver| (waiver.id.clone(), waiver.expires.clone()));
        let is_new = finding.baseline.as_ref().is_some_and(|note| note.status.is_new());
        let level = finding.entitlement.as_deref().map(|held| held.split_once('/').map_or(held, |(_, level)| level));
        // The level with its name for people.
        let level = level.map(|level| match &finding.level_name {
            Some(name) => format!("{level} ({name})"),
            None => level.to_owned(),
        });
        let key = MemberKey {
            kind: finding.subject.kind.clone(),
            subject: finding.subject.id.clone(),
            due: due.clone(),
            waiver: waiver.clone(),
            is_new,
        };
        let index = *self.members.entry(key).or_insert(self.group.members.len());
        match self.group.members.get_mut(index) {
            Some(member) => member.levels.extend(level),
            None => self.group.members.push(Member {
                subject: finding.subject.id.clone(),
                kind: finding.subject.kind.clone(),
                label: finding.subject.label.clone(),
                levels: level.into_iter().collect(),
                due,
                waiver,
                finding: finding.id.clone(),
                is_new,
            }),
        }
    }

    /// The group with one remedy: the only one of its findings, else what the check says in general.
    fn finish(self, view: &View<'_>) -> (Group, T) {
        let GroupDraft { mut group, remedies, sum, .. } = self;
        let general = || view.check(&group.check).and_then(|check| check.remediation.clone());
        let remedy = if remedies.len() == 1 { remedies.into_iter().next() } else { general() };
        group.remedy = remedy.filter(|_| matches!(group.attention, Attention::Open | Attention::Waived));
        (group, sum)
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::report::{
        Report,
        model::{BaselineNote, BaselineStatus, WaiverNote},
    };

    #[test]
    fn members_have_the_data_of_their_own_findings() {
        let mut report: Report = serde_json::from_str(include_str!("../../fixtures/acme/report.json")).unwrap();
        let is_of_level = |finding: &&Finding| finding.outcome == Outcome::Fail && finding.entitlement.is_some();
        let finding = report.findings.iter().find(is_of_level).unwrap().clone();
        let level = |level: &str| {
            let entitlement = Some(format!("github/{level}"));
            Finding { id: level.to_owned(), entitlement, baseline: None, waiver: None, ..finding.clone() }
        };
        let new = BaselineNote { status: BaselineStatus::New, first_seen: "2026-11-20".to_owned() };
        let waiver = WaiverNote {
            id: "W-1".to_owned(),
            reason: "a".to_owned(),
            approved_by: "b".to_owned(),
            expires: "2026-12-01".to_owned(),
        };
        report.findings = vec![
            level("login"),
            Finding { baseline: Some(new), ..level("admin") },
            Finding { waiver: Some(waiver), ..level("owner") },
            level("member"),
        ];
        let groups = groups(&View::of(&report), report.findings.iter());
        let members: Vec<(Vec<&str>, bool, bool, &str)> = groups
            .iter()
            .flat_map(|group| &group.members)
            .map(|one| {
                let levels = one.levels.iter().map(String::as_str).collect();
                (levels, one.is_new, one.waiver.is_some(), one.finding.as_str())
            })
            .collect();
        let expected = [
            (vec!["login", "member"], false, false, "login"),
            (vec!["admin"], true, false, "admin"),
            (vec!["owner"], false, true, "owner"),
        ];
        assert_eq!(members, expected);
        assert_eq!(groups.iter().map(|group| group.count).sum::<usize>(), 4);
    }
}
