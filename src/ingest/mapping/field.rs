//! How a mapping says where one fact is.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use crate::model::{FactTypeName, fold::fold};

/// Where one fact is: a column or path, several of them, or a column with more to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Field {
    /// A column; in JSON a dotted path or a JSON pointer.
    Path(String),
    /// Several, joined as the fact asks for: levels add up, the latest instant counts.
    Several(Vec<Field>),
    /// A column, and how it is read.
    Reading(Box<Reading>),
}

impl Default for Field {
    fn default() -> Self {
        Field::Path(String::new())
    }
}

/// How one column is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The column; in JSON a dotted path such as `profile.email`, or a JSON pointer. `Last seen in *` is every column of a
    /// CSV file that begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// In place of a column: what every record of the file has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Word>,
    /// In place of a column: the first of these that says something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Field>,
    /// What the words of the column mean; null means "nothing". Compared without case. Of a status, levels, a
    /// class or a yes or no, another word is unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<WordText, Word>,
    /// Words that leave the fact unknown, such as a state that hides the role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<WordText>,
    /// Of a fact under `facts`: parts of a text, and what a text with one of them means. A text with none of them says
    /// nothing. Compared without case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contains: BTreeMap<WordText, Word>,
    /// What an empty cell or a null means: nothing (`none`, the default), `unknown`, or a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty: Option<Word>,
    /// What a missing column or key means, if the vendor leaves it out on purpose: `none`, or a word. Unknown by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Word>,
    /// In a column that holds a day or an instant, or nothing: what one means, such as `deactivated` in a column of deletions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Word>,
    /// The separator of several levels or addresses in one cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// In a JSON list of objects, the key of the text that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Of a fact under `facts`: its type. Without it a text, or true or false if `words` says so.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<FactTypeName>,
    /// How a time is written, as in `strptime`: `%m/%d/%Y %H:%M`. Without a zone it is UTC. ISO 8601 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

/// What a word of an export means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Word {
    /// Nothing.
    None,
    /// Yes or no.
    Flag(bool),
    /// One word of Tenure, a level or a text.
    One(String),
    /// Several levels.
    Several(Vec<String>),
}

/// A word of an export, as it is compared: YAML may take `true` or `30` for something other than a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct WordText(pub String);

impl WordText {
    /// Whether it is this text.
    pub(super) fn is(&self, text: &str) -> bool {
        fold(&self.0) == fold(text)
    }

    /// Whether it is a part of this text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        fold(text).contains(&*fold(&self.0))
    }
}

impl Reading {
    /// What `words` says that a text means.
    pub(super) fn meaning(&self, text: &str) -> Option<&Word> {
        self.words.iter().find(|(word, _)| word.is(text)).map(|(_, meaning)| meaning)
    }
}

impl Field {
    /// The readings of it and in it.
    pub(super) fn readings(&self) -> Vec<&Reading> {
        match self {
            Field::Path(_) => Vec::new(),
            Field::Several(fields) => fields.iter().flat_map(Field::readings).collect(),
            Field::Reading(reading) => {
                std::iter::once(&**reading).chain(reading.first.iter().flat_map(Field::readings)).collect()
            }
        }
    }

    /// The type of a fact under `facts`.
    pub(super) fn fact_type(&self) -> FactTypeName {
        let readings = self.readings();
        let stated = readings.iter().find_map(|reading| reading.type_name);
        let is_flag = |word: &Word| matches!(word, Word::Flag(_));
        let says = |word: &&Word| !matches!(word, Word::One(text) if text == "none" || text == "unknown");
        let words = || {
            readings.iter().flat_map(move |reading| {
                let others = reading.empty.iter().chain(&reading.missing).filter(says).chain(&reading.date);
                reading.words.values().chain(reading.contains.values()).chain(&reading.value).chain(others)
            })
        };
        let flags = words().any(is_flag) && words().all(|word| is_flag(word) || *word == Word::None);
        stated.unwrap_or(if flags { FactTypeName::Bool } else { FactTypeName::String })
    }

    /// The columns or paths that it reads.
    #[must_use]
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Field::Path(path) => vec![path],
            Field::Several(fields) => fields.iter().flat_map(Field::paths).collect(),
            Field::Reading(reading) => {
                let first = reading.first.iter().flat_map(Field::paths);
                reading.from.as_deref().into_iter().chain(first).collect()
            }
        }
    }
}

/// Reads a scalar of YAML or JSON as the text that a person wrote.
macro_rules! scalars_as_text {
    ($wrap:expr) => {
        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            Ok($wrap(value.to_string()))
        }
        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            Ok($wrap(value.to_owned()))
        }
    };
}

impl<'de> Deserialize<'de> for WordText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = WordText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }
            scalars_as_text!(WordText);
        }
        deserializer.deserialize_any(Text)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Field;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, a list of columns or a mapping with `from`")
            }
            scalars_as_text!(Field::Path);
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Field::Several)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                Reading::deserialize(MapAccessDeserializer::new(map)).map(|reading| Field::Reading(Box::new(reading)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Word;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word, a list of words, true, false or null")
            }
            fn visit_unit<E>(self) -> Result<Word, E> {
                Ok(Word::None)
            }
            fn visit_none<E>(self) -> Result<Word, E> {
                Ok(Word::None)
            }
            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Word, D::Error> {
                Word::deserialize(value)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Word, E> {
                Ok(Word::Flag(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Word, E> {
                Ok(Word::One(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Word, E> {
                Ok(Word::One(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Word, E> {
                Ok(Word::One(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Word, A::Error> {
                let words: Vec<WordText> = Vec::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(Word::Several(words.into_iter().map(|word| word.0).collect()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
