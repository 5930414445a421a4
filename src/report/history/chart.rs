//! A trend as a chart, drawn as SVG: a page of its own, or a part of a report's.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{CheckHistory, History, forms::open};
use crate::report::safe::terminal;

/// The size of a chart, in pixels.
const WIDTH: usize = 320;
const HEIGHT: usize = 72;

/// The trend as a page of its own, which loads nothing.
#[must_use]
pub fn page(history: &History) -> String {
    let style = include_str!("history.css");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content={ "default-src 'none'; style-src '" (crate::report::html::markup::source_hash(style)) "'" };
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Trend of " (terminal(&history.organization_name)) }
                style { (PreEscaped(style)) }
            }
            body {
                h1 { "Trend of " (terminal(&history.organization_name)) }
                (chart(history))
            }
        }
    };
    page.into_string()
}

/// A chart for each check: how many findings were open, report by report, and how long they take.
#[must_use]
pub fn chart(history: &History) -> Markup {
    html! {
        section.trend {
            @if let (Some(first), Some(last)) = (history.reports.first(), history.reports.last()) {
                p { (history.reports.len()) " reports from " (first.today) " to " (last.today) ". Open are findings that fail or are unknown, waived ones too." }
            }
            @for check in &history.checks {
                figure {
                    figcaption {
                        strong { (terminal(&check.title)) }
                        span { (check.open) " open, " (check.resolved) " resolved" (reopened(check)) (taken(check)) }
                    }
                    (drawn(check, history))
                }
            }
        }
    }
}

fn reopened(check: &CheckHistory) -> String {
    if check.reopened == 0 { String::new() } else { format!(", {} reopened", check.reopened) }
}

fn taken(check: &CheckHistory) -> String {
    let mean = check.mean_days_to_resolve.map(|days| format!(", {days:.1} days on average")).unwrap_or_default();
    let oldest = check.oldest_open_days.map(|days| format!(", oldest open for {days} days")).unwrap_or_default();
    mean + &oldest
}

fn drawn(check: &CheckHistory, history: &History) -> Markup {
    let counts: Vec<Option<usize>> = check.counts.iter().map(|counts| counts.as_ref().map(open)).collect();
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    let step = counts.len().saturating_sub(1).max(1);
    let at = |index: usize, count: usize| (index * WIDTH / step, HEIGHT - count * HEIGHT / most);
    let lines = runs(&counts);
    let label = format!("{}: open findings by report, at most {most}", terminal(&check.title));
    html! {
        svg viewBox={ "-6 -6 " (WIDTH + 12) " " (HEIGHT + 12) } role="img" aria-label=(label) {
            line.base x1="0" y1=(HEIGHT) x2=(WIDTH) y2=(HEIGHT) {}
            @for line in &lines {
                polyline points=(line.iter().map(|(index, count)| { let (x, y) = at(*index, *count); format!("{x},{y}") }).collect::<Vec<_>>().join(" ")) {}
            }
            @for (index, count) in lines.iter().flatten() {
                @let (x, y) = at(*index, *count);
                circle cx=(x) cy=(y) r="3" { title { (history.reports.get(*index).map_or("", |report| report.today.as_str())) ": " (count) } }
            }
        }
    }
}

/// The reports that asked, in runs without a gap.
fn runs(counts: &[Option<usize>]) -> Vec<Vec<(usize, usize)>> {
    let mut runs: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut is_open = false;
    for (index, count) in counts.iter().enumerate() {
        match (count, runs.last_mut()) {
            (Some(count), Some(run)) if is_open => run.push((index, *count)),
            (Some(count), _) => runs.push(vec![(index, *count)]),
            (None, _) => {}
        }
        is_open = count.is_some();
    }
    runs
}
