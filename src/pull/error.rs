//! What goes wrong between here and a vendor.

use std::{fmt, time::Duration};

use crate::diagnostic::{Code, Diagnostic};

/// Why something could not be fetched.
#[derive(Debug, Clone)]
pub struct Error {
    /// Stable kebab-case name of the kind of problem.
    pub(super) code: Code,
    /// Who was asked: `Humaans`.
    pub(super) vendor: &'static str,
    /// What was asked for: `GET https://app.humaans.io/api/people`.
    pub(super) asked: String,
    /// The status of the answer, where there was one.
    pub(super) status: Option<u16>,
    /// What went wrong, in words.
    pub(super) what: String,
    /// What the vendor says.
    pub(super) message: Option<String>,
    /// What to do.
    pub(super) help: Option<String>,
    /// Whether asking again may help.
    pub(super) is_transient: bool,
    /// How long the vendor asks to wait.
    pub(super) wait: Option<Duration>,
}

impl Error {
    pub(super) fn new(code: Code, vendor: &'static str, asked: &str, what: impl Into<String>) -> Self {
        Error {
            code,
            vendor,
            asked: asked.to_owned(),
            status: None,
            what: what.into(),
            message: None,
            help: None,
            is_transient: false,
            wait: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A definite answer that this cannot be had: refused, or not there.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.status, Some(403 | 404 | 405 | 501))
    }

    /// What went wrong, without what to do.
    #[must_use]
    pub fn reason(&self) -> String {
        let status = self.status.map(|status| format!(" ({status})")).unwrap_or_default();
        let message = self.message.as_ref().map(|message| format!(": \"{message}\"")).unwrap_or_default();
        format!("{}: {} {}{status}{message}", self.asked, self.vendor, self.what)
    }

    /// What may be kept in a snapshot: the same without what the vendor says, which may be about anybody.
    #[must_use]
    pub fn kept(&self) -> String {
        let status = self.status.map(|status| format!(" ({status})")).unwrap_or_default();
        format!(
            "the pull failed: {}: {}{status}",
            self.vendor,
            self.code.name().trim_start_matches("pull-").replace('-', " ")
        )
    }

    /// The problem as it is shown where the pull goes on without what it is about.
    #[must_use]
    pub fn into_warning(self) -> Diagnostic {
        self.into_diagnostic().into_warning()
    }

    /// The problem as it is shown.
    #[must_use]
    pub fn into_diagnostic(self) -> Diagnostic {
        let problem = Diagnostic::error(self.code, self.reason());
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl std::error::Error for Error {}
