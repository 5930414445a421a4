//! The report as one self-contained page: nothing is loaded, every text is escaped by construction, and a policy in the
//! page itself forbids whatever else might get in. Without its script everything is there; with it, findings can be
//! filtered and sorted.

mod findings;
mod groups;
mod organization;
mod summary;
mod timeline;

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{history, safe, view::View};

const STYLE: &str = include_str!("html/report.css");
const TREND_STYLE: &str = include_str!("history/history.css");
const SCRIPT: &str = include_str!("html/report.js");

/// Writes the report.
///
/// # Errors
/// Those of the writer.
pub fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let style = [TREND_STYLE, STYLE].concat();
    let name = text(&view.head.run.organization_name);
    let head = html! {
        (DOCTYPE)
        html lang="en";
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy(&style));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            title { (name) " as of " (view.head.run.today) }
            style { (PreEscaped(&style)) }
        }
    };
    put(&head, out)?;
    out.write_all(b"<body>")?;
    put(&summary::heading(view), out)?;
    out.write_all(b"<main>")?;
    put(&summary::tiles(view.head), out)?;
    put(&summary::matrix(view.head), out)?;
    groups::write(view, out)?;
    findings::write(view, out)?;
    timeline::write(view, out)?;
    if let Some(organization) = view.organization {
        organization::write_chart(organization, out)?;
        organization::write_systems(organization, view, out)?;
    }
    if let Some(history) = view.history {
        put(&html! { section id="trend" { h2 { "Trend" } (history::chart(history)) } }, out)?;
    }
    put(&summary::rest(view.head), out)?;
    out.write_all(b"</main>")?;
    put(&html! { script { (PreEscaped(SCRIPT)) } }, out)?;
    out.write_all(b"</body></html>\n")
}

/// What the page may do: use its own style and its own script, and nothing else.
fn policy(style: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source_hash(style),
        source_hash(SCRIPT)
    )
}

/// The hash by which a policy of a page names a style or a script that it holds.
pub(crate) fn source_hash(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    format!("sha256-{}", STANDARD.encode(digest))
}

fn put(markup: &Markup, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(markup.0.as_bytes())
}

/// Text from outside, with what would act on the reading order written out.
fn text(text: &str) -> String {
    safe::terminal(text)
}
