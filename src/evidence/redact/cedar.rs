//! Cedar with pseudonyms, by its syntax tree: every entity and every address that a policy can name, however it is
//! written. Tenure refuses what it cannot translate: such a rule would never apply.

use std::{collections::BTreeMap, sync::Arc};

use cedar_policy::pst::{
    self, BinaryOp, Clause, EntityOrSlot, EntityUID, Expr, Literal, PrincipalConstraint, ResourceConstraint,
};

use super::Redactor;
use crate::{
    bundle::{
        cedar::parse,
        expression::{each_child, type_name},
    },
    diagnostic::{Code, Diagnostic, SourceFile},
};

/// The attribute that holds an address; the snapshot has its pseudonym.
const ADDRESS: &str = "workEmail";

/// Attributes of people and levels that the snapshot keeps as they are.
const KEPT: [&str; 3] = ["department", "jobTitle", "level"];

/// The statements of a file with pseudonyms, each at the line where it was.
///
/// # Errors
/// Returns an error if something in the file cannot be translated.
pub(super) fn file(redactor: &Redactor, file: &SourceFile) -> Result<String, Diagnostic> {
    let mut problems = Vec::new();
    let statements = parse(file, &mut problems);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let mut text = String::new();
    for statement in &statements {
        let refused = |reason: String| {
            let problem = Diagnostic::error(Code::NotRedactable, reason).at(&file.clone(), statement.span.clone());
            problem.help("change the rule, or share this evidence without `--redact-key`")
        };
        let template = template(redactor, &statement.template).map_err(refused)?;
        let line = statement.location().line;
        let lines = text.matches('\n').count() + 1;
        text.push_str(&"\n".repeat(line.saturating_sub(lines)));
        let rule = written(&template).map_err(refused)?;
        let room = file.text.get(statement.span.clone()).map_or(1, |text| text.lines().count());
        // One that grew would move those behind it. Literals hold no line breaks of their own.
        let rule = if rule.lines().count() > room {
            rule.lines().map(str::trim).collect::<Vec<&str>>().join(" ")
        } else {
            rule
        };
        text.push_str(&rule);
        text.push('\n');
    }
    Ok(text)
}

/// A statement as text, which has to read as the same statement.
fn written(template: &pst::Template) -> Result<String, String> {
    let text = text(template)?;
    // Cedar's text is canonical, so that what reads otherwise is written otherwise.
    match parse(&SourceFile::new("redacted.cedar", text.clone()), &mut Vec::new()).as_slice() {
        [again] if self::text(&again.template)? == text => Ok(text),
        _ => Err("the redacted rule cannot be written: its text reads as another rule".to_owned()),
    }
}

fn text(template: &pst::Template) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the redacted rule cannot be written: {error}");
    let text = match pst::StaticPolicy::try_from(template.clone()) {
        Ok(policy) => {
            let policy = cedar_policy::Policy::from_pst(pst::Policy::Static(policy)).map_err(|error| failed(&error))?;
            policy.to_cedar().ok_or_else(|| failed(&"it is a link of a template"))?
        }
        Err(_) => cedar_policy::Template::from_pst(template.clone()).map_err(|error| failed(&error))?.to_cedar(),
    };
    Ok(format!("{};", text.trim_end().trim_end_matches(';')))
}

fn template(redactor: &Redactor, rule: &pst::Template) -> Result<pst::Template, String> {
    let mut redacted = rule.clone();
    let of = |of: &EntityOrSlot| match of {
        EntityOrSlot::Entity(uid) => EntityOrSlot::Entity(entity(redactor, uid)),
        slot => slot.clone(),
    };
    redacted.principal = match &rule.principal {
        PrincipalConstraint::Any => PrincipalConstraint::Any,
        PrincipalConstraint::Eq(uid) => PrincipalConstraint::Eq(of(uid)),
        PrincipalConstraint::In(uid) => PrincipalConstraint::In(of(uid)),
        PrincipalConstraint::Is(entity_type) => PrincipalConstraint::Is(entity_type.clone()),
        PrincipalConstraint::IsIn(entity_type, uid) => PrincipalConstraint::IsIn(entity_type.clone(), of(uid)),
    };
    redacted.resource = match &rule.resource {
        ResourceConstraint::Any => ResourceConstraint::Any,
        ResourceConstraint::Eq(uid) => ResourceConstraint::Eq(of(uid)),
        ResourceConstraint::In(uid) => ResourceConstraint::In(of(uid)),
        ResourceConstraint::Is(entity_type) => ResourceConstraint::Is(entity_type.clone()),
        ResourceConstraint::IsIn(entity_type, uid) => ResourceConstraint::IsIn(entity_type.clone(), of(uid)),
    };
    let clauses: Result<Vec<Clause>, String> = rule
        .clauses()
        .iter()
        .map(|clause| {
            Ok(match clause {
                Clause::When(condition) => Clause::When(expression(redactor, condition, Compared::Unknown)?),
                Clause::Unless(condition) => Clause::Unless(expression(redactor, condition, Compared::Unknown)?),
            })
        })
        .collect();
    let redacted = redacted.try_with_clauses(clauses?).map_err(|error| error.to_string())?;
    let annotations: BTreeMap<String, pst::SmolStr> =
        rule.annotations.iter().map(|(name, text)| (name.clone(), free_text(redactor, text).into())).collect();
    Ok(redacted.with_annotations(annotations))
}

