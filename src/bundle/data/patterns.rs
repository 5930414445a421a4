//! Patterns of account ids in a system's file: `accounts: "{email.local}@acme.example"`.

use std::borrow::Cow;

use crate::{
    bundle::data::facts::{FactDeclaration, FactEntity, FactType},
    diagnostic::{Code, Diagnostic, Location, suggest},
};

/// How the ids of a system's accounts come from facts of their owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPattern {
    /// As written.
    pub text: String,
    /// Its parts, in order. At least one is a field.
    pub(crate) parts: Vec<PatternPart>,
    /// Where it stands.
    pub location: Location,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PatternPart {
    /// Text as it stands.
    Text(String),
    /// A fact of a person.
    Field(PatternField),
}

/// A fact of a person that a pattern reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PatternField {
    /// The id in the HRIS.
    Id,
    /// The work address.
    Email,
    /// What comes before the `@` of the work address.
    EmailLocal,
    /// The employee number.
    EmployeeNumber,
    /// A declared fact.
    Fact(String),
}

/// The fields that every bundle has.
const FIELDS: [&str; 4] = ["id", "email", "email.local", "employee_number"];

impl AccountPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Returns what is wrong with it, and what to write.
    pub(super) fn parse(text: &str, location: Location) -> Result<Self, (String, String)> {
        let example = "write fields in braces, such as `{email.local}` or `{email}`";
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (before, field) = match rest.split_once('{') {
                Some((before, after)) => {
                    let Some((field, after)) = after.split_once('}') else {
                        return Err((format!("a brace of the pattern `{text}` is not closed"), example.to_owned()));
                    };
                    rest = after;
                    (before, Some(field.trim()))
                }
                None => (std::mem::take(&mut rest), None),
            };
            if before.contains('}') {
                return Err((format!("a brace of the pattern `{text}` is not opened"), example.to_owned()));
            }
            if !before.is_empty() {
                parts.push(PatternPart::Text(before.to_owned()));
            }
            parts.extend(field.map(|field| PatternPart::Field(PatternField::of(field))));
        }
        if !parts.iter().any(|part| matches!(part, PatternPart::Field(_))) {
            return Err((format!("the pattern `{text}` reads no fact of a person"), example.to_owned()));
        }
        Ok(AccountPattern { text: text.trim().to_owned(), parts, location })
    }

    /// The declared facts that it reads.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            PatternPart::Field(PatternField::Fact(name)) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What is wrong with the facts that it reads.
    pub(super) fn check(&self, declared: &[FactDeclaration]) -> Option<Diagnostic> {
        let of_people = || declared.iter().filter(|one| one.fact.entity == FactEntity::Person);
        let is_text = |name: &str| of_people().any(|one| one.fact.name == name && one.fact.fact_type == FactType::Text);
        let name = self.facts().find(|name| !is_text(name))?;
        let message = format!("`{{{name}}}` of the pattern `{}` is not a text that people have", self.text);
        let texts = of_people().filter(|one| one.fact.fact_type == FactType::Text).map(|one| one.fact.name);
        let names: Vec<&str> = FIELDS.into_iter().chain(texts).collect();
        let help = format!(
            "{}; or declare it: `facts: [{{ entity: Person, name: {name}, type: string }}]`",
            suggest(name, names.iter().copied())
        );
        Some(Diagnostic::error(Code::BadPattern, message).help(help))
    }
}

impl PatternField {
    fn of(name: &str) -> Self {
        match name {
            "id" => PatternField::Id,
            "email" => PatternField::Email,
            "email.local" => PatternField::EmailLocal,
            "employee_number" => PatternField::EmployeeNumber,
            name => PatternField::Fact(name.to_owned()),
        }
    }

    /// Its name in a pattern.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            PatternField::Id => "id".into(),
            PatternField::Email => "email".into(),
            PatternField::EmailLocal => "email.local".into(),
            PatternField::EmployeeNumber => "employee_number".into(),
            PatternField::Fact(name) => name.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<PatternPart>, String> {
        let location = Location { file: "s.yaml".into(), line: 1, column: 1, yaml_path: None };
        AccountPattern::parse(text, location).map(|pattern| pattern.parts).map_err(|(message, _)| message)
    }

    #[test]
    fn patterns_are_texts_and_fields() {
        use PatternPart::{Field, Text};
        assert_eq!(
            parse(" a-{ email.local }@x.example").unwrap(),
            [Text("a-".to_owned()), Field(PatternField::EmailLocal), Text("@x.example".to_owned())]
        );
        assert_eq!(parse("{github}").unwrap(), [Field(PatternField::Fact("github".to_owned()))]);
        for wrong in ["", "a", "{email", "email}", "{email}}"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
