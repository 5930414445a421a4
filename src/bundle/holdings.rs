//! What rules ask of holdings: `principal.holdings in EntitlementGroup::"pay-vendor"`.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::pst;
use pst::{BinaryOp, Expr, Literal};

use super::{
    Rule,
    data::{entitlement_groups::EntitlementGroup, facts::interned, systems::LOGIN},
    expression::{condition, each_child, type_name},
};

/// The attribute of people and accounts.
pub(crate) const HOLDINGS: &str = "holdings";

/// The fact that a person or an account holds this: the key of reasons and of markers.
pub(crate) fn holdings_fact(uid: &pst::EntityUID) -> String {
    format!("{HOLDINGS} in {}::\"{}\"", type_name(uid), uid.eid.as_str().escape_debug())
}

/// Something that rules ask of holdings: an entitlement, an entitlement group or a system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HoldingTarget {
    /// Its entity type.
    pub entity_type: &'static str,
    /// Its id.
    pub id: String,
    /// `holdings in Entitlement::"github/admin"`.
    pub fact: &'static str,
    /// The systems whose account lists can show it.
    pub systems: BTreeSet<String>,
}

/// The levels of a system by which an account holds a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeldBy {
    /// Any level: having an account.
    Account,
    /// One of these levels, by id.
    Levels(Vec<String>),
}

/// Everything that the rules of a bundle ask of holdings.
#[derive(Debug, Clone, Default)]
pub struct HoldingTargets {
    targets: Vec<HoldingTarget>,
    /// By system: the targets that its accounts can hold, as indices.
    by_system: BTreeMap<String, Vec<(usize, HeldBy)>>,
}

impl HoldingTargets {
    /// Of these rules and groups.
    pub(super) fn of(rules: &[Rule], groups: &[EntitlementGroup]) -> Self {
        let mut asked = BTreeSet::new();
        for rule in rules {
            rule.policy.clauses().iter().for_each(|clause| each_asked(condition(clause), &mut asked));
        }
        let mut targets = HoldingTargets::default();
        for (entity_type, id, fact) in asked {
            let at = targets.targets.len();
            let members = match entity_type {
                "System" => vec![(id.clone(), HeldBy::Account)],
                "Entitlement" => {
                    id.split_once('/').map(|(system, level)| of_level(system, level)).into_iter().collect()
                }
                _ => groups
                    .iter()
                    .filter(|group| group.id == id)
                    .flat_map(|group| &group.members)
                    .map(|member| of_level(&member.system, &member.level))
                    .collect(),
            };
            let systems = members.iter().map(|(system, _)| system.clone()).collect();
            for (system, by) in members {
                targets.add(system, at, by);
            }
            targets.targets.push(HoldingTarget { entity_type, id, fact: interned(&fact), systems });
        }
        targets
    }

    /// Several levels of one system may be in one group.
    fn add(&mut self, system: String, target: usize, by: HeldBy) {
        let known = self.by_system.entry(system).or_default();
        match (known.iter_mut().find(|(at, _)| *at == target).map(|(_, by)| by), by) {
            (None, by) => known.push((target, by)),
            (Some(HeldBy::Levels(levels)), HeldBy::Levels(further)) => levels.extend(further),
            (Some(known), HeldBy::Account) => *known = HeldBy::Account,
            (Some(HeldBy::Account), HeldBy::Levels(_)) => {}
        }
    }

    /// Whether no rule asks for holdings.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[HoldingTarget] {
        &self.targets
    }

    /// Those that accounts of a system can hold.
    pub(crate) fn of_system(&self, system: &str) -> &[(usize, HeldBy)] {
        self.by_system.get(system).map_or(&[], Vec::as_slice)
    }
}

fn of_level(system: &str, level: &str) -> (String, HeldBy) {
    let by = if level == LOGIN { HeldBy::Account } else { HeldBy::Levels(vec![level.to_owned()]) };
    (system.to_owned(), by)
}

/// Whether an expression is the holdings of a person or an account.
pub(crate) fn is_holdings(expression: &Expr) -> bool {
    matches!(expression, Expr::GetAttr { attr, .. } if attr == HOLDINGS)
}

/// The entities of a right side of `in`; `None` if it is not a literal or a set of literals.
pub(crate) fn literals(group: &Expr) -> Option<Vec<&pst::EntityUID>> {
    match group {
        Expr::Literal(Literal::EntityUID(uid)) => Some(vec![uid]),
        Expr::Set(items) => {
            let items: Option<Vec<_>> = items.iter().map(|item| literals(item)).collect();
            Some(items?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn each_asked(expression: &Expr, asked: &mut BTreeSet<(&'static str, String, String)>) {
    if let Expr::BinaryOp { op: BinaryOp::In, left, right } = expression
        && is_holdings(left)
    {
        for uid in literals(right).into_iter().flatten() {
            let name = type_name(uid);
            let known = ["Entitlement", "EntitlementGroup", "System"].into_iter().find(|known| *known == name);
            asked.extend(known.map(|name| (name, uid.eid.to_string(), holdings_fact(uid))));
        }
    }
    each_child(expression, &mut |child| each_asked(child, asked));
}

/// Whether holdings are used for anything but the left side of an `in` whose right side is written out.
pub(super) fn misuses_holdings(expression: &Expr) -> bool {
    match expression {
        Expr::BinaryOp { op: BinaryOp::In, left, right } if is_holdings(left) => {
            let Expr::GetAttr { expr, .. } = &**left else { return true };
            literals(right).is_none() || misuses_holdings(expr)
        }
        Expr::HasAttr { attrs, .. } if attrs.iter().any(|attr| attr == HOLDINGS) => true,
        _ if is_holdings(expression) => true,
        _ => {
            let mut found = false;
            each_child(expression, &mut |child| found |= misuses_holdings(child));
            found
        }
    }
}

/// Whether rules about accounts ask for the holdings of other entities than the account itself, such as its owner.
pub(crate) fn asks_beyond_principal(rule: &Rule) -> bool {
    let mut found = false;
    rule.policy.clauses().iter().for_each(|clause| found |= beyond_principal(condition(clause)));
    found
}

fn beyond_principal(expression: &Expr) -> bool {
    if let Expr::GetAttr { expr, attr } = expression
        && attr == HOLDINGS
    {
        return !matches!(&**expr, Expr::Var(pst::Var::Principal));
    }
    let mut found = false;
    each_child(expression, &mut |child| found |= beyond_principal(child));
    found
}
