//! The types that can be a key: [`KeyType`], and the shape of a key.

use std::fmt::Debug;
use std::hash::Hash;

/// A type that can be (a part of) a primary key; implemented for all that are fit for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key of an identity map",
    label = "this type is not `Clone + Eq + Hash + Debug + Send + Sync`",
    note = "derive `Clone, PartialEq, Eq, Hash, Debug` on `{Self}`"
)]
pub trait KeyType: Clone + Eq + Hash + Debug + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Debug + Send + Sync + 'static> KeyType for T {}

/// The shape of a key of one column.
#[derive(Debug, Clone, Copy)]
pub struct Single;

/// The shape of a key of several columns.
#[derive(Debug, Clone, Copy)]
pub struct Composite;
