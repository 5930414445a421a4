//! The entity schema and the bundle's fragments, merged.

use std::collections::BTreeMap;

use cedar_policy::{Schema, SchemaFragment};

use super::cedar::{from_cedar, too_deep};
use crate::diagnostic::{Diagnostic, SourceFile};

/// The entity schema that Tenure owns.
pub(super) const ENTITY_SCHEMA: &str = include_str!("../../schemas/tenure.cedarschema");

/// The ids of each enumerated entity type.
pub(super) type Vocabularies = BTreeMap<String, Vec<String>>;

/// The merged schema, and the parts it was made of.
pub(super) struct Merged {
    pub(super) schema: Schema,
    pub(super) fragments: Vec<(SourceFile, SchemaFragment)>,
    pub(super) vocabularies: Vocabularies,
}

/// Parses and merges; `None` where that failed.
pub(super) fn load<'a>(files: impl Iterator<Item = &'a SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<Merged> {
    let entity_schema = SourceFile::new("tenure.cedarschema", ENTITY_SCHEMA);
    let mut fragments = Vec::new();
    let mut broken = false;
    for file in std::iter::once(entity_schema).chain(files.cloned()) {
        let file = &file;
        if let Some(problem) = too_deep(file, 0..file.text.len()) {
            broken = true;
            problems.push(problem);
            continue;
        }
        match SchemaFragment::from_cedarschema_str(&file.text) {
            Ok((fragment, warnings)) => {
                for warning in warnings {
                    problems.extend(from_cedar(&warning, "schema", file, 0));
                }
                fragments.push((file.clone(), fragment));
            }
            Err(error) => {
                broken = true;
                problems.extend(from_cedar(&error, "schema", file, 0));
            }
        }
    }
    if broken {
        return None;
    }
    let vocabularies = fragments.iter().flat_map(|(_, fragment)| vocabularies(fragment)).collect();
    match Schema::from_schema_fragments(fragments.iter().map(|(_, fragment)| fragment.clone())) {
        Ok(schema) => Some(Merged { schema, fragments, vocabularies }),
        Err(error) => {
            problems.extend(merge_problems(&error, &fragments));
            None
        }
    }
}

/// The merged schema does not say which file is to blame; the name in the message does.
fn merge_problems(error: &dyn miette::Diagnostic, fragments: &[(SourceFile, SchemaFragment)]) -> Vec<Diagnostic> {
    let message = error.to_string();
    let named: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let bundle = || fragments.iter().skip(1);
    for (file, _) in bundle().rev() {
        for name in &named {
            let bare = name.trim_start_matches("Action::").trim_matches('"');
            if let Some(at) = file.text.find(bare) {
                let problem = Diagnostic::error("schema", message.clone()).at(file, at..at + bare.len());
                return vec![match error.help() {
                    Some(help) => problem.help(help.to_string()),
                    None => problem.help("the schema fragments of a bundle are merged with Tenure's entity schema"),
                }];
            }
        }
    }
    vec![Diagnostic::error("schema", message)]
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
