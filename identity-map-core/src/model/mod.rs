//! What the library knows of a model: its key, its table, its columns.
//!
//! The derive writes facts, no behaviour. [`IdentityMapped`] is the trait users meet;
//! [`Model`] and [`ModelSelection`] hold what only the engine asks for, and are kept apart so
//! that no name but `cached` and `key` is put on a user's type.

mod address;
mod base_query_backend;
mod by_hash;
mod decodable;
mod engine_model;
mod facts;
mod find_key;
mod identity_mapped;
mod key_hash;
mod key_type;
mod object;
#[doc(hidden)]
pub mod parent;
#[doc(hidden)]
pub mod query_text;
mod relation;
#[doc(hidden)]
pub mod same_row;
mod table_name;
mod version;

pub(crate) use address::{Address, address_of};
#[doc(hidden)]
pub use base_query_backend::BaseQueryBackend;
pub(crate) use by_hash::{ByHash, KeyIndex, KeyList, ObjectsByKey};
#[doc(hidden)]
pub use decodable::DecodableModel;
pub use engine_model::{Model, ModelSelection};
pub use facts::Facts;
pub(crate) use facts::ModelRegistry;
pub use find_key::{FindKey, IntoKey};
pub use identity_mapped::IdentityMapped;
#[cfg(test)]
pub(crate) use identity_mapped::TestModel;
pub(crate) use key_hash::{HashIsHash, KeyHash, KeyRef};
pub use key_type::{Composite, KeyType, Single};
pub(crate) use object::{ModelType, Object, Objects, ObjectsMut, downcast};
pub use relation::{Always, BelongsTo, ChildrenOf, Nullable, Related, ToParent};
#[doc(hidden)]
pub use table_name::table_name;
pub use version::{Lock, NoVersion, VersionNumber};
