//! Access rules become Cedar policies: each `to:` × level of a rule fills the slots of its access type's template.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use cedar_policy::pst;

use super::{
    data::{
        Data,
        entries::At,
        systems::{AccessRule, LOGIN, Levels, SystemRules},
    },
    rule::{AccessType, Effect, GrantedAccess, Outcome, Rule},
    schema::Vocabularies,
};
use crate::{
    diagnostic::{Code, Diagnostic, Location, suggest},
    model::{fold::fold, level_id},
};

/// Links every access rule of every system.
pub(super) fn link(
    data: &Data,
    access_types: &BTreeMap<String, AccessType>,
    vocabularies: &Vocabularies,
    at: At<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Rule> {
    let names = Names::new(data, vocabularies);
    let mut linker = Linker { names, types: EntityTypes::default(), access_types, at, problems, rules: Vec::new() };
    for system in data.systems.values() {
        for (index, rule) in system.access.iter().enumerate() {
            linker.rule(system, index, rule);
        }
    }
    linker.rules
}

/// The ids that `to:` may name, by entity type; types that are not here are open.
struct Names {
    closed: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    fn new(data: &Data, vocabularies: &Vocabularies) -> Self {
        let mut closed: BTreeMap<String, BTreeSet<String>> =
            vocabularies.iter().map(|(name, words)| (name.clone(), words.iter().cloned().collect())).collect();
        let roles = data.org_roles.iter();
        closed.insert("OrgRole".to_owned(), roles.clone().map(|role| role.id.clone()).collect());
        closed.insert("OrgRoleGroup".to_owned(), roles.flat_map(|role| role.groups.iter().cloned()).collect());
        Names { closed }
    }

    /// The first of these types that has this id.
    fn resolve<'a>(&self, types: &'a [String], id: &str) -> Option<&'a str> {
        types.iter().map(String::as_str).find(|name| self.closed.get(*name).is_none_or(|ids| ids.contains(id)))
    }

    fn of<'a>(&'a self, types: &'a [String]) -> impl Iterator<Item = &'a str> + Clone {
        types.iter().filter_map(|name| self.closed.get(name)).flatten().map(String::as_str)
    }
}

struct Linker<'a> {
    names: Names,
    types: EntityTypes,
    access_types: &'a BTreeMap<String, AccessType>,
    at: At<'a>,
    problems: &'a mut Vec<Diagnostic>,
    rules: Vec<Rule>,
}

impl Linker<'_> {
    fn problem(&mut self, location: &Location, code: Code, message: String, help: String) {
        self.problems.push((self.at)(location, Diagnostic::error(code, message).help(help)));
    }

    fn rule(&mut self, system: &SystemRules, index: usize, rule: &AccessRule) {
        let name = &rule.entry.access_type;
        let Some(access_type) = self.access_types.get(name) else {
            let message = format!("there is no access type `{name}`");
            let help = suggest(name, self.access_types.keys().map(String::as_str));
            self.problem(&rule.type_location, Code::UnknownAccessType, message, help);
            return;
        };
        self.required(access_type, rule);
        self.levels(system, rule);
        for (place, to) in self.recipients(access_type, rule) {
            let login = (LOGIN.to_owned(), LOGIN.to_owned());
            let levels = rule.entry.levels.iter().flat_map(|level| granted(level)).chain([login]);
            for (level, written) in levels.collect::<BTreeSet<_>>() {
                let grants = GrantedAccess {
                    access_type: name.clone(),
                    system: system.id.clone(),
                    level,
                    written,
                    to: to.clone(),
                    reason: rule.entry.reason.clone(),
                    expires: rule.entry.expires,
                };
                self.grant(access_type, index, place.clone(), grants);
            }
        }
    }

    fn required(&mut self, access_type: &AccessType, rule: &AccessRule) {
        let given = [
            ("reason", rule.entry.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty())),
            ("expires", rule.entry.expires.is_some()),
        ];
        for (key, given) in given {
            if !given && access_type.requires.iter().any(|required| required == key) {
                let message = format!("an access rule of the type `{}` needs `{key}:`", access_type.name);
                let help = match key {
                    "expires" => "write the last day on which it grants anything, such as `expires: 2027-03-31`",
                    _ => "write why this access is granted; auditors ask for it",
                };
                self.problem(&rule.location, Code::MissingKey, message, help.to_owned());
            }
        }
    }

    fn levels(&mut self, system: &SystemRules, rule: &AccessRule) {
        let known: &[String] = match &system.levels {
            _ if system.is_login_only() => &[],
            Some(Levels::Known(known)) => known,
            Some(Levels::Scope(_)) | None => return,
        };
        for (level, location) in rule.entry.levels.iter().zip(&rule.level_locations) {
            let known_levels = known.iter().map(String::as_str).chain([LOGIN]);
            if !known_levels.clone().any(|name| level_id(name) == level_id(level)) {
                let message = format!("`{level}` is not a level of the system `{}`", system.id);
                self.problem(location, Code::UnknownLevel, message, suggest(level, known_levels));
            }
        }
    }

    /// Those that the rule is for, each with its place.
    fn recipients(&mut self, access_type: &AccessType, rule: &AccessRule) -> Vec<(Location, Option<(String, String)>)> {
        if access_type.to.is_empty() {
            if let Some(location) = rule.to_locations.first() {
                let message = format!("the access type `{}` takes no `to:`", access_type.name);
                self.problem(location, Code::UnexpectedTo, message, "leave `to:` out".to_owned());
            }
            return vec![(rule.location.clone(), None)];
        }
        if rule.entry.to.is_empty() {
            let message = format!("an access rule of the type `{}` needs `to:`", access_type.name);
            let names: Vec<&str> = self.names.of(&access_type.to).take(5).collect();
            let help = match names.as_slice() {
                [] => format!("name the id of a {}, such as `to: [id]`", access_type.to.join(" or ")),
                names => format!("name those who may, such as `to: [{}]`", names.join(", ")),
            };
            self.problem(&rule.location, Code::MissingKey, message, help);
        }
        let mut recipients = Vec::new();
        for (id, location) in rule.entry.to.iter().zip(&rule.to_locations) {
            match self.names.resolve(&access_type.to, id) {
                // Departments are told apart by their names, whose case does not matter.
                Some("Department") => {
                    recipients.push((location.clone(), Some(("Department".to_owned(), fold(id).into_owned()))))
                }
                Some(entity_type) => recipients.push((location.clone(), Some((entity_type.to_owned(), id.clone())))),
                None => {
                    let message = format!("`{id}` is no {}", access_type.to.join(" and no "));
                    let help = suggest(id, self.names.of(&access_type.to));
                    self.problem(location, Code::UnknownRecipient, message, help);
                }
            }
        }
        recipients
    }

    fn grant(&mut self, access_type: &AccessType, index: usize, location: Location, grants: GrantedAccess) {
        let key = format!(
            "{}/{}/{index}/{}/{}{}",
            access_type.id,
            grants.system,
            grants.to.as_ref().map(|(_, id)| id.as_str()).unwrap_or_default(),
            grants.level,
            // One access rule may write two names of one id.
            if grants.is_by_id() { format!("/{}", grants.written) } else { String::new() }
        );
        match fill(access_type, &mut self.types, key, location.clone(), grants) {
            Ok(rule) => self.rules.push(rule),
            Err(error) => {
                let message = format!("the access rule does not fit the access type: {error}");
                let problem = Diagnostic::error(Code::Unlinkable, message);
                self.problems
                    .push((self.at)(&location, problem.related("the access type is at", &access_type.location)));
            }
        }
    }
}

