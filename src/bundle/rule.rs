//! Rules and access types: what a statement's annotations make of it.

use std::collections::BTreeMap;

use cedar_policy::pst;
use jiff::civil::Date;

use super::{Check, cedar::Statement, expression::type_name};
use crate::diagnostic::{Code, Diagnostic, Location, suggest};

vocabulary! {
    /// What comes of asking a check.
    Outcome {
        /// Compliant.
        Pass = "pass",
        /// Not compliant.
        Fail = "fail",
        /// Tenure cannot judge: evidence is missing, stale or partial, or a rule could not be evaluated.
        Unknown = "unknown",
        /// Let off, although the check applies.
        Exempt = "exempt",
        /// The check does not apply.
        NotApplicable = "not-applicable",
    }
}

impl Outcome {
    /// Whether nothing has to be done or known about it: it passes, or does not apply.
    #[must_use]
    pub fn is_clean(self) -> bool {
        matches!(self, Outcome::Pass | Outcome::NotApplicable)
    }

    /// Whether it has to be settled: it fails, or nobody can say.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Outcome::Fail | Outcome::Unknown)
    }
}

/// Whether a rule speaks for or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `permit`.
    Permit,
    /// `forbid`.
    Forbid,
}

/// One Cedar policy of a bundle: as written, or an access rule linked to its access type.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Unique over the bundle; the id of the Cedar policy.
    pub key: String,
    /// `@id`; of a linked access rule, the access type's.
    pub id: String,
    /// Permit or forbid.
    pub effect: Effect,
    /// What it means for a check that this rule is satisfied.
    pub outcome: Outcome,
    /// `@message`: what is then said.
    pub message: Option<String>,
    /// `@remediation`: what to do about a finding that is unknown because of the rule.
    pub remediation: Option<String>,
    /// Where it stands: in a `.cedar` file, or for an access rule in a `.yaml` file.
    pub location: Location,
    /// Its syntax tree, without slots.
    pub policy: pst::Template,
    /// For a linked access rule: what it grants.
    pub grants: Option<GrantedAccess>,
}

/// What one link of an access rule grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedAccess {
    /// The access type's name.
    pub access_type: String,
    /// The system.
    pub system: String,
    /// The id of the level.
    pub level: String,
    /// The name that the access rule writes, case folded. Where two levels of the system share an id, it names one of them.
    pub written: String,
    /// To whom: entity type and id, for access types that say so.
    pub to: Option<(String, String)>,
    /// Why, for access rules that have to say so.
    pub reason: Option<String>,
    /// The last day on which the rule grants anything.
    pub expires: Option<Date>,
}

/// A way in which access can be valid: a Cedar template with `@access_type`.
#[derive(Debug, Clone)]
pub struct AccessType {
    /// `@access_type`: the word used in `type:`.
    pub name: String,
    /// `@id`.
    pub id: String,
    /// `@message`.
    pub message: Option<String>,
    /// `@to`: the entity types whose ids `to:` may name; empty where there is no `to:`.
    pub to: Vec<String>,
    /// `@requires`: keys that every access rule of this type has to have.
    pub requires: Vec<String>,
    /// The template.
    pub template: pst::Template,
    /// Where it stands.
    pub location: Location,
}

impl GrantedAccess {
    /// Whether the rule writes another name than the id, so that it may mean another level of the same id.
    #[must_use]
    pub(crate) fn is_by_id(&self) -> bool {
        self.level != self.written
    }
}

impl Rule {
    /// Whether its action is the check or a group that the check is in.
    #[must_use]
    pub fn applies_to(&self, check: &Check) -> bool {
        action_matches(&self.policy.action, check)
    }
}

impl AccessType {
    /// Whether its action is the check or a group that the check is in.
    #[must_use]
    pub fn applies_to(&self, check: &Check) -> bool {
        action_matches(&self.template.action, check)
    }
}

/// Whether an action constraint holds for a check: the check itself, or a group that it is in.
fn action_matches(action: &pst::ActionConstraint, check: &Check) -> bool {
    let is = |uid: &pst::EntityUID| uid.eid.as_str() == check.id && type_name(uid) == "Action";
    let holds = |uid: &pst::EntityUID| is(uid) || check.groups.iter().any(|group| uid.eid.as_str() == group);
    match action {
        pst::ActionConstraint::Any => true,
        pst::ActionConstraint::Eq(uid) => is(uid),
        pst::ActionConstraint::In(uids) => uids.iter().any(holds),
    }
}

/// The annotations of a rule, and the further ones of an access type.
const ANNOTATIONS: [&str; 7] = ["id", "outcome", "message", "remediation", "access_type", "to", "requires"];
/// What an access rule can be made to have.
const REQUIRABLE: [&str; 2] = ["reason", "expires"];

/// Sorts statements into rules and access types.
pub(super) fn read(
    statements: &[Statement],
    problems: &mut Vec<Diagnostic>,
) -> (Vec<Rule>, BTreeMap<String, AccessType>) {
    let mut rules = Vec::new();
    let mut access_types: BTreeMap<String, AccessType> = BTreeMap::new();
    let mut ids: BTreeMap<String, Location> = BTreeMap::new();
    for statement in statements {
        let mut reader = Reader { statement, problems };
        reader.refuse_unknown_annotations();
        let Some(id) = reader.id(&mut ids) else { continue };
        if statement.template.is_static() {
            if let Some(rule) = reader.rule(id) {
                rules.push(rule);
            }
        } else if let Some(access_type) = reader.access_type(id) {
            if let Some(other) = access_types.get(&access_type.name) {
                let message = format!("the access type `{}` is defined twice", access_type.name);
                let problem = reader.at(Code::DuplicateId, "@access_type", message);
                reader.problems.push(problem.related("it is already defined at", &other.location));
            } else {
                access_types.insert(access_type.name.clone(), access_type);
            }
        }
    }
    (rules, access_types)
}

