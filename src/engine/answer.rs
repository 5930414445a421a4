//! The types of an evaluation: subjects, queries, verdicts, answers and options.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    bundle::{Bundle, Check, Outcome},
    model::WaiverLimits,
    resolve::ResolvedSnapshot,
};

/// Options of an evaluation.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The instant to evaluate as of. Default: the snapshot's own.
    pub as_of: Option<Timestamp>,
    /// Evaluate only these checks, by id. Default: all.
    pub checks: Option<HashSet<String>>,
    /// Evaluate only these subjects. Default: all.
    pub subjects: Option<HashSet<Subject>>,
    /// The answers to retain. Default: all.
    pub keep: Retention,
    /// Entities, as type and id, whose answers are all retained.
    pub followed: BTreeSet<(String, String)>,
    /// Limits on waivers. Default: none.
    pub waiver_limits: WaiverLimits,
    /// The findings about unknown levels. Default: one for a system that gives none.
    pub level_findings: LevelFindings,
}

impl Options {
    /// The selected checks, each with its index into the bundle's checks.
    pub(super) fn selected_checks<'a>(&'a self, bundle: &'a Bundle) -> impl Iterator<Item = (usize, &'a Check)> {
        let chosen = |check: &Check| self.checks.as_ref().is_none_or(|checks| checks.contains(&check.id));
        bundle.checks.iter().enumerate().filter(move |(_, check)| chosen(check))
    }

    /// Whether the subject is selected.
    pub(super) fn selects(&self, subject: Subject) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&subject))
    }
}

/// The answers that an evaluation retains. It counts all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retention {
    /// Every answer.
    #[default]
    All,
    /// The answers that a report lists by default: fail, unknown and exempt, those of waivers, and those of followed
    /// entities.
    Reportable,
}

/// The findings about unknown levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LevelFindings {
    /// One for a system of which no account has known levels and whose file does not say which are judged; else one for
    /// each account.
    #[default]
    PerSystem,
    /// One for each account.
    PerAccount,
}

/// The subject of a query, as an index into the list of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A person.
    Person(usize),
    /// An account.
    Account(usize),
    /// A system.
    System(usize),
    /// The organisation itself.
    Organization,
}

/// An entity that a query is about or that its rules can reach, as indices into the lists of the resolved snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Entity<'s> {
    Organization,
    Person(usize),
    Account(usize),
    System(usize),
    /// A level of a system.
    Level(usize, &'s str),
    /// What a person or an account holds.
    Holdings(Subject),
}

/// One check asked of one subject, and of one level for checks of entitlements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'s> {
    pub(super) check: usize,
    pub(super) subject: Subject,
    pub(super) level: Option<&'s str>,
    pub(super) principal: Entity<'s>,
    pub(super) resource: Entity<'s>,
}

/// The evidence that decides a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Satisfied rules.
    Satisfied,
    /// Undetermined rules.
    Undetermined,
    /// No rule is satisfied.
    NothingMatched,
}

/// An unknown fact that a rule reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownFact {
    /// The entity, as Cedar writes it: `Person::"p7"`.
    pub entity: String,
    /// The attribute, or `in <entity type>` for a membership.
    pub fact: Arc<str>,
    /// Why it is unknown. Many facts share one reason.
    pub reason: Arc<str>,
}

/// The outcome of one query, and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub outcome: Outcome,
    /// The evidence that decides it.
    pub basis: Basis,
    /// The determining rules, as indices into the bundle's rules, sorted.
    pub rules: Vec<u32>,
    /// The unknown facts that determining rules read, sorted.
    pub unknown: Vec<UnknownFact>,
    /// Rules that erred for another reason than an unknown fact, each with Cedar's message, sorted.
    pub errors: Vec<(u32, String)>,
}

/// One query and its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The check, as an index into the bundle's checks.
    pub check: usize,
    /// The subject.
    pub subject: Subject,
    /// The level, for checks of entitlements. `None` there if the levels of the account, or of the system, are unknown.
    pub level: Option<Arc<str>>,
    /// The verdict. Many answers share one.
    pub verdict: Arc<Verdict>,
}

impl Answer {
    pub(super) fn new(query: &Query<'_>, verdict: Arc<Verdict>) -> Self {
        Answer { check: query.check, subject: query.subject, level: query.level.map(Arc::from), verdict }
    }
}

/// Counts of the answers to one check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers by outcome.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// Answers with a rule that erred.
    pub errors: usize,
}

impl Tally {
    pub(super) fn add(&mut self, verdict: &Verdict, count: usize) {
        *self.outcomes.entry(verdict.outcome).or_default() += count;
        self.errors += if verdict.errors.is_empty() { 0 } else { count };
    }

    /// Takes back an answer that was added.
    pub(super) fn remove(&mut self, verdict: &Verdict) {
        if let Some(count) = self.outcomes.get_mut(&verdict.outcome) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.outcomes.remove(&verdict.outcome);
            }
        }
        self.errors = self.errors.saturating_sub(usize::from(!verdict.errors.is_empty()));
    }

    /// The number of answers.
    #[must_use]
    pub fn total(&self) -> usize {
        self.outcomes.values().sum()
    }
}

/// The answers about a resolved snapshot, in the order of checks, subjects and levels.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// The resolved snapshot.
    pub resolved: ResolvedSnapshot<'a>,
    /// The evaluated checks, as indices into the bundle's checks.
    pub checks: Vec<usize>,
    /// The checks whose subjects were evaluated one by one. Their rules distinguish too many subjects, or contain a
    /// construct that decision classes do not support.
    pub evaluated_individually: Vec<usize>,
    /// The retained answers.
    pub answers: Vec<Answer>,
    /// Counts of all answers, by check.
    pub tallies: Vec<Tally>,
    /// The limits on waivers.
    pub waiver_limits: WaiverLimits,
}

impl Evaluation<'_> {
    /// The number of answers, retained or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.tallies.iter().map(Tally::total).sum()
    }
}
