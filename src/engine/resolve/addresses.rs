//! Finding people by a text of theirs, such as an address, without keeping the text a second time.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::people::{People, ResolvedPerson};
use crate::{bundle::data::org_roles::fold, model::Fact};

/// People by a text of theirs, case folded and trimmed.
#[derive(Debug, Default)]
pub(super) struct ByText {
    /// The first person of each text.
    table: HashTable<u32>,
    /// The others of the same text, by the first.
    further: HashMap<u32, Vec<u32>>,
    hasher: DefaultHashBuilder,
}

type Text = for<'s> fn(ResolvedPerson<'s>) -> Fact<&'s str>;

impl ByText {
    pub(super) fn new(people: &People<'_>, text: Text) -> Self {
        let hasher = DefaultHashBuilder::default();
        let folded = |number: u32| folded(people, number, text);
        let hash = |number: &u32| hasher.hash_one(folded(*number).unwrap_or_default());
        let mut table = HashTable::with_capacity(people.len());
        let mut further: HashMap<u32, Vec<u32>> = HashMap::new();
        for number in 0..u32::try_from(people.len()).unwrap_or(u32::MAX) {
            let Some(text) = folded(number) else { continue };
            let key = hasher.hash_one(&text);
            match table.find(key, |other: &u32| folded(*other).as_ref() == Some(&text)) {
                Some(first) => further.entry(*first).or_default().push(number),
                None => {
                    table.insert_unique(key, number, hash);
                }
            }
        }
        ByText { table, further, hasher }
    }

    /// Those of a folded text, by index; none where there are none.
    pub(super) fn find(&self, people: &People<'_>, folded_text: &str, text: Text) -> Option<Vec<usize>> {
        let key = self.hasher.hash_one(folded_text);
        let same = |number: &u32| folded(people, *number, text).as_deref() == Some(folded_text);
        let first = self.table.find(key, same)?;
        let further = self.further.get(first).into_iter().flatten();
        Some(std::iter::once(first).chain(further).filter_map(|number| usize::try_from(*number).ok()).collect())
    }
}

fn folded(people: &People<'_>, number: u32, text: Text) -> Option<String> {
    let person = people.get(usize::try_from(number).ok()?)?;
    text(person).known().map(|text| fold(text))
}
