//! `assumptions:` and the limits on ages: what a bundle takes for granted, and how old its evidence may be.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::systems::hours;
use crate::{
    diagnostic::{Code, Diagnostic, Location},
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
    /// How old the account list of a system without `max_age` may be. Without it: `30d`.
    pub account_max_age: Option<String>,
    /// How long a review of a declaration counts, and how far ahead `review_by` may be. Without it: `366d`.
    pub review_max_age: Option<String>,
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
    /// How old the account list of a system without a limit of its own may be, in hours.
    pub account_max_age_hours: i64,
    /// How long a review of a declaration counts, in hours.
    pub review_max_age_hours: i64,
    /// The file, if there is one.
    pub location: Option<Location>,
    /// The line of `account_max_age`, if it is stated.
    pub account_max_age_location: Option<Location>,
}

/// The keys of such a file.
pub(super) const KEYS: [&str; 5] =
    ["assumptions", "staff_max_age", "requests_max_age", "account_max_age", "review_max_age"];

/// The limits of a bundle that states none.
const STAFF_MAX_AGE_HOURS: i64 = 7 * 24;
const REQUESTS_MAX_AGE_HOURS: i64 = 7 * 24;
const ACCOUNT_MAX_AGE_HOURS: i64 = 30 * 24;
const REVIEW_MAX_AGE_HOURS: i64 = 366 * 24;

impl Default for EvidenceRules {
    fn default() -> Self {
        EvidenceRules {
            assumptions: [Assumption::DeclarationsHold].into(),
            staff_max_age_hours: STAFF_MAX_AGE_HOURS,
            requests_max_age_hours: REQUESTS_MAX_AGE_HOURS,
            account_max_age_hours: ACCOUNT_MAX_AGE_HOURS,
            review_max_age_hours: REVIEW_MAX_AGE_HOURS,
            location: None,
            account_max_age_location: None,
        }
    }
}

impl EvidenceRules {
    /// Whether the bundle takes this for granted.
    #[must_use]
    pub fn assumes(&self, assumption: Assumption) -> bool {
        self.assumptions.contains(&assumption)
    }

    /// Whether a review on one day still counts on another one. A review to come does not.
    #[must_use]
    pub fn counts(&self, reviewed_on: Date, today: Date) -> bool {
        let days = i64::from((today - reviewed_on).get_days());
        days >= 0 && days.saturating_mul(24) <= self.review_max_age_hours
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
    let key = KEYS.into_iter().find(|key| document.get(key).is_some()).unwrap_or("assumptions");
    if let Some(first) = &rules.location {
        let message = "two files say what the bundle assumes about evidence";
        let problem = Diagnostic::error(Code::DuplicateId, message).at(&document.file, document.key_span(key));
        problems.push(problem.help("put all keys into one file").related("the first one is at", first));
        return;
    }
    rules.location = Some(document.location(key));
    rules.account_max_age_location = file.account_max_age.is_some().then(|| document.location("account_max_age"));
    if let Some(assumptions) = file.assumptions {
        rules.assumptions = assumptions.into_iter().collect();
    }
    for (key, text, limit) in [
        ("staff_max_age", file.staff_max_age, &mut rules.staff_max_age_hours),
        ("requests_max_age", file.requests_max_age, &mut rules.requests_max_age_hours),
        ("account_max_age", file.account_max_age, &mut rules.account_max_age_hours),
        ("review_max_age", file.review_max_age, &mut rules.review_max_age_hours),
    ] {
        let Some(text) = text else { continue };
        match hours(&text) {
            Some(hours) => *limit = hours,
            None => {
                let problem = Diagnostic::error(Code::BadDuration, format!("`{text}` is not a duration"));
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

    fn rules(texts: &[&str]) -> (EvidenceRules, Vec<Code>) {
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
        assert_eq!((stated.staff_max_age_hours, problems.len()), (336, 0));
        let (stated, problems) = rules(&["account_max_age: 2d\nreview_max_age: 1w\n"]);
        assert_eq!((stated.account_max_age_hours, stated.review_max_age_hours, problems.len()), (48, 168, 0));
    }

    #[test]
    fn a_review_counts_from_its_day_up_to_the_limit() {
        let rules = EvidenceRules { review_max_age_hours: 10 * 24, ..EvidenceRules::default() };
        let counts = |day: &str| rules.counts(day.parse().unwrap(), "2026-11-20".parse().unwrap());
        assert_eq!(["2026-11-09", "2026-11-10", "2026-11-20", "2026-11-21"].map(counts), [false, true, true, false]);
    }

    #[test]
    fn unknown_words_bad_durations_and_second_files_are_errors() {
        assert_eq!(rules(&["assumptions: [all-is-well]\n"]).1.len(), 1);
        for key in ["staff_max_age", "requests_max_age", "account_max_age", "review_max_age"] {
            assert_eq!(rules(&[&format!("{key}: soon\n")]).1, [Code::BadDuration], "{key}");
        }
        assert_eq!(rules(&["staff_max_age: 7d\n", "assumptions: []\n"]).1, [Code::DuplicateId]);
    }
}
