//! The worklist of accounts to revoke or downgrade, for a ticket to those who run the systems.

use std::io::{self, Write};

use super::view::View;

/// Writes the worklist as comma-separated values.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let _ = (view, out);
    Err(io::Error::other("this format is not written yet"))
}

/// Writes the worklist as JSON.
///
/// # Errors
/// Those of the writer.
pub fn write_json(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let _ = (view, out);
    Err(io::Error::other("this format is not written yet"))
}
