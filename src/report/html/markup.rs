//! What every part of the page is made with.

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use maud::Markup;
use sha2::{Digest, Sha256};

use crate::report::safe;

/// The hash by which a policy of a page names a style or a script that it holds.
pub(in crate::report) fn source_hash(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    format!("sha256-{}", STANDARD.encode(digest))
}

pub(super) fn put(markup: &Markup, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(markup.0.as_bytes())
}

/// Text from outside, with what would act on the reading order written out.
pub(super) fn text(text: &str) -> String {
    safe::terminal(text)
}
