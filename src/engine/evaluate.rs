//! Every check of every subject.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use hashbrown::HashMap;
use jiff::Timestamp;

use super::{
    assess::{Assessor, Tally},
    decide::{Basis, Verdict},
    entities::{World, account_id},
    facts,
    questions::Asking,
    reach::Reach,
};
use crate::{
    bundle::{Bundle, Check, Effect, Outcome, Question, Rule, WaiverEntry, data::systems::LOGIN},
    model::{Account, Snapshot, WaiverLimits},
    resolve::Situation,
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
    /// Which answers to keep; all by default.
    pub keep: Keep,
    /// Entities, as type and id, of which every answer is kept.
    pub followed: BTreeSet<(String, String)>,
    /// What waivers may be; anything by default.
    pub waiver_limits: WaiverLimits,
    /// What the test of decision classes does otherwise.
    #[cfg(test)]
    pub(crate) trial: Trial,
}

/// What the test of decision classes does otherwise.
#[cfg(test)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trial {
    /// An attribute that the projections of questions leave out, to show that they must not.
    pub(crate) questions_blind_to: Option<&'static str>,
    /// The same for those of subjects.
    pub(crate) subjects_blind_to: Option<&'static str>,
    /// How many subjects are asked about at a time.
    pub(crate) batch: Option<usize>,
    /// How many classes are remembered of one slice.
    pub(crate) classes: Option<usize>,
}

#[cfg(test)]
impl Trial {
    /// What the projections of this scope leave out.
    pub(super) fn blind_to(self, scope: super::classes::Scope) -> Option<&'static str> {
        match scope {
            super::classes::Scope::Question(..) => self.questions_blind_to,
            super::classes::Scope::Subject(_) => self.subjects_blind_to,
        }
    }
}

impl Options {
    fn asks(&self, subject: Subject) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&subject))
    }
}

/// Which answers are kept; all are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Every answer.
    #[default]
    All,
    /// Those that a report lists by default: what fails, cannot be judged or is exempt, what waivers speak of, and what
    /// is followed.
    Noteworthy,
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
    /// The organisation itself.
    Organization,
}

/// One question and its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The check, as an index into the bundle's.
    pub check: usize,
    /// The subject.
    pub subject: Subject,
    /// The level, for checks asked of entitlements; `None` there where the account's levels are unknown.
    pub level: Option<Arc<str>>,
    /// What comes of it.
    pub verdict: Arc<Verdict>,
}

impl Answer {
    pub(super) fn new(asking: &Asking<'_>, verdict: Arc<Verdict>) -> Self {
        Answer { check: asking.check, subject: asking.subject, level: asking.level.map(Arc::from), verdict }
    }
}

/// The verdicts on a situation, in the order of checks, subjects and levels.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// What was judged.
    pub situation: Situation<'a>,
    /// The checks that were asked, as indices into the bundle's.
    pub checks: Vec<usize>,
    /// Checks some of whose rules make it impossible to say which subjects are alike, or tell most of them apart, so that
    /// every one was asked.
    pub told_apart: Vec<usize>,
    /// The answers that were kept.
    pub answers: Vec<Answer>,
    /// How many answers there are, by check.
    pub tallies: Vec<Tally>,
    /// What waivers may be.
    pub waiver_limits: WaiverLimits,
}

impl Evaluation<'_> {
    /// The entities that rules can come to from these subjects, or all; for looking into answers.
    ///
    /// # Errors
    /// Cedar's reason, were a value not one of Cedar's; and that accounts are not there any more, of a snapshot that was
    /// evaluated while it was read.
    pub fn world(&self, subjects: Option<&HashSet<Subject>>) -> Result<World, String> {
        let situation = &self.situation;
        if situation.accounts.some_are_gone() {
            return Err(
                "the accounts of a snapshot that is judged while it is read are not kept; read it whole".to_owned()
            );
        }
        let reach = subjects.map_or_else(|| Reach::all(situation), |subjects| Reach::of(situation, subjects));
        World::new(situation, &reach)
    }

    /// How many answers there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.tallies.iter().map(Tally::total).sum()
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
    let mut session = Session::new(&situation, options);
    let people = (0..situation.people.len()).map(Subject::Person);
    let systems = (0..situation.systems.len()).map(Subject::System);
    let accounts = (0..situation.accounts.len()).map(Subject::Account);
    let organization = std::iter::once(Subject::Organization);
    session.ask(&situation, organization.chain(systems).chain(people).filter(|one| options.asks(*one)))?;
    session.turn(&situation)?;
    session.ask(&situation, accounts.filter(|one| options.asks(*one)))?;
    session.finish(&situation)?;
    Ok(session.evaluation(situation))
}

/// How many subjects of a kind are looked at at first, and how many times as many with every further batch: what most of
/// them are like is met early.
const FIRST_BATCH: usize = 1024;
const GROWTH: usize = 4;

