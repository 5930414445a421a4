//! What a report says beside its findings: what was judged, how often each outcome came, what became of the waivers, and
//! what the evidence lacks.

use super::model::*;
use crate::{
    bundle::{
        Bundle, WaiverEntry,
        data::systems::{LevelScope, Levels},
    },
    diagnostic::Code,
    engine::{
        answer::Evaluation,
        waivers::{WaiverSeries, WaiverStatus, Waivers, long_series},
    },
    model::Snapshot,
    resolve::{ResolvedPerson, ResolvedSnapshot},
};

/// The report of an evaluation without its findings.
pub(super) fn head(evaluation: &Evaluation<'_>, snapshot_digest: &str, waivers: &Waivers) -> Report {
    let resolved = &evaluation.resolved;
    let title = |title: &crate::resolve::UnmatchedTitle| UnmatchedTitle {
        job_title: title.job_title.clone(),
        department: title.department.clone(),
        people: title.people,
    };
    let notes = resolved.notes.iter().map(|note| Note {
        code: note.code.name().to_owned(),
        message: note.message.clone(),
        place: note.position(),
    });
    Report {
        schema_version: SCHEMA_VERSION.to_owned(),
        run: Run {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            organization: resolved.snapshot.organization.id.clone(),
            organization_name: resolved.snapshot.organization.name.clone(),
            time_zone: resolved.snapshot.organization.time_zone.name().to_owned(),
            as_of: resolved.as_of.to_string(),
            today: resolved.today.to_string(),
            collected_at: resolved.snapshot.collected_at.to_string(),
            snapshot: snapshot_digest.to_owned(),
            bundle: resolved.bundle.digest.clone(),
            waiver_limits: evaluation.waiver_limits.clone(),
        },
        summary: summary(evaluation, waivers),
        baseline: None,
        filter: None,
        findings: Vec::new(),
        waivers: waiver_reports(evaluation, waivers),
        sources: sources(resolved.snapshot),
        systems: systems(resolved),
        unmatched_titles: resolved.unmatched_titles.iter().map(title).collect(),
        notes: notes
            .chain(broad_waivers(resolved.bundle, waivers))
            .chain(consecutive_waivers(evaluation))
            .chain(assumed_ages(resolved.snapshot))
            .collect(),
    }
}

fn summary(evaluation: &Evaluation<'_>, waivers: &Waivers) -> Summary {
    let bundle = evaluation.resolved.bundle;
    let mut totals = Counts::default();
    let mut errors = 0;
    let mut checks = Vec::new();
    for (index, (check, tally)) in bundle.checks.iter().zip(&evaluation.tallies).enumerate() {
        if !evaluation.checks.contains(&index) {
            continue;
        }
        let mut counts = Counts::default();
        for (outcome, count) in &tally.outcomes {
            counts.add(*outcome, *count);
        }
        let waived = waivers.applied.keys().filter_map(|index| evaluation.answers.get(*index));
        counts.waived = waived.filter(|answer| answer.check == index).count();
        totals.add_all(&counts);
        errors += tally.errors;
        checks.push(CheckSummary {
            check: check.id.clone(),
            title: check.title.clone(),
            severity: check.severity,
            controls: check.controls.clone(),
            remediation: check.remediation.clone(),
            help: check.help.clone(),
            due: check.due.map(|due| due.to_string()),
            file: check.location.file.to_string(),
            line: check.location.line,
            counts,
        });
    }
    Summary { totals, errors, rejected_records: evaluation.resolved.snapshot.rejected().count(), checks }
}

fn waiver_reports(evaluation: &Evaluation<'_>, waivers: &Waivers) -> Vec<WaiverReport> {
    let entries = evaluation.resolved.bundle.waivers.iter().zip(&waivers.statuses).enumerate();
    let asked = entries.filter_map(|(index, (entry, status))| Some((index, entry, (*status)?)));
    let reports = asked.map(|(index, entry, status)| {
        let (id, location, message) = match entry {
            WaiverEntry::Malformed { id, reason, location } => {
                (id, location, format!("malformed, not applied: {reason}"))
            }
            WaiverEntry::Wellformed(waiver) => {
                let message = match status {
                    WaiverStatus::Applied => format!("applied until {}", waiver.expires),
                    WaiverStatus::Expired => format!("expired on {}, not applied", waiver.expires),
                    WaiverStatus::NotYet => format!("created on {}, not applied yet", waiver.created),
                    WaiverStatus::Orphaned => {
                        format!("orphaned: {} is not asked `{}`", waiver.subject, waiver.check)
                    }
                    WaiverStatus::Unused => format!("unused: `{}` of {} does not fail", waiver.check, waiver.subject),
                    WaiverStatus::Malformed => "malformed, not applied".to_owned(),
                    WaiverStatus::TooLong | WaiverStatus::NotApproved | WaiverStatus::SelfApproved => {
                        let violations = waivers.violations.get(&index).into_iter().flatten();
                        let reasons = violations.map(|violation| violation.reason.as_str());
                        format!("not applied: {}", reasons.collect::<Vec<&str>>().join("; "))
                    }
                };
                (&waiver.id, &waiver.location, message)
            }
        };
        WaiverReport { id: id.clone(), status, message, file: location.file.to_string(), line: location.line }
    });
    reports.collect()
}

