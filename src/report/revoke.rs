//! The worklist of accounts to revoke or downgrade, for a ticket to those who run the systems.
//!
//! An account is revoked once, whatever else it holds. What is waived is left out.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    io::{self, Write},
};

use serde::Serialize;

use super::{
    csv::{cell, table, unwritable},
    json::{self, Lazy},
    model::{Action, Finding, Run, SCHEMA_VERSION},
    view::View,
};

/// One thing to do.
#[derive(Serialize)]
struct Work {
    action: Action,
    system: String,
    account: String,
    level: Option<String>,
    holder: Option<String>,
    reason: String,
    severity: String,
    since: Option<String>,
    due: Option<String>,
    clock: Option<String>,
    check: String,
    finding: String,
}

/// Writes the worklist as comma-separated values.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(out);
    table
        .write_record([
            "action", "system", "account", "level", "holder", "reason", "severity", "since", "due", "clock", "check",
            "finding",
        ])
        .map_err(unwritable)?;
    for work in worklist(view) {
        let Work { action, system, account, level, holder, reason, severity, since, due, clock, check, finding } = work;
        let given = Option::unwrap_or_default;
        let action = action.to_string();
        let (level, holder, since, due, clock) = (given(level), given(holder), given(since), given(due), given(clock));
        let row = [action, system, account, level, holder, reason, severity, since, due, clock, check, finding];
        table.write_record(row.map(|text| cell(&text))).map_err(unwritable)?;
    }
    table.flush()
}

/// Writes the worklist as JSON.
///
/// # Errors
/// Those of the writer.
pub fn write_json(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'r, L> {
        schema_version: &'static str,
        run: &'r Run,
        /// How many findings are left out for a waiver that lies over them.
        waived: usize,
        accounts: L,
    }
    let waived = view.findings().filter(|finding| action(finding).is_some() && finding.waiver.is_some()).count();
    let accounts = Lazy(|| worklist(view));
    json::write_value(&Document { schema_version: SCHEMA_VERSION, run: &view.head.run, waived, accounts }, out)
}

/// What there is to do, in the order of the findings.
fn worklist<'r>(view: &View<'r>) -> impl Iterator<Item = Work> + use<'r> {
    let revoked: BTreeSet<String> = wanted(view)
        .filter(|finding| action(finding) == Some(Action::Revoke))
        .map(|finding| finding.subject.id.clone())
        .collect();
    let mut told = BTreeSet::new();
    wanted(view).filter_map(move |finding| {
        let id = &finding.subject.id;
        let action = action(&finding)?;
        if revoked.contains(id) && (action != Action::Revoke || !told.insert(id.clone())) {
            return None;
        }
        work(action, &finding)
    })
}

fn wanted<'r>(view: &View<'r>) -> impl Iterator<Item = Cow<'r, Finding>> + use<'r> {
    view.findings().filter(|finding| action(finding).is_some() && finding.waiver.is_none())
}

fn action(finding: &Finding) -> Option<Action> {
    let action = finding.advice.as_ref()?.action;
    matches!(action, Action::Revoke | Action::Downgrade).then_some(action)
}

fn work(action: Action, finding: &Finding) -> Option<Work> {
    let (system, account) = finding.subject.id.split_once('/')?;
    let level = finding.entitlement.as_ref().and_then(|held| held.strip_prefix(system)?.strip_prefix('/'));
    let clock = finding.clock.as_ref();
    Some(Work {
        action,
        system: system.to_owned(),
        account: account.to_owned(),
        level: level.filter(|_| action == Action::Downgrade).map(str::to_owned),
        holder: finding.subject.label.clone(),
        reason: finding.message.clone(),
        severity: finding.severity.to_string(),
        since: clock.map(|clock| clock.since.clone()),
        due: clock.and_then(|clock| clock.due.clone()),
        clock: clock.and_then(|clock| clock.state).map(|state| state.to_string()),
        check: finding.check.clone(),
        finding: finding.id.clone(),
    })
}
