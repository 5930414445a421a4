//! `tenure.yaml`: whose facts, from which sources, judged by which policies.

mod alone;
mod config;
mod secrets;
mod source;
mod source_config;
mod together;
mod token;
mod url;

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::{
    diagnostic::{Code, Diagnostic, SourceFile, suggest},
    files::{self, Fence},
    ingest::{
        Format,
        mapping::{self, MappingChoice, MappingRef},
    },
    yaml::Document,
};

pub use config::{LintLevel, Project};
pub use source::{
    FileSource, HumaansSource, KINDS, ListKind, MergeRegion, MergeSource, ScimSource, SourceConfig, TrutoModel,
    TrutoSource,
};
pub use token::{SecretSource, TokenError};
#[cfg(feature = "pull")]
pub(crate) use url::is_loopback;
pub use url::{UrlError, check_url};

/// The file's name, looked for from the working directory upwards.
pub const FILE_NAME: &str = "tenure.yaml";

/// The largest `tenure.yaml`, in bytes.
const MAX_FILE: u64 = 1 << 20;

impl Project {
    /// Reads a `tenure.yaml`.
    ///
    /// # Errors
    /// Every problem of the file, each at its line and column.
    pub fn read(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::read_within(path, &Fence::around(files::folder_of(path)))
    }

    /// Reads a `tenure.yaml` that lies inside a fence, once its links are followed.
    ///
    /// # Errors
    /// Every problem of the file, each at its line and column.
    pub fn read_within(path: &Path, fence: &Fence) -> Result<Self, Vec<Diagnostic>> {
        let name = path.display().to_string();
        let bytes = files::read_regular(path, fence, MAX_FILE).map_err(|problem| vec![problem])?;
        let text = files::text(&name, &bytes).map_err(|problem| vec![problem])?;
        let document = Document::parse(&SourceFile::new(name, text))
            .map_err(|problem| vec![if secrets::in_text(text) { secrets::without_text(problem) } else { problem }])?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let problems = match Self::of(&document, folder, fence) {
            Ok(project) => return Ok(project),
            Err(problems) => problems,
        };
        // A token that was written into the file must not be shown with the lines around a problem.
        Err(if secrets::any(&document.value) {
            problems.into_iter().map(secrets::without_text).collect()
        } else {
            problems
        })
    }

    fn of(document: &Document, folder: &Path, fence: &Fence) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        // Sources one by one, each by its own form.
        let mut sources = Vec::new();
        let mut rest = document.value.clone();
        if let Some(Value::Sequence(entries)) = document.get("sources") {
            for (index, entry) in entries.iter().enumerate() {
                match source(document, (folder, fence), &format!("sources[{index}]"), entry) {
                    Ok(source) => sources.push(source),
                    Err(found) => problems.extend(found),
                }
            }
            if let Some(mapping) = rest.as_mapping_mut() {
                mapping.remove("sources");
            }
        }
        match document.decode::<Project>("", &rest) {
            Ok(project) if problems.is_empty() => {
                let project = Project { sources, ..project };
                problems = together::problems(&project, document);
                if problems.is_empty() { Ok(project) } else { Err(problems) }
            }
            Ok(_) => Err(problems),
            Err(found) => {
                problems.extend(found);
                Err(problems)
            }
        }
    }

    /// The nearest `tenure.yaml` in a folder of a git repository and those above it, up to the root of the repository;
    /// without a repository, the one in the folder itself.
    #[must_use]
    pub fn find(folder: &Path) -> Option<PathBuf> {
        let depth = folder.ancestors().position(|folder| folder.join(".git").exists()).unwrap_or(0);
        // A link counts whatever it leads to: reading it says what is wrong with it.
        let mut candidates = folder.ancestors().take(depth + 1).map(|folder| folder.join(FILE_NAME));
        candidates.find(|candidate| candidate.symlink_metadata().is_ok_and(|file| !file.is_dir()))
    }
}

