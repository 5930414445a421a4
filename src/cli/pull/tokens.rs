//! Tokens: out of the environment, a file or a command, and nowhere else.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    cli::exit::Failure,
    diagnostic::Diagnostic,
    files,
    ingest::{Format, SourceConfig, project::SecretSource},
    pull::{Job, Token},
};

/// Every source with its tokens.
///
/// # Errors
/// Every token that cannot be had; nothing has been asked for then.
pub(super) fn jobs(sources: &[SourceConfig], folder: &Path) -> Result<Vec<Job>, Failure> {
    let mut jobs = Vec::new();
    let mut problems = Vec::new();
    for source in sources {
        let id = source.id(source.format().unwrap_or(Format::AccountsCsv));
        let mut read = |secret: Result<Option<SecretSource>, String>| -> Option<Token> {
            let found = secret.and_then(|secret| secret.map(|secret| token(&secret, folder)).transpose());
            found.unwrap_or_else(|reason| {
                let message = format!("the source `{id}` has no token: {reason}");
                problems.push(Diagnostic::error("missing-token", message).help(help(source)));
                None
            })
        };
        let (token, account_token) = (read(source.token()), read(source.account_token()));
        jobs.push(Job { source: source.clone(), token, account_token });
    }
    if problems.is_empty() { Ok(jobs) } else { Err(Failure::input(problems)) }
}

fn token(source: &SecretSource, folder: &Path) -> Result<Token, String> {
    let (text, origin) = match source {
        SecretSource::Environment(variable) => match std::env::var(variable) {
            Ok(text) => (text, format!("the environment variable {variable}")),
            Err(std::env::VarError::NotPresent) => {
                return Err(format!("the environment variable {variable} is not set"));
            }
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(format!("the environment variable {variable} is not text"));
            }
        },
        SecretSource::File(path) => {
            let bytes = std::fs::read(folder.join(path))
                .map_err(|error| format!("cannot read the file `{path}`: {}", files::plain(&error)))?;
            let text = String::from_utf8(bytes).map_err(|_| format!("the file `{path}` is not text"))?;
            (text, format!("the file `{path}`"))
        }
        SecretSource::Command(command) => (run(command, folder)?, format!("what `{}` prints", program(command))),
    };
    Token::new(&text, origin.clone()).map_err(|reason| format!("{origin}: {reason}"))
}

/// Runs a command without a shell. It may ask for a password: only its standard output is taken.
fn run(command: &str, folder: &Path) -> Result<String, String> {
    let shown = program(command);
    let words = shell_words::split(command).map_err(|_| format!("`token_command` for `{shown}` has an open quote"))?;
    let Some((program, arguments)) = words.split_first() else { return Err("`token_command` is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).stderr(Stdio::inherit());
    if folder.is_dir() {
        command.current_dir(folder);
    }
    let output = command.output().map_err(|error| format!("cannot run `{shown}`: {}", files::plain(&error)))?;
    if !output.status.success() {
        return Err(format!("`{shown}` failed ({})", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{shown}` prints what is not text"))
}

/// The command's name without its arguments, which may be secret.
fn program(command: &str) -> &str {
    command.split_whitespace().next().unwrap_or_default()
}

/// Where a token would come from, and whether it is there; no command is run.
pub(super) fn described(source: &SecretSource) -> String {
    match source {
        SecretSource::Environment(variable) => {
            let set = if std::env::var_os(variable).is_some() { "set" } else { "not set" };
            format!("the environment variable {variable} ({set})")
        }
        SecretSource::File(path) => format!("the file {path}"),
        SecretSource::Command(command) => format!("what `{}` prints", program(command)),
    }
}

fn help(source: &SourceConfig) -> String {
    match source {
        SourceConfig::Humaans(_) => {
            "make one in Humaans, with the scopes `public:read` and `private:read`, and put it there".to_owned()
        }
        SourceConfig::Merge(_) => "Merge needs the API key, and the token of the linked account".to_owned(),
        _ => "put it there, or say in tenure.yaml where it is".to_owned(),
    }
}
