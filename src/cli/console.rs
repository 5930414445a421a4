//! Everything that is said beside the report: on stderr, with or without colour, and in JSON where that was asked for.

mod snippet;

use std::{
    io::{BufWriter, IsTerminal, Write},
    path::Path,
};

use anstream::{AutoStream, adapter::StripBytes};
use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};

use self::snippet::Snippet;
use super::{arguments::Color, exit::Failure};
use crate::{
    diagnostic::{Code, Diagnostic, Level, Place},
    files,
    model::write,
    report::{self, safe},
};

/// Problems that are shown in full; thousands have few causes.
const SHOWN: usize = 200;

/// The problems that are shown: as they come, but errors before warnings if there are too many to show all.
pub(super) fn shown(problems: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut shown: Vec<&Diagnostic> = problems.iter().collect();
    if shown.len() > SHOWN {
        shown.sort_by_key(|problem| problem.level != Level::Error);
        shown.truncate(SHOWN);
    }
    shown
}

/// How many problems there are beside those that are shown.
pub(super) fn rest_of(count: usize) -> String {
    count.checked_sub(SHOWN).filter(|more| *more > 0).map(|more| format!("and {more} more\n")).unwrap_or_default()
}

/// The stderr of a run.
pub(super) struct Console {
    choice: anstream::ColorChoice,
    quiet: bool,
    verbose: u8,
    json: bool,
}

impl Console {
    pub(super) fn new(color: Color, quiet: bool, verbose: u8, json: bool) -> Self {
        let choice = match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        Console { choice, quiet, verbose, json }
    }

    /// Stdout, stripped of colour where it is not wanted.
    pub(super) fn stdout(&self) -> AutoStream<std::io::Stdout> {
        AutoStream::new(std::io::stdout(), self.choice)
    }

    /// How wide text may be: the terminal, no less than 60 and no more than 100 columns; 80 elsewhere.
    pub(super) fn width(&self) -> usize {
        terminal_width().map_or(80, |width| width.clamp(60, 100))
    }

    /// How wide a report may be: `COLUMNS`, else the terminal, no less than 80 and no more than 160 columns; 120 elsewhere.
    pub(super) fn report_width(&self) -> usize {
        let stated = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
        stated.or_else(terminal_width).map_or(120, |width| width.clamp(80, 160))
    }

