//! `--redact-key`: what is judged instead of what was given, so that nothing that comes of it holds personal data.

use crate::{
    bundle::Bundle,
    cli::{
        arguments::CheckArguments,
        console::{self, Console},
        exit::Failure,
        inputs::{self, Inputs},
        locate,
    },
    diagnostic::SourceFile,
    evidence::{Redactor, redact, write::deciding},
    files,
    model::{Snapshot, WaiverLimits, read, write},
};

/// A snapshot and policies with pseudonyms.
pub(super) struct Redacted {
    redactor: Redactor,
    pub(super) snapshot: Snapshot,
    /// The snapshot as evidence keeps it.
    pub(super) bytes: Vec<u8>,
    pub(super) digest: String,
    pub(super) bundle: Bundle,
    pub(super) files: Vec<SourceFile>,
    /// Where the policies were found.
    pub(super) place: String,
}

impl Redacted {
    /// None where nothing is to be redacted.
    pub(super) fn wanted(
        arguments: &CheckArguments,
        inputs: &Inputs<'_>,
        console: &Console,
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = arguments.evidence.redact_key.as_deref() else { return Ok(None) };
        let key = files::read_file(path).map_err(Failure::one)?;
        let redactor = Redactor::new(&path.display().to_string(), &key).map_err(Failure::one)?;
        let (snapshot, _) = inputs.snapshot(("tenure check snapshot.json", "tenure check --example"), console)?;
        let (loaded, place) = inputs.bundle_and_place()?;
        let files = deciding(policies(arguments)?, &loaded).map_err(Failure::one)?;
        let files = redact::bundle(&redactor, files, &loaded).map_err(Failure::input)?;
        let bundle = Bundle::load(files.clone()).map_err(Failure::input)?;
        let bundle = Bundle { unread_files: loaded.unread_files, ..bundle };
        let bytes = write::to_json(&redactor.snapshot(snapshot));
        let bytes =
            bytes.map_err(|error| inputs::failed(format!("the redacted snapshot cannot be written: {error}")))?;
        // Read as anybody will read it who judges it again.
        let snapshot = read::snapshot("the redacted snapshot", &bytes).map_err(Failure::input)?;
        let digest = write::digest(&bytes);
        Ok(Some(Redacted { redactor, snapshot, bytes, digest, bundle, files, place }))
    }

    /// The limits of waivers, whose approvers are people too.
    pub(super) fn limits(&self, mut limits: WaiverLimits) -> WaiverLimits {
        limits.approvers.iter_mut().for_each(|approver| *approver = self.redactor.pseudonym(approver));
        limits
    }
}

/// The files of the policies that judge, as they are.
pub(super) fn policies(arguments: &CheckArguments) -> Result<Vec<SourceFile>, Failure> {
    let is_example = arguments.example && arguments.policies.is_none();
    let folder = if is_example { None } else { locate::folder(arguments.policies.as_deref())? };
    match folder {
        Some(folder) => Bundle::files_within(&folder, &locate::fence(&folder))
            .map_err(|problems| Failure::input(console::below(&folder, problems))),
        None => Ok(crate::bundle::shipped::files()),
    }
}
