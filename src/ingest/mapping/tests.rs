//! Rows in, accounts out: what the built-in mappings and the keys of a mapping make of single records.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Mapping, MappingRef, named};
use crate::{
    diagnostic::Code,
    files::RawFile,
    ingest::{Format, Normalized, SourceIdentity, Statements},
    model::{Account, AccountClass, AccountStatus, Basis, Fact, Facts},
};

fn identity(statements: Statements) -> SourceIdentity {
    SourceIdentity {
        id: "app".into(),
        system: "app".into(),
        endpoint: "app".into(),
        pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
        levels: Vec::new(),
        statements,
        zone: crate::model::Zone::utc(),
    }
}

fn read_with(mapping: MappingRef, statements: Statements, files: &[(&str, String)]) -> Normalized {
    let identity = identity(statements);
    let files: Vec<RawFile> = files.iter().map(|(name, text)| RawFile::new(*name, text.clone())).collect();
    Format::Mapped(mapping).normalize(&identity, &files).unwrap()
}

fn read(name: &str, files: &[(&str, String)]) -> Normalized {
    read_with(named(name).unwrap(), Statements::default(), files)
}

fn own(mapping: &str) -> MappingRef {
    MappingRef::of(serde_yaml::from_str::<Mapping>(mapping).unwrap())
}

/// The account of one JSON record.
fn of_record(name: &str, record: &Value, wrapper: Option<&str>) -> Account {
    let page = match wrapper {
        Some(key) => json!({ key: [record] }),
        None => json!([record]),
    };
    read(name, &[("page.json", page.to_string())]).accounts.remove(0)
}

fn known(levels: &[&str]) -> Fact<Vec<String>> {
    Fact::Known(levels.iter().map(|level| (*level).to_owned()).collect())
}

/// Why the first list is not complete, or its basis.
fn list(of: &Normalized) -> (bool, Option<Basis>, String) {
    let list = &of.source.collections[0];
    (list.complete, list.basis, list.reasons.join("; "))
}

#[test]
fn a_missing_page_is_noticed_by_its_number() {
    let chained =
        own("{ format: chained, records: { json: /users }, complete: { next: /next_cursor }, account: { id: id } }");
    let page = |id: &str, next: &str| json!({ "users": [{ "id": id }], "next_cursor": next }).to_string();
    let all = |files: &[(&str, String)]| list(&read_with(chained, Statements::default(), files));
    let whole = [("users-1.json", page("a", "x")), ("users-2.json", page("b", "y")), ("users-3.json", page("c", ""))];
    assert_eq!(all(&whole), (true, Some(Basis::LastPage), String::new()));
    for (left, said) in [([0, 2], "page 2 is not here"), ([1, 2], "page 1 is not here (")] {
        let files = left.map(|at| whole[at].clone());
        let (complete, basis, reasons) = all(&files);
        assert!(!complete && basis.is_none() && reasons.starts_with(said), "{reasons}");
    }
    let (complete, _, reasons) = all(&whole[..2]);
    assert!(!complete && reasons.contains("names a further one"), "{reasons}");
    // In folders, from zero, with an unnumbered first page, and of two lists: the last page of each counts.
    let folder = [("raw/1.json", page("a", "x")), ("raw/3.json", page("c", ""))];
    assert_eq!(all(&folder).2, "page 2 is not here");
    assert!(all(&[("users-0.json", page("a", "x")), ("users-1.json", page("b", ""))]).0);
    assert!(all(&[("users.json", page("a", "x")), ("users-2.json", page("b", ""))]).0);
    assert!(!all(&[("a-1.json", page("a", "x")), ("b-1.json", page("b", ""))]).0);
    // A date is no number, and the number of a lone file is only a doubt.
    assert!(all(&[("users-2026-11-20.json", page("a", ""))]).0);
    let lone = [("users-2.json", page("b", ""))];
    assert!(all(&lone).2.starts_with("page 1 is not here ("), "{}", all(&lone).2);
    let stated = Statements { complete: true, reason: Some("one page".to_owned()), ..Statements::default() };
    assert!(list(&read_with(chained, stated.clone(), &lone)).0);
    // Nor need other numbers be those of pages.
    let offices = [("users-42.json", page("a", "")), ("users-57.json", page("b", ""))];
    assert!(!all(&offices).0 && list(&read_with(chained, stated.clone(), &offices)).0);
    let years = [("users-2025.json", page("a", "")), ("users-2027.json", page("b", ""))];
    assert!(all(&years).0);
    assert!(!list(&read_with(chained, stated, &[whole[0].clone(), whole[2].clone()])).0, "a gap is evidence");

    for (name, record) in [
        ("gitlab-members", json!({ "username": "a", "state": "active", "access_level": 50 })),
        ("jira-users", json!({ "accountId": "a", "accountType": "atlassian", "active": true })),
    ] {
        let page = |file: &'static str| (file, json!([record]).to_string());
        let later = read(name, &[page("m-2.json"), page("m-4.json")]);
        assert!(later.source.collections[0].reasons[0].starts_with("page 1 is not here"));
        let gap = read(name, &[page("m-1.json"), page("m-3.json")]);
        assert_eq!(gap.source.collections[0].reasons[0], "page 2 is not here");
    }
}