/// Reads one entry of `sources:` by the form that its `kind` asks for.
fn source(
    document: &Document,
    project: (&Path, &Fence),
    at: &str,
    entry: &Value,
) -> Result<SourceConfig, Vec<Diagnostic>> {
    let problem = |code: Code, message: String, place: &str| {
        Diagnostic::error(code, message).at(&document.file, document.span(place))
    };
    let kind_at = format!("{at}.kind");
    if !entry.is_mapping() {
        let problem = problem(Code::YamlForm, format!("`{at}`: a mapping of keys is expected"), at);
        return Err(vec![problem.help("write a source such as `{ kind: file, path: github.csv, system: github }`")]);
    }
    let Some(kind) = entry.get("kind") else {
        let problem = problem(Code::YamlForm, format!("`{at}`: the key `kind` is missing"), at);
        return Err(vec![problem.help(format!("add `kind:`; {}", suggest("", KINDS)))]);
    };
    let inline = secrets::inline(entry);
    if !inline.is_empty() {
        let said = inline.iter().map(|key| {
            let message = format!("`{at}`: the key `{key}` looks like a secret, which has no place in this file");
            let place = document.location(&format!("{at}.{key}")).to_string();
            let help = "take it out, and say where it is: `token_env: NAME`, `token_file: PATH` or `token_command: …`";
            Diagnostic::error(Code::SecretInFile, message).in_file(place).help(help)
        });
        return Err(said.collect());
    }
    let mut form = entry.clone();
    if let Some(mapping) = form.as_mapping_mut() {
        mapping.remove("kind");
    }
    let read = match kind.as_str() {
        Some("file") => file(document, project, at, &form).map(SourceConfig::File),
        Some("humaans") => document.decode(at, &form).map(SourceConfig::Humaans),
        Some("merge") => document.decode(at, &form).map(SourceConfig::Merge),
        Some("truto") => document.decode(at, &form).map(SourceConfig::Truto),
        Some("scim") => document.decode(at, &form).map(SourceConfig::Scim),
        _ => {
            let word = kind.as_str().unwrap_or_default();
            let what = if kind.is_string() {
                format!("`{word}` is not a kind of source")
            } else {
                "a word is expected".to_owned()
            };
            let problem = problem(Code::YamlForm, format!("`{kind_at}`: {what}"), &kind_at);
            return Err(vec![problem.help(suggest(word, KINDS))]);
        }
    };
    let source = read?;
    let problems: Vec<Diagnostic> = alone::problems(&source)
        .into_iter()
        .map(|(code, key, message, help)| {
            let place = if key.is_empty() { at.to_owned() } else { format!("{at}.{key}") };
            problem(code, format!("`{place}` {message}"), &place).help(help)
        })
        .collect();
    if problems.is_empty() { Ok(source) } else { Err(problems) }
}

/// A refused path of a mapping is shown where `tenure.yaml` names it.
fn placed(document: &Document, place: &str, problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let put = |problem: Diagnostic| match problem.code {
        Code::OutsideProject => problem.at(&document.file, document.span(place)),
        _ => problem,
    };
    problems.into_iter().map(put).collect()
}

/// Reads a source of files, with its mapping where it has one of its own.
fn file(
    document: &Document,
    (folder, fence): (&Path, &Fence),
    at: &str,
    form: &Value,
) -> Result<FileSource, Vec<Diagnostic>> {
    let mut source: FileSource = document.decode(at, form)?;
    let place = format!("{at}.mapping");
    let mapping = match (&source.mapping, form.get("mapping")) {
        (None, _) | (_, None) => {
            if source.format.is_some_and(|format| format.mapping().is_some_and(|mapping| !mapping.is_built_in())) {
                let message = format!("`{at}.format`: `mapping` is no format, and the source has no mapping");
                let place = document.span(&format!("{at}.format"));
                let problem = Diagnostic::error(Code::BadMapping, message).at(&document.file, place);
                return Err(vec![problem.help("name its file instead: `mapping: exports/tool.yaml`")]);
            }
            return Ok(source);
        }
        (Some(MappingChoice::Path(path)), _) => {
            mapping::read_within(&folder.join(path), fence).map_err(|problems| placed(document, &place, problems))?
        }
        (Some(MappingChoice::Inline(_)), Some(value)) => {
            let mapping = mapping::of_document(document, &place, value, "own-mapping")?;
            mapping::check_name(document, &place, &mapping).map_err(|problem| vec![problem])?;
            mapping
        }
    };
    if source.format.is_some() {
        let message = format!("`{at}` has a `format` and a `mapping`");
        let problem = Diagnostic::error(Code::BadMapping, message).at(&document.file, document.key_span(&place));
        return Err(vec![problem.help("keep one of them: a mapping is the format of your own export")]);
    }
    source.format = Some(Format::Mapped(MappingRef::of(mapping)));
    Ok(source)
}
