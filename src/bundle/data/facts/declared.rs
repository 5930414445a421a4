//! Declared facts, their types and values.

use std::{collections::BTreeSet, sync::Mutex};

use jiff::{Timestamp, civil::Date};

use crate::{
    diagnostic::Location,
    model::{FactTypeName, FactValue},
};

vocabulary! {
    /// The kind of record that a declared fact belongs to.
    FactEntity {
        /// A staff member.
        Person = "Person",
        /// A login in a system.
        Account = "Account",
    }
}

/// A fact that the bundle or the entity schema declares.
///
/// Names and words are interned: engines refer to attributes by `&'static str`. See [`interned`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredFact {
    /// Whose fact it is.
    pub entity: FactEntity,
    /// Its name in rules.
    pub name: &'static str,
    /// Its type.
    pub fact_type: FactType,
    /// How old its source may be, in hours; none without a limit.
    pub max_age_hours: Option<i64>,
}

/// The type of a declared fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// A whole number.
    Long,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// A set of texts.
    Set,
    /// A word of an enumerated entity type.
    Words(&'static FactWords),
}

/// A closed list of words.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactWords {
    /// The enumerated entity type.
    pub entity_type: String,
    /// Its words.
    pub words: Vec<String>,
}

/// A declared fact, where it is declared, and whether a rule reads it.
#[derive(Debug, Clone)]
pub struct FactDeclaration {
    /// The fact.
    pub fact: DeclaredFact,
    /// What it says, for people.
    pub description: Option<String>,
    /// The line of the bundle; none for a fact of the entity schema.
    pub location: Option<Location>,
    /// Whether a rule of the bundle reads it.
    pub is_read: bool,
}

/// A value of a declared fact, of the declared type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedValue<'v> {
    /// True or false.
    Bool(bool),
    /// A text.
    Text(&'v str),
    /// A whole number.
    Long(i64),
    /// A day.
    Date(Date),
    /// An instant.
    Instant(Timestamp),
    /// A set of texts.
    Set(BTreeSet<&'v str>),
    /// A word, by its place among the words of its type.
    Word(&'static FactWords, usize),
}

/// The fact of an account that the file of its system can say, by levels.
pub(crate) const PRIVILEGED: &str = "privileged";

impl DeclaredFact {
    /// Whether it says that an account is privileged, which the file of a system can say by levels.
    #[must_use]
    pub(crate) fn is_privileged(&self) -> bool {
        self.entity == FactEntity::Account && self.name == PRIVILEGED
    }

    /// The value that a source gave, in the declared type.
    ///
    /// # Errors
    /// Why it is none.
    pub fn typed<'v>(&self, given: &'v FactValue) -> Result<TypedValue<'v>, FactValueError> {
        Ok(match (self.fact_type, given) {
            (FactType::Bool, FactValue::Bool(value)) => TypedValue::Bool(*value),
            (FactType::Text, FactValue::Text(text)) => TypedValue::Text(text),
            (FactType::Long, FactValue::Long(value)) => TypedValue::Long(*value),
            (FactType::Set, FactValue::Set(texts)) => TypedValue::Set(texts.iter().map(String::as_str).collect()),
            (FactType::Date, FactValue::Text(text)) => {
                let date = text.parse::<Date>().ok().filter(|date| date.to_string() == *text);
                TypedValue::Date(date.ok_or_else(|| FactValueError::NotADay(text.clone()))?)
            }
            (FactType::Instant, FactValue::Text(text)) => {
                let instant = text.parse().map_err(|_| FactValueError::NotAnInstant(text.clone()));
                TypedValue::Instant(instant?)
            }
            (FactType::Words(words), FactValue::Text(text)) => {
                let place = words.words.iter().position(|word| word == text);
                let unknown = || FactValueError::NotAWord { text: text.clone(), words: words.words.join(", ") };
                TypedValue::Word(words, place.ok_or_else(unknown)?)
            }
            (expected, _) => {
                return Err(FactValueError::AnotherType {
                    given: shown(given).to_owned(),
                    expected: expected.to_string(),
                });
            }
        })
    }
}

