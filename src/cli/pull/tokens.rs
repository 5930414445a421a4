//! Tokens: out of the environment, a file or a command, and nowhere else.

use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use crate::{
    cli::exit::Failure,
    diagnostic::{Code, Diagnostic},
    files,
    ingest::{
        SourceConfig,
        project::{SecretSource, TokenError},
    },
    pull::{Job, Token},
};

/// A token has a few KiB at most.
const MAX_OUTPUT: u64 = 64 << 10;

/// How often Tenure looks whether a command has ended.
const POLL: Duration = Duration::from_millis(10);

/// Every source with its tokens. A command that prints one may run for `limit`.
///
/// # Errors
/// Every token that cannot be had; nothing has been asked for then.
pub(super) fn jobs(sources: &[SourceConfig], folder: &Path, limit: Duration) -> Result<Vec<Job>, Failure> {
    let mut jobs = Vec::new();
    let mut problems = Vec::new();
    for source in sources {
        let id = source.name();
        let mut read = |secret: Result<Option<SecretSource>, TokenError>| -> Option<Token> {
            let found = secret
                .map_err(|error| error.to_string())
                .and_then(|secret| secret.map(|secret| token(&secret, folder, limit)).transpose());
            found.unwrap_or_else(|reason| {
                let message = format!("the source `{id}` has no token: {reason}");
                problems.push(Diagnostic::error(Code::MissingToken, message).help(help(source)));
                None
            })
        };
        let (token, account_token) = (read(source.token()), read(source.account_token()));
        jobs.push(Job { source: source.clone(), token, account_token });
    }
    if problems.is_empty() { Ok(jobs) } else { Err(Failure::input(problems)) }
}

fn token(source: &SecretSource, folder: &Path, limit: Duration) -> Result<Token, String> {
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
            (run(command, folder, limit)?, "what the command of `token_command` prints".to_owned())
        }
    };
    Token::new(&text, origin.clone()).map_err(|reason| format!("{origin}: {reason}"))
}

/// A path, unless it looks like the token itself.
fn file(path: &str) -> String {
    let is_path = path.contains(['/', '.', '\\']) || path.len() <= 16;
    if is_path { format!("the file `{path}`") } else { "the file of `token_file`".to_owned() }
}

/// Runs a command without a shell. It may ask for a password: only its standard output is taken. A command that runs too
/// long or prints too much is ended.
fn run(command: &str, folder: &Path, limit: Duration) -> Result<String, String> {
    // The command itself may hold a secret, and is not shown.
    let words = shell_words::split(command).map_err(|_| "`token_command` has an open quote".to_owned())?;
    let Some((program, arguments)) = words.split_first() else { return Err("`token_command` is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::inherit()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    if folder.is_dir() {
        command.current_dir(folder);
    }
    let end = Instant::now() + limit;
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot run the program of `token_command`: {}", files::plain(&error)))?;
    let result = output(&mut child, end, limit);
    if result.is_err() {
        let _ended_already = child.kill();
        let _status = child.wait();
    }
    let bytes = result?;
    String::from_utf8(bytes).map_err(|_| "`token_command` prints what is not text".to_owned())
}

/// What a command prints until it ends.
fn output(child: &mut Child, end: Instant, limit: Duration) -> Result<Vec<u8>, String> {
    let too_long = || {
        let seconds = limit.as_secs();
        format!("`token_command` did not end within {seconds} seconds; allow more with `--timeout SECONDS`")
    };
    let unreadable =
        |error: &std::io::Error| format!("cannot read what `token_command` prints: {}", files::plain(error));
    let Some(stdout) = child.stdout.take() else { return Err("`token_command` prints nothing".to_owned()) };
    let (sender, receiver) = mpsc::channel();
    // A program that the command started may hold the pipe open, so the thread is not waited for.
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(MAX_OUTPUT + 1).read_to_end(&mut bytes);
        let _receiver_may_be_gone = sender.send(read.map(|_| bytes));
    });
    let read = receiver.recv_timeout(end.saturating_duration_since(Instant::now())).map_err(|_| too_long())?;
    let bytes = read.map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_OUTPUT {
        return Err(format!("`token_command` prints more than {} KiB, which is no token", MAX_OUTPUT >> 10));
    }
    loop {
        match child.try_wait().map_err(|error| unreadable(&error))? {
            Some(status) if status.success() => return Ok(bytes),
            Some(status) => return Err(format!("`token_command` failed ({status})")),
            None if Instant::now() >= end => return Err(too_long()),
            None => std::thread::sleep(POLL),
        }
    }
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn ran(command: &str) -> Result<String, String> {
        let began = Instant::now();
        let result = run(command, Path::new("."), Duration::from_millis(300));
        assert!(began.elapsed() < Duration::from_secs(5), "{command} took {:?}", began.elapsed());
        result
    }

    #[test]
    fn a_command_prints_a_token_within_its_limits() {
        assert_eq!(ran("echo secret").unwrap(), "secret\n");
        assert!(ran("sleep 5").unwrap_err().contains("did not end within"));
        assert!(ran("sh -c 'echo secret; sleep 5'").unwrap_err().contains("did not end within"));
        assert!(ran("sh -c 'exec >&-; sleep 5'").unwrap_err().contains("did not end within"));
        assert!(ran("yes").unwrap_err().contains("more than 64 KiB"));
        assert!(ran("false").unwrap_err().contains("failed"));
    }
}
