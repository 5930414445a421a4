//! An evaluation in progress: subjects arrive in batches, answers accumulate.

use std::{collections::HashSet, sync::Arc};

use hashbrown::HashMap;

use super::{
    answer::{Answer, Evaluation, Options, Subject},
    classes::{
        assess::{Assessor, Limits},
        projection::Projector,
    },
    error::Error,
    unknown_levels::{LevelsSeen, has_unknown_levels, unknown_levels},
};
use crate::{bundle::WaiverEntry, model::Account, resolve::ResolvedSnapshot};

/// Size of the first batch of a kind of subjects, and the growth per batch. The first batches find most classes.
const FIRST_BATCH: usize = 1024;
const GROWTH: usize = 4;

/// Maximum batch size.
const MAX_BATCH: usize = 1 << 16;

/// Limits and batch sizes that a test may change.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tuning {
    /// A batch size that replaces all others.
    pub(super) batch_size: Option<usize>,
    pub(super) limits: Limits,
}

/// An evaluation in progress.
pub(super) struct Session<'a> {
    assessor: Assessor<'a>,
    options: Options,
    answers: Vec<Answer>,
    /// Interned levels of the answers.
    levels: HashSet<Arc<str>>,
    followed: Followed,
    /// Number of answers whose account indices are final.
    reindexed: usize,
    /// Size of the current batch, and its subjects so far.
    batch_size: usize,
    /// Overrides every batch size.
    fixed_batch_size: Option<usize>,
    waiting: Vec<Subject>,
    /// The systems of which an account with known levels was evaluated.
    levels_seen: LevelsSeen,
}

/// The subjects of waivers, and those that options follow.
struct Followed {
    subjects: HashSet<Subject>,
    /// By system: ids.
    accounts: HashMap<String, hashbrown::HashSet<String>>,
}

impl Followed {
    fn new(resolved: &ResolvedSnapshot<'_>, options: &Options) -> Self {
        let mut followed = Followed { subjects: HashSet::new(), accounts: HashMap::new() };
        for waiver in resolved.bundle.waivers.iter().filter_map(WaiverEntry::wellformed) {
            followed.add(resolved, &waiver.subject.type_name().to_string(), waiver.subject.id().unescaped());
        }
        for (kind, id) in &options.followed {
            followed.add(resolved, kind, id);
        }
        followed
    }

    fn add(&mut self, resolved: &ResolvedSnapshot<'_>, kind: &str, id: &str) {
        match kind {
            "Person" => self.subjects.extend(resolved.person_index(id).map(Subject::Person)),
            "Organization" if id == resolved.snapshot.organization.id => {
                self.subjects.insert(Subject::Organization);
            }
            "System" => self.subjects.extend(resolved.system_index(id).map(Subject::System)),
            "Account" => {
                let Some((system, account)) = id.split_once('/') else { return };
                self.accounts.entry(system.to_owned()).or_default().insert(account.to_owned());
            }
            _ => {}
        }
    }

