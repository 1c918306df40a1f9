//! What the library knows of a model: its key, its table, its columns.
//!
//! The derive writes facts, no behaviour. [`IdentityMapped`] is the trait users meet;
//! [`Model`] and [`ModelSelection`] hold what only the engine asks for, and are kept apart so
//! that no name but `cached` and `key` is put on a user's type.

mod decodable;
mod facts;
mod find_key;
mod relation;
mod version;

use std::fmt::Debug;
use std::hash::Hash;

use diesel::backend::Backend;
use diesel::expression::Expression;

use crate::query::Cached;

#[doc(hidden)]
pub use decodable::DecodableModel;
pub use facts::Facts;
pub(crate) use facts::ModelRegistry;
#[doc(hidden)]
pub use facts::{parent, table_name};
pub use find_key::{FindKey, IntoKey};
pub use relation::{Always, BelongsTo, ChildrenOf, Nullable, Related, ToParent};
pub use version::{Lock, NoVersion, VersionNumber};

/// A model whose rows are shared objects. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no identity: it does not derive `IdentityMapped`",
    label = "not a mapped model",
    note = "add `#[derive(diesel_identity_map::IdentityMapped)]` to `{Self}`"
)]
pub trait IdentityMapped: Sized + Send + Sync + 'static {
    /// The owned primary key; a tuple, in the order of `primary_key(..)`, if it is composite.
    type Key: KeyType;
    /// The Diesel table.
    type Table: Send + 'static;
    /// What a cached query starts from: the table, or the `base_query` of `HasQuery`.
    type Query: Send + 'static;

    /// This object's primary key.
    fn key(&self) -> Self::Key;

    /// The caching manager: takes every Diesel query method, and loads `Arc<Self>`.
    fn cached() -> Cached<Self, Self::Query>;

    /// What statements that name tables are matched with.
    #[doc(hidden)]
    #[must_use]
    fn __facts() -> Option<&'static Facts> {
        None
    }

    /// How an object that was read again is found to be as it was.
    #[doc(hidden)]
    const __UNCHANGED: Option<fn(&Self, &Self) -> bool> = None;
}

/// What the engine needs of a model beside its key.
pub trait Model: IdentityMapped {
    /// The key column, or the tuple of key columns.
    type KeyColumns: Expression + Send + Sync + 'static;
    /// [`Single`] or [`Composite`].
    type KeyShape;
    /// What the key columns decode to; differs from the key only with `deserialize_as`.
    type KeyRow;
    /// The column by which writes are locked, or [`NoVersion`].
    type VersionColumn: Send + Sync;
    /// The type of that column's field, or [`NoVersion`].
    type Version: VersionNumber + Send + Sync;
    /// How many columns the key has.
    const KEY_COLUMNS: usize;
    /// Whether the model's columns are all of its table, so that `RETURNING` can give them.
    const IS_PLAIN: bool;
    /// Whether the program implements [`Hooks`](crate::Hooks) for the model.
    const HAS_HOOKS: bool;

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

/// The shape of a key of one column.
#[derive(Debug, Clone, Copy)]
pub struct Single;

/// The shape of a key of several columns.
#[derive(Debug, Clone, Copy)]
pub struct Composite;

/// A type that can be (a part of) a primary key; implemented for all that are fit for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key of an identity map",
    label = "this type is not `Clone + Eq + Hash + Debug + Send + Sync`",
    note = "derive `Clone, PartialEq, Eq, Hash, Debug` on `{Self}`"
)]
pub trait KeyType: Clone + Eq + Hash + Debug + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Debug + Send + Sync + 'static> KeyType for T {}

/// The backend by which the type of a model's `base_query` is named.
///
/// Diesel's derive makes `BaseQuery` the same for every backend, but the trait wants one.
#[doc(hidden)]
#[cfg(feature = "sqlite")]
pub type BaseQueryBackend = diesel::sqlite::Sqlite;
#[doc(hidden)]
#[cfg(all(feature = "postgres", not(feature = "sqlite")))]
pub type BaseQueryBackend = diesel::pg::Pg;
#[doc(hidden)]
#[cfg(all(feature = "mysql", not(any(feature = "sqlite", feature = "postgres"))))]
pub type BaseQueryBackend = diesel::mysql::Mysql;
#[doc(hidden)]
#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
pub type BaseQueryBackend = ();
