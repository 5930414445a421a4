//! Truto's unified user directory: `users` become the accounts of the system behind the integrated account.
//!
//! A list may show less of a user than the user's own page does: a key that is missing is unknown, an empty list says
//! that there is none.

use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity,
    pages::{CollectionLayout, Layout, Pages, RawRecord},
    record::{self, Fields, NotUnderstood},
    truto::ENVELOPE,
};
use crate::{
    diagnostic::Diagnostic,
    json::KeyCase,
    model::{
        Account, AccountClass, AccountStatus, Fact, Facts, LinkHints, level_name, slug,
        snapshot::{ADDRESSES, Unknown},
    },
};

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[CollectionLayout::new(
        "users",
        "id",
        &["emails", "status", "roles", "type", "is_2fa_enabled", "created_at", "last_login_at", "updated_at"],
    )
    .sets(&["roles"])],
    objects: &[],
    envelope: ENVELOPE,
    page_limits: &[],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no users in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    record::require(&pages, "users", "Truto", &identity.endpoint)?;
    let not_understood = NotUnderstood::new(&identity.zone);
    let users = pages.collections.get("users").into_iter().flat_map(|users| &users.records);
    let partial = pages.collections.get("users").is_some_and(|users| users.partial);
    let accounts = users.map(|raw| account(identity, raw, partial, &not_understood)).collect();
    let mut one = Normalized::of_pages(identity, Format::TrutoUserDirectory, &mut pages);
    one.accounts = accounts;
    one.warnings.extend(not_understood.warnings(&identity.id));
    Ok(one)
}

