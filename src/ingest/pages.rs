//! Raw API pages: which collection a file belongs to, envelopes and bare lists, several pages of one list, and whether
//! all of it is there. Of a record only the keys that the vendor's normaliser reads are kept, so that nothing else gets
//! further than the page it came in.

mod collection;
mod collector;
mod doubt;
pub(in crate::ingest) mod hidden;
mod joined;
mod layout;
mod names;
mod parse;
mod parts;
mod places;
mod refused;
mod sort;
#[cfg(test)]
mod tests;
mod values;

pub use collection::{RawCollection, RawRecord};
pub use collector::Collector;
pub(crate) use doubt::{Doubt, Remedy};
pub use joined::Pages;
pub use layout::{CollectionLayout, Envelope, Layout};
pub(in crate::ingest) use names::{PageList, PageNumbers, holds_data, in_order, numbered};
pub use parts::PageFacts;
pub(crate) use refused::{api_error, api_message, refused};
pub use sort::sort;
pub(in crate::ingest) use sort::{find_gaps, sort_into};
pub use values::Values;
