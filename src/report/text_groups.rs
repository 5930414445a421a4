//! The findings of the text report in groups: one cause, its subjects a line each, and what to do about all of them.

use std::io;

use anstyle::{AnsiColor, Style};

use super::{
    groups::{Group, Member, groups},
    model::Report,
    rank::Attention,
    safe::terminal,
    text_writer::{BOLD, DIM, Writer, colour},
    view::View,
};
use crate::{
    bundle::{Outcome, Severity},
    diagnostic::counted,
};

/// Subjects named in a group below high severity, and in one that is let off.
const NAMED: usize = 3;

/// Subjects without a due day of more than this share lines, so that a common cause does not fill the screen.
const ON_LINES: usize = 5;

impl Writer<'_> {
    /// Every group, worst first.
    pub(super) fn groups(&mut self, view: &View<'_>) -> io::Result<()> {
        let groups = groups(view, view.findings());
        let mut open = None;
        for (index, group) in groups.iter().enumerate() {
            let section = section(group);
            if open != Some(section) {
                self.group_section(view, group)?;
                open = Some(section);
            }
            if is_grave(group) {
                self.grave(group)?
            } else {
                self.brief(group)?
            }
            // Groups of one check often have one remedy: it comes after the last of them. What is grave has it near by, so
            // only groups that follow one another share it there.
            let is_repeated = |remedy: &String| {
                let rest = groups.iter().skip(index + 1).take_while(|next| self::section(next) == section);
                let near = if is_grave(group) { 1 } else { usize::MAX };
                rest.take(near).filter_map(remedy_of).any(|next| next == *remedy)
            };
            if let Some(remedy) = remedy_of(group).filter(|remedy| !is_repeated(remedy)) {
                let margin = if group.outcome == Outcome::Unknown { "need" } else { "do" };
                self.field(margin, Style::new(), &terminal(&remedy))?;
            }
        }
        Ok(())
    }

    fn group_section(&mut self, view: &View<'_>, group: &Group) -> io::Result<()> {
        if matches!(group.attention, Attention::Waived | Attention::Exempt) {
            return self.section("Waived and exempt");
        }
        let title = view.title(&group.check);
        let about = format!("({}, {})", group.check, group.severity);
        let title = terminal(title);
        let fits = title.chars().count() + about.chars().count() < self.layout.width;
        let between = if fits { " " } else { "\n" };
        writeln!(self.out, "\n{BOLD}{title}{BOLD:#}{between}{DIM}{about}{DIM:#}")
    }

    /// A group whose every subject is named on a line of its own.
    fn grave(&mut self, group: &Group) -> io::Result<()> {
        if let [member] = group.members.as_slice() {
            return self.cause(group, &format!("{}: {}", subject(member), terminal(&group.message)));
        }
        self.cause(group, &format!("{} ({})", terminal(&group.message), size(group)))?;
        if group.members.len() > ON_LINES && group.members.iter().all(|member| member.due.is_none()) {
            return self.field("", Style::new(), &group.members.iter().map(subject).collect::<Vec<_>>().join("; "));
        }
        for member in &group.members {
            let is_overdue = member.due.as_ref().is_some_and(|(_, is_overdue)| *is_overdue);
            let style = if is_overdue { AnsiColor::Red.on_default() } else { Style::new() };
            self.field("", style, &subject(member))?;
        }
        Ok(())
    }

    /// A group in a paragraph that names a few of its subjects.
    fn brief(&mut self, group: &Group) -> io::Result<()> {
        let mut named: Vec<String> = group.members.iter().take(NAMED).map(briefly).collect();
        let more = group.members.len().saturating_sub(NAMED);
        named.extend((more > 0).then(|| format!("{more} more")));
        let size = if group.members.len() > 1 { format!(" ({})", group.count) } else { String::new() };
        let check = match group.attention {
            Attention::Waived | Attention::Exempt => format!("{}: ", group.check),
            Attention::Open | Attention::None => String::new(),
        };
        self.cause(group, &format!("{check}{}{size}: {}", terminal(&group.message), named.join("; ")))
    }

    /// A paragraph behind the outcome of a group.
    pub(super) fn cause(&mut self, group: &Group, text: &str) -> io::Result<()> {
        let style = colour(group.outcome);
        let word = match group.outcome {
            Outcome::NotApplicable => "n/a",
            outcome => outcome.word(),
        };
        for (index, line) in self.wrap(text).iter().enumerate() {
            let word = if index == 0 { word } else { "" };
            writeln!(self.out, "{style}{word:<8}{style:#}  {line}")?;
        }
        Ok(())
    }
}

