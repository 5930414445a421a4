//! The closed list of diagnostic codes.

use std::fmt;

use strum::{EnumMessage as _, VariantArray as _};

/// The kind of a problem. Its name, such as `bad-id`, is a contract: people look it up, and programs match it.
///
/// The order is that of `docs/problems.md`, which has a section for each. The first line about each code is its title.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    // Policies.
    /// A template that is no access type.
    AccessTypeForm,
    /// `@advice` with an unknown word.
    BadAdvice,
    /// `@help` that is no address of a page.
    BadHelp,
    /// `@since` that leads to no date.
    BadSince,
    /// A statement that is not Cedar.
    CedarSyntax,
    /// A rule that Cedar's validator rejects.
    CedarValidation,
    /// A check that is asked of no type.
    CheckAppliesToNothing,
    /// A check with another context than `Evaluation`.
    CheckContext,
    /// A check within a namespace.
    CheckInNamespace,
    /// An annotation in the wrong place.
    MisplacedAnnotation,
    /// A required annotation is missing.
    MissingAnnotation,
    /// An expression that is nested too deep.
    NestedTooDeep,
    /// No policies at this place.
    NoBundle,
    /// Rules without a declared check.
    NoChecks,
    /// An expression left of `in` or `has`.
    NotAPath,
    /// A schema file that cannot be used.
    Schema,
    /// A schema that is too large.
    SchemaSize,
    /// A department id that no department has.
    UnfoldedDepartment,
    /// An unknown annotation.
    UnknownAnnotation,
    /// An entity type that the schema lacks.
    UnknownEntityType,
    /// An org role that is not defined.
    UnknownOrgRole,
    /// An entitlement group that is not defined.
    UnknownEntitlementGroup,
    /// An entitlement group without entitlements.
    EmptyEntitlementGroup,
    /// Holdings used for something else than `in`.
    HoldingsUse,
    /// An outcome that the rule cannot have.
    UnknownOutcome,
    /// An unknown severity.
    UnknownSeverity,
    /// An access rule that does not fit its access type.
    Unlinkable,

    // Data files.
    /// A duration that cannot be read.
    BadDuration,
    /// An id of a wrong form.
    BadId,
    /// A pattern of account ids that cannot be used.
    BadPattern,
    /// One id given twice.
    DuplicateId,
    /// An access rule without levels.
    EmptyLevels,
    /// An org role without `match` and `people`.
    EmptyOrgRole,
    /// A calendar without business days.
    EndlessWeekend,
    /// An entry of identities that identifies no owner.
    IdentityForm,
    /// A waiver that cannot be read.
    MalformedWaiver,
    /// A required key is missing.
    MissingKey,
    /// A required reason is missing.
    MissingReason,
    /// A file that is not YAML.
    NotYaml,
    /// Recipients for an access type that takes none.
    UnexpectedTo,
    /// An access type that is not defined.
    UnknownAccessType,
    /// A YAML file of an unknown kind.
    UnknownData,
    /// A key that does not belong to its file.
    UnknownKey,
    /// A level that the system lacks.
    UnknownLevel,
    /// A recipient that is not defined.
    UnknownRecipient,
    /// A YAML value of the wrong form.
    YamlForm,

    // Project and sources.
    /// `lists:` that fits no list of the format.
    BadLists,
    /// A model that takes no `system`.
    BadModel,
    /// An organisation without a name.
    BadName,
    /// A statement that does not fit the format.
    BadStatement,
    /// An address that cannot be used.
    BadUrl,
    /// A parameter that Tenure sends itself.
    BadQuery,
    /// A limit of waivers that makes no sense.
    BadWaiverLimit,
    /// Not the name of an environment variable.
    BadVariable,
    /// A source that only `tenure pull` reads.
    LiveSource,
    /// Accounts without their system.
    MissingSystem,
    /// A token that cannot be read.
    MissingToken,
    /// No source to read.
    NoSources,
    /// A secret in a file.
    SecretInFile,
    /// Two sources of one account list.
    DuplicateSource,
    /// Staff lists without a ranking.
    SeveralStaffLists,
    /// More than one place for a token.
    SeveralTokens,
    /// A lint that does not exist.
    UnknownLint,
    /// A source that is not defined.
    UnknownSource,
    /// A reason without a statement.
    UnusedReason,

    // Files and pages.
    /// Kept pages were altered.
    AlteredPages,
    /// A file name that is no visible text.
    BadFileName,
    /// A column given twice.
    DuplicateColumn,
    /// A directory without files.
    EmptyDirectory,
    /// An empty file.
    EmptyFile,
    /// Levels taken from groups.
    LevelsOfGroups,
    /// A list that may lack records.
    IncompleteCollection,
    /// An index of kept pages that no pull wrote.
    KeptPagesForm,
    /// A required column is missing.
    MissingColumn,
    /// A record that changed while pages were fetched.
    MovedRecord,
    /// A folder without kept pages.
    NoKeptPages,
    /// Pages without people.
    NoPeople,
    /// The required list is missing.
    NoRecords,
    /// No source lists staff.
    NoStaff,
    /// A list without usable records.
    NoUsableRecords,
    /// A directory in place of a file.
    NotAFile,
    /// JSON that is no page of records.
    NotAPage,
    /// A file that is not CSV.
    NotCsv,
    /// A file that is not JSON.
    NotJson,
    /// A file that is not UTF-8 text.
    #[strum(serialize = "not-utf-8")]
    NotUtf8,
    /// Pages that do not show what the token could see.
    ScopesNotKnown,
    /// A person with several managers.
    SeveralManagers,
    /// Two staff lists differ.
    SourcesDiffer,
    /// A CSV file with a second header.
    JoinedHeaders,
    /// A cell with several levels.
    JoinedLevels,
    /// A JSON object with one key twice.
    DuplicateKey,
    /// A path that leads out of the project.
    OutsideProject,
    /// A placeholder in place of an address.
    PlaceholderAddress,
    /// Records of one key that differ.
    RecordsDiffer,
    /// Records of one key that agree.
    RecordsMerged,
    /// Two levels with one id.
    SharedLevelId,
    /// A format that does not fit the command.
    UnfitFormat,
    /// A fact of a wrong name or type.
    BadFact,
    /// Facts that fit no single person.
    UnmatchedFacts,
    /// Account ids that two sources share.
    SharedAccountIds,
    /// A fact that is not declared.
    UnknownFact,
    /// A mapping that cannot work.
    BadMapping,
    /// A mapping with the name of a built-in format.
    TakenFormat,
    /// A file of an unknown format.
    UnknownFormat,
    /// A file that cannot be read.
    UnreadableFile,
    /// A file or directory that is too large.
    TooLarge,
    /// A column that Tenure does not read.
    UnusedColumn,
    /// A file that Tenure does not read.
    UnusedFile,
    /// A file that cannot be written.
    UnwritableFile,
    /// A value that Tenure cannot read.
    ValueNotUnderstood,

    // Snapshots.
    /// A record with an empty id.
    EmptyId,
    /// More problems than are shown.
    MoreProblems,
    /// People without a source of staff.
    NoStaffSource,
    /// A pull later than the snapshot.
    PulledInTheFuture,
    /// A reference to a missing record.
    ReferenceToNowhere,
    /// A file that is no readable report.
    ReportForm,
    /// Records that do not match their digest.
    SnapshotDigest,
    /// A list that contradicts itself.
    SnapshotBasis,
    /// A snapshot that does not match its schema.
    SnapshotForm,
    /// A snapshot of another format version.
    SnapshotVersion,
    /// An account of a person who is not listed.
    UnlistedPerson,
    /// A missing fact without its reason.
    UnlistedUnknown,

    // Live pulls.
    /// An address or token that no request can use.
    BadConfiguration,
    /// A folder that a pull must not replace.
    FolderNotEmpty,
    /// The pull was stopped.
    Interrupted,
    /// The clock differs from that of a service.
    ClockDiffers,
    /// An answer that ended too early.
    PullBrokenOff,
    /// Pages without end.
    PullEndless,
    /// The vendor forbids the request.
    PullForbidden,
    /// An answer that is no page of records.
    PullNotAPage,
    /// No connection to the vendor.
    PullNotConnected,
    /// Nothing at this address.
    PullNotFound,
    /// An answer that is not JSON.
    PullNotJson,
    /// A list that does not add up.
    PullNotWhole,
    /// Too many requests.
    PullRateLimited,
    /// An answer that leads elsewhere.
    PullRedirected,
    /// The vendor refuses the request.
    PullRefused,
    /// The vendor has an error.
    PullServerError,
    /// No answer in time.
    PullTimedOut,
    /// An answer that is too large.
    PullTooLarge,
    /// The vendor rejects the token.
    PullUnauthorized,

    // Tests.
    /// An organisation of a test that cannot be made.
    BadOrganization,
    /// A test without expectations.
    EmptyTest,
    /// No tests to run.
    NoTests,
    /// A level where the check has none.
    UnexpectedLevel,
    /// An organisation that is not defined.
    UnknownOrganization,
    /// A rule that the check lacks.
    UnknownRule,

    // Command line.
    /// The start of an id that fits several findings.
    AmbiguousFinding,
    /// A check without subjects.
    AskedOfNobody,
    /// `--as-of` is no date or instant.
    BadAsOf,
    /// A baseline that cannot be compared.
    BadBaseline,
    /// A text that is no instant.
    BadInstant,
    /// A time zone that does not exist.
    BadTimeZone,
    /// Options that exclude each other.
    BadUsage,
    /// A value that no waiver can hold.
    BadWaiver,
    /// A file that cannot be formatted.
    CannotFormat,
    /// An internal error of the evaluation.
    Evaluation,
    /// Evidence at this place already.
    EvidenceExists,
    /// A directory that is no evidence.
    EvidenceForm,
    /// A key that cannot sign.
    EvidenceKey,
    /// An input that changed while Tenure read it.
    EvidenceMaterial,
    /// Policies that cannot be redacted.
    NotRedactable,
    /// An output that would replace an input.
    OutputIsInput,
    /// A key that is too short.
    RedactionKey,
    /// Fields of a later version.
    UnknownFields,
    /// Two files that cannot be compared.
    NotAlike,
    /// A finding that cannot be waived.
    NotWaivable,
    /// No solver for proofs.
    NoSolver,
    /// Nothing was checked.
    NothingToEvaluate,
    /// A check that the bundle lacks.
    UnknownCheck,
    /// A code that does not exist.
    UnknownCode,
    /// A control that no check serves.
    UnknownControl,
    /// A finding that does not exist.
    UnknownFinding,
    /// A person who is not in the snapshot.
    UnknownPerson,
    /// A schema that does not exist.
    UnknownSchema,
    /// A subject that is not in the snapshot.
    UnknownSubject,
    /// A system that is not known.
    UnknownSystem,
    /// Policies that the symbolic analysis refuses.
    Unprovable,
    /// A file that cannot be watched.
    Unwatchable,
    /// No single file for waivers.
    WaiversFile,

    // Lints.
    /// A declaration with an acknowledged contradiction.
    AcknowledgedContradiction,
    /// An assumption that no evidence proves.
    Assumption,
    /// A source of an assumed age.
    AssumedAge,
    /// A waiver of a whole account.
    BroadWaiver,
    /// A check that no subject can pass.
    CheckWithoutPermit,
    /// A check without rules.
    CheckWithoutRules,
    /// A declaration that the facts contradict.
    ContradictedDeclaration,
    /// Access granted twice.
    DuplicateAccessRule,
    /// An access rule that has expired.
    ExpiredAccessRule,
    /// Waivers that follow each other.
    ConsecutiveWaivers,
    /// A waiver that has expired.
    ExpiredWaiver,
    /// Two ids that are nearly equal.
    NearDuplicateId,
    /// A name that nearly matches.
    NearMiss,
    /// An address of a person who has left.
    RecycledAddress,
    /// A level id of earlier versions.
    RenamedLevel,
    /// A waiver approved by its own subject.
    SelfApprovedWaiver,
    /// A rule that never matters.
    ShadowedRule,
    /// A waiver that lasts too long.
    TooLongWaiver,
    /// A waiver without a valid approver.
    UnapprovedWaiver,
    /// A granted level that no account holds.
    UnheldLevel,
    /// A declared account that is not in the snapshot.
    UnmatchedAccount,
    /// An id that is not in the people list.
    UnmatchedPerson,
    /// An access request of no single person.
    UnmatchedRequest,
    /// A job title without an org role.
    UnmatchedTitle,
    /// A policy-like file that is not read.
    UnreadFile,
    /// An org role that no person has.
    UnusedOrgRole,
    /// A waiver without a finding.
    UnusedWaiver,
}

