//! Every check of every subject.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use cedar_policy::{Authorizer, PolicyId, PolicySet, pst};
use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    classes::{Projector, Reading, translated},
    decide::{Basis, Judge, Slice, Verdict},
    entities::{World, account_id, cedar_datetime},
    facts, question,
    questions::{Asking, Questions},
    reach::Reach,
    resolve::Situation,
};
use crate::{
    bundle::{Bundle, Check, Outcome, Question, Rule, data::systems::LOGIN, link_expiry},
    model::{Snapshot, Zone},
};

/// How to evaluate.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The instant to judge by; the snapshot's own by default.
    pub as_of: Option<Timestamp>,
    /// Only these checks; all by default.
    pub checks: Option<HashSet<String>>,
    /// Only these subjects, as indices into the situation; all by default.
    pub subjects: Option<HashSet<Subject>>,
}

impl Options {
    pub(super) fn asks(&self, subject: Subject) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&subject))
    }
}

/// The subject of a question, as an index into the situation's list of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A person.
    Person(usize),
    /// An account.
    Account(usize),
    /// A system.
    System(usize),
}

/// One question and its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The check, as an index into the bundle's.
    pub check: usize,
    /// The subject.
    pub subject: Subject,
    /// The level, for checks asked of entitlements; `None` there where the account's levels are unknown.
    pub level: Option<String>,
    /// What comes of it.
    pub verdict: Verdict,
}

/// The verdicts on a situation, in the order of checks, subjects and levels.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// What was judged.
    pub situation: Situation<'a>,
    /// The checks that were asked, as indices into the bundle's.
    pub checks: Vec<usize>,
    /// Checks some of whose rules make it impossible to say which subjects are alike, so that every one was asked.
    pub told_apart: Vec<usize>,
    /// Every answer.
    pub answers: Vec<Answer>,
}

impl Evaluation<'_> {
    /// The entities that rules can come to from these subjects, or all; for looking into answers.
    ///
    /// # Errors
    /// Cedar's reason, were a value not one of Cedar's.
    pub fn world(&self, subjects: Option<&HashSet<Subject>>) -> Result<World, String> {
        let reach = subjects.map(|subjects| Reach::of(&self.situation, subjects));
        World::new(&self.situation, reach.as_ref())
    }
}

/// Asks every check of every subject.
///
/// # Errors
/// Cedar's reason, were a fact not one that it can be told, or a rule not one that it can evaluate.
pub fn evaluate<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle, options: &Options) -> Result<Evaluation<'a>, String> {
    let as_of = options.as_of.unwrap_or(snapshot.collected_at);
    judge(Situation::new(snapshot, bundle, as_of), options)
}

/// Asks every check of every subject of a situation.
///
/// # Errors
/// As for [`evaluate`].
pub fn judge<'a>(situation: Situation<'a>, options: &Options) -> Result<Evaluation<'a>, String> {
    let bundle = situation.bundle;
    let (mut answers, told_apart) = answers(&situation, options)?;
    unknown_levels(&situation, bundle, options, &mut answers);
    answers.sort_by(|a, b| (a.check, a.subject, &a.level).cmp(&(b.check, b.subject, &b.level)));
    let checks = wanted(bundle, options).map(|(index, _)| index).collect();
    Ok(Evaluation { situation, checks, told_apart, answers })
}