fn account(identity: &SourceIdentity, raw: &RawRecord, partial: bool, not_understood: &NotUnderstood) -> Account {
    let mut fields = Fields::new("users", &raw.id, &raw.values, not_understood);
    let mut facts = Facts::new();
    fields.created_at(&mut facts, "created_at", raw.values.get("created_at"));
    fields.further_flag(&mut facts, "mfaEnabled", "is_2fa_enabled", raw.values.get("is_2fa_enabled"));
    let mut account = Account {
        id: raw.id.clone(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email: fields.address_of("email", "emails", ["email", "is_primary"], |_| true),
        person: None,
        hints: LinkHints::default(),
        status: fields.word("status", "status", status),
        levels: fields.fact("levels", "roles", roles),
        class: fields.fact("class", "type", |kind| Ok(record::text(kind)?.as_deref().and_then(class))),
        last_login: fields.instant("last_login", "last_login_at"),
        supplied: Default::default(),
        facts,
        unknown: Unknown::new(),
    };
    if matches!(account.levels, Fact::Empty) {
        account.levels = Fact::Known(Vec::new());
    }
    if partial && !account.levels.is_unknown() {
        account.levels = fields.unknown("levels", "Truto shows a part of each user only, and maybe not all roles");
    }
    let addresses = record::texts_of(raw.values.get("emails"), "email").chain([raw.id.as_str()]);
    account.hints.addresses = record::further_addresses(&account.email, addresses);
    // Whether one without a type is for work or private is not said.
    let has_no_type =
        |entry: &&Value| entry.is_object() && !matches!(entry.get("type"), Some(Value::String(_) | Value::Null));
    let entries = raw.values.get("emails").and_then(Value::as_array).into_iter().flatten();
    let untyped = entries.filter(has_no_type).filter_map(|entry| entry.get("email")?.as_str());
    if !record::further_addresses(&account.email, untyped).is_empty() {
        let _: Fact<()> = fields.unknown(ADDRESSES, "`users.emails`: one of them has no `type`, so it may be private");
    }
    account.status = fields.never_empty("status", account.status);
    account.unknown = fields.into_unknown();
    account
}

/// Truto's words; others are the system's own.
fn status(word: &str) -> Option<AccountStatus> {
    match word {
        "active" => Some(AccountStatus::Active),
        "invited" => Some(AccountStatus::Invited),
        "inactive" => Some(AccountStatus::Suspended),
        "deleted" => Some(AccountStatus::Deactivated),
        _ => None,
    }
}

/// The names of the roles. A role that has no name leaves all of them unknown.
fn roles(value: &Value) -> Result<Option<Vec<String>>, String> {
    let Value::Array(roles) = value else { return Err("a list is expected".to_owned()) };
    let mut levels = Vec::new();
    for role in roles {
        let name = role.as_str().or_else(|| role.get("name")?.as_str()).map(level_name).unwrap_or_default();
        if name.is_empty() {
            return Err("a role has no name".to_owned());
        }
        levels.push(name);
    }
    levels.sort();
    levels.dedup();
    Ok(Some(levels))
}

/// Only a service account is told by its kind; `user`, `end_user` and `admin` are people.
fn class(kind: &str) -> Option<AccountClass> {
    (slug(kind) == "service-account").then_some(AccountClass::Service)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{files::RawFile, ingest::pages};

    fn read(page: &Value) -> Normalized {
        let identity = SourceIdentity {
            id: "truto-humaans".into(),
            system: "humaans".into(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let files = [RawFile::new("users.json", page.to_string())];
        normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap()
    }

    #[test]
    fn a_missing_key_is_unknown_and_an_empty_list_is_none() {
        let all = read(&json!({ "next_cursor": "", "result": [
            { "id": "a", "emails": [{ "email": "x@private.example" }, { "email": "A@x.example", "is_primary": true }],
              "status": "active", "roles": [{ "id": "r", "name": "Workspace Admin" }], "last_login_at": null },
            { "id": "b", "emails": [], "status": "inactive", "roles": [] },
            { "id": "c", "status": "created", "type": "service-account", "phones": ["DROPME"] },
        ]}));
        assert!(all.source.collections[0].complete);
        let [a, b, c] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        assert_eq!(
            (&a.email, &a.levels),
            (&Fact::Known("A@x.example".into()), &Fact::Known(vec!["workspace admin".into()]))
        );
        assert_eq!(a.last_login, Fact::Empty);
        assert_eq!((&b.email, &b.levels), (&Fact::Empty, &Fact::Known(vec![])));
        assert_eq!(b.status, Fact::Known(AccountStatus::Suspended));
        assert!(c.email.is_unknown() && c.levels.is_unknown() && c.status.is_unknown());
        assert_eq!(c.unknown["levels"], "`users` gave no `roles`");
        assert_eq!(c.class, Fact::Known(AccountClass::Service));
    }

    #[test]
    fn further_facts_are_given_or_unknown() {
        let all = read(&json!({ "next_cursor": null, "result": [
            { "id": "a", "is_2fa_enabled": false, "created_at": "2024-05-06T09:00:00.000Z" },
            { "id": "b", "is_2fa_enabled": null, "created_at": "soon" },
            { "id": "c" },
        ]}));
        let facts = |at: usize| serde_json::to_string(&all.accounts[at].facts).unwrap();
        assert_eq!(facts(0), r#"{"createdAt":"2024-05-06T09:00:00Z","mfaEnabled":false}"#);
        assert_eq!((facts(1), facts(2)), ("{}".to_owned(), "{}".to_owned()));
        assert_eq!(all.accounts[1].unknown["facts.mfaEnabled"], "`users.is_2fa_enabled` is empty");
        assert!(all.accounts[1].unknown.contains_key("facts.createdAt"));
        assert!(!all.accounts[2].unknown.keys().any(|fact| fact.starts_with("facts.")));
    }

    #[test]
    fn a_kind_that_is_not_given_or_no_text_leaves_the_class_unknown() {
        for (more, right) in [
            (json!({}), None),
            (json!({ "type": ["service-account"] }), None),
            (json!({ "type": true }), None),
            (json!({ "type": null }), Some(Fact::Empty)),
            (json!({ "type": "user" }), Some(Fact::Empty)),
            (json!({ "type": "Service Account" }), Some(Fact::Known(AccountClass::Service))),
        ] {
            let mut user = json!({ "id": "a", "emails": [], "status": "active", "roles": [] });
            user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let account = read(&json!({ "next_cursor": null, "result": [user] })).accounts.remove(0);
            assert_eq!(account.class.is_unknown(), right.is_none(), "{more}");
            assert!(right.is_none_or(|right| right == account.class), "{more}");
            assert_eq!(account.unknown.contains_key("class"), account.class.is_unknown(), "{more}");
        }
    }

    #[test]
    fn a_further_address_without_a_type_may_be_private() {
        let read = |one: Value, two: Value| {
            let emails = json!([{ "email": "ann@x.example", "is_primary": true, "type": "work" }, one, two]);
            let user = json!({ "id": "a", "emails": emails, "status": "active", "roles": [], "type": "user" });
            read(&json!({ "next_cursor": null, "result": [user] })).accounts.remove(0)
        };
        let bare = json!({ "email": "bob@x.example" });
        let work = json!({ "email": "bob@x.example", "type": "work" });
        let own = json!({ "email": "Ann@x.example" });
        let account = read(bare, own.clone());
        assert_eq!(account.hints.addresses, ["bob@x.example"]);
        assert!(account.unknown["addresses"].contains("no `type`"), "{:?}", account.unknown);
        let account = read(work, own);
        assert_eq!(account.hints.addresses, ["bob@x.example"]);
        assert!(!account.unknown.contains_key("addresses"), "{:?}", account.unknown);
    }

    #[test]
    fn of_a_part_of_a_user_no_roles_are_not_none() {
        let all =
            read(&json!({ "next_cursor": null, "is_partial_response": true, "result": [{ "id": "a", "roles": [] }] }));
        assert!(all.accounts[0].levels.is_unknown());
    }

    #[test]
    fn a_cursor_at_the_end_makes_the_list_incomplete() {
        assert!(!read(&json!({ "next_cursor": "abc", "result": [{ "id": "a" }] })).source.collections[0].complete);
    }
}
