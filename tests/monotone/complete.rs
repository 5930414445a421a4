//! Completions: unknown facts get values, and incomplete lists get the records that they may lack.

use std::collections::BTreeSet;

use serde_json::Value;
use tenure::bundle::{Assumption, Bundle};

use crate::{
    choose::{Choose, chance, pick},
    facts::{Facts, IDS, account, hidden, is_other, learn, person, request, value},
};

/// A completion. Evidence metadata stays as it is.
pub(crate) fn complete(choose: &mut dyn Choose, cut: &Facts) -> Facts {
    let mut completion = learn_all(choose, cut);
    for (source, is_complete) in cut.staff_lists() {
        let may_lack = is_complete == Some(false) || (source == "hr" && cut.staff_is_complete.is_none());
        for _ in 0..if may_lack { choose.below(3) } else { 0 } {
            let id = pick(choose, &IDS);
            if !completion.people.iter().any(|person| person["id"] == id) {
                let mut further = person(choose, id, source);
                if chance(choose, 40) {
                    resemble(choose, cut, &mut further);
                }
                if cut.staff_lacks_only_others && !is_other(&further) {
                    further["status"] = "offboarded".into();
                }
                completion.people.push(further);
            }
        }
    }
    if !cut.accounts_are_complete && chance(choose, 30) {
        completion.accounts.push(account(choose, "a9"));
    }
    if cut.requests_are_complete != Some(true) && chance(choose, 60) {
        completion.requests.push(request(choose, "t9"));
    }
    completion
}

/// Makes a hidden person current, with the address and the number of a listed one: such a match is not unique.
fn resemble(choose: &mut dyn Choose, cut: &Facts, further: &mut Value) {
    if cut.people.is_empty() {
        return;
    }
    let listed = &cut.people[choose.below(cut.people.len())];
    for fact in ["work_email", "employee_number"] {
        if let Some(text) = listed.get(fact).and_then(Value::as_str) {
            further[fact] = text.into();
        }
    }
    further["status"] = "active".into();
    further["start_date"] = "2024-01-01".into();
    further["end_date"] = Value::Null;
}

/// The same records, with every unknown fact learnt.
pub(crate) fn learn_all(choose: &mut dyn Choose, cut: &Facts) -> Facts {
    let mut completion = cut.clone();
    completion.each(&mut |kind, record| {
        for fact in hidden(record) {
            let learnt = value(choose, kind, &fact);
            learn(record, &fact, learnt);
        }
    });
    completion
}

/// Whether a completion respects what the bundle assumes about addresses and numbers: a learnt one is nobody else's
/// known one. One that several people are known to have refutes the assumption for itself.
pub(crate) fn respects(cut: &Facts, completion: &Facts, bundle: &Bundle) -> bool {
    let folded = |value: &Value| value.as_str().map(|text| text.trim().to_lowercase());
    for (assumption, fact) in
        [(Assumption::WorkEmailUnique, "work_email"), (Assumption::EmployeeNumberUnique, "employee_number")]
    {
        if !bundle.evidence.assumes(assumption) {
            continue;
        }
        let own = |person: &Value| Some((person["id"].as_str()?.to_owned(), folded(&person[fact])?));
        let mut known: BTreeSet<(String, String)> = cut.people.iter().filter_map(own).collect();
        if assumption == Assumption::WorkEmailUnique {
            for mapping in &bundle.people {
                let emails = mapping.entry.emails.iter();
                known.extend(emails.map(|email| (mapping.entry.id.clone(), email.trim().to_lowercase())));
            }
        }
        // A text that an account has, and no person, is known too.
        let of_accounts = cut.accounts.iter().flat_map(|account| {
            let hints = &account["hints"];
            match assumption {
                Assumption::WorkEmailUnique => {
                    let further = hints["addresses"].as_array().into_iter().flatten();
                    further.chain([&account["email"]]).filter_map(folded).collect::<Vec<_>>()
                }
                _ => folded(&hints["employee_number"]).into_iter().collect(),
            }
        });
        let unowned: Vec<String> = of_accounts.filter(|text| known.iter().all(|(_, other)| other != text)).collect();
        known.extend(unowned.into_iter().map(|text| (String::new(), text)));
        for (id, text) in completion.people.iter().filter_map(own) {
            let owners: Vec<&str> =
                known.iter().filter(|(_, other)| *other == text).map(|(owner, _)| owner.as_str()).collect();
            if let [owner] = owners.as_slice()
                && *owner != id
            {
                return false;
            }
        }
    }
    true
}
