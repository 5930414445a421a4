//! Names in Cedar that Cedar cannot check: org roles and groups are defined in YAML, and entity types in
//! annotations are text.

use std::collections::BTreeSet;

use super::{
    cedar::Statement,
    data::Data,
    expression::{each_named, type_name},
    schema::Merged,
};
use crate::{
    diagnostic::{Code, Diagnostic, suggest},
    model::fold::fold,
};

/// Refuses rules that name an org role, a group of them or an entitlement group that there is not: they would never match, silently.
pub(super) fn check(statements: &[Statement], data: &Data, schema: Option<&Merged>, problems: &mut Vec<Diagnostic>) {
    let roles: BTreeSet<&str> = data.org_roles.iter().map(|role| role.id.as_str()).collect();
    let groups: BTreeSet<&str> =
        data.org_roles.iter().flat_map(|role| role.groups.iter().map(String::as_str)).collect();
    let entitlement_groups: BTreeSet<&str> = data.entitlement_groups.iter().map(|group| group.id.as_str()).collect();
    for statement in statements {
        let mut named: BTreeSet<(String, String)> = BTreeSet::new();
        each_named(&statement.template, &mut |uid| {
            named.insert((type_name(uid).into_owned(), uid.eid.to_string()));
        });
        for (entity_type, id) in &named {
            let (known, what) = match entity_type.as_str() {
                "OrgRole" => (&roles, "org role"),
                "OrgRoleGroup" => (&groups, "group of org roles"),
                "EntitlementGroup" => {
                    if !entitlement_groups.contains(id.as_str()) {
                        let message = format!("there is no entitlement group `{id}`, so this never matches");
                        let problem = Diagnostic::error(Code::UnknownEntitlementGroup, message);
                        let problem = problem.at(&statement.file, statement.find(&format!("{entity_type}::\"{id}\"")));
                        let help = suggest(id, entitlement_groups.iter().copied());
                        problems.push(problem.help(format!("define it under `entitlement_groups:`; {help}")));
                    }
                    continue;
                }
                "Department" => {
                    problems.extend(department(statement, id));
                    continue;
                }
                _ => continue,
            };
            if !known.contains(id.as_str()) {
                let literal = format!("{entity_type}::\"{id}\"");
                let message = format!("there is no {what} `{id}`, so this never matches");
                let problem = Diagnostic::error(Code::UnknownOrgRole, message);
                let problem = problem.at(&statement.file, statement.find(&literal));
                problems.push(problem.help(suggest(id, known.iter().copied())));
            }
        }
        if let (Some(schema), Some(to)) = (schema, statement.annotation("to")) {
            let types: Vec<String> = schema.schema.entity_types().map(ToString::to_string).collect();
            let names = to.split(',').map(str::trim).filter(|name| !name.is_empty());
            for name in names.filter(|name| !types.iter().any(|known| known == name)) {
                let problem = Diagnostic::error(Code::UnknownEntityType, format!("`{name}` is not an entity type"));
                let problem = problem.at(&statement.file, statement.find(name));
                problems.push(problem.help(suggest(name, types.iter().map(String::as_str))));
            }
        }
    }
}

/// A warning if a department is not named in the form in which names are compared.
fn department(statement: &Statement, id: &str) -> Option<Diagnostic> {
    let folded = fold(id);
    if folded == id {
        return None;
    }
    let message = format!("the department `{id}` is not in lower case and NFC, so this never matches");
    let problem = Diagnostic::warning(Code::UnfoldedDepartment, message);
    let problem = problem.at(&statement.file, statement.find(&format!("Department::\"{id}\"")));
    Some(problem.help(format!("write `Department::\"{folded}\"`")))
}
