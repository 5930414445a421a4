//! The reporting lines, and the access that people hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use maud::{Markup, html};

use super::markup::{put, text};
use crate::report::{
    organization::{Holding, Member, Organization},
    view::View,
};

/// Lists nested deeper than this stay on one level: browsers give up at some depth.
const DEPTH: usize = 60;

pub(super) fn write_chart(organization: &Organization, out: &mut dyn Write) -> io::Result<()> {
    let broken = organization.people.iter().filter(|member| member.issue.is_some()).count();
    let head = html! {
        h2 { "Reporting lines" }
        p.quiet {
            (organization.people.len()) " current people, " (broken) " broken lines"
            @if organization.people_left_out > 0 { "; " (organization.people_left_out) " more have no room here" } "."
        }
    };
    out.write_all(b"<section id=\"organization\">")?;
    put(&head, out)?;
    let chart = Chart::new(&organization.people);
    let mut drawn = BTreeSet::new();
    out.write_all(b"<ul class=\"chart\">")?;
    for root in &chart.roots {
        chart.write(root, &mut drawn, out)?;
    }
    // A circle has no top.
    for member in &organization.people {
        if !drawn.contains(member.id.as_str()) {
            chart.write(member, &mut drawn, out)?;
        }
    }
    out.write_all(b"</ul></section>")
}

struct Chart<'o> {
    roots: Vec<&'o Member>,
    /// By manager: those who report to them.
    reports: BTreeMap<&'o str, Vec<&'o Member>>,
}

impl<'o> Chart<'o> {
    fn new(people: &'o [Member]) -> Self {
        let known: BTreeSet<&str> = people.iter().map(|member| member.id.as_str()).collect();
        let mut chart = Chart { roots: Vec::new(), reports: BTreeMap::new() };
        for member in people {
            match member.manager.as_deref().filter(|manager| known.contains(manager) && *manager != member.id) {
                Some(manager) => chart.reports.entry(manager).or_default().push(member),
                None => chart.roots.push(member),
            }
        }
        chart
    }

    fn below(&self, member: &Member) -> &[&'o Member] {
        self.reports.get(member.id.as_str()).map_or(&[], Vec::as_slice)
    }

    /// A person and all below, each once; without recursion, since a line may be as long as there are people.
    fn write(&self, root: &'o Member, drawn: &mut BTreeSet<&'o str>, out: &mut dyn Write) -> io::Result<()> {
        enum Step<'m> {
            Open(&'m Member, usize),
            Close,
        }
        let mut steps = vec![Step::Open(root, 0)];
        while let Some(step) = steps.pop() {
            let Step::Open(person, depth) = step else {
                out.write_all(b"</ul></details></li>")?;
                continue;
            };
            if !drawn.insert(&person.id) {
                continue;
            }
            let below = self.below(person);
            if below.is_empty() || depth >= DEPTH {
                put(&html! { li { (member(person)) } }, out)?;
            } else {
                out.write_all(if depth < 3 { b"<li><details open>" } else { b"<li><details>" })?;
                put(&html! { summary { (member(person)) " " span.quiet { (below.len()) } } }, out)?;
                out.write_all(b"<ul>")?;
                steps.push(Step::Close);
            }
            steps.extend(below.iter().rev().map(|below| Step::Open(below, depth + 1)));
        }
        Ok(())
    }
}

fn member(member: &Member) -> Markup {
    html! {
        span.person.broken[member.issue.is_some()] {
            b { (text(member.name.as_deref().unwrap_or(&member.id))) }
            @if let Some(title) = &member.job_title { " " span.quiet { (text(title)) } }
            @if let Some(issue) = &member.issue { " " span.badge.bad { (text(issue)) } }
            @else if member.manager.is_none() { " " span.badge { "no manager" } }
        }
    }
}

pub(super) fn write_systems(organization: &Organization, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<section id=\"systems\"><h2>Systems</h2>")?;
    if organization.holdings_left_out > 0 {
        put(&html! { p.quiet { (organization.holdings_left_out) " more accesses have no room here." } }, out)?;
    }
    let mut systems: BTreeMap<&str, Vec<&Holding>> = BTreeMap::new();
    for holding in &organization.holdings {
        systems.entry(&holding.system).or_default().push(holding);
    }
    for (system, holdings) in systems {
        let open = holdings.iter().filter(|holding| holding.outcome.is_open()).count();
        let head = html! {
            summary { b { (text(system)) } " " span.quiet { (holdings.len()) " accesses, " (open) " open" } }
        };
        out.write_all(b"<details class=\"system\">")?;
        put(&head, out)?;
        put(&levels(&holdings, view), out)?;
        out.write_all(b"</details>")?;
    }
    out.write_all(b"</section>")
}

fn levels(holdings: &[&Holding], view: &View<'_>) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                @for title in ["Level", "Account", "Who", "Outcome", "Rule"] { th scope="col" { (title) } }
            } }
            tbody { @for holding in holdings {
                tr {
                    td { code { (text(&holding.level)) } }
                    td { (text(&holding.account)) }
                    td { @if let Some(label) = &holding.label { (text(label)) } }
                    td { span class={ "outcome " (holding.outcome) } { (holding.outcome) } }
                    td.quiet { @if let Some((rule, file, line)) = &holding.rule { (text(rule)) " " code { (text(&view.path(file))) ":" (line) } } }
                }
            } }
        } }
    }
}
