//! Verifying evidence: every digest, the signature, and the whole evaluation once more.

use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, File},
    io::BufReader,
    path::Path,
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    BUNDLE, MANIFEST, Manifest, REPORT, SIGNATURE,
    difference::{Comparison, Difference},
    judged::Judged,
    manifest::problem,
    signature::{AllowedSigners, Signed},
    write::measured,
};
use crate::{
    bundle::Bundle,
    diagnostic::{Code, Diagnostic, SourceFile},
    engine::{
        self, SEMANTICS,
        answer::{Options, Retention},
    },
    files,
    json::skips,
    model::read::{self, ReadSnapshot},
    report::{self, Baseline, Contents, LazyReport, View, json},
};

/// A manifest that is larger than this, in bytes, is refused.
const LARGEST_MANIFEST: u64 = 64 << 20;

/// Folders within folders that are looked into.
const DEPTH: usize = 16;

/// What to verify against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Against<'a> {
    /// The snapshot, where the evidence leaves it out.
    pub snapshot: Option<&'a Path>,
    /// Who may have signed; evidence has to be signed where this is given.
    pub signers: Option<&'a AllowedSigners>,
    /// Who has to have signed, of those.
    pub signer: Option<&'a str>,
    /// Policies that those of the evidence are compared with.
    pub policies: Option<Policies<'a>>,
}

/// The policies to compare with those that judged.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    /// Where they are, for people.
    pub place: &'a str,
    /// Their digest.
    pub digest: &'a str,
}

/// What came of verifying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verification {
    /// Version of this format.
    pub schema_version: String,
    /// Whether everything is as it was, and gave the same report again.
    pub verified: bool,
    /// Everything that is otherwise than it should be.
    pub differences: Vec<Difference>,
    /// What could not be verified, and why.
    pub incomplete: Vec<String>,
    /// Where the report differs from what this version of the semantics gives, for evidence of another version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged_otherwise: Option<Difference>,
    /// What is odd and keeps nothing from being verified.
    pub notes: Vec<String>,
    /// What is known of a signature.
    pub signature: SignatureReport,
    /// What was judged; left out where it could not be evaluated again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// Files whose digest was compared.
    pub files: usize,
}

/// What is known of a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignatureReport {
    /// Fingerprint of the key whose signature holds; `null` where none does.
    pub key: Option<String>,
    /// Whose key it is, by the list of allowed signers; `null` where none was given or it does not say.
    pub signer: Option<String>,
}

