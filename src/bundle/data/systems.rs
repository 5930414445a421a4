//! `system:` — a critical system, how fresh its account list has to be, and who may hold what in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor, value::SeqAccessDeserializer},
};

use crate::{
    bundle::data::patterns::AccountPattern,
    diagnostic::{Code, Diagnostic, Location, suggest},
    model::{Basis, fold::fold, level_id, slug, time},
    yaml::Document,
};

/// The level that every account holds: having a login at all.
pub const LOGIN: &str = crate::model::slug::LOGIN;

/// A system's file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemFile {
    /// The system's short id, as in the sources.
    pub system: String,
    /// Name for people.
    pub name: Option<String>,
    /// Whether it is critical; true by default.
    pub critical: Option<bool>,
    /// How old its account list may be: a number of hours, days or weeks, such as `12h`, `7d`, `4w`.
    pub max_age: Option<String>,
    /// What has to show, at least, that its account list is complete: `assumed` (the default), `stated`, `last-page` or
    /// `total`.
    pub require_complete: Option<Basis>,
    /// Which levels are judged: `login-only`, if having an account is the only level that counts; `all` that the source
    /// gives; or the levels known, and then access rules may name only these.
    pub levels: Option<Levels>,
    /// The levels that may do what needs particular care, such as `admin`. An account that holds one is privileged
    /// (`principal.privileged` in rules).
    pub privileged: Option<Vec<String>>,
    /// Names of levels for people, by level. Reports show them beside the ids.
    #[serde(default)]
    pub level_names: BTreeMap<String, String>,
    /// Who answers for the system: the id of a person, or an address that one person has. Findings about the system, and
    /// about accounts of no known person, go to them.
    pub owner: Option<String>,
    /// How the ids of its accounts come from facts of their owners, such as `{email.local}@acme.example`. Fields are `id`,
    /// `email`, `email.local`, `employee_number` and declared facts of people that are texts.
    pub accounts: Option<String>,
    /// Who may hold what.
    #[serde(default)]
    pub access: Vec<AccessRuleEntry>,
}

/// Which levels of a system are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Levels {
    /// By one word.
    Scope(LevelScope),
    /// The levels known.
    Known(Vec<String>),
}

