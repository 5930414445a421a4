//! The findings as a table, each with its explanation folded into its row.

use std::io::{self, Write};

use maud::{Markup, html};

use super::{put, text};
use crate::report::{
    model::{FactReport, FactState, Finding, Reason, RuleStatus},
    view::View,
};

/// The columns, with the key that the script sorts by.
const COLUMNS: [(&str, &str); 6] = [
    ("outcome", "Outcome"),
    ("severity", "Severity"),
    ("check", "Check"),
    ("subject", "Who"),
    ("message", "Why, and what to do"),
    ("due", "Due"),
];

pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let head = html! {
        h2 { "Findings" }
        (controls(view))
        p id="count" role="status" aria-live="polite" {}
    };
    out.write_all(b"<section id=\"findings\">")?;
    put(&head, out)?;
    out.write_all(b"<div class=\"scroll\"><table id=\"table\"><caption class=\"hidden\">Findings</caption>")?;
    let columns = html! {
        thead { tr { @for (key, title) in COLUMNS {
            th scope="col" data-key=(key) { button type="button" { (title) } }
        } } }
    };
    put(&columns, out)?;
    out.write_all(b"<tbody>")?;
    let mut count = 0_usize;
    for finding in view.findings() {
        put(&row(view, &finding), out)?;
        count += 1;
    }
    out.write_all(b"</tbody></table></div>")?;
    if count == 0 {
        put(&html! { p { "Nothing fails, is unknown or exempt." } }, out)?;
    }
    out.write_all(b"</section>")
}

fn controls(view: &View<'_>) -> Markup {
    let choices = [
        ("outcome", "Outcome", vec!["fail", "unknown", "exempt", "pass", "not-applicable"]),
        ("severity", "Severity", vec!["critical", "high", "medium", "low", "info"]),
        ("check", "Check", view.head.summary.checks.iter().map(|check| check.check.as_str()).collect()),
        ("clock", "Clock", vec!["overdue", "due-soon", "on-time"]),
        ("waived", "Waiver", vec!["waived", "not waived"]),
        ("baseline", "Since", vec!["new", "known", "reopened", "resolved"]),
    ];
    html! {
        form.controls id="controls" role="search" aria-label="Filter findings" {
            label { span { "Search" } input type="search" name="text" placeholder="name, account, rule, fact" autocomplete="off"; }
            @for (name, title, words) in choices {
                label { span { (title) } select name=(name) {
                    option value="" { "all" }
                    @for word in words { option value=(text(word)) { (text(word)) } }
                } }
            }
            button type="reset" { "Clear" }
        }
    }
}

fn row(view: &View<'_>, finding: &Finding) -> Markup {
    let subject = &finding.subject;
    let clock = finding.clock.as_ref();
    let state = clock.and_then(|clock| clock.state).map(|state| state.word());
    let due = clock.and_then(|clock| clock.due.as_deref());
    let level = finding.entitlement.as_deref().and_then(|held| held.rsplit('/').next());
    html! {
        tr id={ "f-" (finding.id) } data-clock=(state.unwrap_or_default())
            data-waived=(if finding.waiver.is_some() { "waived" } else { "not waived" })
            data-baseline=(finding.baseline.as_ref().map(|note| note.status.word()).unwrap_or_default()) {
            td { span class={ "outcome " (finding.outcome) } { (finding.outcome) } @if finding.waiver.is_some() { " " span.badge { "waived" } }
                @if let Some(note) = &finding.baseline { " " span.badge { (note.status) } } }
            td { span class={ "severity " (finding.severity) } { (finding.severity) } }
            td { (text(&finding.check)) }
            td { b { (text(subject.label.as_deref().unwrap_or(&subject.id))) }
                div.quiet { (text(&subject.id)) @if let Some(level) = level { " " code { (text(level)) } } } }
            td { details { summary { (text(&finding.message)) } (explanation(view, finding)) } }
            td { @if let Some(due) = due { (due) @if let Some(state) = state { div class={ "clock " (state) } { (state) } } } }
        }
    }
}

fn explanation(view: &View<'_>, finding: &Finding) -> Markup {
    html! {
        dl.why {
            @for reason in &finding.reasons { (rule(view, reason)) }
            @for fact in &finding.facts { dt { "fact" } dd { (fact_line(fact)) } }
            @if let Some(advice) = &finding.advice {
                dt { "do" } dd { (text(&advice.text)) @if !advice.org_roles.is_empty() { " Org roles that may hold this: " (text(&advice.org_roles.join(", "))) "." } }
            }
            @if let Some(waiver) = &finding.waiver {
                dt { "waived" } dd { (text(&waiver.id)) " until " (waiver.expires) ": " (text(&waiver.reason)) " (" (text(&waiver.approved_by)) ")" }
            }
            @if let Some(clock) = &finding.clock { dt { "since" } dd { (clock.since) " (" (clock.basis) ")" } }
            @if let Some(note) = &finding.baseline { dt { "seen" } dd { (note.status) ", first on " (note.first_seen) } }
            dt { "id" } dd { code { (finding.id) } }
        }
    }
}

fn rule(view: &View<'_>, reason: &Reason) -> Markup {
    let bearing = match reason.bearing {
        RuleStatus::Satisfied => "",
        RuleStatus::Undetermined => ", undetermined",
        RuleStatus::NotSatisfied => ", not satisfied",
        RuleStatus::Erred => ", erred",
    };
    html! {
        dt { "rule" }
        dd {
            (text(&reason.rule)) " " code { (text(&view.path(&reason.file))) ":" (reason.line) @if let Some(path) = &reason.yaml_path { " " (text(path)) } } (bearing)
            @if let (RuleStatus::Erred, Some(message)) = (reason.bearing, &reason.message) { ": " (text(message)) }
        }
    }
}

fn fact_line(fact: &FactReport) -> Markup {
    html! {
        code { (text(&fact.path)) }
        @match (fact.state, &fact.value) {
            (FactState::Known, Some(value)) => { " is " b { (text(value)) } @if let Some(label) = &fact.label { " (" (text(label)) ")" } }
            (FactState::Known, None) | (FactState::Empty, _) => { " is empty" }
            (FactState::Unknown, _) => { " is unknown" @if let Some(reason) = &fact.reason { ": " (text(reason)) } }
        }
        @if let Some(source) = &fact.source { " " span.quiet { (text(&source.source)) " " (text(&source.collection)) "/" (text(&source.record)) } }
    }
}
