//! What came of the tests, as JUnit XML.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{
    report::model::Finding,
    testing::report::{Failure, TestReport, TestResult},
};

pub(super) fn write(report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<TestSuite> = Vec::new();
    for result in &report.tests {
        if suites.last().is_none_or(|suite| suite.name.as_str() != result.file) {
            suites.push(TestSuite::new(result.file.as_str()));
        }
        if let Some(suite) = suites.last_mut() {
            suite.add_test_case(case(result));
        }
    }
    let mut junit = Report::new("tenure");
    junit.add_test_suites(suites);
    junit.serialize(&mut *out).map_err(io::Error::other)?;
    out.flush()
}

fn case(result: &TestResult) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !result.failures.is_empty() {
        let erred = result.failures.iter().any(|failure| matches!(failure, Failure::Error { .. }));
        status = TestCaseStatus::non_success(if erred { NonSuccessKind::Error } else { NonSuccessKind::Failure });
        let told: Vec<String> = result.failures.iter().map(told).collect();
        status.set_message(writable(told.first().map_or("", String::as_str)));
        status.set_description(writable(&told.join("\n")));
    }
    let mut case = TestCase::new(writable(&result.name), status);
    case.set_classname(result.file.as_str());
    case.extra.insert("line".into(), result.line.to_string().into());
    case
}

/// The text without what XML 1.0 cannot hold, even escaped.
fn writable(text: &str) -> String {
    let holds = |letter: &char| !matches!(letter, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(holds).collect()
}

fn told(failure: &Failure) -> String {
    match failure {
        Failure::Different { line, differences, explanation } => {
            let differences = differences
                .iter()
                .map(|one| format!("{}: expected `{}`, is `{}`", one.what, one.expected, one.actual))
                .collect::<Vec<_>>();
            format!("line {line}: {}: {}", asked(&explanation.finding), differences.join("; "))
        }
        Failure::NotAsked { line, check, subject, level, suggestion } => {
            let level = level.as_deref().map(|level| format!(" `{level}`")).unwrap_or_default();
            format!("line {line}: `{check}` is not asked of {subject}{level}: {suggestion}")
        }
        Failure::Unexpected { finding } => {
            format!("not expected: {}: {} ({})", asked(finding), finding.outcome, finding.message)
        }
        Failure::Error { reason } => reason.clone(),
    }
}

fn asked(finding: &Finding) -> String {
    let level = finding.entitlement.as_deref().map(|level| format!(" {level}")).unwrap_or_default();
    format!("{} of {}{level}", finding.check, finding.subject.id)
}
