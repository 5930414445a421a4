//! The fixtures, and how they are imported and judged.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tenure::{
    bundle::Bundle,
    diagnostic::{Diagnostic, SourceFile},
    engine::{self, answer::Options},
    ingest::{
        Normalized, Project, SourceConfig,
        assemble::{assemble, read_files},
        project::FileSource,
    },
    report::{self, Contents},
};

use crate::{
    common::{copy, root},
    compare::{Outcomes, outcomes},
    deletions::{Proof, RawText},
};

const AT: &str = "2026-11-20T09:00:00Z";

/// A project with files of some vendors.
pub(crate) struct Fixture {
    pub(crate) name: String,
    folder: tempfile::TempDir,
    project: Project,
    bundle: Bundle,
}

/// Every project of the repository with raw evidence, each vendor in one of them at least.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let keep = |text: &str| text.to_owned();
    let mut fixtures = vec![fixture("acme", &["fixtures/acme"], "policies", keep)];
    fixtures.push(fixture("globex", &["fixtures/globex"], "fixtures/globex/policies", keep));
    let by_truto = |text: &str| text.replace("format: merge, path: merge/", "format: truto-hris, path: truto-hris/");
    fixtures.push(fixture("globex by Truto", &["fixtures/globex"], "fixtures/globex/policies", by_truto));
    for (name, vendors) in [
        ("rehired-with-an-old-end-date", &["humaans", "truto-hris", "merge"][..]),
        ("contradiction-inside-a-scim-record", &[""][..]),
        ("merge-over-a-weak-upstream-token", &[""][..]),
        ("role-held-by-a-person-not-listed", &[""][..]),
        ("humaans-token-of-an-ordinary-user", &[""][..]),
        ("joined-aws-reports", &[""][..]),
        ("levels-of-scim-groups", &[""][..]),
    ] {
        let folders = ["tests/cases/common".to_owned(), format!("tests/cases/{name}")];
        let folders = folders.each_ref().map(String::as_str);
        for vendor in vendors {
            let template = root().join(folders[1]).join("tenure.template");
            let text = fs::read_to_string(template).map(|text| text.replace("VENDOR", vendor)).ok();
            let policies = format!("{}/policies", folders[1]);
            let config = |own: &str| text.clone().unwrap_or_else(|| own.to_owned());
            fixtures.push(fixture(&format!("{name} {vendor}"), &folders, &policies, config));
        }
    }
    fixtures
}

fn fixture(name: &str, folders: &[&str], policies: &str, config: impl Fn(&str) -> String) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    for from in folders {
        copy(&root().join(from), folder.path());
    }
    let path = folder.path().join("tenure.yaml");
    fs::write(&path, config(&fs::read_to_string(&path).unwrap())).unwrap();
    let project = Project::read(&path).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    Fixture { name: name.to_owned(), folder, project, bundle: bundle(&root().join(policies)) }
}

/// The shipped rules with the data of a folder. Nothing is assumed but that declarations hold.
fn bundle(folder: &Path) -> Bundle {
    let own = Bundle::files(folder).unwrap();
    let of_own = |name: &str| own.iter().any(|file| *file.name == *name);
    let is_shared = |file: &SourceFile| {
        let is_rule = file.name.ends_with(".cedar") || file.name.ends_with(".cedarschema");
        (is_rule || ["calendar.yaml", "org-roles.yaml"].contains(&&*file.name)) && !of_own(&file.name)
    };
    let mut files = Bundle::files(&root().join("policies")).unwrap();
    files.retain(is_shared);
    files.extend(own.clone());
    files.retain(|file| !file.name.starts_with("tests/"));
    files.retain(|file| !file.text.lines().any(|line| line.starts_with("assumptions:")));
    files.push(SourceFile::new("assumptions.yaml", "assumptions: [declarations-hold]\n"));
    Bundle::load(files).unwrap_or_else(|problems| panic!("{}: {problems:?}", folder.display()))
}

impl Fixture {
    fn sources(&self) -> usize {
        self.project.sources.len()
    }

    /// The sources to delete from. Globex by way of Truto differs in its staff list alone.
    pub(crate) fn tried(&self) -> std::ops::Range<usize> {
        0..if self.name == "globex by Truto" { 1 } else { self.sources() }
    }

    fn config(&self, at: usize) -> &FileSource {
        let SourceConfig::File(config) = &self.project.sources[at] else { panic!("a source of files is expected") };
        config
    }

    pub(crate) fn vendor(&self, at: usize) -> String {
        self.config(at).format.unwrap().to_string()
    }

    /// A copy of the project in which files can be deleted.
    pub(crate) fn copy(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(self.folder.path(), folder.path());
        folder
    }

    pub(crate) fn import(&self, folder: &Path, at: usize) -> Result<Normalized, Vec<Diagnostic>> {
        read_files(self.config(at), folder, AT.parse().unwrap(), &tenure::model::Zone::utc())
            .map(|read| read.normalized)
    }

    /// The raw files of a source.
    pub(crate) fn files(&self, at: usize) -> Vec<RawText> {
        let path = self.folder.path().join(&self.config(at).path);
        let mut paths: Vec<PathBuf> = if path.is_dir() {
            fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect()
        } else {
            vec![path]
        };
        paths.sort();
        let name = |path: &Path| path.strip_prefix(self.folder.path()).unwrap().display().to_string();
        paths.iter().map(|path| RawText { name: name(path), text: fs::read_to_string(path).unwrap() }).collect()
    }

    /// What the lists of a source can prove.
    pub(crate) fn proof(&self, at: usize, whole: &Normalized) -> Proof {
        let total = |name: &str| whole.source.collections.iter().any(|list| list.name == name && list.total.is_some());
        let names = whole.source.collections.iter().map(|list| list.name.clone());
        let totals = names.filter(|name| total(name)).collect();
        let pages = ["humaans", "merge", "truto-hris", "truto-user-directory", "scim"];
        Proof { totals, pages: pages.contains(&self.vendor(at).as_str()) }
    }

    /// The outcomes of the shipped checks on the whole project; `None` if it cannot be put together.
    pub(crate) fn outcomes(&self, folder: &Path) -> Option<Outcomes> {
        let sources = (0..self.sources()).map(|at| self.import(folder, at));
        let sources = sources.collect::<Result<Vec<_>, _>>().ok()?;
        let organization = self.project.organization.clone();
        let assembled = assemble(organization, AT.parse().unwrap(), &self.project.staff, sources).ok()?;
        let evaluation = engine::evaluate(&assembled.snapshot, &self.bundle, &Options::default()).unwrap();
        let mut out = Vec::new();
        let report = report::build(&evaluation, "sha256:0", Contents::All);
        report::json::write(&report::View::of(&report), &mut out).unwrap();
        Some(outcomes(&serde_json::from_slice::<Value>(&out).unwrap()))
    }
}
