//! What several formats tell of a report in the same words.

use super::{JudgedBy, Report, ResolvedFinding, SourceReport, WaiverReport};
use crate::engine::waivers::WaiverStatus;

impl Report {
    /// What the evidence lacks, a sentence each.
    #[must_use]
    pub fn evidence_gaps(&self) -> Vec<String> {
        let of_source = self.sources.iter().flat_map(|source| {
            let incomplete = source.incomplete.iter();
            let incomplete = incomplete.map(|(name, why)| format!("{}: {name} is incomplete: {why}", source.id));
            incomplete.chain(source.rejected.iter().map(|which| format!("{}: rejected {which}", source.id)))
        });
        of_source.collect()
    }

    /// Every complete list with what shows that it is complete, a line for each source.
    #[must_use]
    pub fn complete_lists(&self) -> Vec<String> {
        let of_source = |source: &SourceReport| {
            let lists: Vec<String> = source.basis.iter().map(|(name, basis)| format!("{name} ({basis})")).collect();
            (!lists.is_empty()).then(|| format!("{}: {}", source.id, lists.join(", ")))
        };
        self.sources.iter().filter_map(of_source).collect()
    }

    /// The systems of which having an account is the only level that was judged.
    #[must_use]
    pub fn judged_by_login(&self) -> Vec<&str> {
        let by_login = self.systems.iter().filter(|system| system.judged_by == JudgedBy::LoginOnly);
        by_login.map(|system| system.name.as_str()).collect()
    }

    /// The waivers that were not applied.
    pub fn unapplied_waivers(&self) -> impl Iterator<Item = &WaiverReport> {
        self.waivers.iter().filter(|waiver| waiver.status != WaiverStatus::Applied)
    }

    /// Findings that were open in the earlier report and are not asked any more, as far as the filter shows them.
    pub fn removed_findings(&self) -> impl Iterator<Item = &ResolvedFinding> {
        let resolved = self.baseline.iter().flat_map(|baseline| &baseline.resolved_findings);
        let removed = resolved.filter(|finding| finding.now.is_none() && finding.resolved_on == self.run.today);
        removed.filter(|finding| self.filter.as_ref().is_none_or(|filter| filter.fits_removed(finding, &self.summary)))
    }
}
