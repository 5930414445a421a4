//! Everything that decides, and nothing about people's facts: checks, rules, access types, org roles, identities,
//! waivers and the systems' access rules, read from a directory of `.cedar`, `.cedarschema` and `.yaml` files.
//!
//! Loading is strict: ids come from `@id`, every rule keeps its file and line, unknown annotations and keys are
//! refused, and Cedar's validator has to find nothing at all, warnings included. All problems of all files are
//! reported together.

pub mod cedar;
pub mod check;
pub mod data;
pub(crate) mod expression;
pub(crate) mod holdings;
mod link;
mod lint;
mod names;
mod near_miss;
pub mod reads;
pub mod rule;
mod schema;
pub mod shipped;
mod source;
mod validate;

use std::{collections::BTreeMap, path::Path};

use cedar_policy::Schema;
use sha2::{Digest, Sha256};

use crate::{
    diagnostic::{self, Code, Diagnostic, Level, SourceFile},
    files::Fence,
    yaml::Document,
};

#[cfg(feature = "cli")]
pub(crate) use self::near_miss::ENDINGS;
pub(crate) use self::{
    link::{EntityTypes, fill as fill_access_type, with_expiry as link_expiry},
    validate::cedar_policy,
};
pub use check::{Check, CheckTarget, Due, Severity};
pub use data::{
    calendar::Calendar,
    entitlement_groups::EntitlementGroup,
    evidence::{Assumption, EvidenceRules},
    facts::{DeclaredFact, FactDeclaration, FactEntity, FactType, TypedValue},
    identities::{AccountMapping, PersonMapping},
    invariants::Invariant,
    org_roles::OrgRole,
    patterns::AccountPattern,
    systems::SystemRules,
    waivers::{Waiver, WaiverEntry},
};
pub use holdings::{HoldingTarget, HoldingTargets};
pub use rule::{AccessType, Effect, GrantedAccess, Outcome, Rule};
pub use schema::ENTITY_SCHEMA;

/// A loaded bundle.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Digest over the names and contents of all files but those of tests, which decide nothing.
    pub digest: String,
    /// The entity schema with every fragment of the bundle.
    pub schema: Schema,
    /// Checks by id, in order.
    pub checks: Vec<Check>,
    /// Rules: those written in Cedar, and the access rules linked to their access types.
    pub rules: Vec<Rule>,
    /// Access types by name, in order.
    pub access_types: BTreeMap<String, AccessType>,
    /// Org roles, in the order of the file.
    pub org_roles: Vec<OrgRole>,
    /// Entitlement groups, in the order of the file.
    pub entitlement_groups: Vec<EntitlementGroup>,
    /// What has to hold of every organisation, in the order of the file; see `tenure prove`.
    pub invariants: Vec<Invariant>,
    /// What the rules ask of holdings.
    pub holding_targets: HoldingTargets,
    /// What is declared about people.
    pub people: Vec<PersonMapping>,
    /// What is declared about accounts.
    pub accounts: Vec<AccountMapping>,
    /// Waivers as written, the malformed ones too.
    pub waivers: Vec<WaiverEntry>,
    /// The systems' files by system id.
    pub systems: BTreeMap<String, SystemRules>,
    /// The days on which nobody works.
    pub calendar: Calendar,
    /// What the bundle takes for granted, and how old the staff list may be.
    pub evidence: EvidenceRules,
    /// Facts that only some sources give: those of the entity schema, and those that the bundle declares.
    pub facts: Vec<FactDeclaration>,
    /// Files of tests, as they are; see [`crate::testing`].
    pub tests: Vec<SourceFile>,
    /// What is odd but decides nothing.
    pub warnings: Vec<Diagnostic>,
    /// Files beside those of the bundle that look like policies and are not read: a lint.
    pub unread_files: Vec<Diagnostic>,
}

