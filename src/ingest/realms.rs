//! Several sources that list the accounts of one system, such as two AWS accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::same_key::{self, Findings};
use crate::{
    diagnostic::{Code, Diagnostic, counted},
    model::Snapshot,
};

/// Qualifies ids of accounts that several sources of one system give: by the source's realm if there is one, else by the
/// source's id. Sources of one realm list the same accounts, and records of one account are merged.
pub(super) fn tell_apart(snapshot: &mut Snapshot, realms: &BTreeMap<String, String>, warnings: &mut Vec<Diagnostic>) {
    let several: BTreeSet<String> =
        snapshot.systems.iter().filter(|system| !system.further.is_empty()).map(|system| system.id.clone()).collect();
    if several.is_empty() {
        return;
    }
    let realm = |source: &str| realms.get(source).map_or_else(|| source.to_owned(), Clone::clone);
    let mut givers: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for account in snapshot.accounts.iter().filter(|account| several.contains(&account.system)) {
        let key = (account.system.clone(), account.id.clone());
        givers.entry(key).or_default().insert(realm(&account.source));
    }
    for account in &mut snapshot.accounts {
        let key = (account.system.clone(), account.id.clone());
        if givers.get(&key).is_some_and(|realms| realms.len() > 1) {
            account.id = format!("{}/{}", realm(&account.source), account.id);
        }
    }
    let renamed: BTreeSet<&String> =
        givers.iter().filter(|(_, realms)| realms.len() > 1).map(|((system, _), _)| system).collect();
    for system in renamed {
        let of_system = givers.iter().filter(|((one, _), realms)| one == system && realms.len() > 1).count();
        let accounts = counted(of_system, "account id", "account ids");
        let message = format!(
            "several sources of `{system}` have {accounts} in common; Tenure prefixes them with the source or its tenant"
        );
        let help = "two tenants of one vendor need this: use the longer ids in identities.yaml and waivers. If both sources list the \
                    same accounts, remove one of them";
        warnings.push(Diagnostic::warning(Code::SharedAccountIds, message).help(help));
    }
    let (placed, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut snapshot.accounts).into_iter().partition(|account| several.contains(&account.system));
    snapshot.accounts = others;
    for system in &several {
        let placed = placed.iter().filter(|account| account.system == *system);
        let placed = placed.map(|account| (format!("source `{}`", account.source), account.clone())).collect();
        let mut findings = Findings::default();
        snapshot.accounts.extend(same_key::accounts(placed, &mut findings));
        warnings.extend(findings.warnings(system));
    }
}