/// What a heading is for: a check in what is open, else all that is let off in one way.
fn section(group: &Group) -> (Attention, Option<(Severity, &str)>) {
    match group.attention {
        Attention::Waived | Attention::Exempt => (Attention::Exempt, None),
        Attention::Open | Attention::None => (group.attention, Some((group.severity, &group.check))),
    }
}

/// Whether every subject is named.
fn is_grave(group: &Group) -> bool {
    group.attention == Attention::None || group.attention == Attention::Open && group.severity <= Severity::High
}

fn remedy_of(group: &Group) -> Option<String> {
    group.remedy.clone().filter(|remedy| group.attention == Attention::Open && !is_said(remedy, &group.message))
}

/// Whether a remedy only repeats the reason that the message gives.
fn is_said(remedy: &str, message: &str) -> bool {
    remedy.split_once(": ").is_some_and(|(_, rest)| message.contains(rest.trim_end_matches('.')))
}

pub(super) fn size(group: &Group) -> String {
    let id = group.id.get(..8).unwrap_or(&group.id);
    format!("{}, group {id}", counted(group.count, "finding", "findings"))
}

/// A subject in a list: a person by name, since `--details` has the id.
fn briefly(member: &Member) -> String {
    let text = subject(member);
    let id = format!(" ({})", terminal(&member.subject));
    if member.kind == "Person" { text.replacen(&id, "", 1) } else { text }
}

/// A subject with its levels, and until when the finding is to be resolved.
pub(super) fn subject(member: &Member) -> String {
    let (id, label) = (terminal(&member.subject), member.label.as_deref().map(terminal));
    let mut text = match label {
        Some(label) if member.kind == "Person" => format!("{label} ({id})"),
        Some(label) => format!("{id} — {label}"),
        None => id,
    };
    if !member.levels.is_empty() {
        text.push_str(&format!(" [{}]", terminal(&member.levels.join(", "))));
    }
    if let Some((id, last)) = &member.waiver {
        text.push_str(&format!(", waived until {last} ({})", terminal(id)));
    } else if let Some((due, is_overdue)) = &member.due {
        text.push_str(&if *is_overdue { format!(", overdue since {due}") } else { format!(", due {due}") });
    }
    if member.is_new {
        text.push_str(", new");
    }
    text
}

/// What stands after the findings, without details: a paragraph a kind.
pub(super) fn rest(report: &Report) -> Vec<(&'static str, String)> {
    let waivers = report.unapplied_waivers().map(|waiver| {
        let text = format!("{} {} ({}:{})", waiver.id, waiver.message, waiver.file, waiver.line);
        ("waiver", text)
    });
    let mut rest: Vec<(&str, String)> = waivers.collect();
    let titles = report.unmatched_titles.iter().map(|title| {
        let department = title.department.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
        let name = title.job_title.as_deref().unwrap_or("no title");
        format!("{name}{department} ({})", counted(title.people, "person", "people"))
    });
    let titles = titles.collect::<Vec<_>>().join("; ");
    if !titles.is_empty() {
        rest.push(("title", format!("no org role matches: {titles}")));
    }
    let lists = report.complete_lists().join("; ");
    if !lists.is_empty() {
        rest.push(("lists", format!("complete: {lists}")));
    }
    let by_login = report.judged_by_login().join(", ");
    if !by_login.is_empty() {
        rest.push(("levels", format!("judged by login only: {by_login}")));
    }
    rest.extend(report.notes.iter().map(|note| {
        let place = note.place.as_deref().map(|place| format!(" ({place})")).unwrap_or_default();
        ("note", format!("{}{place}", note.message))
    }));
    rest
}
