//! Reading a page without building what is not kept.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{
    layout::{CollectionLayout, Envelope},
    refused::ERROR_KEYS,
    values::Values,
};
use crate::json::KeyCase;

/// A page as it stands in the text.
pub(super) enum Page {
    /// A bare list.
    List(Vec<Record>),
    /// An object: its records, where it has them, and what stands around them.
    Object {
        /// The records.
        records: Option<Records>,
        /// The other keys.
        around: Map<String, Value>,
    },
    /// Neither.
    Other(Value),
}

/// What stands under the key of the records.
pub(super) enum Records {
    /// A list.
    List(Vec<Record>),
    /// Something else.
    Other(Value),
}

/// One entry of a list of records.
pub(super) enum Record {
    /// A record: its id as it stands there, and its kept keys.
    Object { id: Option<Value>, values: Values },
    /// Something else.
    Other(Value),
}

/// The key under which tools wrap a list.
const WRAPPER: &str = "data";

/// How to read a page.
#[derive(Clone, Copy)]
pub(super) struct PageForm<'a> {
    pub(super) envelope: &'a Envelope,
    pub(super) layout: &'a CollectionLayout,
    pub(super) case: KeyCase,
}

impl PageForm<'_> {
    /// Whether a tool wrapped the list of a vendor that has nothing around it.
    fn is_wrapper(&self, key: &str) -> bool {
        self.envelope.total.is_none() && self.envelope.next.is_none() && key == WRAPPER
    }

    /// The name under which a key around the records is looked up.
    fn canonical(&self, key: String) -> String {
        if self.case == KeyCase::Sensitive {
            return key;
        }
        let envelope = self.envelope;
        let start = envelope.start.map(|(key, _)| key);
        let around = [envelope.total, envelope.next, envelope.previous, start].into_iter().flatten();
        let record = self.layout.keep.iter().copied().chain([self.layout.id]);
        let mut names = around.chain(record).chain(ERROR_KEYS);
        names.find(|name| self.case.is_same(name, &key)).map_or(key, str::to_owned)
    }
}

/// Reads the pages of a file: most often one. Command-line tools write several, one after another
/// (`gh api --paginate`) or as entries of one list (`--slurp`).
pub(super) fn pages(text: &str, form: PageForm<'_>) -> serde_json::Result<Vec<Page>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let first = form.deserialize(&mut deserializer)?;
    if matches!(&first, Page::List(records) if are_pages(records)) {
        deserializer.end()?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        return SlurpedForm(form).deserialize(&mut deserializer);
    }
    let mut pages = vec![first];
    // Where something other than a page follows, the file is damaged.
    while let Err(trailing) = deserializer.end() {
        match form.deserialize(&mut deserializer) {
            Ok(next @ (Page::List(_) | Page::Object { records: Some(_), .. })) => pages.push(next),
            Ok(_) | Err(_) => return Err(trailing),
        }
    }
    Ok(pages)
}

/// Whether the entries of a list are lists of records themselves.
fn are_pages(records: &[Record]) -> bool {
    !records.is_empty() && records.iter().all(|record| matches!(record, Record::Other(Value::Array(_))))
}

/// How to read a list of pages.
struct SlurpedForm<'a>(PageForm<'a>);

impl<'de> DeserializeSeed<'de> for SlurpedForm<'_> {
    type Value = Vec<Page>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Page>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SlurpedForm<'_> {
    type Value = Vec<Page>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of pages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Page>, A::Error> {
        let mut pages = Vec::new();
        while let Some(page) = list.next_element_seed(self.0)? {
            pages.push(page);
        }
        Ok(pages)
    }
}

/// What a scalar in the place of something larger is.
macro_rules! scalars {
    ($wrap:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($wrap(Value::Null))
        }
        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok($wrap(Value::Bool(value)))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok($wrap(Value::from(value)))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok($wrap(Value::from(value)))
        }
        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            Ok($wrap(Value::from(value)))
        }
        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok($wrap(Value::from(value)))
        }
    };
}

impl<'de> DeserializeSeed<'de> for PageForm<'_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PageForm<'_> {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of records")
    }

    scalars!(Page::Other);

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Page, A::Error> {
        records(list, RecordForm { layout: self.layout, case: self.case }).map(Page::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page, A::Error> {
        let mut found = None;
        let mut around = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if self.case.is_same(&key, self.envelope.records) || (found.is_none() && self.is_wrapper(&key)) {
                found = Some(map.next_value_seed(RecordsForm(RecordForm { layout: self.layout, case: self.case }))?);
            } else {
                around.insert(self.canonical(key), map.next_value()?);
            }
        }
        Ok(Page::Object { records: found, around })
    }
}

struct RecordsForm<'a>(RecordForm<'a>);

impl<'de> DeserializeSeed<'de> for RecordsForm<'_> {
    type Value = Records;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Records, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RecordsForm<'_> {
    type Value = Records;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    scalars!(Records::Other);

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Records, A::Error> {
        records(list, self.0).map(Records::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Records, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Records::Other(Value::Object(Map::new())))
    }
}

fn records<'de, A: SeqAccess<'de>>(mut list: A, form: RecordForm<'_>) -> Result<Vec<Record>, A::Error> {
    let mut records = Vec::with_capacity(list.size_hint().unwrap_or(0).min(1000));
    while let Some(record) = list.next_element_seed(form)? {
        records.push(record);
    }
    Ok(records)
}

/// How to read a record.
#[derive(Clone, Copy)]
struct RecordForm<'a> {
    layout: &'a CollectionLayout,
    case: KeyCase,
}

impl<'de> DeserializeSeed<'de> for RecordForm<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RecordForm<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    scalars!(Record::Other);

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Record, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Record::Other(Value::Array(Vec::new())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let mut id = None;
        let mut values = Values::default();
        while let Some(key) = map.next_key_seed(KeyForm(self))? {
            match key {
                Key::Id => id = Some(map.next_value()?),
                Key::Known(key) => values.set(key, map.next_value()?),
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        values.settle();
        Ok(Record::Object { id, values })
    }
}

enum Key {
    Id,
    Known(&'static str),
    Other,
}

struct KeyForm<'a>(RecordForm<'a>);

impl<'de> DeserializeSeed<'de> for KeyForm<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyForm<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        let RecordForm { layout, case } = self.0;
        if case.is_same(key, layout.id) {
            return Ok(Key::Id);
        }
        Ok(layout.keep.iter().find(|kept| case.is_same(kept, key)).map_or(Key::Other, |kept| Key::Known(kept)))
    }
}
