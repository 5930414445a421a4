//! The rules of a query, each with its clauses.

use std::collections::BTreeSet;

use cedar_policy::{AuthorizationError, Authorizer, PolicySet, pst};
use pst::{Clause, EntityOrSlot, ResourceConstraint};

use super::{
    clauses::{EvaluationResult, Place, TracedClause, TracedRule},
    evaluator::PartEvaluator,
};
use crate::{
    bundle::{
        Bundle, Check, Rule,
        expression::{condition, scope},
    },
    engine::{
        answer::{Answer, Evaluation},
        cedar::{
            authorize::{policy, with_end},
            entities::CedarEntities,
            request,
        },
        error::Error,
        unknown_levels::is_about_unknown_levels,
    },
};

/// A question whose answer is taken apart.
pub struct Tracer<'e, 'a> {
    parts: PartEvaluator<'e, 'a>,
    /// The resource and what it is in, as Cedar writes them.
    resource: BTreeSet<String>,
}

impl<'e, 'a> Tracer<'e, 'a> {
    /// Prepares to take an answer of this evaluation apart; the world has to hold what its subject can come to.
    ///
    /// # Errors
    /// Cedar's reason, were the question not one.
    pub fn new(evaluation: &'e Evaluation<'a>, world: &'e CedarEntities, answer: &'e Answer) -> Result<Self, Error> {
        let request = request::request(&evaluation.resolved, world, answer)?;
        let resource = request.resource();
        let ancestors = resource.and_then(|resource| world.entities.ancestors(resource)).into_iter().flatten();
        let resource = resource.into_iter().chain(ancestors).map(ToString::to_string).collect();
        Ok(Tracer { parts: PartEvaluator { evaluation, world, answer, request }, resource })
    }

    /// Every rule that speaks of the check and of the resource, in the bundle's order.
    ///
    /// # Errors
    /// Cedar's reason, were a rule not one that it can evaluate.
    pub fn rules(&self) -> Result<Vec<TracedRule>, Error> {
        let bundle: &Bundle = self.parts.evaluation.resolved.bundle;
        let Some(check) = bundle.checks.get(self.parts.answer.check) else { return Ok(Vec::new()) };
        if is_about_unknown_levels(self.parts.answer, check) {
            return Ok(Vec::new());
        }
        let rules = bundle.rules.iter().enumerate();
        let rules =
            rules.filter(|(_, rule)| self.parts.evaluation.resolved.reaches(rule) && self.concerns(rule, check));
        rules
            .map(|(index, rule)| {
                let index = u32::try_from(index).map_err(|error| error.to_string())?;
                let zone = &self.parts.evaluation.resolved.snapshot.organization.time_zone;
                let template = with_end(rule.policy.clone(), rule, zone).map_err(|error| error.to_string())?;
                let (truth, mut clauses) = (self.rule(rule, index)?, self.clauses(rule, &template));
                if truth == EvaluationResult::False && !clauses.iter().any(TracedClause::is_decisive) {
                    self.parts.show_decisive(template.clauses(), &mut clauses);
                }
                Ok(TracedRule { rule: index, truth, clauses })
            })
            .collect()
    }

    /// Whether a rule speaks of the check and, as far as its scope goes, of the resource.
    fn concerns(&self, rule: &Rule, check: &Check) -> bool {
        // Hundreds of access rules name another level; none of them is put to Cedar.
        let named = match &rule.policy.resource {
            ResourceConstraint::Eq(of) | ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) => Some(of),
            ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
        };
        if named.is_some_and(|of| matches!(of, EntityOrSlot::Entity(uid) if !self.resource.contains(&uid.to_string())))
        {
            return false;
        }
        let [_, asked] = scope(&rule.policy);
        rule.applies_to(check)
            && asked.is_none_or(|asked| self.parts.truth(&asked.to_string()) == EvaluationResult::True)
    }

    /// Cedar's result for a whole rule.
    fn rule(&self, rule: &Rule, index: u32) -> Result<EvaluationResult, Error> {
        let world = self.parts.world;
        let zone = &self.parts.evaluation.resolved.snapshot.organization.time_zone;
        let policies = PolicySet::from_policies([policy(rule, index, &world.markers, zone)?])
            .map_err(|error| error.to_string())?;
        let response = Authorizer::new().is_authorized(&self.parts.request, &policies, &world.entities);
        if let Some(AuthorizationError::PolicyEvaluationError(error)) = response.diagnostics().errors().next() {
            return Ok(self.parts.failed(error.inner()));
        }
        let satisfied = response.diagnostics().reason().next().is_some();
        Ok(if satisfied { EvaluationResult::True } else { EvaluationResult::False })
    }

    /// The clauses of a rule; `template` is the rule with its expiry.
    fn clauses(&self, rule: &Rule, template: &pst::Template) -> Vec<TracedClause> {
        let mut clauses = self.scope(template);
        let mut open = clauses.iter().all(|clause| clause.part.truth == EvaluationResult::True);
        let expires = rule.grants.as_ref().is_some_and(|grants| grants.expires.is_some());
        for (index, clause) in template.clauses().iter().enumerate() {
            let place = match clause {
                Clause::When(_) if expires && index == 0 => Place::Expiry,
                Clause::When(_) => Place::When,
                Clause::Unless(_) => Place::Unless,
            };
            let part = self.parts.part(condition(clause), open);
            let holds = if place == Place::Unless { EvaluationResult::False } else { EvaluationResult::True };
            open = open && part.truth == holds;
            clauses.push(TracedClause { place, part });
        }
        clauses
    }

    /// The scope, as far as it asks for anything. Cedar judges all of it before the first clause; a membership
    /// that is unknown is judged last.
    fn scope(&self, template: &pst::Template) -> Vec<TracedClause> {
        let asked = scope(template).into_iter().flatten();
        let mut clauses: Vec<TracedClause> =
            asked.map(|asked| TracedClause { place: Place::Scope, part: self.parts.part(&asked, true) }).collect();
        if clauses.iter().any(|clause| clause.part.truth == EvaluationResult::False) {
            for clause in
                clauses.iter_mut().filter(|clause| matches!(clause.part.truth, EvaluationResult::Undetermined(_)))
            {
                clause.part.truth = EvaluationResult::NotReached;
            }
        }
        clauses
    }
}
