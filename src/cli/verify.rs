//! `tenure verify`.

use std::io::{self, Write};

use super::{
    arguments::{ListFormat, VerifyArguments},
    console::Console,
    exit::{Failure, Status},
};
use crate::{
    diagnostic::counted,
    evidence::{
        Verification,
        signature::AllowedSigners,
        verify::{Against, verify},
    },
    files,
    report::{json, safe::terminal},
};

pub(super) fn run(arguments: &VerifyArguments, console: &Console) -> Result<Status, Failure> {
    let signers = arguments.allowed_signers.as_deref().map(|path| {
        let name = path.display().to_string();
        let bytes = files::read_file(path).map_err(Failure::one)?;
        let text = files::text(&name, &bytes).map_err(Failure::one)?;
        AllowedSigners::read(&name, text).map_err(Failure::input)
    });
    let signers = signers.transpose()?;
    let against = Against {
        snapshot: arguments.snapshot.as_deref(),
        signers: signers.as_ref(),
        signer: arguments.signer.as_deref(),
    };
    let verification = verify(&arguments.folder, against).map_err(Failure::input)?;
    console.deliver(None, &mut |out| match arguments.format {
        ListFormat::Json => json::write_value(&verification, out),
        ListFormat::Text => text(&verification, out),
    })?;
    Ok(if !verification.differences.is_empty() {
        Status::Findings
    } else if !verification.incomplete.is_empty() {
        Status::Incomplete
    } else {
        Status::Clean
    })
}

fn text(verification: &Verification, out: &mut dyn Write) -> io::Result<()> {
    let Verification { differences, incomplete, judged_otherwise, notes, signature, .. } = verification;
    if !differences.is_empty() {
        writeln!(out, "differs: {}", counted(differences.len(), "difference", "differences"))?;
    } else if judged_otherwise.is_some() {
        writeln!(out, "incomplete: every digest is right, and this version of tenure judges otherwise")?;
    } else if !incomplete.is_empty() {
        writeln!(out, "incomplete: every digest is right, but it was not evaluated again")?;
    } else {
        let files = counted(verification.files, "file", "files");
        writeln!(out, "verified: {files}, and the evaluation gave the same report again")?;
    }
    for difference in differences.iter().chain(judged_otherwise) {
        let line = difference.line.map(|line| format!(":{line}")).unwrap_or_default();
        let path = difference.path.as_deref().map(|path| format!(" {}", terminal(path))).unwrap_or_default();
        writeln!(out, "  {}{line}{path} {}", terminal(&difference.file), terminal(&difference.message))?;
        if let (Some(kept), Some(again)) = (&difference.kept, &difference.again) {
            writeln!(out, "      here:     {}", terminal(kept))?;
            writeln!(out, "      expected: {}", terminal(again))?;
        }
    }
    for reason in incomplete.iter().chain(notes) {
        writeln!(out, "  {}", terminal(reason))?;
    }
    match (&signature.key, &signature.signer) {
        (Some(key), Some(signer)) => writeln!(out, "signed by {} with {key}", terminal(signer)),
        (Some(key), None) => writeln!(out, "signed with {key}; name --allowed-signers to find out whose key that is"),
        (None, _) => writeln!(out, "no signature that holds: nothing here says who made it"),
    }
}
