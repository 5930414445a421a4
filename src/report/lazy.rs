//! From an evaluation to a report: its head at once, its findings as they are asked for.

use std::{borrow::Cow, sync::OnceLock};

use rayon::prelude::*;

#[cfg(feature = "cli")]
use super::forecast::State;
use super::{
    baseline::Baseline,
    build::Builder,
    contents::Contents,
    head::head,
    ids::answer_id,
    model::{BaselineNote, BaselineReport, BaselineStatus, Clock, Finding, Report},
    open::OpenFinding,
    organization::Organization,
    rank::Rank,
    view::Findings,
};
#[cfg(feature = "cli")]
use crate::resolve::ResolvedSnapshot;
use crate::{
    bundle::{Bundle, Outcome},
    engine::{
        answer::{Answer, Evaluation},
        waivers,
    },
};

/// Builds the report of an evaluation; `snapshot_digest` is that of the bytes that were read.
#[must_use]
pub fn build(evaluation: &Evaluation<'_>, snapshot_digest: &str, contents: Contents) -> Report {
    LazyReport::new(evaluation, snapshot_digest, contents).report()
}

/// Every finding with the answer that it tells of, in the order of the answers; of an evaluation that kept them all.
pub(crate) fn with_answers<'e>(evaluation: &'e Evaluation<'_>) -> Vec<(&'e Answer, Finding)> {
    let report = LazyReport::new(evaluation, "", Contents::All);
    let answers = evaluation.answers.iter().enumerate();
    answers.filter_map(|(index, answer)| Some((answer, report.built(index, answer)?))).collect()
}

/// How many findings are built at a time.
const BLOCK: usize = 1024;

/// A report whose findings are built as they are asked for, so that they need not all be there at a time.
pub struct LazyReport<'e, 'a> {
    /// The report without its findings.
    pub head: Report,
    contents: Contents,
    builder: Builder<'e, 'a>,
    /// The answers that are listed, worst first.
    ranked: OnceLock<Vec<usize>>,
}

impl<'e, 'a> LazyReport<'e, 'a> {
    /// Of an evaluation; `snapshot_digest` is that of the bytes that were read.
    #[must_use]
    pub fn new(evaluation: &'e Evaluation<'a>, snapshot_digest: &str, contents: Contents) -> Self {
        Self::since(None, evaluation, snapshot_digest, contents)
    }

    /// The same, compared with an earlier report.
    #[must_use]
    pub fn since(
        baseline: Option<&'e Baseline>,
        evaluation: &'e Evaluation<'a>,
        snapshot_digest: &str,
        contents: Contents,
    ) -> Self {
        let waivers = waivers::waive(evaluation);
        let head = head(evaluation, snapshot_digest, &waivers);
        let builder = Builder::new(evaluation, waivers, baseline);
        let mut report = LazyReport { head, contents, builder, ranked: OnceLock::new() };
        report.head.baseline = baseline.map(|baseline| report.compared(baseline));
        report.count_overdue();
        report
    }

    /// What changed since an earlier report.
    fn compared(&self, baseline: &Baseline) -> BaselineReport {
        let evaluation = self.builder.evaluation;
        let resolved = &evaluation.resolved;
        let of_interest = |answer: &&Answer| answer.verdict.outcome.is_open() || self.builder.follows(answer);
        let ids = evaluation.answers.par_iter().filter(of_interest).filter_map(|answer| {
            let check = resolved.bundle.checks.get(answer.check)?;
            let id = answer_id(resolved, check, answer.subject, answer.level.as_deref());
            Some((id, answer.verdict.outcome))
        });
        let ids: Vec<(String, Outcome)> = ids.collect();
        let checks = self.head.summary.checks.iter().map(|check| check.check.as_str()).collect();
        baseline.compare(&ids.into_iter().collect(), &checks, &self.head.run.today)
    }

    /// Counts what is overdue and not waived.
    fn count_overdue(&mut self) {
        let evaluation = self.builder.evaluation;
        for (summary, index) in self.head.summary.checks.iter_mut().zip(&evaluation.checks) {
            if evaluation.resolved.bundle.checks.get(*index).is_none_or(|check| check.due.is_none()) {
                continue;
            }
            let open = self.builder.unwaived().filter(|(_, answer)| answer.check == *index);
            let states = open.map(|(_, answer)| self.builder.status(answer).1);
            summary.counts.overdue = states.flatten().filter(Clock::is_overdue).count();
            self.head.summary.totals.overdue += summary.counts.overdue;
        }
    }

