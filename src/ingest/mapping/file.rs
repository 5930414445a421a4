//! Files of mappings.

use std::path::Path;

use super::{load::of_document, model::Mapping, reference::OWN};
use crate::{
    diagnostic::{Code, Diagnostic, SourceFile},
    files::{self, Fence},
    ingest::Format,
    model::slug,
    yaml::Document,
};

/// Reads a mapping's file.
///
/// # Errors
/// Returns every problem of the file, each at its line and column.
pub fn read(path: &Path) -> Result<Mapping, Vec<Diagnostic>> {
    read_within(path, &Fence::none())
}

/// Maximum size of a mapping, in bytes.
pub(super) const MAX_FILE: u64 = 1 << 20;

/// Reads the file of a mapping that lies inside a fence.
///
/// # Errors
/// As for [`read`], and if the path leaves the fence.
pub(crate) fn read_within(path: &Path, fence: &Fence) -> Result<Mapping, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let bytes = files::read_regular(path, fence, MAX_FILE).map_err(|problem| vec![problem])?;
    let text = files::text(&name, &bytes).map_err(|problem| vec![problem])?;
    let stem = path.file_stem().map(|stem| slug(&stem.to_string_lossy())).unwrap_or_default();
    let document = Document::parse(&SourceFile::new(name, text)).map_err(|problem| vec![problem])?;
    let mapping = of_document(&document, "", &document.value, &stem)?;
    check_name(&document, "", &mapping).map_err(|problem| vec![problem])?;
    Ok(mapping)
}

/// A name that another format has would make reports ambiguous.
pub(in crate::ingest) fn check_name(document: &Document, at: &str, mapping: &Mapping) -> Result<(), Diagnostic> {
    let name = &mapping.format;
    if Format::from_word(name).is_none() && name != OWN {
        return Ok(());
    }
    let message = format!("`{name}` is the name of a built-in format");
    let place = if at.is_empty() { "format".to_owned() } else { format!("{at}.format") };
    let problem = Diagnostic::error(Code::TakenFormat, message).at(&document.file, document.span(&place));
    Err(problem.help(format!("name the mapping otherwise, such as `format: {name}-of-ours`")))
}