/// Verifies a directory of evidence. Rules are evaluated, so that the thread needs the stack of an evaluation.
///
/// # Errors
/// That it is no evidence, or none that can be trusted to be read: paths that lead out of it, symbolic links; or that
/// the bundle or the snapshot in it cannot be read.
pub fn verify(folder: &Path, against: Against<'_>) -> Result<Verification, Vec<Diagnostic>> {
    let present = present(folder)?;
    let text = manifest_bytes(folder, &present)?;
    let (manifest, unknown_fields) = Manifest::read(&text)?;
    let mut differences = files_that_differ(folder, &manifest, &present);
    let inputs_differ =
        differences.iter().any(|difference| difference.file != REPORT && manifest.entry(&difference.file).is_some());
    let signature = signature(folder, &text, &present, against, &mut differences);
    let (mut incomplete, mut notes) = (Vec::new(), Vec::new());
    notes.extend(skipped(MANIFEST, &unknown_fields));
    notes.extend(companions(&present));
    if let Some(Policies { place, digest }) = against.policies.filter(|policies| policies.digest != manifest.bundle) {
        let kept = &manifest.bundle;
        notes.push(match manifest.redacted {
            true => format!("its policies are redacted, so they cannot be compared with those of `{place}`"),
            false => format!("it was judged by other policies than those of `{place}`: {kept}, and there {digest}"),
        });
    }
    let mut judged = None;
    let mut judged_otherwise = None;
    let semantics = manifest.tool.semantics;
    let version = env!("CARGO_PKG_VERSION");
    if manifest.tool.version != version || manifest.tool.name != "tenure" {
        incomplete.push(format!(
            "it was made by {} {}, and this is tenure {version}: use that version to evaluate it again",
            manifest.tool.name, manifest.tool.version
        ));
    } else if !inputs_differ && semantics == SEMANTICS {
        let first = again(folder, &manifest, against, &mut differences, (&mut incomplete, &mut notes, &mut judged))?;
        differences.extend(first);
    } else if !inputs_differ {
        // Every digest is right, so nothing was altered: what is otherwise is due to the semantics.
        let by = format!(
            "it was judged by other semantics (version {semantics}, and this tenure judges by version {SEMANTICS})"
        );
        match again(folder, &manifest, against, &mut differences, (&mut incomplete, &mut notes, &mut judged)) {
            Ok(None) => notes.push(format!("{by}, which give the same report")),
            Ok(first) => {
                incomplete.push(format!("{by}, so the report differs without having been altered"));
                judged_otherwise = first;
            }
            Err(problems) => {
                let reason = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                incomplete.push(format!("{by}, which cannot judge its inputs: {reason}"));
            }
        }
    }
    Ok(Verification {
        schema_version: "1".to_owned(),
        verified: differences.is_empty() && incomplete.is_empty(),
        differences,
        incomplete,
        judged_otherwise,
        notes,
        signature,
        judged,
        files: manifest.files.len(),
    })
}

/// Endings of what others add to a manifest or its signature: time stamps (RFC 3161, OpenTimestamps) and signatures
/// (OpenPGP, CMS, minisign, Sigstore).
const COMPANIONS: [&str; 9] = ["asc", "minisig", "ots", "p7s", "pem", "sigstore", "sigstore.json", "tsq", "tsr"];

/// Whether a file is a time stamp of the manifest or another signature of it.
fn is_companion(name: &str) -> bool {
    let ending = name.strip_prefix(MANIFEST).and_then(|rest| rest.strip_prefix('.'));
    ending.is_some_and(|ending| COMPANIONS.contains(&ending.strip_prefix("sig.").unwrap_or(ending)))
}

fn companions(present: &BTreeSet<String>) -> impl Iterator<Item = String> {
    let companions = present.iter().filter(|name| is_companion(name));
    companions.map(|name| format!("`{name}` is a time stamp or a signature that Tenure does not check"))
}

/// Every file of the directory, by its path with `/`.
fn present(folder: &Path) -> Result<BTreeSet<String>, Vec<Diagnostic>> {
    let name = folder.display().to_string();
    if !folder.is_dir() {
        let message = format!("`{name}` is no directory of evidence");
        return Err(vec![problem(message).help("name the directory that `tenure check --evidence DIR` wrote")]);
    }
    let (mut present, mut problems) = (BTreeSet::new(), Vec::new());
    walk(folder, "", 0, &mut present, &mut problems);
    if problems.is_empty() { Ok(present) } else { Err(problems) }
}

fn walk(folder: &Path, prefix: &str, depth: usize, present: &mut BTreeSet<String>, problems: &mut Vec<Diagnostic>) {
    let unreadable = |error: &std::io::Error| {
        let message = format!("cannot read the directory `{}`: {}", folder.display(), files::plain(error));
        Diagnostic::error(Code::UnreadableFile, message)
    };
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) => return problems.push(unreadable(&error)),
    };
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < DEPTH => {
                walk(&entry.path(), &format!("{name}/"), depth + 1, present, problems);
            }
            Ok(kind) if kind.is_file() => {
                present.insert(name);
            }
            Ok(kind) if kind.is_symlink() => problems.push(problem(format!("`{name}` is a symbolic link"))),
            Ok(_) => problems.push(problem(format!("`{name}` is no regular file, or lies too deep"))),
            Err(error) => problems.push(unreadable(&error)),
        }
    }
}

