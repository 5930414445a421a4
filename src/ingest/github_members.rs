//! GitHub's `GET /orgs/{org}/members`, once with `role=admin` and once with `role=member`, kept as `admin.json` and
//! `member.json` (or several pages of each), become the accounts of a system.
//!
//! GitHub lists outside collaborators (`outside_collaborators.json`) and pending invitations (`invitations.json`)
//! elsewhere. Both are accounts too: without those files the list is incomplete.
//!
//! A row holds neither an address nor a role: the role is that of the file, the address is unknown, and people are
//! linked in `identities.yaml`.

use serde_json::Value;

use super::{
    Format, Normalized, SourceIdentity,
    pages::{CollectionLayout, Doubt, Envelope, Layout, Pages, RawCollection, RawRecord, Remedy},
    record::{self, Fields, NotUnderstood},
    same_key::{self, Findings, Placed},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    json::KeyCase,
    model::{
        Account, AccountClass, AccountStatus, Fact, FactValue, Facts, LinkHints, declared::unknown_key, level_name,
        snapshot::Unknown,
    },
};

/// The keys of a member that are kept.
const KEEP: &[&str] = &["type", "role", "state", "email"];
/// The level of an account that is no member.
const OUTSIDE: &str = "outside-collaborator";
/// The collection of pending invitations.
const INVITATIONS: &str = "invitations";
/// The files, each with the role that its members have; without one the rows have to say it.
const FILES: [(&str, Option<&str>); 5] = [
    ("admin", Some("admin")),
    ("member", Some("member")),
    ("members", None),
    ("outside-collaborators", Some(OUTSIDE)),
    (INVITATIONS, None),
];
/// Accounts that are no members, the collection and the file of each.
const ELSEWHERE: [(&str, &str, &str); 2] = [
    ("outside collaborators", "outside-collaborators", "outside_collaborators.json"),
    ("pending invitations", INVITATIONS, "invitations.json"),
];

/// How its pages look.
pub const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new("admin", "login", KEEP),
        CollectionLayout::new("member", "login", KEEP),
        CollectionLayout::new("members", "login", KEEP),
        CollectionLayout::new("outside-collaborators", "login", KEEP),
        CollectionLayout::new(INVITATIONS, "login", &["id", "role", "email"]),
    ],
    objects: &[],
    envelope: Envelope::of("members"),
    // `per_page` is 30 by default and 100 at most.
    page_limits: &[30, 100],
    // An invitation by address has no login.
    other_ids: &[(INVITATIONS, &["email", "id"])],
    key_case: KeyCase::Sensitive,
};

/// Normalises raw pages.
///
/// # Errors
/// That there are no members in the pages at all.
pub fn normalize(identity: &SourceIdentity, mut pages: Pages) -> Result<Normalized, Vec<Diagnostic>> {
    let not_understood = NotUnderstood::new(&identity.zone);
    let mut all = RawCollection::default();
    let mut placed: Vec<Placed<Account>> = Vec::new();
    let mut taken = Vec::new();
    for (name, role) in FILES {
        let Some(list) = pages.collections.remove(name).filter(|list| list.provided) else { continue };
        all.provided = true;
        all.short |= list.short;
        taken.push(name);
        all.reasons.extend(list.reasons);
        all.doubts.extend(list.doubts);
        // Every file has to prove its own part.
        all.basis = match (taken.len(), all.basis, list.basis) {
            (1, _, basis) => basis,
            (_, Some(one), Some(other)) => Some(one.min(other)),
            _ => None,
        };
        all.rejected.extend(list.rejected);
        for raw in list.records {
            placed.push((name.to_owned(), account(identity, &raw, (name, role), &not_understood)));
            all.records.push(raw);
        }
    }
    let members = taken.iter().any(|name| !ELSEWHERE.iter().any(|(_, elsewhere, _)| elsewhere == name));
    if !members {
        let message = format!("`{}` holds no members of a GitHub organisation", identity.endpoint);
        let help = "name a directory that holds `admin.json` and `member.json`";
        return Err(vec![Diagnostic::error(Code::NoRecords, message).in_file(&identity.endpoint).help(help)]);
    }
    for (one, other) in [("admin", "member"), ("member", "admin")] {
        if taken.contains(&one) && !taken.contains(&other) && !taken.contains(&"members") {
            all.reasons.push(format!("the members with the role `{other}` are not here"));
        }
    }
    let mut findings = Findings::default();
    let accounts = same_key::accounts(placed, &mut findings);
    for (what, _, file) in ELSEWHERE.iter().filter(|(_, name, _)| !taken.contains(name)) {
        // The number of accounts says nothing about a part that is not here: it may be that of the members.
        let reason = format!("{what} are not here: add `{file}`, which may be an empty list");
        all.doubts.push(Doubt::new(reason, Remedy::StateComplete));
    }
    let is_owner = |account: &Account| {
        !matches!(account.status, Fact::Known(AccountStatus::Invited))
            && account.levels.known().is_none_or(|levels| levels.iter().any(|level| level == "admin"))
    };
    if !accounts.iter().any(is_owner) {
        all.reasons.push("it lists no owner (role `admin`), and every GitHub organisation has one".to_owned());
    }
    all.doubts.extend(pages.unread_reason());
    // One reason may doubt several of its files.
    let mut seen: Vec<Doubt> = Vec::new();
    for doubt in std::mem::take(&mut all.doubts) {
        if !seen.contains(&doubt) {
            seen.push(doubt);
        }
    }
    all.doubts = seen;
    all.count = accounts.len();
    all.weigh(&identity.statements, true);
    pages.collections.clear();
    pages.collections.insert("members", all);
    let mut one = Normalized::of_pages(identity, Format::GithubMembers, &mut pages);
    one.accounts = accounts;
    one.warnings.extend(not_understood.warnings(&identity.id));
    one.warnings.extend(findings.warnings(&identity.id));
    Ok(one)
}

