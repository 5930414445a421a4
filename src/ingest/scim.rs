//! SCIM 2.0 `/Users` and `/Groups` (RFC 7643, RFC 7644) become the accounts of a system.
//!
//! SCIM leaves out attributes that have no value. So a user who lacks one has none of it only where some user of the
//! list has it; an attribute that nobody has may be one that the service does not give, and then levels are unknown.
//! Which attributes name levels can be said (`levels: [groups]`); all of them do by default. Where users do not name their
//! groups, `/Groups` does; without `levels:` it does so only if users name no roles and no entitlements either.

mod groups;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{
    Format, LevelAttribute, Normalized, SourceIdentity,
    pages::{CollectionLayout, Envelope, Layout, Pages, RawCollection, RawRecord, Values},
    record::{self, Fields, NotUnderstood},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    json::KeyCase,
    model::{Account, AccountStatus, Fact, Facts, LinkHints, address::AddressText, level_name, snapshot::Unknown},
};

use groups::{GROUPS, Memberships};

/// The enterprise extension (RFC 7643 §4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The attributes inside of others that are read. Names have no case (RFC 7643 §2.1).
const INNER: [&str; 8] = ["value", "display", "primary", "type", "employeeNumber", "employeeId", "manager", "created"];

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new(
            "Users",
            "id",
            &["externalId", "userName", "active", "emails", "roles", "entitlements", "groups", ENTERPRISE, "meta"],
        )
        .sets(&["roles", "entitlements", "groups"]),
        CollectionLayout::new(GROUPS, "id", &["displayName", "members"]).sets(&["members"]),
    ],
    objects: &[],
    envelope: Envelope {
        total: Some("totalResults"),
        next: Some("nextCursor"),
        previous: Some("previousCursor"),
        start: Some(("startIndex", 1)),
        may_lack_records: true,
        ..Envelope::of("Resources")
    },
    page_limits: &[],
    other_ids: &[],
    key_case: KeyCase::Insensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no users in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    record::require(&pages, "Users", "SCIM", &identity.endpoint)?;
    for raw in pages.collections.values_mut().flat_map(|list| &mut list.records) {
        raw.values.spell_inner_keys(&INNER);
    }
    // Most services need no groups, and then none are missed.
    pages.collections.retain(|name, list| *name != GROUPS || list.provided || list.short);
    let not_understood = NotUnderstood::new(&identity.zone);
    let users: Vec<&RawRecord> = pages.collections.get("Users").into_iter().flat_map(|list| &list.records).collect();
    let wanted = if identity.levels.is_empty() { LevelAttribute::ALL } else { &identity.levels };
    let given =
        |attribute: &&LevelAttribute| users.iter().any(|raw| raw.values.get(attribute.word()).is_some_and(is_list));
    let memberships = pages.collections.get(GROUPS).map(|groups| Memberships::of(groups, &users));
    let is_whole = pages.collections.get("Users").is_some_and(RawCollection::complete);
    let only_groups = identity.levels.is_empty()
        && is_whole
        && memberships.is_some()
        && !LevelAttribute::ALL.iter().any(|one| given(&one));
    let wanted = if only_groups { &[LevelAttribute::Groups] } else { wanted };
    let by_groups = |attribute: &LevelAttribute| *attribute == LevelAttribute::Groups && memberships.is_some();
    let missing = wanted.iter().find(|attribute| !given(attribute) && !by_groups(attribute)).map(|attribute| {
        format!(
            "no user of the list has `{attribute}`; where the service has none, say which it has: `levels: [roles]`"
        )
    });
    // The value of a group is its id (RFC 7643 §4.1.2); that of a role may be its name.
    let shows = |attribute: &&LevelAttribute| **attribute == LevelAttribute::Groups;
    let displayed = wanted.iter().filter(shows).map(|attribute| attribute.word()).collect();
    let named_by_users = given(&&LevelAttribute::Groups);
    let memberships = memberships.filter(|_| wanted.contains(&LevelAttribute::Groups));
    let levels = Levels { wanted, displayed, missing, memberships, named_by_users };
    let accounts = users.iter().map(|raw| account(identity, raw, &levels, &not_understood)).collect();
    let mut one = Normalized::of_pages(identity, Format::Scim, &mut pages);
    one.accounts = accounts;
    one.warnings.extend(not_understood.warnings(&identity.id));
    if only_groups {
        one.warnings.push(levels_of_groups(&identity.id));
    }
    Ok(one)
}

