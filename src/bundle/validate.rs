//! Cedar's own validator, strict and with its warnings taken for errors, over everything that will be evaluated.

use std::collections::BTreeMap;

use cedar_policy::{Policy, PolicySet, ValidationMode, Validator, pst};
use rayon::prelude::*;

use super::{
    cedar::{Statement, from_cedar},
    data::entries::At,
    expression::condition,
    holdings::misuses_holdings,
    rule::Rule,
    schema::{Merged, Vocabularies},
};
use crate::diagnostic::{Code, Diagnostic};

/// Validates rules and access types where they are written, then what access rules make of the access types.
pub(super) fn validate(
    schema: &Merged,
    statements: &[Statement],
    rules: &[Rule],
    at: At<'_>,
    problems: &mut Vec<Diagnostic>,
) {
    let validator = Validator::new(schema.schema.clone());
    let before = problems.len();
    problems.par_extend(statements.par_iter().flat_map_iter(|statement| written(&validator, statement)));
    // A fault of an access type would come again with each of its access rules.
    if problems.len() == before {
        linked(&validator, rules, &schema.vocabularies, at, problems);
    }
}

/// What is wrong with one statement.
fn written(validator: &Validator, statement: &Statement) -> Vec<Diagnostic> {
    let result = validator.validate(&statement.parsed, ValidationMode::Strict);
    let mut found = Vec::new();
    for error in result.validation_errors() {
        found.extend(from_cedar(error, Code::CedarValidation, &statement.file, statement.origin));
    }
    for warning in result.validation_warnings() {
        found.extend(from_cedar(warning, Code::CedarValidation, &statement.file, statement.origin));
    }
    let mut problems = most_telling(found);
    if statement.template.clauses().iter().any(|clause| !is_plain(clause)) {
        let message = "the left side of `in` and `has` has to be a path such as `principal.owner`";
        let problem = Diagnostic::error(Code::NotAPath, message);
        let problem = problem.at(&statement.file, statement.find(""));
        problems.push(problem.help("write the `if` around the whole condition instead"));
    }
    if problems.is_empty() && statement.template.clauses().iter().any(|clause| misuses_holdings(condition(clause))) {
        let message = "`holdings` can only stand on the left of `in`, with entities written out on its right";
        let problem = Diagnostic::error(Code::HoldingsUse, message);
        let problem = problem.at(&statement.file, statement.find("holdings"));
        problems.push(
            problem.help("write `principal.holdings in EntitlementGroup::\"…\"` or `… in [Entitlement::\"…\", …]`"),
        );
    }
    problems
}

/// Whether `in` and `has` are asked of paths alone. Rules are rewritten around them with the left side repeated, which
/// would grow without bound where one holds another.
fn is_plain(clause: &pst::Clause) -> bool {
    let (pst::Clause::When(condition) | pst::Clause::Unless(condition)) = clause;
    plain(condition)
}

