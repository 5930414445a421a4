//! What every format is rendered from: the head of a report, and its findings as often as they are asked for.

use std::borrow::Cow;
#[cfg(feature = "cli")]
use std::{collections::BTreeMap, io};

#[cfg(feature = "cli")]
use super::by::By;
use super::{
    contents::Contents,
    history::History,
    model::{CheckSummary, Finding, Report},
    organization::Organization,
};
#[cfg(feature = "cli")]
use crate::model::time::Zone;

/// Findings in the order of a report. They may be made as they are asked for, so that a format that takes them one by
/// one needs no more memory for a hundred thousand than for ten; one that needs them twice asks twice.
pub trait Findings {
    /// The findings from the first to the last.
    fn findings(&self) -> Box<dyn Iterator<Item = Cow<'_, Finding>> + '_>;

    /// Those of one check, in the same order.
    fn of_check<'f>(&'f self, check: &'f str) -> Box<dyn Iterator<Item = Cow<'f, Finding>> + 'f> {
        Box::new(self.findings().filter(move |finding| finding.check == check))
    }
}

impl Findings for Report {
    fn findings(&self) -> Box<dyn Iterator<Item = Cow<'_, Finding>> + '_> {
        Box::new(self.findings.iter().map(Cow::Borrowed))
    }
}

/// How text and Markdown arrange findings.
#[cfg(feature = "cli")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrangement {
    /// By check, those with one cause as a group.
    #[default]
    Groups,
    /// As counts, in text.
    Statistics,
    /// As lists for those who have to act.
    By(By),
}

/// A report about to be rendered.
#[derive(Clone, Copy)]
pub struct View<'r> {
    /// Everything but the findings; those that it holds itself are not looked at.
    pub head: &'r Report,
    /// The findings.
    pub source: &'r dyn Findings,
    /// The folder of the policies, relative to the root of the repository that holds them or to the project; none for
    /// the built-in bundle and for policies outside the project, whose files have no place in it.
    pub policies: Option<&'r str>,
    /// Reporting lines and access, for the formats that draw them.
    pub organization: Option<&'r Organization>,
    /// The trend over earlier reports; for the formats that draw it.
    pub history: Option<&'r History>,
    /// What the report lists.
    pub contents: Contents,
    /// How text and Markdown arrange it.
    #[cfg(feature = "cli")]
    pub arrangement: Arrangement,
    /// By check: how many open findings a filter hides on which the exit status depends. Without it, each may be one.
    #[cfg(feature = "cli")]
    pub hidden_deciding: Option<&'r BTreeMap<String, usize>>,
}

impl<'r> View<'r> {
    /// Of a head and its findings.
    #[must_use]
    pub fn new(head: &'r Report, source: &'r dyn Findings) -> Self {
        View {
            head,
            source,
            policies: None,
            organization: None,
            history: None,
            contents: Contents::default(),
            #[cfg(feature = "cli")]
            arrangement: Arrangement::default(),
            #[cfg(feature = "cli")]
            hidden_deciding: None,
        }
    }

    /// Of a report that is all there.
    #[must_use]
    pub fn of(report: &'r Report) -> Self {
        Self::new(report, report)
    }

    /// The findings, from the first on.
    pub fn findings(&self) -> Box<dyn Iterator<Item = Cow<'r, Finding>> + 'r> {
        self.source.findings()
    }

    /// The check of this id.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&'r CheckSummary> {
        // Checks come in the order of their ids.
        let checks = &self.head.summary.checks;
        checks.binary_search_by(|check| check.check.as_str().cmp(id)).ok().and_then(|index| checks.get(index))
    }

    /// The title of the check of this id, or the id itself if the report does not have the check.
    pub(super) fn title<'t>(&self, id: &'t str) -> &'t str
    where
        'r: 't,
    {
        self.check(id).map_or(id, |check| check.title.as_str())
    }

    /// The organisation's time zone.
    ///
    /// # Errors
    /// Returns an error if the report names an unknown one: its days would begin at other instants.
    #[cfg(feature = "cli")]
    pub(super) fn zone(&self) -> io::Result<Zone> {
        let invalid = |reason| io::Error::new(io::ErrorKind::InvalidData, format!("the report's time zone: {reason}"));
        Zone::new(&self.head.run.time_zone).map_err(invalid)
    }

    /// Where to look in the policies: the place of the first rule that a finding rests on, else of its check. None for
    /// policies that are in no repository or project.
    #[must_use]
    pub fn place(&self, finding: &Finding) -> Option<(String, usize)> {
        self.policies?;
        let rule = finding.reasons.first().map(|reason| (reason.file.as_str(), reason.line));
        let place = rule.or_else(|| self.check(&finding.check).map(|check| (check.file.as_str(), check.line)));
        place.filter(|(file, _)| !file.is_empty()).map(|(file, line)| (self.path(file), line))
    }

    /// A file of the bundle as a path from the root, with `/` between its parts.
    #[must_use]
    pub fn path(&self, file: &str) -> String {
        match self.policies.map(|folder| folder.trim_start_matches("./").trim_end_matches('/').replace('\\', "/")) {
            None => file.to_owned(),
            Some(folder) if folder.is_empty() || folder == "." => file.to_owned(),
            Some(folder) => format!("{folder}/{file}"),
        }
    }
}
