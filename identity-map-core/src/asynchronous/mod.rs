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

use std::marker::PhantomData;

#[cfg(feature = "async")]
use crate::connection::ConnectionKind;
#[cfg(feature = "async")]
use crate::database::Dialect;

#[cfg(all(feature = "async", feature = "mysql"))]
pub use cached_model::AsyncMysqlModel;
#[cfg(all(feature = "async", feature = "postgres"))]
pub use cached_model::AsyncPgModel;
#[cfg(all(feature = "async", feature = "sqlite"))]
pub use cached_model::AsyncSqliteModel;
#[cfg(feature = "async")]
pub use cached_model::{AnyAsyncConnection, AsyncCachedModel};
#[cfg(feature = "async")]
pub use driver::BoxFuture;
#[cfg(feature = "async")]
pub use enable::AsyncIdentityMapConnection;
#[cfg(all(feature = "async", feature = "postgres"))]
pub use shared_map::SharedIdentityMapConnection;
#[cfg(feature = "async")]
pub use stream::{BoxStream, RowStream};

/// The kind of an async connection that speaks the dialect `D`. `By` says whether one future uses it
/// ([`Alone`]) or several ([`Shared`]).
#[derive(Debug, Clone, Copy)]
pub struct Async<D, By = Alone>(PhantomData<(D, By)>);

/// One future at a time uses the connection.
#[derive(Debug, Clone, Copy)]
pub struct Alone;

/// Several futures use the connection at once: an `&AsyncPgConnection`.
#[derive(Debug, Clone, Copy)]
pub struct Shared;

#[cfg(feature = "async")]
impl<D: Dialect, By> ConnectionKind for Async<D, By> {
    type Dialect = D;
    type Output<'c, T: Send + 'c> = BoxFuture<'c, T>;
    type Rows<'c, U: Send + 'c> = BoxFuture<'c, RowStream<'c, U>>;
}