fn manifest_bytes(folder: &Path, present: &BTreeSet<String>) -> Result<Vec<u8>, Vec<Diagnostic>> {
    if !present.contains(MANIFEST) {
        let message = format!("there is no `{MANIFEST}` in `{}`, so it is no evidence", folder.display());
        return Err(vec![problem(message)]);
    }
    let path = folder.join(MANIFEST);
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST_MANIFEST) {
        return Err(vec![problem(format!("`{MANIFEST}` is too large to be one"))]);
    }
    files::read_file(&path).map_err(|problem| vec![problem])
}

fn files_that_differ(folder: &Path, manifest: &Manifest, present: &BTreeSet<String>) -> Vec<Difference> {
    let mut differences = Vec::new();
    for entry in &manifest.files {
        if !present.contains(&entry.file) {
            differences.push(Difference::of(&entry.file, "is missing"));
            continue;
        }
        match measured(&folder.join(&entry.file)) {
            Ok((size, digest)) if size == entry.size && digest == entry.digest => {}
            Ok((_, digest)) => differences.push(Difference {
                kept: Some(digest),
                again: Some(entry.digest.clone()),
                ..Difference::of(&entry.file, "is not the file that the manifest names: its digest is another")
            }),
            Err(error) => {
                let message = format!("cannot be read: {}", files::plain(&error));
                differences.push(Difference::of(&entry.file, message));
            }
        }
    }
    let known = |name: &&String| {
        ![MANIFEST, SIGNATURE].contains(&name.as_str()) && !is_companion(name) && manifest.entry(name).is_none()
    };
    differences.extend(present.iter().filter(known).map(|name| Difference::of(name, "is not in the manifest")));
    differences
}

fn signature(
    folder: &Path,
    manifest: &[u8],
    present: &BTreeSet<String>,
    against: Against<'_>,
    differences: &mut Vec<Difference>,
) -> SignatureReport {
    if !present.contains(SIGNATURE) {
        if against.signers.is_some() {
            differences.push(Difference::of(SIGNATURE, "is missing: the evidence is not signed"));
        }
        return SignatureReport::default();
    }
    let read = files::read_file(&folder.join(SIGNATURE)).map_err(|problem| problem.message);
    let signed = match read.and_then(|signature| Signed::check(&signature, manifest).map_err(|error| error.to_string()))
    {
        Ok(signed) => signed,
        Err(reason) => {
            differences.push(Difference::of(SIGNATURE, reason));
            return SignatureReport::default();
        }
    };
    let key = signed.fingerprint();
    let signer = against.signers.and_then(|signers| signed.identity(signers, against.signer));
    if against.signers.is_some() && signer.is_none() {
        let who = against.signer.map_or_else(|| "anybody".to_owned(), |who| format!("`{who}`"));
        let message = format!("is by the key {key}, which is not that of {who} among the allowed signers");
        differences.push(Difference::of(SIGNATURE, message));
    }
    SignatureReport { key: Some(key), signer }
}

