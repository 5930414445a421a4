//! What other systems say of whose an account is.

/// From so many bytes on, an id given by another system may be that of the HRIS. A few digits are anybody's number.
const ID_LENGTH: usize = 8;

/// How pseudonyms of ids begin that are too short to link.
pub const SHORT_PSEUDONYM: &str = "short-";

/// Whether an id that another system gives can link an account to the person of this id. A shorter one may contradict.
#[must_use]
pub fn can_link(id: &str) -> bool {
    id.len() >= ID_LENGTH && !id.starts_with(SHORT_PSEUDONYM)
}
