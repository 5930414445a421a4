//! Proofs about a bundle, over every organisation that its schema allows.
//!
//! Cedar's symbolic compiler turns a question about rules into one for an SMT solver (cvc5): can a rule err, does a rule
//! ever decide a verdict, does an invariant hold, does a new bundle let more pass than an old one? The solver answers for
//! all organisations at once, or gives one that shows the contrary. Tenure judges that one again before it shows it.
//!
//! The proofs are about known facts. What Tenure does with unknown ones is the subject of property tests: a verdict that is
//! known for a snapshot is that of each of its completions.

mod analysis;
mod assumptions;
mod compare;
mod error;
mod example;
mod expressions;
mod fold;
mod formula;
mod prover;
mod report;
mod setting;
mod slice;
mod solver;
mod text;

use std::path::PathBuf;

pub use self::{
    assumptions::assumptions_of,
    error::Error,
    report::{Answered, Compared, Decision, ProofReport, RuleFinding, SCHEMA_VERSION},
    solver::Solver,
    text::text,
};
use self::{example::Replay, prover::Prover};
use crate::bundle::{Bundle, Check};

/// What to prove.
#[derive(Debug, Clone)]
pub struct ProofOptions {
    /// The checks, by id; all of them if empty.
    pub checks: Vec<String>,
    /// Whether rules can err.
    pub errors: bool,
    /// Whether the invariants hold.
    pub invariants: bool,
    /// Which rules decide nothing.
    pub rules: bool,
    /// How many questions are asked at a time.
    pub jobs: usize,
    /// A folder for answers, so that a later run asks only what is new.
    pub cache: Option<PathBuf>,
}

/// Proves what the options ask for. With an old bundle, every check is compared with that of the old one.
///
/// `progress` is told how many of how many questions of a step are answered.
///
/// # Errors
/// Returns an error if a check is unknown, or if the schema or a rule cannot be analysed.
pub fn prove(
    bundle: &Bundle,
    old: Option<&Bundle>,
    solver: &Solver,
    options: &ProofOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<ProofReport, Error> {
    let checks: Vec<&Check> = if options.checks.is_empty() {
        bundle.checks.iter().collect()
    } else {
        let find = |id: &String| bundle.check(id).ok_or_else(|| Error::UnknownCheck { id: id.clone() });
        options.checks.iter().map(find).collect::<Result<_, _>>()?
    };
    let prover = Prover::new(bundle, solver, options.jobs, options.cache.as_deref(), progress)?;
    let slices = analysis::slices(bundle, &checks)?;
    let replay = Replay::new(bundle, old);
    let errors = if options.errors { analysis::errors(&prover, &slices)? } else { Vec::new() };
    let invariants = if options.invariants { analysis::invariants(&prover, bundle, &checks)? } else { Vec::new() };
    let rules = if options.rules { analysis::dead(&prover, &slices)? } else { Vec::new() };
    let comparisons = old.map(|old| compare::compare(&prover, old, bundle, &checks)).transpose()?;
    let of = |proof: &report::Proof| bundle.invariants.iter().find(|invariant| invariant.id == proof.id).cloned();
    Ok(ProofReport {
        schema_version: SCHEMA_VERSION.to_owned(),
        bundle: bundle.digest.clone(),
        old_bundle: old.map(|old| old.digest.clone()),
        solver: solver.version.clone(),
        questions: prover.asked(),
        errors: errors.into_iter().map(|proof| proof.finish(|_, _| None)).collect(),
        invariants: invariants
            .into_iter()
            .map(|proof| {
                let invariant = of(&proof);
                proof.finish(|setting, example| replay.of_invariant(invariant.as_ref()?, setting, example))
            })
            .collect(),
        rules,
        comparisons: comparisons
            .unwrap_or_default()
            .into_iter()
            .map(|found| {
                found.finish(|check, setting, way, example| replay.of_comparison((check, setting), way, example))
            })
            .collect(),
    })
}

impl ProofReport {
    /// Whether a rule can err, or an invariant does not hold.
    #[must_use]
    pub fn is_refuted(&self) -> bool {
        self.errors.iter().chain(&self.invariants).any(|answered| answered.decision == Decision::Refuted)
    }

    /// Whether some question has no answer.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.errors.iter().chain(&self.invariants).any(|answered| answered.decision == Decision::Undecided)
            || self.rules.iter().any(|rule| rule.reason.is_some())
            || self.comparisons.iter().any(|compared| compared.reason.is_some())
    }

    /// Whether some rule can never decide nor explain anything.
    #[must_use]
    pub fn has_dead_rules(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.does.as_str(), "covered" | "never"))
    }

    /// Whether some check lets off what the old bundle did not.
    #[must_use]
    pub fn is_laxer(&self) -> bool {
        self.comparisons.iter().any(|compared| matches!(compared.relation.as_str(), "laxer" | "neither" | "removed"))
    }
}

#[cfg(test)]
mod tests;
