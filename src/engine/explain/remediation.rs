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
        error::Error,
        evaluate::judge,
        explain::facts as shown,
    },
    resolve::ResolvedSnapshot,
};

use change::{Candidate, RemediationContext};
pub use change::{Change, ChangeTarget};

/// The changes that settle an answer, those after which the subject passes first. None for an answer that is well.
///
/// # Errors
/// Cedar's reason, could it not evaluate.
pub fn changes(evaluation: &Evaluation<'_>, answer: &Answer) -> Result<Vec<Change>, Error> {
    if !answer.verdict.outcome.is_open() {
        return Ok(Vec::new());
    }
    let resolved = &evaluation.resolved;
    let Some(check) = resolved.bundle.checks.get(answer.check) else { return Ok(Vec::new()) };
    let rules = resolved.bundle.rules.iter().filter(|rule| rule.applies_to(check)).collect();
    let scene = RemediationContext { resolved, answer, rules };
    let mut candidates = scene.access_rules();
    candidates.extend(scene.org_roles());
    candidates.extend(scene.people());
    candidates.extend(scene.identities());
    candidates.extend(scene.requests());
    candidates.extend(scene.system());
    candidates.extend(scene.evidence());
    candidates.extend(scene.account());

    let (_, subject_id, _) = shown::label(resolved, answer.subject);
    let mut settled = Vec::new();
    for Candidate { site, text, location, edit } in candidates {
        let (mut snapshot, mut bundle) = (resolved.snapshot.clone(), resolved.bundle.clone());
        edit.make(&mut snapshot, &mut bundle);
        let changed = ResolvedSnapshot::new(&snapshot, &bundle, resolved.as_of);
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

/// The same subject in another resolved snapshot.
fn subject(resolved: &ResolvedSnapshot<'_>, kind: Subject, id: &str) -> Option<Subject> {
    Some(match kind {
        Subject::Person(_) => Subject::Person(resolved.person_index(id)?),
        Subject::Account(_) => Subject::Account(resolved.account_index(id)?),
        Subject::Organization => Subject::Organization,
        Subject::System(_) => Subject::System(resolved.system_index(id)?),
    })
}
