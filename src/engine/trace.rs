//! A verdict taken apart: for every rule that speaks of the check, what Cedar says of each part of its condition.
//!
//! Every truth here is Cedar's: a part is put to Cedar's evaluator with the same entities and the same request as the
//! whole rule was. What is worked out here is only which parts Cedar comes to, since it reads from left to right and
//! stops where the rest cannot matter, and which part decides where an earlier one is unknown.

mod decided;
mod parts;

use std::collections::BTreeSet;

use cedar_policy::{AuthorizationError, Authorizer, EvalResult, Expression, PolicySet, Request, pst};
use pst::{Clause, EntityOrSlot, ResourceConstraint};

use super::{
    Answer, Evaluation,
    ask::{policy, with_end},
    entities::World,
    facts::ShownFact,
    question,
    unknown::{UnknownFact, behind},
};
use crate::bundle::{
    Bundle, Check, Rule,
    expression::{condition, scope},
};

/// Cedar's result for a rule or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It would read a fact that is unknown.
    Undetermined(UnknownFact),
    /// It cannot be evaluated, and why.
    Erred(String),
    /// Cedar does not evaluate it: an earlier part decides.
    NotReached,
}

/// How the parts of a part are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// It has no parts that are true or false on their own.
    None,
    /// `&&`: all of them have to hold.
    All,
    /// `||`: one of them has to hold.
    Any,
    /// `!`: its only part must not hold.
    Not,
    /// `if … then … else …`: condition, and the two branches.
    Choice,
}

/// A part of a condition.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct Part {
    /// As Cedar writes it.
    pub text: String,
    /// Cedar's result for it.
    pub truth: Truth,
    /// How its parts are joined.
    pub joint: Joint,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// What it reads of the subject and the resource, where it has no parts.
    pub facts: Vec<ShownFact>,
    /// What it reads of the request's context, where it has no parts: path and value.
    pub context: Vec<(String, String)>,
}

/// Where a part of a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the scope.
    Scope,
    /// The last day of an access rule.
    Expiry,
    /// `when { … }`.
    When,
    /// `unless { … }`: the rule is satisfied only where this is false.
    Unless,
}

/// A part of a rule, with its place.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct TracedClause {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub part: Part,
}

impl TracedClause {
    /// Whether it keeps the rule from being satisfied.
    fn is_decisive(&self) -> bool {
        let against = if self.place == Place::Unless { Truth::True } else { Truth::False };
        self.part.truth == against
    }
}

/// A rule and Cedar's result for it.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct TracedRule {
    /// The rule, as an index into the bundle's.
    pub rule: u32,
    /// Cedar's result for the whole.
    pub truth: Truth,
    /// Its scope, as far as that asks for anything, and its clauses.
    pub clauses: Vec<TracedClause>,
}

/// A question whose answer is taken apart.
pub struct Tracer<'e, 'a> {
    evaluation: &'e Evaluation<'a>,
    world: &'e World,
    answer: &'e Answer,
    request: Request,
    /// The resource and what it is in, as Cedar writes them.
    resource: BTreeSet<String>,
}

impl<'e, 'a> Tracer<'e, 'a> {
    /// Prepares to take an answer of this evaluation apart; the world has to hold what its subject can come to.
    ///
    /// # Errors
    /// Cedar's reason, were the question not one.
    pub fn new(evaluation: &'e Evaluation<'a>, world: &'e World, answer: &'e Answer) -> Result<Self, String> {
        let request = question::request(&evaluation.situation, world, answer)?;
        let resource = request.resource();
        let ancestors = resource.and_then(|resource| world.entities.ancestors(resource)).into_iter().flatten();
        let resource = resource.into_iter().chain(ancestors).map(ToString::to_string).collect();
        Ok(Tracer { evaluation, world, answer, request, resource })
    }

