//! What a problem's code means.

use crate::{
    cli::{
        console::Console,
        exit::{Failure, Status},
    },
    diagnostic::{Diagnostic, suggest},
};

/// The page that has a section for every code.
const PROBLEMS: &str = include_str!("../../../docs/problems.md");

pub(super) fn run(wanted: &str, console: &Console) -> Result<Status, Failure> {
    let sections: Vec<(&str, &str)> = sections().collect();
    let Some((code, text)) = sections.iter().find(|(code, _)| *code == wanted) else {
        let problem = Diagnostic::error("unknown-code", format!("there is no code `{wanted}`"));
        return Err(Failure::one(problem.help(suggest(wanted, sections.iter().map(|(code, _)| *code)))));
    };
    console.print(&format!("{code}\n{text}\n"))?;
    Ok(Status::Clean)
}

/// Every code with what the page says about it.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    PROBLEMS.split("\n### ").skip(1).filter_map(|section| {
        let section = section.split("\n## ").next()?;
        let (code, text) = section.split_once('\n')?;
        Some((code.trim(), text.trim_end()))
    })
}
