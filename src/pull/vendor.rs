//! Vendors, and what is particular to each.

/// What is particular to a vendor.
#[derive(Debug)]
pub(super) struct Vendor {
    /// Its name.
    pub(super) name: &'static str,
    /// Requests a minute that it takes without complaint.
    pub(super) per_minute: u32,
    /// Requests that may be sent at once.
    pub(super) burst: u32,
    /// What to do where it says that the token may not do this (403).
    pub(super) forbidden: &'static str,
}
