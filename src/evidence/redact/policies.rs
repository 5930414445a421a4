//! Policies without personal data: ids and addresses in YAML and in Cedar become the pseudonyms that the snapshot has;
//! comments and reasons are dropped.

use std::collections::BTreeSet;

use cedar_policy::{EntityId, EntityUid};
use serde_yaml::{Mapping, Value};

use super::{REDACTED, Redactor, cedar};
use crate::{
    bundle::Bundle,
    diagnostic::{Code, Diagnostic, SourceFile},
};

/// The files of a loaded bundle with pseudonyms.
///
/// # Errors
/// Returns an error if something in a file cannot be translated, such as a pattern over addresses.
pub fn bundle(
    redactor: &Redactor,
    files: Vec<SourceFile>,
    loaded: &Bundle,
) -> Result<Vec<SourceFile>, Vec<Diagnostic>> {
    let of_people = loaded.access_types.values().filter(|one| one.to.iter().any(|to| to == "Person"));
    let of_people: BTreeSet<&str> = of_people.map(|one| one.name.as_str()).collect();
    let policies = Policies { redactor, of_people };
    let (mut redacted, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        let text = if file.name.ends_with(".yaml") || file.name.ends_with(".yml") {
            policies.yaml(&file)
        } else if file.name.ends_with(".cedarschema") {
            Ok(without_comments(&file.text))
        } else if file.name.ends_with(".csv") {
            policies.table(&file)
        } else {
            cedar::file(redactor, &file)
        };
        match text {
            Ok(text) => redacted.push(SourceFile::new(&*file.name, text)),
            Err(problem) => problems.push(problem.in_file(file.name.to_string())),
        }
    }
    if problems.is_empty() { Ok(redacted) } else { Err(problems) }
}

struct Policies<'r> {
    redactor: &'r Redactor,
    /// The access types whose `to:` names people.
    of_people: BTreeSet<&'r str>,
}

impl Policies<'_> {
    fn yaml(&self, file: &SourceFile) -> Result<String, Diagnostic> {
        let unreadable = |error: serde_yaml::Error| Diagnostic::error(Code::NotYaml, error.to_string());
        let mut document: Value = serde_yaml::from_str(&file.text).map_err(unreadable)?;
        // `accounts: "{email.local}"` makes account ids out of addresses, and pseudonyms do not.
        if document.get("accounts").is_some_and(Value::is_string) {
            let message = format!("`{}` has a pattern of account ids, which no pseudonym fits", file.name);
            let problem = Diagnostic::error(Code::NotRedactable, message);
            return Err(problem.help("share this evidence without `--redact-key`"));
        }
        self.value("", &mut document);
        serde_yaml::to_string(&document).map_err(unreadable)
    }

    /// A table of identities.
    fn table(&self, file: &SourceFile) -> Result<String, Diagnostic> {
        let unreadable = |error: &dyn std::fmt::Display| Diagnostic::error(Code::NotCsv, error.to_string());
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file.text.as_bytes());
        let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).map_err(|error| unreadable(&error))?;
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(&error))?;
            let cells = header.iter().zip(&record).map(|(name, cell)| {
                let name = name.trim_start_matches('\u{feff}').to_lowercase();
                if cell.is_empty() { String::new() } else { self.text(&name, cell) }
            });
            writer.write_record(cells).map_err(|error| unreadable(&error))?;
        }
        let bytes = writer.into_inner().map_err(|error| unreadable(&error))?;
        String::from_utf8(bytes).map_err(|error| unreadable(&error))
    }

    /// `key` is the one that the value stands under, or that its list does.
    fn value(&self, key: &str, value: &mut Value) {
        match value {
            Value::Mapping(fields) => self.mapping(key, fields),
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.value(key, item)),
            Value::String(text) => *text = self.text(key, text),
            _ => {}
        }
    }

    fn mapping(&self, key: &str, fields: &mut Mapping) {
        let kind = fields.get("type").and_then(Value::as_str);
        let names_people = kind.is_some_and(|kind| self.of_people.contains(kind));
        for (name, value) in fields.iter_mut() {
            match name.as_str() {
                // Of an entry of `people:`.
                Some("id") if key == "people" => self.value("person", value),
                Some("to") if names_people => self.value("person", value),
                Some(name) => self.value(name, value),
                None => {}
            }
        }
    }

    fn text(&self, key: &str, text: &str) -> String {
        match key {
            "reason" => REDACTED.to_owned(),
            "owner" if text.contains('@') => self.redactor.address(text),
            "person" | "people" | "add_people" | "owner" | "account" | "despite" => self.redactor.id(text),
            "approved_by" => self.redactor.mailbox(text),
            "emails" => self.redactor.address(text),
            "subject" => self.subject(text),
            _ => cedar::free_text(self.redactor, text),
        }
    }

    /// The entity that a waiver is for. One that cannot be read stays so, and says nothing.
    fn subject(&self, text: &str) -> String {
        let Ok(uid) = text.parse::<EntityUid>() else { return REDACTED.to_owned() };
        let entity_type = uid.type_name().to_string();
        let id = cedar::pseudonym(self.redactor, &entity_type, uid.id().unescaped());
        match entity_type.parse() {
            Ok(name) => EntityUid::from_type_name_and_id(name, EntityId::new(id)).to_string(),
            Err(_) => REDACTED.to_owned(),
        }
    }
}

/// The first literal in quotes as it is written, with what stands before and after it.
fn literal(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('"')?;
    let mut is_escaped = false;
    let end = rest.find(|letter: char| {
        let ends = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    })?;
    let (literal, after) = rest.split_at_checked(end)?;
    Some((before, literal, after.strip_prefix('"')?))
}

/// A schema without its comments, which may say anything of anybody.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        loop {
            let comment = rest.find("//");
            let quoted = literal(rest).filter(|(before, ..)| comment.is_none_or(|at| before.len() < at));
            match (quoted, comment) {
                (Some((before, literal, after)), _) => {
                    kept.push_str(&format!("{before}\"{literal}\""));
                    rest = after;
                }
                (None, Some(at)) => {
                    kept.push_str(rest.get(..at).unwrap_or_default().trim_end());
                    kept.push_str(if rest.ends_with('\n') { "\n" } else { "" });
                    break;
                }
                (None, None) => {
                    kept.push_str(rest);
                    break;
                }
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_literals_stay() {
        let text = "a // b \"c\"\n@m(\"see https://x\") // d\npermit(\"e\\\"// f\");\n";
        assert_eq!(without_comments(text), "a\n@m(\"see https://x\")\npermit(\"e\\\"// f\");\n");
    }
}
