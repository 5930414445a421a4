//! A `.cedar` file taken apart into its statements, each with its place.
//!
//! Cedar's parser keeps no spans in its public types and numbers statements `policy0` … anew in every file. So a file
//! is cut at the semicolons that end its statements, which gives each its place. A file without problems is parsed as a
//! whole, which takes a third of the time; of any other each statement is parsed on its own, so that its problems are
//! found even where another one is broken.

use std::ops::Range;

use cedar_policy::{PolicyId, PolicySet, pst};
use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Location, SourceFile};

/// One policy or template with its place.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The file.
    pub file: SourceFile,
    /// From its first annotation to its semicolon.
    pub span: Range<usize>,
    /// Its syntax tree; a policy is a template without slots.
    pub template: pst::Template,
    /// As parsed.
    pub(super) parsed: PolicySet,
    /// From where in the file Cedar's own positions count.
    pub(super) origin: usize,
}

impl Statement {
    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.template.annotations.get(name).map(|value| value.as_str())
    }

    /// Where it begins.
    #[must_use]
    pub fn location(&self) -> Location {
        let (line, column) = self.file.line_and_column(self.span.start);
        Location { file: self.file.name.clone(), line, column, yaml_path: None }
    }

    /// The bytes of the file that hold this text of the statement, or else the whole statement's first line.
    #[must_use]
    pub fn find(&self, text: &str) -> Range<usize> {
        let statement = self.file.text.get(self.span.clone()).unwrap_or_default();
        match statement.find(text) {
            Some(at) => self.span.start + at..self.span.start + at + text.len(),
            None => self.span.start..self.span.start + statement.lines().next().map_or(0, str::len),
        }
    }
}

/// Takes files apart, as [`parse`] does each.
pub(super) fn parse_all(files: &[&SourceFile]) -> (Vec<Statement>, Vec<Diagnostic>) {
    let parsed: Vec<(Vec<Statement>, Vec<Diagnostic>)> = files
        .par_iter()
        .map(|file| {
            let mut problems = Vec::new();
            (parse(file, &mut problems), problems)
        })
        .collect();
    let (statements, problems): (Vec<_>, Vec<_>) = parsed.into_iter().unzip();
    (statements.into_iter().flatten().collect(), problems.into_iter().flatten().collect())
}

/// Takes a file apart; what cannot be parsed is a problem, the rest is returned.
pub fn parse(file: &SourceFile, problems: &mut Vec<Diagnostic>) -> Vec<Statement> {
    let spans = split(&file.text);
    let too_deep: Vec<Option<Diagnostic>> = spans.iter().map(|span| too_deep(file, span.clone())).collect();
    if too_deep.iter().all(Option::is_none)
        && let Some(statements) = whole(file, &spans)
    {
        return statements;
    }
    let mut statements = Vec::new();
    for (span, too_deep) in spans.into_iter().zip(too_deep) {
        match too_deep.map_or_else(|| one(file, span), |problem| Err(vec![problem])) {
            Ok(statement) => statements.extend(statement),
            Err(found) => problems.extend(found),
        }
    }
    statements
}

/// The statements of a file that has no problems; none of one that has.
fn whole(file: &SourceFile, spans: &[Range<usize>]) -> Option<Vec<Statement>> {
    let parsed: PolicySet = file.text.parse().ok()?;
    if parsed.num_of_policies() + parsed.num_of_templates() != spans.len() {
        return None;
    }
    // Cedar numbers statements in their order.
    let statement = |(number, span): (usize, &Range<usize>)| {
        let id = PolicyId::new(format!("policy{number}"));
        let mut alone = PolicySet::new();
        let template = match (parsed.policy(&id), parsed.template(&id)) {
            (Some(policy), _) => {
                alone.add(policy.clone()).ok()?;
                policy.to_pst().ok()?.body().clone()
            }
            (None, Some(template)) => {
                alone.add_template(template.clone()).ok()?;
                template.to_pst().ok()?
            }
            (None, None) => return None,
        };
        Some(Statement { file: file.clone(), span: span.clone(), template, parsed: alone, origin: 0 })
    };
    spans.par_iter().enumerate().map(statement).collect()
}

/// The statement of a span, or its problems; none where there is nothing but a semicolon.
fn one(file: &SourceFile, span: Range<usize>) -> Result<Option<Statement>, Vec<Diagnostic>> {
    let text = file.text.get(span.clone()).unwrap_or_default();
    let parsed: PolicySet = text.parse().map_err(|error| from_cedar(&error, Code::CedarSyntax, file, span.start))?;
    let policies = parsed.policies().map(|policy| Ok(policy.to_pst()?.body().clone()));
    let templates = parsed.templates().map(cedar_policy::Template::to_pst);
    let trees: Result<Vec<pst::Template>, pst::PstConstructionError> = policies.chain(templates).collect();
    let trees = trees.map_err(|error| from_cedar(&error, Code::CedarSyntax, file, span.start))?;
    let origin = span.start;
    Ok(trees.into_iter().next().map(|template| Statement { file: file.clone(), span, template, parsed, origin }))
}

/// How deep brackets may be nested in one another.
const DEPTH: usize = 100;
/// How many operators and accesses one statement may have: each nests the ones before it.
const OPERATORS: usize = 150;

/// Whether a text goes on with this and then with no further letter of the word.
fn is_word_end(text: &str, end: &str) -> bool {
    let further = text.strip_prefix(end).map(|rest| rest.chars().next());
    further.is_some_and(|next| !next.is_some_and(|next| next.is_alphanumeric() || next == '_'))
}

