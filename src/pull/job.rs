//! What a pull is asked for, and its progress.

use crate::{files::Fence, ingest::SourceConfig, model::Zone};

use super::{limits::Limits, token::Token};

/// What a source is pulled with.
#[derive(Debug)]
pub struct Job {
    /// What `tenure.yaml` says of it.
    pub source: SourceConfig,
    /// Its token; none for files.
    pub token: Option<Token>,
    /// Its second token, for a source that takes two.
    pub account_token: Option<Token>,
}

/// How to pull.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bounds on time, size and number.
    pub limits: Limits,
    /// Whether what fails is left out and said, in place of failing all.
    pub allow_incomplete: bool,
    /// The folder that sources of files may not leave.
    pub fence: Fence,
    /// The organisation's time zone, in which an instant becomes a day.
    pub zone: Zone,
}

/// How far a pull has come, and what it says on the way.
pub trait Progress: Sync {
    /// A page of a collection has been read: so many records of it are here now.
    fn page(&self, source: &str, collection: &str, records: usize, total: Option<usize>);
    /// A request was answered, or will be sent again. `text` holds no token.
    fn request(&self, text: &str);
    /// A source is done.
    fn done(&self, source: &str);
}
