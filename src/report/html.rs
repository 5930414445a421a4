//! The report as one self-contained page.

use std::io::{self, Write};

use super::view::View;

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let _ = (view, out);
    Err(io::Error::other("this format is not written yet"))
}
