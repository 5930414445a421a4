//! What a text of an export can be: an address, a status, levels, an instant.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date, fmt::strtime, tz::TimeZone};
use serde_json::Value;

use super::{
    field::{Reading, Word},
    rows::at,
};
use crate::{
    ingest::{accounts_csv, record},
    model::{AccountClass, AccountStatus, EmploymentStatus, Zone, level_name, read::kind, slug},
};

/// The reading of a column: a value, none, or the reason why it is unknown.
pub(super) type Said<T> = Result<Option<T>, String>;

/// A kind of fact: how its texts and words are read, and how several columns are joined.
pub(super) trait Kind {
    /// The value of the fact.
    type Value: PartialEq;

    /// What a text says.
    fn text(&self, text: &str, reading: &Reading) -> Said<Self::Value>;

    /// What a word of the mapping says.
    fn word(&self, word: &Word, reading: &Reading) -> Said<Self::Value> {
        match word {
            Word::None => Ok(None),
            Word::Flag(flag) => self.text(&flag.to_string(), reading),
            Word::One(text) => self.text(text, reading),
            Word::Several(_) => Err("one word is expected".to_owned()),
        }
    }

    /// What a missing column says.
    fn missing(&self, reason: String) -> Said<Self::Value> {
        Err(reason)
    }

    /// Whether a text that `words` does not list is read all the same.
    fn is_open(&self) -> bool {
        true
    }

    /// What a JSON list says.
    fn list(&self, list: &[Value], reading: &Reading) -> Said<Self::Value> {
        match texts(list, reading)?.as_slice() {
            [] => Ok(None),
            [one] => self.text(one, reading),
            _ => Err("it is a list of several, and nothing says which one counts".to_owned()),
        }
    }

    /// What several columns say together: the first that says something.
    fn join(&self, said: Vec<Said<Self::Value>>) -> Said<Self::Value> {
        said.into_iter().find(|said| !matches!(said, Ok(None))).unwrap_or(Ok(None))
    }

    /// Whether several values of one cell add up, or one of them counts by a rule. Others have to agree.
    fn adds_up(&self) -> bool {
        false
    }

    /// What the parts of one cell, or the entries of one list, say together. Their order means nothing.
    fn together(&self, said: Vec<Said<Self::Value>>) -> Said<Self::Value> {
        if self.adds_up() {
            return self.join(said);
        }
        let mut agreed = None;
        for value in said.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            match &agreed {
                None => agreed = Some(value),
                Some(known) if *known == value => {}
                Some(_) => return Err("it says several things that differ".to_owned()),
            }
        }
        Ok(agreed)
    }
}

/// The texts of a JSON list.
pub(super) fn texts(list: &[Value], reading: &Reading) -> Result<Vec<String>, String> {
    let text = |entry: &Value| {
        let entry = match &reading.item {
            Some(item) if entry.is_object() => at(entry, item).ok_or_else(|| format!("an entry has no `{item}`"))?,
            _ => entry,
        };
        match entry {
            Value::String(text) => Ok(text.trim().to_owned()),
            Value::Number(number) => Ok(number.to_string()),
            other => Err(format!("a list of texts is expected, an entry is {}", kind(other))),
        }
    };
    list.iter().map(text).filter(|text| text.as_ref().is_ok_and(|text| !text.is_empty()) || text.is_err()).collect()
}

/// The parts of a text between separators.
pub(super) fn parts<'t>(text: &'t str, reading: &Reading) -> Vec<&'t str> {
    match reading.separator.as_deref().filter(|separator| !separator.is_empty()) {
        Some(separator) => text.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect(),
        None => vec![text],
    }
}

/// Whether a text is a day, or begins with one as an instant does.
pub(super) fn is_day(text: &str, reading: &Reading) -> bool {
    match reading.time.as_deref() {
        None => text.get(..10).is_some_and(|day| day.parse::<Date>().is_ok()),
        Some(_) => Instant.text(text, reading).is_ok(),
    }
}

/// A text.
pub(super) struct Text;

impl Kind for Text {
    type Value = String;

