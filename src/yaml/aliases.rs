//! Aliases that repeat what they name: a page of them can stand for more values than fit into memory.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor},
};

/// How much larger than the text its values may be, counted in values and bytes of text.
const TIMES: usize = 4;

/// What a short text may come to.
const ALWAYS: usize = 1 << 20;

/// Refuses a text whose aliases make much more of it than is written.
///
/// # Errors
/// That they do, or why the text is no YAML.
pub(super) fn check(text: &str) -> Result<(), serde_yaml::Error> {
    if !text.contains('&') || !text.contains('*') {
        return Ok(());
    }
    let mut left = TIMES * text.len() + ALWAYS;
    Count(&mut left).deserialize(serde_yaml::Deserializer::from_str(text))
}

/// Walks a value and keeps nothing of it.
struct Count<'l>(&'l mut usize);

impl Count<'_> {
    fn take<E: Error>(&mut self, size: usize) -> Result<(), E> {
        *self.0 = self.0.checked_sub(size + 1).ok_or_else(|| E::custom("repetition limit exceeded"))?;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        self.take(0)
    }

    fn visit_i64<E: Error>(mut self, _: i64) -> Result<(), E> {
        self.take(0)
    }

    fn visit_u64<E: Error>(mut self, _: u64) -> Result<(), E> {
        self.take(0)
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<(), E> {
        self.take(0)
    }

    fn visit_i128<E: Error>(mut self, _: i128) -> Result<(), E> {
        self.take(0)
    }

    fn visit_u128<E: Error>(mut self, _: u128) -> Result<(), E> {
        self.take(0)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.take(text.len())
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.take(0)
    }

    fn visit_none<E: Error>(mut self) -> Result<(), E> {
        self.take(0)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.take(0)?;
        while items.next_element_seed(Count(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.take(0)?;
        while entries.next_key_seed(Count(self.0))?.is_some() {
            entries.next_value_seed(Count(self.0))?;
        }
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(mut self, tagged: A) -> Result<(), A::Error> {
        self.take(0)?;
        let (IgnoredAny, value) = tagged.variant()?;
        value.newtype_variant_seed(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_may_repeat_a_little_and_not_without_end() {
        for text in
            ["a: &a [1, two, 3.5, null, true, { b: c }]\nb: *a\n", "a: &a !tag [x]\nb: [*a, !other y]\n", "a: '&*'"]
        {
            check(text).unwrap();
        }
        let long = "x".repeat(100_000);
        let many = vec!["*a"; 10_000].join(", ");
        let wide = vec!["x"; 10_000].join(", ");
        for text in [format!("a: &a {long}\nb: [{many}]\n"), format!("a: &a [{wide}]\nb: [{many}]\n")] {
            let began = std::time::Instant::now();
            assert!(check(&text).unwrap_err().to_string().contains("repetition limit"), "{}", text.len());
            assert!(began.elapsed().as_secs() < 5);
        }
    }
}
