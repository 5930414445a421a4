//! What can be deleted from raw files.

use std::{collections::BTreeSet, fmt, fs, path::Path};

use serde_json::Value;

/// A raw file.
#[derive(Clone)]
pub(crate) struct RawText {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// What the lists of a source can prove: those that a total counts, and whether their pages are linked.
pub(crate) struct Proof {
    pub(crate) totals: BTreeSet<String>,
    pub(crate) pages: bool,
}

#[derive(Clone, PartialEq)]
enum What {
    /// The whole file.
    File,
    /// Keys or rows of JSON, by pointer.
    Json(Vec<String>),
    /// A column of CSV.
    Column(usize, String),
}

/// Something to delete from one file.
#[derive(Clone)]
pub(crate) struct Deletion {
    file: RawText,
    what: What,
}

impl fmt::Display for Deletion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::File => write!(out, "without the file {}", self.file.name),
            What::Json(pointers) => write!(out, "{} without {}", self.file.name, pointers.join(" and ")),
            What::Column(_, name) => write!(out, "{} without the column {name}", self.file.name),
        }
    }
}

impl Deletion {
    /// The deletion without the numbers of rows, to group by.
    pub(crate) fn kind(&self) -> String {
        let collection = collection(&self.file.name);
        match &self.what {
            What::File => format!("-{collection}"),
            What::Json(pointers) => {
                let general = |pointer: &String| {
                    let steps = pointer.split('/').map(|step| if step.parse::<usize>().is_ok() { "*" } else { step });
                    steps.collect::<Vec<_>>().join("/")
                };
                format!("-{collection}{}", pointers.iter().map(general).collect::<Vec<_>>().join("&"))
            }
            What::Column(_, name) => format!("-{collection}.{name}"),
        }
    }

    pub(crate) fn apply(&self, folder: &Path) {
        let path = folder.join(&self.file.name);
        match &self.what {
            What::File => fs::remove_file(path).unwrap(),
            What::Json(pointers) => {
                let mut value: Value = serde_json::from_str(&self.file.text).unwrap();
                // The last ones first, so that the numbers of rows hold.
                for pointer in pointers.iter().rev() {
                    delete(&mut value, pointer);
                }
                fs::write(path, value.to_string()).unwrap();
            }
            What::Column(index, _) => fs::write(path, without_column(&self.file.text, *index)).unwrap(),
        }
    }

    pub(crate) fn undo(&self, folder: &Path) {
        fs::write(folder.join(&self.file.name), &self.file.text).unwrap();
    }
}

/// The name of the collection that a file is a page of.
fn collection(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.split('.').next().unwrap_or(name);
    name.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end_matches('-').to_owned()
}

fn delete(value: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => drop(object.remove(&key.replace("~1", "/").replace("~0", "~"))),
        Some(Value::Array(list)) => drop(list.remove(key.parse().unwrap())),
        _ => panic!("{pointer} is nowhere"),
    }
}

fn without_column(text: &str, index: usize) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in reader.records() {
        let row = row.unwrap();
        writer.write_record(row.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, cell)| cell)).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Everything that can be deleted: single keys, rows, columns and files, the coarse ones first.
pub(crate) fn all(files: &[RawText], proof: &Proof) -> Vec<Deletion> {
    let mut coarse = Vec::new();
    let mut fine = Vec::new();
    for file in files {
        let one = |what| Deletion { file: file.clone(), what };
        let of_same = files.iter().filter(|other| collection(&other.name) == collection(&file.name)).count();
        if files.len() > 1 && (of_same == 1 || proof.pages) {
            coarse.push(one(What::File));
        }
        if !file.name.ends_with(".json") {
            let header = file.text.lines().next().unwrap_or_default().trim_start_matches('\u{feff}');
            let columns = header.split(',').enumerate();
            coarse.extend(columns.map(|(index, name)| one(What::Column(index, name.to_owned()))));
            continue;
        }
        let value: Value = serde_json::from_str(&file.text).unwrap();
        let counted = proof.totals.contains(&collection(&file.name));
        let mut pointers = Vec::new();
        walk(&value, "", counted, &mut pointers);
        for pointer in pointers {
            let is_coarse = pointer.matches('/').count() == 1;
            if is_coarse { &mut coarse } else { &mut fine }.push(one(What::Json(vec![pointer])));
        }
    }
    // Two keys at once: the last one before and the first one after a few.
    let singles = fine.clone();
    for (first, second) in singles.iter().zip(singles.iter().skip(3)) {
        let (What::Json(a), What::Json(b)) = (&first.what, &second.what) else { continue };
        let independent = !b[0].starts_with(&format!("{}/", a[0])) && a[0] < b[0] && !is_row(&a[0]) && !is_row(&b[0]);
        if first.file.name == second.file.name && independent {
            fine.push(Deletion { file: first.file.clone(), what: What::Json(vec![a[0].clone(), b[0].clone()]) });
        }
    }
    coarse.extend(fine);
    coarse
}

fn is_row(pointer: &str) -> bool {
    pointer.rsplit('/').next().is_some_and(|last| last.parse::<usize>().is_ok())
}

/// Every key, and the rows of the list of records if a total counts them.
fn walk(value: &Value, at: &str, counted: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                found.push(pointer.clone());
                walk(value, &pointer, counted, found);
            }
        }
        Value::Array(list) => {
            let are_records = counted && at.matches('/').count() <= 1;
            for (index, value) in list.iter().enumerate() {
                let pointer = format!("{at}/{index}");
                if are_records {
                    found.push(pointer.clone());
                }
                walk(value, &pointer, counted, found);
            }
        }
        _ => {}
    }
}

/// The coarse deletions and some of the others: the same in every run.
pub(crate) fn sample(deletions: Vec<Deletion>, size: usize) -> Vec<Deletion> {
    let is_coarse = |deletion: &Deletion| match &deletion.what {
        What::File | What::Column(..) => true,
        What::Json(pointers) => pointers.len() == 1 && pointers[0].matches('/').count() == 1,
    };
    let (mut sampled, mut others): (Vec<_>, Vec<_>) = deletions.into_iter().partition(is_coarse);
    sampled.truncate(size);
    // A small generator with a fixed seed shuffles the rest.
    let mut state: u64 = 14;
    for at in (1..others.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap() % (at + 1);
        others.swap(at, other);
    }
    sampled.extend(others.into_iter().take(size));
    sampled
}
