//! From verdicts to the report.

use std::collections::HashMap;

use uuid::Uuid;

use super::{advice::advice, model::*};
use crate::{
    bundle::{Bundle, Check, Outcome, Question, Rule, WaiverEntry, data::systems::LOGIN},
    engine::{
        Answer, Basis, Evaluation, Situation, Subject,
        facts::{self, Origin, ShownFact},
        slice::Slicer,
        unknown::UnknownFact,
        waive::{self, WaiverStatus, Waivers},
    },
    model::{Fact, Snapshot},
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
    let situation = &evaluation.situation;
    let waivers = waive::waive(evaluation);
    let builder = Builder::new(evaluation, &waivers);
    let findings = evaluation.answers.iter().enumerate().filter_map(|(index, answer)| {
        (contents == Contents::All || !answer.verdict.outcome.is_quiet())
            .then(|| builder.finding(index, answer))
            .flatten()
    });
    let findings = findings.collect();
    let title = |title: &crate::engine::resolve::UnmatchedTitle| UnmatchedTitle {
        job_title: title.job_title.clone(),
        department: title.department.clone(),
        people: title.people,
    };
    let notes = situation.notes.iter().map(|note| Note {
        code: note.code.to_owned(),
        message: note.message.clone(),
        place: note.position(),
    });
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        run: Run {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            organization: situation.snapshot.organization.id.clone(),
            organization_name: situation.snapshot.organization.name.clone(),
            time_zone: situation.snapshot.organization.time_zone.name().to_owned(),
            as_of: situation.as_of.to_string(),
            today: situation.today.to_string(),
            collected_at: situation.snapshot.collected_at.to_string(),
            snapshot: snapshot_digest.to_owned(),
            bundle: situation.bundle.digest.clone(),
        },
        summary: summary(evaluation, &waivers),
        findings,
        waivers: waiver_reports(situation.bundle, &waivers),
        sources: sources(situation.snapshot),
        unmatched_titles: situation.unmatched_titles.iter().map(title).collect(),
        notes: notes.collect(),
    }
}

fn summary(evaluation: &Evaluation<'_>, waivers: &Waivers) -> Summary {
    let bundle = evaluation.situation.bundle;
    let mut counts: Vec<Counts> = vec![Counts::default(); bundle.checks.len()];
    let mut totals = Counts::default();
    for (index, answer) in evaluation.answers.iter().enumerate() {
        for counts in counts.get_mut(answer.check).into_iter().chain([&mut totals]) {
            counts.add(answer.verdict.outcome);
            counts.waived += usize::from(waivers.applied.contains_key(&index));
        }
    }
    let asked = bundle.checks.iter().zip(counts).enumerate().filter(|(index, _)| evaluation.checks.contains(index));
    let checks = asked.map(|(_, (check, counts))| CheckSummary {
        check: check.id.clone(),
        title: check.title.clone(),
        severity: check.severity,
        controls: check.controls.clone(),
        counts,
    });
    Summary {
        totals,
        errors: evaluation.answers.iter().filter(|answer| !answer.verdict.errors.is_empty()).count(),
        rejected_records: evaluation.situation.snapshot.rejected().count(),
        checks: checks.collect(),
    }
}

struct Builder<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    waivers: &'e Waivers,
    /// The outcome for the login, by check and account.
    logins: HashMap<(usize, Subject), Outcome>,
    /// By system and level: access rules that grant it.
    granting: HashMap<(&'a str, &'a str), Vec<&'a Rule>>,
    /// By check: the rules that would let a subject pass, access rules aside.
    passing: HashMap<usize, Vec<&'a Rule>>,
}

impl<'e, 'a> Builder<'e, 'a> {
    fn new(evaluation: &'e Evaluation<'a>, waivers: &'e Waivers) -> Self {
        let bundle = evaluation.situation.bundle;
        let logins = evaluation
            .answers
            .iter()
            .filter(|answer| answer.level.as_deref() == Some(LOGIN))
            .map(|answer| ((answer.check, answer.subject), answer.verdict.outcome));
        let passing = bundle.checks.iter().enumerate().map(|(index, check)| (index, passing(bundle, check)));
        let mut granting: HashMap<(&str, &str), Vec<&Rule>> = HashMap::new();
        for rule in &bundle.rules {
            let Some(grants) = &rule.grants else { continue };
            let rules = granting.entry((&grants.system, &grants.level)).or_default();
            if rules.len() < GRANTING && !rules.iter().any(|known| known.location == rule.location) {
                rules.push(rule);
            }
        }
        Builder { evaluation, waivers, logins: logins.collect(), granting, passing: passing.collect() }
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
            Basis::NothingMatched => self.passing.get(&answer.check).cloned().unwrap_or_default(),
            Basis::Satisfied | Basis::Undetermined => rules.clone(),
        };
        let (kind, id, label) = facts::label(situation, answer.subject);
        let entitlement = entitlement(situation, answer.subject, answer.level.as_deref());
        let mut facts: Vec<FactReport> = match verdict.basis {
            Basis::Undetermined => Vec::new(),
            _ => facts::facts(situation, answer, &considered)
                .into_iter()
                .map(|one| fact(situation.snapshot, one))
                .collect(),
        };
        facts.extend(verdict.unknown.iter().map(unknown_fact));
        let by_access_rules = self.by_access_rules(check);
        let granting = if by_access_rules { self.granting(answer) } else { Vec::new() };
        let login = self.logins.get(&(answer.check, answer.subject)).copied();
        let waiver = self.waivers.applied.get(&index).and_then(|entry| situation.bundle.waivers.get(*entry));
        Some(Finding {
            id: finding_id(&situation.snapshot.organization.id, check, &kind, &id, entitlement.as_deref()),
            check: check.id.clone(),
            message: message(check, answer, &rules),
            reasons: reasons(answer, &rules, &considered, &granting),
            facts,
            advice: advice(situation, check, answer, login, by_access_rules),
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
        })
    }

    /// Whether access rules speak of a check.
    fn by_access_rules(&self, check: &Check) -> bool {
        let rules = &self.evaluation.situation.bundle.rules;
        rules.iter().any(|rule| rule.grants.is_some() && rule.speaks_of(check))
    }

    /// The access rules that grant the level asked for to others, the first few of them, each line once.
    fn granting(&self, answer: &Answer) -> Vec<&'a Rule> {
        let situation = &self.evaluation.situation;
        let (Subject::Account(account), Some(level)) = (answer.subject, &answer.level) else { return Vec::new() };
        let Some(account) = situation.accounts.get(account) else { return Vec::new() };
        self.granting.get(&(account.record.system.as_str(), level.as_str())).cloned().unwrap_or_default()
    }
}

