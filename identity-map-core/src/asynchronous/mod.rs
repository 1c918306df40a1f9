//! The same on `diesel-async` connections: every method has one name, and returns a future there.

#[cfg(feature = "async")]
mod driver;
#[cfg(feature = "async")]
mod enable;
#[cfg(feature = "async")]
mod loads;
#[cfg(feature = "async")]
mod stream;
#[cfg(feature = "async")]
mod writes;

use std::marker::PhantomData;

use crate::connection::Spoken;
use crate::query::Dialect;

#[cfg(feature = "async")]
pub use driver::BoxFuture;
#[cfg(feature = "async")]
pub use enable::AsyncIdentityMapConnection;
#[cfg(feature = "async")]
pub use stream::BoxStream;

/// Says that a connection which speaks the dialect `D` is awaited.
#[derive(Debug, Clone, Copy)]
pub struct Async<D>(PhantomData<D>);

impl<D: Dialect> Spoken for Async<D> {
    type Dialect = D;
}
