//! What a problem's code means.

use crate::{
    cli::{
        console::Console,
        exit::{Failure, Status},
    },
    diagnostic::{Code, Diagnostic, suggest},
};

/// The page that has a section for every code.
const PROBLEMS: &str = include_str!("../../../docs/problems.md");

pub(super) fn run(wanted: &str, console: &Console) -> Result<Status, Failure> {
    let names = Code::ALL.iter().map(|code| code.name());
    let Some(code) = Code::ALL.iter().find(|code| code.name() == wanted) else {
        let problem = Diagnostic::error(Code::UnknownCode, format!("there is no code `{wanted}`"));
        return Err(Failure::one(problem.help(suggest(wanted, names))));
    };
    console.print(&format!("{code}: {}\n{}\n", code.title(), section(*code)))?;
    Ok(Status::Clean)
}

/// What the page says about a code.
fn section(code: Code) -> &'static str {
    let heading = |section: &&str| section.split_once('\n').is_some_and(|(name, _)| name.trim() == code.name());
    let section = PROBLEMS.split("\n### ").find(heading).unwrap_or_default();
    let text = section.split_once('\n').map_or("", |(_, text)| text);
    text.split("\n## ").next().unwrap_or_default().trim_end()
}
