//! What kind of connection is awaited: [`Async`], and what its methods return.

#[cfg(feature = "async")]
use std::future::Future;
use std::marker::PhantomData;
#[cfg(feature = "async")]
use std::pin::Pin;
#[cfg(feature = "async")]
use std::sync::Arc;

#[cfg(feature = "async")]
use diesel::QueryResult;
#[cfg(feature = "async")]
use futures_core::Stream;

#[cfg(feature = "async")]
use crate::connection::ConnectionKind;
#[cfg(feature = "async")]
use crate::database::Dialect;

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

/// The future that a method returns on an async connection.
#[cfg(feature = "async")]
pub type BoxFuture<'c, T> = Pin<Box<dyn Future<Output = QueryResult<T>> + Send + 'c>>;

/// The objects of a query as their rows arrive.
#[cfg(feature = "async")]
pub type BoxStream<'c, M> = RowStream<'c, Arc<M>>;

/// What a query makes of its rows as they arrive.
#[cfg(feature = "async")]
pub type RowStream<'c, U> = Pin<Box<dyn Stream<Item = QueryResult<U>> + Send + 'c>>;

#[cfg(feature = "async")]
#[diagnostic::do_not_recommend]
impl<D: Dialect, By> ConnectionKind for Async<D, By> {
    type Dialect = D;
    type Output<'c, T: Send + 'c> = BoxFuture<'c, T>;
    type Rows<'c, U: Send + 'c> = BoxFuture<'c, RowStream<'c, U>>;
}
