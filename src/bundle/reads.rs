//! What a rule reads, told by its syntax tree.

use std::{collections::BTreeSet, sync::Arc};

use cedar_policy::pst;
use pst::{BinaryOp, Clause, EntityOrSlot, Expr, Literal, PrincipalConstraint, ResourceConstraint, Var};

use crate::bundle::{
    AccountPattern, Check, FactDeclaration, Rule, SystemRules,
    expression::{each_child, type_name},
};

/// Something that a rule reads: a path from `principal` or `resource`, and what of its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Read {
    /// `principal.owner.status`, taken apart.
    pub path: Vec<String>,
    /// For an `in`: the entity types asked for.
    pub memberships: Vec<String>,
}

/// What a rule reads, in the order in which it is written.
#[must_use]
pub fn reads(rule: &Rule) -> Vec<Read> {
    let mut collector = Collector { reads: Vec::new() };
    match &rule.policy.principal {
        PrincipalConstraint::In(EntityOrSlot::Entity(uid))
        | PrincipalConstraint::IsIn(_, EntityOrSlot::Entity(uid)) => {
            collector.membership(vec!["principal".to_owned()], vec![uid.ty.to_string()]);
        }
        _ => {}
    }
    for clause in rule.policy.clauses() {
        let (Clause::When(condition) | Clause::Unless(condition)) = clause;
        collector.expression(condition);
    }
    collector.reads
}

/// Marks the facts that a rule, a check's clock or a pattern of account ids reads. Names are compared without their entity.
#[must_use]
pub(super) fn mark_read_facts<'s>(
    mut facts: Vec<FactDeclaration>,
    rules: &[Rule],
    checks: &[Check],
    systems: impl Iterator<Item = &'s SystemRules>,
) -> Vec<FactDeclaration> {
    // A clock runs from a fact, too.
    let since = checks.iter().filter_map(|check| check.since.as_deref());
    let mut named: BTreeSet<&str> = since.flat_map(|path| path.split('.')).collect();
    let systems: Vec<&SystemRules> = systems.collect();
    named.extend(systems.iter().filter_map(|system| system.accounts.as_ref()).flat_map(AccountPattern::facts));
    for rule in rules {
        for clause in rule.policy.clauses() {
            let (Clause::When(condition) | Clause::Unless(condition)) = clause;
            attributes(condition, &mut named);
        }
    }
    facts.iter_mut().for_each(|declaration| declaration.is_read = named.contains(declaration.fact.name));
    facts
}

/// The names of all attributes in an expression.
fn attributes<'e>(expression: &'e Expr, named: &mut BTreeSet<&'e str>) {
    match expression {
        Expr::GetAttr { attr, .. } => _ = named.insert(attr),
        Expr::HasAttr { attrs, .. } => named.extend(attrs.iter().map(|attribute| attribute.as_str())),
        _ => {}
    }
    each_child(expression, &mut |child| attributes(child, named));
}

/// What an expression reads, in the order in which it is written.
#[must_use]
pub(crate) fn reads_of(expression: &Arc<Expr>) -> Vec<Read> {
    let mut collector = Collector { reads: Vec::new() };
    collector.expression(expression);
    collector.reads
}

/// Whether a rule may say something else of one level of an account than of another: its scope or a clause looks at the
/// level itself, and not only at the system, which is the same for all.
#[must_use]
pub(crate) fn reads_the_level(rule: &Rule) -> bool {
    let is_of_a_system = |of: &EntityOrSlot| matches!(of, EntityOrSlot::Entity(uid) if type_name(uid) == "System");
    let scoped = match &rule.policy.resource {
        ResourceConstraint::Any | ResourceConstraint::Is(_) => false,
        ResourceConstraint::In(of) | ResourceConstraint::IsIn(_, of) => !is_of_a_system(of),
        ResourceConstraint::Eq(_) => true,
    };
    let of_the_level = |read: &Read| match read.path.as_slice() {
        [root, attribute, ..] => root == "resource" && attribute != "system",
        [root] => {
            root == "resource" && (read.memberships.is_empty() || read.memberships.iter().any(|of| of != "System"))
        }
        [] => false,
    };
    scoped || reads(rule).iter().any(of_the_level)
}

struct Collector {
    reads: Vec<Read>,
}

impl Collector {
    fn push(&mut self, read: Read) {
        // The end of a path says all about what lies on the way to it.
        let is_bare_principal = read.path.len() == 1 && read.path.first().is_some_and(|root| root == "principal");
        if !is_bare_principal && !self.reads.contains(&read) {
            self.reads.push(read);
        }
    }

    fn membership(&mut self, path: Vec<String>, memberships: Vec<String>) {
        let read = Read { path, memberships };
        if !self.reads.contains(&read) {
            self.reads.push(read);
        }
    }

    fn expression(&mut self, expression: &Arc<Expr>) {
        if let Some(path) = path(expression) {
            self.push(Read { path, memberships: Vec::new() });
            return;
        }
        match &**expression {
            Expr::HasAttr { expr, attrs } => match path(expr) {
                Some(mut path) => {
                    path.extend(attrs.iter().map(ToString::to_string));
                    self.push(Read { path, memberships: Vec::new() });
                }
                None => self.expression(expr),
            },
            Expr::BinaryOp { op: BinaryOp::In, left, right } => match (path(left), types(right)) {
                (Some(path), Some(types)) => self.membership(path, types),
                _ => {
                    self.expression(left);
                    self.expression(right);
                }
            },
            Expr::BinaryOp { left, right, .. } => {
                self.expression(left);
                self.expression(right);
            }
            Expr::UnaryOp { expr, .. } | Expr::GetAttr { expr, .. } | Expr::Like { expr, .. } => self.expression(expr),
            Expr::Is { expr, in_expr, .. } => {
                self.expression(expr);
                in_expr.iter().for_each(|of| self.expression(of));
            }
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                [cond, then_expr, else_expr].into_iter().for_each(|part| self.expression(part));
            }
            Expr::Set(items) => items.iter().for_each(|item| self.expression(item)),
            Expr::Record(fields) => fields.values().for_each(|value| self.expression(value)),
            _ => {}
        }
    }
}

/// `principal.owner.status` as its parts; `None` for anything else.
fn path(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Var(Var::Principal) => Some(vec!["principal".to_owned()]),
        Expr::Var(Var::Resource) => Some(vec!["resource".to_owned()]),
        Expr::GetAttr { expr, attr } => {
            let mut path = path(expr)?;
            path.push(attr.to_string());
            Some(path)
        }
        _ => None,
    }
}

fn types(group: &Expr) -> Option<Vec<String>> {
    match group {
        Expr::Literal(Literal::EntityUID(uid)) => Some(vec![uid.ty.to_string()]),
        Expr::Set(items) => {
            let types: Option<Vec<_>> = items.iter().map(|item| types(item)).collect();
            let types: BTreeSet<String> = types?.into_iter().flatten().collect();
            Some(types.into_iter().collect())
        }
        _ => None,
    }
}