/// What a literal is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// An address.
    Address,
    /// A text that the snapshot keeps.
    Kept,
    /// Anything.
    Unknown,
}

fn expression(redactor: &Redactor, node: &Arc<Expr>, compared: Compared) -> Result<Arc<Expr>, String> {
    let go = |inner: &Arc<Expr>| expression(redactor, inner, compared);
    let apart = |inner: &Arc<Expr>| expression(redactor, inner, Compared::Unknown);
    Ok(Arc::new(match &**node {
        Expr::Var(_) | Expr::Slot(_) => return Ok(node.clone()),
        Expr::Literal(Literal::Bool(_) | Literal::Long(_)) => return Ok(node.clone()),
        Expr::Literal(Literal::EntityUID(uid)) => Expr::Literal(Literal::EntityUID(entity(redactor, uid))),
        Expr::Literal(Literal::String(text)) => {
            let is_address = match compared {
                Compared::Address => true,
                Compared::Kept => false,
                Compared::Unknown => text.contains('@'),
            };
            let text = if is_address { redactor.address(text).into() } else { text.clone() };
            Expr::Literal(Literal::String(text))
        }
        Expr::UnaryOp { op, expr } => Expr::UnaryOp { op: *op, expr: go(expr)? },
        // Each side of these is a condition of its own.
        Expr::BinaryOp { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            Expr::BinaryOp { op: *op, left: apart(left)?, right: apart(right)? }
        }
        Expr::BinaryOp { op, left, right } => {
            let compared = match (reads(left, &[ADDRESS]) || reads(right, &[ADDRESS]), kept(left) || kept(right)) {
                (true, true) => return Err("it compares addresses with texts that are kept as they are".to_owned()),
                (true, false) => Compared::Address,
                (false, true) => Compared::Kept,
                (false, false) => compared,
            };
            let side = |side: &Arc<Expr>| expression(redactor, side, compared);
            Expr::BinaryOp { op: *op, left: side(left)?, right: side(right)? }
        }
        Expr::GetAttr { expr, attr } => Expr::GetAttr { expr: apart(expr)?, attr: attr.clone() },
        Expr::HasAttr { expr, attrs } => Expr::HasAttr { expr: apart(expr)?, attrs: attrs.clone() },
        Expr::Like { expr, pattern } => {
            let holds_at = pattern.iter().any(|part| matches!(part, pst::PatternElem::Char('@')));
            if reads(expr, &[ADDRESS]) || (holds_at && !kept(expr)) {
                return Err("it compares an address with a pattern, which no pseudonym fits".to_owned());
            }
            Expr::Like { expr: apart(expr)?, pattern: pattern.clone() }
        }
        Expr::Is { expr, entity_type, in_expr } => Expr::Is {
            expr: apart(expr)?,
            entity_type: entity_type.clone(),
            in_expr: in_expr.as_ref().map(apart).transpose()?,
        },
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            Expr::IfThenElse { cond: apart(cond)?, then_expr: go(then_expr)?, else_expr: go(else_expr)? }
        }
        Expr::Set(items) => Expr::Set(items.iter().map(go).collect::<Result<_, _>>()?),
        Expr::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let compared = if KEPT.contains(&name.as_str()) { Compared::Kept } else { compared };
                Ok((name.clone(), expression(redactor, value, compared)?))
            });
            Expr::Record(fields.collect::<Result<_, String>>()?)
        }
        _ => return Err("it holds an expression that this version of tenure does not know".to_owned()),
    }))
}

/// Whether an expression gives a text that the snapshot keeps: it reads such an attribute, and no address.
fn kept(node: &Expr) -> bool {
    reads(node, &KEPT) && !reads(node, &[ADDRESS])
}

/// Whether one of these attributes is read anywhere in an expression.
fn reads(node: &Expr, attributes: &[&str]) -> bool {
    let mut found = matches!(node, Expr::GetAttr { attr, .. } if attributes.contains(&attr.as_str()));
    each_child(node, &mut |child| found = found || reads(child, attributes));
    found
}

/// An entity with the pseudonym that the snapshot has for it.
pub(super) fn entity(redactor: &Redactor, uid: &EntityUID) -> EntityUID {
    let id = pseudonym(redactor, &type_name(uid), uid.eid.as_str());
    EntityUID { ty: uid.ty.clone(), eid: id.into() }
}

