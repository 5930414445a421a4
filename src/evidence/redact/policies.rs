//! Policies without personal data: ids and addresses in YAML and in Cedar become the pseudonyms that the snapshot has;
//! comments and reasons are dropped.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use super::{REDACTED, Redactor};
use crate::{
    bundle::Bundle,
    diagnostic::{Diagnostic, SourceFile},
};

/// The files of a loaded bundle with pseudonyms.
///
/// # Errors
/// That a file compares addresses with a pattern, which pseudonyms cannot fit, or is not YAML any more.
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
        } else {
            policies.cedar(&file)
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
        let unreadable = |error: serde_yaml::Error| Diagnostic::error("not-yaml", error.to_string());
        let mut document: Value = serde_yaml::from_str(&file.text).map_err(unreadable)?;
        self.value("", &mut document);
        serde_yaml::to_string(&document).map_err(unreadable)
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
            "person" | "people" | "owner" | "account" | "approved_by" => self.redactor.id(text),
            "subject" => self.entities(text),
            _ if text.contains('@') => self.redactor.address(text),
            _ => text.to_owned(),
        }
    }

    /// Cedar without comments, its lines where they were.
    fn cedar(&self, file: &SourceFile) -> Result<String, Diagnostic> {
        let text = without_comments(&file.text);
        let mut redacted = String::with_capacity(text.len());
        let mut rest = self.entities(&text);
        // Addresses in literals.
        while let Some((before, literal, after)) = literal(&rest) {
            redacted.push_str(before);
            if literal.contains('@') && before.trim_end().ends_with("like") {
                let message = format!("`{}` compares addresses with a pattern, which no pseudonym fits", file.name);
                let problem = Diagnostic::error("not-redactable", message);
                return Err(problem.help("name the addresses, or share this evidence without `--redact-key`"));
            }
            let is_address = literal.contains('@') && !literal.contains(char::is_whitespace);
            let literal = if is_address && !literal.ends_with("@redacted.example") {
                self.redactor.address(literal)
            } else {
                literal.to_owned()
            };
            redacted.push_str(&format!("\"{literal}\""));
            rest = after.to_owned();
        }
        Ok(redacted + &rest)
    }

    /// The text with pseudonyms for the ids in `Person::"…"` and `Account::"…"`.
    fn entities(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, literal, after)) = literal(rest) {
            redacted.push_str(before);
            let literal = if before.ends_with("Person::") {
                self.redactor.id(literal)
            } else if before.ends_with("Account::") {
                match literal.split_once('/') {
                    Some((system, account)) => format!("{system}/{}", self.redactor.id(account)),
                    None => self.redactor.id(literal),
                }
            } else {
                literal.to_owned()
            };
            redacted.push_str(&format!("\"{literal}\""));
            rest = after;
        }
        redacted + rest
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

/// Cedar without its comments, which may say anything of anybody.
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
