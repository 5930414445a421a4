//! One more waiver in a file of waivers, with everything kept that stands there: text is put in, never written anew.

use serde_yaml::Value;

use crate::{
    bundle::data::waivers::WaiverText,
    diagnostic::{Code, Diagnostic, SourceFile},
    yaml::{Document, scalar},
};

/// The text with the waiver after those that it holds.
///
/// # Errors
/// That the file cannot be read, or is laid out so that nothing can be put in without touching something else.
pub(super) fn append(file: &SourceFile, entry: &WaiverText) -> Result<String, Diagnostic> {
    let refused = || {
        let message = format!("cannot add an entry to `{}` without changing its other lines", file.name);
        let help = "write the list below `waivers:` with one `- ` an entry, or name another file with --file";
        Diagnostic::error(Code::WaiversFile, message).in_file(&*file.name).help(help)
    };
    if file.text.trim().is_empty() {
        return Ok(started(&file.text, entry, "\n"));
    }
    let document = Document::parse(file)?;
    let layouts = layouts(&document, entry);
    layouts.into_iter().find(|text| is_meant(&document, text, entry)).ok_or_else(refused)
}

/// Whether the text says what it said before, and the waiver after it.
fn is_meant(before: &Document, text: &str, entry: &WaiverText) -> bool {
    let Ok(after) = Document::parse(&SourceFile::new(before.file.name.clone(), text)) else { return false };
    let waivers = |document: &Document| match document.get("waivers") {
        Some(Value::Sequence(waivers)) => waivers.clone(),
        _ => Vec::new(),
    };
    let others = |document: &Document| {
        let mut value = document.value.as_mapping().cloned().unwrap_or_default();
        value.remove("waivers");
        value
    };
    let mut now = waivers(&after);
    let last = now.pop();
    let at = format!("waivers[{}]", now.len());
    let added = last.and_then(|last| after.decode::<WaiverText>(&at, &last).ok());
    now == waivers(before) && others(&after) == others(before) && added.as_ref() == Some(entry)
}

/// Where the waiver may be put in, the likeliest first.
fn layouts(document: &Document, entry: &WaiverText) -> Vec<String> {
    let text = &*document.file.text;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if document.get("waivers").is_none() {
        return vec![started(text, entry, newline)];
    }
    let count = document.get("waivers").and_then(Value::as_sequence).map_or(0, Vec::len);
    let layouts = match count.checked_sub(1) {
        None => vec![in_place_of_nothing(document, entry, newline)],
        Some(last) => {
            let item = last_item(document, last);
            vec![after(document, &item, entry, newline), at_the_end(text, &item, entry, newline)]
        }
    };
    layouts.into_iter().flatten().chain(before_brackets(document, count, entry)).collect()
}

/// A list with one entry below what there is.
fn started(text: &str, entry: &WaiverText, newline: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    format!("{text}{gap}waivers:{newline}{}", block(entry, "  ", newline))
}

/// The last entry of a list that is written below its key.
struct Item {
    /// The blanks before its dash.
    indent: String,
    /// Where its text ends.
    end: usize,
    /// Whether a blank line stands between entries.
    is_apart: bool,
}

fn last_item(document: &Document, last: usize) -> Item {
    let text = &*document.file.text;
    let path = format!("waivers[{last}]");
    let start = document.span(&path).start;
    let before = text.get(..start).unwrap_or_default();
    let dash = before.rfind('-').unwrap_or(start);
    let line = text.get(..dash).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let indent = text.get(line..dash).unwrap_or_default().to_owned();
    // The span of a mapping may reach over comments to what follows; those of its values do not.
    let value = document.get("waivers").and_then(|waivers| waivers.get(last));
    let is_flow = text.get(start..).is_some_and(|text| text.starts_with('{'));
    let keys = value.and_then(Value::as_mapping).into_iter().flatten().filter_map(|(key, _)| key.as_str());
    let ends = keys.map(|key| {
        let key = format!("{path}.{key}");
        document.span(&key).end.max(document.key_span(&key).end)
    });
    let end = if is_flow { document.span(&path).end } else { ends.max().unwrap_or(start) };
    let above = text.get(..line).unwrap_or_default();
    let mut above = above.lines().rev().skip_while(|line| line.trim_start().starts_with('#'));
    let is_apart = match last {
        0 => !is_flow,
        _ => above.next().is_some_and(|line| line.trim().is_empty()),
    };
    Item { indent, end, is_apart }
}

