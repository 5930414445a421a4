//! `tenure fmt`: the official formatter over Cedar files. YAML and schemas are left alone.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use cedar_policy::PolicySet;
use cedar_policy_formatter::{Config, policies_str_to_pretty};
use similar::TextDiff;

use super::{
    arguments::FormatArguments,
    console::Console,
    exit::{Failure, Status},
    locate,
};
use crate::{
    diagnostic::{Code, Diagnostic, SourceFile, counted},
    files,
};

/// Formatted text goes where the unformatted came from.
enum Place {
    Stdin,
    File(PathBuf),
}

pub(super) fn run(arguments: &FormatArguments, console: &Console) -> Result<Status, Failure> {
    let inputs = inputs(arguments)?;
    let mut problems = Vec::new();
    let mut changed = Vec::new();
    for (place, file) in &inputs {
        match formatted(file, arguments.line_width) {
            Err(problem) => problems.push(problem),
            Ok(text) if matches!(place, Place::Stdin) && !arguments.check && !arguments.diff => console.print(&text)?,
            Ok(text) if *text != *file.text => changed.push((place, file, text)),
            Ok(_) => {}
        }
    }
    if !problems.is_empty() {
        return Err(Failure::input(problems));
    }
    for (place, file, text) in &changed {
        if arguments.diff {
            let diff = TextDiff::from_lines(&*file.text, text.as_str());
            let shown = diff.unified_diff().header(&file.name, &format!("{} (formatted)", file.name)).to_string();
            console.print(&shown)?;
        } else if arguments.check {
            console.say(&format!("{} is not formatted", file.name));
        } else if let Place::File(path) = place {
            replace(path, text)?;
            console.say(&format!("{} formatted", file.name));
        }
    }
    let files = counted(inputs.len(), "file", "files");
    Ok(match (changed.len(), arguments.check || arguments.diff) {
        (0, _) => {
            console.say(&format!("{files} formatted as {} should be", if inputs.len() == 1 { "it" } else { "they" }));
            Status::Clean
        }
        (_, true) => Status::Findings,
        (_, false) => Status::Clean,
    })
}

/// The files named, those of the folders named, those of the policies, or stdin.
fn inputs(arguments: &FormatArguments) -> Result<Vec<(Place, SourceFile)>, Failure> {
    if arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| {
            Failure::one(Diagnostic::error(
                Code::UnreadableFile,
                format!("cannot read stdin: {}", files::plain(&error)),
            ))
        })?;
        return Ok(vec![(Place::Stdin, SourceFile::new("stdin", text))]);
    }
    let named = match arguments.paths.as_slice() {
        [] => locate::folder(None)?.into_iter().collect(),
        paths => paths.to_vec(),
    };
    let mut inputs = Vec::new();
    for path in &named {
        for file in files::read_path_within(path, &locate::fence(path)).map_err(Failure::input)? {
            let is_named = !path.is_dir();
            if is_named || Path::new(&file.name).extension().is_some_and(|extension| extension == "cedar") {
                let text = files::text(&file.shown, &file.bytes).map_err(Failure::one)?;
                inputs.push((Place::File(PathBuf::from(&file.shown)), SourceFile::new(file.shown.as_str(), text)));
            }
        }
    }
    if inputs.is_empty() {
        let problem =
            Diagnostic::error(Code::NothingToEvaluate, "there are no .cedar files here, so nothing was formatted");
        return Err(Failure::nothing(problem.help("name files or folders: `tenure fmt policies`")));
    }
    Ok(inputs)
}

/// The text as the formatter writes it, which has to be the same policies with the same comments.
fn formatted(file: &SourceFile, line_width: u16) -> Result<String, Diagnostic> {
    let wrong = |reason: &str| {
        let message = format!("`{}` cannot be formatted: {reason}", file.name);
        Diagnostic::error(Code::CannotFormat, message).in_file(&*file.name)
    };
    let before = policies(&file.text)
        .map_err(|reason| wrong(&reason).help("see what is wrong with it with `tenure validate`"))?;
    let config = Config { line_width: usize::from(line_width), indent_width: 2 };
    let text = policies_str_to_pretty(&file.text, &config).map_err(|error| wrong(&error.to_string()))?;
    if policies(&text).as_ref() != Ok(&before) {
        return Err(wrong("the formatter would change what it means").help("this is worth a bug report"));
    }
    if comments(&text) != comments(&file.text) {
        return Err(wrong("the formatter would lose a comment").help("put each comment on a line of its own"));
    }
    Ok(text)
}

/// What the policies mean, whatever their layout.
fn policies(text: &str) -> Result<serde_json::Value, String> {
    let set: PolicySet = text.parse().map_err(|error: cedar_policy::ParseErrors| error.to_string())?;
    set.to_json().map_err(|error| error.to_string())
}

/// Every comment, in no order.
fn comments(text: &str) -> Vec<String> {
    let mut comments: Vec<String> = text.lines().filter_map(comment).collect();
    comments.sort();
    comments
}

/// What follows `//` outside of a string.
fn comment(line: &str) -> Option<String> {
    let mut quoted = false;
    let mut escaped = false;
    let mut last = ' ';
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '/' if last == '/' && !quoted => return Some(line.get(at + 1..)?.trim().to_owned()),
            _ => {}
        }
        last = letter;
    }
    None
}

/// Policies are no secret, and keep the permissions that they have.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let name = path.display().to_string();
    let written = std::fs::metadata(path).and_then(|metadata| {
        let folder = files::folder_of(path);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(metadata.permissions())?;
        file.persist(path).map(|_| ()).map_err(|error| error.error)
    });
    written.map_err(|error| {
        let message = format!("cannot write `{name}`: {}", files::plain(&error));
        Failure::one(Diagnostic::error(Code::UnwritableFile, message).in_file(name))
    })
}
