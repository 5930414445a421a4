//! An account list as CSV: `account,email,status,roles,last_login,class`, roles separated by `;`.
//!
//! Only `account` has to be there. A column that is missing makes its facts unknown, an empty cell says that there is
//! nothing; an empty `status` is unknown too, since an account always has one. Columns of further facts have their names:
//! `createdAt,mfaEnabled,external,privileged,expiresOn`. Only an empty `expiresOn` means none.

use super::{Format, Normalized, SourceIdentity, record, record::NotUnderstood, table, table::Table};
use crate::{
    diagnostic::Diagnostic,
    files::RawFile,
    model::{Account, AccountClass, AccountStatus, Fact, Facts, LinkHints, slug, snapshot::Unknown},
};

/// Columns that may be missing, as they are compared.
const COLUMNS: [&str; 10] = [
    "email",
    "status",
    "roles",
    "last_login",
    "class",
    "createdat",
    "mfaenabled",
    "external",
    "privileged",
    "expireson",
];

/// Normalises one account list.
///
/// # Errors
/// That the file is not text, not CSV, or lacks the column `account`.
pub fn normalize(identity: &SourceIdentity, file: &RawFile) -> Result<Normalized, Vec<Diagnostic>> {
    let mut table = Table::read(file, &["account"], &COLUMNS)?;
    let not_understood = NotUnderstood::new(&identity.zone);
    let rows = table.keyed_rows("account");
    let accounts: Vec<_> = rows
        .iter()
        .map(|(id, row)| {
            let mut unknown = Unknown::new();
            let mut fact = table.facts(row, id, &mut unknown, &not_understood);
            let mut facts = Facts::new();
            fact.created_at(&mut facts, "createdat", last_login);
            for (name, column) in [("mfaEnabled", "mfaenabled"), ("external", "external"), ("privileged", "privileged")]
            {
                fact.further_flag(&mut facts, name, column);
            }
            fact.further_day(&mut facts, "expiresOn", "expireson", |text| not_understood.date(text));
            let mut account = Account {
                id: id.clone(),
                system: identity.system.clone(),
                source: identity.id.clone(),
                email: fact.read("email", "email", |text| not_understood.address("`email`", text, id)),
                person: None,
                hints: LinkHints::default(),
                status: fact.read("status", "status", status),
                levels: fact.read("levels", "roles", |text| table::level_names(text).map(Some)),
                class: if table.has("class") { fact.read("class", "class", class) } else { Fact::Empty },
                last_login: fact.read("last_login", "last_login", last_login),
                supplied: Default::default(),
                facts,
                unknown: Unknown::new(),
            };
            if matches!(account.status, Fact::Empty) {
                account.status = Fact::Unknown;
                unknown.insert("status".to_owned(), "`status` is empty".to_owned());
            }
            if matches!(account.levels, Fact::Empty) {
                account.levels = Fact::Known(Vec::new());
            }
            // The login itself is often an address.
            account.hints.addresses = record::further_addresses(&account.email, [id.as_str()]);
            account.unknown = unknown;
            (table.place(row), account)
        })
        .collect();
    Ok(table.into_accounts(identity, Format::AccountsCsv, accounts, &not_understood))
}

/// Tenure's words for a status, and the commonest others.
pub(super) fn status(text: &str) -> Result<Option<AccountStatus>, String> {
    match text.to_lowercase().as_str() {
        "active" | "enabled" => Ok(Some(AccountStatus::Active)),
        "invited" | "pending" => Ok(Some(AccountStatus::Invited)),
        "suspended" => Ok(Some(AccountStatus::Suspended)),
        "deactivated" | "disabled" | "deleted" => Ok(Some(AccountStatus::Deactivated)),
        _ => Err(format!("{} is not a status that tenure knows", record::quoted(text))),
    }
}

/// Without the column the source says nothing about classes, which is not the same as an account of an unknown class.
fn class(text: &str) -> Result<Option<AccountClass>, String> {
    AccountClass::from_word(&slug(text))
        .map(Some)
        .ok_or_else(|| format!("{} is not a class that tenure knows", record::quoted(text)))
}