    /// One line for people; not with `--quiet`.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.write(&format!("{}\n", safe::terminal(text)));
        }
    }

    /// Whether more is to be said.
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Whether stderr shows progress to a person.
    pub(super) fn is_watched(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// What was asked for, on stdout. Text of a source has to be escaped already.
    ///
    /// # Errors
    /// The error of an unwritable stdout; none if its reader closed it.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = self.stdout();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let message = format!("cannot write to stdout: {error}");
                Err(Failure::one(Diagnostic::error(Code::UnwritableFile, message)))
            }
            _ => Ok(()),
        }
    }

    /// A report, to a file without its colours or to stdout.
    ///
    /// # Errors
    /// The error of an unwritable output; none if the reader of stdout closed it.
    pub(super) fn deliver(
        &self,
        file: Option<&Path>,
        render: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        match file {
            Some(path) => {
                let written = write::write_atomically_with(path, |out| {
                    render(&mut Plain { out, strip: StripBytes::new(), has_styles: false })
                });
                written.map_err(|error| {
                    let name = path.display().to_string();
                    let message = format!("cannot write the report to `{name}`: {}", files::plain(&error));
                    Failure::one(Diagnostic::error(Code::UnwritableFile, message).in_file(name))
                })
            }
            None => {
                let mut stdout = self.stdout();
                let mut plain = std::io::stdout();
                // What holds no style, which is mostly the whole, is not searched for one letter by letter.
                let mut plain = Plain { out: &mut plain, strip: StripBytes::new(), has_styles: false };
                let is_plain = stdout.current_choice() == anstream::ColorChoice::Never;
                let out: &mut dyn Write = if is_plain { &mut plain } else { &mut stdout };
                let mut out = BufWriter::with_capacity(1 << 16, out);
                match render(&mut out).and_then(|()| out.flush()) {
                    // The reader closed the pipe.
                    Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                        let message = format!("cannot write the report: {error}");
                        Err(Failure::one(Diagnostic::error(Code::UnwritableFile, message)))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Warnings; not with `--quiet`.
    pub(super) fn warn(&self, warnings: &[Diagnostic]) {
        if !self.quiet {
            for warning in shown(warnings) {
                self.write(&self.render(warning));
            }
            self.write(&rest_of(warnings.len()));
        }
    }

    /// Everything that was wrong, and how much of it there is.
    pub(super) fn failure(&self, failure: &Failure) {
        if self.json {
            let errors: Vec<serde_json::Value> = failure.problems.iter().map(as_json).collect();
            let status = failure.status as u8;
            let document = serde_json::json!({ "schema_version": "1", "exit_status": status, "errors": errors });
            let mut text = Vec::new();
            if report::json::write_value(&document, &mut text).is_ok() {
                self.write(&String::from_utf8_lossy(&text));
            }
            return;
        }
        for problem in shown(&failure.problems) {
            self.write(&self.render(problem));
        }
        self.write(&rest_of(failure.problems.len()));
        let errors = failure.problems.iter().filter(|problem| problem.level == Level::Error).count();
        if errors > 1 {
            self.write(&format!("{errors} errors\n"));
        }
    }

    pub(super) fn render(&self, problem: &Diagnostic) -> String {
        let mut stream = AutoStream::new(std::io::stderr(), self.choice);
        let colour = stream.current_choice() != anstream::ColorChoice::Never;
        let _ = stream.flush();
        let theme = GraphicalTheme {
            characters: ThemeCharacters::unicode(),
            styles: if colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(100)
            .with_links(false)
            .with_word_separator(textwrap::WordSeparator::AsciiSpace)
            .with_word_splitter(textwrap::WordSplitter::NoHyphenation);
        let mut text = String::new();
        let shown = Shown::new(problem);
        if handler.render_report(&mut text, &shown).is_err() {
            text = format!("{shown}\n");
        }
        text
    }

    fn write(&self, text: &str) {
        let mut stream = AutoStream::new(std::io::stderr(), self.choice);
        // A closed stderr leaves no place for a message.
        let _closed = stream.write_all(text.as_bytes());
    }
}

/// Writes without styles.
struct Plain<'w> {
    out: &'w mut dyn Write,
    strip: StripBytes,
    /// Whether any style came so far.
    has_styles: bool,
}

impl Write for Plain<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.has_styles |= memchr::memchr(0x1b, bytes).is_some();
        if self.has_styles {
            self.strip.strip_next(bytes).try_for_each(|part| self.out.write_all(part))?;
        } else {
            self.out.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// A problem as it is shown: harmless, with the lines around its place, where those are not too long.
#[derive(Debug)]
struct Shown {
    problem: Diagnostic,
    /// What a problem without a snippet names before its message.
    position: Option<String>,
    snippet: Option<Snippet>,
}

impl Shown {
    fn new(problem: &Diagnostic) -> Self {
        let snippet = match &problem.place {
            Some(Place::Text(file, span)) => Snippet::of(file, span),
            _ => None,
        };
        let position = if snippet.is_some() { None } else { problem.position() };
        let help = problem.advice().as_deref().map(safe::terminal);
        let message = safe::terminal(&problem.message);
        let problem = Diagnostic { message, place: None, help, related: Vec::new(), ..problem.clone() };
        Shown { problem, position, snippet }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.position.as_deref().map(safe::terminal) {
            Some(file) if !self.problem.message.contains(&file) => write!(f, "{file}: {}", self.problem.message),
            _ => f.write_str(&self.problem.message),
        }
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.problem.code()
    }

    fn severity(&self) -> Option<miette::Severity> {
        self.problem.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        miette::Diagnostic::help(&self.problem)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.snippet.as_ref().map(|snippet| Box::new(std::iter::once(snippet.label())) as _)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn miette::SourceCode)
    }
}

pub(super) fn as_json(problem: &Diagnostic) -> serde_json::Value {
    let place = problem.place.as_ref();
    let position = place.and_then(Place::line_and_column);
    let related = problem.related.iter().map(|related| {
        serde_json::json!({
            "message": related.message,
            "file": related.location.file,
            "line": related.location.line,
            "column": related.location.column,
        })
    });
    serde_json::json!({
        "code": problem.code.name(),
        "level": if problem.level == Level::Error { "error" } else { "warning" },
        "message": problem.message,
        "file": place.map(Place::file),
        "line": position.map(|(line, _)| line),
        "column": position.map(|(_, column)| column),
        "help": problem.advice(),
        "related": related.collect::<Vec<_>>(),
    })
}

/// Text of files, a line at a time, with what is not simply shown written out.
pub(super) fn harmless_lines(text: &str) -> String {
    text.lines().map(|line| safe::terminal(line.trim_end_matches('\r')) + "\n").collect()
}

/// Problems of a bundle name its files relative to it; a person wants to open them.
pub(super) fn below(folder: &Path, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_below = |name: &str| Path::new(name).starts_with(folder);
    let joined = |name: &str| folder.join(name).display().to_string();
    for problem in &mut problems {
        problem.place = problem.place.take().map(|place| match &place {
            Place::Line(_) | Place::File(_) if is_below(place.file()) => place,
            Place::Text(..) | Place::Line(_) | Place::File(_) => {
                let name = joined(place.file());
                place.renamed(name)
            }
        });
        for related in problem.related.iter_mut().filter(|related| !is_below(&related.location.file)) {
            related.location.file = joined(&related.location.file).into();
        }
    }
    problems
}

/// The columns of the terminal that stdout is.
fn terminal_width() -> Option<usize> {
    let (width, _) = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten()?;
    Some(usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_before_warnings_if_not_all_are() {
        let warnings = |count| vec![Diagnostic::warning(Code::UnusedFile, "w"); count];
        let codes = |problems: &[Diagnostic]| shown(problems).iter().map(|one| one.code).collect::<Vec<_>>();
        let mut few = warnings(SHOWN - 1);
        few.push(Diagnostic::error(Code::BadId, "e"));
        assert_eq!(codes(&few).last(), Some(&Code::BadId));
        let mut many = warnings(SHOWN);
        many.push(Diagnostic::error(Code::BadId, "e"));
        assert_eq!((codes(&many).first(), codes(&many).len()), (Some(&Code::BadId), SHOWN));
    }
}
