//! Levels out of SCIM `/Groups` (RFC 7643 §4.2), for services whose users do not name their groups.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    ingest::pages::{RawCollection, RawRecord},
    model::level_name,
};

/// The collection of groups.
pub(super) const GROUPS: &str = "Groups";

/// Which users are in which groups, directly or through other groups.
#[derive(Debug)]
pub(super) struct Memberships<'p> {
    groups: BTreeMap<&'p str, Group>,
    /// User or group → the groups that name it as a member.
    parents: BTreeMap<Member, Vec<&'p str>>,
}

#[derive(Debug)]
struct Group {
    /// Its name as a level; `None` if it has none.
    level: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    User(String),
    Group(String),
}

impl<'p> Memberships<'p> {
    /// Reads the members of every group.
    ///
    /// # Errors
    /// Why it is not known which users are in which groups.
    pub(super) fn of(groups: &'p RawCollection, users: &[&RawRecord]) -> Result<Self, String> {
        if !groups.complete() {
            return Err(format!("`{GROUPS}` is incomplete: {}", groups.why()));
        }
        let users: BTreeSet<&str> = users.iter().map(|user| user.id.as_str()).collect();
        let ids: BTreeSet<&str> = groups.records.iter().map(|group| group.id.as_str()).collect();
        let mut memberships = Memberships { groups: BTreeMap::new(), parents: BTreeMap::new() };
        for group in &groups.records {
            let name = group.values.get("displayName").and_then(Value::as_str);
            let level = name.map(level_name).filter(|name| !name.is_empty());
            memberships.groups.insert(&group.id, Group { level });
            for member in members(group)? {
                let member = member_of(member, group, &users, &ids)?;
                memberships.parents.entry(member).or_default().push(&group.id);
            }
        }
        // A service that never lists members says nothing by listing none.
        let has_users = memberships.parents.keys().any(|member| matches!(member, Member::User(_)));
        if has_users { Ok(memberships) } else { Err(format!("no group of `{GROUPS}` has a user among its `members`")) }
    }

    /// The names of the groups of a user, as levels.
    ///
    /// # Errors
    /// Why one of them has no name.
    pub(super) fn levels(&self, user: &str) -> Result<Vec<String>, String> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![Member::User(user.to_owned())];
        while let Some(member) = open.pop() {
            for group in self.parents.get(&member).into_iter().flatten() {
                if found.insert(group) {
                    open.push(Member::Group((*group).to_owned()));
                }
            }
        }
        let level = |id: &str| {
            let level = self.groups.get(id).and_then(|group| group.level.clone());
            level.ok_or_else(|| format!("`{GROUPS}`: the group `{id}` has no `displayName`"))
        };
        found.into_iter().map(level).collect()
    }
}

/// The entries of `members`. A group without any leaves the attribute out (RFC 7643 §2.5).
fn members(group: &RawRecord) -> Result<&[Value], String> {
    if let Some(reason) = group.values.differing("members") {
        return Err(format!("`{GROUPS}.members`: {reason}"));
    }
    match group.values.get("members") {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(members)) => Ok(members),
        Some(_) => Err(format!("`{GROUPS}.members` of `{}`: a list is expected", group.id)),
    }
}

