//! SCIM 2.0 `/Users` and `/Groups` (RFC 7643, RFC 7644) become the accounts of a system.
//!
//! SCIM leaves out attributes that have no value. So a user who lacks one has none of it only where some user of the
//! list has it; an attribute that nobody has may be one that the service does not give, and then levels are unknown.
//! Which attributes name levels can be said (`levels: [groups]`); all of them do by default. Where users do not name their
//! groups, `/Groups` does; without `levels:` it does so only if users name no roles and no entitlements either.

mod groups;

use serde_json::Value;

use super::{
    Format, LevelAttribute, Normalized, SourceIdentity,
    pages::{CollectionLayout, Envelope, Layout, Pages, RawCollection, RawRecord, Values},
    record::{self, Fields, NotUnderstood},
};
use crate::{
    diagnostic::Diagnostic,
    json::KeyCase,
    model::{Account, AccountStatus, Fact, LinkHints, address::AddressText, level_name, snapshot::Unknown},
};

use groups::{GROUPS, Memberships};

/// The enterprise extension (RFC 7643 §4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The attributes inside of others that are read. Names have no case (RFC 7643 §2.1).
const INNER: [&str; 7] = ["value", "display", "primary", "type", "employeeNumber", "employeeId", "manager"];

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new(
            "Users",
            "id",
            &["externalId", "userName", "active", "emails", "roles", "entitlements", "groups", ENTERPRISE],
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
    Diagnostic::warning("levels-of-groups", message).help(help)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{files::RawFile, ingest::pages};

    fn read(pages: &[Value]) -> Normalized {
        read_levels(pages, &[LevelAttribute::Roles, LevelAttribute::Groups])
    }

    fn read_levels(pages: &[Value], levels: &[LevelAttribute]) -> Normalized {
        let identity = SourceIdentity {
            id: "slack".into(),
            system: "slack".into(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: levels.to_vec(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let files: Vec<RawFile> = pages
            .iter()
            .enumerate()
            .map(|(index, page)| RawFile::new(format!("Users-{index}.json"), page.to_string()))
            .collect();
        normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap()
    }

    #[test]
    fn users_are_accounts() {
        let all = read(&[json!({ "totalResults": 4, "Resources": [
            { "id": "1", "userName": "A@x.example", "active": "True", "roles": [{ "value": "admin" }],
              "groups": [{ "value": "g1", "display": "Finance Team" }], "externalId": "E-1",
              ENTERPRISE: { "employeeNumber": "E-1", "manager": { "value": "2" } } },
            { "id": "2", "userName": "b", "emails": [{ "value": "b@x.example", "primary": "true" }], "active": false },
            { "id": "3", "userName": "c" },
            { "id": "4", "userName": "d", "active": "perhaps", "roles": "all" },
        ]})]);
        let [a, b, c, d] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        assert_eq!(a.status, Fact::Known(AccountStatus::Active));
        assert_eq!(a.levels, Fact::Known(vec!["admin".into(), "finance team".into()]));
        assert_eq!((a.hints.employee_number.as_deref(), a.hints.manager.as_deref()), (Some("E-1"), Some("2")));
        assert_eq!((&b.email, &b.levels), (&Fact::Known("b@x.example".into()), &Fact::Known(vec![])));
        assert_eq!(b.status, Fact::Known(AccountStatus::Deactivated));
        assert!(c.status.is_unknown() && c.email == Fact::Empty);
        assert!(d.status.is_unknown() && d.levels.is_unknown());
    }

    #[test]
    fn without_a_name_or_the_value_of_an_address_the_address_is_unknown() {
        let all = read(&[json!({ "totalResults": 2, "Resources": [
            { "id": "u1", "emails": [{ "value": "carol@x.example" }] },
            { "id": "u2", "userName": "u2", "emails": [{ "primary": true }, { "value": "b@x.example" }] },
        ]})]);
        let [one, two] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        assert!(one.email.is_unknown() && one.unknown["email"].contains("no `userName`"), "{one:?}");
        assert!(two.email.is_unknown() && two.unknown["email"].contains("no `value`"), "{two:?}");
    }

    #[test]
    fn every_further_address_of_a_record_is_a_hint() {
        let all = read(&[json!({ "totalResults": 2, "Resources": [
            { "id": "u1", "userName": "bob@x.example", "externalId": "dan@x.example",
              "emails": [{ "value": "Carol@x.example", "primary": true }, { "value": "carol@x.example" }] },
            { "id": "u2", "userName": "u2", "emails": [{ "value": "a@x.example" }, { "value": "b@x.example" }] },
        ]})]);
        assert_eq!(all.accounts[0].hints.addresses, ["bob@x.example", "dan@x.example"]);
        assert!(all.accounts[1].email.is_unknown());
        assert_eq!(all.accounts[1].hints.addresses, ["a@x.example", "b@x.example"]);
    }

    #[test]
    fn numbers_identify_and_an_address_that_is_no_text_is_unknown() {
        let all = read(&[json!({ "totalResults": 1, "Resources": [
            { "id": "u1", "userName": "u1", "externalId": 7, ENTERPRISE: { "employeeNumber": 3 },
              "emails": [{ "value": 5, "primary": true }, { "value": "a@x.example" }] },
        ]})]);
        let hints = &all.accounts[0].hints;
        assert_eq!((hints.external_id.as_deref(), hints.employee_number.as_deref()), (Some("7"), Some("3")));
        assert!(all.accounts[0].email.is_unknown());
    }

    #[test]
    fn hints_that_cannot_be_read_leave_the_address_unknown() {
        let user = json!({ "id": "u1", "userName": "ann@x.example", "active": true });
        let email = |key: &str, value: Value| {
            let mut user = user.clone();
            user[key] = value;
            let account = read(&[json!({ "totalResults": 1, "Resources": [user] })]).accounts.remove(0);
            (account.email.is_unknown(), account.unknown.contains_key("email"), account.hints)
        };
        let number = |value: Value| json!({ "employeeNumber": value });
        for (key, value) in [
            (ENTERPRISE, number(json!(["E-1"]))),
            (ENTERPRISE, number(json!({ "value": "E-1" }))),
            (ENTERPRISE, number(json!(true))),
            (ENTERPRISE, number(json!(1.5))),
            (ENTERPRISE, json!({ "employeeId": [] })),
            (ENTERPRISE, json!("E-1")),
            ("externalId", json!(["x"])),
            ("emails", json!("bob@x.example")),
            ("emails", json!({ "value": "bob@x.example" })),
            ("userName", json!(["ann@x.example"])),
            ("userName", json!(null)),
        ] {
            let (unknown, says_why, _) = email(key, value.clone());
            assert!(unknown && says_why, "{key}: {value}");
        }
        let (unknown, _, hints) = email(ENTERPRISE, json!({ "employeeNumber": 7, "manager": [] }));
        assert!(!unknown && hints.employee_number.as_deref() == Some("7") && hints.manager.is_none());
        for none in [json!(null), json!([])] {
            assert!(!email("emails", none).0);
        }
    }

    #[test]
    fn two_records_that_differ_in_their_addresses_leave_the_address_unknown() {
        let user = |address: &str| json!({ "id": "1", "userName": "ann@x.example", "emails": [{ "value": address }] });
        let page = json!({ "totalResults": 1, "Resources": [user("bob@x.example"), user("dan@x.example")] });
        assert!(read(&[page]).accounts[0].email.is_unknown());
    }

    #[test]
    fn a_total_is_proved_by_pages_that_begin_with_the_first_record_and_end_with_the_last() {
        let complete = |pages: &[(usize, usize)], total: usize| {
            let pages: Vec<Value> = pages
                .iter()
                .map(|(start, records)| {
                    let users: Vec<Value> =
                        (0..*records).map(|at| json!({ "id": format!("u{}", start + at), "userName": "u" })).collect();
                    json!({ "totalResults": total, "startIndex": start, "itemsPerPage": records, "Resources": users })
                })
                .collect();
            let list = read(&pages).source.collections.remove(0);
            (list.complete, list.reasons.join("; "))
        };
        assert!(complete(&[(1, 2), (3, 1)], 3).0 && complete(&[(1, 2), (2, 2)], 3).0);
        let (is_complete, why) = complete(&[(5, 1)], 1);
        assert!(!is_complete && why.contains("4 records come before its first page"), "{why}");
        assert!(!complete(&[(5, 1)], 5).0);
        let (is_complete, why) = complete(&[(1, 1), (5, 1)], 2);
        assert!(!is_complete && why.contains("reaches to record 5, where 2 are said"), "{why}");
    }

    #[test]
    fn records_with_one_id_add_up_their_levels_and_name_both_places_where_they_differ() {
        let one = json!({ "id": "1", "userName": "a", "active": false, "roles": [{ "value": "admin" }] });
        let two = json!({ "id": "1", "userName": "a", "active": true, "roles": [{ "value": "owner" }] });
        for (first, second) in [(&one, &two), (&two, &one)] {
            let page = |user: &Value| json!({ "totalResults": 1, "Resources": [user] });
            let all = read_levels(&[page(first), page(second)], &[LevelAttribute::Roles]);
            let account = &all.accounts[0];
            assert_eq!(account.levels, Fact::Known(vec!["admin".into(), "owner".into()]));
            assert!(account.status.is_unknown());
            let reason = "`Users.active`: Users-0.json, record 1 and Users-1.json, record 1 differ";
            assert_eq!(account.unknown["status"], reason);
        }
    }

    #[test]
    fn names_have_no_case() {
        let page = json!({ "totalresults": 2, "resources": [
            { "ID": "1", "UserName": "a", "Active": true, "Roles": [{ "Value": "owner" }],
              "Emails": [{ "Value": "a@x.example", "Primary": true }, { "value": "b@x.example" }],
              ENTERPRISE.to_uppercase(): { "EmployeeNumber": "E-1" } },
            { "id": "2", "username": "b", "active": false, "roles": [{ "value": "member" }] },
        ]});
        let all = read_levels(&[page], &[LevelAttribute::Roles]);
        assert!(all.source.collections[0].complete && all.source.collections[0].total == Some(2));
        let [a, b] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        assert_eq!(a.levels, Fact::Known(vec!["owner".into()]));
        assert_eq!((&a.status, &a.email), (&Fact::Known(AccountStatus::Active), &Fact::Known("a@x.example".into())));
        assert_eq!(a.hints.employee_number.as_deref(), Some("E-1"));
        assert_eq!(b.status, Fact::Known(AccountStatus::Deactivated));
        let twice = r#"{"totalResults":1,"Resources":[{"id":"1","roles":[],"Roles":[{"value":"owner"}]}]}"#;
        let problems = pages::sort(&[RawFile::new("Users.json", twice)], &LAYOUT).unwrap_err();
        assert_eq!(problems[0].code, "duplicate-key");
    }

    #[test]
    fn levels_that_nobody_has_are_not_given() {
        let all = read(&[json!({ "totalResults": 1, "Resources": [{ "id": "1", "active": true, "roles": [] }] })]);
        assert!(all.accounts[0].levels.is_unknown());
        let page = [json!({ "totalResults": 1, "Resources": [{ "id": "1", "groups": [{ "display": "All" }] }] })];
        // Roles are not shown; whether there are any, nobody can say.
        assert!(read_levels(&page, &[]).accounts[0].levels.is_unknown());
        assert_eq!(read_levels(&page, &[LevelAttribute::Groups]).accounts[0].levels, Fact::Known(vec!["all".into()]));
    }

    #[test]
    fn the_value_of_a_role_may_be_its_name_and_that_of_a_group_is_not() {
        let page = |one: Value, two: Value| {
            json!({ "totalResults": 2, "Resources": [
            { "id": "1", "userName": "a", "roles": [one] }, { "id": "2", "userName": "b", "roles": [two] } ]})
        };
        let roles = |one: Value, two: Value| {
            let all = read_levels(&[page(one, two)], &[LevelAttribute::Roles]);
            all.accounts[0].levels.clone()
        };
        let (bare, shown) = (json!({ "value": "r1" }), json!({ "value": "r2", "display": "Owner" }));
        assert_eq!(roles(bare.clone(), shown), Fact::Known(vec!["r1".into()]));
        assert_eq!(roles(bare.clone(), bare), Fact::Known(vec!["r1".into()]));
        let groups =
            json!({ "totalResults": 1, "Resources": [{ "id": "1", "userName": "a", "groups": [{ "value": "g1" }] }] });
        assert!(read_levels(&[groups], &[LevelAttribute::Groups]).accounts[0].levels.is_unknown());
    }

    #[test]
    fn a_list_without_resources_is_empty_where_it_says_so() {
        let empty = read(&[json!({ "totalResults": 0 })]);
        assert!(empty.source.collections[0].complete && empty.accounts.is_empty());
        let short = read(&[json!({ "totalResults": 5 })]);
        assert!(!short.source.collections[0].complete);
    }
}
