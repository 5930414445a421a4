//! SSH signatures over a manifest, as `ssh-keygen -Y sign` and `ssh-keygen -Y verify` make and read them.

use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};
use wildmatch::WildMatch;

use crate::diagnostic::{Code, Diagnostic};

/// What a signature is for; one made for something else does not hold here.
pub const NAMESPACE: &str = "tenure-evidence";

/// A private key to sign with.
pub struct Signer {
    key: PrivateKey,
}

impl Signer {
    /// Reads a private key in OpenSSH's form.
    ///
    /// # Errors
    /// That it is none, is encrypted, or is of a kind that cannot sign here.
    pub fn read(name: &str, text: &str) -> Result<Self, Diagnostic> {
        let refuse = |reason: &str, help: &str| {
            Diagnostic::error(Code::EvidenceKey, format!("the key `{name}` {reason}")).in_file(name).help(help)
        };
        let key = PrivateKey::from_openssh(text).map_err(|error| {
            let help = "make one with `ssh-keygen -t ed25519 -N '' -f KEY`, and name the file without `.pub`";
            refuse(&format!("is no private key in OpenSSH's form: {error}"), help)
        })?;
        if key.is_encrypted() {
            let help =
                "leave out `--sign`, and sign with `ssh-keygen -Y sign -n tenure-evidence -f KEY DIR/manifest.json`";
            return Err(refuse("is encrypted, and tenure asks for no passphrase", help));
        }
        let signer = Signer { key };
        match signer.sign(b"") {
            Ok(_) => Ok(signer),
            Err(_) => Err(refuse("cannot sign here", "use an Ed25519 or ECDSA P-256 key")),
        }
    }

    /// The signature over these bytes, in its armour.
    ///
    /// # Errors
    /// That the key cannot sign.
    pub fn sign(&self, bytes: &[u8]) -> Result<String, Diagnostic> {
        let signature = SshSig::sign(&self.key, NAMESPACE, HashAlg::Sha512, bytes);
        let text = signature.and_then(|signature| signature.to_pem(LineEnding::LF));
        text.map_err(|error| Diagnostic::error(Code::EvidenceKey, format!("the key cannot sign: {error}")))
    }
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It has not the form of `ssh-keygen -Y`.
    #[error("is no SSH signature: {0}")]
    NotSsh(String),
    /// It was made for something else.
    #[error("was made for `{0}`, not for `{NAMESPACE}`")]
    AnotherNamespace(String),
    /// It is over other bytes, or Tenure does not know the kind of key.
    #[error("is not over this manifest, or is by a kind of key that tenure does not know")]
    NotOfThese,
}

/// A signature that holds for the bytes it was checked with.
#[derive(Debug, Clone)]
pub struct Signed {
    key: PublicKey,
}

impl Signed {
    /// Checks a signature over these bytes.
    ///
    /// # Errors
    /// Why it does not hold.
    pub fn check(signature: &[u8], bytes: &[u8]) -> Result<Self, SignatureError> {
        let signature = SshSig::from_pem(signature).map_err(|error| SignatureError::NotSsh(error.to_string()))?;
        if signature.namespace() != NAMESPACE {
            return Err(SignatureError::AnotherNamespace(signature.namespace().to_owned()));
        }
        let key = PublicKey::from(signature.public_key().clone());
        match key.verify(NAMESPACE, bytes, &signature) {
            Ok(()) => Ok(Signed { key }),
            Err(_) => Err(SignatureError::NotOfThese),
        }
    }

    /// The key's fingerprint, as `ssh-keygen -l` shows it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Whose key it is by a list of allowed signers: the wanted identity, or else the first that the list names.
    #[must_use]
    pub fn identity(&self, signers: &AllowedSigners, wanted: Option<&str>) -> Option<String> {
        let mine = signers.lines.iter().filter(|line| line.key == *self.key.key_data());
        let mut mine = mine.filter(|line| line.is_for_evidence());
        match wanted {
            Some(wanted) => mine.any(|line| line.names(wanted)).then(|| wanted.to_owned()),
            None => mine.next().map(|line| line.principals.join(",")),
        }
    }
}

/// Who may sign, in the form of `ssh-keygen`'s ALLOWED SIGNERS.
#[derive(Debug, Clone)]
pub struct AllowedSigners {
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    principals: Vec<String>,
    namespaces: Option<Vec<String>>,
    key: ssh_key::public::KeyData,
}

impl Line {
    fn is_for_evidence(&self) -> bool {
        let is_this = |pattern: &String| WildMatch::new(pattern).matches(NAMESPACE);
        self.namespaces.as_ref().is_none_or(|namespaces| namespaces.iter().any(is_this))
    }

    /// Whether the line speaks of an identity: some pattern fits, and none that begins with `!`.
    fn names(&self, identity: &str) -> bool {
        let fits = |pattern: &str| WildMatch::new(pattern).matches(identity);
        let is_denied = self.principals.iter().filter_map(|one| one.strip_prefix('!')).any(fits);
        !is_denied && self.principals.iter().any(|pattern| !pattern.starts_with('!') && fits(pattern))
    }
}

impl AllowedSigners {
    /// Reads a list.
    ///
    /// # Errors
    /// Every line that is not understood, certificate authorities and periods of validity among them: a line that
    /// says more than is understood must not let anybody in.
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut lines = Vec::new();
        let mut problems = Vec::new();
        for (index, text) in text.lines().enumerate() {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match line(text) {
                Ok(line) => lines.push(line),
                Err(reason) => {
                    let place = format!("{name}:{}", index + 1);
                    let message = format!("{place}: this allowed signer {reason}");
                    let problem = Diagnostic::error(Code::EvidenceKey, message).in_file(place);
                    problems.push(problem.help("write `IDENTITY namespaces=\"tenure-evidence\" ssh-ed25519 AAAA…`"));
                }
            }
        }
        if problems.is_empty() { Ok(AllowedSigners { lines }) } else { Err(problems) }
    }
}

fn line(text: &str) -> Result<Line, String> {
    let (principals, rest) = word(text);
    let principals = principals.trim_matches('"').split(',').map(str::to_owned).collect();
    let (options, key) = match word(rest) {
        (first, _) if is_kind_of_key(first) => ("", rest),
        (first, rest) => (first, rest),
    };
    let mut namespaces = None;
    for option in split_outside_quotes(options).filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("namespaces") => {
                namespaces = Some(value.trim_matches('"').split(',').map(str::to_owned).collect());
            }
            _ => return Err(format!("has the option `{option}`, which tenure does not understand")),
        }
    }
    let key = PublicKey::from_openssh(key.trim()).map_err(|error| format!("has no key that can be read: {error}"))?;
    Ok(Line { principals, namespaces, key: key.key_data().clone() })
}

fn is_kind_of_key(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
}

/// The first word, and what comes after it; blanks within quotes part nothing.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let mut is_quoted = false;
    let end = text.find(|letter: char| {
        is_quoted ^= letter == '"';
        letter.is_whitespace() && !is_quoted
    });
    text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""))
}

fn split_outside_quotes(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |letter: char| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    })
}