/// Evaluates once more, and compares: where the report first differs.
fn again(
    folder: &Path,
    manifest: &Manifest,
    against: Against<'_>,
    differences: &mut Vec<Difference>,
    (incomplete, notes, judged): (&mut Vec<String>, &mut Vec<String>, &mut Option<Judged>),
) -> Result<Option<Difference>, Vec<Diagnostic>> {
    let bundle = bundle(folder, manifest)?;
    if bundle.digest != manifest.bundle {
        differences.push(other_digest(BUNDLE, &bundle.digest, &manifest.bundle));
    }
    let kept = manifest.snapshot.file.as_deref().map(|file| {
        let path = folder.join(file);
        // A directory is named by the folder of the file that says what is in it.
        if file.contains('/') { path.parent().map(Path::to_path_buf).unwrap_or(path) } else { path }
    });
    let Some(path) = against.snapshot.map(Path::to_path_buf).or(kept) else {
        incomplete.push("the snapshot is not in it: name it with `--snapshot FILE` to evaluate it again".to_owned());
        return Ok(None);
    };
    let ReadSnapshot { snapshot, digest, unknown_fields } = read::file(&path)?;
    let name = against.snapshot.unwrap_or(path.strip_prefix(folder).unwrap_or(&path));
    notes.extend(skipped(&name.display().to_string(), &unknown_fields));
    if digest != manifest.snapshot.digest {
        let name = against.snapshot.map_or_else(|| "the snapshot".to_owned(), |path| path.display().to_string());
        differences.push(other_digest(&name, &digest, &manifest.snapshot.digest));
        return Ok(None);
    }
    let as_of: Timestamp =
        manifest.as_of.parse().map_err(|error| vec![problem(format!("`as_of` of `{MANIFEST}`: {error}"))])?;
    if let Some(id) = manifest.checks.iter().find(|id| bundle.check(id).is_none()) {
        return Err(vec![problem(format!("`{MANIFEST}` asks for the check `{id}`, which the bundle does not have"))]);
    }
    let earlier = manifest.baseline.as_deref().map(|file| report::read::file(&folder.join(file))).transpose()?;
    if let (Some(read), Some(file)) = (&earlier, manifest.baseline.as_deref()) {
        notes.extend(skipped(file, &read.unknown_fields));
    }
    let baseline = earlier.map(|read| Baseline::of(read.report));
    let contents = Contents::from(manifest.contents);
    let checks: HashSet<String> = manifest.checks.iter().cloned().collect();
    let options = Options {
        as_of: Some(as_of),
        checks: Some(checks).filter(|checks| !checks.is_empty()),
        keep: if contents == Contents::All { Retention::All } else { Retention::Reportable },
        followed: baseline.as_ref().map(Baseline::subjects).unwrap_or_default(),
        waiver_limits: manifest.waiver_limits.clone(),
        ..Options::default()
    };
    let failed = |reason: String| vec![Diagnostic::error(Code::Evaluation, reason)];
    let evaluation = engine::evaluate(&snapshot, &bundle, &options).map_err(|error| failed(error.to_string()))?;
    let judged_again = LazyReport::since(baseline.as_ref(), &evaluation, &digest, contents);
    *judged = Some(Judged::of(&judged_again.head, &bundle));
    // That it is missing has been said.
    let Ok(report) = File::open(folder.join(REPORT)) else { return Ok(None) };
    let mut comparison = Comparison::new(BufReader::new(report));
    let compared = json::write(&View::new(&judged_again.head, &judged_again), &mut comparison);
    let first = compared.and_then(|()| comparison.finish());
    first.map_err(|error| failed(format!("cannot read `{REPORT}`: {}", files::plain(&error))))
}

/// A note that names the fields of a file that are skipped.
fn skipped(file: &str, unknown_fields: &BTreeSet<String>) -> Option<String> {
    skips(unknown_fields).map(|skips| format!("`{file}`: {skips}"))
}

fn other_digest(what: &str, found: &str, expected: &str) -> Difference {
    Difference {
        kept: Some(found.to_owned()),
        again: Some(expected.to_owned()),
        ..Difference::of(what, "is not what was judged: its digest is another")
    }
}

/// The bundle of just the files that the manifest names.
fn bundle(folder: &Path, manifest: &Manifest) -> Result<Bundle, Vec<Diagnostic>> {
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for entry in &manifest.files {
        let Some(name) = entry.file.strip_prefix(BUNDLE) else { continue };
        match files::read_file(&folder.join(&entry.file)) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => sources.push(SourceFile::new(name, text)),
                Err(_) => problems.push(problem(format!("`{}` is not UTF-8 text", entry.file))),
            },
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Bundle::load(sources) } else { Err(problems) }
}
