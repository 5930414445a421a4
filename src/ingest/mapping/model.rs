//! What a mapping file says.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor},
};

use super::field::{Field, Word};
use crate::{ingest::columns::column, model::snapshot::LISTED_MANAGER};

/// A mapping: which column or field of an export is which fact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Its name: small letters and digits, joined by `-`; the file's name by default.
    #[serde(default)]
    pub format: String,
    /// Where such a file comes from, and what it lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// How a file of this format is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detect: Option<Detect>,
    /// Where the records are.
    pub records: Records,
    /// What shows that every record is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<Completeness>,
    /// What is which fact of an account, for a list of accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountFields>,
    /// What is which fact of a person, for a staff list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonFields>,
    /// Facts of people in the list of another source, such as trainings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_facts: Option<PersonFactFields>,
    /// Facts of accounts in the list of another source, such as a report on second factors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_facts: Option<AccountFactFields>,
}

vocabulary! {
    /// The key by which a row of facts is joined to an account.
    AccountKey {
        /// The id within its system.
        Id = "id",
        /// The address of the account.
        Email = "email",
    }
}

/// Facts of accounts in the list of another source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountFactFields {
    /// The system of the accounts.
    pub system: String,
    /// What the key is: `id` or `email`.
    pub by: AccountKey,
    /// The column of the key.
    pub key: Field,
    /// What it means that a complete file has no row for an account: `unknown` (the default), `empty`, or `false` for facts
    /// that are true or false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Word>,
    /// The facts, by their names in rules.
    pub give: BTreeMap<String, Field>,
}

vocabulary! {
    /// The key by which a row of facts is joined to a person.
    PersonKey {
        /// The work e-mail address.
        WorkEmail = "work_email",
        /// The id in the HRIS.
        Id = "id",
        /// The number that the HRIS shows for the person.
        EmployeeNumber = "employee_number",
    }
}

/// Facts of people in the list of another source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonFactFields {
    /// What the key is: `work_email`, `id` or `employee_number`.
    pub by: PersonKey,
    /// The column of the key.
    pub key: Field,
    /// What it means that a complete file has no row for a person: `unknown` (the default), `empty`, or `false` for facts
    /// that are true or false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Word>,
    /// The facts, by their names in rules.
    pub give: BTreeMap<String, Field>,
}

/// Where a file of a format comes from, and what it lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What the file is, in a few words.
    pub title: String,
    /// The screen, the request or the command that makes it.
    pub export: String,
    /// The permission that this needs.
    pub permission: String,
    /// What the file does not show.
    pub lacks: String,
}

/// How a file of a format is recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    /// Columns that the header of a CSV file has to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Keys that the first JSON record has to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// Where the records of a file are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Records {
    /// Rows of comma-separated values below a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// A list in a JSON document, at a JSON pointer such as `/members`; `""` is the document itself.
    Json(String),
}

impl Default for Records {
    fn default() -> Self {
        Records::Json(String::new())
    }
}

impl JsonSchema for Records {
    fn schema_name() -> Cow<'static, str> {
        "Records".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where the records of a file are.",
            "anyOf": [
                { "type": "string", "enum": ["csv", "json", "ndjson"] },
                {
                    "description": "A list in a JSON document, at a JSON pointer such as `/members`.",
                    "type": "object",
                    "properties": { "json": { "type": "string" } },
                    "required": ["json"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

/// What shows that every record is there. Without it, an export is assumed to be complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Completeness {
    /// JSON pointer of the number of records on all pages together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// JSON pointer of what names the next page. Null, false or an empty text proves that the page is the last. A missing
    /// key proves nothing: the list is assumed to be complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// JSON pointers of further signs that a page is not the last, such as `/IsTruncated`: any value but null, false and
    /// an empty text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continues: Vec<String>,
    /// The numbers of records at which the vendor ends a page; a list that ends there may go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_limits: Vec<usize>,
    /// Levels of which every complete list has at least one, such as the owner of a workspace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some: Vec<String>,
    /// Accounts or people that are in no such file, such as `pending invitations`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
}

/// What is which fact of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountFields {
    /// The id within the system. Of several columns, the first that the file has.
    pub id: Field,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Field>,
    /// Whether it can be used: `active`, `invited`, `suspended` or `deactivated`. Of several, the one that keeps the
    /// holder out most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Field>,
    /// Access levels. Several add up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Field>,
    /// What kind of account it is: `staff`, `external`, `service`, `shared`, `system` or `break-glass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Field>,
    /// The last login. Of several, the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login: Option<Field>,
    /// Further addresses of the same account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Field>,
    /// An id that another system gave the account, such as the id in the HRIS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Field>,
    /// The holder's number in the HRIS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<Field>,
    /// The account or address of the holder's manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Field>,
    /// Facts that only some sources give, such as `mfaEnabled`, and those that a bundle declares; by their names in rules.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Field>,
}

/// What is which fact of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonFields {
    /// The id in the HRIS. Of several columns, the first that the file has.
    pub id: Field,
    /// Name for people. Several are joined by a blank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Field>,
    /// The number that the HRIS shows for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<Field>,
    /// Work e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_email: Option<Field>,
    /// Employment status: `active`, `new-hire` or `offboarded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Field>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Field>,
    /// Last day of employment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Field>,
    /// Last day actually worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_working_day: Option<Field>,
    /// Job title in effect now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_title: Option<Field>,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Field>,
    /// The id of the reporting manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Field>,
    /// Facts that only some sources give, such as `employmentType`, and those that a bundle declares.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Field>,
}

impl AccountFields {
    /// Every field with its key, in the order of the file format.
    #[must_use]
    pub fn all(&self) -> Vec<(String, &Field)> {
        let named = [
            ("email", &self.email),
            ("status", &self.status),
            ("levels", &self.levels),
            ("class", &self.class),
            ("last_login", &self.last_login),
            ("addresses", &self.addresses),
            ("external_id", &self.external_id),
            ("employee_number", &self.employee_number),
            ("manager", &self.manager),
        ];
        let named = named.into_iter().filter_map(|(key, field)| Some((key.to_owned(), field.as_ref()?)));
        let facts = self.facts.iter().map(|(name, field)| (format!("facts.{name}"), field));
        std::iter::once(("id".to_owned(), &self.id)).chain(named).chain(facts).collect()
    }
}

impl PersonFields {
    /// The facts of a person that no field gives, so that another staff list may.
    pub(in crate::ingest) fn not_given(&self) -> BTreeSet<String> {
        let facts = [
            ("name", self.name.is_some()),
            ("employee_number", self.employee_number.is_some()),
            ("work_email", self.work_email.is_some()),
            ("status", self.status.is_some()),
            ("start_date", self.start_date.is_some()),
            ("end_date", self.end_date.is_some()),
            ("last_working_day", self.last_working_day.is_some()),
            ("job_roles", self.job_title.is_some()),
            // The manager of a mapping stands in the job role.
            (LISTED_MANAGER, false),
        ];
        facts.into_iter().filter(|(_, is_given)| !is_given).map(|(fact, _)| fact.to_owned()).collect()
    }

