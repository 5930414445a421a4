//! How large a schema is once it is written out. Cedar expands every use of a common type, so that forty short types,
//! each with two fields of the one before, have 2^40 fields.

use std::collections::{BTreeMap, HashMap};

use cedar_policy::SchemaFragment;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, SourceFile};

/// Fields of a bundle's schema, with every use of a common type written out.
const MAX_FIELDS: u64 = 100_000;

/// Types within types.
const MAX_DEPTH: usize = 64;

/// Entity types, common types and actions of a bundle.
const MAX_DECLARATIONS: usize = 2_000;

/// Pairs of a principal's and a resource's type, over all actions. Cedar validates each rule for each of them.
const MAX_ENVIRONMENTS: u64 = 5_000;

/// Finds what makes a schema too large to be written out; nothing was expanded yet.
pub(super) fn check(fragments: &[(SourceFile, SchemaFragment)]) -> Option<Diagnostic> {
    let mut parts: Vec<(&SourceFile, Value)> = Vec::new();
    for (file, part) in fragments {
        match part.clone().to_json_value() {
            Ok(value) => parts.push((file, value)),
            Err(error) => {
                let message = format!("the size of the schema in `{}` is unknown: {error}", file.name);
                let problem = Diagnostic::error(Code::SchemaSize, message).in_file(&*file.name);
                return Some(problem.help("write its types without what the reason names, or in another file"));
            }
        }
    }
    let mut sizes = Sizes::default();
    let mut declarations = 0;
    for (_, part) in &parts {
        for (namespace, definition) in part.as_object().into_iter().flatten() {
            declarations += ["commonTypes", "entityTypes", "actions"]
                .map(|kind| entries(definition, kind).count())
                .iter()
                .sum::<usize>();
            for (name, body) in entries(definition, "commonTypes") {
                sizes.bodies.insert(qualified(namespace, name), (namespace, body));
            }
        }
    }
    if declarations > MAX_DECLARATIONS {
        let message = format!("the schema declares {declarations} types and actions, more than {MAX_DECLARATIONS}");
        return Some(too_large(message, parts.last().map(|(file, _)| (*file, ""))));
    }
    let (mut fields, mut environments) = (0_u64, 0_u64);
    for (file, part) in &parts {
        for (namespace, definition) in part.as_object().into_iter().flatten() {
            for kind in ["commonTypes", "entityTypes", "actions"] {
                for (name, body) in entries(definition, kind) {
                    let size = match sizes.of(namespace, body, 0) {
                        Ok(size) => size,
                        Err(problem) => return Some(too_large(problem.of(name), Some((*file, name)))),
                    };
                    fields = fields.saturating_add(size);
                    environments = environments.saturating_add(environments_of(body));
                    if fields > MAX_FIELDS {
                        return Some(too_large(Excess::Fields.of(name), Some((*file, name))));
                    }
                    if environments > MAX_ENVIRONMENTS {
                        let message = format!(
                            "with `{name}`, the actions apply to more than {MAX_ENVIRONMENTS} pairs of principal and resource"
                        );
                        return Some(too_large(message, Some((*file, name))));
                    }
                }
            }
        }
    }
    None
}

fn too_large(message: String, at: Option<(&SourceFile, &str)>) -> Diagnostic {
    let help = "use fewer types within types; Tenure's own schema has fewer than 200 fields";
    let problem = Diagnostic::error(Code::SchemaSize, message).help(help);
    match at {
        Some((file, name)) => match word(&file.text, name) {
            Some(start) => problem.at(file, start..start + name.len()),
            None => problem.in_file(&*file.name),
        },
        None => problem,
    }
}

fn entries<'v>(definition: &'v Value, kind: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    definition.get(kind).and_then(Value::as_object).into_iter().flatten()
}

fn qualified(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}::{name}") }
}

/// How many pairs of types an action applies to; none for what is no action.
fn environments_of(body: &Value) -> u64 {
    let types = |key: &str| body.get("appliesTo").and_then(|to| to.get(key)).and_then(Value::as_array);
    let count = |key: &str| types(key).map_or(0, |types| types.len() as u64);
    count("principalTypes").saturating_mul(count("resourceTypes"))
}

/// What is too much.
#[derive(Debug, Clone, Copy)]
enum Excess {
    Fields,
    Depth,
}

impl Excess {
    fn of(self, name: &str) -> String {
        match self {
            Excess::Fields => format!(
                "written out, `{name}` brings the schema to more than {MAX_FIELDS} fields, since its types repeat others"
            ),
            Excess::Depth => format!("the types of `{name}` are more than {MAX_DEPTH} levels deep"),
        }
    }
}

/// The written-out sizes of common types.
#[derive(Default)]
struct Sizes<'v> {
    bodies: BTreeMap<String, (&'v str, &'v Value)>,
    /// `None` while it is being measured.
    known: HashMap<String, Option<Measure>>,
}

