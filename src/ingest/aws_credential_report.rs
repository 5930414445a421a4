//! The AWS IAM credential report: users become the accounts of a system. It has neither addresses nor permissions: an
//! account has an address only where its name is one, and levels are unknown but for the root user's.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use super::{Format, Normalized, SourceIdentity, peek, record, record::NotUnderstood, table, table::Table};
use crate::{
    diagnostic::{Code, Diagnostic},
    files::RawFile,
    model::{
        Account, AccountClass, AccountStatus, Fact, Facts, LinkHints, address::AddressText, declared::unknown_key,
        snapshot::Unknown, time,
    },
};

/// What lets a user in.
const CREDENTIALS: [&str; 5] =
    ["password_enabled", "access_key_1_active", "access_key_2_active", "cert_1_active", "cert_2_active"];
/// When they were last used.
const USES: [&str; 3] = ["password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"];
/// When the user was created.
const CREATED: &str = "user_creation_time";
/// The day since which AWS tracks the use of passwords (2014-10-20) and of access keys: of all use that it reports.
const TRACKED_SINCE: Date = jiff::civil::date(2015, 4, 22);
/// Whether a login with the password asks for a second factor.
const MFA: &str = "mfa_active";
/// The column whose values hold the number of the AWS account.
const ARN: &str = "arn";
/// The name of the root user's row.
const ROOT: &str = "<root_account>";

/// Normalises one report: the CSV itself, or what `aws iam get-credential-report` prints around it.
///
/// # Errors
/// That the file is not text, not CSV, or lacks a column it needs.
pub fn normalize(identity: &SourceIdentity, file: &RawFile) -> Result<Normalized, Vec<Diagnostic>> {
    match peek::document(file).filter(|_| peek::is_json(file)) {
        None => normalize_table(identity, file),
        Some(answer) => {
            let (report, generated) = unwrap(file, &answer).map_err(|problem| vec![problem])?;
            let identity = SourceIdentity { pulled_at: generated, ..identity.clone() };
            normalize_table(&identity, &report)
        }
    }
}

/// Whether a JSON document is the answer of `aws iam get-credential-report`.
pub(super) fn is_envelope(document: &Value) -> bool {
    ["Content", "ReportFormat", "GeneratedTime"].iter().all(|key| document.get(key).is_some())
}

/// The report in an answer, and when AWS made it.
fn unwrap(file: &RawFile, answer: &Value) -> Result<(RawFile, Timestamp), Diagnostic> {
    let wrong = |reason: &str| {
        let message = format!("`{}` is not an answer of `aws iam get-credential-report`: {reason}", file.shown);
        let problem = Diagnostic::error(Code::NotAPage, message).in_file(&file.shown);
        problem.help("fetch it again: `aws iam get-credential-report --output json`")
    };
    let text = |key: &str| {
        let text = answer.get(key).and_then(Value::as_str);
        text.ok_or_else(|| wrong(&format!("it has no `{key}` that is a text")))
    };
    let content: String = text("Content")?.split_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(content).map_err(|_| wrong("its `Content` is not base64"))?;
    let generated = record::instant(text("GeneratedTime")?);
    let generated = generated.map_err(|reason| wrong(&format!("`GeneratedTime`: {reason}")))?;
    Ok((RawFile { name: file.name.clone(), shown: file.shown.clone(), bytes }, time::whole_seconds(generated)))
}

