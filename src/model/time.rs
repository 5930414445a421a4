//! Days and instants of an organisation.
//!
//! A *date* is a calendar day of the organisation's own time zone; an *instant* is a point in time, UTC. The zone
//! database is compiled in, so that a day begins at the same instant on every machine.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A text that is no zone or no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// The database has no zone of this name.
    #[error("`{0}` is not a time zone of the IANA database, such as `Europe/London` or `UTC`")]
    UnknownZone(String),
    /// The text is neither a date nor an instant.
    #[error("`{0}` is neither a date such as `2026-11-20` nor an instant such as `2026-11-20T09:00:00Z`")]
    NotAnInstant(String),
}

/// A time zone by its IANA name, such as `Europe/London`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone of this IANA name.
    ///
    /// # Errors
    /// The database has no zone of that name.
    pub fn new(name: &str) -> Result<Self, TimeError> {
        let zone = TimeZone::get(name).map_err(|_| TimeError::UnknownZone(name.to_owned()))?;
        Ok(Zone { name: name.to_owned(), zone })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Zone { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The calendar day that this instant falls on.
    #[must_use]
    pub fn date(&self, instant: Timestamp) -> Date {
        instant.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The instant at which this day begins. Days at the very ends of the calendar (years -9999 and 9999) are pinned
    /// to the first and last instant.
    #[must_use]
    pub fn midnight(&self, date: Date) -> Timestamp {
        match date.to_zoned_datetime(self.zone.clone()) {
            Ok(zoned) => zoned.timestamp(),
            Err(_) if date.year() < 0 => Timestamp::MIN,
            Err(_) => Timestamp::MAX,
        }
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Zone::new(&name).map_err(de::Error::custom)
    }
}

impl JsonSchema for Zone {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "IANA name of a time zone", "examples": ["Europe/London"] })
    }
}

/// The instant without what is less than a second: more would be noise in a file.
#[must_use]
pub fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

/// An instant given by a person: an RFC 3339 instant, or a date for the beginning of that day in `zone`.
///
/// # Errors
/// The text has neither form.
pub fn parse_instant(text: &str, zone: &Zone) -> Result<Timestamp, TimeError> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    text.parse::<Date>().map(|date| zone.midnight(date)).map_err(|_| TimeError::NotAnInstant(text.to_owned()))
}

/// For fields of type [`Date`] in schemas.
#[must_use]
pub fn date_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date" })
}

/// For fields of type [`Timestamp`] in schemas.
#[must_use]
pub fn instant_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}

/// For [`super::Fact`] and `Option` fields holding a [`Date`].
#[must_use]
pub fn optional_date_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "format": "date" })
}

/// For [`super::Fact`] and `Option` fields holding a [`Timestamp`].
#[must_use]
pub fn optional_instant_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "format": "date-time" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_in_the_organisations_zone() {
        let london = Zone::new("Europe/London").unwrap();
        let summer: Date = "2026-07-01".parse().unwrap();
        assert_eq!(london.midnight(summer).to_string(), "2026-06-30T23:00:00Z");
        let late: Timestamp = "2026-06-30T23:30:00Z".parse().unwrap();
        assert_eq!(london.date(late), summer);
        assert_eq!(Zone::utc().date(late).to_string(), "2026-06-30");
    }

    #[test]
    fn an_instant_is_a_date_or_an_instant() {
        let london = Zone::new("Europe/London").unwrap();
        assert_eq!(parse_instant("2026-07-01", &london).unwrap().to_string(), "2026-06-30T23:00:00Z");
        assert!(parse_instant("yesterday", &london).unwrap_err().to_string().contains("2026-11-20"));
        assert_eq!(Zone::new("Europe/Londn").unwrap_err(), TimeError::UnknownZone("Europe/Londn".to_owned()));
    }
}
