//! TextArena, kept compactly.

/// Where some texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    piece: u32,
    begin: u32,
}

impl Place {
    /// The same place among texts that these were put at the end of, after so many pieces.
    pub(super) fn after(self, pieces: u32) -> Self {
        Place { piece: self.piece.saturating_add(pieces), ..self }
    }
}

/// TextArena of which hardly any are the same, `N` at a time, one after another in large pieces.
///
/// Before each `N` stand their lengths, written as characters: mostly a byte each.
#[derive(Debug, Clone, Default)]
pub(super) struct TextArena<const N: usize> {
    pieces: Vec<String>,
}

/// A piece that is as long takes no further texts; so every beginning can be written in 32 bits.
const PIECE: usize = 1 << 20;

impl<const N: usize> TextArena<N> {
    /// Puts texts at the end.
    pub(super) fn push(&mut self, texts: [&str; N]) -> Place {
        if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE) {
            self.pieces.push(String::new());
        }
        let number = self.pieces.len().saturating_sub(1);
        let Some(piece) = self.pieces.last_mut() else { return Place { piece: u32::MAX, begin: 0 } };
        let begin = piece.len();
        texts.iter().for_each(|text| write_length(text.len(), piece));
        texts.iter().for_each(|text| piece.push_str(text));
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { piece: short(number), begin: short(begin) }
    }

    /// The texts at a place.
    pub(super) fn get(&self, place: Place) -> [&str; N] {
        let (lengths, mut rest) = self.at(place);
        lengths.map(|length| {
            let (text, further) = rest.split_at_checked(length).unwrap_or_default();
            rest = further;
            text
        })
    }

    /// The first text at a place.
    pub(super) fn first(&self, place: Place) -> &str {
        let (lengths, rest) = self.at(place);
        lengths.first().and_then(|length| rest.get(..*length)).unwrap_or_default()
    }

    /// The lengths at a place, and what follows them.
    fn at(&self, place: Place) -> ([usize; N], &str) {
        let piece = usize::try_from(place.piece).ok().and_then(|piece| self.pieces.get(piece));
        let mut rest = piece.and_then(|piece| piece.get(usize::try_from(place.begin).ok()?..)).unwrap_or_default();
        // Lengths of up to 127 are a byte each.
        if let Some((short, further)) = rest.as_bytes().first_chunk::<N>().zip(rest.get(N..))
            && short.is_ascii()
        {
            return (short.map(usize::from), further);
        }
        (std::array::from_fn(|_| read_length(&mut rest)), rest)
    }

    /// Puts others at the end; after how many pieces they come.
    pub(super) fn append(&mut self, others: Self) -> u32 {
        let pieces = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        self.pieces.extend(others.pieces);
        pieces
    }

    /// Gives back what memory is not used.
    pub(super) fn shrink(&mut self) {
        self.pieces.iter_mut().for_each(String::shrink_to_fit);
    }
}

/// How many bits of a length a character holds; it is then below the first that is no character of its own.
const BITS: u32 = 14;
/// Says that a further character follows.
const MORE: u32 = 1 << BITS;

fn write_length(mut length: usize, into: &mut String) {
    loop {
        let low = (length & (MORE as usize - 1)) as u32;
        length >>= BITS;
        let more = if length > 0 { MORE } else { 0 };
        into.push(char::from_u32(low | more).unwrap_or_default());
        if length == 0 {
            return;
        }
    }
}

fn read_length(rest: &mut &str) -> usize {
    let mut length = 0;
    let mut shift = 0;
    let mut letters = rest.chars();
    for letter in letters.by_ref() {
        let digit = u32::from(letter);
        length |= ((digit & (MORE - 1)) as usize) << shift;
        shift += BITS;
        if digit & MORE == 0 {
            break;
        }
    }
    *rest = letters.as_str();
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_found_again() {
        let long = "é".repeat(PIECE);
        let (short, middling) = ("é".repeat(64), "é".repeat(1 << 13));
        let all = [["", "a", "\u{0}\u{10ffff}"], [&long, "", &long], ["x", &short, &middling]];
        let mut texts = TextArena::<3>::default();
        let mut others = TextArena::<3>::default();
        let first: Vec<Place> = all.iter().map(|some| texts.push(*some)).collect();
        let second: Vec<Place> = all.iter().map(|some| others.push(*some)).collect();
        others.shrink();
        let pieces = texts.append(others);
        let second = second.into_iter().map(|place| place.after(pieces));
        for (place, some) in first.into_iter().chain(second).zip(all.iter().chain(&all)) {
            assert_eq!(texts.get(place), *some);
        }
    }
}
