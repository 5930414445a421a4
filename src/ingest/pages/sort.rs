//! Files, sorted into the collections of a vendor.

use std::collections::BTreeMap;

use super::{
    collector::Collector,
    joined::Pages,
    layout::Layout,
    names::{Gap, PageNumbers, collection_of, holds_data, in_order, page_number, stem},
};
use crate::{
    diagnostic::{Code, Diagnostic, suggest},
    files::RawFile,
};

/// Sorts files into the collections of a vendor.
///
/// A file belongs to the collection that its name (`people.json`, `people-2.json`, `people_3.json`) or its folder
/// (`people/1.json`) names. Files of other names are reported and left alone.
///
/// # Errors
/// Every file that is not JSON or neither a list, an envelope nor a record.
pub fn sort(files: &[RawFile], layout: &'static Layout) -> Result<Pages, Vec<Diagnostic>> {
    let mut collector = Collector::new(layout);
    sort_into(&mut collector, files, layout)?;
    find_gaps(&mut collector, files, layout, PageNumbers::gap);
    Ok(collector.finish())
}

/// Doubts collections with a gap in the numbers of their pages. Where the pages do not say how many records there are,
/// that is all that tells of a missing one.
pub(in crate::ingest) fn find_gaps(
    collector: &mut Collector,
    files: &[RawFile],
    layout: &'static Layout,
    gap: impl Fn(&PageNumbers) -> Option<Gap>,
) {
    let names = layout.names();
    let mut numbers: BTreeMap<(&'static str, String), PageNumbers> = BTreeMap::new();
    for file in files {
        if let Some(name) = collection_of(&file.name, &names)
            && let Some((date, number)) = page_number(&file.name, name)
        {
            numbers.entry((name, date)).or_default().extend([number]);
        }
    }
    for ((name, _), numbers) in numbers {
        match gap(&numbers).filter(|_| !collector.has_total(name)) {
            Some(gap) if gap.is_certain => collector.doubt(name, gap.reason()),
            Some(gap) => collector.suspect(name, gap.reason()),
            None => {}
        }
    }
}

/// Sorts files on top of what a collector has already. Gaps in the numbers of pages are not looked for.
///
/// # Errors
/// As [`sort`].
pub(in crate::ingest) fn sort_into(
    collector: &mut Collector,
    files: &[RawFile],
    layout: &'static Layout,
) -> Result<(), Vec<Diagnostic>> {
    let names = layout.names();
    let mut problems = Vec::new();
    let mut files: Vec<&RawFile> = files.iter().collect();
    files.sort_by_key(|file| in_order(&file.name));
    let only = layout.lone_collection().filter(|_| files.len() == 1);
    for file in files {
        match collection_of(&file.name, &names).or(only) {
            Some(name) => problems.extend(collector.add(name, file).err()),
            None => {
                let stem = stem(file.name.rsplit('/').next().unwrap_or(&file.name));
                let problem =
                    Diagnostic::warning(Code::UnusedFile, format!("`{}` belongs to no collection", file.shown));
                if holds_data(file) {
                    collector.leave_unread(file.name.clone());
                }
                collector.warn(problem.in_file(&file.shown).help(suggest(&stem, names.iter().copied())));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
