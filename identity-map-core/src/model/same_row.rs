//! Whether two objects of one key are one row, as far as their model can tell: [`Versions`].
//!
//! The derive calls `(&Versions(self, other)).are_equal()`, and method lookup takes the first implementation
//! that fits: that of a model that is `PartialEq`, else that of any.

/// Two objects of a model.
#[derive(Debug)]
pub struct Versions<'a, M>(pub &'a M, pub &'a M);

/// Two objects that can be compared.
pub trait Comparable {
    /// Whether they are equal.
    fn are_equal(&self) -> bool;
}

impl<M: PartialEq> Comparable for Versions<'_, M> {
    fn are_equal(&self) -> bool {
        self.0 == self.1
    }
}

/// Two objects that cannot be compared, and so are not known to differ.
pub trait Incomparable {
    /// `true`.
    fn are_equal(&self) -> bool;
}

impl<M> Incomparable for &Versions<'_, M> {
    fn are_equal(&self) -> bool {
        true
    }
}
