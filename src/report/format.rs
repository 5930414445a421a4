//! The forms of a report, each rendered from the one model.

use std::io::{self, Write};

use super::{csv, github, html, json, junit, markdown, ndjson, ocsf, oscal, revoke, sarif, text, tickets, view::View};

vocabulary! {
    /// The form of a report.
    Format {
        /// Text with or without colour.
        Text = "text",
        /// JSON.
        Json = "json",
        /// Newline-delimited JSON.
        Ndjson = "ndjson",
        /// Comma-separated values (RFC 4180).
        Csv = "csv",
        /// GitHub's Markdown.
        Markdown = "markdown",
        /// HTML.
        Html = "html",
        /// JUnit XML.
        Junit = "junit",
        /// SARIF 2.1.0.
        Sarif = "sarif",
        /// Workflow commands of GitHub Actions.
        Github = "github",
        /// OCSF 1.8, class 2003.
        Ocsf = "ocsf",
        /// OSCAL 1.2.2.
        Oscal = "oscal",
        /// The worklist, as comma-separated values.
        Revoke = "revoke",
        /// The worklist, as JSON.
        RevokeJson = "revoke-json",
        /// One ticket a group of findings, as JSON.
        Tickets = "tickets",
        /// The same as comma-separated values.
        TicketsCsv = "tickets-csv",
    }
}

/// The endings of file names that tell a format, longer ones first.
const ENDINGS: [(&str, Format); 17] = [
    (".revoke.csv", Format::Revoke),
    (".revoke.json", Format::RevokeJson),
    (".tickets.json", Format::Tickets),
    (".tickets.csv", Format::TicketsCsv),
    (".ocsf.json", Format::Ocsf),
    (".ocsf.ndjson", Format::Ocsf),
    (".oscal.json", Format::Oscal),
    (".sarif.json", Format::Sarif),
    (".sarif", Format::Sarif),
    (".ndjson", Format::Ndjson),
    (".jsonl", Format::Ndjson),
    (".json", Format::Json),
    (".csv", Format::Csv),
    (".md", Format::Markdown),
    (".html", Format::Html),
    (".xml", Format::Junit),
    (".txt", Format::Text),
];

impl Format {
    /// The format that a file's name asks for by its ending.
    #[must_use]
    pub fn of_file(name: &str) -> Option<Format> {
        let name = name.to_lowercase();
        ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
    }

    /// The endings of file names that tell a format.
    pub fn endings() -> impl Iterator<Item = &'static str> {
        ENDINGS.iter().map(|(ending, _)| *ending)
    }

    /// What it is for.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Format::Text => "For people",
            Format::Json => "For programs: the whole report",
            Format::Ndjson => "For programs: one JSON object a line, the head first, then each finding",
            Format::Csv => "For spreadsheets: one finding a row",
            Format::Markdown => "For summaries of GitHub Actions, at most 1 MiB",
            Format::Html => "For browsers: one page with everything in it",
            Format::Junit => "For CI systems that show tests",
            Format::Sarif => "For code scanning: SARIF 2.1.0",
            Format::Github => "Annotations of GitHub Actions",
            Format::Ocsf => "For security data lakes: OCSF 1.8 Compliance Finding, one JSON object a line",
            Format::Oscal => "For assessors: OSCAL 1.2.2 assessment results",
            Format::Revoke => "For tickets: accounts to revoke or downgrade, as comma-separated values",
            Format::RevokeJson => "For programs: accounts to revoke or downgrade",
            Format::Tickets => "For trackers: one ticket a group of open findings, with owner, manager and due day",
            Format::TicketsCsv => "For trackers: the same tickets, as comma-separated values",
        }
    }

    /// Whether it is comma-separated values, for which spreadsheets may want a byte order mark.
    #[must_use]
    pub fn is_csv(self) -> bool {
        matches!(self, Format::Csv | Format::Revoke | Format::TicketsCsv)
    }

    /// Whether the organisation is drawn in it.
    #[must_use]
    pub fn draws_organization(self) -> bool {
        self == Format::Html
    }
}

/// Writes a report in a form. Text may hold ANSI styles, for the writer to strip where they are not wanted.
///
/// # Errors
/// Those of the writer.
pub fn render(format: Format, view: &View<'_>, layout: text::Layout, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(view, layout, out),
        Format::Json => json::write(view, out),
        Format::Ndjson => ndjson::write(view, out),
        Format::Csv => csv::write(view, out),
        Format::Markdown => markdown::write(view, out),
        Format::Html => html::write(view, out),
        Format::Junit => junit::write(view, out),
        Format::Sarif => sarif::write(view, out),
        Format::Github => github::write(view, out),
        Format::Ocsf => ocsf::write(view, out),
        Format::Oscal => oscal::write(view, out),
        Format::Revoke => revoke::write(view, out),
        Format::RevokeJson => revoke::write_json(view, out),
        Format::Tickets => tickets::write_json(view, out),
        Format::TicketsCsv => tickets::write_csv(view, out),
    }
}
