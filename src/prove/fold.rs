//! What a rule asks in one setting: everything that the bundle's own data decides is replaced by its value.
//!
//! The solver then sees neither systems' settings nor groups of org roles, and a rule about another level is gone.
//! Each replacement is exact for what resolution can produce:
//!
//! - membership of an account is that of its owner, its class or its system, since it is in nothing else;
//! - membership in a group of org roles is membership in one of its roles;
//! - the resource of an entitlement check is the level of the setting.

use std::sync::Arc;

use cedar_policy::pst;
use pst::{BinaryOp, EntityUID, Expr, Literal, UnaryOp, Var};

use super::{
    expressions::{
        Condition, and, as_constant, attribute, binary, constant, datetime, hours, literal, not, or, variable,
    },
    setting::{Named, Setting},
};

use crate::{
    bundle::{
        Bundle, CheckTarget, SystemRules,
        data::systems::AccessRule,
        expression::{rebuild, type_name},
        holdings::is_holdings,
    },
    model::slug::is_level,
};

/// Folds conditions in one setting of a bundle.
pub(super) struct Folder<'b> {
    pub(super) bundle: &'b Bundle,
    pub(super) setting: &'b Setting,
}

impl Folder<'_> {
    /// The condition with everything replaced that is decided in this setting.
    pub(super) fn fold(&self, condition: &Condition) -> Condition {
        match &**condition {
            Expr::BinaryOp { op: BinaryOp::And, left, right } => and(self.fold(left), self.fold(right)),
            Expr::BinaryOp { op: BinaryOp::Or, left, right } => or(self.fold(left), self.fold(right)),
            Expr::UnaryOp { op: UnaryOp::Not, expr } => not(self.fold(expr)),
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                let cond = self.fold(cond);
                match as_constant(&cond) {
                    Some(true) => self.fold(then_expr),
                    Some(false) => self.fold(else_expr),
                    None => {
                        let (then_expr, else_expr) = (self.fold(then_expr), self.fold(else_expr));
                        Arc::new(Expr::IfThenElse { cond, then_expr, else_expr })
                    }
                }
            }
            Expr::BinaryOp { op: BinaryOp::In, left, right } => self.membership(left, right),
            Expr::Is { expr, entity_type, in_expr: Some(of) } => {
                let is = Expr::Is { expr: expr.clone(), entity_type: entity_type.clone(), in_expr: None };
                and(self.fold(&Arc::new(is)), self.membership(expr, of))
            }
            Expr::Is { expr, entity_type, in_expr: None } => {
                let (subject, resource) = self.setting.target.types();
                let own = match &**expr {
                    Expr::Var(Var::Principal) => subject,
                    Expr::Var(Var::Resource) => resource,
                    _ => return rebuild(condition, &mut |child| self.fold(child)),
                };
                constant(entity_type.to_string() == own)
            }
            Expr::BinaryOp { op: op @ (BinaryOp::Eq | BinaryOp::NotEq), left, right } => {
                let (left, right) = (self.fold(left), self.fold(right));
                match self.are_equal(&left, &right) {
                    Some(equal) => constant(equal == (*op == BinaryOp::Eq)),
                    None => binary(*op, left, right),
                }
            }
            Expr::HasAttr { expr, attrs } if attrs.len() == 1 && attrs.first().as_str() == "maxAge" => {
                if self.is_system(expr) { constant(true) } else { condition.clone() }
            }
            Expr::GetAttr { expr, attr } => self.value(expr, attr).unwrap_or_else(|| condition.clone()),
            _ => rebuild(condition, &mut |child| self.fold(child)),
        }
    }

    /// The value of an attribute that the bundle decides.
    fn value(&self, of: &Condition, name: &str) -> Option<Condition> {
        let evidence = &self.bundle.evidence;
        match (&**of, name) {
            (Expr::Var(Var::Context), "staffMaxAge") => Some(hours(evidence.staff_max_age_hours)),
            (Expr::Var(Var::Context), "reviewMaxAge") => Some(hours(evidence.review_max_age_hours)),
            (Expr::Var(Var::Resource), "level") => {
                let level = self.setting.level.id()?;
                Some(literal(Literal::String(level.into())))
            }
            (_, "maxAge") if self.is_system(of) => {
                let own = self.rules().and_then(|rules| rules.max_age_hours);
                Some(hours(own.unwrap_or(evidence.account_max_age_hours)))
            }
            (_, "critical") if self.is_system(of) => Some(constant(self.rules().is_some_and(|rules| rules.critical))),
            (_, "accessRules") if self.is_system(of) => {
                Some(in_effect(self.rules().map(|rules| rules.access.as_slice()).unwrap_or_default()))
            }
            _ => None,
        }
    }

    fn rules(&self) -> Option<&SystemRules> {
        self.setting.system.id().and_then(|system| self.bundle.systems.get(system))
    }

    /// Whether a path leads to the system of the setting.
    fn is_system(&self, path: &Expr) -> bool {
        let (subject, resource) = self.setting.target.types();
        match path {
            Expr::Var(Var::Principal) => subject == "System",
            Expr::Var(Var::Resource) => resource == "System",
            Expr::GetAttr { expr, attr } => {
                attr.as_str() == "system" && matches!(**expr, Expr::Var(Var::Principal | Var::Resource))
            }
            _ => false,
        }
    }

    /// Whether two folded expressions are equal, as far as the setting decides it.
    fn are_equal(&self, left: &Condition, right: &Condition) -> Option<bool> {
        match (&**left, &**right) {
            (Expr::Literal(left), Expr::Literal(right)) => Some(left == right),
            (Expr::Literal(Literal::EntityUID(uid)), _) => self.is_entity(right, uid),
            (_, Expr::Literal(Literal::EntityUID(uid))) => self.is_entity(left, uid),
            _ if self.is_system(left) && self.is_system(right) => Some(true),
            _ => None,
        }
    }

    /// Whether a path leads to this system or level.
    fn is_entity(&self, path: &Expr, uid: &EntityUID) -> Option<bool> {
        let kind = type_name(uid);
        if kind == "System" && self.is_system(path) {
            return Some(self.setting.system.id() == Some(uid.eid.as_str()));
        }
        let is_level = matches!(path, Expr::Var(Var::Resource)) && self.has_level();
        (kind == "Entitlement" && is_level).then(|| self.is_level(&uid.eid))
    }

    fn has_level(&self) -> bool {
        self.setting.target == CheckTarget::AccountHoldsEntitlement
    }

    /// Whether the level of the setting is the one of this id, `<system>/<level>`.
    fn is_level(&self, id: &str) -> bool {
        let own = (self.setting.system.id(), self.setting.level.id());
        id.split_once('/').is_some_and(|(system, level)| own == (Some(system), Some(level)))
    }

    /// `left in right`.
    fn membership(&self, left: &Condition, right: &Condition) -> Condition {
        let folded = self.fold(right);
        let all: Option<Vec<&EntityUID>> = match &*folded {
            Expr::Literal(Literal::EntityUID(uid)) => Some(vec![uid]),
            Expr::Set(items) => items.iter().map(as_uid).collect(),
            _ => None,
        };
        let Some(uids) = all else {
            // An account is in its system, and an entitlement too.
            let of_setting = matches!(**left, Expr::Var(Var::Principal | Var::Resource));
            return if of_setting && self.is_system(&folded) && self.setting.system != Named::None {
                constant(true)
            } else {
                binary(BinaryOp::In, self.fold(left), folded)
            };
        };
        if is_holdings(left) {
            return binary(BinaryOp::In, left.clone(), folded);
        }
        uids.into_iter().map(|uid| self.is_in(left, uid)).fold(constant(false), or)
    }

    /// `left in uid`.
    fn is_in(&self, left: &Condition, uid: &EntityUID) -> Condition {
        let kind = type_name(uid);
        let plain = |of: Condition| binary(BinaryOp::In, of, literal(Literal::EntityUID(uid.clone())));
        let (subject, _) = self.setting.target.types();
        match (&**left, &*kind) {
            (Expr::Var(Var::Resource), "Entitlement") if self.has_level() => constant(self.is_level(&uid.eid)),
            (Expr::Var(Var::Resource), "EntitlementGroup") if self.has_level() => {
                let groups = self.bundle.entitlement_groups.iter().filter(|group| group.id == uid.eid.as_str());
                let mut members = groups.flat_map(|group| &group.members);
                constant(members.any(|member| {
                    self.setting.system.id() == Some(member.system.as_str())
                        && self.setting.level.id().is_some_and(|level| is_level(level, &member.level))
                }))
            }
            (Expr::Var(Var::Resource | Var::Principal), "System") if self.setting.system != Named::None => {
                constant(self.setting.system.id() == Some(uid.eid.as_str()))
            }
            (Expr::Var(Var::Principal), "AccountClass") if subject == "Account" => {
                let class = literal(Literal::EntityUID(uid.clone()));
                guarded("class", binary(BinaryOp::Eq, principal("class"), class))
            }
            (Expr::Var(Var::Principal), "Person" | "OrgRole" | "OrgRoleGroup" | "Department" | "Organization")
                if subject == "Account" =>
            {
                guarded("owner", self.is_in(&principal("owner"), uid))
            }
            (Expr::Literal(_), _) => plain(left.clone()),
            (_, "OrgRoleGroup") => {
                let Ok(name) = pst::Name::unqualified("OrgRole") else { return plain(left.clone()) };
                let roles = self.bundle.org_roles.iter().filter(|role| role.groups.iter().any(|id| *id == *uid.eid));
                let roles: Vec<Condition> = roles
                    .map(|role| {
                        let (ty, eid) = (pst::EntityType(name.clone()), role.id.as_str().into());
                        literal(Literal::EntityUID(EntityUID { ty, eid }))
                    })
                    .collect();
                if roles.is_empty() {
                    return constant(false);
                }
                binary(BinaryOp::In, left.clone(), Arc::new(Expr::Set(roles)))
            }
            // A person is in no other person.
            (_, "Person") => binary(BinaryOp::Eq, left.clone(), literal(Literal::EntityUID(uid.clone()))),
            _ => plain(self.fold(left)),
        }
    }
}

