//! `invariants:` — what has to hold whenever a check has an outcome. `tenure prove` proves them over every organisation.

use cedar_policy::{Policy, PolicySet, ValidationMode, Validator, pst};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{
        check::{Check, CheckTarget},
        data::entries::{At, entries},
        rule::Outcome,
    },
    diagnostic::{Code, Diagnostic, Location, suggest},
    model::level_id,
    yaml::Document,
};

/// A file of invariants.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvariantsFile {
    /// The invariants.
    pub invariants: Vec<InvariantEntry>,
}

/// One invariant as written: whenever the check has one of these outcomes, the condition holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = InvariantEntry::example())]
pub struct InvariantEntry {
    /// Short id; unique in the bundle.
    pub id: String,
    /// What it says, for people.
    pub description: String,
    /// The check.
    pub check: String,
    /// The entitlement that it is about, as `<system>/<level>`, for checks of entitlements. Without it, all of them.
    pub level: Option<String>,
    /// The outcomes that it is about; `pass` alone by default.
    #[serde(default = "passes")]
    pub outcomes: Vec<Outcome>,
    /// A Cedar condition on `principal`, `resource` and `context`, as in a `when` clause.
    pub holds: String,
}

fn passes() -> Vec<Outcome> {
    vec![Outcome::Pass]
}

impl InvariantEntry {
    fn example() -> serde_json::Value {
        serde_json::json!({
            "id": "admins-are-people-operations",
            "description": "only people operations and top management validly hold humaans/admin",
            "check": "access-valid",
            "level": "humaans/admin",
            "holds": "principal in [OrgRole::\"people-operations\", OrgRoleGroup::\"top-management\"]"
        })
    }
}

/// An invariant.
#[derive(Debug, Clone)]
pub struct Invariant {
    /// Short id.
    pub id: String,
    /// What it says, for people.
    pub description: String,
    /// The check's id.
    pub check: String,
    /// The system and level that it is about.
    pub level: Option<(String, String)>,
    /// The outcomes that it is about.
    pub outcomes: Vec<Outcome>,
    /// Its condition as the only clause of a rule.
    pub holds: pst::Template,
    /// Where it is defined.
    pub location: Location,
}

/// An invariant whose condition is not read yet: the schema and the checks decide whether it can be.
#[derive(Debug)]
pub(in crate::bundle) struct Unread {
    entry: InvariantEntry,
    path: String,
    location: Location,
}

pub(super) fn read(document: &Document, found: &mut Vec<Unread>, problems: &mut Vec<Diagnostic>) {
    entries::<InvariantEntry>(document, "invariants", problems, |path, entry, _| {
        let location = document.location(&format!("{path}.id"));
        found.push(Unread { entry, path, location });
    });
}

/// Reads the conditions as Cedar does for a rule of the check.
pub(in crate::bundle) fn parse(
    unread: Vec<Unread>,
    checks: &[Check],
    schema: &cedar_policy::Schema,
    at: At<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Invariant> {
    let mut found: Vec<Invariant> = Vec::new();
    for Unread { entry, path, location } in unread {
        let place = |key: &str| Location { yaml_path: Some(format!("{path}.{key}")), ..location.clone() };
        if let Some(first) = found.iter().find(|known| known.id == entry.id) {
            let message = format!("the invariant `{}` is defined twice", entry.id);
            let problem = Diagnostic::error(Code::DuplicateId, message);
            problems.push(at(&location, problem.related("it is already defined at", &first.location)));
            continue;
        }
        let Some(check) = checks.iter().find(|check| check.id == entry.check) else {
            let message = format!("there is no check `{}`", entry.check);
            let help = suggest(&entry.check, checks.iter().map(|check| check.id.as_str()));
            problems.push(at(&place("check"), Diagnostic::error(Code::UnknownCheck, message).help(help)));
            continue;
        };
        let level = match entry.level.as_deref().map(|level| parts(level, check)) {
            None => None,
            Some(Ok(level)) => Some(level),
            Some(Err(problem)) => {
                problems.push(at(&place("level"), problem));
                continue;
            }
        };
        match condition(&entry.holds, check, schema) {
            Ok(holds) => found.push(Invariant {
                id: entry.id,
                description: entry.description,
                check: entry.check,
                level,
                outcomes: entry.outcomes,
                holds,
                location,
            }),
            Err(reason) => {
                let message = format!("`holds` of the invariant `{}` is not a condition of a rule: {reason}", entry.id);
                let problem = Diagnostic::error(Code::CedarValidation, message);
                problems.push(at(
                    &place("holds"),
                    problem.help(format!(
                        "write it as the `when` clause of a rule of the check `{}`, such as `principal has owner`",
                        check.id
                    )),
                ));
            }
        }
    }
    found
}

/// The system and level of an entitlement.
fn parts(level: &str, check: &Check) -> Result<(String, String), Diagnostic> {
    if !check.targets.contains(&CheckTarget::AccountHoldsEntitlement) {
        let message = format!("the check `{}` is not asked of entitlements", check.id);
        return Err(Diagnostic::error(Code::UnknownLevel, message).help("leave `level:` out"));
    }
    let parts = level.split_once('/').filter(|(system, level)| !system.is_empty() && !level.is_empty());
    let (system, level) = parts.ok_or_else(|| {
        let message = format!("`{level}` is not an entitlement");
        Diagnostic::error(Code::BadId, message).help("write `<system>/<level>`, such as `github/admin`")
    })?;
    Ok((system.to_owned(), level_id(level)))
}

/// A condition as a rule of a check, validated as one.
fn condition(text: &str, check: &Check, schema: &cedar_policy::Schema) -> Result<pst::Template, String> {
    let text = format!("permit (principal, action == Action::{:?}, resource) when {{ {text} }};", check.id);
    let policy = Policy::parse(None, text).map_err(|error| error.to_string())?;
    let tree = policy.to_pst().map_err(|error| error.to_string())?;
    let template = tree.body().clone();
    if template.clauses().len() != 1 {
        return Err("it has several clauses".to_owned());
    }
    let policies = PolicySet::from_policies([policy]).map_err(|error| error.to_string())?;
    let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
    let error = result.validation_errors().map(ToString::to_string).next();
    match error.or_else(|| result.validation_warnings().map(ToString::to_string).next()) {
        Some(error) => Err(error.split_once("`, ").map_or(error.clone(), |(_, reason)| reason.to_owned())),
        None => Ok(template),
    }
}