/// Every question's answer: Cedar's for the first of each decision class, shared by the others. And the checks that
/// have rules of which no class can be made, so that every subject is asked.
fn answers(situation: &Situation<'_>, options: &Options) -> Result<(Vec<Answer>, Vec<usize>), String> {
    let rules = &situation.bundle.rules;
    let questions = Questions::new(situation, options);
    let readings: Vec<Option<Reading>> = questions
        .slices
        .par_iter()
        .map(|slice| {
            Reading::of(
                slice.iter().filter_map(|rule| rules.get(usize::try_from(*rule).ok()?)).map(|rule| &rule.policy),
            )
        })
        .collect();
    let projector = Projector::new(situation, &readings);
    let keys: Vec<Option<Vec<u8>>> = questions
        .all
        .par_iter()
        .map(|asking| {
            let reading = readings.get(asking.slice)?.as_ref()?;
            Some(projector.project(reading, asking.principal, asking.resource).key)
        })
        .collect();

    let mut classes: HashMap<(usize, usize, &[u8]), usize> = HashMap::new();
    let mut first: Vec<usize> = Vec::new();
    let mut class_of: Vec<usize> = Vec::with_capacity(questions.all.len());
    for (index, (asking, key)) in questions.all.iter().zip(&keys).enumerate() {
        let next = first.len();
        let class = match key {
            Some(key) => *classes.entry((asking.check, asking.slice, key)).or_insert(next),
            None => next,
        };
        if class == next {
            first.push(index);
        }
        class_of.push(class);
    }
    let verdicts = ask(situation, &questions, &first)?;

    // Each question's verdict, or none where its class cannot speak for it.
    let shared: Vec<Option<Verdict>> = questions
        .all
        .par_iter()
        .zip(&class_of)
        .enumerate()
        .map(|(index, (asking, class))| {
            let (verdict, of) = (verdicts.get(*class)?, *first.get(*class)?);
            if of == index || (verdict.unknown.is_empty() && verdict.errors.is_empty()) {
                return Some(verdict.clone());
            }
            if !verdict.errors.is_empty() {
                return None;
            }
            let reading = readings.get(asking.slice)?.as_ref()?;
            let of = questions.all.get(of)?;
            let from = projector.project(reading, of.principal, of.resource).entities;
            let to = projector.project(reading, asking.principal, asking.resource).entities;
            let unknown = translated(situation, &verdict.unknown, &from, &to)?;
            Some(Verdict { unknown, ..verdict.clone() })
        })
        .collect();
    let alone: Vec<usize> =
        shared.iter().enumerate().filter(|(_, verdict)| verdict.is_none()).map(|(index, _)| index).collect();
    let mut alone = ask(situation, &questions, &alone)?.into_iter();
    let answers = questions.all.iter().zip(shared).map(|(asking, shared)| {
        let verdict = shared.or_else(|| alone.next()).ok_or("a question without an answer")?;
        let level = asking.level.map(str::to_owned);
        Ok(Answer { check: asking.check, subject: asking.subject, level, verdict })
    });
    let answers = answers.collect::<Result<_, String>>()?;
    let mut told_apart: Vec<usize> = questions
        .all
        .iter()
        .filter(|asking| readings.get(asking.slice).is_none_or(Option::is_none))
        .map(|asking| asking.check)
        .collect();
    told_apart.dedup();
    Ok((answers, told_apart))
}

/// Puts questions to Cedar, which sees those entities that their rules can come to.
fn ask(situation: &Situation<'_>, questions: &Questions<'_>, which: &[usize]) -> Result<Vec<Verdict>, String> {
    if which.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<&Asking<'_>> = which.iter().filter_map(|index| questions.all.get(*index)).collect();
    let subjects: HashSet<Subject> = asked.iter().map(|asking| asking.subject).collect();
    let world = World::new(situation, Some(&Reach::of(situation, &subjects)))?;
    let slices = slices(&asked, questions, situation, &world)?;
    let judge =
        Judge { authorizer: Authorizer::new(), entities: &world.entities, rules: &situation.bundle.rules, situation };
    asked
        .par_iter()
        .map(|asking| {
            let slice = slices.get(&asking.slice).ok_or("a question without its rules")?;
            Ok(judge
                .decide(&question::request_of(situation, &world, asking.check, asking.subject, asking.level)?, slice))
        })
        .collect()
}

/// The checks that are wanted, with their indices into the bundle's.
pub(super) fn wanted<'a>(bundle: &'a Bundle, options: &'a Options) -> impl Iterator<Item = (usize, &'a Check)> {
    let chosen = |check: &Check| options.checks.as_ref().is_none_or(|checks| checks.contains(&check.id));
    bundle.checks.iter().enumerate().filter(move |(_, check)| chosen(check))
}

