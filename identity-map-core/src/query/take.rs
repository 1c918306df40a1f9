//! Which rows of a query a method takes: [`Take`].

use std::ops::ControlFlow;

/// Which rows of a query a method takes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    All,
    /// The first row; the others are not read.
    First,
    /// The only row; there must be no other.
    Only,
}

impl Take {
    /// Whether to go on after a row.
    pub(super) fn next(self) -> ControlFlow<()> {
        match self {
            Self::All | Self::Only => ControlFlow::Continue(()),
            Self::First => ControlFlow::Break(()),
        }
    }
}
