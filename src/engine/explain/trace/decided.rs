//! Rules that a later condition decides, although an earlier one reads an unknown fact.

use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, Expr};

use super::{
    clauses::{Connective, EvaluationResult, Place, TracedClause},
    evaluator::PartEvaluator,
};
use crate::bundle::expression::{chain, condition};

impl PartEvaluator<'_, '_> {
    /// Shows the condition that keeps a rule from being satisfied, and the unknown facts before it as not read. The
    /// last traced clauses are those of the rule, in order.
    pub(in crate::engine) fn show_decisive(&self, rule: &[Clause], traced: &mut [TracedClause]) {
        let scope = traced.len().saturating_sub(rule.len());
        let decisive = rule.iter().zip(traced.iter_mut().skip(scope)).find_map(|(clause, traced)| {
            let (operator, against) = match traced.place {
                Place::Unless => (BinaryOp::Or, EvaluationResult::True),
                _ => (BinaryOp::And, EvaluationResult::False),
            };
            let parts = chain(condition(clause), operator);
            let at = parts.iter().position(|part| self.truth(&self.rewritten(part)) == against)?;
            Some((traced, parts, at, against))
        });
        let Some((clause, parts, at, against)) = decisive else { return };
        let whole = &mut clause.part;
        if matches!(whole.joint, Connective::All | Connective::Any) && parts.len() > 1 {
            whole.parts = parts.iter().enumerate().map(|(index, part)| self.decided_part(part, index == at)).collect();
            whole.truth = against.clone();
        } else if let Some(part) = parts.first() {
            *whole = self.part(part, true);
        }
        for clause in traced.iter_mut().filter(|clause| matches!(clause.part.truth, EvaluationResult::Undetermined(_)))
        {
            clause.part.truth = EvaluationResult::NotReached;
        }
    }

    /// A part beside the decisive one: what Cedar says of it, unless that rests on an unknown fact.
    fn decided_part(&self, part: &Arc<Expr>, decisive: bool) -> super::clauses::Part {
        let traced = self.part(part, true);
        if decisive || !matches!(traced.truth, EvaluationResult::Undetermined(_) | EvaluationResult::Erred(_)) {
            return traced;
        }
        self.part(part, false)
    }
}