/// The pseudonym of an id of an entity type.
pub(super) fn pseudonym(redactor: &Redactor, entity_type: &str, id: &str) -> String {
    match (entity_type, id.split_once('/')) {
        ("Account", Some((system, account))) => format!("{system}/{}", redactor.id(account)),
        ("Person" | "Account" | "AccessRequest", _) => redactor.id(id),
        _ => id.to_owned(),
    }
}

/// A text for people, without the addresses in it.
pub(super) fn free_text(redactor: &Redactor, text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let is_around = |letter: char| ".,;:!?()<>[]{}'\"`".contains(letter);
    let word = |word: &str| {
        let inner = word.trim_matches(is_around);
        if inner.contains('@') { word.replace(inner, &redactor.address(inner)) } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new("k", b"0123456789abcdef").unwrap()
    }

    fn redacted(condition: &str) -> Result<String, String> {
        let text =
            format!("// Ann's rule\n\n@id(\"r\")\npermit (principal, action, resource) when {{ {condition} }};\n");
        file(&redactor(), &SourceFile::new("a.cedar", text)).map_err(|problem| problem.message)
    }

    #[test]
    fn every_spelling_of_an_id_is_translated() {
        let ann = redactor().id("per-ann");
        let ticket = redactor().id("T-1");
        for condition in [
            r#"principal == Person::"per-ann""#,
            r#"principal == Person::"per-\u{61}nn""#,
            r#"principal == Person :: "per-ann""#,
            "principal == Person::\n  // who?\n  \"per-ann\"",
            r#"principal in [Person::"per-ann", OrgRole::"x"]"#,
            r#"principal is Account in Person::"per-ann""#,
            r#"principal has owner && principal.owner == Person::"per-ann""#,
            r#"if principal in Person::"per-ann" then true else false"#,
            r#"[Person::"per-ann"].contains(principal)"#,
        ] {
            let text = redacted(condition).unwrap();
            assert!(text.contains(&format!("Person::\"{ann}\"")) && !text.contains("per-"), "{condition}: {text}");
            assert!(text.starts_with("\n\n@id"), "on its line: {text}");
        }
        let text = redacted(r#"principal in AccessRequest::"T-1" && principal in Account::"git/per-ann""#).unwrap();
        assert!(text.contains(&format!("AccessRequest::\"{ticket}\"")), "{text}");
        assert!(text.contains(&format!("Account::\"git/{ann}\"")), "{text}");
        let text = redacted(r#"principal in OrgRole::"per-ann""#).unwrap();
        assert!(text.contains("OrgRole::\"per-ann\""), "no pseudonym: {text}");
    }

    #[test]
    fn scopes_are_translated() {
        let ann = redactor().id("per-ann");
        for (scope, expected) in [
            (r#"principal == Person::"per-ann", action, resource"#, format!("principal == Person::\"{ann}\"")),
            (r#"principal is Account in Person::"per-ann", action, resource"#, format!("in Person::\"{ann}\"")),
            (r#"principal, action, resource in Account::"git/per-ann""#, format!("Account::\"git/{ann}\"")),
            (r#"principal, action, resource is Account in Person::"per-ann""#, format!("in Person::\"{ann}\"")),
        ] {
            let text = format!("@id(\"r\") permit ({scope});");
            let text = file(&redactor(), &SourceFile::new("a.cedar", text)).unwrap();
            assert!(text.contains(&expected), "{text}");
        }
        let template = r#"@id("t") @access_type("t") permit (principal in ?principal, action, resource in ?resource);"#;
        let text = file(&redactor(), &SourceFile::new("a.cedar", template)).unwrap();
        assert!(text.contains("?principal") && text.contains("@access_type"), "{text}");
    }

    #[test]
    fn addresses_are_translated_where_they_are_compared_with_one() {
        let ann = redactor().address("ann@x.example");
        for condition in [
            r#"principal.workEmail == "ann@x.example""#,
            r#"["bob@x.example", "ann\u{40}x.example"].contains(principal.workEmail)"#,
            r#"(if principal.inScope then "ann@x.example" else "-") != principal.workEmail"#,
        ] {
            let text = redacted(condition).unwrap();
            assert!(text.contains(&format!("\"{ann}\"")) && !text.contains("x.example\""), "{condition}: {text}");
        }
        let text = redacted(r#"principal.jobTitle == "dev@night" && principal.jobTitle like "*@night""#).unwrap();
        assert!(text.contains("dev@night"), "titles are kept: {text}");
        for condition in [
            r#"principal.workEmail like "*@x.example""#,
            r#"principal.workEmail == principal.jobTitle"#,
            r#"principal.owner.workEmail like "*""#,
        ] {
            assert!(redacted(condition).is_err(), "{condition}");
        }
    }

    #[test]
    fn annotations_lose_addresses() {
        let text = "@id(\"r\") @message(\"ask <ann@x.example>, or bob\") permit (principal, action, resource);";
        let text = file(&redactor(), &SourceFile::new("a.cedar", text)).unwrap();
        assert!(text.contains(&format!("ask <{}>, or bob", redactor().address("ann@x.example"))), "{text}");
    }
}
