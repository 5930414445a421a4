//! From verdicts to the report.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use rayon::prelude::*;
use uuid::Uuid;

use super::{advice::advice, head::head, model::*, provenance, view::Findings};
use crate::{
    bundle::{Bundle, Check, Outcome, Question, Rule, Severity, WaiverEntry, data::systems::LOGIN},
    engine::{
        Answer, Basis, Evaluation, Situation, Subject, facts,
        slice::is_unscoped,
        waive::{self, Waivers},
    },
};

/// The namespace of finding ids; a constant of this crate, never to be changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x2c5b_4ad5_3f0e_5f0c_9d3c_8a41_77d2_6e10);

/// Access rules shown with an access that none of them covers; there may be hundreds.
const GRANTING: usize = 5;

/// What goes into a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Contents {
    /// What fails, cannot be judged, or is let off.
    #[default]
    Noteworthy,
    /// Every finding.
    All,
}

/// Builds the report of an evaluation; `snapshot_digest` is that of the bytes that were read.
#[must_use]
pub fn build(evaluation: &Evaluation<'_>, snapshot_digest: &str, contents: Contents) -> Report {
    Draft::new(evaluation, snapshot_digest, contents).report()
}

/// How many findings are built at a time.
const BLOCK: usize = 1024;

/// A report whose findings are built as they are asked for, so that they need not all be there at a time.
pub struct Draft<'e, 'a> {
    /// The report without its findings.
    pub head: Report,
    contents: Contents,
    builder: Builder<'e, 'a>,
}

impl<'e, 'a> Draft<'e, 'a> {
    /// Of an evaluation; `snapshot_digest` is that of the bytes that were read.
    #[must_use]
    pub fn new(evaluation: &'e Evaluation<'a>, snapshot_digest: &str, contents: Contents) -> Self {
        let waivers = waive::waive(evaluation);
        Draft {
            head: head(evaluation, snapshot_digest, &waivers),
            contents,
            builder: Builder::new(evaluation, waivers),
        }
    }

    /// The bundle that judged.
    #[must_use]
    pub fn bundle(&self) -> &'a Bundle {
        self.builder.evaluation.situation.bundle
    }

    /// The findings, in order.
    fn each(&self) -> impl Iterator<Item = Finding> {
        let answers: &'e [Answer] = &self.builder.evaluation.answers;
        answers.chunks(BLOCK).enumerate().flat_map(|(block, answers)| {
            let build = |(index, answer): (usize, &Answer)| {
                let listed = self.contents == Contents::All || !answer.verdict.outcome.is_quiet();
                listed.then(|| self.builder.finding(block * BLOCK + index, answer)).flatten()
            };
            answers.par_iter().enumerate().filter_map(build).collect::<Vec<Finding>>()
        })
    }

    /// The whole report.
    #[must_use]
    pub fn report(self) -> Report {
        let findings = self.each().collect();
        Report { findings, ..self.head }
    }

    /// Whether a question is open, fails or cannot be judged, that no waiver lies over, in a check of which `counts`
    /// says so.
    pub fn has_open(&self, counts: impl Fn(Severity) -> bool) -> bool {
        let evaluation = self.builder.evaluation;
        let severity = |answer: &Answer| evaluation.situation.bundle.checks.get(answer.check).map(|one| one.severity);
        evaluation.answers.iter().enumerate().any(|(index, answer)| {
            answer.verdict.outcome.is_open()
                && !self.builder.waivers.applied.contains_key(&index)
                && severity(answer).is_some_and(&counts)
        })
    }
}

impl Findings for Draft<'_, '_> {
    fn findings(&self) -> Box<dyn Iterator<Item = Cow<'_, Finding>> + '_> {
        Box::new(self.each().map(Cow::Owned))
    }
}

struct Builder<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    waivers: Waivers,
    /// By check and account: that the login fails.
    without_login: HashSet<(usize, Subject)>,
    /// By system and level: access rules that grant it.
    granting: HashMap<&'a str, HashMap<&'a str, Vec<&'a Rule>>>,
    /// By check: whether access rules speak of it.
    by_access_rules: Vec<bool>,
    /// By check: the rules that would let a subject pass, access rules aside.
    passing: Vec<Vec<&'a Rule>>,
}

