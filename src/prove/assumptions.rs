//! What holds in every organisation that Tenure can be given, as Cedar conditions.
//!
//! The schema allows more than resolution produces: an account with an owner and an identity issue, for example. A proof
//! that had to cover those would fail for no reason. Each assumption is true of every resolved snapshot; a property test
//! evaluates them all over random ones. To leave one out is sound for proofs, so a query takes only those that speak of
//! what its rules read: each costs the solver time.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{PolicySet, ValidationMode, Validator, pst};
use pst::{Expr, Var};

use super::{
    error::Error,
    expressions::{Condition, parse},
    setting::Setting,
};
use crate::bundle::{Bundle, Check, expression::children};

/// First and last instant that Tenure writes; see the entities of the engine.
const FIRST_AND_LAST: [&str; 2] = ["0000-01-01", "9999-12-31T23:59:59.000Z"];

/// An assumption: its name, the entity type whose paths it is about, and its text, in which `$` is the path.
struct Form {
    name: &'static str,
    of: Of,
    text: &'static str,
}

/// What an assumption is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Context,
    Account,
    Person,
    Organization,
}

/// Ordered: an assumption that could overflow comes after the ranges of its dates.
const FORMS: [Form; 9] = [
    Form {
        name: "as-of-is-today",
        of: Of::Context,
        text: "$.today <= $.asOf && $.asOf.durationSince($.today) < duration(\"25h\")",
    },
    Form { name: "owner-or-issue", of: Of::Account, text: "!($ has owner && $ has identityIssue)" },
    Form { name: "linked-or-declared", of: Of::Account, text: "$ has owner || $ has identityIssue || $ has class" },
    Form { name: "owner-has-class", of: Of::Account, text: "!($ has owner) || $ has class" },
    Form { name: "responsible-without-owner", of: Of::Account, text: "!($ has responsible && $ has owner)" },
    Form { name: "responsible-without-issue", of: Of::Account, text: "!($ has responsible && $ has identityIssue)" },
    Form {
        name: "dangling-manager",
        of: Of::Person,
        text: "!($ has managerIssue && $.managerIssue == ManagerIssue::\"dangling\" && $ has manager)",
    },
    Form {
        name: "own-manager",
        of: Of::Person,
        text: "!($ has manager && $.manager == $) || ($ has managerIssue && $.managerIssue == ManagerIssue::\"self\")",
    },
    Form { name: "people-listed", of: Of::Organization, text: "$.peopleListed >= 0" },
];

/// What conditions read: attributes by name, and the paths to them.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub(super) names: BTreeSet<String>,
    paths: BTreeSet<String>,
}

impl Reads {
    pub(super) fn of<'c>(conditions: impl IntoIterator<Item = &'c Condition>) -> Self {
        let mut reads = Reads::default();
        conditions.into_iter().for_each(|condition| reads.add(condition));
        reads
    }

    fn add(&mut self, expression: &Expr) {
        match expression {
            Expr::GetAttr { expr, attr } => {
                self.names.insert(attr.to_string());
                self.paths.extend(path(expr).map(|path| format!("{path}.{attr}")));
            }
            Expr::HasAttr { attrs, .. } => self.names.extend(attrs.iter().map(|attr| attr.to_string())),
            _ => {}
        }
        children(expression).into_iter().for_each(|child| self.add(child));
    }
}

/// A path such as `principal.owner`, as text.
fn path(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Var(Var::Principal) => Some("principal".to_owned()),
        Expr::Var(Var::Resource) => Some("resource".to_owned()),
        Expr::Var(Var::Context) => Some("context".to_owned()),
        Expr::GetAttr { expr, attr } => Some(format!("{}.{attr}", path(expr)?)),
        _ => None,
    }
}