impl Bundle {
    /// Reads a directory and everything below it. Links in it have to stay in it.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn read(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::read_within(folder, &Fence::around(folder))
    }

    /// Reads a directory and everything below it. Links in it have to stay inside the fence.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn read_within(folder: &Path, fence: &Fence) -> Result<Self, Vec<Diagnostic>> {
        let source::Sources { files, unread } = source::read(folder, fence)?;
        Ok(Bundle { unread_files: unread, ..Self::load(files)? })
    }

    /// Reads the files of a bundle as they are. Links have to stay in the directory.
    ///
    /// # Errors
    /// Returns every file that is unreadable or not text, or one problem if there is no file.
    pub fn files(folder: &Path) -> Result<Vec<SourceFile>, Vec<Diagnostic>> {
        Self::files_within(folder, &Fence::around(folder))
    }

    /// Reads the files of a bundle as they are. Links have to stay inside the fence.
    ///
    /// # Errors
    /// Returns every file that is unreadable or not text, or one problem if there is no file.
    pub fn files_within(folder: &Path, fence: &Fence) -> Result<Vec<SourceFile>, Vec<Diagnostic>> {
        source::read(folder, fence).map(|sources| sources.files)
    }

    /// The bundle that is compiled into the program.
    ///
    /// # Errors
    /// None, as long as the test that loads it passes.
    pub fn shipped() -> Result<Self, Vec<Diagnostic>> {
        Self::load(shipped::files())
    }

    /// Loads a bundle from files already read; their names are relative to the bundle's folder.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn load(mut files: Vec<SourceFile>) -> Result<Self, Vec<Diagnostic>> {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let (declared, written) = rayon::join(|| Declared::read(&files), || Written::read(&files));
        let Declared { schema, checks, documents, tests, mut data, mut problems } = declared;
        let Written { statements, mut rules, access_types, problems: further } = written;
        problems.extend(further);
        files.retain(|file| !tests.contains(file));

        if schema.as_ref().is_some_and(|schema| schema.fragments.len() == 1) && !statements.is_empty() {
            let message = "there is no .cedarschema file, so there are no checks that the rules could speak of";
            problems.push(
                Diagnostic::error(Code::NoChecks, message)
                    .help("declare each check as an action in a .cedarschema file"),
            );
        }
        let vocabularies = schema.as_ref().map(|schema| schema.vocabularies.clone()).unwrap_or_default();
        let at = data::problems_at(&documents);
        names::check(&statements, &data, schema.as_ref(), &mut problems);
        rules.extend(link::link(&data, &access_types, &vocabularies, &at, &mut problems));
        let unread = std::mem::take(&mut data.invariants);
        let invariants =
            schema.as_ref().map(|schema| data::invariants::parse(unread, &checks, &schema.schema, &at, &mut problems));
        if let Some(schema) = &schema {
            validate::validate(schema, &statements, &rules, &at, &mut problems);
        }

        diagnostic::sort(&mut problems);
        let (warnings, errors): (Vec<_>, Vec<_>) =
            problems.into_iter().partition(|problem| problem.level == Level::Warning);
        match schema {
            Some(schema) if errors.is_empty() => Ok(Bundle {
                digest: digest(&files),
                schema: schema.schema,
                facts: reads::mark_read_facts(schema.facts, &rules, &checks, data.systems.values()),
                holding_targets: HoldingTargets::of(&rules, &data.entitlement_groups),
                entitlement_groups: data.entitlement_groups,
                invariants: invariants.unwrap_or_default(),
                checks,
                rules,
                access_types,
                org_roles: data.org_roles,
                people: data.people,
                accounts: data.accounts,
                waivers: data.waivers,
                systems: data.systems,
                calendar: data.calendar,
                evidence: data.evidence,
                tests,
                warnings,
                unread_files: Vec::new(),
            }),
            _ => Err(errors),
        }
    }

    /// The facts of people or accounts that only some sources give and that a rule reads.
    pub(crate) fn facts_read(&self, entity: FactEntity) -> impl Iterator<Item = DeclaredFact> {
        let read = self.facts.iter().filter(|declaration| declaration.is_read);
        read.map(|declaration| declaration.fact).filter(move |fact| fact.entity == entity)
    }

    /// Works out again what the rules read, after a change of the rules.
    #[cfg(feature = "prove")]
    pub(crate) fn rules_changed(&mut self) {
        self.holding_targets = HoldingTargets::of(&self.rules, &self.entitlement_groups);
        let facts = std::mem::take(&mut self.facts);
        self.facts = reads::mark_read_facts(facts, &self.rules, &self.checks, self.systems.values());
    }

    /// The check of this id.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }
}

/// What the schemas and the YAML files say.
struct Declared {
    schema: Option<schema::Merged>,
    checks: Vec<Check>,
    documents: Vec<Document>,
    tests: Vec<SourceFile>,
    data: data::Data,
    problems: Vec<Diagnostic>,
}

impl Declared {
    fn read(files: &[SourceFile]) -> Self {
        let mut problems = Vec::new();
        let mut documents = Vec::new();
        for file in ending(files, ".yaml").chain(ending(files, ".yml")) {
            match Document::parse(file) {
                Ok(document) => documents.push(document),
                Err(problem) => problems.push(problem),
            }
        }
        let (tests, documents): (Vec<Document>, Vec<Document>) = documents.into_iter().partition(data::is_tests);
        let tests = tests.into_iter().map(|document| document.file).collect();
        let facts = data::facts::read(&documents, &mut problems);
        let schema = schema::load(ending(files, ".cedarschema"), facts, &documents, &mut problems);
        let checks = schema.as_ref().map(|schema| check::read(schema, &mut problems)).unwrap_or_default();
        let data = data::read(&documents, files, &mut problems);
        data.check_waivers(&checks, &mut problems);
        if let Some(schema) = &schema {
            data.check_patterns(&schema.facts, data::problems_at(&documents), &mut problems);
        }
        Declared { schema, checks, documents, tests, data, problems }
    }
}

/// What the Cedar files say.
struct Written {
    statements: Vec<cedar::Statement>,
    rules: Vec<Rule>,
    access_types: BTreeMap<String, AccessType>,
    problems: Vec<Diagnostic>,
}

impl Written {
    fn read(files: &[SourceFile]) -> Self {
        let (statements, mut problems) = cedar::parse_all(&ending(files, ".cedar").collect::<Vec<_>>());
        let (rules, access_types) = rule::read(&statements, &mut problems);
        Written { statements, rules, access_types, problems }
    }
}

/// The files whose names end so.
fn ending<'f>(files: &'f [SourceFile], ending: &'static str) -> impl Iterator<Item = &'f SourceFile> {
    files.iter().filter(move |file| file.name.ends_with(ending))
}

/// `sha256:` over each file's name and content, in the order of names.
pub(crate) fn digest(files: &[SourceFile]) -> String {
    let mut digest = Sha256::new();
    for file in files {
        for part in [&file.name, &file.text] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
    }
    digest.finalize().iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests;
