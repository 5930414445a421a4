//! Large files, a block of whole lines at a time.

use std::io::{self, Read};

use memchr::{memchr, memmem, memrchr};
use sha2::{Digest, Sha256};

/// How many bytes are read at a time.
const BLOCK: usize = 1 << 18;

/// The lines of a file, with the digest of everything that was read.
pub(super) struct Lines<R> {
    input: R,
    digest: Sha256,
    pending: Vec<u8>,
    is_at_end: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Lines { input, digest: Sha256::new(), pending: Vec::new(), is_at_end: false }
    }

    /// Reads on; false at the end of the file.
    fn more(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        let before = self.pending.len();
        self.pending.reserve(BLOCK + 1);
        let limit = u64::try_from(BLOCK).unwrap_or(u64::MAX);
        let read = (&mut self.input).take(limit).read_to_end(&mut self.pending)?;
        self.digest.update(self.pending.get(before..).unwrap_or_default());
        self.is_at_end = read < BLOCK;
        Ok(read > 0)
    }

    /// The next line with its end; none at the end of the file.
    pub(super) fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = memchr(b'\n', &self.pending) {
                return Ok(Some(self.first(end + 1)));
            }
            if !self.more()? {
                let rest = std::mem::take(&mut self.pending);
                return Ok((!rest.is_empty()).then_some(rest));
            }
        }
    }

    /// The next whole lines, about a block of them; none at the end of the file.
    pub(super) fn block(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let has_more = self.pending.len() >= BLOCK || self.more()?;
            match memrchr(b'\n', &self.pending) {
                Some(end) => return Ok(Some(self.first(end + 1))),
                None if has_more => {
                    // A line longer than a block.
                    if !self.more()? {
                        let rest = std::mem::take(&mut self.pending);
                        return Ok(Some(rest));
                    }
                }
                None => {
                    let rest = std::mem::take(&mut self.pending);
                    return Ok((!rest.is_empty()).then_some(rest));
                }
            }
        }
    }

    /// The next whole lines of a list that ends with a line that begins with `end`; and whether that line comes next.
    pub(super) fn block_of_list(&mut self, end: &[u8]) -> io::Result<Option<(Vec<u8>, bool)>> {
        let Some(mut block) = self.block()? else { return Ok(None) };
        let at = if block.starts_with(end) {
            Some(0)
        } else {
            let line = [b"\n", end].concat();
            memmem::find(&block, &line).map(|at| at + 1)
        };
        if let Some(at) = at {
            let mut rest = block.split_off(at);
            rest.append(&mut self.pending);
            self.pending = rest;
            return Ok(Some((block, true)));
        }
        // The list may end just where the block does.
        while self.pending.len() < end.len() && self.more()? {}
        Ok(Some((block, self.pending.starts_with(end))))
    }

    /// The first so many of the pending bytes.
    fn first(&mut self, count: usize) -> Vec<u8> {
        let rest = self.pending.split_off(count.min(self.pending.len()));
        std::mem::replace(&mut self.pending, rest)
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.more()? {}
        Ok(std::mem::take(&mut self.pending))
    }

    /// The digest of everything that was read.
    pub(super) fn digest(self) -> String {
        crate::model::write::named_digest(self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_lines_however_long() {
        let long = "x".repeat(3 * BLOCK);
        let text = format!("a\n{long}\nb\n{}c", "line\n".repeat(BLOCK / 2));
        let mut lines = Lines::new(text.as_bytes());
        let mut read = Vec::new();
        while let Some(block) = lines.block().unwrap() {
            assert!(block.ends_with(b"\n") || block.ends_with(b"c"));
            read.extend_from_slice(&block);
        }
        assert_eq!(read, text.as_bytes());
        assert_eq!(lines.digest(), crate::model::write::digest(text.as_bytes()));
    }

    #[test]
    fn a_list_ends_before_its_last_line() {
        let mut lines = Lines::new(&b"[\n    a,\n    b\n  ],\nrest\n"[..]);
        assert_eq!(lines.line().unwrap().unwrap(), b"[\n");
        assert_eq!(lines.block_of_list(b"  ]").unwrap(), Some((b"    a,\n    b\n".to_vec(), true)));
        assert_eq!(lines.line().unwrap().unwrap(), b"  ],\n");
        assert_eq!(lines.rest().unwrap(), b"rest\n");
        assert_eq!(lines.line().unwrap(), None);
    }
}