/// The assumptions for conditions of a check, each negated: what cannot be.
///
/// # Errors
/// Returns Cedar's error if an assumption is not a condition.
pub(super) fn impossible(
    bundle: &Bundle,
    check: &Check,
    setting: &Setting,
    reads: &Reads,
) -> Result<Vec<Condition>, Error> {
    let mut found = ranges(bundle, check, setting, reads)?;
    for (_, text) in texts(setting, reads) {
        found.push(parse(&text)?);
    }
    Ok(found)
}

/// The negated assumptions by name, for paths of a setting.
fn texts(setting: &Setting, reads: &Reads) -> Vec<(String, String)> {
    let (subject, resource) = setting.target.types();
    let mut found = Vec::new();
    for form in &FORMS {
        let paths: &[&str] = match (form.of, subject) {
            (Of::Context, _) => &["context"],
            (Of::Account, "Account") => &["principal"],
            (Of::Person, "Person") => &["principal", "principal.manager"],
            (Of::Person, "Account") => &["principal.owner", "principal.responsible"],
            (Of::Organization, "Organization") => &["principal"],
            (Of::Organization, _) if resource == "Organization" => &["resource"],
            _ => &[],
        };
        for path in paths {
            // The way to the entity has to be there.
            let guard: String = prefixes(path).map(|(of, name)| format!("{of} has {name} && ")).collect();
            let text = format!("{guard}!({})", form.text.replace('$', path));
            if reads_all(&text, reads) {
                found.push((format!("{} of {path}", form.name), text));
            }
        }
    }
    found
}

/// Each attribute of a path with the path before it: `principal.owner.endDate` has `owner` of `principal`.
fn prefixes(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.match_indices('.').filter_map(|(at, _)| {
        let (of, rest) = path.split_at_checked(at)?;
        Some((of, rest.get(1..)?.split('.').next()?))
    })
}

/// Whether conditions read every attribute that a text names.
fn reads_all(text: &str, reads: &Reads) -> bool {
    let Ok(condition) = parse(text) else { return true };
    Reads::of([&condition]).names.is_subset(&reads.names)
}

/// That dates are within the years that Tenure writes.
fn ranges(bundle: &Bundle, check: &Check, setting: &Setting, reads: &Reads) -> Result<Vec<Condition>, Error> {
    let [first, last] = FIRST_AND_LAST.map(|text| format!("datetime(\"{text}\")"));
    let mut found = Vec::new();
    for path in &reads.paths {
        let guard: String = prefixes(path).map(|(of, name)| format!("{of} has {name} && ")).collect();
        let text = format!("{guard}({path} < {first} || {path} > {last})");
        if is_valid(bundle, check, setting, &text) {
            found.push(parse(&text)?);
        }
    }
    Ok(found)
}

/// Whether Cedar accepts a condition for a check, which tells a date from other values.
fn is_valid(bundle: &Bundle, check: &Check, setting: &Setting, condition: &str) -> bool {
    let (subject, resource) = setting.target.types();
    let text = format!(
        "permit (principal is {subject}, action == Action::{:?}, resource is {resource}) when {{ {condition} }};",
        check.id
    );
    let Ok(policy) = text.parse::<cedar_policy::Policy>() else { return false };
    let Ok(policies) = PolicySet::from_policies([policy]) else { return false };
    let result = Validator::new(bundle.schema.clone()).validate(&policies, ValidationMode::Strict);
    result.validation_passed()
}

/// What cannot be, as `name → condition`, for a test that evaluates it over snapshots: every assumption but those on dates.
#[must_use]
pub fn assumptions_of(target: crate::bundle::CheckTarget) -> BTreeMap<String, String> {
    use super::setting::Named;
    let setting = Setting { target, system: Named::None, level: Named::None };
    let every = FORMS.iter().filter_map(|form| parse(&form.text.replace('$', "principal")).ok());
    let mut reads = Reads::of(&every.collect::<Vec<_>>());
    reads.names.extend(["owner", "responsible", "manager"].map(str::to_owned));
    texts(&setting, &reads).into_iter().collect()
}