struct Reader<'a> {
    statement: &'a Statement,
    problems: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn problem(&mut self, code: Code, at: &str, message: String, help: String) {
        let problem = self.at(code, at, message).help(help);
        self.problems.push(problem);
    }

    fn at(&self, code: Code, at: &str, message: String) -> Diagnostic {
        Diagnostic::error(code, message).at(&self.statement.file, self.statement.find(at))
    }

    fn annotation(&self, name: &str) -> Option<String> {
        self.statement.annotation(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn refuse_unknown_annotations(&mut self) {
        for name in self.statement.template.annotations.keys() {
            if !ANNOTATIONS.contains(&name.as_str()) {
                let message = format!("`@{name}` is not an annotation of a rule");
                self.problem(Code::UnknownAnnotation, &format!("@{name}"), message, suggest(name, ANNOTATIONS));
            }
        }
    }

    fn id(&mut self, ids: &mut BTreeMap<String, Location>) -> Option<String> {
        let Some(id) = self.annotation("id") else {
            let message = "this rule has no `@id`".to_owned();
            let help = "write `@id(\"…\")` before it; verdicts name the rule by its id".to_owned();
            self.problem(Code::MissingAnnotation, "", message, help);
            return None;
        };
        if let Some(other) = ids.get(&id) {
            let problem = self.at(Code::DuplicateId, "@id", format!("the id `{id}` is used twice"));
            self.problems.push(problem.related("it is already the id of the rule at", other));
            return None;
        }
        ids.insert(id.clone(), self.statement.location());
        Some(id)
    }

    fn rule(&mut self, id: String) -> Option<Rule> {
        for name in ["access_type", "to", "requires"] {
            if self.annotation(name).is_some() {
                let message = format!("`@{name}` belongs to access types, and this rule is none");
                let help = "an access type is a template: it has `?principal` or `?resource` in its scope".to_owned();
                self.problem(Code::MisplacedAnnotation, &format!("@{name}"), message, help);
            }
        }
        let effect = match self.statement.template.effect {
            pst::Effect::Permit => Effect::Permit,
            pst::Effect::Forbid => Effect::Forbid,
        };
        Some(Rule {
            outcome: self.outcome(effect)?,
            effect,
            message: self.annotation("message"),
            remediation: self.annotation("remediation"),
            location: self.statement.location(),
            policy: self.statement.template.clone().with_id(pst::PolicyID(id.as_str().into())),
            key: id.clone(),
            id,
            grants: None,
        })
    }

    fn outcome(&mut self, effect: Effect) -> Option<Outcome> {
        let (default, allowed): (Outcome, &[Outcome]) = match effect {
            Effect::Permit => (Outcome::Pass, &[Outcome::NotApplicable, Outcome::Exempt]),
            Effect::Forbid => (Outcome::Fail, &[Outcome::Unknown]),
        };
        let Some(word) = self.annotation("outcome") else { return Some(default) };
        let outcome = allowed.iter().copied().find(|outcome| outcome.word() == word);
        if outcome.is_none() {
            let kind = if effect == Effect::Permit { "permit" } else { "forbid" };
            let message = format!("`{word}` is not an outcome that a {kind} can have");
            let help =
                format!("{}; without `@outcome` it means {default}", suggest(&word, allowed.iter().map(|o| o.word())));
            self.problem(Code::UnknownOutcome, "@outcome", message, help);
        }
        outcome
    }

    fn access_type(&mut self, id: String) -> Option<AccessType> {
        let list = |value: Option<String>| -> Vec<String> {
            let value = value.unwrap_or_default();
            value.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let template = &self.statement.template;
        let (to, requires) = (list(self.annotation("to")), list(self.annotation("requires")));
        let slots = template.slots();
        let name = self.annotation("access_type");
        if name.is_none() {
            let help = "write `@access_type(\"…\")` before it; access rules name it in `type:`".to_owned();
            self.problem(Code::MissingAnnotation, "", format!("the template `{id}` has no `@access_type`"), help);
        }
        if template.effect == pst::Effect::Forbid || self.annotation("outcome").is_some() {
            let help = "an access type is a permit without `@outcome`".to_owned();
            self.problem(Code::AccessTypeForm, "", format!("the access type `{id}` does not say what is valid"), help);
        }
        if !slots.contains(&pst::SlotId::Resource) {
            let help = "write `resource in ?resource` in its scope; it stands for the level".to_owned();
            self.problem(Code::AccessTypeForm, "", format!("the access type `{id}` has no `?resource`"), help);
        }
        if slots.contains(&pst::SlotId::Principal) == to.is_empty() {
            let message = format!("the access type `{id}` has only one of `?principal` and `@to`");
            let help = "`@to(\"OrgRole\")` says which entity types `to:` may name for `?principal`".to_owned();
            self.problem(Code::AccessTypeForm, "", message, help);
        }
        for key in requires.iter().filter(|key| !REQUIRABLE.contains(&key.as_str())) {
            let message = format!("`{key}` cannot be required of access rules");
            self.problem(Code::AccessTypeForm, "@requires", message, suggest(key, REQUIRABLE));
        }
        Some(AccessType {
            name: name?,
            id,
            message: self.annotation("message"),
            to,
            requires,
            template: template.clone(),
            location: self.statement.location(),
        })
    }
}
