//! What came of the tests, version 1; fields may be added within a version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::{explanation::ExplainedFinding, model::Finding};

/// The version of this format.
pub const SCHEMA_VERSION: &str = "1";

/// What came of every test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// Version of this format.
    pub schema_version: String,
    /// How many tests passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How many a filter left out.
    pub filtered: usize,
    /// In the order of files and lines.
    pub tests: Vec<TestResult>,
    /// Which rules and clauses the expectations came to; none where a filter left tests out.
    pub coverage: Option<CoverageReport>,
    /// What became of changed policies, where that was asked for.
    pub mutation: Option<MutationReport>,
}

/// What came of one test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TestResult {
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What the test shows.
    pub name: String,
    /// What was otherwise than expected; nothing where the test passed.
    pub failures: Vec<Failure>,
}

/// What was otherwise than expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Failure {
    /// A finding is not what was expected.
    Different {
        /// Line of the expectation, from 1.
        line: usize,
        /// What differs.
        differences: Vec<Difference>,
        /// The finding, and why it is what it is.
        explanation: Box<ExplainedFinding>,
    },
    /// The check is not asked of what the expectation names.
    NotAsked {
        /// Line of the expectation, from 1.
        line: usize,
        /// The check.
        check: String,
        /// The subject as the expectation names it.
        subject: String,
        /// The level as the expectation names it.
        level: Option<String>,
        /// Existing subjects, for a suggestion.
        suggestion: String,
    },
    /// A finding fails or is unknown, and no expectation says so.
    Unexpected {
        /// The finding.
        finding: Box<Finding>,
    },
    /// Nothing could be judged.
    Error {
        /// Why.
        reason: String,
    },
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// `outcome`, `rule` or `message`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What there is.
    pub actual: String,
}

/// How much of the rules the tests came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageReport {
    /// Rules, access types and access rules that were satisfied for a finding that is expected.
    pub rules: Share,
    /// Parts of their conditions that were true for one finding that is expected, and false for another.
    pub clauses: Share,
    /// Rules that never were satisfied, and rules with clauses that never were both true and false.
    pub gaps: Vec<Gap>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// How many.
    pub covered: usize,
    /// Of how many.
    pub total: usize,
}

impl Share {
    /// Whole per cent, rounded down; all where there is nothing.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.covered * 100).checked_div(self.total).unwrap_or(100)
    }
}

vocabulary! {
    /// What can be covered.
    UnitKind {
        /// A rule written in Cedar.
        Rule = "rule",
        /// An access type.
        AccessType = "access-type",
        /// An access rule.
        AccessRule = "access-rule",
    }
}

/// A rule that the tests do not come to, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What it is.
    pub kind: UnitKind,
    /// `@id` of the rule or of the access type.
    pub rule: String,
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// In a YAML file: the path of keys.
    pub yaml_path: Option<String>,
    /// Whether it was satisfied.
    pub satisfied: bool,
    /// Clauses that were never true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never_true: Vec<String>,
    /// Clauses that were never false.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never_false: Vec<String>,
}

/// What became of changed policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MutationReport {
    /// Changes that a test noticed, of those that were tried.
    pub noticed: Share,
    /// Those that no test noticed.
    pub survivors: Vec<Survivor>,
}

/// A change of the policies that no test noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Survivor {
    /// `@id` of the rule or of the access type.
    pub rule: String,
    /// File, relative to the bundle.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// In a YAML file: the path of keys.
    pub yaml_path: Option<String>,
    /// What was changed.
    pub change: String,
}