    /// The answers that the report lists, worst first.
    fn ranked(&self) -> Vec<usize> {
        let answers: &'e [Answer] = &self.builder.evaluation.answers;
        let is_listed = |answer: &Answer| {
            let is_resolved = |note: BaselineNote| note.status == BaselineStatus::Resolved;
            self.contents == Contents::All
                || !answer.verdict.outcome.is_clean()
                || (self.builder.follows(answer) && self.builder.status(answer).0.is_some_and(is_resolved))
        };
        let listed = answers.par_iter().enumerate().filter(|(_, answer)| is_listed(answer));
        let mut ranked: Vec<(Rank, usize)> =
            listed.map(|(index, answer)| (self.builder.rank(index, answer), index)).collect();
        ranked.par_sort_unstable();
        ranked.into_iter().map(|(_, index)| index).collect()
    }

    /// The findings, in order.
    fn each(&self) -> impl Iterator<Item = Finding> {
        self.each_of(None)
    }

    /// The findings of a check, or of all.
    fn each_of(&self, check: Option<usize>) -> impl Iterator<Item = Finding> {
        let answers: &'e [Answer] = &self.builder.evaluation.answers;
        let ranked = self.ranked.get_or_init(|| self.ranked());
        ranked.chunks(BLOCK).flat_map(move |block| {
            let is_asked = |answer: &&Answer| check.is_none_or(|check| check == answer.check);
            let build =
                |index: &usize| answers.get(*index).filter(is_asked).and_then(|answer| self.built(*index, answer));
            block.par_iter().filter_map(build).collect::<Vec<Finding>>()
        })
    }

    /// The finding of the answer at this index.
    pub(crate) fn finding(&self, index: usize) -> Option<Finding> {
        self.built(index, self.builder.evaluation.answers.get(index)?)
    }

    /// The outcome of an answer, and whether it is waived or overdue.
    #[cfg(feature = "cli")]
    pub(crate) fn state(&self, index: usize, answer: &Answer) -> State {
        let outcome = answer.verdict.outcome;
        let waived = self.builder.waivers.applied.contains_key(&index);
        let is_due = outcome.is_open() && !waived;
        let overdue = is_due && self.builder.status(answer).1.is_some_and(|clock| clock.is_overdue());
        State { outcome, waived, overdue }
    }

    /// INVARIANT: every answer is about a check of the bundle, so every answer has a finding.
    fn built(&self, index: usize, answer: &Answer) -> Option<Finding> {
        let finding = self.builder.finding(index, answer);
        debug_assert!(finding.is_some(), "the answer {index} is about a check that the bundle does not have");
        finding
    }

    /// The whole report.
    #[must_use]
    pub fn report(self) -> Report {
        let findings = self.each().collect();
        Report { findings, ..self.head }
    }

    /// The bundle that was judged by.
    #[must_use]
    pub fn bundle(&self) -> &'a Bundle {
        self.builder.evaluation.resolved.bundle
    }

    /// What was judged.
    #[cfg(feature = "cli")]
    pub(crate) fn resolved(&self) -> &ResolvedSnapshot<'a> {
        &self.builder.evaluation.resolved
    }

    /// Reporting lines and access, of an evaluation that kept every answer.
    #[must_use]
    pub fn organization(&self) -> Organization {
        Organization::of(self.builder.evaluation)
    }

    /// Whether a finding is open and not waived, and `counts` says that it counts.
    pub fn has_open(&self, counts: impl Fn(&OpenFinding) -> bool) -> bool {
        let resolved = &self.builder.evaluation.resolved;
        self.builder.unwaived().any(|(_, answer)| {
            let Some(check) = resolved.bundle.checks.get(answer.check) else { return false };
            let (note, clock) = self.builder.status(answer);
            counts(&OpenFinding {
                severity: check.severity,
                status: note.map(|note| note.status),
                has_due: check.due.is_some(),
                state: clock.and_then(|clock| clock.state),
            })
        })
    }
}

impl Findings for LazyReport<'_, '_> {
    fn findings(&self) -> Box<dyn Iterator<Item = Cow<'_, Finding>> + '_> {
        Box::new(self.each().map(Cow::Owned))
    }

    fn of_check<'f>(&'f self, check: &'f str) -> Box<dyn Iterator<Item = Cow<'f, Finding>> + 'f> {
        let index = self.bundle().checks.iter().position(|one| one.id == check);
        Box::new(index.into_iter().flat_map(|index| self.each_of(Some(index)).map(Cow::Owned)))
    }
}