/// The policy sets of the slices that are asked, by slice.
fn slices(
    asked: &[&Asking<'_>],
    questions: &Questions<'_>,
    situation: &Situation<'_>,
    world: &World,
) -> Result<BTreeMap<usize, Slice>, String> {
    let zone = &situation.snapshot.organization.time_zone;
    let wanted: BTreeSet<usize> = asked.iter().map(|asking| asking.slice).collect();
    let mut policies: HashMap<u32, cedar_policy::Policy> = HashMap::new();
    let mut slices = BTreeMap::new();
    for slice in wanted {
        let mut set = PolicySet::new();
        for index in questions.slices.get(slice).into_iter().flatten() {
            let policy = match policies.get(index) {
                Some(policy) => policy.clone(),
                None => {
                    let rule = usize::try_from(*index).ok().and_then(|at| situation.bundle.rules.get(at));
                    let rule = rule.ok_or("a rule that is not in the bundle")?;
                    let policy = policy(rule, *index, world, zone)?;
                    policies.insert(*index, policy.clone());
                    policy
                }
            };
            set.add(policy).map_err(|error| error.to_string())?;
        }
        slices.insert(slice, Slice { policies: set });
    }
    Ok(slices)
}

/// A rule as Cedar evaluates it: rewritten for unknown facts, its end as its first clause, its index as its id.
pub(super) fn policy(rule: &Rule, index: u32, world: &World, zone: &Zone) -> Result<cedar_policy::Policy, String> {
    let failed = |error: pst::PstConstructionError| format!("{}: {error}", rule.location);
    let template = world.markers.rewrite(&rule.policy).and_then(|template| with_end(template, rule, zone));
    let policy = crate::bundle::cedar_policy(&template.map_err(failed)?)?;
    Ok(policy.new_id(PolicyId::new(index.to_string())))
}

/// A rule's tree with its end, where it has one, as its first clause.
pub(super) fn with_end(
    template: pst::Template,
    rule: &Rule,
    zone: &Zone,
) -> Result<pst::Template, pst::PstConstructionError> {
    match rule.grants.as_ref().and_then(|grants| grants.expires) {
        Some(expires) => link_expiry(template, &cedar_datetime(zone.midnight(expires))),
        None => Ok(template),
    }
}

/// Accounts whose levels nobody can see: unknown, unless the check lets the account off whatever its levels are.
fn unknown_levels(situation: &Situation<'_>, bundle: &Bundle, options: &Options, answers: &mut Vec<Answer>) {
    let mut further = Vec::new();
    for (check, declared) in wanted(bundle, options) {
        if !declared.questions.contains(&Question::AccountHoldsEntitlement) {
            continue;
        }
        for answer in answers.iter().filter(|answer| answer.check == check) {
            let Subject::Account(index) = answer.subject else { continue };
            let Some(account) = situation.accounts.get(index) else { continue };
            let reason = account.unknown.get("levels");
            let (Some(reason), Some(LOGIN)) = (reason, answer.level.as_deref()) else { continue };
            let rules = answer.verdict.rules.iter().filter_map(|rule| bundle.rules.get(usize::try_from(*rule).ok()?));
            let of_every_level = !rules.clone().any(facts::reads_the_resource);
            if answer.verdict.outcome == Outcome::NotApplicable && of_every_level {
                continue;
            }
            let fact = super::unknown::UnknownFact {
                entity: format!("Account::\"{}\"", account_id(account)),
                fact: "levels".to_owned(),
                reason: reason.clone(),
            };
            further.push(Answer {
                check,
                subject: answer.subject,
                level: None,
                verdict: Verdict {
                    outcome: Outcome::Unknown,
                    basis: Basis::Undetermined,
                    rules: Vec::new(),
                    unknown: vec![fact],
                    errors: Vec::new(),
                },
            });
        }
    }
    answers.append(&mut further);
}
