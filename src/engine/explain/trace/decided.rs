//! Rules that a later condition decides, although an earlier one reads an unknown fact.

use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, Expr, UnaryOp};

use super::{
    clauses::{Connective, EvaluationResult, Part, Place, TracedClause},
    evaluator::PartEvaluator,
};
use crate::bundle::expression::{chain, condition};

impl PartEvaluator<'_, '_> {
    /// Shows the condition that keeps a rule from being satisfied, and the unknown facts before it as not read. The
    /// last traced clauses are those of the rule, in order.
    pub(in crate::engine) fn show_decisive(&self, rule: &[Clause], traced: &mut [TracedClause]) {
        let scope = traced.len().saturating_sub(rule.len());
        let decisive = rule.iter().zip(traced.iter_mut().skip(scope)).find_map(|(clause, traced)| {
            let against = matches!(traced.place, Place::Unless);
            Some((self.decisive(condition(clause), against)?, traced))
        });
        let Some((part, clause)) = decisive else { return };
        clause.part = part;
        for clause in traced.iter_mut().filter(|clause| matches!(clause.part.truth, EvaluationResult::Undetermined(_)))
        {
            clause.part.truth = EvaluationResult::NotReached;
        }
    }

    /// An expression as a part that is `truth`, if one of its conditions makes it so whatever the others are. It is
    /// taken apart as the engine takes it apart (`cedar/decided.rs`).
    fn decisive(&self, expression: &Arc<Expr>, truth: bool) -> Option<Part> {
        let result = if truth { EvaluationResult::True } else { EvaluationResult::False };
        let (operator, joint) = if truth { (BinaryOp::Or, Connective::Any) } else { (BinaryOp::And, Connective::All) };
        let (joint, parts) = match &**expression {
            Expr::UnaryOp { op: UnaryOp::Not, expr } => (Connective::Not, vec![self.decisive(expr, !truth)?]),
            Expr::BinaryOp { op, .. } if *op == operator => {
                let conditions = chain(expression, operator);
                let (at, decisive) = conditions
                    .iter()
                    .enumerate()
                    .find_map(|(at, condition)| Some((at, self.decisive(condition, truth)?)))?;
                let mut parts: Vec<Part> = conditions.iter().map(|condition| self.beside(condition)).collect();
                if let Some(part) = parts.get_mut(at) {
                    *part = decisive;
                }
                (joint, parts)
            }
            _ => return (self.truth(&self.rewritten(expression)) == result).then(|| self.part(expression, true)),
        };
        let text = expression.to_string();
        Some(Part { text, truth: result, joint, parts, facts: Vec::new(), context: Vec::new() })
    }

    /// A part beside the decisive one: what Cedar says of it, unless that rests on an unknown fact.
    fn beside(&self, part: &Arc<Expr>) -> Part {
        let traced = self.part(part, true);
        if matches!(traced.truth, EvaluationResult::Undetermined(_) | EvaluationResult::Erred(_)) {
            return self.part(part, false);
        }
        traced
    }
}
