//! The imports of the source: no folder imports from one above it, and no files import each other in a circle.
//!
//! An import is a path in `use` or in code that names an item of another file. A name that a parent re-exports counts
//! as an import of the file that defines it. Code for tests does not count.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Item, UseTree, Visibility,
    visit::{self, Visit},
};

/// The folders of `src`, bottom to top, each with those that it may import besides `BASE` and `model`.
const LAYERS: [(&str, &[&str]); 11] = [
    ("model", &[]),
    ("ingest", &[]),
    ("pull", &["ingest"]),
    ("bundle", &[]),
    ("resolve", &["bundle"]),
    ("engine", &["bundle", "resolve"]),
    ("report", &["bundle", "resolve", "engine"]),
    ("evidence", &["bundle", "resolve", "engine", "report"]),
    ("testing", &["bundle", "resolve", "engine", "report"]),
    ("prove", &["bundle", "engine", "testing"]),
    ("cli", &["ingest", "pull", "bundle", "resolve", "engine", "report", "evidence", "testing", "prove"]),
];

/// Modules that serve all folders. They import nothing but each other and `model`.
const BASE: [&str; 7] = ["diagnostic", "escape", "files", "format_version", "json", "vocabulary", "yaml"];

type Module = Vec<String>;

#[derive(Default)]
struct Source {
    /// Paths that the file names, absolute.
    imports: BTreeSet<Module>,
    /// Names that the file re-exports, with what they stand for.
    exports: BTreeMap<String, Module>,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn module_of(path: &Path) -> Module {
    let path = path.with_extension("");
    let parts = path.components().map(|part| part.as_os_str().to_str().unwrap().to_owned());
    parts.filter(|part| part != "lib" && part != "mod").collect()
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg") && condition.contains("test") && !condition.contains("not")
    })
}

/// A path as absolute; none if it begins with another crate or a local name.
fn absolute(path: &[String], module: &Module, children: &BTreeSet<String>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module.as_slice(), rest].concat()),
        "super" => {
            let up = path.iter().take_while(|part| *part == "super").count();
            let kept = module.get(..module.len().checked_sub(up)?)?;
            Some([kept, path.get(up..)?].concat())
        }
        _ if children.contains(first) => Some([module.as_slice(), path].concat()),
        _ => None,
    }
}

fn leaves(tree: &UseTree, before: &[String], found: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &[before, &[path.ident.to_string()]].concat(), found),
        UseTree::Name(name) if name.ident == "self" => found.push(before.to_vec()),
        UseTree::Name(name) => found.push([before, &[name.ident.to_string()]].concat()),
        UseTree::Rename(rename) => found.push([before, &[rename.ident.to_string()]].concat()),
        UseTree::Glob(_) => found.push(before.to_vec()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, before, found)),
    }
}

struct Reader<'r> {
    module: &'r Module,
    children: &'r BTreeSet<String>,
    source: Source,
}

impl Visit<'_> for Reader<'_> {
    fn visit_item(&mut self, item: &Item) {
        let attributes: &[Attribute] = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        let mut paths = Vec::new();
        leaves(&item.tree, &[], &mut paths);
        for path in paths {
            let Some(full) = absolute(&path, self.module, self.children) else { continue };
            match item.vis {
                Visibility::Inherited => _ = self.source.imports.insert(full),
                _ => _ = full.last().cloned().map(|name| self.source.exports.insert(name, full)),
            }
        }
    }

    // `pub(in crate::engine)` is no import.
    fn visit_visibility(&mut self, _: &Visibility) {}

    fn visit_path(&mut self, path: &syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if parts.len() > 1 {
            self.source.imports.extend(absolute(&parts, self.module, self.children));
        }
        visit::visit_path(self, path);
    }
}

/// Every file's module, with what it imports.
fn sources() -> BTreeMap<Module, Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let named = paths.iter().map(|path| (module_of(path.strip_prefix(&root).unwrap()), path));
    let named: BTreeMap<Module, &PathBuf> =
        named.filter(|(module, _)| module.iter().all(|part| part != "tests" && part != "main")).collect();
    let read = named.iter().map(|(module, path)| {
        let children = named.keys().filter(|one| one.len() == module.len() + 1 && one.starts_with(module));
        let children = children.filter_map(|one| one.last().cloned()).collect();
        let mut reader = Reader { module, children: &children, source: Source::default() };
        reader.visit_file(&syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap());
        (module.clone(), reader.source)
    });
    read.collect()
}

/// The file that defines what a path names, by way of re-exports.
fn home(path: &[String], sources: &BTreeMap<Module, Source>, depth: usize) -> Module {
    let known = (0..=path.len()).rev().find(|length| sources.contains_key(&path[..*length])).unwrap_or_default();
    let (module, rest) = path.split_at(known);
    let exported = rest.first().and_then(|name| sources.get(module)?.exports.get(name));
    match exported {
        Some(full) if depth < 8 => home(&[full.as_slice(), &rest[1..]].concat(), sources, depth + 1),
        _ => module.to_vec(),
    }
}

fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let sources = sources();
    let edges = sources.iter().map(|(module, source)| {
        let homes = source.imports.iter().map(|path| home(path, &sources, 0));
        (module.clone(), homes.filter(|to| to != module && !to.is_empty()).collect())
    });
    edges.collect()
}

#[test]
fn a_folder_imports_only_those_below_it() {
    let mut wrong = Vec::new();
    for (from, all) in imports() {
        let Some(folder) = from.first().map(String::as_str) else { continue };
        let below = LAYERS.iter().find(|(name, _)| *name == folder).map(|(_, below)| *below);
        let below = below.or_else(|| BASE.contains(&folder).then_some(&[][..]));
        let below = below.unwrap_or_else(|| panic!("give `src/{folder}` its layer"));
        for to in all {
            let target = to[0].as_str();
            if target != folder && target != "model" && !BASE.contains(&target) && !below.contains(&target) {
                wrong.push(format!("{} imports {}", from.join("::"), to.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point up or across:\n{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports();
    // Files that import nothing that is left are taken away, again and again. What stays is in a circle, or above one.
    let mut left: BTreeSet<&Module> = imports.keys().collect();
    loop {
        let free: Vec<&Module> =
            left.iter().copied().filter(|module| imports[*module].iter().all(|to| !left.contains(to))).collect();
        if free.is_empty() {
            break;
        }
        free.into_iter().for_each(|module| _ = left.remove(module));
    }
    // Files above a circle are shown too; take away those that no file of the rest imports.
    loop {
        let top: Vec<&Module> =
            left.iter().copied().filter(|one| !left.iter().any(|from| imports[*from].contains(*one))).collect();
        if top.is_empty() {
            break;
        }
        top.into_iter().for_each(|module| _ = left.remove(module));
    }
    let names: Vec<String> = left.iter().map(|module| module.join("::")).collect();
    assert!(names.is_empty(), "these files are in circles:\n{}", names.join("\n"));
}