vocabulary! {
    /// Which levels are judged, in one word.
    LevelScope {
        /// Having an account at all.
        LoginOnly = "login-only",
        /// All that the source gives. Where it gives none, they are unknown.
        All = "all",
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Levels;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Levels, E> {
                let known = &["login-only", "all"];
                let scope = LevelScope::from_word(word).ok_or_else(|| E::unknown_variant(word, known))?;
                Ok(Levels::Scope(scope))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Levels, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Levels::Known)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Levels {
    /// The levels known, where they are listed.
    #[must_use]
    pub fn known(&self) -> Option<&[String]> {
        match self {
            Levels::Known(levels) => Some(levels),
            Levels::Scope(_) => None,
        }
    }
}

/// One access rule: links an access type to those it is for and the levels it grants.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = AccessRuleEntry::example())]
pub struct AccessRuleEntry {
    /// The access type, such as `org-role`, `all-staff`, `person`, `ticket`, `account-class`.
    #[serde(rename = "type")]
    pub access_type: String,
    /// The recipients, if the access type has any: ids of org roles or groups, people, or account classes.
    #[serde(default)]
    pub to: Vec<String>,
    /// The levels granted; each grants the login as well.
    pub levels: Vec<String>,
    /// Why; some access types need it.
    pub reason: Option<String>,
    /// The last day on which the rule grants anything; some access types need it.
    #[serde(default)]
    #[schemars(schema_with = "time::optional_date_schema")]
    pub expires: Option<Date>,
}

impl AccessRuleEntry {
    fn example() -> serde_json::Value {
        serde_json::json!({ "type": "org-role", "to": ["people-operations"], "levels": ["admin"] })
    }
}

/// A system's file, read.
#[derive(Debug, Clone)]
pub struct SystemRules {
    /// The system's short id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Whether it is critical.
    pub critical: bool,
    /// How old its account list may be, in hours.
    pub max_age_hours: Option<i64>,
    /// What has to show, at least, that its account list is complete.
    pub require_complete: Option<Basis>,
    /// Which levels are judged, where the file says so.
    pub levels: Option<Levels>,
    /// The privileged levels, by every id that they may have; none where the file does not say which are.
    pub privileged: Option<BTreeSet<String>>,
    /// Names of levels for people, by every id that they may have.
    pub level_names: BTreeMap<String, String>,
    /// Who answers for the system: the id of a person, or an address.
    pub owner: Option<Owner>,
    /// How the ids of its accounts come from facts of their owners.
    pub accounts: Option<AccountPattern>,
    /// Who may hold what.
    pub access: Vec<AccessRule>,
    /// Where the file names the system.
    pub location: Location,
}

impl SystemRules {
    /// Whether having an account is the only level that is judged.
    #[must_use]
    pub fn is_login_only(&self) -> bool {
        self.levels == Some(Levels::Scope(LevelScope::LoginOnly))
    }
}

/// Who answers for a system.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The id of a person, or an address.
    pub person: String,
    /// Where the file names them.
    pub location: Location,
}

/// An access rule with the places of its parts.
#[derive(Debug, Clone)]
pub struct AccessRule {
    /// As written.
    pub entry: AccessRuleEntry,
    /// Where it stands.
    pub location: Location,
    /// Where its `type:` stands.
    pub type_location: Location,
    /// Where each of its `to:` stands.
    pub to_locations: Vec<Location>,
    /// Where each of its levels stands.
    pub level_locations: Vec<Location>,
}

/// The keys of a file.
pub(super) const KEYS: [&str; 11] = [
    "system",
    "name",
    "critical",
    "max_age",
    "require_complete",
    "levels",
    "privileged",
    "level_names",
    "owner",
    "accounts",
    "access",
];

pub(super) fn read(document: &Document, systems: &mut BTreeMap<String, SystemRules>, problems: &mut Vec<Diagnostic>) {
    let mut access = Vec::new();
    super::entries::entries::<AccessRuleEntry>(document, "access", problems, |path, entry, problems| {
        for (index, level) in entry.levels.iter().enumerate().filter(|(_, level)| level_id(level).is_empty()) {
            let span = document.span(&format!("{path}.levels[{index}]"));
            problems.push(Diagnostic::error(Code::BadId, format!("`{level}` is not a level")).at(&document.file, span));
        }
        if entry.levels.is_empty() {
            let span = document.span(&format!("{path}.levels"));
            let problem =
                Diagnostic::error(Code::EmptyLevels, "this access rule grants no level").at(&document.file, span);
            problems.push(problem.help("name at least one, such as `login`"));
        }
        let each = |key: &str, count: usize| {
            (0..count).map(|index| document.location(&format!("{path}.{key}[{index}]"))).collect()
        };
        access.push(AccessRule {
            location: document.location(&path),
            type_location: document.location(&format!("{path}.type")),
            to_locations: each("to", entry.to.len()),
            level_locations: each("levels", entry.levels.len()),
            entry,
        });
    });
    // The rest of the file, without the list that has been read entry by entry.
    let mut rest = document.value.clone();
    if let Some(mapping) = rest.as_mapping_mut() {
        mapping.remove("access");
        // Unknown keys have been reported.
        mapping.retain(|key, _| key.as_str().is_some_and(|key| KEYS.contains(&key)));
    }
    let file = match document.decode::<SystemFile>("", &rest) {
        Ok(file) => file,
        Err(found) => {
            problems.extend(found);
            return;
        }
    };
    if file.system != slug(&file.system) || file.system.is_empty() {
        let message = format!("`{}` is not a system's id", file.system);
        let problem = Diagnostic::error(Code::BadId, message).at(&document.file, document.span("system"));
        let help = match slug(&file.system) {
            slug if slug.is_empty() => "write a short name, such as `github`".to_owned(),
            slug => format!("write `{slug}`: small letters and digits, joined by `-`"),
        };
        problems.push(problem.help(help));
    }
    let known = file.levels.iter().filter_map(Levels::known).flatten().enumerate();
    let privileged = file.privileged.iter().flatten().enumerate();
    let named = known
        .map(|(index, level)| (format!("levels[{index}]"), level))
        .chain(privileged.map(|(index, level)| (format!("privileged[{index}]"), level)))
        .chain(file.level_names.keys().map(|level| ("level_names".to_owned(), level)));
    for (path, level) in named.filter(|(_, level)| level_id(level).is_empty()) {
        let span = document.span(&path);
        problems.push(Diagnostic::error(Code::BadId, format!("`{level}` is not a level")).at(&document.file, span));
    }
    let is_known = |level: &str| {
        let known = file.levels.as_ref().and_then(Levels::known);
        known.is_none_or(|known| known.iter().any(|name| level_id(name) == level_id(level)))
    };
    let privileged = file.privileged.iter().flatten().enumerate();
    let privileged = privileged.map(|(index, level)| (format!("privileged[{index}]"), level));
    let with_name = file.level_names.keys().map(|level| (format!("level_names.{level}"), level));
    let with_name = with_name.filter(|(_, level)| level_id(level) != LOGIN);
    for (path, level) in privileged.chain(with_name).filter(|(_, level)| !is_known(level)) {
        let message = format!("`{level}` is not one of the levels of `{}`", file.system);
        let span = document.span(&path);
        let known = file.levels.iter().filter_map(Levels::known).flatten();
        let problem = Diagnostic::error(Code::UnknownLevel, message).at(&document.file, span);
        problems.push(problem.help(suggest(level, known.map(String::as_str))));
    }
    let accounts = file.accounts.as_deref().and_then(|text| {
        let pattern = AccountPattern::parse(text, document.location("accounts"));
        let problem = |(message, help): (String, String)| {
            Diagnostic::error(Code::BadPattern, message).at(&document.file, document.span("accounts")).help(help)
        };
        pattern.map_err(|wrong| problems.push(problem(wrong))).ok()
    });
    let max_age_hours = file.max_age.as_deref().and_then(|text| {
        let hours = hours(text);
        if hours.is_none() {
            let problem = Diagnostic::error(Code::BadDuration, format!("`{text}` is not a duration"));
            let problem = problem.at(&document.file, document.span("max_age"));
            problems.push(problem.help("write a number of hours, days or weeks, such as `12h`, `7d` or `4w`"));
        }
        hours
    });
    if let Some(other) = systems.get(&file.system) {
        let message = format!("the system `{}` has two files", file.system);
        let problem = Diagnostic::error(Code::DuplicateId, message).at(&document.file, document.span("system"));
        problems.push(problem.related("the other one is at", &other.location));
        return;
    }
    let rules = SystemRules {
        name: file.name.unwrap_or_else(|| file.system.clone()),
        critical: file.critical.unwrap_or(true),
        max_age_hours,
        require_complete: file.require_complete,
        levels: file.levels,
        privileged: file.privileged.map(|levels| levels.iter().flat_map(|level| ids(level)).collect()),
        level_names: file
            .level_names
            .iter()
            .flat_map(|(level, name)| ids(level).map(|id| (id, name.trim().to_owned())))
            .filter(|(_, name)| !name.is_empty())
            .collect(),
        owner: file.owner.map(|person| Owner { person, location: document.location("owner") }),
        accounts,
        access,
        location: document.location("system"),
        id: file.system.clone(),
    };
    systems.insert(file.system, rules);
}

/// The ids that a level of this name may have: its own, or the folded name where two names would share one.
pub(super) fn ids(level: &str) -> [String; 2] {
    [level_id(level), fold(level).into_owned()]
}

/// A number of hours as people write it: `7d` for whole days, else `36h`.
pub(crate) fn duration_text(hours: i64) -> String {
    if hours % 24 == 0 { format!("{}d", hours / 24) } else { format!("{hours}h") }
}

/// The hours of a duration such as `12h`, `7d` or `4w`.
pub(super) fn hours(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 24 * 7,
        _ => return None,
    };
    number.checked_mul(hours).filter(|hours| (1..=24 * 366 * 100).contains(hours))
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn durations_are_hours_days_or_weeks() {
        assert_eq!((hours("12h"), hours("7d"), hours("2w")), (Some(12), Some(168), Some(336)));
        assert_eq!((hours("7"), hours("-7d"), hours("d"), hours("9999999999999999999d")), (None, None, None, None));
    }
}