/// Waivers that are applied and excuse more than anybody may have meant.
fn broad_waivers<'w>(bundle: &'w Bundle, waivers: &'w Waivers) -> impl Iterator<Item = Note> + 'w {
    waivers.broad.iter().filter_map(|(index, levels)| {
        let waiver = bundle.waivers.get(*index)?.wellformed()?;
        Some(Note {
            code: Code::BroadWaiver.name().to_owned(),
            message: format!(
                "the waiver `{}` names no entitlement and excuses {levels} levels of {}",
                waiver.id, waiver.subject
            ),
            place: Some(waiver.location.to_string()),
        })
    })
}

/// Sources of which it is only assumed when they were exported: an old export would look fresh.
fn assumed_ages(snapshot: &Snapshot) -> impl Iterator<Item = Note> {
    let sources = snapshot.sources.iter().filter(|source| source.pulled_at_assumed);
    sources.map(|source| Note {
        code: Code::AssumedAge.name().to_owned(),
        message: format!(
            "nothing says when `{}` was exported, so it counts as exported at the import, {}; add `pulled_at:` to it in tenure.yaml",
            source.id, source.pulled_at
        ),
        place: None,
    })
}

/// Waivers that follow each other and together last longer than one may.
fn consecutive_waivers(evaluation: &Evaluation<'_>) -> Vec<Note> {
    let series = long_series(evaluation.resolved.bundle, &evaluation.waiver_limits);
    let note = |series: WaiverSeries<'_>| Note {
        code: Code::ConsecutiveWaivers.name().to_owned(),
        message: series.message(),
        place: series.waivers.last().map(|waiver| waiver.location.to_string()),
    };
    series.into_iter().map(note).collect()
}

fn systems(resolved: &ResolvedSnapshot<'_>) -> Vec<SystemReport> {
    let systems = resolved.systems.iter().enumerate();
    let report = systems.map(|(index, system)| {
        let levels = system.rules.and_then(|rules| rules.levels.as_ref());
        SystemReport {
            id: system.id.to_owned(),
            name: system.rules.map_or(system.id, |rules| &rules.name).to_owned(),
            owner: resolved.system_owner(index).and_then(|owner| resolved.person(owner)).as_ref().map(person),
            judged_by: match levels {
                Some(Levels::Scope(LevelScope::LoginOnly)) => JudgedBy::LoginOnly,
                Some(Levels::Scope(LevelScope::All)) => JudgedBy::All,
                Some(Levels::Known(_)) => JudgedBy::List,
                None => JudgedBy::NotStated,
            },
        }
    });
    report.collect()
}

/// A person to turn to.
pub(super) fn person(person: &ResolvedPerson<'_>) -> PersonReport {
    PersonReport {
        id: person.id.to_owned(),
        email: person.work_email.known().map(|address| address.to_string()),
        name: person.name.known().map(|name| (*name).to_owned()),
    }
}

fn sources(snapshot: &Snapshot) -> Vec<SourceReport> {
    let mut sources: Vec<SourceReport> = snapshot
        .sources
        .iter()
        .map(|source| {
            let collections = || source.collections.iter();
            SourceReport {
                id: source.id.clone(),
                kind: source.kind.clone(),
                pulled_at: source.pulled_at.to_string(),
                records: collections().map(|one| (one.name.clone(), one.records)).collect(),
                basis: collections()
                    .filter(|one| one.complete)
                    .map(|one| (one.name.clone(), one.basis_text()))
                    .collect(),
                incomplete: collections()
                    .filter(|one| !one.complete)
                    .map(|one| (one.name.clone(), one.reasons.join("; ")))
                    .collect(),
                rejected: collections()
                    .flat_map(|one| one.rejected.iter().map(|no| format!("{}: {}", no.record, no.reason)))
                    .collect(),
            }
        })
        .collect();
    sources.sort_by(|a, b| a.id.cmp(&b.id));
    sources
}
