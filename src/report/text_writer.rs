//! Lines of text beside a margin, and their styles.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::bundle::Outcome;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// Columns before the text of a finding.
pub(super) const MARGIN: usize = 10;

/// How to lay the text out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns to fill at most.
    pub width: usize,
    /// Whether every rule and fact of each finding is shown.
    pub details: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { width: 120, details: false }
    }
}

pub(super) struct Writer<'w> {
    pub(super) out: &'w mut dyn Write,
    pub(super) layout: Layout,
}

impl Writer<'_> {
    /// The lines of a text beside the margin.
    pub(super) fn wrap<'t>(&self, text: &'t str) -> Vec<std::borrow::Cow<'t, str>> {
        let options = textwrap::Options::new(self.layout.width.saturating_sub(MARGIN))
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .break_words(false)
            // The other algorithm makes a line too wide where that spares a line.
            .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
        textwrap::wrap(text, options)
    }

    /// A paragraph behind a word in the margin, wrapped below itself.
    pub(super) fn field(&mut self, margin: &str, style: Style, text: &str) -> io::Result<()> {
        for (index, line) in self.wrap(text).iter().enumerate() {
            let margin = if index == 0 { margin } else { "" };
            writeln!(self.out, "  {DIM}{margin:<8}{DIM:#}{style}{line}{style:#}")?;
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
