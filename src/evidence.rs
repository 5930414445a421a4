//! Evidence of an evaluation: a directory that holds what was judged, by what, and what came of it, so that anybody may
//! judge it again and get the same bytes.
//!
//! `manifest.json` names every other file with its size and digest. An SSH signature over the manifest says who made it.

mod difference;
pub mod judged;
pub mod manifest;
pub mod redact;
pub mod signature;
pub mod verify;
pub mod write;

pub use manifest::Manifest;
pub use redact::Redactor;
pub use verify::{Verification, verify};
pub use write::{Asked, Material, write};

/// The file that names all others.
pub const MANIFEST: &str = "manifest.json";

/// The SSH signature over [`MANIFEST`].
pub const SIGNATURE: &str = "manifest.json.sig";

/// The report, as `tenure check --format json` prints it.
pub const REPORT: &str = "report.json";

/// The earlier report that it was compared with.
pub const BASELINE: &str = "baseline.json";

/// The folder of the bundle's files.
pub const BUNDLE: &str = "bundle/";
