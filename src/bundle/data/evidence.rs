//! `assumptions:`, `staff_max_age:` and `requests_max_age:` — what a bundle takes for granted, and how old lists may be.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::systems::hours;
use crate::{
    diagnostic::{Diagnostic, Location},
    yaml::Document,
};

vocabulary! {
    /// A statement about an organisation that no evidence can prove.
    Assumption {
        /// An unknown work address, or that of a person who is not listed, equals no known address.
        WorkEmailUnique = "work-email-unique",
        /// An unknown employee number, or that of a person who is not listed, equals no known number.
        EmployeeNumberUnique = "employee-number-unique",
        /// A declaration about an account is true as long as no known fact contradicts it.
        DeclarationsHold = "declarations-hold",
    }
}

/// A file of assumptions and limits on evidence.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    /// What the bundle takes for granted. Without this key: `declarations-hold`.
    pub assumptions: Option<Vec<Assumption>>,
    /// How old the staff list may be: a number of hours, days or weeks, such as `12h`, `7d`, `4w`. Without it: `7d`.
    pub staff_max_age: Option<String>,
    /// How old the lists of access requests may be, written alike. Without it: `7d`.
    pub requests_max_age: Option<String>,
}

/// What a bundle says about evidence.
#[derive(Debug, Clone)]
pub struct EvidenceRules {
    /// What the bundle takes for granted.
    pub assumptions: BTreeSet<Assumption>,
    /// How old the staff list may be, in hours.
    pub staff_max_age_hours: i64,
    /// How old the lists of access requests may be, in hours.
    pub requests_max_age_hours: i64,
    /// The file, if there is one.
    pub location: Option<Location>,
}

/// A week.
const MAX_AGE_HOURS: i64 = 7 * 24;

impl Default for EvidenceRules {
    fn default() -> Self {
        EvidenceRules {
            assumptions: [Assumption::DeclarationsHold].into(),
            staff_max_age_hours: MAX_AGE_HOURS,
            requests_max_age_hours: MAX_AGE_HOURS,
            location: None,
        }
    }
}

impl EvidenceRules {
    /// Whether the bundle takes this for granted.
    #[must_use]
    pub fn assumes(&self, assumption: Assumption) -> bool {
        self.assumptions.contains(&assumption)
    }
}

pub(super) fn read(document: &Document, rules: &mut EvidenceRules, problems: &mut Vec<Diagnostic>) {
    let file = match document.decode::<EvidenceFile>("", &document.value) {
        Ok(file) => file,
        Err(found) => {
            problems.extend(found);
            return;
        }
    };
    let keys = [
        ("assumptions", file.assumptions.is_some()),
        ("staff_max_age", file.staff_max_age.is_some()),
        ("requests_max_age", true),
    ];
    let key = keys.into_iter().find(|(_, is_given)| *is_given).map_or("requests_max_age", |(key, _)| key);
    if let Some(first) = &rules.location {
        let message = "two files say what the bundle assumes about evidence";
        let problem = Diagnostic::error("duplicate-id", message).at(&document.file, document.key_span(key));
        problems.push(problem.help(format!("put both keys into one file; the first one is {}", first.file)));
        return;
    }
    rules.location = Some(document.location(key));
    if let Some(assumptions) = file.assumptions {
        rules.assumptions = assumptions.into_iter().collect();
    }
    let ages = [
        ("staff_max_age", file.staff_max_age, &mut rules.staff_max_age_hours),
        ("requests_max_age", file.requests_max_age, &mut rules.requests_max_age_hours),
    ];
    for (key, text, age) in ages {
        let Some(text) = text else { continue };
        match hours(&text) {
            Some(hours) => *age = hours,
            None => {
                let problem = Diagnostic::error("bad-duration", format!("`{text}` is not a duration"));
                let problem = problem.at(&document.file, document.span(key));
                problems.push(problem.help("write a number of hours, days or weeks, such as `12h`, `7d` or `4w`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    fn rules(texts: &[&str]) -> (EvidenceRules, Vec<&'static str>) {
        let (mut rules, mut problems) = (EvidenceRules::default(), Vec::new());
        for text in texts {
            let document = Document::parse(&SourceFile::new("evidence.yaml", *text)).unwrap();
            read(&document, &mut rules, &mut problems);
        }
        (rules, problems.iter().map(|problem| problem.code).collect())
    }

    #[test]
    fn an_explicit_list_replaces_the_default() {
        assert!(rules(&[]).0.assumes(Assumption::DeclarationsHold));
        assert!(!rules(&["assumptions: []\n"]).0.assumes(Assumption::DeclarationsHold));
        let (stated, problems) = rules(&["assumptions: [work-email-unique]\nstaff_max_age: 2w\n"]);
        assert!(stated.assumes(Assumption::WorkEmailUnique) && !stated.assumes(Assumption::DeclarationsHold));
        assert_eq!((stated.staff_max_age_hours, stated.requests_max_age_hours, problems.len()), (336, 168, 0));
        assert_eq!(rules(&["requests_max_age: 12h\n"]).0.requests_max_age_hours, 12);
    }

    #[test]
    fn unknown_words_bad_durations_and_second_files_are_errors() {
        assert_eq!(rules(&["assumptions: [all-is-well]\n"]).1.len(), 1);
        assert_eq!(rules(&["staff_max_age: soon\n"]).1, ["bad-duration"]);
        assert_eq!(rules(&["requests_max_age: soon\n"]).1, ["bad-duration"]);
        assert_eq!(rules(&["staff_max_age: 7d\n", "assumptions: []\n"]).1, ["duplicate-id"]);
    }
}
