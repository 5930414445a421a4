//! Verdicts, and how they may change.

use std::collections::BTreeMap;

use tenure::{
    bundle::{Bundle, Outcome},
    engine::{
        self,
        answer::{Answer, Basis, Evaluation, LevelFindings, Options, Subject},
    },
};

use crate::{
    facts::Facts,
    resolved::{Resolved, resolved_facts},
};

/// A verdict on a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) outcome: Outcome,
    /// Whether satisfied rules decide it.
    pub(crate) is_satisfied: bool,
    /// Whether a rule erred for another reason than an unknown fact.
    pub(crate) errs: bool,
    /// The unknown facts behind it.
    pub(crate) unknown: Vec<String>,
}

/// By check, subject and level.
pub(crate) type Verdicts = BTreeMap<(String, String, Option<String>), Judged>;

/// Every fact and every verdict.
pub(crate) fn judge(facts: &Facts, bundle: &Bundle, as_of: &str) -> (Resolved, Verdicts) {
    let snapshot = facts.snapshot();
    let as_of = Some(as_of.parse().unwrap());
    let options = Options { as_of, level_findings: LevelFindings::PerAccount, ..Options::default() };
    let evaluation = engine::evaluate(&snapshot, bundle, &options).unwrap();
    let verdicts = evaluation.answers.iter().map(|answer| judged(&evaluation, answer)).collect();
    (resolved_facts(&evaluation.resolved), verdicts)
}

fn judged(evaluation: &Evaluation<'_>, answer: &Answer) -> ((String, String, Option<String>), Judged) {
    let resolved = &evaluation.resolved;
    let subject = match answer.subject {
        Subject::Person(index) => format!("Person {}", resolved.person(index).unwrap().id),
        Subject::Account(index) => format!("Account {}", resolved.accounts.all_loaded()[index].record.id),
        Subject::System(index) => format!("System {}", resolved.systems[index].id),
        Subject::Organization => "Organization".to_owned(),
    };
    let verdict = &answer.verdict;
    let check = resolved.bundle.checks[answer.check].id.clone();
    let judged = Judged {
        outcome: verdict.outcome,
        is_satisfied: verdict.basis == Basis::Satisfied,
        errs: !verdict.errors.is_empty(),
        unknown: verdict.unknown.iter().map(|fact| fact.fact.to_string()).collect(),
    };
    ((check, subject, answer.level.as_deref().map(str::to_owned)), judged)
}

/// Whether a verdict may become another one once more is known.
pub(crate) fn may_become(before: &Judged, after: &Judged) -> bool {
    let is_excused = after.errs || after.is_satisfied;
    match (before.outcome, after.outcome) {
        // A satisfied forbid that calls it unknown stays satisfied, and a further one may fail.
        (Outcome::Unknown, after) => !before.is_satisfied || matches!(after, Outcome::Unknown | Outcome::Fail),
        (Outcome::Fail, after) => after == Outcome::Fail,
        (_, Outcome::Unknown) => is_excused,
        (Outcome::Pass, after) => matches!(after, Outcome::Pass | Outcome::NotApplicable),
        (Outcome::Exempt, after) => matches!(after, Outcome::Exempt | Outcome::Pass | Outcome::NotApplicable),
        (Outcome::NotApplicable, after) => after == Outcome::NotApplicable,
    }
}

/// The first verdict that became one which it may not become.
pub(crate) fn changed(before: &Verdicts, after: &Verdicts) -> Option<(String, String)> {
    for (question, verdict) in before {
        let Some(learnt) = after.get(question) else {
            // The question about levels that are unknown is not asked once they are known.
            if question.2.is_none() && verdict.outcome == Outcome::Unknown {
                continue;
            }
            return Some((question.0.clone(), format!("{question:?} was {verdict:?} and is no longer asked")));
        };
        if !may_become(verdict, learnt) {
            return Some((question.0.clone(), format!("{question:?} was {verdict:?} and became {learnt:?}")));
        }
    }
    // A level that comes to light fails only if something was open.
    for (question, learnt) in after.iter().filter(|(question, _)| !before.contains_key(question)) {
        let mut asked = before.iter().filter(|(of, _)| (&of.0, &of.1) == (&question.0, &question.1)).peekable();
        if learnt.outcome == Outcome::Fail
            && asked.peek().is_some()
            && asked.all(|(_, verdict)| !verdict.outcome.is_open())
        {
            return Some((question.0.clone(), format!("{question:?} fails once the levels are known")));
        }
    }
    None
}

#[test]
fn transitions_are_those_of_the_design() {
    let judged = |outcome| Judged { outcome, is_satisfied: false, errs: false, unknown: Vec::new() };
    let allowed = |before: Outcome| -> Vec<Outcome> {
        Outcome::ALL.iter().copied().filter(|after| may_become(&judged(before), &judged(*after))).collect()
    };
    assert_eq!(allowed(Outcome::Pass), [Outcome::Pass, Outcome::NotApplicable]);
    assert_eq!(allowed(Outcome::Exempt), [Outcome::Pass, Outcome::Exempt, Outcome::NotApplicable]);
    assert_eq!(allowed(Outcome::NotApplicable), [Outcome::NotApplicable]);
    assert_eq!(allowed(Outcome::Fail), [Outcome::Fail]);
    assert_eq!(allowed(Outcome::Unknown), Outcome::ALL);
}
