//! The answer of Okta's `GET /api/v1/users`: a list of users becomes the accounts of a system. It says nothing of
//! administrator roles, so levels are unknown.

use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity,
    pages::{CollectionLayout, Envelope, Layout, Pages, RawRecord},
    record::{self, Fields, NotUnderstood},
};
use crate::{
    diagnostic::Diagnostic,
    json::KeyCase,
    model::{Account, AccountStatus, Fact, Facts, LinkHints, address::AddressText, snapshot::Unknown},
};

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[CollectionLayout::new("users", "id", &["status", "created", "lastLogin", "profile"])],
    objects: &[],
    envelope: Envelope::of("users"),
    // `limit` is 200 by default and at most.
    page_limits: &[200],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no users in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    record::require(&pages, "users", "Okta", &identity.endpoint)?;
    let not_understood = NotUnderstood::new(&identity.zone);
    let users = pages.collections.get("users").into_iter().flat_map(|users| &users.records);
    let accounts = users.map(|raw| account(identity, raw, &not_understood)).collect();
    let mut one = Normalized::of_pages(identity, Format::OktaUsers, &mut pages);
    one.accounts = accounts;
    one.warnings.extend(not_understood.warnings(&identity.id));
    Ok(one)
}

fn account(identity: &SourceIdentity, raw: &RawRecord, not_understood: &NotUnderstood) -> Account {
    let mut fields = Fields::new("users", &raw.id, &raw.values, not_understood);
    let profile = raw.values.get("profile");
    let text = |key: &str| {
        let text = profile.and_then(|profile| profile.get(key)).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let login = || text("login").and_then(|login| AddressText::of(&login).address().map(str::to_owned));
    let email = match profile {
        // Every profile has one, or says that it is null; the login may be another address.
        Some(Value::Object(profile)) if !profile.contains_key("email") => {
            fields.unknown("email", "`users` gave no `profile.email`")
        }
        Some(Value::Object(profile)) if !matches!(profile.get("email"), Some(Value::String(_) | Value::Null)) => {
            let reason = fields.not_understood("profile.email", "a text is expected");
            fields.unknown("email", reason)
        }
        Some(Value::Object(_)) => {
            let email =
                text("email").map_or(Ok(None), |text| not_understood.address("`users.profile.email`", &text, &raw.id));
            match email {
                Ok(email) => email.or_else(login).into(),
                Err(reason) => {
                    let reason = fields.not_understood("profile.email", &reason);
                    fields.unknown("email", reason)
                }
            }
        }
        _ => {
            let reason = fields.differing(&["profile"]);
            fields.unknown("email", reason.unwrap_or_else(|| "`users` gave no `profile`".to_owned()))
        }
    };
    let hint =
        |fields: &mut Fields<'_>, key: &'static str| fields.hint(key, profile.and_then(|profile| profile.get(key)));
    // Whose the account is stays open where what names its holder cannot be read.
    let login_is_text = hint(&mut fields, "login").and_then(|login| match (login, profile) {
        // Every profile has a login, which may be another person's address.
        (None, Some(Value::Object(_))) => Err("`users` gave no `profile.login`, which every user has".to_owned()),
        _ => Ok(()),
    });
    let (email, employee_number) = match login_is_text.and_then(|_| hint(&mut fields, "employeeNumber")) {
        Ok(number) => (email, number),
        Err(reason) => (fields.unknown("email", reason), None),
    };
    // `secondEmail` is for recovery, and mostly private.
    let identifiers = ["login", "email"].map(&text);
    let identifiers = identifiers.iter().flatten().map(String::as_str).chain([raw.id.as_str()]);
    let addresses = record::further_addresses(&email, identifiers);
    let mut facts = Facts::new();
    fields.created_at(&mut facts, "created", raw.values.get("created"));
    let mut account = Account {
        id: raw.id.clone(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email,
        person: None,
        hints: LinkHints {
            addresses,
            external_id: None,
            employee_number,
            manager: text("managerId").or_else(|| text("manager")),
        },
        status: fields.word("status", "status", status),
        levels: fields.unknown("levels", "Okta's list of users does not give roles"),
        class: Fact::Empty,
        last_login: fields.instant("last_login", "lastLogin"),
        supplied: Default::default(),
        facts,
        unknown: Unknown::new(),
    };
    account.status = fields.never_empty("status", account.status);
    account.unknown = fields.into_unknown();
    account
}

/// Okta's life cycle. Whoever is locked out or has to set a password can let themselves in again.
fn status(word: &str) -> Option<AccountStatus> {
    match word {
        "ACTIVE" | "RECOVERY" | "LOCKED_OUT" | "PASSWORD_EXPIRED" => Some(AccountStatus::Active),
        "PROVISIONED" | "STAGED" => Some(AccountStatus::Invited),
        "SUSPENDED" => Some(AccountStatus::Suspended),
        "DEPROVISIONED" => Some(AccountStatus::Deactivated),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{files::RawFile, ingest::pages};

    #[test]
    fn the_login_is_a_hint_and_the_private_address_is_not() {
        let identity = SourceIdentity {
            id: "okta".into(),
            system: "okta".into(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let page = r#"[{"id":"1","status":"ACTIVE","created":"2024-05-06T09:00:00.000Z","profile":{"login":"bob@x.example","email":"Ann@x.example",
            "secondEmail":"ann@home.example"}}]"#;
        let pages = pages::sort(&[RawFile::new("users.json", page)], &LAYOUT).unwrap();
        let all = normalize(&identity, pages).unwrap();
        assert_eq!(all.accounts[0].email, Fact::Known("Ann@x.example".into()));
        assert_eq!(all.accounts[0].hints.addresses, ["bob@x.example"]);
        let facts = serde_json::to_string(&all.accounts[0].facts).unwrap();
        assert_eq!(facts, r#"{"createdAt":"2024-05-06T09:00:00Z"}"#);
        // The login is no stand-in for an address that cannot be read.
        let page = r#"[{"id":"1","profile":{"login":"bob@x.example","email":5,"employeeNumber":3}}]"#;
        let pages = pages::sort(&[RawFile::new("users.json", page)], &LAYOUT).unwrap();
        let all = normalize(&identity, pages).unwrap();
        assert!(all.accounts[0].email.is_unknown() && all.accounts[0].unknown["email"].contains("a text is expected"));
        assert_eq!(all.accounts[0].hints.employee_number.as_deref(), Some("3"));
        for hint in [r#""employeeNumber":["E-1"]"#, r#""employeeNumber":{}"#, r#""login":["bob@x.example"]"#] {
            let login = if hint.contains("login") { "" } else { r#""login":"ann@x.example","# };
            let page =
                format!(r#"[{{"id":"1","status":"ACTIVE","profile":{{"email":"ann@x.example",{login}{hint}}}}}]"#);
            let pages = pages::sort(&[RawFile::new("users.json", page)], &LAYOUT).unwrap();
            let account = normalize(&identity, pages).unwrap().accounts.remove(0);
            assert!(account.email.is_unknown() && account.unknown["email"].contains("a text is expected"), "{hint}");
        }
        for profile in [r#""email":"ann@x.example""#, r#""email":"ann@x.example","login":null"#] {
            let page = format!(r#"[{{"id":"1","status":"ACTIVE","profile":{{{profile}}}}}]"#);
            let pages = pages::sort(&[RawFile::new("users.json", page)], &LAYOUT).unwrap();
            let account = normalize(&identity, pages).unwrap().accounts.remove(0);
            assert!(account.email.is_unknown() && account.unknown["email"].contains("no `profile.login`"), "{profile}");
        }
    }
}
