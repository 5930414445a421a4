//! `facts:` — facts that a bundle adds to those of the entity schema.
//!
//! Each becomes an optional attribute of Person or Account. A source, a mapping or a file of facts gives its values; a
//! record without one leaves it unknown.

use std::{collections::BTreeSet, sync::Mutex};

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::systems::hours;
use crate::{
    diagnostic::{Diagnostic, Location, suggest},
    model::{FactTypeName, FactValue},
    yaml::Document,
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

/// A file that declares facts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsFile {
    /// The facts.
    pub facts: Vec<FactEntry>,
}

/// A fact as declared. It has either a type or a closed list of words.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactEntry {
    /// Whose fact it is.
    pub entity: FactEntity,
    /// Its name in rules, such as `backgroundCheckedOn`.
    pub name: String,
    /// Its type.
    #[serde(rename = "type", default)]
    pub type_name: Option<FactTypeName>,
    /// The words that it can be; they become an enumerated entity type whose name is that of the fact with a capital
    /// letter.
    #[serde(default)]
    pub words: Option<Vec<String>>,
    /// How old its source may be: a number of hours, days or weeks, such as `30d`. Of an older one it is unknown. No limit by
    /// default.
    #[serde(default)]
    pub max_age: Option<String>,
    /// What it says, for people.
    #[serde(default)]
    pub description: Option<String>,
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
const PRIVILEGED: &str = "privileged";

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
    pub fn typed<'v>(&self, given: &'v FactValue) -> Result<TypedValue<'v>, String> {
        Ok(match (self.fact_type, given) {
            (FactType::Bool, FactValue::Bool(value)) => TypedValue::Bool(*value),
            (FactType::Text, FactValue::Text(text)) => TypedValue::Text(text),
            (FactType::Long, FactValue::Long(value)) => TypedValue::Long(*value),
            (FactType::Set, FactValue::Set(texts)) => TypedValue::Set(texts.iter().map(String::as_str).collect()),
            (FactType::Date, FactValue::Text(text)) => {
                let date = text.parse::<Date>().ok().filter(|date| date.to_string() == *text);
                TypedValue::Date(date.ok_or_else(|| format!("`{text}` is not a day such as `2026-11-20`"))?)
            }
            (FactType::Instant, FactValue::Text(text)) => {
                let instant =
                    text.parse().map_err(|_| format!("`{text}` is not an instant such as `2026-11-20T09:00:00Z`"));
                TypedValue::Instant(instant?)
            }
            (FactType::Words(words), FactValue::Text(text)) => {
                let place = words.words.iter().position(|word| word == text);
                let unknown = || format!("`{text}` is not one of the words: {}", words.words.join(", "));
                TypedValue::Word(words, place.ok_or_else(unknown)?)
            }
            (expected, _) => return Err(format!("the source gives {}, where {expected} is expected", shown(given))),
        })
    }
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

    /// The type of a closed list of words, with the name of its entity type.
    pub(in crate::bundle) fn of_words(entity_type: String, words: Vec<String>) -> Self {
        FactType::Words(interned_words(FactWords { entity_type, words }))
    }
}

/// How many facts a bundle may declare, and how long a name or word may be.
const MAX_FACTS: usize = 200;
const MAX_NAME: usize = 64;
/// How many words a closed list may have.
const MAX_WORDS: usize = 200;

/// Types that Cedar has, or names that a schema cannot give one.
const TYPES: [&str; 11] =
    ["Action", "Bool", "Boolean", "Datetime", "Decimal", "Entity", "Extension", "Long", "Record", "Set", "String"];

/// Words that Cedar reserves.
const RESERVED: [&str; 8] = ["true", "false", "if", "then", "else", "in", "is", "like"];

