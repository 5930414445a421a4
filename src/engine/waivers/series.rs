//! Waivers of one finding that follow each other, and together last longer than one may.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{
    bundle::{Bundle, Waiver, WaiverEntry},
    engine::waivers::limits::limit_violations,
    model::WaiverLimits,
};

/// A break of up to so many days between two waivers does not end a series.
const BREAK_DAYS: i32 = 7;

/// Waivers that together last longer than `waivers.max_days`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverSeries<'b> {
    /// The waivers, the earliest first.
    pub waivers: Vec<&'b Waiver>,
    /// The first day.
    pub created: Date,
    /// The last day.
    pub expires: Date,
    /// How many days one waiver may last.
    pub max_days: u16,
}

impl WaiverSeries<'_> {
    /// The series in words.
    #[must_use]
    pub fn message(&self) -> String {
        let ids: Vec<String> = self.waivers.iter().map(|waiver| format!("`{}`", waiver.id)).collect();
        let first = self.waivers.first();
        let finding = first.map(|first| format!("`{}` of {}", first.check, first.subject)).unwrap_or_default();
        format!(
            "the waivers {} follow each other and excuse {finding} from {} to {}, {} days; one may last {} days",
            ids.join(", "),
            self.created,
            self.expires,
            (self.expires - self.created).get_days(),
            self.max_days
        )
    }
}

/// Every series of a bundle that lasts longer than one waiver may, in the order of checks and subjects.
#[must_use]
pub fn long_series<'b>(bundle: &'b Bundle, limits: &WaiverLimits) -> Vec<WaiverSeries<'b>> {
    let Some(max_days) = limits.max_days else { return Vec::new() };
    let wellformed = bundle.waivers.iter().filter_map(WaiverEntry::wellformed);
    // Those beyond a limit are never applied, and are reported on their own.
    let allowed = wellformed.filter(|waiver| limit_violations(waiver, limits).is_empty());
    let mut by_finding: BTreeMap<(String, String), Vec<&Waiver>> = BTreeMap::new();
    for waiver in allowed {
        by_finding.entry((waiver.check.clone(), waiver.subject.to_string())).or_default().push(waiver);
    }
    by_finding.into_values().flat_map(|waivers| series(waivers, max_days)).collect()
}

/// The long series of the waivers of one check and subject.
fn series(waivers: Vec<&Waiver>, max_days: u16) -> Vec<WaiverSeries<'_>> {
    let mut entitlements: Vec<String> =
        waivers.iter().filter_map(|waiver| waiver.entitlement.as_ref().map(ToString::to_string)).collect();
    entitlements.sort_unstable();
    entitlements.dedup();
    // A waiver without an entitlement covers each level, so it belongs to the series of each.
    let of_levels: Vec<Option<String>> = match entitlements.as_slice() {
        [] => vec![None],
        _ => entitlements.into_iter().map(Some).collect(),
    };
    let mut found: Vec<WaiverSeries<'_>> = Vec::new();
    for level in of_levels {
        let covers = |waiver: &&Waiver| {
            waiver.entitlement.is_none() || waiver.entitlement.as_ref().map(ToString::to_string) == level
        };
        let mut of_level: Vec<&Waiver> = waivers.iter().copied().filter(covers).collect();
        of_level.sort_by(|a, b| (a.created, a.expires, &a.id).cmp(&(b.created, b.expires, &b.id)));
        let mut runs: Vec<WaiverSeries<'_>> = Vec::new();
        for waiver in of_level {
            match runs.last_mut() {
                Some(run) if (waiver.created - run.expires).get_days() <= BREAK_DAYS + 1 => {
                    run.expires = run.expires.max(waiver.expires);
                    run.waivers.push(waiver);
                }
                _ => runs.push(WaiverSeries {
                    created: waiver.created,
                    expires: waiver.expires,
                    waivers: vec![waiver],
                    max_days,
                }),
            }
        }
        let is_long = |run: &WaiverSeries<'_>| {
            run.waivers.len() > 1 && (run.expires - run.created).get_days() > i32::from(max_days)
        };
        for run in runs.into_iter().filter(is_long) {
            if !found.contains(&run) {
                found.push(run);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;

    /// The ids of the series of waivers given as id, first day, last day and level.
    fn found(waivers: &[(&str, &str, &str, Option<&str>)]) -> Vec<Vec<String>> {
        let entry = |(id, created, expires, level): &(&str, &str, &str, Option<&str>)| {
            let level = level.map(|level| format!(", entitlement: 'Entitlement::\"s/{level}\"'")).unwrap_or_default();
            format!(
                "  - {{ id: {id}, check: c, subject: 'Account::\"s/a\"', reason: r, approved_by: a@x.example, \
                 created: {created}, expires: {expires}{level} }}\n"
            )
        };
        let text = format!("waivers:\n{}", waivers.iter().map(entry).collect::<String>());
        let bundle = Bundle::load(vec![SourceFile::new("waivers.yaml", text)]).unwrap();
        let limits = WaiverLimits { max_days: Some(30), approvers: Vec::new() };
        let series = long_series(&bundle, &limits);
        series.iter().map(|one| one.waivers.iter().map(|waiver| waiver.id.clone()).collect()).collect()
    }

    #[test]
    fn waivers_that_follow_each_other_are_one_series() {
        let first = ("A", "2026-01-01", "2026-01-31", None);
        let none: Vec<Vec<String>> = Vec::new();
        assert_eq!(found(&[first]), none);
        assert_eq!(found(&[first, ("B", "2026-02-01", "2026-02-20", None)]), [["A", "B"]]);
        assert_eq!(found(&[("B", "2026-01-20", "2026-02-02", None), first]), [["A", "B"]], "overlapping");
        assert_eq!(found(&[first, ("B", "2026-02-08", "2026-02-20", None)]), [["A", "B"]], "a short break");
        assert_eq!(found(&[first, ("B", "2026-02-09", "2026-02-20", None)]), none, "a long break");
        assert_eq!(found(&[("A", "2026-01-01", "2026-01-10", None), ("B", "2026-01-11", "2026-01-31", None)]), none);
        // One beyond the limit on its own is not applied and starts no series.
        assert_eq!(found(&[("A", "2026-01-01", "2026-02-20", None), ("B", "2026-02-21", "2026-03-01", None)]), none);
    }

    #[test]
    fn a_waiver_of_every_level_continues_one_of_a_level() {
        let first = ("A", "2026-01-01", "2026-01-31", Some("admin"));
        assert_eq!(found(&[first, ("B", "2026-02-01", "2026-02-20", None)]), [["A", "B"]]);
        assert_eq!(found(&[first, ("B", "2026-02-01", "2026-02-20", Some("admin"))]), [["A", "B"]]);
        let none: Vec<Vec<String>> = Vec::new();
        assert_eq!(found(&[first, ("B", "2026-02-01", "2026-02-20", Some("user"))]), none);
    }
}
