//! A `.cedar` file taken apart into its statements, each with its place.
//!
//! Cedar's parser keeps no spans in its public types and numbers statements `policy0` … anew in every file. So a file
//! is cut at the semicolons that end its statements, and each statement is parsed on its own: it then has a place, and
//! its problems are found even where another statement is broken.

use std::ops::Range;

use cedar_policy::{PolicySet, pst};

use crate::diagnostic::{Diagnostic, Location, SourceFile};

/// One policy or template with its place.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The file.
    pub file: SourceFile,
    /// From its first annotation to its semicolon.
    pub span: Range<usize>,
    /// Its syntax tree; a policy is a template without slots.
    pub template: pst::Template,
    /// As parsed, with Cedar's own positions counted from the start of the statement.
    pub(super) parsed: PolicySet,
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

/// Takes a file apart; what cannot be parsed is a problem, the rest is returned.
pub fn parse(file: &SourceFile, problems: &mut Vec<Diagnostic>) -> Vec<Statement> {
    let mut statements = Vec::new();
    for span in split(&file.text) {
        let text = file.text.get(span.clone()).unwrap_or_default();
        if let Some(problem) = too_deep(file, span.clone()) {
            problems.push(problem);
            continue;
        }
        let parsed: PolicySet = match text.parse() {
            Ok(parsed) => parsed,
            Err(error) => {
                problems.extend(from_cedar(&error, "cedar-syntax", file, span.start));
                continue;
            }
        };
        let policies = parsed.policies().map(|policy| Ok(policy.to_pst()?.body().clone()));
        let templates = parsed.templates().map(cedar_policy::Template::to_pst);
        let trees: Result<Vec<pst::Template>, pst::PstConstructionError> = policies.chain(templates).collect();
        match trees {
            Ok(trees) => statements.extend(trees.into_iter().map(|template| Statement {
                file: file.clone(),
                span: span.clone(),
                template,
                parsed: parsed.clone(),
            })),
            Err(error) => problems.extend(from_cedar(&error, "cedar-syntax", file, span.start)),
        }
    }
    statements
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
        let problem = Diagnostic::error("nested-too-deep", format!("{what} than {limit} levels deep"));
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
    code: &'static str,
    file: &SourceFile,
    start: usize,
) -> Vec<Diagnostic> {
    let mut problems = vec![one_from_cedar(error, code, file, start)];
    for related in error.related().into_iter().flatten() {
        problems.extend(from_cedar(related, code, file, start));
    }
    problems
}

fn one_from_cedar(error: &dyn miette::Diagnostic, code: &'static str, file: &SourceFile, start: usize) -> Diagnostic {
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
