//! The same on `diesel-async` connections: every method has one name, and returns a future there.

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
#[cfg(feature = "async")]
mod stream;
#[cfg(feature = "async")]
mod writes;

use std::marker::PhantomData;

use crate::connection::ConnectionKind;
use crate::database::Dialect;

#[cfg(feature = "async")]
pub use driver::BoxFuture;
#[cfg(feature = "async")]
pub use enable::AsyncIdentityMapConnection;
#[cfg(feature = "async")]
pub use stream::BoxStream;

/// Says that a connection which speaks the dialect `D` is awaited; `By` is who has it.
#[derive(Debug, Clone, Copy)]
pub struct Async<D, By = Alone>(PhantomData<(D, By)>);

/// One future at a time has the connection.
#[derive(Debug, Clone, Copy)]
pub struct Alone;

/// Several futures have it: an `&AsyncPgConnection`.
#[derive(Debug, Clone, Copy)]
pub struct Shared;

impl<D: Dialect, By> ConnectionKind for Async<D, By> {
    type Dialect = D;
}
