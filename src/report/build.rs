//! From verdicts to findings.

use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

use super::{
    advice::{Access, advice},
    baseline::Baseline,
    clock,
    groups::Cause,
    head::person,
    ids::{answer_id, entitlement, finding_id},
    model::*,
    provenance,
    rank::{Attention, Rank},
    wording::{message, reasons},
};
use crate::{
    bundle::{
        Bundle, Check, CheckTarget, Outcome, Rule, Severity, WaiverEntry,
        data::systems::LOGIN,
        reads::{self, Read},
    },
    engine::{
        answer::{Answer, Basis, Evaluation, Subject},
        explain::facts,
        is_unscoped,
        waivers::Waivers,
    },
};

/// Access rules shown with an access that none of them covers; there may be hundreds.
const GRANTING: usize = 5;

pub(super) struct Builder<'e, 'a> {
    pub(super) evaluation: &'e Evaluation<'a>,
    baseline: Option<&'e Baseline>,
    /// The subjects of the earlier report's open findings, as type and id.
    followed: BTreeSet<(String, String)>,
    pub(super) waivers: Waivers,
    /// By check and account: the answer for the login, where it fails.
    without_login: HashMap<(usize, Subject), usize>,
    /// By system and level: access rules that grant it.
    granting: HashMap<&'a str, HashMap<&'a str, Vec<&'a Rule>>>,
    /// By check: whether access rules speak of it.
    by_access_rules: Vec<bool>,
    /// By check: the rules that would let a subject pass, access rules aside.
    passing: Vec<Vec<u32>>,
    /// By rule: what it reads, derived when it is first needed.
    reads: Vec<OnceLock<Vec<Read>>>,
}

