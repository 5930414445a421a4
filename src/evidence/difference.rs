//! The first difference between a report that was kept and the same report made again.

use std::io::{self, BufRead, Write};

use crate::evidence::REPORT;
use schemars::JsonSchema;
use serde::Serialize;

/// Letters of a value that are shown.
const SHOWN: usize = 200;

/// Something that is otherwise than it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The file, by its path in the directory.
    pub file: String,
    /// What is the matter with it.
    pub message: String,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The JSON path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the evidence has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// What it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

impl Difference {
    pub(super) fn of(file: &str, message: impl Into<String>) -> Self {
        Difference { file: file.to_owned(), message: message.into(), line: None, path: None, kept: None, again: None }
    }
}

/// Takes a report as it is written, line by line, and compares it with the one that was kept.
pub(super) struct Comparison<R> {
    kept: R,
    line: Vec<u8>,
    number: usize,
    path: JsonPath,
    first: Option<Difference>,
}

impl<R: BufRead> Comparison<R> {
    pub(super) fn new(kept: R) -> Self {
        Comparison { kept, line: Vec::new(), number: 0, path: JsonPath::default(), first: None }
    }

    /// The first difference, once everything has been written.
    pub(super) fn finish(mut self) -> io::Result<Option<Difference>> {
        if !self.line.is_empty() {
            self.compare()?;
        }
        if self.first.is_none() && !self.kept.fill_buf()?.is_empty() {
            self.compare()?;
        }
        Ok(self.first)
    }

    fn compare(&mut self) -> io::Result<()> {
        if self.first.is_none() {
            let mut kept = Vec::new();
            self.kept.read_until(b'\n', &mut kept)?;
            self.number += 1;
            let again = String::from_utf8_lossy(&self.line);
            let place = self.path.step(&again);
            if kept != self.line {
                self.first = Some(Difference {
                    file: REPORT.to_owned(),
                    message: "is not what the evaluation gives again".to_owned(),
                    line: Some(self.number),
                    path: Some(place),
                    kept: Some(shown(&String::from_utf8_lossy(&kept))),
                    again: Some(shown(&again)),
                });
            }
        }
        self.line.clear();
        Ok(())
    }
}

impl<R: BufRead> Write for Comparison<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.compare()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shown(line: &str) -> String {
    let trimmed = line.trim().trim_end_matches(',');
    let value = key(trimmed).map_or(trimmed, |(_, value)| value);
    if value.is_empty() { "nothing".to_owned() } else { value.chars().take(SHOWN).collect() }
}

/// The key and the value of a line of indented JSON.
fn key(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('"')?.split_once("\": ")
}

/// Where a line of indented JSON stands.
#[derive(Default)]
struct JsonPath {
    open: Vec<Open>,
}

/// A list or an object that has begun.
struct Open {
    place: String,
    /// How many elements came, in a list.
    elements: Option<usize>,
}

impl JsonPath {
    /// Takes the next line, and says where it stands.
    fn step(&mut self, line: &str) -> String {
        let line = line.trim().trim_end_matches(',');
        if line.starts_with(['}', ']']) {
            return self.open.pop().map_or_else(|| "$".to_owned(), |open| open.place);
        }
        let place = match self.open.last_mut() {
            None => "$".to_owned(),
            Some(Open { place, elements: Some(count) }) => {
                *count += 1;
                format!("{place}[{}]", *count - 1)
            }
            Some(Open { place, elements: None }) => {
                key(line).map_or_else(|| place.clone(), |(name, _)| format!("{place}.{name}"))
            }
        };
        if line.ends_with('{') || line.ends_with('[') {
            self.open.push(Open { place: place.clone(), elements: line.ends_with('[').then_some(0) });
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(kept: &str, again: &str) -> Option<Difference> {
        let mut comparison = Comparison::new(kept.as_bytes());
        for piece in again.as_bytes().chunks(3) {
            comparison.write_all(piece).unwrap();
        }
        comparison.finish().unwrap()
    }

    #[test]
    fn a_difference_has_a_line_a_path_and_both_values() {
        let text =
            "{\n  \"a\": [\n    {\n      \"b\": 1\n    },\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": \"x\"\n}\n";
        assert_eq!(first(text, text), None);
        let found = first(&text.replace("2", "3"), text).unwrap();
        assert_eq!((found.line, found.path.as_deref()), (Some(7), Some("$.a[1].b")));
        assert_eq!((found.kept.as_deref(), found.again.as_deref()), (Some("3"), Some("2")));
        let found = first(&text.replace("\"x\"", "\"y\""), text).unwrap();
        assert_eq!(found.path.as_deref(), Some("$.c"));
    }

    #[test]
    fn what_is_too_short_or_too_long_differs() {
        assert_eq!(first("{\n}\nmore", "{\n}\n").unwrap().line, Some(3));
        assert_eq!(first("{\n", "{\n}\n").unwrap().kept.as_deref(), Some("nothing"));
        assert!(first("{\n}", "{\n}\n").is_some());
    }
}
