//! Closed vocabularies: enumerations whose members are the words that people and programs write.

/// Declares a closed vocabulary: its words, in the order shown to people.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
            strum::Display, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
        )]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] #[strum(serialize = $word)] $variant),+
        }

        impl $name {
            /// Every member, in the order shown to people.
            pub const ALL: &'static [$name] = <$name as strum::VariantArray>::VARIANTS;

            /// The word as written.
            #[must_use]
            pub fn word(self) -> &'static str {
                self.into()
            }

            /// The member with this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                word.parse().ok()
            }
        }
    };
}
