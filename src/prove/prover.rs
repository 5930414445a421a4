//! Many questions at once, each asked only once.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::{
    assumptions::{Reads, impossible},
    error::Error,
    formula::Formula,
    setting::Setting,
    solver::{Compiled, Question, Reply, Solver},
};
use crate::{
    bundle::{Bundle, Check},
    files,
};

/// The version of what a cached reply depends on, besides the question and the solver.
const CACHE_VERSION: &str = "1";

/// Asks a solver about a bundle.
pub(super) struct Prover<'b> {
    bundle: &'b Bundle,
    solver: &'b Solver,
    compiled: Compiled,
    jobs: usize,
    cache: Option<PathBuf>,
    known: Mutex<HashMap<String, Reply>>,
    /// Told how many of how many questions are answered.
    progress: &'b (dyn Fn(usize, usize) + Sync),
    asked: AtomicUsize,
}

/// A question about a check in a setting.
pub(super) struct Asked<'b> {
    pub(super) check: &'b Check,
    pub(super) setting: Setting,
    pub(super) question: Question,
}

impl<'b> Prover<'b> {
    pub(super) fn new(
        bundle: &'b Bundle,
        solver: &'b Solver,
        jobs: usize,
        cache: Option<&Path>,
        progress: &'b (dyn Fn(usize, usize) + Sync),
    ) -> Result<Self, Error> {
        Ok(Prover {
            bundle,
            solver,
            compiled: Compiled::new(&bundle.schema)?,
            jobs: jobs.max(1),
            cache: cache.map(Path::to_owned),
            known: Mutex::default(),
            progress,
            asked: AtomicUsize::new(0),
        })
    }

    /// How many questions the solver was asked, those apart that were known already.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// A question with the assumptions that concern it.
    ///
    /// # Errors
    /// Returns Cedar's error if an assumption is not a condition.
    pub(super) fn question(
        &self,
        check: &'b Check,
        setting: &Setting,
        some: Formula,
        unless: Option<Formula>,
        with_example: bool,
    ) -> Result<Asked<'b>, Error> {
        let conditions = some.some.iter().chain(&some.none);
        let further = unless.iter().flat_map(|formula| formula.some.iter().chain(&formula.none));
        let reads = Reads::of(conditions.chain(further));
        let some = some.without(impossible(self.bundle, check, setting, &reads)?);
        Ok(Asked { check, setting: setting.clone(), question: Question { some, unless, with_example } })
    }

    /// The replies to questions, in their order.
    pub(super) fn ask(&self, questions: &[Asked<'b>]) -> Vec<Reply> {
        let keys: Vec<String> = questions.iter().map(key).collect();
        let mut open: BTreeMap<&str, &Asked<'b>> = BTreeMap::new();
        {
            let known = self.known();
            for (key, asked) in keys.iter().zip(questions) {
                if !known.contains_key(key) {
                    open.insert(key, asked);
                }
            }
        }
        let open: Vec<(&str, &Asked<'b>)> = open.into_iter().collect();
        let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..self.jobs.min(open.len()) {
                scope.spawn(|| {
                    while let Some((key, asked)) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let reply = self.reply(key, asked);
                        self.known().insert((*key).to_owned(), reply);
                        (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, open.len());
                    }
                });
            }
        });
        let known = self.known();
        let lost = || Reply::Undecided("the question was not asked".to_owned());
        keys.iter().map(|key| known.get(key).cloned().unwrap_or_else(lost)).collect()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Reply>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, key: &str, asked: &Asked<'b>) -> Reply {
        let file = self.cache.as_ref().map(|folder| folder.join(self.digest(key)));
        let cached = file.as_ref().and_then(|file| fs::read_to_string(file).ok());
        match (cached.as_deref(), asked.question.with_example) {
            (Some("impossible"), _) => return Reply::Impossible,
            (Some("possible"), false) => return Reply::Possible(None),
            _ => {}
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let reply = self.solver.ask(&self.compiled, asked.check, asked.setting.target, asked.question.clone());
        let word = match &reply {
            Reply::Impossible => "impossible",
            Reply::Possible(_) => "possible",
            Reply::Undecided(_) => return reply,
        };
        if let (Some(file), Some(folder)) = (file, &self.cache) {
            // Without a cache the next run only takes longer.
            let written =
                files::make_private_folders(folder).and_then(|()| files::write_private(&file, word.as_bytes()));
            drop(written);
        }
        reply
    }

    /// The name of a cached reply.
    fn digest(&self, key: &str) -> String {
        let mut digest = Sha256::new();
        for part in [CACHE_VERSION, env!("CARGO_PKG_VERSION"), &self.solver.version, &self.bundle.digest, key] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        digest.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

/// What tells a question from others.
fn key(asked: &Asked<'_>) -> String {
    let Question { some, unless, with_example } = &asked.question;
    format!("{} {:?} {with_example} {some:?} {unless:?}", asked.check.id, asked.setting.target)
}