/// Why a value is not of the type of its fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FactValueError {
    /// A date is declared.
    #[error("`{0}` is not a day such as `2026-11-20`")]
    NotADay(String),
    /// An instant is declared.
    #[error("`{0}` is not an instant such as `2026-11-20T09:00:00Z`")]
    NotAnInstant(String),
    /// A closed list of words is declared.
    #[error("`{text}` is not one of the words: {words}")]
    NotAWord {
        /// The text given.
        text: String,
        /// The words declared.
        words: String,
    },
    /// The value is of another kind.
    #[error("the source gives {given}, where {expected} is expected")]
    AnotherType {
        /// What is given.
        given: String,
        /// What is declared.
        expected: String,
    },
}

impl std::fmt::Display for TypedValue<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TypedValue::Bool(value) => value.fmt(f),
            TypedValue::Text(text) => f.write_str(text),
            TypedValue::Long(value) => value.fmt(f),
            TypedValue::Date(date) => date.fmt(f),
            TypedValue::Instant(instant) => instant.fmt(f),
            TypedValue::Set(texts) => f.write_str(&texts.iter().copied().collect::<Vec<_>>().join(", ")),
            TypedValue::Word(words, place) => f.write_str(words.words.get(*place).map_or("", String::as_str)),
        }
    }
}

impl std::fmt::Display for FactType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FactType::Bool => "true or false",
            FactType::Text => "a text",
            FactType::Long => "a whole number",
            FactType::Date => "a day",
            FactType::Instant => "an instant",
            FactType::Set => "a set of texts",
            FactType::Words(_) => "a word",
        })
    }
}

fn shown(value: &FactValue) -> &'static str {
    match value {
        FactValue::Bool(_) => "true or false",
        FactValue::Long(_) => "a number",
        FactValue::Text(_) => "a text",
        FactValue::Set(_) => "a set",
    }
}

/// A text that lives as long as the program. The same text is kept once, so loading bundles again and again costs no
/// more memory than the distinct names in them.
#[must_use]
pub fn interned(text: &str) -> &'static str {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = texts.get(text) {
        return known;
    }
    let kept: &'static str = Box::leak(text.into());
    texts.insert(kept);
    kept
}

/// The same for closed lists of words.
fn interned_words(words: FactWords) -> &'static FactWords {
    static WORDS: Mutex<BTreeSet<&'static FactWords>> = Mutex::new(BTreeSet::new());
    let mut known = WORDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = known.get(&words) {
        return known;
    }
    let kept: &'static FactWords = Box::leak(Box::new(words));
    known.insert(kept);
    kept
}

impl FactType {
    /// The type of a name, or of a closed list of words.
    pub(in crate::bundle) fn of(type_name: FactTypeName) -> Self {
        match type_name {
            FactTypeName::Bool => FactType::Bool,
            FactTypeName::String => FactType::Text,
            FactTypeName::Long => FactType::Long,
            FactTypeName::Date => FactType::Date,
            FactTypeName::Instant => FactType::Instant,
            FactTypeName::Set => FactType::Set,
        }
    }

    /// The name of the type; none of a closed list of words.
    #[must_use]
    pub fn name(self) -> Option<FactTypeName> {
        match self {
            FactType::Bool => Some(FactTypeName::Bool),
            FactType::Text => Some(FactTypeName::String),
            FactType::Long => Some(FactTypeName::Long),
            FactType::Date => Some(FactTypeName::Date),
            FactType::Instant => Some(FactTypeName::Instant),
            FactType::Set => Some(FactTypeName::Set),
            FactType::Words(_) => None,
        }
    }

    /// The type of a closed list of words, with the name of its entity type.
    pub(in crate::bundle) fn of_words(entity_type: String, words: Vec<String>) -> Self {
        FactType::Words(interned_words(FactWords { entity_type, words }))
    }
}
