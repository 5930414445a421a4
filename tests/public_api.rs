//! The public API: every public item that can be reached from the root of the crate, as `tests/public-api.txt` lists it.
//!
//! A change of that file is a change for those who use the library; docs/versioning.md says what may change when.
//! `UPDATE_EXPECTED=1` writes it again. The list comes from the syntax of `src` alone, so it knows no inferred types, no
//! implementations of traits, and no items that macros create.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, TraitItem, UseTree, Visibility};

type ModulePath = Vec<String>;

/// A module of `src`, public or not.
#[derive(Default)]
struct Module {
    items: Vec<Item>,
    /// Its public modules.
    public_modules: Vec<String>,
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| one.to_token_stream().to_string().replace(' ', "").starts_with("#[cfg(test)"))
}

fn read(path: &Path, module: ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let folder = if path.ends_with("src/lib.rs") { path.parent().unwrap().to_owned() } else { path.with_extension("") };
    add(file.items, &folder, module, modules);
}

fn add(items: Vec<Item>, folder: &Path, module: ModulePath, modules: &mut BTreeMap<ModulePath, Module>) {
    let mut this = Module::default();
    for item in items {
        let Item::Mod(inner) = item else {
            this.items.push(item);
            continue;
        };
        if is_test(&inner.attrs) {
            continue;
        }
        let name = inner.ident.to_string();
        if is_public(&inner.vis) {
            this.public_modules.push(name.clone());
        }
        let path = [module.clone(), vec![name.clone()]].concat();
        match inner.content {
            Some((_, items)) => add(items, &folder.join(&name), path, modules),
            None => read(&folder.join(format!("{name}.rs")), path, modules),
        }
    }
    modules.insert(module, this);
}

/// Tokens as one line.
fn text(tokens: impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        (" ;", ";"),
        ("' ", "'"),
        (" [", "["),
        ("[ ", "["),
        (" ]", "]"),
        ("->&", "-> &"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// The names that a `pub use` brings in, each with the path that it comes from.
fn imported(tree: &UseTree, before: &[String], all: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(path) => imported(&path.tree, &[before, &[path.ident.to_string()]].concat(), all),
        UseTree::Name(name) => all.push(([before, &[name.ident.to_string()]].concat(), name.ident.to_string())),
        UseTree::Rename(rename) => {
            all.push(([before, &[rename.ident.to_string()]].concat(), rename.rename.to_string()));
        }
        UseTree::Glob(_) => all.push((before.to_vec(), "*".to_owned())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, before, all)),
    }
}

fn fields(fields: &Fields, all: bool) -> String {
    let shown: Vec<String> = fields
        .iter()
        .filter(|field| all || is_public(&field.vis))
        .map(|field| {
            let name = field.ident.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            format!("{name}{}", text(&field.ty))
        })
        .collect();
    let hidden = if shown.len() == fields.len() { "" } else { ", .." };
    match fields {
        Fields::Unit => String::new(),
        Fields::Named(_) => format!(" {{ {}{hidden} }}", shown.join(", ")),
        Fields::Unnamed(_) => format!("({}{hidden})", shown.join(", ")),
    }
}

struct Api<'m> {
    modules: &'m BTreeMap<ModulePath, Module>,
    lines: BTreeSet<String>,
    seen: BTreeSet<(ModulePath, String)>,
}

