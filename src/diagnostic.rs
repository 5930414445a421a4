//! Problems in what people wrote: policies, YAML data, configuration, snapshots.
//!
//! A problem is data. It is collected, not thrown: a run shows all problems of its inputs, each with the file, the
//! place, the reason and the next step. Rendering is the command line's business.

mod code;
pub(crate) mod words;

use std::{fmt, ops::Range, sync::Arc};

use miette::{LabeledSpan, SourceCode};

pub use code::Code;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is evaluated while it stands.
    Error,
    /// Said, and the run goes on.
    Warning,
}

/// A text file as read: its name as a person would say it, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the bundle's or the project's folder, with `/` between its parts.
    pub name: Arc<str>,
    /// The text, UTF-8.
    pub text: Arc<str>,
}

impl SourceFile {
    /// A file of this name and text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        SourceFile { name: name.into(), text: text.into() }
    }

    /// Line and column of a byte offset, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.get(line_start..).map_or(0, |text| text.chars().count()) + 1;
        (line, column)
    }
}

impl SourceFile {
    /// The bytes from a line and column to the end of that line; none where there is no such place.
    #[must_use]
    pub fn rest_of_line(&self, line: usize, column: usize) -> Option<Range<usize>> {
        let start: usize = self.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let text = self.text.get(start..)?.lines().next()?;
        let from = text.char_indices().nth(column.checked_sub(1)?).map_or(text.len(), |(at, _)| at);
        Some(start + from..start + text.trim_end().len().max(from))
    }
}

/// Where in a file something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file's name, as in [`SourceFile::name`].
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// In a YAML file: the path of keys, such as `access[0].to[1]`.
    pub yaml_path: Option<String>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// These bytes of a text that was read.
    Text(SourceFile, Range<usize>),
    /// A line of a file whose text is not at hand.
    Line(Location),
    /// A file or directory as a whole, by its name.
    File(String),
}

impl Place {
    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Place::Text(file, _) => &file.name,
            Place::Line(location) => &location.file,
            Place::File(name) => name,
        }
    }

    /// Line and column from 1, unless the place is a whole file.
    #[must_use]
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        match self {
            Place::Text(file, span) => Some(file.line_and_column(span.start)),
            Place::Line(location) => Some((location.line, location.column)),
            Place::File(_) => None,
        }
    }

    /// The same place with another name of the file.
    #[must_use]
    pub fn renamed(self, name: String) -> Self {
        match self {
            Place::Text(file, span) => Place::Text(SourceFile { name: name.into(), ..file }, span),
            Place::Line(location) => Place::Line(Location { file: name.into(), ..location }),
            Place::File(_) => Place::File(name),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line_and_column() {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.file()),
            None => f.write_str(self.file()),
        }
    }
}

/// Another place that a problem has to do with: the first of two definitions, for example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// What is there, to be followed by the place: `it is already defined at`.
    pub message: String,
    /// The place.
    pub location: Location,
}

