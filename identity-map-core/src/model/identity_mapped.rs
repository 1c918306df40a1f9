//! The trait that the derive implements and users meet: [`IdentityMapped`].

use std::hash::{Hash, Hasher};

use super::facts::Facts;
use super::key_type::KeyType;
use crate::query::Cached;

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

    /// Whether this object has this primary key. This method and the next two are for the engine; the
    /// derive writes them without a copy of the key.
    #[doc(hidden)]
    #[must_use]
    fn __has_key(&self, key: &Self::Key) -> bool {
        self.key() == *key
    }

    /// Whether both objects have the same primary key.
    #[doc(hidden)]
    #[must_use]
    fn __has_same_key(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// Hashes the primary key as the key hashes itself.
    #[doc(hidden)]
    fn __hash_key(&self, state: &mut impl Hasher) {
        self.key().hash(state);
    }

    /// Whether another object, which has the same primary key, may be of the same row. Asked in debug builds.
    #[doc(hidden)]
    #[must_use]
    fn __is_same_row(&self, _other: &Self) -> bool {
        true
    }

    /// The caching manager: takes every Diesel query method, and loads `Arc<Self>`.
    fn cached() -> Cached<Self, Self::Query>;

    /// The table and the parents of the model, by which statements that name tables concern it.
    #[doc(hidden)]
    #[must_use]
    fn __facts() -> Option<&'static Facts> {
        None
    }

    /// Compares an object with its row that was read again, if the model keeps unchanged objects.
    #[doc(hidden)]
    const __UNCHANGED: Option<fn(&Self, &Self) -> bool> = None;
}

/// A model of the unit tests.
#[cfg(test)]
pub(crate) struct TestModel(pub(crate) usize);

#[cfg(test)]
impl IdentityMapped for TestModel {
    type Key = usize;
    type Table = ();
    type Query = ();

    fn key(&self) -> usize {
        self.0
    }

    fn cached() -> Cached<Self, ()> {
        unreachable!("no test queries it")
    }
}
