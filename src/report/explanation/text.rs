//! The explanation as text for people: the verdict, the facts with where they came from, every rule clause by clause,
//! and what would settle it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{
    ExplainedClause, ExplainedFinding, ExplainedPart, ExplainedRule, Explanation, FurtherFindings, JointWord,
    PlaceWord, TruthWord,
};
use crate::{
    bundle::Outcome,
    diagnostic::counted,
    report::{
        model::{FactReport, FactState},
        safe::terminal,
        text_writer::{BOLD, DIM, Layout, MARGIN, Writer},
    },
};

/// Rules shown that are not satisfied and do not decide; there may be hundreds of access rules.
const RULES: usize = 12;
/// Changes shown.
const CHANGES: usize = 6;

/// Writes an explanation. Styles are written as ANSI sequences; the writer strips them where they are not wanted.
///
/// # Errors
/// Those of the writer.
pub fn write(explanation: &Explanation, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let run = &explanation.run;
    writeln!(out, "{DIM}as of {} ({}), collected {}{DIM:#}", run.today, run.time_zone, run.collected_at)?;
    for finding in &explanation.findings {
        let mut writer = Writer { out, layout };
        writer.explained(finding)?;
    }
    if explanation.further.is_empty() {
        return Ok(());
    }
    let mut writer = Writer { out, layout };
    let count: usize = explanation.further.iter().map(|further| further.count).sum();
    writer.section(&format!("and {}", counted(count, "more finding", "more findings")))?;
    for FurtherFindings { check, outcome, count } in &explanation.further {
        writer.field(outcome.word(), Style::new(), &format!("{count} of {check}"))?;
    }
    writer.field("", DIM, "narrow it down with `--check ID`, or name one account with `--subject SYSTEM/ID`")
}

/// Writes only the rules of a finding that decide, and the one of this id.
///
/// # Errors
/// Those of the writer.
pub fn write_rules(
    explained: &ExplainedFinding,
    rule: Option<&str>,
    layout: Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = Writer { out, layout };
    let is_wanted = |one: &&ExplainedRule| one.decides || rule.is_some_and(|rule| rule == one.rule);
    let decided = explained.rules.iter().any(|rule| rule.decides);
    // Where nothing decides, nothing is satisfied, and the reader needs what is missing.
    let near = |one: &&ExplainedRule| is_wanted(one) || (!decided && one.outcome == Outcome::Pass);
    explained.rules.iter().filter(near).take(RULES).try_for_each(|rule| writer.rule(rule))
}

