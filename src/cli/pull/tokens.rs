//! Tokens: out of the environment, a file or a command, and nowhere else.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    cli::exit::Failure,
    diagnostic::Diagnostic,
    files,
    ingest::{SourceConfig, project::SecretSource},
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
        let id = source.name();
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
            let shown = file(path);
            let bytes = std::fs::read(folder.join(path))
                .map_err(|error| format!("cannot read {}: {}", file(path), files::plain(&error)))?;
            let text = String::from_utf8(bytes).map_err(|_| format!("{shown} is not text"))?;
            (text, shown)
        }
        SecretSource::Command(command) => {
            (run(command, folder)?, "what the command of `token_command` prints".to_owned())
        }
    };
    Token::new(&text, origin.clone()).map_err(|reason| format!("{origin}: {reason}"))
}

/// A path, unless it looks like the token itself.
fn file(path: &str) -> String {
    let is_path = path.contains(['/', '.', '\\']) || path.len() <= 16;
    if is_path { format!("the file `{path}`") } else { "the file of `token_file`".to_owned() }
}

/// Runs a command without a shell. It may ask for a password: only its standard output is taken.
fn run(command: &str, folder: &Path) -> Result<String, String> {
    // The command itself may hold a secret, and is not shown.
    let words = shell_words::split(command).map_err(|_| "`token_command` has an open quote".to_owned())?;
    let Some((program, arguments)) = words.split_first() else { return Err("`token_command` is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).stderr(Stdio::inherit());
    if folder.is_dir() {
        command.current_dir(folder);
    }
    let output = command
        .output()
        .map_err(|error| format!("cannot run the program of `token_command`: {}", files::plain(&error)))?;
    if !output.status.success() {
        return Err(format!("`token_command` failed ({})", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| "`token_command` prints what is not text".to_owned())
}

/// Where a token would come from, and whether it is there; no command is run.
pub(super) fn described(source: &SecretSource) -> String {
    match source {
        SecretSource::Environment(variable) => {
            let set = if std::env::var_os(variable).is_some() { "set" } else { "not set" };
            format!("the environment variable {variable} ({set})")
        }
        SecretSource::File(path) => format!("the file {path}"),
        SecretSource::Command(_) => "what the command of `token_command` prints".to_owned(),
    }
}

fn help(source: &SourceConfig) -> String {
    match source {
        SourceConfig::Humaans(_) => {
            "make a token in Humaans with the scopes `public:read` and `private:read`, and put it there".to_owned()
        }
        SourceConfig::Merge(_) => {
            "Merge needs two: the API key (`token_…`) and the token of the linked account (`account_token_…`)"
                .to_owned()
        }
        _ if matches!(source.token(), Ok(Some(SecretSource::Command(_)))) => {
            "`token_command` is run without a shell: no pipes, variables or `~`".to_owned()
        }
        _ => "put the token there, alone and on one line".to_owned(),
    }
}
