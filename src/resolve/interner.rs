//! Things of which many are the same, each kept once under a number.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, Equivalent, HashTable};

/// Things of which many are the same, each kept once under a number; in the order in which they were first met.
#[derive(Debug, Clone)]
pub(super) struct Interner<T> {
    things: Vec<T>,
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// TextArena of which many are the same.
pub(super) type StringInterner = Interner<Box<str>>;

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner { things: Vec::new(), numbers: HashTable::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// The number of a thing; `make` makes one to keep, where it has not been met.
    pub(super) fn number<'q, Q: Hash + Equivalent<T> + ?Sized>(
        &mut self,
        thing: &'q Q,
        make: impl FnOnce(&'q Q) -> T,
    ) -> u32 {
        let Interner { things, numbers, hasher } = self;
        let known = |number: u32| things.get(usize::try_from(number).ok()?);
        let hash = hasher.hash_one(thing);
        if let Some(number) = numbers.find(hash, |number| known(*number).is_some_and(|known| thing.equivalent(known))) {
            return *number;
        }
        let number = u32::try_from(things.len()).unwrap_or(u32::MAX);
        numbers.insert_unique(hash, number, |number| known(*number).map_or(hash, |known| hasher.hash_one(known)));
        things.push(make(thing));
        number
    }

    /// The thing of a number.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.things.get(usize::try_from(number).ok()?)
    }

    /// Everything, by number.
    pub(super) fn all(&self) -> &[T] {
        &self.things
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_has_one_number() {
        let mut symbols = StringInterner::default();
        let texts: Vec<String> = (0..1000).map(|text| format!("{text}")).collect();
        for _ in 0..2 {
            assert!(texts.iter().zip(0..).all(|(text, number)| symbols.number(text.as_str(), Box::from) == number));
        }
        assert_eq!(
            (symbols.all().len(), symbols.get(999).map(|text| &**text), symbols.get(1000)),
            (1000, Some("999"), None)
        );
    }
}
