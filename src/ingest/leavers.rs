//! Whether a staff list shows people who have left, or shows them as active.

use jiff::civil::Date;

use super::{
    Statements,
    pages::{Doubt, Pages, RawCollection, Remedy},
    statements::STATE_SEES_LEAVERS,
};
use crate::{
    diagnostic::first_few,
    model::{EmploymentStatus, Fact, Person},
};

/// Marks a staff list of an aggregator that shows no leaver. The aggregator reads the HRIS with a token of its own, and
/// does not say what that token may see: with too few rights it keeps calling leavers active.
pub(super) fn weigh(
    pages: &mut Pages,
    list: &str,
    vendor: &str,
    people: &mut [Person],
    statements: &Statements,
    pulled_on: Date,
) {
    let Some(collection) = pages.collections.get_mut(list) else { return };
    if people.iter().any(|person| is_leaver(person, pulled_on)) {
        return;
    }
    let reason = format!("it shows no leaver: the token that {vendor} uses for the HRIS may not see them");
    collection.hidden_leavers.push(Doubt::new(reason, Remedy::StateSeesLeavers));
    collection.weigh_leavers(statements);
    if !collection.hidden_leavers.is_empty() {
        hide(people, vendor);
    }
}

/// Whether a person shows that the list has leavers. A new hire does not: a source may list those and hide leavers.
pub(super) fn is_leaver(person: &Person, pulled_on: Date) -> bool {
    matches!(person.status, Fact::Known(EmploymentStatus::Offboarded))
        // A current person may have a last day to come.
        || person.end_date.known().is_some_and(|end| *end < pulled_on)
}

/// Makes unknown what a leaver, shown as active, would seem to be.
fn hide(people: &mut [Person], vendor: &str) {
    let reason = || format!("{vendor} shows no leaver, so this person may have left; {STATE_SEES_LEAVERS}");
    for person in people {
        if matches!(person.status, Fact::Known(EmploymentStatus::Active)) {
            person.status = Fact::Unknown;
            person.unknown.insert("status".to_owned(), reason());
        }
        if matches!(person.end_date, Fact::Empty) {
            person.end_date = Fact::Unknown;
            person.unknown.insert("end_date".to_owned(), reason());
        }
    }
}

/// Rows about people who are not in the staff list: each with its id and the person that it names.
#[derive(Debug, Default)]
pub(super) struct UnlistedRows {
    rows: Vec<String>,
}

impl UnlistedRows {
    pub(super) fn add(&mut self, row: &str, person: Option<&str>) {
        self.rows.push(match person {
            Some(person) => format!("`{row}` names `{person}`"),
            None => format!("`{row}` names no person"),
        });
    }

    /// Marks the staff list as incomplete: there are people whom it does not show.
    pub(super) fn mark(&self, rows: &str, list: &str, collection: Option<&mut RawCollection>) {
        let (Some(collection), false) = (collection, self.rows.is_empty()) else { return };
        let named = first_few(&self.rows, ", ");
        collection.reasons.push(format!("`{rows}` has rows of people who are not in `{list}`: {named}"));
    }
}