#[test]
fn a_total_counts_more_than_the_numbers_of_pages() {
    let mapping =
        own("{ format: counted, records: { json: /users }, complete: { total: /total }, account: { id: id } }");
    let page = |id: &str| json!({ "users": [{ "id": id }], "total": 2 }).to_string();
    let all = read_with(mapping, Statements::default(), &[("u-2.json", page("a")), ("u-4.json", page("b"))]);
    assert_eq!(list(&all), (true, Some(Basis::Total), String::new()));
}

#[test]
fn rows_of_a_table_that_end_at_a_limit_may_go_on() {
    let mapping = own("{ format: table, records: csv, complete: { page_limits: [2] }, account: { id: id } }");
    let all = |text: &str| list(&read_with(mapping, Statements::default(), &[("u.csv", text.to_owned())])).0;
    assert!(!all("id\na\nb\n") && all("id\na\nb\nc\n"));
}

#[test]
fn unread_pages_without_an_ending_are_named() {
    let page = json!([{ "username": "a", "state": "active", "access_level": 50 }]).to_string();
    for name in ["page2", "members-2", "members-2.txt", "members-2.json.bak"] {
        let all = read("gitlab-members", &[("members-1.json", page.clone()), (name, page.clone())]);
        let (complete, _, reasons) = list(&all);
        assert!(!complete && reasons.contains(&format!("were not read: `{name}`")), "{name}: {reasons}");
    }
    let table = "id,v\na,1\n".to_owned();
    let mapping = own("{ format: table, records: csv, account: { id: id } }");
    let with = |name, text: &str| {
        list(&read_with(mapping, Statements::default(), &[("u.csv", table.clone()), (name, text.to_owned())]))
    };
    assert!(!with("u-2", &table).0, "the rest of a table");
    assert!(with("README.md", "[notes](x), id\n").0);
}

#[test]
fn gitlab_members_have_their_custom_role_and_need_no_membership_state() {
    let with = |key: &str, value: Value| {
        let mut record = json!({ "username": "a", "state": "active", "access_level": 20 });
        record[key] = value;
        of_record("gitlab-members", &record, None)
    };
    let plain = with("member_role", Value::Null);
    assert_eq!((plain.status, plain.levels), (Fact::Known(AccountStatus::Active), known(&["reporter"])));
    let custom = with("member_role", json!({ "id": 7, "name": "Release Manager", "base_access_level": 20 }));
    assert_eq!(custom.levels, known(&["release manager", "reporter"]));
    assert!(with("member_role", json!({ "id": 7 })).levels.is_unknown(), "a role without a name");
    assert_eq!(with("membership_state", json!("awaiting")).status, Fact::Known(AccountStatus::Invited));
}

