use super::*;
use crate::model::AccountStatus;

fn row(line: usize, status: Fact<AccountStatus>, levels: &[&str]) -> Placed<Account> {
    let levels = levels.iter().map(|level| (*level).to_owned()).collect();
    let mut unknown = Unknown::new();
    if status.is_unknown() {
        unknown.insert("status".into(), "`status`: `x` is not a status".into());
    }
    let account = Account {
        id: "bob".into(),
        system: "app".into(),
        source: "app".into(),
        email: Fact::Known("bob@x.example".into()),
        person: None,
        hints: LinkHints::default(),
        status,
        levels: Fact::Known(levels),
        class: Fact::Empty,
        last_login: Fact::Empty,
        supplied: BTreeMap::new(),
        facts: BTreeMap::new(),
        unknown,
    };
    (format!("app.csv, line {line}"), account)
}

fn merged(rows: Vec<Placed<Account>>) -> (Account, Vec<Diagnostic>) {
    let mut findings = Findings::default();
    let mut all = accounts(rows, &mut findings);
    assert_eq!(all.len(), 1);
    (all.remove(0), findings.warnings("app"))
}

const ACTIVE: Fact<AccountStatus> = Fact::Known(AccountStatus::Active);
const SUSPENDED: Fact<AccountStatus> = Fact::Known(AccountStatus::Suspended);

#[test]
fn levels_add_up_and_equal_facts_stand() {
    let (one, warnings) = merged(vec![row(2, ACTIVE, &["owner"]), row(3, ACTIVE, &["member"])]);
    assert_eq!(one.levels, Fact::Known(vec!["member".into(), "owner".into()]));
    assert_eq!(one.status, ACTIVE);
    assert!(warnings[0].message.contains("`bob` (app.csv, line 2 and app.csv, line 3)"), "{warnings:?}");
}

#[test]
fn facts_that_differ_are_unknown_in_either_order() {
    for (first, second) in [(SUSPENDED, ACTIVE), (ACTIVE, SUSPENDED), (ACTIVE, Fact::Empty)] {
        let (one, warnings) = merged(vec![row(2, first, &[]), row(3, second, &[])]);
        assert!(one.status.is_unknown());
        assert_eq!(one.unknown["status"], "app.csv, line 2 and app.csv, line 3 differ");
        assert!(warnings[0].message.contains("differ in `status`"), "{warnings:?}");
    }
    let (one, _) = merged(vec![row(2, SUSPENDED, &[]), row(3, SUSPENDED, &[]), row(4, ACTIVE, &[])]);
    assert_eq!(one.unknown["status"], "app.csv, line 2 and app.csv, line 4 differ");
}

#[test]
fn an_unreadable_cell_makes_the_fact_unknown() {
    for rows in [[SUSPENDED, Fact::Unknown], [Fact::Unknown, SUSPENDED]] {
        let [first, second] = rows;
        let (one, _) = merged(vec![row(2, first, &[]), row(3, second, &[])]);
        assert!(one.status.is_unknown() && one.unknown["status"].contains("is not a status"), "{:?}", one.unknown);
    }
    let mut open = row(3, ACTIVE, &[]);
    open.1.levels = Fact::Unknown;
    assert!(merged(vec![row(2, ACTIVE, &["owner"]), open]).0.levels.is_unknown());
}

#[test]
fn different_holders_leave_the_address_open() {
    let mut other = row(3, ACTIVE, &[]);
    other.1.hints.employee_number = Some("E-2".into());
    let (one, _) = merged(vec![row(2, ACTIVE, &[]), other]);
    assert!(one.email.is_unknown() && one.unknown.contains_key("email"));
    assert_eq!(one.hints.addresses, ["bob@x.example"]);
}
