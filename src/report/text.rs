//! The report as text for people: a summary a check, then the findings in groups; with details, every finding with who,
//! what, why and what to do.
//!
//! Everything that came from outside passes [`super::safe::terminal`]. Colour only repeats what words say.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{
    model::{
        Action, Advice, BaselineNote, BaselineReport, BaselineStatus, CheckSummary, Clock, ClockBasis, ClockState,
        FactReport, FactState, Finding, Reason, Report, RuleStatus, WaiverNote,
    },
    safe::terminal,
    text_groups::rest,
    text_writer::{BOLD, DIM, Layout, Writer, YELLOW, colour},
    view::{Arrangement, View},
};
use crate::{bundle::Outcome, diagnostic::counted};

/// Writes the report. Styles are written as ANSI sequences; the writer strips them where they are not wanted.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let report = view.head;
    let mut writer = Writer { out, layout };
    writer.heading(view)?;
    match view.arrangement {
        Arrangement::Groups => {}
        Arrangement::Statistics => {
            writer.statistics(view)?;
            return writer.tally(report);
        }
        Arrangement::By(by) => {
            writer.lists(view, by)?;
            return writer.tally(report);
        }
    }
    writer.table(report)?;
    if !layout.details {
        writer.groups(view)?;
    }
    let mut last = None;
    for finding in layout.details.then(|| view.findings()).into_iter().flatten() {
        if last.as_ref() != Some(&finding.check) {
            let check = report.summary.checks.iter().find(|check| check.check == finding.check);
            check.map_or(Ok(()), |check| writer.check(check))?;
            last = Some(finding.check.clone());
        }
        writer.finding(&finding)?;
    }
    writer.baseline(report)?;
    if layout.details {
        writer.waivers(report)?;
        writer.titles(report)?;
        writer.gaps(report)?;
        writer.complete_lists(report)?;
        writer.judged_by_login(report)?;
        writer.notes(report)?;
        return writer.tally(report);
    }
    writer.gaps(report)?;
    let rest = rest(report);
    if !rest.is_empty() {
        writer.section("Also")?;
    }
    for (margin, text) in rest {
        writer.field(margin, Style::new(), &terminal(&text))?;
    }
    writer.tally(report)?;
    writer.field("", DIM, "`--details` shows the rules and facts behind each finding")
}