impl Writer<'_> {
    fn explained(&mut self, explained: &ExplainedFinding) -> io::Result<()> {
        let finding = &explained.finding;
        self.headline(finding)?;
        self.field("", Style::new(), &terminal(&finding.message))?;
        self.field("check", Style::new(), &format!("{}, {}", finding.check, finding.severity))?;
        if let Some(advice) = &finding.advice {
            self.advice(advice)?;
        }
        if let Some(waiver) = &finding.waiver {
            self.waiver(waiver)?;
        }
        self.field("id", DIM, &finding.id)?;
        self.section("  facts")?;
        for fact in &explained.facts {
            self.field("fact", Style::new(), &provenance(fact))?;
        }
        self.rules(&explained.rules)?;
        self.changes(explained)
    }

    fn rules(&mut self, rules: &[ExplainedRule]) -> io::Result<()> {
        self.section("  rules")?;
        let mut left = RULES;
        let mut hidden = 0;
        for rule in rules {
            let telling = rule.decides || matches!(rule.truth, TruthWord::True | TruthWord::Error);
            if !telling && left == 0 {
                hidden += 1;
                continue;
            }
            left = left.saturating_sub(usize::from(!telling));
            self.rule(rule)?;
        }
        if hidden > 0 {
            let rules = counted(hidden, "further rule is", "further rules are");
            self.field("", DIM, &format!("{rules} not satisfied; `--format json` lists them"))?;
        }
        Ok(())
    }

    fn rule(&mut self, rule: &ExplainedRule) -> io::Result<()> {
        let path = rule.yaml_path.as_deref().map(|path| format!(" {path}")).unwrap_or_default();
        let satisfied = match rule.truth {
            TruthWord::True => "satisfied",
            TruthWord::Unknown => "undetermined",
            TruthWord::Error => "erred",
            TruthWord::False | TruthWord::NotReached => "not satisfied",
        };
        let decides = if rule.decides { ", decides" } else { "" };
        let style = if rule.decides { BOLD } else { Style::new() };
        let name = format!(
            "{} ({}:{}{path}): {} means {}; {satisfied}{decides}",
            terminal(&rule.rule),
            terminal(&rule.file),
            rule.line,
            rule.effect,
            rule.outcome
        );
        self.field("rule", style, &name)?;
        if let Some(reason) = rule.reason.as_ref().filter(|_| rule.truth == TruthWord::Error) {
            self.field("", AnsiColor::Red.on_default(), &terminal(reason))?;
        }
        for clause in &rule.clauses {
            self.clause(clause)?;
        }
        if rule.clauses.is_empty() {
            self.line(TruthWord::True, 1, "without conditions", "")?;
        }
        Ok(())
    }

    fn clause(&mut self, clause: &ExplainedClause) -> io::Result<()> {
        match clause.place {
            // The whole of a `when` has to hold, as the list of clauses has to: no line of its own is needed.
            PlaceWord::When | PlaceWord::Scope | PlaceWord::Expiry if clause.part.joint == Some(JointWord::All) => {
                clause.part.parts.iter().try_for_each(|part| self.part(part, 1, ""))
            }
            // As with a negation: whether the clause holds, and below it what is true of its parts.
            PlaceWord::Unless => {
                let truth = match clause.part.truth {
                    TruthWord::True => TruthWord::False,
                    TruthWord::False => TruthWord::True,
                    other => other,
                };
                self.part(&ExplainedPart { truth, ..clause.part.clone() }, 1, "unless ")
            }
            PlaceWord::Expiry => self.part(&clause.part, 1, "expires: "),
            PlaceWord::When | PlaceWord::Scope => self.part(&clause.part, 1, ""),
        }
    }

    fn part(&mut self, part: &ExplainedPart, depth: usize, before: &str) -> io::Result<()> {
        let single_negation = part.joint == Some(JointWord::Not) && part.parts.iter().all(|part| part.parts.is_empty());
        let read = |part: &ExplainedPart| {
            let values = part.read.iter().map(|one| format!("{} is {}", one.path, terminal(&one.value)));
            values.collect::<Vec<_>>().join(", ")
        };
        let is_one_line = single_negation || part.truth == TruthWord::NotReached;
        let Some(joint) = part.joint.filter(|_| !is_one_line) else {
            let negated = part.parts.first().filter(|_| single_negation);
            let note = match (&part.reason, read(negated.unwrap_or(part))) {
                (Some(reason), _) => terminal(reason),
                (None, values) => values,
            };
            return self.line(part.truth, depth, &format!("{before}{}", terminal(&part.text)), &note);
        };
        let word = match joint {
            JointWord::All => "all of:",
            JointWord::Any => "any of:",
            JointWord::Not => "not:",
            JointWord::Choice => "one or the other:",
        };
        self.line(part.truth, depth, &format!("{before}{word}"), "")?;
        for (index, inner) in part.parts.iter().enumerate() {
            let before = match (joint, index) {
                (JointWord::Choice, 0) => "if ",
                (JointWord::Choice, 1) => "then ",
                (JointWord::Choice, _) => "else ",
                _ => "",
            };
            self.part(inner, depth + 1, before)?;
        }
        Ok(())
    }

    /// One part: what Cedar says of it in the margin, then its text, then what it read.
    fn line(&mut self, truth: TruthWord, depth: usize, text: &str, note: &str) -> io::Result<()> {
        let (word, style) = match truth {
            TruthWord::True => ("true", AnsiColor::Green.on_default()),
            TruthWord::False => ("false", AnsiColor::Red.on_default()),
            TruthWord::Unknown => ("unknown", AnsiColor::Yellow.on_default()),
            TruthWord::Error => ("error", AnsiColor::Red.on_default().bold()),
            TruthWord::NotReached => ("·", DIM),
        };
        let indent = "  ".repeat(depth.saturating_sub(1));
        let faint = if truth == TruthWord::NotReached { DIM } else { Style::new() };
        let width = self.layout.width.saturating_sub(MARGIN + 4 + indent.len()).max(30);
        for (index, line) in textwrap::wrap(text, width).iter().enumerate() {
            let (word, further) = if index == 0 { (word, "") } else { ("", "  ") };
            writeln!(self.out, "    {style}{word:<8}{style:#}  {indent}{further}{faint}{line}{faint:#}")?;
        }
        if !note.is_empty() {
            for line in textwrap::wrap(note, width.saturating_sub(4)) {
                writeln!(self.out, "              {indent}    {DIM}{line}{DIM:#}")?;
            }
        }
        Ok(())
    }

    fn changes(&mut self, explained: &ExplainedFinding) -> io::Result<()> {
        if !explained.finding.outcome.is_open() {
            return Ok(());
        }
        self.section("  single changes that settle it, each tried")?;
        let Some(changes) = &explained.changes else {
            let text = format!("not looked for among so many findings: `tenure explain {}`", explained.finding.id);
            return self.field("", DIM, &text);
        };
        if changes.is_empty() {
            return self.field("", Style::new(), "none was found: it takes several, or a fact that cannot be guessed");
        }
        for change in changes.iter().take(CHANGES) {
            let place = match (&change.file, change.line) {
                (Some(file), Some(line)) => format!(" ({}:{line})", terminal(file)),
                _ => String::new(),
            };
            let margin = match change.outcome {
                Outcome::NotApplicable => "n/a",
                outcome => outcome.word(),
            };
            self.field(margin, Style::new(), &format!("{}{place}", terminal(&change.text)))?;
        }
        if let Some(more) = changes.len().checked_sub(CHANGES).filter(|more| *more > 0) {
            self.field("", DIM, &format!("and {more} more; `--format json` lists them"))?;
        }
        Ok(())
    }
}

/// A fact with where it came from and when that said so.
fn provenance(fact: &FactReport) -> String {
    let value = match (fact.state, &fact.value, &fact.label) {
        (FactState::Known, Some(value), Some(label)) => format!("is {} ({})", terminal(value), terminal(label)),
        (FactState::Known, Some(value), None) => format!("is {}", terminal(value)),
        (FactState::Known, None, _) | (FactState::Empty, ..) => "is empty".to_owned(),
        (FactState::Unknown, ..) => "is unknown".to_owned(),
    };
    let reason = fact.reason.as_deref().map(|reason| format!(": {}", terminal(reason))).unwrap_or_default();
    let source = fact.source.as_ref().map(|source| {
        let field = source.field.as_deref().map(|field| format!(" {field}")).unwrap_or_default();
        let pulled = source.pulled_at.as_deref().map(|at| format!(", pulled {at}")).unwrap_or_default();
        let (name, collection) = (terminal(&source.source), terminal(&source.collection));
        format!(" [{name} {collection}/{}{field}{pulled}]", terminal(&source.record))
    });
    format!("{} {value}{reason}{}", terminal(&fact.path), source.unwrap_or_default())
}
