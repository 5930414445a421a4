//! `tenure check --evidence`.

use super::redacted::{self, Redacted};
use crate::{
    bundle::{Bundle, shipped},
    cli::{arguments::CheckArguments, console::Console, exit::Failure},
    evidence::{
        self, Asked, Material,
        signature::Signer,
        write::{deciding, refuse_existing},
    },
    files,
    report::{Contents, View},
};

/// What is needed to write evidence, found to be there before anything is judged.
pub(super) struct Evidence<'a> {
    arguments: &'a CheckArguments,
    folder: &'a std::path::Path,
    contents: Contents,
    signer: Option<Signer>,
}

impl<'a> Evidence<'a> {
    /// None where no evidence is wanted.
    pub(super) fn wanted(arguments: &'a CheckArguments, contents: Contents) -> Result<Option<Self>, Failure> {
        let options = &arguments.evidence;
        let Some(folder) = options.evidence.as_deref() else { return Ok(None) };
        refuse_existing(folder).map_err(Failure::one)?;
        let signer = options.sign.as_deref().map(|path| {
            let bytes = files::read_file(path)?;
            let name = path.display().to_string();
            Signer::read(&name, files::text(&name, &bytes)?)
        });
        let signer = signer.transpose().map_err(Failure::one)?;
        Ok(Some(Evidence { arguments, folder, contents, signer }))
    }

    pub(super) fn write(
        &self,
        view: &View<'_>,
        bundle: &Bundle,
        redacted: Option<&Redacted>,
        console: &Console,
    ) -> Result<(), Failure> {
        let arguments = self.arguments;
        let files = match redacted {
            Some(redacted) => redacted.files.clone(),
            None => deciding(redacted::policies(arguments)?, bundle).map_err(Failure::one)?,
        };
        let material = match (redacted, arguments.snapshot.as_deref()) {
            _ if arguments.evidence.omit_snapshot => Material::LeftOut,
            (Some(redacted), _) => Material::Bytes(&redacted.bytes),
            (None, Some(path)) => Material::Path(path),
            (None, None) => Material::Bytes(shipped::EXAMPLE_SNAPSHOT.as_bytes()),
        };
        let baseline = arguments.baseline.as_deref().map(files::read_file).transpose().map_err(Failure::one)?;
        let asked = Asked {
            checks: &arguments.checks,
            contents: self.contents,
            redacted: redacted.is_some(),
            baseline: baseline.as_deref(),
        };
        evidence::write(self.folder, view, &files, material, asked, self.signer.as_ref()).map_err(Failure::one)?;
        let name = self.folder.display();
        console.say(&format!("{name}: evidence; `tenure verify {name}` judges it again"));
        Ok(())
    }
}
