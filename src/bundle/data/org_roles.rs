//! `org_roles:` — which job titles and departments make which org role.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::{
    bundle::data::entries::At,
    diagnostic::{Code, Diagnostic, Location},
    model::fold::{fold, near_form},
    yaml::Document,
};

/// A file of org roles.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgRolesFile {
    /// The org roles.
    pub org_roles: Vec<OrgRoleEntry>,
}

/// One org role as written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = OrgRoleEntry::example())]
pub struct OrgRoleEntry {
    /// Short id, used in access rules.
    pub id: String,
    /// Name for people.
    pub name: Option<String>,
    /// Groups that the role is in, such as `top-management`.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Who has it, by job title and department.
    #[serde(rename = "match")]
    pub matches: Option<Match>,
    /// Who has it by name: HRIS ids. This beats matching: these people have no roles by matching.
    #[serde(default)]
    pub people: Vec<String>,
    /// Who has it beside the roles that they have otherwise: HRIS ids.
    #[serde(default)]
    pub add_people: Vec<String>,
}

/// Patterns; where both fields are given, both must match. Case and Unicode normal form are ignored; `*` is any text,
/// `?` one character.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Any of these job titles.
    pub job_title: Option<Vec<String>>,
    /// Any of these departments.
    pub department: Option<Vec<String>>,
}

impl OrgRoleEntry {
    fn example() -> serde_json::Value {
        serde_json::json!({
            "id": "people-operations", "name": "People operations", "match": { "job_title": ["People *", "HR *"] }
        })
    }
}

/// An org role, ready to match.
#[derive(Debug, Clone)]
pub struct OrgRole {
    /// Short id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The groups that it is in.
    pub groups: Vec<String>,
    /// HRIS ids of those who have it by name.
    pub people: Vec<String>,
    /// HRIS ids of those who have it beside the roles that they have otherwise.
    pub add_people: Vec<String>,
    /// Where it is defined.
    pub location: Location,
    job_title: Option<Vec<Pattern>>,
    department: Option<Vec<Pattern>>,
}

/// A pattern of titles or departments.
#[derive(Debug, Clone)]
struct Pattern {
    folded: WildMatch,
    /// Of the form in which near misses agree, if that is another.
    near: Option<WildMatch>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        Pattern { folded: WildMatch::new(&fold(text)), near: near_form(text).map(|near| WildMatch::new(&near)) }
    }

    /// A text that it fits.
    #[cfg(feature = "prove")]
    fn fitting(&self) -> String {
        self.folded.to_string().replace(['*', '?'], "x")
    }
}

impl OrgRole {
    /// Whether the role reads the job title, the department.
    #[must_use]
    pub fn reads(&self) -> (bool, bool) {
        (self.job_title.is_some(), self.department.is_some())
    }

    /// A job title that fits each of the role's patterns.
    #[cfg(feature = "prove")]
    pub(crate) fn job_titles(&self) -> impl Iterator<Item = String> {
        self.job_title.iter().flatten().map(Pattern::fitting)
    }

    /// A department that fits each of the role's patterns.
    #[cfg(feature = "prove")]
    pub(crate) fn departments(&self) -> impl Iterator<Item = String> {
        self.department.iter().flatten().map(Pattern::fitting)
    }

    /// Whether one of the role's patterns fits a job title.
    pub(crate) fn fits_job_title(&self, title: &str) -> bool {
        fits(self.job_title.as_deref(), title)
    }

    /// Whether one of the role's patterns fits a department.
    pub(crate) fn fits_department(&self, department: &str) -> bool {
        fits(self.department.as_deref(), department)
    }

    /// Whether a pattern fits the job title only if a non-ASCII character counts as the ASCII one that it resembles.
    pub(crate) fn nearly_fits_job_title(&self, title: &str) -> bool {
        nearly_fits(self.job_title.as_deref(), title)
    }

    /// The same for a department.
    pub(crate) fn nearly_fits_department(&self, department: &str) -> bool {
        nearly_fits(self.department.as_deref(), department)
    }
}

fn fits(patterns: Option<&[Pattern]>, text: &str) -> bool {
    let text = fold(text);
    patterns.into_iter().flatten().any(|pattern| pattern.folded.matches(&text))
}