impl<'e, 'a> Builder<'e, 'a> {
    pub(super) fn new(evaluation: &'e Evaluation<'a>, waivers: Waivers, baseline: Option<&'e Baseline>) -> Self {
        let bundle = evaluation.resolved.bundle;
        let answers = evaluation.answers.iter().enumerate();
        let failing = answers.filter(|(_, answer)| answer.verdict.outcome == Outcome::Fail);
        let without_login = failing.filter(|(_, answer)| answer.level.as_deref() == Some(LOGIN));
        let mut granting: HashMap<&str, HashMap<&str, Vec<&Rule>>> = HashMap::new();
        for rule in &bundle.rules {
            if let Some(grants) = &rule.grants {
                granting.entry(&grants.system).or_default().entry(&grants.level).or_default().push(rule);
            }
        }
        let speaks = |check: &Check| bundle.rules.iter().any(|rule| rule.grants.is_some() && rule.applies_to(check));
        Builder {
            evaluation,
            baseline,
            followed: baseline.map(Baseline::subjects).unwrap_or_default(),
            waivers,
            without_login: without_login.map(|(index, answer)| ((answer.check, answer.subject), index)).collect(),
            granting,
            by_access_rules: bundle.checks.iter().map(speaks).collect(),
            passing: bundle.checks.iter().map(|check| passing(bundle, check)).collect(),
            reads: bundle.rules.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Whether the subject of an answer had an open finding in the earlier report.
    pub(super) fn follows(&self, answer: &Answer) -> bool {
        if self.followed.is_empty() {
            return false;
        }
        let (kind, id, _) = facts::label(&self.evaluation.resolved, answer.subject);
        self.followed.contains(&(kind, id))
    }

    /// The answers that are open and not waived, with their indices.
    pub(super) fn unwaived(&self) -> impl Iterator<Item = (usize, &'e Answer)> {
        let answers: &'e [Answer] = &self.evaluation.answers;
        let open = answers.iter().enumerate().filter(|(_, answer)| answer.verdict.outcome.is_open());
        open.filter(|(index, _)| !self.waivers.applied.contains_key(index))
    }

    /// The status of an answer since the earlier report, and its due day.
    pub(super) fn status(&self, answer: &Answer) -> (Option<BaselineNote>, Option<Clock>) {
        let resolved = &self.evaluation.resolved;
        let Some(check) = resolved.bundle.checks.get(answer.check) else { return (None, None) };
        let note = self.baseline.and_then(|baseline| {
            let id = answer_id(resolved, check, answer.subject, answer.level.as_deref());
            baseline.note(&id, answer.verdict.outcome, &resolved.today.to_string())
        });
        let clock = clock::clock(resolved, check, answer, note.as_ref().map(|note| note.first_seen.as_str()));
        (note, clock)
    }

    fn rules(&self, indices: &[u32]) -> Vec<&'a Rule> {
        let rules = &self.evaluation.resolved.bundle.rules;
        indices.iter().filter_map(|index| rules.get(usize::try_from(*index).ok()?)).collect()
    }

    /// What a rule reads.
    fn reads(&self, rule: u32) -> &[Read] {
        let rule = usize::try_from(rule).unwrap_or(usize::MAX);
        let rules = &self.evaluation.resolved.bundle.rules;
        let reads = self.reads.get(rule).zip(rules.get(rule));
        reads.map_or(&[], |(reads, rule)| reads.get_or_init(|| reads::reads(rule)))
    }

    pub(super) fn finding(&self, index: usize, answer: &Answer) -> Option<Finding> {
        let resolved = &self.evaluation.resolved;
        let check = resolved.bundle.checks.get(answer.check)?;
        let verdict = &answer.verdict;
        let (baseline, clock) = self.status(answer);
        let rules = self.rules(&verdict.rules);
        let considered: &[u32] = match verdict.basis {
            Basis::NothingMatched => self.passing.get(answer.check).map_or(&[], Vec::as_slice),
            Basis::Satisfied | Basis::Undetermined => &verdict.rules,
        };
        let (kind, id, label) = facts::label(resolved, answer.subject);
        let entitlement = entitlement(resolved, answer.subject, answer.level.as_deref());
        let mut facts: Vec<FactReport> = match verdict.basis {
            Basis::Undetermined => Vec::new(),
            _ => facts::facts(resolved, answer, considered.iter().flat_map(|rule| self.reads(*rule)))
                .into_iter()
                .map(|one| provenance::known(resolved.snapshot, one))
                .collect(),
        };
        facts.extend(verdict.unknown.iter().map(provenance::unknown));
        let by_access_rules = self.by_access_rules.get(answer.check).is_some_and(|speaks| *speaks);
        let granting = by_access_rules.then(|| self.granting(answer));
        let revoke = self.without_login.contains_key(&(answer.check, answer.subject));
        let waiver = self.waivers.applied.get(&index).and_then(|entry| resolved.bundle.waivers.get(*entry));
        let access = granting.map(|granting| Access { revoke, granting });
        let reads = || considered.iter().map(|rule| self.reads(*rule));
        let (advice, remedy) = advice(resolved, check, answer, access, reads).unzip();
        let (owner, manager) = self.people(answer.subject);
        Some(Finding {
            system: self.system(answer.subject),
            owner,
            manager,
            group: self.group(index, answer, check),
            remedy,
            id: finding_id(&resolved.snapshot.organization.id, check, &kind, &id, entitlement.as_deref()),
            check: check.id.clone(),
            message: message(check, answer, &rules),
            reasons: reasons(answer, &rules, &self.rules(considered), &first_lines(granting.unwrap_or_default())),
            facts,
            advice,
            subject: SubjectReport { kind, id, label },
            level_name: self.level_name(answer),
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
            clock,
            baseline,
        })
    }

    /// Where an answer comes in the report.
    pub(super) fn rank(&self, index: usize, answer: &Answer) -> Rank {
        let check = self.evaluation.resolved.bundle.checks.get(answer.check);
        let severity = check.map_or(Severity::Info, |check| check.severity);
        let is_waived = self.waivers.applied.contains_key(&index);
        let is_open = answer.verdict.outcome.is_open() && !is_waived;
        let has_due = check.is_some_and(|check| check.due.is_some());
        let clock = if is_open && has_due { self.status(answer).1 } else { None };
        Rank::new(answer.verdict.outcome, is_waived, severity, clock.and_then(|clock| clock.state))
    }

    /// The group of an answer. The levels of an account that fail with its login are in the login's.
    fn group(&self, index: usize, answer: &Answer, check: &Check) -> Option<String> {
        let attention = |index: usize, answer: &Answer| {
            Attention::of(answer.verdict.outcome, self.waivers.applied.contains_key(&index))
        };
        let own = attention(index, answer);
        if own == Attention::None {
            return None;
        }
        let login = self.without_login.get(&(answer.check, answer.subject)).copied();
        let login = login.and_then(|login| Some((login, self.evaluation.answers.get(login)?)));
        let is_alike = |index: usize, login: &Answer| {
            login.verdict.outcome == answer.verdict.outcome && attention(index, login) == own
        };
        let login = login.filter(|(index, login)| is_alike(*index, login));
        let answer = login.map_or(answer, |(_, login)| login);
        let rules = self.rules(&answer.verdict.rules);
        let system = self.system(answer.subject);
        let (reasons, message) = (reasons(answer, &rules, &[], &[]), message(check, answer, &rules));
        let cause = Cause {
            check: &check.id,
            outcome: answer.verdict.outcome,
            is_waived: own == Attention::Waived,
            system: system.as_deref(),
            reasons: &reasons,
            message: &message,
        };
        Some(cause.group(&self.evaluation.resolved.snapshot.organization.id))
    }

    /// The system that a subject is, or is in.
    fn system(&self, subject: Subject) -> Option<String> {
        let resolved = &self.evaluation.resolved;
        match subject {
            Subject::Account(index) => resolved.account_at(index).map(|account| account.record.system.clone()),
            Subject::System(index) => resolved.systems.get(index).map(|system| system.id.to_owned()),
            Subject::Person(_) | Subject::Organization => None,
        }
    }

    /// The name that the system's file gives the level.
    fn level_name(&self, answer: &Answer) -> Option<String> {
        let level = answer.level.as_deref()?;
        let system = self.system(answer.subject)?;
        self.evaluation.resolved.system(&system)?.rules?.level_names.get(level).cloned()
    }

    /// The owner of a finding, and their manager.
    fn people(&self, subject: Subject) -> (Option<PersonReport>, Option<PersonReport>) {
        let resolved = &self.evaluation.resolved;
        let owner = match subject {
            Subject::Person(index) => Some(index),
            Subject::Account(index) => resolved.account_at(index).and_then(|account| {
                let person = account.owner.known().or_else(|| account.responsible.known()).copied();
                person.or_else(|| resolved.system_owner(account.system?))
            }),
            Subject::System(index) => resolved.system_owner(index),
            Subject::Organization => None,
        };
        let owner = owner.and_then(|index| resolved.person(index));
        let manager = owner.as_ref().and_then(|owner| resolved.person(*owner.manager.known()?));
        (owner.as_ref().map(person), manager.as_ref().map(person))
    }

    /// The access rules that grant the level asked for.
    fn granting<'b>(&'b self, answer: &Answer) -> &'b [&'a Rule] {
        let resolved = &self.evaluation.resolved;
        let (Subject::Account(account), Some(level)) = (answer.subject, answer.level.as_deref()) else { return &[] };
        let Some(account) = resolved.account_at(account) else { return &[] };
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

/// The permits that would let a subject of this check pass, as indices into the bundle's: those written in Cedar, and
/// one access rule of each access type, since all would be too many to tell.
fn passing(bundle: &Bundle, check: &Check) -> Vec<u32> {
    let all = || (0_u32..).zip(&bundle.rules);
    let passes = |rule: &Rule| rule.outcome == Outcome::Pass && rule.grants.is_none();
    let mut rules: Vec<u32> = all()
        .filter(|(_, rule)| is_unscoped(rule) && rule.applies_to(check) && passes(rule))
        .map(|(index, _)| index)
        .collect();
    if rules.is_empty() && check.targets.contains(&CheckTarget::AccountHoldsEntitlement) {
        // What such a rule reads stands for what all of its access type read.
        let mut types: BTreeSet<&str> = BTreeSet::new();
        rules.extend(all().filter(|(_, rule)| rule.grants.is_some() && types.insert(&rule.id)).map(|(index, _)| index));
    }
    rules
}
