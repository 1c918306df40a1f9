//! Which kinds of writes: [`Operations`].

use std::ops::BitOr;

/// A set of kinds of writes to the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Operations(u8);

impl Operations {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const INSERT: Self = Self(1);
    pub(crate) const UPDATE: Self = Self(1 << 1);
    /// An update that changes columns which foreign keys refer to.
    pub(crate) const MOVE: Self = Self(1 << 2);
    pub(crate) const DELETE: Self = Self(1 << 3);
    /// An insert that updates the row that is there.
    pub(crate) const UPSERT: Self = Self(0b0111);
    pub(crate) const ALL: Self = Self(0b1111);

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Operations {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
