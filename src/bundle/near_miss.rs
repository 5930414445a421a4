//! Files in a policies folder that look like policies and are not read: another ending, another case, or hidden.
//!
//! A `forbid` in such a file decides nothing. Each such file is a warning.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_yaml::Value;

use super::data;
use crate::{
    diagnostic::{Code, Diagnostic},
    files::{self, Fence, Found, MAX_DEPTH, VERSION_CONTROL},
    yaml,
};

/// The endings of a bundle's files; others (a README, say) are left alone.
pub(crate) const ENDINGS: [&str; 4] = [".cedar", ".cedarschema", ".yaml", ".yml"];

/// Larger files are judged by their names alone.
const MAX_CONTENT: u64 = 1 << 20;

/// Once so much was read, in bytes, further files are judged by their names alone.
const MAX_READ: usize = 16 << 20;

/// Endings of prose, which may quote policies.
const PROSE: [&str; 6] = [".adoc", ".htm", ".html", ".markdown", ".md", ".rst"];

/// What else editors put beside a file that is read.
const LEFTOVER_ENDINGS: [&str; 4] = [".swo", ".swp", ".swx", ".un~"];

/// The edit distance within which an extension is likely a misspelt ending.
const DISTANCE: usize = 2;

/// A warning for each file that looks like a policy: of those that the bundle leaves out, and of hidden ones.
pub(super) fn warnings(folder: &Path, left_out: &[Found]) -> Vec<Diagnostic> {
    // Hidden files come last, so that a large cache does not use up the bytes that may be read.
    let readable = left_out.iter().filter(|file| file.refused.is_none());
    let mut candidates: Vec<(String, PathBuf)> = readable.map(|file| (file.name.clone(), file.path.clone())).collect();
    find_hidden(folder, "", 0, false, &mut candidates);
    let mut found: Vec<(String, String)> = Vec::new();
    let mut size = 0;
    for (name, path) in candidates {
        let is_read = size < MAX_READ;
        let read = is_read.then(|| files::read_regular(&path, &Fence::none(), MAX_CONTENT).ok()).flatten();
        let bytes = read.unwrap_or_default();
        size += bytes.len();
        found.extend(reason(&name, &bytes).map(|reason| (name, reason)));
    }
    found.sort();
    let warning = |(name, reason): (String, String)| {
        let help = "rename the file so that it is read, or move it out of the policies folder";
        Diagnostic::warning(Code::UnreadFile, format!("`{name}` is not read{reason}")).in_file(name).help(help)
    };
    found.into_iter().map(warning).collect()
}

/// Why a file looks like one that should be read, as the end of a sentence.
fn reason(name: &str, bytes: &[u8]) -> Option<String> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let is_leftover = files::is_leftover(base) || LEFTOVER_ENDINGS.iter().any(|ending| base.ends_with(ending));
    if is_leftover {
        return None;
    }
    let content = std::str::from_utf8(bytes).unwrap_or_default();
    let lower = base.to_lowercase();
    if let Some(ending) = ENDINGS.iter().find(|ending| lower.ends_with(*ending)) {
        if !base.ends_with(ending) {
            return Some(format!("; did you mean `{ending}`?"));
        }
        // Hidden settings of other tools are YAML, too.
        let is_policy = ending.starts_with(".cedar") || is_data(content);
        return is_policy.then(|| ", since it or its folder is hidden".to_owned());
    }
    if PROSE.iter().any(|ending| lower.ends_with(ending)) {
        return None;
    }
    // `.cedar.txt`, `.yaml.bak`
    let inner =
        ENDINGS.iter().find(|ending| lower.contains(&format!("{ending}.")) || lower.contains(&format!("{ending}~")));
    let near = || {
        let (_, extension) = lower.rsplit_once('.')?;
        let close = |ending: &&&str| strsim::damerau_levenshtein(ending.trim_start_matches('.'), extension) <= DISTANCE;
        ENDINGS.iter().find(close)
    };
    match inner.or_else(near) {
        Some(ending) if ending.starts_with(".cedar") => {
            // The name of one that is half written counts as well.
            (inner.is_some() || is_cedar(content)).then(|| format!("; did you mean `{ending}`?"))
        }
        _ if is_data(content) => Some("; did you mean `.yaml`?".to_owned()),
        _ if is_cedar(content) => Some("; did you mean `.cedar`?".to_owned()),
        _ => None,
    }
}

