//! How much a report lists.

/// What goes into a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Contents {
    /// What fails, cannot be judged, or is let off.
    #[default]
    Reportable,
    /// Every finding.
    All,
}
