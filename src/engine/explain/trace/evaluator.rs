//! Evaluation of the parts of a rule.

use cedar_policy::{EvalResult, Expression, Request};

use super::clauses::Truth;
use crate::engine::{
    answer::{Answer, Evaluation},
    cedar::{entities::World, unknown_facts::behind},
};

/// A query, and the entities that its rules can reach.
pub(super) struct PartEvaluator<'e, 'a> {
    pub(super) evaluation: &'e Evaluation<'a>,
    pub(super) world: &'e World,
    pub(super) answer: &'e Answer,
    pub(super) request: Request,
}

impl PartEvaluator<'_, '_> {
    /// Cedar's result for an expression, given as text.
    pub(super) fn truth(&self, text: &str) -> Truth {
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

    pub(super) fn failed(&self, error: &cedar_policy::EvaluationError) -> Truth {
        match behind(error, &self.evaluation.situation) {
            Some(unknown) => Truth::Undetermined(unknown),
            None => Truth::Erred(error.to_string()),
        }
    }
}