impl Api<'_> {
    fn module(&mut self, module: &ModulePath, public: &str) {
        let this = &self.modules[module];
        for name in &this.public_modules {
            self.lines.insert(format!("{public}::{name}: mod"));
            self.module(&[module.clone(), vec![name.clone()]].concat(), &format!("{public}::{name}"));
        }
        for item in &this.items {
            if let Item::Use(import) = item {
                if is_public(&import.vis) {
                    let mut names = Vec::new();
                    imported(&import.tree, &[], &mut names);
                    for (from, name) in names {
                        self.reexport(module, &from, &name, public);
                    }
                }
            } else if let Some(name) = public_name(item) {
                self.item(module, &name, &format!("{public}::{name}"));
            }
        }
    }

    fn reexport(&mut self, module: &ModulePath, from: &[String], name: &str, public: &str) {
        let (first, rest) = from.split_first().unwrap();
        let path: ModulePath = match first.as_str() {
            "self" => [module.as_slice(), rest].concat(),
            "super" => [module.split_last().unwrap().1, rest].concat(),
            "crate" => rest.to_vec(),
            _ => [module.as_slice(), from].concat(),
        };
        if name == "*" {
            assert!(self.modules.contains_key(&path), "{public}: {from:?}");
            return self.module(&path, public);
        }
        let (last, parents) = path.split_last().unwrap();
        if self.modules.contains_key(&path) {
            self.module(&path, &format!("{public}::{name}"));
        } else if self.modules.contains_key(parents) {
            self.item(&parents.to_vec(), last, &format!("{public}::{name}"));
        } else {
            self.lines.insert(format!("{public}::{name}: use {}", from.join("::")));
        }
    }

    /// The item of this name in a module, with what belongs to it.
    fn item(&mut self, module: &ModulePath, name: &str, public: &str) {
        let this = &self.modules[module];
        let mut found = false;
        for item in this.items.iter().filter(|item| public_name(item).as_deref() == Some(name)) {
            found = true;
            let line = match item {
                Item::Const(one) => format!("const {}", text(&one.ty)),
                Item::Static(one) => format!("static {}", text(&one.ty)),
                Item::Fn(one) => text(&one.sig),
                Item::Type(one) => format!("type{} = {}", text(&one.generics), text(&one.ty)),
                Item::Struct(one) => format!("struct{}{}", text(&one.generics), fields(&one.fields, false)),
                Item::Enum(one) => {
                    for variant in &one.variants {
                        let line = format!("{public}::{}: variant{}", variant.ident, fields(&variant.fields, true));
                        self.lines.insert(line);
                    }
                    format!("enum{}", text(&one.generics))
                }
                Item::Trait(one) => {
                    for member in &one.items {
                        let member = match member {
                            TraitItem::Fn(one) => text(&one.sig),
                            TraitItem::Type(one) => format!("type {}", one.ident),
                            TraitItem::Const(one) => format!("const {}: {}", one.ident, text(&one.ty)),
                            _ => continue,
                        };
                        self.lines.insert(format!("{public}: {member}"));
                    }
                    format!("trait{}", text(&one.generics))
                }
                _ => panic!("`public_name` knows no others"),
            };
            self.lines.insert(format!("{public}: {line}"));
        }
        if !found {
            // The module may re-export it in its turn.
            for import in
                this.items.iter().filter_map(|item| if let Item::Use(import) = item { Some(import) } else { None })
            {
                let mut names = Vec::new();
                imported(&import.tree, &[], &mut names);
                if let Some((from, _)) = names.into_iter().find(|(_, known)| known == name && is_public(&import.vis)) {
                    let (_, parents) = from.split_last().unwrap();
                    let inner = [module.as_slice(), parents].concat();
                    if self.modules.contains_key(&inner) {
                        return self.item(&inner, name, public);
                    }
                }
            }
            // A macro creates it.
            self.lines.insert(format!("{public}: created elsewhere"));
        }
        if self.seen.insert((module.clone(), name.to_owned())) {
            self.methods(module, name, public);
        }
    }

    /// Public methods, from implementations in the module of the type, below it, around it and beside it. A module that
    /// has a type of this name means its own.
    fn methods(&mut self, module: &ModulePath, name: &str, public: &str) {
        let around = module.split_last().map_or(&[][..], |(_, around)| around);
        let has_its_own = |path: &ModulePath, other: &Module| {
            path != module && other.items.iter().any(|item| public_name(item).as_deref() == Some(name))
        };
        let near = self.modules.iter().filter(|(path, other)| {
            let is_beside = path.starts_with(around) && path.len() <= module.len() && !has_its_own(path, other);
            path.starts_with(module) || is_beside
        });
        for item in near.flat_map(|(_, module)| &module.items) {
            let Item::Impl(block) = item else { continue };
            let of = block.self_ty.to_token_stream().to_string();
            if block.trait_.is_some() || of.split(['<', ' ']).next() != Some(name) {
                continue;
            }
            for member in &block.items {
                let member = match member {
                    ImplItem::Fn(one) if is_public(&one.vis) && !is_test(&one.attrs) => text(&one.sig),
                    ImplItem::Const(one) if is_public(&one.vis) => format!("const {}: {}", one.ident, text(&one.ty)),
                    _ => continue,
                };
                self.lines.insert(format!("{public}: {member}"));
            }
        }
    }
}

/// The name of an item that is public where it is.
fn public_name(item: &Item) -> Option<String> {
    let (visibility, name, attributes) = match item {
        Item::Const(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Static(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Fn(one) => (&one.vis, &one.sig.ident, &one.attrs),
        Item::Type(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Struct(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Enum(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Trait(one) => (&one.vis, &one.ident, &one.attrs),
        _ => return None,
    };
    (is_public(visibility) && !is_test(attributes)).then(|| name.to_string())
}

#[test]
fn the_public_api_is_as_listed() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut modules = BTreeMap::new();
    read(&root.join("src/lib.rs"), Vec::new(), &mut modules);
    let mut api = Api { modules: &modules, lines: BTreeSet::new(), seen: BTreeSet::new() };
    api.module(&Vec::new(), "tenure");
    assert!(api.lines.len() > 100, "{}", api.lines.len());
    let now: String = api.lines.iter().map(|line| format!("{line}\n")).collect();
    let file = root.join("tests/public-api.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let listed = fs::read_to_string(&file).unwrap_or_default();
    let listed: BTreeSet<&str> = listed.lines().collect();
    let now: BTreeSet<&str> = now.lines().collect();
    let show = |sign: &str, lines: Vec<&&str>| lines.iter().map(|line| format!("\n{sign} {line}")).collect::<String>();
    let difference = show("-", listed.difference(&now).collect()) + &show("+", now.difference(&listed).collect());
    assert!(
        difference.is_empty(),
        "the public API changed; if that is meant, run with UPDATE_EXPECTED=1, and add a line to CHANGELOG.md:{difference}"
    );
}
