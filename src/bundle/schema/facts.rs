//! Facts in the entity schema: those that it marks with `@fact`, and those that a bundle adds.

use serde_json::{Map, Value, json};

use crate::{
    bundle::data::facts::{DeclaredFact, FactDeclaration, FactEntity, FactType, interned},
    diagnostic::{Code, Diagnostic},
    model::FactTypeName,
    yaml::Document,
};

/// The annotation of a fact of the entity schema; its value is the fact's type, or `words`.
const FACT: &str = "fact";

/// The facts that the entity schema marks.
pub(super) fn core(schema: &Value) -> Vec<FactDeclaration> {
    let at = |pointer: String| schema.pointer(&pointer);
    let mut facts = Vec::new();
    for entity in FactEntity::ALL {
        let attributes = at(format!("//entityTypes/{entity}/shape/attributes")).and_then(Value::as_object);
        for (name, attribute) in attributes.into_iter().flatten() {
            let marked = attribute.get("annotations").and_then(|annotations| annotations.get(FACT)?.as_str());
            let Some(marked) = marked else { continue };
            let fact_type = match FactTypeName::from_word(marked) {
                Some(type_name) => FactType::of(type_name),
                None => {
                    let entity_type = attribute.get("name").and_then(Value::as_str).unwrap_or_default();
                    let words = at(format!("//entityTypes/{entity_type}/enum")).and_then(Value::as_array);
                    let words = words.into_iter().flatten();
                    let words = words.filter_map(|word| word.as_str().map(str::to_owned)).collect();
                    FactType::of_words(entity_type.to_owned(), words)
                }
            };
            let fact = DeclaredFact { entity: *entity, name: interned(name), fact_type, max_age_hours: None };
            facts.push(FactDeclaration { fact, description: None, location: None, is_read: false });
        }
    }
    facts
}

/// Adds declared facts to the entity schema as optional attributes.
pub(super) fn add(
    schema: &mut Value,
    declared: &[FactDeclaration],
    documents: &[Document],
    problems: &mut Vec<Diagnostic>,
) {
    for declaration in declared {
        if let Err((message, help)) = add_one(schema, &declaration.fact) {
            let problem = Diagnostic::error(Code::BadFact, message).help(help);
            let location = declaration.location.as_ref();
            let document = location.and_then(|location| documents.iter().find(|one| one.file.name == location.file));
            let path = location.and_then(|location| location.yaml_path.as_deref());
            problems.push(match (document, path) {
                (Some(document), Some(path)) => problem.at(&document.file, document.span(&format!("{path}.name"))),
                _ => problem,
            });
        }
    }
}

fn add_one(schema: &mut Value, fact: &DeclaredFact) -> Result<(), (String, String)> {
    let (entity, name) = (fact.entity.word(), fact.name);
    let named = |name: &str| json!({ "type": "EntityOrCommon", "name": name, "required": false });
    let attribute = match fact.fact_type {
        FactType::Bool => named("Bool"),
        FactType::Text => named("String"),
        FactType::Long => named("Long"),
        FactType::Date | FactType::Instant => named("datetime"),
        FactType::Set => {
            json!({ "type": "Set", "required": false, "element": { "type": "EntityOrCommon", "name": "String" } })
        }
        FactType::Words(words) => named(&words.entity_type),
    };
    let help = || "choose another name".to_owned();
    if let FactType::Words(words) = fact.fact_type {
        let is_taken = |kind: &str| schema.pointer(&format!("//{kind}/{}", words.entity_type)).is_some();
        if is_taken("entityTypes") || is_taken("commonTypes") {
            let message =
                format!("the words of `{name}` become the type `{}`, which already exists", words.entity_type);
            return Err((message, help()));
        }
        object(schema, "//entityTypes")?.insert(words.entity_type.clone(), json!({ "enum": words.words }));
    }
    let attributes = object(schema, &format!("//entityTypes/{entity}/shape/attributes"))?;
    if attributes.contains_key(name) {
        return Err((format!("{entity} has the attribute `{name}` already"), help()));
    }
    attributes.insert(name.to_owned(), attribute);
    Ok(())
}

/// The object at a JSON pointer.
fn object<'s>(schema: &'s mut Value, pointer: &str) -> Result<&'s mut Map<String, Value>, (String, String)> {
    let found = schema.pointer_mut(pointer).and_then(Value::as_object_mut);
    found.ok_or_else(|| (format!("the entity schema has no `{pointer}`"), "report this".to_owned()))
}
