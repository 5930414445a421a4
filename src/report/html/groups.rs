//! What to do: the open findings in groups with one cause and one remedy, worst first.

use std::io::{self, Write};

use maud::{Markup, html};

use super::markup::{put, text};
use crate::{
    diagnostic::counted,
    report::{
        groups::{Group, Member, groups},
        rank::Attention,
        view::View,
    },
};

/// Subjects named in a group; the table of findings has all of them.
const NAMED: usize = 20;

pub(super) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let groups = groups(view, view.findings());
    let open: Vec<&Group> = groups.iter().filter(|group| group.attention == Attention::Open).collect();
    let is_empty = open.is_empty();
    out.write_all(b"<section id=\"groups\"><h2>What to do</h2><ol class=\"groups\">")?;
    for group in open {
        put(&entry(view, group), out)?;
    }
    out.write_all(b"</ol>")?;
    if is_empty {
        put(&html! { p { "No finding is open." } }, out)?;
    }
    out.write_all(b"</section>")
}

fn entry(view: &View<'_>, group: &Group) -> Markup {
    let title = view.title(&group.check);
    html! {
        li id={ "g-" (group.id) } data-count=(group.count) {
            span class={ "outcome " (group.outcome) } { (group.outcome) } " "
            span class={ "severity " (group.severity) } { (group.severity) } " "
            b { (text(title)) } " " span.quiet { (counted(group.count, "finding", "findings")) }
            div { (text(&group.message)) }
            @if let Some(remedy) = &group.remedy { div.remedy { b { "Do: " } (text(remedy)) } }
            details {
                summary { (counted(group.subject_count(), "subject", "subjects")) }
                ul { @for member in group.members.iter().take(NAMED) { li { (subject(member)) } } }
                @if group.members.len() > NAMED { p.quiet { "and " (group.members.len() - NAMED) " more in the table" } }
            }
        }
    }
}

fn subject(member: &Member) -> Markup {
    html! {
        a href={ "#f-" (member.finding) } { (text(member.label.as_deref().unwrap_or(&member.subject))) }
        @if member.label.is_some() { " " span.quiet { (text(&member.subject)) } }
        @if !member.levels.is_empty() { " " code { (text(&member.levels.join(", "))) } }
        @if let Some((due, is_overdue)) = &member.due { " " span.clock.overdue[*is_overdue] { "due " (due) } }
    }
}
