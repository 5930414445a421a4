//! Reading mappings: strictly, with the line and column of every problem.

use std::fmt;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_yaml::Value;

use super::{
    field::{Field, Reading, Word},
    model::{Mapping, Records},
};
use crate::{
    diagnostic::{Code, Diagnostic, suggest},
    model::{AccountClass, AccountStatus, EmploymentStatus, FactTypeName, slug},
    yaml::Document,
};

/// The mapping of a source: the path of its file, or the mapping itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum MappingChoice {
    /// A file, relative to `tenure.yaml`.
    Path(String),
    /// Written here.
    Inline(Box<Mapping>),
}

impl<'de> Deserialize<'de> for MappingChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = MappingChoice;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a mapping, or a mapping")
            }
            fn visit_str<E>(self, path: &str) -> Result<MappingChoice, E> {
                Ok(MappingChoice::Path(path.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MappingChoice, A::Error> {
                let mapping = Mapping::deserialize(MapAccessDeserializer::new(map))?;
                Ok(MappingChoice::Inline(Box::new(mapping)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Reads a mapping that is part of a document. `name` is its format where it names none.
///
/// # Errors
/// Returns every problem of it, each at its line and column.
pub(in crate::ingest) fn of_document(
    document: &Document,
    at: &str,
    value: &Value,
    name: &str,
) -> Result<Mapping, Vec<Diagnostic>> {
    let mut mapping: Mapping = document.decode(at, value)?;
    if mapping.format.is_empty() {
        name.clone_into(&mut mapping.format);
    }
    let problems: Vec<Diagnostic> = problems(&mapping)
        .into_iter()
        .map(|(path, message, help)| {
            let place = if at.is_empty() { path.clone() } else { format!("{at}.{path}") };
            let problem = Diagnostic::error(Code::BadMapping, format!("`{place}`: {message}"));
            problem.at(&document.file, document.span(&place)).help(help)
        })
        .collect();
    if problems.is_empty() { Ok(mapping) } else { Err(problems) }
}

/// A problem: where, what and what to do.
type Problem = (String, String, String);

fn problems(mapping: &Mapping) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut add = |path: &str, message: String, help: String| problems.push((path.to_owned(), message, help));
    if mapping.format != slug(&mapping.format) || mapping.format.is_empty() {
        let help = "write small letters and digits, joined by `-`".to_owned();
        add("format", format!("`{}` is not a name", mapping.format), help);
    }
    let given = [
        mapping.account.is_some(),
        mapping.person.is_some(),
        mapping.person_facts.is_some(),
        mapping.account_facts.is_some(),
    ];
    match given.iter().filter(|given| **given).count() {
        1 => {}
        0 => {
            let message = "a mapping needs `account`, `person`, `person_facts` or `account_facts`".to_owned();
            add("", message, "add `account: { id: COLUMN }`".to_owned());
        }
        _ => {
            let help = "write two mappings, and list the file as two sources".to_owned();
            let key = if mapping.person.is_some() { "person" } else { "account" };
            add(key, "one mapping gives accounts, people or facts of either, not several of them".to_owned(), help);
        }
    }
    let of_people = mapping.person_facts.iter().map(|facts| ("person_facts", &facts.absent, &facts.give));
    let of_accounts = mapping.account_facts.iter().map(|facts| ("account_facts", &facts.absent, &facts.give));
    for (key, absent, give) in of_people.chain(of_accounts) {
        let is_known = match absent {
            None => true,
            Some(Word::One(word)) => ["unknown", "empty"].contains(&word.as_str()),
            Some(Word::Flag(flag)) => !flag,
            Some(Word::None | Word::Several(_)) => false,
        };
        if !is_known {
            let help = "write `unknown`, `empty` or `false`".to_owned();
            add(&format!("{key}.absent"), "it does not say what a missing row means".to_owned(), help);
        }
        let not_flag = give.iter().find(|(_, field)| !matches!(field.fact_type(), FactTypeName::Bool));
        if let (Some(Word::Flag(false)), Some((name, _))) = (absent, not_flag) {
            let help = "write `empty` or `unknown`, or give the fact the type `bool`".to_owned();
            add(&format!("{key}.absent"), format!("`{name}` is not true or false"), help);
        }
    }
    if let Some(facts) = mapping.account_facts.as_ref().filter(|facts| facts.system != slug(&facts.system)) {
        let help = "write small letters and digits, joined by `-`".to_owned();
        add("account_facts.system", format!("`{}` is not a system's id", facts.system), help);
    }
    let pointers = mapping.complete.iter().flat_map(|one| [("total", &one.total), ("next", &one.next)]);
    let pointers = pointers.filter_map(|(key, pointer)| Some((format!("complete.{key}"), pointer.as_deref()?)));
    let further = mapping.complete.iter().flat_map(|one| one.continues.iter().enumerate());
    let pointers = pointers.chain(further.map(|(at, one)| (format!("complete.continues[{at}]"), one.as_str())));
    let records = match &mapping.records {
        Records::Json(pointer) => Some(("records.json".to_owned(), pointer.as_str())),
        Records::Csv | Records::Ndjson => None,
    };
    for (path, pointer) in pointers.chain(records) {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            add(&path, format!("`{pointer}` is not a JSON pointer"), format!("write `/{}`", pointer.replace('.', "/")));
        }
    }
    for (path, field) in mapping.fields() {
        field_problems(&path, field, &mut problems);
    }
    problems
}

fn field_problems(path: &str, field: &Field, problems: &mut Vec<Problem>) {
    let mut add = |path: String, message: &str, help: String| problems.push((path, message.to_owned(), help));
    match field {
        Field::Path(column) if column.trim().is_empty() => {
            add(path.to_owned(), "the name of a column is empty", "name a column of the export".to_owned());
        }
        Field::Path(_) => {}
        Field::Several(fields) if fields.is_empty() => {
            add(path.to_owned(), "the list of columns is empty", "name a column of the export".to_owned());
        }
        Field::Several(fields) => {
            for (index, field) in fields.iter().enumerate() {
                field_problems(&format!("{path}[{index}]"), field, problems);
            }
        }
        Field::Reading(reading) => {
            let given = [reading.from.is_some(), reading.value.is_some(), !reading.first.is_empty()];
            if given.iter().filter(|given| **given).count() != 1 {
                let help = "write `from: COLUMN`, or `value: WORD` for what every record has".to_owned();
                add(path.to_owned(), "exactly one of `from`, `value` and `first` is expected", help);
            }
            if reading.from.is_none() && (path.ends_with(".id") || path.ends_with("_facts.key")) {
                add(path.to_owned(), "an id is in a column", "name the column".to_owned());
            }
            if reading.type_name.is_some() && !is_further(path) {
                add(format!("{path}.type"), "only a fact under `facts` has a type", "leave `type` out".to_owned());
            }
            if !reading.contains.is_empty() && !is_further(path) {
                let help = "write `words`, which whole cells are compared with".to_owned();
                add(format!("{path}.contains"), "only a fact under `facts` looks into texts", help);
            }
            for (index, field) in reading.first.iter().enumerate() {
                field_problems(&format!("{path}.first[{index}]"), field, problems);
            }
            words_problems(path, reading, problems);
        }
    }
}

/// Whether a path leads to a fact that only some sources give.
fn is_further(path: &str) -> bool {
    path.split('.').nth(1) == Some("facts") || path.split('.').nth(1) == Some("give")
}

/// Words that the fact cannot have.
fn words_problems(path: &str, reading: &Reading, problems: &mut Vec<Problem>) {
    let fact = path.split(['[', '.']).nth(1).unwrap_or_default();
    let known: Vec<&str> = match (path.split('.').next(), fact) {
        (Some("account"), "status") => AccountStatus::ALL.iter().map(|word| word.word()).collect(),
        (Some("person"), "status") => EmploymentStatus::ALL.iter().map(|word| word.word()).collect(),
        (Some("account"), "class") => AccountClass::ALL.iter().map(|word| word.word()).collect(),
        _ => return,
    };
    let words = reading.words.iter().map(|(from, word)| (format!("{path}.words.{}", from.0), word));
    let value = reading.value.iter().map(|word| (format!("{path}.value"), word));
    let is_empty_word = |word: &&Word| !matches!(word, Word::One(text) if text == "none" || text == "unknown");
    let empty = reading.empty.iter().filter(is_empty_word).map(|word| (format!("{path}.empty"), word));
    let missing = reading.missing.iter().filter(is_empty_word).map(|word| (format!("{path}.missing"), word));
    let date = reading.date.iter().map(|word| (format!("{path}.date"), word));
    for (path, word) in words.chain(value).chain(empty).chain(missing).chain(date) {
        let wrong = match word {
            Word::None => continue,
            Word::One(text) if known.contains(&text.as_str()) => continue,
            Word::One(text) => text.clone(),
            Word::Flag(flag) => flag.to_string(),
            Word::Several(_) => "a list".to_owned(),
        };
        problems.push((path, format!("`{wrong}` is no {fact}"), suggest(&wrong, known.iter().copied())));
    }
}