impl Code {
    /// Every code, in the order of the page that explains them.
    pub const ALL: &'static [Code] = Code::VARIANTS;

    /// The stable name in kebab case: `bad-id`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What kind of problem it is, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.get_documentation().unwrap_or_default().trim_end_matches('.')
    }

    /// The section that explains it, relative to the root of the repository: `docs/problems.md#bad-id`.
    #[must_use]
    pub fn page(self) -> String {
        format!("docs/problems.md#{}", self.name())
    }

    /// Whether `lints:` of `tenure.yaml` can set how it is taken.
    #[must_use]
    pub fn is_lint(self) -> bool {
        matches!(
            self,
            Code::BroadWaiver
                | Code::CheckWithoutPermit
                | Code::CheckWithoutRules
                | Code::ConsecutiveWaivers
                | Code::DuplicateAccessRule
                | Code::ExpiredAccessRule
                | Code::ExpiredWaiver
                | Code::NearDuplicateId
                | Code::NearMiss
                | Code::RenamedLevel
                | Code::SelfApprovedWaiver
                | Code::ShadowedRule
                | Code::TooLongWaiver
                | Code::UnapprovedWaiver
                | Code::UnheldLevel
                | Code::UnmatchedAccount
                | Code::UnmatchedPerson
                | Code::UnmatchedTitle
                | Code::UnreadFile
                | Code::UnusedOrgRole
                | Code::UnusedWaiver
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_has_the_name_that_parses_to_it_and_a_title() {
        assert!(Code::ALL.len() >= 200);
        for code in Code::ALL {
            assert_eq!(code.name().parse(), Ok(*code));
            assert!(code.title().contains(' ') && !code.title().ends_with('.'), "{code}: {}", code.title());
        }
        assert_eq!(Code::NotUtf8.name(), "not-utf-8");
        assert_eq!(Code::BadId.page(), "docs/problems.md#bad-id");
    }
}
