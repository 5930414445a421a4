//! Facts of people that follow from several fields.

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::fields::Fields;
use crate::{
    ingest::pages::Values,
    model::{EmploymentStatus, Fact, snapshot::LISTED_MANAGER},
};

/// The name that a person goes by, and the last name, from these keys.
pub(crate) fn name(fields: &mut Fields<'_>, values: &Values, [preferred, first, last]: [&str; 3]) -> Fact<String> {
    let unreadable = fields.differing(&[preferred, first, last]).or_else(|| {
        let is_other = |key: &&str| values.get(key).is_some_and(|value| !value.is_string() && !value.is_null());
        let key = [preferred, first, last].into_iter().find(|key| is_other(key))?;
        Some(format!("`{}.{key}`: a text is expected", fields.collection))
    });
    if let Some(reason) = unreadable {
        return fields.unknown("name", reason);
    }
    let part = |key: &str| values.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    match (part(preferred).or_else(|| part(first)), part(last)) {
        (Some(first), Some(last)) => Fact::Known(format!("{first} {last}")),
        (Some(one), None) | (None, Some(one)) => Fact::Known(one.to_owned()),
        (None, None) if values.contains_key(first) || values.contains_key(last) => Fact::Empty,
        (None, None) => {
            let reason = format!("`{}` gave no `{first}` and no `{last}`", fields.collection);
            fields.not_given("name", reason)
        }
    }
}

/// The manager of a record beside its job roles; why it is unknown, if it is, goes into the record.
pub(crate) fn listed_manager(fields: &mut Fields<'_>, manager: &Fact<String>, reason: Option<&str>) -> Option<String> {
    if manager.is_unknown() {
        let reason = reason.unwrap_or("the manager is unknown");
        fields.unknown.insert(LISTED_MANAGER.to_owned(), reason.to_owned());
    }
    manager.known().cloned()
}

/// The last day of a person, unless it lies before the first one of a person who has not left. Of a person who came
/// back, some vendors keep the day on which an earlier employment ended.
pub(crate) fn end_date(
    fields: &mut Fields<'_>,
    [end_key, start_key]: [&str; 2],
    status: &Fact<EmploymentStatus>,
    start: &Fact<Date>,
    pulled_at: Timestamp,
) -> Fact<Date> {
    let end = fields.date("end_date", end_key);
    let pulled_on = fields.not_understood.zone.date(pulled_at);
    let names = [&format!("{}.{end_key}", fields.collection), start_key];
    match doubtful_end(&end, start, status, pulled_on, names) {
        Some(reason) => fields.unknown("end_date", reason),
        None => end,
    }
}

/// Why an end date may be that of an earlier employment. `None` if it is the person's own, or is not known.
pub(crate) fn doubtful_end(
    end: &Fact<Date>,
    start: &Fact<Date>,
    status: &Fact<EmploymentStatus>,
    pulled_on: Date,
    [end_name, start_name]: [&str; 2],
) -> Option<String> {
    let is_past = |last: &Date| *last < pulled_on;
    match (end, start, status) {
        (Fact::Known(_), _, Fact::Known(EmploymentStatus::Offboarded)) => None,
        // No earlier employment ends on a day to come.
        (Fact::Known(last), _, Fact::Known(EmploymentStatus::NewHire)) if !is_past(last) => None,
        (Fact::Known(last), Fact::Known(first), _) if last < first => {
            Some(format!("`{end_name}` lies before `{start_name}`: of an earlier employment, or a mistake"))
        }
        (Fact::Known(_), Fact::Unknown, _) => {
            Some(format!("`{start_name}` is unknown, so `{end_name}` may be that of an earlier employment"))
        }
        _ => None,
    }
}
