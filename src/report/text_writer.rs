//! Lines of text beside a margin, and their styles.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::bundle::Outcome;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Columns before the text of a finding.
pub(super) const MARGIN: usize = 10;
/// Columns of the word in the margin, with the space behind it.
const WORD: usize = 8;

/// How to lay the text out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns to fill at most.
    pub width: usize,
    /// Whether every rule and fact of each finding is shown.
    pub details: bool,
}

impl Layout {
    /// Text of this many columns, without details.
    #[must_use]
    pub fn of_width(width: usize) -> Self {
        Layout { width, details: false }
    }
}

impl Default for Layout {
    fn default() -> Self {
        Layout::of_width(120)
    }
}

pub(super) struct Writer<'w> {
    pub(super) out: &'w mut dyn Write,
    pub(super) layout: Layout,
}

impl Writer<'_> {
    /// The lines of a text beside the margin.
    pub(super) fn wrap<'t>(&self, text: &'t str) -> Vec<std::borrow::Cow<'t, str>> {
        self.wrap_after("", text)
    }

    /// The same, with an indent before the first line.
    fn wrap_after<'t>(&self, indent: &str, text: &'t str) -> Vec<std::borrow::Cow<'t, str>> {
        let options = textwrap::Options::new(self.layout.width.saturating_sub(MARGIN))
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .break_words(false)
            .initial_indent(indent)
            // The other algorithm makes a line too wide where that spares a line.
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        textwrap::wrap(text, options)
    }

    /// A paragraph behind a word in the margin, wrapped below itself.
    pub(super) fn field(&mut self, margin: &str, style: Style, text: &str) -> io::Result<()> {
        // A long word takes columns of the first line, and is followed by a space too.
        let indent = " ".repeat((margin.chars().count() + 1).saturating_sub(WORD));
        for (index, line) in self.wrap_after(&indent, text).iter().enumerate() {
            let (margin, line) =
                if index == 0 { (margin, line.get(indent.len()..).unwrap_or(line)) } else { ("", &**line) };
            let width = if index == 0 { WORD + indent.len() } else { WORD };
            writeln!(self.out, "  {DIM}{margin:<width$}{DIM:#}{style}{line}{style:#}")?;
        }
        Ok(())
    }

    pub(super) fn section(&mut self, title: &str) -> io::Result<()> {
        writeln!(self.out, "\n{BOLD}{title}{BOLD:#}")
    }
}

pub(super) fn colour(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => AnsiColor::Green.on_default(),
        Outcome::Fail => AnsiColor::Red.on_default().bold(),
        Outcome::Unknown => AnsiColor::Yellow.on_default().bold(),
        Outcome::Exempt | Outcome::NotApplicable => AnsiColor::Cyan.on_default(),
    }
}
