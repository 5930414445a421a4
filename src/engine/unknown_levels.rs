//! Findings about unknown levels: one for each account, or one for a system whose source gives no levels at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    answer::{Answer, Basis, LevelFindings, Options, Subject, Tally, UnknownFact, Verdict},
    attributes::account_id,
    error::{Error, ErrorKind},
};
use crate::{
    bundle::{Bundle, Check, CheckTarget, Effect, Outcome, Rule, data::systems::LOGIN, reads::reads_the_level},
    resolve::ResolvedSnapshot,
};

/// The fact of these findings.
const LEVELS: &str = "levels";

/// The systems of which an account with known levels was evaluated.
#[derive(Debug, Default)]
pub(super) struct LevelsSeen(BTreeSet<usize>);

impl LevelsSeen {
    /// Notes the accounts of a batch. They are loaded.
    pub(super) fn add(&mut self, resolved: &ResolvedSnapshot<'_>, batch: &[Subject]) {
        for subject in batch {
            let Subject::Account(index) = subject else { continue };
            let account = resolved.accounts.loaded(*index);
            let account = account.filter(|account| !account.record.levels.is_unknown());
            self.0.extend(account.and_then(|account| account.system));
        }
    }

    /// Replaces the findings about unknown levels of accounts by one of their system, for each system of which no
    /// account has known levels and whose file does not say which are judged. All accounts of the system have been
    /// evaluated: with selected subjects, nothing is folded.
    pub(super) fn fold(
        &self,
        resolved: &ResolvedSnapshot<'_>,
        options: &Options,
        answers: &mut Vec<Answer>,
        tallies: &mut [Tally],
    ) {
        if options.level_findings == LevelFindings::PerAccount || options.subjects.is_some() {
            return;
        }
        let mut folded: BTreeMap<(usize, usize), Vec<Arc<Verdict>>> = BTreeMap::new();
        answers.retain(|answer| {
            let Some(system) = self.folds_into(resolved, answer) else { return true };
            folded.entry((answer.check, system)).or_default().push(answer.verdict.clone());
            false
        });
        for ((check, system), verdicts) in folded {
            if let Some(tally) = tallies.get_mut(check) {
                for verdict in &verdicts {
                    tally.remove(verdict);
                }
            }
            let answer = of_system(resolved, check, system, &verdicts);
            tallies.get_mut(check).into_iter().for_each(|tally| tally.add(&answer.verdict, 1));
            answers.push(answer);
        }
    }

    fn folds_into(&self, resolved: &ResolvedSnapshot<'_>, answer: &Answer) -> Option<usize> {
        let (Subject::Account(index), Some(check)) = (answer.subject, resolved.bundle.checks.get(answer.check)) else {
            return None;
        };
        if !is_about_unknown_levels(answer, check) {
            return None;
        }
        let system = resolved.account_at(index)?.system?;
        (resolved.says_no_levels(system) && !self.0.contains(&system)).then_some(system)
    }
}

/// The finding of a system in place of those of its accounts.
fn of_system(resolved: &ResolvedSnapshot<'_>, check: usize, system: usize, verdicts: &[Arc<Verdict>]) -> Answer {
    let id = resolved.systems.get(system).map_or("", |system| system.id);
    let reasons: BTreeSet<&str> =
        verdicts.iter().flat_map(|verdict| verdict.unknown.iter().map(|fact| &*fact.reason)).collect();
    let reason = reasons.first().copied().unwrap_or_default();
    // INVARIANT: no count here, since the group of the finding comes from its message.
    let reason = format!("no account of `{id}` has known levels: {reason}");
    let fact = UnknownFact { entity: format!("System::\"{id}\""), fact: LEVELS.into(), reason: reason.into() };
    Answer { check, subject: Subject::System(system), level: None, verdict: Arc::new(unknown(fact)) }
}

fn unknown(fact: UnknownFact) -> Verdict {
    Verdict {
        outcome: Outcome::Unknown,
        basis: Basis::Undetermined,
        rules: Vec::new(),
        unknown: vec![fact],
        errors: Vec::new(),
    }
}

/// Whether an answer says that the levels of an account or of a system are unknown. No rule was asked about them.
pub(crate) fn is_about_unknown_levels(answer: &Answer, check: &Check) -> bool {
    let is_levels = |unknown: &[UnknownFact]| unknown.iter().all(|one| &*one.fact == LEVELS) && !unknown.is_empty();
    answer.level.is_none()
        && check.targets.contains(&CheckTarget::AccountHoldsEntitlement)
        && answer.verdict.rules.is_empty()
        && is_levels(&answer.verdict.unknown)
}

/// Whether an account's levels are unknown.
pub(super) fn has_unknown_levels(resolved: &ResolvedSnapshot<'_>, subject: Subject) -> bool {
    let Subject::Account(index) = subject else { return false };
    resolved.accounts.loaded(index).is_some_and(|account| account.unknown.contains_key(LEVELS))
}

/// Answers for accounts with unknown levels: unknown, unless a not-applicable login covers every level.
pub(super) fn unknown_levels(
    resolved: &ResolvedSnapshot<'_>,
    bundle: &Bundle,
    options: &Options,
    answers: &[Answer],
) -> Result<Vec<Answer>, Error> {
    let mut further = Vec::new();
    for (check, declared) in options.selected_checks(bundle) {
        if !declared.targets.contains(&CheckTarget::AccountHoldsEntitlement) {
            continue;
        }
        // A login that is not applicable does not cover a level that a rule may forbid.
        let forbids_levels = |rule: &&Rule| rule.effect == Effect::Forbid && rule.applies_to(declared);
        let further_level = bundle.rules.iter().filter(forbids_levels).any(reads_the_level);
        for answer in answers.iter().filter(|answer| answer.check == check) {
            let Subject::Account(index) = answer.subject else { continue };
            // An evicted account is expanded again.
            let Some(account) = resolved.account_at(index) else {
                return Err(ErrorKind::Unreadable(index).into());
            };
            if account.system.is_some_and(|system| resolved.is_login_only(system)) {
                continue;
            }
            let reason = account.unknown.get(LEVELS);
            let (Some(reason), Some(LOGIN)) = (reason, answer.level.as_deref()) else { continue };
            let rules = answer.verdict.rules.iter().filter_map(|rule| bundle.rules.get(usize::try_from(*rule).ok()?));
            let of_every_level = !further_level && !rules.clone().any(reads_the_level);
            if answer.verdict.outcome == Outcome::NotApplicable && of_every_level {
                continue;
            }
            let fact = UnknownFact {
                entity: format!("Account::\"{}\"", account_id(&account)),
                fact: LEVELS.into(),
                reason: reason.clone(),
            };
            further.push(Answer { check, subject: answer.subject, level: None, verdict: Arc::new(unknown(fact)) });
        }
    }
    Ok(further)
}