/// A fact with its origin, as a report tells it.
pub(super) fn fact(snapshot: &Snapshot, fact: ShownFact) -> FactReport {
    let (state, value) = match fact.value {
        Fact::Known(value) => (FactState::Known, Some(value)),
        Fact::Empty => (FactState::Empty, None),
        Fact::Unknown => (FactState::Unknown, None),
    };
    let source = fact.origin.map(|origin| match origin {
        Origin::Record { source, collection, record, field } => FactSource {
            pulled_at: snapshot.source(&source).map(|source| source.pulled_at.to_string()),
            source,
            collection,
            record,
            field: field.map(str::to_owned),
        },
        Origin::Bundle(location) => FactSource {
            source: "bundle".to_owned(),
            collection: location.file.to_string(),
            record: match &location.yaml_path {
                Some(path) => format!("line {}, {path}", location.line),
                None => format!("line {}", location.line),
            },
            field: None,
            pulled_at: None,
        },
    });
    FactReport { path: fact.path, state, value, label: fact.label, source, reason: fact.reason }
}

/// An unknown fact, as a report tells it.
pub(super) fn unknown_fact(unknown: &UnknownFact) -> FactReport {
    FactReport {
        path: format!("{}.{}", unknown.entity, unknown.fact).replace(".in ", " in "),
        state: FactState::Unknown,
        value: None,
        label: None,
        source: None,
        reason: Some(unknown.reason.clone()),
    }
}

/// The permits that would let a subject of this check pass: those written in Cedar, and one access rule of each access
/// type would be too many to tell.
fn passing<'a>(bundle: &'a Bundle, check: &Check) -> Vec<&'a Rule> {
    let slicer = Slicer::new(std::slice::from_ref(check), &bundle.rules);
    let unscoped = slicer.rules(&check.id, &Default::default(), &Default::default());
    let rules = unscoped.iter().filter_map(|index| bundle.rules.get(usize::try_from(*index).ok()?));
    let mut rules: Vec<&Rule> = rules.filter(|rule| rule.outcome == Outcome::Pass && rule.grants.is_none()).collect();
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

fn waiver_reports(bundle: &Bundle, waivers: &Waivers) -> Vec<WaiverReport> {
    let asked = bundle.waivers.iter().zip(&waivers.statuses).filter_map(|(entry, status)| Some((entry, (*status)?)));
    let reports = asked.map(|(entry, status)| {
        let (id, location, message) = match entry {
            WaiverEntry::Malformed { id, reason, location } => {
                (id, location, format!("malformed, not applied: {reason}"))
            }
            WaiverEntry::Wellformed(waiver) => {
                let message = match status {
                    WaiverStatus::Applied => format!("applied until {}", waiver.expires),
                    WaiverStatus::Expired => format!("expired on {}, not applied", waiver.expires),
                    WaiverStatus::NotYet => format!("created on {}, not applied yet", waiver.created),
                    WaiverStatus::Orphaned => {
                        format!("orphaned: {} is not asked `{}`", waiver.subject, waiver.check)
                    }
                    WaiverStatus::Unused => format!("unused: `{}` of {} does not fail", waiver.check, waiver.subject),
                    WaiverStatus::Malformed => "malformed, not applied".to_owned(),
                };
                (&waiver.id, &waiver.location, message)
            }
        };
        WaiverReport { id: id.clone(), status, message, file: location.file.to_string(), line: location.line }
    });
    reports.collect()
}

fn sources(snapshot: &Snapshot) -> Vec<SourceReport> {
    let mut sources: Vec<SourceReport> = snapshot
        .sources
        .iter()
        .map(|source| {
            let collections = || source.collections.iter();
            SourceReport {
                id: source.id.clone(),
                kind: source.kind.clone(),
                pulled_at: source.pulled_at.to_string(),
                records: collections().map(|one| (one.name.clone(), one.records)).collect(),
                incomplete: collections()
                    .filter(|one| !one.complete)
                    .map(|one| (one.name.clone(), one.reasons.join("; ")))
                    .collect(),
                rejected: collections()
                    .flat_map(|one| one.rejected.iter().map(|no| format!("{}: {}", no.record, no.reason)))
                    .collect(),
            }
        })
        .collect();
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    sources
}
