//! A test judged and compared with what it expects.

use std::collections::HashSet;

use super::{
    coverage::Coverage,
    file::Expectation,
    load::Test,
    report::{Difference, Failure},
};
use crate::{
    bundle::{AccountMapping, Bundle},
    diagnostic::suggest,
    engine::{
        self,
        answer::{Answer, Evaluation, LevelFindings, Options},
        cedar::entities::CedarEntities,
        explain::trace::Tracer,
    },
    model::Fact,
    report::{
        self, explanation,
        model::{Finding, RuleStatus},
    },
};

/// What is otherwise than the test expects.
#[must_use]
pub fn failures(bundle: &Bundle, test: &Test) -> Vec<Failure> {
    judged(bundle, test, |judged| judged.failures())
        .unwrap_or_else(|error| vec![Failure::Error { reason: error.to_string() }])
}

/// Whether anything is otherwise than the test expects; nothing is explained.
#[must_use]
pub fn fails(bundle: &Bundle, test: &Test) -> bool {
    judged(bundle, test, |judged| Ok(judged.fails())).unwrap_or(true)
}

/// What the test's expectations come to.
///
/// # Errors
/// Cedar's reason, could it not evaluate.
pub fn coverage(bundle: &Bundle, test: &Test) -> Result<Coverage, engine::Error> {
    judged(bundle, test, |judged| {
        let mut coverage = Coverage::new(bundle);
        let world = CedarEntities::of(judged.evaluation, None)?;
        for answer in judged.expected() {
            coverage.observe(&Tracer::new(judged.evaluation, &world, answer)?.rules()?);
        }
        Ok(coverage)
    })
}

/// The outcome of a check for one subject of a test, and the ids of the rules that it rests on.
///
/// # Errors
/// Cedar's reason, could it not evaluate.
#[cfg(feature = "prove")]
pub(crate) fn outcome(
    bundle: &Bundle,
    test: &Test,
    expectation: &Expectation,
) -> Result<Option<(crate::bundle::Outcome, Vec<String>)>, engine::Error> {
    judged(bundle, test, |judged| {
        let found = judged.of(expectation).next().map(|(answer, finding)| {
            let rules = answer.verdict.rules.iter().filter_map(|at| bundle.rules.get(usize::try_from(*at).ok()?));
            (finding.outcome, rules.map(|rule| rule.key.clone()).collect())
        });
        Ok(found)
    })
}

fn judged<T>(
    bundle: &Bundle,
    test: &Test,
    then: impl FnOnce(&Judged<'_, '_>) -> Result<T, engine::Error>,
) -> Result<T, engine::Error> {
    let declared;
    let bundle = if test.identities.is_empty() {
        bundle
    } else {
        declared = declaring(bundle, &test.identities);
        &declared
    };
    let options = Options {
        as_of: Some(test.as_of),
        checks: Some(test.checks.iter().cloned().collect::<HashSet<_>>()),
        level_findings: LevelFindings::PerAccount,
        ..Options::default()
    };
    let evaluation = engine::evaluate(&test.snapshot, bundle, &options)?;
    then(&Judged { test, evaluation: &evaluation, findings: report::with_answers(&evaluation) })
}

/// The bundle with further declarations about accounts, which come before its own.
fn declaring(bundle: &Bundle, identities: &[AccountMapping]) -> Bundle {
    let mut bundle = bundle.clone();
    let key = |mapping: &AccountMapping| (mapping.entry.system.clone(), mapping.entry.account.clone());
    bundle.accounts.retain(|mapping| !identities.iter().any(|declared| key(declared) == key(mapping)));
    bundle.accounts.extend(identities.iter().cloned());
    bundle
}

/// A test's organisation, judged.
struct Judged<'j, 'a> {
    test: &'j Test,
    evaluation: &'j Evaluation<'a>,
    findings: Vec<(&'j Answer, Finding)>,
}

impl Judged<'_, '_> {
    fn pairs(&self) -> impl Iterator<Item = (&Answer, &Finding)> {
        self.findings.iter().map(|(answer, finding)| (*answer, finding))
    }

    /// The findings that an expectation speaks of.
    fn of<'s>(&'s self, expectation: &'s Expectation) -> impl Iterator<Item = (&'s Answer, &'s Finding)> {
        self.pairs().filter(move |(answer, finding)| speaks_of(expectation, answer, finding))
    }

    /// The answers that expectations speak of, each once.
    fn expected(&self) -> impl Iterator<Item = &Answer> {
        let speaks = |answer: &Answer, finding: &Finding| {
            self.test.expect.iter().any(|(expectation, _)| speaks_of(expectation, answer, finding))
        };
        self.pairs().filter(move |(answer, finding)| speaks(answer, finding)).map(|(answer, _)| answer)
    }

