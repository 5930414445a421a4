//! Questions put to Cedar.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use cedar_policy::{Authorizer, PolicyId, PolicySet, pst};
use rayon::prelude::*;

use crate::{
    bundle::{Rule, link_expiry},
    engine::{
        answer::{Query, Subject, Verdict},
        cedar::{
            entities::{CedarEntities, cedar_datetime, markers},
            markers::Markers,
            reachable::{Literals, ReachableEntities},
            request,
            rewrite::rewrite,
            verdict::{Judge, Slice},
        },
        error::Error,
        ids::{Index, SliceId},
    },
    model::Zone,
    resolve::ResolvedSnapshot,
};

/// Puts questions to Cedar, each to the rules of its slice; Cedar sees those entities that rules can come to.
pub(in crate::engine) fn authorize(
    resolved: &ResolvedSnapshot<'_>,
    asked: &[(Query<'_>, SliceId)],
    slices: &[Arc<[u32]>],
    literals: &Literals,
) -> Result<Vec<Verdict>, Error> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let subjects: HashSet<Subject> = asked.iter().map(|(query, _)| query.subject).collect();
    let reach = ReachableEntities::beside(resolved, &subjects, literals);
    let markers = markers(resolved, &reach);
    let used: BTreeSet<SliceId> = asked.iter().map(|(_, slice)| *slice).collect();
    let (world, sets) = rayon::join(
        || CedarEntities::with(resolved, &reach, markers.clone()),
        || policy_sets(&used, slices, resolved, &markers),
    );
    let (world, sets) = (world?, sets?);
    let context = request::context(resolved)?;
    let judge =
        Judge { authorizer: Authorizer::new(), entities: &world.entities, rules: &resolved.bundle.rules, resolved };
    asked
        .par_iter()
        .map(|(query, slice)| {
            let slice = sets.get(slice).ok_or("a question without its rules")?;
            let request =
                request::request_of(resolved, &world, context.clone(), query.check, query.subject, query.level)?;
            Ok(judge.decide(&request, slice))
        })
        .collect()
}

/// The policy sets of the slices that are asked.
fn policy_sets(
    used: &BTreeSet<SliceId>,
    slices: &[Arc<[u32]>],
    resolved: &ResolvedSnapshot<'_>,
    markers: &Markers,
) -> Result<HashMap<SliceId, Slice>, Error> {
    let zone = &resolved.snapshot.organization.time_zone;
    let rules_of = |slice: SliceId| slice.get(slices).ok_or("a slice of rules is missing");
    let mut wanted: BTreeSet<u32> = BTreeSet::new();
    for slice in used {
        wanted.extend(rules_of(*slice)?.iter());
    }
    let policies: HashMap<u32, cedar_policy::Policy> = wanted
        .into_par_iter()
        .map(|index| {
            let rule = usize::try_from(index).ok().and_then(|at| resolved.bundle.rules.get(at));
            let rule = rule.ok_or("a rule that is not in the bundle")?;
            Ok((index, policy(rule, index, markers, zone)?))
        })
        .collect::<Result<_, Error>>()?;
    let mut sets = HashMap::new();
    for slice in used {
        let mut set = PolicySet::new();
        for rule in rules_of(*slice)?.iter() {
            // A rule that is left out forbids nothing.
            let policy = policies.get(rule).ok_or("a rule that has no policy")?;
            set.add(policy.clone()).map_err(|error| error.to_string())?;
        }
        sets.insert(*slice, Slice { policies: set });
    }
    Ok(sets)
}

/// A rule as Cedar evaluates it: rewritten for unknown facts, its end as its first clause, its index as its id.
pub(in crate::engine) fn policy(
    rule: &Rule,
    index: u32,
    markers: &Markers,
    zone: &Zone,
) -> Result<cedar_policy::Policy, Error> {
    let failed = |error: pst::PstConstructionError| format!("{}: {error}", rule.location);
    let template = rewrite(markers, &rule.policy).and_then(|template| with_end(template, rule, zone));
    let policy = crate::bundle::cedar_policy(&template.map_err(failed)?)?;
    Ok(policy.new_id(PolicyId::new(index.to_string())))
}

/// A rule's tree with its end, where it has one, as its first clause.
pub(in crate::engine) fn with_end(
    template: pst::Template,
    rule: &Rule,
    zone: &Zone,
) -> Result<pst::Template, pst::PstConstructionError> {
    match rule.grants.as_ref().and_then(|grants| grants.expires) {
        Some(expires) => link_expiry(template, &cedar_datetime(zone.midnight(expires))),
        None => Ok(template),
    }
}
