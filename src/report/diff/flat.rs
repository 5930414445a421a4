//! Records taken apart into facts, to tell which of them changed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::FactChange;

/// The facts of two records that differ, by path.
pub(super) fn changes(before: &impl Serialize, after: &impl Serialize, is_told: fn(&str) -> bool) -> Vec<FactChange> {
    let (before, mut after) = (facts(before), facts(after));
    let mut changes = Vec::new();
    for (path, old) in before {
        let new = after.remove(&path);
        if new.as_ref() != Some(&old) {
            changes.push(FactChange { path, before: Some(old), after: new });
        }
    }
    changes.extend(after.into_iter().map(|(path, new)| FactChange { path, before: None, after: Some(new) }));
    changes.retain(|change| is_told(&change.path));
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

fn facts(record: &impl Serialize) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    // What serialises into a file serialises into a tree.
    if let Ok(tree) = serde_json::to_value(record) {
        collect(String::new(), tree, &mut facts);
    }
    facts
}

/// Objects by their keys, and lists of objects by what names each; anything else is a fact.
fn collect(path: String, value: Value, facts: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                collect(path, value, facts);
            }
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| name(item).is_some()) => {
            for item in items {
                let name = name(&item).unwrap_or_default();
                collect(format!("{path}[{name}]"), item, facts);
            }
        }
        value => {
            facts.insert(path, value);
        }
    }
}

/// What names an item of a list.
fn name(item: &Value) -> Option<String> {
    let field = |key: &str| item.get(key)?.as_str().map(str::to_owned);
    let name = ["id", "path", "name", "record"].iter().find_map(|key| field(key));
    name.or_else(|| Some(format!("{} {}:{}", field("rule")?, field("file")?, item.get("line")?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_records_are_compared_by_name_and_others_as_they_are() {
        let before = json!({ "levels": ["a"], "roles": [{ "id": "1", "title": "x" }, { "id": "2", "title": "y" }] });
        let after =
            json!({ "levels": ["a", "b"], "roles": [{ "id": "2", "title": "z" }, { "id": "1", "title": "x" }] });
        let changes = changes(&before, &after, |_| true);
        let told: Vec<(&str, Option<&Value>, Option<&Value>)> =
            changes.iter().map(|one| (one.path.as_str(), one.before.as_ref(), one.after.as_ref())).collect();
        assert_eq!(
            told,
            [
                ("levels", Some(&json!(["a"])), Some(&json!(["a", "b"]))),
                ("roles[2].title", Some(&json!("y")), Some(&json!("z"))),
            ]
        );
    }
}