fn nearly_fits(patterns: Option<&[Pattern]>, text: &str) -> bool {
    let near = near_form(text).map_or_else(|| fold(text), Into::into);
    let fits_near = |pattern: &Pattern| pattern.near.as_ref().unwrap_or(&pattern.folded).matches(&near);
    !fits(patterns, text) && patterns.into_iter().flatten().any(fits_near)
}

pub(super) fn read(document: &Document, roles: &mut Vec<OrgRole>, problems: &mut Vec<Diagnostic>) {
    super::entries::entries::<OrgRoleEntry>(document, "org_roles", problems, |path, entry, problems| {
        let patterns = |patterns: Option<Vec<String>>| {
            patterns.map(|patterns| patterns.iter().map(|pattern| Pattern::new(pattern)).collect::<Vec<_>>())
        };
        let (job_title, department) =
            entry.matches.map(|both| (patterns(both.job_title), patterns(both.department))).unwrap_or_default();
        if job_title.is_none() && department.is_none() && entry.people.is_empty() && entry.add_people.is_empty() {
            let message = format!("no person can have the org role `{}`", entry.id);
            let problem = Diagnostic::warning(Code::EmptyOrgRole, message).at(&document.file, document.span(&path));
            problems.push(problem.help("give it `match: { job_title: [\"…\"] }` or `people: [\"…\"]`"));
        }
        roles.push(OrgRole {
            name: entry.name.unwrap_or_else(|| entry.id.clone()),
            id: entry.id,
            groups: entry.groups,
            people: entry.people,
            add_people: entry.add_people,
            location: document.location(&format!("{path}.id")),
            job_title,
            department,
        });
    });
}

pub(super) fn check(
    roles: &[OrgRole],
    at: impl Fn(&Location, Diagnostic) -> Diagnostic,
    problems: &mut Vec<Diagnostic>,
) {
    let at: At<'_> = &at;
    let mut ids: BTreeMap<&str, &Location> = BTreeMap::new();
    for role in roles {
        if let Some(first) = ids.insert(&role.id, &role.location) {
            let problem = Diagnostic::error(Code::DuplicateId, format!("the org role `{}` is defined twice", role.id));
            problems.push(at(&role.location, problem.related("it is already defined at", first)));
        }
    }
    let groups: BTreeSet<&str> = roles.iter().flat_map(|role| role.groups.iter().map(String::as_str)).collect();
    for group in groups.iter().filter(|group| ids.contains_key(**group)) {
        let message = format!("`{group}` is the id of an org role and of a group");
        let location = ids.get(group).copied();
        let problem =
            Diagnostic::error(Code::DuplicateId, message).help("rename one of them: access rules name both kinds");
        problems.extend(location.map(|location| at(location, problem)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    fn roles(text: &str) -> (Vec<OrgRole>, Vec<Diagnostic>) {
        let document = Document::parse(&SourceFile::new("o.yaml", text)).unwrap();
        let (mut roles, mut problems) = (Vec::new(), Vec::new());
        read(&document, &mut roles, &mut problems);
        check(&roles, |_, problem| problem, &mut problems);
        (roles, problems)
    }

    #[test]
    fn both_fields_must_match_where_both_are_given_and_case_is_ignored() {
        let (roles, _) = roles(
            "org_roles:\n- { id: people, match: { job_title: ['People *'], department: [People] } }\n- { id: eng, match: { department: ['Eng*'] } }\n- { id: hand, people: [p1] }\n",
        );
        assert!(roles[0].fits_job_title(" PEOPLE partner") && roles[0].fits_department("people"));
        assert!(!roles[0].fits_department("Engineering"));
        assert!(roles[1].fits_department("engineering"));
        assert_eq!(roles.iter().map(OrgRole::reads).collect::<Vec<_>>(), [(true, true), (false, true), (false, false)]);
    }

    #[test]
    fn ids_stand_once() {
        let (_, problems) = roles("org_roles:\n- { id: a, people: [p1] }\n- { id: a, people: [p1], groups: [a] }\n");
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [Code::DuplicateId, Code::DuplicateId]);
    }
}