#[test]
fn gitlab_users_who_are_no_administrators_may_hold_any_role() {
    let record = |name: &str, is_admin: bool, is_auditor: bool| {
        json!({ "username": name, "state": "active", "is_admin": is_admin, "is_auditor": is_auditor,
            "two_factor_enabled": true, "bot": false, "external": false })
    };
    let all = |records: Vec<Value>| read("gitlab-users", &[("users.json", Value::from(records).to_string())]);
    let both = all(vec![record("root", true, false), record("ann", false, false), record("aud", false, true)]);
    assert!(both.source.collections[0].complete, "{:?}", both.source.collections[0].reasons);
    let of = |id: &str| both.accounts.iter().find(|account| account.id == id).unwrap();
    assert_eq!(of("root").levels, known(&["admin"]));
    assert!(of("ann").levels.is_unknown() && of("aud").levels.is_unknown());
    // Unknown roles do not hide that no administrator is here.
    let (complete, _, reasons) = list(&all(vec![record("ann", false, false)]));
    assert!(!complete && reasons.contains("no account of it holds `admin`"), "{reasons}");
    // A word that hides the role may hide the one that is wanted.
    let hiding =
        own("{ format: hiding, records: csv, complete: { some: [owner] }, account: { id: id, levels: { from: role, \
         words: { Owner: owner, Member: member }, unknown: [Gone] } } }");
    let rows = |role: &str| {
        list(&read_with(hiding, Statements::default(), &[("u.csv", format!("id,role\na,{role}\nb,Member\n"))])).0
    };
    assert!(rows("Gone") && rows("Owner") && !rows("Member"));
}

#[test]
fn entra_users_are_what_keeps_them_out_most() {
    let record = |enabled: bool, kind: &str, state: Option<Value>| {
        let mut record = json!({ "userPrincipalName": "a@x.example", "displayName": "A", "mail": null,
            "accountEnabled": enabled, "userType": kind });
        if let Some(state) = state {
            record["externalUserState"] = state;
        }
        of_record("entra-graph-users", &record, Some("value")).status
    };
    let pending = || Some(json!("PendingAcceptance"));
    assert_eq!(record(false, "Guest", pending()), Fact::Known(AccountStatus::Deactivated));
    assert_eq!(record(true, "Guest", pending()), Fact::Known(AccountStatus::Invited));
    assert_eq!(record(true, "Guest", Some(json!("Accepted"))), Fact::Known(AccountStatus::Active));
    assert_eq!(record(true, "Guest", Some(Value::Null)), Fact::Known(AccountStatus::Active));
    assert_eq!(record(true, "Member", None), Fact::Known(AccountStatus::Active));
    assert_eq!(record(false, "Guest", None), Fact::Known(AccountStatus::Deactivated));
    assert!(record(true, "Guest", None).is_unknown(), "a guest may not have accepted yet");

    let older = "userPrincipalName,objectId,mail,userType,accountEnabled\nann@x.example,1,ann@x.example,Member,True\n\
                 bob@x.example,2,bob@x.example,Member,False\n";
    let older = read("entra-users-csv", &[("users.csv", older.to_owned())]);
    let states: Vec<_> = older.accounts.iter().map(|account| account.status).collect();
    assert_eq!(states, [Fact::Known(AccountStatus::Active), Fact::Known(AccountStatus::Deactivated)]);
}

#[test]
fn entra_sign_ins_that_are_not_known_are_not_never() {
    let record = |sign_ins: Value| {
        let record = json!({ "userPrincipalName": "a@x.example", "displayName": "A", "accountEnabled": true,
            "userType": "Member", "signInActivity": sign_ins });
        of_record("entra-graph-users", &record, Some("value")).last_login
    };
    for empty in [Value::Null, json!("0001-01-01T00:00:00Z")] {
        assert!(record(json!({ "lastSuccessfulSignInDateTime": empty })).is_unknown());
    }
    assert!(record(Value::Null).is_unknown());
    let seen = record(json!({ "lastSuccessfulSignInDateTime": "2026-11-18T08:00:00Z" }));
    assert_eq!(seen, Fact::Known("2026-11-18T08:00:00Z".parse().unwrap()));
}