/// The facts that these documents declare.
pub(in crate::bundle) fn read(documents: &[Document], problems: &mut Vec<Diagnostic>) -> Vec<FactDeclaration> {
    let mut facts: Vec<FactDeclaration> = Vec::new();
    let mut is_full = false;
    for document in documents.iter().filter(|document| document.get("facts").is_some()) {
        super::entries::entries(document, "facts", problems, |path, entry: FactEntry, problems| {
            let at = |key: &str| document.span(&format!("{path}{key}"));
            let problem =
                |code, message: String, key: &str| Diagnostic::error(code, message).at(&document.file, at(key));
            if facts.len() >= MAX_FACTS {
                if !is_full {
                    let message = format!("a bundle declares at most {MAX_FACTS} facts");
                    problems.push(problem("bad-fact", message, "").help("remove those that no rule reads"));
                }
                is_full = true;
                return;
            }
            match fact(&entry) {
                Ok(fact) => {
                    let same =
                        |known: &&FactDeclaration| known.fact.entity == fact.entity && known.fact.name == fact.name;
                    if let Some(location) = facts.iter().find(same).and_then(|known| known.location.as_ref()) {
                        let message = format!("the fact `{}` of {} is declared twice", entry.name, entry.entity);
                        problems.push(
                            problem("duplicate-id", message, ".name").help(format!("the first one is {location}")),
                        );
                    } else {
                        facts.push(FactDeclaration {
                            fact,
                            description: entry.description.clone(),
                            location: Some(document.location(&path)),
                            is_read: false,
                        });
                    }
                }
                Err((key, message, help)) => problems.push(problem("bad-fact", message, key).help(help)),
            }
        });
    }
    facts
}