/// How many are looked at at a time later on.
const LAST_BATCH: usize = 1 << 16;

/// An evaluation under way.
pub(super) struct Session<'a> {
    assessor: Assessor<'a>,
    options: Options,
    answers: Vec<Answer>,
    /// The levels of the answers, each once.
    levels: HashSet<Arc<str>>,
    followed: Followed,
    /// How many answers there are of which the accounts are where they stay.
    settled: usize,
    /// The size of the next batch, and what is in it so far.
    size: usize,
    waiting: Vec<Subject>,
}

/// Whom waivers name, and who else is followed.
struct Followed {
    subjects: HashSet<Subject>,
    /// By system: ids.
    accounts: HashMap<String, hashbrown::HashSet<String>>,
}

impl Followed {
    fn new(situation: &Situation<'_>, options: &Options) -> Self {
        let mut followed = Followed { subjects: HashSet::new(), accounts: HashMap::new() };
        for waiver in situation.bundle.waivers.iter().filter_map(WaiverEntry::wellformed) {
            followed.add(situation, &waiver.subject.type_name().to_string(), waiver.subject.id().unescaped());
        }
        for (kind, id) in &options.followed {
            followed.add(situation, kind, id);
        }
        followed
    }

    fn add(&mut self, situation: &Situation<'_>, kind: &str, id: &str) {
        match kind {
            "Person" => self.subjects.extend(situation.person_index(id).map(Subject::Person)),
            "Organization" if id == situation.snapshot.organization.id => {
                self.subjects.insert(Subject::Organization);
            }
            "System" => self.subjects.extend(situation.system_index(id).map(Subject::System)),
            "Account" => {
                let Some((system, account)) = id.split_once('/') else { return };
                self.accounts.entry(system.to_owned()).or_default().insert(account.to_owned());
            }
            _ => {}
        }
    }