/// An instant, a date (its beginning, UTC), or a spelling of "never".
pub(super) fn last_login(text: &str) -> Result<Option<jiff::Timestamp>, String> {
    if ["never", "never logged in", "n/a", "null", "none"].contains(&text.to_lowercase().as_str()) {
        return Ok(None);
    }
    record::instant(text).or_else(|_| record::instant(&format!("{text}T00:00:00Z"))).map(Some).map_err(|_| {
        format!("{} is neither an instant such as `2026-11-20T09:00:00Z` nor a date", record::quoted(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn read(text: &str) -> Result<Normalized, Vec<Diagnostic>> {
        let identity = SourceIdentity {
            id: "github".into(),
            system: "github".into(),
            endpoint: "github.csv".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        normalize(&identity, &RawFile::new("github.csv", text))
    }

    #[test]
    fn cells_are_facts() {
        let all = read(
            "\u{feff}account,email,status,roles,last_login,class\n\
             a,A@x.example,Active,Owner; Org Member ,2026-11-20T09:00:00Z,\n\
             b,,,,Never logged in,break-glass\n\
             c,c@x.example,dormant,,2026-01-02,robot\n",
        )
        .unwrap();
        let [a, b, c] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        assert_eq!(a.levels, Fact::Known(vec!["org member".into(), "owner".into()]));
        assert_eq!(a.email, Fact::Known("A@x.example".into()));
        assert_eq!((&a.class, &b.class), (&Fact::Empty, &Fact::Known(AccountClass::BreakGlass)));
        assert_eq!((&b.email, &b.last_login), (&Fact::Empty, &Fact::Empty));
        assert_eq!(b.unknown["status"], "`status` is empty");
        assert!(c.status.is_unknown() && c.class.is_unknown());
        assert_eq!(all.warnings.len(), 2);
    }

    #[test]
    fn columns_of_further_facts_have_their_names() {
        let all = read(
            "account,createdAt,mfaEnabled,external,privileged,expiresOn\n\
             a,2024-01-08,yes,no,TRUE,2026-12-31\n\
             b,,,,,\n\
             c,never,maybe,0,1,soon\n",
        )
        .unwrap();
        let [a, b, c] = all.accounts.as_slice() else { panic!("{:?}", all.accounts) };
        let facts = serde_json::to_string(&a.facts).unwrap();
        let expected = r#"{"createdAt":"2024-01-08T00:00:00Z","expiresOn":"2026-12-31","external":false,"mfaEnabled":true,"privileged":true}"#;
        assert_eq!(facts, expected);
        assert_eq!(serde_json::to_string(&b.facts).unwrap(), r#"{"expiresOn":null}"#);
        assert_eq!(b.unknown["facts.mfaEnabled"], "`mfaenabled` is empty");
        assert_eq!(serde_json::to_string(&c.facts).unwrap(), r#"{"external":false,"privileged":true}"#);
        assert_eq!(c.unknown["facts.createdAt"], "`createdat` is empty");
        assert!(c.unknown["facts.expiresOn"].contains("`soon`"));
        assert_eq!(all.warnings.len(), 2, "{:?}", all.warnings);
        let without = read("account,status\na,active\n").unwrap();
        assert!(
            without.accounts[0].facts.is_empty()
                && without.accounts[0].unknown.keys().all(|key| !key.starts_with("facts"))
        );
    }

    #[test]
    fn a_missing_column_is_unknown_for_everybody() {
        let all = read("account,status\na,active\n").unwrap();
        assert!(all.accounts[0].levels.is_unknown() && all.accounts[0].email.is_unknown());
        assert_eq!(all.accounts[0].unknown["levels"], "`github.csv` has no column `roles`");
        assert_eq!(all.accounts[0].class, Fact::Empty);
    }

    #[test]
    fn rows_that_cannot_be_used_are_named() {
        let all = read("account,status\na,active\n,active\na,active\nb\n").unwrap();
        assert_eq!(all.accounts.len(), 1);
        let collection = &all.source.collections[0];
        assert!(!collection.complete);
        let named: Vec<String> = collection.rejected.iter().map(|no| format!("{}: {}", no.record, no.reason)).collect();
        assert_eq!(
            named,
            ["github.csv, line 5: it has 1 cells, the header has 2", "github.csv, line 3: its `account` is empty",]
        );
    }

    #[test]
    fn addresses_are_addresses() {
        let all =
            read("account,email,status\na,N/A,active\nb,-,active\nc,ask-ann,active\nd,d@x.example,active\n").unwrap();
        let emails: Vec<_> = all.accounts.iter().map(|account| account.email.clone()).collect();
        assert_eq!(emails, [Fact::Empty, Fact::Empty, Fact::Unknown, Fact::Known("d@x.example".into())]);
        assert_eq!(all.accounts[2].unknown["email"], "`email`: `ask-ann` is not an e-mail address");
        let said: Vec<&str> = all.warnings.iter().map(|said| said.message.as_str()).collect();
        assert!(said.iter().any(|said| said.contains("`email` is `N/A`, which counts as no address: `a`")), "{said:?}");
    }

    #[test]
    fn rows_of_one_account_are_merged_in_any_order() {
        let rows = ["a,active,owner", "a,active,member", "b,suspended,", "b,active,"];
        let mut reversed = rows;
        reversed.reverse();
        for rows in [rows, reversed] {
            let all = read(&format!("account,status,roles\n{}\n", rows.join("\n"))).unwrap();
            let of = |id: &str| all.accounts.iter().find(|account| account.id == id).unwrap();
            assert_eq!(of("a").levels, Fact::Known(vec!["member".into(), "owner".into()]));
            assert_eq!(of("a").status, Fact::Known(AccountStatus::Active));
            assert!(of("b").status.is_unknown());
            assert!(all.source.collections[0].complete && all.source.collections[0].records == 2);
            assert!(all.warnings.iter().any(|said| said.code == Code::RecordsDiffer && said.message.contains("`b`")));
        }
    }

    #[test]
    fn a_quote_out_of_place_hides_no_account() {
        let all = read(
            "account,email,roles,last_login\na,a@x.example,member,\"2026-01-01\nghost,x@x.example,admin,\"\nb,b@x.example,member,\n",
        )
        .unwrap();
        assert_eq!(all.accounts.len(), 1);
        let collection = &all.source.collections[0];
        assert!(!collection.complete);
        assert!(collection.rejected[0].reason.contains("a quote is out of place"), "{collection:?}");
        assert!(read("account,roles\na,\"member\n").unwrap_err()[0].message.contains("line 2 is never closed"));
    }

    #[test]
    fn a_table_without_the_column_is_refused() {
        assert!(read("user,status\na,active\n").unwrap_err()[0].message.contains("no column `account`"));
        assert!(read("").unwrap_err()[0].message.contains("empty"));
    }
}
