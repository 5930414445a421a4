//! From traces to the explanation.

use std::collections::BTreeMap;

use super::{
    ChangeReport, ExplainedClause, ExplainedFinding, ExplainedPart, ExplainedRule, Explanation, FurtherFindings,
    JointWord, PlaceWord, ReadValue, SCHEMA_VERSION, TruthWord,
};
use crate::{
    bundle::{Effect, Outcome},
    engine::{
        self,
        answer::{Answer, Evaluation},
        cedar::entities::CedarEntities,
        explain::{
            remediation::changes,
            trace::{Connective, EvaluationResult, Part, Place, TracedRule, Tracer},
        },
    },
    model::Snapshot,
    report::{
        Contents, LazyReport,
        ids::answer_id,
        model::{FactReport, FactState},
        provenance,
    },
};

/// Findings that are explained in full; a person may own thousands of accounts.
const EXPLAINED: usize = 40;

/// Explains the answers of an evaluation that are wanted, all of them or the one whose finding has this id;
/// `snapshot_digest` is that of the bytes that were read; changes are looked for in the
/// first `tried` findings that want any, since each of them is judged again for every change. Beyond a few dozen,
/// findings are counted.
///
/// # Errors
/// Cedar's reason, could it not evaluate.
pub fn explain(
    evaluation: &Evaluation<'_>,
    snapshot_digest: &str,
    wanted: Option<&str>,
    tried: usize,
) -> Result<Explanation, engine::Error> {
    let report = LazyReport::new(evaluation, snapshot_digest, Contents::All);
    let (explained, further) = chosen(evaluation, wanted);
    let answers = explained.iter().filter_map(|index| evaluation.answers.get(*index));
    let world = CedarEntities::of(evaluation, Some(&answers.map(|answer| answer.subject).collect()))?;
    let mut left = tried;
    let mut findings = Vec::new();
    for index in explained {
        let found = evaluation.answers.get(index).zip(report.finding(index));
        let (answer, finding) = found.ok_or_else(|| format!("finding {index} of the evaluation is missing"))?;
        let traced = Tracer::new(evaluation, &world, answer)?.rules()?;
        let snapshot = evaluation.resolved.snapshot;
        let mut rules: Vec<ExplainedRule> =
            traced.iter().map(|rule| self::explained(evaluation, answer, rule)).collect::<Result<_, _>>()?;
        rules.sort_by_key(|rule| !rule.decides);
        let wants = answer.verdict.outcome.is_open();
        let changes = if wants && left > 0 {
            left -= 1;
            Some(settling(evaluation, answer)?)
        } else {
            // Nothing to settle is settled by nothing.
            (!wants).then(Vec::new)
        };
        findings.push(ExplainedFinding { facts: facts(snapshot, &traced), rules, changes, finding });
    }
    Ok(Explanation { schema_version: SCHEMA_VERSION.to_owned(), run: report.head.run, findings, further })
}

/// The indices of the answers to explain, in order, and the others counted.
fn chosen(evaluation: &Evaluation<'_>, wanted: Option<&str>) -> (Vec<usize>, Vec<FurtherFindings>) {
    let resolved = &evaluation.resolved;
    let check_of = |answer: &Answer| resolved.bundle.checks.get(answer.check);
    let is_wanted = |answer: &Answer| {
        wanted.is_none_or(|id| {
            let level = answer.level.as_deref();
            check_of(answer).is_some_and(|check| answer_id(resolved, check, answer.subject, level) == id)
        })
    };
    let all: Vec<(usize, &Answer)> =
        evaluation.answers.iter().enumerate().filter(|(_, answer)| is_wanted(answer)).collect();
    let (open, settled): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, answer)| answer.verdict.outcome.is_open());
    let mut ordered = open.into_iter().chain(settled);
    let mut explained: Vec<usize> = ordered.by_ref().take(EXPLAINED).map(|(index, _)| index).collect();
    explained.sort_unstable();
    let mut counts: BTreeMap<(usize, Outcome), usize> = BTreeMap::new();
    for (_, answer) in ordered {
        *counts.entry((answer.check, answer.verdict.outcome)).or_default() += 1;
    }
    let further = counts.into_iter().filter_map(|((check, outcome), count)| {
        Some(FurtherFindings { check: resolved.bundle.checks.get(check)?.id.clone(), outcome, count })
    });
    (explained, further.collect())
}

