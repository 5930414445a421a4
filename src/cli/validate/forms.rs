//! The problems of a bundle for people, for programs, and for GitHub's annotations.

use crate::{
    cli::{
        arguments::{ValidateArguments, ValidateFormat},
        console::{self, Console, rest_of},
        exit::Failure,
    },
    diagnostic::{Diagnostic, Level, counted},
    report::{
        self,
        github::{data, property},
        safe::terminal,
    },
};

/// GitHub shows no more of each level in one step.
const ANNOTATIONS: usize = 10;

pub(super) fn write(problems: &[Diagnostic], arguments: &ValidateArguments, console: &Console) -> Result<(), Failure> {
    let text = match arguments.format {
        ValidateFormat::Text => text(problems, console),
        ValidateFormat::Json => json(problems),
        ValidateFormat::Github => github(problems),
    };
    console.print(&text)
}

fn count(problems: &[Diagnostic], level: Level) -> usize {
    problems.iter().filter(|problem| problem.level == level).count()
}

fn summary(problems: &[Diagnostic]) -> String {
    match (count(problems, Level::Error), count(problems, Level::Warning)) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => counted(warnings, "warning", "warnings"),
        (errors, 0) => counted(errors, "error", "errors"),
        (errors, warnings) => {
            format!("{} and {}", counted(errors, "error", "errors"), counted(warnings, "warning", "warnings"))
        }
    }
}

fn text(problems: &[Diagnostic], console: &Console) -> String {
    let mut text: String = console::shown(problems).into_iter().map(|problem| console.render(problem)).collect();
    text.push_str(&rest_of(problems.len()));
    text.push_str(&summary(problems));
    text.push('\n');
    text
}

fn json(problems: &[Diagnostic]) -> String {
    let document = serde_json::json!({
        "schema_version": "1",
        "errors": count(problems, Level::Error),
        "warnings": count(problems, Level::Warning),
        "problems": problems.iter().map(console::as_json).collect::<Vec<_>>(),
    });
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _written = report::json::write_value(&document, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Workflow commands: `::error file=…,line=…,col=…,title=…::…`.
fn github(problems: &[Diagnostic]) -> String {
    let mut text = String::new();
    for level in [Level::Error, Level::Warning] {
        let word = if level == Level::Error { "error" } else { "warning" };
        let of_level: Vec<&Diagnostic> = problems.iter().filter(|problem| problem.level == level).collect();
        let room = if of_level.len() > ANNOTATIONS { ANNOTATIONS - 1 } else { ANNOTATIONS };
        for problem in of_level.iter().take(room) {
            let help = problem.advice().map(|advice| format!("\n{}", terminal(&advice))).unwrap_or_default();
            let message = data(&format!("{}{help}", terminal(&problem.message)));
            text.push_str(&format!("::{word} {}title={}::{message}\n", place(problem), property(problem.code.name())));
        }
        if of_level.len() > room {
            let more = of_level.len() - room;
            text.push_str(&format!("::{word} title=tenure::and {more} more; run `tenure validate` to see them\n"));
        }
    }
    text
}

fn place(problem: &Diagnostic) -> String {
    let Some(place) = &problem.place else { return String::new() };
    let line = place.line_and_column().map(|(line, column)| format!("line={line},col={column},"));
    format!("file={},{}", property(place.file()), line.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, SourceFile};

    #[test]
    fn annotations_are_escaped_and_no_more_than_are_shown() {
        let file = SourceFile::new("a,b.yaml", "one\ntwo\n");
        let problem = Diagnostic::error(Code::BadId, "100 %\nof it").at(&file, 4..7).help("do this");
        let one = github(std::slice::from_ref(&problem));
        assert_eq!(one, "::error file=a%2Cb.yaml,line=2,col=1,title=bad-id::100 %25\\u{a}of it%0Ado this\n");
        let many = github(&vec![problem; 12]);
        assert_eq!(many.lines().count(), 10);
        assert!(many.ends_with("and 3 more; run `tenure validate` to see them\n"), "{many}");
    }
}
