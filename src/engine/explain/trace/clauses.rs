//! Rules taken apart into clauses and parts.

use crate::engine::{answer::UnknownFact, explain::fact::ShownFact};

/// Cedar's result for a rule or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluationResult {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It would read a fact that is unknown.
    Undetermined(UnknownFact),
    /// It cannot be evaluated, and why.
    Erred(String),
    /// Cedar does not evaluate it: an earlier part decides.
    NotReached,
}

/// How the parts of a part are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connective {
    /// It has no parts that are true or false on their own.
    None,
    /// `&&`: all of them have to hold.
    All,
    /// `||`: one of them has to hold.
    Any,
    /// `!`: its only part must not hold.
    Not,
    /// `if … then … else …`: condition, and the two branches.
    Choice,
}

/// A part of a condition.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct Part {
    /// As Cedar writes it.
    pub text: String,
    /// Cedar's result for it.
    pub truth: EvaluationResult,
    /// How its parts are joined.
    pub joint: Connective,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// What it reads of the subject and the resource, where it has no parts.
    pub facts: Vec<ShownFact>,
    /// What it reads of the request's context, where it has no parts: path and value.
    pub context: Vec<(String, String)>,
}

/// Where a part of a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the scope.
    Scope,
    /// The last day of an access rule.
    Expiry,
    /// `when { … }`.
    When,
    /// `unless { … }`: the rule is satisfied only where this is false.
    Unless,
}

/// A part of a rule, with its place.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct TracedClause {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub part: Part,
}

impl TracedClause {
    /// Whether it keeps the rule from being satisfied.
    pub(super) fn is_decisive(&self) -> bool {
        let against = if self.place == Place::Unless { EvaluationResult::True } else { EvaluationResult::False };
        self.part.truth == against
    }
}

/// A rule and Cedar's result for it.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct TracedRule {
    /// The rule, as an index into the bundle's.
    pub rule: u32,
    /// Cedar's result for the whole.
    pub truth: EvaluationResult,
    /// Its scope, as far as that asks for anything, and its clauses.
    pub clauses: Vec<TracedClause>,
}
