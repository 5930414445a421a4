//! The report as JSON.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use rayon::prelude::*;
use serde::Serialize;
#[cfg(feature = "cli")]
use serde::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::{model::Finding, safe, view::View};

/// How many findings are written at a time.
const BLOCK: usize = 256;

/// Writes the report, indented, in the order of its types, with a newline at the end.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let head = view.head;
    let mut findings = view.findings();
    let mut around = Vec::new();
    write_value(&head.without_findings(), &mut around)?;
    // No text holds a line break, and nothing else stands so far to the left.
    let list = b"\n  \"findings\": []";
    let at = around.windows(list.len()).position(|bytes| bytes == list);
    let (before, after) = at.and_then(|at| around.split_at_checked(at + list.len() - 1)).unwrap_or((&around, &[]));
    out.write_all(before)?;
    let mut is_first = true;
    loop {
        let block: Vec<Cow<'_, Finding>> = findings.by_ref().take(BLOCK).collect();
        if block.is_empty() {
            break;
        }
        let written: Vec<Vec<u8>> = block.par_iter().map(|finding| indented(finding)).collect::<io::Result<_>>()?;
        for finding in written {
            out.write_all(if is_first { b"\n    " } else { b",\n    " })?;
            out.write_all(&finding)?;
            is_first = false;
        }
    }
    if !is_first {
        out.write_all(b"\n  ")?;
    }
    out.write_all(after)
}

/// A finding as it stands in the list of a report.
fn indented(finding: &Finding) -> io::Result<Vec<u8>> {
    /// As deep as in a report.
    #[derive(Serialize)]
    struct List<'f> {
        findings: [&'f Finding; 1],
    }
    let mut text = Vec::with_capacity(4096);
    write_value(&List { findings: [finding] }, &mut text)?;
    let before = b"{\n  \"findings\": [\n    ".len();
    let after = b"\n  ]\n}\n".len();
    text.truncate(text.len().saturating_sub(after));
    text.drain(..before.min(text.len()));
    Ok(text)
}

/// Any value in the same form.
///
/// # Errors
/// Those of the writer.
pub fn write_value(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let formatter = Harmless { inner: PrettyFormatter::with_indent(b"  ") };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// Any value on a line of its own.
///
/// # Errors
/// Those of the writer.
pub fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let formatter = Harmless { inner: CompactFormatter };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

/// A list whose items are made while it is written.
#[cfg(feature = "cli")]
pub(super) struct Lazy<F>(pub(super) F);

#[cfg(feature = "cli")]
impl<I: Iterator<Item: Serialize>, F: Fn() -> I> Serialize for Lazy<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Writes as `\uXXXX` what would act on a terminal or on the reading order when the file is shown.
struct Harmless<F> {
    inner: F,
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut start = 0;
        for (at, letter) in fragment.char_indices().filter(|(_, letter)| safe::is_harmful(*letter)) {
            writer.write_all(fragment.as_bytes().get(start..at).unwrap_or_default())?;
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            start = at + letter.len_utf8();
        }
        writer.write_all(fragment.as_bytes().get(start..).unwrap_or_default())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.inner.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.inner.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    #[test]
    fn a_report_written_as_its_findings_come_is_the_same_report() {
        let text = include_str!("../../fixtures/acme/report.json");
        let report: Report = serde_json::from_str(text).unwrap();
        for count in [0, 1, report.findings.len()] {
            let report = Report { findings: report.findings.iter().take(count).cloned().collect(), ..report.clone() };
            let (mut whole, mut streamed) = (Vec::new(), Vec::new());
            write_value(&report, &mut whole).unwrap();
            write(&View::of(&report), &mut streamed).unwrap();
            assert_eq!(String::from_utf8(streamed).unwrap(), String::from_utf8(whole).unwrap());
        }
    }

    #[test]
    fn harmful_characters_are_escaped_and_survive() {
        let mut out = Vec::new();
        let formatter = Harmless { inner: PrettyFormatter::with_indent(b"") };
        let name = "a\u{202e}b\u{1b}c\u{9b}d\u{e0001}\"é";
        name.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "\"a\\u202eb\\u001bc\\u009bd\\udb40\\udc01\\\"é\"");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), name);
    }
}
