//! What single change would settle a finding: of a fact at its source, or of a line in the bundle's data.
//!
//! Nothing is promised that was not tried: every candidate is made on a copy of the snapshot or of the bundle, the
//! question is asked again, and the changes with which it comes out well are kept.

mod access;
mod change;
mod facts;
mod identities;
mod people;

use std::collections::HashSet;

use crate::{
    bundle::Outcome,
    engine::{
        answer::{Answer, Evaluation, Options, Subject},
        evaluate::judge,
        explain::facts as shown,
    },
    resolve::Situation,
};

use change::{Candidate, Scene};
pub use change::{Change, Site};

/// The changes that settle an answer, those after which the subject passes first. None for an answer that is well.
///
/// # Errors
/// Cedar's reason, could it not evaluate.
pub fn changes(evaluation: &Evaluation<'_>, answer: &Answer) -> Result<Vec<Change>, String> {
    if !answer.verdict.outcome.is_open() {
        return Ok(Vec::new());
    }
    let situation = &evaluation.situation;
    let Some(check) = situation.bundle.checks.get(answer.check) else { return Ok(Vec::new()) };
    let rules = situation.bundle.rules.iter().filter(|rule| rule.speaks_of(check)).collect();
    let scene = Scene { situation, answer, rules };
    let mut candidates = scene.access_rules();
    candidates.extend(scene.org_roles());
    candidates.extend(scene.people());
    candidates.extend(scene.identities());
    candidates.extend(scene.requests());
    candidates.extend(scene.system());
    candidates.extend(scene.evidence());
    candidates.extend(scene.account());

    let (_, subject_id, _) = shown::label(situation, answer.subject);
    let mut settled = Vec::new();
    for Candidate { site, text, location, edit } in candidates {
        let (mut snapshot, mut bundle) = (situation.snapshot.clone(), situation.bundle.clone());
        edit.make(&mut snapshot, &mut bundle);
        let changed = Situation::new(&snapshot, &bundle, situation.as_of);
        let Some(subject) = subject(&changed, answer.subject, &subject_id) else { continue };
        let options = Options {
            as_of: None,
            checks: Some(HashSet::from([check.id.clone()])),
            subjects: Some(HashSet::from([subject])),
            ..Options::default()
        };
        let evaluation = judge(changed, &options)?;
        let again = evaluation.answers.iter().find(|one| one.subject == subject && one.level == answer.level);
        let Some(outcome) = again.map(|answer| answer.verdict.outcome) else { continue };
        if !outcome.is_open() {
            settled.push(Change { site, text, location, outcome });
        }
    }
    settled.sort_by_key(|change| match change.outcome {
        Outcome::Pass => 0,
        Outcome::Exempt => 1,
        _ => 2,
    });
    Ok(settled)
}

/// The same subject in another situation.
fn subject(situation: &Situation<'_>, kind: Subject, id: &str) -> Option<Subject> {
    Some(match kind {
        Subject::Person(_) => Subject::Person(situation.person_index(id)?),
        Subject::Account(_) => Subject::Account(situation.account_index(id)?),
        Subject::Organization => Subject::Organization,
        Subject::System(_) => Subject::System(situation.system_index(id)?),
    })
}