fn normalize_table(identity: &SourceIdentity, file: &RawFile) -> Result<Normalized, Vec<Diagnostic>> {
    let optional: Vec<&str> = CREDENTIALS.iter().skip(1).chain(&USES).chain([&ARN, &CREATED, &MFA]).copied().collect();
    let mut table = Table::read_vendor(file, &["user", "password_enabled"], &optional)?;
    let not_understood = NotUnderstood::new(&identity.zone);
    let rows = table.keyed_rows("user");
    // The same name in several AWS accounts is several users.
    let names: BTreeSet<&str> = rows.iter().map(|(user, _)| user.as_str()).collect();
    if !table.has(ARN) && names.len() < rows.len() {
        let message =
            format!("the report names a user twice and has no column `{ARN}`, so whose rows these are is unknown");
        let help =
            format!("export the report again with the column `{ARN}`, or give each AWS account a source of its own");
        return Err(vec![Diagnostic::error(Code::MissingColumn, message).in_file(&identity.endpoint).help(help)]);
    }
    let number = |row: &table::Row| table.text(row, ARN).and_then(|arn| account_number(&arn));
    let mut numbers: BTreeMap<&str, BTreeSet<Option<String>>> = BTreeMap::new();
    for (user, row) in &rows {
        numbers.entry(user).or_default().insert(number(row));
    }
    let all: BTreeSet<&Option<String>> = numbers.values().flatten().collect();
    let mut realm = all.first().copied().cloned().flatten();
    if all.len() > 1 {
        realm = None;
    }
    let accounts: Vec<_> = rows
        .iter()
        .map(|(user, row)| {
            let root = user == ROOT;
            // Reports of several AWS accounts in one file name different users alike.
            let clashes = numbers.get(user.as_str()).is_some_and(|numbers| numbers.len() > 1);
            let id = match number(row).filter(|_| clashes) {
                Some(number) => format!("{number}/{user}"),
                None => user.clone(),
            };
            let mut unknown = Unknown::new();
            let facts = further(&table, row, user, &mut unknown, &not_understood);
            let mut account = Account {
                id,
                system: identity.system.clone(),
                source: identity.id.clone(),
                email: AddressText::of(user).address().map(str::to_owned).into(),
                person: None,
                hints: LinkHints::default(),
                status: Fact::Known(AccountStatus::Active),
                levels: Fact::Known(vec!["root".to_owned()]),
                class: if root { Fact::Known(AccountClass::System) } else { Fact::Empty },
                last_login: last_use(&table, row, user, &mut unknown, &not_understood),
                supplied: Default::default(),
                facts,
                unknown: Unknown::new(),
            };
            if !root {
                // The root user cannot be switched off, and its row says `not_supported`.
                account.status = status(&table, row, user, &mut unknown, &not_understood);
                account.levels = Fact::Unknown;
                unknown.insert("levels".to_owned(), "the report does not give permissions".to_owned());
            }
            account.unknown = unknown;
            (table.place(row), account)
        })
        .collect();
    // Of joined reports, each AWS account has to show its own.
    let has_root = numbers.get(ROOT).is_some_and(|of| all.iter().all(|number| of.contains(*number)));
    let mut one = table.into_accounts(identity, Format::AwsCredentialReport, accounts, &not_understood);
    if let Some(list) = one.source.collections.first_mut().filter(|_| !has_root) {
        list.incomplete("an AWS account of it has no row of the root user, and every one has");
        let name = list.name.clone();
        one.warn_incomplete(&name);
    }
    one.realm = realm;
    Ok(one)
}

/// The number of the AWS account in the ARN of a user.
fn account_number(arn: &str) -> Option<String> {
    let number = arn.split(':').nth(4)?;
    (number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.to_owned())
}

/// AWS's spellings of "no value".
const NOTHING: [&str; 2] = ["n/a", "not_supported"];
/// AWS's word for a use that it does not know of, and that there may have been.
const NO_INFORMATION: &str = "no_information";