    fn text(&self, text: &str, _: &Reading) -> Said<String> {
        Ok(Some(text.to_owned()))
    }
}

/// The parts of a name.
pub(super) struct Name;

impl Kind for Name {
    type Value = String;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, _: &Reading) -> Said<String> {
        Ok(Some(text.to_owned()))
    }

    fn join(&self, said: Vec<Said<String>>) -> Said<String> {
        let parts: Result<Vec<Option<String>>, String> = said.into_iter().collect();
        let parts: Vec<String> = parts?.into_iter().flatten().collect();
        Ok(Some(parts.join(" ")).filter(|name| !name.is_empty()))
    }
}

/// Whether an account can be used.
pub(super) struct Status;

impl Kind for Status {
    type Value = AccountStatus;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, _: &Reading) -> Said<AccountStatus> {
        accounts_csv::status(text)
    }

    fn is_open(&self) -> bool {
        false
    }

    /// The one that keeps the holder out most. Nothing keeps out more than being deactivated.
    fn join(&self, said: Vec<Said<AccountStatus>>) -> Said<AccountStatus> {
        if let Some(Ok(Some(status))) = said.iter().find(|said| matches!(said, Ok(Some(AccountStatus::Deactivated)))) {
            return Ok(Some(*status));
        }
        let said: Result<Vec<Option<AccountStatus>>, String> = said.into_iter().collect();
        Ok(said?.into_iter().flatten().max())
    }
}

/// Employment status.
pub(super) struct Employment;

impl Kind for Employment {
    type Value = EmploymentStatus;

    fn text(&self, text: &str, _: &Reading) -> Said<EmploymentStatus> {
        let status = EmploymentStatus::from_word(&slug(text));
        status.map(Some).ok_or_else(|| format!("{} is not a status that tenure knows", record::quoted(text)))
    }

    fn is_open(&self) -> bool {
        false
    }
}

/// Access levels: names, case folded.
pub(super) struct Levels;

impl Kind for Levels {
    type Value = Vec<String>;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, reading: &Reading) -> Said<Vec<String>> {
        levels(parts(text, reading))
    }

    fn word(&self, word: &Word, _: &Reading) -> Said<Vec<String>> {
        match word {
            Word::None => Ok(Some(Vec::new())),
            Word::Flag(flag) => Err(format!("`{flag}` is not a level")),
            Word::One(level) => levels(vec![level]),
            Word::Several(names) => levels(names.iter().map(String::as_str).collect()),
        }
    }

    fn is_open(&self) -> bool {
        false
    }

    fn list(&self, list: &[Value], reading: &Reading) -> Said<Vec<String>> {
        let texts = texts(list, reading)?;
        levels(texts.iter().map(String::as_str).collect())
    }

    fn join(&self, said: Vec<Said<Vec<String>>>) -> Said<Vec<String>> {
        let said: Result<Vec<Option<Vec<String>>>, String> = said.into_iter().collect();
        let all: BTreeSet<String> = said?.into_iter().flatten().flatten().collect();
        Ok(Some(all.into_iter().collect()))
    }
}

fn levels(names: Vec<&str>) -> Said<Vec<String>> {
    let mut all = BTreeSet::new();
    for name in names.into_iter().map(level_name).filter(|name| !name.is_empty()) {
        if !name.contains(char::is_alphanumeric) {
            return Err(format!("{} is not a level", record::quoted(&name)));
        }
        all.insert(name);
    }
    Ok(Some(all.into_iter().collect()))
}

/// What kind of account it is.
pub(super) struct Class;

impl Kind for Class {
    type Value = AccountClass;

    fn text(&self, text: &str, _: &Reading) -> Said<AccountClass> {
        let class = AccountClass::from_word(&slug(text));
        class.map(Some).ok_or_else(|| format!("{} is not a class that tenure knows", record::quoted(text)))
    }

    fn is_open(&self) -> bool {
        false
    }
}

/// Yes or no.
pub(super) struct Flag;

impl Kind for Flag {
    type Value = bool;