    fn names(&self, situation: &Situation<'_>, subject: Subject) -> bool {
        match subject {
            Subject::Account(_) if self.accounts.is_empty() => false,
            Subject::Account(index) => situation.accounts.at_hand(index).is_some_and(|account| {
                let ids = self.accounts.get(account.record.system.as_str());
                ids.is_some_and(|ids| ids.contains(account.record.id.as_str()))
            }),
            Subject::Person(_) | Subject::System(_) | Subject::Organization => self.subjects.contains(&subject),
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(situation: &Situation<'a>, options: &Options) -> Self {
        let assessor = Assessor::new(situation, options);
        let followed = Followed::new(situation, options);
        let mut session = Session {
            assessor,
            options: options.clone(),
            answers: Vec::new(),
            levels: HashSet::new(),
            followed,
            settled: 0,
            size: 0,
            waiting: Vec::new(),
        };
        session.size = session.sized(FIRST_BATCH);
        session
    }

    /// The size of a batch, or what a test wants it to be.
    fn sized(&self, size: usize) -> usize {
        #[cfg(test)]
        let size = self.options.trial.batch.unwrap_or(size);
        size
    }

    /// Asks every check of these subjects, of one kind. Fewer than make a batch may stay for the next time, or for
    /// [`Session::finish`].
    pub(super) fn ask(
        &mut self,
        situation: &Situation<'_>,
        mut subjects: impl Iterator<Item = Subject>,
    ) -> Result<(), String> {
        loop {
            let room = self.size.saturating_sub(self.waiting.len());
            self.waiting.extend(subjects.by_ref().take(room));
            if self.waiting.len() < self.size {
                return Ok(());
            }
            self.finish(situation)?;
            self.size = self.sized(self.size.saturating_mul(GROWTH).min(LAST_BATCH));
        }
    }

    /// Asks about all that are still to be asked about.
    pub(super) fn finish(&mut self, situation: &Situation<'_>) -> Result<(), String> {
        let batch = std::mem::take(&mut self.waiting);
        if batch.is_empty() {
            return Ok(());
        }
        let wanted = |subject| self.followed.names(situation, subject) || has_unknown_levels(situation, subject);
        let mut answers = self.assessor.assess(situation, &batch, &wanted)?;
        let unknown = unknown_levels(situation, situation.bundle, &self.options, &answers)?;
        for answer in &unknown {
            let tally = self.assessor.tallies.get_mut(answer.check);
            tally.into_iter().for_each(|tally| tally.add(&answer.verdict, 1));
        }
        answers.extend(unknown);
        for level in answers.iter_mut().filter_map(|answer| answer.level.as_mut()) {
            match self.levels.get(level) {
                Some(known) => *level = known.clone(),
                None => _ = self.levels.insert(level.clone()),
            }
        }
        self.answers.append(&mut answers);
        Ok(())
    }

    /// What comes next is of another kind than what was asked about, so that most of it is not like anything yet.
    pub(super) fn turn(&mut self, situation: &Situation<'_>) -> Result<(), String> {
        self.size = self.sized(FIRST_BATCH);
        if self.waiting.len() < self.size { Ok(()) } else { self.finish(situation) }
    }

    /// Lets go of the accounts at hand; of those that are `wanted`, or of which something is to be said, the records are
    /// kept.
    ///
    /// # Errors
    /// That a record cannot be kept.
    pub(super) fn forget(
        &mut self,
        situation: &mut Situation<'a>,
        wanted: &dyn Fn(&Account) -> bool,
    ) -> Result<(), String> {
        let begin = situation.accounts.first_at_hand();
        let mut needed = vec![false; situation.accounts.len() - begin];
        let about = |answer: &Answer| match answer.subject {
            Subject::Account(index) => index.checked_sub(begin),
            Subject::Person(_) | Subject::System(_) | Subject::Organization => None,
        };
        let answers = self.answers.get_mut(self.settled..).into_iter().flatten();
        let answers: Vec<&mut Answer> = answers.filter(|answer| about(answer).is_some()).collect();
        for answer in &answers {
            about(answer).and_then(|at| needed.get_mut(at)).into_iter().for_each(|needed| *needed = true);
        }
        let is_needed = |at: usize, record: &Account| needed.get(at).is_some_and(|needed| *needed) || wanted(record);
        let places = situation.accounts.let_go(is_needed)?;
        for answer in answers {
            if let Some(Some(place)) = about(answer).and_then(|at| places.get(at)) {
                answer.subject = Subject::Account(*place);
            }
        }
        self.settled = self.answers.len();
        Ok(())
    }

    /// Everything is asked.
    pub(super) fn evaluation(self, situation: Situation<'a>) -> Evaluation<'a> {
        let Session { assessor, options, mut answers, .. } = self;
        answers.sort_by(|a, b| (a.check, a.subject, &a.level).cmp(&(b.check, b.subject, &b.level)));
        let checks = wanted(situation.bundle, &options).map(|(index, _)| index).collect();
        let told_apart = assessor.told_apart.into_iter().collect();
        let waiver_limits = options.waiver_limits;
        Evaluation { situation, checks, told_apart, answers, tallies: assessor.tallies, waiver_limits }
    }
}

/// Whether an account's levels are unknown; its login decides what comes of that.
fn has_unknown_levels(situation: &Situation<'_>, subject: Subject) -> bool {
    let Subject::Account(index) = subject else { return false };
    situation.accounts.at_hand(index).is_some_and(|account| account.unknown.contains_key("levels"))
}

/// The checks that are wanted, with their indices into the bundle's.
pub(super) fn wanted<'a>(bundle: &'a Bundle, options: &'a Options) -> impl Iterator<Item = (usize, &'a Check)> {
    let chosen = |check: &Check| options.checks.as_ref().is_none_or(|checks| checks.contains(&check.id));
    bundle.checks.iter().enumerate().filter(move |(_, check)| chosen(check))
}

/// Accounts whose levels nobody can see: unknown, unless the check lets the account off whatever its levels are.
fn unknown_levels(
    situation: &Situation<'_>,
    bundle: &Bundle,
    options: &Options,
    answers: &[Answer],
) -> Result<Vec<Answer>, String> {
    let mut further = Vec::new();
    for (check, declared) in wanted(bundle, options) {
        if !declared.questions.contains(&Question::AccountHoldsEntitlement) {
            continue;
        }
        // What lets the login off does not let a level off that a rule forbids.
        let forbids_levels = |rule: &&Rule| rule.effect == Effect::Forbid && rule.speaks_of(declared);
        let further_level = bundle.rules.iter().filter(forbids_levels).any(facts::reads_the_level);
        for answer in answers.iter().filter(|answer| answer.check == check) {
            let Subject::Account(index) = answer.subject else { continue };
            // Accounts that were let go of are read again.
            let Some(account) = situation.account_at(index) else {
                return Err(format!("the account of number {index} cannot be read again"));
            };
            let reason = account.unknown.get("levels");
            let (Some(reason), Some(LOGIN)) = (reason, answer.level.as_deref()) else { continue };
            let rules = answer.verdict.rules.iter().filter_map(|rule| bundle.rules.get(usize::try_from(*rule).ok()?));
            let of_every_level = !further_level && !rules.clone().any(facts::reads_the_level);
            if answer.verdict.outcome == Outcome::NotApplicable && of_every_level {
                continue;
            }
            let fact = super::unknown::UnknownFact {
                entity: format!("Account::\"{}\"", account_id(&account)),
                fact: "levels".into(),
                reason: reason.clone(),
            };
            further.push(Answer {
                check,
                subject: answer.subject,
                level: None,
                verdict: Arc::new(Verdict {
                    outcome: Outcome::Unknown,
                    basis: Basis::Undetermined,
                    rules: Vec::new(),
                    unknown: vec![fact],
                    errors: Vec::new(),
                }),
            });
        }
    }
    Ok(further)
}
