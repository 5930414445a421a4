//! Reading a vendor's record tolerantly: a key that is missing, or a value that is not understood, is an unknown fact
//! with a reason, never a guess.

mod addresses;
mod fields;
mod further;
mod lists;
mod not_understood;
mod people;
mod scalars;
#[cfg(test)]
mod tests;

pub(crate) use addresses::{further_addresses, texts_of};
pub(crate) use fields::Fields;
pub(crate) use further::{EmploymentRow, flag, give};
pub(crate) use lists::{
    doubt_named_rows, doubt_people_of_unseen_rows, doubt_without_relation, reject_records, reject_unless,
    reject_without, require,
};
pub(crate) use not_understood::NotUnderstood;
pub(crate) use people::{doubtful_end, end_date, listed_manager, name};
pub(crate) use scalars::{date, instant, quoted, relation, text};
