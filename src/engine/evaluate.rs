//! Evaluates every check of every subject of a snapshot in memory.

use super::{
    answer::{Evaluation, Options, Subject},
    error::Error,
    session::Session,
};
use crate::{bundle::Bundle, model::Snapshot, resolve::ResolvedSnapshot};

/// Evaluates every check of every subject.
///
/// # Errors
/// Returns Cedar's error if a fact is not a valid Cedar value, or if a rule cannot be evaluated.
pub fn evaluate<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle, options: &Options) -> Result<Evaluation<'a>, Error> {
    let as_of = options.as_of.unwrap_or(snapshot.collected_at);
    judge(ResolvedSnapshot::new(snapshot, bundle, as_of), options)
}

/// Evaluates every check of every subject of a resolved snapshot.
///
/// # Errors
/// As for [`evaluate`].
pub fn judge<'a>(resolved: ResolvedSnapshot<'a>, options: &Options) -> Result<Evaluation<'a>, Error> {
    let session = Session::new(&resolved, options);
    run(session, resolved, options)
}

/// Evaluates a resolved snapshot in a session.
pub(super) fn run<'a>(
    mut session: Session<'a>,
    resolved: ResolvedSnapshot<'a>,
    options: &Options,
) -> Result<Evaluation<'a>, Error> {
    let people = (0..resolved.people.len()).map(Subject::Person);
    let systems = (0..resolved.systems.len()).map(Subject::System);
    let accounts = (0..resolved.accounts.len()).map(Subject::Account);
    let organization = std::iter::once(Subject::Organization);
    session.add(&resolved, organization.chain(systems).chain(people).filter(|one| options.selects(*one)))?;
    session.start_next_kind(&resolved)?;
    session.add(&resolved, accounts.filter(|one| options.selects(*one)))?;
    session.finish(&resolved)?;
    Ok(session.evaluation(resolved))
}