/// One problem with its place, reason and next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of problem.
    pub code: Code,
    /// Error or warning.
    pub level: Level,
    /// What is wrong: a lower-case sentence without a full stop.
    pub message: String,
    /// Where it is; `None` where no file is to blame.
    pub place: Option<Place>,
    /// What to do next.
    pub help: Option<String>,
    /// Other places that it has to do with.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// An error of this code.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Diagnostic { code, level: Level::Error, message: message.into(), place: None, help: None, related: Vec::new() }
    }

    /// A warning of this code.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Diagnostic { level: Level::Warning, ..Self::error(code, message) }
    }

    /// The same, standing at these bytes of this file.
    #[must_use]
    pub fn at(mut self, file: &SourceFile, span: Range<usize>) -> Self {
        self.place = Some(Place::Text(file.clone(), span));
        self
    }

    /// The same, at this line of a file whose text is not at hand.
    #[must_use]
    pub fn at_location(mut self, location: &Location) -> Self {
        self.place = Some(Place::Line(location.clone()));
        self
    }

    /// The same, in this file as a whole, unless it has a place within a text.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        if !matches!(self.place, Some(Place::Text(..))) {
            self.place = Some(Place::File(file.into()));
        }
        self
    }

    /// The same, with another place and what is there: `it is already defined at`.
    #[must_use]
    pub fn related(mut self, message: impl Into<String>, location: &Location) -> Self {
        self.related.push(Related { message: message.into(), location: location.clone() });
        self
    }

    /// The same as a warning: the run goes on without what it is about.
    #[must_use]
    pub fn into_warning(self) -> Self {
        Diagnostic { level: Level::Warning, ..self }
    }

    /// The same, with the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// `file:line:column`, or the file's name alone, or nothing.
    #[must_use]
    pub fn position(&self) -> Option<String> {
        self.place.as_ref().map(Place::to_string)
    }

    /// What to do next and the related places, as one text.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let related = self.related.iter().map(|related| format!("{} {}", related.message, related.location));
        let parts: Vec<String> = self.help.iter().cloned().chain(related).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Where files and lines put it among others; used to show problems in reading order.
    fn sort_key(&self) -> (Option<String>, Option<(usize, usize)>, &'static str, String) {
        let file = self.place.as_ref().map(|place| place.file().to_owned());
        let line = self.place.as_ref().and_then(Place::line_and_column);
        (file, line, self.code.name(), self.message.clone())
    }
}

/// Puts problems into reading order and drops repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by_cached_key(Diagnostic::sort_key);
    diagnostics.dedup();
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position() {
            Some(position) => write!(f, "{position}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code.name()))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.level {
            Level::Error => miette::Severity::Error,
            Level::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.advice().map(|advice| Box::new(advice) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Some(Place::Text(_, span)) = &self.place else { return None };
        let label = LabeledSpan::underline((span.start, span.len()));
        Some(Box::new(std::iter::once(label)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match &self.place {
            Some(Place::Text(file, _)) => Some(file),
            _ => None,
        }
    }
}

impl SourceCode for SourceFile {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let text: &'a str = &self.text;
        let contents = text.read_span(span, before, after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.to_string(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// `1 person`, `2 people`.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The first three texts, and how many more there are.
#[must_use]
pub(crate) fn first_few(texts: &[String], separator: &str) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = texts.iter().take(SHOWN).map(String::as_str).collect();
    match texts.len().saturating_sub(SHOWN) {
        0 => shown.join(separator),
        more => format!("{} and {more} more", shown.join(separator)),
    }
}

/// The candidate nearest to a misspelt name, where one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// "did you mean …" for a misspelt name, or else the list of what there is (ten at most).
#[must_use]
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(candidate) = nearest(name, candidates.clone()) {
        return format!("did you mean `{candidate}`?");
    }
    let mut all: Vec<&str> = candidates.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        return "none is defined".to_owned();
    }
    let shown: Vec<String> = all.iter().take(10).map(|candidate| format!("`{candidate}`")).collect();
    let more = all.len().saturating_sub(10);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("there is {}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let file = SourceFile::new("a.yaml", "é: 1\nb: 2\n");
        assert_eq!(file.line_and_column(0), (1, 1));
        assert_eq!(file.line_and_column(2), (1, 2));
        assert_eq!(file.line_and_column(6), (2, 1));
        assert_eq!(file.line_and_column(999), (3, 1));
    }

    #[test]
    fn a_near_miss_is_suggested_and_a_far_one_lists_what_there_is() {
        assert_eq!(suggest("enginering", ["engineering", "finance"]), "did you mean `engineering`?");
        assert_eq!(suggest("xyz", ["finance", "engineering"]), "there is `engineering`, `finance`");
    }

    #[test]
    fn problems_come_in_reading_order_without_repetition() {
        let file = SourceFile::new("a.yaml", "one\ntwo\n");
        let late = Diagnostic::error(Code::BadId, "late").at(&file, 4..7);
        let early = Diagnostic::error(Code::BadId, "early").at(&file, 0..3);
        let mut all = vec![late.clone(), early.clone(), late.clone()];
        sort(&mut all);
        assert_eq!(all, [early, late]);
    }
}
