//! The result of `tenure prove`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{setting::Setting, solver::Example};
use crate::{
    bundle::{Effect, Rule},
    diagnostic::Location,
};

/// The version of the format of proof reports.
pub const SCHEMA_VERSION: &str = "1";

/// What was proved about a bundle.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ProofReport {
    /// The version of this format.
    pub schema_version: String,
    /// The digest of the bundle.
    pub bundle: String,
    /// The digest of the bundle that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_bundle: Option<String>,
    /// The solver's name and version, as it prints them.
    pub solver: String,
    /// The number of distinct questions that the solver answered in this run.
    pub questions: usize,
    /// Whether a rule can err, for each rule and check whose operations can.
    pub errors: Vec<Answered>,
    /// Whether each invariant holds.
    pub invariants: Vec<Answered>,
    /// Rules that decide nothing.
    pub rules: Vec<RuleFinding>,
    /// How each check relates to that of the old bundle, where its rules differ.
    pub comparisons: Vec<Compared>,
}

/// An answer, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It holds in every organisation.
    Proved,
    /// Some organisation contradicts it.
    Refuted,
    /// The solver gave no answer.
    Undecided,
}

/// A claim and the answer to it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Answered {
    /// The id of the rule or invariant.
    pub id: String,
    /// The check.
    pub check: String,
    /// What is claimed.
    pub title: String,
    /// Where the rule or invariant is written.
    pub location: String,
    /// The answer.
    pub decision: Decision,
    /// The systems and levels for which it is not proved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Why it is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A policy test whose organisation contradicts it. The engine has judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<String>,
}

impl Answered {
    /// Whether it is not proved.
    pub(super) fn is_open(&self) -> bool {
        self.decision != Decision::Proved
    }
}

/// What a rule that decides nothing does.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RuleFinding {
    /// The id of the rule.
    pub id: String,
    /// The check.
    pub check: String,
    /// Permit or forbid.
    pub effect: String,
    /// The entitlement that it grants, for an access rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<String>,
    /// Where it is written.
    pub location: String,
    /// `explains`: it changes only the message of a failure. `covered`: other rules say the same before it. `never`: no
    /// organisation satisfies it. `undecided`: the solver gave no answer.
    pub does: String,
    /// Single rules that are satisfied wherever it is; none if only several together are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub covered_by: Vec<String>,
    /// Why it is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a check relates to that of the old bundle, for one system and level.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Compared {
    /// The check.
    pub check: String,
    /// The system and level; absent if the whole check is added or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// `equal`, `laxer` (more is let off than before), `stricter`, `neither`, `renamed` (as much is let off, under another
    /// outcome), `added`, `removed` or `undecided`.
    pub relation: String,
    /// Why it is undecided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Policy tests whose organisations show the difference. The engine has judged them with both bundles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counterexamples: Vec<String>,
}

/// The answer to a claim that something is impossible.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    Proved,
    Refuted(Option<Box<Example>>),
    Undecided(String),
}

/// A claim while its answers come in.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) id: String,
    pub(super) check: String,
    pub(super) title: String,
    pub(super) location: Location,
    pub(super) answers: Vec<(Option<Setting>, Verdict)>,
}

impl Proof {
    pub(super) fn new(id: &str, check: &str, title: String, location: &Location) -> Self {
        let (id, check) = (id.to_owned(), check.to_owned());
        Proof { id, check, title, location: location.clone(), answers: Vec::new() }
    }

    pub(super) fn add(&mut self, setting: Option<&Setting>, verdict: Verdict) {
        self.answers.push((setting.cloned(), verdict));
    }