    /// Findings that have to be expected, of subjects that the test knows, and are not.
    fn unexpected(&self) -> impl Iterator<Item = &Finding> {
        let systems = &self.evaluation.resolved.snapshot.systems;
        // A system that the test does not name is there only because the bundle has a file about it.
        let known = |finding: &Finding| {
            finding.subject.kind != "System" || systems.iter().any(|system| system.id == finding.subject.id)
        };
        let spoken = |answer: &Answer, finding: &Finding| {
            self.test.expect.iter().any(|(expectation, _)| speaks_of(expectation, answer, finding))
        };
        let unexpected = move |(answer, finding): &(&Answer, &Finding)| {
            finding.outcome.is_open() && known(finding) && !spoken(answer, finding)
        };
        self.pairs().filter(unexpected).map(|(_, finding)| finding)
    }

    fn fails(&self) -> bool {
        let differs = |(expectation, _): &(Expectation, _)| {
            let mut asked = self.of(expectation).peekable();
            asked.peek().is_none() || asked.any(|(_, finding)| !differences(expectation, finding).is_empty())
        };
        self.test.expect.iter().any(differs) || self.unexpected().next().is_some()
    }

    fn failures(&self) -> Result<Vec<Failure>, engine::Error> {
        let mut failures = Vec::new();
        for (expectation, place) in &self.test.expect {
            let mut asked = false;
            for (_, finding) in self.of(expectation) {
                asked = true;
                let differences = differences(expectation, finding);
                if differences.is_empty() {
                    continue;
                }
                let explanation = explanation::explain(self.evaluation, "", Some(&finding.id), 0)?;
                failures.extend(explanation.findings.into_iter().map(|explanation| Failure::Different {
                    line: place.line,
                    differences: differences.clone(),
                    explanation: Box::new(explanation),
                }));
            }
            if !asked {
                failures.push(self.not_asked(expectation, place.line));
            }
        }
        failures.extend(self.unexpected().map(|finding| Failure::Unexpected { finding: Box::new(finding.clone()) }));
        Ok(failures)
    }

    fn not_asked(&self, expectation: &Expectation, line: usize) -> Failure {
        let findings = self.findings.iter().map(|(_, finding)| finding);
        let of_the_check = findings.filter(|finding| finding.check == expectation.check);
        let subjects: Vec<&str> = of_the_check.clone().map(|finding| finding.subject.id.as_str()).collect();
        let is_there = subjects.contains(&expectation.subject.as_str());
        let levels: Vec<&str> = of_the_check
            .filter(|finding| finding.subject.id == expectation.subject)
            .filter_map(|finding| finding.entitlement.as_deref()?.rsplit('/').next())
            .collect();
        let suggestion = match (is_there, &expectation.level) {
            (true, Fact::Known(level)) => suggest(level, levels.iter().copied()),
            _ => suggest(&expectation.subject, subjects.iter().copied()),
        };
        Failure::NotAsked {
            line,
            check: expectation.check.clone(),
            subject: expectation.subject.clone(),
            level: expectation.level.known().cloned(),
            suggestion,
        }
    }
}

fn speaks_of(expectation: &Expectation, answer: &Answer, finding: &Finding) -> bool {
    let subject = &finding.subject;
    let named =
        expectation.subject == subject.id || expectation.subject == format!("{}::\"{}\"", subject.kind, subject.id);
    let level = match &expectation.level {
        Fact::Unknown => true,
        Fact::Empty => answer.level.is_none(),
        Fact::Known(level) => answer.level.as_deref() == Some(level.as_str()),
    };
    named && level && finding.check == expectation.check
}

fn differences(expectation: &Expectation, finding: &Finding) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |what: &str, expected: &str, actual: String| {
        found.push(Difference { what: what.to_owned(), expected: expected.to_owned(), actual });
    };
    if expectation.outcome != finding.outcome {
        differ("outcome", expectation.outcome.word(), finding.outcome.to_string());
    }
    let resting = finding.reasons.iter().filter(|reason| reason.bearing != RuleStatus::NotSatisfied);
    let rules: Vec<&str> = resting.map(|reason| reason.rule.as_str()).collect();
    let actual = || if rules.is_empty() { "no rule is satisfied".to_owned() } else { rules.join(", ") };
    match &expectation.rule {
        Fact::Known(rule) if !rules.contains(&rule.as_str()) => differ("rule", rule, actual()),
        Fact::Empty if !rules.is_empty() => differ("rule", "no rule is satisfied", actual()),
        _ => {}
    }
    if let Some(message) = expectation.message.as_ref().filter(|message| **message != finding.message) {
        differ("message", message, finding.message.clone());
    }
    found
}
