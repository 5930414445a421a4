//! Reads `facts:`, strictly.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declared::{DeclaredFact, FactDeclaration, FactEntity, FactType, interned};
use crate::{
    bundle::data::{entries::entries, systems::hours},
    diagnostic::{Code, Diagnostic, suggest},
    model::FactTypeName,
    yaml::Document,
};

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
    /// How far its source may be from the day judged by: a number of hours, days or weeks, such as `30d`. Beyond that the
    /// fact is unknown. No limit by default.
    #[serde(default)]
    pub max_age: Option<String>,
    /// What it says, for people.
    #[serde(default)]
    pub description: Option<String>,
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
const RESERVED: [&str; 9] = ["true", "false", "if", "then", "else", "in", "is", "has", "like"];

/// The facts that these documents declare.
pub(in crate::bundle) fn read(documents: &[Document], problems: &mut Vec<Diagnostic>) -> Vec<FactDeclaration> {
    let mut facts: Vec<FactDeclaration> = Vec::new();
    let mut is_full = false;
    for document in documents.iter().filter(|document| document.get("facts").is_some()) {
        entries(document, "facts", problems, |path, entry: FactEntry, problems| {
            let at = |key: &str| document.span(&format!("{path}{key}"));
            let problem =
                |code, message: String, key: &str| Diagnostic::error(code, message).at(&document.file, at(key));
            if facts.len() >= MAX_FACTS {
                if !is_full {
                    let message = format!("a bundle declares at most {MAX_FACTS} facts");
                    problems.push(problem(Code::BadFact, message, "").help("remove those that no rule reads"));
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
                            problem(Code::DuplicateId, message, ".name").related("the first one is at", location),
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
                Err((key, message, help)) => problems.push(problem(Code::BadFact, message, key).help(help)),
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

/// Finds the declaration of a fact by its name.
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
    use super::{super::declared::TypedValue, *};
    use crate::{diagnostic::SourceFile, model::FactValue};

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
        assert!(a.typed(&text("soon")).unwrap_err().to_string().contains("`soon` is not a day"));
        assert!(matches!(b.typed(&text("y")), Ok(TypedValue::Word(_, 1))));
        assert!(b.typed(&text("Y")).unwrap_err().to_string().contains("x, y"));
        assert!(b.typed(&FactValue::Bool(true)).unwrap_err().to_string().contains("a word is expected"));
        let set = FactValue::Set(vec!["q".to_owned(), "p".to_owned(), "q".to_owned()]);
        assert_eq!(c.typed(&set), Ok(TypedValue::Set(["p", "q"].into())));
    }
}
