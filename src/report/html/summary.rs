//! What stands around the findings: what was judged, how often each outcome came, and what the evidence lacks.

use maud::{Markup, html};

use super::markup::text;
use crate::report::{
    model::{Counts, Report},
    view::View,
};

pub(super) fn heading(view: &View<'_>) -> Markup {
    let run = &view.head.run;
    html! {
        header {
            h1 { (text(&run.organization_name)) " " span.quiet { "as of " time datetime=(run.as_of) { (run.today) } } }
            dl.run {
                div { dt { "Collected" } dd { (run.collected_at) } }
                div { dt { "Time zone" } dd { (text(&run.time_zone)) } }
                div { dt { "Snapshot" } dd { code title=(run.snapshot) { (short(&run.snapshot)) } } }
                div { dt { "Policies" } dd { code title=(run.bundle) { (short(&run.bundle)) } } }
                div { dt { "Tenure" } dd { (run.tool_version) } }
            }
            @if let Some(filter) = &view.head.filter { p.filter { b { "Filtered" } ": " (text(&filter.sentence())) "." } }
            nav aria-label="Sections" {
                a href="#checks" { "Checks" }
                a href="#groups" { "What to do" }
                a href="#findings" { "Findings" }
                a href="#timeline" { "Due" }
                @if view.organization.is_some() {
                    a href="#organization" { "Reporting lines" }
                    a href="#systems" { "Systems" }
                }
                @if view.history.is_some() { a href="#trend" { "Trend" } }
            }
        }
    }
}

fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.get(..12).unwrap_or(hex)
}

pub(super) fn tiles(report: &Report) -> Markup {
    let Counts { pass, fail, unknown, exempt, not_applicable, waived, overdue } = &report.summary.totals;
    let tiles = [
        ("fail", "failed", *fail),
        ("unknown", "unknown", *unknown),
        ("overdue", "overdue", *overdue),
        ("waived", "waived", *waived),
        ("pass", "passed", *pass),
        ("exempt", "exempt", *exempt),
        ("na", "not applicable", *not_applicable),
    ];
    html! {
        section.tiles aria-label="Totals" {
            @for (class, word, count) in tiles {
                div class={ "tile " (class) } { b { (count) } span { (word) } }
            }
            @if let Some(baseline) = &report.baseline {
                p.quiet {
                    "Since the report as of " (baseline.as_of) ": " (baseline.new) " new, " (baseline.known) " known, "
                    (baseline.reopened) " reopened, " (baseline.resolved) " resolved."
                }
            }
        }
    }
}

pub(super) fn matrix(report: &Report) -> Markup {
    html! {
        section id="checks" {
            h2 { "Checks" }
            div.scroll { table.matrix {
                caption.hidden { "Outcomes by check" }
                thead { tr {
                    th scope="col" { "Check" }
                    th scope="col" { "Severity" }
                    @for word in ["Pass", "Fail", "Unknown", "Exempt", "N/A", "Waived", "Overdue"] {
                        th.number scope="col" { (word) }
                    }
                } }
                tbody { @for check in &report.summary.checks {
                    tr {
                        th scope="row" {
                            (text(&check.title))
                            div.quiet { (text(&check.check)) @if let Some(due) = &check.due { ", due in " (due) } }
                            @if !check.controls.is_empty() { div.controls { (text(&check.controls.join(" · "))) } }
                        }
                        td { span class={ "severity " (check.severity) } { (check.severity) } }
                        @let Counts { pass, fail, unknown, exempt, not_applicable, waived, overdue } = &check.counts;
                        @for (class, count) in [("pass", pass), ("fail", fail), ("unknown", unknown), ("exempt", exempt), ("na", not_applicable), ("waived", waived), ("overdue", overdue)] {
                            td class={ "number " @if *count > 0 { (class) } @else { "none" } } { (count) }
                        }
                    }
                } }
            } }
        }
    }
}

/// Waivers that were not applied, gaps in the evidence, and notes.
pub(super) fn rest(report: &Report) -> Markup {
    let odd: Vec<_> = report.unapplied_waivers().collect();
    let gaps = report.evidence_gaps();
    html! {
        @if !odd.is_empty() {
            section { h2 { "Waivers not applied" } ul { @for waiver in odd {
                li { code { (text(&waiver.id)) } " " (text(&waiver.message)) " " span.quiet { (waiver.file) ":" (waiver.line) } }
            } } }
        }
        @if !gaps.is_empty() {
            section { h2 { "Gaps in the evidence" } ul { @for gap in gaps { li { (text(&gap)) } } } }
        }
        @if !report.unmatched_titles.is_empty() {
            section { h2 { "Job titles that match no org role" } ul { @for title in &report.unmatched_titles {
                li {
                    (text(title.job_title.as_deref().unwrap_or("no title")))
                    @if let Some(department) = &title.department { ", " (text(department)) }
                    span.quiet { " " (title.people) }
                }
            } } }
        }
        @if !report.notes.is_empty() {
            section { h2 { "Notes on the policies" } ul { @for note in &report.notes {
                li { (text(&note.message)) @if let Some(place) = &note.place { " " span.quiet { (place) } } }
            } } }
        }
        section { h2 { "Sources" } ul { @for source in &report.sources {
            li {
                (text(&source.id)) " (" (text(&source.kind)) "), said on " (source.pulled_at)
                span.quiet { @for (name, count) in &source.records { " " (text(name)) " " (count)
                    @if let Some(basis) = source.basis.get(name) { " (" (text(basis)) ")" } } }
            }
        } } }
    }
}