/// Behind the last entry and the comments that belong to it.
fn after(document: &Document, item: &Item, entry: &WaiverText, newline: &str) -> Option<String> {
    let text = &*document.file.text;
    let line_end = |from: usize| text.get(from..)?.find('\n').map(|at| from + at + 1);
    let mut at = line_end(item.end).unwrap_or(text.len());
    while let Some(end) = line_end(at) {
        let line = text.get(at..end)?;
        let blanks = line.len() - line.trim_start_matches(' ').len();
        if !line.trim_start().starts_with('#') || blanks <= item.indent.len() {
            break;
        }
        at = end;
    }
    let (head, tail) = (text.get(..at)?, text.get(at..)?);
    Some(joined(head, item, entry, newline) + tail)
}

/// At the end of the file.
fn at_the_end(text: &str, item: &Item, entry: &WaiverText, newline: &str) -> Option<String> {
    Some(joined(text, item, entry, newline))
}

fn joined(head: &str, item: &Item, entry: &WaiverText, newline: &str) -> String {
    let ended = if head.ends_with('\n') { "" } else { newline };
    let apart = if item.is_apart { newline } else { "" };
    format!("{head}{ended}{apart}{}", block(entry, &item.indent, newline))
}

/// In the place of `[]`, `null` or nothing behind the key.
fn in_place_of_nothing(document: &Document, entry: &WaiverText, newline: &str) -> Option<String> {
    let text = &*document.file.text;
    let key = document.key_span("waivers").end;
    let colon = key + text.get(key..)?.find(':')? + 1;
    let rest = text.get(colon..)?;
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let value = rest.get(blanks..)?;
    let nothing = ["null", "~", "[]"].iter().find(|nothing| value.starts_with(**nothing)).map(|nothing| nothing.len());
    let nothing = nothing.or_else(|| {
        let inner = value.strip_prefix('[')?;
        let inner = inner.len() - inner.trim_start().len();
        value.get(1 + inner..)?.starts_with(']').then_some(inner + 2)
    });
    let behind = nothing.map_or(rest, |length| value.get(length..).unwrap_or_default());
    let (line, tail) = behind.split_at(behind.find('\n').map_or(behind.len(), |at| at + 1));
    let line = if line.trim().is_empty() { newline.to_owned() } else { format!("{}{newline}", line.trim_end()) };
    let head = text.get(..colon)?;
    Some(format!("{head}{line}{}{tail}", block(entry, "  ", newline)))
}

/// Before the bracket that ends a list in brackets, wherever that may be.
fn before_brackets(document: &Document, count: usize, entry: &WaiverText) -> Vec<String> {
    let text = &*document.file.text;
    let from = match count {
        0 => document.key_span("waivers").end,
        _ => document.span(&format!("waivers[{}]", count - 1)).start,
    };
    let brackets = text.match_indices(']').map(|(at, _)| at).filter(|at| *at > from).rev().take(TRIED);
    // After the last entry a comma may stand or not, with comments around it.
    let put = |at: usize, comma: &str| {
        let (head, tail) = (text.get(..at)?, text.get(at..)?);
        Some(format!("{head}{comma}{}{tail}", flow(entry)))
    };
    brackets.flat_map(|at| [put(at, ", "), put(at, "")]).flatten().collect()
}

/// How many brackets are tried.
const TRIED: usize = 8;

/// The keys of an entry with their values, as they are written.
fn keys(entry: &WaiverText, write: fn(&str) -> String) -> Vec<(&'static str, String)> {
    let WaiverText { id, check, subject, entitlement, reason, approved_by, created, expires } = entry;
    let mut keys = vec![("id", write(id)), ("check", write(check)), ("subject", write(subject))];
    keys.extend(entitlement.as_deref().map(|entitlement| ("entitlement", write(entitlement))));
    keys.extend([("reason", write(reason)), ("approved_by", write(approved_by))]);
    keys.extend([("created", created.to_string()), ("expires", expires.to_string())]);
    keys
}

/// An entry with a key a line.
fn block(entry: &WaiverText, indent: &str, newline: &str) -> String {
    let lines = keys(entry, scalar::block).into_iter().enumerate().map(|(index, (key, value))| {
        let dash = if index == 0 { "- " } else { "  " };
        format!("{indent}{dash}{key}: {value}{newline}")
    });
    lines.collect()
}

/// An entry in braces.
fn flow(entry: &WaiverText) -> String {
    let keys = keys(entry, scalar::quoted).into_iter().map(|(key, value)| format!("{key}: {value}"));
    format!("{{ {} }}", keys.collect::<Vec<String>>().join(", "))
}

#[cfg(test)]
mod tests;
