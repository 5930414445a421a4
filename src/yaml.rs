//! YAML that people write: read strictly, with a line and column for every path.
//!
//! Values come from the serde family; places come from a marked tree of the same text, which is built when the first
//! place is asked for. Either can be replaced behind this module.

mod aliases;
mod nesting;
mod repair;
pub(crate) mod scalar;

use std::{collections::BTreeMap, ops::Range, sync::OnceLock};

use saphyr::{LoadableYamlNode, MarkedYaml, YamlData};
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use self::repair::{Mistake, Step};

use crate::diagnostic::{Code, Diagnostic, Location, SourceFile, words};

/// A YAML file: one document, its value and the places in it.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub file: SourceFile,
    /// What it says.
    pub value: Value,
    places: OnceLock<Places>,
}

/// Byte ranges by path.
#[derive(Debug, Default)]
struct Places {
    keys: BTreeMap<String, Range<usize>>,
    values: BTreeMap<String, Range<usize>>,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// The value of a text, which takes time in proportion to its length: brackets and aliases are bounded.
pub(crate) fn value(text: &str) -> Result<Value, serde_yaml::Error> {
    nesting::check(text)?;
    aliases::check(text)?;
    serde_yaml::from_str(text)
}

impl Document {
    /// Parses a file.
    ///
    /// # Errors
    /// One problem at the place where the text stops being YAML: bad syntax, a key given twice, nesting or aliases
    /// without end, nothing in it at all.
    pub fn parse(file: &SourceFile) -> Result<Self, Diagnostic> {
        let value: Value = value(&file.text).map_err(|error| {
            let (reason, help) = words::plain(&error.to_string(), None);
            let problem = Diagnostic::error(Code::NotYaml, format!("this is not YAML that can be read: {reason}"));
            let problem = match help {
                Some(help) => problem.help(help),
                None => problem,
            };
            match error.location() {
                Some(location) => {
                    let offset = location.index().min(file.text.len());
                    problem.at(file, offset..offset)
                }
                None => problem.in_file(&*file.name),
            }
        })?;
        Ok(Document { file: file.clone(), value, places: OnceLock::new() })
    }

    /// The value of a key of the outermost mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.value.get(key)
    }

    /// Reads a part of the document into a type.
    ///
    /// # Errors
    /// Every problem, each at the line and column of its path.
    pub fn decode<T: DeserializeOwned>(&self, path: &str, value: &Value) -> Result<T, Vec<Diagnostic>> {
        repair::decode(value.clone())
            .map_err(|mistakes| mistakes.iter().map(|mistake| self.problem(path, value, mistake)).collect())
    }

    fn problem(&self, path: &str, value: &Value, mistake: &Mistake) -> Diagnostic {
        let mut at = path.to_owned();
        for step in &mistake.path {
            match step {
                Step::Item(index) => at.push_str(&format!("[{index}]")),
                Step::Key(key) => push_key(&mut at, key),
            }
        }
        // serde names the field; the path ends at the mapping around it.
        let span = match &mistake.unknown_key {
            Some(field) => {
                let mut key = at.clone();
                push_key(&mut key, field);
                self.key_span(&key)
            }
            None => self.span(&at),
        };
        let text = repair::value_at(value, &mistake.path).and_then(Value::as_str);
        let (reason, help) = words::plain(&mistake.reason, text);
        let shown = if at.is_empty() { String::new() } else { format!("`{at}`: ") };
        let problem = Diagnostic::error(Code::YamlForm, format!("{shown}{reason}")).at(&self.file, span);
        match help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    /// The bytes of the value at a path such as `access[0].to[1]`; of the nearest place around it where the path is
    /// not in the text.
    #[must_use]
    pub fn span(&self, path: &str) -> Range<usize> {
        self.nearest(path, &self.places().values)
    }

    /// The bytes of the key at a path.
    #[must_use]
    pub fn key_span(&self, path: &str) -> Range<usize> {
        match self.places().keys.get(path) {
            Some(span) => span.clone(),
            None => self.span(path),
        }
    }

    /// File, line, column and path of a value.
    #[must_use]
    pub fn location(&self, path: &str) -> Location {
        let offset = self.span(path).start;
        let line = self.places().lines.partition_point(|start| *start <= offset).max(1);
        let start = self.places().lines.get(line - 1).copied().unwrap_or_default();
        let column = self.file.text.get(start..offset).map_or(0, |text| text.chars().count()) + 1;
        Location { file: self.file.name.clone(), line, column, yaml_path: Some(path.to_owned()) }
    }

    fn nearest(&self, path: &str, spans: &BTreeMap<String, Range<usize>>) -> Range<usize> {
        let mut path = path;
        loop {
            if let Some(span) = spans.get(path) {
                return span.clone();
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None if path.is_empty() => return 0..0,
                None => path = "",
            }
        }
    }

    fn places(&self) -> &Places {
        self.places.get_or_init(|| {
            let starts = self.file.text.match_indices('\n').map(|(at, _)| at + 1);
            let mut places = Places { lines: std::iter::once(0).chain(starts).collect(), ..Places::default() };
            if let Ok(documents) = MarkedYaml::load_from_str(&self.file.text)
                && let Some(document) = documents.first()
            {
                let offsets: Vec<usize> = self
                    .file
                    .text
                    .char_indices()
                    .map(|(offset, _)| offset)
                    .chain(std::iter::once(self.file.text.len()))
                    .collect();
                places.visit(document, "", &offsets, &self.file.text);
            }
            places
        })
    }
}

impl Places {
    fn visit(&mut self, node: &MarkedYaml<'_>, path: &str, offsets: &[usize], text: &str) {
        self.values.insert(path.to_owned(), bytes(node, offsets, text));
        match &node.data {
            YamlData::Mapping(mapping) => {
                for (key, value) in mapping {
                    let Some(name) = scalar(key) else { continue };
                    let mut path = path.to_owned();
                    push_key(&mut path, &name);
                    self.keys.insert(path.clone(), bytes(key, offsets, text));
                    self.visit(value, &path, offsets, text);
                }
            }
            YamlData::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.visit(item, &format!("{path}[{index}]"), offsets, text);
                }
            }
            _ => {}
        }
    }
}

