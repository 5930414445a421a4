//! The report as JUnit XML, for CI systems that show tests: a check is a suite, a finding is a case.
//!
//! There is no standard; this is what Jenkins, GitLab and GitHub's reporters agree on. A case that fails has a `failure`,
//! one that cannot be judged an `error`, and one that is waived, exempt or does not apply is `skipped`. Passes that the
//! report does not list are counted in `tests`, and one case of the suite stands for them. Another stands for open findings that
//! a filter hides: a `failure` if the exit status depends on one of them, else `skipped`. Every `time` is 0: some consumers
//! require it, and a report does not depend on how long a run took.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{
    model::{CheckSummary, FilterReport, Finding},
    safe,
    view::View,
};
use crate::{bundle::Outcome, diagnostic::counted};

/// The time that each case took, seconds.
const TIME: &str = "0";

/// How many cases a suite has.
#[derive(Default)]
struct Counts {
    tests: usize,
    passes: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = count(view);
    let unlisted = |check: &CheckSummary| {
        let listed = counts.get(&check.check).map_or(0, |counts| counts.passes);
        check.counts.pass.saturating_sub(listed)
    };
    let hidden = |check: &CheckSummary| {
        let listed = counts.get(&check.check).map_or(0, |counts| counts.failures + counts.errors);
        Hidden::of(view, check, listed)
    };
    let all_unlisted: usize = view.head.summary.checks.iter().map(unlisted).sum();
    let all_hidden: Vec<Hidden> = view.head.summary.checks.iter().filter_map(hidden).collect();
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let total = |of: fn(&Counts) -> usize| counts.values().map(of).sum::<usize>();
    let mut suites = BytesStart::new("testsuites");
    let name = if view.head.filter.is_some() { "tenure (filtered)" } else { "tenure" };
    suites.push_attribute(("name", name));
    suites.push_attribute(("tests", (total(|one| one.tests) + all_unlisted + all_hidden.len()).to_string().as_str()));
    suites.push_attribute((
        "failures",
        (total(|one| one.failures) + all_hidden.iter().map(Hidden::failures).sum::<usize>()).to_string().as_str(),
    ));
    suites.push_attribute(("errors", total(|one| one.errors).to_string().as_str()));
    suites.push_attribute(("time", TIME));
    writer.write_event(Event::Start(suites))?;
    for check in &view.head.summary.checks {
        let none = Counts::default();
        let counts = counts.get(&check.check).unwrap_or(&none);
        let (unlisted, hidden) = (unlisted(check), hidden(check));
        let (cases, failures) = hidden.as_ref().map_or((0, 0), |hidden| (1, hidden.failures()));
        let mut suite = BytesStart::new("testsuite");
        suite.push_attribute(("name", written(&check.title).as_str()));
        suite.push_attribute(("tests", (counts.tests + unlisted + cases).to_string().as_str()));
        suite.push_attribute(("failures", (counts.failures + failures).to_string().as_str()));
        suite.push_attribute(("errors", counts.errors.to_string().as_str()));
        suite.push_attribute(("skipped", (counts.skipped + cases - failures).to_string().as_str()));
        suite.push_attribute(("time", TIME));
        writer.write_event(Event::Start(suite))?;
        properties(view, &check.controls, &mut writer)?;
        for finding in view.source.of_check(&check.check) {
            case(view, &finding, &mut writer)?;
        }
        if unlisted > 0 {
            let passes = counted(unlisted, "subject passes", "subjects pass");
            writer.write_event(Event::Empty(start_of_case(&passes, &check.check)))?;
        }
        if let Some(hidden) = hidden {
            hidden.write(view, check, &mut writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    writer.into_inner().write_all(b"\n")
}

/// Open findings of a check that a filter hides.
struct Hidden {
    count: usize,
    /// How many of them the exit status depends on.
    deciding: usize,
}

impl Hidden {
    /// None without a filter, and if it hides no open finding of the check.
    fn of(view: &View<'_>, check: &CheckSummary, listed: usize) -> Option<Self> {
        view.head.filter.as_ref()?;
        let open = (check.counts.fail + check.counts.unknown).saturating_sub(check.counts.waived);
        let count = open.saturating_sub(listed);
        let deciding = view.hidden_deciding.map_or(count, |all| all.get(&check.check).copied().unwrap_or_default());
        (count > 0).then_some(Hidden { count, deciding })
    }

    fn failures(&self) -> usize {
        usize::from(self.deciding > 0)
    }

    /// One case: a filter must not make a suite with open findings look as if it had none.
    fn write<W: Write>(&self, view: &View<'_>, check: &CheckSummary, writer: &mut Writer<W>) -> io::Result<()> {
        let filter = view.head.filter.as_ref().map(FilterReport::listing).unwrap_or_default();
        let count = counted(self.count, "open finding is", "open findings are");
        let mut text = format!("{count} hidden by the filter ({filter})");
        let (element, result) = if self.deciding > 0 {
            text.push_str(&format!(
                "; the exit status depends on {}; run without the filter to see them",
                self.deciding
            ));
            let mut result = BytesStart::new("failure");
            result.push_attribute(("message", written(&text).as_str()));
            result.push_attribute(("type", "hidden"));
            ("failure", result)
        } else {
            ("skipped", BytesStart::new("skipped"))
        };
        writer.write_event(Event::Start(start_of_case("findings hidden by the filter", &check.check)))?;
        writer.write_event(Event::Start(result))?;
        writer.write_event(Event::Text(BytesText::new(&written(&text))))?;
        writer.write_event(Event::End(BytesEnd::new(element)))?;
        writer.write_event(Event::End(BytesEnd::new("testcase")))?;
        Ok(())
    }
}

fn count(view: &View<'_>) -> BTreeMap<String, Counts> {
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for finding in view.findings() {
        if !counts.contains_key(&finding.check) {
            counts.insert(finding.check.clone(), Counts::default());
        }
        let Some(counts) = counts.get_mut(&finding.check) else { continue };
        counts.tests += 1;
        match element(&finding) {
            Some("failure") => counts.failures += 1,
            Some("error") => counts.errors += 1,
            Some(_) => counts.skipped += 1,
            None => counts.passes += 1,
        }
    }
    counts
}

/// The element that says what came of a finding; none for one that passes.
fn element(finding: &Finding) -> Option<&'static str> {
    match finding.outcome {
        Outcome::Pass => None,
        _ if finding.waiver.is_some() => Some("skipped"),
        Outcome::Fail => Some("failure"),
        Outcome::Unknown => Some("error"),
        Outcome::Exempt | Outcome::NotApplicable => Some("skipped"),
    }
}

fn properties<W: Write>(view: &View<'_>, controls: &[String], writer: &mut Writer<W>) -> io::Result<()> {
    let run = &view.head.run;
    let controls = controls.join(", ");
    let filter = view.head.filter.as_ref().map(FilterReport::listing);
    let pairs = [
        ("organization", run.organization.as_str()),
        ("as_of", &run.as_of),
        ("snapshot", &run.snapshot),
        ("bundle", &run.bundle),
        ("tenure", &run.tool_version),
        ("controls", &controls),
    ];
    writer.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in pairs.into_iter().chain(filter.as_deref().map(|filter| ("filter", filter))) {
        let mut property = BytesStart::new("property");
        property.push_attribute(("name", name));
        property.push_attribute(("value", written(value).as_str()));
        writer.write_event(Event::Empty(property))?;
    }
    writer.write_event(Event::End(BytesEnd::new("properties")))?;
    Ok(())
}

fn case<W: Write>(view: &View<'_>, finding: &Finding, writer: &mut Writer<W>) -> io::Result<()> {
    let subject = &finding.subject;
    let level = finding.entitlement.as_ref().map(|level| format!(" {level}")).unwrap_or_default();
    let label = subject.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
    let case = start_of_case(&format!("{}{level}{label}", subject.id), &finding.check);
    let Some(element) = element(finding) else {
        writer.write_event(Event::Empty(case))?;
        return Ok(());
    };
    writer.write_event(Event::Start(case))?;
    let message = match &finding.waiver {
        Some(waiver) => format!("waived until {} ({}): {}", waiver.expires, waiver.id, waiver.reason),
        None => finding.message.clone(),
    };
    let mut result = BytesStart::new(element);
    // Jenkins' schema has no attributes here.
    let text = if element == "skipped" {
        message
    } else {
        result.push_attribute(("message", written(&message).as_str()));
        result.push_attribute(("type", finding.severity.word()));
        told(view, finding)
    };
    writer.write_event(Event::Start(result))?;
    writer.write_event(Event::Text(BytesText::new(&written(&text))))?;
    writer.write_event(Event::End(BytesEnd::new(element)))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))?;
    Ok(())
}

fn start_of_case(name: &str, check: &str) -> BytesStart<'static> {
    let mut case = BytesStart::new("testcase");
    case.push_attribute(("name", written(name).as_str()));
    case.push_attribute(("classname", check));
    case.push_attribute(("time", TIME));
    case
}

/// What a person needs to know, on a line: XML's white space is not to be relied on.
fn told(view: &View<'_>, finding: &Finding) -> String {
    let mut parts = vec![finding.message.clone()];
    parts.extend(view.place(finding).map(|(file, line)| format!("{file}:{line}")));
    parts.extend(finding.advice.as_ref().map(|advice| advice.text.clone()));
    parts.extend(finding.clock.as_ref().and_then(|clock| clock.due.as_ref()).map(|due| format!("due {due}")));
    parts.push(finding.id.clone());
    parts.join("; ")
}

/// The text without what XML 1.0 cannot hold, nor what acts on a terminal.
fn written(text: &str) -> String {
    safe::terminal(text).chars().filter(|letter| !matches!(letter, '\u{fffe}' | '\u{ffff}')).collect()
}