impl<'e, 'a> Builder<'e, 'a> {
    fn new(evaluation: &'e Evaluation<'a>, waivers: Waivers) -> Self {
        let bundle = evaluation.situation.bundle;
        let failing = evaluation.answers.iter().filter(|answer| answer.verdict.outcome == Outcome::Fail);
        let without_login = failing.filter(|answer| answer.level.as_deref() == Some(LOGIN));
        let mut granting: HashMap<&str, HashMap<&str, Vec<&Rule>>> = HashMap::new();
        for rule in &bundle.rules {
            if let Some(grants) = &rule.grants {
                granting.entry(&grants.system).or_default().entry(&grants.level).or_default().push(rule);
            }
        }
        let speaks = |check: &Check| bundle.rules.iter().any(|rule| rule.grants.is_some() && rule.speaks_of(check));
        Builder {
            evaluation,
            waivers,
            without_login: without_login.map(|answer| (answer.check, answer.subject)).collect(),
            granting,
            by_access_rules: bundle.checks.iter().map(speaks).collect(),
            passing: bundle.checks.iter().map(|check| passing(bundle, check)).collect(),
        }
    }

    fn rules(&self, indices: &[u32]) -> Vec<&'a Rule> {
        let rules = &self.evaluation.situation.bundle.rules;
        indices.iter().filter_map(|index| rules.get(usize::try_from(*index).ok()?)).collect()
    }

    fn finding(&self, index: usize, answer: &Answer) -> Option<Finding> {
        let situation = &self.evaluation.situation;
        let check = situation.bundle.checks.get(answer.check)?;
        let verdict = &answer.verdict;
        let rules = self.rules(&verdict.rules);
        let considered = match verdict.basis {
            Basis::NothingMatched => self.passing.get(answer.check).cloned().unwrap_or_default(),
            Basis::Satisfied | Basis::Undetermined => rules.clone(),
        };
        let (kind, id, label) = facts::label(situation, answer.subject);
        let entitlement = entitlement(situation, answer.subject, answer.level.as_deref());
        let mut facts: Vec<FactReport> = match verdict.basis {
            Basis::Undetermined => Vec::new(),
            _ => facts::facts(situation, answer, &considered)
                .into_iter()
                .map(|one| provenance::known(situation.snapshot, one))
                .collect(),
        };
        facts.extend(verdict.unknown.iter().map(provenance::unknown));
        let by_access_rules = self.by_access_rules.get(answer.check).is_some_and(|speaks| *speaks);
        let granting = by_access_rules.then(|| self.granting(answer));
        let revoke = self.without_login.contains(&(answer.check, answer.subject));
        let waiver = self.waivers.applied.get(&index).and_then(|entry| situation.bundle.waivers.get(*entry));
        Some(Finding {
            id: finding_id(&situation.snapshot.organization.id, check, &kind, &id, entitlement.as_deref()),
            check: check.id.clone(),
            message: message(check, answer, &rules),
            reasons: reasons(answer, &rules, &considered, &first_lines(granting.unwrap_or_default())),
            facts,
            advice: advice(situation, check, answer, revoke, granting),
            subject: SubjectReport { kind, id, label },
            entitlement,
            outcome: verdict.outcome,
            severity: check.severity,
            waiver: waiver.and_then(|entry| match entry {
                WaiverEntry::Wellformed(waiver) => Some(WaiverNote {
                    id: waiver.id.clone(),
                    reason: waiver.reason.clone(),
                    approved_by: waiver.approved_by.clone(),
                    expires: waiver.expires.to_string(),
                }),
                WaiverEntry::Malformed { .. } => None,
            }),
            clock: None,
            baseline: None,
        })
    }

    /// The access rules that grant the level asked for.
    fn granting<'b>(&'b self, answer: &Answer) -> &'b [&'a Rule] {
        let situation = &self.evaluation.situation;
        let (Subject::Account(account), Some(level)) = (answer.subject, answer.level.as_deref()) else { return &[] };
        let Some(account) = situation.accounts.get(account) else { return &[] };
        let levels = self.granting.get(account.record.system.as_str());
        levels.and_then(|levels| levels.get(level)).map_or(&[], Vec::as_slice)
    }
}

/// The first few access rules, each line once.
fn first_lines<'a>(granting: &[&'a Rule]) -> Vec<&'a Rule> {
    let mut rules: Vec<&Rule> = Vec::new();
    for rule in granting {
        if rules.len() == GRANTING {
            break;
        }
        if !rules.iter().any(|known| known.location == rule.location) {
            rules.push(rule);
        }
    }
    rules
}