/// The ids that a level of an access rule may name, each with the folded name: the id of the name, and the folded name
/// itself, which is the id if two names of the system share one. Which of them it names shows the snapshot.
fn granted(level: &str) -> BTreeSet<(String, String)> {
    let name = fold(level).into_owned();
    [(level_id(level), name.clone()), (name.clone(), name)].into()
}

/// The rule that an access type becomes for those and the level that are granted.
///
/// # Errors
/// Cedar's reason, did the slots not fit.
pub(crate) fn fill(
    access_type: &AccessType,
    types: &mut EntityTypes,
    key: String,
    location: Location,
    grants: GrantedAccess,
) -> Result<Rule, pst::PstConstructionError> {
    let level = types.entity("Entitlement", &format!("{}/{}", grants.system, grants.level))?;
    let mut slots = HashMap::from([(pst::SlotId::Resource, level)]);
    if let Some((entity_type, id)) = &grants.to {
        slots.insert(pst::SlotId::Principal, types.entity(entity_type, id)?);
    }
    let policy = access_type.template.clone().with_id(pst::PolicyID(key.as_str().into())).link(&slots)?;
    Ok(Rule {
        key,
        id: access_type.id.clone(),
        effect: Effect::Permit,
        outcome: Outcome::Pass,
        message: access_type.message.clone(),
        remediation: None,
        location,
        policy: policy.body().clone(),
        grants: Some(grants),
    })
}

/// Names of entity types in Cedar's syntax tree; Cedar parses each name that it is given.
#[derive(Debug, Default)]
pub(crate) struct EntityTypes(HashMap<String, pst::EntityType>);

impl EntityTypes {
    /// An entity of this type and id.
    fn entity(&mut self, entity_type: &str, id: &str) -> Result<pst::EntityUID, pst::PstConstructionError> {
        if let Some(known) = self.0.get(entity_type) {
            return Ok(pst::EntityUID { ty: known.clone(), eid: id.into() });
        }
        let mut parts: Vec<&str> = entity_type.split("::").collect();
        let name = parts.pop().unwrap_or_default();
        let ty = pst::EntityType(pst::Name::qualified(parts, name)?);
        self.0.insert(entity_type.to_owned(), ty.clone());
        Ok(pst::EntityUID { ty, eid: id.into() })
    }
}

/// The same policy with an end: a first clause `when { context.today <= datetime("…") }`.
pub(crate) fn with_expiry(policy: pst::Template, last_day: &str) -> Result<pst::Template, pst::PstConstructionError> {
    let today = pst::Expr::GetAttr { expr: Arc::new(pst::Expr::Var(pst::Var::Context)), attr: "today".into() };
    let last_day = Arc::new(pst::Expr::Literal(pst::Literal::String(last_day.into())));
    let condition = pst::Expr::BinaryOp {
        op: pst::BinaryOp::LessEq,
        left: Arc::new(today),
        right: Arc::new(pst::Expr::UnaryOp { op: pst::UnaryOp::Datetime, expr: last_day }),
    };
    let clauses = std::iter::once(pst::Clause::When(Arc::new(condition))).chain(policy.clauses().clone());
    policy.clone().try_with_clauses(clauses)
}