    fn names(&self, resolved: &ResolvedSnapshot<'_>, subject: Subject) -> bool {
        match subject {
            Subject::Account(_) if self.accounts.is_empty() => false,
            Subject::Account(index) => resolved.accounts.loaded(index).is_some_and(|account| {
                let ids = self.accounts.get(account.record.system.as_str());
                ids.is_some_and(|ids| ids.contains(account.record.id.as_str()))
            }),
            Subject::Person(_) | Subject::System(_) | Subject::Organization => self.subjects.contains(&subject),
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(resolved: &ResolvedSnapshot<'a>, options: &Options) -> Self {
        Session::tuned(resolved, options, Tuning::default(), |projector| projector)
    }

    /// A session with limits and a projector that a test changes.
    pub(super) fn tuned(
        resolved: &ResolvedSnapshot<'a>,
        options: &Options,
        tuning: Tuning,
        adjust: impl FnOnce(Projector) -> Projector,
    ) -> Self {
        let assessor = Assessor::new(resolved, options, tuning.limits, adjust);
        let followed = Followed::new(resolved, options);
        let mut session = Session {
            assessor,
            options: options.clone(),
            answers: Vec::new(),
            levels: HashSet::new(),
            followed,
            reindexed: 0,
            batch_size: 0,
            fixed_batch_size: tuning.batch_size,
            waiting: Vec::new(),
            levels_seen: LevelsSeen::default(),
        };
        session.batch_size = session.next_batch_size(FIRST_BATCH);
        session
    }

    fn next_batch_size(&self, size: usize) -> usize {
        self.fixed_batch_size.unwrap_or(size)
    }

    /// Evaluates every check of these subjects, which are of one kind. The last subjects may wait for the next call, or
    /// for [`Session::finish`].
    pub(super) fn add(
        &mut self,
        resolved: &ResolvedSnapshot<'_>,
        mut subjects: impl Iterator<Item = Subject>,
    ) -> Result<(), Error> {
        loop {
            let room = self.batch_size.saturating_sub(self.waiting.len());
            self.waiting.extend(subjects.by_ref().take(room));
            if self.waiting.len() < self.batch_size {
                return Ok(());
            }
            self.finish(resolved)?;
            self.batch_size = self.next_batch_size(self.batch_size.saturating_mul(GROWTH).min(MAX_BATCH));
        }
    }

    /// Evaluates the waiting subjects.
    pub(super) fn finish(&mut self, resolved: &ResolvedSnapshot<'_>) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.waiting);
        if batch.is_empty() {
            return Ok(());
        }
        self.levels_seen.add(resolved, &batch);
        let wanted = |subject| self.followed.names(resolved, subject) || has_unknown_levels(resolved, subject);
        let mut answers = self.assessor.assess(resolved, &batch, &wanted)?;
        let unknown = unknown_levels(resolved, resolved.bundle, &self.options, &answers)?;
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

    /// Starts with subjects of another kind, few of which belong to known classes.
    pub(super) fn start_next_kind(&mut self, resolved: &ResolvedSnapshot<'_>) -> Result<(), Error> {
        self.batch_size = self.next_batch_size(FIRST_BATCH);
        if self.waiting.len() < self.batch_size { Ok(()) } else { self.finish(resolved) }
    }

    /// Evicts the loaded accounts. Packs those that are `wanted` or have retained answers.
    ///
    /// # Errors
    /// Returns an error if a record cannot be packed.
    pub(super) fn evict_accounts(
        &mut self,
        resolved: &mut ResolvedSnapshot<'a>,
        wanted: &dyn Fn(&Account) -> bool,
    ) -> Result<(), Error> {
        let begin = resolved.accounts.first_loaded();
        let mut needed = vec![false; resolved.accounts.len() - begin];
        let about = |answer: &Answer| match answer.subject {
            Subject::Account(index) => index.checked_sub(begin),
            Subject::Person(_) | Subject::System(_) | Subject::Organization => None,
        };
        let answers = self.answers.get_mut(self.reindexed..).into_iter().flatten();
        let answers: Vec<&mut Answer> = answers.filter(|answer| about(answer).is_some()).collect();
        for answer in &answers {
            about(answer).and_then(|at| needed.get_mut(at)).into_iter().for_each(|needed| *needed = true);
        }
        let is_needed = |at: usize, record: &Account| needed.get(at).is_some_and(|needed| *needed) || wanted(record);
        let places = resolved.accounts.evict(is_needed)?;
        for answer in answers {
            if let Some(Some(place)) = about(answer).and_then(|at| places.get(at)) {
                answer.subject = Subject::Account(*place);
            }
        }
        self.reindexed = self.answers.len();
        Ok(())
    }

    /// Adds answers.
    pub(super) fn insert(&mut self, answers: Vec<Answer>) {
        for answer in &answers {
            let tally = self.assessor.tallies.get_mut(answer.check);
            tally.into_iter().for_each(|tally| tally.add(&answer.verdict, 1));
        }
        self.answers.extend(answers);
    }

    /// The answers about systems.
    pub(super) fn of_systems(mut self, resolved: &ResolvedSnapshot<'a>) -> Vec<Answer> {
        self.levels_seen.fold(resolved, &self.options, &mut self.answers, &mut self.assessor.tallies);
        self.answers.retain(|answer| matches!(answer.subject, Subject::System(_)));
        self.answers
    }

    /// The finished evaluation.
    pub(super) fn evaluation(self, resolved: ResolvedSnapshot<'a>) -> Evaluation<'a> {
        let Session { mut assessor, options, mut answers, levels_seen, .. } = self;
        levels_seen.fold(&resolved, &options, &mut answers, &mut assessor.tallies);
        answers.sort_by(|a, b| (a.check, a.subject, &a.level).cmp(&(b.check, b.subject, &b.level)));
        let checks = options.selected_checks(resolved.bundle).map(|(index, _)| index).collect();
        let evaluated_individually = assessor.evaluated_individually.into_iter().collect();
        let waiver_limits = options.waiver_limits;
        Evaluation { resolved, checks, evaluated_individually, answers, tallies: assessor.tallies, waiver_limits }
    }
}