#[test]
fn deleted_users_of_snowflake_are_deactivated() {
    let header = "NAME,LOGIN_NAME,EMAIL,DISABLED,SNOWFLAKE_LOCK,DEFAULT_ROLE,DELETED_ON\n";
    for (cell, status) in [
        ("", Fact::Known(AccountStatus::Active)),
        ("2026-03-02 09:00:00.000 -0800", Fact::Known(AccountStatus::Deactivated)),
        ("odd", Fact::Unknown),
    ] {
        let rows = format!("{header}ANN,ANN,ann@x.example,false,false,R,{cell}\n");
        assert_eq!(read("snowflake-users-csv", &[("users.csv", rows)]).accounts[0].status, status, "{cell}");
    }
    let show = "name,login_name,email,disabled,snowflake_lock,default_role\nANN,ANN,ann@x.example,false,false,R\n";
    let show = read("snowflake-users-csv", &[("users.csv", show.to_owned())]);
    assert_eq!(show.accounts[0].status, Fact::Known(AccountStatus::Active));
    // A lock is for some minutes.
    let locked = "name,login_name,email,disabled,snowflake_lock,default_role\nANN,ANN,ann@x.example,false,true,R\n";
    let locked = read("snowflake-users-csv", &[("users.csv", locked.to_owned())]);
    assert_eq!(locked.accounts[0].status, Fact::Known(AccountStatus::Active));
}

