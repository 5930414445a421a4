//! The lines of a file around a problem, made harmless and bounded.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::{
    diagnostic::SourceFile,
    escape::{begins_command, is_harmful, terminal},
};

/// Lines that are shown of a place that goes over many.
const LINES: usize = 24;

/// Bytes of a line that is shown; of a place in a longer one, only line and column are said.
const WIDTH: usize = 1000;

/// Some lines of a file, whose offsets are those of the whole.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// Where the lines begin, in bytes.
    start: usize,
    /// How many lines come before.
    lines_before: usize,
    span: Range<usize>,
}

impl Snippet {
    /// The lines around a place; none where they are too long to be shown.
    pub(super) fn of(file: &SourceFile, span: &Range<usize>) -> Option<Self> {
        let text: &str = &file.text;
        let begin_of_line = |at: usize| text.get(..at).map(|text| text.rfind('\n').map_or(0, |newline| newline + 1));
        let first = begin_of_line(span.start)?;
        let start = if first == 0 { 0 } else { begin_of_line(first - 1)? };
        let rest = text.get(start..)?;
        let mut end = start;
        for (index, line) in rest.split_inclusive('\n').take(LINES).enumerate() {
            if line.len() > WIDTH {
                // A long line before or behind the place is left out with what is on its other side.
                if index == 0 && start < first {
                    return Self::from(file, first, span);
                }
                break;
            }
            end += line.len();
        }
        Self::cut(file, start..end, span)
    }

    fn from(file: &SourceFile, start: usize, span: &Range<usize>) -> Option<Self> {
        let lines = file.text.get(start..)?.split_inclusive('\n').take(LINES).take_while(|line| line.len() <= WIDTH);
        Self::cut(file, start..start + lines.map(str::len).sum::<usize>(), span)
    }

    fn cut(file: &SourceFile, lines: Range<usize>, span: &Range<usize>) -> Option<Self> {
        let shown = file.text.get(lines.clone())?;
        if span.start > lines.end || (span.start == lines.end && lines.end < file.text.len()) {
            return None;
        }
        let before = file.text.as_bytes().get(..lines.start)?;
        Some(Snippet {
            name: terminal(&file.name),
            text: harmless(shown),
            start: lines.start,
            lines_before: memchr::memchr_iter(b'\n', before).count(),
            span: span.start..span.end.min(lines.end).max(span.start),
        })
    }

    pub(super) fn label(&self) -> LabeledSpan {
        LabeledSpan::underline((self.span.start, self.span.len()))
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = SourceSpan::new(span.offset().saturating_sub(self.start).into(), span.len());
        let contents = self.text.as_str().read_span(&inner, before, after)?;
        let found = contents.span();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            SourceSpan::new((found.offset() + self.start).into(), found.len()),
            contents.line() + self.lines_before,
            contents.column(),
            contents.line_count() + self.lines_before,
        )))
    }
}

/// The text with each harmful character replaced by as many bytes, so that the underline stays where it belongs.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let is_layout = matches!(letter, '\n' | '\t') || rest.starts_with("\r\n");
        // `##[error]` is obeyed anywhere in a line; a line of a snippet begins with its number.
        let is_command = letter == '#' && begins_command(None, rest);
        if (is_harmful(letter) && !is_layout) || is_command {
            shown.extend(std::iter::repeat_n('?', letter.len_utf8()));
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, span: Range<usize>) -> Option<(String, usize)> {
        let snippet = Snippet::of(&SourceFile::new("a", text), &span)?;
        Some((snippet.text, snippet.lines_before))
    }

    #[test]
    fn a_place_has_the_lines_around_it() {
        assert_eq!(lines("", 0..0), Some((String::new(), 0)));
        assert_eq!(lines("a\nb\nc\nd\n", 4..5), Some(("b\nc\nd\n".to_owned(), 1)));
        let many = "x\n".repeat(1000);
        let (text, before) = lines(&many, 100..1900).unwrap();
        assert_eq!((text.lines().count(), before), (LINES, 49));
    }

    #[test]
    fn long_lines_are_left_out() {
        let long = "y".repeat(100_000);
        assert_eq!(lines(&long, 90_000..90_001), None);
        assert_eq!(lines(&format!("{long}\nb\nc\n"), 100_001..100_002), Some(("b\nc\n".to_owned(), 1)));
        assert_eq!(lines(&format!("a\nb\n{long}\n"), 2..3), Some(("a\nb\n".to_owned(), 0)));
    }

    #[test]
    fn what_acts_is_replaced_and_lines_stay() {
        assert_eq!(harmless("a\r\nb\rc\u{202e}d\t\u{1b}[0m ##[group] ## x"), "a\r\nb?c???d\t?[0m ?#[group] ## x");
    }
}
