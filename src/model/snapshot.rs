//! The records of a snapshot.

mod addresses;
mod lookup;
mod new;
mod order;
mod words;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Facts, address::is_placeholder, time, time::Zone};
pub use words::{AccessRequestStatus, AccountClass, AccountStatus, Basis, EmploymentStatus, MayLack};

/// The version of the snapshot format that this crate writes: a major number, and a minor one after a dot if it is not 0.
///
/// A field that limits evidence, such as why a list counts as complete, needs a new major version, so that an older
/// release refuses the snapshot instead of passing it.
pub const SCHEMA_VERSION: &str = "2";

/// The collection of a source that lists requests for access.
pub const ACCESS_REQUESTS: &str = "access-requests";

/// Why each unknown fact of a record is unknown: fact name to reason.
pub type Unknown = BTreeMap<String, String>;

/// Normalised facts about one organisation at one instant.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(PartialEq, Eq))]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Version of this format.
    pub schema_version: String,
    /// Whose facts these are.
    pub organization: Organization,
    /// The instant that the snapshot speaks of; the default for "as of".
    #[schemars(schema_with = "time::instant_schema")]
    pub collected_at: Timestamp,
    /// Where the records came from, how much of it, and how complete.
    pub sources: Vec<Source>,
    /// Staff: employees, contractors and interns as the HRIS knows them.
    pub people: Vec<Person>,
    /// Systems whose accounts are listed.
    pub systems: Vec<System>,
    /// Logins in those systems.
    pub accounts: Vec<Account>,
    /// Requests for access, from a ticketing system.
    pub access_requests: Vec<AccessRequest>,
}

/// The organisation itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Short stable id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The zone in which its days begin.
    pub time_zone: Zone,
}

/// One place that records came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Unique id; records name it.
    pub id: String,
    /// The format or vendor: `humaans`, `accounts-csv` …
    pub kind: String,
    /// The address or path that was read.
    pub endpoint: String,
    /// When the source said this.
    #[schemars(schema_with = "time::instant_schema")]
    pub pulled_at: Timestamp,
    /// Whether that is only the time of the import, since neither `pulled_at` nor `--collected-at` said when.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pulled_at_assumed: bool,
    /// Scopes of the token (Humaans `/token-info`), where the source has scopes.
    pub token_scopes: Option<Vec<String>>,
    /// The collection that lists staff, in a source that does.
    pub staff: Option<String>,
    /// The collection that its people's job roles are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_roles: Option<String>,
    /// What was read, collection by collection.
    pub collections: Vec<Collection>,
}

/// One list of records of a source, such as Humaans `/people`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// The vendor's name for it.
    pub name: String,
    /// Distinct records kept.
    pub records: usize,
    /// How many records the source said there are, where it said so.
    pub total: Option<usize>,
    /// Whether every record is believed to be here.
    pub complete: bool,
    /// What shows that it is complete; there exactly if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// The reason that `tenure.yaml` gives, if the list is complete because the user states so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_reason: Option<String>,
    /// The people that an incomplete list of people may lack.
    #[serde(default, skip_serializing_if = "MayLack::is_anyone")]
    pub may_lack: MayLack,
    /// Why it is not complete; empty where it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Records left out on purpose, such as a vendor's demonstration data.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub excluded: usize,
    /// Records that could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A record that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// Which one: its id where it has one, and its file and place.
    pub record: String,
    /// Why.
    pub reason: String,
}

/// A staff member.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(PartialEq, Eq))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Person {
    /// The id in the HRIS (Humaans `people.id`, Merge `remote_id`).
    pub id: String,
    /// The source that gave this record.
    pub source: String,
    /// Name for people; never used for matching.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub name: Fact<String>,
    /// The number that the HRIS shows for the person (Humaans `employeeId`, Merge and Truto `employee_number`); tells
    /// whose an account is where its system names the number.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub employee_number: Fact<String>,
    /// Work e-mail address as given (Humaans `email`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub work_email: Fact<String>,
    /// Employment status when the source was pulled (Humaans `status`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub status: Fact<EmploymentStatus>,
    /// Date of joining (Humaans `employmentStartDate`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub start_date: Fact<Date>,
    /// Last day of employment (Humaans `employmentEndDate`); may be in the future.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub end_date: Fact<Date>,
    /// Last day actually worked (Humaans `lastWorkingDay`); says nothing about being employed.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub last_working_day: Fact<Date>,
    /// Every job role held, past and future ones too (Humaans `/job-roles`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub job_roles: Fact<Vec<JobRole>>,
    /// The person whose list of direct reports names this one (Humaans `directReports`); used only where no job role
    /// says who the manager is. Without it the source names none, unless `unknown` says why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_manager: Option<String>,
    /// Facts that the core of the format does not have, such as those that a bundle declares (`facts:`), by their names
    /// in the schema. `null` is known to be empty. A fact that is not here is unknown; `unknown` may say why, under
    /// `facts.` and its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: Facts,
    /// Facts that the record's own source does not know and another one supplied: fact name to source id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub supplied: BTreeMap<String, String>,
    /// Why each missing fact is unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown,
}