/// `file` is the collection that lists the account, with the role of everybody in it.
fn account(
    identity: &SourceIdentity,
    raw: &RawRecord,
    (file, role): (&'static str, Option<&str>),
    seen: &NotUnderstood,
) -> Account {
    let mut fields = Fields::new(file, &raw.id, &raw.values, seen);
    let is_invitation = file == INVITATIONS;
    // Two records of one login may say it differently, or what is said is no text.
    let mut word = |key: &'static str| match raw.values.get(key) {
        _ if fields.differing(&[key]).is_some() => Err(fields.differing(&[key]).unwrap_or_default()),
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) => Ok(Some(word.as_str())),
        Some(_) => Err(fields.not_understood(key, "a text is expected")),
    };
    let (said, state, kind) = (word("role"), word("state"), word("type"));
    let said = said.map(|said| match said {
        Some("direct_member") if is_invitation => Some("member"),
        // It gives back what the invited person had before.
        Some("reinstate") if is_invitation => None,
        said => said.or(role),
    });
    let external = match (file, &said) {
        ("outside-collaborators", _) => Some(true),
        (_, Ok(Some("admin" | "member"))) => Some(false),
        _ => None,
    };
    let mut facts = Facts::new();
    match external {
        Some(external) => record::give(&mut facts, "external", Fact::Known(FactValue::Bool(external))),
        None => {
            let reason = format!("`{file}` gave no role that says it");
            let _: Fact<bool> = fields.unknown(&unknown_key("external"), reason);
        }
    }
    let mut account = Account {
        id: raw.id.clone(),
        system: identity.system.clone(),
        source: identity.id.clone(),
        email: fields.address("email", "email"),
        person: None,
        hints: LinkHints::default(),
        supplied: Default::default(),
        status: match state {
            // Whoever is in the list of members is one; memberships say it in so many words.
            Ok(_) if is_invitation => Fact::Known(AccountStatus::Invited),
            Ok(None | Some("active")) => Fact::Known(AccountStatus::Active),
            Ok(Some("pending")) => Fact::Known(AccountStatus::Invited),
            Err(reason) => fields.unknown("status", reason),
            Ok(Some(_)) => {
                let reason = fields.not_understood("state", "it is neither `active` nor `pending`");
                fields.unknown("status", reason)
            }
        },
        levels: match said.map(|said| said.map(level_name).filter(|name| !name.is_empty())) {
            Ok(Some(role)) => Fact::Known(vec![role]),
            Err(reason) => fields.unknown("levels", reason),
            Ok(None) => fields.unknown("levels", format!("`{file}` gave no role that is a level")),
        },
        class: match kind {
            Err(reason) => fields.unknown("class", reason),
            Ok(Some("Bot")) => Fact::Known(AccountClass::Service),
            Ok(None) if !raw.values.contains_key("type") => fields.unknown("class", format!("`{file}` gave no `type`")),
            Ok(_) => Fact::Empty,
        },
        last_login: fields.unknown("last_login", "GitHub's lists of accounts do not give it"),
        facts,
        unknown: Unknown::new(),
    };
    account.unknown = fields.into_unknown();
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{files::RawFile, ingest::pages, model::Basis};

    fn identity() -> SourceIdentity {
        SourceIdentity {
            id: "github".into(),
            system: "github".into(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        }
    }

    fn read(files: &[(&str, &str)]) -> Normalized {
        read_as(&identity(), files)
    }

    fn read_as(identity: &SourceIdentity, files: &[(&str, &str)]) -> Normalized {
        let files: Vec<RawFile> = files.iter().map(|(name, text)| RawFile::new(*name, *text)).collect();
        normalize(identity, pages::sort(&files, &LAYOUT).unwrap()).unwrap()
    }

    const ELSE: [(&str, &str); 2] = [
        ("outside_collaborators.json", r#"[{"login":"zoe","id":7,"type":"User"}]"#),
        (
            "invitations.json",
            r#"[{"id":70,"login":"bob","email":"bob@x.example","role":"admin"},
                {"id":71,"login":null,"email":"yves@x.example","role":"direct_member"},
                {"id":72,"login":null,"email":null,"role":"reinstate"}]"#,
        ),
    ];

    #[test]
    fn outside_collaborators_and_invitations_are_accounts() {
        let all =
            read(&[("admin.json", r#"[{"login":"a"}]"#), ("member.json", r#"[{"login":"b"}]"#), ELSE[0], ELSE[1]]);
        let list = &all.source.collections[0];
        assert_eq!((list.complete, list.basis, list.records), (true, Some(Basis::LastPage), 6));
        let of = |id: &str| all.accounts.iter().find(|account| account.id == id).unwrap();
        assert_eq!(of("zoe").levels, Fact::Known(vec![OUTSIDE.to_owned()]));
        assert_eq!(of("zoe").status, Fact::Known(AccountStatus::Active));
        let bob = of("bob");
        assert_eq!(
            (&bob.status, &bob.levels),
            (&Fact::Known(AccountStatus::Invited), &Fact::Known(vec!["admin".into()]))
        );
        assert_eq!(bob.email, Fact::Known("bob@x.example".into()));
        assert_eq!(of("yves@x.example").levels, Fact::Known(vec!["member".into()]));
        assert!(of("72").levels.is_unknown() && of("72").email == Fact::Empty);
    }

    #[test]
    fn a_known_and_an_unknown_role_are_unknown() {
        let invited = ("invitations.json", r#"[{"id":1,"login":"a","email":null,"role":"reinstate"}]"#);
        let all = read(&[("admin.json", r#"[{"login":"a"}]"#), ("member.json", "[]"), invited]);
        assert!(all.accounts[0].levels.is_unknown() && all.accounts[0].unknown.contains_key("levels"));
    }

    #[test]
    fn words_that_are_no_text_are_unknown() {
        let row = r#"[{"login":"a","type":["Bot"],"state":5,"role":["admin"]}]"#;
        let all = read(&[("admin.json", row), ("member.json", "[]"), ELSE[0], ELSE[1]]);
        let of = all.accounts.iter().find(|account| account.id == "a").unwrap();
        assert!(of.status.is_unknown() && of.levels.is_unknown() && of.class.is_unknown(), "{of:?}");
    }

    #[test]
    fn expected_counts_every_account_of_the_list() {
        let list = |expected: usize, elsewhere: &[(&'static str, &'static str)]| {
            let mut files = vec![("members.json", r#"[{"login":"a","role":"admin"},{"login":"b","role":"member"}]"#)];
            files.extend(elsewhere);
            let mut identity = identity();
            identity.statements.expected = Some(expected);
            read_as(&identity, &files).source.collections.remove(0)
        };
        let whole = list(6, &ELSE);
        assert_eq!((whole.complete, whole.basis, whole.records), (true, Some(Basis::Total), 6), "{:?}", whole.reasons);
        assert!(list(2, &ELSE).reasons[0].contains("`expected: 2`"));
        // The number of members does not prove that the list is whole.
        let alone = list(2, &[]);
        assert!(!alone.complete && alone.reasons[1].contains("`complete: true`"), "{:?}", alone.reasons);
        assert!(!alone.reasons[1].contains("expected"), "{:?}", alone.reasons);
    }

    #[test]
    fn files_that_are_not_read_make_the_list_incomplete() {
        let files = [("admin.json", r#"[{"login":"a"}]"#), ("member.json", "[]"), ELSE[0], ELSE[1]];
        for (name, is_complete) in [("teams.json", false), ("extra.csv", false), ("notes", false), ("README.md", true)]
        {
            let text = if is_complete { "[notes](x)" } else { "[]" };
            let list = &read(&[files[0], files[1], files[2], files[3], (name, text)]).source.collections[0];
            assert_eq!(list.complete, is_complete, "{name}");
            assert!(is_complete || list.reasons[0].contains(name), "{:?}", list.reasons);
        }
    }

    #[test]
    fn a_list_that_ends_at_a_page_limit_may_go_on() {
        let rows = |count: usize| {
            let rows: Vec<String> = (0..count).map(|at| format!(r#"{{"login":"u{at}"}}"#)).collect();
            format!("[{}]", rows.join(","))
        };
        let admin = ("admin.json", r#"[{"login":"a"}]"#);
        for (count, is_complete) in [(29, true), (30, false), (31, true), (99, true), (100, false), (200, false)] {
            let list = &read(&[admin, ("member.json", &rows(count)), ELSE[0], ELSE[1]]).source.collections[0];
            assert_eq!(list.complete, is_complete, "{count}: {:?}", list.reasons);
        }
        let pages = [("member-1.json", rows(100)), ("member-2.json", r#"[{"login":"last"}]"#.to_owned())];
        let list = &read(&[admin, (pages[0].0, &pages[0].1), (pages[1].0, &pages[1].1), ELSE[0], ELSE[1]])
            .source
            .collections[0];
        assert!(list.complete, "{:?}", list.reasons);
    }

    #[test]
    fn the_role_is_that_of_the_file() {
        let all = read(&[
            ("admin.json", r#"[{"login":"amara","id":1,"type":"User"}]"#),
            ("member-1.json", r#"[{"login":"ben","id":2,"type":"User"},{"login":"ci","id":3,"type":"Bot"}]"#),
        ]);
        let reasons = &all.source.collections[0].reasons;
        assert!(reasons.len() == 2 && reasons[1].contains("invitations.json"), "{reasons:?}");
        let levels: Vec<_> =
            all.accounts.iter().map(|one| (one.id.as_str(), one.levels.known().unwrap().join(","))).collect();
        assert_eq!(levels, [("amara", "admin".into()), ("ben", "member".into()), ("ci", "member".into())]);
        assert!(all.accounts[0].email.is_unknown());
        assert_eq!(all.accounts[2].class, Fact::Known(AccountClass::Service));
    }

    #[test]
    fn members_of_one_role_alone_are_not_all() {
        let all = read(&[("member.json", r#"[{"login":"ben"}]"#), ELSE[0], ELSE[1]]);
        let reasons = &all.source.collections[0].reasons;
        assert_eq!(reasons[0], "the members with the role `admin` are not here");
        assert!(reasons[1].contains("no owner"), "{reasons:?}");
        assert!(read(&[("members.json", r#"[{"login":"ben"}]"#)]).accounts[0].levels.is_unknown());
    }

    #[test]
    fn the_file_says_who_is_outside() {
        let all = read(&[
            ("admin.json", r#"[{"login":"amara"}]"#),
            ("members.json", r#"[{"login":"ben","role":"member"},{"login":"cy"}]"#),
            ("outside_collaborators.json", r#"[{"login":"yves"}]"#),
            (
                "invitations.json",
                r#"[{"login":"dan","id":1,"role":"direct_member"},{"login":"eve","id":2,"role":"reinstate"}]"#,
            ),
        ]);
        let external = |id: &str| {
            let account = all.accounts.iter().find(|account| account.id == id).unwrap();
            account.facts.get("external").map(|value| serde_json::to_string(value).unwrap())
        };
        for (id, expected) in [("amara", "false"), ("ben", "false"), ("yves", "true"), ("dan", "false")] {
            assert_eq!(external(id).as_deref(), Some(expected), "{id}");
        }
        assert_eq!((external("cy"), external("eve")), (None, None));
    }
}
