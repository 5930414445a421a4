//! Where choices come from: a seeded generator, or the enumeration of all of them.

/// A source of choices.
pub(crate) trait Choose {
    /// A number below `count`, which is at least 1.
    fn below(&mut self, count: usize) -> usize;
}

/// One of several.
pub(crate) fn pick<T: Clone>(choose: &mut dyn Choose, from: &[T]) -> T {
    from[choose.below(from.len())].clone()
}

/// True in so many of a hundred cases.
pub(crate) fn chance(choose: &mut dyn Choose, of_hundred: usize) -> bool {
    choose.below(100) < of_hundred
}

/// A pseudo-random source (SplitMix64). The same seed gives the same choices on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1))
    }
}

impl Choose for Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(count).unwrap()).unwrap()
    }
}

/// Every sequence of choices, one after another.
#[derive(Default)]
pub(crate) struct Enumeration {
    /// What was chosen, and of how many.
    chosen: Vec<(usize, usize)>,
    at: usize,
}

impl Enumeration {
    /// Goes on to the next sequence; false if there is none.
    pub(crate) fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((choice, count)) = self.chosen.pop() {
            if choice + 1 < count {
                self.chosen.push((choice + 1, count));
                return true;
            }
        }
        false
    }
}

impl Choose for Enumeration {
    fn below(&mut self, count: usize) -> usize {
        if self.at == self.chosen.len() {
            self.chosen.push((0, count));
        }
        self.at += 1;
        self.chosen[self.at - 1].0
    }
}

#[test]
fn an_enumeration_makes_every_sequence_of_choices_once() {
    let mut enumeration = Enumeration::default();
    let mut seen = Vec::new();
    loop {
        let first = enumeration.below(3);
        let rest = (0..first).map(|_| enumeration.below(2)).collect::<Vec<_>>();
        seen.push((first, rest));
        if !enumeration.advance() {
            break;
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (1 + 2 + 4, 7));
}