/// The permits that would let a subject of this check pass: those written in Cedar, and one access rule of each access
/// type would be too many to tell.
fn passing<'a>(bundle: &'a Bundle, check: &Check) -> Vec<&'a Rule> {
    let passes = |rule: &&Rule| rule.outcome == Outcome::Pass && rule.grants.is_none();
    let rules = bundle.rules.iter().filter(|rule| is_unscoped(rule) && rule.speaks_of(check));
    let mut rules: Vec<&Rule> = rules.filter(passes).collect();
    if rules.is_empty() && check.questions.contains(&Question::AccountHoldsEntitlement) {
        // What such a rule reads stands for what all of its access type read.
        let mut types: Vec<&str> = Vec::new();
        for rule in &bundle.rules {
            if rule.grants.is_some() && !types.contains(&rule.id.as_str()) {
                types.push(&rule.id);
                rules.push(rule);
            }
        }
    }
    rules
}

fn message(check: &Check, answer: &Answer, rules: &[&Rule]) -> String {
    let verdict = &answer.verdict;
    let said: Vec<&str> = rules.iter().filter_map(|rule| rule.message.as_deref()).collect();
    match verdict.basis {
        Basis::NothingMatched => check.message.clone().unwrap_or_else(|| "no rule lets the subject pass".to_owned()),
        Basis::Satisfied => {
            let mut distinct: Vec<&str> = Vec::new();
            for one in said {
                if !distinct.contains(&one) {
                    distinct.push(one);
                }
            }
            if distinct.is_empty() {
                rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join("; ")
            } else {
                distinct.join("; ")
            }
        }
        Basis::Undetermined => {
            let mut reasons: Vec<String> = verdict
                .unknown
                .iter()
                .map(|fact| format!("{} is unknown: {}", short(&fact.fact), fact.reason))
                .collect();
            reasons.extend(verdict.errors.iter().map(|(_, error)| format!("a rule erred: {error}")));
            reasons.dedup();
            match reasons.len() {
                0..=2 => reasons.join("; "),
                more => {
                    format!("{}; and {} more", reasons.iter().take(2).cloned().collect::<Vec<_>>().join("; "), more - 2)
                }
            }
        }
    }
}

/// `in OrgRole` → `membership of an OrgRole`.
fn short(fact: &str) -> String {
    match fact.strip_prefix("in ") {
        Some(entity_type) => format!("membership in {entity_type}"),
        None => format!("`{fact}`"),
    }
}

fn reasons(answer: &Answer, rules: &[&Rule], considered: &[&Rule], granting: &[&Rule]) -> Vec<Reason> {
    let verdict = &answer.verdict;
    let reason = |rule: &Rule, bearing: Bearing, message: Option<String>| Reason {
        rule: rule.id.clone(),
        bearing,
        file: rule.location.file.to_string(),
        line: rule.location.line,
        yaml_path: rule.location.yaml_path.clone(),
        message,
    };
    match verdict.basis {
        Basis::Satisfied => rules.iter().map(|rule| reason(rule, Bearing::Satisfied, rule.message.clone())).collect(),
        Basis::Undetermined => {
            let erred = |index: usize| {
                let number = verdict.rules.get(index);
                verdict.errors.iter().find(|(rule, _)| Some(rule) == number).map(|(_, error)| error.clone())
            };
            let reasons = rules.iter().enumerate().map(|(index, rule)| match erred(index) {
                Some(error) => reason(rule, Bearing::Erred, Some(error)),
                None => reason(rule, Bearing::Undetermined, None),
            });
            reasons.collect()
        }
        Basis::NothingMatched => considered
            .iter()
            .filter(|rule| rule.grants.is_none())
            .chain(granting)
            .map(|rule| reason(rule, Bearing::NotSatisfied, rule.message.clone()))
            .collect(),
    }
}

/// `system/level`, for a question about a level of an account.
fn entitlement(situation: &Situation<'_>, subject: Subject, level: Option<&str>) -> Option<String> {
    let (Subject::Account(account), Some(level)) = (subject, level) else { return None };
    situation.accounts.get(account).map(|account| format!("{}/{level}", account.record.system))
}

/// The id of the finding that the answer to a question is.
pub(super) fn answer_id(situation: &Situation<'_>, check: &Check, subject: Subject, level: Option<&str>) -> String {
    let (kind, id, _) = facts::label(situation, subject);
    let entitlement = entitlement(situation, subject, level);
    finding_id(&situation.snapshot.organization.id, check, &kind, &id, entitlement.as_deref())
}

fn finding_id(organization: &str, check: &Check, kind: &str, id: &str, entitlement: Option<&str>) -> String {
    let key = [organization, &check.id, kind, id, entitlement.unwrap_or_default()].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, key.as_bytes()).to_string()
}