    /// Every rule that speaks of the check and of the resource, in the bundle's order.
    ///
    /// # Errors
    /// Cedar's reason, were a rule not one that it can evaluate.
    pub fn rules(&self) -> Result<Vec<TracedRule>, String> {
        let bundle: &Bundle = self.evaluation.situation.bundle;
        let Some(check) = bundle.checks.get(self.answer.check) else { return Ok(Vec::new()) };
        let rules = bundle.rules.iter().enumerate();
        let rules = rules.filter(|(_, rule)| self.evaluation.situation.reaches(rule) && self.concerns(rule, check));
        rules
            .map(|(index, rule)| {
                let index = u32::try_from(index).map_err(|error| error.to_string())?;
                let (truth, mut clauses) = (self.rule(rule, index)?, self.clauses(rule)?);
                if truth == Truth::False && !clauses.iter().any(TracedClause::is_decisive) {
                    self.show_decisive(rule.policy.clauses(), &mut clauses);
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
        rule.speaks_of(check) && asked.is_none_or(|asked| self.truth(&asked.to_string()) == Truth::True)
    }

    /// Cedar's result for a whole rule.
    fn rule(&self, rule: &Rule, index: u32) -> Result<Truth, String> {
        let world = self.world;
        let zone = &self.evaluation.situation.snapshot.organization.time_zone;
        let policies = PolicySet::from_policies([policy(rule, index, &world.markers, zone)?])
            .map_err(|error| error.to_string())?;
        let response = Authorizer::new().is_authorized(&self.request, &policies, &world.entities);
        if let Some(AuthorizationError::PolicyEvaluationError(error)) = response.diagnostics().errors().next() {
            return Ok(self.failed(error.inner()));
        }
        let satisfied = response.diagnostics().reason().next().is_some();
        Ok(if satisfied { Truth::True } else { Truth::False })
    }

    fn clauses(&self, rule: &Rule) -> Result<Vec<TracedClause>, String> {
        let zone = &self.evaluation.situation.snapshot.organization.time_zone;
        let template = with_end(rule.policy.clone(), rule, zone).map_err(|error| error.to_string())?;
        let mut clauses = self.scope(&template);
        let mut open = clauses.iter().all(|clause| clause.part.truth == Truth::True);
        let expires = rule.grants.as_ref().is_some_and(|grants| grants.expires.is_some());
        for (index, clause) in template.clauses().iter().enumerate() {
            let place = match clause {
                Clause::When(_) if expires && index == 0 => Place::Expiry,
                Clause::When(_) => Place::When,
                Clause::Unless(_) => Place::Unless,
            };
            let part = self.part(condition(clause), open);
            let holds = if place == Place::Unless { Truth::False } else { Truth::True };
            open = open && part.truth == holds;
            clauses.push(TracedClause { place, part });
        }
        Ok(clauses)
    }

    /// The scope, as far as it asks for anything. Cedar judges all of it before the first clause; a membership
    /// that is unknown is judged last.
    fn scope(&self, template: &pst::Template) -> Vec<TracedClause> {
        let asked = scope(template).into_iter().flatten();
        let mut clauses: Vec<TracedClause> =
            asked.map(|asked| TracedClause { place: Place::Scope, part: self.part(&asked, true) }).collect();
        if clauses.iter().any(|clause| clause.part.truth == Truth::False) {
            for clause in clauses.iter_mut().filter(|clause| matches!(clause.part.truth, Truth::Undetermined(_))) {
                clause.part.truth = Truth::NotReached;
            }
        }
        clauses
    }

    /// Cedar's result for an expression, given as text.
    fn truth(&self, text: &str) -> Truth {
        match text.parse::<Expression>() {
            Err(error) => Truth::Erred(error.to_string()),
            Ok(expression) => match cedar_policy::eval_expression(&self.request, &self.world.entities, &expression) {
                Ok(EvalResult::Bool(true)) => Truth::True,
                Ok(EvalResult::Bool(false)) => Truth::False,
                Ok(other) => Truth::Erred(format!("`{text}` is neither true nor false but {other}")),
                Err(error) => self.failed(&error),
            },
        }
    }

    fn failed(&self, error: &cedar_policy::EvaluationError) -> Truth {
        match behind(error, &self.evaluation.situation) {
            Some(unknown) => Truth::Undetermined(unknown),
            None => Truth::Erred(error.to_string()),
        }
    }
}
