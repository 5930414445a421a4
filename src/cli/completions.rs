//! `tenure completions` and `tenure man`.

use clap::CommandFactory;

use super::{
    Cli,
    arguments::CompletionsArguments,
    console::Console,
    exit::{Failure, Status},
};
use crate::diagnostic::{Code, Diagnostic};

/// Completions of a shell.
pub(super) fn run(arguments: &CompletionsArguments, console: &Console) -> Result<Status, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "tenure", &mut text);
    console.print(&String::from_utf8_lossy(&text))?;
    Ok(Status::Clean)
}

/// The manual page of the tool, with those of its commands behind it.
pub(super) fn manual(console: &Console) -> Result<Status, Failure> {
    let mut text = Vec::new();
    let command = Cli::command();
    let rendered = render(command, "tenure", &mut text);
    rendered.map_err(|error| {
        Failure::one(Diagnostic::error(Code::UnwritableFile, format!("cannot make the manual page: {error}")))
    })?;
    console.print(&String::from_utf8_lossy(&text))?;
    Ok(Status::Clean)
}

fn render(command: clap::Command, name: &str, text: &mut Vec<u8>) -> std::io::Result<()> {
    let subcommands: Vec<clap::Command> =
        command.get_subcommands().filter(|one| one.get_name() != "help").cloned().collect();
    clap_mangen::Man::new(command.display_name(name)).render(text)?;
    for subcommand in subcommands {
        let name = format!("{name}-{}", subcommand.get_name());
        render(subcommand, &name, text)?;
    }
    Ok(())
}