/// Cedar's parser and evaluator follow nesting with the stack; what would overflow it is refused.
pub(super) fn too_deep(file: &SourceFile, span: Range<usize>) -> Option<Diagnostic> {
    let (mut depth, mut operators) = (0_usize, 0_usize);
    let mut rest = file.text.get(span.clone()).unwrap_or_default().char_indices();
    let schema = file.name.ends_with(".cedarschema");
    let mut before = ' ';
    while let Some((at, letter)) = rest.next() {
        let word_begins = !(before.is_alphanumeric() || before == '_');
        before = letter;
        match letter {
            '"' => {
                let mut escaped = false;
                for (_, letter) in rest.by_ref() {
                    match letter {
                        '\\' if !escaped => escaped = true,
                        '"' if !escaped => break,
                        _ => escaped = false,
                    }
                }
            }
            '/' if rest.as_str().starts_with('/') => {
                for (_, letter) in rest.by_ref() {
                    if letter == '\n' {
                        break;
                    }
                }
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '<' if schema => depth += 1,
            '>' if schema => depth = depth.saturating_sub(1),
            '&' | '|' | '+' | '-' | '*' | '.' | '!' if !schema => operators += 1,
            // An `if` nests what follows it as deep as a bracket does.
            'i' if !schema && word_begins && is_word_end(rest.as_str(), "f") => operators += 6,
            _ => {}
        }
        let (what, limit) = match (depth > DEPTH, operators > OPERATORS * 2) {
            (true, _) => ("brackets are nested more", DEPTH),
            (_, true) => ("operators are chained more", OPERATORS),
            _ => continue,
        };
        let start = span.start + at;
        let problem = Diagnostic::error(Code::NestedTooDeep, format!("{what} than {limit} levels deep"));
        return Some(problem.at(file, start..start + letter.len_utf8()).help("split it into several"));
    }
    None
}

/// The spans of the statements: from one semicolon outside of strings and comments to the next, without the white
/// space and comments before the first token.
fn split(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                while bytes.get(at).is_some_and(|byte| *byte != b'\n') {
                    at += 1;
                }
                continue;
            }
            b'"' => {
                start.get_or_insert(at);
                at += 1;
                while let Some(byte) = bytes.get(at) {
                    match byte {
                        b'\\' => at += 1,
                        b'"' => break,
                        _ => {}
                    }
                    at += 1;
                }
            }
            b';' => {
                spans.push(start.unwrap_or(at)..at + 1);
                start = None;
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                start.get_or_insert(at);
            }
        }
        at += 1;
    }
    if let Some(start) = start {
        let end = start + text.get(start..).map_or(0, |rest| rest.trim_end().len());
        spans.push(start..end);
    }
    spans
}

/// Cedar's problems as ours, each label moved by where the statement begins in its file.
pub(super) fn from_cedar(
    error: &dyn miette::Diagnostic,
    code: Code,
    file: &SourceFile,
    start: usize,
) -> Vec<Diagnostic> {
    let mut problems = vec![one_from_cedar(error, code, file, start)];
    for related in error.related().into_iter().flatten() {
        problems.extend(from_cedar(related, code, file, start));
    }
    problems
}

fn one_from_cedar(error: &dyn miette::Diagnostic, code: Code, file: &SourceFile, start: usize) -> Diagnostic {
    let label = error.labels().and_then(|mut labels| labels.next());
    let message = error.to_string();
    let detail = label.as_ref().and_then(|label| label.label()).map(|text| format!(": {text}")).unwrap_or_default();
    let problem = Diagnostic::error(code, format!("{}{detail}", without_policy_prefix(&message)));
    let span = match &label {
        Some(label) => start + label.offset()..start + label.offset() + label.len(),
        None => start..start,
    };
    let end = file.text.len();
    let problem = problem.at(file, span.start.min(end)..span.end.min(end));
    match error.help() {
        Some(help) => problem.help(help.to_string()),
        None => problem,
    }
}

/// Cedar begins with "for policy `policy0`, "; the place says that better.
fn without_policy_prefix(message: &str) -> &str {
    let rest = message.strip_prefix("for policy `").and_then(|rest| rest.split_once('`'));
    rest.and_then(|(_, rest)| rest.strip_prefix(", ").or(rest.strip_prefix(": "))).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_at_its_statements() {
        let text = "// a; b\n@id(\"x;\\\"y\")\npermit(principal, action, resource);\n\nforbid (principal,\n action, resource); // c";
        let cut: Vec<&str> = split(text).into_iter().filter_map(|span| text.get(span)).collect();
        assert_eq!(
            cut,
            ["@id(\"x;\\\"y\")\npermit(principal, action, resource);", "forbid (principal,\n action, resource);"]
        );
        assert_eq!(split("permit(").len(), 1, "an unfinished statement is a statement");
        assert!(split(" // nothing\n").is_empty());
    }

    #[test]
    fn a_broken_statement_hides_no_other_and_has_a_place() {
        let file = SourceFile::new(
            "a.cedar",
            "@id(\"a\") permit(principal, action, resource);\npermit(principal, action resource);\n@id(\"c\") forbid(principal, action, resource);\n",
        );
        let mut problems = Vec::new();
        let statements = parse(&file, &mut problems);
        assert_eq!(statements.iter().filter_map(|one| one.annotation("id")).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(problems[0].position().as_deref(), Some("a.cedar:2:26"), "{problems:?}");
        assert_eq!(statements[1].location().line, 3);
    }
}
