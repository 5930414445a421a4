//! The parts of a condition: what is joined by `&&`, `||`, `!` and `if`, down to what is true or false by itself.

use std::sync::Arc;

use cedar_policy::{EvalResult, Expression, pst};
use pst::{BinaryOp, Expr, UnaryOp, Var};

use super::{
    clauses::{Connective, EvaluationResult, Part},
    evaluator::PartEvaluator,
};
use crate::{
    bundle::expression::{chain, children},
    engine::explain::facts,
};

impl PartEvaluator<'_, '_> {
    /// Takes an expression apart; where Cedar does not come to it, nothing is asked.
    pub(in crate::engine) fn part(&self, expression: &Arc<Expr>, reached: bool) -> Part {
        let truth = if reached { self.truth(&self.rewritten(expression)) } else { EvaluationResult::NotReached };
        let (joint, parts) = match &**expression {
            Expr::BinaryOp { op: BinaryOp::And, .. } => {
                (Connective::All, self.chained(&chain(expression, BinaryOp::And), reached, &EvaluationResult::True))
            }
            Expr::BinaryOp { op: BinaryOp::Or, .. } => {
                (Connective::Any, self.chained(&chain(expression, BinaryOp::Or), reached, &EvaluationResult::False))
            }
            Expr::UnaryOp { op: UnaryOp::Not, expr } => (Connective::Not, vec![self.part(expr, reached)]),
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                let cond = self.part(cond, reached);
                let branches = [(then_expr, EvaluationResult::True), (else_expr, EvaluationResult::False)];
                let branches = branches.map(|(branch, when)| self.part(branch, cond.truth == when));
                (Connective::Choice, std::iter::once(cond).chain(branches).collect())
            }
            _ => (Connective::None, Vec::new()),
        };
        let (facts, context) = if joint == Connective::None && reached {
            (self.facts(expression), self.context(expression))
        } else {
            (Vec::new(), Vec::new())
        };
        Part { text: expression.to_string(), truth, joint, parts, facts, context }
    }

    /// Cedar goes on along a chain for as long as its parts are `onward`.
    fn chained(&self, parts: &[Arc<Expr>], reached: bool, onward: &EvaluationResult) -> Vec<Part> {
        let mut open = reached;
        let mut traced = Vec::new();
        for part in parts {
            let part = self.part(part, open);
            open = open && part.truth == *onward;
            traced.push(part);
        }
        traced
    }

    pub(in crate::engine) fn rewritten(&self, expression: &Arc<Expr>) -> String {
        self.world.markers.expression(expression).to_string()
    }

    /// What an expression reads of the subject and the resource.
    fn facts(&self, expression: &Arc<Expr>) -> Vec<facts::ShownFact> {
        let mut shown: Vec<facts::ShownFact> = Vec::new();
        for read in crate::bundle::reads::reads_of(expression) {
            let fact = facts::follow(&self.evaluation.resolved, self.answer, &read);
            if let Some(fact) = fact.filter(|fact| !shown.iter().any(|known| known.path == fact.path)) {
                shown.push(fact);
            }
        }
        shown
    }

    /// What an expression reads of the context, with Cedar's values.
    fn context(&self, expression: &Arc<Expr>) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![expression];
        while let Some(expression) = open.pop() {
            if is_context(expression) {
                let text = expression.to_string();
                if let Some(value) = self.value(&text).filter(|_| !found.iter().any(|(known, _)| *known == text)) {
                    found.push((text, value));
                }
            } else {
                open.extend(children(expression));
            }
        }
        found.sort();
        found
    }

    fn value(&self, text: &str) -> Option<String> {
        let expression: Expression = text.parse().ok()?;
        let entities = &self.world.entities;
        let value = cedar_policy::eval_expression(&self.request, entities, &expression).ok()?;
        Some(match value {
            EvalResult::ExtensionValue(text) => plain(&text),
            other => other.to_string(),
        })
    }
}

/// `datetime("2026-11-20T00:00:00.000Z")`, which is how Cedar writes an instant, without what is written around it.
fn plain(text: &str) -> String {
    let inner = text.strip_prefix("datetime(\"").and_then(|text| text.strip_suffix("\")"));
    inner.map_or_else(|| text.to_owned(), |instant| instant.replace(".000Z", "Z"))
}

/// An attribute of the context, or of an attribute of it.
fn is_context(expression: &Expr) -> bool {
    match expression {
        Expr::GetAttr { expr, .. } => matches!(&**expr, Expr::Var(Var::Context)) || is_context(expr),
        _ => false,
    }
}
