//! The conditions of a rule that a subject's known facts decide, whatever its unknown facts are.

use std::sync::Arc;

use cedar_policy::pst::{self, BinaryOp, Clause, Expr, UnaryOp};

use super::{
    markers::Markers,
    syntax::{and, has, marker, types_of},
};

/// False if a condition of these clauses is false that reads no unknown fact of the subject, and true otherwise. None
/// for clauses that read no fact that is unknown for anybody.
///
/// INVARIANT: it errs only where the clauses would.
pub(in crate::engine) fn condition(markers: &Markers, clauses: &[Clause]) -> Option<Arc<Expr>> {
    let mut conditions = Vec::new();
    for clause in clauses {
        match clause {
            Clause::When(condition) => conjuncts(condition, &mut conditions),
            Clause::Unless(condition) => negated(condition, &mut conditions),
        }
    }
    if conditions.len() < 2 || !conditions.iter().any(|condition| !unknowns(markers, condition).is_empty()) {
        return None;
    }
    // A condition that reads a fact of a named entity stays with the rule, which reads it in its turn. So do the conditions
    // after it, which it may guard. INVARIANT: this depends on the rule alone, not on what is unknown in a batch.
    let tests = conditions.iter().take_while(|condition| !reads_elsewhere(condition)).map(|condition| {
        let skip = unknowns(markers, condition).into_iter().chain(unguarded(condition));
        let test = markers.expression(condition);
        match skip.reduce(|left, right| binary(BinaryOp::Or, left, right)) {
            None => test,
            Some(skip) => {
                let yes = Arc::new(Expr::Literal(pst::Literal::Bool(true)));
                Arc::new(Expr::IfThenElse { cond: skip, then_expr: yes, else_expr: test })
            }
        }
    });
    tests.reduce(|left, right| Arc::new(and(left, right)))
}

/// The conditions that all have to hold for this one to hold.
fn conjuncts(condition: &Arc<Expr>, found: &mut Vec<Arc<Expr>>) {
    match &**condition {
        Expr::BinaryOp { op: BinaryOp::And, left, right } => {
            conjuncts(left, found);
            conjuncts(right, found);
        }
        // `when { !c }` says what `unless { c }` says.
        Expr::UnaryOp { op: UnaryOp::Not, expr } => negated(expr, found),
        _ => found.push(condition.clone()),
    }
}

/// The conditions that all have to hold for this one not to hold.
fn negated(condition: &Arc<Expr>, found: &mut Vec<Arc<Expr>>) {
    match &**condition {
        Expr::BinaryOp { op: BinaryOp::Or, left, right } => {
            negated(left, found);
            negated(right, found);
        }
        Expr::UnaryOp { op: UnaryOp::Not, expr } => conjuncts(expr, found),
        _ => found.push(Arc::new(Expr::UnaryOp { op: UnaryOp::Not, expr: condition.clone() })),
    }
}

/// Tests, one for each fact that the condition may read and that may be unknown: is it unknown here?
fn unknowns(markers: &Markers, condition: &Arc<Expr>) -> Vec<Arc<Expr>> {
    let mut tests = Vec::new();
    each(condition, &mut |part| match part {
        Expr::GetAttr { expr, attr } => test(&mut tests, markers.attributes.contains(attr.as_str()), expr, attr),
        Expr::HasAttr { .. } => each_step(part, &mut |of, attr| {
            test(&mut tests, markers.attributes.contains(attr), of, attr);
        }),
        Expr::BinaryOp { op: BinaryOp::In, left, right } | Expr::Is { expr: left, in_expr: Some(right), .. } => {
            let types = types_of(right);
            for name in &markers.memberships {
                let open = types.as_ref().is_none_or(|types| types.contains(name));
                test(&mut tests, open, left, &format!("in {name}"));
            }
            for fact in markers.open_holdings(left, right) {
                test(&mut tests, true, left, &fact);
            }
        }
        _ => {}
    });
    tests
}

/// Shows the attributes that `expression has a.b.c` looks for, each with the path that it is looked for on.
fn each_step(part: &Expr, show: &mut impl FnMut(&Arc<Expr>, &str)) {
    let Expr::HasAttr { expr, attrs } = part else { return };
    let mut of = expr.clone();
    for attr in attrs.iter() {
        show(&of, attr);
        of = Arc::new(Expr::GetAttr { expr: of, attr: attr.clone() });
    }
}

/// Adds "this fact of `of` is unknown", where `of` is a path such as `principal.owner`. A path that ends early has no
/// such fact. What another expression reads is left to the rule itself.
fn test(tests: &mut Vec<Arc<Expr>>, may_be: bool, of: &Arc<Expr>, fact: &str) {
    if may_be && is_path(of) {
        let test = reached(of, has(of.clone(), &marker(fact)));
        if !tests.contains(&test) {
            tests.push(test);
        }
    }
}

