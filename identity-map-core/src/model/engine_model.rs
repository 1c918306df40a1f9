//! What the engine needs of a model: [`Model`], [`ModelSelection`].

use diesel::backend::Backend;
use diesel::expression::Expression;

use super::identity_mapped::IdentityMapped;
use super::version::VersionNumber;
use crate::choice::Choice;

/// What the engine needs of a model beside its key.
pub trait Model: IdentityMapped {
    /// The key column, or the tuple of key columns.
    type KeyColumns: Expression + Send + Sync + 'static;
    /// [`Single`](super::Single) or [`Composite`](super::Composite).
    type KeyShape;
    /// What the key columns decode to; differs from the key only with `deserialize_as`.
    type KeyRow;
    /// The column by which writes are locked, or [`NoVersion`](super::NoVersion).
    type VersionColumn: Send + Sync;
    /// The type of that column's field, or [`NoVersion`](super::NoVersion).
    type Version: VersionNumber + Send + Sync;
    /// How many columns the key has.
    const KEY_COLUMNS: usize;
    /// Whether the fields of the key are integers or booleans, so that keys which the database takes for equal
    /// are equal.
    #[doc(hidden)]
    type HasPrimitiveKey: Choice;
    /// Whether the model's columns are all of its table, so that `RETURNING` can give them.
    #[doc(hidden)]
    type IsPlain: Choice;
    /// [`IsPlain`](Self::IsPlain) as a value.
    const IS_PLAIN: bool = <Self::IsPlain as Choice>::IS_YES;
    /// Whether the program implements [`Hooks`](crate::Hooks) for the model.
    const HAS_HOOKS: bool = Self::HasHooks::IS_YES;
    /// [`HAS_HOOKS`](Self::HAS_HOOKS) as a type.
    type HasHooks: Choice;

    /// Turns the decoded key columns into the key.
    ///
    /// # Errors
    /// When the conversion of a `deserialize_as` field fails.
    fn key_from_row(row: Self::KeyRow) -> diesel::deserialize::Result<Self::Key>;
    /// The key column, or the tuple of key columns.
    fn key_columns() -> Self::KeyColumns;
    /// What a cached query, and the batch that loads misses, starts from.
    fn query() -> Self::Query;
    /// The model's name, for messages.
    fn name() -> &'static str;
    /// The table, to write to.
    fn table() -> Self::Table;
    /// The column by which writes are locked.
    fn version_column() -> Self::VersionColumn;
    /// This object's version.
    fn version(&self) -> Self::Version;
    /// Gives this object another version.
    fn set_version(&mut self, version: Self::Version);
}

/// The columns of a model, in the order of its fields, for a backend.
pub trait ModelSelection<DB: Backend>: Model {
    /// A tuple aligned with the fields of the model.
    type Selection: Expression + 'static;
    /// A tuple aligned with the fields of the model.
    fn selection() -> Self::Selection;
}