/// A user with any credential can get in; one of whom every credential is known to be off cannot.
fn status(
    table: &Table,
    row: &table::Row,
    user: &str,
    unknown: &mut Unknown,
    seen: &NotUnderstood,
) -> Fact<AccountStatus> {
    let mut open = None;
    for column in CREDENTIALS {
        let text = table.text(row, column).unwrap_or_default();
        match text.to_lowercase().as_str() {
            "true" => return Fact::Known(AccountStatus::Active),
            "false" => {}
            _ if !table.has(column) => open = Some(format!("the report has no column `{column}`")),
            _ => open = Some(format!("`{column}`: {} is neither true nor false", record::quoted(&text))),
        }
    }
    match open {
        None => Fact::Known(AccountStatus::Deactivated),
        Some(reason) => {
            seen.add(reason.clone(), user);
            unknown.insert("status".to_owned(), reason);
            Fact::Unknown
        }
    }
}

/// When the user was made, and whether a second factor is on. The latter concerns logins with a password alone, which the
/// root user always has; a key needs none.
fn further(table: &Table, row: &table::Row, user: &str, unknown: &mut Unknown, seen: &NotUnderstood) -> Facts {
    let mut facts = Facts::new();
    let mut fact = table.facts(row, user, unknown, seen);
    fact.created_at(&mut facts, CREATED, |text| {
        let is_nothing = NOTHING.iter().chain([&NO_INFORMATION]).any(|word| text.eq_ignore_ascii_case(word));
        if is_nothing { Ok(None) } else { record::instant(text).map(Some) }
    });
    let password = table.text(row, "password_enabled").unwrap_or_default();
    if user == ROOT || password.eq_ignore_ascii_case("true") {
        fact.further_flag(&mut facts, "mfaEnabled", MFA);
    } else if table.has(MFA) {
        let reason = format!("`{MFA}` is about logins with a password, and `password_enabled` is not `true`");
        fact.unknown(&unknown_key("mfaEnabled"), reason);
    }
    facts
}

/// The last use of any credential. Without a date of another one, a use that AWS does not know of leaves it unknown.
fn last_use(
    table: &Table,
    row: &table::Row,
    user: &str,
    unknown: &mut Unknown,
    seen: &NotUnderstood,
) -> Fact<jiff::Timestamp> {
    let (mut last, mut open) = (None, None);
    for column in USES {
        if !table.has(column) {
            unknown.insert("last_login".to_owned(), format!("the report has no column `{column}`"));
            return Fact::Unknown;
        }
        match table.text(row, column) {
            None => open = Some(format!("`{column}` is empty")),
            Some(text) if text.eq_ignore_ascii_case(NO_INFORMATION) => {
                open = Some(format!("`{column}` is `{NO_INFORMATION}`, which does not rule out an earlier use"));
            }
            Some(text) if NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word)) => {}
            Some(text) => match record::instant(&text) {
                Ok(used) => last = last.max(Some(used)),
                Err(reason) => {
                    let what = format!("`{column}`: {reason}");
                    seen.add(what.clone(), user);
                    unknown.insert("last_login".to_owned(), what);
                    return Fact::Unknown;
                }
            },
        }
    }
    let reason = match last {
        Some(used) => return Fact::Known(used),
        None => open.or_else(|| untracked(table, row)),
    };
    match reason {
        Some(reason) => {
            unknown.insert("last_login".to_owned(), reason);
            Fact::Unknown
        }
        None => Fact::Empty,
    }
}

