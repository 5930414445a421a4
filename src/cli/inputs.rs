//! What every command needs that judges a snapshot: the snapshot, the policies, the day, the checks.

use std::{collections::HashSet, path::Path};

use super::{
    console::{self, Console},
    exit::Failure,
    locate,
};
use crate::{
    bundle::{Bundle, shipped},
    diagnostic::{Code, Diagnostic, suggest},
    engine::answer::Options,
    model::{
        Snapshot, WaiverLimits,
        read::{self, ReadSnapshot, Stream},
        time, write,
    },
};

/// What was asked for.
pub(super) struct Inputs<'a> {
    pub(super) snapshot: Option<&'a Path>,
    /// The built-in organisation, and unless others are named the built-in policies.
    pub(super) example: bool,
    pub(super) policies: Option<&'a Path>,
    pub(super) as_of: Option<&'a str>,
    pub(super) checks: &'a [String],
}

impl Inputs<'_> {
    /// The snapshot and the digest of its bytes. `usage` and `example` are commands to suggest where there is none.
    pub(super) fn snapshot(
        &self,
        (usage, example): (&str, &str),
        console: &Console,
    ) -> Result<(Snapshot, String), Failure> {
        match self.snapshot {
            Some(path) => {
                let read = read_snapshot(path, console)?;
                Ok((read.snapshot, read.digest))
            }
            None if self.example => {
                let bytes = shipped::EXAMPLE_SNAPSHOT.as_bytes();
                let snapshot = read::snapshot("the example", bytes).map_err(Failure::input)?;
                Ok((snapshot, write::digest(bytes)))
            }
            None => {
                let problem =
                    Diagnostic::error(Code::NothingToEvaluate, "no snapshot was given, so nothing was evaluated");
                let help = format!(
                    "make one with `tenure import humaans DIR -o snapshot.json` and name it: `{usage}`; or try the \
                     built-in example: `{example}`"
                );
                Err(Failure::nothing(problem.help(help)))
            }
        }
    }

    /// The snapshot to be read piece by piece, where that can be.
    pub(super) fn stream(&self) -> Option<Stream> {
        Stream::open(self.snapshot?).ok()
    }

    pub(super) fn bundle(&self, console: &Console) -> Result<Bundle, Failure> {
        let (bundle, place) = self.bundle_and_place()?;
        self.announce(&bundle, &place, console);
        Ok(bundle)
    }

    /// The policies, and where they were found.
    pub(super) fn bundle_and_place(&self) -> Result<(Bundle, String), Failure> {
        if self.example && self.policies.is_none() {
            return Ok((Bundle::shipped().map_err(Failure::input)?, locate::BUILT_IN.to_owned()));
        }
        locate::bundle(self.policies)
    }

    /// Says which policies judge where that may surprise, and what is odd about them.
    pub(super) fn announce(&self, bundle: &Bundle, place: &str, console: &Console) {
        if place == locate::BUILT_IN && !self.example {
            console.say(
                "no policies were found here, so the built-in ones judge, whose org roles, identities and access rules \
                 are an example's; name your own with --policies",
            );
        }
        if !(self.example && self.policies.is_none()) {
            let warnings = bundle.warnings.iter().chain(&bundle.unread_files).cloned().collect();
            console.warn(&console::below(Path::new(place), warnings));
        }
    }

    pub(super) fn options(&self, snapshot: &Snapshot, bundle: &Bundle) -> Result<Options, Failure> {
        let mut problems = Vec::new();
        let as_of = self.as_of.and_then(|text| {
            time::parse_instant(text, &snapshot.organization.time_zone)
                .map_err(|reason| problems.push(Diagnostic::error(Code::BadAsOf, format!("--as-of: {reason}"))))
                .ok()
        });
        for id in self.checks.iter().filter(|id| bundle.check(id).is_none()) {
            let problem = Diagnostic::error(Code::UnknownCheck, format!("--check: there is no check `{id}`"));
            problems.push(problem.help(suggest(id, bundle.checks.iter().map(|check| check.id.as_str()))));
        }
        if !problems.is_empty() {
            return Err(Failure::input(problems));
        }
        let checks: HashSet<String> = self.checks.iter().cloned().collect();
        let checks = Some(checks).filter(|checks| !checks.is_empty());
        Ok(Options { as_of, checks, waiver_limits: self.waiver_limits()?, ..Options::default() })
    }

    /// What waivers may be by the project's `tenure.yaml`, whatever policies judge; the built-in organisation is no
    /// project's.
    fn waiver_limits(&self) -> Result<WaiverLimits, Failure> {
        if self.example {
            return Ok(WaiverLimits::default());
        }
        Ok(locate::project()?.map(|(_, project)| project.waivers).unwrap_or_default())
    }
}

/// Reads a snapshot, and warns about the fields that are skipped.
pub(super) fn read_snapshot(path: &Path, console: &Console) -> Result<ReadSnapshot, Failure> {
    let read = read::file(path).map_err(Failure::input)?;
    console.warn(read.warning(&path.display().to_string()).as_slice());
    Ok(read)
}

/// An evaluation that came to nothing.
pub(super) fn failed(reason: impl std::fmt::Display) -> Failure {
    Failure::one(Diagnostic::error(Code::Evaluation, reason.to_string()))
}