/// The user or group that an entry of `members` names: by its `type`, else by the list that has its id. An id on neither list is that of a
/// user who is not listed, since the list of groups is complete.
fn member_of(
    entry: &Value,
    group: &RawRecord,
    users: &BTreeSet<&str>,
    groups: &BTreeSet<&str>,
) -> Result<Member, String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let of = |what: &str| format!("`{GROUPS}.members` of `{}`: {what}", group.id);
    let id = text("value").or(entry.as_str()).ok_or_else(|| of("an entry has no `value`"))?;
    let kind = text("type");
    let is = |word: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(word));
    match (users.contains(id), groups.contains(id)) {
        _ if is("User") => Ok(Member::User(id.to_owned())),
        (_, true) if is("Group") => Ok(Member::Group(id.to_owned())),
        (_, false) if is("Group") => Err(of(&format!("the group `{id}` is not on the list"))),
        (true, true) => Err(of(&format!("`{id}` is a user and a group"))),
        (false, true) => Ok(Member::Group(id.to_owned())),
        (_, false) => Ok(Member::User(id.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        diagnostic::Code,
        files::RawFile,
        ingest::{LevelAttribute, Normalized, SourceIdentity, pages, scim},
        model::Fact,
    };

    fn user(id: &str) -> Value {
        json!({ "id": id, "userName": id, "active": true })
    }

    fn group(id: &str, name: &str, members: &[Value]) -> Value {
        json!({ "id": id, "displayName": name, "members": members })
    }

    fn page(records: &[Value]) -> Value {
        json!({ "totalResults": records.len(), "Resources": records })
    }

    fn member(id: &str) -> Value {
        json!({ "value": id })
    }

    fn import(files: &[(&str, Value)], levels: &[LevelAttribute]) -> Normalized {
        let identity = SourceIdentity {
            id: "app".into(),
            system: "app".into(),
            endpoint: "raw".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: levels.to_vec(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let files: Vec<RawFile> = files.iter().map(|(name, page)| RawFile::new(*name, page.to_string())).collect();
        scim::normalize(&identity, pages::sort(&files, &scim::LAYOUT).unwrap()).unwrap()
    }

    /// The levels of the users `a` and `b`, or why they are unknown.
    fn levels(groups: Value, stated: &[LevelAttribute]) -> Vec<Result<Vec<String>, String>> {
        let users = page(&[user("a"), user("b")]);
        let one = import(&[("Users.json", users), ("Groups.json", groups)], stated);
        let of = |account: &crate::model::Account| match &account.levels {
            Fact::Known(levels) => Ok(levels.clone()),
            _ => Err(account.unknown["levels"].clone()),
        };
        one.accounts.iter().map(of).collect()
    }

    fn names(names: &[&str]) -> Result<Vec<String>, String> {
        Ok(names.iter().map(|name| (*name).to_owned()).collect())
    }

    const STATED: &[LevelAttribute] = &[LevelAttribute::Groups];

    #[test]
    fn the_groups_of_a_user_are_levels_and_a_user_in_none_has_none() {
        let groups = page(&[group("1", "Admins", &[member("a")]), group("2", "Nobody", &[])]);
        for stated in [STATED, &[]] {
            assert_eq!(levels(groups.clone(), stated), [names(&["admins"]), names(&[])], "{stated:?}");
        }
    }

    #[test]
    fn groups_in_groups_add_up_and_may_go_in_circles() {
        let nested = json!({ "value": "1", "type": "group" });
        let groups = page(&[
            group("1", "Admins", &[member("a"), member("3")]),
            group("2", "All", &[nested, json!({ "value": "b", "type": "User" })]),
            group("3", "Circle", &[member("1")]),
        ]);
        assert_eq!(levels(groups, STATED), [names(&["admins", "all", "circle"]), names(&["all"])]);
    }

    #[test]
    fn levels_are_unknown_where_the_groups_are_not_all_known() {
        let ours = || group("1", "Admins", &[member("a")]);
        let short = json!({ "totalResults": 2, "Resources": [ours()] });
        for (groups, reason) in [
            (short, "`Groups` is incomplete: 1 of 2 records are here"),
            (page(&[group("1", "Admins", &[])]), "has a user among its `members`"),
            (page(&[]), "has a user among its `members`"),
            (page(&[ours(), json!({ "id": "2", "displayName": "x", "members": "all" })]), "a list is expected"),
            (page(&[ours(), group("2", "x", &[json!({ "display": "Ann" })])]), "has no `value`"),
            (page(&[ours(), group("2", "x", &[json!({ "value": "9", "type": "Group" })])]), "is not on the list"),
            (
                page(&[ours(), json!({ "displayName": "x" })]),
                "`Groups` is incomplete: 1 of 2 records are here; 1 record was rejected",
            ),
        ] {
            for level in levels(groups.clone(), STATED) {
                assert!(level.as_ref().is_err_and(|said| said.contains(reason)), "{groups}: {level:?}");
            }
        }
        // Only the members of a group without a name may hold a level that has none.
        let groups = page(&[ours(), json!({ "id": "2", "members": [member("b")] })]);
        let [a, b] = levels(groups, STATED).try_into().unwrap();
        assert_eq!(a, names(&["admins"]));
        assert!(b.unwrap_err().contains("the group `2` has no `displayName`"));
    }

    #[test]
    fn groups_stand_in_for_levels_only_where_users_carry_none() {
        let files = |users: Value| {
            let groups = page(&[group("1", "Admins", &[member("a")])]);
            [("Users.json", users), ("Groups.json", groups)]
        };
        let plain = import(&files(page(&[user("a"), user("b")])), &[]);
        assert_eq!(plain.warnings[0].code, Code::LevelsOfGroups, "{:?}", plain.warnings);
        // One user has roles, so entitlements may exist that the service does not show.
        let mut with_roles = user("b");
        with_roles["roles"] = json!([{ "value": "admin" }]);
        let one = import(&files(page(&[user("a"), with_roles])), &[]);
        assert!(one.accounts.iter().all(|account| account.levels.is_unknown()), "{:?}", one.accounts);
        // One of the users who are not here may have some.
        let one = import(&files(json!({ "totalResults": 3, "Resources": [user("a"), user("b")] })), &[]);
        assert!(one.accounts.iter().all(|account| account.levels.is_unknown()), "{:?}", one.accounts);
        // Both say something.
        let mut with_groups = user("b");
        with_groups["groups"] = json!([{ "display": "All" }]);
        let one = import(&files(page(&[user("a"), with_groups])), STATED);
        let levels: Vec<&Fact<Vec<String>>> = one.accounts.iter().map(|account| &account.levels).collect();
        assert_eq!(levels, [&Fact::Known(vec!["admins".to_owned()]), &Fact::Known(vec!["all".to_owned()])]);
    }

    #[test]
    fn without_groups_nothing_is_said_of_them() {
        let one = import(&[("export.json", page(&[user("a")]))], STATED);
        let collections: Vec<&str> = one.source.collections.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(collections, ["Users"]);
        assert!(one.accounts[0].unknown["levels"].contains("no user of the list has `groups`"));
    }
}
