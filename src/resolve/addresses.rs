//! Finding people by a text of theirs, such as an address, without keeping the text a second time.

use std::{borrow::Cow, hash::BuildHasher};

use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};
use rayon::prelude::*;

use super::people::{Address, People, Row};
use crate::model::Fact;

/// People by a text of theirs, case folded and trimmed.
#[derive(Debug, Default)]
pub(super) struct ByText {
    /// The first person of each text.
    table: HashTable<u32>,
    /// The others of the same text, by the first.
    further: HashMap<u32, Vec<u32>>,
    /// Everyone whose text another person has too.
    sharing: HashSet<u32>,
    hasher: DefaultHashBuilder,
}

type Text = for<'s> fn(&'s People<'_>, &Row) -> Fact<Address<'s>>;

/// Both parts of a text, folded.
type Folded<'s> = (Cow<'s, str>, Cow<'s, str>);

/// How many people's texts are hashed before they are put into the table.
const BLOCK: u32 = 1 << 16;

impl ByText {
    pub(super) fn new(people: &People<'_>, text: Text) -> Self {
        let hasher = DefaultHashBuilder::default();
        let folded = |number: u32| folded(people, number, text);
        let hash = |number: u32| folded(number).map(|text| hasher.hash_one(&text));
        let mut table = HashTable::with_capacity(people.len());
        let mut further: HashMap<u32, Vec<u32>> = HashMap::new();
        let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
        for begin in (0..count).step_by(usize::try_from(BLOCK).unwrap_or(1)) {
            let numbers = begin..count.min(begin.saturating_add(BLOCK));
            let hashes: Vec<Option<u64>> = numbers.clone().into_par_iter().map(hash).collect();
            for (number, key) in numbers.zip(hashes).filter_map(|(number, key)| Some((number, key?))) {
                match table.find(key, |other: &u32| folded(*other) == folded(number)) {
                    Some(first) => further.entry(*first).or_default().push(number),
                    None => {
                        table.insert_unique(key, number, |number| hash(*number).unwrap_or_default());
                    }
                }
            }
        }
        let sharing =
            further.iter().flat_map(|(first, others)| std::iter::once(first).chain(others)).copied().collect();
        ByText { table, further, sharing, hasher }
    }

    /// Whether another person has the same text.
    pub(super) fn is_shared(&self, person: usize) -> bool {
        u32::try_from(person).is_ok_and(|number| self.sharing.contains(&number))
    }

    /// Those who have a text, by index; none where there are none.
    pub(super) fn find(&self, people: &People<'_>, wanted: &str, text: Text) -> Option<Vec<usize>> {
        let wanted = Address::of(wanted).folded();
        let key = self.hasher.hash_one(&wanted);
        let same = |number: &u32| folded(people, *number, text).as_ref() == Some(&wanted);
        let first = self.table.find(key, same)?;
        let further = self.further.get(first).into_iter().flatten();
        Some(std::iter::once(first).chain(further).filter_map(|number| usize::try_from(*number).ok()).collect())
    }
}

fn folded<'s>(people: &'s People<'_>, number: u32, text: Text) -> Option<Folded<'s>> {
    let row = people.row(usize::try_from(number).ok()?)?;
    text(people, row).known().map(|text| text.folded())
}