/// Markers count characters; spans count bytes. Trailing white space belongs to no value.
fn bytes(node: &MarkedYaml<'_>, offsets: &[usize], text: &str) -> Range<usize> {
    let offset = |index: usize| offsets.get(index).or(offsets.last()).copied().unwrap_or_default();
    let start = offset(node.span.start.index());
    let end = offset(node.span.end.index()).max(start);
    let length = text.get(start..end).map_or(0, |value| value.trim_end().len());
    start..start + length
}

fn scalar(node: &MarkedYaml<'_>) -> Option<String> {
    match &node.data {
        YamlData::Value(value) => value.as_str().map(str::to_owned).or_else(|| Some(format!("{value:?}"))),
        YamlData::Representation(text, ..) => Some(text.to_string()),
        _ => None,
    }
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    const TEXT: &str = "# é\nsystem: github\naccess:\n  - type: org-role\n    to: [a, enginering]\n";

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        #[serde(rename = "type")]
        _kind: String,
        _levels: Option<Vec<String>>,
    }

    fn document(text: &str) -> Document {
        Document::parse(&SourceFile::new("a.yaml", text)).unwrap()
    }

    #[test]
    fn a_path_has_a_line_and_a_column() {
        let document = document(TEXT);
        let location = document.location("access[0].to[1]");
        assert_eq!(location.to_string(), "a.yaml:5:13");
        assert_eq!(TEXT.get(document.span("access[0].to[1]")), Some("enginering"));
        assert_eq!(TEXT.get(document.key_span("access[0].to")), Some("to"));
        assert_eq!(document.location("access[0].levels[3]").line, 4, "the nearest place around it");
    }

    #[test]
    fn an_unknown_key_is_shown_where_it_stands() {
        let document = document(TEXT);
        let errors = document.decode::<Rule>("access[0]", &document.value["access"][0]).unwrap_err();
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        assert_eq!(error.position().as_deref(), Some("a.yaml:5:5"));
        assert!(error.message.contains("unknown key `to`"), "{}", error.message);
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        _name: String,
        _kind: Kind,
        _to: Vec<String>,
        _until: Option<jiff::civil::Date>,
        _since: jiff::civil::Date,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        One,
        Two,
    }

    #[test]
    fn every_problem_of_an_entry_is_shown() {
        let document = document(
            "_name: [a]\n_kind: three\n_to: [a, {b: c}, d, [e]]\n_until: 2026-02-30\n_sinse: 2026-01-01\nx: 1\n",
        );
        let mut errors = document.decode::<Entry>("", &document.value).unwrap_err();
        crate::diagnostic::sort(&mut errors);
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "a.yaml:1:1: the key `_since` is missing",
                "a.yaml:1:8: `_name`: a text is expected, this is a list",
                "a.yaml:2:8: `_kind`: unknown value `three`",
                "a.yaml:3:10: `_to[1]`: a text is expected, this is a mapping of keys",
                "a.yaml:3:21: `_to[3]`: a text is expected, this is a list",
                "a.yaml:4:9: `_until`: `2026-02-30` is not a date that exists, such as `2026-11-20`",
                "a.yaml:5:1: unknown key `_sinse`",
                "a.yaml:6:1: unknown key `x`",
            ]
        );
    }

    #[test]
    fn text_that_is_not_yaml_says_where() {
        let parse = |text: &str| Document::parse(&SourceFile::new("a.yaml", text)).unwrap_err();
        assert!(parse("a: [1\nb: 2\n").position().is_some());
        assert!(parse("a: 1\na: 2\n").message.contains("duplicate"));
        let bomb: String = (1..30).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
            let last = n - 1;
            let refs = vec![format!("*a{last}"); 10].join(", ");
            format!("{text}a{n}: &a{n} [{refs}]\n")
        });
        assert!(parse(&bomb).message.contains("aliases repeat too much"), "{}", parse(&bomb).message);
        assert!(parse(&"[".repeat(300)).message.contains("128 levels"));
    }
}
