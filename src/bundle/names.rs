//! Names in Cedar that Cedar cannot check: org roles and their groups are defined in YAML, and entity types in
//! annotations are text.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{cedar::Statement, data::Data, schema::Merged};
use crate::diagnostic::{Diagnostic, suggest};

/// Refuses rules that name an org role or group that there is not: they would never match, silently.
pub(super) fn check(statements: &[Statement], data: &Data, schema: Option<&Merged>, problems: &mut Vec<Diagnostic>) {
    let roles: BTreeSet<&str> = data.org_roles.iter().map(|role| role.id.as_str()).collect();
    let groups: BTreeSet<&str> =
        data.org_roles.iter().flat_map(|role| role.groups.iter().map(String::as_str)).collect();
    for statement in statements {
        let Ok(tree) = statement.parsed.clone().to_json() else { continue };
        let mut named = BTreeSet::new();
        entities(&tree, &mut named);
        for (entity_type, id) in &named {
            let (known, what) = match entity_type.as_str() {
                "OrgRole" => (&roles, "org role"),
                "OrgRoleGroup" => (&groups, "group of org roles"),
                _ => continue,
            };
            if !known.contains(id.as_str()) {
                let literal = format!("{entity_type}::\"{id}\"");
                let message = format!("there is no {what} `{id}`, so this never matches");
                let problem = Diagnostic::error("unknown-org-role", message);
                let problem = problem.at(&statement.file, statement.find(&literal));
                problems.push(problem.help(suggest(id, known.iter().copied())));
            }
        }
        if let (Some(schema), Some(to)) = (schema, statement.annotation("to")) {
            let types: Vec<String> = schema.schema.entity_types().map(ToString::to_string).collect();
            let names = to.split(',').map(str::trim).filter(|name| !name.is_empty());
            for name in names.filter(|name| !types.iter().any(|known| known == name)) {
                let problem = Diagnostic::error("unknown-entity-type", format!("`{name}` is not an entity type"));
                let problem = problem.at(&statement.file, statement.find(name));
                problems.push(problem.help(suggest(name, types.iter().map(String::as_str))));
            }
        }
    }
}

/// Every entity that a policy's JSON form names, as type and id.
fn entities(tree: &Value, named: &mut BTreeSet<(String, String)>) {
    match tree {
        Value::Array(items) => items.iter().for_each(|item| entities(item, named)),
        Value::Object(fields) => {
            if let (Some(Value::String(entity_type)), Some(Value::String(id))) = (fields.get("type"), fields.get("id"))
            {
                named.insert((entity_type.clone(), id.clone()));
            }
            fields.values().for_each(|value| entities(value, named));
        }
        _ => {}
    }
}
