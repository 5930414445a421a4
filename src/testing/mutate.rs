//! Changed policies: what the tests do not notice, they do not test.
//!
//! Every rule, access type and access rule is left out; every clause is left out; every comparison is turned into its
//! opposite, and every boundary (`<`, `<=`) moved by one. A change counts as noticed when any test then fails.

use std::sync::Arc;

use cedar_policy::pst;
use pst::{BinaryOp, Clause, Expr, PrincipalConstraint, UnaryOp};
use rayon::prelude::*;

use super::{
    coverage::{Unit, units},
    load::Test,
    report::{MutationReport, Share, Survivor, UnitKind},
    run::fails,
};
use crate::bundle::{
    Bundle, Rule,
    expression::{chain, children, condition, rebuild},
};

/// A change of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mutation {
    /// The rule is not there.
    Drop,
    /// Its scope asks nothing of the principal.
    DropPrincipal,
    /// A part of a clause is not there: which clause, and which of its parts.
    DropPart(usize, usize),
    /// A comparison is another one: which clause, which comparison in it, and whether its boundary is moved.
    Compare(usize, usize, Change),
}

/// What becomes of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Its opposite.
    Opposite,
    /// `<` becomes `<=`, and so on.
    Boundary,
}

/// Tries every change, and lists those that no test notices.
#[must_use]
pub fn mutate(bundle: &Bundle, tests: &[Test]) -> MutationReport {
    let mutants: Vec<(Unit, Mutation, String)> =
        units(bundle).into_iter().flat_map(|unit| mutations(bundle, unit)).collect();
    let survives = |(unit, mutation, _): &&(Unit, Mutation, String)| {
        let changed = changed(bundle, unit, mutation);
        !tests.iter().any(|test| concerns(bundle, unit, test) && fails(&changed, test))
    };
    let survivors: Vec<Survivor> = mutants
        .par_iter()
        .filter(survives)
        .map(|(unit, _, change)| Survivor {
            rule: unit.id.clone(),
            file: unit.location.file.to_string(),
            line: unit.location.line,
            yaml_path: unit.location.yaml_path.clone(),
            change: change.clone(),
        })
        .collect();
    MutationReport { noticed: Share { covered: mutants.len() - survivors.len(), total: mutants.len() }, survivors }
}

/// Whether a test asks any check that the rule speaks of.
fn concerns(bundle: &Bundle, unit: &Unit, test: &Test) -> bool {
    let rules = || unit.rules.iter().filter_map(|rule| bundle.rules.get(*rule));
    // An access rule that is left out is one fewer that its system has, which any rule may count.
    if unit.kind == UnitKind::AccessRule {
        return true;
    }
    let checks = test.checks.iter().filter_map(|id| bundle.check(id));
    checks.into_iter().any(|check| rules().any(|rule| rule.applies_to(check)))
}

fn mutations(bundle: &Bundle, unit: Unit) -> Vec<(Unit, Mutation, String)> {
    let left_out = match unit.kind {
        UnitKind::Rule => "the rule is left out",
        UnitKind::AccessType => "all access rules of this type are left out",
        UnitKind::AccessRule => "the access rule is left out",
    };
    let mut found = vec![(Mutation::Drop, left_out.to_owned())];
    let access_type = bundle.access_types.values().find(|one| one.id == unit.id).map(|one| &one.template);
    let template = match unit.kind {
        UnitKind::Rule => unit.rules.first().and_then(|rule| bundle.rules.get(*rule)).map(|rule| &rule.policy),
        // An access type that no access rule uses does nothing.
        UnitKind::AccessType => access_type.filter(|_| !unit.rules.is_empty()),
        UnitKind::AccessRule => None,
    };
    if let Some(template) = template {
        if !matches!(template.principal, PrincipalConstraint::Any | PrincipalConstraint::Is(_)) {
            found.push((Mutation::DropPrincipal, format!("`principal {}` is left out", template.principal)));
        }
        for (index, clause) in template.clauses().iter().enumerate() {
            found.extend(of_clause(index, clause));
        }
    }
    if unit.kind == UnitKind::AccessType && unit.rules.is_empty() {
        return Vec::new();
    }
    found.into_iter().map(|(mutation, text)| (unit.clone(), mutation, text)).collect()
}

fn of_clause(index: usize, clause: &Clause) -> Vec<(Mutation, String)> {
    let parts = parts(clause);
    let dropped = parts.iter().enumerate().map(|(part, expression)| {
        (Mutation::DropPart(index, part), format!("`{}` is left out", shown(clause, expression)))
    });
    let mut found: Vec<(Mutation, String)> = dropped.collect();
    let mut comparisons = Vec::new();
    comparisons_of(condition(clause), &mut comparisons);
    for (at, comparison) in comparisons.iter().enumerate() {
        for change in [Change::Opposite, Change::Boundary] {
            if let Some(other) = other(comparison, change) {
                found.push((Mutation::Compare(index, at, change), format!("`{comparison}` becomes `{other}`")));
            }
        }
    }
    found
}

/// The parts of a clause that can be left out: those of a `when` that are joined by `&&`, an `unless` as a whole.
fn parts(clause: &Clause) -> Vec<Arc<Expr>> {
    match clause {
        Clause::When(condition) => chain(condition, BinaryOp::And),
        Clause::Unless(condition) => vec![condition.clone()],
    }
}

