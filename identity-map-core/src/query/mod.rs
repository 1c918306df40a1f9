//! Cached queries: [`Cached`], its building, and how it runs.
//!
//! A query is built with Diesel's own methods ([`dsl`](self)), runs by one of two
//! [strategies](Strategy), and comes out as shared objects.

mod batch;
mod bind_key;
mod cached;
mod dialect;
mod dsl;
mod find_many;
mod generic;
mod join;
mod keys_first;
mod keys_in;
mod load;
mod loads;
mod mapped;
mod observed;
mod plan;
mod rows;
mod run;
mod stream;

pub use batch::LoadByKeys;
pub use bind_key::BindKey;
pub use cached::Cached;
#[cfg(feature = "mysql")]
pub use dialect::MysqlDialect;
#[cfg(feature = "postgres")]
pub use dialect::PgDialect;
#[cfg(feature = "sqlite")]
pub use dialect::SqliteDialect;
pub use dialect::{CommonDialect, Dialect, Speaks};
pub use find_many::FindMany;
pub(crate) use find_many::{find_by_key, load_by_key};
pub use generic::{AnyBackend, CachedConnection, Given, Same};
pub use keys_in::{KeyIs, KeyTold, KeysIn, OwnKeysIn};
pub(crate) use load::{first_of, load_all, only_of, run_post_load};
pub use loads::Loads;
pub use mapped::{
    LoadMapped, LoadsMapped, MappedHow, MappedQuery, ModelView, SelectsModels, Share, ShareOn,
};
pub use plan::Strategy;
pub(crate) use plan::{Mode, Plan};
#[doc(hidden)]
pub use rows::Take;
#[cfg(feature = "async")]
pub(crate) use run::KeyAndModel;
pub use run::{CachedQuery, VisitModel};
#[doc(hidden)]
pub use stream::Landing;
pub use stream::{MappedRows, StreamQuery};
