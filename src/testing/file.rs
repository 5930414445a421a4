//! The file of tests, as people write it.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Outcome, data::identities::AccountEntry},
    model::{AccessRequestStatus, AccountClass, AccountStatus, EmploymentStatus, Fact, Facts, Zone, time},
};

/// A file of tests, or of an organisation that the tests of other files share.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestsFile {
    /// A file with an `organization:`, or a snapshot (`.json`), that these tests begin with; relative to this file.
    #[serde(rename = "use")]
    pub base: Option<String>,
    /// What the tests of this file have in common.
    pub organization: Option<OrganizationFacts>,
    /// The tests.
    #[serde(default)]
    pub tests: Vec<TestEntry>,
}

/// An organisation: only what matters. The rest is as in an ordinary one: every person is employed, has a job title and
/// an address, every account is active, every list complete and of the day judged by.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationFacts {
    /// The day or instant to judge by: `2026-11-20`.
    pub as_of: Option<String>,
    /// The IANA time zone in which its days begin; UTC by default.
    pub time_zone: Option<Zone>,
    /// Staff.
    #[serde(default)]
    pub people: Vec<PersonFacts>,
    /// Logins.
    #[serde(default)]
    pub accounts: Vec<AccountFacts>,
    /// What `identities.yaml` would declare about accounts, beside what the bundle declares. An entry about an account that
    /// the bundle declares takes its place.
    #[serde(default)]
    pub identities: Vec<AccountEntry>,
    /// The staff list, where it is not complete or not of the day.
    pub staff: Option<ListFacts>,
    /// Account lists that are not complete or not of the day; systems with accounts need not be named.
    #[serde(default)]
    pub systems: Vec<SystemFacts>,
    /// Requests for access.
    #[serde(default)]
    pub access_requests: Vec<RequestFacts>,
    /// The list of requests, if it is not complete: requests that are not listed are then unknown.
    pub requests: Option<ListFacts>,
}

/// A person. `null` is known to be empty; what is named in `unknown` is unknown; what is left out is ordinary.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = example("{\"id\":\"ada\",\"job_title\":\"Engineer\",\"manager\":\"grace\"}"))]
pub struct PersonFacts {
    /// The HRIS id.
    pub id: String,
    /// Name for people; the id by default.
    #[serde(default)]
    pub name: Fact<String>,
    /// Work e-mail address; `<id>@example.com` by default.
    #[serde(default)]
    pub work_email: Fact<String>,
    /// Employment status; `active` by default.
    #[serde(default)]
    pub status: Fact<EmploymentStatus>,
    /// Date of joining; a year before the day judged by, by default.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub start_date: Fact<Date>,
    /// Last day of employment; none by default.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub end_date: Fact<Date>,
    /// Job title; `Employee` by default.
    #[serde(default)]
    pub job_title: Fact<String>,
    /// Department; none by default.
    #[serde(default)]
    pub department: Fact<String>,
    /// Id of the reporting manager; none by default.
    #[serde(default)]
    pub manager: Fact<String>,
    /// Facts that only some sources give, by their names in rules; `null` is known to be empty. One that is not here is
    /// unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: Facts,
    /// Facts that are unknown.
    #[serde(default)]
    pub unknown: Vec<PersonFact>,
}

vocabulary! {
    /// A fact about a person.
    PersonFact {
        /// Work e-mail address.
        WorkEmail = "work_email",
        /// Employment status.
        Status = "status",
        /// Date of joining.
        StartDate = "start_date",
        /// Last day of employment.
        EndDate = "end_date",
        /// Job title.
        JobTitle = "job_title",
        /// Department.
        Department = "department",
        /// Reporting manager.
        Manager = "manager",
        /// All of the job history.
        JobRoles = "job_roles",
    }
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = example("{\"system\":\"github\",\"id\":\"ada\",\"person\":\"ada\",\"levels\":[\"admin\"]}"))]
pub struct AccountFacts {
    /// The system.
    pub system: String,
    /// The id in it.
    pub id: String,
    /// The HRIS id of the person whose it is, where the source says so; it does not by default.
    #[serde(default)]
    pub person: Fact<String>,
    /// Address of the account; none by default.
    #[serde(default)]
    pub email: Fact<String>,
    /// Whether it can be used; `active` by default.
    #[serde(default)]
    pub status: Fact<AccountStatus>,
    /// Levels held; none beyond the login by default.
    #[serde(default)]
    pub levels: Fact<Vec<String>>,
    /// What kind of account the source says it is; nothing by default.
    #[serde(default)]
    pub class: Fact<AccountClass>,
    /// Last login; none by default.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_instant_schema")]
    pub last_login: Fact<Timestamp>,
    /// Facts that only some sources give, as for people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: Facts,
    /// Facts that are unknown.
    #[serde(default)]
    pub unknown: Vec<AccountFact>,
}

vocabulary! {
    /// A fact about an account.
    AccountFact {
        /// Address.
        Email = "email",
        /// Whether it can be used.
        Status = "status",
        /// Levels held.
        Levels = "levels",
        /// What kind of account it is.
        Class = "class",
        /// Last login.
        LastLogin = "last_login",
    }
}

/// How good a list is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFacts {
    /// The day or instant at which it was pulled; the one judged by, by default.
    pub pulled_at: Option<String>,
    /// Whether everything is in it; true by default.
    pub complete: Option<bool>,
}

/// A system and how good the list of its accounts is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemFacts {
    /// The system.
    pub id: String,
    /// The day or instant at which its accounts were listed; the one judged by, by default.
    pub pulled_at: Option<String>,
    /// Whether all of them are in the list; true by default.
    pub complete: Option<bool>,
}

/// A request for access.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFacts {
    /// The ticket's id.
    pub id: String,
    /// The person: an HRIS id or a work e-mail address.
    pub person: String,
    /// The system.
    pub system: String,
    /// The levels asked for.
    pub levels: Vec<String>,
    /// Where it stands; `approved` by default.
    #[serde(default)]
    pub status: Fact<AccessRequestStatus>,
    /// The last day on which the access may be held; none by default.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub expires: Fact<Date>,
}

/// One test.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestEntry {
    /// What it shows, in a sentence; unique within the file.
    pub name: String,
    /// Additions and changes in this test: people and accounts of a known id are changed, others added.
    #[serde(default)]
    pub organization: OrganizationFacts,
    /// The checks whose every failing or unknown finding has to be expected; those that `expect` names, by default.
    #[serde(default)]
    pub checks: Vec<String>,
    /// What is expected.
    pub expect: Vec<Expectation>,
}

/// What is expected of one check for one subject.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = example("{\"check\":\"access-valid\",\"subject\":\"github/ada\",\"level\":\"admin\",\"outcome\":\"fail\"}"))]
pub struct Expectation {
    /// The check.
    pub check: String,
    /// The subject: a person's id, an account's `system/id`, or a system's id.
    pub subject: String,
    /// The level, for checks asked of levels. Without it, every level that the account holds. `null` for the finding
    /// that the levels are unknown.
    #[serde(default)]
    pub level: Fact<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// The `@id` of a rule that the outcome has to rest on; `null` where it has to rest on no rule being satisfied.
    #[serde(default)]
    pub rule: Fact<String>,
    /// The message of the finding.
    pub message: Option<String>,
}

fn example(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_default()
}
