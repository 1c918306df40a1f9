//! How many rows of a query are taken: [`Take`].

use std::ops::ControlFlow;

/// Which rows a method takes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    All,
    /// The first; the others are not looked at.
    First,
    /// All of them, of which there must be one.
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