impl Writer<'_> {
    fn heading(&mut self, view: &View<'_>) -> io::Result<()> {
        let report = view.head;
        // Statistics and lists count what is listed; only their last lines are of all.
        let filter = report.filter.as_ref().map(|filter| match view.arrangement {
            Arrangement::Groups => filter.sentence(),
            Arrangement::Statistics | Arrangement::By(_) => {
                format!("{}; only the last line counts all", filter.listing())
            }
        });
        let filter = filter.map(|text| terminal(&text));
        let run = &report.run;
        let name = terminal(&run.organization_name);
        writeln!(self.out, "{BOLD}{name}{BOLD:#} as of {} ({})", run.today, run.time_zone)?;
        let digest =
            |digest: &str| digest.strip_prefix("sha256:").and_then(|hex| hex.get(..12)).unwrap_or(digest).to_owned();
        let (snapshot, bundle) = (digest(&run.snapshot), digest(&run.bundle));
        writeln!(self.out, "{DIM}collected {}, snapshot {snapshot}, policies {bundle}{DIM:#}", run.collected_at)?;
        for line in filter.iter().flat_map(|line| textwrap::wrap(line, self.layout.width)) {
            writeln!(self.out, "{YELLOW}{line}{YELLOW:#}")?;
        }
        writeln!(self.out)
    }

    fn table(&mut self, report: &Report) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["check", "severity", "pass", "fail", "unknown", "exempt", "n/a", "waived"]);
        for check in &report.summary.checks {
            let counts = &check.counts;
            let numbers =
                [counts.pass, counts.fail, counts.unknown, counts.exempt, counts.not_applicable, counts.waived];
            let numbers = numbers.map(|count| if count == 0 { "·".to_owned() } else { count.to_string() });
            let mut row = vec![check.check.clone(), check.severity.to_string()];
            row.extend(numbers);
            table.add_row(row);
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            if index > 1 {
                column.set_cell_alignment(CellAlignment::Right);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(5)));
            }
            column.set_padding(if index < 2 { (0, 1) } else { (1, 0) });
        }
        for (index, line) in table.lines().enumerate() {
            let style = if index == 0 { DIM } else { Style::new() };
            writeln!(self.out, "{style}{}{style:#}", line.trim_end())?;
        }
        Ok(())
    }

    fn check(&mut self, check: &CheckSummary) -> io::Result<()> {
        self.section(&check.title)?;
        writeln!(self.out, "{DIM}{}, {}{DIM:#}", check.check, check.severity)
    }

    /// The outcome and the subject.
    pub(super) fn headline(&mut self, finding: &Finding) -> io::Result<()> {
        let style = colour(finding.outcome);
        let word = match finding.outcome {
            Outcome::NotApplicable => "n/a",
            outcome => outcome.word(),
        };
        let subject = &finding.subject;
        let id = terminal(&subject.id);
        let label = subject.label.as_deref().map(terminal);
        let what = match (&finding.entitlement, label) {
            (Some(entitlement), Some(label)) => {
                let level = entitlement.rsplit('/').next().unwrap_or(entitlement);
                format!("{id} {} — {label}", terminal(level))
            }
            (Some(entitlement), None) => {
                let level = entitlement.rsplit('/').next().unwrap_or(entitlement);
                format!("{id} {}", terminal(level))
            }
            (None, Some(label)) if subject.kind == "Person" => format!("{label} ({id})"),
            (None, Some(label)) => format!("{id} — {label}"),
            (None, None) => id,
        };
        writeln!(self.out)?;
        for (index, line) in self.wrap(&what).iter().enumerate() {
            let word = if index == 0 { word } else { "" };
            writeln!(self.out, "{style}{word:<8}{style:#}  {BOLD}{line}{BOLD:#}")?;
        }
        Ok(())
    }

    /// What to do about it.
    pub(super) fn advice(&mut self, advice: &Advice) -> io::Result<()> {
        let roles = match advice.org_roles.as_slice() {
            [] => String::new(),
            roles => format!(" Org roles that may hold this: {}.", roles.join(", ")),
        };
        let margin = match advice.action {
            Action::Revoke | Action::Downgrade | Action::Remediate => "do",
            Action::SupplyEvidence => "need",
        };
        self.field(margin, Style::new(), &format!("{}{roles}", terminal(&advice.text)))
    }

    /// The waiver that applies to it.
    pub(super) fn waiver(&mut self, waiver: &WaiverNote) -> io::Result<()> {
        let text = format!(
            "{} until {}: {} ({})",
            terminal(&waiver.id),
            waiver.expires,
            terminal(&waiver.reason),
            terminal(&waiver.approved_by)
        );
        self.field("waived", AnsiColor::Magenta.on_default(), &text)
    }

    /// Until when it should be resolved.
    pub(super) fn clock(&mut self, clock: &Clock) -> io::Result<()> {
        let since = match clock.basis {
            ClockBasis::Fact => format!("since {}", clock.since),
            ClockBasis::FirstSeen => format!("first seen {}", clock.since),
        };
        let (style, text) = match (&clock.due, clock.state) {
            (Some(due), Some(ClockState::Overdue)) => {
                (AnsiColor::Red.on_default(), format!("{due}, overdue ({since})"))
            }
            (Some(due), Some(ClockState::DueSoon)) => {
                (AnsiColor::Yellow.on_default(), format!("{due}, soon ({since})"))
            }
            (Some(due), _) => (Style::new(), format!("{due} ({since})")),
            (None, _) => (Style::new(), format!("no due day ({since})")),
        };
        self.field("due", style, &text)
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.headline(finding)?;
        self.field("", Style::new(), &terminal(&finding.message))?;
        for reason in &finding.reasons {
            self.field("rule", Style::new(), &rule(reason))?;
        }
        for fact in &finding.facts {
            self.field("fact", Style::new(), &fact_line(fact))?;
        }
        if let Some(advice) = &finding.advice {
            self.advice(advice)?;
        }
        if let Some(waiver) = &finding.waiver {
            self.waiver(waiver)?;
        }
        if let Some(clock) = &finding.clock {
            self.clock(clock)?;
        }
        if let Some(note) = &finding.baseline {
            self.field("since", Style::new(), &status(note))?;
        }
        self.field("id", DIM, &finding.id)
    }

    /// What changed since an earlier report, and the findings that are not asked any more.
    fn baseline(&mut self, report: &Report) -> io::Result<()> {
        let Some(baseline) = &report.baseline else { return Ok(()) };
        self.section(&format!("Since the report as of {}", baseline.as_of))?;
        let BaselineReport { new, known, reopened, resolved, .. } = baseline;
        let text = format!("{new} new, {known} known, {reopened} reopened, {resolved} resolved");
        self.field("", Style::new(), &text)?;
        for finding in report.removed_findings() {
            let what = finding.entitlement.as_ref().unwrap_or(&finding.subject.id);
            let label = finding.subject.label.as_deref().map(|label| format!(" — {}", terminal(label)));
            let text = format!(
                "{} {}{}: not asked any more, was {}",
                finding.check,
                terminal(what),
                label.unwrap_or_default(),
                finding.was
            );
            self.field("resolved", AnsiColor::Green.on_default(), &text)?;
        }
        Ok(())
    }

    fn waivers(&mut self, report: &Report) -> io::Result<()> {
        let odd: Vec<_> = report.unapplied_waivers().collect();
        if odd.is_empty() {
            return Ok(());
        }
        self.section("Waivers not applied")?;
        for waiver in odd {
            let text = format!("{} ({}:{})", terminal(&waiver.message), waiver.file, waiver.line);
            self.field(&terminal(&waiver.id), Style::new(), &text)?;
        }
        Ok(())
    }

    fn titles(&mut self, report: &Report) -> io::Result<()> {
        if report.unmatched_titles.is_empty() {
            return Ok(());
        }
        self.section("Job titles that match no org role")?;
        for title in &report.unmatched_titles {
            let name = terminal(title.job_title.as_deref().unwrap_or("no title"));
            let department = title.department.as_deref().map(|name| format!(", {}", terminal(name)));
            let people = counted(title.people, "person", "people");
            self.field("", Style::new(), &format!("{name}{} ({people})", department.unwrap_or_default()))?;
        }
        Ok(())
    }

    /// What the sources lack.
    fn gaps(&mut self, report: &Report) -> io::Result<()> {
        let gaps = report.evidence_gaps();
        if gaps.is_empty() {
            return Ok(());
        }
        self.section("Gaps in the evidence")?;
        for gap in gaps {
            self.field("", AnsiColor::Yellow.on_default(), &terminal(&gap))?;
        }
        Ok(())
    }

    /// What shows that the other lists are complete.
    fn complete_lists(&mut self, report: &Report) -> io::Result<()> {
        let lists = report.complete_lists();
        if lists.is_empty() {
            return Ok(());
        }
        self.section("Complete lists, and what shows it")?;
        for list in lists {
            self.field("", Style::new(), &terminal(&list))?;
        }
        Ok(())
    }

    /// The systems whose levels were not judged.
    fn judged_by_login(&mut self, report: &Report) -> io::Result<()> {
        let systems = report.judged_by_login();
        if systems.is_empty() {
            return Ok(());
        }
        self.section("Judged by login only")?;
        self.field("", Style::new(), &terminal(&systems.join(", ")))
    }

    fn notes(&mut self, report: &Report) -> io::Result<()> {
        if report.notes.is_empty() {
            return Ok(());
        }
        self.section("Notes on the policies")?;
        for note in &report.notes {
            let place = note.place.as_deref().map(|place| format!(" ({place})")).unwrap_or_default();
            self.field("", Style::new(), &format!("{}{place}", terminal(&note.message)))?;
        }
        Ok(())
    }

    /// The one line that says it all.
    fn tally(&mut self, report: &Report) -> io::Result<()> {
        let totals = &report.summary.totals;
        let mut parts = vec![
            format!("{} passed", totals.pass),
            format!("{} failed", totals.fail),
            format!("{} unknown", totals.unknown),
            format!("{} exempt", totals.exempt),
            format!("{} not applicable", totals.not_applicable),
        ];
        if totals.waived > 0 {
            parts.push(format!("{} waived", totals.waived));
        }
        if totals.overdue > 0 {
            parts.push(format!("{} overdue", totals.overdue));
        }
        if report.summary.errors > 0 {
            parts.push(format!("{} with rule errors", report.summary.errors));
        }
        writeln!(self.out, "\n{BOLD}{} asked{BOLD:#}:", totals.total())?;
        self.field("", Style::new(), &parts.join(", "))
    }
}

