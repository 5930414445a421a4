//! GitHub's `GET /orgs/{org}/members`, once with `role=admin` and once with `role=member`, kept as `admin.json` and
//! `member.json` (or several pages of each), become the accounts of a system.
//!
//! A row holds neither an address nor a role: the role is that of the file, the address is unknown, and people are
//! linked in `identities.yaml`.

use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity,
    pages::{CollectionLayout, Envelope, Layout, Pages, RawCollection, RawRecord},
    record::{Fields, NotUnderstood},
    same_key::{self, Findings, Placed},
};
use crate::{
    diagnostic::Diagnostic,
    model::{Account, AccountClass, AccountStatus, Fact, LinkHints, level_name, snapshot::Unknown},
};

/// The keys of a member that are kept.
const KEEP: &[&str] = &["type", "role", "state", "email"];
/// The files, each with the role that its members have; without one the rows have to say it.
const FILES: [(&str, Option<&str>); 3] = [("admin", Some("admin")), ("member", Some("member")), ("members", None)];

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout { name: "admin", id: "login", keep: KEEP },
        CollectionLayout { name: "member", id: "login", keep: KEEP },
        CollectionLayout { name: "members", id: "login", keep: KEEP },
    ],
    objects: &[],
    envelope: Envelope { records: "members", total: None, next: None, may_lack_records: false },
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no members in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    let not_understood = NotUnderstood::default();
    let mut all = RawCollection::default();
    let mut placed: Vec<Placed<Account>> = Vec::new();
    let mut taken = Vec::new();
    for (name, role) in FILES {
        let Some(list) = pages.collections.remove(name).filter(|list| list.provided) else { continue };
        all.provided = true;
        all.short |= list.short;
        taken.push(name);
        all.reasons.extend(list.reasons);
        all.rejected.extend(list.rejected);
        for raw in list.records {
            placed.push((name.to_owned(), account(identity, &raw, role, &not_understood)));
        }
    }
    if !all.provided {
        let message = format!("`{}` holds no members of a GitHub organisation", identity.endpoint);
        let help = "name a directory that holds `admin.json` and `member.json`";
        return Err(vec![Diagnostic::error("no-records", message).in_file(&identity.endpoint).help(help)]);
    }
    for (one, other) in [("admin", "member"), ("member", "admin")] {
        if taken == [one] {
            all.reasons.push(format!("the members with the role `{other}` are not here"));
        }
    }
    let mut findings = Findings::default();
    let accounts = same_key::accounts(placed, &mut findings);
    all.count = accounts.len();
    pages.collections.clear();
    pages.collections.insert("members", all);
    let mut one = Normalized::of_pages(identity, Format::GithubMembers, &mut pages);
    one.accounts = accounts;
    one.warnings.extend(not_understood.warnings(&identity.id));
    one.warnings.extend(findings.warnings(&identity.id));
    Ok(one)
}

fn account(identity: &SourceIdentity, raw: &RawRecord, role: Option<&str>, seen: &NotUnderstood) -> Account {
    let mut fields = Fields::new("members", &raw.id, &raw.values, seen);
    let said = raw.values.get("role").and_then(Value::as_str).or(role);
    let mut account = Account {
        id: raw.id.clone(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email: fields.address("email", "email"),
        person: None,
        hints: LinkHints::default(),
        status: match raw.values.get("state").and_then(Value::as_str) {
            // Whoever is in the list of members is one; memberships say it in so many words.
            None | Some("active") => Fact::Known(AccountStatus::Active),
            Some("pending") => Fact::Known(AccountStatus::Invited),
            Some(_) => {
                let reason = fields.not_understood("state", "it is neither `active` nor `pending`");
                fields.unknown("status", reason)
            }
        },
        levels: match said.map(level_name).filter(|name| !name.is_empty()) {
            Some(role) => Fact::Known(vec![role]),
            None => fields.unknown("levels", "`members` gave no `role`, and the file is not of one role"),
        },
        class: match (fields.differing(&["type"]), raw.values.get("type").and_then(Value::as_str)) {
            (Some(reason), _) => fields.unknown("class", reason),
            (None, Some("Bot")) => Fact::Known(AccountClass::Service),
            (None, _) => Fact::Empty,
        },
        last_login: fields.unknown("last_login", "GitHub's list of members does not give it"),
        unknown: Unknown::new(),
    };
    // Two records of one login that say it differently.
    if let Some(reason) = fields.differing(&["state"]) {
        account.status = fields.unknown("status", reason);
    }
    if let Some(reason) = fields.differing(&["role"]) {
        account.levels = fields.unknown("levels", reason);
    }
    account.unknown = fields.into_unknown();
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{files::RawFile, ingest::pages};

    fn read(files: &[(&str, &str)]) -> Normalized {
        let identity = SourceIdentity {
            id: "github".into(),
            system: "github".into(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
        };
        let files: Vec<RawFile> = files.iter().map(|(name, text)| RawFile::new(*name, *text)).collect();
        normalize(&identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap()
    }

    #[test]
    fn the_role_is_that_of_the_file() {
        let all = read(&[
            ("admin.json", r#"[{"login":"amara","id":1,"type":"User"}]"#),
            ("member-1.json", r#"[{"login":"ben","id":2,"type":"User"},{"login":"ci","id":3,"type":"Bot"}]"#),
        ]);
        assert!(all.source.collections[0].complete, "{:?}", all.source);
        let levels: Vec<_> =
            all.accounts.iter().map(|one| (one.id.as_str(), one.levels.known().unwrap().join(","))).collect();
        assert_eq!(levels, [("amara", "admin".into()), ("ben", "member".into()), ("ci", "member".into())]);
        assert!(all.accounts[0].email.is_unknown());
        assert_eq!(all.accounts[2].class, Fact::Known(AccountClass::Service));
    }

    #[test]
    fn members_of_one_role_alone_are_not_all() {
        let all = read(&[("member.json", r#"[{"login":"ben"}]"#)]);
        assert_eq!(all.source.collections[0].reasons, ["the members with the role `admin` are not here"]);
        assert!(read(&[("members.json", r#"[{"login":"ben"}]"#)]).accounts[0].levels.is_unknown());
    }
}
