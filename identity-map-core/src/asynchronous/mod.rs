//! The engine on `diesel-async` connections. Every method has the same name as on a blocking connection,
//! and returns a future.

#[cfg(feature = "async")]
mod cached_model;
#[cfg(feature = "async")]
mod call;
#[cfg(feature = "async")]
mod driver;
#[cfg(feature = "async")]
mod enable;
#[cfg(feature = "async")]
mod hooks;
mod kind;
#[cfg(feature = "async")]
mod loads;
#[cfg(all(feature = "async", feature = "postgres"))]
mod shared;
#[cfg(all(feature = "async", feature = "postgres"))]
mod shared_map;
#[cfg(feature = "async")]
mod stream;
#[cfg(feature = "async")]
mod visit;
#[cfg(feature = "async")]
mod writes;

#[cfg(all(feature = "async", feature = "mysql"))]
pub use cached_model::AsyncMysqlModel;
#[cfg(all(feature = "async", feature = "postgres"))]
pub use cached_model::AsyncPgModel;
#[cfg(all(feature = "async", feature = "sqlite"))]
pub use cached_model::AsyncSqliteModel;
#[cfg(feature = "async")]
pub use cached_model::{AnyAsyncConnection, AsyncCachedModel};
#[cfg(feature = "async")]
pub use enable::AsyncIdentityMapConnection;
pub use kind::{Alone, Async, Shared};
#[cfg(feature = "async")]
pub use kind::{BoxFuture, BoxStream, RowStream};
#[cfg(all(feature = "async", feature = "postgres"))]
pub use shared_map::SharedIdentityMapConnection;
