//! Texts, kept compactly.

use hashbrown::HashMap;

/// Texts of which many are the same, each kept once under a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Symbols {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Symbols {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    /// The text of a number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(usize::try_from(number).ok()?).map(|text| &**text)
    }

    /// Every text, by number.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }
}