/// A type, written out.
#[derive(Clone, Copy, Default)]
struct Measure {
    fields: u64,
    depth: usize,
}

impl<'v> Sizes<'v> {
    fn of(&mut self, namespace: &str, body: &Value, depth: usize) -> Result<u64, Excess> {
        self.measure(namespace, body, depth).map(|measure| measure.fields)
    }

    fn measure(&mut self, namespace: &str, value: &Value, depth: usize) -> Result<Measure, Excess> {
        let mut measure = Measure::default();
        let mut add = |part: Measure, further: usize| {
            measure.fields = measure.fields.saturating_add(part.fields);
            measure.depth = measure.depth.max(part.depth + further);
        };
        match value {
            Value::Object(fields) => {
                let is_record = fields.get("attributes").is_some();
                for (key, part) in fields {
                    match part.as_str().filter(|_| key == "type" || key == "name") {
                        Some(name) => add(self.named(namespace, name, depth)?, 0),
                        None => add(self.measure(namespace, part, depth)?, usize::from(is_record)),
                    }
                }
                add(Measure { fields: 1, depth: 0 }, 0);
            }
            Value::Array(items) => {
                for item in items {
                    add(self.measure(namespace, item, depth)?, 0);
                }
            }
            _ => {}
        }
        if depth + measure.depth > MAX_DEPTH { Err(Excess::Depth) } else { Ok(measure) }
    }

    /// A common type; nothing for a name of another kind, and for a type within itself, which Cedar refuses.
    fn named(&mut self, namespace: &str, name: &str, depth: usize) -> Result<Measure, Excess> {
        let own = qualified(namespace, name);
        let name = if self.bodies.contains_key(&own) { own } else { name.to_owned() };
        let Some((namespace, body)) = self.bodies.get(&name).copied() else { return Ok(Measure::default()) };
        match self.known.get(&name) {
            Some(Some(measure)) if depth + measure.depth > MAX_DEPTH => return Err(Excess::Depth),
            Some(measure) => return Ok(measure.unwrap_or_default()),
            None if depth > MAX_DEPTH => return Err(Excess::Depth),
            None => {}
        }
        self.known.insert(name.clone(), None);
        let measure = self.measure(namespace, body, depth + 1)?;
        self.known.insert(name, Some(measure));
        Ok(measure)
    }
}

/// Where a name stands as a whole word.
pub(super) fn word(text: &str, name: &str) -> Option<usize> {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    text.match_indices(name).map(|(at, _)| at).find(|at| {
        let (before, after) = (text.get(..*at).unwrap_or_default(), text.get(at + name.len()..).unwrap_or_default());
        !name.is_empty() && !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<String> {
        let (fragment, _) = SchemaFragment::from_cedarschema_str(text).unwrap();
        check(&[(SourceFile::new("x.cedarschema", text), fragment)]).map(|problem| problem.to_string())
    }

    #[test]
    fn types_that_double_are_named_before_they_are_written_out() {
        let mut text = "type T0 = { a: Long, b: Long };\n".to_owned();
        for n in 1..40 {
            text.push_str(&format!("type T{n} = {{ a: T{0}, b: T{0} }};\n", n - 1));
        }
        let problem = problem(&text).unwrap();
        assert!(problem.contains("x.cedarschema:1"), "{problem}");
        assert!(problem.contains("more than 100000 fields"), "{problem}");
    }

    #[test]
    fn chains_many_declarations_and_many_pairs_are_refused() {
        let chain: String = (1..5000).map(|n| format!("type T{n} = {{ a: T{} }};\n", n - 1)).collect();
        assert!(problem(&format!("type T0 = Long;\n{chain}")).unwrap().contains("declares 5000 types"));
        let chain: String = (1..500).map(|n| format!("type T{n} = {{ a: T{} }};\n", n - 1)).collect();
        assert!(problem(&format!("type T0 = Long;\n{chain}")).unwrap().contains("levels deep"));
        let chain: String = (1..500).map(|n| format!("type T{n} = T{};\n", n - 1)).collect();
        assert!(problem(&format!("type T0 = Long;\n{chain}")).unwrap().contains("levels deep"));
        let types: Vec<String> = (0..100).map(|n| format!("E{n}")).collect();
        let list = types.join(", ");
        let text = format!("entity {list};\naction a appliesTo {{ principal: [{list}], resource: [{list}] }};\n");
        assert!(problem(&text).unwrap().contains("pairs of principal and resource"));
    }

    #[test]
    fn ordinary_schemas_and_cycles_are_left_to_cedar() {
        assert_eq!(problem(super::super::ENTITY_SCHEMA), None);
        assert_eq!(problem("type A = { b: B };\ntype B = { a?: A };\n"), None);
        assert_eq!(problem("namespace N { type A = { x: Long }; entity E { a: A }; }\n"), None);
    }
}
