//! Bounds on what a pull may take.

use std::time::Duration;

/// How long, how large, how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time to connect.
    pub connect: Duration,
    /// Time without a byte of an answer.
    pub read: Duration,
    /// Time for a whole source.
    pub total: Duration,
    /// Bytes of one answer, unpacked.
    pub body: usize,
    /// How often a request is sent again.
    pub retries: usize,
    /// The wait before the first retry; it doubles with every further one, with jitter.
    pub backoff: Duration,
    /// Pages of one collection.
    pub pages: usize,
    /// Pages that are fetched at a time.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            total: Duration::from_secs(30 * 60),
            body: 64 << 20,
            retries: 4,
            backoff: Duration::from_millis(500),
            pages: 50_000,
            concurrency: 4,
        }
    }
}
