//! Which rules, and which parts of their conditions, the expectations of tests came to.

use std::collections::{BTreeMap, HashMap};

use cedar_policy::pst;
use pst::{BinaryOp, Clause, PrincipalConstraint};

use super::report::{CoverageReport, Gap, Share, UnitKind};
use crate::{
    bundle::{
        Bundle, Rule,
        expression::{chain, condition},
    },
    diagnostic::Location,
    engine::explain::trace::{EvaluationResult, Place, TracedRule},
};

/// Something that can be covered: a rule, an access type or an access rule.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) kind: UnitKind,
    pub(super) id: String,
    pub(super) location: Location,
    /// The rules that it is, as indices into the bundle's.
    pub(super) rules: Vec<usize>,
    satisfied: bool,
    clauses: Vec<Seen>,
}

/// A part of a condition, and what it was.
#[derive(Debug, Clone)]
struct Seen {
    text: String,
    was_true: bool,
    was_false: bool,
}

/// What has been covered of a bundle.
#[derive(Debug, Clone)]
pub struct Coverage {
    units: Vec<Unit>,
    by_rule: HashMap<u32, Vec<usize>>,
}

impl Coverage {
    /// Nothing yet.
    #[must_use]
    pub fn new(bundle: &Bundle) -> Self {
        let units = units(bundle);
        let mut by_rule: HashMap<u32, Vec<usize>> = HashMap::new();
        for (unit, rules) in units.iter().map(|unit| &unit.rules).enumerate() {
            for rule in rules.iter().filter_map(|rule| u32::try_from(*rule).ok()) {
                by_rule.entry(rule).or_default().push(unit);
            }
        }
        Coverage { units, by_rule }
    }

    /// Takes in what Cedar said of the rules for a finding that is expected.
    pub fn observe(&mut self, rules: &[TracedRule]) {
        for traced in rules {
            for unit in self.by_rule.get(&traced.rule).into_iter().flatten() {
                let Some(unit) = self.units.get_mut(*unit) else { continue };
                unit.satisfied |= traced.truth == EvaluationResult::True;
                for (seen, result) in unit.clauses.iter_mut().zip(clause_results(traced)) {
                    seen.was_true |= result == EvaluationResult::True;
                    seen.was_false |= result == EvaluationResult::False;
                }
            }
        }
    }

    /// Takes in what another one saw of the same bundle.
    pub fn merge(&mut self, other: &Coverage) {
        for (own, other) in self.units.iter_mut().zip(&other.units) {
            own.satisfied |= other.satisfied;
            for (own, other) in own.clauses.iter_mut().zip(&other.clauses) {
                own.was_true |= other.was_true;
                own.was_false |= other.was_false;
            }
        }
    }

    /// The numbers and the gaps.
    #[must_use]
    pub fn report(&self) -> CoverageReport {
        let clauses = || self.units.iter().flat_map(|unit| &unit.clauses);
        let satisfied = self.units.iter().filter(|unit| unit.satisfied).count();
        CoverageReport {
            rules: Share { covered: satisfied, total: self.units.len() },
            clauses: Share {
                covered: clauses().filter(|seen| seen.was_true && seen.was_false).count(),
                total: clauses().count(),
            },
            gaps: self.units.iter().filter_map(Unit::gap).collect(),
        }
    }
}

impl Unit {
    fn gap(&self) -> Option<Gap> {
        let texts = |missing: fn(&Seen) -> bool| -> Vec<String> {
            self.clauses.iter().filter(|seen| missing(seen)).map(|seen| seen.text.clone()).collect()
        };
        let gap = Gap {
            kind: self.kind,
            rule: self.id.clone(),
            file: self.location.file.to_string(),
            line: self.location.line,
            yaml_path: self.location.yaml_path.clone(),
            satisfied: self.satisfied,
            never_true: texts(|seen| !seen.was_true),
            never_false: texts(|seen| !seen.was_false),
        };
        let is_whole = gap.satisfied && gap.never_true.is_empty() && gap.never_false.is_empty();
        (!is_whole).then_some(gap)
    }
}

/// Every rule, access type and access rule of a bundle.
pub(super) fn units(bundle: &Bundle) -> Vec<Unit> {
    let unit = |kind, id: &str, location: &Location, clauses: Vec<String>| Unit {
        kind,
        id: id.to_owned(),
        location: location.clone(),
        rules: Vec::new(),
        satisfied: false,
        clauses: clauses.into_iter().map(|text| Seen { text, was_true: false, was_false: false }).collect(),
    };
    let mut units: Vec<Unit> = Vec::new();
    let mut access_types: BTreeMap<&str, usize> = BTreeMap::new();
    for access_type in bundle.access_types.values() {
        access_types.insert(&access_type.name, units.len());
        units.push(unit(UnitKind::AccessType, &access_type.id, &access_type.location, texts(&access_type.template)));
    }
    let mut access_rules: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (index, rule) in bundle.rules.iter().enumerate() {
        match &rule.grants {
            None => {
                let mut own = unit(UnitKind::Rule, &rule.id, &rule.location, texts(&rule.policy));
                own.rules.push(index);
                units.push(own);
            }
            Some(grants) => {
                let entry = access_rule(rule);
                let key = (entry.file.to_string(), entry.yaml_path.clone().unwrap_or_default());
                let at = *access_rules.entry(key).or_insert_with(|| {
                    units.push(unit(UnitKind::AccessRule, &rule.id, &entry, Vec::new()));
                    units.len() - 1
                });
                let both = [Some(at), access_types.get(grants.access_type.as_str()).copied()];
                for at in both.into_iter().flatten() {
                    units.get_mut(at).into_iter().for_each(|unit| unit.rules.push(index));
                }
            }
        }
    }
    units.sort_by(|a, b| (&a.location, a.kind).cmp(&(&b.location, b.kind)));
    units
}

/// The place of the access rule that a link is of: `access[0]`, without `.to[1]`.
fn access_rule(rule: &Rule) -> Location {
    let path = rule.location.yaml_path.as_deref().map(|path| path.split('.').next().unwrap_or(path).to_owned());
    Location { yaml_path: path, ..rule.location.clone() }
}

/// The parts of a rule that can be true or false, as text: what its scope asks of the principal, every part of a `when`
/// that is joined by `&&`, and every `unless`.
fn texts(rule: &pst::Template) -> Vec<String> {
    let scope = match &rule.principal {
        PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
        asked => Some(format!("principal {asked}")),
    };
    let clauses = rule.clauses().iter().flat_map(|clause| match clause {
        Clause::When(condition) => chain(condition, BinaryOp::And).iter().map(ToString::to_string).collect(),
        Clause::Unless(_) => vec![format!("unless {}", condition(clause))],
    });
    scope.into_iter().chain(clauses).collect()
}

/// Whether a part of a scope asks for a type alone.
fn is_type(text: &str) -> bool {
    text.starts_with("principal is ") && !text.contains(" in ")
}

/// What Cedar said of the same parts.
fn clause_results(rule: &TracedRule) -> Vec<EvaluationResult> {
    let clauses = rule.clauses.iter().flat_map(|clause| match clause.place {
        // Rules that speak of another resource are not among those that are traced.
        Place::Scope if clause.part.text.starts_with("resource ") || is_type(&clause.part.text) => Vec::new(),
        Place::Expiry => Vec::new(),
        Place::When if clause.part.joint == crate::engine::explain::trace::Connective::All => {
            clause.part.parts.iter().map(|part| part.truth.clone()).collect()
        }
        Place::Scope | Place::When | Place::Unless => vec![clause.part.truth.clone()],
    });
    clauses.collect()
}
