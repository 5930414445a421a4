//! The bundles that cases are judged by.

use std::path::Path;

use tenure::{bundle::Bundle, diagnostic::SourceFile};

use crate::{
    choose::{Choose, chance},
    generate::Declared,
    rules::{self, RuleText},
};

/// Groups of the shipped rules and of the random ones.
const ORG_ROLES: &str = "org_roles:\n\
    - { id: boss, groups: [top, top-management], match: { job_title: [Boss] } }\n\
    - { id: eng, match: { department: [Eng*] } }\n\
    - { id: dev, groups: [makers], match: { job_title: [Dev, D?], department: [Eng] } }\n\
    - { id: hand, people: [p2] }\n";

const SYSTEM: &str = "system: git\nmax_age: 7d\nprivileged: [admin]\naccess:\n\
    - { type: org-role, to: [eng, boss], levels: [write] }\n\
    - { type: ticket, levels: [admin], reason: per quarter, expires: 2027-03-31 }\n\
    - { type: account-class, to: [service, shared], levels: [write] }\n";

/// The groups of the pack `separation-of-duties`, of the levels that the cases have.
const GROUPS: &str = "entitlement_groups:\n\
    - { id: set-up-vendors, entitlements: [git/admin] }\n\
    - { id: approve-payments, entitlements: [git/write] }\n\
    - { id: approve-changes, entitlements: [git/login] }\n\
    - { id: deploy-production, entitlements: [git/admin, wiki/admin] }\n";

fn file(name: &str, text: &str) -> SourceFile {
    SourceFile::new(name, text)
}

fn load(files: Vec<SourceFile>) -> Bundle {
    Bundle::load(files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// A bundle of declarations and org roles, without checks.
fn data(declared: &Declared) -> Bundle {
    let mut files: Vec<SourceFile> = declared.files().iter().map(|(name, text)| file(name, text)).collect();
    files.push(file("org-roles.yaml", ORG_ROLES));
    load(files)
}

/// These rules, with these declarations; without rules only the data.
pub(crate) fn declaring(rules: Option<&Bundle>, declared: &Declared) -> Bundle {
    let data = data(declared);
    let Some(rules) = rules else { return data };
    let mut bundle = rules.clone();
    (bundle.people, bundle.accounts) = (data.people, data.accounts);
    (bundle.org_roles, bundle.evidence) = (data.org_roles, data.evidence);
    if let Some(git) = data.systems.get("git") {
        bundle.systems.entry("git".to_owned()).or_insert_with(|| git.clone()).accounts.clone_from(&git.accounts);
    }
    bundle.facts.extend(data.facts.into_iter().filter(|declared| declared.fact.name == "github"));
    bundle
}

/// The rules of the shipped bundle and of the packs as they are, with the data of the cases.
pub(crate) fn shipped() -> Bundle {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut files = Bundle::files(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let replaced = ["identities.yaml", "waivers.yaml", "org-roles.yaml"];
    let folders = ["systems/", "tests/"];
    files
        .retain(|file| !replaced.contains(&&*file.name) && !folders.iter().any(|folder| file.name.starts_with(folder)));
    files.extend([file("org-roles.yaml", ORG_ROLES), file("systems/git.yaml", SYSTEM)]);
    files.extend(packs());
    load(files)
}

/// The checks and rules of every pack.
fn packs() -> impl Iterator<Item = SourceFile> {
    let packs = Bundle::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("packs"));
    let packs = packs.unwrap_or_else(|problems| panic!("{problems:#?}"));
    packs.into_iter().filter(|file| !file.name.ends_with("tests.yaml")).map(|one| {
        let is_groups = one.name.ends_with("entitlement-groups.yaml");
        file(&format!("packs/{}", one.name), if is_groups { GROUPS } else { &one.text })
    })
}

/// Random rules, less those that Cedar calls impossible.
pub(crate) fn random(choose: &mut dyn Choose) -> Bundle {
    let texts: Vec<String> = (0..1 + choose.below(7))
        .map(|id| {
            let conditions =
                (0..choose.below(3)).map(|_| (choose.below(1000), chance(choose, 30), chance(choose, 30))).collect();
            let (person, scope, effect) = (chance(choose, 50), choose.below(100), choose.below(100));
            RuleText { person, scope, effect, conditions }.write(id)
        })
        .collect();
    rules::loaded("", &texts)
}
