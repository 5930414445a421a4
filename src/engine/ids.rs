//! Indices of decision classes and what they are built from.

/// An index into a list.
pub(in crate::engine) trait Index: Copy {
    /// The index as a number.
    fn number(self) -> u32;

    /// The entry at this index.
    fn get<T>(self, list: &[T]) -> Option<&T> {
        list.get(usize::try_from(self.number()).ok()?)
    }

    /// The entry at this index.
    fn get_mut<T>(self, list: &mut [T]) -> Option<&mut T> {
        list.get_mut(usize::try_from(self.number()).ok()?)
    }
}

/// Declares an index type.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(in crate::engine) struct $name(pub(in crate::engine) u32);

        impl $name {
            /// The index of the next entry of a list of this length.
            pub(in crate::engine) fn next(length: usize) -> Self {
                $name(u32::try_from(length).unwrap_or(u32::MAX))
            }
        }

        impl Index for $name {
            fn number(self) -> u32 {
                self.0
            }
        }
    };
}

index! {
    /// A set of rules whose scopes can match a query.
    SliceId
}
index! {
    /// A decision class.
    ClassId
}
index! {
    /// A set of groups that an entity is in or may be in.
    GroupSetId
}
index! {
    /// The union of the footprints of all queries about a subject.
    FootprintId
}
index! {
    /// A profile of subjects whose checks all pass or do not apply.
    ProfileId
}
