//! Evaluates every check of every subject of a snapshot in memory.

use super::{
    answer::{Answer, Evaluation, Options, Subject},
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
    session.insert(unknown_levels_of_systems(&resolved, options)?);
    Ok(session.evaluation(resolved))
}

/// The findings about unknown levels of selected systems, whose accounts are not selected.
fn unknown_levels_of_systems(resolved: &ResolvedSnapshot<'_>, options: &Options) -> Result<Vec<Answer>, Error> {
    let Some(selected) = &options.subjects else { return Ok(Vec::new()) };
    let system = |index: usize| resolved.accounts.loaded(index).and_then(|account| account.system);
    let is_wanted = |index: usize| {
        system(index)
            .is_some_and(|system| selected.contains(&Subject::System(system)) && resolved.says_no_levels(system))
    };
    let accounts: Vec<Subject> =
        (0..resolved.accounts.len()).filter(|index| is_wanted(*index)).map(Subject::Account).collect();
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let options = Options { subjects: None, ..options.clone() };
    let mut session = Session::new(resolved, &options);
    session.add(resolved, accounts.into_iter())?;
    session.finish(resolved)?;
    Ok(session.of_systems(resolved))
}