/// Tests, one for each attribute that the condition reads and another condition looks for: is it absent?
fn unguarded(condition: &Arc<Expr>) -> Vec<Arc<Expr>> {
    let (mut read, mut looked_for) = (Vec::new(), Vec::new());
    each(condition, &mut |part| match part {
        Expr::GetAttr { expr, attr } if is_path(expr) => read.push((expr.clone(), attr.to_string())),
        Expr::HasAttr { .. } => each_step(part, &mut |of, attr| looked_for.push((of.clone(), attr.to_owned()))),
        _ => {}
    });
    read.retain(|one| !looked_for.contains(one) && !matches!(&*one.0, Expr::Var(pst::Var::Context)));
    let mut tests: Vec<Arc<Expr>> = Vec::new();
    for (of, attr) in read {
        let present = reached(&of, has(of.clone(), attr.as_str()));
        let absent = Arc::new(Expr::UnaryOp { op: UnaryOp::Not, expr: present });
        if !tests.contains(&absent) {
            tests.push(absent);
        }
    }
    tests
}

/// `test`, which reads this path, where the path leads somewhere; false where it does not.
fn reached(path: &Arc<Expr>, test: Arc<Expr>) -> Arc<Expr> {
    match &**path {
        Expr::GetAttr { expr, attr } => reached(expr, Arc::new(and(has(expr.clone(), attr.as_str()), test))),
        _ => test,
    }
}

/// Whether the condition reads a fact of another expression than a path, such as a named account.
fn reads_elsewhere(condition: &Arc<Expr>) -> bool {
    let mut found = false;
    each(condition, &mut |part| match part {
        Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::BinaryOp { op: BinaryOp::In, left: expr, .. }
        | Expr::Is { expr, in_expr: Some(_), .. } => found |= !is_path(expr),
        _ => {}
    });
    found
}

fn is_path(expression: &Expr) -> bool {
    match expression {
        Expr::Var(_) => true,
        Expr::GetAttr { expr, .. } => is_path(expr),
        _ => false,
    }
}

fn binary(op: BinaryOp, left: Arc<Expr>, right: Arc<Expr>) -> Arc<Expr> {
    Arc::new(Expr::BinaryOp { op, left, right })
}

/// Shows every part of an expression, the expression first.
fn each(expression: &Arc<Expr>, show: &mut impl FnMut(&Expr)) {
    show(expression);
    match &**expression {
        Expr::UnaryOp { expr, .. }
        | Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::Like { expr, .. }
        | Expr::Is { expr, in_expr: None, .. } => each(expr, show),
        Expr::BinaryOp { left, right, .. } | Expr::Is { expr: left, in_expr: Some(right), .. } => {
            each(left, show);
            each(right, show);
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            for part in [cond, then_expr, else_expr] {
                each(part, show);
            }
        }
        Expr::Set(items) => items.iter().for_each(|item| each(item, show)),
        Expr::Record(fields) => fields.values().for_each(|value| each(value, show)),
        // `Markers::expression` makes a rule undetermined that holds another expression.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use cedar_policy::Policy;

    use super::*;

    #[test]
    fn what_a_rule_reads_of_a_named_entity_is_read_in_its_turn() {
        let text = r#"permit (principal, action, resource)
            when { principal has email && Account::"git/a0" has owner && principal in OrgRole::"dev" };"#;
        let pst::Policy::Static(rule) = Policy::parse(None, text).unwrap().to_pst().unwrap() else { panic!("no link") };
        let markers = Markers::of(["in OrgRole", "owner", "email"]);
        let condition = condition(&markers, rule.body().clauses()).unwrap().to_string();
        assert!(condition.contains("email?"), "{condition}");
        assert!(!condition.contains("git/a0") && !condition.contains("OrgRole"), "{condition}");
    }

    #[test]
    fn unless_and_when_not_are_read_alike() {
        let markers = Markers::of(["owner", "email"]);
        let of = |clauses: &str| {
            let text = format!("permit (principal, action, resource) {clauses};");
            let pst::Policy::Static(rule) = Policy::parse(None, text).unwrap().to_pst().unwrap() else {
                panic!("no link")
            };
            condition(&markers, rule.body().clauses()).map(|condition| condition.to_string())
        };
        let unless = of("unless { principal has owner || principal has email }");
        assert!(unless.is_some());
        assert_eq!(of("when { !(principal has owner || principal has email) }"), unless);
        assert_eq!(of("unless { !!(principal has owner || principal has email) }"), unless);
    }
}