/// Whether `/Groups` is needed for levels. `is_given` says whether a user has something in an attribute.
#[cfg(feature = "pull")]
#[must_use]
pub(crate) fn needs_groups(levels: &[LevelAttribute], is_given: impl Fn(&str) -> bool) -> bool {
    match levels {
        [] => !LevelAttribute::ALL.iter().any(|attribute| is_given(attribute.word())),
        levels => levels.contains(&LevelAttribute::Groups) && !is_given(LevelAttribute::Groups.word()),
    }
}

fn levels_of_groups(source: &str) -> Diagnostic {
    let message =
        format!("{source}: users name no roles, entitlements or groups, so their levels are those of `{GROUPS}`");
    let help = "say `levels: [groups]` in tenure.yaml if groups are all that gives access; if roles do too, their levels are \
                missing";
    Diagnostic::warning(Code::LevelsOfGroups, message).help(help)
}

fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|list| !list.is_empty())
}

/// How levels are read.
struct Levels<'a> {
    /// Out of which attributes.
    wanted: &'a [LevelAttribute],
    /// The attributes whose entries show a name, so that a value alone is no name.
    displayed: Vec<&'static str>,
    /// Why they cannot be known.
    missing: Option<String>,
    /// The members of groups, or why they are not known.
    memberships: Option<Result<Memberships<'a>, String>>,
    /// Whether users name their groups themselves.
    named_by_users: bool,
}

