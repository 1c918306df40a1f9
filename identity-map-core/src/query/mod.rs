//! Cached queries: [`Cached`], its building, and how it runs.
//!
//! A query is built with Diesel's own methods, runs by one of two [strategies](Strategy), and gives
//! shared objects.

mod ambiguous_keys;
mod auto;
mod bind_key;
mod by_rows_only;
mod cached;
mod cached_query;
mod complete_load;
mod decode;
mod dsl;
mod erased_query;
mod execute;
#[cfg(feature = "filter-by-key")]
mod filtered_key;
mod find_by_key;
mod find_many;
mod forward_dsl;
mod generic;
mod held;
mod key_conditions;
mod key_sql_types;
mod load;
mod load_by_keys;
mod load_columns;
mod load_mapped;
mod load_run;
mod loading;
mod loads;
mod loads_mapped;
mod mapped_query;
mod mapped_view;
mod measured_run;
mod pairing;
mod plan;
mod row_key;
mod selects;
mod share;
mod statement_type;
mod stream;
mod streams_mapped;
mod take;

#[cfg(feature = "mysql")]
pub use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
pub use crate::database::PgDialect;
#[doc(hidden)]
pub use crate::database::ReturnsRows;
#[cfg(feature = "sqlite")]
pub use crate::database::SqliteDialect;
pub use crate::database::{CommonDialect, Dialect, Speaks};
pub use bind_key::{BindKey, WriteValue};
pub use cached::Cached;
pub use cached_query::CachedQuery;
pub(crate) use decode::{key_after, key_of, model_of};
pub(crate) use erased_query::ErasedQuery;
pub(crate) use execute::{find_objects, load_all};
pub(crate) use find_by_key::{find_by_key, load_aligned};
pub use find_many::FindMany;
pub(crate) use forward_dsl::{forward_method, forward_query_dsl};
pub use generic::{AnyBackend, CachedConnection, Given, Same};
pub(crate) use held::{MapRequest, view_of};
/// The name that [`KeyFromServer`] had before.
#[doc(hidden)]
pub use key_conditions::KeyFromServer as KeyTold;
pub use key_conditions::{KeyFromServer, KeyIs, KeysIn, OwnKeysIn};
pub(crate) use load::{first_of, only_of};
pub use load_by_keys::LoadByKeys;
pub(crate) use load_by_keys::load_by_given_keys;
#[cfg(feature = "async")]
pub(crate) use load_columns::KeyAndModel;
#[doc(hidden)]
pub use loading::Loading;
pub use loads::Loads;
pub use loads_mapped::LoadsMapped;
pub use mapped_query::{LoadMapped, LoadMappedSql, MappedQuery};
pub use mapped_view::{MappedView, MappedViews};
#[doc(hidden)]
pub use pairing::{KeyMarks, KeyOrigin, MarkedKeys, PairedRows, PairsKeys};
pub use plan::Strategy;
pub(crate) use plan::{CacheMode, Plan};
pub(crate) use row_key::RowKeyIs;
pub use selects::{OfModel, OfText, OfValue, Selects, SelectsModel};
pub use share::{MappedOptions, ModelTarget, Plain, Share, ShareOn};
#[doc(hidden)]
pub use stream::StreamedObjects;
pub use stream::{MappedRows, StreamQuery};
pub use streams_mapped::StreamsMapped;
#[doc(hidden)]
pub use take::Take;
