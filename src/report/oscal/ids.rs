//! The ids of an OSCAL document.

use uuid::Uuid;

use crate::report::view::View;

/// The namespace of the ids; a constant of this crate, never to be changed.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1d_0f6a_83e2_5d37_a4b1_5b2f_0e9c_7a44);

/// An id that is the same for the same thing in the same run.
pub(super) fn uuid(view: &View<'_>, kind: &str, key: &str) -> Uuid {
    let run = &view.head.run;
    let name = [&run.organization, &run.snapshot, &run.bundle, &run.as_of, kind, key].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

pub(super) fn id(view: &View<'_>, kind: &str, key: &str) -> String {
    uuid(view, kind, key).to_string()
}

/// The id of a subject, the same in every run.
pub(super) fn subject_id(view: &View<'_>, kind: &str, id: &str) -> String {
    let name = [&view.head.run.organization, "subject", kind, id].join("\u{1f}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}
