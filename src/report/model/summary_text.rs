//! What several formats tell of a report in the same words.

use super::{Report, ResolvedFinding, SourceReport, WaiverReport};
use crate::engine::waivers::WaiverStatus;

impl Report {
    /// What the evidence lacks, a sentence each.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
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

    /// The waivers that were not applied.
    pub fn unapplied_waivers(&self) -> impl Iterator<Item = &WaiverReport> {
        self.waivers.iter().filter(|waiver| waiver.status != WaiverStatus::Applied)
    }

    /// What was open in the earlier report, and is not asked any more.
    pub fn gone(&self) -> impl Iterator<Item = &ResolvedFinding> {
        let resolved = self.baseline.iter().flat_map(|baseline| &baseline.resolved_findings);
        resolved.filter(|finding| finding.now.is_none() && finding.resolved_on == self.run.today)
    }
}
