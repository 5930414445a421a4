//! What was verified, in words that an auditor asks for.

use cedar_policy::pst;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    bundle::{Bundle, Effect, Outcome, Rule},
    report::{Report, model::Counts},
};

/// The subject of the evidence: the organisation, the instant, the checks and their counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Judged {
    /// Id of the organisation.
    pub organization: String,
    /// Its name.
    pub organization_name: String,
    /// The instant judged by, UTC.
    pub as_of: String,
    /// The instant the snapshot speaks of, UTC.
    pub collected_at: String,
    /// Every check with its counts.
    pub checks: Vec<JudgedCheck>,
    /// Rules that let every subject of their check off, since they ask for nothing.
    pub unconditional: Vec<UnconditionalRule>,
}

/// A check with its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JudgedCheck {
    /// Its id.
    pub check: String,
    /// How often each outcome came.
    pub counts: Counts,
}

/// A permit without a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnconditionalRule {
    /// `@id` of the rule.
    pub rule: String,
    /// What it makes of every subject that no other rule fails.
    pub outcome: Outcome,
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

impl Judged {
    pub(super) fn of(head: &Report, bundle: &Bundle) -> Self {
        let checks = head.summary.checks.iter();
        let unconditional = bundle.rules.iter().filter(|rule| is_unconditional(rule)).map(|rule| UnconditionalRule {
            rule: rule.id.clone(),
            outcome: rule.outcome,
            file: rule.location.file.to_string(),
            line: rule.location.line,
        });
        Judged {
            organization: head.run.organization.clone(),
            organization_name: head.run.organization_name.clone(),
            as_of: head.run.as_of.clone(),
            collected_at: head.run.collected_at.clone(),
            checks: checks.map(|one| JudgedCheck { check: one.check.clone(), counts: one.counts.clone() }).collect(),
            unconditional: unconditional.collect(),
        }
    }
}

/// Whether a permit asks for nothing but a type. Access rules name a level and are listed with their systems.
fn is_unconditional(rule: &Rule) -> bool {
    let is_true = |clause: &pst::Clause| match clause {
        pst::Clause::When(condition) => is_literal(condition, true),
        pst::Clause::Unless(condition) => is_literal(condition, false),
    };
    let policy = &rule.policy;
    rule.effect == Effect::Permit
        && rule.grants.is_none()
        && matches!(policy.principal, pst::PrincipalConstraint::Any | pst::PrincipalConstraint::Is(_))
        && matches!(policy.resource, pst::ResourceConstraint::Any | pst::ResourceConstraint::Is(_))
        && policy.clauses().iter().all(is_true)
}

fn is_literal(expression: &pst::Expr, wanted: bool) -> bool {
    matches!(expression, pst::Expr::Literal(pst::Literal::Bool(value)) if *value == wanted)
}
