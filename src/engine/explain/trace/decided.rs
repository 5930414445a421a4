//! Rules that a later condition decides, although an earlier one reads an unknown fact.

use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, Expr, UnaryOp};

use super::{
    clauses::{Connective, EvaluationResult, Part, Place, TracedClause},
    evaluator::PartEvaluator,
};
use crate::bundle::expression::{chain, condition};

impl PartEvaluator<'_, '_> {
    /// Shows the condition that keeps a rule from being satisfied, and what reads unknown facts or errs beside it as not
    /// reached. The last traced clauses are those of the rule, in order.
    pub(in crate::engine) fn show_decisive(&self, rule: &[Clause], traced: &mut [TracedClause]) {
        let scope = traced.len().saturating_sub(rule.len());
        let decisive = rule.iter().zip(traced.iter_mut().skip(scope)).find_map(|(clause, traced)| {
            let against = matches!(traced.place, Place::Unless);
            Some((self.decisive(condition(clause), against)?, traced))
        });
        let Some((part, clause)) = decisive else { return };
        clause.part = part;
        traced.iter_mut().for_each(|clause| hide_unreached(&mut clause.part));
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

    /// A part beside the decisive one: what Cedar says of it, unless it reads an unknown fact or errs.
    fn beside(&self, part: &Arc<Expr>) -> Part {
        let mut traced = self.part(part, true);
        hide_unreached(&mut traced);
        traced
    }
}

/// Shows a part that reads an unknown fact or errs as not reached, with all that it is made of.
fn hide_unreached(part: &mut Part) {
    if matches!(part.truth, EvaluationResult::Undetermined(_) | EvaluationResult::Erred(_)) {
        leave_out(part);
    }
}

fn leave_out(part: &mut Part) {
    part.truth = EvaluationResult::NotReached;
    part.facts.clear();
    part.context.clear();
    part.parts.iter_mut().for_each(leave_out);
}