fn account(identity: &SourceIdentity, raw: &RawRecord, levels_of: &Levels<'_>, seen: &NotUnderstood) -> Account {
    let mut fields = Fields::new("Users", &raw.id, &raw.values, seen);
    let mut facts = Facts::new();
    let created = raw.values.get("meta").and_then(|meta| meta.get("created"));
    fields.created_at(&mut facts, "meta.created", created);
    let mut account = Account {
        id: raw.id.clone(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email: email(&mut fields, &raw.values),
        person: None,
        hints: LinkHints::default(),
        status: fields.fact("status", "active", active),
        levels: levels(&mut fields, (&raw.id, &raw.values), levels_of),
        class: Fact::Empty,
        last_login: fields.unknown("last_login", "SCIM does not give it"),
        supplied: Default::default(),
        facts,
        unknown: Unknown::new(),
    };
    let hints = hints(&mut fields, raw);
    // Every user has a name (RFC 7643 §4.1), which may be an address of another person.
    if raw.values.get("userName").is_none_or(Value::is_null) {
        account.email = fields.unknown("email", "`Users` gave no `userName`, which every user has");
    }
    // Whose the account is stays open where what names its holder cannot be read.
    account.hints = match hints {
        Ok(hints) => hints,
        Err(reason) => {
            account.email = fields.unknown("email", reason);
            LinkHints::default()
        }
    };
    let names = ["userName", "externalId"].into_iter().filter_map(|key| raw.values.get(key)?.as_str());
    let addresses = record::texts_of(raw.values.get("emails"), "value").chain(names).chain([raw.id.as_str()]);
    account.hints.addresses = record::further_addresses(&account.email, addresses);
    account.status = fields.never_empty("status", account.status);
    account.unknown = fields.into_unknown();
    account
}

/// One of `emails`; else the user name, where that is an address.
fn email(fields: &mut Fields<'_>, values: &Values) -> Fact<String> {
    let is_none = |emails: &Value| emails.is_null() || emails.as_array().is_some_and(Vec::is_empty);
    if values.get("emails").is_some_and(|emails| !is_none(emails)) {
        return fields.address_of("email", "emails", ["value", "primary"], |_| true);
    }
    let name = values.get("userName").and_then(Value::as_str);
    name.and_then(|name| AddressText::of(name).address()).map(str::to_owned).into()
}

/// True or false, which some services write as text. Absent does not mean true.
fn active(value: &Value) -> Result<Option<AccountStatus>, String> {
    let active = match value {
        Value::Bool(active) => Some(*active),
        Value::String(word) if word.eq_ignore_ascii_case("true") => Some(true),
        Value::String(word) if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    match active {
        Some(true) => Ok(Some(AccountStatus::Active)),
        Some(false) => Ok(Some(AccountStatus::Deactivated)),
        None => Err("true or false is expected".to_owned()),
    }
}

/// What `roles`, `entitlements` and `groups` display, else their values, as names.
fn levels(fields: &mut Fields<'_>, (user, values): (&str, &Values), form: &Levels<'_>) -> Fact<Vec<String>> {
    if let Some(reason) = &form.missing {
        return fields.unknown("levels", reason.clone());
    }
    let mut levels = Vec::new();
    for attribute in form.wanted {
        let key = attribute.word();
        let entries = match values.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                let differing = fields.differing(&[key]);
                let reason = differing.unwrap_or_else(|| fields.not_understood(key, "a list is expected"));
                return fields.unknown("levels", reason);
            }
        };
        for entry in entries {
            let text =
                |key: &str| entry.get(key).and_then(Value::as_str).map(level_name).filter(|name| !name.is_empty());
            let own = || entry.as_str().map(level_name).filter(|name| !name.is_empty());
            let value = || if form.displayed.contains(&key) { None } else { text("value") };
            match text("display").or_else(value).or_else(own) {
                Some(level) => levels.push(level),
                None => {
                    let reason = match form.displayed.contains(&key) {
                        true => "one of them has no `display`",
                        false => "one of them has neither `display` nor `value`",
                    };
                    let reason = fields.not_understood(key, reason);
                    return fields.unknown("levels", reason);
                }
            }
        }
    }
    let of_groups = form.memberships.as_ref().map(|known| known.as_ref().map_err(Clone::clone)?.levels(user));
    match of_groups {
        Some(Ok(names)) => levels.extend(names),
        Some(Err(reason)) if !form.named_by_users => return fields.unknown("levels", reason),
        Some(Err(_)) | None => {}
    }
    levels.sort();
    levels.dedup();
    Fact::Known(levels)
}

/// What else names the holder, or why that cannot be read.
fn hints(fields: &mut Fields<'_>, raw: &RawRecord) -> Result<LinkHints, String> {
    if let Some(reason) = fields.differing(&["userName", "externalId", ENTERPRISE]) {
        return Err(reason);
    }
    let values = &raw.values;
    let enterprise = match values.get(ENTERPRISE) {
        None | Some(Value::Null) => None,
        Some(Value::Object(extension)) => Some(extension),
        Some(_) => return Err(fields.not_understood("enterprise", "an object is expected")),
    };
    let of = |key: &str| enterprise.and_then(|extension| extension.get(key));
    let manager = of("manager").and_then(|manager| manager.get("value").or(Some(manager)));
    fields.hint("userName", values.get("userName"))?;
    // Some services spell it `employeeId`.
    let number = fields.hint("employeeNumber", of("employeeNumber"))?;
    Ok(LinkHints {
        external_id: fields.hint("externalId", values.get("externalId"))?,
        employee_number: number
            .map_or_else(|| fields.hint("employeeId", of("employeeId")), |number| Ok(Some(number)))?,
        addresses: Vec::new(),
        // It tells people where to ask, and links nothing.
        manager: fields.hint("manager", manager).unwrap_or_default(),
    })
}
