//! `tenure verify`.

use std::io::{self, Write};

use super::{
    arguments::{ListFormat, VerifyArguments},
    console::Console,
    exit::{Failure, Status},
    locate,
};
use crate::{
    diagnostic::counted,
    evidence::{
        Verification,
        judged::Judged,
        signature::AllowedSigners,
        verify::{Against, Policies, verify},
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
    let policies = arguments.policies.as_deref().map(|folder| locate::bundle(Some(folder))).transpose()?;
    let against = Against {
        snapshot: arguments.snapshot.as_deref(),
        signers: signers.as_ref(),
        signer: arguments.signer.as_deref(),
        policies: policies
            .as_ref()
            .map(|(bundle, place)| Policies { place: place.as_str(), digest: bundle.digest.as_str() }),
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
    if let Some(judged) = &verification.judged {
        describe(judged, out)?;
    }
    match (&signature.key, &signature.signer) {
        (Some(key), Some(signer)) => writeln!(out, "signed by {} with {key}", terminal(signer)),
        (Some(key), None) => {
            writeln!(out, "signed with {key}; name --allowed-signers and --signer to find out whose key that is")
        }
        (None, _) => writeln!(out, "no signature that holds: nothing here says who made it"),
    }
}

/// What was judged, so that the right evidence is not taken for another.
fn describe(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let (name, id) = (terminal(&judged.organization_name), terminal(&judged.organization));
    writeln!(out, "organisation {name} ({id}), as of {}, collected {}", judged.as_of, judged.collected_at)?;
    for check in &judged.checks {
        let counts = &check.counts;
        let all = [
            (counts.fail, "fail"),
            (counts.unknown, "unknown"),
            (counts.waived, "waived"),
            (counts.exempt, "exempt"),
            (counts.pass, "pass"),
            (counts.not_applicable, "not applicable"),
        ];
        let counts: Vec<String> =
            all.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        let counts = if counts.is_empty() { "no subject".to_owned() } else { counts.join(", ") };
        writeln!(out, "  {}: {counts}", terminal(&check.check))?;
    }
    for rule in &judged.unconditional {
        let place = format!("{}:{}", rule.file, rule.line);
        writeln!(out, "  the rule {} ({}) asks for nothing: {}", terminal(&rule.rule), terminal(&place), rule.outcome)?;
    }
    Ok(())
}