    /// The answer, with a counterexample that `realize` finds for an example of the solver.
    pub(super) fn finish(self, realize: impl Fn(&Setting, &Example) -> Option<String>) -> Answered {
        let is_refuted = |verdict: &Verdict| matches!(verdict, Verdict::Refuted(_));
        let reason = self.answers.iter().find_map(|(_, verdict)| match verdict {
            Verdict::Undecided(reason) => Some(reason.clone()),
            Verdict::Proved | Verdict::Refuted(_) => None,
        });
        let decision = match (self.answers.iter().any(|(_, verdict)| is_refuted(verdict)), &reason) {
            (true, _) => Decision::Refuted,
            (false, Some(_)) => Decision::Undecided,
            (false, None) => Decision::Proved,
        };
        let open = self.answers.iter().filter(|(_, verdict)| match decision {
            Decision::Refuted => is_refuted(verdict),
            Decision::Undecided | Decision::Proved => matches!(verdict, Verdict::Undecided(_)),
        });
        let mut settings: Vec<String> = open.filter_map(|(setting, _)| Some(setting.as_ref()?.to_string())).collect();
        settings.dedup();
        let counterexample = self.answers.iter().find_map(|(setting, verdict)| match (setting, verdict) {
            (Some(setting), Verdict::Refuted(Some(example))) => realize(setting, example),
            _ => None,
        });
        Answered {
            id: self.id,
            check: self.check,
            title: self.title,
            location: self.location.to_string(),
            decision,
            settings,
            reason: reason.filter(|_| decision == Decision::Undecided),
            counterexample,
        }
    }
}

/// How much a rule that decides nothing can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RuleUse {
    ExplainsOnly,
    Covered,
    NeverSatisfied,
    Undecided(String),
}

impl RuleFinding {
    pub(super) fn new(rule: &Rule, check: &str, used: RuleUse, covered_by: Vec<String>) -> Self {
        let (does, reason) = match used {
            RuleUse::ExplainsOnly => ("explains", None),
            RuleUse::Covered => ("covered", None),
            RuleUse::NeverSatisfied => ("never", None),
            RuleUse::Undecided(reason) => ("undecided", Some(reason)),
        };
        RuleFinding {
            id: rule.id.clone(),
            check: check.to_owned(),
            effect: if rule.effect == Effect::Permit { "permit" } else { "forbid" }.to_owned(),
            grants: rule.grants.as_ref().map(|grants| format!("{}/{}", grants.system, grants.level)),
            location: rule.location.to_string(),
            does: does.to_owned(),
            covered_by,
            reason,
        }
    }
}

/// Which way two bundles differ in an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Laxer,
    Stricter,
}

/// How the new bundle relates to the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Laxer,
    Stricter,
    Neither,
    Renamed,
    Added,
    Removed,
    Undecided(String),
}

/// A comparison while its examples are not realized.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) check: String,
    pub(super) setting: Option<Setting>,
    pub(super) relation: Relation,
    pub(super) examples: Vec<(Direction, Box<Example>)>,
}

impl Comparison {
    pub(super) fn new(check: &str, setting: Setting, relation: Relation) -> Self {
        Comparison { check: check.to_owned(), setting: Some(setting), relation, examples: Vec::new() }
    }

    pub(super) fn whole(check: &str, relation: Relation) -> Self {
        Comparison { check: check.to_owned(), setting: None, relation, examples: Vec::new() }
    }

    pub(super) fn finish(self, realize: impl Fn(&str, &Setting, Direction, &Example) -> Option<String>) -> Compared {
        let (relation, reason) = match self.relation {
            Relation::Equal => ("equal", None),
            Relation::Laxer => ("laxer", None),
            Relation::Stricter => ("stricter", None),
            Relation::Neither => ("neither", None),
            Relation::Renamed => ("renamed", None),
            Relation::Added => ("added", None),
            Relation::Removed => ("removed", None),
            Relation::Undecided(reason) => ("undecided", Some(reason)),
        };
        let realized = self.setting.iter().flat_map(|setting| {
            self.examples.iter().filter_map(|(way, example)| realize(&self.check, setting, *way, example))
        });
        let counterexamples = realized.collect();
        Compared {
            counterexamples,
            check: self.check,
            setting: self.setting.map(|setting| setting.to_string()),
            relation: relation.to_owned(),
            reason,
        }
    }
}
