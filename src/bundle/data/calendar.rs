//! `calendar:` — the days on which nobody works, and how near a due day has to be to be called soon.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::check::Due,
    diagnostic::{Code, Diagnostic, Location},
    model::time,
    yaml::Document,
};

/// A file with the organisation's calendar.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// The calendar.
    pub calendar: CalendarText,
}

/// The calendar as written.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    /// The days of the week that are no business days; Saturday and Sunday by default.
    pub weekend: Option<Vec<Day>>,
    /// Further days that are no business days.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// So many days before its due day a finding is due soon; 7 by default.
    pub due_soon_days: Option<u16>,
}

/// A holiday.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    #[schemars(schema_with = "time::date_schema")]
    pub date: Date,
    /// Its name, for people.
    pub name: Option<String>,
}

vocabulary! {
    /// A day of the week.
    Day {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Day::Monday,
            Weekday::Tuesday => Day::Tuesday,
            Weekday::Wednesday => Day::Wednesday,
            Weekday::Thursday => Day::Thursday,
            Weekday::Friday => Day::Friday,
            Weekday::Saturday => Day::Saturday,
            Weekday::Sunday => Day::Sunday,
        }
    }
}

/// The organisation's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    weekend: Vec<Day>,
    holidays: BTreeSet<Date>,
    /// So many days before its due day a finding is due soon.
    pub due_soon_days: u16,
    location: Option<Location>,
}

impl Default for Calendar {
    fn default() -> Self {
        Calendar {
            weekend: vec![Day::Saturday, Day::Sunday],
            holidays: BTreeSet::new(),
            due_soon_days: 7,
            location: None,
        }
    }
}

impl Calendar {
    /// The last day to resolve what began on a day; none where the calendar of the world ends before.
    #[must_use]
    pub fn due(&self, since: Date, due: Due) -> Option<Date> {
        match due {
            Due::Days(count) => since.checked_add(jiff::Span::new().days(i64::from(count))).ok(),
            Due::BusinessDays(count) => {
                let mut day = since;
                let mut left = count;
                while left > 0 {
                    day = day.tomorrow().ok()?;
                    left -= u16::from(self.is_business_day(day));
                }
                Some(day)
            }
        }
    }

    fn is_business_day(&self, day: Date) -> bool {
        !self.weekend.contains(&day.weekday().into()) && !self.holidays.contains(&day)
    }
}

pub(super) fn read(document: &Document, calendar: &mut Calendar, problems: &mut Vec<Diagnostic>) {
    if let Some(other) = &calendar.location {
        let problem = Diagnostic::error(Code::DuplicateId, "there are two calendars");
        let problem = problem.at(&document.file, document.key_span("calendar"));
        problems.push(problem.related("the other one is at", other));
        return;
    }
    let text = match document.decode::<CalendarFile>("", &document.value) {
        Ok(file) => file.calendar,
        Err(found) => {
            problems.extend(found);
            return;
        }
    };
    let weekend = text.weekend.unwrap_or_else(|| Calendar::default().weekend);
    if Day::ALL.iter().all(|day| weekend.contains(day)) {
        let problem = Diagnostic::error(Code::EndlessWeekend, "every day of the week is of the weekend");
        let problem = problem.at(&document.file, document.span("calendar.weekend"));
        problems.push(problem.help("name the days that are no business days, such as `[saturday, sunday]`"));
        return;
    }
    *calendar = Calendar {
        weekend,
        holidays: text.holidays.iter().map(|holiday| holiday.date).collect(),
        due_soon_days: text.due_soon_days.unwrap_or_else(|| Calendar::default().due_soon_days),
        location: Some(document.location("calendar")),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn business_days_leave_out_weekends_and_holidays() {
        let holidays = [day("2026-12-25"), day("2026-12-28")].into();
        let calendar = Calendar { holidays, ..Calendar::default() };
        // A Wednesday.
        let since = day("2026-12-23");
        assert_eq!(calendar.due(since, Due::Days(2)), Some(day("2026-12-25")));
        assert_eq!(calendar.due(since, Due::BusinessDays(0)), Some(since));
        assert_eq!(calendar.due(since, Due::BusinessDays(1)), Some(day("2026-12-24")));
        assert_eq!(calendar.due(since, Due::BusinessDays(2)), Some(day("2026-12-29")));
        assert_eq!(calendar.due(Date::MAX, Due::BusinessDays(1)), None);
    }
}
