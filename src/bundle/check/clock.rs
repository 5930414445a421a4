//! When findings of a check are due: `@since`, the fact from which the clock runs, and `@due`, how long it runs.

use std::{fmt, str::FromStr};

use cedar_policy::{EntityUid, Policy, PolicySet, Schema, ValidationMode, Validator};

use super::target::CheckTarget;

/// How long after its start a finding is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// So many days.
    Days(u16),
    /// So many days that are neither of the weekend nor holidays of the bundle's calendar.
    BusinessDays(u16),
}

impl FromStr for Due {
    type Err = ();

    /// `3d`, `2w`, or `5bd` for business days.
    fn from_str(text: &str) -> Result<Self, ()> {
        let unit = text.find(|letter: char| !letter.is_ascii_digit()).ok_or(())?;
        let (number, unit) = text.split_at_checked(unit).ok_or(())?;
        let number: u16 = number.parse().map_err(|_| ())?;
        match unit {
            "d" => Ok(Due::Days(number)),
            "w" => number.checked_mul(7).map(Due::Days).ok_or(()),
            "bd" => Ok(Due::BusinessDays(number)),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Due::Days(count) => write!(f, "{count}d"),
            Due::BusinessDays(count) => write!(f, "{count}bd"),
        }
    }
}

/// Whether a path leads to a date from every pair of subject and resource that a check is asked of: Cedar's validator is
/// asked of a rule that reads it.
///
/// # Errors
/// Why not.
pub(super) fn leads_to_a_date(
    schema: &Schema,
    action: &EntityUid,
    targets: &[CheckTarget],
    path: &str,
) -> Result<(), String> {
    let mut parts = path.split('.');
    let root = parts.next().unwrap_or_default();
    let attributes: Vec<&str> = parts.collect();
    if !matches!(root, "principal" | "resource") || attributes.is_empty() || !attributes.iter().all(|one| is_name(one))
    {
        return Err("it is not a path such as `principal.owner.endDate`".to_owned());
    }
    let mut conditions = Vec::new();
    let mut walked = root.to_owned();
    for attribute in attributes {
        conditions.push(format!("{walked} has {attribute}"));
        walked = format!("{walked}.{attribute}");
    }
    conditions.push(format!("{walked} > datetime(\"1970-01-01\")"));
    let validator = Validator::new(schema.clone());
    for target in targets {
        let (subject, resource) = target.types();
        let text = format!(
            "permit (principal is {subject}, action == {action}, resource is {resource}) when {{ {} }};",
            conditions.join(" && ")
        );
        let policy: Policy = text.parse().map_err(|_| "it is not a path that Cedar can read".to_owned())?;
        let policies = PolicySet::from_policies([policy]).map_err(|error| error.to_string())?;
        let result = validator.validate(&policies, ValidationMode::Strict);
        if !result.validation_passed() || result.validation_warnings().next().is_some() {
            return Err(format!(
                "it is not a `datetime` that can be reached from a subject `{subject}` and its `{resource}`"
            ));
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    text.starts_with(is_letter) && text.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_is_days_weeks_or_business_days() {
        assert_eq!("3d".parse(), Ok(Due::Days(3)));
        assert_eq!("2w".parse(), Ok(Due::Days(14)));
        assert_eq!("5bd".parse(), Ok(Due::BusinessDays(5)));
        for text in ["", "d", "3", "3h", "-3d", "3 d", "99999d", "9999w"] {
            assert_eq!(text.parse::<Due>(), Err(()), "{text}");
        }
    }
}
