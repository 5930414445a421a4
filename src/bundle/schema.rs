//! The entity schema and the bundle's fragments, merged.

mod facts;
mod size;

use size::word;

use std::collections::BTreeMap;

use cedar_policy::{Schema, SchemaFragment};

use super::{
    cedar::{from_cedar, too_deep},
    data::facts::FactDeclaration,
};
use crate::{
    diagnostic::{Code, Diagnostic, SourceFile},
    files,
    yaml::Document,
};

/// The entity schema that Tenure owns.
pub const ENTITY_SCHEMA: &str = include_str!("../../schemas/tenure.cedarschema");

/// The same in Cedar's JSON form, which is read ten times as fast.
const ENTITY_SCHEMA_JSON: &str = include_str!("../../schemas/tenure.cedarschema.json");

/// The ids of each enumerated entity type.
pub(super) type Vocabularies = BTreeMap<String, Vec<String>>;

/// The merged schema, and the parts it was made of.
pub(super) struct Merged {
    pub(super) schema: Schema,
    pub(super) fragments: Vec<(SourceFile, SchemaFragment)>,
    pub(super) vocabularies: Vocabularies,
    /// The facts of the entity schema, and those that the bundle declares.
    pub(super) facts: Vec<FactDeclaration>,
}

/// Parses and merges, with the facts that the documents declare; `None` where that failed.
pub(super) fn load<'a>(
    sources: impl Iterator<Item = &'a SourceFile>,
    declared: Vec<FactDeclaration>,
    documents: &[Document],
    problems: &mut Vec<Diagnostic>,
) -> Option<Merged> {
    let mut fragments = Vec::new();
    let mut broken = false;
    let entity_schema = SourceFile::new("tenure.cedarschema", ENTITY_SCHEMA);
    let mut entities = serde_json::from_str(ENTITY_SCHEMA_JSON).unwrap_or_default();
    let mut facts = facts::core(&entities);
    facts::add(&mut entities, &declared, documents, problems);
    facts.extend(declared);
    match SchemaFragment::from_json_value(entities) {
        Ok(fragment) => fragments.push((entity_schema, fragment)),
        Err(error) => {
            broken = true;
            problems.extend(from_cedar(&error, Code::Schema, &entity_schema, 0));
        }
    }
    for file in sources {
        let problem = too_long(file).or_else(|| too_deep(file, 0..file.text.len()));
        if let Some(problem) = problem {
            broken = true;
            problems.push(problem);
            continue;
        }
        match SchemaFragment::from_cedarschema_str(&file.text) {
            Ok((fragment, warnings)) => {
                for warning in warnings {
                    problems.extend(from_cedar(&warning, Code::Schema, file, 0));
                }
                fragments.push((file.clone(), fragment));
            }
            Err(error) => {
                broken = true;
                problems.extend(from_cedar(&error, Code::Schema, file, 0));
            }
        }
    }
    if broken {
        return None;
    }
    if let Some(problem) = size::check(&fragments) {
        problems.push(problem);
        return None;
    }
    let vocabularies = fragments.iter().flat_map(|(_, fragment)| vocabularies(fragment)).collect();
    match Schema::from_schema_fragments(fragments.iter().map(|(_, fragment)| fragment.clone())) {
        Ok(schema) => Some(Merged { schema, fragments, vocabularies, facts }),
        Err(error) => {
            problems.extend(merge_problems(&error, &fragments));
            None
        }
    }
}

/// The largest schema file, in bytes.
const MAX_FILE: usize = 1 << 20;

fn too_long(file: &SourceFile) -> Option<Diagnostic> {
    let message = || format!("a schema file may have {}, and `{}` is larger", files::size(MAX_FILE as u64), file.name);
    let is_too_long = file.text.len() > MAX_FILE;
    is_too_long.then(|| Diagnostic::error(Code::SchemaSize, message()).in_file(&*file.name))
}

/// The merged schema does not say which file is to blame; the name in the message does.
fn merge_problems(error: &dyn miette::Diagnostic, fragments: &[(SourceFile, SchemaFragment)]) -> Vec<Diagnostic> {
    let message = error.to_string();
    // Cedar names any one member of a cycle, now this and now that.
    let cycle = message.starts_with("cycle in action hierarchy");
    let message = if cycle { "the action groups contain one another in a cycle".to_owned() } else { message };
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let named = match quoted.first() {
        Some(name) => name,
        None => message.rsplit(": ").next().unwrap_or_default(),
    };
    let name = named.trim_start_matches("Action::").trim_matches('"');
    let found = fragments.iter().skip(1).rev().find_map(|(file, _)| {
        // Where it is declared, else where it is used.
        let declared = ["type ", "entity ", "action ", "action \""];
        let declared = declared.iter().find_map(|before| {
            let at = file.text.find(&format!("{before}{name}"))?;
            Some(at + before.len())
        });
        let at = declared.or_else(|| word(&file.text, name))?;
        Some((file, at..at + name.len()))
    });
    let help = if message.starts_with("duplicate") {
        "it is declared elsewhere too: the schema files of a bundle are merged with one another and with Tenure's own"
    } else if cycle {
        "take one of the groups out of the other"
    } else {
        "a name has to be declared in a schema file of the bundle, or be one of Tenure's entity schema"
    };
    let problem = Diagnostic::error(Code::Schema, message.clone()).help(help);
    match found {
        Some((file, span)) if !cycle => vec![problem.at(file, span)],
        Some((file, _)) => vec![problem.in_file(&*file.name)],
        None => vec![problem],
    }
}

/// The enumerated entity types of a fragment. Cedar's public interface shows them in the JSON form only.
fn vocabularies(fragment: &SchemaFragment) -> Vec<(String, Vec<String>)> {
    let Ok(json) = fragment.clone().to_json_value() else { return Vec::new() };
    let mut found = Vec::new();
    for (namespace, definition) in json.as_object().into_iter().flatten() {
        let types = definition.get("entityTypes").and_then(|types| types.as_object());
        for (name, declaration) in types.into_iter().flatten() {
            let Some(words) = declaration.get("enum").and_then(|words| words.as_array()) else { continue };
            let name = if namespace.is_empty() { name.clone() } else { format!("{namespace}::{name}") };
            found.push((name, words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_entity_schema_say_the_same() {
        let (fragment, warnings) = SchemaFragment::from_cedarschema_str(ENTITY_SCHEMA).unwrap();
        assert_eq!(warnings.count(), 0);
        let text = format!("{:#}\n", fragment.to_json_value().unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/tenure.cedarschema.json");
            std::fs::write(path, &text).unwrap();
        }
        assert!(text == ENTITY_SCHEMA_JSON, "the JSON form has drifted; write it with UPDATE_SCHEMAS=1, twice");
    }
}
