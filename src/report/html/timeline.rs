//! When findings are due: a line a day, the day judged by among them.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use maud::html;

use super::markup::{put, text};
use crate::report::{
    model::{ClockState, Finding},
    view::View,
};

/// Findings named for each day.
const NAMED: usize = 6;

#[derive(Default)]
struct Day {
    count: usize,
    state: Option<ClockState>,
    named: Vec<(String, String)>,
}

pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut days: BTreeMap<String, Day> = BTreeMap::new();
    let mut undated = 0_usize;
    for finding in view.findings().filter(|finding| finding.outcome.is_open() && finding.waiver.is_none()) {
        let clock = finding.clock.as_ref();
        let Some((due, state)) = clock.and_then(|clock| Some((clock.due.clone()?, clock.state))) else {
            undated += 1;
            continue;
        };
        let day = days.entry(due).or_default();
        day.count += 1;
        day.state = state;
        if day.named.len() < NAMED {
            day.named.push((finding.id.clone(), named(&finding)));
        }
    }
    let today = &view.head.run.today;
    let most = days.values().map(|day| day.count).max().unwrap_or(1);
    days.entry(today.clone()).or_default();
    let page = html! {
        section id="timeline" {
            h2 { "Due" }
            ol.timeline { @for (due, day) in &days {
                li.today[due == today] {
                    time datetime=(due) { (due) @if due == today { " today" } }
                    @if day.count > 0 {
                        span { (day.count) @if let Some(state) = day.state { " " span class={ "clock " (state) } { (state) } } }
                        meter min="0" max=(most) value=(day.count) { (day.count) }
                        span.named {
                            @for (index, (id, name)) in day.named.iter().enumerate() {
                                @if index > 0 { ", " } a href={ "#f-" (id) } { (name) }
                            }
                            @if day.count > day.named.len() { " and " (day.count - day.named.len()) " more" }
                        }
                    }
                }
            } }
            @if undated > 0 { p.quiet { (undated) " open findings have no due day: nothing says since when they are open, or their check sets none." } }
        }
    };
    put(&page, out)
}

fn named(finding: &Finding) -> String {
    text(finding.subject.label.as_deref().unwrap_or(&finding.subject.id))
}