/// Why a use may have been before AWS tracked any: `N/A` means "never" only of a user who was created later.
fn untracked(table: &Table, row: &table::Row) -> Option<String> {
    let created = table.text(row, CREATED).and_then(|text| record::instant(&text).ok());
    match created.map(|created| created.to_zoned_datetime(TimeZone::UTC).date()) {
        Some(created) if created > TRACKED_SINCE => None,
        Some(created) => Some(format!("the user is of {created}, and AWS tracks all use only since {TRACKED_SINCE}")),
        None if !table.has(CREATED) => Some(format!("the report has no column `{CREATED}`")),
        None => Some(format!("`{CREATED}` gives no time, so a use before {TRACKED_SINCE} is possible")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_reports_keep_users_of_several_aws_accounts_apart() {
        let identity = SourceIdentity {
            id: "aws".into(),
            system: "aws".into(),
            endpoint: "report.csv".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let header = "user,arn,password_enabled\n";
        let of = |number: &str, users: &[&str]| {
            let rows = users.iter().map(|user| format!("{user},arn:aws:iam::{number}:user/{user},true\n"));
            format!("{header}{}", rows.collect::<String>())
        };
        let ids = |text: String| {
            let all = normalize(&identity, &RawFile::new("report.csv", text)).unwrap();
            let mut ids: Vec<String> = all.accounts.into_iter().map(|account| account.id).collect();
            ids.sort();
            (ids, all.realm)
        };
        let (first, second) = (of("111111111111", &["bob", "ann"]), of("222222222222", &["bob"]));
        let expected = ["111111111111/bob", "222222222222/bob", "ann"].map(str::to_owned).to_vec();
        assert_eq!(ids(first.clone() + &second), (expected.clone(), None));
        let root = |number: &str| format!("{ROOT},arn:aws:iam::{number}:root,true\n");
        let complete = |text: String| {
            let all = normalize(&identity, &RawFile::new("report.csv", text)).unwrap();
            all.source.collections[0].complete
        };
        let (both, roots) = (first.clone() + &second, root("111111111111") + &root("222222222222"));
        assert!(complete(both.clone() + &roots) && !complete(both + &root("111111111111")), "one root of two");
        let bare = RawFile::new("report.csv", "user,password_enabled\nbob,true\nann,true\nbob,true\n");
        let problems = normalize(&identity, &bare).unwrap_err();
        assert!(problems[0].message.contains("no column `arn`"), "{problems:?}");
        assert_eq!(ids(second + &first), (expected, None));
        assert_eq!(ids(first), (vec!["ann".to_owned(), "bob".to_owned()], Some("111111111111".to_owned())));
    }

    #[test]
    fn any_credential_lets_a_user_in() {
        let text = "user,user_creation_time,password_enabled,password_last_used,access_key_1_active,access_key_1_last_used_date,\
                    access_key_2_active,access_key_2_last_used_date,cert_1_active,cert_2_active\n\
                    <root_account>,2013-01-02T03:04:05+00:00,not_supported,2026-01-02T03:04:05+00:00,false,N/A,false,N/A,false,false\n\
                    amara@x.example,2024-01-02T03:04:05+00:00,true,no_information,false,N/A,false,N/A,false,false\n\
                    robot,2013-01-02T03:04:05+00:00,false,N/A,TRUE,2026-02-02T03:04:05+00:00,false,N/A,false,false\n\
                    gone,2024-01-02T03:04:05+00:00,false,N/A,false,N/A,false,N/A,false,false\n\
                    old,2013-01-02T03:04:05+00:00,false,N/A,false,N/A,false,N/A,false,false\n\
                    new,,false,N/A,false,N/A,false,N/A,false,false\n\
                    odd,2024-01-02T03:04:05+00:00,perhaps,N/A,false,N/A,false,N/A,false,false\n";
        let identity = SourceIdentity {
            id: "aws".into(),
            system: "aws".into(),
            endpoint: "report.csv".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let all = normalize(&identity, &RawFile::new("report.csv", text)).unwrap();
        let of = |id: &str| all.accounts.iter().find(|account| account.id == id).unwrap();
        assert_eq!(of(ROOT).class, Fact::Known(AccountClass::System));
        assert_eq!(of(ROOT).levels, Fact::Known(vec!["root".into()]));
        assert_eq!(of("amara@x.example").email, Fact::Known("amara@x.example".into()));
        assert_eq!((&of("robot").status, &of("robot").email), (&Fact::Known(AccountStatus::Active), &Fact::Empty));
        assert_eq!(of("robot").last_login, Fact::Known("2026-02-02T03:04:05Z".parse().unwrap()));
        assert_eq!(of("gone").last_login, Fact::Empty);
        assert!(of("old").unknown["last_login"].contains("2015-04-22"), "{:?}", of("old"));
        assert!(of("new").unknown["last_login"].contains("user_creation_time"), "{:?}", of("new"));
        assert!(of("amara@x.example").last_login.is_unknown());
        assert!(of("amara@x.example").unknown["last_login"].contains("no_information"));
        // Another credential was used later than anything that AWS has no information of.
        let used = text.replace("true,no_information,false,N/A", "true,no_information,true,2026-03-02T03:04:05+00:00");
        let used = normalize(&identity, &RawFile::new("report.csv", used)).unwrap();
        let amara = used.accounts.iter().find(|account| account.id == "amara@x.example").unwrap();
        assert_eq!(amara.last_login, Fact::Known("2026-03-02T03:04:05Z".parse().unwrap()));
        let empty = text.replace(
            "gone,2024-01-02T03:04:05+00:00,false,N/A,false,N/A",
            "gone,2024-01-02T03:04:05+00:00,false,N/A,false,",
        );
        let empty = normalize(&identity, &RawFile::new("report.csv", empty)).unwrap();
        let gone = empty.accounts.iter().find(|account| account.id == "gone").unwrap();
        assert_eq!(gone.unknown["last_login"], "`access_key_1_last_used_date` is empty");
        assert_eq!(of("gone").status, Fact::Known(AccountStatus::Deactivated));
        assert!(of("odd").status.is_unknown());
        // What is not in the report may be a key that works.
        let trimmed = RawFile::new("report.csv", "user,password_enabled\ngone,false\nhere,true\n");
        let all = normalize(&identity, &trimmed).unwrap();
        let list = &all.source.collections[0];
        assert!(!list.complete && list.reasons[0].contains("root user"), "{list:?}");
        assert!(all.accounts[0].status.is_unknown() && all.accounts[0].last_login.is_unknown());
        assert_eq!(all.accounts[1].status, Fact::Known(AccountStatus::Active));
    }

    #[test]
    fn a_second_factor_is_about_logins_with_a_password() {
        let text = "user,user_creation_time,password_enabled,mfa_active,access_key_1_active\n\
                    <root_account>,2013-01-02T03:04:05+00:00,not_supported,true,false\n\
                    ann,2024-01-02T03:04:05+00:00,true,true,false\n\
                    bob,N/A,TRUE,False,false\n\
                    robot,2024-01-02T03:04:05+00:00,false,true,true\n\
                    key,2024-01-02T03:04:05+00:00,false,false,true\n\
                    odd,soon,true,N/A,true\n";
        let identity = SourceIdentity {
            id: "aws".into(),
            system: "aws".into(),
            endpoint: "report.csv".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let all = normalize(&identity, &RawFile::new("report.csv", text)).unwrap();
        let facts: Vec<String> =
            all.accounts.iter().map(|account| serde_json::to_string(&account.facts).unwrap()).collect();
        let expected = [
            r#"{"createdAt":"2013-01-02T03:04:05Z","mfaEnabled":true}"#,
            r#"{"createdAt":"2024-01-02T03:04:05Z","mfaEnabled":true}"#,
            r#"{"mfaEnabled":false}"#,
            r#"{"createdAt":"2024-01-02T03:04:05Z"}"#,
            r#"{"createdAt":"2024-01-02T03:04:05Z"}"#,
            "{}",
        ];
        assert_eq!(facts, expected);
        assert!(all.accounts[4].unknown["facts.mfaEnabled"].contains("logins with a password"));
        assert_eq!(all.accounts[2].unknown["facts.createdAt"], "`user_creation_time` is empty");
        let bare = normalize(&identity, &RawFile::new("report.csv", "user,password_enabled\nann,true\n")).unwrap();
        assert!(bare.accounts[0].facts.is_empty() && !bare.accounts[0].unknown.contains_key("facts.mfaEnabled"));
    }
}