fn settling(evaluation: &Evaluation<'_>, answer: &Answer) -> Result<Vec<ChangeReport>, engine::Error> {
    let changes = changes(evaluation, answer)?.into_iter().map(|change| ChangeReport {
        site: change.site,
        text: change.text,
        file: change.location.as_ref().map(|location| location.file.to_string()),
        line: change.location.as_ref().map(|location| location.line),
        outcome: change.outcome,
    });
    Ok(changes.collect())
}

fn explained(
    evaluation: &Evaluation<'_>,
    answer: &Answer,
    traced: &TracedRule,
) -> Result<ExplainedRule, engine::Error> {
    let rule = usize::try_from(traced.rule).ok().and_then(|rule| evaluation.resolved.bundle.rules.get(rule));
    let rule = rule.ok_or_else(|| format!("rule {} of the bundle is missing", traced.rule))?;
    let (truth, reason) = told(&traced.truth);
    let clauses = traced.clauses.iter().map(|clause| ExplainedClause {
        place: match clause.place {
            Place::Scope => PlaceWord::Scope,
            Place::Expiry => PlaceWord::Expiry,
            Place::When => PlaceWord::When,
            Place::Unless => PlaceWord::Unless,
        },
        part: match (clause.place, rule.grants.as_ref().and_then(|grants| grants.expires)) {
            // The day as it is written, not the instant at which it begins.
            (Place::Expiry, Some(last_day)) => ExplainedPart { text: last_day.to_string(), ..part(&clause.part) },
            _ => part(&clause.part),
        },
    });
    Ok(ExplainedRule {
        rule: rule.id.clone(),
        effect: if rule.effect == Effect::Permit { "permit" } else { "forbid" }.to_owned(),
        outcome: rule.outcome,
        message: rule.message.clone(),
        file: rule.location.file.to_string(),
        line: rule.location.line,
        yaml_path: rule.location.yaml_path.clone(),
        truth,
        reason,
        decides: answer.verdict.rules.contains(&traced.rule),
        clauses: clauses.collect(),
    })
}

fn told(truth: &EvaluationResult) -> (TruthWord, Option<String>) {
    match truth {
        EvaluationResult::True => (TruthWord::True, None),
        EvaluationResult::False => (TruthWord::False, None),
        EvaluationResult::NotReached => (TruthWord::NotReached, None),
        EvaluationResult::Erred(reason) => (TruthWord::Error, Some(reason.clone())),
        EvaluationResult::Undetermined(unknown) => {
            let fact = provenance::unknown(unknown);
            (TruthWord::Unknown, Some(format!("{} is unknown: {}", fact.path, unknown.reason)))
        }
    }
}

fn part(traced: &Part) -> ExplainedPart {
    let (truth, reason) = told(&traced.truth);
    let facts = traced.facts.iter().map(|fact| ReadValue {
        path: fact.path.clone(),
        value: match (&fact.value, &fact.label) {
            (crate::model::Fact::Known(value), Some(label)) => format!("{value} ({label})"),
            (crate::model::Fact::Known(value), None) => value.clone(),
            (crate::model::Fact::Empty, _) => "empty".to_owned(),
            (crate::model::Fact::Unknown, _) => "unknown".to_owned(),
        },
    });
    let context = traced.context.iter().map(|(path, value)| ReadValue { path: path.clone(), value: value.clone() });
    ExplainedPart {
        text: traced.text.clone(),
        truth,
        reason,
        joint: match traced.joint {
            Connective::None => None,
            Connective::All => Some(JointWord::All),
            Connective::Any => Some(JointWord::Any),
            Connective::Not => Some(JointWord::Not),
            Connective::Choice => Some(JointWord::Choice),
        },
        parts: traced.parts.iter().map(part).collect(),
        read: facts.chain(context).collect(),
    }
}

/// The facts that were read, each once, in the order in which they were.
fn facts(snapshot: &Snapshot, rules: &[TracedRule]) -> Vec<FactReport> {
    let mut facts: Vec<FactReport> = Vec::new();
    let mut open: Vec<&Part> =
        rules.iter().rev().flat_map(|rule| rule.clauses.iter().rev().map(|one| &one.part)).collect();
    while let Some(part) = open.pop() {
        if part.truth == EvaluationResult::NotReached {
            continue;
        }
        for fact in &part.facts {
            if !facts.iter().any(|known| known.path == fact.path) {
                facts.push(provenance::known(snapshot, fact.clone()));
            }
        }
        if let EvaluationResult::Undetermined(unknown) = &part.truth {
            let fact = provenance::unknown(unknown);
            let told = facts.iter().any(|known| known.state == FactState::Unknown && known.reason == fact.reason);
            if !told && part.parts.is_empty() {
                facts.push(fact);
            }
        }
        open.extend(part.parts.iter().rev());
    }
    facts
}
