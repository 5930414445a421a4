//! The changes from one day to the next.

use std::{collections::BTreeMap, sync::Arc};

use super::{ForecastChange, ForecastDay, State};
use crate::{
    engine::answer::{Evaluation, Subject},
    report::{LazyReport, contents::Contents, model::Finding},
};

/// A query: the check, the subject and the level.
type Key = (usize, Subject, Option<Arc<str>>);

/// The state of every query as of one instant, and the findings of the last evaluation as they are needed.
#[derive(Debug, Default)]
pub struct States(BTreeMap<Key, State>);

/// The states as of a later day, and what changed since.
#[must_use]
pub fn between(before: Option<&States>, evaluation: &Evaluation<'_>) -> (States, Option<ForecastDay>) {
    let report = LazyReport::new(evaluation, "", Contents::All);
    let mut states = BTreeMap::new();
    let mut changes: Vec<ForecastChange> = Vec::new();
    for (index, answer) in evaluation.answers.iter().enumerate() {
        let key = (answer.check, answer.subject, answer.level.clone());
        let state = report.state(index, answer);
        let known = before.map(|States(before)| before.get(&key).copied());
        if let Some(known) = known.filter(|known| *known != Some(state)) {
            changes.extend(report.finding(index).map(|finding| change(finding, known, Some(state))));
        }
        states.insert(key, state);
    }
    changes.sort_by(|a, b| {
        let key = |one: &ForecastChange| (std::cmp::Reverse(one.severity), one.check.clone());
        let subject = |one: &ForecastChange| (one.subject.id.clone(), one.entitlement.clone());
        (key(a), subject(a)).cmp(&(key(b), subject(b)))
    });
    let date = evaluation.resolved.today.to_string();
    (States(states), (!changes.is_empty()).then_some(ForecastDay { date, changes }))
}

fn change(finding: Finding, before: Option<State>, after: Option<State>) -> ForecastChange {
    ForecastChange {
        finding: finding.id,
        check: finding.check,
        severity: finding.severity,
        subject: finding.subject,
        entitlement: finding.entitlement,
        before,
        after,
        message: finding.message,
        owner: finding.owner,
    }
}
