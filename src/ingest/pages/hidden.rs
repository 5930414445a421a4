//! Hidden files in a source's folder. They are not read, and may hold more records of any of its lists.

use super::{
    doubt::{Doubt, Remedy},
    names::holds_data,
};
use crate::{
    diagnostic::{Code, Diagnostic, first_few},
    files::{self, RawFile},
    model::Basis,
};

/// The names of the hidden files that may hold records, by their names or by how they begin. What editors and macOS
/// leave beside a file holds none.
pub(in crate::ingest) fn with_data(hidden: &[RawFile]) -> Vec<String> {
    let may_hold_records = |file: &&RawFile| !files::is_leftover(&file.name) && holds_data(file);
    hidden.iter().filter(may_hold_records).map(|file| file.name.clone()).collect()
}

fn reason(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("hidden files of its folder were not read: {}", first_few(&names, ", "))
}

/// Why a list beside these hidden files may be incomplete. A total that matches rules it out.
pub(in crate::ingest) fn doubt(names: &[String], basis: Option<Basis>) -> Option<Doubt> {
    let is_open = !names.is_empty() && basis != Some(Basis::Total);
    is_open.then(|| Doubt::new(reason(names), Remedy::State))
}

/// Names the hidden files of a source.
pub(in crate::ingest) fn warning(source: &str, names: &[String]) -> Option<Diagnostic> {
    let warning = || Diagnostic::warning(Code::UnusedFile, format!("{source}: {}", reason(names)));
    (!names.is_empty()).then(|| warning().help("rename them without the dot, or move them away"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_hold_data_by_name_or_by_how_they_begin() {
        let file = |name: &str, text: &str| RawFile::new(name, text);
        let hidden = [
            file(".users.json", ""),
            file("a/.users-2", r#"[{"id": "#),
            file("._users.json", ""),
            file(".#users.json", ""),
            file(".DS_Store", "\0\0"),
            file(".gitignore", "raw"),
        ];
        assert_eq!(with_data(&hidden), [".users.json", "a/.users-2"]);
    }

    #[test]
    fn a_matching_total_rules_hidden_records_out() {
        let names = [".users.json".to_owned()];
        assert!(doubt(&names, Some(Basis::LastPage)).is_some() && doubt(&names, None).is_some());
        assert!(doubt(&names, Some(Basis::Total)).is_none() && doubt(&[], None).is_none());
    }
}
