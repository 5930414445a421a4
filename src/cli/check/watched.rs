//! `tenure check --watch`: the whole report once, and then what every save changes of it.

use std::{
    borrow::Cow,
    io::{self, Write},
    path::PathBuf,
};

use super::evaluation::{emit, status, with_report};
use crate::{
    cli::{
        arguments::CheckArguments,
        console::Console,
        exit::{Failure, Status},
        locate, watch,
    },
    diagnostic::{Code, Diagnostic, counted},
    report::{
        Contents, Report, View,
        changes::{Changed, between},
        format::Format,
        model::Finding,
        safe::terminal,
        view::Findings,
    },
};

pub(super) fn run(arguments: &CheckArguments, console: &Console) -> Result<Status, Failure> {
    if arguments.format != Format::Text {
        let problem = Diagnostic::error(Code::BadUsage, "`--watch` shows changes as text, not in another format");
        return Err(Failure::one(problem.help("leave `--format` out")));
    }
    let mut paths: Vec<PathBuf> = arguments.snapshot.iter().cloned().collect();
    paths.extend(locate::folder(arguments.policies.as_deref())?);
    // Mistakes in what does not change by saving a file end it at once.
    let judge = || {
        with_report(arguments, Contents::All, console, |report, place, _| {
            let findings = report.findings().map(Cow::into_owned).collect();
            let whole = Report { findings, ..report.head.without_findings() };
            Ok((whole, place.map(str::to_owned), status(report, arguments)))
        })
    };
    let mut first = Some(judge()?);
    let mut known = None;
    watch::whenever(&paths, console, || {
        let shown = first.take().map_or_else(judge, Ok).and_then(|(judged, place, status)| {
            match known.take() {
                None => {
                    let listed = |finding: &&Finding| arguments.all || !finding.outcome.is_clean();
                    let findings = judged.findings.iter().filter(listed).cloned().collect();
                    let shown = Report { findings, ..judged.without_findings() };
                    emit(&View { policies: place.as_deref(), ..View::of(&shown) }, arguments, console)?;
                }
                Some(known) => {
                    console.deliver(None, &mut |out| changes(&between(&known, &judged), &judged, out))?;
                }
            }
            known = Some(judged);
            Ok(status)
        });
        shown.unwrap_or_else(|failure| {
            console.failure(&failure);
            failure.status
        })
    })
}

fn changes(changed: &[Changed<'_>], judged: &Report, out: &mut dyn Write) -> io::Result<()> {
    let totals = &judged.summary.totals;
    let count = if changed.is_empty() {
        "nothing changed".to_owned()
    } else {
        format!("{} changed", counted(changed.len(), "finding", "findings"))
    };
    writeln!(out, "\n{count}: now {} failed, {} unknown, {} passed", totals.fail, totals.unknown, totals.pass)?;
    for one in changed {
        let Some(finding) = one.after.or(one.before) else { continue };
        let word = |finding: Option<&Finding>| finding.map_or("not asked", |finding| finding.outcome.word());
        let level = finding.entitlement.as_deref().and_then(|one| one.rsplit('/').next());
        let level = level.map(|level| format!(" {}", terminal(level))).unwrap_or_default();
        let label = finding.subject.label.as_deref().map(|label| format!(" — {}", terminal(label))).unwrap_or_default();
        writeln!(
            out,
            "  {} → {}  {} {}{level}{label}",
            word(one.before),
            word(one.after),
            finding.check,
            terminal(&finding.subject.id)
        )?;
        if let Some(after) = one.after {
            writeln!(out, "      {}", terminal(&after.message))?;
        }
    }
    Ok(())
}