    /// Every field with its key, in the order of the file format.
    #[must_use]
    pub fn all(&self) -> Vec<(String, &Field)> {
        let named = [
            ("name", &self.name),
            ("employee_number", &self.employee_number),
            ("work_email", &self.work_email),
            ("status", &self.status),
            ("start_date", &self.start_date),
            ("end_date", &self.end_date),
            ("last_working_day", &self.last_working_day),
            ("job_title", &self.job_title),
            ("department", &self.department),
            ("manager", &self.manager),
        ];
        let named = named.into_iter().filter_map(|(key, field)| Some((key.to_owned(), field.as_ref()?)));
        let facts = self.facts.iter().map(|(name, field)| (format!("facts.{name}"), field));
        std::iter::once(("id".to_owned(), &self.id)).chain(named).chain(facts).collect()
    }
}

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const WORDS: &[&str] = &["csv", "json", "ndjson"];
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Records;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`csv`, `ndjson`, `json` or `json: /pointer`")
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Records, E> {
                match value {
                    "csv" => Ok(Records::Csv),
                    "ndjson" => Ok(Records::Ndjson),
                    "json" => Ok(Records::Json(String::new())),
                    other => Err(E::unknown_variant(other, WORDS)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Records, A::Error> {
                let mut pointer = None;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "json" => pointer = Some(map.next_value::<String>()?),
                        other => return Err(de::Error::unknown_field(other, &["json"])),
                    }
                }
                pointer.map(Records::Json).ok_or_else(|| de::Error::missing_field("json"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Mapping {
    /// Where the id is, of an account or of a person.
    pub(crate) fn id(&self) -> Option<&Field> {
        self.account
            .as_ref()
            .map(|account| &account.id)
            .or(self.person.as_ref().map(|person| &person.id))
            .or(self.person_facts.as_ref().map(|facts| &facts.key))
            .or(self.account_facts.as_ref().map(|facts| &facts.key))
    }

    /// Every field with its path in the mapping.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, &Field)> {
        let account =
            self.account.iter().flat_map(AccountFields::all).map(|(key, field)| (format!("account.{key}"), field));
        let person =
            self.person.iter().flat_map(PersonFields::all).map(|(key, field)| (format!("person.{key}"), field));
        let facts = self.person_facts.iter().flat_map(|facts| {
            let given = facts.give.iter().map(|(name, field)| (format!("person_facts.give.{name}"), field));
            std::iter::once(("person_facts.key".to_owned(), &facts.key)).chain(given)
        });
        let of_accounts = self.account_facts.iter().flat_map(|facts| {
            let given = facts.give.iter().map(|(name, field)| (format!("account_facts.give.{name}"), field));
            std::iter::once(("account_facts.key".to_owned(), &facts.key)).chain(given)
        });
        account.chain(person).chain(facts).chain(of_accounts).collect()
    }

    /// The columns that it reads, as columns are compared.
    pub(crate) fn columns(&self) -> Vec<String> {
        let fields = self.fields();
        let mut columns: Vec<String> = fields.iter().flat_map(|(_, field)| field.paths()).map(column).collect();
        columns.sort();
        columns.dedup();
        columns
    }
}

/// The collection of a mapping's facts of people or accounts.
pub(in crate::ingest) const FURTHER_FACTS: &str = "facts";
/// The collection of a mapping's accounts.
pub(in crate::ingest) const ACCOUNTS: &str = "accounts";
/// The collection of a mapping's people.
pub(in crate::ingest) const PEOPLE: &str = "people";
