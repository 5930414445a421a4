//! Near misses: addresses that equal another one only if a non-ASCII character counts as the ASCII one that it resembles.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::people::People;
use crate::model::{
    Fact,
    fold::{fold, near_form},
};

/// People whose addresses hold such a character, by the form in which near misses agree. They are few.
#[derive(Debug, Default)]
pub(super) struct NearMisses(HashMap<String, Vec<usize>>);

impl NearMisses {
    pub(super) fn new(people: &People<'_>, extra: &HashMap<String, Vec<usize>>) -> Self {
        let mut near: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, row) in people.rows.iter().enumerate() {
            if let Fact::Known(address) = people.address_of(row)
                && !(address.local.is_ascii() && address.domain.is_ascii())
                && let Some(form) = near_form(&address.to_string())
            {
                near.entry(form).or_default().push(at);
            }
        }
        for (address, people) in extra {
            if let Some(form) = near_form(address) {
                near.entry(form).or_default().extend(people);
            }
        }
        NearMisses(near)
    }

    /// The people whose address nearly is this one.
    pub(super) fn find(&self, wanted: &str) -> Vec<usize> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let form = near_form(wanted).map_or_else(|| fold(wanted), Cow::Owned);
        self.0.get(&*form).cloned().unwrap_or_default()
    }
}
