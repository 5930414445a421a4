//! Two bundles, over every organisation: where the new one lets more pass, or less.

use super::{
    analysis::verdict,
    error::Error,
    formula::Formula,
    prover::Prover,
    report::{Comparison, Direction, Relation, Verdict},
    setting::{Setting, settings},
    slice::Slice,
};
use crate::bundle::{Bundle, Check, Outcome};

/// Compares the checks of two bundles.
pub(super) fn compare<'b>(
    prover: &Prover<'b>,
    old: &'b Bundle,
    new: &'b Bundle,
    wanted: &[&'b Check],
) -> Result<Vec<Comparison>, Error> {
    let mut found: Vec<Comparison> = Vec::new();
    for check in wanted {
        let Some(before) = old.check(&check.id) else {
            found.push(Comparison::whole(&check.id, Relation::Added));
            continue;
        };
        for setting in settings(&[old, new], check) {
            if !before.targets.contains(&setting.target) {
                continue;
            }
            let (was, is) = (Slice::of(old, check, &setting)?, Slice::of(new, check, &setting)?);
            if is_same(&was, &is) {
                continue;
            }
            found.push(pair(prover, check, &setting, &was, &is)?);
        }
    }
    let removed = old.checks.iter().filter(|check| new.check(&check.id).is_none());
    found.extend(removed.map(|check| Comparison::whole(&check.id, Relation::Removed)));
    Ok(found)
}

/// Whether two slices have the same conditions for each outcome.
fn is_same(one: &Slice<'_>, other: &Slice<'_>) -> bool {
    let signature = |slice: &Slice<'_>| {
        let mut rules: Vec<String> =
            slice.rules.iter().map(|rule| format!("{} {:?}", rule.rule.outcome, rule.condition)).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    };
    signature(one) == signature(other)
}

fn pair<'b>(
    prover: &Prover<'b>,
    check: &'b Check,
    setting: &Setting,
    was: &Slice<'b>,
    is: &Slice<'b>,
) -> Result<Comparison, Error> {
    let ask = |some: Formula, unless: Formula| prover.question(check, setting, some, Some(unless), true);
    let asked = [ask(is.not_open(), was.not_open())?, ask(was.not_open(), is.not_open())?];
    let mut replies = prover.ask(&asked).into_iter().map(verdict);
    let (laxer, stricter) = (replies.next(), replies.next());
    let lost = || Verdict::Undecided("the question was not asked".to_owned());
    let (laxer, stricter) = (laxer.unwrap_or_else(lost), stricter.unwrap_or_else(lost));
    let mut relation = match (&laxer, &stricter) {
        (Verdict::Undecided(reason), _) | (_, Verdict::Undecided(reason)) => Relation::Undecided(reason.clone()),
        (Verdict::Proved, Verdict::Proved) => Relation::Equal,
        (Verdict::Refuted(_), Verdict::Proved) => Relation::Laxer,
        (Verdict::Proved, Verdict::Refuted(_)) => Relation::Stricter,
        (Verdict::Refuted(_), Verdict::Refuted(_)) => Relation::Neither,
    };
    if relation == Relation::Equal {
        relation = other_outcomes(prover, check, setting, was, is)?;
    }
    let mut comparison = Comparison::new(&check.id, setting.clone(), relation);
    for (direction, verdict) in [(Direction::Laxer, laxer), (Direction::Stricter, stricter)] {
        if let Verdict::Refuted(Some(example)) = verdict {
            comparison.examples.push((direction, example));
        }
    }
    Ok(comparison)
}

/// Whether what passes, fails or is let off is called otherwise: `exempt` in place of `pass`, `unknown` in place of `fail`.
fn other_outcomes<'b>(
    prover: &Prover<'b>,
    check: &'b Check,
    setting: &Setting,
    was: &Slice<'b>,
    is: &Slice<'b>,
) -> Result<Relation, Error> {
    let mut asked = Vec::new();
    for outcome in [Outcome::Pass, Outcome::Exempt, Outcome::NotApplicable, Outcome::Unknown] {
        for (one, other) in [(was, is), (is, was)] {
            let unless = other.outcome(outcome).pop();
            for some in one.outcome(outcome) {
                asked.push(prover.question(check, setting, some, unless.clone(), false)?);
            }
        }
    }
    for reply in prover.ask(&asked) {
        match verdict(reply) {
            Verdict::Proved => {}
            Verdict::Refuted(_) => return Ok(Relation::Renamed),
            Verdict::Undecided(reason) => return Ok(Relation::Undecided(reason)),
        }
    }
    Ok(Relation::Equal)
}