fn plain(expression: &pst::Expr) -> bool {
    use pst::Expr;
    match expression {
        Expr::HasAttr { expr, .. } => is_path(expr),
        Expr::Is { expr, in_expr: Some(of), .. } => is_path(expr) && plain(of),
        Expr::BinaryOp { op: pst::BinaryOp::In, left, right } => is_path(left) && plain(right),
        Expr::BinaryOp { left, right, .. } => plain(left) && plain(right),
        Expr::UnaryOp { expr, .. } | Expr::GetAttr { expr, .. } | Expr::Like { expr, .. } | Expr::Is { expr, .. } => {
            plain(expr)
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => plain(cond) && plain(then_expr) && plain(else_expr),
        Expr::Set(items) => items.iter().all(|item| plain(item)),
        Expr::Record(fields) => fields.values().all(|value| plain(value)),
        _ => true,
    }
}

fn is_path(expression: &pst::Expr) -> bool {
    match expression {
        pst::Expr::Var(_) | pst::Expr::Literal(_) => true,
        pst::Expr::GetAttr { expr, .. } => is_path(expr),
        _ => false,
    }
}

/// What Cedar says of every rule that matches nothing, whatever the cause; the last says the least.
const CONSEQUENCES: [(&str, &str); 2] = [
    (
        "unable to find an applicable action",
        "this rule is for other entity types than its check is asked of, or for an unknown check",
    ),
    ("policy is impossible", "this rule can never be satisfied: what it asks contradicts itself or the schema"),
];

/// Leaves consequences out where a cause is told, and all but the most telling of them where none is.
fn most_telling(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let rank = |problem: &Diagnostic| CONSEQUENCES.iter().position(|(start, _)| problem.message.starts_with(start));
    if found.iter().any(|problem| rank(problem).is_none()) {
        return found.into_iter().filter(|problem| rank(problem).is_none()).collect();
    }
    let first = found.into_iter().min_by_key(rank);
    let words = first.as_ref().and_then(|problem| CONSEQUENCES.get(rank(problem)?)).map(|(_, words)| *words);
    first.into_iter().map(|problem| Diagnostic { message: words.unwrap_or_default().to_owned(), ..problem }).collect()
}

/// How many access rules a thread validates at a time.
const BLOCK: usize = 64;

fn linked<'r>(
    validator: &Validator,
    rules: &'r [Rule],
    vocabularies: &Vocabularies,
    at: At<'_>,
    problems: &mut Vec<Diagnostic>,
) {
    let by_key: BTreeMap<&str, &'r Rule> =
        rules.iter().filter(|rule| rule.grants.is_some()).map(|rule| (rule.key.as_str(), rule)).collect();
    let all: Vec<&'r Rule> = by_key.values().copied().collect();
    let validated = |rules: &[&'r Rule]| -> Vec<(&'r Rule, Diagnostic)> {
        rules.par_chunks(BLOCK).flat_map_iter(|rules| granting(validator, rules)).collect()
    };
    let kinds: BTreeMap<Kind<'r>, &'r Rule> = all.iter().map(|rule| (kind(rule, vocabularies), *rule)).collect();
    if validated(&kinds.into_values().collect::<Vec<_>>()).is_empty() {
        return;
    }
    problems.extend(validated(&all).into_iter().map(|(rule, problem)| at(&rule.location, problem)));
}

/// What access rules have in common that are valid or not together: the access type, the type of those whom they are
/// for, and ids as far as Cedar's validator looks at them: those of a type whose entities the schema lists, and what is
/// not ASCII, which may look like something else.
type Kind<'r> = (&'r str, Option<&'r str>, [Option<&'r str>; 3]);

fn kind<'r>(rule: &'r Rule, vocabularies: &Vocabularies) -> Kind<'r> {
    let grants = rule.grants.as_ref();
    let to = grants.and_then(|grants| grants.to.as_ref());
    let matters = |entity_type: &str, id: &str| !id.is_ascii() || vocabularies.contains_key(entity_type);
    let id = to.filter(|(entity_type, id)| matters(entity_type, id)).map(|(_, id)| id.as_str());
    let [system, level] = [grants.map(|grants| &grants.system), grants.map(|grants| &grants.level)]
        .map(|part| part.map(String::as_str).filter(|part| matters("Entitlement", part)));
    (&rule.id, to.map(|(entity_type, _)| entity_type.as_str()), [id, system, level])
}

/// What is wrong with some access rules.
fn granting<'r>(validator: &Validator, rules: &[&'r Rule]) -> Vec<(&'r Rule, Diagnostic)> {
    let mut found = Vec::new();
    let mut policies = PolicySet::new();
    for rule in rules {
        let added = cedar_policy(&rule.policy).and_then(|policy| policies.add(policy).map_err(|e| e.to_string()));
        found.extend(added.err().map(|error| (*rule, Diagnostic::error(Code::Unlinkable, error))));
    }
    let result = validator.validate(&policies, ValidationMode::Strict);
    let errors = result.validation_errors().map(|error| (error.policy_id().to_string(), error.to_string()));
    let warnings = result.validation_warnings().map(|error| (error.policy_id().to_string(), error.to_string()));
    for (key, message) in errors.chain(warnings) {
        let message = message.split_once("`, ").map_or(message.as_str(), |(_, rest)| rest);
        let problem = Diagnostic::error(Code::CedarValidation, format!("this access rule is not valid: {message}"));
        found.extend(rules.iter().find(|rule| rule.key == key).map(|rule| (*rule, problem)));
    }
    found
}

/// A Cedar policy out of a syntax tree without slots; its annotations, of which Cedar makes nothing, are left out.
///
/// # Errors
/// Cedar's reason.
pub(crate) fn cedar_policy(template: &pst::Template) -> Result<Policy, String> {
    let template = template.clone().with_annotations(BTreeMap::new());
    let policy = pst::StaticPolicy::try_from(template).map_err(|error| error.to_string())?;
    Policy::from_pst(pst::Policy::Static(policy)).map_err(|error| error.to_string())
}