fn shown(clause: &Clause, part: &Expr) -> String {
    match clause {
        Clause::When(_) => part.to_string(),
        Clause::Unless(_) => format!("unless {part}"),
    }
}

/// Every comparison of an expression, in the order in which it is written.
fn comparisons_of(expression: &Arc<Expr>, found: &mut Vec<Arc<Expr>>) {
    if other(expression, Change::Opposite).is_some() {
        found.push(expression.clone());
        return;
    }
    for child in children(expression) {
        comparisons_of(child, found);
    }
}

/// What a comparison becomes; `None` for what is none.
fn other(expression: &Arc<Expr>, change: Change) -> Option<Arc<Expr>> {
    let not = || Some(Arc::new(Expr::UnaryOp { op: UnaryOp::Not, expr: expression.clone() }));
    match (&**expression, change) {
        (Expr::BinaryOp { op, left, right }, _) => {
            let op = match (op, change) {
                (BinaryOp::Eq, Change::Opposite) => BinaryOp::NotEq,
                (BinaryOp::NotEq, Change::Opposite) => BinaryOp::Eq,
                (BinaryOp::Less, Change::Opposite) | (BinaryOp::Greater, Change::Boundary) => BinaryOp::GreaterEq,
                (BinaryOp::LessEq, Change::Opposite) | (BinaryOp::GreaterEq, Change::Boundary) => BinaryOp::Greater,
                (BinaryOp::Greater, Change::Opposite) | (BinaryOp::Less, Change::Boundary) => BinaryOp::LessEq,
                (BinaryOp::GreaterEq, Change::Opposite) | (BinaryOp::LessEq, Change::Boundary) => BinaryOp::Less,
                (
                    BinaryOp::In | BinaryOp::Contains | BinaryOp::ContainsAll | BinaryOp::ContainsAny,
                    Change::Opposite,
                )
                | (BinaryOp::HasTag | BinaryOp::IsInRange, Change::Opposite) => return not(),
                _ => return None,
            };
            Some(Arc::new(Expr::BinaryOp { op, left: left.clone(), right: right.clone() }))
        }
        (Expr::HasAttr { .. } | Expr::Like { .. } | Expr::Is { .. }, Change::Opposite)
        | (Expr::UnaryOp { op: UnaryOp::IsEmpty, .. }, Change::Opposite) => not(),
        _ => None,
    }
}

/// The bundle with a change made to all rules that a unit is.
fn changed(bundle: &Bundle, unit: &Unit, mutation: &Mutation) -> Bundle {
    let mut changed = bundle.clone();
    if *mutation == Mutation::Drop {
        let mut index = 0;
        changed.rules.retain(|_| {
            let keep = !unit.rules.contains(&index);
            index += 1;
            keep
        });
        if unit.kind == UnitKind::AccessRule {
            for system in changed.systems.values_mut() {
                system.access.retain(|rule| {
                    rule.location.file != unit.location.file || rule.location.yaml_path != unit.location.yaml_path
                });
            }
        }
        return changed;
    }
    for rule in &unit.rules {
        if let Some(rule) = changed.rules.get_mut(*rule)
            && let Some(policy) = mutated(rule, mutation)
        {
            rule.policy = policy;
        }
    }
    changed
}

fn mutated(rule: &Rule, mutation: &Mutation) -> Option<pst::Template> {
    let mut policy = rule.policy.clone();
    let clauses = policy.clauses().iter().enumerate();
    let clauses: Vec<Clause> = match mutation {
        Mutation::Drop => return None,
        Mutation::DropPrincipal => {
            policy.principal = PrincipalConstraint::Any;
            return Some(policy);
        }
        Mutation::DropPart(clause, part) => clauses
            .filter_map(|(index, own)| if index == *clause { without(own, *part) } else { Some(own.clone()) })
            .collect(),
        Mutation::Compare(clause, at, change) => clauses
            .map(|(index, own)| if index == *clause { compared(own, *at, *change) } else { own.clone() })
            .collect(),
    };
    policy.clone().try_with_clauses(clauses).ok()
}

fn without(clause: &Clause, part: usize) -> Option<Clause> {
    let mut parts = parts(clause);
    if part < parts.len() {
        parts.remove(part);
    }
    let joined = parts.into_iter().reduce(|left, right| Arc::new(Expr::BinaryOp { op: BinaryOp::And, left, right }))?;
    Some(Clause::When(joined))
}

fn compared(clause: &Clause, at: usize, change: Change) -> Clause {
    let mut next = 0;
    let changed = replace(condition(clause), at, change, &mut next);
    match clause {
        Clause::When(_) => Clause::When(changed),
        Clause::Unless(_) => Clause::Unless(changed),
    }
}

/// The expression with the comparison of this number changed; numbered as by [`comparisons_of`].
fn replace(expression: &Arc<Expr>, at: usize, change: Change, next: &mut usize) -> Arc<Expr> {
    if other(expression, Change::Opposite).is_some() {
        let own = *next;
        *next += 1;
        return if own == at { other(expression, change) } else { None }.unwrap_or_else(|| expression.clone());
    }
    rebuild(expression, &mut |child| replace(child, at, change, next))
}
