//! Checks: Cedar actions with annotations, each asked of every subject of the types it applies to.

mod clock;
mod target;

use std::{collections::BTreeMap, str::FromStr};

use cedar_policy::{Context, EntityId, EntityUid, Request, RestrictedExpression, Schema};

use super::schema::Merged;
use crate::diagnostic::{Code, Diagnostic, Location, SourceFile, suggest};
pub use clock::Due;
pub use target::CheckTarget;

vocabulary! {
    /// How much a failing check matters.
    Severity {
        /// Immediate risk.
        Critical = "critical",
        /// Serious.
        High = "high",
        /// Matters.
        Medium = "medium",
        /// Tidiness.
        Low = "low",
        /// For information.
        Info = "info",
    }
}

/// One question asked of every subject of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The action's id.
    pub id: String,
    /// `@title`.
    pub title: String,
    /// `@severity`.
    pub severity: Severity,
    /// `@controls`: `framework:control`.
    pub controls: Vec<String>,
    /// `@remediation`: what to do about a failure.
    pub remediation: Option<String>,
    /// `@message`: what is said of a subject that nothing lets pass.
    pub message: Option<String>,
    /// `@advice("revoke")`: that an account which fails is to be taken away.
    pub revokes: bool,
    /// `@help`: the address of a page about it, such as a runbook.
    pub help: Option<String>,
    /// `@since`: the path of the date from which a finding's clock runs, such as `principal.owner.endDate`.
    pub since: Option<String>,
    /// `@due`: how long it runs.
    pub due: Option<Due>,
    /// The action groups that it is in, in order.
    pub groups: Vec<String>,
    /// What it is asked of.
    pub targets: Vec<CheckTarget>,
    /// Where it is declared.
    pub location: Location,
}

/// The annotations that an action may have.
const ANNOTATIONS: [&str; 9] =
    ["title", "severity", "controls", "remediation", "message", "advice", "help", "since", "due"];

/// What `@advice` can say.
const REVOKE: &str = "revoke";

/// Reads the checks of a merged schema, in order of their ids.
pub(super) fn read(merged: &Merged, problems: &mut Vec<Diagnostic>) -> Vec<Check> {
    let schema = &merged.schema;
    let groups = schema.action_entities().ok();
    let mut checks = BTreeMap::new();
    for action in schema.actions() {
        let id = action.id().unescaped().to_owned();
        let Some((file, annotations)) = declaration(merged, action) else {
            problems.push(
                Diagnostic::error(Code::CheckInNamespace, format!("the action `{action}` is declared in a namespace"))
                    .help("declare checks outside of any namespace"),
            );
            continue;
        };
        let mut reader = Reader { id: &id, file, annotations, problems };
        reader.refuse_unknown_annotations();
        let targets = reader.targets(schema, action);
        let Some(targets) = targets else { continue };
        reader.check_since(schema, action, &targets);
        let ancestors = groups.as_ref().and_then(|entities| entities.ancestors(action));
        let mut groups: Vec<String> = ancestors.into_iter().flatten().map(|uid| uid.id().unescaped().into()).collect();
        groups.sort();
        if let Some(check) = reader.check(groups, targets) {
            checks.insert(id, check);
        }
    }
    checks.into_values().collect()
}

