//! Evaluation of the parts of a rule.

use cedar_policy::{EvalResult, Expression, Request};

use super::clauses::EvaluationResult;
use crate::engine::{
    answer::{Answer, Evaluation},
    cedar::{entities::CedarEntities, unknown_facts::behind},
};

/// A query, and the entities that its rules can reach.
pub(super) struct PartEvaluator<'e, 'a> {
    pub(super) evaluation: &'e Evaluation<'a>,
    pub(super) world: &'e CedarEntities,
    pub(super) answer: &'e Answer,
    pub(super) request: Request,
}

impl PartEvaluator<'_, '_> {
    /// Cedar's result for an expression, given as text.
    pub(super) fn truth(&self, text: &str) -> EvaluationResult {
        match text.parse::<Expression>() {
            Err(error) => EvaluationResult::Erred(error.to_string()),
            Ok(expression) => match cedar_policy::eval_expression(&self.request, &self.world.entities, &expression) {
                Ok(EvalResult::Bool(true)) => EvaluationResult::True,
                Ok(EvalResult::Bool(false)) => EvaluationResult::False,
                Ok(other) => EvaluationResult::Erred(format!("`{text}` is neither true nor false but {other}")),
                Err(error) => self.failed(&error),
            },
        }
    }

    pub(super) fn failed(&self, error: &cedar_policy::EvaluationError) -> EvaluationResult {
        match behind(error, &self.evaluation.resolved) {
            Some(unknown) => EvaluationResult::Undetermined(unknown),
            None => EvaluationResult::Erred(error.to_string()),
        }
    }
}