/// Whether a text is YAML (or JSON) with a key that says what a file of a bundle is for.
fn is_data(text: &str) -> bool {
    // Snapshots and reports hold people and accounts as well; they say which format they are.
    let keys = data::FILE_KEYS.iter().copied();
    let Ok(Value::Mapping(fields)) = yaml::value(text) else {
        // The first key still identifies a file that is half written.
        return text
            .lines()
            .any(|line| keys.clone().any(|key| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))));
    };
    !fields.contains_key("schema_version") && keys.into_iter().any(|key| fields.contains_key(key))
}

/// Whether a text holds Cedar: a policy, or the declaration of an action or of an entity.
fn is_cedar(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        let begins = |word: &str, next: &[char]| {
            line.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with(next) || rest.trim().is_empty())
        };
        begins("permit", &['(']) || begins("forbid", &['(']) || (line.starts_with("@id(") && text.contains(';'))
    }) || (text.contains("appliesTo") && text.contains("action "))
}

/// Hidden files, and files in hidden folders.
fn find_hidden(folder: &Path, prefix: &str, depth: usize, is_hidden: bool, found: &mut Vec<(String, PathBuf)>) {
    // What cannot be listed here, or lies deeper, is an error of reading the bundle.
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_hidden = is_hidden || name.starts_with('.');
        let (path, relative) = (entry.path(), format!("{prefix}{name}"));
        // Links of hidden folders may lead anywhere.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            if depth < MAX_DEPTH && !VERSION_CONTROL.contains(&name.as_str()) {
                find_hidden(&path, &format!("{relative}/"), depth + 1, is_hidden, found);
            }
        } else if is_hidden && kind.is_file() {
            found.push((relative, path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORBID: &str = "@id(\"x\")\nforbid (principal, action, resource);\n";
    const SYSTEM: &str = "system: app\nname: App\n";

    #[test]
    fn names_that_are_nearly_those_of_policies_are_noticed() {
        for (name, text) in [
            ("freeze.CEDAR", FORBID),
            ("freeze.Cedar", ""),
            ("freeze.cedar.txt", FORBID),
            ("freeze.cedar.bak", FORBID),
            ("freeze.cedar~", FORBID),
            ("freeze.ceder", FORBID),
            ("freeze.cdear", FORBID),
            ("freeze.txt", FORBID),
            ("freeze", FORBID),
            (".freeze.cedar", FORBID),
            (".drafts/freeze.cedar", FORBID),
            ("checks.cedarSchema", ""),
            ("checks.cedarscheme", "action \"x\" appliesTo {};"),
            ("app.YAML", SYSTEM),
            ("app.Yml", ""),
            ("app.yaml.txt", SYSTEM),
            ("app.json", SYSTEM),
            ("app.json", "{\"system\": \"app\"}"),
            ("app.yaml.bak", "system: [half written\n"),
            (".app.yaml", SYSTEM),
            ("w.txt", "waivers:\n  - { id: W-1 }\n"),
        ] {
            assert!(reason(name, text.as_bytes()).is_some(), "{name}: {text}");
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        for (name, text) in [
            ("README.md", "```cedar\npermit (principal, action, resource);\n```\n"),
            ("notes.txt", "We permit nothing, and we forbid (nearly) nothing.\n"),
            ("snapshot.json", "{\"schema_version\": \"1\", \"people\": [], \"accounts\": []}"),
            ("package.json", "{\"name\": \"x\", \"version\": \"1\"}"),
            (".pre-commit-config.yaml", "repos: []\n"),
            (".prettierrc.yaml", "printWidth: 100\n"),
            (".freeze.cedar.swp", "b0VIM\0"),
            ("._freeze.cedar", "\0\0"),
            (".#freeze.cedar", ""),
            ("LICENSE", "Permission is hereby granted\n"),
            ("pom.xml", "<project/>"),
            ("logo.png", "\u{1}"),
            ("justfile", "test:\n  tenure test\n"),
        ] {
            assert_eq!(reason(name, text.as_bytes()), None, "{name}: {text}");
        }
    }
}
