//! The Google Workspace admin console's "Download users": columns are told by name, without their `[…]` suffix. It has
//! no column for administrator roles, so levels are unknown.

use super::{Format, Normalized, SourceIdentity, accounts_csv, record, record::NotUnderstood, table::Table};
use crate::{
    diagnostic::Diagnostic,
    files::RawFile,
    model::{Account, AccountStatus, Fact, Facts, LinkHints, fold::fold, snapshot::Unknown},
};

/// The columns that are read, as Google names them.
const ADDRESS: &str = "email address";
const STATUS: &str = "status";
const LAST_SIGN_IN: &str = "last sign in";
const EMPLOYEE_ID: &str = "employee id";
const MANAGER: &str = "manager email";
const WORK_SECONDARY: &str = "work secondary email";
const ENROLLED: &str = "2sv enrolled";

/// Normalises one export.
///
/// # Errors
/// That the file is not text, not CSV, or lacks the column of the address.
pub fn normalize(identity: &SourceIdentity, file: &RawFile) -> Result<Normalized, Vec<Diagnostic>> {
    let mut table =
        Table::read_vendor(file, &[ADDRESS], &[STATUS, LAST_SIGN_IN, EMPLOYEE_ID, MANAGER, WORK_SECONDARY, ENROLLED])?;
    let not_understood = NotUnderstood::new(&identity.zone);
    let rows = table.keyed_rows(ADDRESS);
    let accounts: Vec<_> = rows
        .iter()
        .map(|(address, row)| {
            let mut unknown = Unknown::new();
            let mut fact = table.facts(row, address, &mut unknown, &not_understood);
            let mut facts = Facts::new();
            fact.further_flag(&mut facts, "mfaEnabled", ENROLLED);
            let mut account = Account {
                id: fold(address).into_owned(),
                system: identity.system.clone(),
                source: identity.id.clone(),
                email: fact.read("email", ADDRESS, |text| not_understood.address("`email address`", text, address)),
                person: None,
                hints: LinkHints {
                    external_id: None,
                    addresses: Vec::new(),
                    employee_number: table.text(row, EMPLOYEE_ID),
                    manager: table.text(row, MANAGER),
                },
                status: fact.read("status", STATUS, status),
                levels: Fact::Unknown,
                class: Fact::Empty,
                last_login: fact.read("last_login", LAST_SIGN_IN, last_sign_in),
                supplied: Default::default(),
                facts,
                unknown: Unknown::new(),
            };
            unknown.insert("levels".to_owned(), "the export has no column for roles".to_owned());
            if matches!(account.status, Fact::Empty) {
                account.status = Fact::Unknown;
                unknown.insert("status".to_owned(), "`status` is empty".to_owned());
            }
            let further = table.text(row, WORK_SECONDARY);
            account.hints.addresses = record::further_addresses(&account.email, further.as_deref());
            account.unknown = unknown;
            (table.place(row), account)
        })
        .collect();
    Ok(table.into_accounts(identity, Format::GoogleWorkspaceCsv, accounts, &not_understood))
}

fn status(text: &str) -> Result<Option<AccountStatus>, String> {
    match text.to_lowercase().as_str() {
        "active" => Ok(Some(AccountStatus::Active)),
        "suspended" => Ok(Some(AccountStatus::Suspended)),
        _ => Err(format!("{} is not a status that tenure knows", record::quoted(text))),
    }
}

/// `2016/04/04 00:24:13`, taken for UTC since no zone is said; or `Never logged in`.
fn last_sign_in(text: &str) -> Result<Option<jiff::Timestamp>, String> {
    match text.split_once(' ') {
        Some((day, time)) if day.contains('/') => {
            record::instant(&format!("{}T{time}Z", day.replace('/', "-"))).map(Some)
        }
        _ => accounts_csv::last_login(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FactValue;

    #[test]
    fn columns_are_told_by_name() {
        let text = "Status [READ ONLY],First Name [Required],Email Address [Required],Last Sign In [READ ONLY],Employee ID,Password [Required],2sv Enrolled [READ ONLY]\n\
                    Active,A,A@x.example,2016/04/04 00:24:13,E-1,****,True\n\
                    Suspended,B,b@x.example,Never logged in,,****,False\n\
                    Archived,C,c@x.example,2016/04/04,,****,\n";
        let identity = SourceIdentity {
            id: "google-workspace".into(),
            system: "google-workspace".into(),
            endpoint: "users.csv".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let all = normalize(&identity, &RawFile::new("users.csv", text)).unwrap();
        let [a, b, c] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        assert_eq!((a.id.as_str(), &a.status), ("a@x.example", &Fact::Known(AccountStatus::Active)));
        assert_eq!(a.last_login, Fact::Known("2016-04-04T00:24:13Z".parse().unwrap()));
        assert_eq!(a.hints.employee_number.as_deref(), Some("E-1"));
        assert_eq!((&b.status, &b.last_login), (&Fact::Known(AccountStatus::Suspended), &Fact::Empty));
        assert!(c.status.is_unknown() && c.last_login.is_unknown() && c.levels.is_unknown());
        let enrolled = |account: &Account| account.facts.get("mfaEnabled").cloned().flatten();
        assert_eq!((enrolled(a), enrolled(b)), (Some(FactValue::Bool(true)), Some(FactValue::Bool(false))));
        assert!(c.facts.is_empty() && c.unknown["facts.mfaEnabled"] == "`2sv enrolled` is empty");
        assert!(!format!("{:?}", all.warnings).contains("first name"), "other columns of the export are expected");
    }
}
