//! Which columns of a model a statement selects: [`SelectedColumns`].

/// Which columns of a model a statement selects.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectedColumns {
    /// Those of the key.
    Key,
    /// Those of the model, as plain Diesel would.
    Model,
    /// Those of the key, and then those of the model, so that the row of a held object need not be decoded.
    KeyAndModel,
}
