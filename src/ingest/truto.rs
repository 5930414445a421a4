//! What both of Truto's unified models share.

use super::pages::Envelope;

/// `{result, next_cursor, prev_cursor, result_count}`; the cursor of the last page is null or empty.
pub(super) const ENVELOPE: Envelope =
    Envelope { next: Some("next_cursor"), previous: Some("prev_cursor"), ..Envelope::of("result") };