/// One row of a person's job history.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(PartialEq, Eq))]
#[serde(deny_unknown_fields)]
pub struct JobRole {
    /// The id in the HRIS (Humaans `job-roles.id`).
    pub id: String,
    /// Job title (Humaans `jobTitle`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub job_title: Fact<String>,
    /// Department (Humaans `department`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub department: Fact<String>,
    /// Id of the reporting manager (Humaans `reportingTo`); need not be in the snapshot.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub manager: Fact<String>,
    /// First day (Humaans `effectiveDate`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub effective_date: Fact<Date>,
    /// Last day (Humaans `endDate`).
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub end_date: Fact<Date>,
    /// Last change (Humaans `updatedAt`); breaks ties between rows of the same first day.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_instant_schema")]
    pub updated_at: Fact<Timestamp>,
    /// Why each missing fact is unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown,
}

/// A system whose accounts are listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Short id, as in the bundle's `systems/` files.
    pub id: String,
    /// The source that lists its accounts.
    pub source: String,
    /// The collection of that source which lists them.
    pub collection: String,
    /// Further lists of its accounts, such as those of a second AWS account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<AccountList>,
}

/// A list of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountList {
    /// The source.
    pub source: String,
    /// The collection of that source.
    pub collection: String,
}

impl System {
    /// A system whose accounts one collection lists.
    #[must_use]
    pub fn new(id: impl Into<String>, source: impl Into<String>, collection: impl Into<String>) -> Self {
        System { id: id.into(), source: source.into(), collection: collection.into(), further: Vec::new() }
    }

    /// Source and collection of every list of its accounts.
    pub fn lists(&self) -> impl Iterator<Item = (&str, &str)> {
        let further = self.further.iter().map(|list| (list.source.as_str(), list.collection.as_str()));
        std::iter::once((self.source.as_str(), self.collection.as_str())).chain(further)
    }
}

/// A login in a system.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(PartialEq, Eq))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Account {
    /// The id within its system.
    pub id: String,
    /// The system.
    pub system: String,
    /// The source that gave this record.
    pub source: String,
    /// Address of the account.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub email: Fact<String>,
    /// The person, where the source itself links the account to an HRIS id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What else the source says about whose it is.
    #[serde(default, skip_serializing_if = "LinkHints::is_empty")]
    pub hints: LinkHints,
    /// Whether it can be used.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub status: Fact<AccountStatus>,
    /// Access levels held (account roles), as slugs.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub levels: Fact<Vec<String>>,
    /// What kind of account the source says it is.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub class: Fact<AccountClass>,
    /// Last login.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_instant_schema")]
    pub last_login: Fact<Timestamp>,
    /// Further facts, as those of a person.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: Facts,
    /// Facts that another source supplied: `facts.<name>` to source id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub supplied: BTreeMap<String, String>,
    /// Why each missing fact is unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown,
}

/// What a system says about whose an account is, beside its address (SCIM `externalId` and the enterprise extension).
/// Less than a link: it counts if the address names no person. If it contradicts the address, the account has no owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkHints {
    /// An id given by the creator of the account, often the person's id or number in the HRIS (SCIM `externalId`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The holder's number in the HRIS (SCIM enterprise `employeeNumber`, Okta `employeeNumber`, Google "Employee ID").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<String>,
    /// Every other address of the same record (SCIM `userName` and further `emails`, Okta `login`). An address
    /// that belongs to another person contradicts a link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// The account or the address of the holder's manager; tells people where to ask (SCIM enterprise `manager.value`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
}

impl LinkHints {
    /// The holder's employee number. A spelling of "none", such as `n/a` or `000`, is not one.
    pub(crate) fn number(&self) -> Option<&str> {
        self.employee_number.as_deref().filter(|number| !is_placeholder(number))
    }

    /// Whether the source says nothing more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == LinkHints::default()
    }
}

/// A request for access: a ticket.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(test, derive(PartialEq, Eq))]
#[serde(deny_unknown_fields)]
pub struct AccessRequest {
    /// The ticket's id.
    pub id: String,
    /// The source that gave this record.
    pub source: String,
    /// The person: an HRIS id or a work e-mail address.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub person: Fact<String>,
    /// The system.
    pub system: String,
    /// The levels asked for, as slugs.
    pub levels: Vec<String>,
    /// Where the request stands.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    pub status: Fact<AccessRequestStatus>,
    /// Day of the request.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub created: Fact<Date>,
    /// Last day on which the access may be held.
    #[serde(default, skip_serializing_if = "Fact::is_unknown")]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub expires: Fact<Date>,
    /// Why each missing fact is unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: Unknown,
}

/// Under which name the record of an account says why its further addresses may not be its own.
pub(crate) const ADDRESSES: &str = "addresses";

/// Under which name the record of a person says why [`Person::listed_manager`] is unknown.
pub const LISTED_MANAGER: &str = "listed_manager";