/// The status of a finding since the earlier report, in words.
fn status(note: &BaselineNote) -> String {
    match note.status {
        BaselineStatus::New => "new".to_owned(),
        BaselineStatus::Known => format!("{}, known", note.first_seen),
        BaselineStatus::Reopened => format!("{}, reopened", note.first_seen),
        BaselineStatus::Resolved => format!("{}, resolved now", note.first_seen),
    }
}

fn rule(reason: &Reason) -> String {
    let path = reason.yaml_path.as_deref().map(|path| format!(" {path}")).unwrap_or_default();
    let bearing = match reason.bearing {
        RuleStatus::Satisfied => String::new(),
        RuleStatus::Undetermined => ", undetermined".to_owned(),
        RuleStatus::NotSatisfied => ", not satisfied".to_owned(),
        RuleStatus::Erred => format!(", erred: {}", terminal(reason.message.as_deref().unwrap_or_default())),
    };
    format!("{} ({}:{}{path}){bearing}", terminal(&reason.rule), reason.file, reason.line)
}

fn fact_line(fact: &FactReport) -> String {
    let value = match (fact.state, &fact.value) {
        (FactState::Known, Some(value)) => {
            let label = fact.label.as_deref().map(|label| format!(" ({})", terminal(label))).unwrap_or_default();
            format!("is {}{label}", terminal(value))
        }
        (FactState::Known, None) | (FactState::Empty, _) => "is empty".to_owned(),
        (FactState::Unknown, _) => "is unknown".to_owned(),
    };
    let source = fact.source.as_ref().map(|source| match &source.pulled_at {
        Some(_) => {
            format!(" [{} {}/{}]", terminal(&source.source), terminal(&source.collection), terminal(&source.record))
        }
        None => format!(" [{} {}]", terminal(&source.collection), terminal(&source.record)),
    });
    format!("{} {value}{}", terminal(&fact.path), source.unwrap_or_default())
}