/// The file that declares an action, and its annotations.
fn declaration<'a>(merged: &'a Merged, action: &EntityUid) -> Option<(&'a SourceFile, BTreeMap<String, String>)> {
    if action.type_name().to_string() != "Action" {
        return None;
    }
    let id: &EntityId = action.id();
    merged.fragments.iter().find_map(|(file, fragment)| {
        let annotations = fragment.action_annotations(None, id)?;
        Some((file, annotations.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    })
}

struct Reader<'a> {
    id: &'a str,
    file: &'a SourceFile,
    annotations: BTreeMap<String, String>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The bytes of the action's name in its declaration.
    fn span(&self) -> std::ops::Range<usize> {
        let quoted = format!("\"{}\"", self.id);
        let text = &self.file.text;
        let declared = text.match_indices("action ").find_map(|(at, _)| {
            let names = text.get(at..)?.split(['{', ';']).next()?;
            let names = names.split(" in ").next()?.split("appliesTo").next()?;
            let found = names.find(&quoted).map(|found| (found, quoted.len()));
            let found = found.or_else(|| names.find(self.id).map(|found| (found, self.id.len())));
            found.map(|(found, length)| at + found..at + found + length)
        });
        declared.unwrap_or(0..0)
    }

    /// The same at a text of the file, such as an annotation, where it stands just once.
    fn problem_at(&mut self, text: &str, code: Code, message: String, help: String) {
        let mut found = self.file.text.match_indices(text);
        let span = match (found.next(), found.next()) {
            (Some((at, _)), None) => at..at + text.len(),
            _ => self.span(),
        };
        self.problems.push(Diagnostic::error(code, message).at(self.file, span).help(help));
    }

    fn problem(&mut self, code: Code, message: String, help: String) {
        let span = self.span();
        self.problems.push(Diagnostic::error(code, message).at(self.file, span).help(help));
    }

    fn refuse_unknown_annotations(&mut self) {
        let names: Vec<String> = self.annotations.keys().cloned().collect();
        for name in names.iter().filter(|name| !ANNOTATIONS.contains(&name.as_str())) {
            let message = format!("`@{name}` is not an annotation of a check (action `{}`)", self.id);
            self.problem_at(&format!("@{name}"), Code::UnknownAnnotation, message, suggest(name, ANNOTATIONS));
        }
    }

    /// What the action is asked of; `None` for a group, which applies to nothing.
    fn targets(&mut self, schema: &Schema, action: &EntityUid) -> Option<Vec<CheckTarget>> {
        let names = |types: Vec<&cedar_policy::EntityTypeName>| -> Vec<String> {
            types.into_iter().map(ToString::to_string).collect()
        };
        let subjects = names(schema.principals_for_action(action)?.collect());
        let resources = names(schema.resources_for_action(action)?.collect());
        if subjects.is_empty() {
            if let Some(name) = self.annotations.keys().next().cloned() {
                let message = format!("the action `{}` has `@{name}` and is asked of no subject", self.id);
                let help =
                    "add `appliesTo { principal: …, resource: …, context: Evaluation }`; a group has no annotations";
                self.problem(Code::CheckAppliesToNothing, message, help.to_owned());
            }
            return None;
        }
        let targets: Vec<CheckTarget> = CheckTarget::ALL
            .into_iter()
            .filter(|target| {
                let (subject, resource) = target.types();
                subjects.iter().any(|name| name == subject) && resources.iter().any(|name| name == resource)
            })
            .collect();
        if targets.is_empty() {
            let message = format!("the check `{}` applies to a pair of types that nothing is asked of", self.id);
            let pairs: Vec<String> =
                CheckTarget::ALL.iter().map(|target| target.types()).map(|(s, r)| format!("{s} and {r}")).collect();
            self.problem(Code::CheckAppliesToNothing, message, format!("the pairs are {}", pairs.join(", ")));
        }
        for target in &targets {
            if let Err(reason) = request_fits(schema, action, *target) {
                let message = format!("the check `{}` cannot be asked: {reason}", self.id);
                self.problem(Code::CheckContext, message, "declare it with `context: Evaluation`".to_owned());
            }
        }
        Some(targets)
    }

    /// `@since` has to lead to a date.
    fn check_since(&mut self, schema: &Schema, action: &EntityUid, targets: &[CheckTarget]) {
        let Some(path) = self.annotations.get("since").map(|path| path.trim().to_owned()) else { return };
        // Of a check that is asked of nothing something has been said.
        if targets.is_empty() {
            return;
        }
        if let Err(reason) = clock::leads_to_a_date(schema, action, targets, &path) {
            let message = format!("`@since` of the check `{}` names `{path}`: {reason}", self.id);
            let help = "name a date of the subject or of what it refers to, such as `principal.owner.endDate`";
            self.problem_at(&format!("\"{path}\""), Code::BadSince, message, help.to_owned());
        }
    }

    fn revokes(&mut self, word: &str, targets: &[CheckTarget]) -> bool {
        let of_accounts = targets.iter().all(|target| target.types().0 == "Account");
        if word == REVOKE && of_accounts {
            return true;
        }
        let (message, help) = if of_accounts {
            (
                format!("`@advice` of the check `{}` cannot be `{word}`", self.id),
                "write `@advice(\"revoke\")`, or leave it out",
            )
        } else {
            (format!("`@advice` of the check `{}` is for accounts, and it is asked of others", self.id), "leave it out")
        };
        self.problem_at(&format!("\"{word}\""), Code::BadAdvice, message, help.to_owned());
        false
    }

    /// `@help` has to be an address that every consumer of a report can take as it is.
    fn help(&mut self, address: String) -> Option<String> {
        if is_https(&address) {
            return Some(address);
        }
        let message = format!("`@help` of the check `{}` is `{address}`, which is not an https address", self.id);
        let help = "write the whole address of a page, such as `@help(\"https://wiki.example.com/leavers\")`";
        self.problem_at(&format!("\"{address}\""), Code::BadHelp, message, help.to_owned());
        None
    }

    fn due(&mut self, text: &str) -> Option<Due> {
        let due = text.parse().ok();
        if due.is_none() {
            let message = format!("`@due` of the check `{}` is `{text}`, which is not a number of days", self.id);
            let help = "write days, weeks or business days, such as `3d`, `2w` or `5bd`";
            self.problem_at(&format!("\"{text}\""), Code::BadDuration, message, help.to_owned());
        }
        due
    }

    fn check(mut self, groups: Vec<String>, targets: Vec<CheckTarget>) -> Option<Check> {
        let annotation = |name: &str| {
            self.annotations.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let (title, severity) = (annotation("title"), annotation("severity"));
        let (remediation, message) = (annotation("remediation"), annotation("message"));
        let controls = annotation("controls").unwrap_or_default();
        let (advice, since, due) = (annotation("advice"), annotation("since"), annotation("due"));
        let help = annotation("help");
        for (name, value) in [("title", &title), ("severity", &severity)] {
            if value.is_none() {
                let problem = format!("the check `{}` has no `@{name}`", self.id);
                self.problem(Code::MissingAnnotation, problem, format!("write `@{name}(\"…\")` before the action"));
            }
        }
        let words = Severity::ALL.iter().map(|severity| severity.word());
        let severity = severity.and_then(|word| {
            let known = Severity::from_word(&word);
            if known.is_none() {
                let problem = format!("`{word}` is not a severity (check `{}`)", self.id);
                self.problem_at(&format!("\"{word}\""), Code::UnknownSeverity, problem, suggest(&word, words.clone()));
            }
            known
        });
        let due = due.and_then(|text| self.due(&text));
        let help = help.and_then(|address| self.help(address));
        let revokes = advice.is_some_and(|word| self.revokes(&word, &targets));
        let (line, column) = self.file.line_and_column(self.span().start);
        Some(Check {
            id: self.id.to_owned(),
            title: title?,
            severity: severity?,
            controls: controls.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
            remediation,
            message,
            revokes,
            help,
            since,
            due,
            groups,
            targets,
            location: Location { file: self.file.name.clone(), line, column, yaml_path: None },
        })
    }
}

/// Whether a text is an absolute https address with a host name, in the characters that a URI may hold (RFC 3986).
fn is_https(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_of_host = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
    let is_of_path = |letter: char| letter.is_ascii_graphic() && !"\"<>\\^`{|}[]".contains(letter);
    let is_escape = |rest: &str| rest.get(..2).is_some_and(|code| code.chars().all(|digit| digit.is_ascii_hexdigit()));
    host.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && host.chars().all(is_of_host)
        && port.parse::<u16>().is_ok()
        && path.chars().all(is_of_path)
        && path.split('%').skip(1).all(is_escape)
}

/// Whether a request of the engine's form conforms to the action's declaration.
fn request_fits(schema: &Schema, action: &EntityUid, target: CheckTarget) -> Result<(), String> {
    let uid = |name: &str| EntityUid::from_str(&format!("{name}::\"x\"")).map_err(|error| error.to_string());
    let (subject, resource) = target.types();
    let moment = || RestrictedExpression::new_datetime("1970-01-01");
    let context = Context::from_pairs([
        ("asOf".to_owned(), moment()),
        ("today".to_owned(), moment()),
        ("staffAsOf".to_owned(), moment()),
        ("staffMaxAge".to_owned(), RestrictedExpression::new_duration("0ms")),
        ("reviewMaxAge".to_owned(), RestrictedExpression::new_duration("0ms")),
    ])
    .map_err(|error| error.to_string())?;
    Request::new(uid(subject)?, action.clone(), uid(resource)?, context, Some(schema))
        .map(|_| ())
        .map_err(|error| error.to_string())
}
