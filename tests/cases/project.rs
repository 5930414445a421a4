//! A project around a case, and what `tenure check` says of it.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use crate::common::{copy, root, run, stderr, stdout, tenure};

/// The instant at which every case was collected.
pub(crate) const AT: &str = "2026-11-20T09:00:00Z";

/// A folder with the project of a case.
pub(crate) struct Case {
    folder: tempfile::TempDir,
}

/// The project that `tenure init` writes, without its system files, with `common/` and the files of the case over it.
pub(crate) fn case(name: &str) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["init", "--quiet", "."]);
    assert!(output.status.success(), "{}", stderr(&output));
    fs::remove_dir_all(folder.path().join("policies/systems")).unwrap();
    let cases = root().join("tests/cases");
    copy(&cases.join("common"), folder.path());
    copy(&cases.join(name), folder.path());
    Case { folder }
}

impl Case {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `tenure` here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run(self.path(), arguments)
    }

    /// `tenure` here, to be run with an environment.
    #[cfg_attr(not(feature = "pull"), allow(dead_code, reason = "only pulls need one"))]
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        tenure(self.path(), arguments)
    }

    /// Imports into `snapshot.json`.
    pub(crate) fn import(&self) -> Import {
        let output = self.run(&["import", "-o", "snapshot.json", "--collected-at", AT]);
        Import { status: output.status.code().unwrap(), said: flat(&stderr(&output)) }
    }

    /// Judges `snapshot.json`.
    pub(crate) fn check(&self, arguments: &[&str]) -> Report {
        self.check_file("snapshot.json", arguments)
    }

    /// Judges a snapshot.
    pub(crate) fn check_file(&self, snapshot: &str, arguments: &[&str]) -> Report {
        let mut all = vec!["check", snapshot, "--all", "--format", "json"];
        all.extend(arguments);
        let output = self.run(&all);
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{snapshot}: {error}: {}", stderr(&output)));
        Report { json }
    }

    /// The text of a report in some format.
    pub(crate) fn check_as(&self, format: &str, arguments: &[&str]) -> String {
        let mut all = vec!["check", "snapshot.json", "--all", "--format", format];
        all.extend(arguments);
        flat(&stdout(&self.run(&all)))
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn write(&self, file: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn write_json(&self, file: &str, value: &Value) -> &Self {
        self.write(file, serde_json::to_string_pretty(value).unwrap())
    }

    /// Puts a file in the place of another one.
    pub(crate) fn put(&self, from: &str, to: &str) -> &Self {
        self.write(to, self.read(from))
    }

    /// Replaces a text that has to be in the file.
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no `{from}`");
        self.write(file, text.replace(from, to))
    }

    /// Writes `tenure.yaml` with these sources.
    pub(crate) fn sources(&self, sources: &[&str]) -> &Self {
        let mut text = "organization: { id: ex, name: Example Ltd, time_zone: Europe/London }\n\
                        policies: policies\nsources:\n"
            .to_owned();
        for source in sources {
            text.push_str(&format!("  - {{ {source} }}\n"));
        }
        self.write("tenure.yaml", text)
    }

    /// States what the bundle assumes, in place of the defaults.
    pub(crate) fn assume(&self, list: &str) -> &Self {
        self.write("policies/assumptions.yaml", format!("assumptions: {list}\n"))
    }
}

/// What an import ended with, and what it said.
pub(crate) struct Import {
    pub(crate) status: i32,
    pub(crate) said: String,
}

impl Import {
    /// That the import succeeded.
    #[track_caller]
    pub(crate) fn ok(&self) {
        assert_eq!(self.status, 0, "{}", self.said);
    }
}

/// A report of every finding.
pub(crate) struct Report {
    pub(crate) json: Value,
}

impl Report {
    /// The outcomes of a check, by subject, or by subject and level: `app/ann`, or `app/ann owner`.
    pub(crate) fn outcomes(&self, check: &str) -> BTreeMap<String, String> {
        let outcome = |finding: &Value| finding["outcome"].as_str().unwrap().to_owned();
        self.findings(check).map(|finding| (subject(finding), outcome(finding))).collect()
    }

    fn findings<'a>(&'a self, check: &'a str) -> impl Iterator<Item = &'a Value> {
        self.json["findings"].as_array().unwrap().iter().filter(move |finding| finding["check"] == check)
    }

    /// The outcomes of a check for an account or person, its levels included.
    pub(crate) fn of(&self, check: &str, subject: &str) -> Vec<String> {
        let outcomes = self.outcomes(check).into_iter();
        let is_of = |key: &str| key == subject || key.strip_prefix(subject).is_some_and(|rest| rest.starts_with(' '));
        outcomes.filter(|(key, _)| is_of(key)).map(|(_, outcome)| outcome).collect()
    }

    /// That the outcome is the right one. There is just one.
    #[track_caller]
    pub(crate) fn is(&self, check: &str, subject: &str, right: &[&str]) -> &Self {
        let [right] = right else { panic!("{check} {subject}: {right:?} is not one outcome") };
        let outcomes = self.outcomes(check);
        let outcome = outcomes.get(subject).unwrap_or_else(|| panic!("{check}: no {subject} in {outcomes:?}"));
        assert_eq!(outcome, right, "{check} {subject}: {}", self.text(check, subject));
        self
    }

    /// All that is said of a finding: message, reasons, facts and advice.
    #[track_caller]
    pub(crate) fn text(&self, check: &str, subject: &str) -> String {
        let mut found = self.findings(check).filter(|finding| self::subject(finding) == subject);
        found.next().unwrap_or_else(|| panic!("{check}: no {subject}")).to_string()
    }

    /// That the finding names all of these.
    #[track_caller]
    pub(crate) fn names(&self, check: &str, subject: &str, words: &[&str]) -> &Self {
        let text = self.text(check, subject);
        for word in words {
            assert!(text.contains(word), "{check} {subject} does not name `{word}`: {text}");
        }
        self
    }

    /// That the finding names one of these.
    #[track_caller]
    pub(crate) fn names_one_of(&self, check: &str, subject: &str, words: &[&str]) -> &Self {
        let text = self.text(check, subject);
        assert!(words.iter().any(|word| text.contains(word)), "{check} {subject} names none of {words:?}: {text}");
        self
    }

    /// That the report has this text somewhere.
    #[track_caller]
    pub(crate) fn has(&self, word: &str) -> &Self {
        assert!(self.json.to_string().contains(word), "the report does not name `{word}`: {}", self.json);
        self
    }

    /// Why the lists of a source are incomplete, by list.
    pub(crate) fn incomplete(&self, source: &str) -> &Value {
        let sources = self.json["sources"].as_array().unwrap();
        &sources.iter().find(|one| one["id"] == source).unwrap()["incomplete"]
    }
}

/// `app/ann`, or `app/ann owner` for a level.
fn subject(finding: &Value) -> String {
    let id = finding["subject"]["id"].as_str().unwrap();
    match finding["entitlement"].as_str() {
        None => id.to_owned(),
        Some(level) => format!("{id} {}", level.split_once('/').map_or(level, |(_, level)| level)),
    }
}

/// Without the line breaks of the terminal.
pub(crate) fn flat(text: &str) -> String {
    text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}