#[test]
fn a_further_sign_of_a_next_page_makes_a_list_incomplete() {
    let user = r#"{"UserName":"ann","UserId":"A","Arn":"arn:aws:iam::1:user/ann","GroupList":[],"AttachedManagedPolicies":[]}"#;
    let pages = [
        ("", true),
        (r##","IsTruncated":false"##, true),
        (r##","NextToken":"e30=""##, false),
        (r##","IsTruncated":true"##, false),
    ];
    for (further, is_complete) in pages {
        let text = format!("{{\"UserDetailList\":[{user}]{further}}}");
        let read = read("aws-iam-users", &[("users.json", text)]);
        assert_eq!(read.source.collections[0].reasons.is_empty(), is_complete, "{further}");
    }
}

#[test]
fn strangers_and_every_bot_of_slack_have_a_class() {
    for (key, class) in [
        ("is_stranger", AccountClass::External),
        ("is_workflow_bot", AccountClass::Service),
        ("is_connector_bot", AccountClass::Service),
    ] {
        let mut record = json!({ "id": "U1", "team_id": "T1", "deleted": false, "profile": {}, "is_bot": false,
            "is_app_user": false, "is_restricted": false });
        assert_eq!(of_record("slack-users", &record, Some("members")).class, Fact::Empty);
        record[key] = Value::from(true);
        assert_eq!(of_record("slack-users", &record, Some("members")).class, Fact::Known(class), "{key}");
    }
}

#[test]
fn addresses_are_split_translated_and_named_if_they_are_none() {
    let mapping = own("{ format: aliases, records: csv, account: { id: id, email: mail, \
         addresses: { from: more, separator: ';', words: { me: a@x.example, nobody: null } } } }");
    let read = |more: &str| {
        let rows = format!("id,mail,more\nann,ann@x.example,{more}\n");
        let mut all = read_with(mapping, Statements::default(), &[("u.csv", rows)]);
        let said: Vec<String> = all.warnings.iter().map(|warning| warning.message.clone()).collect();
        (all.accounts.remove(0), said.join("; "))
    };
    let (ann, said) = read("b@x.example; ME ;nobody;c@x.example");
    assert_eq!(ann.hints.addresses, ["a@x.example", "b@x.example", "c@x.example"]);
    assert!(!said.contains("address"), "{said}");
    let (ann, said) = read("b@x.example;smtp");
    assert_eq!((ann.hints.addresses.as_slice(), ann.email.is_unknown()), (&["b@x.example".to_owned()][..], false));
    assert!(said.contains("`more` is `smtp`, which counts as no address: `ann`"), "{said}");
    // Without words, the separator counts as well.
    let plain = own(
        "{ format: plain, records: csv, account: { id: id, email: mail, addresses: { from: more, separator: '|' } } }",
    );
    let rows = "id,mail,more\nann,ann@x.example,b@x.example|c@x.example\n".to_owned();
    let all = read_with(plain, Statements::default(), &[("u.csv", rows)]);
    assert_eq!(all.accounts[0].hints.addresses, ["b@x.example", "c@x.example"]);
}

#[test]
fn the_column_of_an_address_that_is_none_is_named() {
    let mapping = own("{ format: a, records: csv, account: { id: id, email: [work, other] } }");
    let rows = "id,work,other\na,,n/a\n".to_owned();
    let all = read_with(mapping, Statements::default(), &[("a.csv", rows)]);
    let warning = all.warnings.iter().find(|warning| warning.code == Code::PlaceholderAddress).unwrap();
    assert!(warning.message.contains("`other` is `n/a`"), "{}", warning.message);
}

#[test]
fn only_a_record_that_may_hold_the_wanted_level_stands_in_for_one_that_does() {
    let mapping = own("{ format: a, records: csv, complete: { some: [owner] }, account: { id: id, levels: \
         [{ from: role, words: { o: owner, m: member }, unknown: [hidden], separator: ';' }, \
          { from: team, words: { t: team } }] } }");
    let lacks_owner = |role: &str, team: &str| {
        let rows = format!("id,role,team\na,{role},{team}\n");
        list(&read_with(mapping, Statements::default(), &[("a.csv", rows)])).2.contains("no account of it holds")
    };
    for (role, team) in [("o", "t"), ("o;m", "t"), ("other", "t"), ("hidden", "t"), ("m;hidden", "t")] {
        assert!(!lacks_owner(role, team), "{role}, {team}");
    }
    // An unknown team leaves the levels unknown, and the role still rules the owner out.
    for (role, team) in [("m", "t"), ("m", "other"), ("", "other"), ("m;m", "other")] {
        assert!(lacks_owner(role, team), "{role}, {team}");
    }
}

/// The further facts of every record of an export.
fn further(name: &str, file: &str, text: String) -> BTreeMap<String, Facts> {
    let files = [RawFile::new(file, text)];
    let identity = identity(Statements::default());
    let Ok(all) = Format::Mapped(named(name).unwrap()).normalize(&identity, &files) else { return BTreeMap::new() };
    let accounts = all.accounts.into_iter().map(|account| (account.id, account.facts));
    let people = all.people.into_iter().flatten().map(|person| (person.id, person.facts));
    accounts.chain(people).collect()
}

/// Every way to leave one key out of the objects in a document.
fn without_a_key(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(object) => {
            let without = object.keys().map(|key| {
                let mut rest = object.clone();
                rest.remove(key);
                Value::Object(rest)
            });
            let inside = object.iter().flat_map(|(key, value)| {
                without_a_key(value).into_iter().map(move |changed| {
                    let mut object = object.clone();
                    object.insert(key.clone(), changed);
                    Value::Object(object)
                })
            });
            without.chain(inside).collect()
        }
        Value::Array(list) => {
            let inside = list.iter().enumerate().flat_map(|(at, value)| {
                without_a_key(value).into_iter().map(move |changed| {
                    let mut list = list.clone();
                    list[at] = changed;
                    Value::Array(list)
                })
            });
            inside.collect()
        }
        _ => Vec::new(),
    }
}

/// Every way to leave one column out of a table.
fn without_a_column(text: &str) -> Vec<String> {
    let rows = || csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).into_records();
    let columns = rows().next().unwrap().unwrap().len();
    let without = |left_out: usize| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows() {
            let row = row.unwrap();
            writer
                .write_record(row.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, cell)| cell))
                .unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    (0..columns).map(without).collect()
}

#[test]
fn what_is_left_out_of_an_export_makes_up_no_further_fact() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let (mut given, mut tried) = (0, 0);
    for mapping in super::built_in() {
        let is_table = mapping.records == super::Records::Csv;
        let file = format!("{}.{}", mapping.name(), if is_table { "csv" } else { "json" });
        let text = std::fs::read_to_string(folder.join(&file)).unwrap();
        let before = further(mapping.name(), &file, text.clone());
        given += before.values().map(Facts::len).sum::<usize>();
        let fewer = match is_table {
            true => without_a_column(&text),
            false => without_a_key(&serde_json::from_str(&text).unwrap()).iter().map(Value::to_string).collect(),
        };
        for text in fewer {
            tried += 1;
            let after = further(mapping.name(), &file, text.clone());
            for (id, facts) in after.iter().filter(|(id, _)| before.contains_key(*id)) {
                for (fact, value) in facts {
                    assert_eq!(Some(value), before[id].get(fact), "{file}: {id}: {fact} of {text}");
                }
            }
        }
    }
    assert!(given > 60 && tried > 300, "{given} {tried}");
}
