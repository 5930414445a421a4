//! How findings are shown: `--statistics`, `--by`, `--bom`.

use crate::{
    cli::{arguments::CheckArguments, exit::Failure},
    diagnostic::{Code, Diagnostic},
    report::{format::Format, view::Arrangement},
};

/// How text and Markdown arrange the findings.
///
/// # Errors
/// Returns an error if the format that is asked for cannot show them so.
pub(super) fn arrangement(arguments: &CheckArguments) -> Result<Arrangement, Failure> {
    let format = arguments.format;
    let refuse = |message: String, help: &str| {
        Err(Failure::one(Diagnostic::error(Code::BadUsage, message).help(help.to_owned())))
    };
    let listing = &arguments.listing;
    let mut formats = arguments.exports.iter().map(|export| export.format).chain([format]);
    if listing.bom && !formats.any(Format::is_csv) {
        return refuse(
            "`--bom` is for comma-separated values, and no output has that form".to_owned(),
            "add `--format csv` or `--export report.csv`, or leave `--bom` out",
        );
    }
    match (listing.statistics, listing.by) {
        (true, _) if format != Format::Text => refuse(
            format!("`--statistics` is text, and `{format}` is another format"),
            "leave `--format` out; the counts by check are in `summary` of `--format json`",
        ),
        (true, _) => Ok(Arrangement::Statistics),
        (false, Some(by)) if !matches!(format, Format::Text | Format::Markdown) => refuse(
            format!("`--by {by}` is text or Markdown, and `{format}` is another format"),
            "leave `--format` out; `--format tickets` has the owner and the manager of each ticket",
        ),
        (false, Some(by)) => Ok(Arrangement::By(by)),
        (false, None) => Ok(Arrangement::Groups),
    }
}