fn as_uid(item: &Arc<Expr>) -> Option<&EntityUID> {
    match &**item {
        Expr::Literal(Literal::EntityUID(uid)) => Some(uid),
        _ => None,
    }
}

/// An attribute of the principal.
fn principal(name: &str) -> Condition {
    attribute(variable(Var::Principal), name)
}

/// `principal has name && then`.
fn guarded(name: &str, then: Condition) -> Condition {
    let has = Expr::HasAttr { expr: variable(Var::Principal), attrs: pst::NonEmpty::new(name.into()) };
    and(Arc::new(has), then)
}

/// How many access rules are in effect on the day of `context.today`. Days are those of UTC.
fn in_effect(access: &[AccessRule]) -> Condition {
    let (ending, lasting): (Vec<_>, Vec<_>) = access.iter().partition(|rule| rule.entry.expires.is_some());
    let long = |value: i64| literal(Literal::Long(value));
    let count = long(i64::try_from(lasting.len()).unwrap_or(i64::MAX));
    ending.iter().filter_map(|rule| rule.entry.expires).fold(count, |count, expires| {
        let lasts = binary(BinaryOp::LessEq, attribute(variable(Var::Context), "today"), datetime(expires));
        let one = Expr::IfThenElse { cond: lasts, then_expr: long(1), else_expr: long(0) };
        binary(BinaryOp::Add, count, Arc::new(one))
    })
}