/// The key, message and help of a mistake.
type Mistake = (&'static str, String, String);

fn fact(entry: &FactEntry) -> Result<DeclaredFact, Mistake> {
    let name = entry.name.as_str();
    let begins = name.chars().next().is_some_and(|letter| letter.is_ascii_lowercase());
    if !begins || !name.chars().all(|letter| letter.is_ascii_alphanumeric()) || name.len() > MAX_NAME {
        let message = format!("`{name}` is not a name for a fact");
        let help = format!("begin with a small letter; use letters and digits alone, at most {MAX_NAME}: `mfaEnabled`");
        return Err((".name", message, help));
    }
    if RESERVED.contains(&name) {
        return Err((".name", format!("Cedar reserves the word `{name}`"), "choose another name".to_owned()));
    }
    let fact_type = match (entry.type_name, &entry.words) {
        (Some(type_name), None) => FactType::of(type_name),
        (None, Some(words)) => words_of(name, words)?,
        (Some(_), Some(_)) => {
            let help = "leave out `type`; the words are the type".to_owned();
            return Err((".words", format!("the fact `{name}` has a type and a list of words"), help));
        }
        (None, None) => {
            let names: Vec<&str> = FactTypeName::ALL.iter().map(|name| name.word()).collect();
            let help = format!("write `type:` with one of {}; or `words:` with a list", names.join(", "));
            return Err(("", format!("the fact `{name}` has neither a type nor words"), help));
        }
    };
    let max_age_hours = match entry.max_age.as_deref() {
        None => None,
        Some(text) => Some(hours(text).ok_or_else(|| {
            let help = "write a number of hours, days or weeks, such as `12h`, `7d` or `4w`".to_owned();
            (".max_age", format!("`{text}` is not a duration"), help)
        })?),
    };
    Ok(DeclaredFact { entity: entry.entity, name: interned(name), fact_type, max_age_hours })
}

fn words_of(name: &str, words: &[String]) -> Result<FactType, Mistake> {
    let distinct: BTreeSet<&String> = words.iter().collect();
    let is_bad = |word: &&String| word.is_empty() || word.len() > MAX_NAME || word.chars().any(char::is_control);
    if let Some(word) = words.iter().find(is_bad) {
        let help = format!("a word has at most {MAX_NAME} characters, and is not empty");
        return Err((".words", format!("`{word}` is not a word of a closed list"), help));
    }
    if words.is_empty() || words.len() > MAX_WORDS || distinct.len() != words.len() {
        let help = format!("list each word once, at most {MAX_WORDS} of them");
        return Err((".words", format!("`words` of the fact `{name}` is empty, too long or names a word twice"), help));
    }
    let mut letters = name.chars();
    let entity_type: String =
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    if TYPES.contains(&entity_type.as_str()) {
        let help = "choose another name".to_owned();
        return Err((
            ".name",
            format!("the words of `{name}` would become the type `{entity_type}` of Cedar's own"),
            help,
        ));
    }
    Ok(FactType::of_words(entity_type, words.to_vec()))
}

/// The declaration of this fact, or what it may have been meant to be.
///
/// # Errors
/// Help for a name that is not declared.
pub(crate) fn find<'f>(
    facts: &'f [FactDeclaration],
    entity: FactEntity,
    name: &str,
) -> Result<&'f DeclaredFact, String> {
    let of_entity = || facts.iter().map(|known| &known.fact).filter(move |fact| fact.entity == entity);
    of_entity().find(|fact| fact.name == name).ok_or_else(|| suggest(name, of_entity().map(|fact| fact.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    fn declared(text: &str) -> (Vec<FactDeclaration>, Vec<String>) {
        let document = Document::parse(&SourceFile::new("facts.yaml", text)).unwrap();
        let mut problems = Vec::new();
        let facts = read(&[document], &mut problems);
        (facts, problems.iter().map(|problem| problem.message.clone()).collect())
    }

    #[test]
    fn facts_have_a_name_and_a_type_or_words() {
        let (facts, problems) = declared(
            "facts:\n\
             - { entity: Account, name: deviceManaged, type: bool, description: enrolled }\n\
             - { entity: Person, name: clearance, words: [none, basic, full] }\n\
             - { entity: Person, name: Clearance, type: bool }\n\
             - { entity: Person, name: in, type: bool }\n\
             - { entity: Person, name: a }\n\
             - { entity: Person, name: b, type: bool, words: [c] }\n\
             - { entity: Person, name: c, words: [d, d] }\n\
             - { entity: Person, name: d, words: [''] }\n\
             - { entity: Account, name: deviceManaged, type: long }\n",
        );
        assert_eq!(facts.iter().map(|fact| fact.fact.name).collect::<Vec<_>>(), ["deviceManaged", "clearance"]);
        assert_eq!(problems.len(), 7, "{problems:?}");
        let FactType::Words(words) = facts[1].fact.fact_type else { panic!("{facts:?}") };
        assert_eq!((words.entity_type.as_str(), words.words.len()), ("Clearance", 3));
        assert!(std::ptr::eq(interned("deviceManaged"), facts[0].fact.name));
    }

    #[test]
    fn a_value_has_the_declared_type_or_a_reason() {
        let (facts, _) = declared(
            "facts:\n\
             - { entity: Person, name: a, type: date }\n\
             - { entity: Person, name: b, words: [x, y] }\n\
             - { entity: Person, name: c, type: set }\n",
        );
        let text = |text: &str| FactValue::Text(text.to_owned());
        let [a, b, c] = [0, 1, 2].map(|index: usize| facts[index].fact);
        assert_eq!(a.typed(&text("2026-11-20")), Ok(TypedValue::Date("2026-11-20".parse().unwrap())));
        assert!(a.typed(&text("soon")).unwrap_err().contains("`soon` is not a day"));
        assert!(matches!(b.typed(&text("y")), Ok(TypedValue::Word(_, 1))));
        assert!(b.typed(&text("Y")).unwrap_err().contains("x, y"));
        assert!(b.typed(&FactValue::Bool(true)).unwrap_err().contains("a word is expected"));
        let set = FactValue::Set(vec!["q".to_owned(), "p".to_owned(), "q".to_owned()]);
        assert_eq!(c.typed(&set), Ok(TypedValue::Set(["p", "q"].into())));
    }
}