    fn text(&self, text: &str, _: &Reading) -> Said<bool> {
        record::flag(text).map(Some)
    }

    fn is_open(&self) -> bool {
        false
    }
}

/// A whole number.
pub(super) struct Number;

impl Kind for Number {
    type Value = i64;

    fn text(&self, text: &str, _: &Reading) -> Said<i64> {
        text.parse().map(Some).map_err(|_| format!("{} is not a whole number", record::quoted(text)))
    }
}

/// A set of texts.
pub(super) struct Texts;

impl Kind for Texts {
    type Value = Vec<String>;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, reading: &Reading) -> Said<Vec<String>> {
        Ok(Some(parts(text, reading).into_iter().map(str::to_owned).collect()))
    }

    fn word(&self, word: &Word, _: &Reading) -> Said<Vec<String>> {
        Ok(match word {
            Word::None => None,
            Word::Flag(flag) => Some(vec![flag.to_string()]),
            Word::One(text) => Some(vec![text.clone()]),
            Word::Several(texts) => Some(texts.clone()),
        })
    }

    fn list(&self, list: &[Value], reading: &Reading) -> Said<Vec<String>> {
        texts(list, reading).map(Some)
    }

    fn join(&self, said: Vec<Said<Vec<String>>>) -> Said<Vec<String>> {
        let said: Result<Vec<Option<Vec<String>>>, String> = said.into_iter().collect();
        let all: BTreeSet<String> = said?.into_iter().flatten().flatten().collect();
        Ok(Some(all.into_iter().collect()))
    }
}

/// An instant. Of several, the latest.
pub(super) struct Instant;

impl Kind for Instant {
    type Value = Timestamp;

    fn adds_up(&self) -> bool {
        true
    }

    fn text(&self, text: &str, reading: &Reading) -> Said<Timestamp> {
        match reading.time.as_deref() {
            None => accounts_csv::last_login(text),
            Some("seconds") => epoch(text, Timestamp::from_second),
            Some("milliseconds") => epoch(text, Timestamp::from_millisecond),
            Some(format) => {
                let wrong = || format!("{} is not a time such as `{format}`", record::quoted(text));
                let Ok(parsed) = strtime::parse(format, text) else {
                    // An instant with its offset has one meaning, whatever the format.
                    return record::instant(text).map(Some).map_err(|_| wrong());
                };
                let instant = match parsed.to_timestamp() {
                    Ok(instant) => instant,
                    Err(_) => {
                        let time = parsed.to_datetime().or_else(|_| parsed.to_date().map(Into::into));
                        let time = time.map_err(|_| wrong())?;
                        time.to_zoned_datetime(TimeZone::UTC).map_err(|_| wrong())?.timestamp()
                    }
                };
                Ok(Some(instant))
            }
        }
    }

    fn join(&self, said: Vec<Said<Timestamp>>) -> Said<Timestamp> {
        let said: Result<Vec<Option<Timestamp>>, String> = said.into_iter().collect();
        Ok(said?.into_iter().flatten().max())
    }
}

fn epoch(text: &str, read: impl Fn(i64) -> Result<Timestamp, jiff::Error>) -> Said<Timestamp> {
    let number: Option<i64> = text.parse().ok();
    let instant = number.and_then(|number| read(number).ok());
    instant.map(Some).ok_or_else(|| format!("{} is not a number of seconds or milliseconds", record::quoted(text)))
}

/// A day. An instant that is not a midnight falls on a day in this zone.
pub(super) struct Day<'z>(pub(super) &'z Zone);

impl Kind for Day<'_> {
    type Value = Date;

    fn text(&self, text: &str, reading: &Reading) -> Said<Date> {
        match reading.time.as_deref() {
            None => record::date(text, self.0).map(Some),
            Some("seconds" | "milliseconds") => Ok(Instant.text(text, reading)?.map(|instant| self.0.date(instant))),
            Some(format) => {
                let parsed = strtime::parse(format, text).and_then(|parsed| parsed.to_date());
                parsed.map(Some).map_err(|_| format!("{} is not a day such as `{format}`", record::quoted(text)))
            }
        }
    }
}
